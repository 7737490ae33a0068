#!/usr/bin/env python3
"""Which methods name the features that were to blame? Judges every method of `ocelot methods` by the truth, and prints Markdown.

    /usr/bin/python3 tests/bench/truth.py OCELOT --incidents FOLDER... --rows FOLDER... [--cache FOLDER]      (nice -n 10; half an hour)

OCELOT is the built program. A folder of --incidents holds NAME_train.csv.gz (normal), NAME_test.csv.gz (last column `label`) and
NAME_segments.csv (start,end,metrics: rows from 0, `end` not included). A folder of --rows holds NAME.csv.gz (last column `label`, 0 normal) and
NAME_truth.csv: `row`, then columns that each list features, from 0, with blanks between them. Planted truth is made by `ocelot plant`.
Models are trained by the defaults of `ocelot train`. docs/truth.md holds what this printed. Needs python3-numpy. --cache keeps what was computed,
so that a stopped run goes on. --picture FILE.svg draws planted broken correlations against incidents.
"""
import argparse
import csv
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SEEDS = 5  # trainings of a model on other samples, for the methods that cost little
CHEAP = ("level", "dtd", "dtd-conserving", "lrp", "deeplift",  # lrp is dtd on a kernel machine: not printed
          "gradient", "smooth-grad", "gradient-x-input", "taylor", "integrated-gradients",
         "occlusion", "meaningful-perturbation", "fitted-additive", "pattern", "nearest-neighbour", "deviation", "random")  # fmt: skip
# Methods that sample, with what bounds their cost on the incidents, where 9753 rows are explained, and on the rows.
BOUNDED = ("prediction-difference", "lime:samples=200", "shapley:reference=mean+exact-up-to=0+permutations=8",
           "kernel-shap:reference=mean+samples=512")  # fmt: skip
SAMPLING = ("prediction-difference", "lime", "shapley:rows=5", "kernel-shap:rows=5+samples=512")
FLOOR = "deviation, sd + .05"
OWN = {"level": "loudest"}  # the aggregation that `explain --incidents` takes; max for the others
ASKED = ("level", "dtd", "deviation", "random")
KINDS = ("shift", "several", "correlation", "subspace", "density")
BLOCKS = "blocks:20x5x0.95"
METRICS = {"roc_auc": "ROC-AUC", "average_precision": "AP", "hit_rate_100": "HR@100", "hit_rate_150": "HR@150", "ndcg": "NDCG"}


class Bench:
    def __init__(self, options):
        self.ocelot, self.incidents, self.rows, self.picture = options.ocelot, options.incidents, options.rows, options.picture
        self.folder, self.data = Path(options.cache or tempfile.mkdtemp()), Path(__file__).resolve().parents[2] / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        program = hashlib.sha256(Path(self.ocelot).read_bytes()).hexdigest()
        self.key = program if options.strict else ""

    def run(self, *arguments):
        """Runs ocelot, whose last argument is the file that it writes; nothing where that is there already."""
        out = Path(arguments[-1])
        if not out.exists():
            print("ocelot", *arguments, file=sys.stderr, flush=True)
            done = subprocess.run([self.ocelot, *map(str, arguments)], capture_output=True, text=True)
            if done.returncode not in (0, 3):
                out.unlink(missing_ok=True)
                raise SystemExit(f"ocelot {' '.join(map(str, arguments))}\n{done.stderr}")
        return out

    def file(self, *parts):
        name = " ".join(map(str, parts))
        return self.folder / (hashlib.sha256((self.key + name).encode()).hexdigest()[:12] + "-" + parts[-1])

    def train(self, data, *options):
        return self.run("train", "-q", data, *options, "-o", self.file(data, *options, "svm.model"))

    def plant(self, *options):
        """A table with planted anomalies, and its truth."""
        table, truth = self.file(*options, "planted.csv"), self.file(*options, "truth.csv")
        self.run("plant", "-q", *options, "--truth", truth, "-o", table)
        return table, truth

    def evaluate(self, model, data, truth, methods, *options, rows=1):
        """JSON of ocelot evaluate. Its measures by axioms are of no interest here: one row, no paths."""
        few = ("-j", 1, "--rows", rows, "--disturbed", 0, "--orders", 1, "--steps", 2, "--format", "json", "-q")
        out = self.file(model, data, truth, *methods, *options, rows, "judged.json")
        self.run("evaluate", model, data, "--truth", truth, "--methods", ",".join(methods), *few, *options, "-o", out)
        return json.loads(out.read_text())


