"""The same seed gives the same weights, stopped on the way or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from retrieval.errors import SettingsError
from tests.training.tiny import make_corpus, make_model, make_tokenizer
from training.batches import WindowEncoder
from training.exchanges import ALONE, Exchange
from training.learner import Learner, load_checkpoint, save_checkpoint
from training.samples import GroupStream
from training.schedules import TrainingSettings
from training.windows import cut_articles


def learner(random_seed: int = 1, exchange: Exchange = ALONE) -> Learner:
    corpus = make_corpus()
    tokenizer = make_tokenizer(*(q.text for q in corpus.questions), "Computers")
    encoder = WindowEncoder(tokenizer)
    cut = cut_articles(corpus.articles.values(), encoder.count_tokens)
    settings = TrainingSettings(learning_rate=0.01, batch_tokens=64, random_seed=random_seed)
    stream = GroupStream(corpus, cut, random_seed)
    return Learner(settings, stream, encoder, make_model(tokenizer), exchange)


def weights(one: Learner) -> list[torch.Tensor]:
    return [*one.model.parameters(), *one.average.parameters()]


def run(one: Learner, first: int, last: int) -> list[float]:
    return [one.run_step(step / 10) for step in range(first, last)]


def test_two_trainings_agree() -> None:
    one, other = learner(), learner()
    assert run(one, 0, 2) == run(other, 0, 2)
    assert all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_the_seed_matters() -> None:
    assert run(learner(1), 0, 2) != run(learner(2), 0, 2)


def test_a_resumed_training_ends_where_the_whole_one_does(tmp_path: Path) -> None:
    whole, stopped, resumed = learner(), learner(), learner()
    losses = run(whole, 0, 4)
    run(stopped, 0, 2)
    save_checkpoint(tmp_path / "c.pt", stopped.state())
    resumed.restore(load_checkpoint(tmp_path / "c.pt"))
    assert run(resumed, 2, 4) == losses[2:]
    assert resumed.step == 4
    assert all(torch.equal(a, b) for a, b in zip(weights(whole), weights(resumed), strict=True))


def test_learning_lowers_the_loss() -> None:
    one = learner()
    losses = run(one, 1, 9) + [one.run_step(0.5) for _ in range(60)]
    assert sum(losses[-5:]) < sum(losses[:5])


def test_the_average_lags_behind() -> None:
    one = learner()
    run(one, 0, 3)
    pairs = list(zip(one.model.parameters(), one.average.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_a_checkpoint_of_other_settings_is_refused() -> None:
    one = learner(1)
    run(one, 0, 1)
    with pytest.raises(SettingsError, match="other settings"):
        learner(2).restore(one.state())


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.pt").write_bytes(b"nothing")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_checkpoint(tmp_path / "c.pt")
