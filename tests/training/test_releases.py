"""Outcomes on development sets → threshold, figures, model card."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.reader import Calibration, Ranking
from training.calibration import Case
from training.cards import render_card
from training.releases import Outcome, balanced, best_threshold, figures_of, fold_of


def outcome(answerable: bool, right: bool, set_name: str = "a", f1: float = 0.0) -> Outcome:
    return Outcome(set_name, "d", answerable, f1, Case({"margin": 1.0, "passages": 0.0}, right))


def test_every_set_counts_the_same() -> None:
    outcomes = [outcome(True, True)] * 3 + [outcome(True, True, "b")]
    weights = [case.weight for case in balanced(outcomes)]
    assert sum(weights[:3]) == pytest.approx(weights[3])
    assert sum(weights) == pytest.approx(4)


def test_half_way_a_set_counts_with_the_root_of_its_size() -> None:
    outcomes = [outcome(True, True)] * 4 + [outcome(True, True, "b")]
    weights = [case.weight for case in balanced(outcomes, wholly=False)]
    assert sum(weights[:4]) == pytest.approx(2 * weights[4])
    assert sum(weights) == pytest.approx(5)


def test_the_threshold_parts_right_from_unanswerable() -> None:
    outcomes = [outcome(True, True), outcome(True, True), outcome(False, False)]
    threshold = best_threshold(outcomes, np.array([0.9, 0.6, 0.3]))
    assert 0.3 < threshold <= 0.6


def test_a_small_set_counts_as_much_as_a_large_one_unless_it_is_by_paragraph() -> None:
    # Three wrong answers to what has none, below one right answer of another set.
    outcomes = [outcome(False, False)] * 3 + [outcome(True, True, "b", f1=1.0)]
    confidence = np.array([0.6, 0.6, 0.2, 0.4])
    assert best_threshold(outcomes, confidence) <= 0.4
    assert best_threshold(outcomes, confidence, by_paragraph=True) > 0.4


def test_by_paragraph_an_answer_is_worth_its_f1() -> None:
    outcomes = [*[outcome(True, True, f1=0.4)] * 3, outcome(False, False)]
    confidence = np.array([0.9, 0.3, 0.3, 0.6])
    assert best_threshold(outcomes, confidence) <= 0.3
    assert best_threshold(outcomes, confidence, by_paragraph=True) > 0.6


def test_where_silence_may_cost_something_the_threshold_is_the_highest_that_costs_no_more() -> None:
    outcomes = [outcome(True, True) for _ in range(10)]
    confidence = np.linspace(0.1, 0.9, 10) + 0.05
    assert best_threshold(outcomes, confidence) <= 0.15
    assert 0.15 < best_threshold(outcomes, confidence, may_cost=0.1) <= 0.24


def test_where_all_is_answerable_nobody_need_be_silent() -> None:
    outcomes = [outcome(True, True), outcome(True, True)]
    assert best_threshold(outcomes, np.array([0.9, 0.2])) <= 0.2


def test_figures_by_hand() -> None:
    outcomes = [
        outcome(True, True, f1=1.0),
        outcome(True, False, f1=0.5),
        outcome(False, False),
        outcome(False, False),
    ]
    calibration = Calibration(9, Ranking(null=1.0), 0.0, {}, 0.5)
    figures = figures_of(outcomes, np.array([0.9, 0.4, 0.6, 0.1]), [calibration])["a"]
    assert figures["first_span_right"] == 0.5
    assert figures["answerable_f1"] == 0.75
    # Answered: the first and the third. F1 1 + 0 (silent on an answerable one) + 0 + 1.
    assert figures["f1"] == 0.5
    assert figures["unanswerable_accuracy"] == 0.5
    assert figures["auroc"] == 0.75


def test_paragraphs_and_levels_of_an_article_share_a_fold() -> None:
    assert fold_of("Steam_engine#0-9", 5) == fold_of("Steam_engine#10-19", 5)
    assert fold_of("bottle|Adv", 5) == fold_of("bottle|Int", 5)


def test_the_card_tells_the_figures() -> None:
    manifest = {"revision": "abc", "format_version": 1, "max_tokens": 256}
    card = render_card(manifest, {"news": {"n": 12, "first_span_right": 0.8125}})
    assert "| news | 12 | 0.812 | – |" in card
    assert "`abc`" in card
    assert "CC BY-SA 4.0" in card
