"""Features → a probability that means what it says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from training.calibration import Case, calibration_error, fit_calibration


def test_shares_are_learnt() -> None:
    # Where x is 0, one of four is right; where it is 1, three of four are.
    cases = [Case({"x": 0.0}, right) for right in (True, False, False, False)]
    cases += [Case({"x": 1.0}, right) for right in (True, True, True, False)]
    calibration = fit_calibration(cases, ["x"], penalty=1e-9)
    assert calibration.probability({"x": 0.0}) == pytest.approx(0.25, abs=1e-4)
    assert calibration.probability({"x": 1.0}) == pytest.approx(0.75, abs=1e-4)
    assert calibration.bias == pytest.approx(-math.log(3), abs=1e-3)


def test_weights_count_like_repetitions() -> None:
    once = [Case({"x": 0.0}, True, 3.0), Case({"x": 1.0}, False), Case({"x": 0.5}, False)]
    often = [Case({"x": 0.0}, True)] * 3 + once[1:]
    weighed, repeated = fit_calibration(once, ["x"]), fit_calibration(often, ["x"])
    # Not the same numbers, since the penalty looks at the spread, but the same order.
    assert weighed.weights["x"] < 0
    assert repeated.weights["x"] < 0


def test_a_feature_that_never_changes_does_no_harm() -> None:
    cases = [Case({"x": float(i), "one": 1.0}, i > 2) for i in range(6)]
    calibration = fit_calibration(cases, ["x", "one"])
    assert calibration.probability({"x": 5.0, "one": 1.0}) > 0.5


def test_the_error_is_the_distance_in_each_bin() -> None:
    confidence = np.array([0.95, 0.95, 0.15, 0.15])
    right = np.array([True, False, False, False])
    # Bin 0.9-1.0: |0.95 - 0.5|, bin 0.1-0.2: |0.15 - 0|, half of the cases each.
    assert calibration_error(confidence, right) == pytest.approx(0.5 * 0.45 + 0.5 * 0.15)


def test_certainty_falls_into_the_last_bin() -> None:
    assert calibration_error(np.array([1.0]), np.array([True])) == 0.0
