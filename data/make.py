#!/usr/bin/env python3
"""Makes every file of data/ again from Debian packages, or checks them.

    data/make.py                 write all files and SHA256SUMS
    data/make.py --check         checksums of the files as they are, then make all again and compare
    data/make.py --sums          checksums only (needs no package)
    data/make.py --ocelot PATH   also train models/*.model of Ocelot's own with that `ocelot`

Packages: python3-numpy python3-sklearn r-base-core r-cran-mlbench dataset-fashion-mnist libsvm-tools.
Run it with Debian's own /usr/bin/python3, which sees the first two.
"""
import argparse
import gzip
import hashlib
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = HERE / "SHA256SUMS"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_sums():
    """{name: sha256} as sha256sum writes it; `sha256sum -c SHA256SUMS` checks the same."""
    return {line[66:]: line[:64] for line in SUMS.read_text().splitlines()}


def same_numbers(a, b):
    """Two text files that differ only in rounding.

    LIBSVM's solver calls exp(), whose last bit depends on the processor's fused multiply-add, so a model made elsewhere may
    differ there; the solver stops at 1e-3, and 1e-6 leaves room for what the last bit grows to on its way.
    """
    left, right = (re.split(rb"[\s:]+", path.read_bytes()) for path in (a, b))
    if len(left) != len(right):
        return False
    for x, y in zip(left, right):
        if x != y:
            try:
                x, y = float(x), float(y)
            except ValueError:
                return False
            if not abs(x - y) <= 1e-6 * max(1.0, abs(x)):
                return False
    return True


def compare(name, made, stored):
    """None if equal, else what differs. gzip: another zlib may pack the same bytes otherwise."""
    if made.read_bytes() == stored.read_bytes():
        return None
    if name.endswith(".gz"):
        return None if gzip.decompress(made.read_bytes()) == gzip.decompress(stored.read_bytes()) else "content differs"
    if name.startswith("models/"):
        return None if same_numbers(made, stored) else "numbers differ by more than rounding"
    return "content differs"


def check_sums():
    wrong = 0
    for name, want in read_sums().items():
        path = HERE / name
        if not path.exists():
            print(f"{name}: missing", file=sys.stderr)
            wrong += 1
        elif digest(path) != want:
            print(f"{name}: SHA-256 is not the one in SHA256SUMS", file=sys.stderr)
            wrong += 1
    return wrong


def make_all(folder):
    # Imported here so that --sums runs without any package.
    import make_images
    import make_models
    import make_tables

    folder.joinpath("models").mkdir(parents=True, exist_ok=True)
    for module in (make_tables, make_images, make_models):
        module.make(folder)


def check_again():
    wrong = 0
    with tempfile.TemporaryDirectory() as tmp:
        make_all(Path(tmp))
        made = {str(p.relative_to(tmp)) for p in Path(tmp).rglob("*") if p.is_file()}
        # Models of Ocelot's own need a built `ocelot`, and what train_fashion.py made comes out otherwise on another machine: both are
        # listed in SHA256SUMS, and their sums were checked above.
        for name in sorted(made):
            trouble = compare(name, Path(tmp, name), HERE / name) if (HERE / name).exists() else "is not in data/"
            if name not in read_sums():
                trouble = "is not in SHA256SUMS"
            if trouble:
                print(f"{name}: made again, {trouble}", file=sys.stderr)
                wrong += 1
    return wrong


def write_sums():
    made = [p for p in HERE.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc", ".md") and p != SUMS]
    SUMS.write_text("".join(f"{digest(p)}  {p.relative_to(HERE)}\n" for p in sorted(made)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--sums", action="store_true", help="checksums only")
    parser.add_argument("--ocelot", metavar="PATH", help="a built `ocelot`: train its own models too")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE))

    if args.check or args.sums:
        wrong = check_sums()
        if args.check:
            wrong += check_again()
        print("data: all as it should be" if not wrong else f"data: {wrong} files differ")
        return 1 if wrong else 0

    make_all(HERE)
    if args.ocelot:
        import make_models

        make_models.train_own(HERE, args.ocelot)
    write_sums()
    return 0


if __name__ == "__main__":
    sys.exit(main())
