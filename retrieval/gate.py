"""Lets a drafted statement through, or drops it and says why. Nothing here is a matter of degree.

A statement passes if each of its quotes stands in the evidence that the model was shown, and if
these quotations, widened to whole sentences, hold its names, numbers with their units, negations
and other limits, its quoted words, and every other word that claims something. Whoever it says has
spoken must be who the evidence says is speaking. Wording may be shortened and put together anew; it
may not add.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
from retrieval.domain import Citation, Document, Evidence, Span, Statement, verify_citation
from retrieval.drafts import DraftQuote, DraftStatement
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

REASONS: Mapping[Reason, str] = {
    "form": "not a plain statement",
    "no quote": "without a quotation",
    "key": "naming evidence that it was not given",
    "quote": "with words in quotation marks that do not stand in the source",
    "number": "with a number, date or unit that its quotation does not hold",
    "name": "with a name that its quotation does not hold",
    "limit": "leaving out or adding a “not”, “may”, “only” or the like",
    "speaker": "naming a speaker whom the source does not give",
    "wording": "saying more than its quotation",
    "role": "putting the words of its quotation in another order",
    "planted": "taken from a text that addresses the model instead of the reader",
}
"""What each reason is called in a note to the person."""

_MAX_STATEMENT_CHARS = 600
_MAX_QUOTE_CHARS = 4000

_PLAIN = frozenset(" .,;:!?…'’‘\"“”„«»()-–—%‰°$€£¥₽/&№·")
_MARKER = re.compile(r"\s*\[(?:\^?\d{1,3}|e[0-9a-f]{8})\](?=\s|[.,;:!?]|$)")
_LINK = re.compile(r"://|\bwww\.|(?<!\w)[@#]\w|\]\(|<[/a-z!]", re.IGNORECASE)
_ADDRESSES_MODEL = re.compile(
    r"\b(?:your|the) (?:answer|response|reply|output|summary)\b.{0,40}$|\byour (?:answer|response|"
    r"reply|output|summary|instructions|prompt)\b|\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?)\b|\bsystem prompt\b|\byou are (?:now )?"
    r"(?:an? )?(?:ai|assistant|chatbot|language model)\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Removed:
    """A drafted statement that is not shown.

    :param text: as the model wrote it; for tests and logs, never for a person.
    :param reason: why.
    """

    text: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class VerifiedQuote:
    """A quotation that was found.

    :param evidence: the evidence that it stands in.
    :param span: whole sentences of the document.
    """

    evidence: Evidence
    span: Span


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """A statement that may be shown.

    :param text: one sentence or clause, cleaned of markers.
    :param quotes: what it rests on, in the order of the evidence.
    """

    text: str
    quotes: tuple[VerifiedQuote, ...]


class Gate:
    """Checks drafted statements against the evidence of one question.

    :param evidence: what the model was shown, best first.
    :param documents: doc_id → document.
    :param question: the standalone question; it tells the language of the answer, nothing else.
    """

    def __init__(
        self, evidence: Sequence[Evidence], documents: Mapping[str, Document], question: str
    ) -> None:
        self._evidence = {piece.key: piece for piece in evidence}
        self._rank = {piece.key: rank for rank, piece in enumerate(evidence)}
        self._documents = documents
        self._question_language = language_of(question)

    def check(self, draft: DraftStatement) -> VerifiedStatement | Removed:
        """Return the statement as it may be shown, or why it may not.

        :raises KeyError: if the evidence's document is not among the documents.
        """
        text = _cleaned(draft.text)
        if draft.text.strip() and not _has_plain_form(text):
            return Removed(draft.text, "form")
        if not draft.quotes:
            return Removed(draft.text, "no quote")
        found: list[VerifiedQuote] = []
        for quote in draft.quotes:
            piece = self._evidence.get(quote.key)
            if piece is None:
                return Removed(draft.text, "key")
            located = self._locate(quote, piece)
            if located is None:
                return Removed(draft.text, "quote")
            found.append(located)
        return self._judge(text, draft.text, found)

    def _locate(self, quote: DraftQuote, piece: Evidence) -> VerifiedQuote | None:
        """Find a quote in the evidence that it names, else in another that the model was shown."""
        if len(quote.text) + len(quote.end) > _MAX_QUOTE_CHARS:
            return None
        others = (other for other in self._evidence.values() if other is not piece)
        for candidate in (piece, *others):
            document = self._documents[candidate.doc_id]
            span = locate_quote_within(quote.text, document, (candidate.span,))
            if span is not None and quote.end:
                rest = Span(span.start, candidate.span.end)
                end = locate_quote_within(quote.end, document, (rest,))
                span = span.joined(end) if end else None
            if span is not None:
                return VerifiedQuote(candidate, _widened(span, candidate, document))
        return None

    def _judge(
        self, text: str, drafted: str, found: Sequence[VerifiedQuote]
    ) -> VerifiedStatement | Removed:
        """Check a statement against its quotations, then against the whole of their evidence.

        The second look lets a name count that stands a sentence earlier in the same evidence; what
        is cited is then all of it.
        """
        whole = [VerifiedQuote(quote.evidence, quote.evidence.span) for quote in found]
        reason: Reason | None = None
        for quotes in (found, whole):
            ordered = self._distinct(quotes)
            grounds = _Grounds(ordered, self._documents)
            if not text and _ADDRESSES_MODEL.search(grounds.text):
                return Removed(drafted, "planted")
            if not text:
                return VerifiedStatement(" ".join(grounds.texts), ordered)
            problem = _problem(text, grounds, self._question_language)
            if problem is None:
                return VerifiedStatement(text, ordered)
            reason = reason or problem
            if problem == "planted":
                break
        return Removed(drafted, reason or "quote")

    def _distinct(self, quotes: Iterable[VerifiedQuote]) -> tuple[VerifiedQuote, ...]:
        distinct = {(quote.evidence.key, quote.span): quote for quote in quotes}
        return tuple(
            sorted(distinct.values(), key=lambda q: (self._rank[q.evidence.key], q.span.start))
        )


def cite_statements(
    verified: Sequence[VerifiedStatement], documents: Mapping[str, Document]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Return the statements with their quotations numbered in order of first use.

    A model says the main thing first, and within a statement better evidence comes first; and a
    number stays what it was when another statement arrives.

    :raises CitationMismatchError: if a document does not hold what would be cited.
    """
    number_of: dict[tuple[str, Span], int] = {}
    citations: list[Citation] = []
    statements: list[Statement] = []
    for statement in verified:
        for quote in statement.quotes:
            place = (quote.evidence.doc_id, quote.span)
            if place not in number_of:
                number_of[place] = len(citations) + 1
                citations.append(_citation(number_of[place], quote, documents))
        places = {(quote.evidence.doc_id, quote.span) for quote in statement.quotes}
        numbers = tuple(sorted(number_of[place] for place in places))
        statements.append(Statement(statement.text, numbers))
    return tuple(statements), tuple(citations)


