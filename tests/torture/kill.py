# SPDX-License-Identifier: MIT
"""kill: SIGKILL at random instants, of the program alone or of its whole process group (gnuplot too), again and again on one
study until it is done, then on the next. An instant lies between 0 and SPAN, by default as long as the undisturbed study takes."""
import os
import signal
import subprocess

from frame import kill_group

ABOUT = "SIGKILL at random instants, of the program or of its process group"


def arguments(parser):
    parser.add_argument("--count", type=int, help="kills (1,000; short: 20)")
    parser.add_argument("--span", type=float, help="seconds within which a run is killed")


def kill_once(frame, study, alone, span):
    """Whether it was killed before it had ended, and what is wrong then."""
    process = study.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=frame.random.uniform(0, span))
        return False, [] if process.returncode == 0 else ["it ended with %d" % process.returncode]
    except subprocess.TimeoutExpired:
        pass
    if alone:
        os.kill(process.pid, signal.SIGKILL)
    else:
        kill_group(process)
    process.wait()
    return True, study.cut_files()


def run(frame, options):
    count = options.count or (20 if frame.short else 1000)
    _, study, reference, seconds = frame.usual_study("killed")
    span = options.span or seconds
    study.begin_anew()
    kills, on_this = 0, []
    while kills < count or on_this:
        alone = frame.random.random() < 0.5
        before = study.finished()
        was_killed, problems = (False, study.goes_on(reference)) if kills >= count else kill_once(frame, study, alone, span)
        problems = problems + study.made_again(before)
        if was_killed:
            kills += 1
            on_this.append("the program" if alone else "its process group")
        elif not problems:
            problems = study.differences(reference)
        if problems:
            frame.keep(study, "kill-%d" % kills)
        if problems or not was_killed:
            for fault in on_this[:-1]:  # of the faults that one study went through, the last is the one that is seen
                frame.table.count("kill", fault, [])
            if on_this or problems:
                frame.table.count("kill", on_this[-1] if on_this else "none", problems)
            on_this = []
            study.begin_anew()
