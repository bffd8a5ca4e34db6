"""Files of predictions → what a system answered, one question a line.

The form is that of ``ibid ask --json``. Whether a quote stands at its place is *measured*
(:func:`evaluation.measures.citations.quote_validity`), not demanded here, so that other systems'
predictions can be scored as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluation.json_lines import Record, read_records
from retrieval.domain import Span


@dataclass(frozen=True, slots=True)
class CitedQuote:
    """A citation as predicted; nothing says yet that it is true.

    :param number: from 1.
    :param doc_id: the document.
    :param title: the document's title.
    :param span: where the quote is said to stand in ``Document.text``.
    :param quote: the words.
    :param speaker: whose words they are, null where not known.
    :param kind: ``direct``, ``reported`` or ``article``.
    """

    number: int
    doc_id: str
    title: str
    span: Span
    quote: str
    speaker: str | None = None
    kind: str = "article"


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A statement with the numbers of its citations, in the order given."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system answered to one question.

    :param question_id: of the judgment.
    :param question: as it was asked.
    :param standalone_question: as the system read it.
    :param abstained: whether it declined to answer; then there are no citations.
    :param answer: the whole answer, empty on an abstention.
    :param short_answer: the words that answer, where the system gives them.
    :param statements: the answer cut into statements.
    :param citations: the best first.
    :param confidence: claimed probability, 0…1, that the first citation holds the answer.
    :param seconds: how long it took.
    :param model: what answered.
    """

    question_id: str
    question: str
    standalone_question: str
    abstained: bool
    answer: str
    short_answer: str | None
    statements: tuple[CitedStatement, ...]
    citations: tuple[CitedQuote, ...]
    confidence: float
    seconds: float
    model: str

    @property
    def answer_text(self) -> str:
        """The text that is compared with the right answers: short if there is one."""
        return "" if self.abstained else (self.short_answer or self.answer)


def load_predictions(path: Path) -> dict[str, Prediction]:
    """Read a predictions file.

    :returns: question_id → prediction, in the file's order.
    :raises RecordError: naming file, line and field.
    """
    predictions: dict[str, Prediction] = {}
    for record in read_records(path):
        prediction = parse_prediction(record)
        if prediction.question_id in predictions:
            raise record.error("question_id", f"{prediction.question_id!r} is there twice")
        predictions[prediction.question_id] = prediction
    return predictions


def parse_prediction(record: Record) -> Prediction:
    """Return one line's prediction.

    :raises RecordError: naming the field.
    """
    abstained = record.truth("abstained")
    citations = tuple(_cited_quote(citation) for citation in record.records("citations"))
    if abstained and citations:
        raise record.error("abstained", "is true, but there are citations")
    confidence = record.number("confidence", default=0.0)
    if not 0.0 <= confidence <= 1.0:
        raise record.error("confidence", f"expected a number from 0 to 1, found {confidence:g}")
    question = record.text("question", default="")
    return Prediction(
        question_id=record.filled_text("question_id"),
        question=question,
        standalone_question=record.text("standalone_question", default=question),
        abstained=abstained,
        answer=record.text("answer", default=""),
        short_answer=record.optional_text("short_answer"),
        statements=tuple(
            CitedStatement(statement.text("text"), statement.whole_numbers("citations"))
            for statement in record.records("statements")
        ),
        citations=citations,
        confidence=confidence,
        seconds=record.number("seconds", default=0.0),
        model=record.text("model", default=""),
    )


def _cited_quote(record: Record) -> CitedQuote:
    start, end = record.whole_number("start"), record.whole_number("end")
    if not 0 <= start < end:
        raise record.error("start", f"expected 0 <= start < end, found [{start}, {end})")
    return CitedQuote(
        number=record.whole_number("number"),
        doc_id=record.text("doc_id"),
        title=record.text("title", default=""),
        span=Span(start, end),
        quote=record.text("quote"),
        speaker=record.optional_text("speaker"),
        kind=record.text("kind", default="article"),
    )
