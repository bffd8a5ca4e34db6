"""Paragraphs and sentences as spans: positions first, text second.

The rules lean one way on purpose: a missed boundary makes a quotation longer, a false one cuts it
in the middle, which is worse. Every character that is not white space lies in exactly one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from retrieval.domain import Span

_BULLET = re.compile(r"\s*(?:[-*•‣◦▪–—]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|#{1,6}\s|>\s|\|)")
_TERMINATOR = re.compile(
    r"""
    (?P<stop> [.!?…]+ | [。！？｡؟۔।॥։።]+ )   # full stops of Latin, CJK, Arabic, Indic scripts
    (?P<closers> (?:\[\d{1,3}\] | ["'”’»›)\]}」』】）*_])* )
    (?P<space> \s* )
    """,
    re.VERBOSE,
)
_OPENERS = "\"'“‘«‹([{「『【（*_¿¡-–—•"
_OPERATORS = "+=<>×÷±≤≥"
_WIDE_STOPS = frozenset("。！？｡")

# Words that end in a full stop without ending the sentence, without that stop, in lower case.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms mx dr prof rev fr sr jr st mt ft hon pres gov sen rep gen col lt maj capt cmdr adm sgt
    cpl pvt supt insp messrs mme mlle mgr esq vs v viz cf ca approx est dept univ assn bros inc ltd
    co corp llc plc no nos nr vol vols ed eds trans pp p par para sec fig figs eq ch art cit op al
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun
    ave blvd rd e.g i.e u.s.c g.m a.k.a n.b q.v ibid etc sq cu oz lb lbs hrs min max
    г гг в вв им ул д т.е т.к т.н т.д т.п др проф акад св стр рис см млн млрд тыс руб
    sra srta dña d dra ud uds pág núm av avda
    z.b u.a d.h bzw usw ggf nr hr fr str evtl
    """.split()
)
# After these a new sentence begins when a capital follows: they often end one.
_MAY_END = frozenset("etc inc ltd co corp llc plc jr sr esq al ibid a.m p.m т.д т.п др usw".split())
# A capitalised word that opens sentences: after "U.S." or an initial it decides for a boundary.
_STARTERS = frozenset(
    """
    a an the this that these those he she it they we i you his her its their our my your but and or
    so yet if when while after before since although though because as at in on by for from with
    there here what who why how where which in however meanwhile moreover then now some many most
    all both one two three first second not no also even another other each every still just despite
    """.split()
)


def split_paragraphs(text: str) -> list[Span]:
    r"""Return the paragraphs of ``text``: runs of lines that belong together, without outer space.

    A blank line ends a paragraph; so does a single newline, unless the lines look like one
    paragraph that was wrapped at a fixed width.

    :param text: any Unicode text, newlines ``\\n``.
    """
    paragraphs: list[Span] = []
    for block in _split_blocks(text):
        current: Span | None = None
        wrapped = _is_wrapped([line.of(text) for line in block])
        for line in block:
            if current is not None and _continues(text[current.end - 1], line.of(text), wrapped):
                current = Span(current.start, line.end)
                continue
            if current is not None:
                paragraphs.append(current)
            current = line
        if current is not None:
            paragraphs.append(current)
    return paragraphs


def split_sentences(text: str) -> list[Span]:
    r"""Return the sentences of ``text`` in order: disjoint, without outer space.

    :param text: any Unicode text, newlines ``\\n``.
    """
    return [
        sentence
        for paragraph in split_paragraphs(text)
        for sentence in _split_paragraph(text, paragraph)
    ]


def _split_blocks(text: str) -> Iterator[list[Span]]:
    block: list[Span] = []
    at = 0
    for raw in text.split("\n"):
        line = trimmed(text, at, at + len(raw))
        if line is not None:
            block.append(line)
        elif block:
            yield block
            block = []
        at += len(raw) + 1
    if block:
        yield block


def trimmed(text: str, start: int, end: int) -> Span | None:
    """Return ``text[start:end]`` as a span without white space at either end, None if blank."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _is_wrapped(lines: list[str]) -> bool:
    """Tell a wrapped paragraph: no line but the last had room for the next line's first word."""
    if len(lines) < 3:
        return False
    width = max(len(line) for line in lines)
    return 40 <= width <= 120 and all(
        len(line) + 1 + len(following.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    )


def _continues(last: str, line: str, wrapped: bool) -> bool:
    """Tell whether a line goes on with the paragraph whose last character is ``last``."""
    if _BULLET.match(line):
        return False
    return wrapped or (line[0].islower() and last not in ".!?…:;")


def _split_paragraph(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    for match in _TERMINATOR.finditer(text, paragraph.start, paragraph.end):
        if match.end() >= paragraph.end:
            break
        if _is_boundary(text, start, match, paragraph.end):
            end = match.end("closers")
            sentence = trimmed(text, start, end)
            if sentence is not None:
                yield sentence
            start = match.end()
    rest = trimmed(text, start, paragraph.end)
    if rest is not None:
        yield rest


def _is_boundary(text: str, start: int, match: re.Match[str], end: int) -> bool:
    if match["stop"][0] in _WIDE_STOPS:
        return True
    if not match["space"]:
        return False
    follower = _next_word(text, match.end(), end)
    if not follower or not _may_start_sentence(follower, match["stop"]):
        return False
    if match["stop"] != ".":
        return not (match["closers"] and follower[0].islower())
    return _stop_ends_sentence(text, start, match, follower)


def _next_word(text: str, at: int, end: int) -> str:
    while at < end and text[at] in _OPENERS:
        at += 1
    stop = at
    while stop < end and not text[stop].isspace() and stop - at < 40:
        stop += 1
    return text[at:stop]


def _may_start_sentence(word: str, stop: str) -> bool:
    first = word[0]
    if first.islower() or first in _OPERATORS:  # "(p - 1)! + 1"
        return False
    return first.isalnum() or stop != "." or not first.isascii()


def _stop_ends_sentence(text: str, start: int, match: re.Match[str], follower: str) -> bool:
    """Decide a single full stop after which a capital, a digit or a caseless letter follows."""
    at = match.start()
    word_start = at
    while word_start > start and not text[word_start - 1].isspace():
        word_start -= 1
    word = text[word_start:at].lstrip(_OPENERS)
    lowered = word.lower()
    opens = re.sub(r"\W.*$", "", follower).lower() in _STARTERS
    if match["closers"].strip("*_"):
        return True  # a closed quotation or bracket ends what stood in it
    if lowered in ("no", "nos", "p", "pp", "art", "sec", "ch", "fig", "figs", "eq", "vol"):
        return not (follower[0].isdigit() or _is_roman(follower))
    if lowered in _MAY_END:
        return follower[0].isupper() or opens
    if lowered in _ABBREVIATIONS:
        return False
    if len(word) == 1 and word.isalpha() and word.isupper():
        return opens  # an initial: "J. Rowling", but "… plan B. The"
    if "." in word and all(len(part) == 1 for part in word.split(".")):
        return opens  # "U.S. Army", but "… in the U.S. The"
    is_list_number = word.isdigit() and word_start == start
    return not is_list_number


def _is_roman(word: str) -> bool:
    return bool(re.fullmatch(r"[IVXLC]+\W*", word))
