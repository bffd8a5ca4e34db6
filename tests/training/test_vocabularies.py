"""What names and nouns are is learnt from how they are written and where they stand."""

from __future__ import annotations

from training.vocabularies import names_in, noun_lexicon


def test_names_are_capitalised_runs_inside_sentences() -> None:
    text = "The man met George W. Bush in New York. Paris was far. He saw the Bank of England."
    assert names_in(text) == {
        "George W. Bush": "other",
        "New York": "place",
        "Bank of England": "other",
    }


def test_nouns_are_learnt_from_where_they_stand() -> None:
    texts = ["What is the name of the river?", "Who ran to the river quickly?"] * 5
    nouns = noun_lexicon(texts)
    assert "river" in nouns
    assert "name" in nouns
    assert "quickly" not in nouns
