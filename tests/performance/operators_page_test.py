#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The page of structured operators says what the measurement says: on a small measurement whose answers are known."""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "performance"))
sys.dont_write_bytecode = True
import operators_page as page  # noqa: E402


def one_round(speed=1.0, predicted=None):
    """At 4,096 one vector takes ours 10, Eigen's CSR 100, with one thread 80, dense 500 microseconds."""
    seconds = {"float/monarch/4096x4096/1/papillon": 10, "float/monarch/4096x4096/1/eigen_csr": 100,
               "float/monarch/4096x4096/1/eigen_csr/one_thread": 80, "float/dense/4096x4096/1/papillon": 600,
               "float/dense/4096x4096/1/openblas": 500, "float/monarch/4096x4096/64r/papillon": 100,
               "float/monarch/4096x4096/64r/libxsmm_sparse": 160, "float/monarch/4096x4096/64r/libxsmm_spmdm": 900,
               "float/hadamard/4096x4096/1/papillon": 20, "float/hadamard/4096x4096/1/fftw": 12, "float/hadamard/4096x4096/1/ffht": 22,
               "float/hadamard/64x64/1/papillon": 1, "float/hadamard/64x64/1/ffht": 0.1,
               "float/hadamard/1024x1024/1/papillon": 2, "float/hadamard/1024x1024/1/ffht": 3,
               "float/chain2/16x144/1/papillon": 1, "float/chain2/16x144/1/eigen_csr": 7, "float/dense/16x144/1/papillon": 0.5,
               "float/full/16x144/1/papillon": 2, "float/chain3/16x144/1/papillon": 1, "float/chain3/16x144/1/eigen_csr": 20}
    results = {name: {"seconds": s * 1e-6 / speed, "madds/s": 1e9, "of roofline": 0.7, "coefficients": 416.0} for name, s in seconds.items()}
    for name, forms in (predicted or {}).items():
        results[name].update({f"predicted {form}": value for form, value in forms.items()})
    return {"results": results, "context": {"GFLOP/s, one thread": "100.0", "read GB/s, first cache, one thread": "200.0",
            "read GB/s, second cache, one thread": "100.0", "read GB/s, third cache, one thread": "30.0", "read GB/s, memory, one thread": "10.0"}}


def load(rounds):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"state": "abc", "threads": 2, "quick": False, "rounds": rounds}, file)
        file.flush()
        return page.Measurement(file.name)


class OperatorsPage(unittest.TestCase):
    def rows(self, rounds):
        return {r[0]: r for r in page.targets(load(rounds))}

    def test_a_peer_is_taken_at_its_best_number_of_threads(self):
        row = self.rows([one_round()])["monarch-csr"]
        self.assertEqual((row[4], row[5], row[6]), ("8.0x", "10.0 and 80.0 us (eigen_csr/one_thread)", "at least"))

    def test_the_best_dense_product_may_be_anybodys(self):
        self.assertEqual(self.rows([one_round()])["monarch-dense"][4], "50.0x")

    def test_of_sparse_kernels_the_faster_counts(self):
        row = self.rows([one_round()])["monarch-64r-libxsmm"]
        self.assertEqual((row[4], row[6]), ("1.6x", "at least"))

    def test_ratios_are_formed_within_a_round(self):
        self.assertEqual(self.rows([one_round(), one_round(0.5), one_round(3.0)])["monarch-csr"][4], "8.0x (8.0 to 8.0)")

    def test_the_study_is_shown_at_its_worst_shape(self):
        row = self.rows([one_round()])["study-csr"]
        self.assertEqual((row[4], row[6]), ("7.0x", "at least"))
        self.assertIn("16x144 L = 2", row[5])

    def test_one_threads_fraction_counts_where_only_one_was_used(self):
        rounds = [one_round()]
        for name, fraction, used in (("papillon", 0.3, 1.02), ("papillon/one_thread", 0.6, 1.0)):
            rounds[0]["results"]["float/dyadic/4096x4096/1/" + name] = {"seconds": 1e-5, "of roofline": fraction, "coefficients": 1.0, "threads used": used}
        self.assertEqual(self.rows(rounds)["dyadic-roofline"][4:], ("60 %", "one thread", "at least"))
        rounds[0]["results"]["float/dyadic/4096x4096/1/papillon"]["threads used"] = 1.9
        self.assertEqual(self.rows(rounds)["dyadic-roofline"][4:], ("30 %", "all threads", "missed"))

    def test_the_hadamard_transform_is_shown_at_its_worst_size_from_1024_on(self):
        row = self.rows([one_round()])["hadamard-ffht"]
        self.assertEqual((row[4], row[6]), ("1.1x", "at least"))
        self.assertIn("at 4096", row[5])

    def test_rows_without_a_target_stand_there_only_where_they_were_measured(self):
        rounds = [one_round()]
        self.assertNotIn("monarch-mkl", self.rows(rounds))
        rounds[0]["results"]["float/monarch/4096x4096/1/mkl_csr"] = {"seconds": 5e-5}
        self.assertEqual(self.rows(rounds)["monarch-mkl"][4:], ("5.0x", "10.0 and 50.0 us (mkl_csr)", "no target"))

    def test_fractions_and_what_was_not_measured(self):
        rows = self.rows([one_round()])
        self.assertEqual((rows["monarch-roofline"][4], rows["monarch-roofline"][6]), ("70 %", "at least"))
        self.assertEqual(rows["hadamard"][6], "at least")
        self.assertEqual((rows["dyadic-csr"][4], rows["dyadic-csr"][6]), ("not measured", "not measured"))
        self.assertEqual(rows["chooser-right"][6], "not measured")

    def test_the_chooser_is_right_where_it_names_the_fastest_form(self):
        predicted = {"float/chain2/16x144/1/papillon": {"chain": 1.0, "dense": 0.5, "csr": 2.0},
                     "float/monarch/4096x4096/1/papillon": {"chain": 9.0, "dense": 8.0, "csr": 20.0}}
        rounds = [one_round(predicted=predicted)]
        found = {c[0]: c[1:] for c in page.choices(load(rounds))}
        self.assertEqual(found["float/chain2/16x144/1"], ("dense", "dense", 0.0))
        self.assertEqual(found["float/monarch/4096x4096/1"][:2], ("dense", "chain"))
        self.assertAlmostEqual(found["float/monarch/4096x4096/1"][2], 59.0)
        rows = self.rows(rounds)
        self.assertEqual((rows["chooser-right"][4], rows["chooser-right"][6]), ("50 %", "missed"))
        self.assertEqual((rows["chooser-loss"][4], rows["chooser-loss"][6]), ("5900 %", "missed"))

    def test_a_chosen_form_that_was_too_slow_to_measure_is_wrong(self):
        rounds = [one_round(predicted={"float/monarch/4096x4096/1/papillon": {"chain": 9.0, "dense": 8.0, "csr": 1.0}})]
        self.assertEqual([c[1:3] for c in page.choices(load(rounds))], [("csr", "chain")])

    def test_remarks_go_into_their_row_or_to_the_end(self):
        text = page.page(load([one_round()]), {"monarch-csr": "two\nlines", "What was tried": "this"})
        self.assertTrue(next(line for line in text.splitlines() if line.startswith("| Monarch, one vector, against Eigen")).endswith("two lines |"))
        self.assertTrue(text.endswith("## What was tried\n\nthis\n"))


if __name__ == "__main__":
    unittest.main()
