"""Files → articles whose paragraphs stand where the questions say."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import SourceError
from tests.training.tiny import write_lines
from training.questions import Article, Corpus, hold_back, load_corpus


def test_paragraphs_are_joined_in_order_and_gold_moves_along(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "squad11-train.documents.jsonl.gz",
        [
            {"doc_id": "A#6-9", "title": "A", "text": "two"},
            {"doc_id": "A#0-4", "title": "A", "text": "one!"},
        ],
    )
    write_lines(
        tmp_path / "squad11-train.judgments.jsonl.gz",
        [
            {
                "question_id": "q",
                "question": "?",
                "doc_id": "A#6-9",
                "gold_spans": [{"start": 1, "end": 3, "text": "wo"}],
            }
        ],
    )
    corpus = load_corpus(tmp_path, ["squad11-train"])
    (article,) = corpus.articles.values()
    (question,) = corpus.questions
    assert article.text == "one!\n\ntwo"
    assert article.title == "A"
    assert question.paragraph == (6, 9)
    assert [article.text[s:e] for s, e in question.gold] == ["wo"]


def test_titles_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "squadshifts-reddit.documents.jsonl.gz",
        [{"doc_id": "r-0", "title": "Filtered_Reddit_Comments", "text": "hello"}],
    )
    write_lines(tmp_path / "squadshifts-reddit.judgments.jsonl.gz", [])
    (article,) = load_corpus(tmp_path, ["squadshifts-reddit"]).articles.values()
    assert article.title == ""


def test_a_missing_set_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"squad11-train\.documents\.jsonl\.gz is missing"):
        load_corpus(tmp_path, ["squad11-train"])


def test_a_damaged_set_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "squad11-train.documents.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(SourceError, match="cannot be read"):
        load_corpus(tmp_path, ["squad11-train"])


def test_whole_articles_are_kept_back_and_always_the_same() -> None:
    articles = {str(i): Article(str(i), "", "text") for i in range(30)}
    train, back = hold_back(Corpus(articles, ()))
    assert len(back.articles) == 3
    assert not set(back.articles) & set(train.articles)
    assert hold_back(Corpus(articles, ()))[1].articles == back.articles
