# SPDX-License-Identifier: MIT
"""soak: studies one after another for half an hour. Half of the time programs do a study of a thousand seeds, under a watch of their
memory, descriptors, threads and processes; the other half one program after another does a small study, and none may leave a
process or a temporary file, or need more memory than those before it."""
import os
import pathlib
import signal
import subprocess
import time

from frame import TINY, session

ABOUT = "half an hour of studies: memory, descriptors, processes and temporary files stay what they are"
ALLOWED_GROWTH, ALLOWED_KIB = 1.1, 2048
SHORT_KIB = 16384  # within seconds a program does not come to its size


def arguments(parser):
    parser.add_argument("--minutes", type=float, help="soak: in all (30; short: 0.1)")


def seen(process):
    """What it has; None where it has ended."""
    place = pathlib.Path("/proc/%d" % process.pid)
    try:
        status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
        return {"KiB of memory": int(status["VmRSS"].split()[0]), "descriptors": len(os.listdir(place / "fd")),
                "threads": int(status["Threads"]), "processes": len(session(process))}
    except (OSError, KeyError):
        return None


def growth(frame, name, values):
    """What is wrong if the last third is above the second by more than noise: in the first a program comes to its size."""
    third = len(values) // 3
    before, after = max(values[third:2 * third], default=0), max(values[2 * third:], default=0)
    allowed = before * ALLOWED_GROWTH + (SHORT_KIB if frame.short else ALLOWED_KIB) if name == "KiB of memory" else before
    return ["%s: %d, later %d" % (name, before, after)] if after > allowed else []


def one_program(frame, study, seconds):
    """Watches one until it has done its study or the time is over; what it had."""
    study.begin_anew()
    process = study.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples, until = [], time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        samples += [now for now in [seen(process)] if now]
        time.sleep(min(0.5, seconds / 30))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    problems = [p for name in samples[0] for p in growth(frame, name, [s[name] for s in samples])]
    problems += [] if process.returncode in (0, 75) else ["it ended with %d" % process.returncode]
    problems += ["%s is left" % f.relative_to(study.out) for f in study.out.rglob("*.tmp*")]
    frame.table.count("soak", "a long program", problems[:5] + study.cut_files()[:5])
    done = len(list(study.out.glob("networks/*/result.json"))) + len(list(study.out.glob("attacks/*.json")))
    frame.table.remark("soak", "a program of %d networks and attacks: at most %d KiB of memory, %d descriptors, %d threads"
                       % ((done,) + tuple(max(s[n] for s in samples) for n in ("KiB of memory", "descriptors", "threads"))))


def long_programs(frame, seconds):
    _, study, _, _ = frame.study(TINY, "soaked", drawn=False)
    seeds = 60 if frame.short else 1000
    study.settings = TINY + ["--set", "study.seeds=" + ",".join(str(s) for s in range(1, seeds + 1))]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one_program(frame, study, until - time.monotonic())


def many_programs(frame, seconds):
    """Peaks are those of wait4: of each program alone."""
    _, study, reference, _ = frame.usual_study("soaked-again")
    place = frame.work / "temporary"
    place.mkdir()
    study.env = {**study.env, "TMPDIR": str(place)}
    peaks, until = [], time.monotonic() + seconds
    while time.monotonic() < until or len(peaks) < 3:
        study.begin_anew()
        process = study.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peaks.append(used.ru_maxrss)
        problems = ["it ended with %d" % process.returncode] if process.returncode != 0 else []
        problems += ["process %d is left" % p for p in session(process)]
        problems += ["%s is left" % name for name in os.listdir(place)]
        frame.table.count("soak", "one program after another", problems or study.differences(reference))
    frame.table.count("soak", "their memory", growth(frame, "KiB of memory", peaks))
    frame.table.remark("soak", "%d programs one after another: from %d to %d KiB of memory at most" % (len(peaks), min(peaks), max(peaks)))


def run(frame, options):
    seconds = 60 * (options.minutes or (0.1 if frame.short else 30))
    long_programs(frame, seconds / 2)
    many_programs(frame, seconds / 2)
