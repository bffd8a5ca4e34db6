"""Figures of a model on questions that were kept back."""

from __future__ import annotations

import random
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.batches import EncodedWindow, Group, WindowEncoder, collate
from training.model import SpanModel
from training.questions import HUMAN_SET, Corpus, Question, Range
from training.windows import (
    SentencedArticle,
    Window,
    consecutive_windows,
    stems_of,
)

Vector = npt.NDArray[np.floating[Any]]

MAX_ANSWER_TOKENS = 30
PASSAGE_TOKENS = 128


@dataclass(frozen=True, slots=True)
class WindowReading:
    """The best span of one window.

    :param score: its start and end logit.
    :param null: start and end logit of "not here".
    :param span: in the window's text.
    """

    score: float
    null: float
    span: Range


@dataclass(frozen=True, slots=True)
class DevelopmentSet:
    """Questions with the windows that are read for each.

    :param paragraphs: questions that people asked, unanswerable ones too, in their paragraph.
    :param articles: answerable questions with windows from all over the article.
    """

    paragraphs: tuple[tuple[Question, Group], ...]
    articles: tuple[tuple[Question, Group], ...]


def build_development(
    corpus: Corpus, cut: dict[str, SentencedArticle], n_questions: int, random_seed: int
) -> DevelopmentSet:
    """Choose questions and windows, the same ones every time.

    :param corpus: kept back.
    :param cut: its articles in sentences.
    :param n_questions: of each kind.
    :param random_seed: decides which.
    :return: the set.
    """
    rng = random.Random(random_seed)
    human = [q for q in corpus.questions if q.set_name == HUMAN_SET]
    other = [q for q in corpus.questions if q.set_name != HUMAN_SET]
    human = rng.sample(human, min(n_questions, len(human)))
    other = rng.sample(other, min(n_questions, len(other)))
    return DevelopmentSet(
        tuple((q, _paragraph_group(q, cut[q.article])) for q in human),
        tuple((q, _article_group(q, cut[q.article])) for q in other),
    )


def figures_of(
    model: SpanModel, encoder: WindowEncoder, development: DevelopmentSet
) -> dict[str, float]:
    """Measure a model.

    :param model: to measure.
    :param encoder: turns windows into rows.
    :param development: what it has not seen.
    :return: figures by name, 0 to 1.
    """
    figures: dict[str, float] = {}
    readings = read_groups(model, encoder, [group for _, group in development.paragraphs])
    best = [max(r, key=lambda x: x.score - x.null) for r in readings]
    margins = np.array([r.score - r.null for r in best])
    answerable = np.array([bool(q.gold) for q, _ in development.paragraphs])
    figures["auroc"] = auroc(margins[answerable], margins[~answerable])
    f1 = np.zeros(len(margins))
    for i, ((question, group), found, one) in enumerate(
        zip(development.paragraphs, readings, best, strict=True)
    ):
        window = group.windows[found.index(one)]
        said = window.text[slice(*one.span)]
        f1[i] = max((word_f1(said, gold) for gold in gold_texts(question, group)), default=0.0)
    figures["answerable_f1"] = float(f1[answerable].mean())
    figures["best_f1"] = best_threshold_f1(margins, f1, answerable)
    readings = read_groups(model, encoder, [group for _, group in development.articles])
    for name, key in (("hit_margin", True), ("hit_score", False)):
        hits = [
            _hits(group, r, max(r, key=lambda x: x.score - x.null if key else x.score))
            for (_, group), r in zip(development.articles, readings, strict=True)
        ]
        figures[name] = float(np.mean(hits))
    return figures


def gold_texts(question: Question, group: Group) -> set[str]:
    """Collect the texts of the gold spans.

    :param question: asked.
    :param group: its windows.
    :return: texts.
    """
    return {w.text[s:e] for w in group.windows for s, e in w.gold}


def best_threshold_f1(margins: Vector, f1: Vector, answerable: npt.NDArray[np.bool_]) -> float:
    """F1 over all questions with the best threshold.

    :param margins: higher is more answerable.
    :param f1: of the span, where answered.
    :param answerable: which are.
    :return: the best mean.
    """
    gains = np.where(answerable, f1, -1.0)
    order = np.argsort(-margins)
    return float((~answerable).sum() + max(0.0, gains[order].cumsum().max())) / len(margins)


