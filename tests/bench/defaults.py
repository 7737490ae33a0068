#!/usr/bin/env python3
"""Which training defaults? Compares scalings, gammas, nus and kernels of the one-class SVM by ROC-AUC on a folder of tables.

    /usr/bin/python3 tests/bench/defaults.py FOLDER [--cache FILE] [--jobs 2]      (nice -n 10; an hour for 27 tables)

FOLDER holds NAME.csv.gz files: a header, numbers only, last column `label` (0 normal, 1 anomaly). A random half of the normal rows
trains (at most --train), the other normal rows and the anomalies test (at most --test), for each of --seeds seeds. The score is the
outlier score o = -log(f/A), in the log domain, so it does not saturate. Prints Markdown; docs/defaults.md holds what it printed.
Needs python3-numpy, python3-scipy, python3-sklearn. --cache keeps what was computed, so that a stopped run goes on.
"""
import argparse
import csv
import gzip
import json
import os
import sys
import warnings
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402
from scipy.stats import rankdata, wilcoxon  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.svm import OneClassSVM  # noqa: E402

SCALINGS = ("standard", "robust", "minmax", "none")
GAMMAS = ("scale*.1", "scale*.3", "scale", "scale*2", "scale*3", "scale*4", "scale*5", "scale*10", "scale*30", "auto",
          "median*.3", "median", "median*3", "median*10", "median*30")  # fmt: skip
NUS = (0.01, 0.05, 0.1, 0.2, 0.5)
KERNELS = ("rbf", "laplace", "student")
FLOORS = ("tenth", "median", "smallest", "one", "drop")  # what a constant feature is divided by; only where there is one
DEFAULT = ("standard", "rbf", "scale*4", 0.1)


def phi_of(kernel, gamma, d2):
    if kernel == "rbf":
        return gamma * d2
    if kernel == "laplace":
        return gamma * np.sqrt(d2)
    return np.log1p(gamma * d2)


def gamma_of(rule, kernel, z, d2):
    """`scale` and `median` are 1/(a squared distance); its square root for Laplace, whose phi is g d and not g d^2."""
    name, _, factor = rule.partition("*")
    if name == "auto":
        g = 1 / z.shape[1]
    elif name == "scale":
        g = 1 / (z.shape[1] * z.var())
    else:
        pairs = d2[np.triu_indices_from(d2, 1)]
        g = 1 / np.median(pairs[pairs > 0])
    return (np.sqrt(g) if kernel == "laplace" and name != "auto" else g) * float(factor or 1)


def scale(kind, train, test, floor="tenth"):
    """Fitted on the training rows only."""
    if kind == "none":
        return train, test, 0
    if kind == "standard":
        centre, width = train.mean(0), train.std(0)
    elif kind == "minmax":
        centre, width = train.min(0), np.ptp(train, axis=0)
    else:
        low, centre, high = np.percentile(train, (25, 50, 75), axis=0)
        width = (high - low) / 1.349
        width = np.where(width > 0, width, np.sqrt(np.mean((train - centre) ** 2, 0)))  # more than half the values are equal
    flat = width <= 1e-12 * np.maximum(1e-300, np.abs(train).max(0))
    if flat.any():
        known = width[~flat]
        middle, value = np.median(known), np.abs(centre[flat])
        tenth = np.where(value > 1e-100, 0.1 * value, middle)  # of the value itself, or of nothing
        width[flat] = {"tenth": tenth, "median": middle, "smallest": known.min(), "one": 1.0, "drop": np.inf}[floor]
    return (train - centre) / width, (test - centre) / width, int(flat.sum())


def fit(k, nu):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # max_iter bounds a fit that does not settle
        return OneClassSVM(kernel="precomputed", nu=nu, tol=1e-3, cache_size=1, max_iter=200000).fit(k)


def outlier_score(kernel, gamma, model, d2):
    """d2: rows x training rows. Shifted log-sum-exp over the support vectors."""
    a = model.dual_coef_[0]
    phi = phi_of(kernel, gamma, d2[:, model.support_])
    low = phi.min(1)
    return low - np.log(np.exp(low[:, None] - phi) @ (a / a.sum()))


