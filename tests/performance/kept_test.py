#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measurements are kept without losing what pages show, and the pages in the repository are what its measurements give."""
import json
import os
import sys
import tempfile
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "scripts", "performance"))
sys.dont_write_bytecode = True
import kept  # noqa: E402
import operators_page  # noqa: E402
import page  # noqa: E402

RESULTS = os.path.join(ROOT, "docs", "results")


def through_file(measurement):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kept.json")
        with open(path, "w") as file:
            file.write(kept.text(kept.keep(measurement), 3))
        return kept.read(path)


class Kept(unittest.TestCase):
    def test_rounds_come_back(self):
        rounds = [{"ours": {"a": {"seconds": 1.5}, "b": {"seconds": 2.0}}, "busy": 3.0, "context": {"caches": [{"level": 1}], "cpu": "x"}},
                  {"ours": {"a": {"seconds": 1.25}}, "busy": 4.0, "context": {"caches": [{"level": 1}], "cpu": "x"}}]
        data = {"state": "abc", "date": "2026-01-01", "rounds": rounds}
        self.assertEqual(through_file(data), data)

    def test_one_round_comes_back(self):
        data = {"state": "abc", "rounds": [{"ours": {"a": {"seconds": 1.5}}, "onednn": {}, "fastest": {"a": "nchw"}}]}
        self.assertEqual(through_file(data), data)

    def test_five_digits_are_kept_and_nothing_that_no_page_shows(self):
        data = {"rounds": [{"ours": {"a": {"seconds": 1.23456789e-5, "madds/s": 1e9, "label": "blocked"}}}]}
        self.assertEqual(through_file(data)["rounds"], [{"ours": {"a": {"seconds": 1.2346e-5}}}])

    def test_a_measurement_itself_can_be_read(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"rounds": [{"a": 1}, {"a": 2}]}, file)
            file.flush()
            self.assertEqual(kept.read(file.name)["rounds"], [{"a": 1}, {"a": 2}])


class Pages(unittest.TestCase):
    """A page is made again and compared; figures are gnuplot's, which draws them in its own way from version to version."""

    def compare(self, name, make):
        measurement, written = os.path.join(RESULTS, "measurements", name + ".json"), os.path.join(RESULTS, name + ".md")
        if not os.path.exists(measurement):
            self.skipTest(f"{name}.md is of a measurement that was not kept")
        with open(written) as file:
            self.assertEqual(file.read(), make(measurement), f"{name}.md: make it again with --page-only")

    def test_performance(self):
        for name in "performance", "performance-avx2":
            with self.subTest(name):
                self.compare(name, lambda path: page.text(path, None))

    def test_matvec(self):
        for name in "matvec", "matvec-avx2":
            with self.subTest(name):
                self.compare(name, lambda path: operators_page.text(path, name + ".md"))


if __name__ == "__main__":
    unittest.main()
