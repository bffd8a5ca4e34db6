"""What the reader found → evidence and its confidence, weighed by what the reader does not know:
who speaks, which lines state nothing or mean the article itself, what a question expects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval.attributions import find_told
from retrieval.bylines import asked_of_article, find_line
from retrieval.captions import asked_of_labels, asked_of_picture, lacks_picture
from retrieval.domain import AnswerSpan, Evidence, Reading, ScoredPassage, Span
from retrieval.evidence import OutlineOf, gather_evidence
from retrieval.expectations import Expectation, can_be_answer, expectation, meets
from retrieval.names import same_name
from retrieval.near_misses import is_foreign, missing_shares, unmet_words
from retrieval.questions import QuestionForm, is_said_by
from retrieval.roles import is_other_holder
from retrieval.words import index_terms

# Factors of the confidence, for what the reader does not know.
_NEAR_MISS = 0.1  # a name or number of the question stands nowhere in the article
_SECOND_CHOICE = 0.7  # the best evidence holds nothing of the kind asked for, a later one does
_FOUND_BY_FORM = 0.8  # a caption, a credit, a byline that the question means
_LEAST_BEGINNING = 4  # letters of a word that a longer one may begin with and mean the same
_CAPTION_MAY_MISS = 0.5  # share of a question's words, beyond which a caption does not answer

_SPEAKS = re.compile(
    r"[\"“”«»]|\b(?:sa(?:id|ys?)|told|claim(?:s|ed)|think|thinks|believes?|according|argues?|warn)\b"
)


def weigh_reading(
    question: str,
    form: QuestionForm,
    passages: Sequence[ScoredPassage],
    reading: Reading,
    outline_in: OutlineOf,
) -> tuple[Reading, list[Evidence], float]:
    """Turn what the reader found into evidence, and say how sure it is.

    :param question: the standalone question.
    :param form: of the question.
    :param passages: that were read.
    :param reading: what the reader found in them.
    :param outline_in: gives a document's outline.
    :return: the reading, its spans in the order that counts; the evidence, best first; the
        confidence that the first piece holds the answer, 0…1.
    """
    reading = _without_labels(question, reading, outline_in)
    reading = _with_picture(question, passages, reading, outline_in)
    reading = _with_article_line(question, passages, reading, outline_in)
    speaker = form.speaker if form.asks_words else None
    if speaker is not None:
        reading = _with_own_words(speaker, form.topic, reading, outline_in)
    evidence = gather_evidence(reading.spans, outline_in, speaker=speaker)
    evidence, confidence = _weigh_speakers(evidence, reading, form, outline_in)
    if evidence and is_other_holder(question, evidence[0].speaker, outline_in(evidence[0].doc_id)):
        confidence *= _NEAR_MISS
    evidence, confidence = _weigh_captions(evidence, confidence, question, outline_in)
    evidence, confidence = _weigh_expectations(evidence, confidence, question, form, outline_in)
    return reading, evidence, confidence


def _with_own_words(speaker: str, topic: str, reading: Reading, outline_in: OutlineOf) -> Reading:
    """Put first what somebody says in a sentence that names the topic.

    Next best is what they say after a sentence, perhaps another's, that names it.
    """
    asked = set(index_terms(topic))
    if asked <= set(index_terms(speaker)):
        return reading  # "What did X say?" has no topic

    def is_theirs(one: AnswerSpan) -> bool:
        outline = outline_in(one.doc_id)
        rows = outline.rows_of(one.span)
        text = outline.sentences[rows[0]].joined(outline.sentences[rows[-1]])
        return any(
            is_said_by(speaker, outline.speech[row].speaker) for row in rows
        ) and asked <= set(index_terms(text.of(outline.document.text)))

    return replace(reading, spans=tuple(sorted(reading.spans, key=lambda one: not is_theirs(one))))


def _weigh_speakers(
    evidence: list[Evidence], reading: Reading, form: QuestionForm, outline_in: OutlineOf
) -> tuple[list[Evidence], float]:
    """Keep to the words of the one who was asked for.

    Where the article holds none of theirs, another person's words are no answer, and the article's
    own words about them hardly are.
    """
    confidence = reading.confidence
    if form.speaker is None or not evidence:
        return evidence, confidence
    if not form.asks_words and _speaks_near(evidence[0], form.speaker, outline_in):
        return evidence, confidence
    theirs = [piece for piece in evidence if is_said_by(form.speaker, piece.speaker)]
    if theirs:
        return theirs, _carried_over(reading, theirs[0], form, outline_in)
    own_words = [piece for piece in evidence if piece.speaker is None]
    if not own_words:
        return evidence, 0.0 if form.asks_words else confidence * _NEAR_MISS
    # A voice that the rules did not make out.
    voiced = [
        piece
        for piece in own_words
        if _SPEAKS.search(piece.text)
        and _is_named(form.speaker, piece, outline_in)
        and not any(same_name(form.speaker, name) for name in find_told(piece.text))
    ]
    if voiced:
        return voiced, _carried_over(reading, voiced[0], form, outline_in)
    # Only their own words could answer; else "she said" may be whoever is meant.
    is_person = form.asks_words and (form.speaker.lower() != form.speaker or form.topic.islower())
    return own_words, confidence * (_NEAR_MISS if is_person else _SECOND_CHOICE)


def _carried_over(
    reading: Reading, chosen: Evidence, form: QuestionForm, outline_in: OutlineOf
) -> float:
    """Return what the confidence in what the reader found first is worth for another piece.

    Somebody's words answer if they, or the article's own words or theirs beside them, name the
    topic: another's words beside them say what the other said about it.
    """
    first, asked = reading.spans[0], set(index_terms(form.topic))
    is_first = chosen.doc_id == first.doc_id and chosen.span.overlaps(first.span)
    if is_first or not asked:
        return reading.confidence
    outline = outline_in(chosen.doc_id)
    rows = outline.rows_of(chosen.span)
    beside = [
        row
        for row in (rows[0] - 1, rows[-1] + 1)
        if 0 <= row < len(outline.sentences)
        and outline.speech[row].speaker in (None, outline.speech[rows[0]].speaker)
    ]
    text = " ".join(outline.sentences[row].of(outline.document.text) for row in [*rows, *beside])
    # "bombing" is named by "bombarding", too, but "US" not by "usual".
    named = any(
        term == word or (len(word) >= _LEAST_BEGINNING and term.startswith(word))
        for term in index_terms(text)
        for word in asked
    )
    return reading.confidence * (1.0 if named else _NEAR_MISS)


def _speaks_near(piece: Evidence, speaker: str, outline_in: OutlineOf) -> bool:
    """Return whether somebody speaks in a piece of evidence, or is named in it or beside it."""
    return is_said_by(speaker, piece.speaker) or _is_named(speaker, piece, outline_in, beside=1)


def _is_named(name: str, piece: Evidence, outline_in: OutlineOf, *, beside: int = 0) -> bool:
    """Return whether a piece of evidence, or so many sentences beside it, hold a name."""
    outline = outline_in(piece.doc_id)
    rows = outline.rows_of(piece.span)
    first = outline.sentences[max(0, rows[0] - beside)]
    last = outline.sentences[min(len(outline.sentences) - 1, rows[-1] + beside)]
    near = first.joined(last).of(outline.document.text)
    return set(index_terms(name)) <= set(index_terms(near))


def _without_labels(question: str, reading: Reading, outline_in: OutlineOf) -> Reading:
    """Leave out lines that state nothing, unless the question may mean them."""
    if asked_of_labels(question):
        return reading
    kept = tuple(
        one
        for one in reading.spans
        if not any(label.overlaps(one.span) for label in outline_in(one.doc_id).labels)
    )
    if kept[:1] == reading.spans[:1]:
        return replace(reading, spans=kept)
    return replace(reading, spans=kept, confidence=reading.confidence * _SECOND_CHOICE)


def _with_picture(
    question: str, passages: Sequence[ScoredPassage], reading: Reading, outline_in: OutlineOf
) -> Reading:
    """Put a photograph's caption or credit first where the question means it."""
    for doc_id in dict.fromkeys(scored.passage.doc_id for scored in passages):
        outline = outline_in(doc_id)
        place = asked_of_picture(question, outline.captions, outline.document.text)
        if place is not None:
            return _put_first(doc_id, place, reading)
    return reading


