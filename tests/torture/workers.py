# SPDX-License-Identifier: MIT
"""workers: four programs share one study, two on each of two machines where name spaces can be made. One is killed at random again
and again; one is stopped for longer than five beats and goes on; a machine dies. All of that where locks hold, and the first two
also where they keep nobody out (a preloaded library), as on some parallel file systems: there time stamps alone decide, and
whoever was stopped finds its task taken. In short, stamps are set back instead of waiting."""
import json
import os
import shutil
import signal
import subprocess
import time

from frame import SMOKE, TINY, kill_session

ABOUT = "four workers: one killed, one stopped for five beats, a machine that dies, locks that hold nobody"
WORKERS = 4
SILENCE_SECONDS = 5 * 20  # after which a worker counts as dead
NO_LOCKS = """
int flock(int descriptor, int operation) { (void)descriptor; (void)operation; return 0; }
"""
# A machine with a name and processes of its own, on which two workers run.
HOST = """"$0" "$1" && shift && { "$@" & first=$!; "$@"; status=$?; wait $first || status=$?; exit $status; }"""
HOSTS = ("papillon-one", "papillon-two")


def arguments(parser):
    parser.add_argument("--team-kills", type=int, dest="team_kills",
                        help="workers: kills of one of four, with locks and without (200; short: 4)")
    parser.add_argument("--stops", type=int, help="workers: times one is stopped, and a machine dies (3; short: 1)")
    parser.add_argument("--pause", type=float, help="workers: seconds between two kills, about (1, or a third of what a study takes)")


def claimed(study, kind="*"):
    """The processes that hold claims, with the name of their machine and the claim's file."""
    found = []
    for file in (study.out / "claims").glob(kind + ".json"):
        try:
            record = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        if "process" in record and not record.get("released"):
            found.append((record["process"], record["host"], file))
    return found


def wait_for_claim(study, whose):
    """The first claim on a network for which `whose(process, host)`; None after a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for process, host, file in claimed(study, "network-*"):
            if whose(process, host):
                return process, host, file
        time.sleep(0.005)
    return None


def stop(study, pids):
    """Stops a worker that holds the claim on a network; that claim. None where all is done before."""
    while not study.is_complete():
        found = wait_for_claim(study, lambda process, _: process in pids)
        if not found:
            break
        os.kill(found[0], signal.SIGSTOP)
        time.sleep(0.05)  # a thread may have been on its way to give it back
        if found in claimed(study):
            return found
        os.kill(found[0], signal.SIGCONT)
    return None


def is_taken(study, found):
    """Whether others take a claim, or all is done without, within two minutes."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if study.is_complete() or all(file != found[2] or process != found[0] for process, _, file in claimed(study)):
            return True
        time.sleep(0.01)
    return False


def silence(frame, files):
    """Lets five beats pass in which somebody renews none of its files."""
    if not frame.short:
        time.sleep(SILENCE_SECONDS + 5)
        return
    before = time.time() - SILENCE_SECONDS - 5
    for file in files:
        os.utime(file, (before, before))


def start(study, prefix=()):
    """What all of them say is in one file."""
    with open(study.frame.work / "said", "ab") as said:
        return study.start(prefix=prefix, stdout=said, stderr=subprocess.STDOUT)


def ended(study, processes, seconds=900):
    """What is wrong with how they end; and what they said."""
    problems, file = [], study.frame.work / "said"
    for process in processes:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            kill_session(process)
            process.wait()
            problems.append("a worker did not end within %d s" % seconds)
            continue
        if process.returncode != 0:
            problems.append("a worker ended with %d" % process.returncode)
    said = file.read_text(errors="replace")
    file.unlink()
    return problems + [line for line in said.splitlines() if problems and line.startswith("papillon: ")], said


def count_all(frame, study, fault, times, problems):
    """Of faults that one study went through, the last is the one that is seen."""
    for i in range(times):
        frame.table.count("workers", fault, problems if i == times - 1 else [])
    if problems:
        frame.keep(study, "workers-" + "-".join(fault.split()))


