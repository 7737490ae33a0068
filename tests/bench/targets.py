"""What is to be reached, as data: one row of the table a row here. run.py fills it, table.py says how.

A path leads into the JSON that a bench wrote: a word is a key, a dict picks from a list the elements that agree with it, ALL takes all. A word may
name a text at the top of that file: {default_kernels} is the arithmetic that this processor takes. Where a path leads to several figures, `ours` and
`theirs` are compared one by one and the worst counts."""

ALL = {}


def svm(name, threads):
    return ("svm", "results", {"name": name, "threads": threads}, "best_ms")


def own(precision, work, threads):
    return svm("{default_kernels} " + f"{precision} {work}", threads)


def accuracy(precision, *kinds):
    return [("svm", "accuracy", {"precision": precision}, kind) for kind in kinds or ("score", "relevance")]


def latency(name, kind):
    return ("svm", "latency", {"name": name}, kind)


def process(name, kind="best_ms", bench="processes"):
    return (bench, "results", {"name": name}, kind)


def training(case, *rest):
    return ("training", "cases", case, *rest)


def trained(case):
    return [training(case, "difference", kind) for kind in ("objective", "rho", "decision")]


def network(name, *rest):
    return ("networks", "networks", name, *rest)


def small(name):
    return ("small", "works", {"name": name}, "best_us")


LIBSVM, WORST = svm("LIBSVM score", 1), ("fashion-10000", "fashion-10000-narrow", "mixture-20000", "mixture-20000-narrow")
SKLEARN, PREDICT = "scikit-learn fit", "svm-predict, whole process"
GAMMA_BOX, PLUS = "epsilon-gamma-box", "epsilon-plus"


def _explains():
    for precision, two, one in (("float64", 15, 8), ("float32", 30, 16)):
        for threads, target in ((2, two), (1, one)):
            yield dict(work=f"explain, {precision}", against="LIBSVM scores in memory", threads=threads, target=1 / target,
                       ours=[own(precision, "explain", threads)], theirs=[LIBSVM], errors=accuracy(precision))  # fmt: skip
    for precision, two in (("float64", 40), ("float32", 85)):
        yield dict(work=f"score, {precision}", against="LIBSVM scores in memory", threads=2, target=1 / two,
                   ours=[own(precision, "score", 2)], theirs=[LIBSVM], errors=accuracy(precision, "score"))  # fmt: skip
        yield dict(work=f"score, {precision}", against="LIBSVM scores in memory", threads=1, target=None,
                   ours=[own(precision, "score", 1)], theirs=[LIBSVM], errors=accuracy(precision, "score"))  # fmt: skip
    for kind, word in (("median_us", "median"), ("p99_us", "99th percentile")):
        for precision in ("float64", "float32"):
            yield dict(work=f"explain one row, {precision}, {word}", against="LIBSVM scores one row", threads=1, target=1 / 3,
                       ours=[latency(f"{precision} explain", kind)], theirs=[latency("LIBSVM score", kind)], errors=accuracy(precision))  # fmt: skip


def _peers():
    for precision in ("float64", "float32"):
        for threads in (1, 2):
            yield dict(work=f"explain, {precision}", against="NumPy explains (three products)", threads=threads, target=None,
                       ours=[("peers", "results", {"name": f"Ocelot {precision} explain", "threads": threads}, "best_ms")],
                       theirs=[("peers", "results", {"name": f"NumPy {precision} explain", "threads": threads}, "best_ms")], errors=accuracy(precision))  # fmt: skip
    yield dict(work="explain, float64", against="scikit-learn scores", threads=1, target=None,
               ours=[("peers", "results", {"name": "Ocelot float64 explain", "threads": 1}, "best_ms")],
               theirs=[("peers", "results", {"name": "scikit-learn decision_function"}, "best_ms")], errors=accuracy("float64"))  # fmt: skip


def _sparse_and_processes():
    yield dict(work="explain sparse rows, d 400 to 100,000, the worst", against="LIBSVM scores", threads=1, target=1 / 9,
               ours=[("sparse", "results", ALL, "explain_us")], theirs=[("sparse", "results", ALL, "libsvm_us")],
               errors=[("sparse", "results", ALL, "score_error"), ("sparse", "results", ALL, "relevance_error")])  # fmt: skip
    for name, target in (("ocelot explain, JSON lines", 4), ("ocelot explain, CSV", 6)):
        yield dict(work=f"`{name.replace(',', '`,', 1)}, whole process", against=PREDICT, threads=2, target=1 / target, ours=[process(name)],
                   theirs=[process("svm-predict (scores)")], errors=accuracy("float64"))  # fmt: skip


def _training():
    case = "normal-20000"
    yield dict(work="train 20,000 x 100", against=SKLEARN, threads=1, target=1 / 10, ours=[training(case, "own", "seconds")],
               theirs=[training(case, "sklearn", "seconds")], errors=trained(case))  # fmt: skip
    yield dict(work="train 20,000 x 100", against="svm-train, whole process", threads=1, target=1 / 40, ours=[training(case, "own", "seconds")],
               theirs=[training(case, "processes", "svm-train")], errors=trained(case))  # fmt: skip
    yield dict(work="`ocelot train` 20,000 x 100, whole process", against="svm-train, whole process", threads=1, target=1 / 40,
               ours=[training(case, "processes", "own")], theirs=[training(case, "processes", "svm-train")], errors=trained(case))  # fmt: skip
    yield dict(work="train, the worst of four other problems", against=SKLEARN, threads=1, target=1 / 4,
               ours=[training(c, "own", "seconds") for c in WORST], theirs=[training(c, "sklearn", "seconds") for c in WORST],
               errors=[path for c in WORST for path in trained(c)])  # fmt: skip


