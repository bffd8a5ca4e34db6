from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.embeddings import OnnxEncoder
from retrieval.errors import ModelFileError
from retrieval.onnx_models import OnnxModel, encodable, read_manifest, write_manifest


def model_folder(folder: Path) -> Path:
    """Return a folder with a manifest over two files of no use."""
    (folder / "model.onnx").write_bytes(b"model")
    (folder / "tokenizer.json").write_bytes(b"tokenizer")
    write_manifest(folder, "model.json", {"name": "é"})
    return folder


def test_a_manifest_comes_back_with_the_files_checksums(tmp_path: Path) -> None:
    manifest = read_manifest(model_folder(tmp_path), "model.json", "do it again")
    assert manifest["name"] == "é"
    assert set(manifest["checksums"]) == {"model.onnx", "tokenizer.json"}


def test_what_is_wrong_with_a_model_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"model\.json is missing\); do it again\."):
        read_manifest(tmp_path, "model.json", "do it again")
    folder = model_folder(tmp_path)
    (folder / "model.onnx").write_bytes(b"Model")
    with pytest.raises(ModelFileError, match=r"model\.onnx is not the file .*; do it again\."):
        read_manifest(folder, "model.json", "do it again")
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelFileError, match=r"model\.onnx is missing; do it again\."):
        read_manifest(folder, "model.json", "do it again")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "3", "null"])
def test_a_manifest_that_is_none_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelFileError, match="cannot be read as a model manifest"):
        read_manifest(tmp_path, "model.json", "do it again")


def test_another_format_is_told_apart_from_damage(tmp_path: Path) -> None:
    path = model_folder(tmp_path) / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 9}))
    with pytest.raises(ModelFileError, match=r"has format 9, .* reads format 1; do it again\."):
        read_manifest(tmp_path, "model.json", "do it again")


def test_files_that_are_no_model_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        OnnxModel(model_folder(tmp_path), max_tokens=16)


def test_the_tokenizer_cuts_where_it_is_told_and_counts_beyond(exported_home: Path) -> None:
    (folder,) = (p for p in (exported_home / "models").iterdir() if p.is_dir())
    model = OnnxModel(folder, max_tokens=16, threads=1)
    encoding = model.tokenizer.encode("lamp " * 100)
    assert len(encoding.ids) == 16  # neither cut at 128 nor padded to it
    assert len(model.tokenizer.encode("lamp").ids) == 3
    assert model.count_tokens("lamp " * 100) == 100


def test_padding_a_batch_changes_no_row(encoder: OnnxEncoder) -> None:
    model = encoder._model
    short, long = (model.tokenizer.encode(text) for text in ("lamp", "oil field " * 50))
    together = model.run([short, long], ["sentence_embedding"])[0]
    alone = model.run([short], ["sentence_embedding"])[0]
    np.testing.assert_allclose(together[0], alone[0], atol=1e-5)


def test_a_text_with_a_lone_surrogate_is_counted_and_encoded(encoder: OnnxEncoder) -> None:
    text = "broken \ud83d emoji 🗼"
    assert len(encodable(text)) == len(text)
    assert encoder.count_tokens(text) == encoder.count_tokens("broken ? emoji 🗼")
    assert encoder.encode([text]).shape == (1, 384)
