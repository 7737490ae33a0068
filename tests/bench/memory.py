#!/usr/bin/env python3
"""Peak memory of commands that stream, at 1, 10 and 100 times as many rows: it must not grow.

    /usr/bin/python3 tests/bench/memory.py build/release [--rows 2000] [--pictures 48] [--json FILE]

Prints megabytes of resident memory (of the program alone: ocelot-peak counts no parent's), and what 100 times the rows added. All processors. `evaluate`
keeps the rows that it judges, 20 by default, and reads all to find them; of pictures their names are kept. The smallest run must fill every thread's
batch, hence small ones for pictures."""
import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

FEATURES, TIMES, DATA = 20, (1, 10, 100), Path(__file__).resolve().parents[2] / "data"

# name: input, and the words behind `ocelot`
COMMANDS = {
    "score, CSV to CSV": ("csv", "score m.model {data} --format csv -o out"),
    "score, LIBSVM to JSON lines": ("libsvm", "score m.model {data} --format jsonl -o out"),
    "explain, CSV to JSON lines": ("csv", "explain m.model {data} --format jsonl -o out"),
    "explain, CSV to CSV": ("csv", "explain m.model {data} --format csv -o out"),
    "explain, LIBSVM to JSON lines": ("libsvm", "explain m.model {data} --format jsonl -o out"),
    "explain --only-outliers": ("csv", "explain m.model {data} --only-outliers --format jsonl -o out"),
    "explain --incidents": ("csv", "explain m.model {data} --incidents --format jsonl -o out"),
    "evaluate": ("csv", "evaluate m.model {data} --methods dtd,gradient -f json -o out"),
    "explain, pictures to CSV": ("pictures", "explain {network} {data} --batch 16 --format csv -o out"),
    "explain, pictures to PNG": ("pictures", "explain {network} {data} --batch 16 --format png -o out.d"),
}


def write_rows(folder, kind, count, seed):
    """Every tenth row lies apart for a while, so that there are outliers and incidents of some length."""
    draw, path = random.Random(seed), folder / f"{kind}.{count}"
    with open(path, "w", encoding="utf-8") as file:
        if kind == "csv":
            file.write(",".join(f"f{k + 1}" for k in range(FEATURES)) + "\n")
        for row in range(count):
            values = [draw.gauss(3 if row % 100 < 10 and k < 4 else 0, 1) for k in range(FEATURES)]
            file.write(",".join(f"{v:.6g}" for v in values) if kind == "csv" else "0 " + " ".join(f"{k + 1}:{v:.6g}" for k, v in enumerate(values)))
            file.write("\n")
    return path


def write_list(folder, count):
    path, pictures = folder / f"pictures.{count}.txt", sorted(DATA.glob("garments-*.png"))
    path.write_text("".join(f"{pictures[k % len(pictures)]}\n" for k in range(count)), encoding="utf-8")
    return path


def peak(args, folder, words):
    """Megabytes; the output goes away."""
    note = folder / "peak"
    note.unlink(missing_ok=True)
    subprocess.run([f"{args.build}/tests/bench/ocelot-peak", note, f"{args.build}/apps/ocelot/ocelot", *words], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    subprocess.run(["rm", "-rf", folder / "out", folder / "out.d"], check=True)
    return int(note.read_text(encoding="utf-8")) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--pictures", type=int, default=48)
    parser.add_argument("--json")
    args = parser.parse_args()
    args.build = Path(args.build).resolve()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peak(args, folder, ["train", write_rows(folder, "csv", 1000, 1), "-q", "-o", "m.model"])
        base = {"csv": args.rows, "libsvm": args.rows, "pictures": args.pictures}
        print(f"| command | {' | '.join(f'x {t}, MB' for t in TIMES)} | growth |\n|---|" + "---:|" * (len(TIMES) + 1))
        for command, (kind, text) in COMMANDS.items():
            found = []
            for times in TIMES:
                count = base[kind] * times
                data = write_list(folder, count) if kind == "pictures" else write_rows(folder, kind, count, 2)
                words = [w.format(data=data, network=DATA / "models" / "fashion.onnx") for w in text.split()]
                found.append(peak(args, folder, [*words, "-q"]))
                data.unlink()
            results.append({"name": command, "rows": [base[kind] * t for t in TIMES], "megabytes": found, "small_mb": found[0], "large_mb": found[-1]})
            print(f"| {command} | {' | '.join(f'{m:.1f}' for m in found)} | {found[-1] - found[0]:+.1f} |", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"commands": results}, file, indent=1)


if __name__ == "__main__":
    main()
