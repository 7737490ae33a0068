"""Layers of networks, for the float64 reference: each is a matrix, or a few lines of its own.

An affine layer is written out as the matrix that it is, z = M x + b with M [outputs][inputs], so that a rule is a sum over the entries of M and
nothing else. `links` says which entries are connections: padding is none, a weight of zero is one. Shapes are those of one row, channel first.
"""
from dataclasses import dataclass

import numpy as np


@dataclass
class Affine:
    matrix: np.ndarray
    bias: np.ndarray
    links: np.ndarray


@dataclass
class Window:
    """A window sliding over the dimensions after the channel; every field has one entry a dimension."""
    kernel: tuple
    stride: tuple
    begin: tuple  # padding before
    end: tuple  # and after
    dilation: tuple
    ceil: bool = False

    def outputs(self, sizes):
        result = []
        for d, size in enumerate(sizes):
            span = size + self.begin[d] + self.end[d] - (self.dilation[d] * (self.kernel[d] - 1) + 1)
            count = (-(-span // self.stride[d]) if self.ceil else span // self.stride[d]) + 1
            if self.ceil and (count - 1) * self.stride[d] >= size + self.begin[d]:
                count -= 1  # a window must begin within the data or the padding before it
            result.append(count)
        return tuple(result)

    def taps(self, sizes):
        """(output position, kernel position, input position, whether that is real data, whether it is data or padding)"""
        for out in np.ndindex(*self.outputs(sizes)):
            for tap in np.ndindex(*self.kernel):
                at = tuple(o * s - p + t * d for o, s, p, t, d in zip(out, self.stride, self.begin, tap, self.dilation))
                real = all(0 <= a < n for a, n in zip(at, sizes))
                padded = all(-b <= a < n + e for a, n, b, e in zip(at, sizes, self.begin, self.end))
                yield out, tap, at, real, padded


def window(kernel, stride=None, pads=None, dilation=None, ceil=False):
    """pads as in ONNX: all beginnings, then all ends."""
    rank = len(kernel)
    pads = pads or (0,) * (2 * rank)
    return Window(tuple(kernel), tuple(stride or (1,) * rank), tuple(pads[:rank]), tuple(pads[rank:]), tuple(dilation or (1,) * rank), ceil)


def flat(tensor, outputs, inputs):
    return tensor.reshape(int(np.prod(outputs)), int(np.prod(inputs)))


def conv_shape(layer, shapes):
    return (layer.weights.shape[0],) + layer.window.outputs(shapes[0][1:])


def conv_affine(layer, shapes):
    weights, groups = layer.weights, layer.groups
    inputs, outputs = shapes[0], conv_shape(layer, shapes)
    matrix = np.zeros(outputs + inputs)
    links = np.zeros(outputs + inputs, bool)
    o_step, i_step = outputs[0] // groups, inputs[0] // groups
    for out, tap, at, real, _ in layer.window.taps(inputs[1:]):
        if not real:
            continue
        for g in range(groups):
            for o in range(g * o_step, (g + 1) * o_step):
                for i in range(i_step):
                    matrix[(o,) + out + (g * i_step + i,) + at] = weights[(o, i) + tap]
                    links[(o,) + out + (g * i_step + i,) + at] = True
    bias = np.repeat(layer.bias, int(np.prod(outputs[1:])))
    return Affine(flat(matrix, outputs, inputs), bias, flat(links, outputs, inputs))


def dense_shape(layer, shapes):
    return (layer.weights.shape[0],)


def dense_affine(layer, shapes):
    return Affine(layer.weights, layer.bias, np.ones(layer.weights.shape, bool))


def batch_norm_scale(layer):
    """Batch normalisation as one factor and one constant a channel; epsilon stands inside the root."""
    factor = layer.gamma / np.sqrt(layer.variance + layer.epsilon)
    return factor, layer.beta - layer.mean * factor


def batch_norm_affine(layer, shapes):
    factor, constant = batch_norm_scale(layer)
    each = int(np.prod(shapes[0][1:]))
    return Affine(np.diag(np.repeat(factor, each)), np.repeat(constant, each), np.eye(len(factor) * each, dtype=bool))


def same_shape(layer, shapes):
    return shapes[0]


def pool_shape(layer, shapes):
    return shapes[0][:1] + layer.window.outputs(shapes[0][1:])


def average_affine(layer, shapes):
    inputs, outputs = shapes[0], pool_shape(layer, shapes)
    links = np.zeros(outputs + inputs, bool)
    count = np.zeros(outputs)
    for out, _, at, real, padded in layer.window.taps(inputs[1:]):
        for c in range(inputs[0]):
            if real:
                links[(c,) + out + (c,) + at] = True
            if padded if layer.count_padding else real:
                count[(c,) + out] += 1
    links = flat(links, outputs, inputs)
    return Affine(links / count.reshape(-1, 1), np.zeros(len(links)), links)


def global_shape(layer, shapes):
    return shapes[0][:1] + (1,) * (len(shapes[0]) - 1)


def global_average_affine(layer, shapes):
    each = int(np.prod(shapes[0][1:]))
    links = np.kron(np.eye(shapes[0][0]), np.ones((1, each))) > 0
    return Affine(links / each, np.zeros(len(links)), links)


def add_affine(layer, shapes):
    one = np.eye(int(np.prod(shapes[0])))
    matrix = np.hstack([one] * len(shapes))
    return Affine(matrix, np.zeros(len(matrix)), matrix > 0)


def concat_shape(layer, shapes):
    return (sum(s[0] for s in shapes),) + shapes[0][1:]


def flatten_shape(layer, shapes):
    return (int(np.prod(shapes[0])),)


def windows_of(layer, shape):
    """For each output of a pool the flat indices of its real inputs, in row-major order."""
    found = {}
    for out, _, at, real, _ in layer.window.taps(shape[1:]):
        if real:
            for c in range(shape[0]):
                found.setdefault((c,) + out, []).append(int(np.ravel_multi_index((c,) + at, shape)))
    outputs = pool_shape(layer, [shape])
    return [np.array(found[index]) for index in np.ndindex(*outputs)]


class Elementwise:
    """out_i = f(x_i); relevance passes."""

    def __init__(self, function):
        self.function = function

    def forward(self, layer, shapes, x):
        return self.function(layer, x)

    def backward(self, layer, shapes, x, relevance):
        return relevance


class MaxPool:
    """The winner takes all; of equals, the first in row-major order."""

    def forward(self, layer, shapes, x):
        return np.array([x[w].max() for w in windows_of(layer, shapes[0])])

    def backward(self, layer, shapes, x, relevance):
        result = np.zeros(x.shape)
        for w, r in zip(windows_of(layer, shapes[0]), relevance):
            result[w[np.argmax(x[w])]] += r
        return result


class PowerPool:
    """(sum |x|^p)^(1/p) = sum |x| times a ratio of norms, which is held constant: shares are those of the sum."""

    def forward(self, layer, shapes, x):
        return np.array([(np.abs(x[w]) ** layer.power).sum() ** (1 / layer.power) for w in windows_of(layer, shapes[0])])

    def backward(self, layer, shapes, x, relevance):
        result = np.zeros(x.shape)
        for w, r in zip(windows_of(layer, shapes[0]), relevance):
            total = np.abs(x[w]).sum()
            if total > 0:
                result[w] += np.abs(x[w]) / total * r
        return result


SHAPES = {"Conv": conv_shape, "Dense": dense_shape, "BatchNorm": same_shape, "AveragePool": pool_shape, "GlobalAveragePool": global_shape,
          "Add": same_shape, "ReLU": same_shape, "LeakyReLU": same_shape, "Clip": same_shape, "MaxPool": pool_shape, "PowerPool": pool_shape,
          "Concat": concat_shape, "Flatten": flatten_shape}

AFFINE = {"Conv": conv_affine, "Dense": dense_affine, "BatchNorm": batch_norm_affine, "AveragePool": average_affine,
          "GlobalAveragePool": global_average_affine, "Add": add_affine}

# Concat along the first dimension and Flatten leave the numbers of all inputs, one after another, as they are.
OTHER = {"ReLU": Elementwise(lambda layer, x: np.maximum(x, 0)),
         "LeakyReLU": Elementwise(lambda layer, x: np.where(x > 0, x, layer.slope * x)),
         "Clip": Elementwise(lambda layer, x: np.clip(x, layer.low, layer.high)),
         "Concat": Elementwise(lambda layer, x: x), "Flatten": Elementwise(lambda layer, x: x),
         "MaxPool": MaxPool(), "PowerPool": PowerPool()}
