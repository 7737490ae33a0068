"""The rules of layer-wise relevance propagation, written as sums over the entries of a layer's matrix, and the composites.

Bach et al. 2015 (epsilon, alpha-beta), Montavon et al. 2017 (z+, box, w^2), Montavon et al. 2019 (gamma), Lapuschkin et al. 2019 (flat).
The general form of gamma, the places of the bias and the stabiliser are those of zennit.
"""
from dataclasses import dataclass

import numpy as np

STABILISER = 1e-6


def pos(v):
    return np.maximum(v, 0)


def neg(v):
    return np.minimum(v, 0)


def stab(z, epsilon=STABILISER):
    """z moved away from zero by epsilon; the sign of 0 is +1."""
    return z + epsilon * np.where(z < 0, -1.0, 1.0)


def shared(terms, bias, relevance, epsilon=STABILISER):
    """R_i = sum_j terms_ji / stab(sum_i' terms_ji' + bias_j) R_j"""
    return (terms / stab(terms.sum(1) + bias, epsilon)[:, None] * relevance[:, None]).sum(0) if epsilon else unstabilised(terms, bias, relevance)


def unstabilised(terms, bias, relevance):
    """As above with epsilon 0; an output of exactly zero passes nothing."""
    z = terms.sum(1) + bias
    return (terms[z != 0] / z[z != 0][:, None] * relevance[z != 0][:, None]).sum(0)


def epsilon_rule(layer, bias, x, z, relevance, epsilon=STABILISER):
    return shared(layer.matrix * x, bias, relevance, epsilon)


def gamma_rule(layer, bias, x, z, relevance, gamma=0.25):
    """The sign of the true output, bias included, says which parts are raised; an output of zero passes nothing."""
    w = layer.matrix
    raised, lowered = w + gamma * pos(w), w + gamma * neg(w)
    up = pos(x) * raised + neg(x) * lowered
    down = pos(x) * lowered + neg(x) * raised
    return (shared(up, bias + gamma * pos(bias), np.where(z > 0, relevance, 0)) +
            shared(down, bias + gamma * neg(bias), np.where(z < 0, relevance, 0)))


def alpha_beta_rule(layer, bias, x, z, relevance, alpha=2.0, beta=1.0):
    w = layer.matrix
    positive = pos(x) * pos(w) + neg(x) * neg(w)
    negative = pos(x) * neg(w) + neg(x) * pos(w)
    return alpha * shared(positive, pos(bias), relevance) - beta * shared(negative, neg(bias), relevance)


def zplus_rule(layer, bias, x, z, relevance):
    w = layer.matrix
    return shared(pos(x) * pos(w) + neg(x) * neg(w), pos(bias), relevance)


def spread(bounds, size):
    """One bound for all inputs, or one a channel."""
    bounds = np.atleast_1d(bounds)
    return np.repeat(bounds, size // bounds.size)


def box_rule(layer, bias, x, z, relevance, low=0.0, high=1.0):
    """The bias cancels; what lies in the padding is no input."""
    w = layer.matrix
    return shared(x * w - spread(low, x.size) * pos(w) - spread(high, x.size) * neg(w), 0, relevance)


def wsquare_rule(layer, bias, x, z, relevance):
    return shared(layer.matrix ** 2, bias ** 2, relevance)


def flat_rule(layer, bias, x, z, relevance):
    return shared(layer.links.astype(float), 0, relevance)


RULES = {"epsilon": epsilon_rule, "gamma": gamma_rule, "zplus": zplus_rule, "alpha-beta": alpha_beta_rule, "box": box_rule,
         "wsquare": wsquare_rule, "flat": flat_rule}


@dataclass
class Rule:
    name: str
    parameters: tuple = ()
    bias: bool = True

    def apply(self, layer, x, z, relevance):
        bias = layer.bias if self.bias else np.zeros_like(layer.bias)
        return RULES[self.name](layer, bias, x, z, relevance, *self.parameters)


@dataclass
class Composite:
    """Which layer gets which rule. `first` goes to the first layer whose kind is in `first_kinds`, in the order from the input."""
    conv: Rule
    other: Rule  # dense layers, batch normalisation that stays, joints and average pooling (whose rule epsilon is zennit's Norm)
    first: Rule = None
    first_kinds: tuple = ("Conv", "Dense")
    dense: Rule = None  # where it differs from `other`

    def rules(self, kinds):
        """kinds: of all layers in topological order -> the rule of each affine one"""
        first = next((k for k, kind in enumerate(kinds) if kind in self.first_kinds), None) if self.first else None
        by_kind = {"Conv": self.conv, "Dense": self.dense or self.other}
        return {k: self.first if k == first else by_kind.get(kind, self.other) for k, kind in enumerate(kinds)}


def composites(low=0.0, high=1.0):
    """By name. low, high: bounds of the box rule."""
    epsilon, flat = Rule("epsilon"), Rule("flat")
    zplus, bare = Rule("zplus"), Rule("zplus", (), False)
    alpha_beta = Rule("alpha-beta", (2.0, 1.0))
    box = Rule("box", (low, high))
    return {
        "epsilon": Composite(epsilon, epsilon),
        "lrp-0": Composite(Rule("epsilon", (0.0,)), Rule("epsilon", (0.0,))),
        "epsilon-plus": Composite(zplus, epsilon),
        "epsilon-plus-flat": Composite(zplus, epsilon, flat),
        "epsilon-alpha2-beta1": Composite(alpha_beta, epsilon),
        "epsilon-alpha2-beta1-flat": Composite(alpha_beta, epsilon, flat),
        "epsilon-gamma-box": Composite(Rule("gamma", (0.25,)), epsilon, box, ("Conv",)),
        "excitation-backprop": Composite(bare, bare),
        "deep-taylor": Composite(bare, bare, Rule("wsquare", (), False)),
        "deep-taylor-box": Composite(bare, bare, box),
    }
