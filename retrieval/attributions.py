"""Who is said to speak in one sentence: the subject of a speech verb, as it stands there.

Wrong subjects are kept out by their surroundings: whoever is spoken to or of, whoever stands behind
a preposition, one of two.
"""

from __future__ import annotations

import re

from retrieval.names import NAME, clean_name, match_name

_VERBS = (
    "said|says|say|told|tells|claimed|claims|added|adds|explained|explains|argued|argues|stated|"
    r"states(?=\s+(?:that|how|why)\b|\s*:)|"  # not "several African states"
    "insisted|insists|warned|warns|noted|notes|continued|speculated|declared|declares|"
    "announced|announces|admitted|admits|denied|denies|replied|asked|asks|wrote|writes|recalled|"
    "recalls|suggested|suggests|stressed|stresses|acknowledged|concluded|concludes|conceded|"
    "commented|complained|remarked|observed|maintained|maintains|asserted|asserts|believes|"
    "believed|thinks|predicted|predicts|vowed|pledged|promised|urged|accused|accuses|condemned|"
    "dismissed|described|describes|confirmed|revealed|joked|testified|tweeted|agreed|agrees|"
    "criticized|criticised|praised|welcomed|rejected|called|alleged|alleges|laughed|quipped|"
    "responded|reflected|cautioned|emphasized|emphasised|"
    # "did not believe Smith" and "Brexit hopes faded" give nobody words.
    r"(?:does|did)(?:\s+not|n['’]t)\s+(?:think|believe)(?=\s+(?:that|it|he|she|they|there|this|the\s+"
    r"\w+\s+(?:is|was|has|had|will|would|should|can|could))\b)|hopes(?=\s+(?:that|it|he|she|they)\b)|"
    r"(?:ruled|estimated|estimates|recommended|reported|proposed|demanded)"
    r"(?=,?\s+(?:[^,\"“”]{1,40},\s+)?that\b)"
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
# What somebody can be called together with the name, besides.
_KIN = (
    "aide|ally|boss|brother|chair|colleague|daughter|graduate|head|hero|husband|partner|resident|"
    "rival|sister|son|survivor|veteran|victim|wife|witness"
)
_ROLE = rf"(?:[Tt]he|[Hh]is|[Hh]er)\s+(?:[a-z\-]+\s+){{0,2}}(?:{_PERSON})"
_SUBJECT = rf"(?P<subject>{NAME}|[Hh]e|[Ss]he|[Tt]hey|I|{_ROLE})"
# ", 62," or ", the curator of the museum," or " from the museum" between a name and its verb
_APPOSITION = (
    r"(?:(?:\s*,\s*\d{1,3}(?=\s*,))?\s*,\s*(?:[^,.;:\"“”]|(?<=\d),(?=\d)){1,80},"
    r"|\s+(?:from|of|at|for|with)\s[^,.;:\"“”]{1,60}?|,)?"
)

_SPEECH_VERB = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)")
_SUBJECT_VERB = re.compile(
    # not "half of the people were told"
    rf"(?<![\w]){_SUBJECT}{_APPOSITION}\s+{_ADVERB}(?<!\bwas )(?<!\bwere )(?<!\bbeen )"
    rf"(?P<verb>{_VERBS})(?![\w])"
)
# "told Smith", "praised Smith" and "said Smith was wrong" name whom it is said to, or of; "asked
# Smith" names who asks behind a quotation alone, which leaves blanks.
_TAKES_OBJECT = (
    "told|tells|urged|accused|accuses|condemned|dismissed|described|describes|criticized|criticised|"
    "praised|welcomed|rejected|called|believes|believed|thinks"
)
_MAY_TAKE_OBJECT = "asked|asks|warned|warns|promised"
# Words for people that the lists lack: "keeper", "columnist".
_DOER = r"(?!under\b|over\b|near\b)\w{3,}(?:er|or|ist|ian|ant|ent|man|woman)"
_WORD_FOR_PERSON = re.compile(rf"{_PERSON}|{_KIN}|{_DOER}")
_FINITE = (
    r"\s+(?:was|is|were|are|had|has|have|did|does|would|could|will|can|should|must|may|might)\b"
)
_VERB_SUBJECT = re.compile(
    rf"(?<![\w])(?!(?:{_TAKES_OBJECT})\b)(?!(?<!\s\s)(?:{_MAY_TAKE_OBJECT})\b)"
    rf"(?P<verb>{_VERBS})\s+(?>{_SUBJECT})(?!\w|{_FINITE})"
)
# "said union leader Mary Byrne", "said the shop's owner, Mary Byrne"
_VERB_ROLE_SUBJECT = re.compile(
    rf"(?<!\w)(?:said|says|added|adds|explained|explains|claimed|claims|argued|argues)\s+"
    r"(?:(?!(?:after|before|that|when|while|if|to|of|in|on|at|for|from|with|by|about|as|because|since|"
    r"who|whose|which|where|how|why|what|and|but|or|nor|not|so|than)\b)[a-z\-]+(?:['’]s)?\s+){0,4}"
    rf"(?:{_PERSON}|{_KIN}|{_DOER}),?\s+"
    rf"(?>(?P<subject>{NAME}))(?!\w|{_FINITE})"
)
_TELLS = re.compile(rf"\b(?:{_TAKES_OBJECT}|{_MAY_TAKE_OBJECT}|met|meets|thanked)\s+")
# "says the shop's manager, Louise Ingabire": whoever is possessed speaks, not the owner.
_POSSESSED = re.compile(r"\s+(?:[a-z\-]+\s+){0,3}[a-z\-]+,?\s+")
# Whoever speaks opens a clause. In "the lawyer for Brown argued", "a man who knows Brown said" and
# "experts believe Brown said" somebody else does, or nobody for certain.
_OPENS_CLAUSE = re.compile(
    r"(?:^|[^\w\s]|\s{2,}|\d|(?:^|[^\w\s])\s*as|\b(?:and|but|or|nor|yet|so|while|when|whenever|because|"
    r"since|after|before|that|where|which|who|whom|if|than|how|what|why|although|though|until|"
    r"whether|year|month|week|day|night|morning|evening|yesterday|today|tomorrow|later|then|ago|now|"
    r"here|there|also|however|meanwhile|named|including|such\s+as|one|two|three|several|many|most|"
    rf"some|both|other|{_KIN}|"
    rf"{_PERSON}|{_DOER}s?|\w{{3,}}ly))"
    r"(?:\s+(?:the|a|an))?\s*$|(?-i:[A-Z])\w*\s+the\s*$",
    re.IGNORECASE,
)
_TITLE_BEFORE = re.compile(r"(?<!\w)(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Lt|Sgt)\.\s*$")
# "Smith and Jones said", "Neither Smith nor Jones said": not the one next to the verb alone.
_BEHIND_ANOTHER = re.compile(r"(\w[\w'’\-.]*)\s+(?:and|or|nor)\s+(?:(?:the|a|an)\s+)?$")
_AND = re.compile(r"\s+and\s+")
_THEN_SPEAKS = re.compile(rf"\s+{_ADVERB}(?:{_VERBS})\b")
_DAY_OR_MONTH = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|"
    r"August|September|October|November|December)\b"
)
_ACCORDING = re.compile(rf"[Aa]ccording\s+to\s+{_SUBJECT}")
_OFFICE = re.compile(
    r"\b(?:ambassador|chairman|chairwoman|chancellor|chief|commander|diplomat|director|executive|"
    r"general|governor|judge|king|lawmaker|lawyer|mayor|minister|official|pope|premier|president|"
    r"prince|princess|queen|secretary|senator|spokesman|spokesperson|spokeswoman)$"
)
_STANDS_FOR_SOMEBODY = re.compile(rf"[Hh]e|[Ss]he|{_ROLE}")


