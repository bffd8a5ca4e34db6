"""By which pronoun an article calls somebody, as far as it tells.

What the article says goes before what a given name tells, and only names that are one sex's nearly
everywhere tell anything: Andrea, Jean and Sasha do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEAR = 60  # characters beside a name in which a pronoun or a word for them is still theirs
_WITHIN = 50_000  # characters to either side in which somebody is looked for
# "Hill lost his shop", "Hill, who hurt herself": what others say of somebody, and whom they meet,
# stands behind other verbs.
_OWN = re.compile(
    r",?\s+(?:who\s+)?(?:\w+ly\s+)?(?:lost|left|sold|took|kept|began|started|quit|won|raised|spent|built|"
    r"opened|closed|used|held|resigned|ended|finished|changed|hurt|killed|found|made)\s+"
    r"(?:(?P<he>his|himself)|(?P<she>her|herself))\s*(?!\w*ly\b|the\b|a\b|in\b|at\b|on\b|to\b|and\b|"
    r"when\b|last\b|for\b|with\b|by\b)(?:\w|[.,;])"
)
_CALLED = re.compile(
    r"(?:\b(?P<he>Mr\.?|Sir|Lord|King|Prince|husband|father|brother|son|spokesman|businessman)"
    r"|\b(?P<she>Mrs\.?|Ms\.?|Miss|Lady|Dame|Queen|Princess|wife|mother|sister|daughter|spokeswoman|"
    r"businesswoman|chairwoman|actress)),?\s+(?:[A-Z][\w'’\-]*\s+){0,2}$"
)
_GIVEN_NAMES = {
    "he": frozenset(
        """
        aaron abdullah adam ahmed alan albert alexei andrew anthony antonio arthur benjamin bill
        bob boris brian bruce carl carlos charles christopher colin daniel dave david dennis derek
        diego dmitry donald douglas edward eric erik eugene fernando francisco frank fred gary
        george giovanni gordon graham gregory hans harold hassan henry howard ian ibrahim igor ivan
        jack jacob jacques james jason jeffrey jeremy jim joe john jonathan jorge joseph joshua
        josé juan justin jürgen keith kenneth kevin khalid klaus kyle lars lawrence louis luis
        mahmoud malcolm manuel marco mark martin matt matthew michael miguel mike mikhail mohammed
        muhammad nathan neil nicholas nigel nils oleg omar pablo patrick paul pedro peter philip
        pierre ralph raymond richard robert roger ronald roy russell ryan samuel scott sergei
        sergey simon stefan stephen steve steven stuart thomas tim timothy tom tony trevor vincent
        vladimir walter wayne william wolfgang
        """.split()
    ),
    "she": frozenset(
        """
        abigail aisha alice amanda amy ana angela ann anna anne barbara betty brenda carmen carol
        carolyn catherine charlotte chloe christina christine claire cynthia deborah diana diane
        donna doris dorothy elena elizabeth ella emily emma eva fatima fiona frances francesca
        galina giulia gloria grace greta hannah heather helen ingrid irina isabel isabella jane
        janet janice jennifer jessica joyce judith judy julia julie kate katherine
        kathleen kathryn kimberly laura lauren layla linda lisa lucia lucy margaret maria marie
        marilyn martha mary megan melissa michelle nadia nancy natalie natasha nicole olga olivia
        pamela patricia rachel rebecca rita rosa rose ruth sandra sara sarah sharon shirley sofia
        sophia sophie stephanie susan svetlana tatiana tatyana teresa theresa ursula victoria
        virginia zainab
        """.split()
    ),
}


def find_pronouns(
    person: str, text: str, at: int = 0, *, has_namesake: bool = False
) -> frozenset[str]:
    """Return by which of "he" and "she" somebody can be called.

    :param person: as the article names them.
    :param text: the article's.
    :param at: where they are spoken of; what is told far from there is not looked at.
    :param has_namesake: whether somebody else has the same last name, which then tells nothing.
    :return: one, both where the article speaks of others beside them, or none where nothing tells.
    """
    given, _, surname = person.lower().partition(" ")
    if surname:
        listed = {pronoun for pronoun, names in _GIVEN_NAMES.items() if given in names}
        if listed:
            return frozenset(listed)
    called_so = person if has_namesake else person.split()[-1]
    found: set[str] = set()
    for start in _places(called_so, text, max(0, at - _WITHIN), at + _WITHIN):
        end = start + len(called_so)
        before = _CALLED.search(text, max(0, start - _NEAR), start)
        behind = _OWN.match(text, end, end + _NEAR)
        found.update(cue.lastgroup for cue in (before, behind) if cue and cue.lastgroup)
    return frozenset(found)


def _places(name: str, text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a name stands whole."""
    at = text.find(name, start, end)
    while at >= 0:
        behind = text[at + len(name) : at + len(name) + 1]
        if not (text[at - 1 : at].isalnum() or behind.isalnum() or behind in ("'", "’", "-")):
            yield at
        at = text.find(name, at + 1, end)
