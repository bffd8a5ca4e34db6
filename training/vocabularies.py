"""Articles and questions → the names, nouns and opposites that may stand in place of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from training.windows import STOP_WORDS

_NAME = re.compile(
    r"\b[A-Z][\w'’]*\w(?:[ -](?:(?:of|the|de|von|van) )?(?:[A-Z][\w'’]*\w|[A-Z]\.))*(?<!\.)"
)
_PLACE_WORDS = frozenset("in at from near throughout across".split())
_NOT_NAMES = frozenset(
    "What Who Whom Whose Which When Where Why How In On At The A An And But If For From To Of By"
    " With Is Are Was Were Did Do Does Has Have Had Can Could Would Should During After Before"
    " According Besides Along It He She They We I This That These Those As His Her Its Their"
    " Although While Since However Also Many Some Most One Two Three".split()
)
_OPPOSITES = """
first/last before/after earliest/latest early/late largest/smallest biggest/smallest larger/smaller
bigger/smaller highest/lowest higher/lower high/low most/least more/fewer more/less
increase/decrease increased/decreased increasing/decreasing increases/decreases rise/fall rose/fell
grow/shrink grew/shrank north/south northern/southern east/west eastern/western
northeast/southwest northwest/southeast male/female men/women man/woman boy/girl father/mother
son/daughter brother/sister husband/wife king/queen win/lose won/lost winner/loser victory/defeat
old/new oldest/newest older/younger oldest/youngest begin/end began/ended beginning/end start/finish
started/stopped start/stop open/close opened/closed major/minor majority/minority positive/negative
public/private internal/external inside/outside inner/outer upper/lower top/bottom above/below
left/right long/short longest/shortest longer/shorter good/bad better/worse best/worst strong/weak
stronger/weaker strongest/weakest rich/poor fast/slow faster/slower fastest/slowest heavy/light
heaviest/lightest heavier/lighter hot/cold warm/cool wet/dry deep/shallow modern/ancient
domestic/foreign native/foreign permanent/temporary direct/indirect allowed/forbidden
allow/forbid allow/prevent permitted/prohibited legal/illegal accept/reject accepted/rejected
support/oppose supported/opposed agree/disagree agreed/disagreed love/hate loved/hated like/dislike
liked/disliked buy/sell bought/sold import/export imported/exported imports/exports add/remove
added/removed include/exclude included/excluded create/destroy created/destroyed build/demolish
built/demolished born/buried birth/death life/death alive/dead arrive/leave arrived/left
enter/leave entered/left join/leave joined/left gain/lose gained/lost succeed/fail
succeeded/failed success/failure attack/defend attacked/defended ally/enemy allies/enemies
friend/enemy friends/enemies advantage/disadvantage advantages/disadvantages cause/prevent
caused/prevented raise/lower raised/lowered common/rare commonly/rarely often/seldom always/never
usually/rarely popular/unpopular famous/unknown similar/different same/different
summer/winter spring/autumn morning/evening day/night primary/secondary maximum/minimum
import/export offensive/defensive liberal/conservative urban/rural active/inactive
visible/invisible natural/artificial predecessor/successor preceded/followed ancestor/descendant
teacher/student employer/employee buyer/seller lender/borrower landlord/tenant
construct/demolish expand/reduce expanded/reduced encourage/discourage encouraged/discouraged
approve/reject approved/rejected praised/criticized praise/criticize appointed/dismissed
hired/fired promoted/demoted present/absent only/other maximum/minimum complete/incomplete
abundant/scarce simple/complex easy/difficult easier/harder cheap/expensive thick/thin wide/narrow
united/divided official/unofficial single/married release/withdraw released/withdrew
""".split()


def _opposites() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for pair in _OPPOSITES:
        one, other = pair.split("/")
        table[one] = (*table.get(one, ()), other)
        table[other] = (*table.get(other, ()), one)
    return table


OPPOSITES = _opposites()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the rules may put in place of something.

    :param names: names of the article, each with how it is used most.
    :param nouns: words that stand like nouns in the questions of all articles.
    :param article_nouns: those of them that the article's questions use.
    """

    names: dict[str, str]
    nouns: frozenset[str]
    article_nouns: tuple[str, ...]


def names_in(text: str) -> dict[str, str]:
    """Find the names in a text.

    :param text: sentences or a question.
    :return: name → how it is used most: "place" after words like "in", else "other".
    """
    uses: dict[str, Counter[str]] = {}
    for match in _NAME.finditer(text):
        name = match.group()
        before = text[max(0, match.start() - 14) : match.start()].split()
        starts_sentence = not before or before[-1][-1] in '.!?"“'
        if name in _NOT_NAMES or (starts_sentence and " " not in name):
            continue
        if name.split()[0] in _NOT_NAMES:
            name = name.split(" ", 1)[-1]
        if name in _NOT_NAMES or not name[:1].isupper() or not before:
            continue
        use = "place" if before[-1].lower() in _PLACE_WORDS else "other"
        uses.setdefault(name, Counter())[use] += 1
    return {name: counts.most_common(1)[0][0] for name, counts in uses.items()}


def noun_lexicon(texts: Iterable[str]) -> frozenset[str]:
    """Learn which words are nouns from where they stand.

    :param texts: many questions.
    :return: lower-case words that mostly stand between a determiner and a function word.
    """
    openers = frozenset("the a an of his her its their many what which this these some".split())
    closers = frozenset(
        "of in was is were are did do does had has to for and that at on from by with ?".split()
    )
    total: Counter[str] = Counter()
    framed: Counter[str] = Counter()
    for text in texts:
        words = ["", *re.findall(r"[\w'’-]+|\?", text), "?"]
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            if word.islower() and len(word) > 3:
                total[word] += 1
                framed[word] += (before.lower() in openers) and (after in closers)
    return frozenset(
        word
        for word, n in total.items()
        if n >= 5 and framed[word] / n >= 0.25 and word not in STOP_WORDS
    )
