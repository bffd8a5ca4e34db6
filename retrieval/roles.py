"""Whom a role means: "the governor of Kumla" → the one whom the article describes so.

A role is resolved only where the article names exactly one person for it and says all that the
question says: "the Iranian president" is nobody where only a Syrian one has a name. Whatever else
stands between a role and a name leaves it open, because a wrong name is a wrong quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from retrieval.aliases import is_nation, is_nation_among, terms_of_names, with_one_name
from retrieval.attributions import holds_speech_verb, is_word_for_person
from retrieval.domain import Span
from retrieval.names import NAME, clean_name, find_names, fullest_name, is_person
from retrieval.outlines import Outline
from retrieval.questions import asked_role
from retrieval.words import STOP_WORDS, index_terms

_MOST_LOOKED_AT = 200  # places of a role's word in one document
_REACH = 250  # characters beside it
_OF = r"(?:of|for|at|in|from)"
_WITHIN = r"(?:[^,.;:\"“”]|(?<=\d)[,.](?=\d))"  # a part of a sentence without marks
_SPLIT_OF = re.compile(rf"\s+{_OF}\s+", re.IGNORECASE)
_DETERMINER = re.compile(r"(?:a|an|the|its|his|her|their|our)\b|\w+['’]s?(?=\s)", re.IGNORECASE)
# The next two are compiled when they are first needed: few questions name a role.
# "the head of the Commission, Howard Fonda, said"; "President Ann Lee"; not "the mayor, Ann Lee, a
# baker," which goes on about Ann Lee or begins a list.
_NAME_BEHIND = (
    rf"(?P<of>\s+{_OF}\s{_WITHIN}{{1,80}}?)?,\s+(?P<set_off>{NAME})"
    rf"(?=\s*[.)]|\s*,(?!\s+(?:an?|the|his|her|its|who|[A-Z])\b)(?!\s+[A-Z]))"
    rf"|\s+(?P<direct>{NAME})"
)
# "Ann Lee, 45, the mayor of Leeds,"; "Ann Lee was the mayor"
_NAME_BEFORE = (
    rf"(?<!\w)(?P<name>{NAME})"
    rf"(?:\s*,\s*(?:\d{{1,3}}\s*,\s*)?|\s+(?P<verb>is|was|became|has\s+been)\s+)"
    rf"(?P<between>{_WITHIN}{{0,80}})$"
)
_ENDS = re.compile(
    rf"(?P<of>\s+(?:(?:{_OF}|with|on|to|by|under)\s|and\s+(?!the\b|an?\b)[a-z]){_WITHIN}*)?"
    r"(?=[,.;:)\"“”]|$)"
)
# A clause of its own: "Ann Lee, the governor of Texas said" goes on with the governor.
_ACTS = re.compile(r"\b(?:is|was|are|were|has|had|will|would|can|could|did|does|[a-z]+ed)\b")
# "a critic of the government, Ann Lee," is not the government; "the mother of the boy" no boy.
_GOVERNED = re.compile(
    r"\b(?:of|for|to|at|from|with|by|in|on|against|after|about)\s+"
    r"(?:(?:the|an?|his|her|its|their|our)\s+)?(?:[\w'’\-]+\s+){0,3}$",
    re.IGNORECASE,
)
_NAME_GOVERNED = re.compile(
    r"\b(?:of|for|at|from|with|by|in|on|near|like|unlike|than|to)\s+$", re.IGNORECASE
)
# "When he met Ann Lee, the head of the school said": what opens a clause ends at the comma.
_OPENS_ASIDE = re.compile(
    r"\W*(?:after|when|as|while|if|although|though|before|since|once|asked|according|despite|"
    r"following|during|in|on|at|with|without|told|accused|urged|because|speaking|like|unlike|"
    r"[a-z]+ing)\b[^,]*$",
    re.IGNORECASE,
)
_HEADS_OF_MORE = frozenset("minister secretary officer general".split())  # "the prime minister"
# Words that may stand between a nation and an office.
_QUALIFIERS = frozenset(
    "prime foreign finance interior defence defense health education justice police union party "
    "opposition general chief".split()
)
# Whoever is one of these does not hold the office itself, or no longer.
_NOT_ITSELF = frozenset(
    index_terms(
        "deputy vice assistant associate former ex late acting shadow next future retired honorary "
        "interim aspiring onetime previous ousted elect time wannabe"
    )
) | {"then", "would"}


@dataclass(frozen=True, slots=True)
class _Role:
    """A role as a question names it: what somebody is, and the terms that say of what."""

    head: str
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Description:
    """What an article says of somebody beside a role's head.

    :param name: in full.
    :param before: the words before the head.
    :param of: the part behind it, "of the Commission".
    """

    name: str
    before: str
    of: str

    def is_meant(self, role: _Role) -> bool:
        """Return whether it says all that a question says, and means no deputy."""
        words = {*index_terms(self.before), *self.before.lower().replace("-", " ").split()}
        if not _NOT_ITSELF.isdisjoint(words - role.terms):
            return False
        if role.head in _HEADS_OF_MORE and not set(index_terms(self.before)) <= role.terms:
            return False
        # "the head of sport at the school" is not the school's
        near = re.split(r"\s(?:of|at|in|for|from|with)\s", self.of.strip(), maxsplit=1)[0]
        there = _terms_of(f"{self.before} {near}")
        return all(term in there or is_nation_among(term, there) for term in role.terms)

    def is_denied(self, role: _Role) -> bool:
        """Return whether it is another's: of another nation, or only a deputy's."""
        there = _terms_of(self.before)
        nations = {term for term in there if is_nation(term)}
        asked = {term for term in role.terms if is_nation(term)}
        if asked and nations:
            return not any(is_nation_among(term, there) for term in asked)
        return not _NOT_ITSELF.isdisjoint(there - role.terms)


def name_role(question: str, outline: Outline) -> str:
    """Put a name in place of the role whose holder's words a question asks for.

    :param question: the standalone question.
    :param outline: of the document that may answer.
    :return: the question, unchanged where the document does not name exactly one holder.
    """
    place = asked_role(question)
    role = _parse(place.of(question)) if place else None
    if place is None or role is None:
        return question
    holders = {one.name for one in _descriptions(role, outline) if one.is_meant(role)}
    if len(holders) != 1:
        return question
    return f"{question[: place.start]}{holders.pop()}{question[place.end :]}"


def is_other_holder(question: str, speaker: str | None, outline: Outline) -> bool:
    """Return whether somebody holds a like role, and not the one that a question asks for.

    :param question: the standalone question, with a role that has no name.
    :param speaker: as the article names them.
    :param outline: of the document.
    """
    place = asked_role(question)
    role = _parse(place.of(question)) if place else None
    if role is None or speaker is None:
        return False
    theirs = [one for one in _descriptions(role, outline) if one.name == speaker]
    return bool(theirs) and all(one.is_denied(role) for one in theirs)


def _parse(role: str) -> _Role | None:
    """Return what a role consists of; None where it is a name ("the UN"), or of several."""
    core, *rest = _SPLIT_OF.split(re.sub(r"^the\s+", "", role, flags=re.IGNORECASE), maxsplit=1)
    words = with_one_name(core).split()
    if not words or not words[-1][-1].isalnum():
        return None
    head = words[-1].lower()
    is_one = not head.endswith("s") or head.endswith("ss")
    if not is_one or head in STOP_WORDS or not _says_what(words[-1]):
        return None
    return _Role(head, _terms_of(" ".join([*words[:-1], *rest])))


def _says_what(word: str) -> bool:
    """Return whether a word says what somebody is, and is no part of a name."""
    return word.islower() or is_word_for_person(word.lower())


def _terms_of(text: str) -> frozenset[str]:
    return frozenset(index_terms(with_one_name(text))) | terms_of_names(text)


def _descriptions(role: _Role, outline: Outline) -> Iterator[_Description]:
    """Yield the people whom a document names beside a role's head."""
    text = outline.document.text
    known: list[str] = []
    places = re.finditer(rf"(?<![\w-]){re.escape(role.head)}(?![\w'’-])", text, re.IGNORECASE)
    for match in islice(places, _MOST_LOOKED_AT):
        if not _says_what(match[0]):
            continue
        sentence = outline.sentences[outline.rows_of(Span(match.start(), match.end()))[0]]
        before = text[max(sentence.start, match.start() - _REACH) : match.start()]
        behind = text[match.end() : min(sentence.end, match.end() + _REACH)]
        found = [
            one
            for one in (_named_behind(match[0], before, behind), _named_before(before, behind))
            if one
        ]
        if len(found) != 1:  # "Ann Lee, the mayor, Tom Hill, the priest, …"
            continue
        name = clean_name(found[0].name)
        if name and is_person(name):
            known = known or list(dict.fromkeys(find_names(text)))
            full = fullest_name(name, known)
            if " " in full and full.lower().startswith(f"{role.head} "):
                full = full[len(role.head) + 1 :]  # "Coach Tom Hill"
            yield _Description(full, found[0].before, found[0].of)


