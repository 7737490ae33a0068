#!/usr/bin/env python3
"""Relevances of networks agree with the float64 reference: every rule and composite, on random networks of every layer kind.

    OCELOT=path/to/ocelot networks.py [-v] [SAMPLE...]

Exit status 77 (skipped) without NumPy. Each network goes through an ONNX file and each answer through a .npy, as a user's would.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "reference"))
try:
    import numpy as np
except ImportError:
    print("networks: skipped, python3-numpy is not installed")
    sys.exit(77)

import onnx_writer  # noqa: E402
import samples  # noqa: E402
import signals  # noqa: E402
from network import canonise, log_ratio  # noqa: E402
from rules import Composite, Rule, composites  # noqa: E402

OCELOT = os.environ.get("OCELOT", "ocelot")

# Of each row's max |R|. In float64 what remains is the order of sums. float32 has 6e-8 a number, and quotients by a small z raise that: with the seed
# below, rounding the inputs to float32 moves no relevance of the reference by more than 2e-5; with another one it may.
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}

# Rules given to every layer that has weights or joins; the first is the text for the command line.
EVERYWHERE = [("epsilon:0.01", Rule("epsilon", (0.01,))), ("gamma:0.25", Rule("gamma", (0.25,))), ("gamma:2", Rule("gamma", (2.0,))),
              ("zplus", Rule("zplus")), ("alpha-beta:2,1", Rule("alpha-beta", (2.0, 1.0))), ("alpha-beta:1.5,0.5", Rule("alpha-beta", (1.5, 0.5))),
              ("wsquare", Rule("wsquare")), ("flat", Rule("flat"))]
# Without bias the denominators of some outputs come near 0, where float32 has no digits left: these are held in float64 only.
WITHOUT_BIAS = "/no-bias"
EVERYWHERE += [(text + WITHOUT_BIAS, Rule(rule.name, rule.parameters, False)) for text, rule in EVERYWHERE if rule.name not in ("wsquare", "flat")]


# Ocelot's average pooling has weights that are all one, where the reference has one over their number: the same shares, but a stabiliser of 1e-6
# stands beside another sum when the rule squares or counts the weights.
MEANS = {"wsquare", "flat"}
MEANS_TOLERANCE = 1e-4

# The log-ratio is explained from the logits on, where the reference has one more layer, of differences: their stabilisers stand beside other sums, and
# differences may be as small as 1e-3. LRP-0 has none.
LOG_RATIO = {"lrp-0": 1e-9, "epsilon-plus": 1e-3}

FEW = {"epsilon-gamma-box", "epsilon-alpha2-beta1-flat", "deep-taylor"}  # of the cases, for large networks


def run(*args):
    done = subprocess.run([OCELOT, *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}\n    ocelot {' '.join(map(str, args))}")
    return done.stdout


def cases(low, high, kinds):
    """(name, options, composite); kinds: of the layers that there are"""
    box = ";".join(f"{a},{b}" for a, b in zip(low, high))
    for name, composite in composites(low, high).items():
        if name == "deep-taylor":
            yield "dtd", ["--method", "dtd"], composite
        if name == "deep-taylor-box":
            yield "dtd box", ["--method", "dtd", "--box", box], composite
        options = ["--method", "lrp", "--composite", name]
        yield name, options + (["--box", box] if "box" in name else []), composite
    for text, rule in EVERYWHERE:
        yield text, ["--method", "lrp", "--rule", "*=" + text], Composite(rule, rule)
        # only where there are weights; joints and pools as the composite epsilon has them
        weighted = [option for kind in ("Conv", "Dense") if kind in kinds for option in ("--rule", f"{kind}={text}")]
        yield "weighted " + text, ["--method", "lrp"] + weighted, Composite(rule, Rule("epsilon"), dense=rule)


class Check:
    def __init__(self, folder, verbose):
        self.folder, self.verbose, self.done, self.wrong = folder, verbose, 0, 0

    def compare(self, what, got, want, tolerance):
        """Row by row, relative to the row's largest; NaN is never close."""
        self.done += 1
        if got.shape != want.shape:
            self.fail(f"{what}: shape {got.shape}, expected {want.shape}")
            return
        size = lambda v: np.abs(v).reshape(len(v), -1).max(1)
        off = size(got - want) / np.maximum(size(want), 1e-30)
        if not (off <= tolerance).all():
            self.fail(f"{what}: off by {np.max(off):.2g} of the largest")
        elif self.verbose:
            print(f"ok    {what}: {np.max(off):.1e}")

    def fail(self, text):
        self.wrong += 1
        print("WRONG " + text)

    def explain(self, what, net, rows, want, options, precision, target, tolerance):
        out = self.folder / "out.npy"
        try:
            run("explain", net, rows, *options, "--precision", precision, "--format", "npy", "--target", target, "-o", out)
        except RuntimeError as error:
            self.done += 1
            self.fail(f"{what}: {error}")
            return
        self.compare(what, np.load(out), want, tolerance)

    def scores(self, what, path, rows, want):
        """What the model says of each row: the top class and its value."""
        for target in [None, 0]:
            out = run("score", path, rows, "--precision", "float64", "--format", "jsonl", *([] if target is None else ["--target", target]))
            records = [json.loads(line) for line in out.splitlines()]
            index = want.argmax(1) if target is None else np.zeros(len(want), int)
            got = np.array([[r["output"]] for r in records], float)
            self.compare(f"{what} output", got, want[np.arange(len(want)), index][:, None], 1e-12)