def read_table(path):
    with gzip.open(path, "rt") as file:
        rows = csv.reader(file)
        assert next(rows)[-1] == "label", f"{path}: the last column must be `label`"
        data = np.array(list(rows), dtype=float)
    return data[:, :-1], data[:, -1].astype(int)


def split(x, y, seed, most_train, most_test):
    rng = np.random.default_rng(seed)
    normal = rng.permutation(np.flatnonzero(y == 0))
    half = len(normal) // 2
    rest = np.concatenate([normal[half:], np.flatnonzero(y == 1)])
    test = rng.permutation(rest)[:most_test]  # all are kept where there are few; the mixture stays that of the table
    return x[normal[:half][:most_train]], x[test], y[test]


def grid():
    """All of rbf; of the other kernels what says whether they are worth it."""
    for scaling in SCALINGS:
        for kernel in KERNELS:
            for gamma in GAMMAS:
                for nu in NUS:
                    near = gamma != "auto" and nu in (0.05, 0.1, 0.5) and scaling != "none"
                    if kernel == "rbf" or near:
                        yield scaling, kernel, gamma, nu


def study_one(task):
    """All settings on one table and seed: {setting: auc}, and what the defaults do when used as a product would."""
    path, seed, most_train, most_test = task
    x, y = read_table(path)
    train, test, truth = split(x, y, seed, most_train, most_test)
    found, done = {}, None
    for scaling, kernel, rule, nu in grid():
        if scaling != done:
            z, t, flat = scale(scaling, train, test)
            d2, t2, done = cdist(z, z, "sqeuclidean"), cdist(t, z, "sqeuclidean"), scaling
            k_of = None
        if k_of != (kernel, rule):
            gamma, k_of = gamma_of(rule, kernel, z, d2), (kernel, rule)
            k = np.exp(-phi_of(kernel, gamma, d2))
        found[f"{scaling} {kernel} {rule} {nu}"] = roc_auc_score(truth, outlier_score(kernel, gamma, fit(k, nu), t2))
    for floor in FLOORS:
        z, t, flat = scale("standard", train, test, floor)
        if flat:
            d2, t2 = cdist(z, z, "sqeuclidean"), cdist(t, z, "sqeuclidean")
            for rule in GAMMAS:
                gamma = gamma_of(rule, "rbf", z, d2)
                found[f"floor {floor} {rule}"] = roc_auc_score(truth, outlier_score("rbf", gamma, fit(np.exp(-gamma * d2), DEFAULT[3]), t2))
    low, high = np.percentile(train, (25, 75), axis=0)
    z = scale("standard", train, test)[0]
    return {"table": path.name[:-7], "seed": seed, "train": len(train), "features": x.shape[1], "flat": flat,
            "no_quartiles": int((low == high).sum()), "furthest": float(np.abs(z).max()),
            "test": len(test), "anomalies": int(truth.sum()), "auc": found, "use": in_use(train, test, truth)}  # fmt: skip


