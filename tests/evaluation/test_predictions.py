from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import RecordError
from evaluation.predictions import load_predictions
from retrieval.domain import Span
from tests.evaluation.samples import citation_record, prediction_record, write_lines


def test_a_prediction_is_read_as_ibid_ask_writes_it(tmp_path: Path) -> None:
    prediction = load_predictions(write_lines(tmp_path / "p.jsonl", [prediction_record()]))["q1"]
    assert prediction.answer_text == "Babbage"
    assert prediction.citations[0].span == Span(17, 39)
    assert prediction.statements[0].citations == (1,)


def test_an_abstention_answers_nothing(tmp_path: Path) -> None:
    record = prediction_record(abstained=True, citations=[], statements=[], short_answer=None)
    prediction = load_predictions(write_lines(tmp_path / "p.jsonl", [record]))["q1"]
    assert prediction.answer_text == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"question_id": None}, "line 1, question_id: expected text, found nothing."),
        ({"abstained": None}, "line 1, abstained: expected true or false, found nothing."),
        ({"abstained": True}, "line 1, abstained: is true, but there are citations."),
        ({"confidence": 1.5}, "line 1, confidence: expected a number from 0 to 1, found 1.5."),
        (
            {"citations": [citation_record(), citation_record(start=39, end=17)]},
            "line 1, citations[1].start: expected 0 <= start < end, found [39, 17).",
        ),
        (
            {"citations": [citation_record(quote=None)]},
            "line 1, citations[0].quote: expected text, found nothing.",
        ),
        (
            {"statements": [{"text": "x", "citations": ["1"]}]},
            'statements[0].citations: expected a list, a whole number each, found ["1"].',
        ),
    ],
)
def test_a_wrong_prediction_is_told_in_one_sentence_with_line_and_field(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    path = write_lines(tmp_path / "p.jsonl", [prediction_record(**changes)])
    with pytest.raises(RecordError, match=re.escape(sentence)):
        load_predictions(path)


def test_a_question_answered_twice_is_told_with_its_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "p.jsonl", [prediction_record(), prediction_record()])
    with pytest.raises(RecordError, match="line 2, question_id: 'q1' is there twice"):
        load_predictions(path)
