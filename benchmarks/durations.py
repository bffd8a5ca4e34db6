"""Calls → how long they took, one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Durations:
    """How long a kind of call took.

    :param n: calls.
    :param p50: seconds, the median.
    :param p95: seconds.
    """

    n: int
    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Durations:
        """Sum up measured seconds."""
        values = np.fromiter(seconds, dtype=np.float64)
        p50, p95 = np.percentile(values, (50, 95))
        return cls(len(values), float(p50), float(p95))


def timed(call: Callable[[Item], object], items: Iterable[Item]) -> Durations:
    """Call once for each item, one after another."""
    return Durations.of(seconds_of(call, item) for item in items)


def seconds_of(call: Callable[[Item], object], item: Item) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    call(item)
    return time.perf_counter() - began
