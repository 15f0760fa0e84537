# SPDX-License-Identifier: MIT
"""calls: every system call on a file of the study in turn is the last one (SIGKILL), or fails once with an error. strace injects
both; which calls there are is seen in a run that it only watches. The program runs on one thread, so that calls come in one order.
A call that fails by strace is not made at all: of a file that is locked, a close would leave it locked, which no system's does, and
is not made to fail. Ended, the part goes on where it was."""
import os
import queue
import re
from concurrent.futures import ThreadPoolExecutor

import records
from frame import Study

ABOUT = "every system call on a file of the study in turn: SIGKILL, or an error"
CALLS = ["openat", "write", "fsync", "rename", "close", "mkdir", "flock"]
ERRORS = {"openat": ["ENOSPC", "EIO", "EACCES", "EINTR"], "write": ["ENOSPC", "EIO", "EINTR"], "fsync": ["ENOSPC", "EIO", "EINTR"],
          "rename": ["ENOSPC", "EIO", "EACCES", "EINTR"], "close": ["EIO"], "mkdir": ["ENOSPC", "EIO", "EACCES", "EINTR"],
          "flock": ["ENOLCK", "EINTR"]}


def arguments(parser):
    parser.add_argument("--every-call", type=int, dest="every_call", help="try every so manieth call (1; short: 121)")
    parser.add_argument("--jobs", type=int, help="calls: tried at a time (one a processor; short: 1)")


def watched(frame, study, strace):
    """Of each call, which ones of the program's are on a file of the study: numbers from 1 on, as strace counts; and which closes are of
    locks."""
    log = frame.work / "strace.log"
    result = study.run(prefix=[strace, "-f", "-y", "-o", str(log), "-e", "trace=" + ",".join(CALLS), "-e", "signal=none"])
    if result.status != 0:
        return None, None
    locks = set()
    count, found, first = dict.fromkeys(CALLS, 0), {call: [] for call in CALLS}, None
    for line in log.read_text(errors="replace").splitlines():
        seen = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not seen:
            continue
        first = first or seen[1]
        if seen[1] != first:
            continue  # another process: what draws, or looks at a lock
        count[seen[2]] += 1
        if str(study.out) in seen[3]:
            found[seen[2]].append(count[seen[2]])
            if seen[2] == "close" and ".lock>" in seen[3]:
                locks.add(count["close"])
    return found, locks


def inject(frame, study, reference, strace, call, what, number):
    study.begin_anew()
    result = study.run(prefix=[strace, "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=" + call,
                               "-e", "inject=%s:%s:when=%d" % (call, what, number)])
    if result.status not in (0, 1, 3, 137, -9):
        return ["%s %d: it ended with %s" % (call, number, result.says())]
    lines = result.err.strip().splitlines()
    if result.status in (1, 3) and not (lines and lines[-1].startswith("papillon: ")):
        return ["%s %d: it does not say why it failed (%s)" % (call, number, result.says())]
    problems = study.cut_files()
    return ["%s %d: %s" % (call, number, p) for p in problems or study.goes_on(reference)]


def run(frame, options):
    every = options.every_call or (121 if frame.short else 1)
    strace, study, reference = frame.traced_study("calls")
    if strace is None:
        return
    found, locks = watched(frame, study, strace)
    if not found or not found["rename"]:
        return frame.table.skip("calls", "strace cannot trace here")
    turns = [(call, what, number) for call in CALLS for what in ["signal=SIGKILL"] + ["error=" + e for e in ERRORS[call]]
             for number in found[call] if not (what == "error=EIO" and call == "close" and number in locks)]
    jobs = options.jobs or (1 if frame.short else len(os.sched_getaffinity(0)))
    places = queue.SimpleQueue()
    for i in range(jobs):
        places.put(Study(frame, study.settings, frame.work / ("calls-%d" % i), study.env))

    def attempt(turn):
        here = places.get()
        try:
            problems = inject(frame, here, reference, strace, *turn)
            if problems:
                frame.keep(here, "calls-%s-%s-%d" % (turn[0], turn[1].split("=")[1], turn[2]))
            return problems
        finally:
            places.put(here)

    def count(turn, problems):
        frame.table.count("calls", "%s %s" % (turn[1].split("=")[1], turn[0]), problems)

    chosen = turns[every - 1::every]
    progress = None if frame.short else records.Progress("calls", "%s, every %d" % (records.version(frame), every))
    if progress:
        for turn in [t for t in chosen if t in progress.done]:
            count(turn, progress.done[turn])
        chosen = [t for t in chosen if t not in progress.done]
        frame.earlier["calls"] = progress.before
    with ThreadPoolExecutor(jobs) as pool:
        for turn, problems in zip(chosen, pool.map(attempt, chosen)):
            count(turn, problems)
            if progress:
                progress.add(turn, problems)
    if progress:
        progress.finish()
