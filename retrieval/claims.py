"""What a sentence commits itself to, as far as its form tells: which names it uses, what it denies,
limits or leaves open, and who it says has spoken.

Everything is compared as a set or by place, never by likeness.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval.claim_words import Language, Word, split_claim_words, word_stem
from retrieval.names import NAME, clean_name

_PARTICLES = frozenset("al el de da di du del della la le van von der den bin ibn abu of".split())


def find_name_runs(text: str) -> list[list[Word]]:
    """Return the runs of capitalised words, particles inside them included."""
    runs: list[list[Word]] = []
    current: list[Word] = []
    pending: list[Word] = []
    end = 0
    for word in split_claim_words(text):
        gap = text[end : word.start]
        joined = bool(current) and re.fullmatch(r"[^\S\n]|-|\.[^\S\n]?|['’]s?[^\S\n]?", gap)
        if word.is_capitalised:
            if not joined:
                runs.append(current)
                current = []
            current += [*pending, word] if joined else [word]
            pending = []
        elif joined and word.lower in _PARTICLES and len(pending) < 2:
            pending.append(word)
        else:
            runs.append(current)
            current, pending = [], []
        end = word.start + len(word.text)
    runs.append(current)
    return [run for run in runs if run]


def name_key(word: str) -> str:
    """Return what two spellings of a name's part share: case, possessive and plural left out."""
    lower = word.lower().replace("’", "'")
    lower = lower[:-2] if lower.endswith("'s") else lower.rstrip("'")
    return lower[:-1] if len(lower) > 3 and lower.endswith("s") else lower


# Operators that hold for the next two words only, and those that hold for the whole sentence.
_NARROW = frozenset("few most some half only nearly non".split())
_WHOLE = frozenset("if unless whether если si falls wenn".split())
_TURNS = frozenset("but although though however instead rather whereas но aber sino".split())
_ENDS = re.compile(r"[;!?…。！？]|\n\s*\n")
_PAUSE = re.compile(r"[,—–]|\s-\s")


@dataclass(frozen=True, slots=True)
class Limits:
    """Which kinds of limit a text sets, and on which words.

    :param kinds: every kind that occurs.
    :param of_word: stem → for each of its occurrences, the kinds that hold there, sorted; a kind
        that holds twice ("no …, might not …") stands there twice.
    """

    kinds: frozenset[str]
    of_word: dict[str, list[tuple[str, ...]]]


def find_limits(text: str, language: Language) -> Limits:
    """Tell what is denied, possible, conditional, intended or only partly so in a text."""
    words = split_claim_words(text)
    sentence_of = number_sentences(text, words)
    holds: list[list[str]] = [[] for _ in words]
    kinds = set()
    for at in range(len(words)):
        kind = _kind_of(words, at, language)
        if kind is not None:
            kinds.add(kind)
            for row in _scope(text, words, sentence_of, at, kind, language):
                holds[row].append(kind)
    of_word: dict[str, list[tuple[str, ...]]] = {}
    for word, kinds_here in zip(words, holds, strict=True):
        of_word.setdefault(word_stem(word.lower), []).append(tuple(sorted(kinds_here)))
    return Limits(frozenset(kinds), of_word)


def _kind_of(words: Sequence[Word], at: int, language: Language) -> str | None:
    lower = words[at].lower
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if lower.endswith("n't") or lower.startswith("n'") or (lower == "no" and following == "one"):
        return "negation"
    if lower == "not" and following in ("only", "just", "least"):
        return None
    if lower == "only" and at and words[at - 1].lower == "not":
        return None
    if lower.startswith("appear") and following not in ("to", "that"):
        return None
    if lower == "may" and words[at].is_capitalised and not words[at].opens:
        return None  # the month
    return language.operator_of.get(lower)


