"""A reader's folder, ours or in the transformers format → a reader.

A model in the transformers format is exported once to ONNX (fp32) into Ibid's folder, as the
encoder is; after that neither torch nor transformers is needed. They are imported inside functions.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import ModelFileError, SettingsError
from retrieval.interfaces import Encoder
from retrieval.model_folders import make_once
from retrieval.onnx_models import MODEL_FILE, TOKENIZER_FILE, OnnxModel, write_manifest
from retrieval.reader import MANIFEST_FILE, OUTPUTS, SpanReader

if TYPE_CHECKING:
    import torch

MANY_PASSAGES = 1_000_000
UNCALIBRATED: Mapping[str, Any] = {
    "reads": 6,
    "calibrations": [
        {
            "most_passages": MANY_PASSAGES,
            "ranking": {"null": 0.5, "lexical": 8.0, "dense": 8.0, "retrieval": 4.0, "unfit": 2.0},
            "bias": 0.0,
            "weights": {"margin": 1.0},
            "abstain_below": 0.5,
        }
    ],
}
"""What a manifest says before anything was measured: sure where the span outweighs "not here"."""

_CONFIG = "config.json"
_LAYOUT = 2  # of the manifest: an export of another layout is made anew
_LONGEST = 384  # tokens: what models of this kind were trained with
_MOST_APART = 1e-3
_PROBES = (
    ("Who wrote the program?", "In 1843 Ada wrote the first program."),
    ("Where?", "Hopper built a compiler in Boston. " * 20),
)

Report = Callable[[str], None]


def open_span_reader(
    folder: Path, encoder: Encoder, home: Path, *, report: Report | None = None
) -> SpanReader:
    """Open a reader, exporting it to ONNX first where it is in the transformers format.

    :param folder: holds ``reader.json``, or an extractive question answering model's
        ``config.json`` with its weights and its tokenizer.
    :param encoder: the encoder of the index.
    :param home: Ibid's folder; exports are kept in ``home/models``.
    :param report: told what is going on when it takes long.
    :raises ModelFileError: if the folder holds neither, or files are damaged.
    :raises SettingsError: if the model cannot be loaded.
    """
    if (folder / MANIFEST_FILE).is_file() or not (folder / _CONFIG).is_file():
        return SpanReader(encoder, folder)
    exported = home / "models" / _exported_name(folder)

    def export(beside: Path) -> None:
        if report is not None:
            report(f"Preparing the reader {folder.name} (once) …")
        _export(folder, beside)

    make_once(exported, MANIFEST_FILE, export)
    return SpanReader(encoder, exported)


def write_spans_onnx(model: torch.nn.Module, names: Sequence[str], path: Path) -> None:
    """Write a model that scores spans as ONNX, with the numbers that it has.

    :param model: called with one tensor for each name, n_passages x n_tokens; gives start and end
        logits of the same shape.
    :param names: of its inputs: ``input_ids``, ``attention_mask`` and maybe ``token_type_ids``.
    :param path: of the file.
    """
    import torch

    ids = torch.arange(32).reshape(2, 16) % 16  # numbers that every vocabulary has
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0  # so that masking is traced
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    with torch.no_grad(), warnings.catch_warnings():
        # The tracing exporter needs no further package; torch calls it deprecated.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            tuple(given[name] for name in names),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=list(names),
            output_names=list(OUTPUTS),
            dynamic_axes={n: {0: "passages", 1: "tokens"} for n in (*names, *OUTPUTS)},
        )


def _exported_name(folder: Path) -> str:
    state = [str(folder.resolve()), f"layout {_LAYOUT}"]
    for file in sorted(folder.glob("*.safetensors")) + sorted(folder.glob("*.bin")):
        state.append(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}")
    return f"reader-{folder.name}-{hashlib.sha256(repr(state).encode()).hexdigest()[:8]}"


def _export(folder: Path, exported: Path) -> None:
    model, tokenizer = _load(folder)
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids")
             if name in tokenizer.model_input_names]  # fmt: skip
    longest = int(min(_LONGEST, model.config.max_position_embeddings, tokenizer.model_max_length))
    write_spans_onnx(_span_scores(model, names), names, exported / MODEL_FILE)
    tokenizer.backend_tokenizer.save(str(exported / TOKENIZER_FILE))
    revision = hashlib.sha256((exported / MODEL_FILE).read_bytes()).hexdigest()
    whole = {"name": folder.name, "revision": revision, "max_tokens": longest}
    write_manifest(exported, MANIFEST_FILE, {**whole, "title_prefix": False, **UNCALIBRATED})
    apart = _distance(model, tokenizer, OnnxModel(exported, max_tokens=longest), longest)
    if apart > _MOST_APART:
        raise ModelFileError(
            f"The reader in {folder} gives other scores as ONNX (apart by {apart:.4f}, at most "
            f"{_MOST_APART} is allowed); choose another with IBID_READER."
        )


def _load(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model, loading = AutoModelForQuestionAnswering.from_pretrained(
            str(folder), attn_implementation="eager", output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(str(folder), use_fast=True)
    except Exception as error:  # anything from a missing file to an unknown architecture
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(
            "IBID_READER must be the folder of an extractive question answering model; "
            f"{folder} could not be loaded ({reason})."
        ) from error
    if any("qa_outputs" in name for name in loading["missing_keys"]):
        raise SettingsError(
            "IBID_READER must be the folder of an extractive question answering model; the model "
            f"in {folder} was not trained to find answers (it has no span head)."
        )
    return model.eval(), tokenizer


def _span_scores(model: Any, names: Sequence[str]) -> torch.nn.Module:
    import torch

    class SpanScores(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            scores = self.inner(**dict(zip(names, tensors, strict=True)))
            return scores.start_logits, scores.end_logits

    return SpanScores()


def _distance(model: Any, tokenizer: Any, exported: OnnxModel, longest: int) -> float:
    """Return how far the exported model's scores are from the model's, at most."""
    import torch

    found = exported.run(exported.tokenizer.encode_batch(list(_PROBES)), OUTPUTS)
    apart = 0.0
    for row, (question, passage) in enumerate(_PROBES):
        given = tokenizer(
            question, passage, truncation=True, max_length=longest, return_tensors="pt"
        )
        with torch.no_grad():
            scores = model(**given)
        for ours, theirs in zip(found, (scores.start_logits, scores.end_logits), strict=True):
            expected = theirs[0].numpy()
            apart = max(apart, float(np.abs(ours[row, : len(expected)] - expected).max()))
    return apart
