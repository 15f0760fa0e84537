#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures structured operators against their peers and writes one JSON file, from which operators_page.py makes the page.

usage: measure_operators.py PROGRAMS OUT [--rounds N] [--threads N] [--isa avx2] [--quick]
PROGRAMS is a build directory; OUT the JSON file. A round is one run of bench_operators, which times all candidates for a case
directly after one another. Use a machine that does nothing else.
"""
import argparse
import json
import os
import time

import measure


MINUTES = 9


class Operators(measure.Suite):
    counters = ("madds/s", "bytes/s", "of roofline", "threads used", "coefficients", "predicted chain", "predicted dense", "predicted csr")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("programs")
    arguments.add_argument("out")
    arguments.add_argument("--rounds", type=int, default=0, help="exactly so many; without it 1 with --quick, else 3, and up to 5 as long as "
                           "they are done within nine minutes")
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    measure.add_isa(arguments)
    arguments.add_argument("--quick", action="store_true", help="few sizes, moments each: proves that all runs")
    args = arguments.parse_args()

    suite = Operators(args.programs, measure.environment_of(args))
    result = {**measure.describe(args), "threads": args.threads, "quick": args.quick, "rounds": []}
    start, least, most = time.time(), args.rounds or (1 if args.quick else 3), args.rounds or (1 if args.quick else 5)
    for number in range(most):
        begin = time.time()
        if number >= least and (begin - start) * (number + 1) / number > MINUTES * 60:
            break
        suite.context.clear()
        load = measure.Load()
        results = suite.run("bench_operators", ".", 0.001 if args.quick else 0.01, *(["--quick"] if args.quick else []))
        result["rounds"].append({"results": results, "context": suite.context["bench_operators"], "load": load.shares()})
        print(f"round {number + 1}: {len(results)} measurements in {time.time() - begin:.0f} s", flush=True)
        with open(args.out + ".part", "w") as file:  # a measurement that is cut off keeps its finished rounds
            json.dump(result, file, indent=1)
        os.replace(args.out + ".part", args.out)


if __name__ == "__main__":
    main()