def means(judged, aggregation):
    """{method: {metric: (mean, half width, incidents)}} of one evaluation; {method: aggregation} picks one for each."""
    out = {}
    for method in judged["truth"]["methods"]:
        name = method["name"].partition(":")[0] if not method["name"].startswith("deviation:") else FLOOR
        chosen = method[aggregation if isinstance(aggregation, str) else aggregation.get(name, "max")]
        figures = {m: chosen[m] for m in METRICS if chosen[m]["incidents"]}
        # The first of a name stays: random is drawn anew for every seed, and the control that evaluate adds comes last.
        out.setdefault(name, {m: (v["mean"], ((v["high"] or 0) - (v["low"] or 0)) / 2, v["incidents"]) for m, v in figures.items()})
    return out


def pool(parts):
    """One mean over all incidents of several data sets; incidents are resampled within each, so variances add."""
    out = {}
    for name in {n: 0 for part in parts for n in part}:
        out[name] = {}
        for metric in METRICS:
            v = np.array([part[name][metric] for part in parts if metric in part.get(name, {})], dtype=float)
            share = v[:, 2] / v[:, 2].sum()
            out[name][metric] = (share @ v[:, 0], np.sqrt(share**2 @ v[:, 1] ** 2), v[:, 2].sum())
    return out


def cheap(seed):
    return CHEAP if seed == 0 else [m if m != "random" else f"random:seed={seed + 1}" for m in CHEAP]


def average(seeds):
    """Mean over seeds of the same figures; the interval stays that of one training."""
    out = {}
    for name in {n: 0 for seed in seeds for n in seed}:
        have = [seed[name] for seed in seeds if name in seed]
        out[name] = {m: (*np.mean([h[m][:2] for h in have], axis=0), min(h[m][0] for h in have), max(h[m][0] for h in have)) for m in METRICS}
    return out


# --- data with incidents ---------------------------------------------------------------------------------------------------------------


def read(path):
    with gzip.open(path, "rt") as file:
        header = file.readline().strip().split(",")
        return header, np.loadtxt(file, delimiter=",", ndmin=2)


def hits(relevance, blamed):
    """Hit rate@100% and @150% of one ranking."""
    order = np.argsort(-relevance, kind="stable")
    return [len(blamed & set(order[: int(len(blamed) * k)])) / len(blamed) for k in (1, 1.5)]


def beside_floor(bench, folder):
    """Hit rates [incidents, (floor, level), (100, 150)] straight from the protocol, by NumPy alone, and the machine of every incident. The floor is
    |x - mean| / (sd + .05), maximum over the incident; level comes from `ocelot explain`, its mean over seeds."""
    rates, machine = [], []
    for k, segments in enumerate(sorted(Path(folder).glob("*_segments.csv"))):
        files = [segments.with_name(segments.name.replace("_segments.csv", f"_{part}.csv.gz")) for part in ("train", "test")]
        header, train = read(files[0])
        off = np.abs(read(files[1])[1][:, : len(header)] - train.mean(0)) / (train.std(0) + 0.05)
        models = [bench.train(files[0], "--sample", 2000, "--seed", seed + 1) for seed in range(SEEDS)]
        ask = ("explain", "-q", "--method", "level", "-l", "label")
        levels = [np.load(bench.run(*ask, m, files[1], "-o", bench.file(m, files[1], "level.npy"))) for m in models]
        for line in csv.DictReader(segments.open()):
            rows, blamed = slice(int(line["start"]), int(line["end"])), {header.index(m) for m in line["metrics"].split()}
            loud = [hits((level[rows] * level[rows].sum(1, keepdims=True) ** 2).max(0), blamed) for level in levels]
            rates.append([hits(off[rows].max(0), blamed), np.mean(loud, axis=0)])
            machine.append(k)
    return np.array(rates), np.array(machine)


