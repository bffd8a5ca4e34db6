"""Documents → cases by kind → how often each gate errs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from evaluation.errors import RunError
from evaluation.mutations.changes import CHANGES, Quotation
from evaluation.mutations.gates import GATES, OWN_GATE, Gate
from evaluation.mutations.variants import VARIANTS
from retrieval.domain import Document, Span
from retrieval.sentences import split_sentences

RANDOM_SEED = 20261122
CHUNK_CHARS = 1500  # what the gates of others are given: a chunk round the sentence

_LEAST_CHARS, _MOST_CHARS, _LEAST_WORDS = 30, 320, 6
# A number with its point, a compound with its hyphen: cutting one in two makes another word of it.
_WORDS = re.compile(r"\w+(?:[.,:'’/‐‑–-]\w+)*")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}")


@dataclass(frozen=True, slots=True)
class MutationCase:
    """A quote to hold against the gates.

    :param kind: by which it was changed.
    :param harmless: whether only its writing was changed, so that it must be accepted.
    :param quote: what a model might have given.
    :param document: where it is said to stand.
    :param origin: the sentence that it was made of.
    """

    kind: str
    harmless: bool
    quote: str
    document: Document
    origin: Span

    @property
    def chunk(self) -> Document:
        """A chunk of the document round the sentence."""
        start = max(0, self.origin.start - (CHUNK_CHARS - len(self.origin)) // 2)
        text = self.document.text[start : start + max(CHUNK_CHARS, len(self.origin))]
        return Document(self.document.doc_id, self.document.title, self.document.source, text)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a gate did on one kind.

    :param kind: of change.
    :param harmless: whether it should have accepted them all.
    :param gate: its name.
    :param n: cases.
    :param errors: changed words accepted, or unchanged words refused.
    :param examples: quotes of a few errors.
    """

    kind: str
    harmless: bool
    gate: str
    n: int
    errors: int
    examples: tuple[str, ...] = ()

    @property
    def error(self) -> Literal["false accept", "false reject"]:
        """What an error is called here."""
        return "false reject" if self.harmless else "false accept"

    @property
    def rate(self) -> float:
        """Errors among the cases, 0…1."""
        return self.errors / self.n


def make_cases(
    documents: Collection[Document], n_sentences: int | None = None
) -> list[MutationCase]:
    """Return one case for every sentence and every kind that applies to it.

    A change counts only if it changes the words: where the changed quote's words stand in the
    document by chance, one after another, there is no case.

    :param documents: at least two, for quoting another one.
    :param n_sentences: how many sentences to take, spread over all; None means every one.
    :raises RunError: if there is nothing to quote.
    """
    # Not by doc_id: sets that are asked together may call an article and its translation the same.
    sentences = [
        (words, span)
        for words in map(_Words, documents)
        for span in words.spans
        if _LEAST_CHARS <= len(span) <= _MOST_CHARS
        and len(span.of(words.document.text).split()) >= _LEAST_WORDS
    ]
    if not sentences:
        raise RunError(
            f"The documents hold no sentence of {_LEAST_CHARS} to {_MOST_CHARS} characters."
        )
    random = Random(RANDOM_SEED)  # noqa: S311 - chance that must repeat
    if n_sentences is not None and n_sentences < len(sentences):
        sentences = random.sample(sentences, n_sentences)
    everything = [
        (words.document.doc_id, span.of(words.document.text)) for words, span in sentences
    ]
    return [
        case for words, span in sentences for case in _cases_of(words, span, everything, random)
    ]


def run_gates(
    cases: Sequence[MutationCase],
    gates: Mapping[str, Gate] = GATES,
    *,
    most_foreign: int = 400,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> list[Tally]:
    """Hold the cases against the gates and count each one's errors by kind.

    A gate also errs on a harmless variant when what it shows is not the sentence's own words.

    :param cases: of :func:`make_cases`.
    :param gates: name → gate; all but Ibid's own are given a chunk in place of the document.
    :param most_foreign: most cases of a kind for the other gates, which are slow.
    :param advance: told how many cases of how many are done.
    """
    by_kind: dict[tuple[bool, str], list[MutationCase]] = {}
    for case in cases:
        by_kind.setdefault((case.harmless, case.kind), []).append(case)
    rounds = [
        (key, gate, found if gate == OWN_GATE else found[:most_foreign])
        for key, found in by_kind.items()
        for gate in gates
    ]
    total, done, tallies = sum(len(found) for *_, found in rounds), 0, []
    for (harmless, kind), gate, found in rounds:
        wrong = [case for case in found if _errs(case, gate, gates[gate])]
        examples = tuple(case.quote for case in wrong[:3])
        tallies.append(Tally(kind, harmless, gate, len(found), len(wrong), examples))
        done += len(found)
        advance(done, total)
    return tallies


class _Words:
    """A document's words in a row, to ask whether others stand among them."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._row = _row(document.text)
        self.spans = split_sentences(document.text)
        self.sentences = [span.of(document.text) for span in self.spans]
        self.names = sorted(set(_NAME.findall(document.text)))

    def hold(self, quote: str) -> bool:
        """Return whether the quote's words stand here one after another, case apart."""
        return _row(quote) in self._row


def _row(text: str) -> str:
    return "\x1f" + "\x1f".join(_WORDS.findall(text.casefold())) + "\x1f"


def _cases_of(
    words: _Words,
    span: Span,
    everything: Sequence[tuple[str, str]],
    random: Random,
) -> Iterator[MutationCase]:
    document = words.document
    text = span.of(document.text)
    strangers = [
        other
        for doc_id, other in random.sample(everything, min(4, len(everything)))
        if doc_id != document.doc_id
    ]
    quotation = Quotation(text, [s for s in words.sentences if s != text], strangers, words.names)
    for kind, change in CHANGES.items():
        changed = change(quotation, random)
        if changed and len(changed.split()) > 1 and not words.hold(changed):
            yield MutationCase(kind, False, changed, document, span)
    for kind, variant in VARIANTS.items():
        written = variant(text, random)
        if written:
            yield MutationCase(kind, True, written, document, span)


def _errs(case: MutationCase, name: str, gate: Gate) -> bool:
    if name != OWN_GATE:
        found = gate(case.quote, case.chunk)
        return (found is None) if case.harmless else (found is not None)
    found = gate(case.quote, case.document)
    if not case.harmless:
        return found is not None
    text = case.document.text
    return found is None or _row(found.of(text)) not in _row(case.origin.of(text))
