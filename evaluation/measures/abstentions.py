"""How well a system knows when to be silent, and how far its confidence can be believed."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

from evaluation.cases import NOTHING, Case, Share

Floats = npt.NDArray[np.float64]

N_BINS = 10


def right_outcome(case: Case) -> Share:
    """Share of all questions that ended well: answerable ones whose first citation holds a gold
    span, unanswerable ones that the system declined.
    """
    if not case.judged_by_citation:
        return NOTHING
    return Share(case.outcome == ("right" if case.judgment.answerable else "silent"), 1)


def answered(case: Case) -> Share:
    """Share of all questions that the system answered (its coverage)."""
    return Share(bool(case.prediction) and not case.abstained, 1)


def abstention_precision(case: Case) -> Share:
    """Share of the abstentions that were right: the question is unanswerable."""
    return Share(not case.judgment.answerable, 1) if case.abstained else NOTHING


def abstention_recall(case: Case) -> Share:
    """Share of the unanswerable questions that the system declined."""
    return NOTHING if case.judgment.answerable else Share(case.abstained, 1)


def confidence_order(answered: npt.NDArray[np.bool_], confidences: Floats) -> npt.NDArray[np.intp]:
    """Return the questions' places, the most confident answer first, abstentions last.

    Ties stay in the questions' order.
    """
    keys = (-confidences, ~answered)
    return np.lexsort(keys)


def risks(losses: Floats, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Return coverage and risk after each question, for losses in :func:`confidence_order`.

    :param losses: shape (n,), 1 where the answer was wrong or there was none.
    :param weights: shape (…, n), how often each question counts (bootstrap); ones by default.
    :returns: two arrays of the weights' shape: the share of questions accepted so far, and the mean
        loss among them (0 while none is).
    """
    weights = np.ones(len(losses)) if weights is None else weights
    accepted = np.cumsum(weights, axis=-1)
    lost = np.cumsum(weights * losses, axis=-1)
    return accepted / accepted[..., -1:], lost / np.maximum(accepted, 1e-12)


def risk_coverage_area(losses: Floats, weights: Floats | None = None) -> Floats:
    """Return the area under the risk–coverage curve, 0…1, lower is better.

    The mean over all coverages of the risk among the most confident answers (Geifman and El-Yaniv
    2017). Questions that were declined or missing come last and count as lost, so that systems
    which decline differently can be compared.

    :param losses: shape (n,), in :func:`confidence_order`.
    :param weights: shape (…, n).
    """
    _, risk = risks(losses, weights)
    weights = np.ones(len(losses)) if weights is None else weights
    return cast(Floats, (risk * weights).sum(axis=-1) / weights.sum(axis=-1))


def calibration_error(confidences: Floats, hits: Floats, weights: Floats | None = None) -> Floats:
    """Return the expected calibration error, 0…1 (Naeini et al. 2015; Guo et al. 2017).

    Ten bins of equal width; the mean over bins, weighted by their size, of the distance between
    the mean confidence and the share of hits.

    :param confidences: shape (n,), of the questions that were answered.
    :param hits: shape (n,), 1 where the first citation holds a gold span.
    :param weights: shape (…, n).
    """
    weights = np.ones(len(hits)) if weights is None else weights
    in_bin = np.eye(N_BINS)[bins(confidences)]
    gaps = np.abs(weights @ (in_bin * (confidences - hits)[:, None])).sum(axis=-1)
    return cast(Floats, gaps / np.maximum(weights.sum(axis=-1), 1e-12))


def bins(confidences: Floats) -> npt.NDArray[np.intp]:
    """Return each confidence's bin, 0…9: [0, 0.1), [0.1, 0.2) … [0.9, 1]."""
    return np.minimum((confidences * N_BINS).astype(np.intp), N_BINS - 1)


def separation(
    confidences: Floats, answerable: npt.NDArray[np.bool_], weights: Floats | None = None
) -> Floats:
    """Return the area under the ROC curve of the confidence, answerable against unanswerable.

    The probability that an answerable question gets the higher confidence of a pair, ties half
    (Mann and Whitney 1947). NaN where one side is empty.

    :param confidences: shape (n,), of all questions, abstentions included.
    :param answerable: shape (n,).
    :param weights: shape (…, n).
    """
    weights = np.ones(len(confidences)) if weights is None else weights
    order = np.argsort(confidences, kind="stable")
    levels, starts = np.unique(confidences[order], return_index=True)
    if not len(levels):
        return np.full(weights.shape[:-1], np.nan)
    positive = np.add.reduceat((weights * answerable)[..., order], starts, axis=-1)
    negative = np.add.reduceat((weights * ~answerable)[..., order], starts, axis=-1)
    below = np.cumsum(negative, axis=-1) - negative / 2
    pairs = positive.sum(axis=-1) * negative.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return cast(Floats, (positive * below).sum(axis=-1) / pairs)
