"""Document → passages: whole sentences packed into windows, cut as spans first, text second."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from retrieval.domain import Document, Passage, Span
from retrieval.sentences import split_sentences, trimmed

CountTokens = Callable[[str], int]

CUTTING = 2
"""Raised when documents are cut into other passages: indexes kept for measuring go by it."""
SPECIAL_TOKENS = 2
"""That an encoder puts round a text."""
_TITLE_TOKENS = 40  # of the encoder's window, left for the title where a passage may fill the rest
_SPELT_OUT = 2.0  # characters a token; words that the encoder knows have three to five
_SAMPLE_CHARS = 2000

_MAX_UNIT_CHARS = 2000  # a "sentence" longer than this is a table or noise; nobody quotes it whole
_CUTS = (
    re.compile(r"[;:—–,،；：，、](?:\s+|(?<=[；：，、]))"),  # clauses
    re.compile(r"\s+"),  # words
)


def split_document(
    document: Document, count_tokens: CountTokens, *, passage_tokens: int, overlap_tokens: int
) -> list[Passage]:
    """Cut a document into passages in order of their start; together they cover every character
    that is not white space.

    :param document: what to cut.
    :param count_tokens: length of a text in the encoder's tokens, special ones left out.
    :param passage_tokens: most tokens in a passage, at least 8.
    :param overlap_tokens: most tokens shared by neighbours (whole sentences only), below half of
        ``passage_tokens``.
    :raises ValueError: if the sizes make no sense.
    """
    if passage_tokens < 8 or not 0 <= overlap_tokens <= passage_tokens // 2:
        raise ValueError(
            "passage_tokens must be at least 8 and overlap_tokens at most half of it, "
            f"got {passage_tokens} and {overlap_tokens}"
        )
    text = document.text
    units = [
        unit
        for sentence in split_sentences(text)
        for unit in _split_long(text, sentence, count_tokens, passage_tokens)
    ]
    spans = _pack(text, units, count_tokens, passage_tokens, overlap_tokens)
    return [Passage(document.doc_id, span, span.of(text)) for span in spans]


def passage_size(
    text: str, count_tokens: CountTokens, *, passage_tokens: int, max_tokens: int
) -> int:
    """Return how many tokens a passage of a text may have.

    Where the encoder spells words letter by letter (its vocabulary is of another script), as many
    tokens hold a few words, and most sentences would be cut: there a passage may fill the window.

    :param text: of the document.
    :param count_tokens: length of a text in the encoder's tokens, special ones left out.
    :param passage_tokens: what is asked for.
    :param max_tokens: that the encoder reads, special ones included.
    :return: at least ``passage_tokens``.
    """
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii() or len(sample) >= _SPELT_OUT * count_tokens(sample):
        return passage_tokens
    return max(passage_tokens, max_tokens - SPECIAL_TOKENS - _TITLE_TOKENS)


def _split_long(text: str, sentence: Span, count_tokens: CountTokens, most: int) -> Iterator[Span]:
    """Yield the sentence, or, if it is too long, its longest fitting pieces in order."""
    start = sentence.start
    while True:
        rest = trimmed(text, start, sentence.end)
        if rest is None:
            return
        if len(rest) <= _MAX_UNIT_CHARS and count_tokens(rest.of(text)) <= most:
            yield rest
            return
        end = _longest_fitting(text, rest, count_tokens, most)
        piece = trimmed(text, rest.start, end)
        if piece is not None:
            yield piece
        start = end


def _longest_fitting(text: str, rest: Span, count_tokens: CountTokens, most: int) -> int:
    """Return where to cut ``rest``: at a clause, else a word, else a character."""
    window_end = min(rest.end, rest.start + _MAX_UNIT_CHARS)
    ends = range(rest.start + 1, window_end + 1)
    # A single character always makes progress, even if some tokenizer calls it too long.
    fitting = _last_fitting(text, rest.start, ends, count_tokens, most) or rest.start + 1
    for pattern in _CUTS:
        cuts = [m.end() for m in pattern.finditer(text, rest.start + 1, min(fitting + 1, rest.end))]
        # A clause much shorter than what fits would make a needlessly small passage.
        if cuts and cuts[-1] - rest.start >= (fitting - rest.start) // 8:
            end = cuts[-1]
            if count_tokens(text[rest.start : end]) <= most:
                return end
    return fitting


def _last_fitting(
    text: str, start: int, ends: Sequence[int], count_tokens: CountTokens, most: int
) -> int | None:
    """Return the last of ``ends`` up to which the text fits, None if none does.

    Token counts grow with the text, and about evenly: the search begins where they should reach
    ``most`` and widens from there, because counting is what takes the time.
    """
    sample = text[start : min(ends[-1], start + 3 * most)]
    guess = start + len(sample) * most // max(1, count_tokens(sample))
    at = max(bisect_right(ends, guess) - 1, 0)
    low, high, step = -1, len(ends), 1  # ends[low] fits, ends[high] does not
    while high - low > 1:
        if count_tokens(text[start : ends[at]]) <= most:
            low = at
        else:
            high = at
        if low < 0:
            at = max(high - step, 0)
        elif high == len(ends):
            at = min(low + step, len(ends) - 1)
        else:
            at = (low + high) // 2
        step *= 2
    return ends[low] if low >= 0 else None


def _pack(
    text: str, units: Sequence[Span], count_tokens: CountTokens, most: int, overlap: int
) -> Iterator[Span]:
    sizes = [count_tokens(unit.of(text)) for unit in units]
    first = 0
    while first < len(units):
        last, total = first, sizes[first]
        while last + 1 < len(units) and total + sizes[last + 1] <= most:
            last += 1
            total += sizes[last]
        # The parts' counts need not add up for every tokenizer: the whole is what must fit.
        while last > first and count_tokens(text[units[first].start : units[last].end]) > most:
            last -= 1
        yield units[first].joined(units[last])
        if last + 1 == len(units):
            return
        first = _step_back(sizes, first, last, overlap, most)


def _step_back(sizes: Sequence[int], first: int, last: int, overlap: int, most: int) -> int:
    """Return the unit with which the next passage starts: as many old ones as may be shared."""
    start, shared = last + 1, 0
    while (
        start - 1 > first
        and shared + sizes[start - 1] <= overlap
        and shared + sizes[start - 1] + sizes[last + 1] <= most
    ):
        start -= 1
        shared += sizes[start]
    return start
