#!/usr/bin/env python3
"""Times torch's forward pass beside Ocelot's forward pass and its forward + relevance (LRP), network by network, in one run.

    OMP_NUM_THREADS=2 /usr/bin/python3 tests/bench/networks.py build/release/tests/bench/ocelot-bench-network [NETWORK...] [--json FILE]

Needs python3-torch and python3-torchvision; weights are random, the ONNX files are made by data/make_torchvision.py into a folder given by
--nets. Turns are interleaved; figures are the best of all turns, in milliseconds, ratios to torch's forward
pass, and the peak of Ocelot's resident memory (from the file to the first explanation). Both take OMP_NUM_THREADS threads for the one picture, and both
warm up before the repeats of a turn. Every network has a process of its own: torch is slower, by up to two and a half times, where others have gone before."""
import argparse, json, multiprocessing, os, statistics, subprocess, time
import torch, torchvision

NETWORKS = {"vgg16": (), "googlenet": (), "resnet18": (), "resnet50": (), "squeezenet1_1": (), "densenet121": ()}


REPEATS = 10  # of a turn, after one to warm up: a new process is slower for its first few pictures


def torch_forward(net, x, clock):
    """The best milliseconds of a turn."""
    best = float("inf")
    with torch.no_grad():
        for turn in range(1 + REPEATS):
            start = clock()
            net(x)
            best = min(best, (clock() - start) * 1e3) if turn else best
    return best


def measure(name, args, threads):
    """Best and median milliseconds of one network, and megabytes by composite."""
    clock = time.process_time if args.cpu else time.perf_counter
    torch.set_num_threads(threads)
    options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    net = getattr(torchvision.models, name)(weights=None, **options).eval()
    x = torch.rand(1, 3, 224, 224)
    times, memory = {"torch": [], "forward": []}, {}
    for _ in range(args.turns):
        times["torch"].append(torch_forward(net, x, clock))
        for composite in args.composites:
            words = subprocess.run([args.program, os.path.join(args.nets, name + ".onnx"), composite, str(REPEATS), "float32", str(threads)], check=True,
                                   capture_output=True, text=True).stdout.split()
            times["forward"].append(float(words[1]))
            times.setdefault(composite, []).append(float(words[4]))
            memory[composite] = int(words[7])
    return {"ms": {k: {"median": statistics.median(v), "best": min(v)} for k, v in times.items()}, "megabytes": memory}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("networks", nargs="*", default=list(NETWORKS))
    parser.add_argument("--nets", default="nets", help="folder of the ONNX files")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--composites", nargs="+", default=["epsilon-plus", "epsilon-gamma-box"])
    parser.add_argument("--json")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of elapsed time, for a machine that is busy with other work")
    args = parser.parse_args()
    if args.cpu:
        os.environ["OCELOT_BENCH_CPU"] = "1"
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    print(f"batch 1, {threads} thread(s) for either, {'processor' if args.cpu else 'elapsed'} time, OPENBLAS_CORETYPE {os.environ.get('OPENBLAS_CORETYPE', 'unset')}, "
          f"torch {torch.__version__}\n")
    print("| network | torch forward ms | Ocelot forward ms | composite | Ocelot explain ms | explain / torch forward | MB |\n|---|---:|---:|---|---:|---:|---:|")
    results = {}
    for name in args.networks:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            results[name] = pool.apply(measure, (name, args, threads))
        row, memory = results[name]["ms"], results[name]["megabytes"]
        for composite in args.composites:
            print(f"| {name} | {row['torch']['best']:.1f} | {row['forward']['best']:.1f} | {composite} | {row[composite]['best']:.1f} | "
                  f"{row[composite]['best'] / row['torch']['best']:.2f} | {memory[composite]} |", flush=True)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"threads": threads, "processor_time": args.cpu, "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE"), "networks": results}, f, indent=1)


if __name__ == "__main__":
    main()
