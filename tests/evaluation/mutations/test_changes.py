from __future__ import annotations

from random import Random

import pytest

from evaluation.mutations.changes import CHANGES, Quotation
from evaluation.mutations.variants import VARIANTS

QUOTATION = Quotation(
    text="He was unlikely, they said, not to sell 1,500 miles of the old road to Ann in May 1817.",
    neighbours=["The keepers were paid twelve shillings a week."],
    strangers=["Paraffin came to the island late."],
    names=["Ann", "Mary"],
)


@pytest.mark.parametrize("kind", list(CHANGES))
def test_every_change_makes_another_text_the_same_each_time(kind: str) -> None:
    text = QUOTATION.text.replace("He was", "He may be and was")
    quotation = Quotation(text, QUOTATION.neighbours, QUOTATION.strangers, QUOTATION.names)
    changed = CHANGES[kind](quotation, Random(1))
    assert changed is not None
    assert changed != text
    assert changed == CHANGES[kind](quotation, Random(1))


@pytest.mark.parametrize(
    ("kind", "text", "changed"),
    [
        ("negation added", "He was here.", "He was not here."),
        ("negation removed", "He did not say.", "He did say."),
        ("negation removed", "He didn't say.", "He did say."),
        ("digit added", "Pay 40 now.", "Pay 400 now."),
        ("unit changed", "Pay 40 million now.", "Pay 40 billion now."),
        ("modal changed", "He may go.", "He must go."),
        ("opposite word", "Pay more now.", "Pay less now."),
        ("words swapped", "Dogs often bite men.", "Dogs bite often men."),
        ("clause dropped", "Dogs, as we all know, bite.", "Dogs bite."),
        ("negative prefix cut off", "It is impossible to say.", "possible to say."),
        ("number cut", "About 15 men.", "5 men."),
    ],
)
def test_a_change_is_what_its_name_says(kind: str, text: str, changed: str) -> None:
    assert CHANGES[kind](Quotation(text, [], [], []), Random(0)) == changed


def test_a_change_that_does_not_apply_gives_nothing() -> None:
    bare = Quotation("Nobody knows.", [], [], [])
    inapplicable = {kind for kind in CHANGES if CHANGES[kind](bare, Random(0)) is None}
    assert {"digit changed", "unit changed", "name swapped", "another document's sentence"} <= (
        inapplicable
    )


def test_two_hyphens_are_rewritten_as_the_one_dash_that_they_are() -> None:
    written = {VARIANTS["dashes"]("He came -- late.", Random(seed)) for seed in range(40)}
    assert written == {f"He came {dash} late." for dash in "-‐‑–—"}


def test_a_list_item_that_begins_with_a_number_has_no_mark_that_could_be_a_minus() -> None:
    written = {VARIANTS["as a list item"]("3 men came.", Random(seed)) for seed in range(40)}
    assert written == {"* 3 men came.", "> 3 men came.", "• 3 men came.", "## 3 men came."}


@pytest.mark.parametrize("kind", list(VARIANTS))
def test_every_variant_keeps_the_words(kind: str) -> None:
    quote = "The “café” officials’ first long-running coefficient, they claimed, stayed fine."
    written = VARIANTS[kind](quote, Random(3))
    assert written is not None
    assert written != quote


@pytest.mark.parametrize("kind", ["digit changed", "digit added"])
def test_the_number_of_a_footnote_is_not_changed(kind: str) -> None:
    assert (
        CHANGES[kind](Quotation("Remove a holder from a title[10]", [], [], []), Random(1)) is None
    )