def auroc(positives: Vector, negatives: Vector) -> float:
    """Area under the ROC curve.

    :param positives: scores that should be higher.
    :param negatives: scores that should be lower.
    :return: chance that one of the first is above one of the second; ties count half.
    """
    if not len(positives) or not len(negatives):
        return float("nan")
    above = (positives[:, None] > negatives[None]).mean()
    return float(above + (positives[:, None] == negatives[None]).mean() / 2)


def word_f1(said: str, gold: str) -> float:
    """Word overlap as SQuAD counts it.

    :param said: predicted.
    :param gold: right.
    :return: 0 to 1.
    """
    ours, theirs = _words(said), _words(gold)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs)) if common else 0.0


def read_groups(
    model: SpanModel, encoder: WindowEncoder, groups: Sequence[Group], n_rows: int = 32
) -> list[list[WindowReading]]:
    """Read every window of every group.

    :param model: reads.
    :param encoder: turns windows into rows.
    :param groups: questions with windows.
    :param n_rows: of a batch.
    :return: one reading for each window.
    """
    encoded = encoder.encode(groups)
    rows = sorted(
        ((i, j, row) for i, g in enumerate(encoded) for j, row in enumerate(g)),
        key=lambda x: len(x[2].ids),
    )
    readings: dict[Range, WindowReading] = {}
    model.eval()
    with torch.inference_mode():
        for k in range(0, len(rows), n_rows):
            part = rows[k : k + n_rows]
            batch = collate([[row] for _, _, row in part], encoder.separator)
            starts, ends = model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
            for (i, j, row), s, e in zip(part, starts.numpy(), ends.numpy(), strict=True):
                readings[i, j] = best_span(row, s, e)
    model.train()
    return [[readings[i, j] for j in range(len(g))] for i, g in enumerate(encoded)]


def best_span(row: EncodedWindow, starts: Vector, ends: Vector) -> WindowReading:
    """Find the best span of a row.

    :param row: encoded.
    :param starts: logits, n_tokens.
    :param ends: logits, n_tokens.
    :return: its score and place.
    """
    n = len(row.offsets)
    s, e = starts[row.first : row.first + n], ends[row.first : row.first + n]
    scores = np.triu(s[:, None] + e[None], 0) + np.where(
        np.tri(n, n, -1) + np.triu(np.ones((n, n)), MAX_ANSWER_TOKENS) > 0, -1e9, 0.0
    )
    first, last = divmod(int(scores.argmax()), n)
    span = (row.offsets[first][0], row.offsets[last][1])
    return WindowReading(float(scores[first, last]), float(starts[0] + ends[0]), span)


def _words(text: str) -> list[str]:
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def _hits(group: Group, readings: Sequence[WindowReading], one: WindowReading) -> bool:
    window = group.windows[list(readings).index(one)]
    return any(s < one.span[1] and one.span[0] < e for s, e in window.gold)


def _paragraph_group(question: Question, cut: SentencedArticle) -> Group:
    first, last = cut.index_at(question.paragraph[0]), cut.index_at(question.paragraph[1] - 1)
    windows = consecutive_windows(cut, first, last, PASSAGE_TOKENS, question.gold)
    return Group(question.text, cut.article.title, tuple(windows))


def _article_group(question: Question, cut: SentencedArticle) -> Group:
    """Take the windows that share most with the question, and the right one."""
    last = len(cut.sentences) - 1
    windows = consecutive_windows(cut, 0, last, PASSAGE_TOKENS, question.gold)
    asked = stems_of(question.text)

    def shared(window: Window) -> float:
        first, end = cut.index_at(window.span[0]), cut.index_at(window.span[1] - 1)
        words = frozenset().union(*cut.stems[first : end + 1])
        return sum(cut.idf[word] for word in asked & words)

    windows.sort(key=shared, reverse=True)
    right = [w for w in windows if w.gold][:1]
    chosen = [*right, *(w for w in windows if w not in right)][:5]
    return Group(question.text, cut.article.title, tuple(chosen))