def _networks():
    for name, title in (("vgg16", "VGG16"), ("googlenet", "GoogLeNet"), ("resnet18", "ResNet18"), ("squeezenet1_1", "SqueezeNet 1.1")):
        yield dict(work=f"{title}, {PLUS}, forward + relevance", against="torch forward", threads=2, target=1.25,
                   ours=[network(name, "ms", PLUS, "best")], theirs=[network(name, "ms", "torch", "best")], errors=[("network-errors", "errors", name, PLUS)])  # fmt: skip
        yield dict(work=f"{title}, {GAMMA_BOX}", against=PLUS, threads=2, target=1.3, ours=[network(name, "ms", GAMMA_BOX, "best")],
                   theirs=[network(name, "ms", PLUS, "best")], errors=[("network-errors", "errors", name, GAMMA_BOX)])  # fmt: skip


def _rest():
    yield dict(work="memory of streaming commands, many rows", against="the same, few rows", threads=2, target=1.1,
               ours=[("memory", "commands", ALL, "large_mb")], theirs=[("memory", "commands", ALL, "small_mb")], errors=[])  # fmt: skip
    for work in ("score", "explain"):
        yield dict(work=f"{work} 1 row x 20 support vectors, float64", against="the plain loops", threads=1, target=1.0, ours=[small(f"float64 {work}")],
                   theirs=[small(f"reference {work}")], errors=accuracy("float64"))  # fmt: skip
        yield dict(work=f"{work} 1 row x 20 support vectors, float64", against="LIBSVM scores", threads=1, target=None,
                   ours=[small(f"float64 {work}")], theirs=[small("LIBSVM score")], errors=accuracy("float64"))  # fmt: skip
    brief = "ocelot explain, CSV, 10 rows"
    yield dict(work="`ocelot explain` of 10 rows x 20 support vectors, whole process", against="the plain loops", threads=1, target=1.1,
               ours=[process(brief, "cpu_ms", "small-processes")], theirs=[process(brief + ", reference arithmetic", "cpu_ms", "small-processes")],
               errors=[])  # fmt: skip
    yield dict(work="`ocelot --help`", against="10 ms", threads=1, target=1.0, ours=[process("ocelot --help", "best_ms", "small-processes")],
               theirs=[10.0], errors=[])  # fmt: skip


# work, against: as printed; threads: of both sides, unless `against` is one thread's work; target: the largest ratio ours / theirs (None: only
# said); errors: paths to the largest errors of scores and relevances.
ROWS = [row for part in (_explains, _peers, _sparse_and_processes, _training, _networks, _rest) for row in part()]

# The programs: what is started, with {build}, {json}, {nets} filled in; `quick` replaces what follows the last `--turns`, `--repeats`.
# `environment`: threads of those peers that look there.
BENCHES = {
    "svm": dict(words=["{build}/tests/bench/ocelot-bench-svm", "--json", "{json}", "--repeats", "15"]),
    "peers": dict(words=["{python}", "{here}/peers.py", "{build}", "--json", "{json}", "--turns", "7"]),
    "sparse": dict(words=["{build}/tests/bench/ocelot-bench-sparse", "--json", "{json}", "--repeats", "7"]),
    "processes": dict(words=["{build}/tests/bench/ocelot-bench-processes", "--json", "{json}", "--repeats", "9"]),
    "small": dict(words=["{build}/tests/bench/ocelot-bench-small", "--json", "{json}", "--repeats", "499"]),
    "small-processes": dict(words=["{build}/tests/bench/ocelot-bench-processes", "--units", "20", "--features", "10", "--rows", "10", "--threads", "1",
                                   "--json", "{json}", "--repeats", "51"]),  # fmt: skip
    "training": dict(words=["{python}", "{here}/training.py", "{build}", "--json", "{json}", "--turns", "3"], environment={"OPENBLAS_NUM_THREADS": "1"}),
    "networks": dict(words=["{python}", "{here}/networks.py", "{build}/tests/bench/ocelot-bench-network", "vgg16", "googlenet", "resnet18",
                            "squeezenet1_1", "--nets", "{nets}", "--json", "{json}", "--turns", "7"], environment={"OMP_NUM_THREADS": "2"}),  # fmt: skip
    "network-errors": dict(words=["{python}", "{here}/network_errors.py", "{build}", "--nets", "{nets}", "--json", "{json}"]),
    "memory": dict(words=["{python}", "{here}/memory.py", "{build}", "--json", "{json}"]),
}

PACKAGES = ["libsvm3", "libsvm-tools", "python3-sklearn", "python3-numpy", "libopenblas0-pthread", "python3-torch", "libdnnl2"]
