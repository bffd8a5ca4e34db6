"""Smoothing changes how numbers are spread, not what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from tests.training.tiny import TEXT, make_model, make_tokenizer
from training.export import write_exact
from training.smoothing import Feeds, sample_feeds, smooth

QUESTION = "who wrote the program"


@pytest.fixture
def samples() -> list[Feeds]:
    return sample_feeds(make_tokenizer(QUESTION), [(QUESTION, TEXT)])


@pytest.fixture
def exact(tmp_path: Path) -> Path:
    """A model one of whose channels is far larger than the others, and says little."""
    model = make_model(make_tokenizer(QUESTION))
    with torch.no_grad():
        for name, values in model.named_parameters():
            if name.endswith("intermediate.dense.bias"):
                values[0] += 60.0
            elif name.endswith("output.dense.weight") and "attention" not in name:
                values.mul_(50.0)  # so that the feed-forward layer decides what comes out
                values[:, 0] *= 1e-4
    write_exact(model, tmp_path / "exact.onnx")
    return tmp_path / "exact.onnx"


def run(path: Path, feeds: Feeds) -> npt.NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(path))
    given = {node.name: feeds[node.name] for node in session.get_inputs()}
    return np.stack(session.run(None, given))


def copied(path: Path, name: str) -> Path:
    copy = path.with_name(name)
    copy.write_bytes(path.read_bytes())
    return copy


def test_a_smoothed_model_computes_the_same(exact: Path, samples: list[Feeds]) -> None:
    smoothed = copied(exact, "smoothed.onnx")
    smooth(smoothed, samples)
    np.testing.assert_allclose(run(smoothed, samples[0]), run(exact, samples[0]), atol=1e-4)

    def weights(path: Path) -> dict[str, npt.NDArray[np.float32]]:
        return {w.name: numpy_helper.to_array(w) for w in onnx.load(str(path)).graph.initializer}

    before, after = weights(exact), weights(smoothed)
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    n_layers = sum("intermediate.dense.bias" in name for name in before)
    assert len(changed) == 2 * n_layers  # both products of each feed-forward layer


def test_a_channel_far_larger_than_the_others_costs_less_when_smoothed(
    exact: Path, samples: list[Feeds]
) -> None:
    wanted = run(exact, samples[0])
    smoothed = copied(exact, "smoothed.onnx")
    smooth(smoothed, samples)

    def error(path: Path) -> float:
        quantised = path.with_suffix(".int8.onnx")
        quantize_dynamic(str(path), str(quantised), weight_type=QuantType.QInt8, per_channel=True)
        return float(np.abs(run(quantised, samples[0]) - wanted).mean())

    assert error(smoothed) < 0.7 * error(exact)
