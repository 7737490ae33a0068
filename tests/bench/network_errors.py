#!/usr/bin/env python3
"""How far relevance in float32 is from relevance in float64: |difference| summed over pixels / |relevance| summed, network by network.

    /usr/bin/python3 tests/bench/network_errors.py build/release [NETWORK...] [--nets nets] [--json FILE]

Beside tests/bench/networks.py, which times the same; the picture and the networks are those of data/make_torchvision.py."""
import argparse
import json
import subprocess
import tempfile

import numpy as np

COMPOSITES = {"epsilon-plus": [], "epsilon-gamma-box": ["--box", "-2.118,2.249;-2.036,2.429;-1.805,2.64"]}  # black and white of ImageNet


def relevance(args, network, composite, precision, folder):
    path = f"{folder}/{precision}.npy"
    subprocess.run([f"{args.build}/apps/ocelot/ocelot", "explain", "-q", f"{args.nets}/{network}.onnx", f"{args.nets}/picture.npy", "--method", "lrp",
                    "--composite", composite, *COMPOSITES[composite], "--precision", precision, "--format", "npy", "-o", path], check=True)  # fmt: skip
    return np.load(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("networks", nargs="*", default=["vgg16", "googlenet", "resnet18", "squeezenet1_1"])
    parser.add_argument("--nets", default="nets")
    parser.add_argument("--json")
    args = parser.parse_args()
    print("| network | " + " | ".join(COMPOSITES) + " |\n|---|---:|---:|")
    errors = {}
    for network in args.networks:
        errors[network] = {}
        for composite in COMPOSITES:
            with tempfile.TemporaryDirectory() as folder:
                single, double = (relevance(args, network, composite, p, folder) for p in ("float32", "float64"))
            errors[network][composite] = float(np.abs(single - double).sum() / np.abs(double).sum())
        print(f"| {network} | " + " | ".join(f"{e:.1e}" for e in errors[network].values()) + " |", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"errors": errors}, file, indent=1)


if __name__ == "__main__":
    main()
