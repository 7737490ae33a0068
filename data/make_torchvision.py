#!/usr/bin/env python3
"""Writes well-known networks with random weights as ONNX files, to try loading and explaining by hand. Not run by any test.

    data/make_torchvision.py FOLDER [NAME...]

Networks: vgg16 googlenet resnet18 resnet50 squeezenet1_1 densenet121; input (N, 3, 224, 224), 1000 outputs, opset 13, batch of any size.
Also FOLDER/picture.npy, (1, 3, 224, 224), and NAME.npy, the outputs that torch computes for it. 0.8 GB in all, most of it vgg16.
Packages: python3-torchvision python3-onnx, and /usr/bin/python3, which sees them.

Then, for each:

    ocelot inspect FOLDER/NAME.onnx
    ocelot explain FOLDER/NAME.onnx FOLDER/picture.npy --composite epsilon-plus --format npy -o heat.npy
"""
import argparse
import warnings
from pathlib import Path

import numpy as np
import torch
import torchvision

NAMES = ["vgg16", "googlenet", "resnet18", "resnet50", "squeezenet1_1", "densenet121"]


def pictures(count):
    """Smooth blobs, normalised as for ImageNet."""
    coarse = torch.rand(count, 3, 14, 14)
    fine = torch.nn.functional.interpolate(coarse, size=224, mode="bicubic", align_corners=False).clamp(0, 1)
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    return (fine - mean) / deviation


def network(name):
    """In evaluation mode. Batch normalisation has seen pictures, as after training: without that the signal dies on its way, and what comes out
    is biases alone."""
    options = {"init_weights": True, "aux_logits": False} if name == "googlenet" else {}
    net = getattr(torchvision.models, name)(weights=None, **options)
    norms = [layer for layer in net.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    for layer in norms:
        layer.momentum = None  # running statistics are plain means
        torch.nn.init.uniform_(layer.weight, 0.5, 1.0)
        torch.nn.init.normal_(layer.bias, 0, 0.1)
    if norms:
        with torch.no_grad():
            net.train()(pictures(8))
    return net.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=NAMES, metavar="NAME")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    image = pictures(1)
    np.save(args.folder / "picture.npy", image.numpy())
    for name in args.names:
        net = network(name)
        with torch.no_grad():
            np.save(args.folder / f"{name}.npy", net(image).numpy())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(net, image, str(args.folder / f"{name}.onnx"), opset_version=13, input_names=["image"], output_names=["logits"],
                              dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})
        print(f"{name}: {sum(p.numel() for p in net.parameters()) / 1e6:.1f} million parameters", flush=True)


if __name__ == "__main__":
    main()