def find_subject(outside: str) -> str | None:
    """Return who is said to speak in a sentence.

    :param outside: the sentence, its quotations blanked.
    :return: a name, a pronoun or a role as it stands there; None where there is no speech verb with
        a subject, empty where its subject is nobody whom the sentence names for certain.
    """
    if not holds_speech_verb(outside) and "ccording" not in outside:
        return None  # most sentences: the patterns below take their time
    matches = [
        match
        for pattern in (_SUBJECT_VERB, _VERB_SUBJECT, _VERB_ROLE_SUBJECT, _ACCORDING)
        for match in pattern.finditer(outside)
    ]
    # "When asked, Smith said": a capitalised word that is no name speaks only where nobody does.
    named = [match for match in matches if _is_somebody(match["subject"])]
    first = min(named or matches, key=lambda match: match.start(), default=None)
    if first is None:
        return None
    if not _opens_clause(first) or _is_one_of_several(first):
        return ""
    if first["subject"].endswith(("'s", "’s", "s'", "s’")):
        possessed = _name_behind(_POSSESSED, outside, first.end("subject"))
        return possessed.group() if possessed else ""
    return str(first["subject"])


def holds_speech_verb(outside: str) -> bool:
    """Return whether somebody is said to speak, whoever it is.

    :param outside: a sentence, its quotations blanked.
    """
    return _SPEECH_VERB.search(outside) is not None


def find_told(outside: str) -> list[str]:
    """Return the names of those who are told, asked, met, praised.

    :param outside: a sentence, its quotations blanked.
    """
    runs = (match_name(outside, match.end()) for match in _TELLS.finditer(outside))
    return [name for run in runs if run and (name := clean_name(run.group()))]


def stands_for_somebody(subject: str) -> bool:
    """Return whether a subject is "he", "she" or a role such as "the old teacher"."""
    return _STANDS_FOR_SOMEBODY.fullmatch(subject) is not None


def is_word_for_person(word: str) -> bool:
    """Return whether a word, in lower case, says what somebody is: "mayor", "psychologist"."""
    return _WORD_FOR_PERSON.fullmatch(word) is not None


def is_office(role: str) -> bool:
    """Return whether a role is an office, which the article gives somebody when it names them."""
    return _OFFICE.search(role) is not None


def _is_somebody(subject: str) -> bool:
    return subject[:1].islower() or stands_for_somebody(subject) or bool(clean_name(subject))


def _opens_clause(match: re.Match[str]) -> bool:
    """Return whether the name before a speech verb is its clause's subject."""
    if match.re is not _SUBJECT_VERB or _DAY_OR_MONTH.match(match["subject"]):
        return True  # "On Monday Smith said"
    before = match.string[: match.start("subject")]
    return _OPENS_CLAUSE.search(_TITLE_BEFORE.sub("", before)) is not None


def _is_one_of_several(match: re.Match[str]) -> bool:
    """Return whether the subject of a speech verb is one of two names that stand together."""
    if match.re is _SUBJECT_VERB:
        before = _BEHIND_ANOTHER.search(match.string, 0, match.start("subject"))
        return before is not None and not before[1].islower()
    other = _name_behind(_AND, match.string, match.end("subject"))
    return other is not None and not _THEN_SPEAKS.match(match.string, other.end())


def _name_behind(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    match = pattern.match(text, at)
    return match_name(text, match.end()) if match else None
