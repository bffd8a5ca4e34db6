"""The loss, worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from training.batches import Batch
from training.model import reading_loss


def batch(starts: list[list[int]], ends: list[list[int]], group: list[int]) -> Batch:
    n = len(starts)
    anything = torch.zeros(n, 3, dtype=torch.long)
    return Batch(
        anything,
        anything,
        anything,
        torch.ones(n, 3, dtype=torch.bool),
        torch.tensor(starts),
        torch.tensor(ends),
        torch.tensor(group),
    )


def test_one_window_is_normalised_for_itself() -> None:
    logits = torch.log(torch.tensor([[1.0, 2.0, 1.0]]))
    loss = reading_loss(logits, logits, batch([[1]], [[2]], [0]), 0.5)
    assert loss.item() == pytest.approx(-math.log(2 / 4 * 1 / 4), abs=1e-4)


def test_any_gold_span_counts() -> None:
    logits = torch.log(torch.tensor([[1.0, 2.0, 1.0]]))
    loss = reading_loss(logits, logits, batch([[1, 2]], [[1, 2]], [0]), 0.5)
    assert loss.item() == pytest.approx(-math.log((2 * 2 + 1 * 1) / 16), abs=1e-4)


def test_windows_of_one_question_share_a_norm() -> None:
    logits = torch.log(torch.tensor([[1.0, 2.0, 1.0], [1.0, 1.0, 4.0]]))
    both = batch([[1], [0]], [[1], [0]], [0, 0])
    alone = batch([[1], [0]], [[1], [0]], [0, 1])
    windows = (-math.log(2 / 4 * 2 / 4) - math.log(1 / 6 * 1 / 6)) / 2
    # Of the spans, "not here" left out: 2 of 2 + 1 + 1 + 4, at the start and at the end.
    together = -math.log(2 / 8 * 2 / 8)
    assert reading_loss(logits, logits, alone, 0.5).item() == pytest.approx(windows, abs=1e-4)
    assert reading_loss(logits, logits, both, 0.5).item() == pytest.approx(
        windows + 0.5 * together, abs=1e-4
    )


def test_a_question_that_no_window_answers_has_nothing_to_share() -> None:
    logits = torch.zeros(2, 3)
    none = batch([[0], [0]], [[0], [0]], [0, 0])
    assert reading_loss(logits, logits, none, 0.5).item() == pytest.approx(
        2 * math.log(3), abs=1e-4
    )


def test_what_cannot_answer_takes_no_probability() -> None:
    logits = torch.tensor([[0.0, 0.0, 9.0]])
    given = batch([[1]], [[1]], [0])
    given.can_answer[0, 2] = False
    assert reading_loss(logits, logits, given, 0.5).item() == pytest.approx(
        2 * math.log(2), abs=1e-4
    )
