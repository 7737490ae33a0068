#!/usr/bin/env python3
"""Shapley values of a one-class SVM agree with a brute force over all coalitions in NumPy, from the model file on.

    OCELOT=path/to/ocelot shapley.py

Exit status 77 (skipped) without NumPy. The reference reads LIBSVM's model and range file itself and knows nothing of Ocelot but the definition:
o(x) = -log(sum_j a_j exp(-g |x - u_j|^2) / sum_j a_j), v(S) = sum_r w_r o(x_S, u_r elsewhere) with support vectors u_r weighing a_r / A.
"""
import itertools
import os
import subprocess
import sys
import tempfile
from math import factorial
from pathlib import Path

try:
    import numpy as np
except ImportError:
    print("shapley: skipped, python3-numpy is not installed")
    sys.exit(77)

OCELOT = os.environ.get("OCELOT", "ocelot")
MODELS = Path(__file__).resolve().parents[2] / "data" / "models"
ROWS = 6
# A coalition's value is a mean of 30 logarithms of sums of 30 exponentials: some 1e-15 each; svm-scale's range file is applied in another order.
# kernel-shap solves nine equations on top.
TOLERANCE = {"shapley": 1e-11, "kernel-shap": 1e-9}


def read_rows(lines, width):
    rows = np.zeros((len(lines), width))
    for row, line in zip(rows, lines):
        for cell in line.split()[1:]:
            index, value = cell.split(":")
            row[int(index) - 1] = float(value)
    return rows


def read_model(path, width):
    head, body = path.read_text().split("SV\n")
    gamma = next(float(line.split()[1]) for line in head.splitlines() if line.startswith("gamma "))
    lines = body.splitlines()
    return gamma, np.array([float(line.split()[0]) for line in lines]), read_rows(lines, width)


def read_range(path):
    lines = path.read_text().split("\n")
    low, high = map(float, lines[1].split())
    cells = np.array([[float(v) for v in line.split()] for line in lines[2:] if line])
    return low + (high - low) * -cells[:, 1] / (cells[:, 2] - cells[:, 1]), (high - low) / (cells[:, 2] - cells[:, 1])


def brute_force(score, x, references, weights):
    d = len(x)
    value = {}
    for members in itertools.product((False, True), repeat=d):
        value[members] = weights @ score(np.where(members, x, references))
    phi = np.zeros(d)
    for members, v in value.items():
        for i in range(d):
            if not members[i]:
                size = sum(members)
                phi[i] += factorial(size) * factorial(d - size - 1) / factorial(d) * (value[members[:i] + (True,) + members[i + 1:]] - v)
    return phi


def main():
    width = 9
    lines = (MODELS / "glass-oneclass-test.libsvm").read_text().splitlines()[:ROWS]
    gamma, alpha, support = read_model(MODELS / "glass-oneclass.model", width)
    offset, factor = read_range(MODELS / "glass-oneclass.range")
    assert len(offset) == width, "the range file leaves a feature out"

    def score(points):
        squared = ((points[:, None, :] - support) ** 2).sum(axis=2)
        return -np.log(np.exp(-gamma * squared) @ alpha / alpha.sum())

    want = np.array([brute_force(score, offset + factor * x, support, alpha / alpha.sum()) for x in read_rows(lines, width)])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "rows.libsvm", Path(folder) / "relevance.npy"
        data.write_text("\n".join(lines) + "\n")
        for method, tolerance in TOLERANCE.items():
            subprocess.run([OCELOT, "explain", MODELS / "glass-oneclass.model", data, "--range", MODELS / "glass-oneclass.range", "--method", method,
                            "--set", "rows=0", "-o", out], check=True)
            worst = np.abs(np.load(out) - want).max() / np.abs(want).max()
            print(f"{method}: {ROWS} rows, largest difference {worst:.1e} of the largest value")
            failed += not worst <= tolerance
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
