from __future__ import annotations

import numpy as np
import pytest

from evaluation.intervals import N_RESAMPLES, interval, resamples, weighted_percentile


def test_resamples_draw_as_many_questions_as_there_are_and_always_the_same() -> None:
    counts = resamples(50)
    assert counts.shape == (N_RESAMPLES, 50)
    assert (counts.sum(axis=1) == 50).all()
    resamples.cache_clear()
    assert (resamples(50) == counts).all()


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = (np.arange(1000) < 300).astype(float)
    low, high = interval(resamples(1000) @ values / 1000)
    # 1.96 · √(0.3 · 0.7 / 1000) = 0.0284
    assert low == pytest.approx(0.3 - 0.0284, abs=0.004)
    assert high == pytest.approx(0.3 + 0.0284, abs=0.004)


def test_percentiles_count_weights_as_repetitions() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert weighted_percentile(values, 50, np.ones(3)) == 2.0
    assert weighted_percentile(values, 50, np.array([5.0, 1.0, 1.0])) == 3.0
    assert weighted_percentile(values, 50, np.array([[0.0, 2.0, 2.0], [1.0, 0.0, 0.0]])) == (
        pytest.approx([1.0, 3.0])
    )
