"""Questions of a few words that go on with the one before: "And Trump?", "Why?", "All of them?".

Each is made whole by putting its words where they belong in that question; where no such place is
found the question before is put beside them, or nothing is changed.
"""

from __future__ import annotations

import re

from retrieval.antecedents import main_topic
from retrieval.domain import Conversation, Turn
from retrieval.mentions import AUXILIARY, YES_NO, find_bare_plural, find_mentioned_names, subject_of
from retrieval.names import find_names, is_person

_LEAD = r"^\W*(?:(?:and|but|so|or)\s+)?"
_PREPOSITION = r"(?:in|on|at|to|from|for|by|with|of|against|during|before|after|under|since)"
_WH = re.compile(r"^\W*(?:who|whom|when|where|which|what|why)\b", re.IGNORECASE)
_WHEN_WHERE = re.compile(
    rf"{_LEAD}(?P<wh>when|where)(?:\s+(?:is|was|did)\s+(?:that|this)(?:\s+happen)?)?\W*$",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"{_LEAD}(?:what|how)\s+about\s+(?P<other>.+?)\W*$", re.IGNORECASE)
_ABOUT_OTHER = re.compile(rf"{_LEAD}about\s+(?P<other>.+?)\W*$", re.IGNORECASE)
_ABOUT = re.compile(r"\babout\s+[^?]+?(?P<end>\W*)$", re.IGNORECASE)
_AND_OTHER = re.compile(r"^\W*(?:and|or|but)\s+(?P<other>[^?]{2,60}?)\W*$", re.IGNORECASE)
_TOO = re.compile(
    rf"{_LEAD}(?P<other>[^?,]{{2,60}}?),?\s+(?:too|as\s+well|also)\W*$", re.IGNORECASE
)
_ELSE = re.compile(
    rf"{_LEAD}(?:(?P<wh>what|who|where)|anything|anyone|anybody|anywhere)\s+else\W*$", re.IGNORECASE
)
_ELLIPSIS = re.compile(
    rf"{_LEAD}(?:why|when|where|who|how|how\s+(?:much|many|long|often|so)|(?:{_PREPOSITION}\s+)?which|"
    rf"which\s+ones?|what|why\s+not|since\s+when|{_PREPOSITION}\s+(?:whom?|what(?:\s+\w+)?|"
    r"which\s+\w+|how\s+(?:much|many|long))|anything\s+else|tell\s+me\s+more|more|"
    r"go\s+on|any\s+details?|really|for\s+example|such\s+as|like\s+what)\W*$",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"^\W*(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|do|does|did|has|have|had|"
    r"can|could|will|would|should|tell|name|list|describe|explain|according)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(rf"^(?P<preposition>{_PREPOSITION})\s+(?!that\b|this\b|it\b)", re.IGNORECASE)
_SHARE = re.compile(
    rf"{_LEAD}(?P<share>all|both|most|some|many|half|none|any|each)"
    r"(?:\s+of\s+(?:them|those|these))?\W*$",
    re.IGNORECASE,
)
_WHY_SO = re.compile(
    rf"{_LEAD}(?P<wh>why|how)\s+(?P<so>(?!not\b|so\b)[a-z][\w-]*)\W*$", re.IGNORECASE
)
_CLAUSE_OF = (
    r"(?P<subject>(?:\b[\w'’-]+\s+){{1,6}}?)(?P<aux>is|are|was|were|would|will|can|could|may|might|"
    r"should|must)\s+(?P<rest>(?:[\w'’-]+\s+){{0,4}}{so})\b"
)
_SAID_THAT = re.compile(
    r"^(?P<who>.+?)\b(?:said|says|told|claimed|argued|insisted|believes?|thinks?|added|warned|stated)\b"
    r"[^.]*?\bthat\s+(?P<what>.+)$"
)
_CLAUSE = re.compile(r"\s*(?:[.;:,–—]|\b(?:and|but|because|while|which|who|that)\b)\s*")
_ASKED_OBJECT = re.compile(
    rf"^\W*(?:who|whom|what)\s+(?P<aux>{AUXILIARY})\s+(?P<rest>[^?,]+?)(?P<end>,[^?]*)?\W*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*\([^()]*\)(?=\W*$)")
_CLAUSAL = re.compile(
    rf"\b(?:{AUXILIARY}|where|who|whom|what|which|how|if|i|you|we|they|he|she|it|there)\b",
    re.IGNORECASE,
)
_MOST_PLACED = 5  # words: more are a clause


def complete_fragment(question: str, conversation: Conversation) -> str | None:
    """Return a question of a few words as a whole one; None where it is no such fragment.

    :param question: as typed.
    :param conversation: what was said before; at least one turn.
    """
    last = conversation.turns[-1]
    before = _ASIDE.sub("", last.answer.standalone_question)
    return (
        _about_other(question, before)
        or _share(question, before)
        or _why_so(question, last)
        or _too(question, before, conversation)
        or _of_other(question, before, conversation)
        or _ellipsis(question, before)
    )


def _about_other(question: str, before: str) -> str | None:
    """Ask the same about another topic: "And about Trump?"."""
    topic = _ABOUT_OTHER.match(question)
    if topic is None or len(topic["other"].split()) > _MOST_PLACED or not _ABOUT.search(before):
        return None
    return _with_topic(before, topic["other"])


def _with_topic(before: str, topic: str) -> str:
    return _ABOUT.sub(lambda match: f"about {topic}{match['end']}", before)


def _share(question: str, before: str) -> str | None:
    """Ask of how many of those in a yes/no question it is true: "All of them?"."""
    share = _SHARE.match(question)
    plural = find_bare_plural(before) if share and YES_NO.match(before) else None
    if share is None or plural is None:
        return None
    noun = plural.text.removeprefix("the ")
    end = plural.start + len(noun)
    opening = re.sub(r"(?:the|any|some)\s+$", "", before[: plural.start])
    definite = "of the " if share["share"].lower() not in ("all", "both") else ""
    definite = definite or ("the " if before[: plural.start].lower().endswith("the ") else "")
    return f"{opening}{share['share'].lower()} {definite}{noun}{before[end:]}"


def _why_so(question: str, last: Turn) -> str | None:
    """Ask for the reason of what an answer said in passing: "Why pointless?"."""
    asked = _WHY_SO.match(question)
    if asked is None:
        return None
    so = re.escape(asked["so"])
    for sentence in re.split(r"(?<=[.!?])\s+", last.answer.text):
        if not re.search(rf"\b{so}\b", sentence, re.IGNORECASE):
            continue
        said = _SAID_THAT.match(sentence)
        clauses = _CLAUSE.split(said["what"] if said else sentence)
        clause = next((c for c in clauses if re.search(rf"\b{so}\b", c, re.IGNORECASE)), sentence)
        found = re.search(_CLAUSE_OF.format(so=so), clause, re.IGNORECASE)
        whole = (
            f"{asked['wh'].capitalize()} {found['aux']} {_low(found['subject'])}{found['rest']}"
            if found
            else f"{asked['wh'].capitalize()} {asked['so']}: {clause.strip(' .!?')}"
        )
        speakers = find_names(said["who"]) if said else []
        return f"{whole}, according to {speakers[0]}?" if speakers else f"{whole}?"
    return None


def _too(question: str, before: str, conversation: Conversation) -> str | None:
    """Ask whether somebody or something belongs to the answer as well: "Its own allies too?"."""
    fragment = _TOO.match(question)
    if fragment is None or _QUESTION_WORD.match(fragment["other"]):
        return None
    other = fragment["other"]
    if _CLAUSAL.search(other):
        return None
    placed = _PLACED.match(other)
    if placed:
        return _with_phrase(before, _low(other), placed["preposition"])
    asked = _ASKED_OBJECT.match(before)
    names = find_mentioned_names(other)
    # "What did Assad say?" – "Trump too?" asks of another speaker.
    if asked and not (names and names[0].person and not before.lower().lstrip().startswith("who")):
        end = asked["end"] or ""
        return f"{asked['aux'].capitalize()} {asked['rest']} {_low(other)} too{end}?"
    return _with_other(question, before, other, conversation)


def _low(phrase: str) -> str:
    """Return a phrase as it stands inside a question, its names as they are."""
    first = phrase.split()[0]
    is_name = find_names(first) or first.isupper()
    return phrase if is_name else phrase[0].lower() + phrase[1:]


def _of_other(question: str, before: str, conversation: Conversation) -> str | None:
    other = _OTHER.match(question)
    bare = re.sub(r"^\W*(?:and|or|but)\s+", "", question, flags=re.IGNORECASE).rstrip(" ?")
    if other is None and not _QUESTION_WORD.match(bare):
        other = _AND_OTHER.match(question)
        if other and _CLAUSAL.search(other["other"]):
            return None
    phrase = other["other"] if other else bare
    placed = _PLACED.match(phrase)
    short = len(phrase.split()) <= _MOST_PLACED and not _CLAUSAL.search(phrase)
    if placed and short and not _ELLIPSIS.match(question):
        return _with_phrase(before, _low(phrase), placed["preposition"])
    return _with_other(question, before, phrase, conversation) if other else None


def _with_phrase(before: str, phrase: str, preposition: str) -> str:
    """Ask the question before of another place or time: "And in Iraq?"."""
    there = re.compile(rf"\b{preposition}\s+[^?,]*?(?=\s+{_PREPOSITION}\s|\W*$|,)", re.IGNORECASE)
    found = list(there.finditer(before))
    if found:
        return before[: found[-1].start()] + phrase + before[found[-1].end() :]
    return f"{before.rstrip(' ?.')} {phrase}?"


def _with_other(question: str, before: str, other: str, conversation: Conversation) -> str:
    """Ask the question before of another person or thing: "What about Trump?"."""
    names = [re.sub(r"^the ", "", name.text) for name in find_mentioned_names(before)]
    if names:
        # A person is put in a person's place where the question names one.
        alike = [name for name in names if is_person(name) == is_person(other)]
        if alike or find_names(other):
            return _replaced(before, (alike or names)[-1], other)
        return _with_aside(question, conversation)
    if _ABOUT.search(before):
        return _with_topic(before, other)
    subject = subject_of(before)
    if subject and YES_NO.match(before) and len(other.split()) <= len(subject.text.split()) + 1:
        return before.replace(subject.text, other, 1)
    return question if find_names(other) else _with_aside(question, conversation)


def _replaced(before: str, name: str, other: str) -> str:
    """Put another name in a name's place, with an article only where it takes one."""
    articled = re.search(rf"\bthe\s+(?={re.escape(name)})", before, re.IGNORECASE)
    if articled and not other.endswith("s"):
        before = before[: articled.start()] + before[articled.end() :]
    elif articled:
        other = re.sub(r"^the\s+", "", other, flags=re.IGNORECASE)
    return before.replace(name, other)


def _with_aside(question: str, conversation: Conversation) -> str:
    topic = main_topic(conversation)
    return f"{question.rstrip(' ?')} ({topic})?" if topic else question


def _ellipsis(question: str, before: str) -> str | None:
    alone = _WHEN_WHERE.match(question)
    if alone is not None and _WH.match(before):
        root = re.sub(r"^(?:When|Where) was that: ", "", before)
        return f"{alone['wh'].capitalize()} was that: {root[0].lower()}{root[1:]}"
    more = _ELSE.match(question)
    if more and more["wh"] and re.match(rf"{more['wh']}\b(?!\s+else)", before, re.IGNORECASE):
        return f"{before[: len(more['wh'])]} else{before[len(more['wh']) :]}"
    if more or _ELLIPSIS.match(question):
        return f"{question.strip().rstrip('?')}? {before}"
    return None
