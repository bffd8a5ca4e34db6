import threading
import time
from collections.abc import Iterator

import pytest
from langchain_core.language_models import FakeListChatModel

from prompts import ABSTENTION, Rendered
from retrieval.chat_models import (
    FORMS,
    ContextOverflowError,
    DraftingModel,
    Form,
    Meter,
    open_chat_model,
)
from retrieval.drafts import Draft, DraftError, DraftQuote, DraftStatement
from retrieval.errors import IbidError, ModelCallError, SettingsError
from tests.chat_server.server import Asked, ChatServer, Player, Said, as_json, chat_server, says

GOOD = as_json(("It rose.", [("e1", "it rose")]))
DRAFT = Draft((DraftStatement("It rose.", (DraftQuote("e1", "it rose"),)),))
LINE = 'It rose. [e1: "it rose"]\n'


@pytest.fixture(scope="module")
def running() -> Iterator[ChatServer]:
    with chat_server(says(GOOD)) as server:
        yield server


@pytest.fixture
def server(running: ChatServer) -> ChatServer:
    running.asked.clear()
    return running


def model_of(
    server: ChatServer, player: Player, *, seconds: float = 5.0, forms: tuple[Form, ...] = FORMS
) -> DraftingModel:
    server.player = player
    opened = open_chat_model("openai:played", url=server.url, seconds=seconds)
    return DraftingModel(opened, "openai:played", forms=forms, seconds=seconds, pause=0.01)


def prompt_for(form: Form) -> Rendered:
    return Rendered(f"Reply as JSON; form {form}.", "What rose?")


def accept(draft: Draft) -> None:
    """Find nothing wrong with it."""


def drafted(model: DraftingModel, meter: Meter | None = None) -> Draft:
    return model.draft(prompt_for, accept, meter or Meter())


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_reply_gives_the_same_draft(server: ChatServer, form: Form) -> None:
    meter = Meter()
    assert drafted(model_of(server, says(GOOD), forms=(form,)), meter) == DRAFT
    assert [asked.form for asked in server.asked] == [form]
    assert (meter.input_tokens, meter.output_tokens) == (100, 20)


def test_a_form_that_the_server_refuses_is_left_for_the_next_and_not_tried_again(
    server: ChatServer,
) -> None:
    def knows_only_text(asked: Asked) -> Said | str:
        return LINE if asked.form == "text" else Said("response_format not supported", status=400)

    model = model_of(server, knows_only_text)
    assert drafted(model) == DRAFT
    assert [asked.form for asked in server.asked] == list(FORMS)
    assert drafted(model) == DRAFT
    assert [asked.form for asked in server.asked[4:]] == ["text"]


def test_a_server_that_ignores_the_form_is_read_as_text(server: ChatServer) -> None:
    assert drafted(model_of(server, says(LINE))) == DRAFT


def test_a_model_without_structured_output_is_asked_for_text() -> None:
    model = DraftingModel(FakeListChatModel(responses=[LINE]), "fake:list")
    assert drafted(model) == DRAFT


@pytest.mark.parametrize(
    "first",
    [
        Said("overloaded", status=500),
        Said("overloaded", status=503, headers=(("retry-after", "0"),)),
        Said("slow down", status=429, headers=(("retry-after", "0.05"),)),
        Said(GOOD, cut_after=30),
        Said(GOOD, finish_reason="length"),
        "",
        GOOD[:-30],
        "I cannot help with that.",
        "[{" * 5000,
        '{"statements": "none"}',
    ],
    ids=lambda said: str(said)[:60],
)
def test_a_passing_failure_is_followed_by_another_try(
    server: ChatServer, first: Said | str
) -> None:
    assert drafted(model_of(server, says(first, GOOD))) == DRAFT
    assert len(server.asked) == 2


def test_a_draft_that_the_caller_refuses_is_asked_for_again(server: ChatServer) -> None:
    seen: list[Draft] = []

    def check(draft: Draft) -> None:
        seen.append(draft)
        if len(seen) == 1:
            raise DraftError("it is in another language than the question")

    model = model_of(server, says(GOOD))
    assert model.draft(prompt_for, check, Meter()) == DRAFT
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("said", "sentence", "n_calls"),
    [
        (Said("x", status=500), "failed (status 500)", 3),
        (Said("x", status=429, headers=(("retry-after", "0"),)), "is busy", 3),
        (Said("x", status=429, headers=(("retry-after", "60"),)), "is busy", 1),
        (Said("insufficient_quota", status=429), "has no quota left", 1),
        (Said("secret-key-123", status=401), "did not accept the key", 1),
        (Said("model_not_found", status=404), "refused the request (status 404)", 1),
        ("", "gave a reply of no use: the reply is empty", 3),
        (GOOD[:-9], "gave a reply of no use: the reply's JSON is malformed or cut off", 3),
    ],
)
def test_a_failure_that_stays_is_one_sentence_without_what_the_server_said(
    server: ChatServer, said: Said | str, sentence: str, n_calls: int
) -> None:
    with pytest.raises(ModelCallError) as error:
        drafted(model_of(server, says(said)))
    assert str(error.value) == f"The chat model openai:played {sentence}."
    assert isinstance(error.value, IbidError)
    assert len(server.asked) == n_calls


