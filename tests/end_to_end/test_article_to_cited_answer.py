"""From the article's file to an answer whose quotations stand in it, through the real encoder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.answering import open_answerer
from retrieval.answers import answer_record
from retrieval.domain import Answer, Document
from retrieval.interfaces import Answerer
from retrieval.sentences import split_sentences
from retrieval.settings import Settings
from tests.conftest import ARTICLE_PATH

ROOT = Path(__file__).parents[2]
FLAGSHIP = "What did Assad say about oil fields?"
# What a question must not wait for.
HEAVY = (
    "torch transformers sentence_transformers langchain langchain_core bm25s scipy sklearn".split()
)


@pytest.fixture(scope="module", params=["", "sentences"], ids=["own reader", "plain reader"])
def answerer(
    request: pytest.FixtureRequest, exported_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Answerer:
    home = tmp_path_factory.mktemp("ibid")
    (home / "models").symlink_to(exported_home / "models")
    return open_answerer(Settings(home=home, index_path=home / "index", reader=request.param))


def check_citations(answer: Answer, article: Document) -> None:
    assert answer.citations
    for citation in answer.citations:
        assert citation.doc_id == article.doc_id
        assert article.text[citation.span.start : citation.span.end] == citation.quote
    used = {number for statement in answer.statements for number in statement.citation_numbers}
    assert used == {citation.number for citation in answer.citations}


def test_the_article_is_the_one_that_was_given() -> None:
    digest = hashlib.sha256(ARTICLE_PATH.read_bytes()).hexdigest()
    assert digest == "45abd5fb752e2471b1c746538b85c3bc0e56d2ad84aabef036ab3cb99673bab3"


def test_what_assad_said_about_oil_fields_is_cited_in_his_words(
    answerer: Answerer, article: Document
) -> None:
    answer = answerer.answer(FLAGSHIP)
    check_citations(answer, article)
    first = answer.citations[0]
    assert first.quote.startswith("Assad said the decision, while not a surprise,")
    assert first.quote.endswith("characteristic of cynical American foreign policy.")
    quotes = " ".join(citation.quote for citation in answer.citations)
    assert '"The Americans always try to loot other countries in different ways' in quotes
    assert "guard oil fields there" not in quotes
    assert {citation.speaker for citation in answer.citations} == {"Bashar al-Assad"}
    assert {citation.kind for citation in answer.citations} == {"reported", "direct"}


@pytest.mark.parametrize(
    "question",
    [
        "What did Bashar al-Assad say about the oil fields?",
        "According to Assad, what do the Americans always try to do?",
    ],
)
def test_other_ways_to_ask_it_find_his_words_too(
    answerer: Answerer, article: Document, question: str
) -> None:
    answer = answerer.answer(question)
    check_citations(answer, article)
    assert answer.citations[0].speaker == "Bashar al-Assad"


def test_a_name_in_small_letters_is_somebody_s_too(answerer: Answerer, article: Document) -> None:
    answer = answerer.answer("what did assad say about oil fields")
    if answer.abstained:  # a careful reader may, but what came near is his all the same
        assert answer.nearest is not None
        assert answer.nearest.speaker == "Bashar al-Assad"
    else:
        check_citations(answer, article)
        assert answer.citations[0].speaker == "Bashar al-Assad"


def test_what_the_article_does_not_hold_is_not_answered(answerer: Answerer) -> None:
    for question in (
        "What did Putin say about the oil fields?",
        "Which singer won the Eurovision contest in 1998?",
    ):
        answer = answerer.answer(question)
        assert answer.abstained, question
        assert answer_record(answer)["citations"] == []


def test_every_question_form_gets_quotations_that_stand(
    answerer: Answerer, article: Document
) -> None:
    for question in (
        "When did the civil war begin?",
        "Did Assad deny responsibility?",
        "Who helped Assad to re-establish control?",
        "Why did the SDF turn to Assad?",
        "Where was the helicopter photographed?",
        "Кто помог Асаду?",
        "石油",
        "oil",
        "🗼 oil?",
    ):
        answer = answerer.answer(question)
        if not answer.abstained:
            check_citations(answer, article)


def test_every_sentence_can_be_asked_for_word_by_word(
    answerer: Answerer, article: Document
) -> None:
    n_found = 0
    sentences = [span for span in split_sentences(article.text) if len(span) > 60]
    for sentence in sentences:
        answer = answerer.answer(sentence.of(article.text).replace("\n", " "))
        n_found += any(c.span.overlaps(sentence) for c in answer.citations)
    assert n_found >= len(sentences) * 0.6


def test_answering_waits_for_no_heavy_library(home: Path) -> None:
    program = (
        "import json, sys\n"
        "from bot.cli import run\n"
        f"status = run(['ask', {FLAGSHIP!r}, '--json'])\n"
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))\n"
        "sys.exit(status)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IBID_")}
    environment["IBID_HOME"] = str(home)
    # The first one indexes the built-in article, the second one is what people wait for.
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
    record, heavy = map(json.loads, ended.stdout.splitlines())
    assert record["abstained"] is False
    assert heavy == []


def test_several_articles_are_told_apart(home: Path, article: Document) -> None:
    from retrieval.embeddings import open_encoder
    from retrieval.indexing import index_documents

    settings = Settings(home=home, index_path=home / "index", reader="sentences")
    other = Document(
        "lamp",
        "The lamp at Fanad Head",
        "lamp.txt",
        "The lighthouse of Fanad was finished in 1817. It burned whale oil until 1852.",
    )
    index_documents([article, other], open_encoder(settings.encoder, home), settings)
    answerer = open_answerer(settings)
    question = "When was the lighthouse of Fanad finished?"
    assert answerer.answer(question).citations[0].doc_id == "lamp"
    elsewhere = answerer.answer(question, doc_ids=[article.doc_id])
    assert all(citation.doc_id == article.doc_id for citation in elsewhere.citations)
