"""What the quotations of a statement hold, and why a text would be more than that.

Names, numbers with their units, negations and other limits, quoted words, speakers, and every other
word that claims something are looked for in the quotations; nothing here is a matter of degree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from retrieval.claim_words import Language, Word, language_of, split_claim_words, word_stem
from retrieval.claims import (
    claimed_speakers,
    find_limits,
    find_name_runs,
    name_key,
    number_sentences,
)
from retrieval.domain import Document, Evidence, Span
from retrieval.names import same_name
from retrieval.quantities import Quantity, find_quantities
from retrieval.quotes import locate_quote_within
from retrieval.sentences import split_sentences

Reason = Literal[
    "form",
    "no quote",
    "key",
    "quote",
    "number",
    "name",
    "speaker",
    "limit",
    "wording",
    "role",
    "planted",
]
"""Why a statement was dropped."""

ADDRESSES_MODEL = re.compile(
    r"\b(?:your|the) (?:answer|response|reply|output|summary)\b.{0,40}$|\byour (?:answer|response|"
    r"reply|output|summary|instructions|prompt)\b|\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?)\b|\bsystem prompt\b|\byou are (?:now )?"
    r"(?:an? )?(?:ai|assistant|chatbot|language model)\b",
    re.IGNORECASE | re.MULTILINE,
)

# Between these, words may be put in another order.
_BORDERS = frozenset(
    "of in on at from to with for as into by after before during since until over under about "
    "against between through among and that which who whom whose than when while where because "
    "и в на с из от к по для что который de en a por para con y que von zu mit auf für und dass "
    "du des au aux dans par pour sur avec et qui".split()
)
_BEING = frozenset(
    "is are was were be been being am был была было были es son fue ist sind est".split()
)
_NEUTRAL = frozenset(
    "a an the has have had do does did his her its their our my your this that these those".split()
)


@dataclass(frozen=True, slots=True)
class VerifiedQuote:
    """A quotation that was found.

    :param evidence: the evidence that it stands in.
    :param span: whole sentences of the document.
    """

    evidence: Evidence
    span: Span


class Grounds:
    """The quotations that a statement rests on, as one text."""

    def __init__(self, quotes: Sequence[VerifiedQuote], documents: Mapping[str, Document]) -> None:
        self.quotes = quotes
        self.documents = [documents[quote.evidence.doc_id] for quote in quotes]
        pairs = list(zip(quotes, self.documents, strict=True))
        self.texts = [quote.span.of(document.text) for quote, document in pairs]
        self.text = "\n\n".join(self.texts)
        self.speakers = [q.evidence.speaker for q in quotes if q.evidence.speaker]
        self.language = language_of(" ".join({document.text[:4000] for document in self.documents}))
        self.words = split_claim_words(self.text)
        self.plain = {word.lower for word in self.words if not word.is_capitalised}
        self.rows: dict[str, list[int]] = {}
        for row, word in enumerate(self.words):
            self.rows.setdefault(word_stem(word.lower), []).append(row)
        self._sentences = number_sentences(self.text, self.words)

    def hold_order(self, one: str, other: str, *, with_being: bool) -> bool:
        """Return whether two stems stand in this order in a sentence, or one of them nowhere.

        :param with_being: whether a form of "be" stands between them in the statement.
        """
        if one not in self.rows or other not in self.rows:
            return True
        for first in self.rows[one]:
            for second in self.rows[other]:
                if self._sentences[first] != self._sentences[second]:
                    continue
                between = self.words[min(first, second) + 1 : max(first, second)]
                lowers = {word.lower for word in between}
                if first < second and not with_being:
                    return True
                if first < second and (lowers & _BEING or self._pause(first, second)):
                    return True
                if first > second and with_being and not lowers & (_BORDERS | _BEING):
                    return True
        return False

    def _pause(self, first: int, second: int) -> bool:
        start, end = self.words[first].start, self.words[second].start
        return bool(re.search(r"[,:(—–]", self.text[start:end]))

    def hold(self, words: str) -> bool:
        """Return whether ``words`` stand in one of the quotations."""
        return any(
            locate_quote_within(words, document, (quote.span,)) is not None
            for quote, document in zip(self.quotes, self.documents, strict=True)
        )

    def hold_sentence(self, text: str) -> bool:
        """Return whether ``text`` is whole sentences of one of the quotations."""
        for quote, document in zip(self.quotes, self.documents, strict=True):
            span = locate_quote_within(text, document, (quote.span,))
            if span is not None:
                wide = widened(span, quote.evidence, document)
                return not re.search(r"\w", document.text[wide.start : span.start]) and not (
                    re.search(r"\w", document.text[span.end : wide.end])
                )
        return False


def find_problem(text: str, grounds: Grounds, asked_in: Language) -> Reason | None:
    """Return why ``text`` is more than its quotations, None if it is not."""
    if ADDRESSES_MODEL.search(grounds.text) or ADDRESSES_MODEL.search(text):
        return "planted"
    language = grounds.language
    if grounds.hold_sentence(text):
        return None
    if not language.name:
        return "wording"
    if any(not grounds.hold(words) for words in _quoted_words(text)):
        return "quote"
    quantities = find_quantities(text)
    translated = asked_in.name not in ("", language.name)
    if translated and language_of(text).name == asked_in.name:
        return _translation_problem(text, grounds, asked_in, quantities)
    if not _numbers_hold(quantities, grounds, strict=True):
        return "number"
    if not _speakers_hold(text, grounds):
        return "speaker"
    if not _names_hold(text, grounds, quantities, language):
        return "name"
    if not _limits_hold(text, grounds, language):
        return "limit"
    if not _words_hold(text, grounds, language, quantities):
        return "wording"
    return None if _roles_hold(text, grounds, language, quantities) else "role"


def _translation_problem(
    text: str, grounds: Grounds, asked_in: Language, quantities: Sequence[Quantity]
) -> Reason | None:
    """Check what can be checked of a statement in another language than its quotations."""
    if not _numbers_hold(quantities, grounds, strict=False):
        return "number"
    if not _speakers_hold(text, grounds):
        return "speaker"
    if not _names_hold(text, grounds, quantities, asked_in):
        return "name"
    kinds = {"negation", "possibility"}
    said = find_limits(text, asked_in).kinds & kinds
    return None if said == find_limits(grounds.text, grounds.language).kinds & kinds else "limit"


def _quoted_words(text: str) -> list[str]:
    """Return what a statement puts in quotation marks."""
    return [
        match[1]
        for match in re.finditer(r"[\"“„«]([^\"“”„«»]+)[\"”“»]", text)
        if any(character.isalnum() for character in match[1])
    ]


def _numbers_hold(quantities: Sequence[Quantity], grounds: Grounds, *, strict: bool) -> bool:
    """Return whether every number stands in the quotations, and there counts the same.

    :param strict: False leaves out bound and what is counted, which need a common language.
    """
    there = find_quantities(grounds.text)
    for quantity in quantities:
        same = [q for q in there if (q.value, q.unit) == (quantity.value, quantity.unit)]
        if strict:
            same = [q for q in same if q.bound in (quantity.bound, "about")]
            same = [q for q in same if q.bound == quantity.bound or not quantity.bound]
        if not same or (strict and _counts_other_thing(quantity, same, there)):
            return False
    return True


def _counts_other_thing(
    quantity: Quantity, same: Sequence[Quantity], there: Sequence[Quantity]
) -> bool:
    """Return whether what ``quantity`` counts is counted by another number in the quotations."""
    word = quantity.counted
    if not word or any(word in q.beside for q in same):
        return False
    return any(word in q.beside for q in there if q.value != quantity.value)


def _names_hold(
    text: str, grounds: Grounds, quantities: Sequence[Quantity], language: Language
) -> bool:
    """Return whether every name stands, in its order, within one name of the quotations.

    :param language: of the statement.
    """
    known = [[name_key(w.text) for w in run] for run in find_name_runs(grounds.text)]
    for speaker in grounds.speakers:
        known.append([name_key(word.text) for word in split_claim_words(speaker)])
    used: Counter[str] = Counter()
    for run in find_name_runs(text):
        words = [word for word in run if not _is_in(word, quantities)]
        words = [word for word in words if not (word.opens and word.lower in grounds.plain)]
        while words and words[0].opens and language.is_empty(words[0].lower):
            words = words[1:]
        keys = [name_key(word.text) for word in words if word.is_capitalised]
        # "I" and the like are no names, in whatever place.
        keys = [key for key in keys if key != "i"]
        if keys and not any(_in_order(keys, name) for name in known):
            return False
        used.update(keys)
    return not used - Counter(key for name in known for key in name)


def _is_in(word: Word, quantities: Sequence[Quantity]) -> bool:
    return any(quantity.start <= word.start < quantity.end for quantity in quantities)


def _in_order(keys: Sequence[str], name: Sequence[str]) -> bool:
    rest = iter(name)
    return all(key in rest for key in keys)


def _speakers_hold(text: str, grounds: Grounds) -> bool:
    """Return whether whoever is said to have spoken does so in the evidence."""
    given = [*grounds.speakers, *claimed_speakers(grounds.text)]
    return all(
        any(same_name(claimed, speaker) for speaker in given) for claimed in claimed_speakers(text)
    )


def _roles_hold(
    text: str, grounds: Grounds, language: Language, quantities: Sequence[Quantity]
) -> bool:
    """Return whether neighbouring words stand in the order of the quotations.

    "Who did it to whom" is told by order. Between commas, prepositions and the like the order is
    free; round a form of "be" it may be turned ("the oldest bottle": "the bottle is the oldest").
    """
    words = split_claim_words(text)
    full = [
        row
        for row, word in enumerate(words)
        if not language.is_empty(word.lower) and not _is_in(word, quantities)
    ]
    for one, other in pairwise(full):
        gap = text[words[one].start + len(words[one].text) : words[other].start]
        between = {word.lower for word in words[one + 1 : other]}
        if re.search(r"[^\w\s'’.\-]", gap) or between & _BORDERS or between - _BEING - _NEUTRAL:
            continue
        stems = word_stem(words[one].lower), word_stem(words[other].lower)
        if not grounds.hold_order(*stems, with_being=bool(between & _BEING)):
            return False
    return True


def _limits_hold(text: str, grounds: Grounds, language: Language) -> bool:
    """Return whether negations and other limits hold for the same words as in the quotations."""
    said, given = find_limits(text, language), find_limits(grounds.text, language)
    if not said.kinds <= given.kinds:
        return False
    for stem, uses in said.of_word.items():
        allowed = given.of_word.get(stem)
        if not allowed or _is_light(stem, language):
            continue
        # Where a word stands both ways in the quotations, each way may be used as often as there.
        if any(allowed) and Counter(uses) - Counter(allowed):
            return False
        if any(use not in allowed for use in uses):
            return False
    return True


def _is_light(stem: str, language: Language) -> bool:
    return language.is_empty(stem) or stem in language.operator_of


def _words_hold(
    text: str, grounds: Grounds, language: Language, quantities: Sequence[Quantity]
) -> bool:
    """Return whether every word that claims something stands in the quotations, in some form."""
    for word in split_claim_words(text):
        if _is_in(word, quantities):
            continue
        if word.is_capitalised and not word.opens:
            continue  # a name, checked as such
        if language.is_empty(word.lower) or word_stem(word.lower) in grounds.rows:
            continue
        if word.is_capitalised and any(word.text in speaker for speaker in grounds.speakers):
            continue
        return False
    return True


def widened(span: Span, piece: Evidence, document: Document) -> Span:
    """Return the whole sentences of the evidence that a span touches: a cut may lose a "not"."""
    text = piece.span.of(document.text)
    sentences = [sentence.shifted(piece.span.start) for sentence in split_sentences(text)]
    touched = [sentence for sentence in sentences if sentence.overlaps(span)]
    return touched[0].joined(touched[-1]).joined(span) if touched else span
