"""Who speaks: direct quotation, reported speech or the article's own words, and whose.

A name is given only where the article makes it certain; otherwise the speaker is None. A wrong
speaker would be a wrong quotation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from retrieval.aliases import is_country
from retrieval.attributions import (
    find_subject,
    find_told,
    holds_speech_verb,
    is_office,
    stands_for_somebody,
)
from retrieval.domain import Span, SpeechKind
from retrieval.names import NAME, clean_name, find_names, fullest_name, is_person, name_parts
from retrieval.pronouns import find_pronouns
from retrieval.sentences import split_paragraphs
from retrieval.words import stem_word

_OPENING, _CLOSING = "“„«", "”»"
# A quotation of fewer words is a scare quote or a title.
_LEAST_QUOTED_WORDS = 3
_MOSTLY = 0.5  # of a sentence's words
_DIALOG = 6  # sentences between two voices that take turns
_PLENTY = 8  # quoted words that make a sentence direct speech however long the rest is

_OTHER_OPENING = {"he": re.compile(r"(?:She|Her)\b"), "she": re.compile(r"(?:He|His)\b")}
# "In Chelyabinsk": a place, or at least not whoever acts.
_PREPOSITIONS = frozenset(
    "in at from for to by with on about near after before during over under across of between "
    "among through since until despite like unlike".split()
)
_OPENS_WITH_NAME = re.compile(
    rf"(?:(?:But|And|Yet|So|However|Meanwhile|Then|Later|Now|When|While|As|Today)\W+)?({NAME})"
)


@dataclass(frozen=True, slots=True)
class Speech:
    """Who speaks in one sentence.

    :param kind: direct quotation, reported speech or the article's own words.
    :param speaker: the fullest name that the article gives, None where it is not certain.
    """

    kind: SpeechKind
    speaker: str | None = None


def find_speech(text: str, sentences: Sequence[Span]) -> list[Speech]:
    """Return who speaks in each sentence of a document.

    :param text: the document's text.
    :param sentences: its sentences in order, as :func:`retrieval.sentences.split_sentences` cuts.
    :return: one for each sentence.
    """
    return _Listener(text, sentences).listen()


def find_quotations(text: str) -> list[Span]:
    """Return the direct quotations of ``text`` with their marks, in order.

    Straight and curly double quotation marks and guillemets count; a paragraph that ends inside a
    quotation ends it (the next one opens it anew, or it was never closed).
    """
    quotations: list[Span] = []
    for paragraph in split_paragraphs(text):
        start: int | None = None
        for at in range(paragraph.start, paragraph.end):
            char = text[at]
            if start is None and (char in _OPENING or char == '"'):
                start = at
            elif start is not None and (char in _closing(text[start]) or char == '"'):
                quotations.append(Span(start, at + 1))
                start = None
        if start is not None and text[start] in _OPENING and paragraph.end - start > 1:
            quotations.append(Span(start, paragraph.end))
    return quotations


def _closing(opening: str) -> str:
    return _CLOSING + "“" if opening == "„" else _CLOSING


def is_outside_quotations(span: Span, quotations: Sequence[Span]) -> bool:
    """Return whether a stretch touches no quotation."""
    return not any(quotation.overlaps(span) for quotation in quotations)


class _Listener:
    """Reads the sentences in order and remembers who spoke last."""

    def __init__(self, text: str, sentences: Sequence[Span]) -> None:
        self.text = text
        self.sentences = sentences
        self.names = list(dict.fromkeys(find_names(text)))
        # The names that stand somewhere else than at the beginning of a sentence.
        self._within = {n for s in sentences for n in find_names(s.of(text).partition(" ")[2])}
        self.quotations = find_quotations(text)
        self._starts = [quotation.start for quotation in self.quotations]
        self._paragraphs = [paragraph.start for paragraph in split_paragraphs(text)]
        self._sentence_starts = [sentence.start for sentence in sentences]
        self._full_names: dict[str, str] = {}
        self._names_by_part = _names_by_part(self.names)
        self._pronouns: dict[str, frozenset[str]] = {}
        self._last: str | None = None  # who spoke last
        self._last_row = -1  # and in which sentence
        self._before: str | None = None  # who else spoke before that
        self._before_row = -1

    def listen(self) -> list[Speech]:
        spoken: list[Speech] = []
        quoted_by: dict[int, str | None] = {}
        for sentence in self.sentences:
            speech = self._speech(sentence, spoken, quoted_by)
            if speech.speaker is not None:
                if self._last not in (None, speech.speaker):
                    self._before, self._before_row = self._last, self._last_row
                self._last, self._last_row = speech.speaker, len(spoken)
            spoken.append(speech)
        return self._spread_back(spoken)

    def _quotations_in(self, sentence: Span) -> list[int]:
        first = max(bisect_right(self._starts, sentence.start) - 1, 0)
        found = []
        for at in range(first, len(self.quotations)):
            if self.quotations[at].start >= sentence.end:
                break
            if self.quotations[at].overlaps(sentence):
                found.append(at)
        return found

    def _quoted_words(self, sentence: Span, inside: Sequence[int]) -> tuple[int, float]:
        parts = []
        for at in inside:
            quotation = self.quotations[at]
            part = Span(max(quotation.start, sentence.start), min(quotation.end, sentence.end))
            parts.append(part.of(self.text))
        n_words = sum(len(part.split()) for part in parts)
        return n_words, n_words / max(1, len(sentence.of(self.text).split()))

    def _outside(self, sentence: Span, inside: Sequence[int]) -> str:
        kept = list(sentence.of(self.text))
        for at in inside:
            quotation = self.quotations[at]
            for i in range(max(quotation.start, sentence.start), min(quotation.end, sentence.end)):
                kept[i - sentence.start] = " "
        return "".join(kept)

    def _speech(
        self,
        sentence: Span,
        spoken: Sequence[Speech],
        quoted_by: dict[int, str | None],
    ) -> Speech:
        inside = self._quotations_in(sentence)
        outside = self._outside(sentence, inside)
        attribution = find_subject(outside)
        n_quoted, share = self._quoted_words(sentence, inside)
        runs_on = any(not sentence.covers(self.quotations[at]) for at in inside)
        is_direct = (
            runs_on or (n_quoted >= _LEAST_QUOTED_WORDS and share >= _MOSTLY) or n_quoted >= _PLENTY
        )
        speaker = self._resolve(attribution, sentence) if attribution else None
        if is_direct:
            if attribution is None and not holds_speech_verb(outside):
                speaker = quoted_by.get(inside[-1]) or self._carried_on(sentence, spoken)
            for at in inside:
                quoted_by[at] = speaker
            return Speech("direct", speaker)
        if attribution is not None:
            return Speech("reported", speaker)
        return Speech("article")

    def _carried_on(self, sentence: Span, spoken: Sequence[Speech]) -> str | None:
        """Return who goes on speaking in a quotation that does not say whose it is."""
        if not spoken or spoken[-1].kind == "article":
            return None
        previous = self.sentences[len(spoken) - 1]
        same_paragraph = bisect_right(self._paragraphs, previous.start) == bisect_right(
            self._paragraphs, sentence.start
        )
        # Across paragraphs a bare quotation may be an answer to the one before it.
        if same_paragraph or spoken[-1].kind == "direct":
            return spoken[-1].speaker
        return None

    def _resolve(self, subject: str, sentence: Span) -> str | None:
        """Return whom a subject means: a name in full, or whom "he" stands for."""
        if subject in ("I", "they", "They"):
            return None
        if not stands_for_somebody(subject):
            name = clean_name(subject)
            return self._in_full(name) if name else None
        person = self._meant_by(subject, sentence)
        if person is None:
            return None
        if subject.lower() in _OTHER_OPENING:
            called = self._may_be_called(subject.lower(), person, sentence.start)
            return person if called else None
        return person if self._may_mean(subject, person, sentence) else None

    def _meant_by(self, subject: str, sentence: Span) -> str | None:
        """Return whom "he", "she" or a role stands for."""
        row = bisect_right(self._sentence_starts, sentence.start) - 1
        at = self.text.find(subject, sentence.start, sentence.end)
        earlier = self._first_person(Span(sentence.start, at)) if at > sentence.start else None
        if earlier is not None and is_outside_quotations(Span(sentence.start, at), self.quotations):
            return earlier  # "Assad also used the interview …, which he accused of …"
        # The nearest sentence that a person opens or speaks in decides; two people there leave
        # it open.
        for previous in range(row - 1, max(-1, row - 4), -1):
            if previous == self._last_row and self._last is not None and is_person(self._last):
                return self._last if self._still_meant(subject, row) else None
            if self._first_person(self.sentences[previous]) is not None:
                return _only_one(self._people_in(self.sentences[previous]))
            if previous == row - 1 and not self._is_new_paragraph(previous, row):
                mentions = self._mentions_in(self.sentences[previous])
                if person := _only_one(set(mentions.values())):
                    # Who is named by surname alone is a person; "Oval Office" is none.
                    return person if any(" " not in name for name in mentions) else None
        return None

    def _still_meant(self, subject: str, row: int) -> bool:
        """Return whether who spoke last is the only one whom "he" or a role can mean.

        Not in a dialog, where two take turns and "she" in a new paragraph may be the other one; not
        where it was said to somebody or of somebody; not where a sentence between begins with
        "his" and goes on about somebody else.
        """
        in_dialog = self._before is not None and self._before_row >= row - _DIALOG
        if in_dialog and self._is_new_paragraph(self._last_row, row):
            return False
        spoken = self.sentences[self._last_row]
        told = find_told(self._outside(spoken, self._quotations_in(spoken)))
        people = {name for name in map(self._in_full, told) if " " in name and is_person(name)}
        if people - {self._last}:
            return False
        other = _OTHER_OPENING.get(subject.lower())
        between = self.sentences[self._last_row + 1 : row]
        return other is None or not any(other.match(one.of(self.text)) for one in between)

    def _may_be_called(self, pronoun: str, person: str, at: int) -> bool:
        """Return whether the article nowhere calls somebody by the other pronoun alone."""
        if person not in self._pronouns:
            # "Van Der" has no part by which names are compared.
            alike = [
                n for part in name_parts(person)[-1:] for n in self._names_by_part.get(part, ())
            ]
            others = {name for name in alike if " " in name and name != person}
            self._pronouns[person] = find_pronouns(person, self.text, at, has_namesake=bool(others))
        return not self._pronouns[person] or pronoun in self._pronouns[person]

    def _may_mean(self, role: str, person: str, sentence: Span) -> bool:
        """Return whether a role can be somebody's who spoke before.

        "Her lawyer" is never her. Who holds an office was named with it ("President Ann Lee"); "the
        teacher" may tell something new.
        """
        if not role.lower().startswith("the "):
            return False
        if not is_office(role):
            return True
        office = re.compile(rf"\b{re.escape(role.split()[-1])}\b", re.IGNORECASE)
        name = re.compile(rf"\b{re.escape(person.split()[-1])}\b")
        before = takewhile(lambda earlier: earlier.start < sentence.start, self.sentences)
        texts = (earlier.of(self.text) for earlier in before)
        return any(office.search(text) and name.search(text) for text in texts)

    def _is_new_paragraph(self, previous: int, row: int) -> bool:
        return bisect_right(self._paragraphs, self.sentences[previous].start) != bisect_right(
            self._paragraphs, self.sentences[row].start
        )

    def _mentions_in(self, sentence: Span) -> dict[str, str]:
        """Return the people named in a sentence whom the article names in full: as they are named
        there → in full.
        """
        names = find_names(self._outside(sentence, self._quotations_in(sentence)))
        in_full = {name: self._in_full(name) for name in names}
        return {name: full for name, full in in_full.items() if " " in full and is_person(full)}

    def _people_in(self, sentence: Span) -> set[str]:
        """Return who may be meant in a sentence: who opens it, and people it names in full."""
        people = set(self._mentions_in(sentence).values())
        first = self._first_person(sentence)
        return people if first is None else people | {first}

    def _in_full(self, name: str) -> str:
        if name not in self._full_names:
            parts = name_parts(name)
            ends = dict.fromkeys((*parts[:1], *parts[-1:]))
            known = [n for part in ends for n in self._names_by_part.get(part, ())]
            # Nepal is not World Wildlife Fund Nepal.
            is_whole = is_country(stem_word(name.casefold()))
            self._full_names[name] = name if is_whole else fullest_name(name, known)
        return self._full_names[name]

    def _first_person(self, sentence: Span) -> str | None:
        """Return the person whose name opens a sentence or stretch, if one does."""
        match = _OPENS_WITH_NAME.match(sentence.of(self.text))
        if match is None or match[1].split()[0].lower() in _PREPOSITIONS:
            return None
        name = clean_name(match[1])
        if not name or (" " not in name and name not in self._within):
            return None  # any word is capitalised where a sentence begins
        full = self._in_full(name)
        return full if is_person(full) else None

    def _spread_back(self, spoken: list[Speech]) -> list[Speech]:
        """Give a quotation's first sentences the speaker named at its end."""
        for quotation in self.quotations:
            first = max(bisect_right(self._sentence_starts, quotation.start) - 1, 0)
            last = bisect_right(self._sentence_starts, quotation.end - 1)
            rows = [i for i in range(first, last) if self.sentences[i].overlaps(quotation)]
            if len(rows) < 2:
                continue
            speakers = {spoken[i].speaker for i in rows} - {None}
            if len(speakers) == 1:
                speaker = speakers.pop()
                for i in rows:
                    if spoken[i].kind == "direct":
                        spoken[i] = Speech("direct", speaker)
        return spoken


def _only_one(people: Set[str]) -> str | None:
    return next(iter(people)) if len(people) == 1 else None


def _names_by_part(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the names by their first and last words: others cannot mean the same one."""
    found: dict[str, list[str]] = {}
    for name in names:
        parts = name_parts(name)
        for part in dict.fromkeys((*parts[:1], *parts[-1:])):
            found.setdefault(part, []).append(name)
    return found
