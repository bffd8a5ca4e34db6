"""Whom a role means: "the governor of Kumla" → the one whom the article describes so.

A role is resolved only where the article names exactly one person for it and says all that the
question says: "the Iranian president" is nobody where only a Syrian one has a name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.aliases import is_country, is_country_among, terms_of_names, with_one_name
from retrieval.attributions import holds_speech_verb, is_word_for_person
from retrieval.domain import Span
from retrieval.names import NAME, clean_name, find_names, fullest_name, is_person
from retrieval.outlines import Outline
from retrieval.questions import asked_role
from retrieval.words import STOP_WORDS, index_terms

_OF = r"(?:of|for|at|in|from)"
_WITHIN = r"(?:[^,.;:\"“”]|(?<=\d)[,.](?=\d))"  # a part of a sentence without marks
_SPLIT_OF = re.compile(rf"\s+{_OF}\s+", re.IGNORECASE)
_DETERMINER = re.compile(r"(?:a|an|the|its|his|her|their|our)\b|\w+['’]s?(?=\s)", re.IGNORECASE)
# The next two are compiled when they are first needed: few questions name a role.
# "the head of the Commission, Howard Fonda, said"; "President Ann Lee"
_NAME_BEHIND = (
    rf"(?P<of>\s+{_OF}\s{_WITHIN}{{1,80}}?)?,\s+(?P<set_off>{NAME})(?=\s*[,.;)])"
    rf"|\s+(?P<direct>{NAME})"
)
# "Ann Lee, 45, the mayor of Leeds,"; "Ann Lee was the mayor"
_NAME_BEFORE = (
    rf"(?P<name>{NAME})(?:\s*,\s*(?:\d{{1,3}}\s*,\s*)?|\s+(?P<verb>is|was|became|has\s+been)\s+)"
    rf"(?P<between>{_WITHIN}{{0,80}})$"
)
_ENDS = re.compile(
    rf"(?P<of>\s+(?:{_OF}|with|on|to|by|under|and|or|who|that|which|whose)\s{_WITHIN}*)?"
    r"(?=[,.;:)\"“”]|$)"
)
_PLACED = re.compile(r"\b(?:in|at|near|inside|outside|across|throughout|around)\s+$", re.IGNORECASE)
# Whoever is one of these does not hold the office itself, or no longer.
_NOT_ITSELF = frozenset(
    index_terms(
        "deputy vice assistant associate former ex late acting shadow next future retired honorary "
        "interim aspiring onetime previous"
    )
)


@dataclass(frozen=True, slots=True)
class _Role:
    """A role as a question names it: what somebody is, and the terms that say of what."""

    head: str
    terms: frozenset[str]

    def is_meant_by(self, described: str) -> bool:
        """Return whether a description says all that the question says, and means no deputy."""
        there = _terms_of(described)
        if not _NOT_ITSELF.isdisjoint(there - self.terms):
            return False
        return all(_is_among(term, there) for term in self.terms)

    def is_denied_by(self, described: str) -> bool:
        """Return whether a description is another's: of another country, or only a deputy's."""
        if self.is_meant_by(described):
            return False
        there = _terms_of(described)
        asked_country = any(is_country(term) for term in self.terms)
        other_country = asked_country and any(is_country(term) for term in there)
        return other_country or not _NOT_ITSELF.isdisjoint(there)


def name_role(question: str, outlines: Iterable[Outline]) -> str:
    """Put a name in place of the role whose holder's words a question asks for.

    :param question: the standalone question.
    :param outlines: of the documents that may answer.
    :return: the question, unchanged where the documents do not name exactly one holder.
    """
    place = asked_role(question)
    if place is None:
        return question
    role = _parse(place.of(question))
    if role is None:
        return question
    holders = {
        name
        for outline in outlines
        for name, described in _described(role, outline)
        if role.is_meant_by(described)
    }
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
    descriptions = [described for name, described in _described(role, outline) if name == speaker]
    return bool(descriptions) and all(role.is_denied_by(described) for described in descriptions)


def _parse(role: str) -> _Role | None:
    """Return what a role consists of; None where it is a name ("the UN"), or of several."""
    core, *rest = _SPLIT_OF.split(re.sub(r"^the\s+", "", role, flags=re.IGNORECASE), maxsplit=1)
    words = with_one_name(core).split()
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


def _is_among(term: str, terms: Collection[str]) -> bool:
    return term in terms or is_country_among(term, "", terms)


def _described(role: _Role, outline: Outline) -> Iterator[tuple[str, str]]:
    """Yield the names that stand with a role's head, in full, each with its description and what
    the article is about.
    """
    text = outline.document.text
    # In an article on Google "the company's founder" is Google's. A country in a headline may be
    # anybody's.
    title = index_terms(outline.document.title)
    context = " ".join(t for t in title if not is_country(t) and t not in _NOT_ITSELF)
    known: Sequence[str] | None = None
    for match in re.finditer(rf"(?<![\w-]){re.escape(role.head)}(?![\w'’-])", text, re.IGNORECASE):
        if not _says_what(match[0]):
            continue
        sentence = outline.sentences[outline.rows_of(Span(match.start(), match.end()))[0]]
        before, behind = text[sentence.start : match.start()], text[match.end() : sentence.end]
        found = _named_behind(role, before, behind) or _named_before(before, behind)
        if found is None:
            continue
        run, described = found
        name = clean_name(run)
        if name and is_person(name):
            known = find_names(text) if known is None else known
            yield fullest_name(name, known), f"{described} {match[0]} {context}"


def _named_behind(role: _Role, before: str, behind: str) -> tuple[str, str] | None:
    named = re.match(_NAME_BEHIND, behind)
    if named is None:
        return None
    # "Iran told President Lee": only what stands at the role itself describes it.
    words: list[str] = []
    for word in reversed(before.split()[-len(role.terms) - 1 :]):
        if word.lower() in STOP_WORDS or not word[-1].isalnum() or holds_speech_verb(word):
            break
        words.insert(0, word)
    return named["set_off"] or named["direct"], f"{' '.join(words)}{named['of'] or ''}"


def _named_before(before: str, behind: str) -> tuple[str, str] | None:
    named, ends = re.search(_NAME_BEFORE, before), _ENDS.match(behind)
    if named is None or (ends is None and not named["verb"]):
        return None
    # "a former worker turned therapist" is a therapist
    described = named["between"].rpartition(" turned ")[2]
    determiner = _DETERMINER.match(named["between"])
    between = described.removeprefix(determiner[0]) if determiner else described
    words = set(between.lower().split())
    # "Ann Lee, a friend of the mayor," is not the mayor, nor is she in "Ann Lee, Tom Hill and the
    # mayor".
    if (
        (named["verb"] and determiner is None)
        or words & (STOP_WORDS - {"and"})
        or ("and" in words and determiner is None)
        or holds_speech_verb(between)
        or _PLACED.search(before[: named.start()])
    ):
        return None
    return named["name"], f"{between}{ends['of'] or '' if ends else ''}"
