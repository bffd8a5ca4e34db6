"""Rows hold question, title and window; only the window's tokens can be answers."""

from __future__ import annotations

from tests.training.tiny import TEXT, make_tokenizer
from training.batches import MAX_TOKENS, EncodedWindow, Group, WindowEncoder, collate, pack
from training.windows import Window

QUESTION = "who wrote the program"


def encoder() -> WindowEncoder:
    return WindowEncoder(make_tokenizer(QUESTION, "computers"))


def test_a_row_is_question_title_window() -> None:
    window = Window((0, 45), TEXT[:45], ((0, 12), (23, 36)))
    ((row,),) = encoder().encode([Group(QUESTION, "Computers", (window,))])
    words = [encoder().tokenizer.id_to_token(i) for i in row.ids]
    assert " ".join(w for w in words if w) == (
        "[CLS] who wrote the program [SEP] computers [SEP] "
        "ada lovelace wrote the first program in 1843 . [SEP]"
    )
    assert row.first == 8
    assert row.gold == [(0, 1), (4, 5)]


def test_without_a_title_there_is_one_separator_less() -> None:
    ((row,),) = encoder().encode([Group(QUESTION, "", (Window((0, 3), "Ada", ()),))])
    assert row.first == 6


def test_a_window_that_is_too_long_is_cut_and_gold_past_the_cut_is_gone() -> None:
    text = "ada " * 400
    ((row,),) = encoder().encode([Group(QUESTION, "", (Window((0, 9), text, ((1596, 1599),)),))])
    assert len(row.ids) == MAX_TOKENS
    assert row.gold == []


def test_padding_question_and_title_cannot_be_answers() -> None:
    windows = (Window((0, 3), "Ada", ((0, 3),)), Window((0, 12), "Ada Lovelace", ()))
    rows = encoder().encode([Group(QUESTION, "", windows)])
    batch = collate(rows, encoder().separator)
    assert batch.input_ids.shape == (2, 16)
    assert batch.can_answer.nonzero().tolist() == [[0, 0], [0, 6], [1, 0], [1, 6], [1, 7]]
    assert batch.starts.tolist() == [[6], [0]]
    assert batch.ends.tolist() == [[6], [0]]
    assert batch.group.tolist() == [0, 0]
    assert batch.token_type_ids[0].tolist() == [0] * 6 + [1, 1] + [0] * 8
    assert batch.attention_mask.sum(1).tolist() == [8, 9]


def test_packing_keeps_groups_together_and_batches_small() -> None:
    groups = [[EncodedWindow([1] * n, 1, [], [])] * 2 for n in (10, 50, 10, 50, 30)]
    batches = pack(groups, 120, 0)
    assert sorted(len(row.ids) for batch in batches for group in batch for row in group) == sorted(
        [10, 50, 10, 50, 30] * 2
    )
    for batch in batches:
        rows = [row for group in batch for row in group]
        assert len(rows) * max(len(r.ids) for r in rows) <= 120 or len(batch) == 1
