"""What is written is what was trained, and the reader that ships can read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from retrieval.domain import Passage, ScoredPassage, Span
from retrieval.onnx_models import MODEL_FILE, TOKENIZER_FILE
from retrieval.reader import SpanReader
from tests.fake_encoder import FakeEncoder
from tests.training.tiny import TEXT, make_model, make_tokenizer
from training.batches import Group, WindowEncoder, collate
from training.export import write_exact, write_quantised, write_reader, write_tokenizer
from training.releases import provisional
from training.smoothing import sample_feeds
from training.windows import Window

QUESTION = "who wrote the program"


def test_the_shipped_reader_scores_as_the_trained_model_does(tmp_path: Path) -> None:
    tokenizer = make_tokenizer(QUESTION, "Computers")
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(8)
    tokenizer.save(str(tmp_path / "start.json"))
    model = make_model(tokenizer)
    write_exact(model, tmp_path / MODEL_FILE)
    write_tokenizer(tmp_path / "start.json", tmp_path / TOKENIZER_FILE)
    write_reader(tmp_path, provisional())
    passage = ScoredPassage(Passage("d", Span(0, len(TEXT)), TEXT), 0.5, 1)
    (best, *_) = SpanReader(FakeEncoder(), tmp_path).find(QUESTION, [passage], {"d": "Computers"})

    tokenizer.no_padding()
    tokenizer.no_truncation()
    encoder = WindowEncoder(tokenizer)
    rows = encoder.encode([Group(QUESTION, "Computers", (Window((0, 1), TEXT, ()),))])
    batch = collate(rows, encoder.separator)
    with torch.no_grad():
        starts, ends = model(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    first, n = rows[0][0].first, len(rows[0][0].offsets)
    sums = (starts[0, first : first + n, None] + ends[0, None, first : first + n]).numpy()
    backwards = np.tril(np.full((n, n), -99.0), -1)
    assert best.logit == pytest.approx((np.triu(sums) + backwards).max(), abs=1e-5)
    assert best.null == pytest.approx(float(starts[0, 0] + ends[0, 0]), abs=1e-5)


def test_the_quantised_model_gives_nearly_the_same_numbers(tmp_path: Path) -> None:
    tokenizer = make_tokenizer(QUESTION)
    model = make_model(tokenizer)
    tokenizer.save(str(tmp_path / TOKENIZER_FILE))
    passage = ScoredPassage(Passage("d", Span(0, len(TEXT)), TEXT), 0.5, 1)
    found = []
    write_exact(model, tmp_path / "exact.onnx")
    samples = sample_feeds(tokenizer, [(QUESTION, TEXT)])
    for quantised in (False, True):
        if quantised:
            write_quantised(tmp_path / "exact.onnx", tmp_path / MODEL_FILE, samples)
        else:
            write_exact(model, tmp_path / MODEL_FILE)
        write_reader(tmp_path, provisional())
        found.append(SpanReader(FakeEncoder(), tmp_path).find(QUESTION, [passage], {})[0])
    assert abs(found[0].logit - found[1].logit) < 0.2
    assert abs(found[0].null - found[1].null) < 0.2
