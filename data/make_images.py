"""The images: 8x8 digits of scikit-learn as NumPy files, ankle boots of Fashion-MNIST as gzipped IDX."""
import csv
import gzip
import io
import struct
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FASHION = Path("/usr/share/datasets/fashion-mnist")
GARMENTS = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
BOOT = 9


def write_labels(path, labels):
    """row,label,what for the rows of a picture file, which has no place for them."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["row", "label", "what"])
    out.writerows([i, int(anomalous), what] for i, (anomalous, what) in enumerate(labels))
    path.write_text(text.getvalue())


def make_digits(folder):
    """Zeros train; zeros not seen and the first 5 of each other digit test. Grey values 0..16, shape (N, 8, 8)."""
    data = load_digits()
    zeros = np.flatnonzero(data.target == 0)
    train = zeros[np.arange(len(zeros)) % 4 != 0]
    test = np.concatenate([zeros[::4]] + [np.flatnonzero(data.target == k)[:5] for k in range(1, 10)])
    images = data.images.astype(np.uint8)
    assert (images == data.images).all()
    np.save(folder / "digits-zero-train.npy", images[train])
    np.save(folder / "digits-zero-test.npy", images[test])
    write_labels(folder / "digits-zero-test-labels.csv", [(k != 0, f"digit {k}") for k in data.target[test]])


def read_idx(name):
    data = gzip.decompress((FASHION / name).read_bytes())
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def write_idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes(), 9, mtime=0))


def make_boots(folder):
    """The first 300 ankle boots of the training part train; 30 boots and 10 garments of the test part test."""
    images, labels = read_idx("train-images-idx3-ubyte.gz"), read_idx("train-labels-idx1-ubyte.gz")
    write_idx(folder / "boots-train.idx3.gz", images[np.flatnonzero(labels == BOOT)[:300]])
    images, labels = read_idx("t10k-images-idx3-ubyte.gz"), read_idx("t10k-labels-idx1-ubyte.gz")
    others = [np.flatnonzero(labels == k)[0] for k in range(BOOT)] + [np.flatnonzero(labels == 7)[1]]
    test = np.concatenate([np.flatnonzero(labels == BOOT)[:30], others])
    write_idx(folder / "boots-test.idx3.gz", images[test])
    write_labels(folder / "boots-test-labels.csv", [(k != BOOT, GARMENTS[k]) for k in labels[test]])


def plant(image, where, kind, rng):
    """One defect inside the shoe: a hole, a 5 x 5 square of noise, or a scratch. `where` is marked with 255."""
    ys, xs = np.mgrid[4:24, 4:24]
    inside = [(y, x) for y, x in zip(ys.ravel(), xs.ravel()) if (image[y - 2 : y + 3, x - 2 : x + 3] > 50).all()]
    y, x = inside[rng.integers(len(inside))]
    if kind == "scratch":
        for step in range(-4, 5):
            image[y + step, x - step] = 0
            where[y + step, x - step] = 255
        return
    square = np.s_[y - 2 : y + 3, x - 2 : x + 3]
    image[square] = 0 if kind == "hole" else 255 * rng.integers(2, size=(5, 5))
    where[square] = 255


def make_defects(folder):
    """The 30 boots of the test part again, each with a defect, and where it is."""
    images, labels = read_idx("t10k-images-idx3-ubyte.gz"), read_idx("t10k-labels-idx1-ubyte.gz")
    boots = images[np.flatnonzero(labels == BOOT)[:30]].copy()
    where = np.zeros_like(boots)
    rng = np.random.default_rng(1)
    for row, (image, mark) in enumerate(zip(boots, where)):
        plant(image, mark, ("hole", "noise", "scratch")[row % 3], rng)
    write_idx(folder / "boots-defects.idx3.gz", boots)
    write_idx(folder / "boots-defects-where.idx3.gz", where)


def make(folder):
    make_digits(folder)
    make_boots(folder)
    make_defects(folder)
