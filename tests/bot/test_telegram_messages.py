from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import telegram_formatting as formatting
from bot import telegram_messages as messages
from bot.ledger import AnswerRecord, find_again, record_answer
from retrieval.domain import (
    Answer,
    Citation,
    Document,
    Evidence,
    Passage,
    Reading,
    ScoredPassage,
    Span,
    Statement,
    Trace,
)
from tests.bot.blockquotes import blockquotes_of, stretch_of
from tests.fakes import LIGHTHOUSE, FakeAnswerer

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NO_TRACE = Trace((), Reading((), 0.5), ())


def as_sent(part: formatting.Part) -> dict[str, object]:
    return {
        "text": part.text.text,
        "entities": [e.to_dict() for e in formatting.entities_of(part.text)],
    }


def record_of(
    answer: Answer, document: Document = LIGHTHOUSE, trace: Trace = NO_TRACE
) -> AnswerRecord:
    return record_answer(
        answer, trace, {document.doc_id: document}, shown_before=None, asked_at=NOW
    )


def answer_to(question: str) -> AnswerRecord:
    answer, trace = FakeAnswerer().explain(question)
    return record_of(answer, trace=trace)


def citing(document: Document, *spans: Span, text: str | None = None) -> Answer:
    citations = tuple(
        Citation(n, document.doc_id, document.title, span, span.of(document.text))
        for n, span in enumerate(spans, start=1)
    )
    statements = tuple(Statement(text or c.quote, (c.number,)) for c in citations)
    return Answer("What?", "What?", statements, citations)


def test_an_answer_is_one_message_with_the_short_answer_first_and_the_quotation_under_it() -> None:
    parts = messages.render_answer(answer_to("How many pounds did it cost?"), 7)

    assert len(parts) == 1
    lines = parts[0].text.text.split("\n")
    assert lines[0] == "2,000¹"
    assert lines[2] == "¹ The article itself — The lamp at Fanad Head, ¶ 1"
    assert lines[3] == "It cost 2,000 pounds."
    assert blockquotes_of(as_sent(parts[0]))[0] == "It cost 2,000 pounds."


def test_the_second_quotation_from_the_same_source_is_ibid() -> None:
    text = messages.render_answer(answer_to("Finished, for pounds?"), 7)[0].text.text

    assert text.count("The lamp at Fanad Head") == 1
    assert "ibid., ¶" in text


def test_who_speaks_is_said_with_every_quotation() -> None:
    text = messages.render_answer(answer_to("What must never go out, the lamp?"), 7)[0].text.text

    assert "¹ Mary Byrne, word for word — " in text


def test_statements_in_their_own_words_carry_markers() -> None:
    first, second = Span(0, 45), Span(46, 67)
    answer = citing(LIGHTHOUSE, first, second, text="It was built")

    text = messages.render_answer(record_of(answer), 7)[0].text.text

    assert text.startswith("It was built¹ It was built²\n\n¹ ")


def test_an_abstention_has_no_blockquote_and_says_that_the_nearest_passage_does_not_answer() -> (
    None
):
    nearest = Evidence(
        "k", LIGHTHOUSE.doc_id, LIGHTHOUSE.title, Span(0, 45), LIGHTHOUSE.text[:45], 0.1
    )
    part = messages.render_answer(record_of(Answer("Why?", "Why?", nearest=nearest)), 7)[0]

    assert blockquotes_of(as_sent(part)) == []
    assert "Nearest passage, which does not answer it: The lamp at Fanad Head, ¶ 1" in (
        part.text.text
    )
    assert LIGHTHOUSE.text[:45] in part.text.text


def test_a_path_of_the_machine_is_never_shown_and_a_web_address_is_a_link() -> None:
    at_home = Document.from_text("Some words.", title="Mine", source="/home/someone/secret.txt")
    part = messages.render_sources([at_home, LIGHTHOUSE])[0]

    assert "/home" not in str(as_sent(part))
    links = [e.url for e in formatting.entities_of(part.text) if e.url]
    assert links == ["https://example.org/fanad"]


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "tg://user?id=1", "file:///etc/passwd", "http://", "//x"]
)
def test_only_web_addresses_become_links(source: str) -> None:
    assert formatting.linked_title("Title", source).marks[0].kind == formatting.ITALIC


def test_why_lists_every_passage_with_its_score_and_marks_those_that_were_used() -> None:
    record = answer_to("How many pounds did it cost?")
    part = messages.render_why(record, {}, {LIGHTHOUSE.doc_id})[0]

    assert len(blockquotes_of(as_sent(part))) == len(record.considered)
    assert "1. ✓ ¶ 1 · score" in part.text.text


