"""Sums over questions → values with 95 % bootstrap intervals, all measures in one go.

Questions are resampled with replacement (Efron 1979; percentile intervals). Questions about one
document are not independent, so for sets with few documents the intervals are somewhat too narrow;
and a measure that is 1 (or 0) on every question has an interval of no width.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

N_RESAMPLES = 1000
RANDOM_SEED = 20261122
LOWER, UPPER = 2.5, 97.5


@lru_cache(maxsize=2)
def resamples(n: int) -> Floats:
    """Return how often each of n questions is drawn in each resample, the same on every call.

    :returns: shape (N_RESAMPLES, n), each row sums to n.
    """
    rng = np.random.default_rng(RANDOM_SEED)
    counts = np.empty((N_RESAMPLES, n))
    for row in counts:
        row[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    counts.setflags(write=False)
    return counts


def ratio(parts: Floats, wholes: Floats) -> Floats:
    """Return parts / wholes, NaN where a whole is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wholes > 0, parts / wholes, np.nan)


def interval(values: Floats) -> tuple[float, float]:
    """Return the 95 % percentile interval of resampled values, NaNs left out.

    :param values: shape (N_RESAMPLES,).
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [LOWER, UPPER])
    return float(low), float(high)


def weighted_percentile(values: Floats, percent: float, weights: Floats) -> Floats:
    """Return the smallest value that at least ``percent`` of the weight does not exceed.

    :param values: shape (n,).
    :param weights: shape (…, n).
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[..., order], axis=-1)
    enough = reached >= reached[..., -1:] * (percent / 100)
    picked: Floats = values[order][np.argmax(enough, axis=-1)]
    return picked
