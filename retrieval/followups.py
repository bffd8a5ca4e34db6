"""Follow-up → standalone question, without a model: carry over who or what is meant.

What a pronoun or a missing part stands for is taken from the questions and answers before. The
result is shown to the person ("read as: …"), so a wrong guess can be seen.
"""

from __future__ import annotations

import re

from retrieval.antecedents import (
    FEMALE,
    GROUP,
    MALE,
    THING,
    group_meant,
    main_topic,
    person_meant,
    place_meant,
    thing_meant,
)
from retrieval.courtesies import without_courtesies
from retrieval.domain import Conversation
from retrieval.fragments import complete_fragment
from retrieval.mentions import (
    RELATIONAL_NOUN,
    Mention,
    find_bare_plural,
    find_mentioned_names,
    is_noun_like,
    subject_of,
)
from retrieval.words import split_words

# "It" that stands for nothing: "is it true that …", "how long does it take to …".
_NO_SUBJECT = re.compile(
    r"(?:(?<=\bis\s)|(?<=\bwas\s))it\s+(?!\w+ed\b)(?:an?\s+)?(?:\w+\s+)?\w+\s+(?:for\s+.*)?(?:to|that)\b|"
    r"(?<=\bat\s)it\b|"
    r"\bit\s+(?:(?:be|is|was|really|also)\s+)?(?:(?:possible|impossible|likely|unlikely|true|"
    r"important|necessary|known|said|rain\w*|snow\w*|takes?|matters?|means?|like|about|when|that|"
    r"the\s+case)\b|(?:difficult|hard|easy|useful|common|safe|legal|illegal|best|better|good|bad|"
    r"dangerous|believed|thought|estimated|argued|claimed|reported|expected)\s+"
    r"(?:for\s+\w+\s+)?(?:to|that)\b)",
    re.IGNORECASE,
)
_WHOLE = {
    MALE: re.compile(r"\b(?:he|him)\b", re.IGNORECASE),
    FEMALE: re.compile(r"\bshe\b|\bher\b(?!\s+\w)", re.IGNORECASE),
    THING: re.compile(r"(?<!make\s)(?<!made\s)\bit\b(?!['’]s?\b)", re.IGNORECASE),
    GROUP: re.compile(r"\b(?:they|them)\b", re.IGNORECASE),
}
_POSSESSIVE = {
    MALE: re.compile(r"\bhis\b(?=\s+\w)", re.IGNORECASE),
    FEMALE: re.compile(r"\bher\b(?=\s+\w)", re.IGNORECASE),
    THING: re.compile(r"\bits\b(?=\s+\w)", re.IGNORECASE),
    GROUP: re.compile(r"\btheir\b(?=\s+\w)", re.IGNORECASE),
}
_THAT = re.compile(r"(?<=\babout\s)(?:this|that)\b(?=\W*$)", re.IGNORECASE)
_THOSE = re.compile(
    r"\b(?:those|these)\b(?=\s+(?:that|who|which|in|of|from)\b|\W*$)", re.IGNORECASE
)
_THERE = re.compile(
    r"(?<!^)\bthere\b(?=\W*$|,|\s+(?:in|after|before|during|when)\b)", re.IGNORECASE
)
_EXISTS = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:(?:what|which|how\s+many)\s+(?:\w+\s+){0,3})?"
    r"(?:is|are|was|were)\s+there\b",
    re.IGNORECASE,
)
_SORT_OF = (
    r"(?:most|main|other|key|common|possible|important|major|minor|early|famous|big|biggest|best|"
    r"different|typical|known|notable|principal|primary|first|last|long-term|short-term)"
)
_WHOSE = re.compile(
    rf"^\W*(?:(?:and|but|so)\s+)?what(?:['’]s|\s+(?:is|are|was|were))\s+(?:(?:the|some|a|an)\s+)?"
    rf"(?:(?:of\s+the|{_SORT_OF})\s+){{0,2}}{RELATIONAL_NOUN}\W*$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:article|text|story|page|document)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,.!?;]|\b(?:and|that|if|when|while|until|because|before|after|as|whether|than|once|though|where|who|"
    r"which)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^\W*(?:(?:what|and|so|but)\s+)*(?:if|once|unless)\b", re.IGNORECASE)
# What stands between a subject and a pronoun that is not the subject: its verb ("bought it"), or
# what it is about. "Did the ship have boats on it?" and "Did Brown say they hurt him?" may go back
# to the subject.
_APART = re.compile(
    r"\s+(?:(?:also|ever|really|\w+ly)\s+)?(?:\w+\s+$|(?:[a-z]+\s+){1,4}(?:about|by|against|to|from)\s+$)"
)
_OBJECT = re.compile(
    r"\b(?:it|him|them|her)(?=\W*$|[,?!;]|\s+(?:in|on|at|to|for|from|with|by|after|before|during|"
    r"again|now|last|this|there)\b)",
    re.IGNORECASE,
)
_WIDE_SPACE = re.compile(r"\s{4,}")
_SENTENCE_END = re.compile(r"[.!?]\s")
_POSSESSED = re.compile(r"\b(?:his|her|its|their|my|our|your)\s+\w+", re.IGNORECASE)


