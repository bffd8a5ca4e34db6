from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import RecordError
from evaluation.judgments import load_documents, load_judgments
from retrieval.documents import load_document
from retrieval.domain import Span
from tests.evaluation.samples import DOCUMENTS, TEXT, document_record, judgment_record, write_lines

SHARED = Path(__file__).resolve().parents[3] / "shared" / "eval"


def test_a_judgment_is_read_with_its_places(tmp_path: Path) -> None:
    spans = [{"start": 31, "end": 39, "text": "engines.", "other_starts": [50]}]
    path = write_lines(tmp_path / "j.jsonl", [judgment_record(gold_spans=spans)])
    judgment = load_judgments(path, DOCUMENTS)["q1"]
    assert judgment.gold_spans[0].places == (Span(31, 39), Span(50, 58))
    assert judgment.right_answers == ("engines.",)


def test_a_gold_span_without_offsets_is_searched_and_all_its_places_count(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "j.jsonl", [judgment_record(gold_spans=[{"text": "engines"}])])
    gold = load_judgments(path, DOCUMENTS)["q1"].gold_spans[0]
    assert gold.places == (Span(31, 38), Span(50, 57))


def test_space_at_either_end_of_a_gold_span_does_not_count(tmp_path: Path) -> None:
    spans = [{"start": 16, "end": 25, "text": " Babbage "}]
    path = write_lines(tmp_path / "j.jsonl", [judgment_record(gold_spans=spans)])
    assert load_judgments(path, DOCUMENTS)["q1"].gold_spans[0].places == (Span(17, 24),)


def test_a_question_without_a_document_needs_no_gold_span(tmp_path: Path) -> None:
    record = judgment_record(doc_id=None, gold_spans=[], standalone_question="Who?")
    path = write_lines(tmp_path / "j.jsonl", [record])
    assert load_judgments(path, {})["q1"].standalone_question == "Who?"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"question": " "}, "line 1, question: expected a text that is not blank."),
        ({"question_id": None}, "line 1, question_id: expected text, found nothing."),
        ({"doc_id": "other"}, "line 1, doc_id: 'other' is not among the documents."),
        ({"answerable": "yes"}, 'line 1, answerable: expected true or false, found "yes".'),
        ({"answerable": False}, "line 1, answerable: is false, but there are gold spans."),
        ({"gold_spans": []}, "gold_spans: expected at least one, since answerable is true."),
        ({"gold_spans": "Babbage"}, 'gold_spans: expected a list, objects, found "Babbage".'),
        (
            {"gold_spans": [{"start": 17, "end": 99, "text": "Babbage"}]},
            "line 1, gold_spans[0].start: [17, 99) does not lie in the document's 58 characters.",
        ),
        (
            {"gold_spans": [{"start": 24, "end": 17, "text": "Babbage"}]},
            "gold_spans[0].start: [24, 17) does not lie in",
        ),
        (
            {"gold_spans": [{"start": 18, "end": 25, "text": "Babbage"}]},
            "line 1, gold_spans[0].text: expected 'Babbage' at 18, the document has 'abbage '.",
        ),
        (
            {"gold_spans": [{"start": 17, "end": 24, "text": "Babbage", "other_starts": [3]}]},
            "gold_spans[0].other_starts: expected 'Babbage' at 3, the document has ' wrote '.",
        ),
        (
            {"gold_spans": [{"text": "Lovelace"}]},
            "gold_spans[0].text: 'Lovelace' does not stand in 'doc'.",
        ),
        (
            {"gold_spans": [{"text": "Ada", "kind": "shouted"}]},
            "gold_spans[0].kind: expected direct, reported or article, found 'shouted'.",
        ),
        (
            {"distractor_spans": [{"start": 0, "end": 3, "text": "Eda"}]},
            "distractor_spans[0].text: expected 'Eda' at 0, the document has 'Ada'.",
        ),
        ({"history": [{"answer": "x"}]}, "line 1, history[0].question: expected text, found noth"),
    ],
)
def test_a_wrong_judgment_is_told_in_one_sentence_with_line_and_field(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    path = write_lines(tmp_path / "j.jsonl", [judgment_record(**changes)])
    with pytest.raises(RecordError, match=re.escape(sentence)):
        load_judgments(path, DOCUMENTS)


def test_ids_that_are_there_twice_are_told_with_their_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "j.jsonl", [judgment_record(), judgment_record()])
    with pytest.raises(RecordError, match="line 2, question_id: 'q1' is there twice"):
        load_judgments(path, DOCUMENTS)
    path = write_lines(tmp_path / "d.jsonl", [document_record(), document_record()])
    with pytest.raises(RecordError, match="line 2, doc_id: 'doc' is there twice"):
        load_documents(path)


def test_documents_come_from_json_lines_or_from_one_article(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "d.jsonl", [document_record()])
    assert load_documents(lines)["doc"].text == TEXT
    article = tmp_path / "engines.txt"
    article.write_bytes(b"\xef\xbb\xbfAda.\r\nBabbage.")
    (document,) = load_documents(article).values()
    assert document.text == "Ada.\nBabbage."
    assert document == load_document(article)


def test_judgments_about_the_only_document_may_leave_its_id_out(tmp_path: Path) -> None:
    record = judgment_record(gold_spans=[{"text": "Babbage"}])
    for name in ("doc_id", "answerable", "history", "language"):
        del record[name]
    path = write_lines(tmp_path / "j.jsonl", [record])
    assert load_judgments(path, DOCUMENTS)["q1"].doc_id == "doc"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": " \n"}, "line 1, text: expected a text that is not blank"),
        ({"text": 3}, "line 1, text: expected text, found 3"),
        ({"doc_id": "a\nb"}, "line 1, doc_id: a document needs an id of one line"),
    ],
)
def test_a_wrong_document_is_told_in_one_sentence(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    path = write_lines(tmp_path / "d.jsonl", [document_record(**changes)])
    with pytest.raises(RecordError, match=re.escape(sentence)):
        load_documents(path)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n_questions", "n_answerable"),
    [
        ("onestopqa", 495, 495),
        ("squad2", 3692, 1880),
        ("squad2-paragraphs", 3692, 1880),
        ("xquad-ru", 300, 300),
        ("xquad-es", 300, 300),
        ("clapnq", 275, 143),
        ("doc2dial", 1452, 1452),
    ],
)
def test_every_visible_set_loads_whole(name: str, n_questions: int, n_answerable: int) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the development data is not in {SHARED}")
    documents = load_documents(SHARED / f"{name}.documents.jsonl.gz")
    judgments = load_judgments(SHARED / f"{name}.judgments.jsonl.gz", documents)
    assert len(judgments) == n_questions
    assert sum(judgment.answerable for judgment in judgments.values()) == n_answerable
