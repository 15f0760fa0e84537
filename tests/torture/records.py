# SPDX-License-Identifier: MIT
"""What was found of each part, kept in build/torture/results/, so that a page can be made of parts that ran at different times."""
import datetime
import json
import os
import pathlib
import platform
import subprocess
import time

RESULTS = pathlib.Path("build/torture/results")


def processor():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def file_system():
    found = subprocess.run(["df", "--output=fstype", os.environ.get("TMPDIR", "/tmp")], capture_output=True, text=True, check=False)
    return (found.stdout.split() or ["unknown"])[-1]


def machine():
    return "%s, %d processors, Linux %s, files on %s" % (processor(), len(os.sched_getaffinity(0)),
                                                         platform.release().split("-")[0], file_system())


def version(frame):
    """The program's version and what git says of its source, from `papillon info`."""
    said = dict(line.split(None, 1) for line in frame.run(["info"]).out.splitlines() if len(line.split(None, 1)) == 2)
    return "%s (%s)" % (said.get("papillon", "unknown"), said.get("git", "unknown"))


def store(frame, part, command, seed, version_of_it, seconds):
    rows, skipped, remarks = frame.table.of(part)
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = {"part": part, "command": command, "seed": seed, "version": version_of_it, "machine": machine(),
              "date": datetime.date.today().isoformat(), "seconds": round(seconds), "rows": rows, "skipped": skipped, "remarks": remarks}
    draft = RESULTS / (part + ".json.draft")
    draft.write_text(json.dumps(record, indent=1) + "\n")
    draft.replace(RESULTS / (part + ".json"))


class Progress:
    """The turns of a part that are done, a line each, so that a part of hours goes on where it was ended: of one build, and gone once
    the part is whole."""

    def __init__(self, part, build):
        self.file = RESULTS / (part + ".progress")
        self.begin, self.before, self.done = time.monotonic(), 0.0, {}
        lines = self.file.read_text().splitlines(keepends=True) if self.file.exists() else []
        whole = [line for line in lines if line.endswith("\n")] if lines[:1] == [build + "\n"] else [build + "\n"]
        RESULTS.mkdir(parents=True, exist_ok=True)
        self.file.write_text("".join(whole))
        for line in whole[1:]:
            turn, problems, self.before = json.loads(line)
            self.done[tuple(turn)] = problems

    def seconds(self):
        return self.before + time.monotonic() - self.begin

    def add(self, turn, problems):
        with self.file.open("a") as file:
            file.write(json.dumps([turn, problems, round(self.seconds(), 1)]) + "\n")

    def finish(self):
        self.file.unlink()


def load(part):
    """None where the part has not run."""
    try:
        return json.loads((RESULTS / (part + ".json")).read_text())
    except FileNotFoundError:
        return None
