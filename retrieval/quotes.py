"""Where a quote stands in a document, or that it does not stand there.

A quote is found when its characters stand in the document. Only the formatting differences that
:data:`FORGIVEN` names are overlooked, and then the document's own characters are what is shown.
Nothing here measures similarity: a digit, a negation, a name, a word more or less, another order
or a look-alike letter is another text.

Both texts are folded (each character to one of its class, with its position kept) and compared
with ``str.find``, so the time grows linearly with their lengths, hostile ones included.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.domain import Document, Span

FORGIVEN = (
    "white space: any run of it for any other, but never none for some",
    "quotation marks and apostrophes: typographic for straight, single never for double",
    "dashes: hyphen, dash and minus of any length for one another, but never none for one",
    "three full stops for the ellipsis character",
    "the ligatures ff, fi, fl, ffi, ffl, st for their letters",
    "an accent as a character of its own for the accented letter",
    "soft hyphens and invisible characters without effect on the letters",
    "the case of the first letter: a capital for a small letter, and a small letter for a capital "
    "that only begins a sentence",
    "markup round the quote: quotation marks, emphasis, list and heading marks, footnote marks",
    "an ellipsis at either end",
    "the document's own footnote marks, [12], left out",
)
"""Every difference between a quote and the document that :func:`locate_quote` overlooks."""

FOOTNOTE_MARK = re.compile(r"(?<=\S)[ \t]?(?:\[\d{1,3}\])+|(?<=[.!?,;:\"”’)])[¹²³⁰⁴-⁹]{1,3}")
"""A footnote mark of the article's own, with the space before it."""

_EDGE = "\0"  # stands in folded text at either end of each word; the input's own becomes U+FFFD
_MOST_TRIES = 64  # occurrences looked at before giving up: keeps hostile repetition linear
_MOST_LAYERS = 4  # layers of markup taken off

_DASHES = "-‐‑‒–—―−"
_SINGLE_MARKS = "'‘’‚‛‹›ʼ"
_DOUBLE_MARKS = '"“”„‟«»'
_INVISIBLE = (
    "\u00ad\u200b\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
)
_JOINERS = "\u200c\u200d"  # change the letters in Arabic, Indic scripts and emoji, not below U+0600

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}

_MARKS = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_SINGLE_MARKS, "'")
    | dict.fromkeys(_DOUBLE_MARKS, '"')
    | {_EDGE: "\ufffd"}
)

# Scripts that put no space between words: there, every character may begin or end a quote.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_UNSPACED_CHARACTER = re.compile(f"[{_UNSPACED}]")

# Runs are taken whole for speed; only what is rare goes character by character.
_TOKEN = re.compile(
    rf"(?P<footnote>{FOOTNOTE_MARK.pattern})"
    r"|(?P<space>\s+)"
    r"|(?P<word>[A-Za-z0-9À-ÖØ-öø-ɏ\u0400-\u0481\u048a-\u052f\u05d0-\u05ea\u0620-\u064a가-힣]+)"
    rf"|(?P<unspaced>[{_UNSPACED}]+)"
    r"|(?P<dots>\.+)"
    r"|(?P<hyphens>-+)"
    rf"|(?P<marks>[{_SINGLE_MARKS}{_DOUBLE_MARKS}{_DASHES[1:]}\0!#$%&()*+,/:;<=>?@…\[\]]+)"
    rf"|(?P<invisible>[{_INVISIBLE}]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def locate_quote(
    quote: str, document: Document, allowed: Sequence[Span] | None = None
) -> Span | None:
    """Return where ``quote`` stands in ``document``, as a span of the document's own characters.

    A quote may not begin or end inside a word or a number (``non-violent``, ``5.3``, ``$5``,
    ``5 %``), and needs at least one letter or digit. Literal occurrences go before forgiven ones,
    earlier before later; those inside ``allowed``, in its order, before all others.

    :param quote: as a model gave it.
    :param document: where it is said to stand.
    :param allowed: spans that it should rather stand in; None means anywhere.
    :returns: None if it does not stand there.
    """
    found = locate_quote_within(quote, document, allowed) if allowed else None
    return found or locate_quote_within(quote, document, (Span(0, len(document.text)),))


def locate_quote_within(quote: str, document: Document, allowed: Sequence[Span]) -> Span | None:
    """Return where ``quote`` stands inside one of ``allowed``, as :func:`locate_quote` does."""
    text = document.text
    for form in _forms(quote):
        if not any(character.isalnum() for character in form):
            return None
        for find in (_find_literal, _find_forgiven):
            for window in allowed:
                span = find(form, text, window.start, min(window.end, len(text)))
                if span is not None:
                    return span
    return None


