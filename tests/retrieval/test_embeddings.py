from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval import embeddings
from retrieval.embeddings import OnnxEncoder, open_encoder
from retrieval.errors import ModelFileError, SettingsError
from retrieval.settings import DEFAULT_ENCODER

TEXTS = [
    "What did Assad say about oil fields?",
    "But Trump has decided to retain a force in the east of the country.",
    "a",
    "?",
    "Он сказал, что решение не стало неожиданностью.",
    "他说这并不奇怪。",
    "قال إن القرار لم يكن مفاجئا.",
    "그는 그 결정이 놀랍지 않다고 말했다.",
    "¡¿Qué?! — 3.14 % … “quoted” ﬁne\u00ad \u200b \U0001f5fc",
    "The war in Syria was about capturing the hearts of the people. " * 100,  # cut at 256
    "Решение президента. " * 200,
    " ".join(str(n) for n in range(150)),  # between 128 and 256 tokens
    "x" * 5000,
    "Line one\nLine two\n\tindented",
]


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of a few kilobytes, with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules.transformer import Transformer
    from sentence_transformers.sentence_transformer.modules.pooling import Pooling
    from transformers import AutoTokenizer, BertConfig, BertModel

    folder = tmp_path_factory.mktemp("small")
    tokenizer = AutoTokenizer.from_pretrained(str(embeddings._packaged_folder()))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    parts = Transformer(str(folder / "bert"), max_seq_length=64)
    model = SentenceTransformer(modules=[parts, Pooling(16, pooling_mode="mean")], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


def copied(encoder_home: Path, home: Path) -> Path:
    """Copy the exported encoder into another home, so that it can be damaged."""
    (source,) = (p for p in (encoder_home / "models").iterdir() if p.is_dir())
    return Path(shutil.copytree(source, home / "models" / source.name))


def test_embeddings_are_those_of_sentence_transformers(encoder: OnnxEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(embeddings._packaged_folder()), device="cpu")
    expected = model.encode(TEXTS, normalize_embeddings=True)
    cosines = (encoder.encode(TEXTS) * expected).sum(axis=1)
    assert cosines.min() >= 0.99999
    assert (encoder.dim, encoder.max_tokens) == (384, model.max_seq_length) == (384, 256)


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder: OnnxEncoder) -> None:
    texts = [*TEXTS[:11], *(f"Lamp number {n}." for n in range(30))]
    matrix = encoder.encode(texts)
    assert matrix.shape == (len(texts), 384)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1.0, atol=1e-3)
    for row in (0, 9, len(texts) - 1):  # batches and padding change nothing
        np.testing.assert_allclose(matrix[row], encoder.encode([texts[row]])[0], atol=1e-5)