def test_a_proof_shows_a_blockquote_only_of_what_stands_in_the_source_today() -> None:
    record = answer_to("How many pounds did it cost?")
    changed = Document.from_text(
        "A note. " + LIGHTHOUSE.text, title="The lamp", source=LIGHTHOUSE.source
    )
    other = Document.from_text("All is new.", title="New", source=LIGHTHOUSE.source)

    def proof(*documents: Document) -> str:
        known = {d.doc_id: d for d in documents}
        found = [find_again(c, known) for c in record.citations]
        part = messages.render_proof(record, found, today=NOW)[0]
        for quote in blockquotes_of(as_sent(part)):
            assert any(quote in d.text for d in documents)
        return part.text.text

    assert "stands in the source, character for character" in proof(LIGHTHOUSE)
    assert "The source has changed since 22 November 2026. These words still stand" in proof(
        changed
    )
    assert "these words are no longer in it" in proof(other)
    assert "has been removed since" in proof()


passages = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9_000) | st.text(
    st.sampled_from("aé👋🇮🇪שלום \n\t\r\u2028\u030a#@/_*`[]<>&"), min_size=1, max_size=9_000
)


@given(passages, passages, st.booleans())
@example("x" * 9_000, "👋" * 5_000, True)
@example("word " * 2_000, "\n\n a\u202eb\x00c", False)
@settings(max_examples=120, deadline=None)
def test_every_blockquote_is_the_source_span_and_every_part_fits(
    quote: str, before: str, said: bool
) -> None:
    stripped = quote.strip()
    if not formatting.as_kept(stripped).strip():
        return
    document = Document.from_text(f"{before}{stripped}", title="@x #y *z*", source="s")
    span = Span(len(before), len(before) + len(stripped))
    answer = citing(document, span, text="So it is." if said else None)

    parts = messages.render_answer(record_of(answer, document), 1)

    shown: list[str] = []
    for part in parts:
        assert 0 < len(part.text.text.encode("utf-16-le")) // 2 <= 4096
        assert len(part.text.marks) <= 100
        assert part.text.text.strip() == part.text.text
        shown += blockquotes_of(as_sent(part))
    kept = formatting.as_kept(stripped)
    assert "".join("".join(shown).split()) == "".join(kept.split())
    assert all(quote in kept for quote in shown)
    if kept == stripped and len(kept.encode("utf-16-le")) // 2 < 3_000:
        assert shown == [stripped]


@given(passages, st.integers(0, 3_000), st.integers(1, 3_000))
@settings(max_examples=120, deadline=None)
def test_the_pointer_into_a_passage_names_words_that_stand_there(
    text: str, start: int, length: int
) -> None:
    start = min(start, len(text) - 1)
    piece = text[start : start + length]
    if not formatting.as_kept(piece).strip() or piece.strip() != piece:
        return
    document = Document.from_text(text, title="T", source="s")

    part, pointer = messages.render_context(document, Span(start, start + len(piece)), 1, 1)

    units = len(pointer.quote.encode("utf-16-le")) // 2
    assert units <= 1_024
    assert len(part.text.text.encode("utf-16-le")) // 2 <= 4096
    assert stretch_of(part.text.text, pointer.position, units) == pointer.quote


def test_turning_pages_reaches_every_word_of_a_document() -> None:
    text = "\n\n".join(f"Paragraph {n} has some words, and some more." for n in range(200))
    document = Document.from_text(text, title="Long", source="s")
    seen, position = "", 0
    while (part := messages.render_page(document, "l", position, 1, 1)) is not None:
        seen += part.text.text.split("\n\n", 1)[1]
        position = int(part.keyboard[0][1].action.rsplit(":", 1)[1])

    assert "".join(seen.split()) == "".join(text.split())


def test_hundred_citations_split_before_the_limit_of_entities() -> None:
    text = " ".join(f"Sentence number {n} stands here." for n in range(150))
    document = Document.from_text(text, title="Many", source="https://example.org/")
    spans, at = [], 0
    for n in range(150):
        sentence = f"Sentence number {n} stands here."
        at = text.index(sentence, at)
        spans.append(Span(at, at + len(sentence)))
    trace = Trace(
        tuple(
            ScoredPassage(Passage(document.doc_id, s, s.of(text)), 0.5, n)
            for n, s in enumerate(spans, start=1)
        ),
        Reading((), 0.5),
        (),
    )
    record = record_of(citing(document, *spans), document, trace)

    for parts in (
        messages.render_answer(record, 1),
        messages.render_why(record, {}, {document.doc_id}),
    ):
        assert all(len(p.text.marks) <= 100 and p.text.units <= 4096 for p in parts)
    buttons = [b for row in messages.render_answer(record, 1)[-1].keyboard for b in row]
    assert len(buttons) <= 100
    assert all(len(b.action.encode()) <= 64 for b in buttons)
