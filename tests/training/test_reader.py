"""The command: what it promises, and one sentence when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.training.tiny import make_corpus, make_model, make_tokenizer
from training.batches import WindowEncoder
from training.development import build_development
from training.exchanges import ALONE
from training.learner import Learner
from training.reader import Prepared, learn, main, start_folder
from training.samples import GroupStream
from training.schedules import TrainingSettings
from training.stages import mean_of_stages
from training.windows import cut_articles


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "python -m training.reader --minutes 300" in capsys.readouterr().out


def test_missing_data_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", str(tmp_path), "--checkpoints", str(tmp_path / "c"), "--threads", "1"]
    assert main(options) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "documents.jsonl.gz is missing" in error
    assert "Traceback" not in error


def test_start_weights_are_installed() -> None:
    assert (start_folder() / "model.safetensors").is_file()


def test_the_end_of_a_training_is_kept_beside_the_ends_before_it(tmp_path: Path) -> None:
    corpus = make_corpus()
    tokenizer = make_tokenizer(*(q.text for q in corpus.questions), "Computers")
    encoder = WindowEncoder(tokenizer)
    cut = cut_articles(corpus.articles.values(), encoder.count_tokens)
    settings = TrainingSettings(batch_tokens=64, random_seed=1)
    stream = GroupStream(corpus, cut, 1)
    learner = Learner(settings, stream, encoder, make_model(tokenizer), ALONE)
    development = build_development(corpus, cut, 4, 1)
    prepared = Prepared(learner, encoder, development)
    stages = tmp_path / "stages"
    learn(prepared, 0.0, tmp_path / "training.pt", lambda seconds, loss: None)
    first = {name: value.clone() for name, value in mean_of_stages(stages).items()}
    learner.seconds = 60.0
    with torch.no_grad():
        for parameter in learner.average.parameters():
            parameter.add_(2.0)
    learn(prepared, 0.0, tmp_path / "training.pt", lambda seconds, loss: None)
    name = next(name for name, _ in learner.average.named_parameters())
    assert len(list(stages.glob("*.pt"))) == 2
    assert torch.allclose(mean_of_stages(stages)[name], first[name] + 1.0)