def _named_behind(head: str, before: str, behind: str) -> _Description | None:
    named = re.match(_NAME_BEHIND, behind)
    if named is None:
        return None
    of = named["of"] or ""
    if named["direct"] and not is_word_for_person(head.lower()):
        return None  # "wealthy Americans"
    if named["set_off"] and (
        _GOVERNED.search(before) or any(map(is_word_for_person, of.lower().split()))
    ):
        return None
    return _Description(named["set_off"] or named["direct"], _qualifiers(before), of)


def _qualifiers(before: str) -> str:
    """Return the words before a head that describe it: "former French" before "president".

    "Iran met President Lee": what a verb parts from the role does not describe it.
    """
    words: list[str] = []
    for word in reversed(before.split()):
        if word.lower() in STOP_WORDS - {"then", "would"} or not word[-1].isalnum():
            break
        known = word.lower() in _QUALIFIERS or not _NOT_ITSELF.isdisjoint(
            (*index_terms(word), *word.lower().split("-"))
        )
        if holds_speech_verb(word) or (words and word.islower() and not known):
            break
        words.insert(0, word)
        if word.islower() and not known and len(words) == 1:
            break  # "union leader", and nothing that may be its verb's before it
    return " ".join(words)


def _named_before(before: str, behind: str) -> _Description | None:
    named, ends = re.search(_NAME_BEFORE, before), _ENDS.match(behind)
    if named is None or (ends is None and not named["verb"]):
        return None
    of = (ends["of"] or "") if ends else ""
    # "a former worker turned therapist" is a therapist
    described = named["between"].rpartition(" turned ")[2]
    determiner = _DETERMINER.match(named["between"])
    between = described.removeprefix(determiner[0]) if determiner else described
    words = set(between.lower().split())
    lead = before[: named.start()]
    # "Ann Lee, a friend of the mayor," is not the mayor, nor is she in "Ann Lee, Tom Hill and the
    # mayor".
    if (
        (named["verb"] and determiner is None)
        or words & (STOP_WORDS - {"and", "then", "would"})
        or ("and" in words and determiner is None)
        or holds_speech_verb(f"{between} {of}")
        or _ACTS.search(of)
        or _NAME_GOVERNED.search(lead)
        or _OPENS_ASIDE.match(lead)
    ):
        return None
    return _Description(named["name"], between, of)
