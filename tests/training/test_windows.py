"""Windows are runs of whole sentences, and their gold spans are the document's."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tests.training.tiny import TEXT, make_corpus
from training.windows import (
    SentencedArticle,
    Window,
    consecutive_windows,
    cut_articles,
    gold_window,
    negative_window,
    paragraph_window,
    split_sentences,
)


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


CORPUS = make_corpus()
QUESTION = CORPUS.questions[1]


def cut() -> SentencedArticle:
    return cut_articles(CORPUS.articles.values(), count_words)[QUESTION.article]


def test_sentences_end_at_stops_and_lines_but_not_at_initials() -> None:
    text = 'Mr. J. Doe said: "Go." He went.\n\nNo. 5 stayed (really). End'
    assert [text[s:e] for s, e in split_sentences(text)] == [
        'Mr. J. Doe said: "Go."',
        "He went.",
        "No. 5 stayed (really).",
        "End",
    ]


def test_a_closing_quote_before_a_blank_line_stays_with_its_sentence() -> None:
    text = 'They said: "Go."\n\nHe went.'
    assert [text[s:e] for s, e in split_sentences(text)] == ['They said: "Go."', "He went."]


def test_gold_windows_hold_the_gold_and_fit() -> None:
    for seed in range(20):
        window = gold_window(cut(), QUESTION, 16, random.Random(seed))
        assert [window.text[s:e] for s, e in window.gold] == ["a compiler"]
        assert TEXT[slice(*window.span)] == window.text
        assert len(window.text.split()) <= 16


def test_a_long_sentence_is_kept_whole() -> None:
    window = gold_window(cut(), QUESTION, 3, random.Random(0))
    assert window.text == "Grace Hopper built a compiler in 1952."


def test_negative_windows_hold_no_answer_and_do_not_touch_the_gold_window() -> None:
    gold = gold_window(cut(), QUESTION, 8, random.Random(0))
    for seed in range(20):
        negative = negative_window(
            cut(), QUESTION, frozenset({"a compiler"}), 16, random.Random(seed), gold.span
        )
        assert negative is not None
        assert "compiler" not in negative.text
        assert negative.gold == ()
        assert negative.span[1] <= gold.span[0] or gold.span[1] <= negative.span[0]


def test_no_negative_window_where_everything_is_the_gold_window() -> None:
    assert (
        negative_window(cut(), QUESTION, frozenset(), 9, random.Random(0), (0, len(TEXT))) is None
    )


def test_an_unanswerable_question_gets_the_words_it_shares() -> None:
    window = paragraph_window(cut(), CORPUS.questions[3], 12, random.Random(0))
    assert "She worked with the navy" in window.text
    assert window.gold == ()


def test_consecutive_windows_cover_all_and_overlap_by_a_sentence() -> None:
    windows = consecutive_windows(cut(), 0, 5, 17, ())
    ends = [tuple(re.findall(r"(\w+)\.", window.text)) for window in windows]
    assert ends == [
        ("1843", "Babbage"),
        ("Babbage", "London"),
        ("London", "1952"),
        ("1952", "years"),
        ("years",),
        ("Philadelphia",),
    ]
    assert windows[0].span[0] == 0
    assert windows[-1].span[1] == len(TEXT)


def test_windows_know_gold_only_inside() -> None:
    windows = consecutive_windows(cut(), 0, 5, 17, QUESTION.gold)
    texts = [[w.text[s:e] for s, e in w.gold] for w in windows]
    assert sum(t == ["a compiler"] for t in texts) >= 1
    assert all(t in ([], ["a compiler"]) for t in texts)
    assert Window((0, 1), "x", ()).gold == ()
