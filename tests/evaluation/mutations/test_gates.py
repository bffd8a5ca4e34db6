"""The published rules behave as their authors' issues and ``citations.md`` report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.mutations.gates import (
    common_subsequence,
    exact_substring,
    kotaemon_blocks,
    verbatim_rag_fuzzy,
)
from retrieval.domain import Document


def _document(text: str) -> Document:
    return Document("d", "d", "d", text)


def test_an_exact_substring_is_accepted_even_inside_a_word() -> None:
    document = _document("It is impossible to say.")
    assert exact_substring("  is impossible ", document) is not None
    assert exact_substring("possible to say.", document) is not None
    assert exact_substring("It is not impossible", document) is None


def test_the_fuzzy_rule_accepts_another_percentage() -> None:
    assert verbatim_rag_fuzzy("The rate was 6%.", _document("The rate was 5%.")) is not None
    assert verbatim_rag_fuzzy("Paraffin is cheap.", _document("The rate was 5%.")) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("He did say that they would leave.", "He did not say that they would leave."),
        ("It cost 90 million dollars in all.", "It cost 40 million dollars in all."),
    ],
)
def test_the_block_rule_accepts_a_lost_negation_and_another_number(quote: str, text: str) -> None:
    assert kotaemon_blocks(quote, _document(text)) is not None


def test_the_block_rule_refuses_what_shares_no_stretch() -> None:
    assert kotaemon_blocks("Paraffin burned all night.", _document("The rate was 5%.")) is None
    assert kotaemon_blocks("rate", _document("The rate was 5%.")) is None


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_the_common_subsequence_agrees_with_the_textbook(one: str, other: str) -> None:
    row = [0] * (len(other) + 1)
    for char in one:
        above = row[:]
        for j, matched in enumerate(other):
            row[j + 1] = above[j] + 1 if char == matched else max(above[j + 1], row[j])
    assert common_subsequence(one, other) == row[-1]
