#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of compile times: budgets are read from the sources and held against the measurement."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "performance"))
sys.dont_write_bytecode = True
import compile_time  # noqa: E402


class CompileTime(unittest.TestCase):
    def test_every_source_names_itself_and_its_budget(self):
        self.assertEqual(compile_time.read_budget("// x\n// budget: a network | 60 s | 2 GB\n"), ("a network", 60.0, 2.0))
        self.assertEqual(compile_time.read_budget("// budget: a header | 2 s\n"), ("a header", 2.0, None))
        for name in os.listdir(compile_time.SOURCES):
            with open(os.path.join(compile_time.SOURCES, name)) as file:
                self.assertTrue(compile_time.read_budget(file.read())[0], name)

    def test_verdicts(self):
        self.assertEqual(compile_time.verdict(2.0, 9.0, 2.0, None), "reached")
        self.assertEqual(compile_time.verdict(2.1, 0.1, 2.0, None), "missed")
        self.assertEqual(compile_time.verdict(1.0, 2.1, 60.0, 2.0), "missed")
        self.assertEqual(compile_time.verdict(1.0, 1.0, None, None), "–")

    def test_a_row_shows_every_compiler(self):
        text = compile_time.page([("a header", 2.0, None, {"g++": (1.5, 0.25), "clang++": (3.0, 0.5)})], {"g++": "g++ 12", "clang++": "clang++ 14"}, "abc")
        self.assertIn("| what is compiled | budget | g++ 12 | clang++ 14 |", text)
        self.assertIn("| a header | 2 s | 1.50 s (0.25 GB), reached | 3.00 s (0.50 GB), missed |", text)


if __name__ == "__main__":
    unittest.main()