def standalone_question(question: str, conversation: Conversation | None) -> str:
    """Rewrite a question so that it needs no history, and leave out thanks and greetings before it.

    :param question: as typed.
    :param conversation: what was said before, newest last.
    :return: the question itself where it already stands alone or nothing is known to carry over.
    """
    # Long runs of space are no question's own, and patterns take their time over them.
    question = without_courtesies(_WIDE_SPACE.sub(" ", question))
    if conversation is None or not conversation.turns:
        return question
    completed = complete_fragment(question, conversation)
    if completed is not None:
        return completed
    return _with_topic(_with_pronouns(question, conversation), question, conversation)


def _with_pronouns(question: str, conversation: Conversation) -> str:
    rewritten = question
    found_at = {
        kind: match.start()
        for kind in (MALE, FEMALE, THING, GROUP)
        if (match := _first_of(question, kind))
    }
    for pronouns in sorted(found_at, key=lambda kind: found_at[kind]):
        found = _first_of(rewritten, pronouns)
        if found is None or _explained(question, found_at[pronouns], pronouns):
            continue
        meant = _meant(rewritten, conversation, pronouns)
        if meant is None:
            continue
        # The first one only: the others of its kind lean on it.
        possessive = _POSSESSIVE[pronouns].match(rewritten, found.start())
        rewritten = _put(rewritten, found, _genitive(meant) if possessive else meant)
    return _with_place(_with_demonstrative(rewritten, conversation), conversation)


def _first_of(question: str, pronouns: frozenset[str]) -> re.Match[str] | None:
    found = [p.search(question) for p in (_WHOLE[pronouns], _POSSESSIVE[pronouns])]
    first = min((match for match in found if match), key=lambda match: match.start(), default=None)
    if first and pronouns is THING and _NO_SUBJECT.match(question, first.start()):
        return None
    return first


def _meant(question: str, conversation: Conversation, pronouns: frozenset[str]) -> str | None:
    if pronouns is THING:
        return thing_meant(conversation)
    if pronouns is GROUP:
        return group_meant(conversation)
    return person_meant(question, conversation, pronouns)


def _with_demonstrative(question: str, conversation: Conversation) -> str:
    for pattern, meant in ((_THAT, thing_meant), (_THOSE, group_meant)):
        found = pattern.search(question)
        if found is None:
            continue
        antecedent = meant(conversation)
        if antecedent is not None:
            return _put(question, found, antecedent)
    return question


def _with_place(question: str, conversation: Conversation) -> str:
    there = _THERE.search(question)
    place = place_meant(conversation) if there and not _EXISTS.match(question) else None
    return question if there is None or place is None else _put(question, there, f"in {place}")


def _with_topic(rewritten: str, question: str, conversation: Conversation) -> str:
    """Add what a question is about that names nothing: "Are there any cures?"."""
    if rewritten != question or find_mentioned_names(question):
        return rewritten
    if _ARTICLE.search(question) or not (_EXISTS.match(question) or _WHOSE.match(question)):
        return rewritten
    topic = main_topic(conversation)
    if topic is None or topic.lower() in question.lower():
        return rewritten
    if _WHOSE.match(question):
        return f"{question.rstrip(' ?')} of {topic}?"
    return f"{question.rstrip(' ?')} ({topic})?"


def _put(question: str, pronoun: re.Match[str], meant: str) -> str:
    return question[: pronoun.start()] + meant + question[pronoun.end() :]


def _genitive(thing: str) -> str:
    return f"{thing}'" if thing.endswith("s") else f"{thing}'s"


def _explained(question: str, at: int, pronouns: frozenset[str]) -> bool:
    """Return whether what a pronoun stands for is named before it in its own question."""
    before = question[:at]
    names = [name for name in find_mentioned_names(before) if _agrees(name, pronouns)]
    if len(names) == 1 and _OBJECT.match(question, at) and not _CLAUSE.search(before):
        subject = subject_of(question)
        end = before.rfind(names[0].text.split()[-1]) + len(names[0].text.split()[-1])
        if subject is not None and subject.text == names[0].text and _APART.match(before[end:]):
            return False
    if names:
        return True
    if pronouns in (MALE, FEMALE):
        return _SENTENCE_END.search(before) is not None
    if _CONDITION.match(before) and any(map(is_noun_like, split_words(before))):
        return True
    if _POSSESSIVE[pronouns].match(question, at):
        subject = subject_of(question)
        if (subject and subject.start < at) or find_bare_plural(before):
            return True
    elif _POSSESSED.search(before):
        return True
    clauses = _CLAUSE.split(before)
    return any(is_noun_like(word) for word in split_words(" ".join(clauses[:-1])))


def _agrees(name: Mention, pronouns: frozenset[str]) -> bool:
    if pronouns in (MALE, FEMALE):
        return name.person
    return not name.person and (name.many is None or name.many == (pronouns is GROUP))
