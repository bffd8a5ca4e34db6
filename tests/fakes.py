"""Stand-ins that are small enough to check by hand: an article and an answerer over it."""

from __future__ import annotations

import re
import threading
from collections import deque
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

LIGHTHOUSE = Document.from_text(
    "The lighthouse of Fanad was finished in 1817. It cost 2,000 pounds. \U0001f5fc\n\n"
    '"The lamp must never go out," said Mary Byrne, who kept it for forty years.\n\n'
    "She burned whale oil until 1852, when the parish switched to paraffin. The keepers were paid "
    "twelve shillings a week.\n\n"
    "Today the light is electric \U0001f4a1 and nobody lives on the rock. Посетители могут "
    "подняться на башню.",
    title="The lamp at Fanad Head",
    source="https://example.org/fanad",
    author="R. Doyle",
    date="2019-04-02",
)

_WORDS = re.compile(r"\w+")
_SENTENCES = re.compile(r"[^.!?\n]+[.!?]*[\"”]?")
_COMMON = frozenset(
    "many it its when a the an of in on at to and was were is are did do does what who how much "
    "why where "
    "she he they her his for about say said".split()
)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text that carry meaning, crudely stemmed."""
    return frozenset(
        word[:5] for word in (w.lower() for w in _WORDS.findall(text)) if word not in _COMMON
    )


def sentence_spans(text: str) -> list[Span]:
    """Return the spans of a text's sentences, without space at either end."""
    spans = []
    for match in _SENTENCES.finditer(text):
        found = match.group()
        start = match.start() + len(found) - len(found.lstrip())
        end = match.end() - (len(found) - len(found.rstrip()))
        if start < end:
            spans.append(Span(start, end))
    return spans


class FakeAnswerer:
    """Cites the sentences that share the most words with the question; no model.

    :param documents: what can be asked about.
    :param seconds: how long each answer takes, at most until ``released`` is set.
    :param n_citations: the most sentences that an answer cites.
    """

    def __init__(
        self,
        documents: Sequence[Document] = (LIGHTHOUSE,),
        *,
        seconds: float = 0.0,
        n_citations: int = 2,
    ) -> None:
        self._documents = {document.doc_id: document for document in documents}
        self._coming: list[Document] | None = None
        self.seconds = seconds
        self.n_citations = n_citations
        self.questions: deque[str] = deque(maxlen=100)
        self.conversations: deque[Conversation | None] = deque(maxlen=100)
        self.failure: BaseException | None = None
        self.released = threading.Event()

    @property
    def documents(self) -> Mapping[str, Document]:
        return self._documents

    def replace_documents(self, documents: Sequence[Document]) -> None:
        """Let the next :meth:`refresh` find other documents."""
        self._coming = list(documents)

    def refresh(self) -> bool:
        if self._coming is None:
            return False
        self._documents = {document.doc_id: document for document in self._coming}
        self._coming = None
        return True

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
        self.questions.append(question)
        self.conversations.append(conversation)
        if self.seconds:
            self.released.wait(self.seconds)
        if self.failure is not None:
            raise self.failure
        standalone = _carry_over(question, conversation)
        ranked = self._rank(words_of(standalone), doc_ids)
        evidence = tuple(item for score, item in ranked if score > 0)
        passages = tuple(
            ScoredPassage(Passage(e.doc_id, e.span, e.text), score, rank)
            for rank, (score, e) in enumerate(ranked[:8], start=1)
        )
        best = ranked[0][0] if ranked else 0.0
        trace = Trace(passages, Reading((), min(best, 1.0)), evidence)
        return self._answer(question, standalone, evidence, best), trace

    def _rank(
        self, words: frozenset[str], doc_ids: Collection[str] | None
    ) -> list[tuple[float, Evidence]]:
        ranked = []
        for document in self._documents.values():
            if doc_ids is not None and document.doc_id not in doc_ids:
                continue
            for span in sentence_spans(document.text):
                text = span.of(document.text)
                score = len(words & words_of(text)) / max(1, len(words))
                direct = '"' in text
                ranked.append(
                    (
                        score,
                        Evidence(
                            key=f"{document.doc_id[:4]}{span.start}",
                            doc_id=document.doc_id,
                            title=document.title,
                            span=span,
                            text=text,
                            score=score,
                            kind="direct" if direct else "article",
                            speaker="Mary Byrne" if direct else None,
                        ),
                    )
                )
        return sorted(ranked, key=lambda item: (-item[0], item[1].doc_id, item[1].span))

    def _answer(
        self, question: str, standalone: str, evidence: tuple[Evidence, ...], best: float
    ) -> Answer:
        if best < 0.34:
            return Answer(
                question,
                standalone,
                nearest=evidence[0] if evidence else None,
                confidence=0.1,
                model="fake",
            )
        used = [e for e in evidence if e.score >= 0.34][: self.n_citations]
        citations = tuple(
            Citation(n, e.doc_id, e.title, e.span, e.text, e.speaker, e.kind)
            for n, e in enumerate(used, start=1)
        )
        statements = tuple(Statement(c.quote, (c.number,)) for c in citations)
        number = re.search(r"\d[\d,]*", used[0].text)
        return Answer(
            question,
            standalone,
            statements,
            citations,
            short_answer=number.group() if number else None,
            confidence=min(0.99, best),
            model="fake",
        )


def _carry_over(question: str, conversation: Conversation | None) -> str:
    """Return a follow-up ("And in 1852?") with the last question's words before it."""
    if conversation is None or not conversation.turns or len(words_of(question)) > 1:
        return question
    return f"{conversation.turns[-1].question} {question}"
