"""Follow-up → standalone question, without a model: carry over who or what is meant.

A first, simple form: what a pronoun or a missing part stands for is taken from the questions and
answers before. The result is shown to the person ("read as: …"), so a wrong guess can be seen.
"""

from __future__ import annotations

import re

from retrieval.domain import Conversation
from retrieval.names import find_names, is_person
from retrieval.words import STOP_WORDS, split_words

_HE = re.compile(r"\b(?:he|she|him)\b", re.IGNORECASE)
_HIS = re.compile(r"\b(?:his|her)\b(?=\s+\w)", re.IGNORECASE)
_IT = re.compile(
    r"\b(?:it|they|them|this(?!\s+\w+\s*\?)|those(?!\s+that\b)|these|"
    r"(?<!\w\s)that(?!\s+\w+ed\b)|(?<=about\s)that|(?<=\bis\s)that|(?<=was\s)that|(?<=to\s)that)\b"
    r"(?=\s*[?.,!]|\s+\w+|$)",
    re.IGNORECASE,
)
_EXISTS = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:(?:what|which|how\s+many)\s+(?:\w+\s+){0,3})?"
    r"(?:is|are|was|were)\s+there\b",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    r"^\W*(?:what|who)\s+(?:is|are|was|were)\s+(?P<what>(?:(?:a|an|the)\s+)?[\w'’-]+(?:\s+[\w'’-]+){0,3}?)\W*$",
    re.IGNORECASE,
)
_A_NOUN = re.compile(r"\b(?:the|a|an)\s+(\w+)", re.IGNORECASE)
_LAST_NOUNS = re.compile(r"\b(?:the|a|an)\s+(\w+(?:\s+\w+)?)(?=\W*$)", re.IGNORECASE)
_CLAUSE = re.compile(r",|\band\b|\bthat\b|\bif\b", re.IGNORECASE)
_WH = re.compile(r"^\W*(?:who|whom|when|where|which|what|why)\b", re.IGNORECASE)
_WH_ALONE = re.compile(r"^\W*(?:and\s+|but\s+)?(?P<wh>when|where)\W*$", re.IGNORECASE)
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
        return _with_other(question, before, other["other"], conversation)
    alone = _WH_ALONE.match(question)
    if alone is not None and _WH.match(before):
        return f"{alone['wh'].capitalize()} was that: {before[0].lower()}{before[1:]}"
    if _ELLIPSIS.match(question):
        return f"{question.strip().rstrip('?')}? {before}"
    return _with_pronouns(question, conversation)


def _without_and(question: str) -> str:
    return re.sub(r"^\W*(?:and|or|but)\s+", "", question, flags=re.IGNORECASE)


def _with_topic(before: str, topic: str) -> str:
    """Ask the same about another topic: "And about Trump?"."""
    return _ABOUT.sub(lambda match: f"about {topic}{match['end']}", before)


def _with_other(question: str, before: str, other: str, conversation: Conversation) -> str:
    """Ask the question before of another person or thing: "What about Trump?"."""
    names = find_names(before)
    if not names and _ABOUT.search(before):
        return _with_topic(before, other)
    if not names:
        topic = _topic(conversation)
        return f"{question.rstrip(' ?')} ({topic})?" if topic else question
    # A person is put in a person's place where the question names one.
    alike = [name for name in names if is_person(name) == is_person(other)]
    return before.replace((alike or names)[-1], other)


def _with_pronouns(question: str, conversation: Conversation) -> str:
    person = _last_name(conversation, people=True)
    if person is not None:
        for pronoun, meant in ((_HE, person), (_HIS, f"{person}'s")):
            found = pronoun.search(question)
            # Whoever is named in the question itself is meant before anybody else.
            if found and not any(map(is_person, find_names(question[: found.start()]))):
                # The first one only: the others lean on it.
                return question[: found.start()] + meant + question[found.end() :]
    thing = _topic(conversation)
    if thing is None or find_names(question):
        return question
    if _EXISTS.match(question):
        return f"{question.rstrip(' ?')} ({thing})?"
    its = _ITS.search(question)
    if its is not None:
        return (
            question if _explained(question, its.start()) else _put(question, its, _genitive(thing))
        )
    it = _IT.search(question)
    return question if it is None or _explained(question, it.start()) else _put(question, it, thing)


def _put(question: str, pronoun: re.Match[str], meant: str) -> str:
    return question[: pronoun.start()] + meant + question[pronoun.end() :]


def _genitive(thing: str) -> str:
    return f"{thing}'" if thing.endswith("s") else f"{thing}'s"


def _explained(question: str, at: int) -> bool:
    """Return whether what a pronoun stands for is named before it, in a clause of its own."""
    clauses = _CLAUSE.split(question[:at])
    content = [word for word in split_words(" ".join(clauses[:-1])) if word not in STOP_WORDS]
    return len(clauses) > 1 and bool(content)


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


def _topic(conversation: Conversation) -> str | None:
    """Return what was spoken of: the last turn's topic, or what was asked to be explained."""
    question = conversation.turns[-1].answer.standalone_question
    about = re.search(r"\b(?:about|of|on)\s+((?:the\s+)?[\w\s'’-]{2,50}?)\W*$", question)
    if about:
        return about[1].strip()
    names = find_names(question)
    if names:
        return _noun_phrase(question, names[-1])
    for turn in reversed(conversation.turns):
        defined = _DEFINED.match(turn.answer.standalone_question)
        if defined:
            return defined["what"]
    noun = _LAST_NOUNS.search(question) or _A_NOUN.search(question)
    if noun:
        return f"the {noun[1]}"
    words = [word for word in split_words(question) if word not in STOP_WORDS]
    return f"the {' '.join(words[-2:])}" if words else None


def _noun_phrase(question: str, name: str) -> str:
    """Return the phrase that a name belongs to: "the civil war in Syria", "the Syrian war"."""
    bare = re.sub(r"^the\s+", "", name, flags=re.IGNORECASE)
    within = re.search(
        rf"\bthe\s+(?:\w+\s+){{1,2}}(?:in|of|on|at|against|between)\s+(?:the\s+)?{re.escape(bare)}\b",
        question,
    )
    if within:
        return within[0]
    adjective = re.search(rf"\bthe\s+{re.escape(bare)}\s+[a-z]+\b(?=\s*[?.,]|$)", question)
    return adjective[0] if adjective else name
