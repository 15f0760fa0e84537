# SPDX-License-Identifier: MIT
"""What the parts of scripts/torture share: running the program, the undisturbed study, comparing with it, and the table.

A fault is survived where no file with a final name was cut by it, no finished result was done again after it, and the study that
goes on holds the bits of one that was not disturbed, times left out, and nothing else.
"""
import csv
import hashlib
import io
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time

# The whole of a study, in a second; and one as small as a study can be, without pictures.
SMOKE = ["--preset", "smoke"]
TINY = ["--preset", "smoke", "--set", "study.configurations=dense", "--set", "data.subset=24", "--set", "data.validation=8",
        "--set", "train.batch=8", "--set", "attack.hidden=3", "--set", "attack.learning_rates=0.01",
        "--set", "attack.list=loss,nine,rmia", "--set", "attack.epochs=1", "--threads", "1"]

SIGNALS_TO_STOP = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGXCPU]


class Result:
    """How a run of the program ended: `status` below 0 is a signal, as subprocess has it."""

    def __init__(self, status, out, err, seconds):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds

    def says(self):
        lines = self.err.strip().splitlines() or self.out.strip().splitlines()
        return "status %s: %s" % (self.status, lines[-1] if lines else "(it says nothing)")


class Table:
    """A line a fault: injected, survived, and what was lost, in words."""

    def __init__(self):
        self.rows = {}
        self.skipped = []
        self.remarks = []
        self.said = time.monotonic()

    def count(self, part, fault, problems):
        row = self.rows.setdefault((part, fault), [0, 0, []])
        row[0] += 1
        if problems:
            row[2].append("; ".join(problems[:3]))
            print("LOST  %s, %s: %s" % (part, fault, row[2][-1]), flush=True)
        else:
            row[1] += 1
        if time.monotonic() - self.said > 60:
            self.said = time.monotonic()
            print("   %s, %s: %d injected, %d lost so far" % (part, fault, row[0], len(row[2])), flush=True)

    def skip(self, part, why):
        self.skipped.append((part, why))
        print("[skipped] %s: %s" % (part, why), flush=True)

    def remark(self, part, text):
        self.remarks.append((part, text))
        print("%s: %s" % (part, text), flush=True)

    def of(self, part):
        """One part's: rows of fault, injected, survived and the problems, what was skipped, and remarks."""
        return ([[fault] + row for (name, fault), row in self.rows.items() if name == part],
                [why for name, why in self.skipped if name == part], [text for name, text in self.remarks if name == part])

    def lost(self):
        return sum(len(row[2]) for row in self.rows.values())

    def text(self):
        width = max([len(part + fault) + 2 for part, fault in self.rows] + [20])
        lines = ["%-*s %9s %9s %9s" % (width, "fault", "injected", "survived", "lost")]
        for (part, fault), (injected, survived, lost) in self.rows.items():
            lines.append("%-*s %9d %9d %9d" % (width, part + ", " + fault, injected, survived, len(lost)))
        return "\n".join(lines)


class Study:
    """A study in a directory of its own, and the undisturbed one that it is compared with."""

    def __init__(self, frame, settings, out, env=None):
        self.frame, self.settings, self.out, self.env = frame, settings, pathlib.Path(out), env or {}

    def arguments(self):
        return ["study", "run"] + self.settings + ["--out", str(self.out)]

    def run(self, **how):
        return self.frame.run(self.arguments(), env=self.env, **how)

    def start(self, **how):
        return self.frame.start(self.arguments(), env=self.env, **how)

    def verify(self, *more):
        return self.frame.run(["study", "verify", "--out", str(self.out)] + list(more), env=self.env)

    def is_complete(self):
        return (self.out / "report" / "index.html").exists()

    def cut_files(self):
        """What `papillon study verify` calls damaged or foreign; what is left over counts at the end alone."""
        if not self.out.exists():
            return []
        found = self.verify()
        problems = [line for line in found.out.splitlines() if re.match(r"(damaged|foreign) ", line)]
        if found.status not in (0, 1):
            problems.append("verify: " + found.says())
        return problems

    def finished(self):
        """The results that are there, by what tells a file from one that was written later."""
        patterns = ["networks/*/result.json", "networks/*/outputs-*.json", "networks/*/features-*.json", "attacks/*.json"]
        return {f: (f.stat().st_ino, f.stat().st_mtime_ns) for p in patterns for f in self.out.glob(p)}

    def made_again(self, before):
        now = self.finished()
        return ["%s was finished, and was done again" % f.relative_to(self.out) for f in before if now.get(f) != before[f]]

    def differences(self, reference):
        """From the undisturbed study, once this one has ended: other bits, files too many or too few, findings of verify."""
        mine, its = contents(self.out), reference
        problems = ["%s is missing" % f for f in sorted(its.keys() - mine.keys())]
        problems += ["%s is left" % f for f in sorted(mine.keys() - its.keys())]
        problems += ["%s has other bits" % f for f in sorted(mine.keys() & its.keys()) if mine[f] != its[f]]
        found = self.verify()
        if found.status != 0:
            problems.append("verify: " + (found.out.strip().splitlines() or [found.says()])[0])
        return problems[:5]

    def goes_on(self, reference, **how):
        """Runs it to its end undisturbed, and what is wrong then."""
        before = self.finished()
        result = self.run(**how)
        if result.status != 0:
            return ["it does not go on: " + result.says()]
        return self.made_again(before) + self.differences(reference)

    def begin_anew(self):
        shutil.rmtree(self.out, ignore_errors=True)


