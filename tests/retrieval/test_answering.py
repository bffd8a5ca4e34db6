from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.answering import (
    ExtractiveAnswerer,
    choose_evidence,
    open_answerer,
    open_reader,
    seeds_settings,
)
from retrieval.domain import (
    Answer,
    AnswerSpan,
    Conversation,
    Document,
    Reading,
    ScoredPassage,
    Span,
    Turn,
)
from retrieval.embeddings import OnnxEncoder
from retrieval.errors import CitationMismatchError, IndexNotFoundError, SettingsError
from retrieval.index import StoredDocuments
from retrieval.index_folders import writing_generation
from retrieval.indexing import index_documents
from retrieval.outlines import Outline
from retrieval.questions import question_form
from retrieval.sentence_reader import SentenceReader
from retrieval.settings import Settings
from tests.fake_encoder import FakeEncoder

LAMP = Document(
    "lamp",
    "The lamp",
    "lamp.txt",
    "The lamp of Fanad was lit in 1817.\n\n"
    '"The lamp must never go out," said Mary Byrne. "I keep it burning at night."\n\n'
    '"It will go out one day," said John Smith.\n',
)
ROCK = Document("rock", "The rock", "rock.txt", "Nobody lives on the rock today.")


class PointingReader:
    """Points at given words, as sure as it is told."""

    name = "pointing-1"
    reads = 12
    gives_short_answers = True

    def __init__(self, *words: str, confidence: float = 0.9) -> None:
        self.words = words
        self.confidence = confidence
        self.abstain_below = 0.5

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        assert {scored.passage.doc_id for scored in passages} == set(titles)
        found = []
        for n, word in enumerate(self.words):
            for scored in passages:
                at = scored.passage.text.find(word)
                if at >= 0:
                    span = Span(at, at + len(word)).shifted(scored.passage.span.start)
                    found.append(AnswerSpan(scored.passage.doc_id, span, 9.0 - n))
                    break
        return Reading(tuple(found), self.confidence if found else 0.0, self.abstain_below)


Opened = Callable[..., ExtractiveAnswerer]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, index_path=tmp_path / "index")


@pytest.fixture
def opened(settings: Settings) -> Opened:
    def answerer(*words: str, confidence: float = 0.9) -> ExtractiveAnswerer:
        index_documents([LAMP, ROCK], FakeEncoder(), settings)
        reader = PointingReader(*words, confidence=confidence)
        return ExtractiveAnswerer(settings.index_path, FakeEncoder(), reader, k=5)

    return answerer


def test_an_answer_cites_the_sentence_and_says_it_shortly(opened: Opened) -> None:
    answer = opened("1817").answer("When was the lamp lit?")
    assert [c.quote for c in answer.citations] == ["The lamp of Fanad was lit in 1817."]
    assert answer.short_answer == "1817"
    assert answer.confidence > 0.5
    assert answer.seconds > 0
    assert "pointing-1" in answer.model


def test_below_the_reader_s_threshold_it_abstains_and_shows_what_came_near(opened: Opened) -> None:
    answer = opened("1817", confidence=0.49).answer("When was the lamp lit?")
    assert answer.abstained
    assert answer.citations == ()
    assert answer.nearest is not None
    assert answer.nearest.text == "The lamp of Fanad was lit in 1817."


def test_whoever_is_asked_for_is_cited_with_what_carries_their_words_on(opened: Opened) -> None:
    answer = opened("go out").answer("What did Byrne say about the lamp?")
    assert {c.speaker for c in answer.citations} == {"Mary Byrne"}
    quotes = " ".join(c.quote for c in answer.citations)
    assert '"The lamp must never go out," said Mary Byrne.' in quotes
    assert "I keep it burning" in quotes


def test_another_person_s_words_are_no_answer(opened: Opened) -> None:
    answer = opened("never go out", "one day").answer("What did Putin say about the lamp?")
    assert answer.abstained


def test_the_asker_s_scope_is_never_left(opened: Opened) -> None:
    answerer = opened("1817", "rock today")
    answer, trace = answerer.explain("When was the lamp lit?", doc_ids=["rock"])
    assert {scored.passage.doc_id for scored in trace.passages} == {"rock"}
    assert {c.doc_id for c in answer.citations} <= {"rock"}
    assert answerer.answer("When was the lamp lit?", doc_ids=[]).abstained