def without_footnote_marks(text: str) -> str:
    """Return ``text`` without the article's own footnote marks, for a chat model to read."""
    return FOOTNOTE_MARK.sub("", text)


@dataclass(frozen=True, slots=True)
class _Folded:
    """A stretch of text with every character replaced by its class.

    :param text: the folded characters, an edge mark at either end of each word.
    :param at: where each piece starts in ``text``, ascending.
    :param starts: where each piece starts in the source.
    :param ends: where each piece ends in the source.
    """

    text: str
    at: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]

    def start_of(self, index: int) -> int:
        """Return where the folded character at ``index`` starts in the source."""
        piece = bisect_right(self.at, index) - 1
        return self.starts[piece] + (index - self.at[piece] if self._keeps_length(piece) else 0)

    def end_of(self, index: int) -> int:
        """Return where the folded character at ``index`` ends in the source."""
        piece = bisect_right(self.at, index) - 1
        if self._keeps_length(piece):
            return self.starts[piece] + index - self.at[piece] + 1
        return self.ends[piece]

    def _keeps_length(self, piece: int) -> bool:
        following = self.at[piece + 1] if piece + 1 < len(self.at) else len(self.text)
        return following - self.at[piece] == self.ends[piece] - self.starts[piece]


class _Folding:
    """Folded text while it is being put together."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts = array("Q")
        self._ends = array("Q")
        self._in_word = False
        self._word_end = 0

    def put(self, piece: str, start: int, end: int, *, is_word: bool) -> None:
        if is_word != self._in_word:
            at = start if is_word else self._word_end
            self._append(_EDGE, at, at)
            self._in_word = is_word
        self._append(piece, start, end)
        if is_word:
            self._word_end = end

    def put_accent(self, accent: str, start: int, end: int) -> None:
        """Add a combining character, joined with the letter before it where there is such a one."""
        before = self._pieces[-1] if self._pieces else ""
        joined = unicodedata.normalize("NFC", before[-1:] + accent)
        if before in ("", _EDGE) or self._ends[-1] != start or len(joined) != 1:
            self._append(accent, start, end)
        else:
            begin = self._ends[-1] - 1 if len(before) > 1 else self._starts[-1]
            if len(before) > 1:
                self._pieces[-1], self._ends[-1] = before[:-1], begin
            else:
                del self._pieces[-1], self._starts[-1], self._ends[-1]
            self._append(joined, begin, end)
        self._word_end = end

    def close_word(self) -> None:
        if self._in_word:
            self._append(_EDGE, self._word_end, self._word_end)
            self._in_word = False

    def folded(self) -> _Folded:
        self.close_word()
        at, length = array("Q"), 0
        for piece in self._pieces:
            at.append(length)
            length += len(piece)
        return _Folded("".join(self._pieces), at, self._starts, self._ends)

    def _append(self, piece: str, start: int, end: int) -> None:
        self._pieces.append(piece)
        self._starts.append(start)
        self._ends.append(end)


def _fold(text: str, start: int, end: int, footnotes: bool) -> _Folded:
    """Fold ``text[start:end]``; without ``footnotes`` the footnote marks are left out."""
    folding = _Folding()
    for match in _TOKEN.finditer(text, start, end):
        kind, token, at, to = match.lastgroup, match[0], match.start(), match.end()
        if kind == "word":
            folding.put(token, at, to, is_word=True)
        elif kind == "space":
            folding.put(" ", at, to, is_word=False)
        elif kind == "footnote" and not footnotes:
            folding.close_word()
        elif kind in ("footnote", "other"):
            for offset, character in enumerate(token):
                _fold_character(folding, text, at + offset, character)
        elif kind != "invisible":
            piece = _fold_marks(text, match) if kind != "unspaced" else token
            folding.put(piece, at, to, is_word=False)
    return folding.folded()


def _fold_marks(text: str, match: re.Match[str]) -> str:
    """Return what a run of punctuation folds to."""
    run = match[0]
    if run == "...":
        return "…"
    if run in ("--", "---"):
        beside = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        return "-" if len(beside) == 2 and (beside.isspace() or beside.isalpha()) else run
    return run.translate(_MARKS)


def _fold_character(folding: _Folding, text: str, at: int, character: str) -> None:
    piece, is_word, is_accent = _class_of(character)
    if character in _JOINERS and at > 0 and text[at - 1] < "\u0600":
        return
    if is_accent:
        folding.put_accent(character, at, at + 1)
    else:
        folding.put(piece, at, at + 1, is_word=is_word)


@lru_cache(maxsize=4096)
def _class_of(character: str) -> tuple[str, bool, bool]:
    """Return what ``character`` folds to, whether it belongs to a word, and if it is an accent."""
    if character.isspace():
        return " ", False, False
    is_accent = unicodedata.category(character).startswith("M")
    return _LIGATURES.get(character, character.translate(_MARKS)), character.isalnum(), is_accent


_fold_kept = lru_cache(maxsize=16)(_fold)


def _find_literal(form: str, text: str, start: int, end: int) -> Span | None:
    """Return the first place where ``form`` itself stands in ``text[start:end]``."""
    at = start - 1
    for _ in range(_MOST_TRIES):
        at = text.find(form, at + 1, end)
        if at < 0:
            return None
        if _keeps_words_whole(text, span := Span(at, at + len(form))):
            return span
    return None


def _find_forgiven(form: str, text: str, start: int, end: int) -> Span | None:
    """Return the first place where ``form`` stands but for forgiven differences."""
    needle = _fold_kept(form, 0, len(form), True).text.strip(" ")
    for footnotes in (True, False):
        if footnotes or FOOTNOTE_MARK.search(text, start, end):
            spans = _occurrences(needle, _fold_kept(text, start, end, footnotes), text)
            found = next(spans, None)
            if found is not None:
                return found
    return None


def _occurrences(needle: str, folded: _Folded, text: str) -> Iterator[Span]:
    """Yield where ``needle`` stands, first in its own case, then with the first letter's other."""
    for span, _ in _hits(needle, folded):
        if _keeps_words_whole(text, span):
            yield span
    letter = needle.find(_EDGE) + 1
    swapped = _other_case(needle[letter]) if letter < len(needle) else ""
    if not swapped or any(c.isalnum() for c in needle[:letter]):
        return
    for span, at in _hits(needle[:letter] + swapped + needle[letter + 1 :], folded):
        begins = folded.start_of(at + letter)
        fits = swapped.islower() or _begins_sentence(text, begins)
        if fits and _keeps_words_whole(text, span):
            yield span


