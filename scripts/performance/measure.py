#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures this library against its peers and writes one JSON file, from which page.py makes the page.

usage: measure.py PROGRAMS OUT [--rounds N] [--threads N] [--isa avx2] [--quick]
PROGRAMS is a build directory; OUT the JSON file. A round runs every piece of work once, ours and a peer's directly after
one another; ratios are formed within a round.
Of PyTorch the newest that is found is taken (build/peers, Debian's), with the settings that make it fastest; variants that come near its
fastest before the first round are all run in every round, and the round's fastest counts. A peer that is not there is left out.
Use a machine that does nothing else.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
BUTTERFLIES = ["S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"]
# Work that PyTorch does too. Its inference of a butterfly is that of the dense network the butterfly multiplies out to.
SHARED = [("train", n) for n in ["dense"] + BUTTERFLIES] + [("eval", "dense"), ("attack_features", "dense")]
SHAPES = ["3->16/side:32/stride:1", "16->16/side:32/stride:1", "16->32/side:32/stride:2", "32->32/side:16/stride:1",
          "32->64/side:16/stride:2", "64->64/side:8/stride:1", "16->32/side:32/stride:2/1x1", "32->64/side:16/stride:2/1x1"]


# What keeps peers to an instruction set that the machine goes beyond; of this library it is a matter of compiling.
ISAS = {"avx2": {"name": "AVX2", "peers": {"ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
                                           "OPENBLAS_CORETYPE": "Haswell", "LIBXSMM_TARGET": "hsw"}}}


TICKS = os.sysconf("SC_CLK_TCK")


def add_isa(arguments):
    arguments.add_argument("--isa", choices=sorted(ISAS), help="PROGRAMS were compiled for it; peers are kept to it")


# Variables by which a machine's owner may slow a peer down without a word: nothing of this library's or a peer's choices is inherited.
TUNING = "ATEN_", "DNNL_", "GLIBC_TUNABLES", "GOMP_", "KMP_", "LIBXSMM_", "MALLOC_", "MKL_", "OMP_", "ONEDNN_", "OPENBLAS_"


def environment_of(args):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(TUNING)}
    return dict(inherited, OMP_NUM_THREADS=str(args.threads), **(ISAS[args.isa]["peers"] if args.isa else {}))


def describe_state():
    """The state of the sources, as far as git knows it."""
    git = lambda *words: subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    return git("describe", "--always", "--dirty=, with changes")


def describe(args):
    """What of a measurement is no number."""
    about = {"state": describe_state(), "date": time.strftime("%Y-%m-%d")}
    return dict(about, isa=ISAS[args.isa]) if args.isa else about


def busy_and_steal(line):
    """Ticks of a line of /proc/stat in which processes ran, and in which the hypervisor had the processor."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(n) for n in line.split()[1:9])
    return user + nice + system + irq + softirq, steal


def ticks_of(stat):
    """Of a process and the children that it has waited for, by its /proc/PID/stat; its name may hold anything."""
    return sum(int(n) for n in stat.rpartition(")")[2].split()[11:15])


class Load:
    """What others took of the machine's processors since it was made: other processes, and the hypervisor."""

    def __init__(self, *alive):
        """alive: processes of ours that go on; the time of those that ended is known."""
        self.alive = [p.pid for p in alive]
        self.begin = self.now()

    def now(self):
        with open("/proc/stat") as file:
            busy, steal = busy_and_steal(file.readline())
        own = sum(os.times()[:4]) * TICKS
        for pid in self.alive:
            with open(f"/proc/{pid}/stat") as file:
                own += ticks_of(file.read())
        return time.monotonic() * TICKS * os.cpu_count(), busy - own, steal

    def shares(self):
        all_time, others, steal = (b - a for a, b in zip(self.begin, self.now()))
        return {"others": max(0.0, others / all_time), "hypervisor": steal / all_time}


