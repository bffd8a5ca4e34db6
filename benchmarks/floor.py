"""The least that a cold question can cost: ``floor.py WORK``, none of Ibid's own code.

Imports numpy, faiss, onnxruntime and tokenizers, loads the encoder, runs it on the question, and,
where there is a reader, loads it and runs it once on the passages. ``WORK`` is a JSON file with
the question, the passages and the model folders.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def run_once(folder: str, texts: Sequence[Any], max_tokens: int) -> Any:
    """Load a model and run it on one batch, with the same threads as Ibid."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(4, len(os.sched_getaffinity(0)))
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(Path(folder) / "model.onnx"), options)
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding()
    encodings = tokenizer.encode_batch(list(texts))
    feeds = {
        "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
        "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
    }
    return session.run(None, {node.name: feeds[node.name] for node in session.get_inputs()})[0]


def main() -> None:
    """Run each model once and search a flat index once."""
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    query = run_once(work["encoder"], [work["question"]], work["encoder_tokens"])
    index = faiss.IndexFlatIP(query.shape[1])
    index.add(np.repeat(query, len(work["passages"]), axis=0))
    index.search(query, 1)
    if work["reader"] is not None:
        pairs = [(work["question"], passage) for passage in work["passages"]]
        run_once(work["reader"], pairs, work["reader_tokens"])
    print("done")


if __name__ == "__main__":
    main()
