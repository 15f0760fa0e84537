#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of private steps says what the measurement says: on a small measurement whose answers are known."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "performance"))
sys.dont_write_bytecode = True
import private_page as page  # noqa: E402


def one_round(private=500.0, opacus=True):
    rates = {"dense-group-norm": 1000.0, "dense-private": private, "S3L2-group-norm": 900.0, "S3L2-private": 300.0}
    ours = {"resnet20/train/" + name: {"images/s": rate, "MiB of gradients": 135.0} for name, rate in rates.items()}
    theirs = {"plain": {"images_per_second": 400.0, "peak": 900.0, "version": "", "torch": "2.0"},
              "hooks": {"images_per_second": 100.0, "peak": 1800.0, "version": "1.5", "torch": "2.0"}, "ew": {}}
    return {"ours": ours, "opacus": theirs if opacus else {}, "load": {"others": 0.01, "hypervisor": 0.0}}


def made_of(rounds, quick=False):
    data = {"state": "abc", "date": "2026-01-02", "threads": 2, "quick": quick, "layouts": {}, "context": {"bench_nn": {"cpu": "X"}},
            "rounds": rounds}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        return page.text(file.name, None)


class PrivatePage(unittest.TestCase):
    def test_costs_are_formed_within_a_round(self):
        text = made_of([one_round(500.0), one_round(800.0), one_round(400.0)])
        self.assertIn("| dense | 1,000 (1,000 to 1,000) | 500 (400 to 800) | 2.00x (1.25 to 2.50) | reached | 135 (135 to 135) |", text)
        self.assertIn("| 3.00x (3.00 to 3.00) | missed |", text)
        self.assertNotIn("pruned sixteen", text.split("3.00x")[0].split("dense |")[0])

    def test_opacus_stands_beside_it_where_it_is(self):
        text = made_of([one_round()])
        self.assertIn("Opacus 1.5 on PyTorch 2.0", text)
        self.assertIn("| hooks | 400 | 100 | 4.00x | 1,800 | 5.0x |", text)
        self.assertNotIn("expanded weights", text)  # which this one has not got
        self.assertNotIn("Opacus 1.5", made_of([one_round(opacus=False)]))

    def test_a_quick_run_says_so(self):
        self.assertIn("proves that everything runs", made_of([one_round()], quick=True))


if __name__ == "__main__":
    unittest.main()
