from __future__ import annotations

import json

import pytest

from retrieval.answers import abstain, answer_record, cite, extract_answer
from retrieval.domain import Document, Evidence, Span
from retrieval.errors import CitationMismatchError

TEXT = 'The lamp is lit. "It burns," said Mary Byrne.'
DOCUMENT = Document.from_text(TEXT, title="The lamp", source="s")
PIECES = [
    Evidence(
        "e1", DOCUMENT.doc_id, "The lamp", Span(17, 45), TEXT[17:45], 2.0, "direct", "Mary Byrne"
    ),
    Evidence("e2", DOCUMENT.doc_id, "The lamp", Span(0, 16), TEXT[:16], 1.0),
]
RECORD_KEYS = [
    "question_id",
    "question",
    "standalone_question",
    "abstained",
    "answer",
    "short_answer",
    "statements",
    "citations",
    "confidence",
    "seconds",
    "model",
]


def test_each_piece_becomes_a_statement_that_cites_itself() -> None:
    answer = extract_answer(
        "Who?",
        "Who said it?",
        PIECES,
        {DOCUMENT.doc_id: DOCUMENT},
        confidence=0.8,
        short_answer="x",
    )
    assert [s.text for s in answer.statements] == [piece.text for piece in PIECES]
    assert [s.citation_numbers for s in answer.statements] == [(1,), (2,)]
    assert [c.quote for c in answer.citations] == [piece.text for piece in PIECES]
    assert (answer.citations[0].speaker, answer.citations[0].kind) == ("Mary Byrne", "direct")
    assert (answer.question, answer.standalone_question) == ("Who?", "Who said it?")
    assert (answer.short_answer, answer.confidence) == ("x", 0.8)


@pytest.mark.parametrize("text", [TEXT.replace("lit", "out"), "x" + TEXT, TEXT[:20]])
def test_a_document_that_changed_is_noticed_before_anybody_sees_the_quote(text: str) -> None:
    changed = Document(DOCUMENT.doc_id, "The lamp", "s", text)
    with pytest.raises(CitationMismatchError, match="Index the document again"):
        extract_answer("Q?", "Q?", PIECES, {DOCUMENT.doc_id: changed}, confidence=0.8)


def test_an_abstention_has_no_citations_whatever_came_near() -> None:
    answer = abstain("Q?", "Q?", confidence=0.1, nearest=PIECES[0], notes=("A note.",))
    assert answer.abstained
    assert answer.citations == ()
    assert answer.statements == ()
    assert answer.short_answer is None
    assert answer.nearest == PIECES[0]
    assert answer.notes == ("A note.",)


def test_a_citation_is_the_whole_piece() -> None:
    citation = cite(PIECES[0], 3)
    assert (citation.number, citation.span, citation.quote) == (3, Span(17, 45), TEXT[17:45])


def test_the_record_has_exactly_the_designed_keys_in_their_order() -> None:
    answer = extract_answer("Q?", "Q?", PIECES, {DOCUMENT.doc_id: DOCUMENT}, confidence=0.81234567)
    record = answer_record(answer, "q7")
    assert list(record) == RECORD_KEYS
    assert record["question_id"] == "q7"
    assert record["statements"][1] == {"text": "The lamp is lit.", "citations": [2]}
    assert record["citations"][0] == {
        "number": 1,
        "doc_id": DOCUMENT.doc_id,
        "title": "The lamp",
        "start": 17,
        "end": 45,
        "quote": '"It burns," said Mary Byrne.',
        "speaker": "Mary Byrne",
        "kind": "direct",
    }
    assert record["confidence"] == 0.8123
    json.dumps(record)


def test_the_record_of_an_abstention_is_empty_and_does_not_show_what_came_near() -> None:
    record = answer_record(abstain("Q?", "Q?", confidence=0.1, nearest=PIECES[0]))
    assert list(record) == RECORD_KEYS
    assert (record["abstained"], record["answer"], record["citations"]) == (True, "", [])
    assert (record["statements"], record["short_answer"], record["question_id"]) == ([], None, None)
    assert "burns" not in json.dumps(record)
