from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.domain import (
    Answer,
    Citation,
    Conversation,
    Document,
    Evidence,
    IndexManifest,
    Passage,
    Reading,
    ScoredPassage,
    Span,
    Statement,
    Turn,
    content_hash,
    verify_citation,
)
from retrieval.errors import CitationMismatchError


def document(text: str = "The lamp is lit. It burns.") -> Document:
    return Document.from_text(text, title="The lamp", source="test")


def citation(number: int = 1, quote: str = "The lamp is lit.") -> Citation:
    return Citation(number, document().doc_id, "The lamp", Span(0, len(quote)), quote)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (4, 3), (-1, 2)])
def test_a_span_is_never_empty_or_negative(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start < end"):
        Span(start, end)


def test_a_span_counts_code_points_and_refuses_to_run_past_the_text() -> None:
    assert Span(0, 2).of("\U0001f5fcé!") == "\U0001f5fcé"
    with pytest.raises(ValueError, match="ends past 3"):
        Span(1, 4).of("abc")


def test_spans_are_compared_by_place() -> None:
    assert Span(2, 8).covers(Span(2, 8))
    assert not Span(2, 8).covers(Span(1, 8))
    assert Span(2, 8).overlaps(Span(7, 9))
    assert not Span(2, 8).overlaps(Span(8, 9))
    assert Span(2, 4).joined(Span(8, 9)) == Span(2, 9)
    assert Span(2, 4).shifted(10) == Span(12, 14)
    assert len(Span(2, 9)) == 7
    assert sorted([Span(3, 4), Span(0, 9), Span(0, 2)]) == [Span(0, 2), Span(0, 9), Span(3, 4)]


def test_a_document_is_known_by_its_text_alone() -> None:
    one = Document.from_text("Same text.", title="A", source="a.txt")
    other = Document.from_text("Same text.", title="B", source="b.txt")
    assert one.doc_id == other.doc_id == content_hash("Same text.")[:16]
    assert len(one.doc_id) == 16
    assert document("Another text.").doc_id != one.doc_id


def test_a_text_with_a_lone_surrogate_has_an_id_too() -> None:
    assert content_hash("broken \ud800 emoji") != content_hash("broken \ud801 emoji")


@pytest.mark.parametrize("doc_id", ["", "two\nlines", "x" * 301])
def test_a_document_needs_an_id_of_one_line(doc_id: str) -> None:
    with pytest.raises(ValueError, match="id of one line"):
        Document(doc_id, "Title", "source", "Text.")


def test_a_document_may_not_be_blank() -> None:
    with pytest.raises(ValueError, match="blank"):
        document(" \n\t ")


def test_a_passage_is_its_span_s_text_and_its_id_says_where() -> None:
    assert Passage("d", Span(4, 8), "lamp").passage_id == "d:4-8"
    with pytest.raises(ValueError, match="5 characters, span 4"):
        Passage("d", Span(4, 8), "lamps")
    with pytest.raises(ValueError, match="blank"):
        Passage("d", Span(0, 2), "  ")


def test_ranks_and_numbers_count_from_one() -> None:
    with pytest.raises(ValueError, match="ranks count from 1"):
        ScoredPassage(Passage("d", Span(0, 4), "lamp"), 0.5, 0)
    with pytest.raises(ValueError, match="citations count from 1"):
        citation(number=0)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan")])
def test_a_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Reading((), confidence)
    with pytest.raises(ValueError, match="between 0 and 1"):
        Answer("Why?", "Why?", confidence=confidence)


def test_evidence_has_no_outer_space_and_holds_its_short_answer() -> None:
    with pytest.raises(ValueError, match="without space"):
        Evidence("e1", "d", "T", Span(0, 5), "lamp ", 1.0)
    with pytest.raises(ValueError, match="inside its evidence"):
        Evidence("e1", "d", "T", Span(0, 4), "lamp", 1.0, answer_span=Span(2, 6))


@pytest.mark.parametrize("numbers", [(), (2, 1), (1, 1)])
def test_a_statement_needs_citation_numbers_in_order(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="ascending and distinct"):
        Statement("It burns.", numbers)


def test_an_answer_without_citations_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="both statements and citations"):
        Answer("Q?", "Q?", statements=(Statement("It burns.", (1,)),))
    with pytest.raises(ValueError, match="both statements and citations"):
        Answer("Q?", "Q?", citations=(citation(),))


def test_an_answer_numbers_its_citations_without_gaps_and_uses_each() -> None:
    said = Statement("It burns.", (1,))
    with pytest.raises(ValueError, match="without gaps"):
        Answer("Q?", "Q?", (said,), (citation(2),))
    with pytest.raises(ValueError, match="used by a statement"):
        Answer("Q?", "Q?", (said,), (citation(1), citation(2)))
    with pytest.raises(ValueError, match="no other number"):
        Answer("Q?", "Q?", (Statement("It burns.", (1, 2)),), (citation(1),))


def test_an_abstention_says_nothing() -> None:
    answer = Answer("Q?", "Q?")
    assert answer.abstained
    assert answer.text == ""
    with pytest.raises(ValueError, match="no short answer"):
        Answer("Q?", "Q?", short_answer="yes")


def test_a_turn_knows_when_in_utc() -> None:
    answer = Answer("Q?", "Q?")
    Turn("Q?", answer, datetime(2026, 1, 1, tzinfo=UTC))
    for elsewhere in (
        datetime(2026, 1, 1),  # noqa: DTZ001  (that is the point)
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))),
    ):
        with pytest.raises(ValueError, match="UTC"):
            Turn("Q?", answer, elsewhere)


def test_a_conversation_keeps_its_newest_turns_and_stays_itself() -> None:
    conversation = Conversation("cli")
    for number in range(5):
        turn = Turn(f"Q{number}?", Answer("Q?", "Q?"), datetime(2026, 1, 1, tzinfo=UTC))
        longer = conversation.with_turn(turn, keep=3)
        assert turn not in conversation.turns
        conversation = longer
    assert [turn.question for turn in conversation.turns] == ["Q2?", "Q3?", "Q4?"]


def test_the_metric_of_an_index_is_cosine() -> None:
    with pytest.raises(ValueError, match="metric is cosine"):
        IndexManifest(1, "e", "r", 4, "l2", "flat", 0, 0, 128, 40)


def test_a_quote_that_stands_is_verified() -> None:
    verify_citation(citation(), document())


def test_a_quote_that_differs_in_one_character_is_refused_with_the_place() -> None:
    with pytest.raises(CitationMismatchError, match=r"at character 4: expected 'lamp") as caught:
        verify_citation(citation(quote="The damp is lit."), document())
    assert (caught.value.start, caught.value.end) == (0, 16)


def test_a_quote_past_the_end_or_of_another_document_is_refused() -> None:
    past = Citation(1, document().doc_id, "The lamp", Span(17, 40), "It burns. And no end ye")
    with pytest.raises(CitationMismatchError):
        verify_citation(past, document())
    with pytest.raises(CitationMismatchError):
        verify_citation(citation(), document("The lamp is lit. It is another text."))
