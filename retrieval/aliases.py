"""Other names of countries, their governments and the world wars.

Who asks about Washington may mean what the article calls America, the United States or the U.S.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from retrieval.words import stem_word

# Spelt in several words, or like another word ("us"): one word instead, before words are split.
_ONE_WORD = tuple(
    (re.compile(rf"(?<![\w.]){pattern}(?!\w)"), word)
    for pattern, word in (
        (r"(?:[Uu]nited States(?: of America)?|U\.\s?S\.(?:\s?A\.)?|USA|US)", "America"),
        (r"(?:[Uu]nited Kingdom|Great Britain|U\.\s?K\.|UK)", "Britain"),
        (r"(?:[Uu]nited Nations|U\.\s?N\.)", "UN"),
        (r"(?:European Union|E\.\s?U\.)", "EU"),
        (r"White House", "Washington"),
        (r"(?:First World War|World War (?:I|One|1)|WW ?(?:I|1))", "WWI"),
        (r"(?:Second World War|World War (?:II|Two|2)|WW ?(?:II|2))", "WWII"),
    )
)

# One country a line: names and nationalities; after the bar what stands for its government, too.
_COUNTRIES = """
america american | washington pentagon
britain british uk england english briton | london westminster
scotland scottish scots | edinburgh
wales welsh | cardiff
ireland irish | dublin
france french | paris
germany german | berlin
spain spanish spaniard | madrid
portugal portuguese | lisbon
italy italian | rome
netherlands dutch holland | hague
belgium belgian | brussels
switzerland swiss | bern
austria austrian | vienna
poland polish pole | warsaw
hungary hungarian | budapest
denmark danish dane | copenhagen
sweden swedish swede | stockholm
norway norwegian | oslo
finland finnish finn | helsinki
greece greek | athens
turkey turkish turk | ankara
cyprus cypriot | nicosia
ukraine ukrainian | kyiv kiev
russia russian | moscow kremlin
eu european europe | brussels
china chinese | beijing
japan japanese | tokyo
taiwan taiwanese | taipei
korea korean | seoul pyongyang
vietnam vietnamese | hanoi
thailand thai | bangkok
philippines filipino | manila
india indian | delhi
nepal nepali nepalese | kathmandu
bolivia bolivian |
rwanda rwandan | kigali
qatar qatari | doha
ethiopia ethiopian |
pakistan pakistani | islamabad
afghanistan afghan | kabul
iran iranian persia persian | tehran
iraq iraqi | baghdad
syria syrian | damascus
lebanon lebanese | beirut
israel israeli | jerusalem
egypt egyptian | cairo
libya libyan | tripoli
saudi | riyadh
yemen yemeni | sanaa
sudan sudanese | khartoum
kenya kenyan | nairobi
nigeria nigerian | abuja
congo congolese | kinshasa
canada canadian | ottawa
mexico mexican |
cuba cuban | havana
niger nigerien | niamey
mali malian | bamako
slovakia slovak | bratislava
slovenia slovenian slovene | ljubljana
romania romanian | bucharest
bulgaria bulgarian | sofia
serbia serbian serb | belgrade
croatia croatian croat | zagreb
jordan jordanian | amman
indonesia indonesian | jakarta
malaysia malaysian | kuala
brazil brazilian | brasilia
argentina argentine argentinian |
colombia colombian | bogota
venezuela venezuelan | caracas
peru peruvian | lima
chile chilean | santiago
australia australian | canberra
"""
_LINES = [line.partition("|") for line in _COUNTRIES.strip().splitlines()]


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem_word(word) for word in words.split())


_SEATS = frozenset().union(*(_stems(seats) for _, _, seats in _LINES))


def _names_by_name() -> dict[str, frozenset[str]]:
    """Return what else each name may be called; Brussels stands for Belgium and for the EU."""
    found: dict[str, frozenset[str]] = {}
    for names, _, seats in _LINES:
        group = _stems(names) | _stems(seats)
        for name in group:
            found[name] = group | found.get(name, frozenset())
    return found


_NAMES_BY_NAME = _names_by_name()
_NATIONS = {name: _stems(names) for names, _, _ in _LINES for name in _stems(names)}
_PLACED = re.compile(
    r"\b(?:in|at|from|to|near|around|outside|inside|through|across|over|of|south|north|east|west)"
    r"\s+(?:(?:central|downtown|greater)\s+)?$",
    re.IGNORECASE,
)


def with_one_name(question: str) -> str:
    """Replace names of several words, and those written like another word, by one word each.

    :param question: the standalone question.
    """
    for pattern, word in _ONE_WORD:
        question = pattern.sub(word, question)
    return question


def terms_of_names(text: str) -> set[str]:
    """Return the terms by which a text is found that holds names of several words.

    :param text: what may answer a question.
    """
    return {stem_word(word.casefold()) for pattern, word in _ONE_WORD if pattern.search(text)}


def is_country(name: str) -> bool:
    """Return whether a name, given as its stem, is a country's or its government's."""
    return name in _NAMES_BY_NAME


def is_nation(name: str) -> bool:
    """Return whether a name, given as its stem, is a country's or its people's, and no town's."""
    return name in _NATIONS


def is_nation_among(name: str, terms: Collection[str]) -> bool:
    """Return whether terms hold a country or its people by any name: "Iran", "Iranian"."""
    return not _NATIONS.get(name, frozenset()).isdisjoint(terms)


def is_country_among(name: str, before: str, terms: Collection[str]) -> bool:
    """Return whether a text speaks of a country by any of its names.

    A seat of government stands for its country only where it acts ("Moscow's support") and not as a
    place ("the streets of Moscow").

    :param name: the stem of a name.
    :param before: what stands before it in the question.
    :param terms: the text's terms, those of :func:`terms_of_names` among them.
    """
    if name in _SEATS and _PLACED.search(before):
        return False
    return not _NAMES_BY_NAME.get(name, frozenset()).isdisjoint(terms)
