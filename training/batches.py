"""Groups of windows → tensors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer

from training.questions import Range
from training.windows import Window

MAX_TOKENS = 256
MAX_QUESTION_TOKENS = 48
MAX_TITLE_TOKENS = 16
MAX_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Group:
    """A question with the windows whose scores must be comparable.

    :param question: what is asked.
    :param title: of the article; empty for none.
    :param windows: with gold spans where they answer.
    """

    question: str
    title: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class EncodedWindow:
    """One row of a batch.

    :param ids: token ids of question, title and window.
    :param first: index of the window's first token; those before it cannot be answers.
    :param offsets: of the window's tokens in the window's text.
    :param gold: first and last token of each alternative.
    """

    ids: list[int]
    first: int
    offsets: list[Range]
    gold: list[Range]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded to one length, n_rows x n_tokens.

    :param input_ids: token ids.
    :param attention_mask: 0 on padding.
    :param token_type_ids: 0 for the question, 1 for title and window.
    :param can_answer: true where a span may start or end, and on the first token, "not here".
    :param starts: n_rows x n_alternatives; 0 for "not here", -1 for none.
    :param ends: the same for the last token.
    :param group: which question each row belongs to.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    can_answer: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    group: torch.Tensor


class WindowEncoder:
    """Turns groups into rows of token ids.

    :param tokenizer: of the start weights.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        special = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
        self._first = special["[CLS]"] or 0
        self.separator = special["[SEP]"] or 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of many texts, special ones not counted.

        :param texts: any.
        :return: one count each.
        """
        encoded = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(e.ids) for e in encoded]

    def encode(self, groups: Sequence[Group]) -> list[list[EncodedWindow]]:
        """Encode the windows of each group.

        :param groups: the questions.
        :return: rows of each group.
        """
        questions = self._encode([g.question for g in groups])
        titles = self._encode([g.title for g in groups])
        windows = iter(self._encode([w.text for g in groups for w in g.windows]))
        return [
            [self._row(q.ids, t.ids, next(windows), window) for window in group.windows]
            for group, q, t in zip(groups, questions, titles, strict=True)
        ]

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        return list(self.tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def _row(
        self, question: Sequence[int], title: Sequence[int], encoding: Encoding, window: Window
    ) -> EncodedWindow:
        head = [self._first, *question[:MAX_QUESTION_TOKENS], self.separator]
        if title:
            head += [*title[:MAX_TITLE_TOKENS], self.separator]
        room = MAX_TOKENS - len(head) - 1
        offsets = encoding.offsets[:room]
        ids = [*head, *encoding.ids[:room], self.separator]
        return EncodedWindow(ids, len(head), offsets, _token_spans(window.gold, offsets))


def _token_spans(gold: Sequence[Range], offsets: Sequence[Range]) -> list[Range]:
    """Return first and last token of each gold span that the row still holds."""
    starts = np.array([start for start, _ in offsets])
    ends = np.array([end for _, end in offsets])
    spans: list[Range] = []
    for start, end in gold[:MAX_ALTERNATIVES]:
        inside = np.flatnonzero((ends > start) & (starts < end))
        if len(inside) and ends[inside[-1]] >= end:
            spans.append((int(inside[0]), int(inside[-1])))
    return spans


def _question_length(row: EncodedWindow, separator: int) -> int:
    """Return how many tokens the question takes with its two special ones."""
    return row.ids.index(separator) + 1


def collate(groups: Sequence[Sequence[EncodedWindow]], separator: int, padding: int = 0) -> Batch:
    """Pad rows to one length.

    :param groups: rows of each question.
    :param separator: its token id.
    :param padding: its token id.
    :return: the batch.
    """
    rows = [row for group in groups for row in group]
    length = -(-max(len(row.ids) for row in rows) // 8) * 8
    n_alternatives = max(1, max(len(row.gold) for row in rows))
    input_ids = np.full((len(rows), length), padding, dtype=np.int64)
    attention_mask = np.zeros_like(input_ids)
    token_type_ids = np.zeros_like(input_ids)
    can_answer = np.zeros((len(rows), length), dtype=bool)
    starts = np.full((len(rows), n_alternatives), -1, dtype=np.int64)
    ends = np.full_like(starts, -1)
    for i, row in enumerate(rows):
        n = len(row.ids)
        input_ids[i, :n] = row.ids
        attention_mask[i, :n] = 1
        token_type_ids[i, _question_length(row, separator) : n] = 1
        can_answer[i, row.first : n - 1] = True
        can_answer[i, 0] = True
        for j, (start, end) in enumerate(row.gold or [(-row.first, -row.first)]):
            starts[i, j] = row.first + start
            ends[i, j] = row.first + end
    group = [k for k, g in enumerate(groups) for _ in g]
    return Batch(
        torch.from_numpy(input_ids),
        torch.from_numpy(attention_mask),
        torch.from_numpy(token_type_ids),
        torch.from_numpy(can_answer),
        torch.from_numpy(starts),
        torch.from_numpy(ends),
        torch.tensor(group),
    )


def pack(
    groups: list[list[EncodedWindow]], batch_tokens: int, random_seed: int
) -> list[list[list[EncodedWindow]]]:
    """Put groups of like length into batches, batches into random order.

    :param groups: rows of each question.
    :param batch_tokens: the most a batch may hold, padding counted.
    :param random_seed: of the order.
    :return: batches.
    """
    rng = random.Random(random_seed)
    ordered = sorted(groups, key=lambda g: max(len(r.ids) for r in g) + rng.random() * 6)
    batches: list[list[list[EncodedWindow]]] = []
    longest = n_rows = 0
    for group in ordered:
        length = max(longest, *(len(r.ids) for r in group))
        if not batches or (n_rows + len(group)) * length > batch_tokens:
            batches.append([])
            longest = n_rows = 0
            length = max(len(r.ids) for r in group)
        batches[-1].append(group)
        longest, n_rows = length, n_rows + len(group)
    rng.shuffle(batches)
    return batches
