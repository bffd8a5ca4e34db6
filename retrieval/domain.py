"""The nouns that every part of Ibid shares: small, frozen, checked at birth.

All offsets are half-open ``[start, end)``, counted in Unicode code points from 0, in
``Document.text``. Local invariants raise :class:`ValueError`; whatever needs the document to be
checked is a ``verify_*`` function that raises a child of :class:`~retrieval.errors.IbidError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from retrieval.errors import CitationMismatchError

EmbeddingMatrix = npt.NDArray[np.float32]
"""Shape (n_texts, dim), float32, C-contiguous, finite, every row of unit L2 norm (±1e-3)."""

SpeechKind = Literal["direct", "reported", "article"]
"""Who speaks: a direct quotation, reported speech, or the article's own words."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a document's text, never empty.

    :param start: code points from the start of ``Document.text``, included.
    :param end: code points from the start of ``Document.text``, excluded.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of ``text`` that the span covers.

        :raises ValueError: if the span ends past the text.
        """
        if self.end > len(text):
            raise ValueError(f"span [{self.start}, {self.end}) ends past {len(text)} characters")
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """Return the span moved by ``by`` code points."""
        return Span(self.start + by, self.end + by)

    def covers(self, other: Span) -> bool:
        """Return whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Return whether the two spans share at least one character."""
        return self.start < other.end and other.start < self.end

    def joined(self, other: Span) -> Span:
        """Return the shortest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Document:
    r"""An article as Ibid holds it; the text is never changed once it is here.

    :param doc_id: unique in a collection; by default derived from the text (:meth:`from_text`).
    :param title: what people call it; never empty.
    :param source: path or URL as given.
    :param text: decoded, newlines ``\\n``, not blank.
    :param author: where known.
    :param date: where known, as the source writes it.
    """

    doc_id: str
    title: str
    source: str
    text: str
    author: str | None = None
    date: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a document's text may not be blank")
        if not 0 < len(self.doc_id) <= 300 or "\n" in self.doc_id:
            raise ValueError("a document needs an id of one line, 300 characters at most")

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        title: str,
        source: str,
        author: str | None = None,
        date: str | None = None,
    ) -> Document:
        """Make a document whose id is the first 16 hex digits of the SHA-256 of its text."""
        return cls(content_hash(text)[:16], title, source, text, author, date)


