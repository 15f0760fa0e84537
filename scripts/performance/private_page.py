#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the page of private training steps from a measurement of measure_private.py, as kept.py keeps it.

usage: private_page.py MEASUREMENT PAGE
"""
import kept
from measure_private import NETWORKS
from page import Series, measured_on, table, write_page

NAMES = {"dense": "dense", "S3L2": "S3L2, butterflies in all segments", "imp-16": "pruned sixteen times, 3 % of the weights"}
WAYS = {"hooks": "hooks", "functorch": "functorch", "ew": "expanded weights", "ghost": "ghost clipping, which goes backward twice"}
MOST = 2  # times a plain step


def text(path, _):
    data = kept.read(path)
    rounds = data["rounds"]
    ours = lambda name, counter="images/s": Series(r["ours"].get("resnet20/train/" + name, {}).get(counter) for r in rounds)
    theirs = lambda way, counter="images_per_second": Series(r["opacus"].get(way, {}).get(counter) for r in rounds)
    lines = ["# What a private step costs", "",
             "A training step by DP-SGD (gradients of single images, clipped, added up, made noisy) over a plain step of the same network: ResNet-20 "
             "with group norm, batch 256, here and in Opacus, each in its faster memory layout. `scripts/bench private` measures it and writes this "
             f"page. {len(rounds)} rounds, medians, in brackets the least and the greatest; costs are formed within a round.", ""]
    if data["quick"]:
        lines += ["**A quick run, which proves that everything runs and measures nothing.**", ""]
    rows = []
    for name in NETWORKS:
        plain, private = ours(name + "-group-norm"), ours(name + "-private")
        cost = plain / private
        rows.append([NAMES[name], plain.text(), private.text(), cost.text(2, "x"),
                     ("reached" if cost.median <= MOST else "missed") if cost else "–", ours(name + "-private", "MiB of gradients").text()])
    lines += ["Here, images/s; at most twice a plain step is the target, and the gradients are those of 128 images at a time:", ""]
    lines += table(["network", "plain", "private", "cost", "verdict", "MiB for gradients"], rows)
    if any(r["opacus"] for r in rounds):
        about = next(row for r in rounds for row in r["opacus"].values() if row.get("version"))
        plain = theirs("plain")
        rows = [[WAYS[way], plain.text(), theirs(way).text(), (plain / theirs(way)).text(2, "x"), theirs(way, "peak").text(),
                 (ours("dense-private") / theirs(way)).text(1, "x")] for way in WAYS if theirs(way)]
        lines += ["", f"Opacus {about['version']} on PyTorch {about['torch']}, the dense network:", ""]
        lines += table(["its way", "plain", "private", "cost", "peak MiB of the process", "our private step over it"], rows)
    context = data["context"].get("bench_nn", {})
    lines += ["", f"- CPU: {context.get('cpu', '?')}, {data['threads']} thread{'s' if data['threads'] > 1 else ''}; compiler: "
              f"{context.get('compiler', '?')}, `{context.get('flags', '').strip()}`."]
    return "\n".join(lines + measured_on(data)).replace("\n\n\n", "\n\n") + "\n"


def main():
    write_page(__doc__, text)


if __name__ == "__main__":
    main()
