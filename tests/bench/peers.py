#!/usr/bin/env python3
"""Times NumPy and scikit-learn beside Ocelot and LIBSVM on one problem, turn by turn.

    /usr/bin/python3 tests/bench/peers.py build/release [--turns 3] [--json FILE]

NumPy explains by three matrix products (docs/mathematics.md with the squares multiplied out): distances, sums of weights, weighted sums of support
vectors; soft-min and weights between them, as anyone would write it. scikit-learn only scores. One and two threads of OpenBLAS. The errors are of the
first rows against long double: multiplied-out squares lose digits that differences keep."""
import argparse
import ctypes
import json
import os
import subprocess
import tempfile
import time

import numpy as np

THREADS, CHECKED = (1, 2), 40


def score(x, u, alpha, gamma):
    """Outlier scores [rows] and, from the same distances, the exponents phi [rows][units]."""
    phi = gamma * np.maximum((x**2).sum(1)[:, None] + (u**2).sum(1) - 2 * (x @ u.T), 0)
    least = phi.min(1, keepdims=True)
    share = (alpha / alpha.sum()) * np.exp(least - phi)
    return least[:, 0] - np.log(share.sum(1)), phi, share


def explain(x, u, alpha, gamma):
    """Outlier scores and relevances [rows][features]."""
    o, phi, share = score(x, u, alpha, gamma)
    weight = share / share.sum(1, keepdims=True) * gamma * np.minimum(1, o[:, None] / np.maximum(phi, np.finfo(x.dtype).tiny))
    return o, x**2 * weight.sum(1)[:, None] - 2 * x * (weight @ u) + weight @ u**2


def exact(x, u, alpha, gamma):
    x, u, alpha = (np.asarray(v, np.longdouble) for v in (x, u, alpha))
    differences = (x[:, None] - u) ** 2
    squared = differences.sum(2)
    phi = gamma * squared
    share = alpha / alpha.sum() * np.exp(-phi)
    o = -np.log(share.sum(1))
    weight = share / share.sum(1, keepdims=True) * np.minimum(gamma, o[:, None] / squared)
    return o, (weight[:, :, None] * differences).sum(1)


def machine_of(u, alpha, gamma):
    """scikit-learn's one-class machine with these support vectors, from a model that it fitted to a few rows."""
    from sklearn.svm import OneClassSVM

    model = OneClassSVM(gamma=gamma, nu=0.5).fit(u[:50])
    model.support_vectors_, model.support_ = u, np.arange(len(u), dtype=np.int32)
    model.dual_coef_ = model._dual_coef_ = alpha[None]
    model._n_support = np.array([len(u), 0], np.int32)
    model.shape_fit_ = u.shape
    return model


def ocelot(build, sizes):
    """One turn of ocelot-bench-svm: {(name, threads): milliseconds}."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        words = ["--units", sizes[1], "--features", sizes[2], "--rows", sizes[0], "--repeats", 1, "--brief", 1, "--json", file.name]
        subprocess.run([f"{build}/tests/bench/ocelot-bench-svm", *map(str, words)], check=True, stdout=subprocess.DEVNULL)
        with open(file.name, encoding="utf-8") as written:
            r = json.load(written)
    return {(e["name"].replace(r["default_kernels"], "Ocelot"), e["threads"]): e["best_ms"] for e in r["results"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--units", type=int, default=2036)
    parser.add_argument("--features", type=int, default=100)
    parser.add_argument("--json")
    args = parser.parse_args()
    blas, rng, gamma = ctypes.CDLL("libopenblas.so.0"), np.random.default_rng(1), 0.01
    sizes = (args.rows, args.units, args.features)
    x, u, alpha = rng.standard_normal((args.rows, args.features)), rng.standard_normal((args.units, args.features)), np.ones(args.units)
    truth, sklearn = exact(x[:CHECKED], u, alpha, gamma), machine_of(u, alpha, gamma)
    times, errors = {}, {}
    for _ in range(args.turns):
        for key, ms in ocelot(args.build, sizes).items():
            times.setdefault(key, []).append(ms)
        for threads in THREADS:
            blas.openblas_set_num_threads(threads)
            for kind in (np.float64, np.float32):
                words = [v.astype(kind) for v in (x, u, alpha)]
                for work in (score, explain):
                    name = f"NumPy {np.dtype(kind).name} {work.__name__}"
                    start = time.perf_counter()
                    found = work(*words, kind(gamma))
                    times.setdefault((name, threads), []).append(1e3 * (time.perf_counter() - start))
                    off = [float(np.max(np.abs(found[0][:CHECKED] - truth[0]) / truth[0]))]
                    if work is explain:
                        off.append(float(np.max(np.abs(found[1][:CHECKED] - truth[1]).sum(1) / truth[1].sum(1))))
                    errors[name] = off
        start = time.perf_counter()
        sklearn.decision_function(x)
        times.setdefault(("scikit-learn decision_function", 1), []).append(1e3 * (time.perf_counter() - start))
    base = min(times["LIBSVM score", 1])
    print(f"{args.rows} rows, {args.units} support vectors, {args.features} features; best of {args.turns} turns; "
          f"OPENBLAS_CORETYPE {os.environ.get('OPENBLAS_CORETYPE', 'unset')}\n")  # fmt: skip
    print("| work | threads | best ms | LIBSVM / this | score error | relevance error |\n|---|---:|---:|---:|---:|---:|")
    results = []
    for (name, threads), ms in sorted(times.items(), key=lambda item: -min(item[1])):
        off = [f"{e:.1e}" for e in errors.get(name, [])] + ["", ""]
        print(f"| {name} | {threads} | {min(ms):.1f} | {base / min(ms):.2f} | {off[0]} | {off[1]} |")
        results.append({"name": name, "threads": threads, "best_ms": min(ms), "errors": errors.get(name)})
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", "unset"), "turns": args.turns, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
