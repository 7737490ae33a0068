#!/usr/bin/env python3
"""Curves of time as pictures: against rows, support vectors, features and threads; against multiply-adds of networks; training against rows.

    /usr/bin/python3 tests/bench/curves.py build/release [--only kernel networks training] [--quick] [--turns 7] [--cpu] [--nets nets]
        [--pictures docs/images] [--out FOLDER]

`kernel` runs ocelot-bench-svm for every point, where LIBSVM and Ocelot take turns; `networks` makes networks of growing depth and width and times
torch's forward pass beside Ocelot's, one thread each, then those of --nets (data/make_torchvision.py); `training` draws FOLDER/training.json as
tests/bench/run.py leaves it. Best of the turns. The slope beside a name is that of the larger half of the points, in logarithms: 1 is linear. FOLDER
(build/release/bench) receives curves-kernel.json and curves-networks.json; with --draw, pictures are drawn from these, without measuring.
Packages: python3-matplotlib, and python3-torch, python3-torchvision, python3-onnx for networks."""
import argparse
import json
import os
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

# The palette of the report (src/io/page_style.c): relevance red, blue, and greys.
RED, BLUE, GREY, INK, SOFT, GRID = "#ff0051", "#008bfb", "#9aa6b4", "#1b1f24", "#57606a", "#e6e9ed"
# name in the JSON of ocelot-bench-svm, as said, colour, line
SERIES = [("LIBSVM score", "LIBSVM scores", GREY, "-"), ("float64 explain", "explain, float64", RED, "-"), ("float32 explain", "explain, float32", RED, "--"),
          ("float64 score", "score, float64", BLUE, "-"), ("float32 score", "score, float32", BLUE, "--")]  # fmt: skip
# axis: option of ocelot-bench-svm, what stays as it is, points, what it is called
AXES = {
    "rows": ("--rows", {"--units": 2036, "--features": 100}, [4**k for k in range(8)], "rows (2,036 support vectors, 100 features)"),
    "units": ("--units", {"--rows": 1000, "--features": 100}, [4**k for k in range(2, 8)], "support vectors (1,000 rows, 100 features)"),
    "features": ("--features", {"--rows": 1000, "--units": 512}, [4**k for k in range(1, 7)], "features (1,000 rows, 512 support vectors)"),
    "threads": ("--threads", {"--rows": 5000, "--units": 2036, "--features": 100}, list(range(1, (os.cpu_count() or 1) + 1)),
                "threads (5,000 rows, 2,036 support vectors, 100 features)"),
}  # fmt: skip


