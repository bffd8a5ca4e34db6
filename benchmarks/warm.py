"""Question after question: how long an answer takes, and how much of that is the reader."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.durations import Durations
from benchmarks.processes import in_own_process, memory_held
from benchmarks.records import Result, Target, markdown_table, shown_bytes, shown_seconds
from benchmarks.synthetic_passages import N_REAL, NOISE, build_collection, real_passages
from retrieval.answering import ExtractiveAnswerer, open_reader, seeds_settings
from retrieval.domain import Reading, ScoredPassage
from retrieval.embeddings import open_encoder
from retrieval.interfaces import Reader
from retrieval.settings import Settings

ARTICLE_QUESTIONS = (
    "What did Assad say about oil fields?",
    "What did Assad say about America's foreign policy?",
    "Who gave a rare interview?",
    "When did the civil war begin?",
    "What did Trump do last month?",
    "Who supported Assad during the war?",
    "Why did the SDF turn to Assad?",
    "What did Assad say about barrel bombs?",
    "Which countries does America fight, according to Assad?",
    "Where was the photo taken?",
    "Who took the photo?",
    "What crimes have been committed in Syria?",
)
"""Asked of the built-in article."""


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """What answers cost in one opened collection.

    :param answer: from question to answer.
    :param reader: of that, in the reader.
    :param rest: of that, everything else.
    :param rest_share: everything else's time, of the reader's, over all questions.
    :param private_bytes: memory that opening and answering added.
    :param mapped_bytes: pages of mapped files that they added.
    :param reader_name: which reader it was.
    """

    answer: Durations
    reader: Durations
    rest: Durations
    rest_share: float
    private_bytes: int
    mapped_bytes: int
    reader_name: str


class TimedReader:
    """A reader that notes how long it reads.

    :param inner: reads.
    """

    def __init__(self, inner: Reader) -> None:
        self._inner = inner
        self.name = inner.name
        self.gives_short_answers = inner.gives_short_answers
        self.reads = inner.reads
        self.seconds = 0.0

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        """Read as the inner reader does."""
        began = time.perf_counter()
        reading = self._inner.read(question, passages, titles)
        self.seconds += time.perf_counter() - began
        return reading


def measure_warm(
    data: Path, settings: Settings, n_passages: int, n_questions: int, report: Callable[[str], None]
) -> Result:
    """Ask questions of the built-in article and of a large collection.

    :param data: the folder with the development data.
    :param settings: encoder, reader and passage sizes.
    :param n_passages: of the large collection.
    :param n_questions: asked of each.
    :param report: told what is going on.
    """
    encoder = open_encoder(settings.encoder, settings.home, report=report)
    article = list(ARTICLE_QUESTIONS) * (1 + n_questions // len(ARTICLE_QUESTIONS))
    costs = {}
    report("One article …")
    own = seeds_settings(settings, encoder)
    costs["one article"] = in_own_process(answer_questions, own, article[:n_questions])
    real = real_passages(data, encoder, settings, report)
    questions = list(real.questions[:n_questions])
    with tempfile.TemporaryDirectory() as folder:
        own = replace(settings, index_path=Path(folder) / "index")
        report(f"{n_passages:,} passages: building …")
        identity = encoder.name, encoder.revision
        in_own_process(build_collection, own, identity, real, n_passages, 0, report)
        report(f"{n_passages:,} passages: asking …")
        costs[f"{n_passages:,} passages"] = in_own_process(answer_questions, own, questions)
        costs["one article of these"] = in_own_process(
            answer_questions, own, questions, one_document=True
        )
    return _result(costs, n_questions)


def answer_questions(
    settings: Settings, questions: Sequence[str], *, one_document: bool = False
) -> AnswerCost:
    """Open a collection and ask; to be called in a process of its own.

    :param settings: index folder, encoder, reader.
    :param questions: asked one after another.
    :param one_document: ask only a document in the middle of the collection.
    """
    before = memory_held()
    encoder = open_encoder(settings.encoder, settings.home)
    reader = TimedReader(open_reader(settings, encoder))
    answerer = ExtractiveAnswerer(settings.index_path, encoder, reader, k=settings.k)
    ids = list(answerer.documents)
    doc_ids = [ids[len(ids) // 2]] if one_document else None
    answerer.answer(questions[0], doc_ids=doc_ids)
    whole, reading = [], []
    for question in questions:
        reader.seconds = 0.0
        began = time.perf_counter()
        answerer.answer(question, doc_ids=doc_ids)
        whole.append(time.perf_counter() - began)
        reading.append(reader.seconds)
    held = memory_held()
    rest = [a - r for a, r in zip(whole, reading, strict=True)]
    return AnswerCost(
        Durations.of(whole),
        Durations.of(reading),
        Durations.of(rest),
        sum(rest) / (sum(reading) or float("nan")),
        held.private_bytes - before.private_bytes,
        held.mapped_bytes - before.mapped_bytes,
        reader.name,
    )


def _result(costs: Mapping[str, AnswerCost], n_questions: int) -> Result:
    rows = [
        (
            name,
            shown_seconds(cost.answer.p50),
            shown_seconds(cost.answer.p95),
            shown_seconds(cost.reader.p50),
            shown_seconds(cost.rest.p50),
            f"{cost.rest_share:.2f}",
            shown_bytes(cost.private_bytes),
            shown_bytes(cost.mapped_bytes),
        )
        for name, cost in costs.items()
    ]
    head = (
        "questions of",
        "answer, p50",
        "p95",
        "reader, p50",
        "the rest, p50",
        "rest / reader",
        "memory added",
        "mapped files",
    )
    return Result(
        name="warm",
        baseline="the reader's own time in the same answers",
        settings={
            "questions": n_questions,
            "real_passages": N_REAL,
            "noise": NOISE,
            "reader": next(iter(costs.values())).reader_name,
        },
        figures={name: asdict(cost) for name, cost in costs.items()},
        table=markdown_table(head, rows),
        targets=tuple(
            Target(f"{name}: everything but the reader, of its time", cost.rest_share, "≤", 0.1)
            for name, cost in costs.items()
        ),
    )
