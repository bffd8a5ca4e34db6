"""The words of a text, as the lexical search, the reader's checks and the baselines count them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"\w+(?:['’]\w+)*", re.UNICODE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")

# Words that say nothing about what a text is about. Kept short on purpose: "not", "no", "before",
# "after" and the like change an answer.
STOP_WORDS = frozenset(
    """
    a an the of to in on at by for from with as is are was were be been being am do does did doing
    has have had having and or but if that this these those it its he she they them his her their
    i you we me my your our us so than then there here what which who whom whose when where why how
    will would can could shall should may might must about into over some any s t d ll re ve
    и в во на с со по к ко о об у за из от до для не что как кто где когда какой какая какие это
    был была было были же бы ли а но то он она они его ее её их
    el la los las un una unos unas de del al en y o que qué quién cuál cuándo dónde cómo por para
    con se su sus lo le les es fue era son ser ha
    """.split()
)


@lru_cache(maxsize=4)
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language)


def split_words(text: str) -> list[str]:
    """Return the words of ``text`` in order, lower-cased, accents kept, stop words kept."""
    return [match.group().casefold() for match in _WORD.finditer(text)]


@lru_cache(maxsize=1 << 14)  # most words of a text are among some thousands
def stem_word(word: str) -> str:
    """Return the stem of a lower-case word (Snowball: English for Latin script, Russian for
    Cyrillic), without accents and possessive endings.
    """
    word = re.sub(r"['’]s?$|['’](?=\w)", "", word)
    if any("\u0400" <= char <= "\u04ff" for char in word):
        return str(_stemmer("russian").stemWord(word))
    bare = unicodedata.normalize("NFKD", word)
    plain = "".join(char for char in bare if not unicodedata.combining(char))
    return str(_stemmer("english").stemWord(plain))


def index_terms(text: str) -> list[str]:
    """Return the terms under which ``text`` is found: stems without stop words; for scripts that
    do not part words, single characters and pairs of them.
    """
    terms: list[str] = []
    for word in split_words(text):
        if word in STOP_WORDS:
            continue
        if _CJK.search(word):
            terms.extend(word)
            terms.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            terms.append(stem_word(word))
    return terms


_ENGLISH = frozenset(
    """
    the of and to in is was what who when where why how which did does do are were has have had by
    for on with from that it as at an a not be can will many much about his her their its
    this these those they you i he she we or could would should your my please yes
    """.split()
)


# Function words that are none in English, of the languages that people ask in with Latin letters.
_NOT_ENGLISH = frozenset(
    """
    el la los las un una unos unas del al que qué quién quien quiénes cuál cual cuáles cuándo cuando
    dónde donde cómo como cuánto cuántos cuánta cuántas por para con sin se su sus lo le les es fue
    son era ser ha han hay y e en
    le les une des du de et est qui quoi où quand comment pourquoi combien dans sur avec sont était
    der die das den dem ein eine einen und ist wer wann wo wie warum welche welcher welches mit
    von zu für nicht wurde werden sind
    il gli di che chi quando dove come perché quanto quale quali per sono
    o os as um uma do da dos das quem quais quando onde em foi não
    """.split()
)


def is_english(text: str) -> bool:
    """Return whether a text may be English: Latin letters, and more English function words in it
    than of other languages.

    A text of few words without function words ("oil fields Assad") counts as English if it is
    plain ASCII.
    """
    words = split_words(text)
    if not words:
        return True
    letters = [char for char in text if char.isalpha()]
    if sum(char < "\u0250" for char in letters) < 0.8 * len(letters):
        return False
    n_english = sum(word in _ENGLISH for word in words)
    n_other = sum(word in _NOT_ENGLISH and word not in _ENGLISH for word in words)
    if n_other > n_english:
        return False
    return n_english >= max(1, len(words) // 10) or (text.isascii() and len(words) <= 6)