def slope(xs, ys):
    """Of the larger half of the points, at least three of them, in logarithms."""
    first = min(len(xs) // 2, max(len(xs) - 3, 0))
    return float(np.polyfit(np.log(xs[first:]), np.log(ys[first:]), 1)[0]) if len(xs) - first > 1 else float("nan")


# --- kernel machines -------------------------------------------------------------------------------------------------------------------


def kernel(args):
    found = {}
    for name, (option, fixed, points, _) in AXES.items():
        found[name] = {"points": points[:4] if args.quick else points, "ms": {series[0]: [] for series in SERIES}}
        for point in found[name]["points"]:
            with tempfile.NamedTemporaryFile(suffix=".json") as file:
                words = {**fixed, "--threads": 1, option: point, "--repeats": args.turns, "--brief": 1, "--json": file.name}
                subprocess.run([f"{args.build}/tests/bench/ocelot-bench-svm", *(str(w) for pair in words.items() for w in pair)], check=True,
                               stdout=subprocess.DEVNULL)  # fmt: skip
                with open(file.name, encoding="utf-8") as written:
                    r = json.load(written)
            threads, clock = point if option == "--threads" else 1, "cpu_ms" if args.cpu else "best_ms"
            times = {(e["name"].replace(r["default_kernels"] + " ", ""), e["threads"]): e[clock] / (e["threads"] if args.cpu else 1) for e in r["results"]}
            for series, *_ in SERIES:
                found[name]["ms"][series].append(times[series, 1 if series == SERIES[0][0] else threads])
        print(f"{name}: {found[name]}", flush=True)
    return found


def panel(axes, label, ylabel="milliseconds"):
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(label, color=SOFT)
    axes.set_ylabel(ylabel, color=SOFT)
    axes.grid(True, which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=SOFT, which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_minor_formatter("")
    axes.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
    axes.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")


def key(axes, place, title="slope"):
    legend = axes.legend(loc=place, frameon=False, fontsize=9, title=title, title_fontsize=8, labelcolor=INK, alignment="left")
    legend.get_title().set_color(SOFT)


def draw_kernel(found, path, when):
    figure, panels = plt.subplots(2, 2, figsize=(11, 9), dpi=100)
    for axes, (name, (*_, label)) in zip(panels.flat, AXES.items()):
        panel(axes, label)
        xs = found[name]["points"]
        here = [k for k, x in enumerate(xs) if name != "threads" or x <= found["cpus"]]
        for series, said, colour, line in SERIES:
            ys = found[name]["ms"][series]
            which = "one thread" if name == "threads" and series == SERIES[0][0] else f"{slope(np.array(xs)[here], np.array(ys)[here]):.2f}"
            axes.plot(xs, ys, color=colour, linestyle=line, marker="o", markersize=4, linewidth=1.8, label=f"{which}  {said}")
        low, high = axes.get_ylim()
        axes.set_ylim(low / (30 if name == "threads" else 1), high * (1 if name == "threads" else 60))
        if name == "threads":
            axes.set_xticks(xs)
            axes.minorticks_off()
        key(axes, "lower left" if name == "threads" else "upper left", f"slope up to {found['cpus']} threads" if name == "threads" else "slope")
    figure.suptitle(f"One-class RBF machine: {found['clock']} of a batch, one thread unless said ({when})", color=INK, fontsize=12)
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    figure.savefig(path)


# --- networks --------------------------------------------------------------------------------------------------------------------------


def plain(width, depth):
    """A small stem, then `depth` 3x3 convolutions of `width` channels on 56 x 56 pixels, ReLU after each, and a dense layer of ten."""
    import torch

    layers = [torch.nn.Conv2d(3, width, 3, stride=4, padding=1), torch.nn.ReLU()]
    for _ in range(depth):
        layers += [torch.nn.Conv2d(width, width, 3, padding=1), torch.nn.ReLU()]
    for layer in layers:
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
    return torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(width, 10)).eval()


def multiply_adds(net, picture):
    import torch

    total = [0]

    def count(layer, _, out):
        total[0] += out.numel() * layer.weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    with torch.no_grad():
        net(picture)
    for hook in hooks:
        hook.remove()
    return total[0]


def time_network(args, net, onnx, picture, turns):
    """Best milliseconds of torch's forward pass, Ocelot's, and Ocelot's with relevance."""
    import torch

    clock, best = time.process_time if args.cpu else time.perf_counter, [float("inf")] * 3
    for _ in range(turns):
        for _ in range(3):
            start = clock()
            with torch.no_grad():
                net(picture)
            best[0] = min(best[0], 1e3 * (clock() - start))
        words = subprocess.run([f"{args.build}/tests/bench/ocelot-bench-network", str(onnx), "epsilon-plus", "3"], check=True, capture_output=True,
                               text=True).stdout.split()  # fmt: skip
        best[1] = min(best[1], float(words[words.index("forward") + 1]))
        best[2] = min(best[2], float(words[words.index("explain") + 1]))
    return best


def networks(args):
    import torch
    import torchvision

    torch.set_num_threads(1)
    if args.cpu:
        os.environ["OCELOT_BENCH_CPU"] = "1"
    picture, turns, found = torch.rand(1, 3, 224, 224), args.turns, []
    family = [("depth", f"{d} layers", plain(64, d)) for d in ((1, 4) if args.quick else (1, 2, 4, 8, 16, 32))]
    family += [("width", f"{w} channels", plain(w, 4)) for w in ((16, 32) if args.quick else (16, 32, 64, 128, 256))]
    for name, said in {"squeezenet1_1": "SqueezeNet", "resnet18": "ResNet18", "googlenet": "GoogLeNet", "vgg16": "VGG16"}.items():
        if (args.nets / f"{name}.onnx").exists() and not (args.quick and name == "vgg16"):
            more = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
            family.append(("torchvision", said, (getattr(torchvision.models, name)(weights=None, **more).eval(), args.nets / f"{name}.onnx")))
    with tempfile.TemporaryDirectory() as folder:
        for kind, name, net in family:
            if kind == "torchvision":
                net, file = net
            else:
                file = Path(folder) / "net.onnx"
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    torch.onnx.export(net, picture, str(file), opset_version=13)
            entry = {"kind": kind, "name": name, "multiply_adds": multiply_adds(net, picture), "ms": time_network(args, net, file, picture, turns)}
            print(entry, flush=True)
            found.append(entry)
    return {"networks": found}


def draw_networks(found, path, when):
    figure, panels = plt.subplots(1, 2, figsize=(11, 5.4), dpi=100, sharey=True)
    shown = (("torch forward", GREY), ("Ocelot forward", BLUE), ("Ocelot forward + relevance", RED))
    for axes, kind, label in zip(panels, ("depth", "width"), ("64 channels, 1 to 32 layers", "4 layers, 16 to 256 channels")):
        panel(axes, "million multiply-adds", "milliseconds" if kind == "depth" else "")
        some = [e for e in found["networks"] if e["kind"] == kind]
        for k, (said, colour) in enumerate(shown):
            xs, ys = [e["multiply_adds"] / 1e6 for e in some], [e["ms"][k] for e in some]
            axes.plot(xs, ys, color=colour, marker="o", markersize=4, linewidth=1.8, label=f"{slope(xs, ys):.2f}  {said}")
            for e in (e for e in found["networks"] if e["kind"] == "torchvision"):
                axes.plot(e["multiply_adds"] / 1e6, e["ms"][k], color=colour, marker="D", markersize=6, linestyle="", alpha=0.75)
                if k == 2:  # the names stand apart where the networks do not
                    axes.annotate(e["name"], (e["multiply_adds"] / 1e6, e["ms"][k]), textcoords="offset points", xytext=(0, 9), fontsize=8, color=SOFT,
                                  ha="right" if e["name"] == "GoogLeNet" else "left" if e["name"] == "ResNet18" else "center")  # fmt: skip
        axes.set_title(label, color=SOFT, fontsize=10)
        key(axes, "upper left")
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high * 6)
    figure.suptitle(f"3x3 convolutions, epsilon-plus, one picture, one thread, {found['clock']}; diamonds: torchvision ({when})", color=INK, fontsize=12)
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    figure.savefig(path)


