"""Processes that train one model stay one model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import torch

from tests.training.test_learner import learner, weights
from training.exchanges import ALONE, Exchange
from training.learner import Learner


def pair(n_values: int) -> list[Exchange]:
    rows, barrier = torch.zeros(2, n_values), Barrier(2)
    return [Exchange(rank, rows, barrier) for rank in range(2)]


def test_all_get_the_mean_and_the_first_ones_clock() -> None:
    def meet(exchange: Exchange) -> tuple[list[float], float]:
        own = torch.tensor([1.0, 2.0]) if exchange.rank == 0 else torch.tensor([3.0, 8.0])
        return exchange.mean(own).tolist(), exchange.first(10.0 + exchange.rank)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(meet, pair(5))) == [([2.0, 5.0], 10.0)] * 2


def test_alone_the_clock_is_ones_own() -> None:
    assert ALONE.first(7.5) == 7.5


def test_two_learners_take_different_batches_and_keep_the_same_weights() -> None:
    def train(one: Learner) -> float:
        return [one.run_step(step / 10) for step in range(3)][0]

    # Made one after the other: two threads would share torch's one source of random numbers.
    one, other = (learner(exchange=exchange) for exchange in pair(100_000))
    with ThreadPoolExecutor(2) as pool:
        one_loss, other_loss = pool.map(train, (one, other))
    assert one_loss != other_loss
    assert one.n_windows > 3
    assert all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))