def number_sentences(text: str, words: Sequence[Word]) -> list[int]:
    """Return for each word of a text which sentence it is in, counted from 0."""
    numbers, sentence, end = [], 0, 0
    for at, word in enumerate(words):
        gap = text[end : word.start]
        # A full stop after one letter belongs to an initial or an abbreviation.
        stop = "." in gap and word.is_capitalised and at and len(words[at - 1].text) > 1
        sentence += bool(at and (stop or _ENDS.search(gap)))
        numbers.append(sentence)
        end = word.start + len(word.text)
    return numbers


def _scope(
    text: str,
    words: Sequence[Word],
    sentence_of: Sequence[int],
    at: int,
    kind: str,
    language: Language,
) -> Iterator[int]:
    """Yield the places of the words that an operator holds for."""
    same = [row for row in range(len(words)) if sentence_of[row] == sentence_of[at]]
    full = [row for row in same if not language.is_empty(words[row].lower)]
    after = [row for row in same if row > at]
    if words[at].lower in _WHOLE:
        yield from (row for row in same if row != at)
    elif kind in _NARROW:
        yield from [row for row in full if row > at][:2]
    elif kind == "alternative":
        yield from [row for row in full if row < at][-1:]
        yield from [row for row in full if row > at][:1]
    else:
        yield from _until_clause_ends(text, words, after)


def _until_clause_ends(text: str, words: Sequence[Word], rows: Sequence[int]) -> Iterator[int]:
    """Yield the rows up to a word of contrast, a closing bracket, or a comma that ends the clause.

    A comma does not end it if another one follows in the sentence: it opens a list, or words put
    in between, which are left out if they only say who speaks.
    """
    pauses = [n for n, row in enumerate(rows) if n and _PAUSE.search(_gap_before(text, words, row))]
    spoken: set[int] = set()
    for start, end in pairwise(pauses):
        if any(_SPEAKS.fullmatch(words[rows[n]].lower) for n in range(start, end)):
            spoken.update(range(start, end))
    opened = False
    for n, row in enumerate(rows):
        gap = _gap_before(text, words, row)
        if words[row].lower in _TURNS or (")" in gap and not opened):
            return
        opened = opened or "(" in gap
        goes_on = n - 1 in spoken or words[row].lower in ("or", "nor", "that")
        if pauses[-1:] == [n] and not goes_on:
            return
        if n not in spoken:
            yield row


def _gap_before(text: str, words: Sequence[Word], row: int) -> str:
    return text[words[row - 1].start + len(words[row - 1].text) : words[row].start]


_VERBS = (
    "said|says|told|claimed|claims|added|explained|argued|stated|insisted|warned|noted|announced|"
    "admitted|denied|replied|wrote|suggested|stressed|believes|believed|thinks|called|calls|"
    "described|describes|accused|promised|predicted|vowed|confirmed|revealed|testified|criticised|"
    "criticized|praised|rejected|dismissed|alleged|acknowledged|complained|asserted|declared"
)
# Verbs that a speaker may follow: "said Assad", but not "called Assad".
_INVERTED = (
    "said|says|added|explained|argued|stated|insisted|warned|noted|admitted|replied|wrote|suggested|"
    "stressed|announced|declared"
)
_SPEAKS = re.compile(_VERBS)
_CLAIMS = (
    re.compile(rf"(?<!\w)(?P<who>{NAME})(?:\s*,[^,.;:]{{1,80}},|\s+\w+ly|\s+(?:also|has|had|then))?\s+(?:{_VERBS})\b"),
    re.compile(rf"\b(?:{_INVERTED})\s+(?P<who>{NAME})"),
    re.compile(rf"[Aa]ccording\s+to\s+(?:the\s+)?(?P<who>{NAME})"),
    re.compile(rf"(?<!\w)(?P<who>{NAME})\s*:\s*[\"“«]"),
)  # fmt: skip


def claimed_speakers(text: str) -> list[str]:
    """Return the names that a text says have said something."""
    found = (clean_name(match["who"]) for pattern in _CLAIMS for match in pattern.finditer(text))
    return list(dict.fromkeys(name for name in found if name))
