"""Activations with outliers → activations that 8 bits can hold, with the same results.

After SmoothQuant (Xiao and others, 2023, arXiv 2211.10438): one step of 1/255 of the largest
activation is coarse for all channels when one channel is ten times as large as the others, as
behind a transformer's norms. So a channel is divided by a factor, and the weights that it meets are
multiplied by it: weights are quantised per column, where rows of unlike size do less harm. Here
activations are quantised as they come and cannot be divided inside the norm, whose result the
residual needs too: a multiplication of its own does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from tokenizers import Tokenizer

Feeds = Mapping[str, npt.NDArray[np.int64]]
"""Input name → 1 x n_tokens."""

_ALPHA = 0.8  # how much of an outlier goes over to the weights; README.md has others' figures
# The two products of each feed-forward layer: four fifths of what quantising changes.
_FEED_FORWARD = ("/intermediate/dense/MatMul", "/output/dense/MatMul")
_ATTENTION = "/attention/"
_LEAST = 1e-4


def sample_feeds(tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> list[Feeds]:
    """Tokenize questions with passages.

    :param tokenizer: of the model.
    :param pairs: question and passage; some dozens show the channels' ranges.
    """
    return [
        {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
        }
        for encoding in tokenizer.encode_batch(list(pairs))
    ]


def smooth(path: Path, samples: Sequence[Feeds]) -> None:
    """Smooth the feed-forward layers of a model in place; what it computes stays the same.

    :param path: of an ONNX model whose products have the names that torch's exporter gives.
    :param samples: inputs that are typical.
    """
    model = onnx.load(str(path))
    nodes = [node for node in model.graph.node if _is_feed_forward(node.name)]
    largest = _largest_activations(model, [node.input[0] for node in nodes], samples)
    weights = {one.name: one for one in model.graph.initializer}
    for node in nodes:
        weight = numpy_helper.to_array(weights[node.input[1]])
        rows = np.maximum(np.abs(weight).max(axis=1), _LEAST)
        factor = largest[node.input[0]] ** _ALPHA / rows ** (1 - _ALPHA)
        factor = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
        weights[node.input[1]].CopyFrom(
            numpy_helper.from_array(weight * factor[:, None], node.input[1])
        )
        _divide(model.graph, node, factor)
    onnx.save(model, str(path))


def _is_feed_forward(name: str) -> bool:
    return name.endswith(_FEED_FORWARD) and _ATTENTION not in name


def _largest_activations(
    model: onnx.ModelProto, names: Sequence[str], samples: Sequence[Feeds]
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the largest absolute value of each channel, by the name of what holds it."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    kinds = onnx.TensorProto.FLOAT
    probe.graph.output.extend(helper.make_tensor_value_info(n, kinds, None) for n in names)
    options = onnxruntime.SessionOptions()
    # Optimising would fuse away what is looked at.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options)
    inputs = [node.name for node in session.get_inputs()]
    largest: dict[str, npt.NDArray[np.float32]] = {}
    for feeds in samples:
        values = session.run(list(names), {name: feeds[name] for name in inputs})
        for name, value in zip(names, values, strict=True):
            top = np.maximum(np.abs(value).reshape(-1, value.shape[-1]).max(axis=0), _LEAST)
            largest[name] = np.maximum(largest.get(name, top), top)
    return largest


def _divide(graph: onnx.GraphProto, node: onnx.NodeProto, factor: npt.NDArray[np.float32]) -> None:
    """Divide a node's input by a factor for each channel."""
    smoothed = f"{node.name}/smoothed"
    graph.initializer.append(numpy_helper.from_array(1 / factor, f"{smoothed}/by"))
    division = helper.make_node("Mul", [node.input[0], f"{smoothed}/by"], [smoothed], smoothed)
    graph.node.insert(list(graph.node).index(node), division)
    node.input[0] = smoothed
