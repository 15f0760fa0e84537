# SPDX-License-Identifier: MIT
"""streams: standard input, output and error closed or full in every combination, and a reader that leaves: the study is done all the
same, and no file of it holds what should have been printed."""
import itertools
import os
import subprocess

from frame import TINY

ABOUT = "standard input, output and error closed, full, or without a reader"


def arguments(_):
    pass


def close(descriptors):
    def before():
        for d in descriptors:
            os.close(d)
    return before


def run(frame, _):
    _, study, reference, _ = frame.study(TINY, "streams", drawn=False)

    def one(fault, allowed, **how):
        study.begin_anew()
        process = study.start(**how)
        for pipe in (process.stdout, process.stderr):
            if pipe and fault == "no reader":
                pipe.close()
        status = process.wait(timeout=600)
        problems = [] if status in allowed else ["it ended with %d" % status]
        lock = [str(f) for f in study.out.rglob("lock") if f.stat().st_size]
        frame.table.count("streams", fault, problems + lock + study.differences(reference))

    inherit = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    for count in (1, 2, 3):
        for closed in itertools.combinations((0, 1, 2), count):
            one("closed", [0], preexec_fn=close(closed), **inherit)
    with open("/dev/full", "wb") as nothing_fits:
        one("full", [0, 1], stdout=nothing_fits, stderr=subprocess.DEVNULL)
        one("full", [0], stdout=subprocess.DEVNULL, stderr=nothing_fits)
        one("full", [0, 1], stdout=nothing_fits, stderr=nothing_fits)
    one("no reader", [0, 1])