def kill_some(frame, study, reference, fault, count, pause):
    """Studies one after another, of whose workers one after another is killed and another comes."""
    kills = 0
    while kills < count:
        study.begin_anew()
        team, on_this = [start(study) for _ in range(WORKERS)], 0
        while True:
            time.sleep(frame.random.uniform(0.5, 1.5) * pause)
            victim = frame.random.randrange(WORKERS)
            if any(worker.poll() == 0 for worker in team) or kills == count:
                break  # all is done, or soon will be
            if team[victim].poll() is None:
                team[victim].kill()
                kills += 1
                on_this += 1
            team[victim].wait()
            if team[victim].returncode != -signal.SIGKILL:
                team.append(team[victim])
                break
            team[victim] = start(study)
        problems, _ = ended(study, team)
        count_all(frame, study, fault, on_this, problems or study.differences(reference))


def stop_one(frame, study, reference, fault, without_locks):
    study.begin_anew()
    team = [start(study) for _ in range(WORKERS)]
    found = stop(study, {worker.pid for worker in team})
    problems = [] if found else ["nobody was seen to hold a claim"]
    if found:
        silence(frame, [found[2]])
        if without_locks and not is_taken(study, found):
            problems.append("what a stopped worker held was taken by nobody")
        os.kill(found[0], signal.SIGCONT)
    more, said = ended(study, team)
    count_all(frame, study, fault, 1, problems + more or study.differences(reference))
    return "is left to others" in said  # it need not see that: it may have written all that it had to


def name_spaces():
    """The command that begins with ones of its own; None where that is not allowed."""
    unshare, hostname = shutil.which("unshare"), shutil.which("hostname")
    command = [unshare, "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if not unshare or not hostname or subprocess.run(command + [hostname, "papillon"], stderr=subprocess.DEVNULL, check=False).returncode:
        return None
    return command + ["/bin/sh", "-c", HOST, hostname]


def two_hosts(frame, study, reference, unshared, dies):
    study.begin_anew()
    hosts = {name: start(study, unshared + [name]) for name in HOSTS}
    problems = []
    if dies:
        found = wait_for_claim(study, lambda _, host: host in HOSTS)
        if found:
            dead = hosts.pop(found[1])
            kill_session(dead)
            dead.wait()
            silence(frame, [file for _, host, file in claimed(study) if host == found[1]]
                    + list(study.out.rglob("*.tmp.%s.*" % found[1])))
        else:
            problems.append("nobody was seen to hold a claim")
    more, _ = ended(study, hosts.values())
    # A draft of the machine that died is removed by the next program.
    problems += more or (study.goes_on(reference) if dies else study.differences(reference))
    count_all(frame, study, "a machine dies" if dies else "two machines", 1, problems)


def library_without_locks(frame):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    source, library = frame.work / "no_locks.c", frame.work / "no_locks.so"
    source.write_text(NO_LOCKS)
    if compiler is None or subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=False).returncode != 0:
        return None
    return str(library)


def run(frame, options):
    kills, stops = options.team_kills or (4 if frame.short else 200), options.stops or (1 if frame.short else 3)
    epochs = ["--set", "train.epochs=%d" % (20 if frame.short else 60)]
    settings = TINY + epochs if frame.short else SMOKE + ["--threads", "1"] + epochs
    _, study, reference, seconds = frame.study(settings, "workers", drawn=not frame.short)
    pause = options.pause or min(1.0, seconds / 3)
    plain, library = study.env, library_without_locks(frame)
    if library is None:
        frame.table.skip("workers", "there is no C compiler, so all locks hold")
    for without_locks in (False, True) if library else (False,):
        study.env = {**plain, "LD_PRELOAD": library} if without_locks else plain
        where = ", locks hold nobody" if without_locks else ""
        kill_some(frame, study, reference, "one of four is killed" + where, kills, pause)
        seen = sum(stop_one(frame, study, reference, "one of four is stopped" + where, without_locks) for _ in range(stops))
        if without_locks:
            frame.table.remark("workers", "%d of %d that were stopped had more to write, and said that their task was another's"
                               % (seen, stops))
    study.env = plain
    unshared = name_spaces()
    if unshared is None:
        frame.table.skip("workers", "name spaces cannot be made here, so all was one machine")
        return
    for _ in range(stops):
        two_hosts(frame, study, reference, unshared, dies=False)
        two_hosts(frame, study, reference, unshared, dies=True)
