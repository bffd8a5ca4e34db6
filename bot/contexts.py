"""The text around a quote, and the pages before and after."""

from __future__ import annotations

from retrieval.domain import Span

PAGE_CHARS = 1_400
_BREAKS = ("\n\n", "\n", ". ", " ")


def context_of(text: str, span: Span) -> Span:
    """Return the span with about half a page of text on either side, at clean borders."""
    margin = max(200, (PAGE_CHARS - len(span)) // 2)
    start = _clean_start(text, max(0, span.start - margin), span.start)
    end = _clean_end(text, span.end, min(len(text), span.end + margin))
    return _stripped(text, start, end) or span


def page_before(text: str, position: int) -> Span | None:
    """Return the page that ends where ``position`` is; None at the start of the text."""
    position = min(position, len(text))
    return _stripped(
        text, _clean_start(text, max(0, position - PAGE_CHARS), position), max(0, position)
    )


def page_after(text: str, position: int) -> Span | None:
    """Return the page that starts where ``position`` is; None at the end of the text."""
    position = max(0, position)
    end = min(len(text), position + PAGE_CHARS)
    return _stripped(text, position, _clean_end(text, position, end))


def _clean_start(text: str, lowest: int, highest: int) -> int:
    """Return the best place in ``[lowest, highest]`` to begin at."""
    if lowest == 0:
        return 0
    half = lowest + (highest - lowest) // 2
    for mark in _BREAKS:
        at = text.find(mark, lowest, half + 1)
        if at >= 0:
            return at + len(mark)
    return lowest


def _clean_end(text: str, lowest: int, highest: int) -> int:
    """Return the best place in ``[lowest, highest]`` to stop at."""
    if highest >= len(text):
        return len(text)
    half = lowest + (highest - lowest) // 2
    for mark in _BREAKS:
        at = text.rfind(mark, half, highest)
        if at >= 0:
            return at + (1 if mark == ". " else 0)
    return highest


def _stripped(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    if not piece.strip():
        return None
    return Span(start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip())))
