"""Networks of the reference: layers in topological order, forward, batch normalisation folded away, and relevance backward. Row by row, in float64."""
from types import SimpleNamespace

import numpy as np

import layers as kinds


class Network:
    """net = Network(shape); a = net.add("Conv", net.input, weights=..., ...); the last layer is the output."""

    def __init__(self, shape):
        self.layers = [SimpleNamespace(kind="Input", inputs=[])]
        self.shapes = [tuple(shape)]
        self.prepared = {}
        self.input = 0

    def add(self, kind, inputs, **parameters):
        layer = SimpleNamespace(kind=kind, inputs=[inputs] if isinstance(inputs, int) else list(inputs), **parameters)
        self.layers.append(layer)
        self.shapes.append(tuple(kinds.SHAPES[kind](layer, self.shapes_of(layer))))
        return len(self.layers) - 1

    def shapes_of(self, layer):
        return [self.shapes[k] for k in layer.inputs]

    def affine(self, k):
        """The matrix of layer k, or None."""
        if k not in self.prepared:
            layer = self.layers[k]
            make = kinds.AFFINE.get(layer.kind)
            self.prepared[k] = make(layer, self.shapes_of(layer)) if make else None
        return self.prepared[k]

    def forward(self, row):
        """All activations of one row, flat."""
        values = [np.asarray(row, float).reshape(-1)]
        for k, layer in enumerate(self.layers[1:], 1):
            x = np.concatenate([values[i] for i in layer.inputs])
            affine = self.affine(k)
            values.append(affine.matrix @ x + affine.bias if affine else
                          kinds.OTHER[layer.kind].forward(layer, self.shapes_of(layer), x))
        return values

    def explain(self, row, rules, target):
        """rules: {layer: Rule} for the affine layers. Relevance of the input for output `target`, which starts with its own value."""
        values = self.forward(row)
        return self.backward(values, rules, np.where(np.arange(values[-1].size) == target, values[-1], 0.0))

    def backward(self, values, rules, last):
        """Relevance of the input, from that of the outputs."""
        relevance = [np.zeros(v.shape) for v in values]
        relevance[-1] = last
        for k in range(len(self.layers) - 1, 0, -1):
            layer, affine = self.layers[k], self.affine(k)
            x = np.concatenate([values[i] for i in layer.inputs])
            back = (rules[k].apply(affine, x, values[k], relevance[k]) if affine else
                    kinds.OTHER[layer.kind].backward(layer, self.shapes_of(layer), x, relevance[k]))
            for i, part in zip(layer.inputs, np.split(back, np.cumsum([values[i].size for i in layer.inputs])[:-1])):
                relevance[i] += part
        return relevance[0].reshape(self.shapes[0])

    def rules(self, composite):
        return composite.rules([layer.kind for layer in self.layers])

    def consumers(self, k):
        return [c for c, layer in enumerate(self.layers) if k in layer.inputs]


def log_ratio(net, row, rules, target):
    """(o, its relevance) for o = log p / (1 - p) = -log sum_k exp(-(z_target - z_k)): the last layer, dense, with the differences of its weights,
    and then soft-min with weights of one, which gives R_k = p_k o."""
    last = net.layers[-1]
    others = np.arange(len(last.bias)) != target
    differences = without(net, None, len(net.layers) - 1,
                          dict(weights=(last.weights[target] - last.weights)[others], bias=(last.bias[target] - last.bias)[others]))
    values = differences.forward(row)
    z = values[-1]
    o = z.min() - np.log(np.exp(z.min() - z).sum())
    return o, differences.backward(values, rules, np.exp(o - z) * o)


def by_output(weights, factor):
    return weights * factor.reshape((-1,) + (1,) * (weights.ndim - 1))


def fold_back(linear, norm):
    """norm(linear(x)) as one linear layer."""
    factor, constant = kinds.batch_norm_scale(norm)
    return dict(weights=by_output(linear.weights, factor), bias=linear.bias * factor + constant)


def fold_ahead(norm, linear):
    """linear(norm(x)) as one; exact only without padding."""
    factor, constant = kinds.batch_norm_scale(norm)
    weights = linear.weights
    if linear.kind == "Conv":
        outputs, step = weights.shape[0], weights.shape[1]
        group = np.arange(outputs) // (outputs // linear.groups)
        index = group[:, None] * step + np.arange(step)[None, :]  # the input channel of each weight
    else:
        index = np.repeat(np.arange(len(factor)), weights.shape[1] // len(factor))[None, :] + np.zeros((weights.shape[0], 1), int)
    tail = (1,) * (weights.ndim - 2)
    scaled = weights * factor[index].reshape(index.shape + tail)
    added = (weights * constant[index].reshape(index.shape + tail)).reshape(len(weights), -1).sum(1)
    return dict(weights=scaled, bias=linear.bias + added)


def linear_before(net, k):
    """The convolution or dense layer that only feeds the batch normalisation k."""
    before = net.layers[k].inputs[0]
    return before if net.layers[before].kind in ("Conv", "Dense") and net.consumers(before) == [k] else None


def linear_after(net, k):
    """The only layer that k feeds, where it is a convolution without padding or a dense layer."""
    after = net.consumers(k)
    if len(after) != 1:
        return None
    layer = net.layers[after[0]]
    unpadded = layer.kind == "Conv" and not any(layer.window.begin + layer.window.end)
    return after[0] if unpadded or (layer.kind == "Dense" and layer.inputs == [k]) else None


def canonise(net):
    """The same function without the batch normalisation that can be folded into a neighbour: the one before, else the one after."""
    for k, layer in enumerate(net.layers):
        if layer.kind != "BatchNorm":
            continue
        before, after = linear_before(net, k), linear_after(net, k)
        if before is not None:
            return canonise(without(net, k, before, fold_back(net.layers[before], layer)))
        if after is not None:
            return canonise(without(net, k, after, fold_ahead(layer, net.layers[after])))
    return net


def without(net, gone, changed, parameters):
    """A copy lacking layer `gone` (None: none), whose place its input takes, with other parameters in layer `changed`."""
    result = Network(net.shapes[0])
    place = {0: 0}
    for k, layer in enumerate(net.layers[1:], 1):
        if k == gone:
            place[k] = place[layer.inputs[0]]
            continue
        own = {name: value for name, value in vars(layer).items() if name not in ("kind", "inputs")}
        if k == changed:
            own.update(parameters)
        place[k] = result.add(layer.kind, [place[i] for i in layer.inputs], **own)
    return result
