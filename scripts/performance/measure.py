#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures this library against its peers and writes one JSON file, from which page.py makes the page.

usage: measure.py PROGRAMS OUT [--rounds N] [--threads N] [--quick]
PROGRAMS is a build directory; OUT the JSON file. A round runs every piece of work once, ours and a peer's directly after
one another; ratios are formed within a round.
Of PyTorch the newest that is found is taken (build/peers, Debian's); variants that come near its fastest before the first round are all
run in every round, and the round's fastest counts. A peer that is not there is left out. Use a machine that does nothing else.
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


class PyTorch:
    """A process of bench/peers/resnet20_pytorch.py. `capability`: the vectors that its own operators use
    (ATEN_CPU_CAPABILITY); convolutions are oneDNN's, which sees for itself."""

    script = os.path.join(ROOT, "bench", "peers", "resnet20_pytorch.py")

    def __init__(self, environment, python, capability="default"):
        self.environment, self.python = dict(environment, PYTHONDONTWRITEBYTECODE="1"), python
        if capability != "default":
            self.environment["ATEN_CPU_CAPABILITY"] = capability
        self.process = subprocess.Popen([python, self.script], env=self.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.about = dict(self.ask("about"), capability=capability)

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
        done = subprocess.run([self.python, self.script, "memory", variant], env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)


def best_pytorch(environment, seconds):
    """The newest PyTorch, with its own choice of vectors, or with AVX-512 where that trains the dense network faster; None without any."""
    found = interpreters(environment)
    if not found:
        return None
    python = found[0][1]
    first = PyTorch(environment, python)
    with open("/proc/cpuinfo") as file:
        wide = "avx512f" in file.read()
    if not wide:
        return first
    second = PyTorch(environment, python, "avx512")
    rate = lambda torch: torch.rate("train", "dense", "nhwc", seconds)
    rates = [0.0, 0.0]
    for _ in range(3):
        for i, torch in enumerate((first, second)):
            rates[i] = max(rates[i], rate(torch))
    print(f"  pytorch's vectors: its own choice {rates[0]:.0f} images/s, avx512 {rates[1]:.0f}", flush=True)
    kept, other = (first, second) if rates[0] >= rates[1] else (second, first)
    other.end()
    return kept


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
    ours, theirs, fastest, onednn = {}, {}, {}, {}
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
        if work == "train" and network != "dense":
            measure("bench_nn", f"^resnet20/train/(dense|{network})/real_time$", step)
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
            "peak": statistics.median(suite.peaks)}


def measure_busy(suite, seconds):
    """The dense network's training while another process keeps one processor to itself as far as it can: images/s."""
    one = min(os.sched_getaffinity(0))
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"], preexec_fn=lambda: os.sched_setaffinity(0, {one}))
    try:
        return suite.run("bench_nn", exactly("resnet20/train/dense"), seconds)["resnet20/train/dense"]["images/s"]
    finally:
        other.kill()
        other.wait()


def describe_state():
    """The state of the sources, as far as git knows it."""
    git = lambda *words: subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    return git("describe", "--always", "--dirty=, with changes")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("programs")
    arguments.add_argument("out")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    arguments.add_argument("--quick", action="store_true", help="moments instead of seconds: proves that all runs")
    args = arguments.parse_args()

    environment = dict(os.environ, OMP_NUM_THREADS=str(args.threads))
    suite, tried = Suite(args.programs, environment), {}
    print("variants of PyTorch", flush=True)
    torch = best_pytorch(environment, 0.1 if args.quick else 1.5)
    if torch is None:
        print("  PyTorch is absent")
    else:
        tried = choose_variants(torch, 0.1 if args.quick else 1.5)
    pieces = pieces_of_a_round(tried)
    result = {"state": describe_state(), "threads": args.threads, "quick": args.quick, "plan": plan_of_the_study(args.programs),
              "pytorch": torch.about if torch else None, "variants": tried, "chosen": {}, "memory": {}, "rounds": []}
    memory = subprocess.run([suite.path("dense_training_memory")], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result["memory"]["ours"] = json.loads(memory.stdout)
    if torch is not None:
        # Of both layouts the one that needs less.
        result["memory"]["pytorch"] = min((torch.memory(v) for v in ("nchw", "nhwc")), key=lambda m: m["peak"])
    for number in range(args.rounds):
        begin = time.time()
        result["rounds"].append(measure_round(suite, torch, pieces, args.quick))
        print(f"round {number + 1} of {args.rounds}: {time.time() - begin:.0f} s", flush=True)
        result["chosen"] = {p[0]: most_often([r["fastest"][p[0]] for r in result["rounds"]]) for p in pieces}
        result["context"] = suite.context
        with open(args.out + ".part", "w") as file:  # a measurement that is cut off keeps its finished rounds
            json.dump(result, file, indent=1)
        os.replace(args.out + ".part", args.out)
    if torch is not None:
        torch.end()


if __name__ == "__main__":
    main()