def _citation(number: int, quote: VerifiedQuote, documents: Mapping[str, Document]) -> Citation:
    piece = quote.evidence
    document = documents[piece.doc_id]
    words = quote.span.of(document.text)
    citation = Citation(
        number, piece.doc_id, piece.title, quote.span, words, piece.speaker, piece.kind
    )
    verify_citation(citation, document)
    return citation


def describe_removed(removed: Sequence[Removed], n_drafted: int) -> str:
    """Return a sentence for the person about what was removed, empty if nothing was."""
    if not removed:
        return ""
    counts = Counter(entry.reason for entry in removed)
    reasons = "; ".join(f"{n} {REASONS[reason]}" for reason, n in counts.most_common())
    return f"Removed {len(removed)} of the chat model's {n_drafted} statements: {reasons}."


class _Grounds:
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
                wide = _widened(span, quote.evidence, document)
                return not re.search(r"\w", document.text[wide.start : span.start]) and not (
                    re.search(r"\w", document.text[span.end : wide.end])
                )
        return False


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


def _problem(text: str, grounds: _Grounds, asked_in: Language) -> Reason | None:
    """Return why ``text`` is more than its quotations, None if it is not."""
    if _ADDRESSES_MODEL.search(grounds.text) or _ADDRESSES_MODEL.search(text):
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
    text: str, grounds: _Grounds, asked_in: Language, quantities: Sequence[Quantity]
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


def _cleaned(text: str) -> str:
    """Return a statement without markers, emphasis and superfluous space."""
    bare = _MARKER.sub("", text.replace("**", "").replace("`", ""))
    return " ".join(bare.split()).strip("*_ ")


def _has_plain_form(text: str) -> bool:
    """Return whether a text is a statement of letters, numbers and common punctuation."""
    if len(text) > _MAX_STATEMENT_CHARS or _LINK.search(text) or text.endswith("?"):
        return False
    if not any(character.isalpha() for character in text):
        return False
    return all(
        character in _PLAIN or unicodedata.category(character)[0] in "LMN" for character in text
    )


def _widened(span: Span, piece: Evidence, document: Document) -> Span:
    """Return the whole sentences of the evidence that a span touches: a cut may lose a "not"."""
    text = piece.span.of(document.text)
    sentences = [sentence.shifted(piece.span.start) for sentence in split_sentences(text)]
    touched = [sentence for sentence in sentences if sentence.overlaps(span)]
    return touched[0].joined(touched[-1]).joined(span) if touched else span


def _quoted_words(text: str) -> list[str]:
    """Return what a statement puts in quotation marks."""
    return [
        match[1]
        for match in re.finditer(r"[\"“„«]([^\"“”„«»]+)[\"”“»]", text)
        if any(character.isalnum() for character in match[1])
    ]


def _numbers_hold(quantities: Sequence[Quantity], grounds: _Grounds, *, strict: bool) -> bool:
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
    text: str, grounds: _Grounds, quantities: Sequence[Quantity], language: Language
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


def _speakers_hold(text: str, grounds: _Grounds) -> bool:
    """Return whether whoever is said to have spoken does so in the evidence."""
    given = [*grounds.speakers, *claimed_speakers(grounds.text)]
    return all(
        any(same_name(claimed, speaker) for speaker in given) for claimed in claimed_speakers(text)
    )


def _roles_hold(
    text: str, grounds: _Grounds, language: Language, quantities: Sequence[Quantity]
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


def _limits_hold(text: str, grounds: _Grounds, language: Language) -> bool:
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
    text: str, grounds: _Grounds, language: Language, quantities: Sequence[Quantity]
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
