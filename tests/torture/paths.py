# SPDX-License-Identifier: MIT
"""paths: studies in directories whose names hold spaces, quotes, letters of all languages, newlines, bytes that are no text, a leading
dash, and as many letters as a name may have."""
import os
import shutil

from frame import SMOKE, TINY

ABOUT = "directories with names that nobody expects"
NAMES = [("spaces", b" a b  "), ("quotes", b"it's \"here\" $HOME `id` %s {0}"), ("unicode", "étude-вероятность-研究-🦋".encode()),
         ("a newline", b"two\nlines"), ("not UTF-8", b"caf\xe9"), ("a dash", b"-out"), ("a dot", b".hidden"),
         ("255 bytes", b"n" * 255), ("deep", b"/".join([b"d" * 200] * 15))]


def arguments(_):
    pass


def run(frame, _):
    root = frame.work / "paths"
    for name, path in NAMES:
        drawn = name in ("spaces", "quotes", "a newline") and not frame.short
        _, study, reference, _ = frame.study(SMOKE if drawn else TINY, "paths", drawn=drawn)
        study.out = root / os.fsdecode(path)
        result = study.run()
        problems = [] if result.status == 0 else [result.says()]
        if "\n" in os.fsdecode(path) and any(line.startswith("lines") for line in (result.out + result.err).splitlines()):
            problems.append("a newline of the name is printed as it is")
        if drawn and not problems:
            drawn_files = {f.name for f in (study.out / "report" / "figures").glob("*.svg")}
            if len(drawn_files) < 3:
                problems.append("figures are not drawn")
        frame.table.count("paths", name, problems or study.differences(reference))
        shutil.rmtree(root)