def _with_article_line(
    question: str, passages: Sequence[ScoredPassage], reading: Reading, outline_in: OutlineOf
) -> Reading:
    """Put the headline, the byline or the date first where the question means it.

    Of several articles nobody can tell which is meant: the one whose passage comes first is.
    """
    line = asked_of_article(question)
    if line is None or not passages:
        return reading
    doc_id = passages[0].passage.doc_id
    outline = outline_in(doc_id)
    document = outline.document
    place = find_line(line, document.title, document.text, outline.paragraphs)
    if place is None:
        return replace(reading, confidence=reading.confidence * _NEAR_MISS)
    return _put_first(doc_id, place, reading)


def _put_first(doc_id: str, place: Span, reading: Reading) -> Reading:
    best = max((span.score for span in reading.spans), default=0.0)
    spans = (AnswerSpan(doc_id, place, best + 1.0), *reading.spans)
    confidence = max(reading.confidence, _FOUND_BY_FORM)
    return replace(reading, spans=spans, confidence=confidence)


def _weigh_captions(
    evidence: list[Evidence], confidence: float, question: str, outline_in: OutlineOf
) -> tuple[list[Evidence], float]:
    """Doubt a caption that says little of what was asked: its date and place are the picture's; and
    doubt all else where the question means a picture.
    """
    if not evidence:
        return evidence, confidence
    first = evidence[0]
    outline = outline_in(first.doc_id)
    captions = [caption.caption for caption in outline.captions]
    lines = [*captions, *(caption.credit for caption in outline.captions)]
    if asked_of_labels(question):
        beside = not any(line is not None and line.overlaps(first.span) for line in lines)
        near_miss = beside and lacks_picture(question, outline.terms)
        return evidence, confidence * (_NEAR_MISS if near_miss else 1.0)
    if not any(caption is not None and caption.overlaps(first.span) for caption in captions):
        return evidence, confidence
    if missing_shares(question, first.text)["missing"] <= _CAPTION_MAY_MISS:
        return evidence, confidence
    return evidence, confidence * _NEAR_MISS


def _fits(question: str, expected: Expectation | None, piece: Evidence) -> bool:
    """Return whether a piece of evidence, and the answer in it, can be what is asked for."""
    if not meets(expected, piece.text):
        return False
    if piece.answer_span is None:
        return True
    start = piece.answer_span.start - piece.span.start
    return can_be_answer(question, piece.text, start, start + len(piece.answer_span))


def _weigh_expectations(
    evidence: list[Evidence],
    confidence: float,
    question: str,
    form: QuestionForm,
    outline_in: OutlineOf,
) -> tuple[list[Evidence], float]:
    """Prefer evidence that holds the kind of thing asked for, and doubt near misses."""
    if not evidence:
        return evidence, confidence
    expected = expectation(question)
    fitting = [piece for piece in evidence if _fits(question, expected, piece)]
    if fitting and fitting[0] is not evidence[0]:
        evidence, confidence = fitting, confidence * _SECOND_CHOICE
    elif not fitting:
        confidence *= _NEAR_MISS
    terms = outline_in(evidence[0].doc_id).terms
    if unmet_words(question, terms) or (form.asks_words and is_foreign(form.topic, terms)):
        confidence *= _NEAR_MISS
    return evidence, confidence
