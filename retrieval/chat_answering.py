"""Answers that a chat model writes from evidence found before, checked before they are shown.

Evidence is chosen by the extractive answerer, so retrieval, reading and scope are the same with a
chat model as without. One call drafts statements; :mod:`retrieval.gate` decides what is shown.
"""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from prompts import ABSTENTION, Rendered, load
from retrieval.answers import abstain
from retrieval.budgets import SPENDING_FILE, Budget, BudgetError, BudgetLimits
from retrieval.chat_models import (
    MAX_OUTPUT_TOKENS,
    ContextOverflowError,
    DraftingModel,
    Form,
    Meter,
    estimate_tokens,
    open_chat_model,
)
from retrieval.claim_words import language_of, split_claim_words, word_stem
from retrieval.domain import Answer, Conversation, Document, Evidence, Trace
from retrieval.drafts import Draft, DraftError, DraftStatement
from retrieval.errors import ModelCallError
from retrieval.gate import Gate, Removed, VerifiedStatement, cite_statements, describe_removed
from retrieval.interfaces import Answerer
from retrieval.quotes import without_footnote_marks
from retrieval.settings import Settings

T = TypeVar("T")

_MOST_STATEMENTS = 6
_MOST_TURNS = 4  # of the conversation that the model is told
_MAX_TITLE_CHARS = 200
_MAX_TURN_CHARS = 600
_MAX_CONDENSED_CHARS = 400

