# SPDX-License-Identifier: MIT
"""kill: SIGKILL at random instants, of the program alone or of all that it started (gnuplot too), again and again on one study
until it is done, then on the next. An instant lies between 0 and SPAN, by default as long as the undisturbed study takes. Of
several workers of one study either one dies, which is started again, or what starts them, whose workers end by themselves, or
all at once."""
import os
import signal
import subprocess
import time

from frame import kill_session, session

ABOUT = "SIGKILL at random instants, of the program, of a worker, or of everything"
LEAVING_SECONDS = 60  # within which workers end when what started them has died


def arguments(parser):
    parser.add_argument("--count", type=int, help="kills (1,000, and a fifth of that with several workers; short: 20 and 2)")
    parser.add_argument("--span", type=float, help="seconds within which a run is killed")
    parser.add_argument("--workers", type=int, help="kill: with so many workers alone, at most one a processor (one, and then four)")


def kill_once(frame, study, victim, span):
    """Whether it was killed before it had ended, and what is wrong then."""
    process = study.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=frame.random.uniform(0, span))
        return False, [] if process.returncode == 0 else ["it ended with %d" % process.returncode]
    except subprocess.TimeoutExpired:
        pass
    if victim == "one worker":
        workers = [p for p in session(process) if p != process.pid]
        if workers:
            os.kill(frame.random.choice(workers), signal.SIGKILL)
        status = process.wait(timeout=600)
        return bool(workers), [] if status == 0 else ["with a worker that died it ended with %d" % status]
    if victim == "the program":
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        until = time.monotonic() + LEAVING_SECONDS
        while session(process) and time.monotonic() < until:
            time.sleep(0.01)
        if session(process):
            kill_session(process)
            return True, ["its workers went on for %d s after it had died" % LEAVING_SECONDS]
    else:
        kill_session(process)
        process.wait()
    return True, study.cut_files()


def kills_of(frame, wanted, count, span):
    workers = min(wanted, len(os.sched_getaffinity(0)))  # `--workers` refuses more
    _, study, reference, seconds = frame.usual_study("killed")
    victims = ["the program", "all it started"]
    if workers > 1:
        study.settings = study.settings + ["--workers", str(workers)] + ([] if "--threads" in study.settings else ["--threads", "1"])
        victims.append("one worker")
        study.begin_anew()
        seconds = study.run().seconds
    study.begin_anew()
    named = " (%d workers)" % workers if workers > 1 else ""
    kills, on_this = 0, []
    while kills < count or on_this:
        victim = frame.random.choice(victims)
        before = study.finished()
        was_killed, problems = ((False, study.goes_on(reference)) if kills >= count
                                else kill_once(frame, study, victim, span or seconds))
        problems = problems + study.made_again(before)
        if was_killed:
            kills += 1
            on_this.append(victim + named)
        elif not problems:
            problems = study.differences(reference)
        if problems:
            frame.keep(study, "kill-%d-%d" % (workers, kills))
        if problems or not was_killed:
            for fault in on_this[:-1]:  # of the faults that one study went through, the last is the one that is seen
                frame.table.count("kill", fault, [])
            if on_this or problems:
                frame.table.count("kill", on_this[-1] if on_this else "none", problems)
            on_this = []
            study.begin_anew()


def run(frame, options):
    count = options.count or (20 if frame.short else 1000)
    if options.workers:
        kills_of(frame, options.workers, count, options.span)
        return
    kills_of(frame, 1, count, options.span)
    if len(os.sched_getaffinity(0)) < 2:
        frame.table.skip("kill", "there is one processor, so no --workers")
        return
    kills_of(frame, 4, 2 if frame.short else max(count // 5, 1), options.span)
