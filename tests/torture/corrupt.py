# SPDX-License-Identifier: MIT
"""corrupt: every file of a finished study in turn is cut, zeroed, given one changed bit, or replaced by another file of its kind.
`study run` then refuses it by name (status 2 or 3), or does its work again, or does not need it; whatever the report says is what it
said before. `study verify --repair` moves it away, and the study goes on to the same bits."""
import shutil

from frame import contents

ABOUT = "every file cut, zeroed, with a changed bit, another's: refused by name or done again, never used"
# What no number hangs on: a damaged claim is waited for like that of another machine, and provenance is moved aside with a note.
NOT_TRIED = ("claims", "provenance.json")


def arguments(parser):
    parser.add_argument("--every", type=int, help="try every so manieth file (1; short: 5)")


def cut(bits, _):
    return bits[:len(bits) // 2]


def zeroed(bits, _):
    return bytes(len(bits))


def flipped(bits, _):
    at = len(bits) // 2
    return bits[:at] + bytes([bits[at] ^ 4]) + bits[at + 1:]


def another(_, other):
    return other


FAULTS = [("cut", cut), ("zeroed", zeroed), ("a changed bit", flipped), ("another's", another)]


def other_of_its_kind(file, files):
    """The contents of another file of the same kind: of the same name in another directory, or of the same ending beside it."""
    same = [f for f in files if f != file and f.name == file.name]
    same += [f for f in files if f != file and f.parent == file.parent and f.suffix == file.suffix]
    same += [f for f in files if f != file and f.suffix == file.suffix]
    different = [f for f in same if f.read_bytes() != file.read_bytes()]
    return different[0].read_bytes() if different else None


def problems_with(study, reference, place):
    """After one file was changed."""
    result = study.run()
    if result.status == 0:
        now = contents(study.out)
        name = "report/results.json"
        if now.get(name) != reference[name]:
            return ["%s was used: the report says something else" % place]
    elif result.status not in (2, 3) or place.rsplit("/", 1)[-1] not in result.err:
        return ["%s: not refused by name (%s)" % (place, result.says())]
    if place == "settings.json" and result.status != 0:
        (study.out / place).unlink()  # a person's file: it is put right by a person
    if study.verify().status == 1 and study.verify("--repair").status != 0:
        return ["%s cannot be moved away" % place]
    result = study.run()
    if result.status != 0:
        return ["%s: it does not go on (%s)" % (place, result.says())]
    # Answers at an earlier epoch are asked for again by whoever needs them; once the numbers that came of them are finished, nobody does.
    stem = place.rsplit(".", 1)[0]
    not_needed = {"%s.%s is missing" % (stem, ending) for ending in ("npy", "json")} if "/outputs-" in place else set()
    return [p for p in study.differences(reference) if p not in not_needed]


def run(frame, options):
    every = options.every or (5 if frame.short else 1)
    whole, study, reference, _ = frame.usual_study("corrupt")
    files = [f for f in sorted(whole.out.rglob("*"))
             if f.is_file() and f.name not in NOT_TRIED and f.parent.name not in NOT_TRIED]
    for number, file in enumerate(files):
        if number % every:
            continue
        place = str(file.relative_to(whole.out))
        for turn, (fault, change) in enumerate(FAULTS):
            if frame.short and turn != number // every % len(FAULTS):
                continue
            old = file.read_bytes()
            new = change(old, other_of_its_kind(file, files) if change is another else None)
            if new is None or new == old:
                continue
            study.begin_anew()
            shutil.copytree(whole.out, study.out)
            (study.out / place).write_bytes(new)
            problems = problems_with(study, reference, place)
            frame.table.count("corrupt", fault, problems)
            if problems:
                frame.keep(study, "corrupt-%d-%d" % (number, turn))
