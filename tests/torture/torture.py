# SPDX-License-Identifier: MIT
"""Tries to break what the program promises of faults. See scripts/torture, which runs this."""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import time

import calls
import clock
import corrupt
import disk
import kill
import page
import paths
import permissions
import reorder
import signals
import streams
from frame import Frame

PARTS = {"kill": kill, "signals": signals, "corrupt": corrupt, "calls": calls, "disk": disk, "streams": streams, "paths": paths,
         "permissions": permissions, "clock": clock, "reorder": reorder}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("part", choices=list(PARTS) + ["all", "short"])
    parser.add_argument("--short", action="store_true", help="a short version of each part, as the tests run it")
    parser.add_argument("--papillon", default="build/release/apps/papillon", help="the program (build/release/apps/papillon)")
    parser.add_argument("--seed", type=int, help="of the random instants; printed at the start")
    parser.add_argument("--page", action="store_true", help="writes docs/results/reliability.md; with all")
    for module in PARTS.values():
        module.arguments(parser)
    options = parser.parse_args(arguments)
    if options.page and (options.part != "all" or options.short):
        parser.error("--page is made from all parts, whole")
    if not os.access(options.papillon, os.X_OK):
        parser.error("there is no program %s (cmake --build build/release --target papillon_app)" % options.papillon)
    return options


def main(arguments):
    options = parse(arguments)
    short = options.short or options.part == "short"
    parts = list(PARTS) if options.part in ("all", "short") else [options.part]
    seed = options.seed if options.seed is not None else time.time_ns() % 1000000
    work = tempfile.mkdtemp(prefix="papillon-torture-")
    frame = Frame(options.papillon, work, short, seed)
    begin = time.monotonic()
    try:
        for name in parts:
            since = time.monotonic()
            print("== %s (seed %d): %s" % (name, seed, PARTS[name].ABOUT), flush=True)
            PARTS[name].run(frame, options)
            print("   %.0f s" % (time.monotonic() - since), flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\n" + frame.table.text())
    for part, why in frame.table.skipped:
        print("%s was skipped in part: %s" % (part, why))
    seconds = time.monotonic() - begin
    if options.page:
        pathlib.Path("docs/results/reliability.md").write_text(page.text(frame, "scripts/torture " + " ".join(arguments), seconds))
    lost = frame.table.lost()
    print("%d lost in %.0f s%s" % (lost, seconds, "; studies that lost something are in build/torture" if lost else ""))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
