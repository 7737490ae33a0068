"""Writes a network of the reference as an ONNX file. Protocol buffers by hand, so that nothing but NumPy is needed.

A message is a run of fields: a key (number * 8 + type), then a varint (type 0), four bytes (5), or a length and bytes (2).
Field numbers: onnx.proto, IR version 7.
"""
import struct

import numpy as np

FLOAT, INT, STRING, INTS = 1, 2, 3, 7  # AttributeProto.AttributeType
ELEMENT = {"float32": 1, "float64": 11}  # TensorProto.DataType
OPSET = 13


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field * 8) + varint(n)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field * 8 + 2) + varint(len(data)) + data


def attribute(name, value):
    out = block(1, name)
    if isinstance(value, float):
        return out + varint(2 * 8 + 5) + struct.pack("<f", value) + number(20, FLOAT)
    if isinstance(value, int):
        return out + number(3, value) + number(20, INT)
    if isinstance(value, str):
        return out + block(4, value) + number(20, STRING)
    return out + b"".join(number(8, int(v)) for v in value) + number(20, INTS)


def tensor(name, values, dtype):
    values = np.asarray(values)
    return b"".join(number(1, n) for n in values.shape) + number(2, ELEMENT[dtype]) + block(8, name) + block(9, values.astype(dtype).tobytes())


def value_info(name, shape, dtype):
    dims = b"".join(block(1, block(2, d) if isinstance(d, str) else number(1, d)) for d in shape)
    return block(1, name) + block(2, block(1, number(1, ELEMENT[dtype]) + block(2, dims)))


class Writer:
    def __init__(self, dtype):
        self.dtype, self.nodes, self.tensors = dtype, b"", b""

    def constant(self, name, values):
        self.tensors += block(5, tensor(name, values, self.dtype))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes += block(1, b"".join(block(1, i) for i in inputs) + block(2, output) + block(3, "node_" + output) + block(4, operator) +
                            b"".join(block(5, attribute(*a)) for a in attributes.items()))


def window_attributes(layer):
    w = layer.window
    out = {"kernel_shape": w.kernel, "strides": w.stride}
    if getattr(layer, "auto_pad", None):
        out["auto_pad"] = layer.auto_pad
    else:
        out["pads"] = w.begin + w.end
    if any(d != 1 for d in w.dilation):
        out["dilations"] = w.dilation
    if w.ceil:
        out["ceil_mode"] = 1
    return out


def conv(w, layer, ins, out):
    names = ins + [w.constant(out + "_w", layer.weights)]
    if layer.bias.any():
        names.append(w.constant(out + "_b", layer.bias))
    w.node("Conv", names, out, group=layer.groups, **window_attributes(layer))


def dense(w, layer, ins, out):
    if getattr(layer, "matmul", False):
        w.node("MatMul", ins + [w.constant(out + "_w", layer.weights.T)], out + "_product")
        w.node("Add", [out + "_product", w.constant(out + "_b", layer.bias)], out)
    else:
        w.node("Gemm", ins + [w.constant(out + "_w", layer.weights), w.constant(out + "_b", layer.bias)], out, transB=1)


def batch_norm(w, layer, ins, out):
    names = [w.constant(f"{out}_{part}", getattr(layer, part)) for part in ("gamma", "beta", "mean", "variance")]
    w.node("BatchNormalization", ins + names, out, epsilon=float(layer.epsilon))


def clip(w, layer, ins, out):
    w.node("Clip", ins + [w.constant(out + "_low", np.float64(layer.low)), w.constant(out + "_high", np.float64(layer.high))], out)


def plain(operator, *copied):
    """A layer without weights: `copied` are (attribute, field, type)."""
    def write(w, layer, ins, out):
        own = window_attributes(layer) if hasattr(layer, "window") else {}
        w.node(operator, ins, out, **own, **{name: kind(getattr(layer, field)) for name, field, kind in copied})
    return write


def concat(w, layer, ins, out):
    w.node("Concat", ins, out, axis=1)


def add(w, layer, ins, out):
    w.node("Add" if len(ins) == 2 else "Sum", ins, out)


WRITERS = {"Conv": conv, "Dense": dense, "BatchNorm": batch_norm, "Clip": clip, "Concat": concat, "ReLU": plain("Relu"), "Add": add,
           "LeakyReLU": plain("LeakyRelu", ("alpha", "slope", float)), "MaxPool": plain("MaxPool"), "Flatten": plain("Flatten"),
           "AveragePool": plain("AveragePool", ("count_include_pad", "count_padding", int)), "GlobalAveragePool": plain("GlobalAveragePool"),
           "PowerPool": plain("LpPool", ("p", "power", int))}


def write(net, path, dtype="float64"):
    """Weights, input and output of element type `dtype`, batch dimension N."""
    w = Writer(dtype)
    name = lambda k: "input" if k == 0 else "output" if k == len(net.layers) - 1 else f"v{k}"
    for k, layer in enumerate(net.layers[1:], 1):
        WRITERS[layer.kind](w, layer, [name(i) for i in layer.inputs], name(k))
    graph = (w.nodes + block(2, "reference") + w.tensors + block(11, value_info("input", ("N",) + net.shapes[0], dtype)) +
             block(12, value_info("output", ("N",) + net.shapes[-1], dtype)))
    with open(path, "wb") as file:
        file.write(number(1, 7) + block(2, "ocelot-reference") + block(7, graph) + block(8, block(1, "") + number(2, OPSET)))
