#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of results says what the measurement says: on small measurements whose answers are known."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "performance"))
sys.dont_write_bytecode = True
import page  # noqa: E402


def rate(images):
    return {"images/s": images, "of peak": 0.5, "seconds": 256 / images}


def one_round(train, torch_train, speed=1.0):
    ours = {f"resnet20/train/{n}": rate(train * f * speed) for n, f in
            [("dense", 1.0), ("imp-08", 2.0), ("imp-16", 4.0), ("imp-24", 4.0), ("pruned17.3%", 3.0), ("pruned3.4%", 5.0)] +
            [(n, 6.0) for n in page.BUTTERFLIES]}
    for name, row in list(ours.items()):
        row["over dense"] = row["images/s"] / ours["resnet20/train/dense"]["images/s"]
    for work, factor in (("eval", 3.0), ("attack_features", 0.5)):
        ours.update({n.replace("train", work): rate(r["images/s"] * factor) for n, r in list(ours.items()) if "/train/" in n})
    ours["resnet20/epoch/dense"] = dict(rate(train * 0.99 * speed), **{"over dense": 0.99})
    ours["data/batch/augmented"] = {"images/s": 1e6, "seconds": 1e-4, "of copy": 0.1}
    for t in (1, 2):
        ours[f"machine/multiply_add/threads:{t}"] = {"FLOP/s": 1e11 * t, "seconds": 1.0}
        for where in ("first_cache", "second_cache", "activation", "memory"):
            ours[f"machine/copy/{where}/threads:{t}"] = {"bytes/s": 1e10 * t, "seconds": 1.0}
    for shape, _ in page.CONVOLUTIONS:
        for structure, work in (("dense", 8.0), ("direct", 16.0), ("csr17.3%", 2.0)):
            for name, seconds in (("forward", 1.0), ("training_forward", 1.0), ("backward", 3.0), ("weight_gradient", 2.0)):
                ours[f"convolution/{name}/{shape}/{structure}"] = {"FLOP/s": work * 1e10 / seconds * 2, "seconds": seconds * work / 8}
    theirs = {"train/dense": torch_train, "eval/dense": torch_train * 3, "eval/dense/frozen": torch_train * 4,
              "attack_features/dense": torch_train / 2, "attack_features/dense/frozen": torch_train}
    theirs.update({f"train/{n}": torch_train for n in page.BUTTERFLIES})
    return {"ours": ours, "pytorch": theirs, "onednn": {}, "busy": 0.48 * train * speed, "peak": 2e11}


def measurement(rounds):
    plan = {"configurations": [{"name": n, "trainings": 6} for n in ["dense"] + [f"imp-{k:02d}" for k in range(1, 25)] +
                               page.BUTTERFLIES],
            "epochs": 300, "subset": 15000, "validation": 1000, "draws": 5}
    variants = {f"train/{n}": {"nchw": 1.0} for n in ["dense"] + page.BUTTERFLIES}
    variants.update({"eval/dense": {"nchw": 1.0}, "attack_features/dense": {"nchw": 1.0}})
    chosen = {key: "nchw" for key in variants}
    return {"state": "abc", "threads": 2, "quick": False, "plan": plan, "variants": variants, "chosen": chosen,
            "pytorch": {"version": "1", "threads": 2, "onednn": True, "vectors": "avx512", "memory": "kept by malloc"},
            "memory": {"ours": {"peak": 100.0, "before": 1.0}, "pytorch": {"peak": 400.0, "before": 200.0}},
            "context": {"bench_machine": {"lanes": "16"}}, "rounds": rounds}


def load(data):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        return page.Measurement(file.name)