def test_too_long_a_prompt_is_told_apart(server: ChatServer) -> None:
    said = Said("This model's maximum context length is 4096 tokens", status=400)
    with pytest.raises(ContextOverflowError, match="was given more than it can read"):
        drafted(model_of(server, says(said)))
    assert len(server.asked) == 1


def test_no_network_is_said(server: ChatServer) -> None:
    opened = open_chat_model("openai:played", url="http://127.0.0.1:9/v1", seconds=2)
    model = DraftingModel(opened, "openai:played", seconds=2, pause=0.01)
    with pytest.raises(ModelCallError, match="could not be reached"):
        drafted(model)


@pytest.mark.parametrize("said", [Said(GOOD, delay=30), Said(GOOD, drip=0.1)])
def test_time_is_up_although_the_server_keeps_the_line_open(server: ChatServer, said: Said) -> None:
    model = model_of(server, says(said), seconds=0.6)
    begun = time.monotonic()
    with pytest.raises(ModelCallError, match="took too long"):
        drafted(model)
    assert time.monotonic() - begun < 5


def test_all_tries_together_keep_the_time(server: ChatServer) -> None:
    model = model_of(server, says(Said("x", status=500, delay=0.4)), seconds=0.5)
    begun = time.monotonic()
    with pytest.raises(ModelCallError):
        drafted(model)
    assert time.monotonic() - begun < 5


def test_a_stream_gives_statements_as_they_are_complete_then_the_draft(server: ChatServer) -> None:
    model = model_of(server, says(Said(LINE + 'It fell. [e2: "it fell"]')))
    parts = list(model.stream(prompt_for("text"), Meter()))
    second = DraftStatement("It fell.", (DraftQuote("e2", "it fell"),))
    assert parts == [DRAFT.statements[0], second, Draft((DRAFT.statements[0], second))]


def test_the_first_statement_comes_before_the_stream_has_ended(server: ChatServer) -> None:
    model = model_of(server, says(Said(GOOD.replace("]}]}", "]}, ") + " " * 200, drip=0.05)))
    begun = time.monotonic()
    parts = model.stream(prompt_for("text"), Meter())
    assert next(parts) == DRAFT.statements[0]
    assert time.monotonic() - begun < 3
    assert isinstance(parts, Iterator)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said(GOOD, cut_after=60), "gave a reply of no use|broke off|could not be reached"),
        (Said(GOOD, finish_reason="length"), "cut off"),
        (Said("x", status=500), r"failed \(status 500\)"),
        (Said("word " * 20_000), "longer than 60,000"),
    ],
)
def test_a_stream_that_fails_is_an_error(server: ChatServer, said: Said, sentence: str) -> None:
    meter = Meter()
    with pytest.raises(ModelCallError, match=sentence):
        list(model_of(server, says(said)).stream(prompt_for("text"), meter))


def test_a_model_declines_in_a_stream_too(server: ChatServer) -> None:
    parts = list(model_of(server, says(ABSTENTION)).stream(prompt_for("text"), Meter()))
    assert parts == [Draft((), abstained=True)]


def test_tokens_are_estimated_where_the_server_does_not_tell(server: ChatServer) -> None:
    meter = Meter()
    drafted(model_of(server, says(Said(GOOD, usage=None))), meter)
    assert meter.input_tokens > 10
    assert meter.output_tokens > 10


def test_tokens_of_failed_tries_are_counted(server: ChatServer) -> None:
    meter = Meter()
    drafted(model_of(server, says("", GOOD)), meter)
    assert (meter.input_tokens, meter.output_tokens) == (200, 40)


def test_a_short_text_is_completed(server: ChatServer) -> None:
    model = model_of(server, says("  What rose?  "))
    assert model.complete(prompt_for("text"), Meter()) == "What rose?"


def test_answers_can_be_drafted_at_the_same_time(server: ChatServer) -> None:
    model = model_of(server, lambda asked: GOOD if asked.form == "text" else Said("x", status=400))
    drafts: list[Draft] = []
    threads = [threading.Thread(target=lambda: drafts.append(drafted(model))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drafts == [DRAFT] * 8


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("anthropic:claude-haiku-4-5", "pip install 'ibid[anthropic]'"),
        ("ollama:qwen3:8b", "pip install 'ibid[ollama]'"),
        ("mistralai:mistral-small", "pip install langchain-mistralai"),
        ("nobody:knows", "There is no provider 'nobody'"),
    ],
)
def test_a_provider_that_is_missing_is_named_with_what_to_install(name: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        open_chat_model(name)
    assert sentence in str(error.value)


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_chat_model("openai:gpt-5-mini")


def test_the_key_is_sent_and_never_shown(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    model = model_of(server, says(Said("your key sk-very-secret is bad", status=401)))
    with pytest.raises(ModelCallError) as error:
        drafted(model)
    assert "sk-very-secret" not in f"{error.value!r} {model!r} {vars(model)!r}"