def _hits(needle: str, folded: _Folded) -> Iterator[tuple[Span, int]]:
    """Yield the span of each occurrence and where it starts in the folded text."""
    at = -1
    for _ in range(_MOST_TRIES):
        at = folded.text.find(needle, at + 1)
        if at < 0:
            return
        yield Span(folded.start_of(at), folded.end_of(at + len(needle) - 1)), at


def _other_case(letter: str) -> str:
    """Return the letter's other case, empty if there is none that leads back to it."""
    other = letter.swapcase()
    return other if other != letter and len(other) == 1 and other.swapcase() == letter else ""


def _begins_sentence(text: str, at: int) -> bool:
    """Return whether a capital at ``at`` may be due to its place, not to being a name."""
    opening = _DOUBLE_MARKS + "'‘’‹"
    before = text[max(0, at - 24) : at]
    bare = re.sub(r"(?:\[\d{1,3}\]|[ \t\u00a0()\[\]*_#" + opening + r"])+\Z", "", before)
    if not bare:
        return len(before) == at
    crossed_mark = any(character in opening for character in before[len(bare) :])
    return bare[-1] in "\n\r.!?…:;。！？؟۔•" or (crossed_mark and bare[-1] in ",،")


def _keeps_words_whole(text: str, span: Span) -> bool:
    """Return whether ``span`` begins and ends outside words, numbers and clusters."""
    before = text[max(0, span.start - 4) : span.start].rstrip(_INVISIBLE)[-2:]
    after = text[span.end : span.end + 4].lstrip(_INVISIBLE)
    first = text[span.start : span.start + 2]
    last = text[max(span.start, span.end - 2) : span.end]
    return not _cuts_before(before, first) and not _cuts_after(last, after)


def _cuts_before(before: str, first: str) -> bool:
    """Return whether something that belongs to ``first`` stands before it.

    :param before: at most two characters before a quote.
    :param first: at most two characters that begin it.
    """
    if not before:
        return False
    if unicodedata.category(first[0]).startswith("M"):
        return not before[-1].isspace()  # with no letter before it, it stands for itself
    if _are_one(before[-1], first[0]):
        return True
    if first[0].isdigit():
        return (
            before[-1] in _SIGNS
            or _is_currency(before[-1])
            or _joins(before[-2:-1], before[-1], first[0])
        )
    if not first[0].isalnum():
        return before[-1].isalnum() and (
            _joins(before[-1], first[0], first[1:2])
            or (first[1:2].isdigit() and _is_currency(first[0]))
        )
    return _joins(before[-2:-1], before[-1], first[0])


