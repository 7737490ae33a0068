"""The models: foreign ones, written by Debian's svm-train on data scaled by svm-scale, and (with a built `ocelot`) our own.

svm-predict wants the scaled test file; a program that reads the range file can take the raw one. Both are kept.
"""
import csv
import subprocess
from pathlib import Path


def rows_of(path):
    """(values as written, label) of a table of ours: first column id, last column label."""
    with open(path, newline="") as file:
        return [(row[1:-1], int(row[-1])) for row in list(csv.reader(file))[1:]]


def write_libsvm(path, rows):
    """+1 normal, -1 anomaly, as a one-class model predicts. Zeros are left out, as LIBSVM's own files do."""
    with open(path, "w") as out:
        for values, label in rows:
            nodes = " ".join(f"{i}:{v}" for i, v in enumerate(values, 1) if float(v) != 0)
            out.write(f"{'-1' if label else '+1'} {nodes}\n")


def svm_scale(source, target, *options):
    with open(target, "w") as out:
        # svm-scale tells on stderr how many zeros became non-zeros: harmless here.
        subprocess.run(["svm-scale", *options, str(source)], check=True, stdout=out, stderr=subprocess.DEVNULL)


def foreign(folder, name, train, test, *options):
    """NAME.range, NAME.model, NAME-test.libsvm (raw) and NAME-test-scaled.libsvm."""
    models = folder / "models"
    raw, scaled = models / "train.tmp", models / "train-scaled.tmp"
    write_libsvm(raw, train)
    svm_scale(raw, scaled, "-s", str(models / f"{name}.range"))
    subprocess.run(["svm-train", "-q", *options, str(scaled), str(models / f"{name}.model")], check=True)
    write_libsvm(models / f"{name}-test.libsvm", test)
    svm_scale(models / f"{name}-test.libsvm", models / f"{name}-test-scaled.libsvm", "-r", str(models / f"{name}.range"))
    raw.unlink()
    scaled.unlink()


def make(folder):
    # One-class: the same rows as glass-train.csv and glass-test.csv, so that both kinds of model can be compared.
    foreign(folder, "glass-oneclass", rows_of(folder / "glass-train.csv"), rows_of(folder / "glass-test.csv"),
            "-s", "2", "-t", "2", "-n", "0.1", "-g", "1")  # fmt: skip
    # Two classes: benign +1, malignant -1; three of four rows train.
    wdbc = rows_of(folder / "wdbc.csv")
    foreign(folder, "wdbc-csvc", [r for i, r in enumerate(wdbc) if i % 4], wdbc[::4], "-s", "0", "-t", "2", "-c", "1", "-g", "0.1")


def train_own(folder, ocelot):
    """A model with a card (names, scaling, quantiles, held-out scores) by our own command with its defaults."""
    subprocess.run([str(Path(ocelot).resolve()), "train", "--id", "id", "--label", "label", str(folder / "glass-train.csv"),
                    "-o", str(folder / "models" / "glass.model")], check=True)  # fmt: skip
