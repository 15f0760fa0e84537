#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures this library against its peers and writes one JSON file, from which page.py makes the page.

usage: measure.py PROGRAMS OUT [--rounds N] [--threads N] [--quick]
PROGRAMS is a build directory; OUT the JSON file. A round runs every piece of work once, ours and a peer's directly after
one another; ratios are formed within a round. Of each peer the fastest variant is chosen before the first round.
A peer that is not there is left out. Use a machine that does nothing else.
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


class PyTorch:
    """A process of bench/peers/resnet20_pytorch.py; `about` is None if there is no PyTorch. `capability`: the vectors that
    its own operators use (ATEN_CPU_CAPABILITY); convolutions are oneDNN's, which sees for itself."""

    script = os.path.join(ROOT, "bench", "peers", "resnet20_pytorch.py")

    def __init__(self, environment, capability="default"):
        self.environment = dict(environment, PYTHONDONTWRITEBYTECODE="1")
        if capability != "default":
            self.environment["ATEN_CPU_CAPABILITY"] = capability
        self.about, self.process = None, None
        found = subprocess.run([sys.executable, "-c", "import torch"], env=self.environment, capture_output=True)
        if found.returncode == 0:
            self.process = subprocess.Popen([sys.executable, self.script], env=self.environment, text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.about = dict(self.ask("about"), capability=capability)

    def end(self):
        if self.process is not None:
            self.process.communicate()

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.script} ended on the request: {request}")
        return json.loads(answer)

    def rate(self, work, network, variant, seconds):
        return self.ask(f"{work} {network} {variant} {seconds}")["images_per_second"]

    def memory(self, variant):
        done = subprocess.run([sys.executable, self.script, "memory", variant], env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)


def best_pytorch(environment, seconds):
    """PyTorch with its own choice of vectors, or with AVX-512 where that trains the dense network faster."""
    first = PyTorch(environment)
    with open("/proc/cpuinfo") as file:
        wide = "avx512f" in file.read()
    if first.about is None or not wide:
        return first
    second = PyTorch(environment, "avx512")
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
        return layouts
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


def chosen(tried):
    """The pieces of work of a round: [(key, work, network, variant)]; what is frozen stands beside what is not."""
    pieces = []
    for key, rates in tried.items():
        work, network = key.split("/")
        plain = {v: r for v, r in rates.items() if "frozen" not in v}
        pieces.append((key, work, network, max(plain, key=plain.get)))
        frozen = {v: r for v, r in rates.items() if "frozen" in v}
        if frozen:
            pieces.append((key + "/frozen", work, network, max(frozen, key=frozen.get)))
    return pieces


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
    ours, theirs, onednn = {}, {}, {}
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
        for key, _, _, variant in [p for p in pieces if p[1:3] == (work, network)]:
            theirs[key] = torch.rate(work, network, variant, torch_seconds)
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
    return {"ours": ours, "pytorch": theirs, "onednn": onednn, "peak": statistics.median(suite.peaks)}


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
    if torch.about is None:
        print("  PyTorch is absent")
    else:
        tried = choose_variants(torch, 0.1 if args.quick else 1.5)
    result = {"state": describe_state(), "threads": args.threads, "quick": args.quick, "plan": plan_of_the_study(args.programs),
              "pytorch": torch.about, "variants": tried, "chosen": {p[0]: p[3] for p in chosen(tried)},
              "memory": {}, "rounds": []}
    memory = subprocess.run([suite.path("dense_training_memory")], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    result["memory"]["ours"] = json.loads(memory.stdout)
    if torch.about is not None:
        # Of both layouts the one that needs less.
        result["memory"]["pytorch"] = min((torch.memory(v) for v in ("nchw", "nhwc")), key=lambda m: m["peak"])
    for number in range(args.rounds):
        begin = time.time()
        result["rounds"].append(measure_round(suite, torch, chosen(tried), args.quick))
        print(f"round {number + 1} of {args.rounds}: {time.time() - begin:.0f} s", flush=True)
        result["context"] = suite.context
        with open(args.out + ".part", "w") as file:  # a measurement that is cut off keeps its finished rounds
            json.dump(result, file, indent=1)
        os.replace(args.out + ".part", args.out)
    torch.end()


if __name__ == "__main__":
    main()
