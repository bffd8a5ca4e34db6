"""A training that can be stopped after any step and taken up again."""

from __future__ import annotations

import copy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from retrieval.errors import SettingsError
from training.batches import EncodedWindow, WindowEncoder, collate, pack
from training.exchanges import ALONE, Exchange
from training.model import SpanModel, reading_loss
from training.samples import GroupStream, Mixture, StreamPlace
from training.schedules import TrainingSettings, learning_rate_factor, mixture_at

State = dict[str, Any]


class Learner:
    """Trains a model on a stream of groups, keeping a moving average of its weights.

    :param settings: what decides the outcome.
    :param stream: of groups.
    :param encoder: turns groups into rows.
    :param model: with start weights.
    :param exchange: with the other processes that train the same model.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        stream: GroupStream,
        encoder: WindowEncoder,
        model: SpanModel,
        exchange: Exchange = ALONE,
    ) -> None:
        self.settings = settings
        self.exchange = exchange
        self.model = model
        self.average = copy.deepcopy(model)
        self.step = 0
        self.n_windows = 0
        self.seconds = 0.0
        self._stream = stream
        self._encoder = encoder
        self._optimizer = _optimizer(model, settings)
        self._chunk_start = StreamPlace()
        self._next_place = StreamPlace()
        self._mixture = Mixture()
        self._batches: list[list[list[EncodedWindow]]] = []
        self._done_batches = 0

    def run_step(self, progress: float) -> float:
        """Train on one batch.

        :param progress: 0 at the start to 1 at the end, sets the learning rate.
        :return: the loss.
        """
        n_processes = len(self.exchange.rows)
        if self._done_batches + n_processes > len(self._batches):
            self._mixture = mixture_at(progress, self.settings)
            self._load_chunk(self._next_place)
        rows = self._batches[self._done_batches + self.exchange.rank]
        batch = collate(rows, self._encoder.separator)
        factor = learning_rate_factor(progress, self.settings.warm_up)
        for part in self._optimizer.param_groups:
            part["lr"] = part["top_lr"] * factor
        starts, ends = self.model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        loss = reading_loss(starts, ends, batch, self.settings.shared_weight)
        loss.backward()  # type: ignore[no-untyped-call]
        if n_processes > 1:
            self._share_gradients()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.step += 1
        self._done_batches += n_processes
        self.n_windows += len(batch.input_ids) * n_processes
        self._update_average()
        return float(loss.detach())

    def state(self) -> State:
        """Collect what a checkpoint needs: plain values and tensors."""
        return {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "chunk_start": asdict(self._chunk_start),
            "mixture": asdict(self._mixture),
            "done_batches": self._done_batches,
            "step": self.step,
            "n_windows": self.n_windows,
            "seconds": self.seconds,
        }

    def restore(self, state: State) -> None:
        """Take up where :meth:`state` was collected.

        :param state: of a training with the same settings and data.
        :raises SettingsError: if it was another training.
        """
        if state["settings"] != asdict(self.settings):
            raise SettingsError(
                "The checkpoint is of a training with other settings; name another folder with "
                "--checkpoints, or start anew with --no-resume."
            )
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._mixture = Mixture(**state["mixture"])
        self._load_chunk(StreamPlace(**state["chunk_start"]))
        self._done_batches = state["done_batches"]
        self.step = state["step"]
        self.n_windows = state["n_windows"]
        self.seconds = state["seconds"]

    def _share_gradients(self) -> None:
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        mean = self.exchange.mean(torch.cat([g.flatten() for g in gradients]))
        parts = torch.split(mean, [g.numel() for g in gradients])
        for own, shared in zip(gradients, parts, strict=True):
            own.copy_(shared.view_as(own))

    def _update_average(self) -> None:
        # The first steps move far from where the average should end: it follows them faster.
        decay = min(self.settings.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for ours, theirs in zip(
                self.average.parameters(), self.model.parameters(), strict=True
            ):
                if theirs.requires_grad:
                    ours.lerp_(theirs, 1 - decay)

    def _load_chunk(self, place: StreamPlace) -> None:
        self._chunk_start = place
        groups, self._next_place = self._stream.chunk(place, self._mixture)
        kept = [
            rows
            for rows, group in zip(self._encoder.encode(groups), groups, strict=True)
            # A gold span cut off with the end of a long window would be taught as "not here".
            if all(bool(r.gold) == bool(w.gold) for r, w in zip(rows, group.windows, strict=True))
        ]
        self._batches = pack(kept, self.settings.batch_tokens, place.chunk)
        self._done_batches = 0


def save_checkpoint(path: Path, state: State) -> None:
    """Write beside and swap in, so that a killed training leaves the old checkpoint.

    :param path: of the checkpoint.
    :param state: of the learner.
    """
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def load_checkpoint(path: Path) -> State:
    """Read a checkpoint.

    :param path: as :func:`save_checkpoint` left it.
    :return: the learner's state.
    :raises SettingsError: if it cannot be read.
    """
    try:
        state: State = torch.load(path, weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler meets
        raise SettingsError(
            f"The checkpoint {path} cannot be read; delete it, or start anew with --no-resume."
        ) from error
    return state


def _optimizer(model: SpanModel, settings: TrainingSettings) -> torch.optim.AdamW:
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    plain = [p for n, p in named if p.ndim < 2]
    head = [p for n, p in named if p.ndim >= 2 and n.startswith("head")]
    body = [p for n, p in named if p.ndim >= 2 and not n.startswith("head")]
    top = settings.learning_rate
    return torch.optim.AdamW(
        [
            {"params": body, "top_lr": top, "weight_decay": settings.weight_decay},
            {"params": plain, "top_lr": top, "weight_decay": 0.0},
            {"params": head, "top_lr": top * settings.head_factor, "weight_decay": 0.0},
        ],
        lr=top,
        betas=(0.9, 0.98),
        fused=True,
    )
