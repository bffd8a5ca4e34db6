"""Checkpoint → the folder that Ibid reads with: ONNX, quantised, with tokenizer and manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer

from retrieval.onnx_models import MODEL_FILE, write_manifest
from retrieval.reader import MANIFEST_FILE
from retrieval.reader_folders import write_spans_onnx
from training.batches import MAX_TOKENS
from training.model import SpanModel
from training.smoothing import Feeds, smooth

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def write_exact(model: SpanModel, path: Path) -> None:
    """Write a model as ONNX, with the numbers that it was trained in.

    :param model: trained.
    :param path: of the file.
    """
    model.encoder.set_attn_implementation("eager")
    write_spans_onnx(model, _INPUTS, path)


def write_quantised(exact_path: Path, path: Path, samples: Sequence[Feeds]) -> None:
    """Quantise a model to 8-bit integers: weights per channel now, activations when it runs.

    :param exact_path: of the model as it was trained.
    :param path: of the quantised file.
    :param samples: typical inputs; they show which activations need smoothing.
    """
    prepared = path.with_suffix(".prepared.onnx")
    quant_pre_process(str(exact_path), str(prepared), skip_symbolic_shape=True)
    smooth(prepared, samples)
    # reduce_range keeps processors without VNNI from overflowing in sums of 8-bit products.
    quantize_dynamic(
        str(prepared), str(path), weight_type=QuantType.QInt8, per_channel=True, reduce_range=False
    )
    prepared.unlink()


def write_tokenizer(source: Path, path: Path) -> None:
    """Write the tokenizer without the fixed padding and truncation that its file carries.

    :param source: ``tokenizer.json`` of the start weights.
    :param path: of the new file.
    """
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(path))


def write_reader(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a folder that holds model and tokenizer.

    :param folder: the reader's.
    :param manifest: calibration, threshold, figures.
    """
    revision = hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    whole = {
        "name": "ibid-reader",
        "revision": revision,
        "max_tokens": MAX_TOKENS,
        "title_prefix": True,
        **manifest,
    }
    write_manifest(folder, MANIFEST_FILE, whole)
