"""Who or what the pronouns of a follow-up stand for, found in the turns before it.

What an earlier pronoun of the same kind was read as comes first: a conversation stays with its
subject. Nothing is returned rather than something that disagrees in number or kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from retrieval.domain import Conversation, Turn
from retrieval.mentions import (
    YES_NO,
    Mention,
    find_acting_people,
    find_bare_plural,
    find_joined_names,
    find_mentioned_names,
    find_noun_phrases,
    plural_of,
    subject_of,
    topic_of,
)
from retrieval.names import fullest_name, same_name

MALE = frozenset(("he", "him", "his"))
FEMALE = frozenset(("she", "her", "hers"))
THING = frozenset(("it", "its"))
GROUP = frozenset(("they", "them", "their", "those", "these"))

_WHO = re.compile(r"^\W*(?:and\s+|so\s+)?who(?:m|se)?\b", re.IGNORECASE)
_WHICH = re.compile(r"^\W*(?:and\s+|so\s+)?(?:who|whom|which|what)\b", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:in|at|to|from|near|into)\s+(?P<place>(?:the\s+)?)$", re.IGNORECASE)
_SHORT_ANSWER = 6  # words: more are a sentence, which speaks of other things too
_OF_PEOPLE = re.compile(
    r"\b(?:say|said|tell|told|think|thought|believe|claim|deny|born|die|died|marry|married|write|wrote|"
    r"accuse|argue|explain|feel|decide|wife|husband|son|daughter|brother|sister|father|mother)\b",
    re.IGNORECASE,
)
_NOT_KNOWN = re.compile(r"^\W*I (?:do not|don['’]t) know\b", re.IGNORECASE)


def person_meant(question: str, conversation: Conversation, pronouns: frozenset[str]) -> str | None:
    """Return whom "he" or "she" means.

    :param question: the one that holds the pronoun; whoever it names is somebody else.
    :param conversation: what was said before.
    :param pronouns: :data:`MALE` or :data:`FEMALE`.
    """
    others = {mention.text for mention in find_mentioned_names(question)}
    others |= {
        meant
        for turn in conversation.turns
        for pronoun, meant in _read_as(turn)
        if pronoun in (MALE | FEMALE) - pronouns
    }
    for mentioned in _people(conversation, pronouns):
        if not any(same_name(mentioned, other) for other in others):
            return fullest_name(mentioned, _people_named(conversation))
    return None


def _people(conversation: Conversation, pronouns: frozenset[str]) -> Iterator[str]:
    newest_first = conversation.turns[::-1]
    for turn in newest_first:
        yield from (meant for pronoun, meant in _read_as(turn) if pronoun in pronouns)
        if _WHO.match(turn.question):
            yield from (
                m.text for m in find_mentioned_names(_said(turn)) if m.start == 0 and m.person
            )
            yield from find_acting_people(_said(turn))
        yield from (m.text for m in _not_beside(pronouns, turn) if m.person)
        yield from (c.speaker for c in turn.answer.citations[:1] if c.speaker)
    # Whom only an answer names is meant where no question names anybody.
    for turn in newest_first:
        yield from find_acting_people(_said(turn))


def _not_beside(pronouns: frozenset[str], turn: Turn) -> list[Mention]:
    """Return the names of a question, without those after a pronoun that they cannot mean."""
    question = turn.answer.standalone_question
    end = _open_at(question, pronouns)
    return [mention for mention in find_mentioned_names(question) if mention.start < end]


def _open_at(question: str, pronouns: frozenset[str]) -> int:
    """Return where the first such pronoun stands that was not replaced, or else the end."""
    for word in re.finditer(r"[a-z]+", question.lower()):
        if word.group() in pronouns:
            return word.start()
    return len(question)


def _people_named(conversation: Conversation) -> set[str]:
    texts = (text for t in conversation.turns for text in (t.answer.standalone_question, _said(t)))
    return {m.text for text in texts for m in find_mentioned_names(text) if m.person}


def thing_meant(conversation: Conversation) -> str | None:
    """Return what "it" means."""
    for turn in reversed(conversation.turns):
        for pronoun, meant in _read_as(turn):
            if pronoun in THING:
                return meant
        spoken_of = _spoken_of(turn, THING)
        for mention in spoken_of:
            if not mention.person and not mention.many:
                return mention.text
        # A single word that looks like a person's name may be a company's or a town's; but after
        # "Did X do that?" the deed is meant.
        for mention in () if YES_NO.match(turn.answer.standalone_question) else spoken_of:
            if mention.name and not _known_person(mention.text, turn, conversation):
                return mention.text
    topic = next((t for t in map(_topic, reversed(conversation.turns)) if t), None)
    if topic is None or topic.person or (topic.name and topic.many):
        return None
    return topic.text


def _known_person(name: str, turn: Turn, conversation: Conversation) -> bool:
    if " " in name or _WHO.match(turn.question) or _OF_PEOPLE.search(turn.question):
        return True
    called = {
        meant
        for other in conversation.turns
        for pronoun, meant in _read_as(other)
        if pronoun in MALE | FEMALE
    }
    speakers = {c.speaker for t in conversation.turns for c in t.answer.citations if c.speaker}
    full = {known for known in _people_named(conversation) if " " in known}
    return any(same_name(name, known) for known in called | speakers | full)


def group_meant(conversation: Conversation) -> str | None:
    """Return whom or what "they" means."""
    for turn in reversed(conversation.turns):
        for pronoun, meant in _read_as(turn):
            if pronoun in GROUP:
                return meant
        for mention in (*_named_in_short(turn), *_groups(turn)):
            if mention.many:
                return mention.text
        topic = _topic(turn)
        if topic and re.match(r"an?\s", topic.text):
            return plural_of(topic.text)
        subject = subject_of(turn.answer.standalone_question)
        # "The SDF" may be many wherever it stands; a bare name only where all turns on it.
        articled = (m for m in _spoken_of(turn, GROUP) if m.name and m.text.startswith("the "))
        for mentioned in (topic, subject, *articled):
            if mentioned and mentioned.many is None and mentioned.name:
                return mentioned.text
    return None


def _groups(turn: Turn) -> Iterator[Mention]:
    question = turn.answer.standalone_question
    end = _open_at(question, GROUP)
    joined = find_joined_names(question)
    if joined and joined.start < end:
        yield joined
    yield from _spoken_of(turn, GROUP)
    plural = find_bare_plural(question)
    if plural and plural.start < end:
        yield plural


def _spoken_of(turn: Turn, pronouns: frozenset[str]) -> list[Mention]:
    """Return what a question speaks of before any such pronoun, likeliest first."""
    question = turn.answer.standalone_question
    found = [m for m in (topic_of(question), subject_of(question)) if m]
    found += [
        name
        for name in find_mentioned_names(question)
        # Where something happened is seldom what is spoken of.
        if not name.person and not _PLACE.search(question[: name.start])
    ]
    found += find_noun_phrases(question)
    end = _open_at(question, pronouns)
    return [mention for mention in found if mention.start < end]


def _topic(turn: Turn) -> Mention | None:
    return topic_of(turn.answer.standalone_question)


def _named_in_short(turn: Turn) -> Iterator[Mention]:
    """Yield the names that were a question's whole answer: "Which towns?" – "Rome and Pisa"."""
    said = turn.answer.short_answer or _said(turn)
    if not _WHICH.match(turn.question) or len(said.split()) > _SHORT_ANSWER:
        return
    joined = find_joined_names(said)
    if joined:
        yield joined


