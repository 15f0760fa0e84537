#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a measurement does beside timing: which variants of a peer run in every round, how peers are kept to an instruction set, how much others
took of the machine."""
import argparse
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "performance"))
sys.dont_write_bytecode = True
import kept  # noqa: E402
import measure  # noqa: E402
import page  # noqa: E402

NETWORKS = ["dense", "imp-08", "imp-16", "imp-24", "pruned17.3%", "pruned3.4%"] + measure.BUTTERFLIES
NAMES = [f"resnet20/{work}/{n}" for work in ("train", "eval", "attack_features") for n in NETWORKS] + [
    "resnet20/train/dense-half", "resnet20/epoch/dense", "data/batch/augmented", "sgd/272474"] + [
    f"machine/multiply_add/threads:{t}" for t in (1, 2)] + [
    f"machine/copy/{where}/threads:{t}" for where in ("first_cache", "second_cache", "activation", "memory") for t in (1, 2)] + [
    f"convolution/{work}/{shape}/{s}" for work in ("forward", "training_forward", "backward", "weight_gradient") for shape in measure.SHAPES
    for s in ("dense", "direct")]
# A benchmark program that answers at once: of the network with 16-bit storage twice the rate of all others.
PROGRAM = """#!/usr/bin/python3
import json, re, sys
pattern = next(w.split("=", 1)[1] for w in sys.argv if w.startswith("--benchmark_filter="))
rows = [{"name": n + "/real_time", "real_time": 1.0 + n.startswith("convolution/backward"), "time_unit": "ms", "images/s": 512e3 if "half" in n else 256e3,
         "FLOP/s": 1e11, "bytes/s": 1e10, "of peak": 0.5, "of copy": 0.5} for n in %s]
print(json.dumps({"context": {"peak GFLOP/s": "200.0", "lanes": "16", "host_name": "x"},
                  "benchmarks": [r for r in rows if re.search(pattern, r["name"])]}))
"""
# A PyTorch that is twice as fast if it keeps its memory, and then needs twice as much of it.
PYTORCH = """import json, os, sys
keeping = 1 + ("MALLOC_TRIM_THRESHOLD_" in os.environ)
if sys.argv[1:2] == ["memory"]:
    print(json.dumps({"peak": 400.0 * keeping, "before": 100.0}))
else:
    for line in sys.stdin:
        print(json.dumps({"version": "9", "threads": 2, "onednn": True} if line.split() == ["about"] else {"images_per_second": 1e5 * keeping}), flush=True)
"""
PLAN = """#!/bin/sh
case "$*" in
  *print-config*) printf ' "train.epochs": 300,\\n "data.subset": 15000,\\n "data.validation": 1000,\\n "attack.draws": 5\\n' ;;
  *) printf 'dense 272474 100.0 40000000 6 1 h\\nimp-24 2000 0.8 300000 6 1 h\\nS3L2 20000 8.0 3000000 6 1 h\\n' ;;
esac
"""


class Measure(unittest.TestCase):
    def test_variants_near_the_fastest_run_in_every_round_those_that_failed_never(self):
        pieces = measure.pieces_of_a_round({"eval/dense": {"nchw": 95.0, "nhwc": 100.0, "nchw+frozen": 0.0, "nhwc+frozen": 150.0}})
        self.assertEqual(pieces, [("eval/dense", "eval", "dense", ["nchw", "nhwc"]), ("eval/dense/frozen", "eval", "dense", ["nhwc+frozen"])])

    def measured(self, pytorch, *options):
        """The page of a measurement with such programs, of which every number is known."""
        with tempfile.TemporaryDirectory() as folder:
            programs = {"bench/bench_nn": PROGRAM % NAMES, "bench/bench_machine": PROGRAM % NAMES, "apps/papillon": PLAN, "pytorch.py": PYTORCH,
                        "bench/dense_training_memory": "#!/bin/sh\necho '{\"peak\": 100.0, \"before\": 3.0}'\n"}
            for name, text in programs.items():
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as file:
                    file.write(text)
                os.chmod(path, 0o755)
            out, small = os.path.join(folder, "out.json"), os.path.join(folder, "kept.json")
            with mock.patch.object(measure, "interpreters", lambda _: [((9, 0), sys.executable)] if pytorch else []), \
                    mock.patch.object(measure.PyTorch, "script", os.path.join(folder, "pytorch.py")), contextlib.redirect_stdout(io.StringIO()):
                with mock.patch.object(sys, "argv", ["measure.py", folder, out, "--quick", "--threads", "2", *options]):
                    measure.main()
                with mock.patch.object(sys, "argv", ["kept.py", out, small]):
                    kept.main()
            self.assertEqual(page.text(small, None), page.text(out, None))
            return page.text(small, None)

    def test_a_measurement_is_kept_and_makes_a_page(self):
        text = self.measured(False, "--isa", "avx2")
        self.assertIn("| dense-half | 512,000 | 2.00x |", text)
        self.assertIn("- **Code for AVX2**", text)
        self.assertIn("Other processes took", text)
        self.assertIn("PyTorch: absent", text)

    def test_pytorch_runs_as_it_is_fastest_and_its_memory_is_that_of_its_own_choice(self):
        text = self.measured(True)
        self.assertIn("memory: kept by malloc.", text)
        self.assertIn("256,000 and 200,000 images/s", text)
        self.assertIn("100 and 400 MiB", text)

    def test_of_processes_the_one_with_the_best_try_is_kept_and_the_others_ended(self):
        class Process:
            def __init__(self, tries):
                self.tries, self.ended = list(tries), False

            def rate(self, *_):
                return self.tries.pop(0)

            def end(self):
                self.ended = True
        processes = {"a": Process([1.0, 5.0, 2.0]), "b": Process([4.0, 4.0, 4.0])}
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(measure.fastest_process(processes, processes.get, 1.0), ("a", processes["a"]))
        self.assertEqual([p.ended for p in processes.values()], [False, True])

    def test_peers_inherit_no_variable_that_slows_them_down(self):
        os.environ["OPENBLAS_CORETYPE"] = "Haswell"
        self.assertNotIn("OPENBLAS_CORETYPE", measure.environment_of(argparse.Namespace(threads=3, isa=None)))
        self.assertIn("PATH", measure.environment_of(argparse.Namespace(threads=3, isa=None)))

    def test_peers_are_kept_to_an_instruction_set(self):
        wide = measure.environment_of(argparse.Namespace(threads=3, isa=None))
        narrow = measure.environment_of(argparse.Namespace(threads=3, isa="avx2"))
        self.assertEqual(wide["OMP_NUM_THREADS"], "3")
        for key, value in measure.ISAS["avx2"]["peers"].items():
            self.assertEqual(narrow[key], value)

    def test_what_others_took_is_what_ran_less_what_was_ours(self):
        self.assertEqual(measure.busy_and_steal("cpu  100 20 3 999 888 4 5 60 7 8"), (132, 60))
        self.assertEqual(measure.ticks_of("1 (a) b) S 2 3 4 5 6 7 8 9 10 11 100 20 3 4 55 66"), 127)
        load = measure.Load()
        load.now = lambda: (load.begin[0] + 1000, load.begin[1] + 250, load.begin[2] + 10)
        self.assertEqual(load.shares(), {"others": 0.25, "hypervisor": 0.01})


if __name__ == "__main__":
    unittest.main()