class Frame:
    def __init__(self, papillon, work, short, seed):
        self.papillon, self.work, self.short = str(pathlib.Path(papillon).resolve()), pathlib.Path(work), short
        self.random = random.Random(seed)
        self.table = Table()
        self.studies = {}
        self.earlier = {}  # seconds that a part took before it was ended and went on
        self.empty = self.work / "no-programs"
        self.empty.mkdir()

    def environment(self, more):
        env = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "OMP_NUM_THREADS")}
        env["OMP_WAIT_POLICY"] = "passive"
        env.update(more)
        return env

    def start(self, arguments, env=None, prefix=(), **how):
        """The program as the leader of a process group of its own."""
        how.setdefault("stdin", subprocess.DEVNULL)
        how.setdefault("stdout", subprocess.PIPE)
        how.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(list(prefix) + [self.papillon] + arguments, cwd=self.work, env=self.environment(env or {}),
                                start_new_session=True, **how)

    def run(self, arguments, timeout=600, **how):
        begin = time.monotonic()
        process = self.start(arguments, **how)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_group(process)
            out, err = process.communicate()
            err = (err or b"") + b"\ntorture: it did not end in %d s" % timeout
        return Result(process.returncode, (out or b"").decode(errors="replace"), (err or b"").decode(errors="replace"),
                      time.monotonic() - begin)

    def usual_study(self, name):
        """The smoke study; in short the tiny one, without pictures."""
        return self.study(TINY, name, drawn=False) if self.short else self.study(SMOKE, name)

    def study(self, settings, name, drawn=True, timeout=600):
        """An undisturbed study, made once: its contents and its seconds. Without pictures it finds no other program."""
        env = {} if drawn else {"PATH": str(self.empty)}
        key = (tuple(settings), drawn)
        if key not in self.studies:
            study = Study(self, settings, self.work / ("whole-%d" % len(self.studies)), env)
            result = study.run(timeout=timeout)
            if result.status != 0:
                raise SystemExit("torture: the undisturbed study does not run (%s)" % result.says())
            self.studies[key] = (study, contents(study.out), result.seconds)
        whole, reference, seconds = self.studies[key]
        return whole, Study(self, settings, self.work / name, env), reference, seconds

    def traced_study(self, part):
        """strace, a study that has not begun, and what it comes to; None where there is no strace, which is said."""
        strace = shutil.which("strace")
        if strace is None:
            self.table.skip(part, "there is no strace (scripts/install-packages torture)")
            return None, None, None
        _, study, reference, _ = self.study(TINY, part, drawn=False)
        study.begin_anew()
        return strace, study, reference

    def keep(self, study, name):
        """A study that lost something stays, to be looked at."""
        kept = pathlib.Path("build/torture") / name
        if not kept.exists() and study.out.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(study.out, kept, symlinks=True)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def session(process):
    """The processes that began with one, itself among them, which led a session: those whose groups are their own too."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has ended since
        if int(fields[3]) == process.pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def kill_session(process):
    for pid in session(process):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


# --- what is compared ---------------------------------------------------------------------

def is_compared(path):
    name = path.name
    return name != "lock" and not name.startswith("provenance") and path.parts[0] not in ("claims", "removed", "slurm")


def without_times(value):
    """A JSON value without what says how long something took, and without hashes over that."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in ("seconds", "contents", "metrics.csv")}
    return [without_times(v) for v in value] if isinstance(value, list) else value


def content(file):
    bits = file.read_bytes()
    if file.name in ("result.json", "results.json"):
        bits = json.dumps(without_times(json.loads(bits))).encode()
    elif file.name == "metrics.csv":
        lines = list(csv.reader(io.StringIO(bits.decode())))
        bits = repr([line[:7] for line in lines]).encode()
    elif file.name == "index.html" or file.suffix in (".png", ".svg"):
        bits = b""  # says when it was made; its numbers are those of results.json
    return hashlib.sha256(bits).hexdigest()


def contents(out):
    """Every file of a study that is compared, by its path, with a hash of what is compared of it."""
    files = (f for f in out.rglob("*") if f.is_file())
    return {str(f.relative_to(out)): content(f) for f in files if is_compared(f.relative_to(out))}
