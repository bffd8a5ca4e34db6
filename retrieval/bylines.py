"""The lines that tell what an article is called, who wrote it and when; and which questions mean
them.

Such a question shares no word with those lines, and a reader that knows only sentences names
whoever the article is about. So the lines are found by their form, like captions, and where an
article has none, nothing else answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from retrieval.domain import Span
from retrieval.words import split_words

Line = Literal["headline", "author", "date"]

_N_FIRST = 6  # paragraphs in which a byline or a date may stand
_MAX_LINE_CHARS = 120

_ARTICLE = r"(?:article|story|piece|news|text|report|post|page)"
_MEANS: dict[Line, re.Pattern[str]] = {
    "headline": re.compile(
        rf"\b(?:headline|title|heading)\b|\b{_ARTICLE}\s+(?:called|titled|headed)\b", re.IGNORECASE
    ),
    "author": re.compile(
        rf"\b(?:who|whose|which|by\s+whom)\b.*\b(?:wrote|writes|written|author|authored|writer|byline|"
        rf"reported|{_ARTICLE}\s+by)\b|\b(?:author|writer|byline)(?:['’]s\s+name)?\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"\b(?:when|what\s+date|which\s+date|what\s+day|which\s+day)\b.*"
        r"\b(?:published|written|posted|updated|date)\b",
        re.IGNORECASE,
    ),
}
# What such a question may say besides: anything more, and it asks about what the article tells.
_BESIDES = frozenset(
    """
    what whats who whos whose which when by whom is was are the a an this that of it its s in on me
    tell give name names called titled headed please article story piece news text report post page
    headline title heading author authors authored writer written wrote writes byline journalist
    reporter reported date day published posted updated did
    """.split()
)
_SAYS_ARTICLE = re.compile(
    rf"\b{_ARTICLE}\b|\b(?:headline|byline|heading)\b|\bthis\b", re.IGNORECASE
)

_BYLINE = re.compile(
    r"\s*(?:(?:written|story|text|report|words|reporting)\s+)?by:?\s+[^!?]*[^.!?]$|"
    r"\s*(?:author|writer)s?:\s*\S.*$",
    re.IGNORECASE,
)
_STARTS_WITH_NAME = re.compile(r"(?i:.*?\bby:?|.*?:)\s+(?=[A-Z])")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE_LINE = re.compile(
    rf"\s*(?:(?:published|posted|updated|date)\W+(?:on\s+)?)?(?:\w+day,?\s+)?"
    rf"(?:{_MONTH}\.?\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\.?\s+{_MONTH}\.?,?\s+\d{{4}}|"
    r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4})\b[^.!?]{0,40}$",
    re.IGNORECASE,
)


def asked_of_article(question: str) -> Line | None:
    """Return which line of the article itself a question means, None if it means none.

    :param question: the standalone question.
    """
    if not _SAYS_ARTICLE.search(question) or not _BESIDES.issuperset(
        part for word in split_words(question) for part in re.split(r"['’]", word)
    ):
        return None
    return next((line for line, means in _MEANS.items() if means.search(question)), None)


def find_line(line: Line, title: str, text: str, paragraphs: Sequence[Span]) -> Span | None:
    """Return where a document tells its headline, its author or its date.

    :param line: which of them.
    :param title: of the document; it is the headline where it stands in the text.
    :param text: the document's text.
    :param paragraphs: its paragraphs in order.
    :return: None where it tells nothing of the kind.
    """
    first = [p for p in paragraphs[:_N_FIRST] if len(p) <= _MAX_LINE_CHARS]
    if line == "headline":
        at = text.find(title.strip()) if title.strip() else -1
        return Span(at, at + len(title.strip())) if at >= 0 else None
    if line == "author":
        return next((p for p in first if _is_byline(p.of(text))), None)
    return next((p for p in first if _DATE_LINE.match(p.of(text))), None)


def _is_byline(words: str) -> bool:
    return _BYLINE.match(words) is not None and _STARTS_WITH_NAME.match(words) is not None
