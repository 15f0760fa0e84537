#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/gpu-check on machines that are made up: what is missing is said in one line, and what stages find is told from what programs
in their place print. Neither a GPU nor nvcc is needed."""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "gpu-check"
sys.dont_write_bytecode = True


def load():
    loader = importlib.machinery.SourceFileLoader("gpu_check", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_check", loader))
    loader.exec_module(module)
    return module


def runs(process):
    """Whether the process of this number has not ended."""
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


class Machine(unittest.TestCase):
    """A folder of programs that stands in for the PATH."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = pathlib.Path(self.temporary.name)
        self.bin = self.folder / "bin"
        self.bin.mkdir()

    def program(self, name, text):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def call(self, *arguments, **environment):
        return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=60, check=False,
                              env={"PATH": str(self.bin), "CUDACXX": str(self.bin / "nvcc"), **environment})


class Missing(Machine):
    def expect_one_line(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def test_a_machine_without_a_gpu_is_told_so_in_one_line(self):
        for name in ("nvcc", "cmake", "c++"):
            self.program(name, "exit 0")
        self.program("nvidia-smi", "echo 'NVIDIA-SMI has failed' >&2; exit 9")
        line = self.expect_one_line(self.call(), "GPU")
        self.assertNotIn("nvcc", line)

    def test_a_machine_with_a_gpu_and_nothing_else_is_told_what_it_lacks(self):
        self.program("nvidia-smi", "echo 'Some GPU, 9.0, 580.1'")
        line = self.expect_one_line(self.call(), "nvcc", "cmake", "compiler")
        self.assertNotIn("GPU", line)

    def test_wrong_options_are_a_usage_error_and_help_names_every_stage(self):
        self.assertEqual(self.call("--device", "toaster").returncode, 2)
        text = self.call("--help").stdout
        for stage in ("build", "check", "memcheck", "racecheck", "time", "pytorch", "tests"):
            self.assertRegex(text, rf"(?m)^  {stage} ")
        self.assertIn("exit status: 0", text)

    def test_a_folder_that_is_not_empty_is_not_packed_into(self):
        self.expect_one_line(self.call("--pack", str(self.folder)), "not empty")


class Stages(Machine):
    def setUp(self):
        super().setUp()
        self.script = load()
        self.script.HERE = self.folder
        self.script.BUILD = self.folder / "build" / "gpu-check"
        self.script.BUILD.mkdir(parents=True)
        self.script.print = lambda *words, **_: None
        self.path = os.environ["PATH"]
        self.addCleanup(lambda: os.environ.update(PATH=self.path))
        os.environ["PATH"] = f"{self.bin}{os.pathsep}{self.path}"

    def run_with(self, text, minutes=7.5, emulated=False):
        run = self.script.Run(emulated, minutes)
        run.program = self.program("gpu_check", text)
        run.device = {"name": "Some GPU", "capability": "9.0", "driver": "580.1"}
        return run

    def test_trainings_that_agree_pass_and_are_counted(self):
        run = self.run_with("echo 'passed: dense, 1 images'; echo 'passed: dense, 17 images'")
        run.check()
        self.assertEqual(run.lines["check"][0], "passed")
        self.assertTrue(run.lines["check"][1].startswith("2 trainings"))

    def test_a_training_that_differs_fails_and_is_named(self):
        run = self.run_with("echo 'differs: dense, 17 images: loss by 0.1'; echo 'failed: dense, 17 images'; echo 'passed: x'; exit 1")
        run.check()
        self.assertEqual(run.lines["check"][0], "failed")
        self.assertIn("1 of 2 trainings: dense, 17 images: loss by 0.1", run.lines["check"][1])

    def test_a_program_that_prints_nothing_or_crashes_has_not_passed(self):
        for text in ("exit 0", "echo 'passed: dense'; exit 3"):
            run = self.run_with(text)
            run.check()
            self.assertEqual(run.lines["check"][0], "failed")

    def test_a_stage_that_takes_too_long_is_stopped_with_all_that_it_started(self):
        self.script.SECONDS["check"] = 2
        run = self.run_with("sleep 600 & echo $! > " + str(self.folder / "child") + "; wait")
        run.check()
        self.assertEqual(run.lines["check"][0], "skipped")
        self.assertIn("stopped after 2 s", run.lines["check"][1])
        child = int((self.folder / "child").read_text())
        # The kernel ends a killed process when it next runs: not at once on a machine with more to do.
        deadline = time.monotonic() + 30
        while runs(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(runs(child))

    def test_a_stage_for_which_no_time_is_left_is_not_started(self):
        run = self.run_with("touch " + str(self.folder / "started"), minutes=0.05)
        for stage in (run.check, run.time, run.pytorch):
            stage()
        self.assertEqual([outcome for outcome, _ in run.lines.values()], ["skipped"] * 3)
        self.assertFalse((self.folder / "started").exists())

    def test_findings_of_the_sanitizer_fail(self):
        for status, summary, outcome in ((0, "ERROR SUMMARY: 0 errors", "passed"), (9, "ERROR SUMMARY: 3 errors", "failed")):
            self.program("compute-sanitizer", f"echo '========= {summary}'; exit {status}")
            run = self.run_with("exit 0")
            run.sanitize("memcheck")
            self.assertEqual(run.lines["memcheck"][0], outcome)
            self.assertIn(summary, run.lines["memcheck"][1])

    def test_the_page_has_times_and_their_ratio_to_the_fastest_of_pytorch_in_single_precision(self):
        run = self.run_with('case "$*" in *S3L2*train*) t=0.5;; *train*) t=1.25;; *) t=0.25;; esac; printf "milliseconds: $t\\nfastest: $t\\nslowest: 3.0\\nimages_per_second: 204800\\ncalls: 5\\n"')
        run.time()
        self.assertEqual(run.lines["time"][0], "passed")
        row = lambda work, variant, ms: {"work": work, "variant": variant, "milliseconds": ms, "images_per_second": 256e3 / ms}
        run.peer = {"torch": "9.9", "rows": [row("train", "fp32, eager", 4.0), row("train", "fp32, graph", 2.5), row("train", "tf32, graph", 0.1), row("eval", "fp32, eager", 1.0)]}
        page = run.page()
        self.assertIn("| dense | train | 256 | 1.250 | 1.250 to 3.000 | 204,800 | 2.00 |", page)
        self.assertIn("| S3L2 | train | 256 | 0.500 | 0.500 to 3.000 | 204,800 | 5.00 |", page)
        self.assertIn("| dense | eval | 256 | 0.250 | 0.250 to 3.000 | 204,800 | 4.00 |", page)
        self.assertIn("| driver | 580.1 |", page)
        self.assertIn("| train | tf32, graph | 0.100 |", page)


if __name__ == "__main__":
    unittest.main()
