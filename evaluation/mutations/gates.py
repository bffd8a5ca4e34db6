"""Gates that decide whether a quote stands in a document: Ibid's, and two others' published rules.

The rules of verbatim-rag (KRLabsOrg/verbatim-rag, ``extractors.py``) and kotaemon
(Cinnamon/kotaemon, ``indices/qa/utils.py``) are written anew from what their code does. Both hold a
quote against one retrieved chunk, not a whole document, and are given one here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from retrieval.domain import Document, Span
from retrieval.quotes import locate_quote

Gate = Callable[[str, Document], Span | None]
"""A quote and the document it is said to stand in → where it stands, None if it is refused."""

_FUZZY_LEAST = 0.8
_TOKEN = re.compile(r"\w+|[^\w\s]")


def exact_substring(quote: str, document: Document) -> Span | None:
    """Accept a quote whose characters, space at either end apart, stand in the document.

    verbatim-rag's default.
    """
    quote = quote.strip()
    start = document.text.find(quote) if quote else -1
    return Span(start, start + len(quote)) if start >= 0 else None


def verbatim_rag_fuzzy(quote: str, document: Document) -> Span | None:
    """Accept what is 80 % alike: verbatim-rag's fuzzy mode.

    Exact substring first. Then both texts become their tokens (NFKC, case folded) joined by spaces,
    and the best window of the quote's length is compared: 2 · longest common subsequence / both
    lengths (RapidFuzz's partial ratio). Only windows at matching blocks are looked at here, so
    where this differs from RapidFuzz it accepts less.
    """
    exact = exact_substring(quote, document)
    if exact is not None:
        return exact
    needle, haystack = _tokens(quote), _tokens(document.text)
    if not needle or not haystack:
        return None
    best = max(_window_ratio(needle, haystack, start) for start in _windows(needle, haystack))
    return Span(0, len(document.text)) if best >= _FUZZY_LEAST else None


def kotaemon_blocks(quote: str, document: Document) -> Span | None:
    """Accept a quote of which some stretch is found: kotaemon's rule.

    Lower case, newlines as spaces. The matching blocks longer than 25 % of the quote (and 5
    characters) are joined from the first to the last; that stretch must be longer than 35 %.
    """
    needle, haystack = quote.lower(), document.text.lower().replace("\n", " ")
    if len(needle) <= 5:
        return None
    for line in needle.split("\n"):
        blocks = SequenceMatcher(None, line, haystack, autojunk=False).get_matching_blocks()
        long = [block for block in blocks if block.size > max(len(line) * 0.25, 5)]
        if long:
            start = min(block.b for block in long)
            end = max(block.b + block.size for block in long)
            if end - start > max(len(line) * 0.35, 5):
                return Span(start, min(end, len(document.text)))
    return None


OWN_GATE = "Ibid"
GATES: Mapping[str, Gate] = {
    OWN_GATE: locate_quote,
    "exact substring": exact_substring,
    "verbatim-rag, fuzzy": verbatim_rag_fuzzy,
    "kotaemon": kotaemon_blocks,
}


def common_subsequence(one: str, other: str) -> int:
    """Return the length of the longest common subsequence (Hyyrö's bit-parallel way)."""
    places: dict[str, int] = {}
    for i, char in enumerate(one):
        places[char] = places.get(char, 0) | 1 << i
    everywhere = (1 << len(one)) - 1
    row = everywhere
    for char in other:
        matched = row & places.get(char, 0)
        row = (row + matched | row - matched) & everywhere
    return len(one) - row.bit_count()


def _tokens(text: str) -> str:
    return " ".join(
        unicodedata.normalize("NFKC", token).casefold() for token in _TOKEN.findall(text)
    )


def _windows(needle: str, haystack: str) -> set[int]:
    """Return where a window of the needle's length would align one of the matching blocks."""
    blocks = SequenceMatcher(None, needle, haystack, autojunk=False).get_matching_blocks()
    last = max(len(haystack) - len(needle), 0)
    return {min(max(block.b - block.a, 0), last) for block in blocks if block.size >= 3} or {0}


def _window_ratio(needle: str, haystack: str, start: int) -> float:
    window = haystack[start : start + len(needle)]
    return 2 * common_subsequence(needle, window) / (len(needle) + len(window))
