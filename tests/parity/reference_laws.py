#!/usr/bin/env python3
"""The reference itself: rules against numbers worked out by hand, LRP-0 against finite differences, conservation where a rule promises it.

Exit status 77 (skipped) without NumPy.
"""
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "reference"))
try:
    import numpy as np
except ImportError:
    print("reference: skipped, python3-numpy is not installed")
    sys.exit(77)

import samples  # noqa: E402
from layers import Affine  # noqa: E402
from network import canonise  # noqa: E402
from rules import Composite, Rule  # noqa: E402

# Two inputs, three outputs: terms x w are (2, 2), (6, -1), (-2, -2); z = 4.5, 4, -4.
LAYER = Affine(np.array([[1.0, -2.0], [3.0, 1.0], [-1.0, 2.0]]), np.array([0.5, -1.0, 0.0]), np.ones((3, 2), bool))
X, Z, R = np.array([2.0, -1.0]), np.array([4.5, 4.0, -4.0]), np.array([9.0, 8.0, -4.0])

BY_HAND = [
    # each output's shares, one line of the formula at a time
    (Rule("epsilon", (0.0,)), [4 + 12 - 2, 4 - 2 - 2]),
    (Rule("epsilon", (0.5,)), [2 / 5 * 9 + 6 / 4.5 * 8 - 2 / 4.5 * 4, 2 / 5 * 9 - 1 / 4.5 * 8 - 2 / 4.5 * 4]),
    (Rule("epsilon", (0.0,), False), [4.5 + 6 / 5 * 8 - 2, 4.5 - 1 / 5 * 8 - 2]),
    (Rule("zplus"), [4 + 8 + 0, 4 + 0 + 0]),
    (Rule("zplus", (), False), [4.5 + 8 + 0, 4.5 + 0 + 0]),
    (Rule("alpha-beta", (2.0, 1.0)), [2 * 12 - 0 + 2, 2 * 4 - 4 + 2]),
    (Rule("gamma", (1.0,)), [4 + 9.6 - 2, 4 - 0.8 - 2]),
    (Rule("wsquare"), [9 / 5.25 + 72 / 11 - 4 / 5, 36 / 5.25 + 8 / 11 - 16 / 5]),
    (Rule("wsquare", (), False), [9 / 5 + 7.2 - 4 / 5, 36 / 5 + 0.8 - 16 / 5]),
    (Rule("flat"), [4.5 + 4 - 2, 4.5 + 4 - 2]),
    (Rule("box", (-2.0, 3.0)), [4 / 12 * 9 + 12 / 13 * 8 - 1 / 3 * 4, 8 / 12 * 9 + 1 / 13 * 8 - 2 / 3 * 4]),
]


def by_hand():
    for rule, want in BY_HAND:
        got = rule.apply(LAYER, X, Z, R)
        # The stabiliser moves a quotient by 1e-6 over a denominator of at least 1, of relevances up to 9.
        assert np.allclose(got, want, rtol=0, atol=2e-5), (rule, got, want)


def without_bias(net):
    for layer in net.layers:
        if hasattr(layer, "bias"):
            layer.bias = np.zeros_like(layer.bias)
    net.prepared = {}
    return net


def gradient_times_input(net, x, target):
    """Central differences: networks of ReLUs and max-pools are linear around almost every point, so the step only has to be small."""
    step, out = 1e-6, np.zeros(x.size)
    for i in range(x.size):
        moved = np.zeros(x.size)
        moved[i] = step
        ahead, behind = (net.forward(x.reshape(-1) + s * moved)[-1][target] for s in (1, -1))
        out[i] = x.reshape(-1)[i] * (ahead - behind) / (2 * step)
    return out.reshape(x.shape)


def lrp_0():
    """Without biases, LRP-0 is gradient x input (Shrikumar 2016)."""
    plain = Rule("epsilon", (0.0,))
    for name in ("strides-and-pads", "residual", "inception", "norm-first"):
        net = without_bias(canonise(samples.SAMPLES[name](5)))
        x = samples.rows(net, 6, 1)[0]
        got, want = net.explain(x, net.rules(Composite(plain, plain)), 1), gradient_times_input(net, x, 1)
        # rounding of f over the step: 1e-16 / 1e-6, some hundred times
        assert np.abs(got - want).max() <= 1e-7 * np.abs(want).max(), (name, np.abs(got - want).max())


def conservation():
    """Without biases every rule passes what it receives, where all activations are positive: no group of a rule is then empty."""
    rules = [Rule("epsilon"), Rule("gamma"), Rule("zplus"), Rule("wsquare"), Rule("flat"), Rule("box", (-1.0, 4.0))]
    for name in ("strides-and-pads", "residual", "one-dimension"):
        net = canonise(samples.SAMPLES[name](5))
        for layer in net.layers:
            if hasattr(layer, "weights"):
                layer.weights = np.abs(layer.weights)
        net = without_bias(net)
        x = np.abs(samples.rows(net, 6, 1)[0])
        for rule in rules:
            bare = Rule(rule.name, rule.parameters, False)
            got, want = net.explain(x, net.rules(Composite(bare, bare)), 1).sum(), net.forward(x)[-1][1]
            # the stabiliser: 1e-6 a layer over denominators of 0.1 and more (shares of an average pool under w^2)
            assert abs(got - want) <= 1e-4 * abs(want), (name, rule, got, want)


def main():
    for law in (by_hand, lrp_0, conservation):
        law()
        print(f"reference: {law.__name__.replace('_', ' ')} holds")


if __name__ == "__main__":
    main()
