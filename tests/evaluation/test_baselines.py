from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.baselines import (
    ABSTAIN,
    BASELINES,
    Embeddings,
    Task,
    bm25_sentence,
    cached_baselines,
    first_two_sentences,
    langchain_chunk,
)
from evaluation.judgments import Judgment
from retrieval.domain import Document
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder
from tests.fakes import LIGHTHOUSE

OTHER = Document.from_text(
    "Paraffin came to the island late. The lighthouse cost nothing. Nobody paid.",
    title="Another lighthouse",
    source="other.txt",
)
DOCUMENTS = {document.doc_id: document for document in (LIGHTHOUSE, OTHER)}


def _task(*questions: str, within_document: bool = True, doc_id: str | None = None) -> Task:
    encoder = FakeEncoder(dim=256)
    judgments = [
        Judgment(str(i), question, doc_id or LIGHTHOUSE.doc_id, True)
        for i, question in enumerate(questions)
    ]
    settings = Settings(home=Path("none"), index_path=Path("none"))
    return Task(DOCUMENTS, judgments, within_document, encoder, Embeddings(encoder), settings)


@pytest.mark.parametrize("name", list(BASELINES))
def test_every_baseline_answers_every_question_with_quotes_that_stand(
    name: str, tmp_path: Path
) -> None:
    task = _task("What did it cost?", "¿?", "When did the parish switch to paraffin?")
    predictions = cached_baselines(task, "hash", tmp_path, [name])[name]
    assert list(predictions) == ["0", "1", "2"]
    for prediction in predictions.values():
        assert prediction.abstained is (name == ABSTAIN)
        for citation in prediction.citations:
            assert citation.span.of(LIGHTHOUSE.text) == citation.quote


def test_bm25_finds_the_sentence_with_the_rarest_words() -> None:
    (record,) = bm25_sentence(_task("What did the parish use after whale oil?"))
    assert record["citations"][0]["quote"].startswith("She burned whale oil until 1852")


def test_the_scope_decides_which_document_may_be_cited() -> None:
    question = "When did paraffin come to the island?"
    (within,) = bm25_sentence(_task(question))
    (anywhere,) = bm25_sentence(_task(question, within_document=False))
    assert within["citations"][0]["doc_id"] == LIGHTHOUSE.doc_id
    assert anywhere["citations"][0]["doc_id"] == OTHER.doc_id


def test_the_shortcut_cites_the_first_two_sentences_of_a_passage() -> None:
    (record,) = first_two_sentences(_task("Who paid?", doc_id=OTHER.doc_id))
    assert record["citations"][0]["quote"] == (
        "Paraffin came to the island late. The lighthouse cost nothing."
    )


def test_the_tutorials_chunk_is_cited_whole() -> None:
    (record,) = langchain_chunk(_task("Who paid?", doc_id=OTHER.doc_id))
    assert record["citations"][0]["quote"] == OTHER.text


def test_baselines_are_made_once_for_the_same_data(tmp_path: Path) -> None:
    told: list[str] = []
    for data_hash in ("one", "one", "two"):
        cached_baselines(_task("Who?"), data_hash, tmp_path, ["dense sentence"], report=told.append)
    assert len(told) == 2


def test_every_text_is_encoded_once() -> None:
    task = _task("Who?", "Who?", "Why?")
    encoder = task.encoder
    assert isinstance(encoder, FakeEncoder)
    for name in ("dense sentence", "first two sentences", "LangChain chunk"):
        BASELINES[name](task)
    assert len(encoder.encoded) == len(set(encoder.encoded))
