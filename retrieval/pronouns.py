"""By which pronoun an article calls somebody, as far as it tells.

What the article says goes before what a given name tells, and only names that are one sex's nearly
everywhere tell anything: Andrea, Jean and Sasha do not.
"""

from __future__ import annotations

import re

from retrieval.names import search_name

_NEAR = 80  # characters beside a name in which a pronoun or a word for them is still theirs
# "her" is hers where it owns something: "told her to wait" is another's.
_OWN = re.compile(
    r"\b(?:(?P<he>he|his|himself)|(?P<she>she|herself|her\s+(?!to\b|that\b|in\b|at\b|for\b|with\b|and\b|"
    r"when\b|as\b|if\b|not\b|on\b|about\b|by\b|from\b|after\b|before\b|because\b|while\b|he\b|how\b|"
    r"what\b|why\b|they\b|it\b|of\b|off\b|up\b|out\b|the\b|a\b)[a-z]\w*))\b"
)
_CALLED = re.compile(
    r"(?:\b(?P<he>Mr\.?|Sir|Lord|King|Prince|husband|father|brother|son|spokesman|businessman|chairman|actor)"
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
        pierre ralph raymond richard robert roger ronald roy russell ryan samuel scott sean sergei
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
        janet janice jennifer jessica joan joyce judith judy julia julie karen kate katherine
        kathleen kathryn kimberly laura lauren layla linda lisa lucia lucy margaret maria marie
        marilyn martha mary megan melissa michelle nadia nancy natalie natasha nicole olga olivia
        pamela patricia rachel rebecca rita rosa rose ruth sandra sara sarah sharon shirley sofia
        sophia sophie stephanie susan svetlana tatiana tatyana teresa theresa ursula victoria
        virginia zainab
        """.split()
    ),
}
_MARK = re.compile(r"[.!?\"“”\n]")


def find_pronouns(person: str, text: str) -> frozenset[str]:
    """Return by which of "he" and "she" an article calls somebody.

    :param person: as the article names them.
    :param text: the article's.
    :return: one, both where it speaks of others beside them, or none where nothing tells, their
        given name neither.
    """
    found: set[str] = set()
    for named in re.finditer(rf"\b{re.escape(person.split()[-1])}\b(?!['’-]\w)", text):
        called = _CALLED.search(text, max(0, named.start() - _NEAR), named.start())
        end = named.end() + _NEAR
        for until in (_MARK.search(text, named.end(), end), search_name(text, named.end(), end)):
            end = min(end, until.start() if until else end)
        own = _OWN.search(text, named.end(), end)
        found.update(cue.lastgroup for cue in (called, own) if cue and cue.lastgroup)
    given, _, surname = person.lower().partition(" ")
    if not found and surname:
        found.update(pronoun for pronoun, names in _GIVEN_NAMES.items() if given in names)
    return frozenset(found)
