"""Several processes that train one model: they share gradients once a step.

One process with several threads waits for the slowest of them many hundred times a step, which on
a machine that does other work too costs half of its speed; processes wait for one another once.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Barrier

import torch

_PATIENCE_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where one of the processes meets the others.

    :param rank: its number, from 0.
    :param rows: shared memory, n_processes x n_values.
    :param barrier: shared; waits for all of them.
    """

    rank: int
    rows: torch.Tensor
    barrier: Barrier

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """Average a vector over all processes.

        :param values: at most as many as a row holds.
        :return: the mean, the same everywhere.
        """
        n = len(values)
        self.rows[self.rank, :n] = values
        self.barrier.wait(_PATIENCE_SECONDS)
        mean = self.rows[:, :n].mean(dim=0)
        self.barrier.wait(_PATIENCE_SECONDS)
        return mean

    def first(self, value: float) -> float:
        """Let all processes go by the first one's number.

        :param value: this process's own.
        :return: that of process 0.
        """
        own = value if self.rank == 0 else 0.0
        mean = self.mean(torch.tensor([own]))
        return float(mean[0]) * len(self.rows)


ALONE = Exchange(0, torch.zeros(1, 1), Barrier(1))
"""For a training in one process; its rows are never used."""