class Suite:
    """The Google Benchmark programs of a build."""

    def __init__(self, programs, environment):
        self.folder, self.environment = os.path.join(programs, "bench"), environment
        self.context, self.peaks = {}, []

    def path(self, name):
        return os.path.join(self.folder, name)

    def has(self, name):
        return os.path.exists(self.path(name))

    counters = "images/s", "FLOP/s", "bytes/s", "of peak", "of copy"

    def run(self, name, pattern, min_time, *options):
        """{benchmark without "/real_time": its counters and "seconds" an iteration}"""
        command = [self.path(name), "--benchmark_filter=" + pattern, f"--benchmark_min_time={min_time}", "--benchmark_format=json",
                   *options]
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0 or not done.stdout.strip():
            sys.exit(f"{name} failed on {pattern}:\n{done.stderr}")
        answer = json.loads(done.stdout)
        for private in "host_name", "executable", "date", "load_avg":
            answer["context"].pop(private, None)
        self.context.setdefault(name, answer["context"])
        self.peaks.append(float(answer["context"]["peak GFLOP/s"]) * 1e9)
        results = {}
        for b in answer["benchmarks"]:
            if b.get("error_occurred"):
                continue
            scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[b["time_unit"]]
            row = {key: b[key] for key in self.counters if key in b}
            row["seconds"] = b["real_time"] * scale
            if b.get("label"):
                row["label"] = b["label"]
            results[b["name"].replace("/real_time", "")] = row
        return results


def exactly(name):
    return "^" + re.sub(r"([.+])", r"\\\1", name) + "/real_time$"


def interpreters(environment):
    """Pythons that have PyTorch, that with the newest first: [(version, path)]."""
    found = []
    for python in (os.path.join(ROOT, "build", "peers", "bin", "python"), sys.executable):
        if os.path.exists(python):
            done = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], env=environment, capture_output=True, text=True)
            if done.returncode == 0:
                found.append((tuple(int(n) for n in re.findall(r"\d+", done.stdout)[:2]), python))
    return sorted(found, reverse=True)


# glibc's malloc gives large arrays back to the system when they are freed, and every step asks for them again: tens of thousands of page
# faults a step, more or fewer by what the process did before. Told to keep what it has, PyTorch trains faster, and as fast in every round.
KEEPING = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "20000000000", "MALLOC_TOP_PAD_": "1000000000"}
ALLOCATORS = {"its own choice": {}, "kept by malloc": KEEPING}
VECTORS = {"its own choice": {}, "avx512": {"ATEN_CPU_CAPABILITY": "avx512"}}


