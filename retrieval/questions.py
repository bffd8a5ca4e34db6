"""What a question asks for, as far as its form tells: whose words, a yes or no, several things."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.errors import SettingsError
from retrieval.names import clean_name, same_name

MAX_QUESTION_CHARS = 2000

_SAYING = (
    "say|said|says|saying|tell|told|claim|claimed|claims|think|thinks|thought|believe|believes|believed|argue|"
    "argued|state|stated|explain|explained|describe|described|respond|responded|react|reacted|"
    "reply|replied|comment|commented|admit|admitted|deny|denied|suggest|suggested|warn|warned|"
    "predict|predicted|accuse|accused|call|called|mean|feel|feels|felt|add|added|criticise|"
    "criticize|promise|promised|speculate|speculated|dismiss|dismissed|recommend|recommended|insist|insisted"
)
_WHO = r"(?P<who>[^,?!.]{2,60}?)"
_ASKED_SPEAKER = (
    re.compile(
        rf"\b(?:did|does|do|has|had|would)\s+{_WHO}\s+(?:really\s+|actually\s+|ever\s+)?(?:{_SAYING})\b",
        re.I,
    ),
    re.compile(rf"\baccording\s+to\s+{_WHO}(?=[,?!.]|$)", re.I),
    re.compile(
        rf"\b(?:what(?:'s|\s+is|\s+was|\s+are|\s+were)?|how)\s+{_WHO}['’]s?\s+(?:view|views|opinion|"
        r"opinions|reaction|response|comment|comments|explanation|claim|claims|words|statement|"
        r"position|stance|take|thoughts)\b",
        re.I,
    ),
    re.compile(
        rf"^\W*(?:what\s+)?{_WHO}\s+(?:said|says|claimed|claims|told)\b(?!\s+(?:to\s+)?be\b)", re.I
    ),
)
_OPENS_SAYING = re.compile(rf"\b(?:what|how|why|did|does)\b.*\b(?:{_SAYING})\b", re.I)
_NOBODY = re.compile(
    r"^(?:the\s+)?(?:article|text|passage|author|report|story|writer|document|paper|page|they|he|"
    r"she|it|you|i|we|who|what|one|people|some|someone|anyone|scientists|experts)\b",
    re.I,
)
_YES_NO = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should|may|might|must|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|don['’]t|doesn['’]t|didn['’]t)\b",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:which|what|who|name|list)\b.*\b(?:two|three|four|five|six|several|countries|names|"
    r"reasons|people|cities|examples|types|kinds|ways|things|factors|members|parts)\b|^\W*(?:list|name)\b",
    re.I,
)
_PARTS = re.compile(r"\?\s+|,?\s+and\s+(?=(?:who|what|when|where|why|how|which)\b)|;\s+", re.I)
_FOLLOWS_NAME = re.compile(
    r"\b(?:about|of|on|in|at|for|with|to|from|and|or|that|the|a|an)\b.*$", re.I
)


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What a question's form tells about the answer wanted.

    :param speaker: whose words are asked for, as the question names them; None if nobody's.
    :param yes_no: whether it can be answered with yes or no.
    :param several: whether it asks for several things.
    :param parts: its parts, one if it is a single question.
    """

    speaker: str | None
    yes_no: bool
    several: bool
    parts: tuple[str, ...]


def check_question(question: str) -> str:
    """Return the question without outer space.

    :raises SettingsError: if it is empty or longer than :data:`MAX_QUESTION_CHARS` characters.
    """
    question = question.strip()
    if not any(char.isalnum() for char in question):
        raise SettingsError('The question is empty; ask something, for example "Who is it about?".')
    if len(question) > MAX_QUESTION_CHARS:
        raise SettingsError(
            f"The question has {len(question):,} characters; {MAX_QUESTION_CHARS:,} at most can be "
            "read. Ask a shorter one."
        )
    return question


def question_form(question: str) -> QuestionForm:
    """Tell what a question asks for.

    :param question: the standalone question.
    """
    parts = tuple(part.strip() for part in _PARTS.split(question) if len(part.split()) >= 2)
    return QuestionForm(
        speaker=_asked_speaker(question),
        yes_no=bool(_YES_NO.match(question)) and " or " not in question,
        several=bool(_SEVERAL.search(question)),
        parts=parts or (question,),
    )


def _asked_speaker(question: str) -> str | None:
    for pattern in _ASKED_SPEAKER:
        match = pattern.search(question)
        if match is None:
            continue
        who = re.sub(r"^(?:the|what|that)\s+", "", match["who"].strip(), flags=re.I)
        who = _FOLLOWS_NAME.sub("", who).strip() or who
        if who and not _NOBODY.match(match["who"].strip()) and len(who.split()) <= 5:
            return clean_name(who) or who
    return None


def is_said_by(asked: str, speaker: str | None) -> bool:
    """Return whether a speaker, as the article names them, is the one that a question asks for."""
    return speaker is not None and same_name(asked, speaker)
