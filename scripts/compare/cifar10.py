# SPDX-License-Identifier: MIT
"""CIFAR-10 as the comparisons with PyTorch see it: records, splits by digest, augmentation.

A split is a folder of text files (train.txt, validation.txt, test.txt); a line is the SHA-256, in
hexadecimal, of one 3,073-byte record. So it does not depend on the order of the records in the
archive, and any program that can hash can read it.
"""
import hashlib
import os

import numpy as np

RECORD = 3073
FILES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
MEAN = (.4914, .4822, .4465)
STD = (.2470, .2435, .2616)
PADDING = 4


class Images:
    """All 60,000 records: labels, pixels (n, 3, 32, 32) uint8, and the index of each digest."""

    def __init__(self, folder):
        blob = b"".join(open(os.path.join(folder, name), "rb").read() for name in FILES)
        records = np.frombuffer(blob, np.uint8).reshape(-1, RECORD)
        self.labels = records[:, 0]
        self.pixels = records[:, 1:].reshape(-1, 3, 32, 32)
        self.digests = [hashlib.sha256(blob[i:i + RECORD]).hexdigest() for i in range(0, len(blob), RECORD)]
        self.index = {digest: i for i, digest in enumerate(self.digests)}
        if len(self.index) != len(records):
            raise SystemExit(f"{folder}: two records are equal (a digest must name one image)")


def draw_split(images, folder, sizes, seed):
    """Draws disjoint sets of the given sizes, {name: size}, and writes name.txt each.
    The records are sorted by digest first: any order of the archive's records gives the same split."""
    digests = sorted(images.digests)
    order = np.random.default_rng(seed).permutation(len(digests))
    os.makedirs(folder, exist_ok=True)
    first = 0
    for name, size in sizes.items():
        with open(os.path.join(folder, name + ".txt"), "w") as out:
            out.writelines(digests[i] + "\n" for i in order[first:first + size])
        first += size


def read_split(images, folder, name):
    """Indices into images of the records that folder/name.txt lists, in the order of the file."""
    with open(os.path.join(folder, name + ".txt")) as lines:
        return np.array([images.index[line.strip()] for line in lines])


def normalise(pixels):
    """uint8 (n, 3, h, w) -> float32 (n, 3, h, w)."""
    mean, std = (np.array(v, np.float32)[:, None, None] for v in (MEAN, STD))
    return (pixels.astype(np.float32) / np.float32(255) - mean) / std


def draw_augmentation(rng, n):
    """One decision an image: flip (0, 1), and the crop's corner dy, dx in the padded image (0..8)."""
    return (rng.integers(0, 2, n, np.uint8), rng.integers(0, 2 * PADDING + 1, n, np.uint8),
            rng.integers(0, 2 * PADDING + 1, n, np.uint8))


def augment(pixels, flip, dy, dx):
    """Pads with black by 4, crops 32 x 32 at (dy, dx), then flips. Pixels stay bytes: normalise after."""
    padded = np.pad(pixels, ((0, 0), (0, 0), (PADDING, PADDING), (PADDING, PADDING)))
    out = np.empty_like(pixels)
    height, width = pixels.shape[2:]
    for i, (f, y, x) in enumerate(zip(flip, dy, dx)):
        crop = padded[i, :, y:y + height, x:x + width]
        out[i] = crop[:, :, ::-1] if f else crop
    return out