def print_beside_floor(bench, folder):
    """The difference incident by incident; incidents are resampled within machines."""
    rates, machine = beside_floor(bench, folder)
    difference, draw = rates[:, 1] - rates[:, 0], np.random.default_rng(1)
    places = [np.flatnonzero(machine == k) for k in range(machine.max() + 1)]
    draws = [difference[np.concatenate([draw.choice(p, len(p)) for p in places])].mean(0) for _ in range(10000)]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    print("\nBy NumPy alone, without `evaluate`:\n")
    head("metric", "floor", "level", "level - floor")
    for m, name in enumerate(("HR@100", "HR@150")):
        line(name, *[f"{v:.3f}" for v in rates[:, :, m].mean(0)], f"{difference[:, m].mean():+.3f} [{low[m]:+.3f}, {high[m]:+.3f}]")


def judge_incidents(bench, folder):
    """[{sample seed: [judged file by file]}]: all methods with the first seed, the cheap ones with all."""
    judged = [[] for _ in range(SEEDS)]
    for segments in sorted(Path(folder).glob("*_segments.csv")):
        train, test = (segments.with_name(segments.name.replace("_segments.csv", f"_{part}.csv.gz")) for part in ("train", "test"))
        common = ("-l", "label", "--truth-column", "metrics", "--background", train)
        for seed in range(SEEDS):
            model = bench.train(train, "--sample", 2000, "--seed", seed + 1)
            one = bench.evaluate(model, test, segments, cheap(seed), *common, "--background-rows", 0 if seed == 0 else 200)
            if seed == 0:
                plain = bench.train(train, "--sample", 200, "--scale-features", "none")
                deviations = read(train)[1].std(0)
                positive = np.sort(deviations[deviations > 1e-12])
                floor = f"deviation:floor={0.05 / positive[len(positive) // 2]:.9g}"
                more = bench.evaluate(plain, test, segments, [floor], *common, "--background-rows", 0)
                more["truth"]["methods"] = [m for m in more["truth"]["methods"] if m["name"] == floor]
                bounded = bench.evaluate(model, test, segments, BOUNDED, *common)
                bounded["truth"]["methods"] = bounded["truth"]["methods"][: len(BOUNDED)]
                one["truth"]["methods"] += bounded["truth"]["methods"] + more["truth"]["methods"]
            judged[seed].append(one)
    return judged


def figures(judged, aggregation):
    return average([pool([means(j, aggregation) for j in seed]) for seed in judged])


# --- data with blamed rows -------------------------------------------------------------------------------------------------------------


def plant_blocks(bench, kind, seed, count, *plant):
    return bench.plant("--generate", BLOCKS, "--rows", 1500, "--kind", kind, "--count", count, "--seed", 200 + seed, *plant)


