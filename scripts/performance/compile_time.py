#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures what compiling against the library costs, prints a table and writes it as a page.

usage: compile_time.py PAGE [--quick]
Remarks stand in compile_time_remarks.md beside this file.
Each file of bench/compile_time/ names itself and its budget in its second line, "// budget: what | seconds | memory", as far as it has
one. It is compiled by every compiler that there is, three times (once with --quick): processor time, which on an idle machine
is the time one waits, and peak memory of the largest of the compiler's processes. Medians.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile

from measure import ROOT, describe_state
from page import read_remarks, table

SOURCES = os.path.join(ROOT, "bench", "compile_time")
FLAGS = ["-std=c++20", "-O3", "-DNDEBUG", "-march=native", "-fopenmp"]
COMPILERS = ["g++", "clang++"]


def read_budget(text):
    """"// budget: what | 60 s | 2 GB" -> (what, 60.0, 2.0), None for what is not there."""
    line = next(line for line in text.splitlines() if line.startswith("// budget: "))
    what, *limits = [part.strip() for part in line[len("// budget: "):].split("|")]
    number = lambda unit: next((float(part.split()[0]) for part in limits if part.endswith(" " + unit)), None)
    return what, number("s"), number("GB")


def verdict(seconds, gigabytes, most_seconds, most_gigabytes):
    if most_seconds is None:
        return "–"
    good = seconds <= most_seconds and (most_gigabytes is None or gigabytes <= most_gigabytes)
    return "reached" if good else "missed"


def measure_once(compiler, path, folder):
    """Processor seconds and gigabytes (10^9 bytes)."""
    command = [compiler, *FLAGS, "-I" + os.path.join(ROOT, "include"), "-isystem", "/usr/include/eigen3", "-c", path, "-o", os.path.join(folder, "out.o")]
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"{compiler} failed on {path}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9


def measure(times):
    """[(what, most seconds, most gigabytes, {compiler: (seconds, gigabytes)})]"""
    results = []
    compilers = [c for c in COMPILERS if shutil.which(c)]
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(SOURCES)):
            path = os.path.join(SOURCES, name)
            with open(path) as file:
                budget = read_budget(file.read())
            found = {}
            for compiler in compilers:
                runs = [measure_once(compiler, path, folder) for _ in range(times)]
                found[compiler] = tuple(statistics.median(r[i] for r in runs) for i in (0, 1))
                print(f"{name} by {compiler}: {found[compiler][0]:.2f} s, {found[compiler][1]:.2f} GB", flush=True)
            results.append((*budget, found))
    return results


def version(compiler):
    text = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return compiler + " " + re.search(r"\d+\.\d+\.\d+", text)[0]


def page(results, compilers, state, remarks=None):
    lines = ["# Compile time", "", "What it costs to compile against the library: processor seconds and, in brackets, peak memory. `scripts/bench compile-time` "
             "measures it and writes this page. Flags: `" + " ".join(FLAGS) + f"`. State of the sources: {state or 'unknown'}. Budgets hold for each compiler.", ""]
    rows = []
    for what, most_seconds, most_gigabytes, found in results:
        budget = "–" if most_seconds is None else f"{most_seconds:g} s" + (f", {most_gigabytes:g} GB" if most_gigabytes else "")
        row = [what, budget]
        for compiler in compilers:
            seconds, gigabytes = found[compiler]
            row.append(f"{seconds:.2f} s ({gigabytes:.2f} GB), {verdict(seconds, gigabytes, most_seconds, most_gigabytes)}")
        rows.append(row)
    lines += table(["what is compiled", "budget"] + list(compilers.values()), rows)
    for name, text in (remarks or {}).items():
        lines += ["## " + name, "", text, ""]
    return "\n".join(lines).rstrip() + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("page")
    arguments.add_argument("--quick", action="store_true")
    args = arguments.parse_args()
    results = measure(1 if args.quick else 3)
    text = page(results, {c: version(c) for c in results[0][3]}, describe_state(), read_remarks(os.path.join(os.path.dirname(__file__), "compile_time_remarks.md")))
    with open(args.page, "w") as file:
        file.write(text)
    print(text + f"wrote {args.page}")


if __name__ == "__main__":
    main()
