"""Follow-up → standalone question, without a model: carry over who or what is meant.

A first, simple form: what a pronoun or a missing part stands for is taken from the questions and
answers before. The result is shown to the person ("read as: …"), so a wrong guess can be seen.
"""

from __future__ import annotations

import re

from retrieval.domain import Conversation, Turn
from retrieval.names import find_names, is_person
from retrieval.words import STOP_WORDS, split_words

_HE = re.compile(r"\b(?:he|she|him)\b", re.IGNORECASE)
_HIS = re.compile(r"\b(?:his|her)\b(?=\s+\w)", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|they|them|this|that(?!\s+\w+ed\b)|those|these|there)\b(?=\s*[?.,!]|\s+\w+|$)",
    re.IGNORECASE,
)
_ITS = re.compile(r"\b(?:its|their)\b(?=\s+\w)", re.IGNORECASE)
_OTHER = re.compile(
    r"^\W*(?:and\s+|but\s+)?(?:what|how)\s+about\s+(?P<other>.+?)\W*$", re.IGNORECASE
)
_ABOUT_OTHER = re.compile(r"^\W*(?:and\s+|but\s+)?about\s+(?P<other>.+?)\W*$", re.IGNORECASE)
_ABOUT = re.compile(r"\babout\s+[^?]+?(?P<end>\W*)$", re.IGNORECASE)
_AND_OTHER = re.compile(r"^\W*(?:and|or|but)\s+(?P<other>[^?]{2,60}?)\W*$", re.IGNORECASE)
_ELLIPSIS = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:why|when|where|who|how|how\s+(?:much|many|long|often|so)|"
    r"which|what|what\s+else|why\s+not|since\s+when|by\s+whom|with\s+whom|tell\s+me\s+more|more|"
    r"go\s+on|anything\s+else|any\s+details?|really|for\s+example|such\s+as|like\s+what)\W*$",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"^\W*(?:what|who|whom|whose|when|where|why|how|which|is|are|was|were|do|does|did|has|have|had|"
    r"can|could|will|would|should|in|on|at|to|from|for|by|of|tell|name|list|according)\b",
    re.IGNORECASE,
)


def standalone_question(question: str, conversation: Conversation | None) -> str:
    """Rewrite a question so that it needs no history.

    :param question: as typed.
    :param conversation: what was said before, newest last.
    :return: the question itself where it already stands alone or nothing is known to carry over.
    """
    if conversation is None or not conversation.turns:
        return question
    before = conversation.turns[-1].answer.standalone_question
    topic = _ABOUT_OTHER.match(question)
    if topic is not None and _ABOUT.search(before):
        return _with_topic(before, topic["other"])
    other = _OTHER.match(question)
    if other is None and not _QUESTION_WORD.match(_without_and(question)):
        other = _AND_OTHER.match(question)
    if other is not None:
        return _with_other(before, other["other"])
    if _ELLIPSIS.match(question):
        return f"{question.strip().rstrip('?')}? {before}"
    return _with_pronouns(question, conversation)


def _without_and(question: str) -> str:
    return re.sub(r"^\W*(?:and|or|but)\s+", "", question, flags=re.IGNORECASE)


def _with_topic(before: str, topic: str) -> str:
    """Ask the same about another topic: "And about Trump?"."""
    return _ABOUT.sub(lambda match: f"about {topic}{match['end']}", before)


def _with_other(before: str, other: str) -> str:
    """Ask the question before of another person or thing: "What about Trump?"."""
    names = find_names(before)
    if not names and _ABOUT.search(before):
        return _with_topic(before, other)
    if not names:
        return f"{before.rstrip(' ?')}: {other}?"
    # A person is put in a person's place where the question names one.
    alike = [name for name in names if is_person(name) == is_person(other)]
    return before.replace((alike or names)[-1], other)


def _with_pronouns(question: str, conversation: Conversation) -> str:
    person = _last_name(conversation, people=True)
    thing = _topic(conversation.turns[-1])
    replaced = question
    if person is not None:
        replaced = _HIS.sub(f"{person}'s", _HE.sub(person, replaced))
    if replaced == question and thing is not None and not find_names(question):
        if _ITS.search(question):
            replaced = _ITS.sub(f"{thing}'s", question, count=1)
        elif _IT.search(question):
            replaced = _IT.sub(thing, question, count=1)
    return replaced


def _last_name(conversation: Conversation, *, people: bool) -> str | None:
    """Return the person whom the conversation was last about."""
    for turn in reversed(conversation.turns):
        candidates = find_names(turn.answer.standalone_question)
        candidates += [c.speaker for c in turn.answer.citations[:1] if c.speaker]
        candidates += find_names(turn.answer.short_answer or "")
        for name in candidates:
            if is_person(name) == people:
                return name
    return None


def _topic(turn: Turn) -> str | None:
    """Return what a turn was about: what stands after "about", a name, or its last noun."""
    question = turn.answer.standalone_question
    about = re.search(r"\b(?:about|of|on)\s+((?:the\s+)?[\w\s'’-]{2,50}?)\W*$", question)
    if about:
        return about[1].strip()
    names = find_names(question)
    if names:
        return names[-1]
    noun = re.search(r"\b(?:the|a|an)\s+(\w+)", question, re.IGNORECASE)
    if noun:
        return f"the {noun[1]}"
    words = [word for word in split_words(question) if word not in STOP_WORDS]
    return f"the {' '.join(words[-2:])}" if words else None
