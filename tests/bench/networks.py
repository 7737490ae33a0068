#!/usr/bin/env python3
"""Times torch's forward pass beside Ocelot's forward pass and its forward + relevance (LRP), network by network, in one run.

    OMP_NUM_THREADS=2 /usr/bin/python3 tests/bench/networks.py build/release/tests/bench/ocelot-bench-network [NETWORK...] [--json FILE]

Needs python3-torch and python3-torchvision; weights are random, the ONNX files are made by data/make_torchvision.py into a folder given by
--nets. Turns are interleaved; figures are the median and the best of all turns, in milliseconds, and ratios to torch's forward pass."""
import argparse, json, os, statistics, subprocess, time
import torch, torchvision

NETWORKS = {"vgg16": (), "googlenet": (), "resnet18": (), "resnet50": (), "squeezenet1_1": (), "densenet121": ()}


def torch_forward(net, x):
    start = time.perf_counter()
    with torch.no_grad():
        net(x)
    return (time.perf_counter() - start) * 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("networks", nargs="*", default=list(NETWORKS))
    parser.add_argument("--nets", default="nets", help="folder of the ONNX files")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--composite", default="epsilon-plus")
    parser.add_argument("--json")
    args = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    torch.set_num_threads(threads)
    print(f"batch 1, {threads} thread(s), composite {args.composite}, OPENBLAS_CORETYPE {os.environ.get('OPENBLAS_CORETYPE', 'unset')}, "
          f"torch {torch.__version__}\n")
    print("| network | torch forward ms | ocelot forward ms | ocelot explain ms | explain / torch forward |\n|---|---:|---:|---:|---:|")
    results = {}
    for name in args.networks:
        options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
        net = getattr(torchvision.models, name)(weights=None, **options).eval()
        x = torch.rand(1, 3, 224, 224)
        torch_forward(net, x)
        peer, forward, explain = [], [], []
        for _ in range(args.turns):
            peer.append(torch_forward(net, x))
            words = subprocess.run([args.program, os.path.join(args.nets, name + ".onnx"), args.composite, "1"], check=True, capture_output=True,
                                   text=True).stdout.split()
            forward.append(float(words[1]))
            explain.append(float(words[4]))
        row = {k: {"median": statistics.median(v), "best": min(v)} for k, v in (("torch", peer), ("forward", forward), ("explain", explain))}
        results[name] = row
        print(f"| {name} | {row['torch']['median']:.1f} | {row['forward']['median']:.1f} | {row['explain']['median']:.1f} | "
              f"{row['explain']['median'] / row['torch']['median']:.2f} |", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"threads": threads, "composite": args.composite, "networks": results}, f, indent=1)


if __name__ == "__main__":
    main()
