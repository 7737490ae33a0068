"""Random networks that between them hold every layer kind and the ways in which layers join. Numbers are exact in float32, so that a file of either
element type holds the same network."""
import numpy as np

from layers import window
from network import Network


class Maker:
    """Appends layers with random parameters; inputs are of any sign, biases not small, and one channel in eight or so is dead."""

    def __init__(self, seed, shape):
        self.rng = np.random.default_rng(seed)
        self.net = Network(shape)
        self.top = 0

    def normal(self, *shape):
        return self.rng.normal(size=shape).astype(np.float32).astype(float)

    def add(self, kind, inputs=None, **parameters):
        self.top = self.net.add(kind, self.top if inputs is None else inputs, **parameters)
        return self.top

    def linear(self, outputs, inputs, *kernel, bias=True):
        fan = inputs * int(np.prod(kernel))
        weights = (self.normal(outputs, inputs, *kernel) * np.float32(1.4 / np.sqrt(fan))).astype(np.float32).astype(float)
        return dict(weights=weights, bias=self.normal(outputs) * 0.5 if bias else np.zeros(outputs))

    def conv(self, outputs, kernel, stride=None, pads=None, dilation=None, groups=1, bias=True, dead=True, inputs=None, **more):
        at = self.top if inputs is None else inputs
        own = self.linear(outputs, self.net.shapes[at][0] // groups, *kernel, bias=bias)
        if dead and bias:
            own["bias"][outputs // 2] = -64.0
        return self.add("Conv", at, window=window(kernel, stride, pads, dilation), groups=groups, **own, **more)

    def dense(self, outputs, **more):
        return self.add("Dense", **self.linear(outputs, self.net.shapes[self.top][0]), **more)

    def batch_norm(self, inputs=None):
        at = self.top if inputs is None else inputs
        n = self.net.shapes[at][0]
        exact = lambda v: v.astype(np.float32).astype(float)
        return self.add("BatchNorm", at, gamma=exact(self.rng.uniform(-1, 1.5, n)), beta=self.normal(n) * 0.5, mean=self.normal(n) * 0.5,
                        variance=exact(self.rng.uniform(0.3, 2, n)), epsilon=float(np.float32(1e-2)))

    def pool(self, kind, kernel, stride=None, pads=None, dilation=None, ceil=False, **more):
        return self.add(kind, window=window(kernel, stride, pads, dilation, ceil), **more)

    def relu(self):
        return self.add("ReLU")

    def head(self, *sizes):
        if len(self.net.shapes[self.top]) > 1:
            self.add("Flatten")
        for n in sizes[:-1]:
            self.dense(n)
            self.relu()
        self.dense(sizes[-1])
        return self.net


def strides_and_pads(seed):
    m = Maker(seed, (3, 9, 8))
    m.conv(6, (3, 2), stride=(2, 1), pads=(0, 1, 1, 0))
    m.relu()
    m.conv(8, (3, 3), pads=(1, 2, 0, 1), dilation=(1, 2), groups=2)
    m.add("LeakyReLU", slope=0.125)
    m.pool("MaxPool", (2, 2), (2, 2), (0, 1, 0, 0))
    return m.head(7, 5)


def depthwise(seed):
    m = Maker(seed, (4, 8, 7))
    m.conv(8, (3, 3), pads=(1, 1, 1, 1), groups=4)
    m.add("Clip", low=0.0, high=1.5)
    m.conv(6, (1, 1), bias=False)
    m.pool("AveragePool", (3, 2), (2, 2), (1, 1, 1, 0), count_padding=True)
    m.relu()
    m.conv(5, (2, 2), dead=False)
    m.add("GlobalAveragePool")
    m.add("Flatten")
    return m.net


def residual(seed):
    m = Maker(seed, (3, 8, 8))
    m.conv(4, (3, 3), pads=(1, 1, 1, 1), bias=False)
    m.batch_norm()
    start = m.relu()
    m.conv(4, (3, 3), pads=(1, 1, 1, 1))
    m.batch_norm()
    m.relu()
    m.conv(4, (3, 3), pads=(1, 1, 1, 1), dead=False)
    m.batch_norm()
    m.add("Add", [m.top, start])
    start = m.relu()
    m.conv(6, (3, 3), stride=(2, 2), pads=(1, 1, 1, 1))
    m.batch_norm()
    m.relu()
    branch = m.conv(6, (3, 3), pads=(1, 1, 1, 1), dead=False)
    m.conv(6, (1, 1), stride=(2, 2), inputs=start, bias=False)
    short = m.batch_norm()
    m.add("Add", [branch, short])
    m.relu()
    m.add("GlobalAveragePool")
    return m.head(5)


def inception(seed):
    m = Maker(seed, (3, 8, 8))
    m.conv(5, (3, 3))
    start = m.relu()
    a = m.conv(3, (1, 1), inputs=start)
    b = m.conv(4, (3, 3), pads=(1, 1, 1, 1), auto_pad="SAME_UPPER", inputs=start)
    m.top = start
    m.pool("MaxPool", (3, 3), pads=(1, 1, 1, 1))
    c = m.conv(2, (1, 1))
    m.add("Concat", [a, b, c])
    m.relu()
    m.pool("AveragePool", (3, 3), (2, 2), (1, 0, 0, 1), count_padding=False)
    return m.head(6, 5)


def dense_block(seed):
    """Batch normalisation after a Concat and before a ReLU cannot be folded."""
    m = Maker(seed, (2, 7, 7))
    first = m.conv(4, (3, 3), pads=(1, 1, 1, 1))
    m.batch_norm(first)
    m.relu()
    second = m.conv(3, (3, 3), pads=(1, 1, 1, 1), dead=False)
    m.add("Concat", [first, second])
    m.batch_norm()
    m.relu()
    m.conv(4, (1, 1))
    m.pool("AveragePool", (2, 2), (2, 2), count_padding=True)
    m.relu()
    return m.head(5)


def perceptron(seed):
    m = Maker(seed, (12,))
    m.dense(10, matmul=True)
    m.relu()
    m.dense(8)
    m.batch_norm()
    m.relu()
    return m.head(5)


def one_dimension(seed):
    m = Maker(seed, (3, 20))
    m.conv(6, (5,), stride=(2,), pads=(2, 1), dilation=(1,))
    m.relu()
    m.pool("PowerPool", (2,), (2,), power=2)
    m.conv(6, (3,), pads=(1, 1), groups=3)
    m.add("LeakyReLU", slope=0.25)
    m.pool("AveragePool", (2,), (1,), count_padding=False)
    m.relu()
    return m.head(5)


def norm_first(seed):
    """Batch normalisation before the first layer, folded into it as it pads nothing; another after a pool, before a dense layer."""
    m = Maker(seed, (4, 6, 6))
    m.batch_norm()
    m.conv(6, (3, 3), groups=2)
    m.relu()
    m.pool("MaxPool", (2, 2), (2, 2))
    m.add("Flatten")
    return m.head(6, 5)


def norm_before_padding(seed):
    """Batch normalisation of the input before a convolution that pads: a layer of its own, and not the first that mixes."""
    m = Maker(seed, (3, 6, 6))
    m.batch_norm()
    m.conv(5, (3, 3), pads=(1, 1, 1, 1))
    m.relu()
    return m.head(5)


def pools(seed):
    m = Maker(seed, (4, 11, 10))
    m.pool("MaxPool", (3, 2), (1, 1), dilation=(2, 1))
    m.conv(5, (3, 3), pads=(1, 1, 1, 1))
    m.pool("PowerPool", (2, 2), (2, 2), power=3)
    m.conv(5, (2, 2), pads=(1, 1, 1, 1), dead=False)
    m.pool("MaxPool", (3, 3), (2, 2), ceil=True)
    m.relu()
    m.pool("AveragePool", (2, 2), (1, 1), (1, 0, 0, 1), count_padding=True, ceil=False)
    return m.head(5)


def clipped_joints(seed):
    """One layer that feeds three, an Add of three branches, and relevance that meets again."""
    m = Maker(seed, (2, 6, 6))
    a = m.conv(4, (3, 3), pads=(1, 1, 1, 1))
    b = m.add("Clip", low=-0.5, high=1.0)
    c = m.conv(4, (3, 3), pads=(2, 2, 2, 2), dilation=(2, 2), inputs=b, groups=4)
    m.add("Add", [a, b, c])
    m.relu()
    m.conv(3, (3, 3), stride=(3, 3))
    m.relu()
    return m.head(5)


def larger(seed):
    """Large enough for convolutions to be cut into tiles."""
    m = Maker(seed, (4, 27, 26))
    m.conv(12, (5, 5), pads=(2, 2, 2, 1), dilation=(2, 1), groups=2)
    m.relu()
    m.pool("MaxPool", (2, 2), (2, 2))
    m.conv(19, (3, 3), pads=(1, 1, 1, 1))
    m.relu()
    m.add("GlobalAveragePool")
    return m.head(5)


SAMPLES = {f.__name__.replace("_", "-"): f for f in (strides_and_pads, depthwise, residual, inception, dense_block, perceptron, one_dimension,
                                                     norm_first, norm_before_padding, pools, clipped_joints, larger)}
LARGE = {"larger"}  # seconds a composite


def rows(net, seed, count=3):
    """Inputs of any sign, one number in six of them zero."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count,) + net.shapes[0])
    return np.where(rng.uniform(size=x.shape) < 1 / 6, 0, x)


def bounds(x):
    """A box for each input channel that holds all of x."""
    axes = (0,) + tuple(range(2, x.ndim))
    return np.floor(x.min(axes) * 4) / 4, np.ceil(x.max(axes) * 4) / 4
