"""Calls to chat models: any of LangChain's, in whatever form a model can reply, within a time.

This module and nothing else talks to a chat model. It is imported only when one is configured,
because LangChain takes a second to load.
"""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import tenacity
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableParallel, RunnableSequence

from prompts import ABSTENTION, Rendered
from retrieval.drafts import (
    DRAFT_SCHEMA,
    MAX_REPLY_CHARS,
    Draft,
    DraftError,
    DraftReading,
    DraftStatement,
    draft_from_record,
    parse_draft,
    parse_quote_lines,
)
from retrieval.errors import ModelCallError, SettingsError
from retrieval.time_limits import streamed, within

Form = Literal["json_schema", "function_calling", "json_mode", "text"]
"""How a model is held to the form of a draft."""

FORMS: tuple[Form, ...] = ("json_schema", "function_calling", "json_mode", "text")
"""Tried in this order until a model accepts one."""

MAX_OUTPUT_TOKENS = 4000
"""Models that reason count their thoughts too."""

_MOST_TRIES = 3
_LONGEST_PAUSE = 8.0  # seconds between two tries, unless the server names a time
_CHARS_A_TOKEN = 3  # rather too few, for estimates

T = TypeVar("T")

Render = Callable[[Form], Rendered]
"""Gives the prompt for a form of reply."""

EXTRAS = {"openai": "openai", "anthropic": "anthropic", "ollama": "ollama"}
"""LangChain's providers that Ibid has an extra for."""


@dataclass(slots=True)
class Meter:
    """Counts the tokens of one answer, all tries together; estimates where a server does not tell.

    :param input_tokens: read by the model.
    :param output_tokens: written by it.
    """

    input_tokens: int = 0
    output_tokens: int = 0

    def count(self, prompt: Rendered, message: object) -> None:
        """Add what one call took.

        :param message: the reply, None if the call broke off before one began.
        """
        usage = getattr(message, "usage_metadata", None)
        if usage:
            self.input_tokens += int(usage["input_tokens"])
            self.output_tokens += int(usage["output_tokens"])
        elif message is not None:
            self.input_tokens += estimate_tokens(prompt)
            self.output_tokens += len(str(getattr(message, "text", ""))) // _CHARS_A_TOKEN + 1


class ContextOverflowError(ModelCallError):
    """The prompt does not fit the model's context window."""


class _NotSupportedError(Exception):
    """The model does not know this form of reply."""


class _PassingError(Exception):
    """Another try may succeed.

    :param why: for the person.
    :param wait: seconds that the server asks for, None if it does not say.
    """

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


def open_chat_model(
    name: str, *, url: str = "", seconds: float = 60.0, max_tokens: int = MAX_OUTPUT_TOKENS
) -> BaseChatModel:
    """Open a chat model by LangChain's name; its key comes from the provider's own variable.

    :param name: ``provider:model``.
    :param url: base URL of an OpenAI-compatible server; empty means the provider's own.
    :param seconds: how long one call may take.
    :param max_tokens: the most that the model may write.
    :raises SettingsError: if the provider is unknown, its package or its key is missing.
    """
    from langchain.chat_models import init_chat_model

    provider, _, model = name.partition(":")
    given: dict[str, Any] = {"timeout": seconds, "max_retries": 0, "max_tokens": max_tokens}
    if provider == "ollama":
        given = {"client_kwargs": {"timeout": seconds}, "num_predict": max_tokens, "temperature": 0}
    if url:
        given["base_url"] = url
        if provider == "openai":
            given |= _key_for_own_server() | {"temperature": 0}
    try:
        # The parts are given apart, so that a colon in a model's name stays in it.
        opened = init_chat_model(model, model_provider=provider, **given)
    except ImportError as error:
        raise SettingsError(_missing_package(provider, error)) from None
    except ValueError as error:
        if "nsupported provider" in str(error) or "nable to infer" in str(error):
            raise SettingsError(
                f"There is no provider {provider!r} in {name!r}; name one that LangChain knows, "
                "for example openai:gpt-5-mini, anthropic:claude-haiku-4-5 or ollama:qwen3:8b."
            ) from None
        raise SettingsError(_cannot_open(name, provider)) from None
    except Exception:  # a provider's own kind of error, mostly for a missing key; may hold one
        raise SettingsError(_cannot_open(name, provider)) from None
    if not isinstance(opened, BaseChatModel):
        raise SettingsError(f"{name!r} is no chat model.")
    return opened


