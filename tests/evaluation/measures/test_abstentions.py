from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from evaluation.cases import NOTHING, Share
from evaluation.measures.abstentions import (
    abstention_precision,
    abstention_recall,
    answered,
    calibration_error,
    confidence_order,
    right_outcome,
    risk_coverage_area,
    risks,
    separation,
)
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

ANSWERABLE, UNANSWERABLE = judged(gold(17, 24)), judged()
HIT, MISS, SILENT = cited(SENTENCES[1]), cited(SENTENCES[0]), cited()


def test_abstentions_are_judged_by_whether_the_question_has_an_answer() -> None:
    assert abstention_precision(case(ANSWERABLE, SILENT)) == Share(0, 1)
    assert abstention_precision(case(UNANSWERABLE, SILENT)) == Share(1, 1)
    assert abstention_precision(case(ANSWERABLE, HIT)) == NOTHING
    assert abstention_recall(case(UNANSWERABLE, SILENT)) == Share(1, 1)
    assert abstention_recall(case(UNANSWERABLE, HIT)) == Share(0, 1)
    assert abstention_recall(case(ANSWERABLE, SILENT)) == NOTHING


def test_a_missing_prediction_is_no_abstention_and_no_answer() -> None:
    assert abstention_recall(case(UNANSWERABLE, None)) == Share(0, 1)
    assert abstention_precision(case(UNANSWERABLE, None)) == NOTHING
    assert answered(case(UNANSWERABLE, None)) == Share(0, 1)
    assert right_outcome(case(UNANSWERABLE, None)) == Share(0, 1)


def test_right_means_hit_or_rightly_silent() -> None:
    outcomes = [
        right_outcome(case(judgment, prediction)).part
        for judgment in (ANSWERABLE, UNANSWERABLE)
        for prediction in (HIT, MISS, SILENT)
    ]
    assert outcomes == [1, 0, 0, 0, 0, 1]


def test_the_most_confident_answer_comes_first_and_abstentions_last() -> None:
    order = confidence_order(np.array([True, False, True, True]), np.array([0.2, 0.99, 0.9, 0.2]))
    assert list(order) == [2, 0, 3, 1]


def test_risk_is_the_share_lost_among_those_accepted() -> None:
    coverage, risk = risks(np.array([0.0, 1.0, 0.0, 1.0]))
    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1])
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert risk_coverage_area(np.array([0.0, 1.0, 0.0, 1.0])) == pytest.approx(
        (0 + 1 / 2 + 1 / 3 + 1 / 2) / 4
    )


def test_knowing_when_it_is_wrong_lowers_the_area() -> None:
    knows = risk_coverage_area(np.array([0.0, 0.0, 1.0, 1.0]))
    guesses = risk_coverage_area(np.array([1.0, 0.0, 0.0, 1.0]))
    assert knows < guesses
    assert risk_coverage_area(np.ones(5)) == 1
    assert risk_coverage_area(np.zeros(5)) == 0


def test_calibration_is_the_gap_between_confidence_and_hits_in_ten_bins() -> None:
    # Bin [0.8, 0.9): mean confidence 0.85, hits 1/2; bin [0.1, 0.2): 0.1 and 0.
    error = calibration_error(np.array([0.8, 0.899999, 0.1]), np.array([1.0, 0.0, 0.0]))
    assert error == pytest.approx((2 * 0.35 + 0.1) / 3, abs=1e-5)
    assert calibration_error(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0


def test_separation_counts_pairs_and_halves_ties() -> None:
    confidences = np.array([0.9, 0.5, 0.5, 0.1])
    answerable = np.array([True, True, False, False])
    # pairs: (.9,.5) 1, (.9,.1) 1, (.5,.5) 1/2, (.5,.1) 1
    assert separation(confidences, answerable) == pytest.approx(3.5 / 4)
    assert np.isnan(separation(confidences, np.array([True] * 4)))


def test_separation_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    confidences = rng.integers(0, 20, 300) / 20
    answerable = rng.random(300) < confidences * 0.8
    assert separation(confidences, answerable) == pytest.approx(
        roc_auc_score(answerable, confidences), abs=1e-9
    )


def test_weights_are_repetitions() -> None:
    rng = np.random.default_rng(2)
    confidences, losses = rng.random(20), (rng.random(20) < 0.4).astype(float)
    answerable = rng.random(20) < 0.5
    weights = rng.integers(0, 3, 20).astype(float)
    repeated = np.repeat(np.arange(20), weights.astype(int))
    assert separation(confidences, answerable, weights) == pytest.approx(
        separation(confidences[repeated], answerable[repeated])
    )
    assert calibration_error(confidences, losses, weights) == pytest.approx(
        calibration_error(confidences[repeated], losses[repeated])
    )