# --- training --------------------------------------------------------------------------------------------------------------------------


def draw_training(found, path, when):
    cases = [c for name, c in sorted(found["cases"].items(), key=lambda item: item[1]["n"]) if name.startswith("normal-")]
    figure, panels = plt.subplots(1, 2, figsize=(11, 4.8), dpi=100)
    for axes, kind, label in zip(panels, ("seconds", "mb"), ("seconds", "MB beside the rows")):
        panel(axes, "rows (100 features)", label)
        for side, said, colour in (("sklearn", "scikit-learn", GREY), ("own", "Ocelot", RED)):
            some = [c for c in cases if side in c]
            xs, ys = [c["n"] for c in some], [c[side][kind] for c in some]
            axes.plot(xs, ys, color=colour, marker="o", markersize=4, linewidth=1.8, label=f"{slope(xs, ys):.2f}  {said}")
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * 4)
        key(axes, "upper left")
    figure.suptitle(f"Training, nu 0.1, RBF, stopped at 1e-3, one thread ({when})", color=INK, fontsize=12)
    figure.tight_layout(rect=(0, 0, 1, 0.97))
    figure.savefig(path)


CURVES = {"kernel": (kernel, draw_kernel, "curves-kernel.json"), "networks": (networks, draw_networks, "curves-networks.json"),
          "training": (None, draw_training, "training.json")}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(CURVES), default=list(CURVES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--cpu", action="store_true", help="processor time, a thread's share of it, for a machine that is busy with other work")
    parser.add_argument("--draw", action="store_true", help="from the figures of an earlier run")
    parser.add_argument("--nets", type=Path, default=Path("nets"))
    parser.add_argument("--pictures", type=Path, default=Path(__file__).resolve().parents[2] / "docs" / "images")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    folder = args.out or args.build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    plt.rcParams["font.family"] = "DejaVu Sans"
    for name in args.only:
        measure, draw, file = CURVES[name]
        if measure and not args.draw:
            found = measure(args)
            about = {"cpus": os.cpu_count(), "clock": "processor time" if args.cpu else "elapsed time", "turns": args.turns}
            (folder / file).write_text(json.dumps({**about, **found}, indent=1), encoding="utf-8")
        if not (folder / file).exists():
            print(f"{name}: no {folder / file}, not drawn")
            continue
        when = time.strftime("%-d %B %Y", time.localtime((folder / file).stat().st_mtime))
        draw(json.loads((folder / file).read_text(encoding="utf-8")), args.pictures / f"performance-{name}.png", when)


if __name__ == "__main__":
    main()