def _key_for_own_server() -> dict[str, str]:
    """Return a key for servers that ask for none but whose client insists on one."""
    import os

    return {} if os.environ.get("OPENAI_API_KEY") else {"api_key": "none"}


def _missing_package(provider: str, error: ImportError) -> str:
    if provider in EXTRAS:
        how = f"pip install 'ibid[{EXTRAS[provider]}]'"
    else:
        how = f"pip install {getattr(error, 'name', None) or 'langchain-' + provider}"
        how = how.replace("langchain_", "langchain-")
    return f"The chat models of {provider} need a package that is not installed: {how}."


def _cannot_open(name: str, provider: str) -> str:
    return (
        f"The chat model {name} cannot be opened; is {provider.upper()}_API_KEY set in the "
        "environment, and the name right?"
    )


class DraftingModel:
    """A chat model that is asked for drafts.

    :param model: LangChain's.
    :param name: ``provider:model``, for the record.
    :param forms: forms of reply to try, in order; the first that works is kept.
    :param seconds: how long one answer may take, all tries together.
    :param pause: seconds before a second try; grows with each, and less of it is random.
    """

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        *,
        forms: Sequence[Form] = FORMS,
        seconds: float = 60.0,
        pause: float = 0.5,
    ) -> None:
        self.name = name
        self._model = model
        self._forms = list(forms)
        self._seconds = seconds
        self._pause = pause

    def draft(self, render: Render, check: Callable[[Draft], None], meter: Meter) -> Draft:
        """Ask for a draft.

        :param render: gives the prompt for a form of reply.
        :param check: raises :class:`DraftError` for a draft that is worth another try.
        :param meter: counts what it takes, also when it fails.
        :raises ContextOverflowError: if the prompt is too long for the model.
        :raises ModelCallError: if no draft could be had in time.
        """

        def attempt(remaining: float) -> Draft:
            message, form = self._call(render, remaining)
            meter.count(render(form), message)
            draft = _read(message)
            check(draft)
            return draft

        return self._tried(attempt)

    def complete(self, prompt: Rendered, meter: Meter) -> str:
        """Ask for a short text.

        :raises ModelCallError: if there was none in time.
        """
        return self._tried(lambda remaining: self._text(prompt, meter, remaining))

    def pick_quotes(self, prompt: Rendered, meter: Meter) -> Draft:
        """Ask for quotes alone, a line each; the draft's statements have no words of their own.

        :raises ContextOverflowError: if the prompt is too long for the model.
        :raises ModelCallError: if no quotes could be had in time.
        """

        def attempt(remaining: float) -> Draft:
            reply = self._text(prompt, meter, remaining)
            return parse_quote_lines(reply, abstention=ABSTENTION)

        return self._tried(attempt)

    def _text(self, prompt: Rendered, meter: Meter, remaining: float) -> str:
        message = within(remaining, lambda: self._model.invoke(_messages(prompt)))
        meter.count(prompt, message)
        if not message.text.strip():
            raise DraftError("the reply is empty")
        return str(message.text).strip()

    def stream(self, prompt: Rendered, meter: Meter) -> Iterator[DraftStatement | Draft]:
        """Yield statements as the model completes them, then the whole draft.

        There is one try: what has been yielded cannot be taken back.

        :raises ContextOverflowError: if the prompt is too long for the model.
        :raises ModelCallError: if the stream breaks off or becomes unreadable.
        """
        reading = DraftReading(abstention=ABSTENTION)
        arrived: list[BaseMessage] = []
        n_yielded = 0
        try:
            for chunk in streamed(self._seconds, lambda: self._model.stream(_messages(prompt))):
                arrived.append(chunk)
                for statement in reading.feed(str(chunk.text)):
                    n_yielded += 1
                    yield statement
            for last in arrived[-3:]:
                _refuse_cut(last)
            draft = reading.finish()
        except Exception as error:  # a foreign client may raise anything; _classified sorts it
            raise _final(_classified(error, "text"), self.name) from error
        finally:
            meter.count(prompt, _joined(arrived))
        yield from draft.statements[n_yielded:]
        yield draft

    def _tried(self, attempt: Callable[[float], T]) -> T:
        """Call ``attempt`` with the seconds that are left, again where that may help."""
        deadline = time.monotonic() + self._seconds
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_PassingError),
            wait=self._wait,
            stop=lambda state: (
                state.attempt_number >= _MOST_TRIES
                or time.monotonic() + state.upcoming_sleep >= deadline
            ),
            reraise=True,
        )
        try:
            result: T = retrying(_sorted_out, attempt, deadline)
        except (_PassingError, ModelCallError) as error:
            raise _final(error, self.name) from error
        return result

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _PassingError) and error.wait is not None:
            return error.wait
        longest = min(_LONGEST_PAUSE, self._pause * 2.0 ** (state.attempt_number - 1))
        return longest * (0.5 + random.random() / 2)  # noqa: S311 (spreads tries, hides nothing)

    def _call(self, render: Render, seconds: float) -> tuple[AIMessage, Form]:
        """Call the model in the first form that it supports."""
        while True:
            form = self._forms[0]
            call = functools.partial(self._call_as, form, render(form))
            try:
                message = within(seconds, call)
            except Exception as error:  # a foreign client may raise anything; _classified sorts it
                kind = _classified(error, form)
                # Another thread may have come to the same conclusion in the meantime.
                others = [other for other in self._forms if other != form]
                if not isinstance(kind, _NotSupportedError) or not others:
                    raise kind from error
                self._forms = others
            else:
                if not isinstance(message, AIMessage):
                    raise ModelCallError("gave no message")
                return message, form

    def _call_as(self, form: Form, prompt: Rendered) -> object:
        if form == "text":
            return self._model.invoke(_messages(prompt))
        try:
            held = self._model.with_structured_output(DRAFT_SCHEMA, method=form, include_raw=True)
        except (NotImplementedError, TypeError, ValueError) as error:
            raise _NotSupportedError(str(error)) from error
        return _without_parser(held).invoke(_messages(prompt))["raw"]


