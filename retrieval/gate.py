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

from retrieval.claim_words import language_of
from retrieval.domain import Citation, Document, Evidence, Span, Statement, verify_citation
from retrieval.drafts import DraftQuote, DraftStatement
from retrieval.grounds import (
    ADDRESSES_MODEL,
    Grounds,
    Reason,
    VerifiedQuote,
    find_problem,
    widened,
)
from retrieval.quotes import locate_quote_within

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


@dataclass(frozen=True, slots=True)
class Removed:
    """A drafted statement that is not shown.

    :param text: as the model wrote it; for tests and logs, never for a person.
    :param reason: why.
    """

    text: str
    reason: Reason


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
                return VerifiedQuote(candidate, widened(span, candidate, document))
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
            grounds = Grounds(ordered, self._documents)
            if not text and ADDRESSES_MODEL.search(grounds.text):
                return Removed(drafted, "planted")
            if not text:
                return VerifiedStatement(" ".join(grounds.texts), ordered)
            problem = find_problem(text, grounds, self._question_language)
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