def check_sample(check, name, seed):
    net = samples.SAMPLES[name](seed)
    x = samples.rows(net, seed + 1)
    reference = canonise(net)
    written = np.array([net.forward(row)[-1] for row in x])
    folded = np.array([reference.forward(row)[-1] for row in x])
    check.compare(f"{name}: outputs of the reference before and after folding", folded, written, 1e-12)
    model, rows = check.folder / f"{name}.onnx", check.folder / "rows.npy"
    onnx_writer.write(net, model, "float64" if len(name) % 2 else "float32")
    np.save(rows, x)
    check.scores(name, model, rows, written)
    target = int(written[0].argmax())
    low, high = samples.bounds(x)
    averages = any("Average" in layer.kind for layer in net.layers)
    for case, options, composite in cases(low, high, {layer.kind for layer in reference.layers}):
        if name in samples.LARGE and case not in FEW:
            continue
        rules = reference.rules(composite)
        want = np.array([reference.explain(row, rules, target) for row in x])
        for precision, tolerance in TOLERANCE.items():
            if WITHOUT_BIAS in case and precision == "float32":
                continue
            tolerance = max(tolerance, MEANS_TOLERANCE if averages and case in MEANS else 0)
            check.explain(f"{name}, {case}, {precision}", model, rows, want, options, precision, target, tolerance)
    check_log_ratio(check, name, reference, x, model, rows, target)
    check_signals(check, name, reference, x, model, rows, target)


def check_signals(check, name, net, x, model, rows, target):
    for method in signals.METHODS:
        want = np.array([signals.explain(net, row, target, method) for row in x])
        options = ["--method", method] + (["--set", "root=zero"] if method == "deeplift" else [])
        for precision, tolerance in TOLERANCE.items():
            check.explain(f"{name}, {method}, {precision}", model, rows, want, options, precision, target, tolerance)


def check_log_ratio(check, name, net, x, model, rows, target):
    if net.layers[-1].kind != "Dense":
        return
    for case, tolerance in LOG_RATIO.items():
        rules = net.rules(composites()[case])
        want = np.array([log_ratio(net, row, rules, target)[1] for row in x])
        options = ["--method", "lrp", "--composite", case, "--log-ratio"]
        check.explain(f"{name}, {case}, log-ratio", model, rows, want, options, "float64", target, tolerance)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("sample", nargs="*", default=list(samples.SAMPLES))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        check = Check(Path(folder), args.v)
        for name in args.sample:
            check_sample(check, name, args.seed)
    print(f"networks: {check.done - check.wrong} of {check.done} agree")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
