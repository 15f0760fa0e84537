#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures private training steps beside plain ones, here and in Opacus, and writes one JSON file, from which private_page.py makes the page.

usage: measure_private.py PROGRAMS OUT [--rounds N] [--threads N] [--quick]
PROGRAMS is a build directory; OUT the JSON file. A round times every step here and, where build/peers has Opacus, every way of it in a
process of its own, in the layout that was the faster one before the rounds. Use a machine that does nothing else.
"""
import argparse
import json
import os
import subprocess
import time

import measure

NETWORKS = ["dense", "S3L2", "imp-16"]
WAYS = ["plain", "hooks", "functorch", "ew", "ghost"]
SCRIPT = os.path.join(measure.ROOT, "bench", "peers", "resnet20_opacus.py")


class Steps(measure.Suite):
    counters = "images/s", "MiB of gradients"


def with_opacus(environment):
    python = os.path.join(measure.ROOT, "build", "peers", "bin", "python")
    if not os.path.exists(python):
        return None
    return python if subprocess.run([python, "-c", "import opacus"], env=environment, capture_output=True).returncode == 0 else None


def opacus(environment, python, way, layout, seconds):
    """What resnet20_opacus.py says; {} where this Opacus has no such way."""
    done = subprocess.run([python, "-B", SCRIPT, way, layout, str(seconds)], env=dict(environment, **measure.KEEPING), capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("programs")
    arguments.add_argument("out")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    measure.add_isa(arguments)
    arguments.add_argument("--quick", action="store_true", help="one round of moments: proves that all runs")
    args = arguments.parse_args()

    environment = measure.environment_of(args)
    suite = Steps(args.programs, environment)
    seconds = 0.1 if args.quick else 1.5
    python = with_opacus(environment)
    layouts = {}
    for way in WAYS if python else []:
        tried = {layout: opacus(environment, python, way, layout, seconds).get("images_per_second", 0) for layout in ("nchw", "nhwc")}
        print(f"  opacus {way}: " + ", ".join(f"{layout} {rate:.0f}" for layout, rate in tried.items()), flush=True)
        if max(tried.values()) > 0:
            layouts[way] = max(tried, key=tried.get)
    result = {**measure.describe(args), "threads": args.threads, "quick": args.quick, "layouts": layouts, "rounds": []}
    names = "|".join(name + kind for name in NETWORKS for kind in ("-group-norm", "-private"))
    for number in range(1 if args.quick else args.rounds):
        begin, load = time.time(), measure.Load()
        ours = suite.run("bench_nn", f"^resnet20/train/({names})/real_time$", seconds)
        theirs = {way: opacus(environment, python, way, layout, seconds) for way, layout in layouts.items()}
        result["rounds"].append({"ours": ours, "opacus": theirs, "load": load.shares()})
        print(f"round {number + 1}: {time.time() - begin:.0f} s", flush=True)
    result["context"] = suite.context
    with open(args.out, "w") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
