"""Lines beside an article's text: a photograph's caption and credit, lists of keywords; and which
questions mean them.

Nobody asks for "the credit": people ask who took the photo, and the article says no such word. So
the lines are found by their form and put before what was found by words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retrieval.domain import Span
from retrieval.words import index_terms, stem_word

_CREDIT = re.compile(
    r"\b(?:getty(?:\s+images)?|afp|reuters|epa|shutterstock|alamy|magnum|ap\s+photo|"
    r"associated\s+press|press\s+association|rex\s+features|zuma|bloomberg)\b"
    r"|\b(?:photo(?:graph)?|picture|image|credit|courtesy)s?\s*(?:by|of|:|/|credit)",
    re.IGNORECASE,
)
_MAX_CREDIT_CHARS = 120
_CREDIT_START = re.compile(
    r"\s*(?:\(|\||—|–|[A-Z]{2,}|photo|picture|image|credit|©)", re.IGNORECASE
)

_MAX_KEYWORDS_CHARS = 200
_FEWEST_KEYWORDS, _MOST_KEYWORD_WORDS = 3, 4
_MEANS_LABELS = re.compile(r"\b(?:keyword|tag|label|credit|caption)(?:s|ed)?\b", re.IGNORECASE)

_PICTURE = r"(?:photo|photograph|picture|image|pic|snapshot)s?"
_MEANS_PICTURE = re.compile(rf"\b{_PICTURE}\b|\bphotographer\b", re.IGNORECASE)
# What a question about the picture itself may say besides the caption's own words.
_OF_PICTURES = frozenset(
    stem_word(word)
    for word in """
    photo photos photograph photographed photographer picture pictures image images pic pics
    snapshot take took taken shoot shot make made see seen show shown shows depict depicted display
    displayed visible illustrate illustrates story article piece report journalist agency agencies
    company credit credited credits caption date day year month place location city country exactly
    snap snapped capture captured named called name lead main published appear appears
    """.split()
)
_MEANS_CREDIT = re.compile(
    rf"\b(?:who|whose|whom|which\s+\w+|by\s+whom)\b.*\b(?:took|take|taken|shot|made|credit\w*|"
    rf"photographed|snapped|captured|{_PICTURE})\b|\bphotographer\b|\bcredit(?:ed|s)?\b",
    re.IGNORECASE,
)
_MEANS_SCENE = re.compile(r"\W*(?:when|where)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caption:
    """A photograph's lines in a document.

    :param caption: what the picture shows, None where only a credit stands.
    :param credit: who made it, None where no credit is known.
    """

    caption: Span | None
    credit: Span | None


def find_captions(text: str, paragraphs: Sequence[Span]) -> list[Caption]:
    """Return the captions of a document, found by the credit line below each.

    :param text: the document's text.
    :param paragraphs: its paragraphs in order.
    """
    captions = []
    for number, paragraph in enumerate(paragraphs):
        for line in _tail_sentences(text, paragraph):
            if not _is_credit(line.of(text)):
                continue
            before = paragraphs[number - 1] if number else None
            within = Span(paragraph.start, line.start) if line.start > paragraph.start else None
            captions.append(Caption(_trimmed(text, within) or before, line))
            break
    return captions


def find_labels(text: str, paragraphs: Sequence[Span], captions: Sequence[Caption]) -> list[Span]:
    """Return the lines that state nothing: credits, and lists of keywords.

    A list of keywords is a short paragraph of at least three parts with commas between them, none
    longer than a name, without a full stop.

    :param text: the document's text.
    :param paragraphs: its paragraphs in order.
    :param captions: its captions.
    """
    credits = [caption.credit for caption in captions if caption.credit is not None]
    keywords = [
        paragraph for paragraph in paragraphs if _is_keyword_list(paragraph.of(text).strip())
    ]
    return sorted({*credits, *keywords})


def _is_keyword_list(line: str) -> bool:
    parts = line.split(",")
    return (
        len(line) <= _MAX_KEYWORDS_CHARS
        and len(parts) >= _FEWEST_KEYWORDS
        and all(0 < len(part.split()) <= _MOST_KEYWORD_WORDS for part in parts)
        and line[-1].isalnum()
        and " and " not in line
    )


def _tail_sentences(text: str, paragraph: Span) -> list[Span]:
    """Return the paragraph, and what follows its last full stop: a credit stands at either."""
    stop = max(text.rfind(mark, paragraph.start, paragraph.end - 1) for mark in (". ", ".\n"))
    tail = Span(stop + 2, paragraph.end) if stop >= paragraph.start else None
    return [paragraph, *([tail] if tail else [])]


def _is_credit(line: str) -> bool:
    return (
        len(line) <= _MAX_CREDIT_CHARS
        and _CREDIT.search(line) is not None
        and _CREDIT_START.match(line) is not None
        and not line.rstrip().endswith((".", "?", "!", '"', "”"))
    )


def _trimmed(text: str, span: Span | None) -> Span | None:
    if span is None:
        return None
    end = span.start + len(span.of(text).rstrip())
    return Span(span.start, end) if end > span.start else None


def asked_of_labels(question: str) -> bool:
    """Return whether a question may mean a picture's credit or a list of keywords."""
    return bool(_MEANS_PICTURE.search(question) or _MEANS_LABELS.search(question))


def lacks_picture(question: str, terms: Collection[str]) -> bool:
    """Return whether a question means a picture of which a document's text does not speak.

    :param question: the standalone question.
    :param terms: of the document and its title.
    """
    meant = {stem_word(match[0].lower()) for match in _MEANS_PICTURE.finditer(question)}
    return bool(meant) and meant.isdisjoint(terms)


def asked_of_picture(question: str, captions: Sequence[Caption], text: str) -> Span | None:
    """Return the caption or credit that a question means, None if it means neither.

    :param question: the standalone question.
    :param captions: of the document; the first one is meant where there are several.
    :param text: the document's text.
    """
    if not captions or not _MEANS_PICTURE.search(question):
        return None
    first = captions[0]
    of_credit = _MEANS_CREDIT.search(question) and not _MEANS_SCENE.match(question)
    meant = first.credit if of_credit else first.caption
    known = _OF_PICTURES | set(index_terms(first.caption.of(text) if first.caption else ""))
    if not known.issuperset(index_terms(question)):
        return None  # it asks for more than the picture: the reader decides
    return meant or first.caption or first.credit