def _without_parser(held: Runnable[Any, Any]) -> Runnable[Any, Any]:
    """Return the part of a structured call that calls the model.

    LangChain's own parser mends cut JSON, which would hide the cut, and takes quadratic time on
    hostile replies; :mod:`retrieval.drafts` reads the reply instead.
    """
    first = held.first if isinstance(held, RunnableSequence) else None
    if not isinstance(first, RunnableParallel) or "raw" not in first.steps__:
        raise _NotSupportedError("the call is built in an unknown way")
    return first


def _joined(chunks: Sequence[BaseMessage]) -> AIMessage | None:
    """Return the chunks as one message; adding them one by one would take quadratic time."""
    if not chunks:
        return None
    usages = [usage for chunk in chunks if (usage := getattr(chunk, "usage_metadata", None))]
    text = "".join(str(chunk.text) for chunk in chunks)
    return AIMessage(text, usage_metadata=usages[-1] if usages else None)


def _sorted_out(attempt: Callable[[float], T], deadline: float) -> T:
    """Call ``attempt``, turning whatever it raises into a passing or a final error."""
    try:
        return attempt(max(0.05, deadline - time.monotonic()))
    except (_PassingError, ModelCallError):
        raise
    except Exception as error:  # a foreign client may raise anything; _classified sorts it
        raise _classified(error, "text") from error


def _messages(prompt: Rendered) -> list[BaseMessage]:
    human = HumanMessage(prompt.human)
    return [SystemMessage(prompt.system), human] if prompt.system else [human]


