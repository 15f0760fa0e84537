# SPDX-License-Identifier: MIT
"""Tries to break what the program promises of faults. See scripts/torture, which runs this."""
import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

import calls
import clock
import corrupt
import disk
import kill
import load
import page
import paths
import permissions
import records
import reorder
import signals
import slurm
import soak
import streams
import workers
from frame import Frame

PARTS = {"kill": kill, "signals": signals, "corrupt": corrupt, "calls": calls, "disk": disk, "streams": streams, "paths": paths,
         "permissions": permissions, "clock": clock, "reorder": reorder, "workers": workers, "slurm": slurm, "load": load,
         "soak": soak}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("part", choices=list(PARTS) + ["all", "short", "page"])
    parser.add_argument("--short", action="store_true", help="a short version of each part, as the tests run it")
    parser.add_argument("--papillon", default="build/release/apps/papillon", help="the program (build/release/apps/papillon)")
    parser.add_argument("--seed", type=int, help="of the random instants; printed at the start")
    parser.add_argument("--page", action="store_true", help="writes docs/results/reliability.md in the end; with all")
    for module in PARTS.values():
        module.arguments(parser)
    options = parser.parse_args(arguments)
    if options.page and (options.part != "all" or options.short):
        parser.error("--page is made from all parts, whole")
    if options.part != "page" and not os.access(options.papillon, os.X_OK):
        parser.error("there is no program %s (cmake --build build/release --target papillon_app)" % options.papillon)
    return options


def command(part, arguments, seed):
    """That does a part again, with whatever program."""
    own = ["--seed", str(seed)]
    for name, value in zip(arguments[1:], arguments[2:] + [""]):
        if name.startswith("--") and name not in ("--papillon", "--seed", "--page"):
            own += [name] + ([] if not value or value.startswith("--") else [value])
    return " ".join(["scripts/torture", part] + own)


def run_parts(frame, options, arguments, seed):
    short = options.short or options.part == "short"
    parts = list(PARTS) if options.part in ("all", "short") else [options.part]
    version = "" if short else records.version(frame)
    for name in parts:
        if options.part == "all" and not short and (records.load(name) or {}).get("version") == version:
            print("== %s: has run with this build (%s)" % (name, records.RESULTS / (name + ".json")), flush=True)
            continue
        since = time.monotonic()
        print("== %s (seed %d): %s" % (name, seed, PARTS[name].ABOUT), flush=True)
        PARTS[name].run(frame, options)
        seconds = time.monotonic() - since + frame.earlier.pop(name, 0)
        print("   %.0f s" % seconds, flush=True)
        if not short:
            records.store(frame, name, command(name, arguments, seed), seed, version, seconds)


def main(arguments):
    options = parse(arguments)
    if options.part == "page":
        page.write(PARTS)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that directories are removed, and daemons ended
    seed = options.seed if options.seed is not None else time.time_ns() % 1000000
    work = tempfile.mkdtemp(prefix="papillon-torture-")
    frame = Frame(options.papillon, work, options.short or options.part == "short", seed)
    begin = time.monotonic()
    try:
        run_parts(frame, options, arguments, seed)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\n" + frame.table.text())
    for part, why in frame.table.skipped:
        print("%s was skipped in part: %s" % (part, why))
    lost = frame.table.lost()
    print("%d lost in %.0f s%s" % (lost, time.monotonic() - begin,
                                   "; studies that lost something are in build/torture" if lost else ""))
    if options.page:
        page.write(PARTS)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
