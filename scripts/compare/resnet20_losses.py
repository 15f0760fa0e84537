#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The first losses of a ResNet-20's training from given weights, order and augmentation.

usage: resnet20_losses.py --data FOLDER --split FOLDER --out FILE.safetensors

Writes one safetensors file with everything another program needs to repeat the run, and the losses:
  parameters/NAME, state/NAME   the initial weights, float32, and the BN statistics
  order                         (steps, 256) positions in the split's train.txt; -1 after a partial batch
  flip, dy, dx                  (steps, 256) augmentation of those images: the crop's corner is (dy, dx)
                                in the image padded by 4; the flip comes after the crop
  losses/float64                (steps) losses computed in double: the reference
  losses/float32                (runs, steps) in single precision. Run 0 is as given; the others put the
                                images of every batch in another order, which changes only how rounding
                                errors fall: their spread is what single precision can promise.
"""
import argparse

import numpy as np
import torch
import torch.nn.functional as F

import cifar10
import safetensors_io
from resnet import ResNet

BATCH = 256


def run(weights, images, train, plan, dtype, learning_rate, weight_decay, shuffle_seed=None):
    net = ResNet()
    net.load_state_dict(weights)
    net.to(dtype).train()
    optimiser = torch.optim.SGD(net.parameters(), learning_rate, momentum=.9, weight_decay=weight_decay)
    rng = np.random.default_rng(shuffle_seed)
    losses = []
    for order, flip, dy, dx in zip(*plan):
        use = np.flatnonzero(order >= 0)
        if shuffle_seed is not None:
            use = rng.permutation(use)
        batch = train[order[use]]
        pixels = cifar10.augment(images.pixels[batch], flip[use], dy[use], dx[use])
        x = torch.from_numpy(pixels).to(dtype) / 255
        mean, std = (torch.tensor(v, dtype=dtype)[:, None, None] for v in (cifar10.MEAN, cifar10.STD))
        loss = F.cross_entropy(net((x - mean) / std), torch.from_numpy(images.labels[batch].astype(np.int64)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return np.array(losses)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=4, help="runs in single precision")
    parser.add_argument("--lr", type=float, default=.03)
    parser.add_argument("--weight-decay", type=float, default=.005)
    args = parser.parse_args()

    images = cifar10.Images(args.data)
    train = cifar10.read_split(images, args.split, "train")
    rng = np.random.default_rng(args.seed)
    plan = np.full((4, args.steps, BATCH), -1, np.int64)  # order, flip, dy, dx
    step = 0
    while step < args.steps:
        order = rng.permutation(len(train))
        for first in range(0, len(order), BATCH):
            batch = order[first:first + BATCH]
            if step < args.steps:
                plan[0, step, :len(batch)] = batch
                plan[1:, step, :len(batch)] = cifar10.draw_augmentation(rng, len(batch))
            step += 1

    torch.manual_seed(args.seed)
    net = ResNet()
    weights = {name: value.clone() for name, value in net.state_dict().items()}
    settings = (weights, images, train, plan)
    rates = (args.lr, args.weight_decay)
    single = np.stack([run(*settings, torch.float32, *rates, None if k == 0 else k) for k in range(args.runs)])
    double = run(*settings, torch.float64, *rates)

    tensors = {}
    for name, value in net.named_parameters():
        tensors["parameters/" + name] = weights[name].numpy()
    for name, value in net.named_buffers():
        if "running" in name:
            tensors["state/" + name] = weights[name].numpy()
    tensors["order"] = plan[0]
    for name, row in zip(("flip", "dy", "dx"), plan[1:]):
        tensors[name] = np.maximum(row, 0).astype(np.uint8)
    tensors["losses/float64"] = double
    tensors["losses/float32"] = single
    safetensors_io.save(args.out, tensors, {
        "made_by": f"resnet20_losses.py, PyTorch {torch.__version__}", "learning_rate": str(args.lr),
        "weight_decay": str(args.weight_decay), "momentum": "0.9", "seed": str(args.seed)})
    gap = np.abs(single / double - 1)
    for s in range(args.steps):
        print(f"step {s + 1:2d}  float64 {double[s]:.9f}  float32 relative to it: " + " ".join(f"{g:.1e}" for g in gap[:, s]))
    print("largest: " + " ".join(f"{g:.2e}" for g in gap.max(1)))


if __name__ == "__main__":
    main()
