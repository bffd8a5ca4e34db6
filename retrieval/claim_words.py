"""Words as the statement checks see them, and what the words of some languages do to a claim.

Lists exist for English and, shorter, for Russian, Spanish, German and French. A statement in
another language can only be compared word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from retrieval.words import stem_word

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|\d+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence.

    :param text: as written.
    :param start: code points from the start of the sentence.
    :param opens: whether a sentence or quotation begins with it.
    """

    text: str
    start: int
    opens: bool

    @property
    def lower(self) -> str:
        """The word in lower case, straight apostrophes, without a possessive ending."""
        lower = self.text.lower().replace("’", "'").replace("ʼ", "'")
        return lower[:-2] if lower.endswith("'s") else lower

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper() or self.text[0].istitle()


def split_claim_words(text: str) -> list[Word]:
    """Return the words of a text in order; hyphens part words, apostrophes do not."""
    return [
        Word(match[0], match.start(), _opens(text, match.start())) for match in _WORD.finditer(text)
    ]


def _opens(text: str, at: int) -> bool:
    before = text[max(0, at - 6) : at].rstrip(" \t\u00a0\"'“”‘’«„(*_")
    return not before or before[-1] in ".!?…:\n"


@dataclass(frozen=True, slots=True)
class Language:
    """What the words of a language do.

    :param name: ISO 639-1 code; empty for an unknown language.
    :param empty: words that claim nothing by themselves.
    :param operator_of: word → the kind of limit that it sets on the words after it.
    """

    name: str
    empty: frozenset[str]
    operator_of: dict[str, str]

    def is_empty(self, word: str) -> bool:
        """Return whether a lower-case word claims nothing by itself: articles, pronouns, "said"."""
        return word in self.empty


_EMPTY = {
    "en": "a an the of to in on at by for from with as into onto upon is are was were be been "
    "being am do does did doing done has have had having and that which who whom whose what this "
    "these those it its he his him himself she her hers herself they their theirs them "
    "themselves i we you me us my our your itself there here then than while when where how s t "
    "d ll re ve also too such own it's he's she's that's there's they're we're i'm who's say "
    "says said saying tell tells told state states stated call calls called describe describes "
    "described explain explains explained add adds added claim claims claimed note notes noted "
    "writes wrote mention mentions mentioned report reports reported according "
    "article text source",
    "ru": "и в во на с со по к ко о об у за из от для что как кто где когда какой какая какие "
    "это этот эта эти был была было были же то он она оно они его ее её их ему ей им а является "
    "сказал сказала сказали говорит говорят заявил заявила сообщил сообщила согласно который "
    "которая которое которые",
    "es": "el la los las un una unos unas de del al en y que qué quién cuál cuándo dónde cómo "
    "por para con se su sus lo le les es son fue era eran fueron ser ha han había está están "
    "esto este esta ese esa dijo dice según afirmó añadió a e",
    "de": "der die das des dem den ein eine einer einem einen eines und ist sind war waren im am "
    "zu zum zur von vom mit auf für in an bei dass sich er sie es wird wurde wurden hat haben "
    "hatte als sagte sagt laut erklärte welche welcher dieser diese dieses",
    "fr": "le la les un une des du de au aux et est sont était étaient en dans pour par sur avec "
    "qui que ce cette ces il elle ils elles se sa son ses leur leurs a ont été à dit selon "
    "affirmé déclaré l d s c qu",
}
_OPERATORS = {
    "en": {
        "negation": "not no never none neither nor without nobody nothing nowhere cannot hardly "
        "scarcely barely rarely seldom unable",
        "denial": "deny denied denies denying reject rejected rejects refuse refused refuses "
        "fail failed fails failing false falsely untrue hoax myth doubt doubted dispute disputed "
        "disputes dismiss dismissed dismisses lack lacked lacks",
        "possibility": "may might could can possible possibly perhaps maybe probable probably "
        "likely unlikely seem seems seemed appear appears appeared apparently suspected "
        "potential potentially alleged allegedly reportedly purported purportedly estimated "
        "rumoured rumored supposedly",
        "condition": "if unless whether would",
        "intention": "will shall plan planned plans expect expected expects hope hoped hopes "
        "want wanted wants intend intended intends attempt attempted attempts try tried tries "
        "trying aim aimed aims seek sought threaten threatened promise promised propose proposed "
        "consider considered going",
        "duty": "must should ought need needs needed required",
        "few": "few",
        "most": "most mostly majority mainly primarily chiefly largely predominantly principally",
        "some": "some several partly",
        "half": "half",
        "non": "non",
        "only": "only solely merely exclusively purely",
        "nearly": "almost nearly",
        "alternative": "or",
    },
    "ru": {
        "negation": "не нет ни без никогда никто ничего нельзя никаких никакой никакая",
        "possibility": "может могут мог могла могли возможно вероятно",
        "condition": "если бы",
        "intention": "будет будут планирует намерен",
        "duty": "должен должна должны должно",
        "only": "только лишь",
        "alternative": "или",
    },
    "es": {
        "negation": "no nunca jamás sin ni nadie nada ningún ninguna ninguno tampoco",
        "possibility": "puede pueden podría podrían quizás quizá",
        "condition": "si",
        "duty": "debe deben debería",
        "only": "solo sólo solamente",
        "alternative": "o u",
    },
    "de": {
        "negation": "nicht kein keine keinen keiner keines nie niemals ohne weder niemand nichts",
        "possibility": "kann können könnte könnten vielleicht möglicherweise vermutlich",
        "condition": "falls wenn würde würden",
        "intention": "will wollen soll sollen",
        "duty": "muss müssen",
        "only": "nur",
        "alternative": "oder",
    },
    "fr": {
        "negation": "ne pas jamais sans aucun aucune rien ni",
        "possibility": "peut peuvent pourrait pourraient",
        "condition": "si",
        "duty": "doit doivent",
        "only": "seulement",
        "alternative": "ou",
    },
}
_COMMON = {
    "en": "the of and to in is was that for on with as by it at from are his her he she an has",
    "ru": "и в на не что с по из к как его это был была были от для а",
    "es": "de la el en y los las que del se un una por con su fue es al",
    "de": "der die und das den von zu mit ist im auf dem ein eine nicht sich des",
    "fr": "de la le les et des en du un une est dans par pour que qui au sur",
}
_LANGUAGES = {
    name: Language(
        name,
        frozenset(_EMPTY[name].split()),
        {word: kind for kind, words in _OPERATORS[name].items() for word in words.split()},
    )
    for name in _COMMON
}
_COMMON_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}
UNKNOWN = Language("", frozenset(), {})


