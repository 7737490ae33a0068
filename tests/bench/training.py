#!/usr/bin/env python3
"""Times training by the own solver beside scikit-learn's fit, and whole processes beside svm-train, turn by turn in one run.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 tests/bench/training.py BUILD [CASE...] [--turns 3] [--json FILE]

BUILD is the build folder (build/release). Needs python3-numpy, python3-sklearn; svm-train (libsvm-tools) and dataset-fashion-mnist for the cases that
name them. Everything runs in one thread. Seconds are of the processor, so that other processes on the machine count little: the best of all
turns; `MB` is what was needed beside the rows. Both stop at 1e-3. The accuracy columns come from one more run of both at 1e-6: relative
differences of the dual objective, of rho, and of the decision values of 2,000 rows, these in units of rho. `KKT` needs no peer: how far the
farthest of all rows is from its condition of optimality (g <= rho where alpha = 1, g >= rho where it is 0, g = rho between), in units of the 1e-3
asked for, with g = K alpha computed by NumPy in float64; below 1 is what the solver promises."""
import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np

NU = 0.1
FASHION = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"


def normal(n):
    return np.random.default_rng(1).standard_normal((n, 100))


def mixture(n):
    rng = np.random.default_rng(2)
    return 3 * rng.standard_normal((30, 10))[rng.integers(0, 30, n)] + 0.5 * rng.standard_normal((n, 10))


def fashion(n):
    with gzip.open(FASHION) as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)[:n] / 255.0


# name: rows, n, gamma, whether the peer takes part, whether accuracy is compared, whether whole processes are
CASES = {
    "normal-2000": (normal, 2000, 0.01, True, True, False),
    "normal-5000": (normal, 5000, 0.01, True, True, False),
    "normal-20000": (normal, 20000, 0.01, True, True, True),
    "normal-50000": (normal, 50000, 0.01, True, True, False),
    "normal-100000": (normal, 100000, 0.01, False, False, False),
    "normal-200000": (normal, 200000, 0.01, False, False, False),
    "fashion-10000": (fashion, 10000, 0.01, True, True, False),
    "fashion-10000-narrow": (fashion, 10000, 0.1, True, True, False),
    "mixture-20000": (mixture, 20000, 0.1, True, True, False),
    "mixture-20000-narrow": (mixture, 20000, 1.0, True, True, False),
}