@dataclass(frozen=True, slots=True)
class Passage:
    """The indexed unit: whole sentences of one document that fit the encoder's window.

    :param doc_id: the document it belongs to.
    :param span: where it stands in ``Document.text``.
    :param text: ``span.of(document.text)``, not blank.
    """

    doc_id: str
    span: Span
    text: str

    def __post_init__(self) -> None:
        if len(self.text) != len(self.span):
            raise ValueError(f"passage text has {len(self.text)} characters, span {len(self.span)}")
        if not self.text.strip():
            raise ValueError("a passage may not be blank")

    @property
    def passage_id(self) -> str:
        """``doc_id:start-end``: derived, so adding the same passage twice is an update."""
        return f"{self.doc_id}:{self.span.start}-{self.span.end}"


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage with its place in a ranking.

    :param passage: the passage.
    :param score: higher is nearer; what it measures is said by whoever ranked it (cosine
        similarity in −1…1 from the dense search, a fused score in 0…1 from retrieval).
    :param rank: from 1 without gaps.
    """

    passage: Passage
    score: float
    rank: int

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise ValueError(f"ranks count from 1, got {self.rank}")


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """Where a reader thinks that the answer stands.

    :param doc_id: the document.
    :param span: the answer in ``Document.text``.
    :param score: higher is likelier; comparable between passages of one question only.
    """

    doc_id: str
    span: Span
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found for one question in the passages that it was given.

    :param spans: best first; empty when it found nothing at all.
    :param confidence: calibrated probability, 0…1, that the first span's sentence holds the answer.
    :param abstain_below: the confidence, 0…1, below which the question counts as unanswered.
    """

    spans: tuple[AnswerSpan, ...]
    confidence: float
    abstain_below: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence lies between 0 and 1, got {self.confidence}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run of whole sentences that the answer may cite.

    :param key: label derived from the content, so that a chat model cannot guess it.
    :param doc_id: the document.
    :param title: the document's title.
    :param span: where the sentences stand in ``Document.text``.
    :param text: ``span.of(document.text)`` without space at either end.
    :param score: the reader's score of the answer span inside it, higher is likelier.
    :param kind: who speaks.
    :param speaker: whose words they are, null where that is not certain.
    :param answer_span: the short answer inside ``span``, where the reader gives one.
    """

    key: str
    doc_id: str
    title: str
    span: Span
    text: str
    score: float
    kind: SpeechKind = "article"
    speaker: str | None = None
    answer_span: Span | None = None

    def __post_init__(self) -> None:
        if self.text != self.text.strip() or len(self.text) != len(self.span):
            raise ValueError("evidence is its span's text, without space at either end")
        if self.answer_span is not None and not self.span.covers(self.answer_span):
            raise ValueError("the short answer must stand inside its evidence")


@dataclass(frozen=True, slots=True)
class Statement:
    """The unit of an answer that carries citations.

    :param text: one sentence or clause, without markers.
    :param citation_numbers: ascending, at least one, each a citation of the same answer.
    """

    text: str
    citation_numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a statement may not be blank")
        if not self.citation_numbers or list(self.citation_numbers) != sorted(
            set(self.citation_numbers)
        ):
            raise ValueError("a statement needs citation numbers, ascending and distinct")


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quotation: the document's own characters at the stated place.

    :param number: from 1, the best citation first.
    :param doc_id: the document.
    :param title: the document's title.
    :param span: where the quote stands in ``Document.text``.
    :param quote: ``span.of(document.text)``, exactly.
    :param speaker: whose words they are, null where that is not certain.
    :param kind: who speaks.
    """

    number: int
    doc_id: str
    title: str
    span: Span
    quote: str
    speaker: str | None = None
    kind: SpeechKind = "article"

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"citations count from 1, got {self.number}")
        if len(self.quote) != len(self.span):
            raise ValueError("a citation's quote has its span's length")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Ibid says to a question. No statements, no citations: it abstained.

    :param question: as it was asked.
    :param standalone_question: the same, rewritten to need no history.
    :param statements: what it says, each with citations.
    :param citations: numbered from 1 without gaps, each used by a statement.
    :param short_answer: the answer span's words, where the reader gave one; ``Yes`` or ``No`` where
        the first citation decides a yes/no question.
    :param confidence: calibrated probability, 0…1, that the first citation holds the answer.
    :param nearest: on an abstention, the nearest evidence, which does *not* answer.
    :param notes: sentences for the person about this answer (what was removed, what stays open).
    :param model: what wrote it: the reader's or chat model's name and revision.
    :param seconds: how long it took.
    """

    question: str
    standalone_question: str
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    short_answer: str | None = None
    confidence: float = 0.0
    nearest: Evidence | None = None
    notes: tuple[str, ...] = ()
    model: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if bool(self.statements) != bool(self.citations):
            raise ValueError("an answer has both statements and citations, or neither")
        if [c.number for c in self.citations] != list(range(1, len(self.citations) + 1)):
            raise ValueError("citations are numbered from 1 without gaps")
        used = {n for statement in self.statements for n in statement.citation_numbers}
        if used != {c.number for c in self.citations}:
            raise ValueError("every citation is used by a statement, and no other number")
        if self.abstained and self.short_answer is not None:
            raise ValueError("an abstention has no short answer")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence lies between 0 and 1, got {self.confidence}")

    @property
    def abstained(self) -> bool:
        """Whether Ibid declined to answer."""
        return not self.statements

    @property
    def text(self) -> str:
        """The statements as one string, without markers; empty on an abstention."""
        return " ".join(statement.text for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that was looked at on the way to an answer; nothing is kept from the list.

    :param passages: every passage that was read, best first.
    :param reading: what the reader found in them.
    :param evidence: the evidence made of it, best first; the answer cites some of these.
    """

    passages: tuple[ScoredPassage, ...]
    reading: Reading
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer.

    :param question: as typed.
    :param answer: what was answered.
    :param asked_at: aware, UTC; passed in by the front end.
    """

    question: str
    answer: Answer
    asked_at: datetime

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ValueError("a turn needs a question")
        if self.asked_at.utcoffset() != timedelta(0):
            raise ValueError("asked_at must be aware and in UTC")


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of one conversation, oldest first.

    :param conversation_id: opaque (``telegram:<chat>``, ``cli``).
    :param turns: chronological.
    """

    conversation_id: str
    turns: tuple[Turn, ...] = ()

    def with_turn(self, turn: Turn, *, keep: int = 20) -> Conversation:
        """Return the conversation with ``turn`` added, the newest ``keep`` turns kept."""
        return Conversation(self.conversation_id, (*self.turns, turn)[-keep:])


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """What an index folder says of itself.

    :param format_version: of the folder's layout.
    :param encoder_name: as given in the settings.
    :param encoder_revision: SHA-256 of the encoder's weights.
    :param dim: length of an embedding.
    :param metric: always ``cosine``.
    :param search: how dense search is done: ``flat`` (exact) or ``ivf`` (approximate).
    :param n_documents: documents in the index.
    :param n_passages: passages in the index.
    :param passage_tokens: most tokens in a passage, more in scripts that the encoder spells out.
    :param overlap_tokens: most tokens that two neighbours share.
    :param checksums: file name → XXH3-128 of its bytes, as hex.
    """

    format_version: int
    encoder_name: str
    encoder_revision: str
    dim: int
    metric: str
    search: Literal["flat", "ivf"]
    n_documents: int
    n_passages: int
    passage_tokens: int
    overlap_tokens: int
    checksums: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.metric != "cosine":
            raise ValueError(f"the metric is cosine, got {self.metric!r}")


def content_hash(text: str) -> str:
    """Return the SHA-256 of ``text`` in UTF-8 (lone surrogates kept), as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def verify_citation(citation: Citation, document: Document) -> None:
    """Compare a citation with its document, character by character.

    :raises CitationMismatchError: if the document does not hold the quote at that place.
    """
    span = citation.span
    expected = document.text[span.start : span.end]
    if citation.doc_id != document.doc_id or citation.quote != expected:
        raise CitationMismatchError(citation.doc_id, span.start, span.end, expected, citation.quote)
