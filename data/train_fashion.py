#!/usr/bin/env python3
"""Trains models/fashion.onnx, a small ReLU CNN on Fashion-MNIST, and picks the test garments shown with it.

    data/train_fashion.py [FOLDER]      writes FOLDER/models/fashion.onnx, models/fashion-classes.txt, garments-*.png; FOLDER is data/

Packages: python3-torch python3-onnx python3-numpy python3-pil dataset-fashion-mnist, and /usr/bin/python3, which sees them. Takes about
two minutes on one core. Seeds are fixed, but the order in which a processor sums is not: another machine gets another network of the same
quality, so data/make.py only checks the checksum of the one that is kept.

Input: (N, 1, 28, 28), grey values divided by 255, so 0..1, garments light on black. Output: 10 logits.
"""
import argparse
import gzip
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

FASHION = Path("/usr/share/datasets/fashion-mnist")
GARMENTS = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
SHOWN = ["ankle boot", "sneaker", "sandal", "bag", "trouser", "dress", "pullover", "T-shirt"]  # one picture each
EPOCHS, BATCH, RATE = 8, 128, 0.004


def read_idx(name):
    data = gzip.decompress((FASHION / name).read_bytes())
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def load(part):
    """Grey values 0..255, and labels."""
    return read_idx(f"{part}-images-idx3-ubyte.gz"), read_idx(f"{part}-labels-idx1-ubyte.gz").astype(np.int64)


def tensors(images):
    return torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)


def network():
    """conv-conv-pool-conv-pool-dense, biases on: 20 218 numbers."""
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 48, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(48 * 5 * 5, len(GARMENTS)))


def train(net, images, labels):
    """Adam with one cycle of the learning rate; half of the pictures mirrored in each epoch, as clothes may be."""
    steps = EPOCHS * ((len(images) + BATCH - 1) // BATCH)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE, weight_decay=1e-5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    loss_of = nn.CrossEntropyLoss()
    for epoch in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            batch = images[rows]
            mirrored = torch.rand(len(rows)) < 0.5
            batch[mirrored] = batch[mirrored].flip(-1)
            loss = loss_of(net(batch), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1} of {EPOCHS}: training loss {total / len(images):.4f}", flush=True)


def logits(net, images):
    with torch.no_grad():
        return torch.cat([net(part) for part in images.split(1000)])


def export(net, path, accuracy):
    """Opset 13, dynamic batch; ONNX's own metadata words for pictures say what the input is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, torch.zeros(1, 1, 28, 28), path, opset_version=13, input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})
    model = onnx.load(path)
    model.doc_string = f"Garments of Fashion-MNIST, by data/train_fashion.py; test accuracy {100 * accuracy:.2f} %"
    words = {"Image.BitmapPixelFormat": "Gray8", "Image.NominalPixelRange": "Normalized_0_1", "classes": ",".join(GARMENTS)}
    onnx.helper.set_model_props(model, words)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def save_garments(folder, images, labels, scores):
    """The first test picture of each kind that the network names rightly with at least 90 %."""
    sure = torch.softmax(scores, 1).numpy()
    for name in SHOWN:
        kind = GARMENTS.index(name)
        row = next(i for i in range(len(images)) if labels[i] == kind and sure[i].argmax() == kind and sure[i].max() >= 0.9)
        Image.fromarray(images[row]).save(folder / f"garments-{name.lower().replace(' ', '-')}.png", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    folder = parser.parse_args().folder
    (folder / "models").mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(1)

    images, labels = load("train")
    net = network()
    print(f"{sum(p.numel() for p in net.parameters())} parameters")
    train(net, tensors(images), torch.from_numpy(labels))

    images, labels = load("t10k")
    scores = logits(net.eval(), tensors(images))
    accuracy = (scores.argmax(1).numpy() == labels).mean()
    print(f"test accuracy {100 * accuracy:.2f} %")
    export(net, folder / "models" / "fashion.onnx", accuracy)
    (folder / "models" / "fashion-classes.txt").write_text("\n".join(GARMENTS) + "\n")
    save_garments(folder, images, labels, scores)


if __name__ == "__main__":
    main()
