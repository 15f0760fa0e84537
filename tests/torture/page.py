# SPDX-License-Identifier: MIT
"""docs/results/reliability.md, made from what was kept of each part (records.py)."""
import pathlib

import records

PAGE = pathlib.Path("docs/results/reliability.md")
PROMISES = """# What survives which fault

This page is written by `scripts/torture page`, from what the parts of `scripts/torture` found that try to break what stands here.
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
| one of several workers is killed, or the machine that it is on dies | what a kill costs; another machine's workers wait 100 s before they take over | everything finished, by whichever worker |
| a worker is stopped for longer than 100 s and goes on | nothing, or the epoch it was at where others could take its task | its task is another's where locks hold nobody out: it says so and takes other work |
| Slurm loses a node, puts a job back, or is restarted | what a kill costs | jobs go back into the queue; `study submit` brings what was cancelled |

What is *not* promised: that a result survives a disk that loses what it said it had synced (it is then found to be damaged); that a result is what its work would give after somebody changed it and its
seal together ([why](../decisions/0021-results-are-sealed.md)).
"""


def table_of(found):
    lines = ["| part | fault | injected | survived | lost |", "|---|---|---:|---:|---:|"]
    total = [0, 0, 0]
    for record in found:
        for fault, injected, survived, lost in record["rows"]:
            lines.append("| %s | %s | %d | %d | %d |" % (record["part"], fault, injected, survived, len(lost)))
            total = [total[0] + injected, total[1] + survived, total[2] + len(lost)]
    return lines + ["| **all** | | **%d** | **%d** | **%d** |" % tuple(total)]


def remarks_of(found):
    lines = []
    for record in found:
        lines += ["- %s: %s." % (record["part"], text) for text in record["remarks"]]
        lines += ["- %s was skipped in part: %s." % (record["part"], why) for why in record["skipped"]]
        for fault, _, _, lost in record["rows"]:
            lines += ["- %s, %s, **lost**: %s." % (record["part"], fault, problem) for problem in lost]
    return lines


def runs_of(found):
    lines = ["| command | papillon | date | minutes |", "|---|---|---|---:|"]
    for record in found:
        lines.append("| `%s` | %s | %s | %.0f |" % (record["command"], record["version"], record["date"], record["seconds"] / 60))
    return lines


def text(parts):
    found = [record for record in map(records.load, parts) if record]
    missing = [part for part in parts if not records.load(part)]
    lines = [PROMISES, "## What was tried", ""] + table_of(found) + [""] + remarks_of(found)
    if missing:
        lines += ["", "Not yet tried in full, only in the short forms of the tests: %s." % ", ".join(missing)]
    lines += ["", "## How", "", "Each part in a run of its own, on %s:" % "; ".join(sorted({r["machine"] for r in found})), ""]
    lines += runs_of(found)
    lines += ["", "What each part does stands in `scripts/torture --help`; readers of files that strangers made are tried by "
              "`scripts/torture fuzz` ([security](../security.md)).", ""]
    return "\n".join(lines)


def write(parts):
    PAGE.write_text(text(parts))
    missing = [part for part in parts if not records.load(part)]
    print("%s is written%s" % (PAGE, "; without parts that have not run: " + ", ".join(missing) if missing else ""))
