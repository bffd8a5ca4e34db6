from __future__ import annotations

import pytest

from retrieval.domain import Document, Span
from retrieval.outlines import Outline, outline_of

TEXT = 'The lamp is lit. It burns.\n\n"It will burn on," said Mary Byrne.\n'
DOCUMENT = Document.from_text(TEXT, title="T", source="s")


def test_an_outline_holds_paragraphs_sentences_and_who_speaks() -> None:
    outline = Outline(DOCUMENT)
    assert len(outline.paragraphs) == 2
    assert len(outline.sentences) == len(outline.speech) == 3
    assert outline.speech[2].speaker == "Mary Byrne"


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ("The lamp", [0]),
        ("lit. It", [0, 1]),
        ("burns.", [1]),
        ('burns.\n\n"It', [1, 2]),
        ("Byrne.", [2]),
        ("Byrne.\n", [2]),
        (TEXT, [0, 1, 2]),
    ],
)
def test_a_span_touches_the_sentences_that_it_shares_characters_with(
    part: str, rows: list[int]
) -> None:
    start = TEXT.index(part)
    assert list(Outline(DOCUMENT).rows_of(Span(start, start + len(part)))) == rows


def test_paragraphs_are_counted_from_one() -> None:
    outline = Outline(DOCUMENT)
    assert outline.paragraph_number(0) == 1
    assert outline.paragraph_number(TEXT.index("It burns")) == 1
    assert outline.paragraph_number(TEXT.index('"It will')) == 2


def test_space_before_the_first_paragraph_belongs_to_it() -> None:
    outline = Outline(Document.from_text("\n\n Text.", title="T", source="s"))
    assert outline.paragraph_number(0) == 1
    assert list(outline.rows_of(Span(0, 2))) == [0]


def test_a_document_s_outline_is_made_once() -> None:
    assert outline_of(DOCUMENT) is outline_of(DOCUMENT)
