from __future__ import annotations

import pytest

from evaluation.comparisons import compare_cases
from tests.evaluation.samples import SENTENCES, case, cited, gold, judged

HIT, MISS, SILENT = cited(SENTENCES[1]), cited(SENTENCES[0]), cited()


def test_a_comparison_pairs_the_questions_and_lists_what_was_won_and_lost() -> None:
    judgments = [judged(gold(17, 24), question_id=str(i)) for i in range(40)]
    before = [case(j, HIT if i < 10 else MISS) for i, j in enumerate(judgments)]
    after = [case(j, HIT if 1 <= i < 30 else SILENT) for i, j in enumerate(judgments)]
    comparison = compare_cases(before, after)
    hit = next(d for d in comparison.differences if d.measure.name == "hit@1")
    assert (hit.before, hit.after) == (0.25, 0.725)
    assert hit.certain
    assert hit.better
    assert hit.low < 0.475 < hit.high
    assert [x.judgment.question_id for x, _ in comparison.lost] == ["0"]
    assert len(comparison.won) == 20


def test_a_run_compared_with_itself_shows_nothing() -> None:
    cases = [case(judged(gold(17, 24)), HIT), case(judged(), SILENT)]
    comparison = compare_cases(cases, cases)
    assert all(d.low == d.high == 0 and not d.certain for d in comparison.differences)
    assert comparison.won == comparison.lost == ()


def test_pairing_makes_the_interval_narrower_than_two_separate_ones() -> None:
    judgments = [judged(gold(17, 24), question_id=str(i)) for i in range(100)]
    before = [case(j, HIT if i % 2 else MISS) for i, j in enumerate(judgments)]
    after = [case(j, HIT if i % 2 or i == 0 else MISS) for i, j in enumerate(judgments)]
    hit = compare_cases(before, after).differences[1]
    assert hit.measure.name == "hit@1"
    assert hit.high - hit.low < 0.06  # separate intervals of 0.1 each way would overlap by far
    assert hit.after - hit.before == pytest.approx(0.01)
