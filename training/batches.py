"""Groups of windows → tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

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
    offsets: list[tuple[int, int]]
    gold: list[tuple[int, int]]


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
        self.cls = tokenizer.token_to_id("[CLS]")
        self.sep = tokenizer.token_to_id("[SEP]")

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
            [
                self._row(q.ids, t.ids, next(windows), window)
                for window in group.windows
            ]
            for group, q, t in zip(groups, questions, titles, strict=True)
        ]

    def _encode(self, texts: Sequence[str]) -> list[object]:
        return self.tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def _row(self, question, title, encoding, window: Window) -> EncodedWindow:
        head = [self.cls, *question[:MAX_QUESTION_TOKENS], self.sep]
        if title:
            head += [*title[:MAX_TITLE_TOKENS], self.sep]
        room = MAX_TOKENS - len(head) - 1
        offsets = encoding.offsets[:room]
        ids = [*head, *encoding.ids[:room], self.sep]
        return EncodedWindow(ids, len(head), offsets, _token_spans(window.gold, offsets))


def _token_spans(gold, offsets) -> list[tuple[int, int]]:
    """First and last token of each gold span that the row still holds."""
    starts = np.array([o[0] for o in offsets])
    ends = np.array([o[1] for o in offsets])
    spans = []
    for start, end in gold[:MAX_ALTERNATIVES]:
        inside = np.flatnonzero((ends > start) & (starts < end))
        if len(inside) and ends[inside[-1]] >= end:
            spans.append((int(inside[0]), int(inside[-1])))
    return spans


def question_length(row: EncodedWindow, sep: int) -> int:
    """Find where the question ends.

    :param row: encoded.
    :param sep: id of the separator.
    :return: how many tokens the question takes with its two special ones.
    """
    return row.ids.index(sep) + 1


def collate(groups: Sequence[Sequence[EncodedWindow]], sep: int, pad: int = 0) -> Batch:
    """Pad rows to one length.

    :param groups: rows of each question.
    :param sep: id of the separator.
    :param pad: id of the padding.
    :return: the batch.
    """
    rows = [row for group in groups for row in group]
    length = -(-max(len(row.ids) for row in rows) // 8) * 8
    n_alternatives = max(1, max(len(row.gold) for row in rows))
    input_ids = np.full((len(rows), length), pad, dtype=np.int64)
    attention_mask = np.zeros_like(input_ids)
    token_type_ids = np.zeros_like(input_ids)
    can_answer = np.zeros((len(rows), length), dtype=bool)
    starts = np.full((len(rows), n_alternatives), -1, dtype=np.int64)
    ends = np.full_like(starts, -1)
    for i, row in enumerate(rows):
        n = len(row.ids)
        input_ids[i, :n] = row.ids
        attention_mask[i, :n] = 1
        token_type_ids[i, question_length(row, sep) : n] = 1
        can_answer[i, row.first : n - 1] = True
        can_answer[i, 0] = True
        for j, (start, end) in enumerate(row.gold or [(-row.first, -row.first)]):
            starts[i, j] = row.first + start
            ends[i, j] = row.first + end
    group = [k for k, g in enumerate(groups) for _ in g]
    arrays = (input_ids, attention_mask, token_type_ids, can_answer, starts, ends)
    return Batch(*(torch.from_numpy(a) for a in arrays), torch.tensor(group))
