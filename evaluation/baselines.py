"""Simple systems to stand beside Ibid: a figure means little without them.

Each answers every question with one citation (:data:`ABSTAIN` with none), from the question alone:
no history, no reading, no threshold. Confidence is the score brought into 0…1, uncalibrated.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.judgments import Judgment
from evaluation.predictions import Prediction, load_predictions
from retrieval.domain import Document, EmbeddingMatrix, Span
from retrieval.interfaces import Encoder
from retrieval.passages import split_document
from retrieval.sentences import split_sentences
from retrieval.settings import Settings
from retrieval.words import index_terms

ABSTAIN = "always abstain"
VERSION = 1  # raised when a baseline answers differently: older cached predictions are left alone

_CHUNK_CHARS, _CHUNK_OVERLAP = 1000, 200
_BM25_HALF = 10.0  # the BM25 score that becomes a confidence of one half

Scores = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What a baseline ranks: a sentence, a passage or a chunk.

    :param doc_id: its document.
    :param span: what it is found by.
    :param cited: what is cited of it.
    """

    doc_id: str
    span: Span
    cited: Span


class Embeddings:
    """Embeddings of texts, each made once: the baselines share questions and sentences.

    :param encoder: makes them.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def of(self, texts: Sequence[str]) -> EmbeddingMatrix:
        """Return the texts' embeddings, shape (len(texts), dim)."""
        # In order of length, which spares padding.
        fresh = sorted({text for text in texts if text not in self._known}, key=len)
        if fresh:
            self._known.update(zip(fresh, self._encoder.encode(fresh), strict=True))
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True, slots=True)
class Task:
    """What the baselines are given.

    :param documents: doc_id → document.
    :param judgments: the questions.
    :param within_document: whether each question is asked of its document alone.
    :param encoder: Ibid's own, for the dense baselines.
    :param embeddings: what it has made so far.
    :param settings: passage sizes.
    """

    documents: Mapping[str, Document]
    judgments: Sequence[Judgment]
    within_document: bool
    encoder: Encoder
    embeddings: Embeddings
    settings: Settings


def bm25_sentence(task: Task) -> list[dict[str, Any]]:
    """Cite the sentence with the highest BM25 score (Lucene's, k1 = 1.2, b = 0.75).

    Stems without stop words, as in Ibid's own word index. Within a document, its sentences are the
    whole collection.
    """
    units = sentence_units(task.documents.values())
    everything: dict[str | None, list[int]] = {None: list(range(len(units)))}
    groups = _by_document(units) if task.within_document else everything
    searches = {
        key: _bm25(task.documents, [units[row] for row in rows]) for key, rows in groups.items()
    }

    def pick(judgment: Judgment) -> tuple[Unit, float] | None:
        key = judgment.doc_id if task.within_document else None
        if key not in groups:
            return None
        scores = searches[key](judgment.question)
        best = int(np.argmax(scores))
        return units[groups[key][best]], float(scores[best] / (scores[best] + _BM25_HALF))

    return [_record("BM25 sentence", task, judgment, pick(judgment)) for judgment in task.judgments]


def dense_sentence(task: Task) -> list[dict[str, Any]]:
    """Cite the sentence whose embedding is nearest to the question's (cosine)."""
    return _dense("dense sentence", task, sentence_units(task.documents.values()))


def first_two_sentences(task: Task) -> list[dict[str, Any]]:
    """Cite the first two sentences of the passage whose embedding is nearest to the question's.

    In ALCE this shortcut scores 98.7 citation recall and precision with 18.9 exact match.
    """
    units = []
    for document in task.documents.values():
        sentences = split_sentences(document.text)
        for passage in split_document(
            document,
            task.encoder.count_tokens,
            passage_tokens=task.settings.passage_tokens,
            overlap_tokens=task.settings.overlap_tokens,
        ):
            first = [s for s in sentences if passage.span.covers(s)][:2] or [passage.span]
            units.append(Unit(document.doc_id, passage.span, first[0].joined(first[-1])))
    return _dense("first two sentences", task, units)