def place_meant(conversation: Conversation) -> str | None:
    """Return where "there" is."""
    for turn in reversed(conversation.turns):
        for text in (turn.answer.standalone_question, _said(turn)):
            for name in find_mentioned_names(text):
                bare = text[: name.start]
                if not name.person and _PLACE.search(bare):
                    return name.text
    return None


def main_topic(conversation: Conversation) -> str | None:
    """Return what the conversation is about, where no pronoun says it."""
    for turn in reversed(conversation.turns):
        meant = [meant for _, meant in _read_as(turn)]
        if meant:
            return meant[0]
        topic = _topic(turn)
        if topic:
            return topic.text
        if turn is conversation.turns[-1]:
            question = turn.answer.standalone_question
            names = find_mentioned_names(question)
            if len(names) == 1 and not _PLACE.search(question[: names[0].start]):
                return names[0].text
    return None


def _said(turn: Turn) -> str:
    said = turn.answer.text
    return "" if _NOT_KNOWN.match(said) else said


def _read_as(turn: Turn) -> list[tuple[str, str]]:
    """Return the pronouns of a past question with what each was read as."""
    if turn.question == turn.answer.standalone_question:
        return []
    typed, read = turn.question.split(), turn.answer.standalone_question.split()
    found = []
    for kind, i, j, k, m in SequenceMatcher(None, typed, read, autojunk=False).get_opcodes():
        word = typed[i].strip("?.!,").lower() if i < len(typed) else ""
        if kind == "replace" and j - i == 1 and word in MALE | FEMALE | THING | GROUP:
            found.append((word, re.sub(r"['’]s?$", "", " ".join(read[k:m]).strip("?.!,"))))
    return found
