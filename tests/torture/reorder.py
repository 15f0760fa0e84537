# SPDX-License-Identifier: MIT
"""reorder: what a power loss may leave. A run is recorded (every write, sync, rename and new directory, with its data, by strace) and
replayed up to every point, as a file system may leave it that keeps no promise but fsync's: data that were not synced are gone, or cut,
or names that were not synced are gone too. Each such study goes on."""
import re

ABOUT = "the states that a power loss may leave, at every point of a recorded run"
CALLS = ["openat", "write", "fsync", "fdatasync", "rename", "mkdir", "unlink", "unlinkat", "rmdir", "ftruncate", "lseek", "pwrite64"]


def arguments(parser):
    parser.add_argument("--every-point", type=int, dest="every_point", help="replay up to every so manieth point (1; short: 40)")


def decoded(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Disk:
    """Names and contents as programs see them, and as far as they were synced."""

    def __init__(self, root):
        self.root = root
        self.names, self.lasting_names = {}, {}  # path below the root: a number; directories: None
        self.data, self.lasting_data = {}, {}    # by number

    def inside(self, path):
        return path == self.root or path.startswith(self.root + b"/")

    def apply(self, call, path, more):
        if call == "openat":
            if "O_CREAT" in more and path not in self.names:
                self.names[path] = len(self.data)
                self.data[len(self.data)] = b""
            if "O_TRUNC" in more and self.names.get(path) is not None:
                self.data[self.names[path]] = b""
        elif call == "write":
            self.data[self.names[path]] += more  # the program only ever appends
        elif call in ("fsync", "fdatasync"):
            if self.names.get(path, -1) is None or path == self.root:
                self.sync_names(path)
            elif path in self.names:
                self.lasting_data[self.names[path]] = self.data[self.names[path]]
        elif call == "rename":
            self.names[more] = self.names.pop(path)
        elif call == "mkdir":
            self.names[path] = None
        else:
            self.names.pop(path, None)

    def sync_names(self, directory):
        def in_it(path):
            return path.rsplit(b"/", 1)[0] == directory
        self.lasting_names = {p: n for p, n in self.lasting_names.items() if not in_it(p)}
        self.lasting_names.update({p: n for p, n in self.names.items() if in_it(p)})

    def lay_out(self, place, names, data_of):
        """Writes a state into a directory; names below directories that are not there are gone."""
        for path in sorted(names):
            file = place / path[len(self.root) + 1:].decode()
            if path == self.root or not file.parent.is_dir():
                continue
            if names[path] is None:
                file.mkdir()
            else:
                file.write_bytes(data_of(names[path]))

    def synced(self, number):
        return self.lasting_data.get(number, b"")

    def cut(self, number):
        now, lasting = self.data[number], self.synced(number)
        return now[:len(lasting) + (len(now) - len(lasting)) // 2]

    def states(self):
        return [("data that were not synced are gone", self.names, self.synced),
                ("data that were not synced are cut", self.names, self.cut),
                ("names that were not synced are gone", self.lasting_names, self.synced)]


def steps_of(log, root):
    """The calls that changed something of the study: (call, path, what more there is to it)."""
    steps = []
    for line in log.read_text().splitlines():
        seen = re.match(r"\d+ +(\w+)\((.*)\) = (-?\d+)", line)
        if not seen or seen[3].startswith("-"):
            continue
        call, rest = seen[1], seen[2]
        paths = [decoded(p) for p in re.findall(r'[<"]((?:\\x[0-9a-f]{2})*)[>"]', rest)]
        if call == "openat":
            path, more = paths[1], rest
        elif call == "write":
            path, more = paths[0], paths[1][:int(seen[3])]
        elif call == "rename":
            path, more = paths[0], paths[1]
        elif call in ("lseek", "ftruncate", "pwrite64"):
            path, more = paths[0], None
        else:
            path, more = paths[-1], None
        if path != root and not path.startswith(root + b"/"):
            continue
        if call in ("ftruncate", "pwrite64"):
            raise SystemExit("torture: the program writes otherwise than by appending (%s), which reorder does not know" % call)
        if call == "lseek" or (call == "openat" and "O_CREAT" not in more and "O_TRUNC" not in more):
            continue
        steps.append((call, path, more))
    return steps


def run(frame, options):
    every = options.every_point or (40 if frame.short else 1)
    strace, study, reference = frame.traced_study("reorder")
    if strace is None:
        return
    log = frame.work / "recorded.log"
    result = study.run(prefix=[strace, "-f", "-y", "-xx", "-s", "100000000", "-o", str(log), "-e", "trace=" + ",".join(CALLS),
                               "-e", "signal=none"])
    root = str(study.out).encode()
    steps = steps_of(log, root) if result.status == 0 else []
    if not any(call == "rename" for call, _, _ in steps):
        return frame.table.skip("reorder", "strace cannot trace here")
    disk = Disk(root)
    for number, step in enumerate(steps):
        disk.apply(*step)
        if number % every:
            continue
        for fault, names, data_of in disk.states():
            study.begin_anew()
            study.out.mkdir()
            disk.lay_out(study.out, names, data_of)
            problems = ["point %d: %s" % (number, p) for p in study.cut_files() or study.goes_on(reference)]
            frame.table.count("reorder", fault, problems)
            if problems:
                frame.keep(study, "reorder-%d-%s" % (number, fault.split()[-1]))
