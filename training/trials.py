"""Development questions → the passages that Ibid finds for them → what the reader makes of it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.domain import AnswerSpan, Document, Reading, ScoredPassage, Span
from retrieval.indexing import index_documents
from retrieval.interfaces import Encoder
from retrieval.reader import FoundSpan, Ranking, SpanReader, features_of
from retrieval.search import PassageSearch
from retrieval.sentences import split_sentences
from retrieval.settings import Settings
from training.calibration import Case
from training.development import word_f1


@dataclass(frozen=True, slots=True)
class Trial:
    """A development question with what retrieval finds.

    :param question: what is asked.
    :param doc_id: the document it is asked about.
    :param answerable: whether that document answers it.
    :param gold: places of the answer, other occurrences of the same words too.
    :param passages: best first.
    """

    question: str
    doc_id: str
    answerable: bool
    gold: tuple[Span, ...]
    passages: tuple[ScoredPassage, ...]


@dataclass(frozen=True, slots=True)
class TrialSet:
    """The trials of one development set.

    :param name: set and scope.
    :param documents: by id.
    :param trials: in random order.
    """

    name: str
    documents: Mapping[str, Document]
    trials: tuple[Trial, ...]

    @property
    def titles(self) -> dict[str, str]:
        """doc_id → title."""
        return {doc_id: document.title for doc_id, document in self.documents.items()}


def build_trials(
    folder: Path,
    set_name: str,
    encoder: Encoder,
    settings: Settings,
    *,
    n_trials: int,
    whole_collection: bool = False,
    random_seed: int = 13,
) -> TrialSet:
    """Index a development set and retrieve for its questions.

    :param folder: of the development files.
    :param set_name: which set.
    :param encoder: for the index.
    :param settings: where the index goes, how large passages are, how many are read.
    :param n_trials: at most.
    :param whole_collection: search all documents instead of the one that is asked about.
    :param random_seed: decides which questions.
    :return: the trials.
    """
    documents = {
        line["doc_id"]: Document(line["doc_id"], line["title"], set_name, line["text"])
        for line in _read_lines(folder / f"{set_name}.documents.jsonl.gz")
    }
    index_documents(documents.values(), encoder, settings)
    search = PassageSearch(settings.index_path, encoder)
    lines = list(_read_lines(folder / f"{set_name}.judgments.jsonl.gz"))
    if whole_collection:
        lines = [line for line in lines if line["answerable"]]
    random.Random(random_seed).shuffle(lines)
    trials = tuple(
        Trial(
            line["question"],
            line["doc_id"],
            line["answerable"],
            tuple(_gold_places(line)),
            tuple(
                search.retrieve(
                    line["question"],
                    settings.k,
                    doc_ids=None if whole_collection else [line["doc_id"]],
                )
            ),
        )
        for line in lines[:n_trials]
    )
    return TrialSet(set_name + ("/collection" if whole_collection else ""), documents, trials)


@dataclass(frozen=True, slots=True)
class FoundTrial:
    """A trial with the spans that its passages offer.

    :param trial: the question.
    :param found: at least one span.
    """

    trial: Trial
    found: tuple[FoundSpan, ...]


def find_spans(reader: SpanReader, trial_set: TrialSet) -> list[FoundTrial]:
    """Read every trial's passages.

    :param reader: reads.
    :param trial_set: what is read.
    :return: trials where a span was found.
    """
    titles = trial_set.titles
    trials = (
        FoundTrial(trial, tuple(reader.find(trial.question, trial.passages, titles)))
        for trial in trial_set.trials
    )
    return [one for one in trials if one.found]


def rank_spans(
    trial_set: TrialSet, trials: Sequence[FoundTrial], ranking: Ranking
) -> Iterator[tuple[FoundTrial, tuple[AnswerSpan, ...], Case]]:
    """Rank the spans of every trial and compare the first one with the gold.

    :param trial_set: knows the documents.
    :param trials: with spans.
    :param ranking: how the scores of a span add up.
    :return: with the ranked spans and what a calibration learns from.
    """
    sentences = {doc_id: split_sentences(d.text) for doc_id, d in trial_set.documents.items()}
    titles = trial_set.titles
    for one in trials:
        trial = one.trial
        spans = SpanReader.rank(one.found, trial.passages, ranking)
        features = features_of(trial.question, spans, one.found, trial.passages, titles, ranking)
        right = is_right(spans[0].doc_id, spans[0].span, trial, sentences)
        yield one, tuple(spans), Case(features, right)


def is_right(
    doc_id: str, span: Span, trial: Trial, sentences: Mapping[str, Sequence[Span]]
) -> bool:
    """Tell whether the sentences round a span hold the answer.

    :param doc_id: of the span.
    :param span: found.
    :param trial: knows where the answer stands.
    :param sentences: of each document.
    :return: true where a gold place overlaps them.
    """
    if doc_id != trial.doc_id:
        return False
    cited = [s for s in sentences[doc_id] if s.overlaps(span)]
    return any(gold.overlaps(s) for gold in trial.gold for s in cited)


def answer_f1(trial: Trial, reading: Reading, documents: Mapping[str, Document]) -> float:
    """SQuAD F1 of the first span, had the reader not abstained.

    :param trial: knows the gold texts.
    :param reading: what was found.
    :param documents: by id.
    :return: 0…1.
    """
    first = reading.spans[0]
    said = first.span.of(documents[first.doc_id].text)
    text = documents[trial.doc_id].text
    return max((word_f1(said, gold.of(text)) for gold in trial.gold), default=0.0)


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _gold_places(line: Mapping[str, Any]) -> Iterator[Span]:
    for gold in line["gold_spans"]:
        for start in (gold["start"], *gold.get("other_starts", ())):
            yield Span(start, start + gold["end"] - gold["start"])
