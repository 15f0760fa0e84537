#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes statistics.safetensors with SciPy and scikit-learn; README.md says what it holds.

usage: ./make_statistics_golden.py [FOLDER]
"""
import os
import sys

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts", "compare"))
import safetensors_io  # noqa: E402


def placements(scores, members):
    """Of members the share of others below, of others that of members above, ties one half: every pair is looked at."""
    a, b = scores[members == 1][:, None], scores[members == 0][None, :]
    above = (a > b) + .5 * (a == b)
    return above.mean(1), above.mean(0)


def curves(rng):
    """Two correlated scores with many ties on the same images."""
    members = (rng.random(301) < .4).astype(np.uint8)
    common = rng.standard_normal(members.size)
    first = np.round(3 * (common + .8 * members))
    second = np.round(2 * (.7 * common + .7 * rng.standard_normal(members.size) + .5 * members))
    fpr, tpr, thresholds = metrics.roc_curve(members, first, drop_intermediate=False)
    shares = np.array([.3, .2, .1, .05, .02, .01, 0])
    fnr = 1 - tpr
    (a1, a0), (b1, b0) = placements(first, members), placements(second, members)
    covariance = np.cov(a1, b1) / a1.size + np.cov(a0, b0) / a0.size
    return {
        "members": members, "scores": np.stack([first, second]),
        "roc": np.stack([thresholds[1:], tpr[1:], fpr[1:]]),
        "auc": np.array([metrics.roc_auc_score(members, s) for s in (first, second)]), "auc_covariance": covariance,
        "shares": shares,
        "tpr": np.array([max(t for t, f in zip(tpr, fpr) if f <= s + 1e-12) for s in shares]),
        "tnr": np.array([max(1 - f for n, f in zip(fnr, fpr) if n <= s + 1e-12) for s in shares]),
        "advantage": np.array([(tpr - fpr).max()]),
    }


def proportions():
    rows = [(k, n, level) for n in (1, 10, 37, 600, 15000, 1000000) for k in (0, 1, n // 100, n // 3, n - 1, n)
            for level in (.5, .95, .9999)]
    k, n, level = np.array(rows).T
    low = np.where(k == 0, 0, stats.beta.ppf((1 - level) / 2, np.maximum(k, 1), n - k + 1))
    high = np.where(k == n, 1, stats.beta.isf((1 - level) / 2, k + 1, np.maximum(n - k, 1)))
    return {"clopper_pearson": np.stack([k, n, level, low, high])}


def distributions(rng):
    """Student's t through t^2 / (f + t^2), which is Beta(1/2, f/2): SciPy's own functions of t have nine digits."""
    a, b = 10 ** rng.uniform(-1, 4.5, (2, 200))
    mean = a / (a + b)
    x = np.clip(mean + rng.uniform(-12, 5, 200) * np.sqrt(mean * (1 - mean) / (a + b + 1)), mean / 50, .5 + mean / 2)
    p = 10 ** rng.uniform(-12, -.01, 200)
    freedom, t = 10 ** rng.uniform(0, 5, 200), rng.choice([-1, 1], 200) * 10 ** rng.uniform(-5, 2, 200)
    normal = np.concatenate([10 ** rng.uniform(-290, -.001, 60), [.5 - 1e-9, .5 + 1e-9, .25, .75, .999999]])
    freedom_of_quantile = np.array([1, 2, 4, 9, 29, 1000, .5])
    levels = np.array([1e-9, .005, .025, .4999, .75, .975, .9995])
    grid_p, grid_f = (g.ravel() for g in np.meshgrid(levels, freedom_of_quantile))
    both = 2 * np.minimum(grid_p, 1 - grid_p)
    square, rest = stats.beta.isf(both, .5, grid_f / 2), stats.beta.ppf(both, grid_f / 2, .5)
    return {
        "beta": np.stack([a, b, x, stats.beta.cdf(x, a, b)]),
        "beta_quantile": np.stack([a, b, p, stats.beta.ppf(p, a, b)]),
        "student": np.stack([t, freedom, stats.beta.sf(t * t / (freedom + t * t), .5, freedom / 2)]),
        "student_quantile": np.stack([grid_p, grid_f, np.sign(grid_p - .5) * np.sqrt(grid_f * square / rest)]),
        "normal_quantile": np.stack([normal, stats.norm.ppf(normal)]),
    }


def tests(rng):
    """Nine samples of seven differences; p of the t test and of all 2^7 sign flips; quantiles."""
    samples = np.round(rng.standard_normal((9, 7)) + .6, 1)  # rounded, so that sums tie
    t = stats.ttest_1samp(samples, 0, axis=1)
    flips = [stats.permutation_test((s,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue for s in samples]
    at = np.array([0, .025, .31, .5, .975, 1])
    return {"differences": samples, "t_test": t.pvalue, "sign_flip": np.array(flips), "quantile_at": at,
            "quantiles": np.quantile(samples, at, axis=1).T.copy()}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    rng = np.random.default_rng(20261123)
    tensors = {**curves(rng), **proportions(), **distributions(rng), **tests(rng)}
    made_by = f"make_statistics_golden.py, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}"
    path = os.path.join(folder, "statistics.safetensors")
    safetensors_io.save(path, tensors, {"made_by": made_by})
    print(f"{os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