def test_a_question_asked_for_twice_is_encoded_once(
    encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = encoder.encode(["Who lit the lamp?"])
    first_row = first[0].copy()
    first[0] = 0.0  # whoever writes into a result changes nobody else's
    monkeypatch.setattr(encoder._model, "run", None)
    np.testing.assert_array_equal(encoder.encode(["Who lit the lamp?"])[0], first_row)


def test_no_text_gives_no_row(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_texts_past_128_tokens_are_told_apart(encoder: OnnxEncoder) -> None:
    # The packaged tokenizer file cuts at 128; the model reads 256.
    same = "lamp " * 150
    one, other = encoder.encode([same + "oil fields", same + "whale bones"])
    assert float(one @ other) < 0.9999


def test_an_encoder_is_exported_once_and_then_only_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("exported again")

    monkeypatch.setattr(embeddings, "_export", refuse)
    said: list[str] = []
    assert open_encoder(DEFAULT_ENCODER, home, report=said.append).name == DEFAULT_ENCODER
    assert said == []


def test_changed_weights_of_the_default_encoder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = tmp_path / "altered"
    altered.mkdir()
    (altered / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(embeddings, "_packaged_folder", lambda: altered)
    with pytest.raises(ModelFileError, match=r"have the SHA-256 .*53aa5117.*reinstall the package"):
        open_encoder(DEFAULT_ENCODER, tmp_path / "home")


def test_the_packaged_weights_are_the_published_ones() -> None:
    assert embeddings._source_of(DEFAULT_ENCODER) == str(embeddings._packaged_folder())


def test_a_folder_can_be_the_encoder(small_folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    said: list[str] = []
    encoder = open_encoder(str(small_folder), tmp_path, report=said.append)
    assert said == [f"Preparing the encoder {small_folder} (once) …"]
    assert (encoder.name, encoder.dim, encoder.max_tokens) == (str(small_folder), 16, 64)
    expected = SentenceTransformer(str(small_folder), device="cpu").encode(
        TEXTS, normalize_embeddings=True
    )
    assert (encoder.encode(TEXTS) * expected).sum(axis=1).min() >= 0.99999


def test_an_encoder_trained_anew_in_the_same_folder_is_another_one(
    small_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(small_folder, tmp_path / "model"))
    before = open_encoder(str(folder), tmp_path)
    weights = folder / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-8:] = b"\x00" * 8
    weights.write_bytes(bytes(raw))
    after = open_encoder(str(folder), tmp_path)
    assert after.revision != before.revision


def test_an_unknown_name_is_one_sentence_that_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^IBID_ENCODER must be .*'no-such-encoder' could"):
        open_encoder("no-such-encoder", tmp_path)
    assert not any(path.is_dir() for path in (tmp_path / "models").iterdir())


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="IBID_ENCODER must be a sentence-transformers model"):
        open_encoder(str(tmp_path / "empty"), tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_cut_or_missing_file_is_one_sentence(
    exported_home: Path, tmp_path: Path, name: str
) -> None:
    folder = copied(exported_home, tmp_path)
    with (folder / name).open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(ModelFileError, match=rf"{name} is not the file that .* delete {folder}"):
        open_encoder(DEFAULT_ENCODER, tmp_path)
    (folder / name).unlink()
    with pytest.raises(ModelFileError, match=rf"{name} is missing; delete {folder}"):
        open_encoder(DEFAULT_ENCODER, tmp_path)


def test_an_export_without_a_manifest_is_made_again(small_folder: Path, tmp_path: Path) -> None:
    before = open_encoder(str(small_folder), tmp_path)
    (manifest,) = (tmp_path / "models").glob("*/encoder.json")
    manifest.unlink()
    assert open_encoder(str(small_folder), tmp_path).revision == before.revision


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format_version": 2}, "has format 2, this version of Ibid reads format 1"),
        ({"checksums": None}, "cannot be read as a model manifest"),
        ({"name": None, "dim": "many"}, "cannot be read as an encoder's manifest"),
        ({"dim": 384}, "cannot be read as an encoder's manifest"),
        ({}, "cannot be read as an encoder's manifest"),
    ],
)
def test_a_damaged_manifest_is_one_sentence(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    (tmp_path / "encoder.json").write_text(
        json.dumps({"format_version": 1, "checksums": {}, **change})
    )
    with pytest.raises(ModelFileError, match=sentence):
        OnnxEncoder(tmp_path)


def test_a_failed_export_leaves_nothing_behind(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object, folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(embeddings, "_write_onnx", fail)
        with pytest.raises(KeyboardInterrupt):
            open_encoder(str(small_folder), tmp_path)
    assert not any(path.is_dir() for path in (tmp_path / "models").iterdir())
    assert open_encoder(str(small_folder), tmp_path).dim == 16


def test_an_export_that_gives_other_embeddings_is_refused(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "_LEAST_COSINE", 1.1)
    with pytest.raises(ModelFileError, match="gives other embeddings as ONNX"):
        open_encoder(str(small_folder), tmp_path)
    assert not any(path.is_dir() for path in (tmp_path / "models").iterdir())
