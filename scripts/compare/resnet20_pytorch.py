#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Trains a ResNet-20 in PyTorch by the study's protocol, to compare test accuracies with the library's.

usage: resnet20_pytorch.py --data FOLDER --split FOLDER --seed N --out FILE.json
       resnet20_pytorch.py --data FOLDER --split FOLDER --draw-split 20261123

FOLDER of --data holds data_batch_1..5.bin and test_batch.bin. Writes one JSON file: test accuracy of
the last epoch's network and of the one with the best validation accuracy (ties: the earliest), the
metrics of every epoch, time and images per second.
"""
import argparse
import copy
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

import cifar10
from resnet import ResNet

SIZES = {"train": 2500, "validation": 1000, "test": 15000}


def accuracy(net, x, labels):
    net.eval()
    with torch.no_grad():
        right = sum((net(x[i:i + 500]).argmax(1) == labels[i:i + 500]).sum().item() for i in range(0, len(x), 500))
    return 100 * right / len(x)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", required=True)
    parser.add_argument("--draw-split", type=int, metavar="SEED", help="draw and write the split, then stop")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--milestones", type=int, nargs="*", default=[30, 45])
    parser.add_argument("--lr", type=float, default=.03)
    parser.add_argument("--weight-decay", type=float, default=.005)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--segments", type=int, default=0)
    parser.add_argument("--factors", type=int, default=2)
    args = parser.parse_args()

    images = cifar10.Images(args.data)
    if args.draw_split is not None:
        cifar10.draw_split(images, args.split, SIZES, args.draw_split)
        return
    train, validation, test = (cifar10.read_split(images, args.split, name) for name in SIZES)
    evaluation = {name: (torch.from_numpy(cifar10.normalise(images.pixels[part])),
                         torch.from_numpy(images.labels[part].astype(np.int64)))
                  for name, part in (("train", train), ("validation", validation), ("test", test))}

    torch.manual_seed(args.seed)
    rng = np.random.default_rng([args.seed, 1])  # order and augmentation
    net = ResNet(segments=args.segments, factors=args.factors)
    optimiser = torch.optim.SGD(net.parameters(), args.lr, momentum=.9, weight_decay=args.weight_decay)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, args.milestones, .1)
    epochs, best, training_time, begun = [], None, 0., time.time()
    for epoch in range(args.epochs):
        net.train()
        started, loss_sum, right = time.time(), 0., 0
        order = rng.permutation(train)
        for first in range(0, len(order), args.batch):
            batch = order[first:first + args.batch]
            pixels = cifar10.augment(images.pixels[batch], *cifar10.draw_augmentation(rng, len(batch)))
            labels = torch.from_numpy(images.labels[batch].astype(np.int64))
            logits = net(torch.from_numpy(cifar10.normalise(pixels)))
            loss = F.cross_entropy(logits, labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss_sum += loss.item() * len(batch)
            right += (logits.argmax(1) == labels).sum().item()
        schedule.step()
        training_time += time.time() - started
        row = {"epoch": epoch + 1, "loss": loss_sum / len(train), "train_accuracy": 100 * right / len(train),
               "validation_accuracy": accuracy(net, *evaluation["validation"])}
        epochs.append(row)
        if best is None or row["validation_accuracy"] > best[0]["validation_accuracy"]:
            best = (row, copy.deepcopy(net.state_dict()))
        print(f"seed {args.seed} epoch {row['epoch']}: loss {row['loss']:.4f}, training {row['train_accuracy']:.2f} %, "
              f"validation {row['validation_accuracy']:.2f} %", flush=True)

    result = {"program": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "seed": args.seed,
              "epochs": args.epochs, "milestones": args.milestones, "learning_rate": args.lr,
              "weight_decay": args.weight_decay, "batch": args.batch,
              "segments": args.segments, "factors": args.factors,
              "images": {name: len(part) for name, part in (("train", train), ("validation", validation), ("test", test))},
              "parameters": sum(p.numel() for p in net.parameters()),
              "last": {"test_accuracy": accuracy(net, *evaluation["test"]),
                       "train_accuracy": accuracy(net, *evaluation["train"])}}
    net.load_state_dict(best[1])
    result["best"] = {"epoch": best[0]["epoch"], "validation_accuracy": best[0]["validation_accuracy"],
                      "test_accuracy": accuracy(net, *evaluation["test"]),
                      "train_accuracy": accuracy(net, *evaluation["train"])}
    result["training_images_per_second"] = len(train) * args.epochs / training_time
    result["seconds"] = time.time() - begun
    result["history"] = epochs
    print(f"seed {args.seed}: test {result['last']['test_accuracy']:.2f} % last, "
          f"{result['best']['test_accuracy']:.2f} % best", flush=True)
    if args.out:
        with open(args.out, "w") as out:
            json.dump(result, out, indent=1)


if __name__ == "__main__":
    main()
