#!/usr/bin/env python3
"""Which share of the support vectors could be left out unseen, on real data with the gamma that training chooses? Counted, not timed.

    /usr/bin/python3 tests/bench/pruning.py build/release/apps/ocelot/ocelot [TABLE.csv.gz...] [--delta 1e-9] [--json FILE]

Support vectors in tiles of 32 by a k-d split, each in a ball around its mean; a tile may be skipped for a row if
gamma * (distance to the ball)^2 >= ln(1 / delta) + o, for then it holds at most delta of the soft-min's mass, and relevance changes by at most
2 delta o + delta / (1 - delta). Counted with the exact o of the row, so that no bound of o can do better; `nearest` with the exact
distance of the tile's nearest support vector instead of the ball, so that no other bound can either. Features are standardised as by default, nu and
gamma are the defaults; up to 1000 rows are asked, normal and strange ones.
TABLEs are further files of numbers. Packages: python3-numpy, dataset-fashion-mnist."""
import argparse
import csv
import gzip
import json
import math
import subprocess
import tempfile
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[2] / "data"
FASHION = "/usr/share/datasets/fashion-mnist/"
TILE, ROWS, FACTORS = 32, 1000, (1, 4, 16)


def opened(path):
    return gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")


def table(path, drop=("id", "date", "label")):
    """Numbers of a CSV file, normal rows first; rows with missing values are left out."""
    with opened(path) as file:
        rows = list(csv.reader(file))
    head = rows[0] if any(not number(v) for v in rows[0]) else [str(k) for k in range(len(rows[0]))]
    body = [r for r in (rows[1:] if head is rows[0] else rows) if all(number(v) for k, v in enumerate(r) if head[k] not in drop)]
    labels = np.array([float(r[head.index("label")]) for r in body]) if "label" in head else np.zeros(len(body))
    x = np.array([[float(v) for k, v in enumerate(r) if head[k] not in drop] for r in body])
    return x[labels == 0], x[labels != 0]


def number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def images(kind):
    with gzip.open(FASHION + "train-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784) / 255.0
    with gzip.open(FASHION + "train-labels-idx1-ubyte.gz") as file:
        label = np.frombuffer(file.read(), np.uint8, offset=8)
    return x[label == kind], x[label != kind][:ROWS]


def digits():
    return tuple(np.load(DATA / name).reshape(-1, 64).astype(float) for name in ("digits-zero-train.npy", "digits-zero-test.npy"))


def shuttle():
    return tuple(np.concatenate(parts) for parts in zip(table(DATA / "shuttle-train.csv.gz"), table(DATA / "shuttle-test.csv.gz")))


CASES = {"wdbc": lambda: table(DATA / "wdbc.csv"), "ozone": lambda: table(DATA / "ozone.csv"), "shuttle": shuttle, "digits zero": digits,
         "fashion boots": lambda: images(9)}  # fmt: skip


def standard(normal, strange):
    mean, spread = normal.mean(0), normal.std(0)
    spread[spread == 0] = 1
    return (normal - mean) / spread, (strange - mean) / spread


def train(ocelot, rows):
    """gamma, alpha and support vectors of a model that is trained by default."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/rows.npy", rows)
        subprocess.run([ocelot, "train", "-q", "--scale-features", "none", f"{folder}/rows.npy", "-o", f"{folder}/model"], check=True)
        lines = Path(f"{folder}/model").read_text(encoding="utf-8").splitlines()
    gamma = next(float(line.split()[1]) for line in lines if line.startswith("gamma "))
    alpha, u = [], []
    for line in lines[lines.index("SV") + 1 :]:
        words = line.split()
        if not words or not number(words[0]) or ":" not in line:
            continue
        row = np.zeros(rows.shape[1])
        for word in words[1:]:
            k, v = word.split(":")
            row[int(k) - 1] = float(v)
        alpha.append(float(words[0]))
        u.append(row)
    return gamma, np.array(alpha), np.array(u)


def split(u, which):
    """Tiles of at most TILE support vectors, halved along the feature that spreads most."""
    if len(which) <= TILE:
        return [which]
    order = which[np.argsort(u[which][:, np.argmax(u[which].var(0))], kind="stable")]
    middle = max(TILE, (len(order) // 2 + TILE - 1) // TILE * TILE)
    return split(u, order[:middle]) + split(u, order[middle:])


def skipped(x, u, alpha, gamma, delta):
    """Shares of (row, support vector): behind balls, and behind exact distances of tiles."""
    squared = np.maximum((x**2).sum(1)[:, None] + (u**2).sum(1) - 2 * x @ u.T, 0)
    phi = gamma * squared
    least = phi.min(1, keepdims=True)
    o = least[:, 0] - np.log((alpha / alpha.sum() * np.exp(least - phi)).sum(1))
    bound, ball, nearest = math.log(1 / delta) + o, 0.0, 0.0
    for tile in split(u, np.arange(len(u))):
        centre = u[tile].mean(0)
        radius = np.sqrt(((u[tile] - centre) ** 2).sum(1).max())
        away = np.maximum(np.sqrt(((x - centre) ** 2).sum(1)) - radius, 0)
        ball += len(tile) * np.mean(gamma * away**2 >= bound)
        nearest += len(tile) * np.mean(phi[:, tile].min(1) >= bound)
    return ball / len(u), nearest / len(u)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ocelot")
    parser.add_argument("tables", nargs="*", help="further tables, every row normal")
    parser.add_argument("--delta", type=float, default=1e-9)
    parser.add_argument("--json")
    args = parser.parse_args()
    cases = {**CASES, **{Path(t).name.split(".")[0]: (lambda t=t: (table(t)[0], np.empty((0, table(t)[0].shape[1])))) for t in args.tables}}
    print(f"delta {args.delta:g}; support vectors that could be skipped, behind balls / behind exact distances of tiles\n")
    print("| data | rows x features | support vectors | gamma | " + " | ".join("default gamma" if f == 1 else f"x {f}" for f in FACTORS) + " |")
    print("|---|---|---:|---:|" + "---:|" * len(FACTORS))
    results = []
    for name, make in cases.items():
        normal, strange = standard(*make())
        gamma, alpha, u = train(args.ocelot, normal)
        rng = np.random.default_rng(1)
        x = np.concatenate([normal, strange])
        x = x[rng.permutation(len(x))[:ROWS]]
        shares = [skipped(x, u, alpha, f * gamma, args.delta) for f in FACTORS]
        print(f"| {name} | {len(normal)} x {normal.shape[1]} | {len(u)} | {gamma:.3g} | " + " | ".join(f"{a:.1%} / {b:.1%}" for a, b in shares) + " |", flush=True)
        results.append({"data": name, "rows": len(normal), "features": normal.shape[1], "support_vectors": len(u), "gamma": gamma, "delta": args.delta,
                        "gamma_factors": FACTORS, "behind_balls": [a for a, _ in shares], "behind_distances": [b for _, b in shares]})  # fmt: skip
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