@lru_cache(maxsize=256)
def language_of(text: str) -> Language:
    """Return the language that a text seems to be in, :data:`UNKNOWN` if no list fits.

    :param text: the longer the surer; a short text of plain Latin letters counts as English.
    """
    words = [word.lower for word in split_claim_words(text[:4000]) if not word.text.isdigit()]
    counts = {name: sum(w in common for w in words) for name, common in _COMMON_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= max(1, len(words) // 10):
        return _LANGUAGES[best]
    return _LANGUAGES["en"] if words and len(words) <= 6 and text.isascii() else UNKNOWN


_IRREGULAR = {
    form: forms.split()[0]
    for forms in (
        "begin began begun,break broke broken,bring brought,build built,buy bought,catch caught,"
        "choose chose chosen,come came,deal dealt,die died dying,draw drew drawn,drive drove "
        "driven,eat ate eaten,fall fell fallen,feel felt,fight fought,find found,fly flew flown,"
        "get got,give gave given,go went gone goes,grow grew grown,hear heard,hold held,keep "
        "kept,know knew known,lead led,leave left,lend lent,lose lost,make made,mean meant,meet "
        "met,pay paid,rise rose risen,run ran,see saw seen,sell sold,send sent,shoot shot,show "
        "showed shown,sing sang sung,sit sat,sleep slept,speak spoke spoken,spend spent,stand "
        "stood,steal stole stolen,take took taken,teach taught,think thought,throw threw thrown,"
        "understand understood,wear wore worn,win won,withdraw withdrew withdrawn,child children,"
        "woman women,man men"
    ).split(",")
    for form in forms.split()
}


@lru_cache(maxsize=8192)
def word_stem(word: str) -> str:
    """Return what the forms of a lower-case word share."""
    return stem_word(_IRREGULAR.get(word, word))
