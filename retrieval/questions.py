"""What a question asks for, as far as its form tells: whose words, a yes or no, several things."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.domain import Span
from retrieval.errors import SettingsError
from retrieval.names import clean_name, same_name
from retrieval.words import STOP_WORDS, split_words

MAX_QUESTION_CHARS = 2000

_FIRST_OF_WORDS = 2  # of _ASKED_SPEAKER: those before it also ask for something that was said
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
        rf"\b(?:did|does|do|has|had|would)\s+{_WHO}\s+(?:(?:really|actually|ever|also)\s+)*(?:{_SAYING})\b",
        re.I,
    ),
    re.compile(rf"\baccording\s+to\s+{_WHO}(?=[,?!.]|$)", re.I),
    re.compile(
        rf"\b(?:what(?:['’]s|\s+is|\s+was|\s+are|\s+were)?|how|in)\s+{_WHO}['’]s?\s+(?:view|views|opinion|"
        r"opinions|reaction|response|comment|comments|explanation|claim|claims|words|statement|"
        r"position|stance|take|thoughts)\b",
        re.I,
    ),
    re.compile(
        rf"\b(?:said|stated|claimed|told)\s+by\s+{_WHO}(?=\s+(?:about|on|of|in|to|at)\b|[,?!.]|$)",
        re.I,
    ),
    re.compile(
        rf"\b(?:something|anything|things?)\s+(?:that\s+)?{_WHO}\s+(?:said|says|claimed|claims|told)\b",
        re.I,
    ),
    re.compile(
        rf"^\W*(?:(?:please\s+)?tell\s+(?:me|us)\s+)?(?:what\s+)?{_WHO}\s+(?:said|says|claimed|claims|told)\b(?!\s+(?:to\s+)?be\b)",
        re.I,
    ),
)
# "What did X say (about Y)?" asks for words as such; "Why did X say that …?" for something in them.
_ASKS_WORDS = re.compile(
    rf"^\W*(?:and\s+|but\s+|so\s+)?what(?:\s+else)?\s+(?:did|does|do|has|had)\b.*?\b(?:{_SAYING})\b"
    r"\s*(?:$|[?.!,]|(?:about|of|on|regarding|concerning|in|when|at)\b)",
    re.I,
)
_NOBODY = re.compile(
    r"^(?:the\s+)?(?:article|text|passage|author|report|story|writer|document|paper|page|they|he|"
    r"she|it|you|i|we|who|what|which|whose|one|people|some|someone|anyone|scientists|experts|is|was|"
    r"are|were|name|word|term|phrase|title|acronym|abbreviation|symbol|expression)\b",
    re.I,
)
# Whoever is asked for by a role may be named in the article otherwise.
_ROLE = re.compile(
    r"\b(?:president|dictator|leader|minister|chancellor|king|queen|pope|mayor|governor|senator|"
    r"chief|boss|director|manager|coach|owner|founder|spokes(?:man|woman|person)|lawyer|judge|"
    r"government|company|ministry|army|police|officials?|critics?|researchers?|doctors?|teachers?|"
    r"residents?|witnesses|supporters|opponents|troops|allies)$|"
    # What is written says things too, and nobody quotes it as a speaker.
    r"\b(?:constitution|law|rules?|report|letter|note|sign|bible|quran|treaty|convention|agreement|"
    r"study|survey|poll|postcard|card|message|book|label|website|contract|will|charter|bill)$"
)
# "the mayor of Leeds", "Sweden's prison chief"
_SOMEBODYS = re.compile(r"the\s|[^?]+['’]s?\s", re.I)
# "What does X mean?" asks for a definition; only who means something by it says it.
_DEFINES = re.compile(r"\bmean\b(?!\s+(?:by|when|with|about)\b)", re.I)
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
    :param asks_words: whether it asks for their words as such, and not for something in them.
    :param topic: the question without the one who is asked for and the word for saying.
    :param yes_no: whether it can be answered with yes or no.
    :param several: whether it asks for several things.
    :param parts: its parts, one if it is a single question.
    """

    speaker: str | None
    asks_words: bool
    topic: str
    yes_no: bool
    several: bool
    parts: tuple[str, ...]


def check_question(question: str) -> str:
    """Return the question without outer space.

    :raises SettingsError: if it is empty, no text or longer than :data:`MAX_QUESTION_CHARS`
        characters.
    """
    question = question.strip()
    if not any(char.isalnum() for char in question):
        raise SettingsError('The question is empty; ask something, for example "Who is it about?".')
    if any("\ud800" <= char <= "\udfff" for char in question):
        raise SettingsError(
            "The question is not UTF-8 text; set the terminal's encoding to UTF-8 and ask again."
        )
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
    speaker, topic, by_form = _asked_speaker(question)
    return QuestionForm(
        speaker=speaker,
        asks_words=speaker is not None and (by_form or bool(_ASKS_WORDS.match(question))),
        topic=topic,
        yes_no=bool(_YES_NO.match(question)) and " or " not in question,
        several=bool(_SEVERAL.search(question)),
        parts=parts or (question,),
    )


def _asked_speaker(question: str) -> tuple[str | None, str, bool]:
    """Return whose words are asked for, the rest of the question, and whether its form alone says
    that words are asked for.
    """
    for number, pattern in enumerate(_ASKED_SPEAKER):
        match = pattern.search(question)
        if match is None or _DEFINES.match(question, match.end() - len("mean")):
            continue
        who = re.sub(r"^(?:the|what|that)\s+", "", match["who"].strip(), flags=re.I)
        who = _FOLLOWS_NAME.sub("", who).strip() or who
        if _ROLE.search(who):
            continue
        if who and not _NOBODY.match(match["who"].strip()) and len(who.split()) <= 5:
            rest = f"{question[: match.start()]} {question[match.end() :]}"
            topic = re.sub(r"\s+", " ", rest).strip(" ,?")
            if STOP_WORDS.issuperset(split_words(topic)):
                # "What did X say?" has the name alone to go by; and in telegraph style the topic
                # stands beside the name: "assad oil fields said what".
                topic = who
            return clean_name(who) or who, topic, number >= _FIRST_OF_WORDS
    return None, question, False


def asked_role(question: str) -> Span | None:
    """Return where a question names by a role whose words it asks for ("the mayor of Leeds").

    :param question: the standalone question.
    :return: None where it names them otherwise, or asks for nobody's words.
    """
    for pattern in _ASKED_SPEAKER:
        match = pattern.search(question)
        if match is None or _DEFINES.match(question, match.end() - len("mean")):
            continue
        if _SOMEBODYS.match(match["who"]) and not _NOBODY.match(match["who"]):
            return Span(*match.span("who"))
    return None


def is_said_by(asked: str, speaker: str | None) -> bool:
    """Return whether a speaker, as the article names them, is the one that a question asks for.

    :param asked: as the question names them; a slip of the pen ("Asad") is forgiven, and in
        telegraph style other words may stand beside the name ("assad oil fields said what").
    :param speaker: as the article names them.
    """
    if speaker is None:
        return False
    if same_name(asked, speaker):
        return True
    if " " in asked and asked.istitle():
        return False  # a name in full is taken at its word: Jane Smith is not John Smith
    parts = [part for part in speaker.lower().replace("-", " ").split() if len(part) >= 4]
    words = [word for word in asked.lower().split() if len(word) >= 4]
    return any(
        word == part or (len(words) == 1 and word[0] == part[0] and _differ_by_slip(word, part))
        for word in words
        for part in parts
    )


def _differ_by_slip(one: str, other: str) -> bool:
    """Return whether two words differ by one letter more, less, or other, or by two swapped."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 4:
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.88
