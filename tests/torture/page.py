# SPDX-License-Identifier: MIT
"""docs/results/reliability.md, made from what was tried."""
import datetime
import os
import platform
import subprocess

PROMISES = """# What survives which fault

This page is written by `{command}`, which tries to break what stands here; what it tried, and what was lost, is in the table below.
A fault is *survived* where no file with a final name was cut by it, no result that was finished had to be done again, and the study that goes
on ends with the bits of one that was not disturbed (times left out), with nothing missing and nothing left over. Anything else is *lost*.

## What is promised

| fault | what it costs | what stays |
|---|---|---|
| the program is killed (SIGKILL, out of memory), alone or with all it started | the epoch, discriminator, outputs, features, attack or report that it was at | everything finished; drafts, until the next program comes |
| it is asked to stop (SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGXCPU) | the batch it is at, and what a kill costs | status 75; a second signal is a kill |
| a system call fails (no space, input or output error, no permission, no locks) | what a kill costs | status 1 and a line that says why; interrupted calls are made again |
| a file is cut, zeroed, changed, or another's | its own work, once it is moved away | it is refused by name, done again, or not needed: never used |
| the power fails: what was not synced is gone, cut, or has lost its name | what a kill costs | everything finished |
| the disk is full, or files may not grow | what a kill costs | it goes on once there is room |
| standard input, output or error is closed or full, or a reader leaves | nothing | status 1 if what was printed could not be |
| names with spaces, quotes, newlines, any letters | nothing | |
| no permission to read or write | nothing | a line with the name; it goes on once that is right |
| clocks jump | nothing but the times that are reported | |

What is *not* promised: that a result survives a disk that loses what it said it had synced (it is then found to be damaged); that a result is what its work would give after somebody changed it and its
seal together ([why](../decisions/0021-results-are-sealed.md)).
"""


def processor():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def build(frame):
    """What `papillon info` says of the build, in its first lines."""
    lines = frame.run(["info"]).out.strip().splitlines()
    return lines[0] if lines else "papillon"


def file_system():
    found = subprocess.run(["stat", "-f", "-c", "%T", os.environ.get("TMPDIR", "/tmp")], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def text(frame, command, seconds):
    table = frame.table
    lines = [PROMISES.format(command=command), "## What was tried",
             "`%s` on %s, %s, %d processors, Linux %s, files on %s, %s, in %.0f minutes:\n"
             % (command, datetime.date.today().isoformat(), processor(), len(os.sched_getaffinity(0)),
                platform.release().split("-")[0], file_system(), build(frame), seconds / 60),
             "| part | fault | injected | survived | lost |", "|---|---|---:|---:|---:|"]
    for (part, fault), (injected, survived, lost) in table.rows.items():
        lines.append("| %s | %s | %d | %d | %d |" % (part, fault, injected, survived, len(lost)))
    total = [sum(row[i] for row in table.rows.values()) for i in (0, 1)] + [table.lost()]
    lines.append("| **all** | | **%d** | **%d** | **%d** |" % tuple(total))
    lines += [""] + ["%s: %s." % remark for remark in table.remarks] + ["%s was skipped in part: %s." % s for s in table.skipped]
    for (part, fault), (_, _, lost) in table.rows.items():
        lines += ["- %s, %s: %s" % (part, fault, problem) for problem in lost]
    lines += ["", "What each part does stands in `scripts/torture --help`; readers of files that strangers made are tried by "
              "`scripts/torture fuzz` ([security](../security.md)).", ""]
    return "\n".join(lines)
