# SPDX-License-Identifier: MIT
"""signals: each signal that asks to stop, at random instants: status 75, soon, and the study goes on to the same bits. One that
comes before the program listens (while it is loaded and reads its images) ends it at once; one that comes when all is done
changes nothing. A second signal ends the program at once."""
import signal
import subprocess
import time

from frame import SIGNALS_TO_STOP, kill_group

ABOUT = "signals that ask to stop at random instants: status 75, and how soon"
ALLOWED_SECONDS = 5


def arguments(parser):
    parser.add_argument("--signals", type=int, help="times each signal is sent (100; short: 3)")


def listens(process, number):
    """Whether the process handles a signal by now."""
    try:
        with open("/proc/%d/status" % process.pid) as status:
            mask = next(line for line in status if line.startswith("SigCgt:"))
        return int(mask.split()[1], 16) >> (number - 1) & 1 == 1
    except (OSError, StopIteration):
        return False


def signal_once(frame, study, number, span, twice):
    """Sends it; (whether it came in time, seconds to the end, what is wrong)."""
    process = study.start(stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.wait(timeout=frame.random.uniform(0, span))
    except subprocess.TimeoutExpired:
        pass
    heard = listens(process, number)
    begin = time.monotonic()
    process.send_signal(number)
    if twice:
        time.sleep(frame.random.uniform(0, 0.02))
        process.send_signal(number)
    try:
        _, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.communicate()
        return True, 60, ["it did not end within a minute"]
    seconds = time.monotonic() - begin
    status = process.returncode
    problems = []
    if status == 0:
        heard = False  # it had ended, or all was done
    elif status == -number and (twice or not heard):
        pass
    elif status != 75:
        problems.append("it ended with %d, not 75: %s" % (status, err.decode(errors="replace").strip()[-200:]))
    elif seconds > ALLOWED_SECONDS:
        problems.append("it took %.1f s to end" % seconds)
    return heard, seconds, problems + study.cut_files()


def run(frame, options):
    times = options.signals or (3 if frame.short else 100)
    _, study, reference, span = frame.usual_study("signalled")
    slowest, heard_in_all, sent = 0, 0, 0
    kinds = [(n, False) for n in SIGNALS_TO_STOP] + [(signal.SIGTERM, True)]
    for number, twice in kinds:
        fault = number.name + (" twice" if twice else "")
        study.begin_anew()
        for i in range(times):
            before = study.finished()
            heard, seconds, problems = signal_once(frame, study, number, span, twice)
            problems += study.made_again(before)
            sent += 1
            if heard:
                heard_in_all += 1
                slowest = max(slowest, seconds)
            if not problems and (study.is_complete() or i == times - 1):
                problems += study.goes_on(reference)
                study_done = True
            else:
                study_done = False
            frame.table.count("signals", fault, problems)
            if problems:
                frame.keep(study, "signals-%s-%d" % (number.name, i))
            if problems or study_done:
                study.begin_anew()
    frame.table.remark("signals", "%d of %d signals came while the program worked; the slowest was heard after %.2f s"
                       % (heard_in_all, sent, slowest))