def peak_mb():
    """Most memory that this process had; getrusage starts with that of the one that started it."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


def fit_peer(path, n, d, gamma, tolerance, alpha_path):
    """One fit of scikit-learn, in a process of its own."""
    from sklearn.svm import OneClassSVM

    rows = np.fromfile(path).reshape(n, d)
    OneClassSVM(nu=0.5).fit(rows[:20])
    before, start, processor = peak_mb(), time.perf_counter(), time.process_time()
    model = OneClassSVM(nu=NU, gamma=gamma, tol=tolerance).fit(rows)
    processor, wall = time.process_time() - processor, time.perf_counter() - start
    alpha = np.zeros(n)
    alpha[model.support_] = model.dual_coef_[0]
    alpha.tofile(alpha_path)
    print(processor, wall, peak_mb() - before, int(np.max(model.n_iter_)), "nan", repr(float(-model.intercept_[0])))


def gradient(rows, alpha, gamma, which):
    """K alpha of some rows, in float64, by differences where it matters little and products where it does not."""
    support, weights = rows[alpha > 0], alpha[alpha > 0]
    norms, out = (support**2).sum(1), np.empty(len(which))
    for k in range(0, len(which), 500):
        x = rows[which[k : k + 500]]
        squared = (x**2).sum(1)[:, None] + norms - 2 * x @ support.T
        out[k : k + 500] = np.exp(-gamma * np.maximum(squared, 0)) @ weights
    return out


def violation(rows, own, gamma, path):
    """The largest violation of the conditions of optimality, beside the sum of alpha."""
    alpha = np.fromfile(path)
    if alpha.min() < 0 or alpha.max() > 1 or abs(alpha.sum() - NU * len(rows)) > 1e-9 * NU * len(rows):
        raise SystemExit("alpha is not feasible")
    beyond = gradient(rows, alpha, gamma, np.arange(len(rows))) - own["rho"]
    beyond[alpha <= 0] = np.maximum(-beyond[alpha <= 0], 0)
    beyond[alpha >= 1] = np.maximum(beyond[alpha >= 1], 0)
    return float(np.max(np.abs(beyond)))


def words_of(command):
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return {"seconds": float(words[0]), "wall": float(words[1]), "mb": float(words[2]), "iterations": int(words[3]), "gap": float(words[4]), "rho": float(words[5])}


def best(turns):
    return min(turns, key=lambda turn: turn["seconds"])


def compare(own, peer, rows, gamma, folder):
    alphas = [np.fromfile(f"{folder}/{name}.alpha") for name in ("own", "peer")]
    objectives = [0.5 * a[a > 0] @ gradient(rows, a, gamma, np.flatnonzero(a > 0)) for a in alphas]
    some = np.arange(min(2000, len(rows)))
    decisions = [gradient(rows, a, gamma, some) - m["rho"] for a, m in zip(alphas, (own, peer))]
    return {
        "objective": abs(objectives[0] - objectives[1]) / objectives[1],
        "rho": abs(own["rho"] - peer["rho"]) / peer["rho"],
        "decision": float(np.max(np.abs(decisions[0] - decisions[1])) / peer["rho"]),
    }


def processor_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def processes(build, rows, gamma, folder, turns):
    """Files in, model out: ocelot train and svm-train on the same LIBSVM data."""
    data = f"{folder}/rows.libsvm"
    with open(data, "w", encoding="ascii") as file:
        for row in rows:
            file.write("1 " + " ".join(f"{k + 1}:{float(v)!r}" for k, v in enumerate(row)) + "\n")
    commands = {
        "own": [f"{build}/apps/ocelot/ocelot", "train", data, "--nu", str(NU), "--gamma", str(gamma), "--scale-features", "none", "--holdout", "0",
                "-q", "-o", f"{folder}/own.model"],
        "svm-train": ["svm-train", "-q", "-s", "2", "-t", "2", "-n", str(NU), "-g", str(gamma), data, f"{folder}/peer.model"],
    }  # fmt: skip
    times = {name: [] for name in commands}
    for _ in range(turns):
        for name, command in commands.items():
            times[name].append(processor_of(command))
    return {name: min(values) for name, values in times.items()}


def measure(name, build, turns, cache):
    make, n, gamma, with_peer, accurate, whole = CASES[name]
    rows = make(n)
    result = {"n": n, "d": rows.shape[1], "gamma": gamma}
    with tempfile.TemporaryDirectory() as folder:
        rows.tofile(f"{folder}/rows")
        problem = [f"{folder}/rows", str(n), str(rows.shape[1]), str(gamma)]

        def own(tolerance):
            return words_of([f"{build}/tests/bench/ocelot-bench-training", *problem, str(NU), str(tolerance), str(cache), f"{folder}/own.alpha"])

        def peer(tolerance):
            return words_of([sys.executable, __file__, "--fit", *problem, str(tolerance), f"{folder}/peer.alpha"])

        runs = {"own": [], "peer": []}
        for turn in range(turns):
            runs["own"].append(own(1e-3))
            result["kkt"] = violation(rows, runs["own"][-1], gamma, f"{folder}/own.alpha") / 1e-3 if turn == 0 else result["kkt"]
            if with_peer:
                runs["peer"].append(peer(1e-3))
        result["own"] = best(runs["own"])
        if with_peer:
            result["sklearn"] = best(runs["peer"])
        if accurate:
            result["difference"] = compare(own(1e-6), peer(1e-6), rows, gamma, folder)
        if whole:
            result["processes"] = processes(build, rows, gamma, folder, turns)
    return result


def show(name, r):
    own, peer, off = r["own"], r.get("sklearn"), r.get("difference", {})
    cells = [name, f"{r['n']} x {r['d']}", f"{r['gamma']:g}", f"{own['seconds']:.3f}", f"{own['mb']:.0f}", f"{own['iterations']}", f"{r['kkt']:.2f}"]
    cells += [f"{peer['seconds']:.2f}", f"{peer['mb']:.0f}", f"{peer['seconds'] / own['seconds']:.1f}"] if peer else ["", "", ""]
    cells += [f"{off[k]:.1g}" if off else "" for k in ("objective", "rho", "decision")]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    if sys.argv[1:2] == ["--fit"]:
        path, n, d, gamma, tolerance, alpha = sys.argv[2:]
        fit_peer(path, int(n), int(d), float(gamma), float(tolerance), alpha)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("cases", nargs="*", default=list(CASES), help=", ".join(CASES))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--cache", type=float, default=1000, help="MB of kernel values, of the own solver; scikit-learn's is its default, 200")
    parser.add_argument("--json")
    args = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print(f"nu {NU}, 1 thread, OPENBLAS_CORETYPE {os.environ.get('OPENBLAS_CORETYPE', 'unset')}\n")
    print("| case | rows | gamma | own s | MB | iterations | KKT | scikit-learn s | MB | ratio | objective | rho | decisions |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    results = {}
    for name in args.cases:
        results[name] = measure(name, args.build, args.turns, args.cache)
        show(name, results[name])
    for name, result in results.items():
        if "processes" in result:
            own, peer = result["processes"]["own"], result["processes"]["svm-train"]
            fit = result["own"]["seconds"]
            print(f"\n{name}, whole processes: ocelot train {own:.3f} s, svm-train {peer:.2f} s, ratio {peer / own:.1f}", end="; ")
            print(f"training alone {fit:.3f} s, ratio {peer / fit:.1f}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"nu": NU, "threads": 1, "coretype": os.environ.get("OPENBLAS_CORETYPE"), "cases": results}, file, indent=1)


if __name__ == "__main__":
    main()
