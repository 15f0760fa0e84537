#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints the comparison of the JSON files that resnet20_pytorch.py and compare_pytorch write.

usage: summarise.py FOLDER        with pytorch-SEED.json and papillon-SEED.json
Two means agree if they differ by at most two standard errors of their difference. Exit status 1 if one does not.
"""
import glob
import json
import os
import statistics
import sys


def main():
    folder = sys.argv[1]
    runs = {who: [json.load(open(path)) for path in sorted(glob.glob(os.path.join(folder, who + "-*.json")))]
            for who in ("pytorch", "papillon")}
    settings = [{k: run[k] for k in ("epochs", "milestones", "learning_rate", "weight_decay", "batch", "segments", "factors",
                                     "images", "parameters")} for group in runs.values() for run in group]
    if any(s != settings[0] for s in settings):
        sys.exit(f"{folder}: the runs do not have the same settings")
    good = True
    for epoch in ("last", "best"):
        means, errors = {}, {}
        print(f"\n| test accuracy, {epoch} epoch | seeds | mean | standard error |\n|---|---|---|---|")
        for who, group in runs.items():
            values = [run[epoch]["test_accuracy"] for run in group]
            means[who], errors[who] = statistics.mean(values), statistics.stdev(values) / len(values) ** .5
            print(f"| {who} | {', '.join(f'{v:.2f}' for v in values)} | {means[who]:.2f} % | {errors[who]:.2f} |")
        error = sum(e * e for e in errors.values()) ** .5
        difference = means["papillon"] - means["pytorch"]
        good = good and abs(difference) <= 2 * error
        print(f"\ndifference {difference:+.2f}, {abs(difference) / error:.2f} standard errors ({error:.2f})")
    for who, group in runs.items():
        rates = [run["training_images_per_second"] for run in group]
        print(f"{who}: {', '.join(f'{r:.0f}' for r in rates)} images/s in training with {group[0]['threads']} thread(s)")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
