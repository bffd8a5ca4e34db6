"""An answerer that finds every sentence of its documents: what a chat model is then shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from retrieval.domain import (
    Answer,
    Citation,
    Conversation,
    Document,
    Evidence,
    Passage,
    Reading,
    ScoredPassage,
    Span,
    Statement,
    Trace,
)
from retrieval.evidence import evidence_key
from retrieval.outlines import outline_of
from retrieval.speakers import Speech


class EvidenceAnswerer:
    """Gives all sentences as evidence, best first as they stand; cites the first.

    :param documents: what can be asked about.
    :param confidence: of every answer; below 0.3 it abstains.
    """

    def __init__(self, documents: Sequence[Document], *, confidence: float = 0.8) -> None:
        self.documents: Mapping[str, Document] = {d.doc_id: d for d in documents}
        self.confidence = confidence
        self.questions: list[tuple[str, Conversation | None]] = []

    def answer(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Answer:
        return self.explain(question, conversation, doc_ids=doc_ids)[0]

    def explain(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> tuple[Answer, Trace]:
        self.questions.append((question, conversation))
        pieces = [
            piece
            for document in self.documents.values()
            if doc_ids is None or document.doc_id in doc_ids
            for piece in evidence_of(document)
        ]
        passages = tuple(
            ScoredPassage(Passage(p.doc_id, p.span, p.text), p.score, rank)
            for rank, p in enumerate(pieces, start=1)
        )
        trace = Trace(passages, Reading((), self.confidence), tuple(pieces))
        if not pieces or self.confidence < 0.3:
            nearest = pieces[0] if pieces else None
            return Answer(question, question, confidence=self.confidence, nearest=nearest,
                          model="plain"), trace  # fmt: skip
        first = pieces[0]
        citation = Citation(1, first.doc_id, first.title, first.span, first.text, first.speaker,
                            first.kind)  # fmt: skip
        answer = Answer(
            question,
            question,
            (Statement(first.text, (1,)),),
            (citation,),
            short_answer=first.text.split()[0],
            confidence=self.confidence,
            model="plain",
        )
        return answer, trace

    def refresh(self) -> bool:
        return False


def evidence_of(document: Document) -> list[Evidence]:
    """Return every sentence of a document as evidence, with who speaks."""
    outline = outline_of(document)
    return [
        _piece(document, span, n, speech)
        for n, (span, speech) in enumerate(zip(outline.sentences, outline.speech, strict=True))
    ]


def _piece(document: Document, span: Span, n: int, speech: Speech) -> Evidence:
    text = span.of(document.text)
    key = evidence_key(document.doc_id, span, text)
    return Evidence(
        *(key, document.doc_id, document.title, span, text, 1.0 / (n + 1)),
        kind=speech.kind,
        speaker=speech.speaker,
    )