# Characters without a shape of their own: tags, zero width, direction, variation selectors.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ue000-\uf8ff\ud800-\udfff"
    "\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what was found for it before a chat model is called.

    :param base: the extractive answer to it.
    :param trace: what was looked at.
    :param evidence: what the model is shown, best first.
    :param history: what was said before, for the prompt.
    :param user: whose budget it is.
    """

    base: Answer
    trace: Trace
    evidence: tuple[Evidence, ...]
    history: str
    user: str
    began: float


@dataclass(slots=True)
class _Judged:
    """Drafted statements, sorted by the gate."""

    verified: list[VerifiedStatement] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    def add(self, drafted: DraftStatement, gate: Gate) -> bool:
        """Judge one statement; return whether it may be shown and was not shown before."""
        result = gate.check(drafted)
        if isinstance(result, Removed):
            self.removed.append(result)
            return False
        if any(result.text == known.text for known in self.verified):
            return False
        self.verified.append(result)
        return True

    @property
    def n_drafted(self) -> int:
        return len(self.verified) + len(self.removed)


class ChatAnswerer:
    """Answers with a chat model's statements; see :class:`retrieval.interfaces.Answerer`.

    :param base: finds the evidence, and answers when the model cannot.
    :param model: writes the statements.
    :param budget: books every call; None means that nothing is counted.
    :param most_evidence: pieces of evidence that the model is shown.
    :param silent_below: confidence, 0…1; where the base abstains with less, the model is not asked.
    :param quotes_only: whether the model picks quotes and writes nothing; the answer is then in
        the source's words, and short enough for a small model to get right.
    """

    def __init__(
        self,
        base: Answerer,
        model: DraftingModel,
        *,
        budget: Budget | None = None,
        most_evidence: int = 8,
        silent_below: float = 0.02,
        quotes_only: bool = False,
    ) -> None:
        self._base = base
        self._model = model
        self._budget = budget
        self._most_evidence = most_evidence
        self._silent_below = silent_below
        self._quotes_only = quotes_only

    @property
    def documents(self) -> Mapping[str, Document]:
        """doc_id → document, for all that can be asked about."""
        return self._base.documents

    @property
    def name(self) -> str:
        """For the record: ``provider:model@prompt-hash``."""
        names = _QUOTE_PROMPTS if self._quotes_only else _STATEMENT_PROMPTS
        return f"{self._model.name}@{_prompt_hash(names)}"

    def refresh(self) -> bool:
        """Open the newest state of the index if it has changed; return whether it had."""
        return self._base.refresh()

    def answer(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Answer:
        """Answer a question; see :meth:`retrieval.interfaces.Answerer.answer`."""
        return self.explain(question, conversation, doc_ids=doc_ids)[0]

    def explain(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> tuple[Answer, Trace]:
        """Answer a question and return everything that was looked at."""
        asked = self._ask(question, conversation, doc_ids)
        if self._stays_silent(asked):
            return asked.base, asked.trace
        try:
            judged, declined = self._drafted(asked)
        except (ModelCallError, BudgetError) as error:
            return _without_model(asked, str(error)), asked.trace
        return self._drawn(asked, judged, declined=declined), asked.trace

    def stream(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer while it grows, each time with one more verified statement.

        The last one yielded is the whole answer; nothing unverified is ever in any of them.
        """
        for answer, _ in self.explain_growing(question, conversation, doc_ids=doc_ids):
            yield answer

    def explain_growing(
        self,
        question: str,
        conversation: Conversation | None = None,
        *,
        doc_ids: Collection[str] | None = None,
    ) -> Iterator[tuple[Answer, Trace]]:
        """Yield what :meth:`stream` does, each time with everything that was looked at."""
        if self._quotes_only:  # a few lines, which are there at once
            yield self.explain(question, conversation, doc_ids=doc_ids)
            return
        asked = self._ask(question, conversation, doc_ids)
        if self._stays_silent(asked):
            yield asked.base, asked.trace
            return
        for answer in self._growing(asked):
            yield answer, asked.trace

    def _growing(self, asked: _Asked) -> Iterator[Answer]:
        judged, declined = _Judged(), False
        gate = Gate(asked.evidence, self.documents, asked.base.standalone_question)
        try:
            for part in self._streamed(asked):
                if isinstance(part, Draft):
                    declined = part.abstained
                elif judged.add(part, gate):
                    yield self._drawn(asked, judged, declined=False)
        except (ModelCallError, BudgetError) as error:
            if not judged.verified:
                yield _without_model(asked, str(error))
                return
            note = f"{error} What it had written until then is checked and stands above."
            whole = self._drawn(asked, judged, declined=False)
            yield replace(whole, notes=(*whole.notes, note))
            return
        yield self._drawn(asked, judged, declined=declined)

    def _ask(
        self,
        question: str,
        conversation: Conversation | None,
        doc_ids: Collection[str] | None,
    ) -> _Asked:
        began = time.perf_counter()
        user = conversation.conversation_id if conversation else ""
        history = _history(conversation)
        condensed = self._condensed(question, conversation, history, user)
        if condensed is None:
            base, trace = self._base.explain(question, conversation, doc_ids=doc_ids)
        else:
            base, trace = self._base.explain(condensed, None, doc_ids=doc_ids)
            base = replace(base, question=question.strip())
        evidence = tuple(trace.evidence[: self._most_evidence])
        return _Asked(base, trace, evidence, history, user, began)

    def _stays_silent(self, asked: _Asked) -> bool:
        certain = asked.base.abstained and asked.base.confidence < self._silent_below
        return certain or not asked.evidence

    def _condensed(
        self, question: str, conversation: Conversation | None, history: str, user: str
    ) -> str | None:
        """Return the question as the model reads it after the conversation, None if it cannot.

        It is shown to the person ("read as: …"), so it may hold no word that was not said.
        """
        if conversation is None or not conversation.turns:
            return None
        fence = _new_fence()
        prompt = load("condense_question").render(
            fence=fence, history=history, question=_data(question)
        )
        try:
            text = self._booked(user, prompt, lambda meter: self._model.complete(prompt, meter))
        except (ModelCallError, BudgetError):
            return None  # the base has a way of its own
        condensed = " ".join(text.split())
        said = " ".join([history, question])
        known = {word_stem(word.lower) for word in split_claim_words(said)}
        language = language_of(said)
        fits = len(condensed) <= _MAX_CONDENSED_CHARS and all(
            word_stem(word.lower) in known or language.is_empty(word.lower)
            for word in split_claim_words(condensed)
        )
        plain = re.fullmatch(r"[\w\s.,;:!?'’\"“”«»()%€$£\-–—]+", condensed)
        return condensed if condensed and fits and plain else None

    def _drafted(self, asked: _Asked) -> tuple[_Judged, bool]:
        """Return the judged statements of one draft, and whether the model declined.

        :raises ModelCallError: if no draft could be had.
        :raises BudgetError: if the day's budget is used up.
        """
        question = asked.base.standalone_question
        shown = asked.evidence
        while True:
            try:
                draft = self._draft_from(shown, asked)
                break
            except ContextOverflowError:
                if len(shown) == 1:
                    raise
                shown = shown[: len(shown) // 2]
        gate, judged = Gate(shown, self.documents, question), _Judged()
        for drafted in draft.statements:
            judged.add(drafted, gate)
        return judged, draft.abstained

    def _draft_from(self, shown: Sequence[Evidence], asked: _Asked) -> Draft:
        question = asked.base.standalone_question
        if self._quotes_only:
            prompt = _quote_prompt(question, shown, _new_fence())
            return self._booked(
                asked.user, prompt, lambda meter: self._model.pick_quotes(prompt, meter)
            )
        render = functools.partial(_prompt, question, shown, asked.history, _new_fence())
        languages = {language_of(question).name, *self._languages(shown)}

        def check(draft: Draft) -> None:
            told = language_of(" ".join(statement.text for statement in draft.statements)).name
            if told and "" not in languages and told not in languages:
                raise DraftError("it is in another language than the question")

        return self._booked(
            asked.user,
            render("json_schema"),
            lambda meter: self._model.draft(render, check, meter),
        )

    def _languages(self, shown: Sequence[Evidence]) -> set[str]:
        doc_ids = {piece.doc_id for piece in shown}
        return {language_of(self.documents[doc_id].text[:4000]).name for doc_id in doc_ids}

    def _streamed(self, asked: _Asked) -> Iterator[DraftStatement | Draft]:
        prompt = _prompt(
            asked.base.standalone_question, asked.evidence, asked.history, _new_fence(), "text"
        )
        meter, call = Meter(), self._book(asked.user, prompt)
        try:
            yield from self._model.stream(prompt, meter)
        finally:
            self._settle(call, meter)

    def _booked(self, user: str, prompt: Rendered, call: Callable[[Meter], T]) -> T:
        """Make a call whose cost is booked before it and corrected after it."""
        meter, booked = Meter(), self._book(user, prompt)
        try:
            return call(meter)
        finally:
            self._settle(booked, meter)

    def _book(self, user: str, prompt: Rendered) -> int | None:
        if self._budget is None:
            return None
        return self._budget.book(
            user,
            self._model.name,
            input_tokens=estimate_tokens(prompt),
            output_tokens=MAX_OUTPUT_TOKENS,
        )

    def _settle(self, call: int | None, meter: Meter) -> None:
        if self._budget is not None and call is not None:
            self._budget.settle(
                call, input_tokens=meter.input_tokens, output_tokens=meter.output_tokens
            )

    def _drawn(self, asked: _Asked, judged: _Judged, *, declined: bool) -> Answer:
        """Return the answer made of what passed the gate, an abstention if nothing did."""
        base = asked.base
        told = describe_removed(judged.removed, judged.n_drafted)
        notes = (told,) if told else ()
        if not judged.verified:
            if declined:
                notes = ("The chat model found no answer in the source.",)
            answer = abstain(
                base.question,
                base.standalone_question,
                confidence=base.confidence,
                nearest=base.nearest or asked.evidence[0],
                notes=notes,
            )
        else:
            statements, citations = cite_statements(judged.verified, self.documents)
            answer = Answer(
                base.question,
                base.standalone_question,
                statements,
                citations,
                confidence=base.confidence,
                notes=notes,
            )
        languages = {language_of(base.standalone_question).name, *self._languages(asked.evidence)}
        translated = not self._quotes_only and "" not in languages and len(languages) > 1
        if answer.statements and translated:
            answer = replace(answer, notes=(*answer.notes, TRANSLATED))
        seconds = time.perf_counter() - asked.began
        return replace(answer, model=self.name, seconds=seconds)


TRANSLATED = (
    "The statements are the chat model's translation; their names, numbers and negations were "
    "compared with the quotations, their other words could not be."
)
"""Said under an answer in another language than its source."""


def _without_model(asked: _Asked, why: str) -> Answer:
    """Return the extractive answer with a note on why the chat model did not write it."""
    note = f"{why} This is the answer without it, in the source's own words."
    if asked.base.abstained:
        note = f"{why} Without it, Ibid found no answer in the source."
    seconds = time.perf_counter() - asked.began
    return replace(asked.base, notes=(*asked.base.notes, note), seconds=seconds)


_STATEMENT_PROMPTS = ("answer_question", "answer_as_json", "answer_as_lines")
_QUOTE_PROMPTS = ("quote_evidence",)


def _prompt_hash(names: Sequence[str]) -> str:
    """Return the first 8 hex digits of the SHA-256 of all that the model is told."""
    texts = "\0".join(load(name).text for name in names)
    return hashlib.sha256(texts.encode()).hexdigest()[:8]


def _prompt(
    question: str, shown: Sequence[Evidence], history: str, fence: str, form: Form
) -> Rendered:
    """Render the prompt for a draft; all that others wrote stands between two fences."""
    reply = load("answer_as_lines" if form == "text" else "answer_as_json").render().human
    return load("answer_question").render(
        fence=fence,
        most_statements=str(_MOST_STATEMENTS),
        abstention=ABSTENTION,
        answer_format=reply,
        evidence="\n\n".join(_told(piece) for piece in shown),
        history=history or "(nothing)",
        question=_data(question),
    )


def _quote_prompt(question: str, shown: Sequence[Evidence], fence: str) -> Rendered:
    """Render the prompt for quotes alone; all that others wrote stands between two fences."""
    return load("quote_evidence").render(
        fence=fence,
        most_quotes=str(_MOST_STATEMENTS),
        abstention=ABSTENTION,
        evidence="\n\n".join(_told(piece) for piece in shown),
        question=_data(question),
    )


def _new_fence() -> str:
    """Return a line that no text can hold, because nobody can guess it."""
    return f"====={secrets.token_hex(8)}====="


def _told(piece: Evidence) -> str:
    """Return a piece of evidence as the model is told it."""
    title = " ".join(_data(piece.title).split())[:_MAX_TITLE_CHARS]
    who = {"direct": "direct quotation", "reported": "reported speech", "article": "the article"}
    speaker = f" of {_data(piece.speaker)}" if piece.speaker else ""
    text = _data(without_footnote_marks(piece.text))
    return f"[{piece.key}] {who[piece.kind]}{speaker}, from “{title}”:\n{text}"


def _history(conversation: Conversation | None) -> str:
    turns = conversation.turns[-_MOST_TURNS:] if conversation else ()
    return "\n".join(
        f"Question: {_data(turn.question)[:_MAX_TURN_CHARS]}\n"
        f"Answer: {_data(turn.answer.text)[:_MAX_TURN_CHARS] or '(none)'}"
        for turn in turns
    )


def _data(text: str) -> str:
    """Return text of others without characters that cannot be seen."""
    return _UNSEEN.sub("", text)


def open_chat_answerer(base: Answerer, settings: Settings) -> ChatAnswerer:
    """Put the chat model that the settings name before an extractive answerer.

    :param base: finds the evidence.
    :param settings: the model's name, its server, and what may be spent.
    :raises SettingsError: if the model cannot be opened.
    """
    seconds = settings.chat_seconds
    opened = open_chat_model(settings.chat_model, url=settings.chat_url, seconds=seconds)
    model = DraftingModel(opened, settings.chat_model, seconds=seconds)
    input_price, output_price = settings.chat_prices
    limits = BudgetLimits(
        tokens=settings.chat_daily_tokens,
        tokens_per_user=settings.chat_daily_tokens_per_user,
        cost=settings.chat_daily_cost,
        input_price=input_price,
        output_price=output_price,
    )
    budget = Budget(settings.home / SPENDING_FILE, limits)
    quotes_only = settings.chat_mode == "quotes"
    return ChatAnswerer(base, model, budget=budget, quotes_only=quotes_only)
