# SPDX-License-Identifier: MIT
"""slurm: a study as arrays of jobs of a Slurm that is started here (tests/slurm/cluster.sh): undisturbed, with a node that dies and comes
back, with a partition that takes the nodes away, with a controller that is restarted. Submitted again until nothing is missing, it
has the bits of one program."""
import os
import pathlib
import subprocess
import time

from frame import SMOKE

ABOUT = "a study as jobs: a node that dies, a preemption, a controller that is restarted"
CLUSTER = pathlib.Path(__file__).resolve().parent.parent / "slurm" / "cluster.sh"
NODES = 3
SETTINGS = SMOKE + ["--set", "train.epochs=40", "--set", "data.subset=400"]
SHORT = SETTINGS + ["--set", "study.configurations=dense", "--set", "attack.list=loss"]
WAIT_SECONDS = 300


def arguments(parser):
    parser.add_argument("--times", type=int, help="slurm: each fault (3; short: a node's death once)")


def cluster(*words, **how):
    return subprocess.run(["bash", str(CLUSTER), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)


class Queue:
    """A Slurm's, by its commands."""

    def __init__(self, directory):
        self.directory = directory
        self.env = {"SLURM_CONF": str(pathlib.Path(directory) / "slurm.conf")}

    def says(self, *command):
        return subprocess.run(command, env={**os.environ, **self.env}, capture_output=True, text=True, check=False).stdout.strip()

    def running(self):
        """(job, node) of elements that train."""
        lines = self.says("squeue", "--noheader", "--array", "--states=RUNNING", "--format=%i|%N|%j").splitlines()
        return [tuple(line.split("|")[:2]) for line in lines if "-train-" in line]

    def wait_until_empty(self):
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            if self.says("scontrol", "ping").endswith("UP") and not self.says("squeue", "--noheader"):
                return []
            time.sleep(0.2)
        return ["jobs have not ended after %d s: %s" % (WAIT_SECONDS, self.says("squeue", "--array"))]

    def restarts(self, job):
        """How often a job was put back."""
        words = self.says("scontrol", "show", "job", job).split()
        return max([int(w.split("=")[1]) for w in words if w.startswith("Restarts=")], default=0)


def nothing(_queue, _job, _node):
    return []


def node_dies(queue, _job, node):
    if cluster("kill", queue.directory, node).returncode != 0:
        return ["the node could not be ended"]
    time.sleep(1)
    return [] if cluster("revive", queue.directory, node).returncode == 0 else ["the node does not come back"]


def preempted(queue, job, _node):
    queue.says("sbatch", "--parsable", "--partition=urgent", "--nodes=%d" % NODES, "--exclusive", "--output=/dev/null", "--wrap=sleep 2")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if queue.restarts(job):
            return []
        time.sleep(0.1)
    return ["the job was not put back"]


def restarted(queue, _job, _node):
    return [] if cluster("restart", queue.directory).returncode == 0 else ["the controller does not come back"]


FAULTS = [("arrays, undisturbed", nothing), ("a node dies and comes back", node_dies), ("a preemption", preempted),
          ("the controller is restarted", restarted)]


def submit(frame, study):
    return frame.run(["study", "submit", "--engine", "slurm"] + study.settings + ["--out", str(study.out), "--time", "10"], env=study.env)


def one(frame, study, reference, queue, disturb):
    study.begin_anew()
    result = submit(frame, study)
    if result.status != 0:
        return ["not submitted: " + result.says()]
    until = time.monotonic() + 60
    running = []
    while time.monotonic() < until and not (running and any(study.out.glob("networks/*/metrics.csv"))):
        running = queue.running()
        time.sleep(0.05)
    if not running:
        return ["no node trains"]
    problems = disturb(queue, *frame.random.choice(running)) + queue.wait_until_empty() + study.cut_files()
    before = study.finished()
    again = submit(frame, study)
    problems += [] if again.status == 0 else ["not submitted again: " + again.says()]
    return problems + queue.wait_until_empty() + study.made_again(before) + study.differences(reference)


def run(frame, options):
    missing = cluster("missing")
    if missing.returncode == 0:
        frame.table.skip("slurm", "no Slurm can be started here: " + missing.stdout.strip())
        return
    _, study, reference, _ = frame.study(SHORT if frame.short else SETTINGS, "slurm")
    queue = Queue(str(frame.work / "cluster"))
    study.env = {**study.env, **queue.env}
    try:
        up = cluster("start", queue.directory, str(NODES))
        if up.returncode != 0:
            frame.table.skip("slurm", "Slurm does not start: " + up.stdout.strip()[-200:])
            return
        for fault, disturb in FAULTS:
            if frame.short and disturb is not node_dies:
                continue
            for number in range(options.times or (1 if frame.short else 3)):
                problems = one(frame, study, reference, queue, disturb)
                frame.table.count("slurm", fault, problems)
                if problems:
                    frame.keep(study, "slurm-%s-%d" % (fault.split()[-1], number))
                    queue.says("scancel", "--user=root")
                    queue.wait_until_empty()
    finally:
        cluster("stop", queue.directory)
