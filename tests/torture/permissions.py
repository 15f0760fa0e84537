# SPDX-License-Identifier: MIT
"""permissions: directories that cannot be written and files that cannot be read, by a user who is not root: the last
line names it, and the study goes on once that is put right."""
import os
import pathlib
import shutil

from frame import TINY

ABOUT = "directories and files that another user may not write or read"
NOBODY = 65534


def arguments(_):
    pass


def as_another_user():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def within_reach(frame):
    """The program, where another user can start it: it may lie in a directory that is somebody's alone."""
    place = frame.work / "program"
    place.mkdir()
    for file in pathlib.Path(frame.papillon).parent.glob("papillon*"):
        if file.is_file() and os.access(file, os.X_OK):
            shutil.copy2(file, place)
    return str(place / pathlib.Path(frame.papillon).name)


def owned_by_nobody(place):
    for directory, _, files in os.walk(place):
        for name in [directory] + [os.path.join(directory, f) for f in files]:
            os.chown(name, NOBODY, NOBODY)


def run(frame, _):
    how = {"preexec_fn": as_another_user} if os.geteuid() == 0 else {}
    whole, study, reference, _ = frame.study(TINY, "permissions/study", drawn=False)
    os.chmod(frame.work, 0o755)
    frame.papillon = within_reach(frame)

    def one(fault, place, mode, allowed):
        """Of a half finished study: without its attacks and its report."""
        shutil.rmtree(study.out.parent, ignore_errors=True)
        shutil.copytree(whole.out, study.out)
        for part in ("attacks", "report"):
            shutil.rmtree(study.out / part)
        if how:
            owned_by_nobody(study.out.parent)
        file = study.out / place
        file = next(study.out.glob(place)) if "*" in place else file
        old = file.stat().st_mode
        file.chmod(mode)
        result = study.run(**how)
        problems = [] if result.status in allowed else ["%s: not among %s" % (result.says(), allowed)]
        if result.status != 0 and file.name not in result.says():
            problems.append("the last line has not the name (%s)" % result.says())
        file.chmod(old)
        problems += study.cut_files()
        frame.table.count("permissions", fault, problems or study.goes_on(reference, **how))

    for place in (".", "networks/dense-target-*"):
        one("a directory that cannot be written", place, 0o555, [0, 1])
    for place in (".", "networks", "networks/dense-target-*"):
        one("a directory that cannot be entered", place, 0o000, [1, 3])
    for place in ("settings.json", "networks/dense-target-*/result.json", "networks/dense-target-*/features-*.npy",
                  "networks/dense-shadow-*/outputs-*.json", "splits/*.safetensors"):
        one("a file that cannot be read", place, 0o000, [1, 3])
