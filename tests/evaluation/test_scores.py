from __future__ import annotations

import time

import pytest

from evaluation.cases import Case
from evaluation.scores import figure_records, missing_ids, score_cases
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

ANSWERABLE, UNANSWERABLE = judged(gold(17, 24)), judged()
HIT = cited(SENTENCES[1], short="Babbage", confidence=0.9)
MISS = cited(SENTENCES[0], short="Ada", confidence=0.4)
SILENT = cited(confidence=0.1)


def test_every_figure_carries_its_n_and_its_interval() -> None:
    cases = [
        case(ANSWERABLE, HIT),
        case(ANSWERABLE, MISS),
        case(ANSWERABLE, None),
        case(UNANSWERABLE, SILENT),
        case(UNANSWERABLE, MISS),
    ]
    figures = score_cases(cases, peak_memory=200.0)
    expected = {
        "quote_validity": (1, 3),
        "hit@1": (1 / 3, 3),
        "hit@1_answered": (1 / 2, 2),
        "citation_precision": (1 / 3, 3),
        "exact_match": (2 / 5, 5),
        "answerable_f1": (1 / 3, 3),
        "unanswerable_accuracy": (1 / 2, 2),
        "right": (2 / 5, 5),
        "answered": (3 / 5, 5),
        "abstention_precision": (1, 1),
        "abstention_recall": (1 / 2, 2),
        # losses in order of confidence: hit 0, two misses, then silence and the missing one
        "risk_coverage_area": ((0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5) / 5, 5),
        # bin of 0.9: 0.1 away; bin of 0.4: two answers, 0.4 away
        "calibration_error": ((0.1 + 2 * 0.4) / 3, 3),
        # answerable 0.9, 0.4, 0 (missing); unanswerable 0.1, 0.4: 2 + 1.5 + 0 of 6 pairs
        "separation": (3.5 / 6, 5),
        "seconds_p50": (0.01, 4),
        "peak_memory": (200, 5),
    }
    for name, (value, n) in expected.items():
        assert figures[name].value == pytest.approx(value), name
        assert figures[name].n == n, name
    for name, figure in figures.items():
        if name != "peak_memory":
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low <= figure.value <= figure.high, name
    assert "distractor_rate" not in figures
    assert "alce_recall" not in figures
    assert figure_records(figures)["hit@1"]["value"] == 0.333333
    assert missing_ids(cases) == ("q",)


def test_all_right_and_all_silent_are_at_the_ends_of_the_scale() -> None:
    perfect = score_cases([case(ANSWERABLE, HIT)] * 5 + [case(UNANSWERABLE, SILENT)] * 5)
    assert perfect["right"].value == 1
    assert perfect["separation"].value == 1
    silent = score_cases([case(ANSWERABLE, SILENT)] * 5 + [case(UNANSWERABLE, SILENT)] * 5)
    assert silent["right"].value == 0.5
    assert silent["risk_coverage_area"].value == 1
    assert "quote_validity" not in silent
    assert "calibration_error" not in silent


def test_8000_predictions_are_scored_in_under_ten_seconds() -> None:
    cases: list[Case] = []
    for i in range(4000):
        spans = SENTENCES[i % 3 :]
        cases.append(case(ANSWERABLE, cited(*spans, confidence=i / 4000, short="Babbage built")))
        cases.append(case(UNANSWERABLE, cited(confidence=i / 9000) if i % 4 else MISS))
    start = time.process_time()  # other processes do not count
    figures = score_cases(cases)
    assert figures["hit@1"].n == 4000
    assert time.process_time() - start < 10
