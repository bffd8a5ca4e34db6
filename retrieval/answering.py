"""The read path: question → standalone question → passages → evidence → answer.

Plain functions over the domain types. LangChain stands above (``chain``, ``retriever``), so that
a question on the command line need not wait for its import.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from retrieval.answers import abstain, extract_answer
from retrieval.confidences import weigh_reading
from retrieval.documents import load_document
from retrieval.domain import (
    Answer,
    Conversation,
    Document,
    Evidence,
    Reading,
    ScoredPassage,
    Trace,
    Turn,
)
from retrieval.embeddings import open_encoder
from retrieval.evidence import OutlineOf
from retrieval.followups import standalone_question
from retrieval.index_folders import current_generation, has_index
from retrieval.indexing import index_documents, indexed_documents
from retrieval.interfaces import Answerer, Encoder, Reader
from retrieval.outlines import outline_of
from retrieval.questions import (
    QuestionForm,
    asked_role,
    check_question,
    is_said_by,
    question_form,
)
from retrieval.reader import SHIPPED_FOLDER, SpanReader
from retrieval.reader_folders import open_span_reader
from retrieval.roles import name_role
from retrieval.search import PassageSearch
from retrieval.sentence_reader import SentenceReader
from retrieval.settings import Settings
from retrieval.slips import mend_slips
from retrieval.verdicts import verdict
from retrieval.words import is_english

SEEDS_FOLDER = Path(__file__).parent.parent / "seeds" / "articles"
"""The built-in article: the collection when nothing else was indexed."""

PLAIN_READER = "sentences"
"""What ``IBID_READER`` may say besides a folder."""

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
                whole.standalone,
                cited,
                documents,
                confidence=confidence,
                short_answer=_short_answer(whole, cited[0], documents),
                notes=notes,
            )
        else:
            nearest = whole.evidence[0] if whole.evidence else None
            answer = abstain(question, whole.standalone, confidence=confidence, nearest=nearest)
        seconds = time.perf_counter() - began
        trace = Trace(whole.passages, whole.reading, whole.evidence)
        return replace(answer, model=whole.reader.name, seconds=seconds), trace

    def _consider(
        self, standalone: str, search: PassageSearch, doc_ids: Collection[str] | None
    ) -> _Considered:
        """Read for one question and weigh what was found."""
        standalone, form, reader, passages = self._retrieve(standalone, search, doc_ids)
        reading = self._read(reader, search, standalone, passages)
        reading, evidence, confidence = weigh_reading(
            standalone, form, passages, reading, self._outline_in(search)
        )
        return _Considered(
            standalone, form, reader, tuple(passages), reading, tuple(evidence), confidence
        )

    def _retrieve(
        self, standalone: str, search: PassageSearch, doc_ids: Collection[str] | None
    ) -> tuple[str, QuestionForm, Reader, list[ScoredPassage]]:
        """Find the passages for a question; where it has slips of the pen, or asks for somebody's
        words by their role, for what it means.
        """
        form, reader, passages = self._passages_for(standalone, search, doc_ids)
        if not is_english(standalone):
            return standalone, form, reader, passages
        texts = (scored.passage.text for scored in passages)
        meant = mend_slips(standalone, texts, lambda word: self._encoder.count_tokens(word) == 1)
        # Another article's mayor is another. Most questions name no role, and need no outline yet.
        if passages and asked_role(meant) is not None:
            meant = name_role(meant, self._outline_in(search)(passages[0].passage.doc_id))
        if meant != standalone:
            form, reader, passages = self._passages_for(meant, search, doc_ids)
        return meant, form, reader, passages

    def _passages_for(
        self, standalone: str, search: PassageSearch, doc_ids: Collection[str] | None
    ) -> tuple[QuestionForm, Reader, list[ScoredPassage]]:
        form = question_form(standalone)
        reader = self._reader_for(standalone, form)
        k = min(self._k, reader.reads)
        return form, reader, search.retrieve(standalone, k, doc_ids=doc_ids)

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
