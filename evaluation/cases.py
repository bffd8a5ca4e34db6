"""A question with its judgment and what a system answered: what the measures look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from evaluation.errors import RunError
from evaluation.judgments import GoldSpan, Judgment
from evaluation.predictions import CitedQuote, Prediction
from retrieval.domain import Document, Span

Outcome = Literal["right", "wrong", "silent"]


class Share(NamedTuple):
    """What one question adds to a measure: ``part`` of ``whole``.

    A measure's value is the sum of the parts over the sum of the wholes. ``whole == 0``: the
    question says nothing about this measure.
    """

    part: float
    whole: float


NOTHING = Share(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage that was read for a question."""

    doc_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Case:
    """One judged question and its prediction.

    :param judgment: what people found to be right.
    :param prediction: what the system answered; None where it is missing, which counts as wrong
        whatever was right, abstaining included.
    :param documents: doc_id → document, for all that may be cited.
    :param passages: what was retrieved, best first; None where the run did not record it.
    """

    judgment: Judgment
    prediction: Prediction | None
    documents: Mapping[str, Document]
    passages: tuple[RetrievedPassage, ...] | None = None

    @property
    def citations(self) -> tuple[CitedQuote, ...]:
        """What the system cited, best first; empty for missing predictions and abstentions."""
        return self.prediction.citations if self.prediction else ()

    @property
    def abstained(self) -> bool:
        """Whether the system declined to answer; False for a missing prediction."""
        return self.prediction is not None and self.prediction.abstained

    @property
    def confidence(self) -> float:
        """The claimed confidence, 0…1; 0 for a missing prediction."""
        return self.prediction.confidence if self.prediction else 0.0

    @property
    def judged_by_citation(self) -> bool:
        """Whether a citation can be right or wrong here: a gold span, or no answer at all."""
        return bool(self.judgment.gold_spans) or not self.judgment.answerable

    def holds(self, citation: CitedQuote, gold: GoldSpan) -> bool:
        """Return whether the citation holds the gold span: :func:`span_holds` at any place."""
        return citation.doc_id == self.judgment.doc_id and any(
            span_holds(citation.span, place) for place in gold.places
        )

    def holds_any_gold(self, citation: CitedQuote) -> bool:
        """Return whether the citation holds one of the gold spans."""
        return any(self.holds(citation, gold) for gold in self.judgment.gold_spans)

    def touches(self, citation: CitedQuote, spans: Sequence[Span]) -> bool:
        """Return whether the citation shares a character with one of the spans."""
        return citation.doc_id == self.judgment.doc_id and any(
            citation.span.overlaps(span) for span in spans
        )

    @property
    def gold_places(self) -> tuple[Span, ...]:
        """Every place of every gold span."""
        return tuple(place for gold in self.judgment.gold_spans for place in gold.places)

    @property
    def outcome(self) -> Outcome:
        """How it ended for the person: silent if it abstained; right if the first citation holds a
        gold span; wrong otherwise, a missing prediction included.
        """
        if self.abstained:
            return "silent"
        first = self.citations[:1]
        return "right" if first and self.holds_any_gold(first[0]) else "wrong"


def span_holds(quoted: Span, gold: Span) -> bool:
    """Return whether a quotation holds a gold span: one definition for all sets.

    It covers the whole of the gold; or the gold is longer than the quotation and at least half of
    the quotation's characters lie inside the gold.

    The first half is for short gold answers, which must stand in the quotation from end to end.
    The second is for gold evidence of several sentences, of which a shorter quotation is a part.
    """
    if quoted.covers(gold):
        return True
    shared = min(quoted.end, gold.end) - max(quoted.start, gold.start)
    return len(gold) > len(quoted) and 2 * shared >= len(quoted)


def match_cases(
    judgments: Mapping[str, Judgment],
    predictions: Mapping[str, Prediction],
    documents: Mapping[str, Document],
    passages: Mapping[str, tuple[RetrievedPassage, ...]] | None = None,
) -> tuple[Case, ...]:
    """Bring judgments and predictions together, in the judgments' order.

    :raises RunError: if none of the predictions belongs to a judgment.
    """
    if not judgments.keys() & predictions.keys():
        raise RunError(
            "None of the predictions has the question_id of a judgment; "
            "are the two files of the same set?"
        )
    return tuple(
        Case(judgment, predictions.get(question_id), documents, (passages or {}).get(question_id))
        for question_id, judgment in judgments.items()
    )