def in_use(train, test, truth):
    """Standard scaling and rbf with a fifth held out, as a product is used: {"gamma nu": what it does}."""
    cut = len(train) - max(1, len(train) // 5)
    z, t, _ = scale("standard", train[:cut], np.concatenate([train[cut:], test]))
    d2, t2 = cdist(z, z, "sqeuclidean"), cdist(t, z, "sqeuclidean")
    made = {}
    for rule in GAMMAS:
        gamma = gamma_of(rule, "rbf", z, d2)
        k = np.exp(-gamma * d2)
        for nu in NUS:
            made[f"{rule} {nu}"] = one_use(gamma, nu, fit(k, nu), t2, len(train) - cut, truth)
    return made


def one_use(gamma, nu, model, t2, held_count, truth):
    """Alarms on normal rows and found anomalies: at the border that the held-out rows set, if they are enough for it (`moved`), at the
    border as solved (`solved`), and by the p-value alone; share of the score explained."""
    score = outlier_score("rbf", gamma, model, t2)
    held, score = np.sort(score[:held_count]), score[held_count:]
    a = model.dual_coef_[0]
    threshold = -np.log(-model.intercept_[0] / a.sum())
    p = (1 + held_count - np.searchsorted(held, score, "left")) / (held_count + 1)
    normal = truth == 0
    solved, enough = score > threshold, (held_count + 1) * nu >= 1 - 1e-9
    alarms = {"moved": p <= nu + 1e-12 if enough else solved, "solved": solved, "p05": p <= 0.05 + 1e-12}
    rates = {name: [float(flag[normal].mean()), float(flag[~normal].mean())] for name, flag in alarms.items()}
    worst = np.flatnonzero(~normal)[:300]  # enough for a mean
    phi, o = gamma * t2[held_count:][worst][:, model.support_], score[worst][:, None]
    share = (a / a.sum() * np.exp(o - phi) * np.minimum(o, phi)).sum(1) / o[:, 0]
    return {**rates, "enough": enough, "auc": roc_auc_score(truth, score), "sv": len(a) / len(t2[0]), "far": float((score > 745).mean()),
            "share": float(share.mean())}  # fmt: skip


# --- tables -----------------------------------------------------------------------------------------------------------------------


def print_table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join("---" if i == 0 else "---:" for i in range(len(header))) + "|")
    for row in rows:
        print("| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row) + " |")
    print()


def collect(results):
    """(tables, settings, AUC matrix averaged over seeds)"""
    tables = sorted({r["table"] for r in results})
    settings = [k for k in results[0]["auc"] if not k.startswith("floor")]
    auc = np.array([[np.mean([r["auc"][s] for r in results if r["table"] == t]) for s in settings] for t in tables])
    return tables, settings, auc


def summary(title, chosen, settings, auc, default):
    """Mean AUC, mean rank among these, the worst table, and against the default: better/worse by over .005, Wilcoxon's p."""
    base = auc[:, settings.index(default)]
    columns = [settings.index(c) for c in chosen]
    ranks = np.mean([rankdata(-row) for row in auc[:, columns]], axis=0)
    rows = []
    warnings.simplefilter("ignore")  # few tables: Wilcoxon's p is approximate
    for c, rank in zip(columns, ranks):
        gain = auc[:, c] - base
        p = wilcoxon(gain).pvalue if np.abs(gain).max() > 0 else 1.0
        mark = "**" if settings[c] == default else ""
        rows.append([f"{mark}{settings[c]}{mark}", auc[:, c].mean(), f"{rank:.1f}", auc[:, c].min(),
                     f"{(gain > .005).sum()} / {(gain < -.005).sum()}", f"{p:.2g}"])  # fmt: skip
    print(f"### {title}\n")
    print_table(["scaling, kernel, gamma, nu", "mean AUC", "mean rank", "worst table", "better / worse", "Wilcoxon p"], rows)


def report(results, default=DEFAULT):
    tables, settings, auc = collect(results)
    name = lambda *setting: " ".join(map(str, setting))  # noqa: E731
    (s, k, g, n), chosen = default, name(*default)
    for title, group in (
        ("Scaling", [name(v, k, g, n) for v in SCALINGS]),
        ("Gamma", [name(s, k, v, n) for v in GAMMAS]),
        ("Nu", [name(s, k, g, v) for v in NUS]),
        ("Kernel (each with the default gamma and with its best)", kernels_of(settings, auc)),
        ("The best ten of all", [settings[i] for i in np.argsort(-auc.mean(0))[:10]]),
    ):
        summary(title, group + [chosen] * (chosen not in group), settings, auc, chosen)

    large = [r for r in results if r["train"] >= 700]
    def use(rows, rule, nu, what):
        """Mean over the tables of the mean over the seeds."""
        of = lambda r: np.ravel(r["use"][f"{rule} {nu}"][what[0]])[what[1]]  # noqa: E731
        return float(np.mean([np.mean([of(r) for r in rows if r["table"] == t]) for t in tables if any(r["table"] == t for r in rows)]))

    columns = {"false": ("moved", 0), "found": ("moved", 1), "false, solved": ("solved", 0), "found, solved": ("solved", 1),
               "false, p<=.05": ("p05", 0), "found, p<=.05": ("p05", 1), "SVs": ("sv", 0), "explained": ("share", 0)}  # fmt: skip
    for title, pairs in (("gamma", [(v, n) for v in GAMMAS]), ("nu", [(g, v) for v in NUS])):
        print(f"### In use, by {title} (means over the tables, a fifth held out; large = 700 training rows or more)\n")
        print_table(["gamma, nu", *columns, "false, large", "false, solved, large"],
                    [[f"{a} {b}", *(use(results, a, b, c) for c in columns.values()), use(large or results, a, b, ("moved", 0)),
                      use(large or results, a, b, ("solved", 0))] for a, b in pairs])  # fmt: skip

    rows, top = [], auc.max(1)
    for i, t in enumerate(tables):
        own = [r for r in results if r["table"] == t]
        mine = [r["auc"][chosen] for r in own]
        rows.append([t, own[0]["train"], own[0]["features"], f"{own[0]['test'] - own[0]['anomalies']} + {own[0]['anomalies']}",
                     float(np.mean(mine)), f"{np.ptp(mine):.3f}", float(top[i]), settings[int(auc[i].argmax())],
                     *(use(own, g, n, c) for c in columns.values())])  # fmt: skip
    means = [float(np.mean([r[c] for r in rows])) if isinstance(rows[0][c], float) else "" for c in range(1, len(rows[0]))]
    print("### The default, table by table\n")
    print_table(["table", "train", "features", "test", "AUC", "spread", "best AUC", "by", *columns],
                rows + [["mean", *means]])  # fmt: skip

    rows = []
    for i, t in enumerate(tables):
        own = [r for r in results if r["table"] == t]
        rows.append([t, *(float(np.mean([r[f] for r in own])) for f in ("flat", "no_quartiles", "furthest")),
                     *(float(auc[i, settings.index(name(v, k, g, n))]) for v in SCALINGS)])  # fmt: skip
        rows[-1][1:4] = [f"{v:.0f}" for v in rows[-1][1:4]]
    print("### Scaling, table by table\n")
    print_table(["table", "constant", "no quartile range", "largest abs(z)", *SCALINGS], rows)
    flat = sorted({r["table"] for r in results if r["flat"]})
    rows = [[t, *(float(np.mean([r["auc"][f"floor {f} {g}"] for r in results if r["table"] == t and r["flat"]])) for f in FLOORS)]
            for t in flat]  # fmt: skip
    print("### Features that are constant in training, divided by\n")
    print_table(["table", *FLOORS], rows)


def kernels_of(settings, auc):
    chosen = []
    for kernel in KERNELS:
        same = [i for i, t in enumerate(settings) if t.startswith(f"standard {kernel} ") and t.endswith(f" {DEFAULT[3]}")]
        chosen += [f"standard {kernel} {DEFAULT[2]} {DEFAULT[3]}", settings[max(same, key=lambda i: auc[:, i].mean())]]
    return list(dict.fromkeys(chosen))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, help="JSON lines of what was computed; read first, added to")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--train", type=int, default=2000, help="rows at most")
    parser.add_argument("--test", type=int, default=5000, help="rows at most")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--gamma", choices=GAMMAS, default=DEFAULT[2], help="compare the others with the defaults at this gamma")
    args = parser.parse_args()
    results = [json.loads(line) for line in args.cache.open()] if args.cache and args.cache.exists() else []
    known = {(r["table"], r["seed"]) for r in results}
    files = sorted(args.folder.glob("*.csv.gz"), key=lambda f: f.stat().st_size)
    tasks = [(f, s, args.train, args.test) for s in range(args.seeds) for f in files if (f.name[:-7], s) not in known]
    with Pool(args.jobs) as pool:
        for result in pool.imap_unordered(study_one, tasks):
            results.append(result)
            if args.cache:
                with args.cache.open("a") as out:
                    out.write(json.dumps(result) + "\n")
            print(f"{result['table']} {result['seed']}: done", file=sys.stderr)
    report(results, (*DEFAULT[:2], args.gamma, DEFAULT[3]))


if __name__ == "__main__":
    main()
