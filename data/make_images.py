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


def make(folder):
    make_digits(folder)
    make_boots(folder)
