# SPDX-License-Identifier: MIT
"""disk: at a random instant the disk has room for a few more bytes alone (a tmpfs, where mounting is allowed), or files may not grow beyond
more and more bytes (a limit of the process): the program ends with 1 and says why, and goes on once there is room."""
import os
import resource
import subprocess
import time

from frame import Result, TINY

ABOUT = "disks that are full, and files that may not grow"


def arguments(parser):
    parser.add_argument("--steps", type=int, help="sizes that are tried (24; short: 4)")


def failed_in_words(result, *texts):
    said = any(text in result.err for text in texts)
    if result.status == 0 or (result.status == 1 and said and result.err.count("\n") == 1):
        return []
    return ["not status 1 and a line with '%s' (%s)" % (texts[0], result.says())]


def limited(frame, study, reference, limit):
    study.begin_anew()
    result = study.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    problems = failed_in_words(result, "File too large") + study.cut_files()
    return problems or study.goes_on(reference)


def mount(place, *options):
    return subprocess.run(["mount", *options, str(place)], stderr=subprocess.PIPE, check=False).returncode == 0


def full(frame, reference, seconds, pages):
    """A study whose disk has room for so many pages more from some instant on."""
    place = frame.work / "small"
    place.mkdir(exist_ok=True)
    if not mount(place, "-t", "tmpfs", "-o", "size=1g", "papillon-torture"):
        return None
    try:
        _, study, _, _ = frame.study(TINY, "small/full", drawn=False)
        process = study.start()
        time.sleep(frame.random.uniform(0, seconds))
        while process.poll() is None:
            room = os.statvfs(place)
            used = (room.f_blocks - room.f_bfree) * room.f_frsize
            if mount(place, "-o", "remount,size=%d" % (used + pages * os.sysconf("SC_PAGESIZE"))):
                break  # else it has written more in the meantime
        out, err = process.communicate(timeout=600)
        result = Result(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"), 0)
        problems = failed_in_words(result, "No space left on device", "does not fit onto the disk") + study.cut_files()
        mount(place, "-o", "remount,size=1g")
        return problems or study.goes_on(reference)
    finally:
        subprocess.run(["umount", str(place)], check=False)


def run(frame, options):
    steps = options.steps or (4 if frame.short else 24)
    whole, study, reference, seconds = frame.study(TINY, "limited", drawn=False)
    sizes = [f.stat().st_size for f in whole.out.rglob("*") if f.is_file()]
    for step in range(steps):
        limit = int(max(sizes) * (step + 0.5) / steps)
        problems = limited(frame, study, reference, limit)
        frame.table.count("disk", "a file's size is limited", problems)
        if problems:
            frame.keep(study, "disk-limit-%d" % limit)
    for step in range(steps):
        problems = full(frame, reference, seconds, 1 + step)
        if problems is None:
            return frame.table.skip("disk", "mounting a tmpfs is not allowed here; only files' sizes were limited")
        frame.table.count("disk", "the disk is full", problems)
