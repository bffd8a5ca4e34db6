"""The read path: question → standalone question → passages → evidence → answer.

Plain functions over the domain types. LangChain stands above (``chain``, ``retriever``), so that
a question on the command line need not wait for its import.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from retrieval.answers import abstain, extract_answer
from retrieval.captions import asked_of_labels, asked_of_picture
from retrieval.documents import load_document
from retrieval.domain import (
    Answer,
    AnswerSpan,
    Conversation,
    Document,
    Evidence,
    Reading,
    ScoredPassage,
    Trace,
    Turn,
)
from retrieval.embeddings import open_encoder
from retrieval.evidence import OutlineOf, gather_evidence
from retrieval.expectations import expectation, is_foreign, meets, missing_shares, unmet_words
from retrieval.followups import standalone_question
from retrieval.index_folders import current_generation, has_index
from retrieval.indexing import index_documents, indexed_documents
from retrieval.interfaces import Answerer, Encoder, Reader
from retrieval.outlines import outline_of
from retrieval.questions import QuestionForm, check_question, is_said_by, question_form
from retrieval.reader import SHIPPED_FOLDER, SpanReader
from retrieval.reader_folders import open_span_reader
from retrieval.search import PassageSearch
from retrieval.sentence_reader import SentenceReader
from retrieval.settings import Settings
from retrieval.verdicts import verdict
from retrieval.words import index_terms, is_english

SEEDS_FOLDER = Path(__file__).parent.parent / "seeds" / "articles"
"""The built-in article: the collection when nothing else was indexed."""

PLAIN_READER = "sentences"
"""What ``IBID_READER`` may say besides a folder."""

# Factors of the confidence, for what the reader does not know.
_NEAR_MISS = 0.1  # a name or number of the question stands nowhere in the article
_SECOND_CHOICE = 0.7  # the best evidence holds nothing of the kind asked for, a later one does
_PICTURE_CONFIDENCE = 0.8
_CAPTION_MAY_MISS = 0.5  # share of a question's words, beyond which a caption does not answer

_SPEAKS = re.compile(
    r"[\"“”«»]|\b(?:sa(?:id|ys?)|told|claim(?:s|ed)|think|thinks|believes?|according|argues?|warn)\b"
)

_MOST_SPOKEN = 3  # pieces cited when somebody's words are asked for
_MOST_CITED = 4  # pieces cited when several things are asked for
_ALSO_ANSWERS = 1.5  # behind the best piece, in the trained reader's scores
_PART_SURE = 0.5
_OPEN_PART = "No answer to this part of the question was found: “{part}”."
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Report = Callable[[str], None]


class ExtractiveAnswerer:
    """Answers with the article's own sentences; see :class:`Answerer`.

    :param folder: the index folder.
    :param encoder: the one that the index was made with.
    :param reader: reads English questions.
    :param k: how many passages are read at most; a reader may read fewer.
    :param preferred: an index folder that takes the place of ``folder`` as soon as it is there.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        reader: Reader,
        *,
        k: int,
        preferred: Path | None = None,
    ) -> None:
        self._folder = folder
        self._preferred = preferred
        self._encoder = encoder
        self._reader = reader
        self._plain_reader: Reader = SentenceReader(encoder)
        self._k = k
        self._search = PassageSearch(folder, encoder)

    @property
    def documents(self) -> Mapping[str, Document]:
        """doc_id → document, read from disk when asked for."""
        return self._search.index.documents

    def refresh(self) -> bool:
        """Open the newest generation of the index if there is one; return whether there was."""
        if self._preferred is not None and has_index(self._preferred):
            self._folder, self._preferred = self._preferred, None
        if current_generation(self._folder) == self._search.generation:
            return False
        self._search = PassageSearch(self._folder, self._encoder)
        return True

    def answer(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Answer:
        """Answer a question; see :meth:`Answerer.answer`."""
        return self.explain(question, conversation, doc_ids=doc_ids)[0]

    def explain(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> tuple[Answer, Trace]:
        """Answer a question and return everything that was looked at."""
        began = time.perf_counter()
        question = check_question(question)
        standalone = standalone_question(question, conversation)
        search = self._search  # one state of the index for the whole question
        whole = self._consider(standalone, search, doc_ids)
        cited = whole.cited()
        notes: tuple[str, ...] = ()
        confidence = whole.confidence
        if len(whole.form.parts) > 1:
            cited, confidence, notes = self._with_parts(whole, search, doc_ids)
        documents = search.index.documents
        if cited:
            answer = extract_answer(
                question,
                standalone,
                cited,
                documents,
                confidence=confidence,
                short_answer=_short_answer(whole, cited[0], documents),
                notes=notes,
            )
        else:
            nearest = whole.evidence[0] if whole.evidence else None
            answer = abstain(question, standalone, confidence=confidence, nearest=nearest)
        seconds = time.perf_counter() - began
        trace = Trace(whole.passages, whole.reading, whole.evidence)
        return replace(answer, model=whole.reader.name, seconds=seconds), trace

    def _consider(
        self, standalone: str, search: PassageSearch, doc_ids: Collection[str] | None
    ) -> _Considered:
        """Read for one question and weigh what was found."""
        form = question_form(standalone)
        reader = self._reader_for(standalone, form)
        k = min(self._k, reader.reads)
        passages = search.retrieve(standalone, k, doc_ids=doc_ids)
        reading = self._read(reader, search, standalone, passages)
        outline_in = self._outline_in(search)
        reading = _without_labels(standalone, reading, outline_in)
        reading = _with_picture(standalone, passages, reading, outline_in)
        speaker = form.speaker if form.asks_words else None
        evidence = gather_evidence(reading.spans, outline_in, speaker=speaker)
        evidence, confidence = _weigh_speakers(evidence, reading.confidence, form, outline_in)
        evidence, confidence = _weigh_captions(evidence, confidence, standalone, outline_in)
        evidence, confidence = _weigh_expectations(
            evidence, confidence, standalone, form, outline_in
        )
        return _Considered(
            standalone, form, reader, tuple(passages), reading, tuple(evidence), confidence
        )

    def _reader_for(self, standalone: str, form: QuestionForm) -> Reader:
        # Nobody asks of a paragraph "What did X say about Y?", so the trained reader has hardly met
        # the form; and the answer is sentences, no span (docs/decisions.md has the figures).
        if form.asks_words or not is_english(standalone):
            return self._plain_reader
        return self._reader

    def _with_parts(
        self, whole: _Considered, search: PassageSearch, doc_ids: Collection[str] | None
    ) -> tuple[list[Evidence], float, tuple[str, ...]]:
        """Answer the parts of a question, each after the one before it.

        :return: what is cited, what answers the whole first; the confidence in the first of it; a
            note for each part that stays open.
        """
        cited, confidence = whole.cited(), whole.confidence
        opened: list[str] = []
        before: Conversation | None = None
        for part in whole.form.parts:
            standalone = standalone_question(part, before)
            considered = self._consider(standalone, search, doc_ids)
            # The first citation is weighed by its threshold; what is put beside it must be surer.
            found = considered.cited() if considered.confidence >= _PART_SURE else []
            if not found and not _covered(considered.evidence[:1], cited):
                opened.append(part)
            if found and not cited:
                confidence = considered.confidence
            cited += [piece for piece in found if not _covered([piece], cited)]
            asked = abstain(part, standalone, confidence=considered.confidence)
            before = Conversation("parts", (Turn(part, asked, _NEVER),))
        if not cited:
            return [], confidence, ()
        notes = [_OPEN_PART.format(part=part.rstrip(" ?.!")) for part in opened]
        return cited[:_MOST_CITED], confidence, tuple(notes)

    def _outline_in(self, search: PassageSearch) -> OutlineOf:
        return lambda doc_id: outline_of(search.index.documents[doc_id])

    def _read(
        self,
        reader: Reader,
        search: PassageSearch,
        standalone: str,
        passages: Sequence[ScoredPassage],
    ) -> Reading:
        if not passages:
            return Reading((), 0.0)
        doc_ids = {scored.passage.doc_id for scored in passages}
        titles = {doc_id: search.index.documents[doc_id].title for doc_id in doc_ids}
        return reader.read(standalone, passages, titles)


@dataclass(frozen=True, slots=True)
class _Considered:
    """What was read for one question, and what it is worth.

    :param standalone: the question.
    :param form: of the question.
    :param reader: read it.
    :param passages: were read.
    :param reading: what the reader found.
    :param evidence: best first.
    :param confidence: 0…1, that the first piece holds the answer.
    """

    standalone: str
    form: QuestionForm
    reader: Reader
    passages: tuple[ScoredPassage, ...]
    reading: Reading
    evidence: tuple[Evidence, ...]
    confidence: float

    def cited(self) -> list[Evidence]:
        """Return the evidence that answers, none where it is not worth enough."""
        if not self.evidence or self.confidence < self.reading.abstain_below:
            return []
        near = _ALSO_ANSWERS if self.reader.gives_short_answers else 0.0
        return choose_evidence(self.evidence, self.form, near=near)


def _covered(pieces: Sequence[Evidence], by: Sequence[Evidence]) -> bool:
    return bool(pieces) and all(
        any(piece.doc_id == other.doc_id and piece.span.overlaps(other.span) for other in by)
        for piece in pieces
    )


def _short_answer(
    whole: _Considered, first: Evidence, documents: Mapping[str, Document]
) -> str | None:
    if whole.form.yes_no:
        return verdict(whole.standalone, first)
    if not whole.reader.gives_short_answers or first.answer_span is None:
        return None
    return first.answer_span.of(documents[first.doc_id].text)


def choose_evidence(
    evidence: Sequence[Evidence], form: QuestionForm, *, near: float = 0.0
) -> list[Evidence]:
    """Return the evidence that is cited: the best piece, more where the question asks for more.

    :param evidence: best first, at least one.
    :param form: of the standalone question.
    :param near: how far behind the best a piece's score may be where several things are asked for.
    """
    first = evidence[0]
    if form.asks_words and form.speaker and is_said_by(form.speaker, first.speaker):
        # What one answer span brought has one score: the words and what carries them on.
        together = [piece for piece in evidence if piece.score == first.score]
        return together[:_MOST_SPOKEN]
    if form.several and near:
        alike = [piece for piece in evidence if first.score - piece.score <= near]
        return alike[:_MOST_CITED]
    return [first]


def _weigh_speakers(
    evidence: list[Evidence], confidence: float, form: QuestionForm, outline_in: OutlineOf
) -> tuple[list[Evidence], float]:
    """Keep to the words of the one who was asked for.

    Where the article holds none of theirs, another person's words are no answer, and the article's
    own words about them hardly are.
    """
    if form.speaker is None or not evidence:
        return evidence, confidence
    if not form.asks_words and _speaks_near(evidence[0], form.speaker, outline_in):
        return evidence, confidence
    theirs = [piece for piece in evidence if is_said_by(form.speaker, piece.speaker)]
    if theirs:
        return theirs, confidence
    own_words = [piece for piece in evidence if piece.speaker is None]
    if not own_words:
        return evidence, 0.0 if form.asks_words else confidence * _NEAR_MISS
    name = set(index_terms(form.speaker))
    # A voice that the rules did not make out.
    voiced = [
        piece
        for piece in own_words
        if _SPEAKS.search(piece.text) and name <= set(index_terms(piece.text))
    ]
    if voiced:
        return voiced, confidence
    # Only their own words could answer; else "she said" may be whoever is meant.
    is_person = form.asks_words and (form.speaker.lower() != form.speaker or form.topic.islower())
    return own_words, confidence * (_NEAR_MISS if is_person else _SECOND_CHOICE)


def _speaks_near(piece: Evidence, speaker: str, outline_in: OutlineOf) -> bool:
    """Return whether somebody speaks in a piece of evidence, or is named in it or just before."""
    if is_said_by(speaker, piece.speaker):
        return True
    outline = outline_in(piece.doc_id)
    rows = outline.rows_of(piece.span)
    before = outline.sentences[max(0, rows[0] - 1)]
    near = before.joined(piece.span).of(outline.document.text)
    return set(index_terms(speaker)) <= set(index_terms(near))


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
            best = max((span.score for span in reading.spans), default=0.0)
            spans = (AnswerSpan(doc_id, place, best + 1.0), *reading.spans)
            confidence = max(reading.confidence, _PICTURE_CONFIDENCE)
            return replace(reading, spans=spans, confidence=confidence)
    return reading


def _weigh_captions(
    evidence: list[Evidence], confidence: float, question: str, outline_in: OutlineOf
) -> tuple[list[Evidence], float]:
    """Doubt a caption that says little of what was asked: its date and place are the picture's."""
    if not evidence or asked_of_labels(question):
        return evidence, confidence
    first = evidence[0]
    captions = [caption.caption for caption in outline_in(first.doc_id).captions]
    if not any(caption is not None and caption.overlaps(first.span) for caption in captions):
        return evidence, confidence
    if missing_shares(question, first.text)["missing"] <= _CAPTION_MAY_MISS:
        return evidence, confidence
    return evidence, confidence * _NEAR_MISS


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
    fitting = [piece for piece in evidence if meets(expected, piece.text)]
    if fitting and fitting[0] is not evidence[0]:
        evidence, confidence = fitting, confidence * _SECOND_CHOICE
    elif not fitting:
        confidence *= _NEAR_MISS
    terms = outline_in(evidence[0].doc_id).terms
    if unmet_words(question, terms) or (form.asks_words and is_foreign(form.topic, terms)):
        confidence *= _NEAR_MISS
    return evidence, confidence


def open_answerer(settings: Settings, *, report: Report | None = None) -> Answerer:
    """Open the index and the models for answering.

    Where nothing was indexed, the built-in article is the collection.

    :param settings: index folder, encoder, reader.
    :param report: told what is going on when it takes long.
    :raises IbidError: if something is missing or does not fit.
    """
    encoder = open_encoder(settings.encoder, settings.home, report=report)
    reader = open_reader(settings, encoder, report=report)
    folder, preferred = settings.index_path, None
    if not has_index(folder) and folder == settings.home / "index":
        folder, preferred = seeds_settings(settings, encoder).index_path, folder
    base = ExtractiveAnswerer(folder, encoder, reader, k=settings.k, preferred=preferred)
    if not settings.chat_model:
        return base
    # Only here: LangChain costs more start-up time than everything else together.
    from retrieval.chat_answering import open_chat_answerer

    return open_chat_answerer(base, settings)


def seeds_settings(settings: Settings, encoder: Encoder) -> Settings:
    """Bring the index of the built-in article up to date and return the settings that name it."""
    own = replace(settings, index_path=settings.home / "seeds-index")
    documents = [load_document(path) for path in sorted(SEEDS_FOLDER.glob("*.txt"))]
    wanted = {document.doc_id: document for document in documents}
    held = dict(indexed_documents(own, encoder))
    if held != wanted:  # otherwise nothing is written: two may ask at once, in a read-only home
        index_documents(documents, encoder, own, remove=set(held) - set(wanted))
    return own


def open_reader(settings: Settings, encoder: Encoder, *, report: Report | None = None) -> Reader:
    """Return the reader that the settings name.

    :param settings: ``reader`` is a folder, ``sentences``, or empty for the one that Ibid brings.
    :param encoder: the encoder of the index.
    :param report: told what is going on when it takes long.
    :raises SettingsError: if it is not an extractive question answering model.
    :raises ModelFileError: if its files are missing, altered or of another format.
    """
    if settings.reader == PLAIN_READER:
        return SentenceReader(encoder)
    if settings.reader:
        folder = Path(settings.reader).expanduser()
        return open_span_reader(folder, encoder, settings.home, report=report)
    # A checkout without weights (before they are trained) still answers.
    return SpanReader(encoder) if SHIPPED_FOLDER.is_dir() else SentenceReader(encoder)