def langchain_chunk(task: Task) -> list[dict[str, Any]]:
    """Cite the whole chunk that the usual LangChain tutorial retrieves first.

    RecursiveCharacterTextSplitter of 1,000 characters with 200 overlapping, sentence-transformers
    embeddings, the nearest chunk (exact inner product, as FAISS's flat index computes it).
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=_CHUNK_CHARS, chunk_overlap=_CHUNK_OVERLAP, add_start_index=True
    )
    units = []
    for document in task.documents.values():
        for chunk in splitter.create_documents([document.text]):
            start = chunk.metadata["start_index"]
            span = Span(start, start + len(chunk.page_content))
            units.append(Unit(document.doc_id, span, span))
    return _dense("LangChain chunk", task, units)


def always_abstain(task: Task) -> list[dict[str, Any]]:
    """Answer nothing."""
    return [_record(ABSTAIN, task, judgment, None) for judgment in task.judgments]


BASELINES: Mapping[str, Callable[[Task], list[dict[str, Any]]]] = {
    "BM25 sentence": bm25_sentence,
    "dense sentence": dense_sentence,
    "first two sentences": first_two_sentences,
    "LangChain chunk": langchain_chunk,
    ABSTAIN: always_abstain,
}


def cached_baselines(
    task: Task,
    data_hash: str,
    folder: Path,
    names: Collection[str] = tuple(BASELINES),
    *,
    report: Callable[[str], None] = lambda _: None,
) -> dict[str, dict[str, Prediction]]:
    """Return each baseline's predictions, made once for the same data and kept in ``folder``.

    :param task: what they are asked.
    :param data_hash: of the documents and judgments files.
    :param folder: where predictions are kept.
    :param names: which baselines.
    :param report: told which one is being made.
    :returns: baseline → question_id → prediction.
    """
    sizes = (task.settings.passage_tokens, task.settings.overlap_tokens)
    key = json.dumps(
        [
            VERSION,
            data_hash,
            task.within_document,
            len(task.judgments),
            task.encoder.revision,
            sizes,
        ]
    )
    folder = folder / hashlib.sha256(key.encode()).hexdigest()[:16]
    found = {}
    for name in names:
        path = folder / f"{name.replace(' ', '-')}.jsonl"
        if not path.is_file():
            report(f"Baseline: {name} …")
            folder.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".part")
            lines = (json.dumps(record, ensure_ascii=False) for record in BASELINES[name](task))
            beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            beside.replace(path)
        found[name] = load_predictions(path)
    return found


def sentence_units(documents: Iterable[Document]) -> list[Unit]:
    """Return every sentence of the documents as a unit that is cited whole."""
    return [
        Unit(document.doc_id, span, span)
        for document in documents
        for span in split_sentences(document.text)
    ]


def _by_document(units: Sequence[Unit]) -> dict[str | None, list[int]]:
    rows: dict[str | None, list[int]] = defaultdict(list)
    for row, unit in enumerate(units):
        rows[unit.doc_id].append(row)
    return rows


def _bm25(documents: Mapping[str, Document], units: Sequence[Unit]) -> Callable[[str], Scores]:
    """Return the search over the units: question → a score for each."""
    import bm25s

    vocabulary: dict[str, int] = {"": 0}  # bm25s does not index an empty vocabulary
    rows = [
        [
            vocabulary.setdefault(term, len(vocabulary))
            for term in index_terms(unit.span.of(documents[unit.doc_id].text))
        ]
        or [0]
        for unit in units
    ]
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index((rows, vocabulary), create_empty_token=False, show_progress=False)

    def search(question: str) -> Scores:
        terms = [term for term in index_terms(question) if term in vocabulary]
        if not terms:
            return np.zeros(len(units))
        scores: Scores = index.get_scores(terms)
        return scores

    return search


def _dense(name: str, task: Task, units: Sequence[Unit]) -> list[dict[str, Any]]:
    texts = [unit.span.of(task.documents[unit.doc_id].text) for unit in units]
    vectors = task.embeddings.of(texts)
    questions = task.embeddings.of([judgment.question for judgment in task.judgments])
    groups = {doc_id: np.array(rows) for doc_id, rows in _by_document(units).items()}

    def pick(row: int, judgment: Judgment) -> tuple[Unit, float] | None:
        rows = groups.get(judgment.doc_id) if task.within_document else np.arange(len(units))
        if rows is None:
            return None
        scores = vectors[rows] @ questions[row]
        best = int(np.argmax(scores))
        return units[int(rows[best])], float(np.clip(scores[best], 0, 1))

    return [
        _record(name, task, judgment, pick(row, judgment))
        for row, judgment in enumerate(task.judgments)
    ]


def _record(
    name: str, task: Task, judgment: Judgment, pick: tuple[Unit, float] | None
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "question_id": judgment.question_id,
        "question": judgment.question,
        "standalone_question": judgment.question,
        "abstained": pick is None,
        "answer": "",
        "short_answer": None,
        "statements": [],
        "citations": [],
        "confidence": 0.0,
        "seconds": 0.0,
        "model": name,
    }
    if pick is None:
        return record
    unit, confidence = pick
    document = task.documents[unit.doc_id]
    quote = unit.cited.of(document.text)
    citation = {
        "number": 1,
        "doc_id": unit.doc_id,
        "title": document.title,
        "start": unit.cited.start,
        "end": unit.cited.end,
        "quote": quote,
        "speaker": None,
        "kind": "article",
    }
    return record | {
        "answer": quote,
        "statements": [{"text": quote, "citations": [1]}],
        "citations": [citation],
        "confidence": round(confidence, 6),
    }
