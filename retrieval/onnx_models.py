"""Transformer models as ONNX files: tokenizer beside model, a manifest with checksums.

The only module that knows onnxruntime and tokenizers. Neither torch nor transformers is imported
here, because this is what a question passes through: onnxruntime starts in a tenth of their time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from retrieval.checksums import checksum_of
from retrieval.errors import ModelFileError

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
FORMAT_VERSION = 1


def write_manifest(folder: Path, name: str, manifest: Mapping[str, Any]) -> None:
    """Write ``name`` with the checksums of the model and the tokenizer that lie in ``folder``."""
    checksums = {file: checksum_of(folder / file) for file in (MODEL_FILE, TOKENIZER_FILE)}
    whole = {"format_version": FORMAT_VERSION, **manifest, "checksums": checksums}
    (folder / name).write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")


def read_manifest(folder: Path, name: str, what_to_do: str) -> dict[str, Any]:
    """Read a model folder's manifest and compare the files with it.

    :param folder: the model folder.
    :param name: the manifest's file name.
    :param what_to_do: a clause for the error sentence, such as "delete the folder …".
    :raises ModelFileError: if a file is missing or altered, or the format is another one.
    """
    path = folder / name
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version, checksums = manifest["format_version"], dict(manifest["checksums"])
    except FileNotFoundError as error:
        raise ModelFileError(
            f"There is no model in {folder} ({name} is missing); {what_to_do}."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(
            f"{path} cannot be read as a model manifest ({error}); {what_to_do}."
        ) from error
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} has format {version}, this version of Ibid reads format {FORMAT_VERSION}; "
            f"{what_to_do}."
        )
    for file, expected in checksums.items():
        if not (folder / file).is_file():
            raise ModelFileError(f"{folder / file} is missing; {what_to_do}.")
        if checksum_of(folder / file) != expected:
            raise ModelFileError(
                f"{folder / file} is not the file that was put there "
                f"(its checksum differs from the manifest's); {what_to_do}."
            )
    return dict(manifest)


def encodable(text: str) -> str:
    """Return a text, as long as it was, with ``?`` for lone surrogates, which tokenizers refuse."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class OnnxModel:
    """A model and its tokenizer, ready to run.

    :param folder: holds ``model.onnx`` and ``tokenizer.json``, already compared with a manifest.
    :param max_tokens: longest input, special tokens included; longer ones are cut on the right.
    :param threads: for one run; by default as many as there are processors, four at most.
    """

    def __init__(self, folder: Path, *, max_tokens: int, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(4, len(os.sched_getaffinity(0)))
        options.inter_op_num_threads = 1
        # Spinning threads steal the processor from whoever else is answering.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self.session = onnxruntime.InferenceSession(
                str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
            )
            self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelFileError(f"The model in {folder} cannot be loaded: {error}") from error
        # Files often carry their own truncation and fixed padding (128 in the packaged encoder).
        padding = self.tokenizer.padding or {}
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()
        self._counting = Tokenizer.from_str(self.tokenizer.to_str())
        self._counting.no_truncation()
        self._pad_id = int(padding.get("pad_id", self.tokenizer.token_to_id("[PAD]") or 0))
        self._inputs = [node.name for node in self.session.get_inputs()]

    def count_tokens(self, text: str) -> int:
        """Return the length of ``text`` in tokens, special ones left out, nothing cut."""
        return len(self._counting.encode(encodable(text), add_special_tokens=False).ids)

    def run(
        self, encodings: Sequence[Encoding], outputs: Sequence[str]
    ) -> list[npt.NDArray[np.float32]]:
        """Run one batch.

        :param encodings: tokenized inputs, n of them; padded here to the longest, t tokens.
        :param outputs: names of the outputs wanted.
        :return: one array for each output, its first axis of length n.
        """
        longest = max(len(encoding.ids) for encoding in encodings)
        shape = (len(encodings), longest)
        ids = np.full(shape, self._pad_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            ids[row, :length] = encoding.ids
            mask[row, :length] = 1
            types[row, :length] = encoding.type_ids
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return list(self.session.run(list(outputs), {name: feeds[name] for name in self._inputs}))
