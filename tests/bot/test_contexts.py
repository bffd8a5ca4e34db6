from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contexts import context_of, page_after, page_before
from bot.example_questions import propose
from retrieval.domain import Document, Span
from tests.fakes import LIGHTHOUSE


@given(st.text(min_size=1, max_size=5_000), st.integers(0), st.integers(1, 500))
@settings(deadline=None)
def test_a_context_covers_its_span_and_pages_stay_inside_the_text(
    text: str, start: int, length: int
) -> None:
    start %= len(text)
    span = Span(start, min(len(text), start + length))
    if text[span.start : span.end].strip() != text[span.start : span.end]:
        return

    assert context_of(text, span).covers(span)
    for page in (page_before(text, start), page_after(text, start)):
        assert page is None or 0 <= page.start < page.end <= len(text)


def test_a_page_ends_with_a_sentence_or_a_paragraph() -> None:
    text = "A sentence of words. " * 500

    page = page_after(text, 0)
    assert page is not None
    assert page.of(text).endswith("words.")


def test_proposed_questions_are_about_the_articles_own_words() -> None:
    text = (
        "The mayor was Anna Berg, and Berg said that the water pipes were old. Many water pipes "
        "burst. She told Carl Nyman about it."
    )
    questions = list(propose(Document.from_text(text, title="Pipes", source="s")))

    assert questions[0] == "What did Berg say about water pipes?"
    assert "What does the article say about Carl Nyman?" in questions
    assert list(propose(LIGHTHOUSE))
