"""Methods that send a signal back by another way than the gradient, from their definitions: one function a kind of layer, row by row, in float64."""
import numpy as np

from layers import OTHER, windows_of

RECTIFIERS = {"ReLU": lambda layer, x: (x > 0).astype(float),
              "LeakyReLU": lambda layer, x: np.where(x > 0, 1.0, layer.slope),
              "Clip": lambda layer, x: ((x > layer.low) & (x < layer.high)).astype(float)}


def pool_gradient(net, layer, x, signal):
    back = np.zeros(x.shape)
    for window, s in zip(windows_of(layer, net.shapes_of(layer)[0]), signal):
        if layer.kind == "MaxPool":
            back[window[np.argmax(x[window])]] += s
        else:
            norm = (np.abs(x[window]) ** layer.power).sum() ** (1 / layer.power)
            if norm > 0:
                back[window] += s * np.sign(x[window]) * (np.abs(x[window]) / norm) ** (layer.power - 1)
    return back


def rectified(by_activation, by_signal):
    """Back through a rectifier: times its slope, or only what is positive of the signal, or both (Springenberg 2014, figure 1)."""
    def back(net, k, x, _, signal):
        layer = net.layers[k]
        if layer.kind not in RECTIFIERS:
            return pool_gradient(net, layer, x, signal) if "Pool" in layer.kind else signal
        kept = np.maximum(signal, 0) if by_signal else signal
        return kept * RECTIFIERS[layer.kind](layer, x) if by_activation else kept
    return back


def quotient(y, y0, x, x0):
    """Contributions of differences, 0 where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == x0, 0.0, (y - y0) / (x - x0))


def rescale(net, k, x, x0, signal):
    """Shrikumar 2017: (y - y') / (x - x') of one input; max-pooling gives y - y' to the winner, of the row or of the reference, whichever is larger;
    the norm of a pool is a sum of powers, then a root."""
    layer = net.layers[k]
    if "Pool" not in layer.kind:
        if layer.kind not in RECTIFIERS:
            return signal
        y, y0 = (OTHER[layer.kind].forward(layer, None, v) for v in (x, x0))
        return signal * quotient(y, y0, x, x0)
    back = np.zeros(x.shape)
    for window, s in zip(windows_of(layer, net.shapes_of(layer)[0]), signal):
        a, b = x[window], x0[window]
        if layer.kind == "MaxPool":
            winner = np.argmax(a) if a.max() >= b.max() else np.argmax(b)
            back[window[winner]] += s * quotient(a.max(), b.max(), a[winner], b[winner])
        else:
            p, sums = layer.power, [(np.abs(v) ** layer.power).sum() for v in (a, b)]
            back[window] += s * quotient(sums[0] ** (1 / p), sums[1] ** (1 / p), sums[0], sums[1]) * quotient(np.abs(a) ** p, np.abs(b) ** p, a, b)
    return back


METHODS = {"guided-backprop": rectified(True, True), "deconvnet": rectified(False, True), "deeplift": rescale}


def explain(net, row, target, method):
    """Relevance of the input for output `target`: the signal, which starts as 1, and for deeplift times the difference from the reference, zero."""
    values, references = net.forward(row), net.forward(np.zeros(np.size(row)))
    signals = [np.zeros(v.shape) for v in values]
    signals[-1][target] = 1
    for k in range(len(net.layers) - 1, 0, -1):
        layer, affine = net.layers[k], net.affine(k)
        x, x0 = (np.concatenate([v[i] for i in layer.inputs]) for v in (values, references))
        back = affine.matrix.T @ signals[k] if affine else METHODS[method](net, k, x, x0, signals[k])
        for i, part in zip(layer.inputs, np.split(back, np.cumsum([values[i].size for i in layer.inputs])[:-1])):
            signals[i] += part
    return (signals[0] * (values[0] if method == "deeplift" else 1)).reshape(net.shapes[0])
