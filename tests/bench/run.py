#!/usr/bin/env python3
"""Runs every bench one after another and prints one table: what was to be reached, what was.

    /usr/bin/python3 tests/bench/run.py build/release [--out FOLDER] [--only NAME...] [--quick] [--nets FOLDER] [--page docs/performance.md]

For a quiet machine: nothing else may run. Each bench interleaves both sides of its ratios and writes FOLDER/NAME.json (FOLDER: build/release/bench);
table.md and table.json come from all of these files, also from those that an earlier run left there, so --only refreshes a part (--only with no
name: only the table). --quick takes few turns, to try the command. --nets is a folder that data/make_torchvision.py filled. --page
replaces the table between the two comments `<!-- bench -->` of a page. Packages: targets.py names them; what is missing is `no figure`, not met.
The rows and the benches are data: targets.py. Ends with 1 when a bench failed."""
import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import table
import targets

QUICK, TURNS = "2", ("--turns", "--repeats")
MARK = "<!-- bench -->"
BUSY = 1.5  # processes that want to run; the bench before still counts for a while


def command(name, args, file):
    places = {"build": args.build, "json": file, "nets": args.nets, "here": Path(__file__).resolve().parent, "python": sys.executable}
    words = [str(word).format(**places) for word in targets.BENCHES[name]["words"]]
    for k, word in enumerate(words[:-1]):
        if args.quick and word in TURNS:
            words[k + 1] = QUICK
    return words


def run(name, args, folder):
    """Whether the bench left its JSON; the text of the program goes to NAME.txt."""
    file, began, waiting = folder / f"{name}.json", time.time(), os.getloadavg()[0]
    file.unlink(missing_ok=True)
    with open(folder / f"{name}.txt", "w", encoding="utf-8") as text:
        try:
            status = subprocess.run(command(name, args, file), stdout=text, stderr=subprocess.STDOUT, check=False,
                                    env={**os.environ, **targets.BENCHES[name].get("environment", {})}).returncode  # fmt: skip
        except OSError as trouble:
            text.write(f"{trouble}\n")
            status = 127
    good = status == 0 and file.exists()
    busy = "" if waiting < BUSY else f", but the machine was busy (load {waiting:.1f})"
    (folder / f"{name}.load").write_text(f"{waiting}\n", encoding="utf-8")
    print(f"{name}: {'done' if good else f'failed, see {text.name}'} after {time.time() - began:.0f} s{busy}", flush=True)
    return good


def read(folder):
    measured = {}
    for name in targets.BENCHES:
        try:
            measured[name] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            measured[name] = {}
    return measured


def load(folder):
    """The highest load that a bench began under."""
    return max((float(file.read_text(encoding="utf-8")) for file in folder.glob("*.load")), default=0.0)


def machine(folder):
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if line.startswith("model name")), "")
    versions = {}
    for package in targets.PACKAGES:
        asked = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
        versions[package] = asked.stdout if asked.returncode == 0 and asked.stdout else "not installed"
    return {"date": time.strftime("%Y-%m-%d"), "cpu": cpu, "cpus": os.cpu_count(), "system": platform.platform(), "packages": versions,
            "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", "unset"), "load": load(folder)}  # fmt: skip


def page_of(rows, about):
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    promised = [r["met"] for r in rows if r["met"] is not None]
    busy = f" **Other work ran beside (load up to {about['load']:.1f}): do not rely on figures of two threads.**" if about["load"] >= BUSY else ""
    return (f"{about['date']}, {about['cpus']} cores of {about['cpu']}; {packages}. OPENBLAS_CORETYPE {about['openblas_coretype']}. "
            f"{sum(promised)} of {len(promised)} targets met.{busy}\n\n" + table.markdown(rows))  # fmt: skip


def replace(page, text):
    before, _, after = page.read_text(encoding="utf-8").split(MARK)
    page.write_text(f"{before}{MARK}\n{text}{MARK}{after}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--out", type=Path, help="folder of the results")
    parser.add_argument("--only", nargs="*", choices=list(targets.BENCHES), metavar="NAME", help=", ".join(targets.BENCHES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--nets", type=Path, default=Path("nets"))
    parser.add_argument("--page", type=Path)
    args = parser.parse_args()
    folder = args.out or args.build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    good = [run(name, args, folder) for name in (targets.BENCHES if args.only is None else args.only)]
    measured, about = read(folder), machine(folder)
    rows = [table.judge(measured, row) for row in targets.ROWS]
    text = page_of(rows, about)
    (folder / "table.md").write_text(text, encoding="utf-8")
    (folder / "table.json").write_text(json.dumps({"machine": about, "rows": rows}, indent=1), encoding="utf-8")
    if args.page:
        replace(args.page, text)
    print("\n" + text)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
