"""The stream of groups: seeded, endless, with gold where the question is answered."""

from __future__ import annotations

import random

from tests.training.tiny import make_corpus
from training.samples import GroupStream, Mixture, StreamPlace, settle_occurrence, window_tokens
from training.windows import Window, cut_articles

MIXTURE = Mixture(answerable=8, human=4, edited=1.0, negative=1.0, renamed=0.0)


def stream(random_seed: int = 1) -> GroupStream:
    corpus = make_corpus()
    cut = cut_articles(corpus.articles.values(), lambda texts: [len(t.split()) for t in texts])
    return GroupStream(corpus, cut, random_seed)


def test_a_chunk_depends_on_seed_and_place_alone() -> None:
    groups, after = stream().chunk(StreamPlace(), MIXTURE)
    assert stream().chunk(StreamPlace(), MIXTURE) == (groups, after)
    assert stream(2).chunk(StreamPlace(), MIXTURE)[0] != groups
    assert after == StreamPlace(1, 8, 4)


def test_every_pass_shows_every_question_once() -> None:
    groups, _ = stream().chunk(StreamPlace(), Mixture(answerable=2, human=0, edited=0, renamed=0))
    assert {g.question for g in groups} == {
        "Who wrote the first program?",
        "What did Grace Hopper build in 1952?",
    }


def test_first_windows_answer_and_second_ones_do_not() -> None:
    groups, _ = stream().chunk(
        StreamPlace(), Mixture(answerable=8, human=0, edited=0, negative=1.0, longest=50)
    )
    for group in groups:
        assert group.windows[0].gold
        assert all(not window.gold for window in group.windows[1:])


def test_edited_questions_have_no_gold() -> None:
    groups, _ = stream().chunk(StreamPlace(), MIXTURE)
    assert any(not any(w.gold for w in g.windows) for g in groups)


def test_window_sizes_stay_in_bounds() -> None:
    rng = random.Random(0)
    mixture = Mixture(full_size=0.0, shortest=40, longest=100)
    assert all(40 <= window_tokens(mixture, rng) <= 100 for _ in range(200))


def test_the_occurrence_amid_the_questions_words_is_admitted() -> None:
    filler = "Nothing of note stands in this long sentence that parts them from each other well. "
    text = "In 1952 it rained. " + filler * 2 + "Hopper built the compiler in 1952."
    settled = settle_occurrence("When was the compiler built?", Window((0, 9), text, ((3, 7),)))
    assert [(s, text[s:e]) for s, e in settled.gold] == [(3, "1952"), (text.rindex("1952"), "1952")]
    alone = Window((0, 9), text, ((text.rindex("1952"), text.rindex("1952") + 4),))
    assert settle_occurrence("When was the compiler built?", alone) == alone
