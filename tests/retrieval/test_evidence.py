from __future__ import annotations

import pytest

from retrieval.domain import AnswerSpan, Document, Evidence, Span
from retrieval.evidence import evidence_key, gather_evidence
from retrieval.outlines import Outline


def gathered(
    text: str, *answers: str, speaker: str | None = None, title: str = "T"
) -> list[Evidence]:
    """Gather evidence for answers that stand in the text, the first the best."""
    document = Document.from_text(text, title=title, source="s")
    outline = Outline(document)
    spans = [
        AnswerSpan(
            document.doc_id, Span(text.index(a), text.index(a) + len(a)), float(len(answers) - n)
        )
        for n, a in enumerate(answers)
    ]
    found = gather_evidence(spans, lambda _: outline, speaker=speaker)
    assert all(piece.text == piece.span.of(text) for piece in found)
    assert not any(a.span.overlaps(b.span) for n, a in enumerate(found) for b in found[n + 1 :])
    assert len({piece.key for piece in found}) == len(found)
    return found


def test_evidence_is_the_whole_sentence_round_the_answer() -> None:
    (piece,) = gathered("Oil burns. The lamp was lit in 1817 by Byrne. It rained.", "1817")
    assert piece.text == "The lamp was lit in 1817 by Byrne."
    assert piece.answer_span is not None
    assert piece.kind == "article"


def test_a_sentence_that_leans_brings_the_one_before_it_along() -> None:
    text = "Trump left Syria in October. The decision surprised his allies in 2019."
    (piece,) = gathered(text, "surprised his allies")
    assert piece.text == text


@pytest.mark.parametrize(
    "text",
    [
        "The lamp burns.\n\nThis was decided in 1817.",  # another paragraph
        'The lamp burns. "This was decided in 1817," said Mary Byrne.',  # another voice
        "The lamp burns. Theirs is older, of 1817.",  # not a word that leans
        "x" * 1200 + " burns. This was decided in 1817.",  # too long a sentence before it
    ],
)
def test_nothing_is_brought_along_where_it_would_not_explain(text: str) -> None:
    (piece,) = gathered(text, "1817")
    assert "burns" not in piece.text


def test_an_answer_over_two_sentences_keeps_both() -> None:
    (piece,) = gathered("Oil burns. The lamp is lit. It shines far. It rained.", "lit. It shines")
    assert piece.text == "The lamp is lit. It shines far."


def test_of_overlapping_evidence_the_better_one_stays() -> None:
    text = "The lamp was lit in 1817 by Byrne. It rained."
    found = gathered(text, "1817", "Byrne", "rained")
    assert [piece.score for piece in found][0] == 3.0
    assert found[0].text.startswith("The lamp")


def test_the_speaker_s_words_are_found_after_the_sentence_that_names_the_topic(
    article: Document,
) -> None:
    found = gathered(article.text, "oil fields there", speaker="Assad")
    assert found[0].text == (
        "Assad said the decision, while not a surprise, is characteristic of cynical American "
        "foreign policy."
    )
    assert (found[0].kind, found[0].speaker) == ("reported", "Bashar al-Assad")
    assert found[1].text.startswith('"The Americans always try to loot other countries')
    assert found[1].kind == "direct"
    assert not any("oil fields there" in piece.text for piece in found)


def test_without_a_speaker_the_sentence_with_the_words_is_the_evidence(article: Document) -> None:
    (piece,) = gathered(article.text, "oil fields there")
    assert piece.text.startswith("But Trump has decided to retain a force")
    assert (piece.kind, piece.speaker, piece.answer_span is not None) == ("article", None, True)


def test_the_asked_speaker_s_pieces_come_before_better_ones_of_others() -> None:
    text = (
        '"The oil is gone for good," said John Smith.\n\nIt rained all day. It was cold.\n\n'
        '"The oil will come back soon," said Mary Byrne.'
    )
    found = gathered(text, "oil is gone", "oil will come", speaker="Byrne")
    assert [piece.speaker for piece in found] == ["Mary Byrne", "John Smith"]


def test_a_quotation_is_direct_and_whose_it_is_is_told() -> None:
    (piece,) = gathered('It rained. "We will never leave," said Mary Byrne. It snowed.', "never")
    assert (piece.kind, piece.speaker) == ("direct", "Mary Byrne")


def test_keys_follow_from_the_content_alone() -> None:
    assert evidence_key("d", Span(0, 4), "lamp") == evidence_key("d", Span(0, 4), "lamp")
    keys = {
        evidence_key("d", Span(0, 4), "lamp"),
        evidence_key("d", Span(1, 5), "lamp"),
        evidence_key("e", Span(0, 4), "lamp"),
        evidence_key("d", Span(0, 4), "damp"),
    }
    assert len(keys) == 4
    assert all(len(key) == 9 and key[0] == "e" and int(key[1:], 16) >= 0 for key in keys)


def test_no_span_gives_no_evidence() -> None:
    assert gather_evidence([], lambda _: pytest.fail("asked for an outline")) == []
