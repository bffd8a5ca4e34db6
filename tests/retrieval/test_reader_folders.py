"""Any extractive question answering model in the transformers format can read for Ibid."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
    DistilBertConfig,
    DistilBertForQuestionAnswering,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from retrieval.answering import open_reader
from retrieval.domain import Passage, ScoredPassage, Span
from retrieval.errors import ModelFileError, SettingsError
from retrieval.reader import SpanReader
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder
from tests.retrieval.tiny_reader import make_tokenizer

TEXT = "In 1843 Ada wrote the first program. Hopper built a compiler in Boston."
QUESTION = "Who wrote the first program?"
WHOLE = ScoredPassage(Passage("d", Span(0, len(TEXT)), TEXT), 0.5, 1)
SIZES = BertConfig(
    vocab_size=64,
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=16,
)


def bert() -> PreTrainedModel:
    torch.manual_seed(1)
    return BertForQuestionAnswering(SIZES)


def distilbert() -> PreTrainedModel:
    torch.manual_seed(1)
    return DistilBertForQuestionAnswering(
        DistilBertConfig(vocab_size=64, dim=16, n_layers=1, n_heads=2, hidden_dim=16)
    )


def save(model: PreTrainedModel, folder: Path) -> Path:
    model.save_pretrained(folder)
    words = f"{TEXT} {QUESTION} Who Where compiler " + "a b c d e f g"
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=make_tokenizer(words))  # type: ignore[no-untyped-call]
    tokenizer.save_pretrained(folder)
    return folder


def settings(home: Path, folder: Path) -> Settings:
    return Settings(home=home, index_path=home / "index", reader=str(folder))


@pytest.mark.parametrize("make", [bert, distilbert])
def test_a_folder_in_the_transformers_format_is_exported_and_reads(
    make: Callable[[], PreTrainedModel], tmp_path: Path
) -> None:
    folder = save(make(), tmp_path / "theirs")
    reported: list[str] = []
    reader = open_reader(settings(tmp_path, folder), FakeEncoder(), report=reported.append)
    assert isinstance(reader, SpanReader)
    assert reported == ["Preparing the reader theirs (once) …"]
    assert reader.name.startswith("theirs@")
    reading = reader.read(QUESTION, [WHOLE], {"d": "Computers"})
    assert all(one.span.of(TEXT).strip() for one in reading.spans)
    assert reading.spans


def test_it_is_exported_once(tmp_path: Path) -> None:
    folder = save(bert(), tmp_path / "theirs")
    open_reader(settings(tmp_path, folder), FakeEncoder())
    (model,) = (tmp_path / "models").glob("reader-theirs-*/model.onnx")
    written = model.stat().st_mtime_ns
    time.sleep(0.01)
    reported: list[str] = []
    open_reader(settings(tmp_path, folder), FakeEncoder(), report=reported.append)
    assert reported == []
    assert model.stat().st_mtime_ns == written


def test_a_model_trained_anew_in_the_same_folder_is_another_one(tmp_path: Path) -> None:
    folder = save(bert(), tmp_path / "theirs")
    before = open_reader(settings(tmp_path, folder), FakeEncoder())
    model = bert()
    with torch.no_grad():
        next(model.parameters()).add_(1)
    model.save_pretrained(folder)
    assert open_reader(settings(tmp_path, folder), FakeEncoder()).name != before.name


def test_a_model_without_a_span_head_is_refused(tmp_path: Path) -> None:
    folder = save(BertModel(SIZES), tmp_path / "encoder")
    with pytest.raises(SettingsError, match="has no span head"):
        open_reader(settings(tmp_path, folder), FakeEncoder())
    assert not list((tmp_path / "models").glob("reader-*/"))


def test_a_broken_folder_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"^IBID_READER must be .* could not be loaded"
    ) as error:
        open_reader(settings(tmp_path, folder), FakeEncoder())
    assert "\n" not in str(error.value)


def test_a_folder_with_neither_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"There is no model in"):
        open_reader(settings(tmp_path, tmp_path / "nothing"), FakeEncoder())