class PyTorch:
    """A process of bench/peers/resnet20_pytorch.py. `vectors` are those of its own operators; convolutions are oneDNN's, which sees for
    itself."""

    script = os.path.join(ROOT, "bench", "peers", "resnet20_pytorch.py")

    def __init__(self, environment, python, memory, vectors):
        self.plain = dict(environment, PYTHONDONTWRITEBYTECODE="1")
        self.python = python
        self.process = subprocess.Popen([python, self.script], env=dict(self.plain, **ALLOCATORS[memory], **VECTORS[vectors]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.about = dict(self.ask("about"), memory=memory, vectors=environment.get("ATEN_CPU_CAPABILITY", vectors))

    def end(self):
        self.process.communicate()

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.script} ended on the request: {request}")
        return json.loads(answer)

    def rate(self, work, network, variant, seconds):
        """images/s; 0 where this PyTorch has no such variant."""
        return self.ask(f"{work} {network} {variant} {seconds}").get("images_per_second", 0.0)

    def memory(self, variant):
        """Peak memory, with an allocator that gives back what it can."""
        done = subprocess.run([self.python, self.script, "memory", variant], env=self.plain, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)


def fastest_process(choices, make, seconds):
    """make(choice): a process; kept is the one that trains the dense network fastest in three tries in turn -> (choice, process)."""
    processes = {choice: make(choice) for choice in choices}
    rates = dict.fromkeys(choices, 0.0)
    for _ in range(3):
        for choice, torch in processes.items():
            rates[choice] = max(rates[choice], torch.rate("train", "dense", "nhwc", seconds))
    print("  " + ", ".join(f"{choice} {rate:.0f} images/s" for choice, rate in rates.items()), flush=True)
    best = max(rates, key=rates.get)
    for choice, torch in processes.items():
        if choice != best:
            torch.end()
    return best, processes[best]


def best_pytorch(environment, seconds):
    """The newest PyTorch with the allocator and the vectors that train the dense network fastest; None without any."""
    found = interpreters(environment)
    if not found:
        return None
    python = found[0][1]
    print("  pytorch's memory", flush=True)
    memory, torch = fastest_process(ALLOCATORS, lambda memory: PyTorch(environment, python, memory, "its own choice"), seconds)
    with open("/proc/cpuinfo") as file:
        wide = "avx512f" in file.read() and "ATEN_CPU_CAPABILITY" not in environment
    if not wide:
        return torch
    torch.end()
    print("  pytorch's vectors", flush=True)
    return fastest_process(VECTORS, lambda vectors: PyTorch(environment, python, memory, vectors), seconds)[1]


def torch_variants(work, network):
    layouts = ["nchw", "nhwc"]
    if work != "train":
        return layouts + [layout + "+frozen" for layout in layouts]
    if network == "dense":
        return layouts + [layout + "+compiled" for layout in layouts]
    return [layout + "+" + way for layout in layouts for way in ("product", "factors")]


def choose_variants(torch, seconds):
    """-> {work/network: {variant: images/s}}, the better of two tries."""
    tried = {}
    for work, network in SHARED:
        variants = torch_variants(work, network)
        tries = [{v: torch.rate(work, network, v, seconds) for v in variants} for _ in range(2)]
        tried[f"{work}/{network}"] = {v: max(t[v] for t in tries) for v in variants}
        print(f"  pytorch {work} {network}: " + ", ".join(f"{v} {r:.0f}" for v, r in tried[f'{work}/{network}'].items()), flush=True)
    return tried


def candidates(rates):
    """Variants that may be the fastest: those within a tenth of it."""
    return [v for v, r in rates.items() if r > 0.9 * max(rates.values())]


def pieces_of_a_round(tried):
    """[(key, work, network, variants)]; what is frozen stands beside what is not."""
    pieces = []
    for key, rates in tried.items():
        work, network = key.split("/")
        for suffix, frozen in (("", False), ("/frozen", True)):
            of_kind = {v: r for v, r in rates.items() if ("frozen" in v) == frozen and r > 0}
            if of_kind:
                pieces.append((key + suffix, work, network, candidates(of_kind)))
    return pieces


def most_often(names):
    return max(sorted(set(names)), key=names.count)


def plan_of_the_study(programs):
    """What `papillon study plan` says of the preset `paper`: the configurations, and the settings that time depends on."""
    program = os.path.join(programs, "apps", "papillon")
    ask = lambda *more: subprocess.run([program, "study", "plan", "--preset", "paper", *more], check=True,
                                       stdout=subprocess.PIPE, text=True).stdout
    rows = re.findall(r"^(\S+) +(\d+) +([\d.]+) +(\d+) +(\d+) ", ask("--images-per-second", "1000"), re.M)
    settings = dict(re.findall(r'^ *"([\w.]+)": ([\d.]+)', ask("--print-config"), re.M))
    return {"configurations": [{"name": r[0], "nonzeros": int(r[1]), "percent": float(r[2]), "multiply_adds": int(r[3]),
                                "trainings": int(r[4])} for r in rows],
            **{key: int(settings[name]) for key, name in (("epochs", "train.epochs"), ("subset", "data.subset"),
                                                          ("validation", "data.validation"), ("draws", "attack.draws"))}}


def measure_round(suite, torch, pieces, quick):
    ours, theirs, fastest, onednn, load = {}, {}, {}, {}, Load(*([torch.process] if torch else []))
    step, short = (0.05, 0.02) if quick else (1.5, 0.3)
    torch_seconds = 0.2 if quick else 2.5

    def measure(program, pattern, min_time):
        """Keeps the first result of a name; and what trains beside the dense network also as a multiple of its speed."""
        results = suite.run(program, pattern, min_time)
        dense = results.get("resnet20/train/dense")
        for name, row in results.items():
            if dense and name.startswith(("resnet20/train/", "resnet20/epoch/")):
                row["over dense"] = row["images/s"] / dense["images/s"]
            ours.setdefault(name, row)

    measure("bench_machine", ".", short)
    suite.peaks.clear()
    # Ours, then PyTorch's.
    for work, network in SHARED:
        if work == "train":
            measure("bench_nn", f"^resnet20/train/(dense|{network}|{network}-half)/real_time$", step)
        else:
            measure("bench_nn", exactly(f"resnet20/{work}/{network}"), step)
        for key, _, _, variants in [p for p in pieces if p[1:3] == (work, network)]:
            rates = {v: torch.rate(work, network, v, torch_seconds) for v in variants}
            fastest[key] = max(rates, key=rates.get)
            theirs[key] = rates[fastest[key]]
    # Ours alone.
    measure("bench_nn", "^resnet20/(train/(imp|pruned|dense)|epoch/)", step)
    measure("bench_nn", "^resnet20/(eval|attack_features)/(imp|pruned|S|dense[^/])", short)
    measure("bench_nn", "^data/", short)
    # Kernels, shape by shape.
    for shape in SHAPES:
        pattern = "^convolution/[a-z_]*/" + shape + "/[^/]*/real_time$"
        measure("bench_nn", pattern, short)
        if suite.has("bench_peers"):
            onednn.update(suite.run("bench_peers", pattern, short))
    measure("bench_nn", "^(batch_norm|pooling|linear|loss|sgd)/", short)
    return {"ours": ours, "pytorch": theirs, "fastest": fastest, "onednn": onednn, "busy": measure_busy(suite, step),
            "load": load.shares(), "peak": statistics.median(suite.peaks)}


def measure_busy(suite, seconds):
    """The dense network's training while another process keeps one processor to itself as far as it can: images/s."""
    one = min(os.sched_getaffinity(0))
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=lambda: os.sched_setaffinity(0, {one}))
    try:
        return suite.run("bench_nn", exactly("resnet20/train/dense"), seconds)["resnet20/train/dense"]["images/s"]
    finally:
        other.kill()
        other.wait()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("programs")
    arguments.add_argument("out")
    arguments.add_argument("--rounds", type=int, default=0, help="5, or 1 with --quick, unless told")
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    add_isa(arguments)
    arguments.add_argument("--quick", action="store_true", help="moments instead of seconds: proves that all runs")
    args = arguments.parse_args()

    rounds = args.rounds or (1 if args.quick else 5)
    environment = environment_of(args)
    suite, tried = Suite(args.programs, environment), {}
    print("variants of PyTorch", flush=True)
    torch = best_pytorch(environment, 0.1 if args.quick else 1.5)
    if torch is None:
        print("  PyTorch is absent")
    else:
        tried = choose_variants(torch, 0.1 if args.quick else 1.5)
    pieces = pieces_of_a_round(tried)
    result = {**describe(args), "threads": args.threads, "quick": args.quick, "plan": plan_of_the_study(args.programs),
              "pytorch": torch.about if torch else None, "variants": tried, "chosen": {}, "memory": {}, "rounds": []}
    memory = subprocess.run([suite.path("dense_training_memory")], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result["memory"]["ours"] = json.loads(memory.stdout)
    if torch is not None:
        # Of both layouts the one that needs less.
        result["memory"]["pytorch"] = min((torch.memory(v) for v in ("nchw", "nhwc")), key=lambda m: m["peak"])
    for number in range(rounds):
        begin = time.time()
        result["rounds"].append(measure_round(suite, torch, pieces, args.quick))
        print(f"round {number + 1} of {rounds}: {time.time() - begin:.0f} s", flush=True)
        result["chosen"] = {p[0]: most_often([r["fastest"][p[0]] for r in result["rounds"]]) for p in pieces}
        result["context"] = suite.context
        with open(args.out + ".part", "w") as file:  # a measurement that is cut off keeps its finished rounds
            json.dump(result, file, indent=1)
        os.replace(args.out + ".part", args.out)
    if torch is not None:
        torch.end()


if __name__ == "__main__":
    main()
