"""Names of people and things in a text, and which of them mean the same one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PARTICLE = (
    r"(?:al|el|de|da|di|du|del|della|la|le|van|von|der|den|bin|ibn|ben|abu|dos|das|y|ter|of)"
)
# A capital letter, or nearly: there is no such class, and one of many ranges is slow to compile.
_UPPER = r"(?![ά-ώа-џ])[^\W\d_a-zß-öø-ÿ]"
# A full stop belongs to a name only after an initial ("J.", "U.S."): elsewhere a sentence ends.
_CAPITALISED = (
    rf"(?:(?:{_UPPER}\.)+|{_UPPER}[\w'’\-]*"
    rf"|(?:al|el|bin|ibn|ben|abu|d|l)[-'’]{_UPPER}[\w'’\-]*)"
)
_GAP = r"[^\S\n]+"
NAME = rf"{_CAPITALISED}(?:{_GAP}(?:{_PARTICLE}{_GAP}){{0,2}}{_CAPITALISED}){{0,5}}"
"""A run of capitalised words, particles between them allowed."""

_NAME = re.compile(rf"(?<![\w]){NAME}")
_EDGE = ".,;:!?\"'’“”«»()[]"

# Capitalised words that are no part of a name, at the head of a run.
_NOT_NAMES = frozenset(
    """
    a an the this that these those he she it they we i you his her its their our my your but and or
    so yet if when while after before since although though because as at in on by for from with to
    there here what who whom whose why how where which however meanwhile moreover then now some many
    most all both one two three no not also even another other each every still just despite during
    about of under over between among through until once again are is was were do does did has have
    had can could will would should may might must name list tell say explain describe according
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december nobody none neither nor anyone anybody everyone
    everybody someone somebody only earlier later today yesterday tomorrow soon perhaps maybe unlike
    thus hence indeed instead recently finally eventually nearly almost
    """.split()
)
# Words before a name that say what somebody is: part of the mention, not of the name.
_TITLES = frozenset(
    """
    president prime minister chancellor king queen prince princess sir dame lord lady mr mrs ms miss
    dr doctor prof professor general colonel captain major lieutenant sergeant senator
    representative governor mayor judge justice pope bishop archbishop father sister imam rabbi
    secretary chairman chairwoman chief executive officer director ambassador commissioner
    syrian russian american british french german iranian turkish chinese israeli us u.s. uk former
    foreign state deputy vice senior spokesman spokeswoman
    """.split()
)


def find_names(text: str) -> list[str]:
    """Return the names in ``text`` in order of appearance, titles and articles left out."""
    names = (clean_name(match.group()) for match in _NAME.finditer(text))
    return [name for name in names if name]


def match_name(text: str, at: int) -> re.Match[str] | None:
    """Match the run of capitalised words that begins at a place, titles and all."""
    return _NAME.match(text, at)


def clean_name(run: str) -> str:
    """Return a run of capitalised words without titles, sentence openers and possessive endings.

    Empty if nothing is left.
    """
    words = run.split()
    while words and (_bare(words[0]) in _NOT_NAMES or _bare(words[0]) in _TITLES):
        words.pop(0)
    while words and (_bare(words[-1]) in _NOT_NAMES or re.fullmatch(_PARTICLE, words[-1])):
        words.pop()
    name = " ".join(words).strip(_EDGE)
    return re.sub(r"['’]s?$", "", name)


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(_EDGE)).lower()


def same_name(one: str, other: str) -> bool:
    """Return whether two mentions can mean the same one: the shorter's words end the longer.

    "Assad" and "Bashar al-Assad" can; "John Smith" and "Jane Smith" cannot.
    """
    short, long = sorted((name_parts(one), name_parts(other)), key=len)
    if not short:
        return False
    if len(short) == len(long):
        return short == long
    if len(short) == 1:
        return short[0] in (long[-1], long[0])
    return long[-len(short) :] == short


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """Return the words of a name by which it is compared, in lower case, particles left out."""
    lowered = re.sub(r"['’]s?\b", "", name.lower()).replace("-", " ")
    parts = [part.strip(_EDGE) for part in lowered.split()]
    return tuple(part for part in parts if part and not re.fullmatch(_PARTICLE, part))


_COUNTRIES = frozenset(
    """
    afghanistan africa america argentina asia australia austria belgium bolivia brazil britain
    bulgaria canada chile china colombia croatia cuba denmark egypt england ethiopia eu europe
    finland france germany ghana greece hungary india indonesia iran iraq ireland israel italy japan
    jordan kenya korea kuwait lebanon libya malaysia mexico morocco nepal netherlands nigeria norway
    pakistan palestine peru philippines poland portugal qatar romania russia scotland serbia
    singapore somalia spain sudan sweden switzerland syria taiwan thailand tunisia turkey u.k. u.s.
    uk ukraine un us usa venezuela vietnam wales washington moscow beijing london paris kremlin
    brussels congress parliament pentagon
    """.split()
)
_ORGANISATION = re.compile(
    r"\b(?:agency|army|association|bank|board|bureau|centre|center|church|college|commission|"
    r"committee|company|conference|convention|corporation|council|court|department|federation|"
    r"forces|foundation|fund|government|group|house|inc|institute|institution|international|"
    r"journal|league|ministry|museum|nations|network|news|office|organi[sz]ation|party|police|post|"
    r"press|republic|school|service|society|states|supporters|team|times|tribune|union|university)\b",
    re.IGNORECASE,
)


def is_person(name: str) -> bool:
    """Return whether a name looks like a person's: no country, institution or abbreviation."""
    return not (
        name.lower() in _COUNTRIES
        or _ORGANISATION.search(name)
        or (name.isupper() and " " not in name)
        or " of " in name
    )


def fullest_name(name: str, known: Iterable[str]) -> str:
    """Return the longest of ``known`` that can mean ``name``, where all that can agree.

    :param name: a mention, such as "Assad".
    :param known: the names of the document.
    """
    matching = [n for n in known if same_name(name, n) and " of " not in n]
    longest = max((*matching, name), key=len)
    return longest if all(same_name(other, longest) for other in matching) else name