def _read(message: AIMessage) -> Draft:
    """Read a draft from a reply, in whatever form it came."""
    _refuse_cut(message)
    if message.invalid_tool_calls:
        raise DraftError("the tool call is malformed or cut off")
    for call in message.tool_calls:
        return draft_from_record(call["args"])
    text = str(message.text)
    if len(text) > MAX_REPLY_CHARS:
        raise DraftError(f"the reply is longer than {MAX_REPLY_CHARS:,} characters")
    return parse_draft(text, abstention=ABSTENTION)


def _refuse_cut(message: BaseMessage) -> None:
    told = message.response_metadata
    reason = told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason")
    if reason in ("length", "max_tokens"):
        raise DraftError("the reply was cut off")
    if reason in ("content_filter", "refusal") or message.additional_kwargs.get("refusal"):
        raise DraftError("the model declined to reply")


def estimate_tokens(prompt: Rendered) -> int:
    """Return about how many tokens a prompt has, rather too many."""
    return (len(prompt.system) + len(prompt.human)) // _CHARS_A_TOKEN + 20


# --- what went wrong -------------------------------------------------------------------------


def _classified(error: BaseException, form: Form) -> Exception:
    """Return what an error means: passing, final, too long a prompt, or a form not supported."""
    if isinstance(error, _PassingError | _NotSupportedError | ModelCallError):
        return error
    if isinstance(error, DraftError):
        return _PassingError(f"gave a reply of no use: {error}")
    if type(error).__name__ in ("LengthFinishReasonError", "ContentFilterFinishReasonError"):
        return _PassingError("broke off its reply")
    status = _status_of(error)
    text = str(error).lower()
    if status in (400, 413, 422) and _tells_overflow(text):
        return ContextOverflowError("was given more than it can read")
    if status in (400, 404, 422, 501) and form != "text" and not _tells_no_model(text):
        return _NotSupportedError(text)
    if status == 429 and "insufficient_quota" in text:
        return ModelCallError("has no quota left")
    if status in (408, 409, 425, 429) or (status is not None and status >= 500):
        names = {429: "is busy", 408: "took too long"}
        return _PassingError(names.get(status, f"failed (status {status})"), _wait_asked(error))
    if status in (401, 403):
        return ModelCallError("did not accept the key")
    if status is not None:
        return ModelCallError(f"refused the request (status {status})")
    if isinstance(error, TimeoutError) or "timeout" in type(error).__name__.lower():
        return _PassingError("took too long")
    if isinstance(error, OSError) or "connect" in type(error).__name__.lower():
        return _PassingError("could not be reached")
    if "protocol" in type(error).__name__.lower():
        return _PassingError("broke off its reply")
    # Unreadable JSON, a stream of another form and the like: foreign clients have many names.
    return _PassingError(f"gave a reply of no use ({type(error).__name__})")


def _tells_overflow(text: str) -> bool:
    return any(
        phrase in text
        for phrase in (
            "context_length", "context length", "context window", "context size", "maximum context",
            "too many tokens", "too long", "too large", "exceed_context",
        )
    )  # fmt: skip


def _tells_no_model(text: str) -> bool:
    return "model_not_found" in text or ("model" in text and "not found" in text)


def _status_of(error: BaseException) -> int | None:
    for source in (error, getattr(error, "response", None)):
        status = getattr(source, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _wait_asked(error: BaseException) -> float | None:
    """Return the seconds of a Retry-After header, None if there is no such number."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return min(3600.0, max(0.0, float(headers.get("retry-after", ""))))
    except ValueError:
        return None


def _final(error: Exception, name: str) -> ModelCallError:
    """Return an error whose message is a sentence for the person."""
    if isinstance(error, ContextOverflowError):
        return ContextOverflowError(f"The chat model {name} {error}.")
    why = error.why if isinstance(error, _PassingError) else str(error)
    if why.startswith("The chat model"):
        return ModelCallError(why)
    if isinstance(error, _NotSupportedError):
        why = "supports no form of reply that is asked for"
    return ModelCallError(f"The chat model {name} {why}.")
