# SPDX-License-Identifier: MIT
"""load: a study of 10,000 tasks is planned, listed and gone on with within five seconds of a processor each, and the page of so many
seeds is not larger than a browser likes."""
import resource
import signal
import time

from frame import SMOKE

ABOUT = "10,000 tasks planned, listed and resumed; the page of very many seeds"
TASKS_OF_A_SEED = 41
ALLOWED_SECONDS, ALLOWED_BYTES = 5, 2_000_000
SMALL = SMOKE + ["--set", "data.subset=24", "--set", "data.validation=8", "--set", "train.batch=8", "--set", "train.epochs=1",
                 "--set", "attack.hidden=3", "--set", "attack.learning_rates=0.01", "--set", "attack.epochs=1"]


def arguments(parser):
    parser.add_argument("--tasks", type=int, help="load: of the study (10,000)")


def processor_seconds(frame, arguments):
    """Of a command: what it took of a processor, which does not depend on who else is there; and its result."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = frame.run(arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result


def timed(frame, fault, arguments, *texts):
    seconds, result = processor_seconds(frame, arguments)
    problems = [] if result.status == 0 else [result.says()]
    problems += ["it does not say '%s'" % text for text in texts if text not in result.out]
    if seconds > ALLOWED_SECONDS:
        problems.append("it takes %.1f s of a processor" % seconds)
    frame.table.count("load", fault, problems)
    frame.table.remark("load", "%s: %.1f s of a processor, %.1f s in all" % (fault, seconds, result.seconds))


def resumed(frame, study):
    """One of its attacks is gone: how soon that is found and begun."""
    lost = next(study.out.glob("attacks/*-gap-*.json"))
    lost.unlink()
    begin = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = study.start()
    while process.poll() is None and not lost.exists():
        time.sleep(0.01)
    seconds = time.monotonic() - begin
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    problems = [] if lost.exists() else ["what was lost was not made again (%s)" % err.decode(errors="replace")[-200:]]
    if took > ALLOWED_SECONDS:
        problems.append("it takes %.1f s of a processor" % took)
    frame.table.count("load", "gone on with", problems)
    frame.table.remark("load", "gone on with: %.1f s of a processor, %.1f s until the one task that was missing was done" % (took, seconds))


def run(frame, options):
    seeds = -(-(options.tasks or 10_000) // TASKS_OF_A_SEED)
    many = ["--set", "study.seeds=" + ",".join(str(s) for s in range(1, seeds + 1))]
    timed(frame, "planned", ["study", "plan"] + SMALL + many, "%d trainings" % (6 * seeds))
    timed(frame, "listed before it begins", ["study", "status"] + SMALL + many + ["--out", "load"], "of %d" % (2 * seeds))
    if frame.short:
        return
    whole, _, _, seconds = frame.study(SMALL + many, "load", timeout=3 * 3600)
    frame.table.remark("load", "%d tasks are done in %.0f s" % (seeds * TASKS_OF_A_SEED, seconds))
    timed(frame, "listed when it is done", ["study", "status", "--out", str(whole.out)], "%d of %d" % (2 * seeds, 2 * seeds))
    size = (whole.out / "report" / "index.html").stat().st_size
    frame.table.count("load", "the page of %d seeds" % seeds,
                      ["it has %d bytes" % size] if size > ALLOWED_BYTES else [])
    frame.table.remark("load", "the page of %d seeds has %.1f MB" % (seeds, size / 1e6))
    resumed(frame, whole)
