"""A reader whose logits are looked up by word, so that every score can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from retrieval.onnx_models import MODEL_FILE, TOKENIZER_FILE, write_manifest
from retrieval.reader import MANIFEST_FILE

Logits = Mapping[str, tuple[float, float]]
"""word → its logit as the start and as the end of the answer; others have −5, "[CLS]" 0."""

MANIFEST: dict[str, Any] = {
    "name": "tiny",
    "revision": "0123456789abcdef",
    "max_tokens": 64,
    "title_prefix": True,
    "reads": 6,
}


def calibration(most_passages: int = 9, **given: object) -> dict[str, Any]:
    """Make a calibration as a manifest holds it: by default that of the margin alone."""
    plain = {"null": 1.0, "lexical": 0.0, "dense": 0.0, "retrieval": 0.0}
    alone = {"ranking": plain, "bias": 0.0, "weights": {"margin": 1.0}, "abstain_below": 0.4}
    return {"most_passages": most_passages, **alone, **given}


def make_tokenizer(text: str) -> Tokenizer:
    """Make a tokenizer that knows the lower-case words of a text."""
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words = {word for word, _ in pre_tokenizer.pre_tokenize_str(text.lower())}
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(words)]
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]")
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def write_reader(
    folder: Path,
    logits: Logits,
    text: str,
    *,
    outputs: tuple[str, str] = ("start_logits", "end_logits"),
    **manifest: object,
) -> Path:
    """Write a reader that knows the words of a text."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(text)
    tokenizer.save(str(folder / TOKENIZER_FILE))
    table = np.full((tokenizer.get_vocab_size(), 2), -5.0, dtype=np.float32)
    for word, pair in {"[CLS]": (0.0, 0.0), **logits}.items():
        table[tokenizer.token_to_id(word)] = pair
    _write_model(folder / MODEL_FILE, table, outputs)
    whole = {**MANIFEST, "calibrations": [calibration()], **manifest}
    write_manifest(folder, MANIFEST_FILE, whole)
    return folder


def _write_model(path: Path, table: np.ndarray[Any, Any], outputs: tuple[str, str]) -> None:
    shape = ["passages", "tokens"]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", [f"table_{i}", "input_ids"], [name])
            for i, name in enumerate(outputs)
        ],
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in outputs],
        [numpy_helper.from_array(table[:, i].copy(), f"table_{i}") for i in range(2)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