def judge_planted(bench, kind, *plant, methods=CHEAP + SAMPLING, fitted=1200, count=300):
    """Trained on calm rows of the same blocks; a fifth of them is held out."""
    judged = []
    for seed in range(SEEDS):
        calm, _ = bench.plant("--generate", BLOCKS, "--rows", fitted * 5 // 4, "--share", 0, "--seed", 100 + seed)
        rows, truth = plant_blocks(bench, kind, seed, count, *plant)
        model = bench.train(calm, "--id", "id", "--drop", "label")
        now = methods if seed == 0 else [m for m in cheap(seed) if m in methods or m.startswith("random")]
        judged.append([bench.evaluate(model, rows, truth, now, "--id", "id", "-l", "label", "--background", calm)])
    return judged


def order_area(relevance, hit):
    return (np.sign(relevance[hit][:, None] - relevance[~hit]) / 2 + 0.5).mean()


def knowing(table, truth, size=5, correlation=0.95):
    """ROC-AUC for someone who knows the covariance, by |x_i - E(x_i | others)| / sd(x_i | others); and for someone who knows the way of planting,
    too, by the posterior of each feature to be replaced: the most that can be reached."""
    with Path(table).open() as file:
        rows = np.array([line[1:-1] for line in list(csv.reader(file))[1:]], dtype=float)
    d = rows.shape[1]
    covariance = np.kron(np.eye(d // size), np.full((size, size), correlation) + (1 - correlation) * np.eye(size))
    blamed = {int(line["row"]): [int(f[1:]) - 1 for f in line["features"].split()] for line in csv.DictReader(Path(truth).open())}
    x, inverse, score = rows[sorted(blamed)], np.linalg.inv(covariance), []
    guesses = [[i] for i in range(d)] + [[i, j] for i in range(d) for j in range(i)]
    for guess in guesses:  # the replaced features come from another row: independent of those that stayed
        c, inside = covariance.copy(), np.isin(np.arange(d), guess)
        c[np.ix_(inside, ~inside)] = c[np.ix_(~inside, inside)] = 0
        prior = -np.log(d if len(guess) == 1 else d * (d - 1) / 2)
        score.append(prior - 0.5 * (np.linalg.slogdet(c)[1] + (x @ np.linalg.inv(c) * x).sum(1)))
    weight = np.exp(np.array(score) - np.max(score, axis=0))
    belief = np.array([weight[[i in guess for guess in guesses]].sum(0) for i in range(d)]).T
    hits_of = [np.isin(np.arange(d), blamed[row]) for row in sorted(blamed)]
    alone = np.abs(x @ inverse) / np.sqrt(np.diag(inverse))
    return [np.mean([order_area(r, hit) for r, hit in zip(relevance, hits_of)]) for relevance in (alone, belief)]


def judge_rows(bench, folder):
    """One model a table, trained on its rows labelled 0; the truths of one table are averaged."""
    tables = {}
    for truth in sorted(Path(folder).glob("*_truth.csv")):
        name = truth.name[: -len("_truth.csv")]
        data = truth.with_name(name + ".csv.gz")
        model = bench.train(data, "-l", "label", "--normal", 0)
        columns = next(csv.reader(truth.open()))[1:]
        background = ("--background", data, "--background-label", "label=0")
        each = [means(bench.evaluate(model, data, truth, CHEAP + SAMPLING, "-l", "label", "--truth-column", c, *background), "max") for c in columns]
        tables[name] = {n: {m: tuple(np.mean([e[n][m] for e in each], axis=0)) for m in METRICS if all(m in e[n] for e in each)} for n in each[0]}
    return tables


# --- cost ------------------------------------------------------------------------------------------------------------------------------


def split(bench, name, table, header, train_share=2 / 3):
    """Normal rows in two files: to train on, and to plant in."""
    order = np.random.default_rng(1).permutation(len(table))
    cut = int(len(table) * train_share)
    files = []
    for part, rows in (("train", np.sort(order[:cut])), ("rest", np.sort(order[cut:]))):
        files.append(bench.file(name, part + ".csv"))
        files[-1].write_text("\n".join([",".join(header)] + [",".join(f"{v:.17g}" for v in table[r]) for r in rows]) + "\n")
    return files


def cost_tables(bench):
    with (bench.data / "wdbc.csv").open() as file:
        lines = list(csv.reader(file))
    benign = np.array([line[1:-1] for line in lines[1:] if line[-1] == "0"], dtype=float)
    yield "wdbc", lines[0][1:-1], benign
    zeros = np.load(bench.data / "digits-zero-train.npy").reshape(-1, 64)
    yield "digits-zero", [f"p{k}" for k in range(64)], zeros


def judge_cost(bench):
    """Relations broken in half of the rows that were kept; times are those of `evaluate`'s own table, one thread."""
    out = {}
    for name, header, table in cost_tables(bench):
        train, rest = split(bench, name, table, header)
        model = bench.train(train)
        rows, truth = bench.plant(rest, "--kind", "correlation", "--share", 0.5)
        methods = CHEAP + ("prediction-difference", "lime", "shapley", "kernel-shap:reference=expected", "kernel-shap")
        judged = bench.evaluate(model, rows, truth, methods, "--id", "id", "-l", "label", "--background", train, rows=40)
        found, seconds = {m["name"]: m["max"]["roc_auc"] for m in judged["truth"]["methods"]}, judged["seconds_a_row"]
        out[name, len(header)] = {m: (found[m], seconds[m], seconds[m] / seconds["dtd"]) for m in methods}
    return out


# --- printing --------------------------------------------------------------------------------------------------------------------------


def cell(figure):
    return f"{figure[0]:.3f} ±{figure[1]:.3f}".replace("0.", ".")


def line(*cells):
    print("| " + " | ".join(map(str, cells)) + " |")


def head(*titles):
    line(*titles)
    line(*["---"] + ["---:"] * (len(titles) - 1))


def print_metrics(title, table, by="hit_rate_100", more=None):
    """`more`, {title: such a table}, adds a column of ROC-AUC each."""
    more = more or {}
    print(f"\n### {title}\n")
    head("method", *METRICS.values(), *more)
    for name in sorted((n for n in table if n != "lrp"), key=lambda n: -table[n][by][0]):
        others = [f"{m[name]['roc_auc'][0]:.3f}".replace("0.", ".") for m in more.values()]
        line(f"`{name}`", *[cell(table[name][m]) for m in METRICS], *others)


def print_aggregations(title, judged):
    names = [a for a, v in judged[0][0]["truth"]["methods"][0].items() if isinstance(v, dict)]
    print(f"\n### HR@100 under every aggregation: {title}\n")
    head("method", *names)
    tables = {a: figures(judged, a) for a in names}
    for method in ASKED + (FLOOR,):
        line(f"`{method}`", *[f"{tables[a][method]['hit_rate_100'][0]:.3f}".replace("0.", ".") for a in names])


def print_spread(title, table, metric):
    spread = "; ".join(f"{n} {table[n][metric][2]:.3f} to {table[n][metric][3]:.3f}" for n in ("dtd", "level", "gradient", "occlusion"))
    print(f"\n{title}, {METRICS[metric]} over {SEEDS} seeds: {spread}")


# --- a picture -------------------------------------------------------------------------------------------------------------------------


def draw(path, across, up):
    """Methods as points: broken correlations to the right, incidents upwards."""
    width, height, left, bottom = 640, 460, 60, 50
    x = lambda v: left + (v - 0.35) / 0.6 * (width - left - 20)  # noqa: E731
    y = lambda v: height - bottom - (v - 0.25) / 0.65 * (height - bottom - 20)  # noqa: E731
    text = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>']  # fmt: skip
    for v in np.arange(4, 10) / 10:
        text.append(f'<path d="M{x(v):.0f} 20V{height - bottom}" stroke="#ddd"/>')
        text.append(f'<text x="{x(v):.0f}" y="{height - 34}" text-anchor="middle">{v}</text>')
    for v in np.arange(3, 9) / 10:
        text.append(f'<path d="M{left} {y(v):.0f}H{width - 20}" stroke="#ddd"/>')
        text.append(f'<text x="{left - 6}" y="{y(v) + 4:.0f}" text-anchor="end">{v}</text>')
    text.append(f'<text x="{(left + width) / 2}" y="{height - 12}" text-anchor="middle">broken correlations: ROC-AUC of features</text>')
    text.append(f'<text transform="translate(18 {(height - bottom) / 2 + 10}) rotate(-90)" text-anchor="middle">incidents of servers: HR@100</text>')
    named = {"level": (8, 4), "dtd": (-26, 2), "gradient": (8, 14), "occlusion": (8, -4), "kernel-shap": (-66, 14), "lime": (-12, -8),
             "nearest-neighbour": (-30, 18), "deviation": (-12, -8), "random": (8, 4)}  # fmt: skip
    for name in sorted((n for n in across if n in up), key=lambda n: n in named):
        px, py = x(across[name]), y(up[name])
        colour = {"level": "#0072b2", "dtd": "#d55e00"}.get(name, "#333" if name in named else "#aaa")
        text.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{colour}"><title>{name}</title></circle>')
        if name in named:
            text.append(f'<text x="{px + named[name][0]:.1f}" y="{py + named[name][1]:.1f}" fill="{colour}">{name}</text>')
    Path(path).write_text("\n".join(text + ["</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ocelot")
    parser.add_argument("--incidents", nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--rows", nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--cache", metavar="FOLDER")
    parser.add_argument("--strict", action="store_true", help="what another build of the program computed does not count")
    parser.add_argument("--picture", metavar="FILE.svg")
    bench = Bench(parser.parse_args())

    up = []
    for folder in bench.incidents:
        judged, name = judge_incidents(bench, folder), Path(folder).name
        table = figures(judged, OWN)
        up.append(table)
        print_metrics(f"Incidents: {name} ({int(sum(v['truth']['incidents'] for v in judged[0]))} incidents, {len(judged[0])} machines)", table)
        print_beside_floor(bench, folder)
        print_spread(name, table, "hit_rate_100")
        print_aggregations(name, judged)

    planted = {kind: figures(judge_planted(bench, kind), "max") for kind in KINDS}
    others = {f"{kind}: ROC-AUC": planted[kind] for kind in KINDS if kind != "correlation"}
    print_metrics("Planted: broken correlations (300 rows, 5 seeds), and other kinds", planted["correlation"], "roc_auc", others)
    print_spread("broken correlations", planted["correlation"], "roc_auc")
    known = np.mean([knowing(*plant_blocks(bench, "correlation", seed, 300)) for seed in range(SEEDS)], axis=0)
    print(f"\nKnowing the covariance: {known[0]:.3f}; and the way of planting: {known[1]:.3f}")
    print("\n### Planted incidents of ten rows: ROC-AUC\n")
    kinds, methods = ("several", "correlation"), ("dtd", "level", "deviation")
    head("method, aggregation", *kinds)
    long = {k: judge_planted(bench, k, "--length", 10, methods=methods, count=60) for k in kinds}
    for name, way in (("dtd", "max"), ("dtd", "loudest"), ("level", "loudest"), ("deviation", "max"), ("random", "max")):
        line(f"`{name}`, {way}", *[cell(figures(long[k], way)[name]["roc_auc"]) for k in kinds])
    print("\n### Broken correlations by the rows that were fitted: ROC-AUC\n")
    head("method", "800", "1200", "1600")
    fits = [figures(judge_planted(bench, "correlation", methods=methods, fitted=n), "max") for n in (800, 1200, 1600)]
    for name in ("dtd", "level", "deviation", "random"):
        line(f"`{name}`", *[cell(f[name]["roc_auc"]) for f in fits])

    for folder in bench.rows:
        tables = judge_rows(bench, folder)
        names = list(next(iter(tables.values())))
        together = {n: {m: tuple(np.mean([t[n][m] for t in tables.values() if m in t[n]], axis=0)) for m in METRICS} for n in names}
        print_metrics(f"Rows: {Path(folder).name}, mean of {len(tables)} tables, and ROC-AUC of each", together, "roc_auc", tables)

    print("\n### Cost and truth\n")
    costs = judge_cost(bench)
    head("method", *[f"{name} ({d}): {what}" for name, d in costs for what in ("ROC-AUC", "us a row", "times dtd")])
    for method in sorted(next(iter(costs.values())), key=lambda m: np.mean([c[m][1] for c in costs.values()])):
        if method == "lrp":
            continue
        cells = []
        for auc, seconds, ratio in (cost[method] for cost in costs.values()):
            cells += [f"{auc['mean']:.3f} [{auc['low']:.3f}, {auc['high']:.3f}]".replace("0.", "."), f"{seconds * 1e6:,.1f}", f"{float(f'{ratio:.2g}'):,.10g}"]
        line(f"`{method}`", *cells)
    if bench.picture:
        draw(bench.picture, {n: v["roc_auc"][0] for n, v in planted["correlation"].items()},
             {n: np.mean([t[n]["hit_rate_100"][0] for t in up]) for n in up[0]})  # fmt: skip


if __name__ == "__main__":
    main()