class Page(unittest.TestCase):
    def rows(self, data):
        return {r[0]: r for r in page.targets(load(data))}

    def test_a_ratio_is_the_median_of_the_rounds_ratios(self):
        # The machine is half as fast in the second round: ratios of medians over rounds would be wrong.
        rows = self.rows(measurement([one_round(600, 400), one_round(600, 200, 0.5), one_round(600, 300)]))
        self.assertEqual(rows["train"][4], "1.50x (1.50 to 2.00)")
        self.assertEqual(rows["train"][6], "missed")

    def test_verdicts(self):
        rows = self.rows(measurement([one_round(600, 300)]))  # with AVX-512
        self.assertEqual(rows["train"][4], "2.00x")
        self.assertEqual(rows["train"][6], "at least")
        self.assertEqual(rows["S3L2"][6], "aim")
        self.assertEqual(rows["imp-08"][4], "4.00x")
        self.assertEqual(rows["imp-16"][6], "aim")
        self.assertEqual(rows["memory"][6], "aim")
        self.assertEqual(rows["busy"][6], "at least")
        narrow = measurement([one_round(600, 300)])
        narrow["context"]["bench_machine"]["lanes"] = "8"
        self.assertEqual(self.rows(narrow)["train"][6], "aim")

    def test_16_bit_storage_has_targets_with_avx512_only_and_may_be_unmeasured(self):
        data = measurement([one_round(600, 300)])
        self.assertEqual(self.rows(data)["dense-half"][2:], ("2x", "2.6x", "not measured", "", "not measured"))
        data["rounds"][0]["ours"]["resnet20/train/dense-half"] = dict(rate(900), **{"over dense": 1.5})
        self.assertEqual(self.rows(data)["dense-half"][2:], ("2x", "2.6x", "3.00x", "900 and 300 images/s", "aim"))
        self.assertIn("| dense-half | 900 | 1.50x | 50 % | – | – | – |", page.page(load(data), {}))
        data["context"]["bench_machine"]["lanes"] = "8"
        self.assertEqual(self.rows(data)["dense-half"][2:], ("–", "–", "3.00x", "900 and 300 images/s", "no target"))
        self.assertEqual(self.rows(data)["S3L2-half"][4:], ("not measured", "", "not measured"))

    def test_narrower_vectors_than_the_machines_are_named(self):
        data = measurement([one_round(600, 300)])
        self.assertNotIn("**Code for", page.page(load(data), {}))
        data["isa"] = {"name": "AVX2", "peers": {"ONEDNN_MAX_CPU_ISA": "AVX2"}}
        self.assertIn("- **Code for AVX2**", page.page(load(data), {}))
        self.assertIn("`ONEDNN_MAX_CPU_ISA=AVX2`", page.page(load(data), {}))

    def test_how_pytorch_was_run_is_told(self):
        self.assertIn("- PyTorch: 1, 2 threads, oneDNN on, vectors of its own operators: avx512, memory: kept by malloc.", page.page(load(measurement([one_round(600, 300)])), {}))

    def test_what_others_took_of_the_processors_is_told(self):
        data = measurement([one_round(600, 300)])
        data["rounds"][0]["load"] = {"others": 0.25, "hypervisor": 0.01}
        self.assertIn("- Other processes took 25.0 % of the processors' time in a round, the hypervisor 1.0 %.", page.page(load(data), {}))

    def test_inference_is_held_against_the_faster_of_frozen_and_plain(self):
        rows = self.rows(measurement([one_round(600, 300)]))
        self.assertEqual(rows["eval"][4], "1.50x")  # 1,800 and 1,200 images/s

    def test_the_data_gradient_is_backward_less_weight_gradient(self):
        m = load(measurement([one_round(600, 300)]))
        self.assertEqual(m.kernel_seconds("data_gradient", "16->16/side:32/stride:1", "dense").median, 1.0)
        self.assertEqual(m.kernel_flops("16->16/side:32/stride:1", "dense").median, 1.6e11)
        text = page.page(load(measurement([one_round(600, 300)])), {})
        row = next(line for line in text.splitlines() if line.startswith("| 16->16, side:32, stride:1, 6x"))
        self.assertIn("| 160 (2.00x; 40 %) |", row)

    def test_rounds_of_pruning_between_timed_ones_are_linear_in_time(self):
        m = load(measurement([one_round(600, 300)]))
        rates = m.rates("train")
        # Half-way between 1/600 (round 0) and 1/1200 (round 8).
        self.assertAlmostEqual(rates["imp-04"].median, 1 / (0.5 / 600 + 0.5 / 1200))
        self.assertEqual(rates["imp-20"].median, 2400)
        self.assertEqual(rates["S3L2"].median, 3600)

    def test_the_study_counts_every_training_and_measurement(self):
        m = load(measurement([one_round(600, 300)]))
        seconds = m.study_seconds(m.rates)
        self.assertEqual(sum(c["trainings"] for c in m.data["plan"]["configurations"]), 186)
        self.assertAlmostEqual(seconds["dense"].median, 6 * (300 * (14000 / 600 + 1000 / 1800) + 30000 / 300))
        theirs = m.study_seconds(m.torch_rates)
        self.assertAlmostEqual(theirs["imp-24"].median, theirs["dense"].median)

    def test_an_absent_peer_is_named_as_absent(self):
        data = measurement([one_round(600, 300)])
        data["pytorch"], data["variants"], data["chosen"] = None, {}, {}
        data["rounds"][0]["pytorch"] = {}
        del data["memory"]["pytorch"]
        text = page.page(load(data), {})
        self.assertIn("PyTorch: absent", text)
        self.assertIn("oneDNN: absent", text)
        self.assertIn("not measured", text)

    def test_remarks_go_into_their_row_or_to_the_end(self):
        text = page.page(load(measurement([one_round(600, 300)])), {"train": "two\nlines", "What was tried": "this"})
        row = next(line for line in text.splitlines() if line.startswith("| dense training |"))
        self.assertTrue(row.endswith("two lines |"))
        self.assertTrue(text.endswith("## What was tried\n\nthis\n"))


if __name__ == "__main__":
    unittest.main()