def test_the_trace_holds_what_was_looked_at(opened: Opened) -> None:
    answer, trace = opened("1817", "rock today").explain("When was the lamp lit?")
    assert {scored.passage.doc_id for scored in trace.passages} == {"lamp", "rock"}
    assert len(trace.reading.spans) == 2
    assert answer.citations[0].quote in {piece.text for piece in trace.evidence}


def test_a_follow_up_is_answered_as_it_was_read(opened: Opened) -> None:
    answerer = opened("never go out")
    first = answerer.answer("Who is Mary Byrne?")
    turn = Turn("Who is Mary Byrne?", first, datetime(2026, 1, 1, tzinfo=UTC))
    answer = answerer.answer("What did she say?", Conversation("c", (turn,)))
    assert answer.question == "What did she say?"
    assert answer.standalone_question == "What did Mary Byrne say?"
    assert answer.citations[0].speaker == "Mary Byrne"


@pytest.mark.parametrize("question", ["", "  ", "?", "why " * 2500])
def test_a_question_that_is_none_is_refused(opened: Opened, question: str) -> None:
    with pytest.raises(SettingsError, match="question"):
        opened("1817").answer(question)


def test_a_changed_document_never_reaches_the_reader_of_an_answer(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerer = opened("1817")
    changed = replace(LAMP, text=LAMP.text.replace("1817", "1718"))
    monkeypatch.setattr(StoredDocuments, "__getitem__", lambda _, key: {"lamp": changed}[key])
    # The evidence still comes from the text that was indexed.
    monkeypatch.setattr(answerer, "_outline_in", lambda _: lambda __: Outline(LAMP))
    with pytest.raises(CitationMismatchError, match="Index the document again"):
        answerer.answer("When was the lamp lit?", doc_ids=["lamp"])


def test_a_fresh_index_is_opened_only_when_there_is_one(opened: Opened, settings: Settings) -> None:
    answerer = opened("electric")
    assert not answerer.refresh()
    new = Document("new", "Light", "s", "The light is electric now.")
    index_documents([new], FakeEncoder(), settings)
    assert "new" not in answerer.documents
    assert answerer.refresh()
    assert "new" in answerer.documents
    assert answerer.answer("Is the light electric?").citations[0].doc_id == "new"


def test_one_piece_is_cited_unless_more_were_asked_for(opened: Opened) -> None:
    answer, trace = opened("1817", "rock today").explain("When was the lamp lit?")
    assert len(trace.evidence) == 2
    assert len(answer.citations) == 1
    form = question_form("When was the lamp lit?")
    assert choose_evidence(trace.evidence, form) == [trace.evidence[0]]


def test_the_built_in_article_is_the_collection_where_nothing_was_indexed(
    core_settings: Settings, article: Document
) -> None:
    answerer = open_answerer(core_settings)
    assert dict(answerer.documents) == {article.doc_id: article}


def test_once_something_is_indexed_a_running_answerer_turns_to_it(
    core_settings: Settings, encoder: OnnxEncoder
) -> None:
    answerer = open_answerer(core_settings)
    assert not answerer.refresh()
    index_documents([ROCK], encoder, core_settings)
    assert answerer.refresh()
    assert set(answerer.documents) == {ROCK.doc_id}


def test_an_index_that_was_named_must_be_there(core_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="There is no index in"):
        open_answerer(replace(core_settings, index_path=tmp_path / "elsewhere"))


def test_an_emptied_index_gives_way_to_the_built_in_article(
    core_settings: Settings, encoder: OnnxEncoder, article: Document
) -> None:
    index_documents([ROCK], encoder, core_settings)
    index_documents([], encoder, core_settings, remove=["rock"])
    assert set(open_answerer(core_settings).documents) == {article.doc_id}


def test_a_built_in_article_that_changed_is_replaced(
    core_settings: Settings, encoder: OnnxEncoder, article: Document
) -> None:
    own = replace(core_settings, index_path=core_settings.home / "seeds-index")
    index_documents([ROCK], encoder, own)
    assert seeds_settings(core_settings, encoder) == own
    assert set(open_answerer(core_settings).documents) == {article.doc_id}


def test_the_plain_reader_can_be_named(core_settings: Settings) -> None:
    reader = open_reader(replace(core_settings, reader="sentences"), FakeEncoder())
    assert isinstance(reader, SentenceReader)


def test_a_finished_index_of_the_built_in_article_is_only_read(
    core_settings: Settings, encoder: OnnxEncoder
) -> None:
    own = seeds_settings(core_settings, encoder)
    with writing_generation(own.index_path):  # somebody else holds the lock
        assert seeds_settings(core_settings, encoder) == own


class WordReader(PointingReader):
    """Points at a word where the question names what goes with it: "lit" → 1817."""

    def __init__(self, word_of: Mapping[str, str]) -> None:
        super().__init__()
        self.word_of = word_of

    def read(
        self, question: str, passages: Sequence[ScoredPassage], titles: Mapping[str, str]
    ) -> Reading:
        self.words = tuple(word for asked, word in self.word_of.items() if asked in question)
        return super().read(question, passages, titles)


def ask(settings: Settings, question: str, word_of: Mapping[str, str]) -> Answer:
    index_documents([LAMP, ROCK], FakeEncoder(), settings)
    reader = WordReader(word_of)
    return ExtractiveAnswerer(settings.index_path, FakeEncoder(), reader, k=5).answer(question)


def test_both_parts_of_a_question_are_answered(settings: Settings) -> None:
    words = {"lit": "1817", "lives": "Nobody"}
    answer = ask(settings, "When was the lamp lit, and who lives on the rock?", words)
    assert [c.quote for c in answer.citations] == [
        "The lamp of Fanad was lit in 1817.",
        "Nobody lives on the rock today.",
    ]
    assert answer.notes == ()


def test_the_part_that_stayed_open_is_named(settings: Settings) -> None:
    question = "When was the lamp lit, and who paid for the whale oil?"
    answer = ask(settings, question, {"lit": "1817"})
    assert [c.quote for c in answer.citations] == ["The lamp of Fanad was lit in 1817."]
    assert answer.notes == (
        "No answer to this part of the question was found: “who paid for the whale oil”.",
    )


def test_what_answers_a_part_must_be_surer_than_a_first_citation(settings: Settings) -> None:
    index_documents([LAMP, ROCK], FakeEncoder(), settings)
    reader = WordReader({"lit": "1817", "lives": "Nobody"})
    reader.confidence, reader.abstain_below = 0.4, 0.2
    answerer = ExtractiveAnswerer(settings.index_path, FakeEncoder(), reader, k=5)
    answer = answerer.answer("When was the lamp lit, and who lives on the rock?")
    assert [c.quote for c in answer.citations] == ["The lamp of Fanad was lit in 1817."]
    assert len(answer.notes) == 1


def test_a_question_of_two_open_parts_is_one_abstention(settings: Settings) -> None:
    answer = ask(settings, "Who paid for the oil, and when did it end?", {})
    assert answer.abstained
    assert answer.notes == ()


def test_all_that_answers_is_cited_where_several_things_are_asked_for(opened: Opened) -> None:
    _, trace = opened("1817", "rock today", "one day").explain("When was the lamp lit?")
    first, second, third = trace.evidence  # one point apart
    form = question_form("Which two things are known?")
    assert choose_evidence([first, second, third], form, near=1.5) == [first, second]
    assert choose_evidence([first, second, third], form) == [first]


def test_yes_is_said_only_where_the_sentence_decides(opened: Opened) -> None:
    decided = opened("1817").answer("Was the lamp of Fanad lit in 1817?")
    assert decided.short_answer == "Yes"
    assert decided.citations[0].quote == "The lamp of Fanad was lit in 1817."
    left_open = opened("1817").answer("Was the lamp expensive?")
    assert left_open.short_answer is None
    assert left_open.citations


def test_somebody_s_words_are_found_by_the_plain_reader(opened: Opened) -> None:
    answer = opened("1817").answer("What did Mary Byrne say about the lamp?")
    assert answer.model == SentenceReader.name
    assert answer.short_answer is None
    assert answer.citations[0].speaker == "Mary Byrne"


def test_somebody_s_words_that_name_the_topic_come_before_those_after_it(
    settings: Settings,
) -> None:
    sold = Document(
        "sold",
        "T",
        "s",
        "Fanad's lamp was sold. Mary Byrne said the buyer paid too little.\n\n"
        "It rained. Mary Byrne said that nobody had ever told her, in all those years of wind and "
        "rain and long dark nights, whose lamp it was that she kept burning.\n",
    )
    index_documents([sold], FakeEncoder(), settings)
    answerer = ExtractiveAnswerer(settings.index_path, FakeEncoder(), PointingReader(), k=5)
    answer = answerer.answer("What did Mary Byrne say about the lamp?")
    assert answer.citations[0].quote.endswith("whose lamp it was that she kept burning.")
    answer = answerer.answer("What did Mary Byrne say about Fanad?")
    assert answer.citations[0].quote == "Mary Byrne said the buyer paid too little."


def test_what_somebody_said_about_a_foreign_topic_is_not_known(opened: Opened) -> None:
    assert opened("1817").answer("What did Mary Byrne say about taxes?").abstained


def test_a_list_of_keywords_answers_nothing_unless_it_is_asked_for(settings: Settings) -> None:
    tagged = Document("tags", "T", "s", "The lamp was lit in 1817.\n\nFanad, lamps, Ireland\n")
    index_documents([tagged], FakeEncoder(), settings)

    def cited(question: str) -> str:
        reader = PointingReader("lamps", "1817")
        answerer = ExtractiveAnswerer(settings.index_path, FakeEncoder(), reader, k=5)
        return answerer.answer(question).citations[0].quote

    assert cited("Where are the lamps?") == "The lamp was lit in 1817."
    assert cited("Which keywords are there?") == "Fanad, lamps, Ireland"


def test_a_caption_answers_only_what_it_is_asked_in_its_words(settings: Settings) -> None:
    text = (
        "The interview was long.\n\nA keeper climbs the tower of Fanad on June 3, 2001.\n\n"
        "MARY BYRNE/AFP via Getty Images\n"
    )
    index_documents([Document("c", "T", "s", text)], FakeEncoder(), settings)
    reader = PointingReader("2001")
    answerer = ExtractiveAnswerer(settings.index_path, FakeEncoder(), reader, k=5)
    assert answerer.answer("When was the interview recorded?").abstained
    assert answerer.answer("When did the keeper climb the tower?").short_answer == "2001"
    assert answerer.answer("When was the photo taken?").citations


def test_a_question_about_the_article_itself_gets_its_line_or_silence(
    opened: Opened, settings: Settings
) -> None:
    answerer = opened("Mary Byrne")
    assert answerer.answer("Who wrote this article?").abstained
    bylined = replace(LAMP, doc_id="bylined", text=f"By Jane Doe\n\n{LAMP.text}")
    index_documents([bylined], FakeEncoder(), settings, remove={"lamp", "rock"})
    answerer.refresh()
    answer = answerer.answer("Who wrote this article?")
    assert [c.quote for c in answer.citations] == ["By Jane Doe"]


def test_where_a_picture_is_meant_the_text_does_not_answer(opened: Opened) -> None:
    assert opened("Mary Byrne").answer("Who took the photo of the lamp?").abstained


class NarrowEncoder(FakeEncoder):
    """Has few words in its vocabulary; all others are put together from parts."""

    def count_tokens(self, text: str) -> int:
        return 1 if text in {"lives", "rock"} else 2


def test_a_slip_is_read_as_the_word_of_the_article(settings: Settings) -> None:
    index_documents([LAMP, ROCK], FakeEncoder(), settings)
    answerer = ExtractiveAnswerer(
        settings.index_path, NarrowEncoder(), WordReader({"today": "Nobody"}), k=5
    )
    answer = answerer.answer("who lives on the rock todday?")
    assert answer.question == "who lives on the rock todday?"
    assert answer.standalone_question == "who lives on the rock today?"
    assert [c.quote for c in answer.citations] == [ROCK.text]
