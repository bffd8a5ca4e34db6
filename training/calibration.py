"""Readings of development questions → a calibrated confidence and a threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.reader import Calibration, Ranking

Vector = npt.NDArray[np.float64]

_NO_RANKING_YET = Ranking(null=0.5)  # whoever fits knows how the spans were ranked


@dataclass(frozen=True, slots=True)
class Case:
    """One question as the reader saw it.

    :param features: what the reader saw.
    :param right: whether its first span stands where the answer is.
    :param weight: how much it counts.
    """

    features: Mapping[str, float]
    right: bool
    weight: float = 1.0


def fit_calibration(
    cases: Sequence[Case],
    names: Sequence[str],
    most_passages: int = 1_000_000,
    *,
    penalty: float = 1.0,
    n_steps: int = 50,
) -> Calibration:
    """Fit a logistic model by Newton's method.

    :param cases: development questions.
    :param names: features to use.
    :param most_passages: told to the calibration.
    :param penalty: on the squared weights of standardised features.
    :param n_steps: at most.
    :return: the model, for features as they are; ranking and threshold are the caller's to set.
    """
    raw = np.array([[case.features[name] for name in names] for case in cases])
    mean, scale = raw.mean(axis=0), raw.std(axis=0)
    scale[scale == 0] = 1.0
    x = np.column_stack([np.ones(len(cases)), (raw - mean) / scale])
    y = np.array([case.right for case in cases], dtype=np.float64)
    importance = np.array([case.weight for case in cases])
    ridge = np.diag([0.0] + [penalty] * len(names))
    weights = np.zeros(x.shape[1])
    for _ in range(n_steps):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (importance * (p - y)) + ridge @ weights
        curvature = (x * (importance * p * (1 - p))[:, None]).T @ x + ridge
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    plain = weights[1:] / scale
    bias = float(weights[0] - plain @ mean)
    by_name = {n: round(float(w), 5) for n, w in zip(names, plain, strict=True)}
    return Calibration(most_passages, _NO_RANKING_YET, bias, by_name, abstain_below=0.5)


def calibration_error(confidence: Vector, right: npt.NDArray[np.bool_], n_bins: int = 10) -> float:
    """Compute the expected calibration error over bins of equal width.

    :param confidence: 0…1.
    :param right: what came true.
    :param n_bins: how many bins.
    :return: mean distance between confidence and what came true, 0…1.
    """
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    error = 0.0
    for k in range(n_bins):
        inside = bins == k
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return float(error)