def _cuts_after(last: str, after: str) -> bool:
    """Return whether something that belongs to ``last`` stands after it.

    :param last: at most two characters that end a quote.
    :param after: at most four characters after it.
    """
    if not after:
        return False
    if unicodedata.category(after[0]).startswith("M") or after[0] in _CLUSTER_MARKS:
        return True
    if _are_one(last[-1], after[0]):
        return True
    unit = after.lstrip()[:1]
    if last[-1].isdigit() and unit and (unit in "%‰°′″" or _is_currency(unit)):
        return True
    if not last[-1].isalnum():
        return _joins(last[-2:-1], last[-1], after[0])
    return _joins(last[-1], after[0], after[1:2])


_SIGNS = "+±~≈<>≤≥#." + _DASHES
_CLUSTER_MARKS = "\u200d🏻🏼🏽🏾🏿"


def _is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"


def _are_one(left: str, right: str) -> bool:
    """Return whether two neighbours belong to one word, or to one run of dots or dashes."""
    if left.isalnum() and right.isalnum():
        return not (_UNSPACED_CHARACTER.match(left) or _UNSPACED_CHARACTER.match(right))
    return left == right and left in ".-=<>"


def _joins(left: str, mark: str, right: str) -> bool:
    """Return whether ``mark`` makes one word or number of the characters at its sides."""
    if left.isdigit() and right.isdigit():
        return mark in ".,:/'’·^×*" + _DASHES
    return left.isalnum() and right.isalnum() and mark in "-‐‑'’ʼ/_@"


def _forms(quote: str) -> Iterator[str]:
    """Yield the quote as it stands, then with one layer after another of markup taken off."""
    form = quote.strip()
    for _ in range(_MOST_LAYERS):
        yield form
        bare = _without_layer(form)
        if bare == form:
            return
        form = bare
    yield form


# A hyphen or a plus before a number may be its sign.
_LIST_MARK = re.compile(
    r"(?:>\s*|#{1,6}\s+|•\s*|\*\s+|[-+–]\s+(?=[^\W\d_]|[\"'“‘«*_`…\[]|\([^\W\d_]))"
)
_LEADING_ELLIPSIS = re.compile(r"(?:\.{3,4}|…|[\[(](?:\.{3}|…)[\])])\s*")
_TRAILING_ELLIPSIS = re.compile(r"(?:\.{3,4}|…|[\[(](?:\.{3}|…)[\])])\Z")
_LEADING_FOOTNOTE = re.compile(r"\[\^?\d{1,3}\]:?\s+")
_TRAILING_FOOTNOTE = re.compile(
    r"(?:(?<=[^\W\d_]{2})|(?<=[\s.!?…。！？,;:\"'”’»)>%\]]))\[\^?\d{1,3}\]\Z|(?<=[.!?\"”»)])[¹²³⁰⁴-⁹]{1,3}\Z"
)
_EMPHASIS = ("***", "**", "*", "__", "_", "```", "``", "`", "~~")


def _without_layer(quote: str) -> str:
    """Return the quote without its outermost markup; the same string if it has none."""
    for pattern in (_LIST_MARK, _LEADING_ELLIPSIS, _LEADING_FOOTNOTE):
        if match := pattern.match(quote):
            return quote[match.end() :].strip()
    tail = max(0, len(quote) - 8)
    for pattern in (_TRAILING_ELLIPSIS, _TRAILING_FOOTNOTE):
        if match := pattern.search(quote, tail):
            return quote[: match.start()].strip()
    for mark in _EMPHASIS:
        if len(quote) > 2 * len(mark) and quote.startswith(mark) and quote.endswith(mark):
            inner = quote[len(mark) : -len(mark)]
            return inner.strip() if mark[0] != "_" or " " in inner else quote
    return _without_quotation_marks(quote)


def _without_quotation_marks(quote: str) -> str:
    """Take off a pair of quotation marks, or a double one at one end."""
    marks = _SINGLE_MARKS + _DOUBLE_MARKS
    if len(quote) > 2 and quote[0] in marks and quote[-1] in marks:
        same_kind = (quote[0] in _DOUBLE_MARKS) == (quote[-1] in _DOUBLE_MARKS)
        if same_kind:
            return quote[1:-1].strip()
    if quote and quote[0] in _DOUBLE_MARKS:
        return quote[1:].strip()
    # After a digit the mark may be an inch or a second.
    if len(quote) > 1 and quote[-1] in _DOUBLE_MARKS and not quote[-2].isdigit():
        return quote[:-1].strip()
    return quote
