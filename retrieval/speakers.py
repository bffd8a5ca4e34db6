"""Who speaks: direct quotation, reported speech or the article's own words, and whose.

A name is given only where the article makes it certain; otherwise the speaker is None. A wrong
speaker would be a wrong quotation.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass

from retrieval.aliases import is_country
from retrieval.domain import Span, SpeechKind
from retrieval.names import NAME, clean_name, find_names, fullest_name, is_person, name_parts
from retrieval.sentences import split_paragraphs
from retrieval.words import stem_word

_VERBS = (
    "said|says|say|told|tells|claimed|claims|added|adds|explained|explains|argued|argues|stated|"
    r"states(?=\s+(?:that|how|why)\b|\s*:)|"  # not "several African states"
    "insisted|insists|warned|warns|noted|notes|continued|speculated|declared|declares|"
    "announced|announces|admitted|admits|denied|denies|replied|asked|asks|wrote|writes|recalled|"
    "recalls|suggested|suggests|stressed|stresses|acknowledged|concluded|concludes|conceded|"
    "commented|complained|remarked|observed|maintained|maintains|asserted|asserts|believes|"
    "believed|thinks|predicted|predicts|vowed|pledged|promised|urged|accused|accuses|condemned|"
    "dismissed|described|describes|confirmed|revealed|joked|testified|tweeted|agreed|agrees|"
    "criticized|criticised|praised|welcomed|rejected|called|alleged|alleges|laughed|quipped|responded|reflected|cautioned|emphasized|emphasised"
)
_ADVERB = r"(?:(?:also|then|later|once|often|has|had|have|has also|further|(?!family\b)\w+ly)\s+)?"
# What a person can be called after being named; "the company" or "the study" is nobody's voice.
_PERSON = (
    "activist|actor|actress|ambassador|artist|author|billionaire|bishop|boy|campaigner|chairman|"
    "chairwoman|champion|chancellor|chief|coach|commander|curator|dictator|diplomat|director|"
    "doctor|executive|expert|father|founder|general|girl|governor|historian|journalist|judge|king|"
    "lawmaker|lawyer|leader|man|manager|mayor|minister|mother|musician|official|owner|player|poet|"
    "politician|pope|premier|president|prince|princess|professor|queen|researcher|scientist|"
    "secretary|senator|singer|spokesman|spokesperson|spokeswoman|star|teacher|woman|writer|"
    r"\d+-year-old"
)
_ROLE = rf"(?:[Tt]he|[Hh]is|[Hh]er)\s+(?:[a-z\-]+\s+){{0,2}}(?:{_PERSON})"
_SUBJECT = rf"(?P<subject>{NAME}|[Hh]e|[Ss]he|[Tt]hey|I|{_ROLE})"
# ", 62," or ", the curator of the museum," or " from the museum" between a name and its verb
_APPOSITION = (
    r"(?:\s*,\s*(?:[^,.;:\"“”]|(?<=\d),(?=\d)){1,80},"
    r"|\s+(?:from|of|at|for|with)\s[^,.;:\"“”]{1,60}?|,)?"
)

_SUBJECT_VERB = re.compile(
    # not "half of the people were told"
    rf"(?<![\w]){_SUBJECT}{_APPOSITION}\s+{_ADVERB}(?<!\bwas )(?<!\bwere )(?<!\bbeen )"
    rf"(?P<verb>{_VERBS})(?![\w])"
)
# not "a game called Never End"
_VERB_SUBJECT = re.compile(rf"(?<![\w])(?!called\b)(?P<verb>{_VERBS})\s+{_SUBJECT}")
# "says the shop's manager, Louise Ingabire": whoever is possessed speaks, not the owner.
_POSSESSED = re.compile(rf"\s+(?:[a-z\-]+\s+){{0,3}}[a-z\-]+,?\s+(?P<subject>{NAME})")
# "The lawyer for Mr. Brown argued": whoever stands behind a preposition does not speak.
_BEHIND_PREPOSITION = re.compile(
    r"\b(?:of|for|at|in|from|with|by|to|against|about|on|near|under|between|among|across)\s+"
    r"(?:(?:the|a|an|his|her|its|their|our|my)\s+)?(?:(?:Mr|Mrs|Ms|Dr)\.?\s+)?$",
    re.IGNORECASE,
)
# "Smith and Jones said", "Neither Smith nor Jones said": not the one next to the verb alone.
_BEHIND_ANOTHER = re.compile(rf"(?<!\w){NAME}\s+(?:and|or|nor)\s+(?:(?:the|a|an)\s+)?$")
_BEFORE_ANOTHER = re.compile(rf"\s+and\s+(?>{NAME})(?!\s+{_ADVERB}(?:{_VERBS})\b)")
_DAY_OR_MONTH = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|"
    r"August|September|October|November|December)\b"
)
_ACCORDING = re.compile(rf"[Aa]ccording\s+to\s+{_SUBJECT}")

_OPENING, _CLOSING = "“„«", "”»"
# A quotation of fewer words is a scare quote or a title.
_LEAST_QUOTED_WORDS = 3
_MOSTLY = 0.5  # of a sentence's words
_DIALOG = 6  # sentences between two voices that take turns
_PLENTY = 8  # quoted words that make a sentence direct speech however long the rest is

_STANDS_FOR_SOMEBODY = re.compile(rf"[Hh]e|[Ss]he|{_ROLE}")
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
        self._last: str | None = None  # who spoke last
        self._last_row = -1  # and in which sentence
        self._before: str | None = None  # who else spoke before that
        self._before_row = -1

    def listen(self) -> list[Speech]:
        spoken: list[Speech] = []
        quoted_by: dict[int, str | None] = {}
        for sentence in self.sentences:
            inside = self._quotations_in(sentence)
            attribution = self._attribution(sentence, inside)
            speech = self._speech(sentence, inside, attribution, spoken, quoted_by)
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

    def _attribution(self, sentence: Span, inside: Sequence[int]) -> str | None:
        """Return the subject of a speech verb outside quotations, as it stands there.

        None where there is no such verb, empty where its subject is nobody whom the text names.
        """
        outside = self._outside(sentence, inside)
        matches = [
            match
            for pattern in (_SUBJECT_VERB, _VERB_SUBJECT, _ACCORDING)
            for match in pattern.finditer(outside)
        ]
        first = min(matches, key=lambda match: match.start(), default=None)
        if first is None:
            return None
        if _is_behind_preposition(first) or _is_one_of_several(first):
            return ""
        if first["subject"].endswith(("'s", "’s", "s'", "s’")):
            possessed = _POSSESSED.match(outside, first.end("subject"))
            return str(possessed["subject"]) if possessed else ""
        return str(first["subject"])

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
        inside: Sequence[int],
        attribution: str | None,
        spoken: Sequence[Speech],
        quoted_by: dict[int, str | None],
    ) -> Speech:
        n_quoted, share = self._quoted_words(sentence, inside)
        runs_on = any(not sentence.covers(self.quotations[at]) for at in inside)
        is_direct = (
            runs_on or (n_quoted >= _LEAST_QUOTED_WORDS and share >= _MOSTLY) or n_quoted >= _PLENTY
        )
        speaker = self._resolve(attribution, sentence) if attribution else None
        if is_direct:
            if attribution is None:
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
        if not _STANDS_FOR_SOMEBODY.fullmatch(subject):
            name = clean_name(subject)
            return self._in_full(name) if name else None
        row = bisect_right(self._sentence_starts, sentence.start) - 1
        at = self.text.find(subject, sentence.start, sentence.end)
        earlier = self._first_person(Span(sentence.start, at)) if at > sentence.start else None
        if earlier is not None and is_outside_quotations(Span(sentence.start, at), self.quotations):
            return earlier  # "Assad also used the interview …, which he accused of …"
        # The nearest sentence that a person opens or speaks in decides; two people there leave
        # it open.
        for previous in range(row - 1, max(-1, row - 4), -1):
            if previous == self._last_row and self._last is not None and is_person(self._last):
                return None if self._is_dialog(row, previous) else self._last
            if self._first_person(self.sentences[previous]) is not None:
                return _only_one(self._people_in(self.sentences[previous]))
            if previous == row - 1 and not self._is_new_paragraph(previous, row):
                mentions = self._mentions_in(self.sentences[previous])
                if person := _only_one(set(mentions.values())):
                    # Who is named by surname alone is a person; "Oval Office" is none.
                    return person if any(" " not in name for name in mentions) else None
        return None

    def _is_dialog(self, row: int, previous: int) -> bool:
        """Return whether two take turns: then "she" in a new paragraph may be the other one."""
        if self._before is None or self._before_row < row - _DIALOG:
            return False
        return self._is_new_paragraph(previous, row)

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


def _is_behind_preposition(match: re.Match[str]) -> bool:
    """Return whether the name before a speech verb belongs to whoever speaks, who has none."""
    if match.re is not _SUBJECT_VERB or _DAY_OR_MONTH.match(match["subject"]):
        return False  # "On Monday Smith said"
    return _BEHIND_PREPOSITION.search(match.string, 0, match.start("subject")) is not None


def _is_one_of_several(match: re.Match[str]) -> bool:
    """Return whether the subject of a speech verb is one of two names that stand together."""
    if match.re is _SUBJECT_VERB:
        return _BEHIND_ANOTHER.search(match.string, 0, match.start("subject")) is not None
    return _BEFORE_ANOTHER.match(match.string, match.end("subject")) is not None


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
