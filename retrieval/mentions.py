"""What a question or an answer speaks of: names and noun phrases, one or many, people or things.

Without a tagger: where a phrase begins is told by what opens it (an article, a preposition, an
auxiliary verb), where it ends by the next function word or common verb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from retrieval.names import NAME, clean_name, is_person
from retrieval.words import STOP_WORDS

_NAME = re.compile(rf"(?<![\w]){NAME}")
_BEFORE = re.compile(r"(\w+)[^\S\n]+$")
_THE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
# Who stands in one of these is a place, an event or a work.
_WHERE = frozenset("in at into near inside outside across throughout within playing".split())
_OPENS_CLAUSE = re.compile(
    r"(?:^|[.!?;:,]|[\"“”]|\b(?:and|but|that|when|while|as|because|since|after|before|where|mr|mrs|"
    r"ms|dr|sir|president))[\s.\"“”]*$",
    re.IGNORECASE,
)
# After a single capitalised word only its verb shows that it is a name: "Rather than …" is none.
_ACTS = re.compile(
    r"['’]s?\s|\s+(?:(?:also|then|later|never|\w+ly)\s+)?(?:was|is|had|has|would|could|can|will|did|"
    r"does|[a-z]+ed|became|began|bought|brought|built|came|drew|fell|felt|fought|found|gave|got|grew|"
    r"held|kept|knew|led|left|lost|made|met|put|ran|said|says|saw|sent|set|sold|spent|spoke|took|"
    r"taught|thought|told|went|won|wrote)\b"
)
_PLACE_NAME = re.compile(
    r"^(?:new|north|south|east|west|san|santa|los|las|st\.?|fort|port|mount|lake|great|upper|lower)\s",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    """
    except besides aside apart wikipedia internet god christmas easter english french german spanish
    russian arabic latin american african asian european british western eastern northern southern
    chinese japanese indian islam christianity catholic jewish muslim tv cd dvd dna ok yes okay any
    oh well hi hello hey thanks thank great good sure sorry please right
    """.split()
)
_THING_WORDS = re.compile(
    r"\b(?:airlines?|alliance|award|awards|airport|album|bay|bridge|championship|city|club|coast|county|cup|"
    r"day|diet|district|expedition|experiment|festival|fields?|film|force|hall|hospital|idol|"
    r"index|island|islands|lake|law|magazine|method|mountain|movement|museum|olympics|open|park|"
    r"plan|prize|project|records|reserve|revolution|river|road|sea|series|show|street|studios?|"
    r"system|theatre|theater|tour|tower|town|treaty|valley|village|war|wars|world)\b",
    re.IGNORECASE,
)
# Nouns that mean nothing without what they belong to: "the symptoms", "a common type".
_RELATIONAL = (
    "achievements?|advantages?|aims?|applications?|aspects?|authors?|beginnings?|benefits?|causes?|"
    "characteristics?|components?|consequences?|contributions?|controversy|costs?|creation|"
    "criticisms?|cures?|dangers?|definition|development|differences?|disadvantages?|discovery|"
    "drawbacks?|effects?|elements?|examples?|factors?|features?|forms?|founders?|function|"
    "functions?|goals?|history|impacts?|importance|influences?|ingredients?|inventors?|kinds?|"
    "layers?|legacy|limitations?|meanings?|members?|methods?|names?|objectives?|origins?|outcomes?|"
    "parts?|plot|population|price|problems?|purposes?|reasons?|results?|risks?|roles?|rules?|"
    "side effects?|significance|signs?|size|sorts?|sources?|stages?|steps?|story|structure|"
    "symptoms?|themes?|treatments?|types?|uses?|value|varieties|versions?"
)
RELATIONAL_NOUN = rf"(?:{_RELATIONAL})"
_RELATION_OF = re.compile(
    rf"^(?:(?:the|a|an|some|any|its|their|his|her)\s+)?(?:(?:of\s+the\s+)?[\w-]+\s+){{0,2}}?"
    rf"(?:{_RELATIONAL})(?:\s+and\s+(?:{_RELATIONAL}))?\s+(?:of|for|in|behind|between)\s+(?P<of>\S.*)$"
    r"|^[a-z]+\s+about\s+(?P<about>\S.*)$",
    re.IGNORECASE,
)
_RELATION_TO = re.compile(
    rf"^(?P<of>.+?)['’]s?\s+(?:[\w-]+\s+){{0,2}}(?:{_RELATIONAL})(?:\s+(?:in|on|to|for|of)\s.*)?$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    rf"^(?:(?:the|a|an|some|any|other|most|best|more|important|common)\s+)*"
    rf"(?:[\w-]+\s+)?(?:{_RELATIONAL}|time|ways?|things?)(?:\s+(?:with|to|of|for|in)\s.*)?$",
    re.IGNORECASE,
)
_RELATIVE_CLAUSE = re.compile(r"\s+(?:that|which|who|whom|where|when|they|he|she|it|we|you)\b.*$")
_NO_TOPIC = re.compile(
    r"^(?:it|its|they|he|she|this|that|these|those|there|their|his|her|him|them|all|both|most|some|any|"
    r"anything|something|anyone|anybody|somebody|someone|everyone|everybody|nobody|least|other|others|one|ones|else|more|who|what|when|where|why|how|if|it['’]s|"
    r"\w+ly|not|to|for|in|on|at|happening|going|like|known|called|made|used|best|the\s+(?:most|best|only|same|"
    r"other|first|last|\w+est)|i|we|you|my|your|our)\b|\b(?:ones?|it|them|they|like)$|"
    r"\b(?:their|its|his|her)\b",
    re.IGNORECASE,
)
AUXILIARY = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must)"
)
_AUXILIARY_LAST = re.compile(rf"\b{AUXILIARY}\s+$", re.IGNORECASE)
YES_NO = re.compile(rf"^\W*(?:(?:and|but|so)\s+)?{AUXILIARY}\b", re.IGNORECASE)
_LEAD = r"^\W*(?:(?:and|but|so|or|ok|okay|then|well|also|now)\b\W*)*"
_TELL = re.compile(
    rf"{_LEAD}(?:(?:please|can\s+you|could\s+you)\s+)?"
    r"(?:tell\s+(?:me|us)\s+(?:more\s+|something\s+)?about|describe|explain|define|"
    r"what\s+do\s+you\s+know\s+about)\s+(?P<what>[^,;?!]+?)\W*$",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    rf"{_LEAD}(?:what|who)(?:['’]s|\s+(?:is|are|was|were))\s+(?P<what>(?!there\b)[^,;?!]+?)\W*$",
    re.IGNORECASE,
)
_IS_LIKE = re.compile(r"\s+like$")  # "What is Google's new car like?"
_ASKS_WHAT = re.compile(rf"{_LEAD}what\s*(['’]s|is|are|was|were)\b", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:about|regarding|concerning)\s+(?P<what>[^,;?!]+?)\W*(?:$|[,;?!])", re.I)
_SUBJECT = re.compile(
    rf"{_LEAD}(?:(?:what|which|who|whom|when|where|why|how)\b[^?,]*?\s)?(?P<aux>{AUXILIARY})\s+"
    r"(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_OWNED = re.compile(rf"(?P<owner>(?:the\s+)?{NAME}(?<=['’]s|s['’]))\s+(?P<rest>[a-z].*)$")
_DETERMINED = re.compile(
    r"\b(?:the|a|an|this|these|those|some|several|many)\s+(?=(?P<rest>[\w'’-].*))",
    re.IGNORECASE,
)
_AFTER_PREPOSITION = re.compile(
    r"\b(?:of|in|on|for|with|by|from|against|between|at)\s+(?=(?P<rest>[a-z][\w'’-]*.*))"
)
_JOINED = re.compile(
    rf"(?<!\w)(?:the\s+)?{NAME}(?:,\s+(?:the\s+)?{NAME})*,?\s+and\s+(?:the\s+)?{NAME}"
)
_CHUNK_WORD = re.compile(r"\s*([\w'’-]+)")
_MOST_CHUNK = 4  # words

_ENDS_CHUNK = STOP_WORDS | frozenset(
    """
    not no before after during since until while when than then too also according between against
    within without per via among through because although though else ever never again first
    appear arrive become became begin began break bring build built buy call change come compare
    contain cost create deal defend define describe develop die differ evolve feel do earn end
    enter exist fail fall fight find finish first gain get give go grow happen help hold include
    increase invent join keep kill know lead learn leave live look lose made make mean meet move
    need occur offer open perform play produce protect publish reach receive refer reject relate
    release replace return rise run save say see sell send serve show sing start stay stop support
    survive take teach tell think threaten travel try turn want win withdraw won work write
    """.split()
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody or something spoken of.

    :param text: as it can be put into a question, article included.
    :param many: whether "they" can stand for it; None where it may or may not.
    :param person: whether "he" or "she" can stand for it.
    :param name: whether it is a name.
    :param start: code points from the start of the text it was found in.
    """

    text: str
    many: bool | None
    person: bool = False
    name: bool = False
    start: int = 0


@lru_cache(maxsize=512)  # the turns of a conversation are looked at again for every pronoun
def find_mentioned_names(text: str) -> tuple[Mention, ...]:
    """Return the names in ``text``, in order, with what their surroundings say of them."""
    found = []
    for match in _NAME.finditer(text):
        name = clean_name(match.group())
        if not name or name.lower() in _NOBODY or re.match(r"I['’]", name):
            continue
        start = match.start() + max(match.group().find(name), 0)
        # "The Mrs. Brown Show": the article may stand before a title.
        before = _BEFORE.search(text, 0, start)
        the = match.group().lower().startswith("the ")
        found.append(_named(name, "the" if the else before[1].lower() if before else "", start))
    return tuple(found)


def find_acting_people(text: str) -> list[str]:
    """Return the people who are the subject of a sentence or clause of ``text``, in order."""
    return [
        mention.text
        for mention in find_mentioned_names(text)
        if mention.person and _acts(mention, text)
    ]


def _acts(mention: Mention, text: str) -> bool:
    opening = _OPENS_CLAUSE.search(text, 0, mention.start)
    if opening is None:
        return False
    acts = _ACTS.match(text, mention.start + len(mention.text)) is not None
    # After a comma a name may be one of a list.
    return acts or (" " in mention.text and not re.match(r",|and\b", opening.group()))


def _named(name: str, before: str, start: int) -> Mention:
    the = before == "the"
    person = (
        is_person(name)
        and not the
        and before not in _WHERE
        and not _THING_WORDS.search(name)
        and not _PLACE_NAME.match(name)
    )
    many: bool | None = False if person else None
    if the and _is_plural(name.split()[-1]):
        many = True
    return Mention(f"the {name}" if the else name, many, person, name=True, start=start)


def find_joined_names(text: str) -> Mention | None:
    """Return names joined by "and", all of them as one mention: "Russia and Iran"."""
    match = _JOINED.search(text)
    if match is None:
        return None
    inner = find_mentioned_names(match.group())
    if len(inner) < 2 or match.group().find(" and ") < 0:
        return None
    first, last = inner[0], inner[-1]
    begin = match.group().find(first.text) if first.text in match.group() else 0
    end = match.group().rfind(last.text) + len(last.text)
    return Mention(match.group()[begin:end], True, name=True, start=match.start() + begin)


def topic_of(question: str) -> Mention | None:
    """Return what a question asks to be told about: "What is X?", "… about X"."""
    for pattern in (_TELL, _DEFINED, _ABOUT):
        match = pattern.search(question)
        if match is None:
            continue
        what = bare_topic(_IS_LIKE.sub("", match["what"].strip()))
        if not what or not _is_topic(what):
            return None
        topic = _mention_of(what, question)
        # "What is X?" asks of no person, and of one thing.
        if pattern is _DEFINED and topic.name and what == match["what"].strip():
            topic = _told_by_verb(topic, question)
        return topic
    return None


def _told_by_verb(topic: Mention, question: str) -> Mention:
    asked = _ASKS_WHAT.match(question)
    if asked is None:
        return topic
    return replace(topic, person=False, many=asked[1].lower() in ("are", "were"))


def bare_topic(phrase: str) -> str:
    """Return whose part or side a phrase is: "the side effects of X" and "X's causes" → "X"."""
    while True:
        phrase = _RELATIVE_CLAUSE.sub("", phrase)
        match = _RELATION_OF.match(phrase) or _RELATION_TO.match(phrase)
        if match is None:
            return re.sub(r"\s+and\s+(?:its|their|his|her|how|why)\b.*$", "", phrase)
        phrase = (match["of"] or match["about"]).strip()


def _is_topic(phrase: str) -> bool:
    """Return whether a phrase says enough to be carried over."""
    return len(phrase.split()) <= 8 and not _NO_TOPIC.search(phrase) and not _RELATED.match(phrase)


def subject_of(question: str) -> Mention | None:
    """Return the subject of a question: what stands after its auxiliary verb."""
    match = _SUBJECT.match(question)
    if match is None:
        return None
    rest = match["rest"]
    determined = re.match(r"(?:the|a|an|this|these|those)\s+", rest, re.IGNORECASE)
    if not determined and re.match(rf"(?:{'|'.join(sorted(STOP_WORDS))})\b", rest):
        return None
    owned = _OWNED.match(rest)
    if owned is not None:
        # "What was Dali's famous work?" ends with the noun, "Was Dali's work famous?" does not.
        take = _chunk if _ASKS_WHAT.match(question) else _noun_phrase
        words = take(owned["rest"])
        if words and not re.search(r"[a-z]ed$", words[0]):
            return _mention_of(f"{owned['owner']} {' '.join(words)}", question)
    for name in find_mentioned_names(rest):
        if name.start <= (determined.end() if determined else 0):
            return _with_its_noun(replace(name, start=match.start("rest")), rest)
    begin = determined.end() if determined else 0
    words = _noun_phrase(rest[begin:])
    if not words or re.search(r"[a-z]ed$", words[0]):
        return None
    tail = _tail(rest[begin:], words)
    text = f"{determined.group() if determined else ''}{' '.join(words)}{tail}"
    return _mention_of(text, question) if _is_topic(text) else None


def _noun_phrase(rest: str) -> list[str]:
    """Return the words of a subject without its verb or what is said of it: "do vaccines work",
    "are vaccines safe".
    """
    words = _chunk(rest)
    if len(words) > 1 and not _tail(rest, words) and not _next_is_verb(rest, words):
        return words[:-1]
    return words


def _next_is_verb(rest: str, words: list[str]) -> bool:
    """Return whether a verb ended the phrase, which therefore holds none itself."""
    after = re.match(r"\s*([\w'’-]+)", rest[rest.find(words[-1]) + len(words[-1]) :])
    return after is not None and after[1].lower() not in STOP_WORDS


def _with_its_noun(name: Mention, rest: str) -> Mention:
    """Return a name with the noun it stands before: "the Galileo system"."""
    found = re.match(rf"{re.escape(name.text)}\s+([a-z]+)\b", rest)
    if found and name.text.startswith("the ") and found[1] not in _ENDS_CHUNK:
        return Mention(found.group(), _is_plural(found[1]), start=name.start)
    return name


def _tail(rest: str, words: list[str]) -> str:
    """Return the name that a phrase leans on: "the civil war" … " in Syria"."""
    after = rest[rest.find(words[-1]) + len(words[-1]) :]
    found = re.match(rf"\s+(?:in|of|on|at|against|between)\s+(?:the\s+)?{NAME}", after)
    if found is None:
        return ""
    noun = re.match(r"\s+([a-z]+)\b", after[found.end() :])  # "in the Syrian war"
    whole = noun and "the " in found.group() and is_noun_like(noun[1])
    return found.group() + (noun.group() if noun and whole else "")


def find_noun_phrases(question: str) -> Iterator[Mention]:
    """Yield the phrases of a question that a pronoun can stand for, likeliest first."""
    for pattern in (_DETERMINED, _AFTER_PREPOSITION):
        for match in pattern.finditer(question):
            words = _chunk(match["rest"])
            # After an auxiliary stands the subject, and its verb would seem part of it.
            is_subject = _AUXILIARY_LAST.search(question, 0, match.start())
            if not words or is_subject or not is_noun_like(words[-1].lower()):
                continue
            lead = "the " if pattern is _DETERMINED else ""
            text = f"{lead}{' '.join(words)}{_tail(match['rest'], words)}"
            if _is_topic(text):
                yield _mention_of(text, question)


def find_bare_plural(question: str) -> Mention | None:
    """Return a plural noun that nothing opens, "troops" in "Did they withdraw troops?"."""
    for match in re.finditer(r"(?<=\s)[a-z][a-z-]{3,}\b", question):
        word = match.group()
        before = question[: match.start()].strip().lower()
        # What follows a bare "who" or "what" is the verb: "Who keeps …?"
        if before in ("who", "what", "and who", "and what"):
            continue
        if (
            _is_plural(word)
            and word not in _ENDS_CHUNK
            and word[:-1] not in _ENDS_CHUNK
            and not _RELATED.match(word)
        ):
            return Mention(f"the {word}", True, start=match.start())
    return None


def is_noun_like(word: str) -> bool:
    """Return whether a lower-case word may be a noun: no function word and no common verb."""
    return word not in _ENDS_CHUNK and not re.search(r"(?:ed|ing|ly)$", word)


def _chunk(rest: str) -> list[str]:
    """Return the words up to the next function word, common verb, participle or mark."""
    words: list[str] = []
    at = 0
    while len(words) < _MOST_CHUNK:
        match = _CHUNK_WORD.match(rest, at)
        if match is None or match[1].lower() in _ENDS_CHUNK:
            break
        if words and re.search(r"[a-z](?:ed|ing)$", match[1]):
            break
        words.append(match[1])
        at = match.end()
    return words


def _mention_of(text: str, question: str) -> Mention:
    names = find_mentioned_names(text)
    start = max(question.find(text), 0)
    bare = _THE.sub("", text)
    if len(names) == 1 and _THE.sub("", names[0].text) == bare:
        return replace(names[0], start=start, text=text)
    if find_joined_names(text) or re.search(r"^\w+ and \w+$", bare):
        return Mention(text, True, start=start)
    head = re.split(r"\s+(?:of|in|for|with|on|at|from|by|against|between|that|who|which)\s+", bare)
    return Mention(text, _is_plural(head[0].split()[-1]) if head[0].split() else None, start=start)


def _is_plural(word: str) -> bool:
    lowered = word.lower().strip(".,'’")
    return lowered in ("people", "children", "men", "women", "police", "media", "data") or bool(
        re.search(r"(?<![siu])s$", lowered) and len(lowered) > 3
    )


def plural_of(phrase: str) -> str:
    """Return the plural of a phrase with an indefinite article: "a virtual machine"."""
    bare = re.sub(r"^(?:a|an)\s+", "", phrase, flags=re.IGNORECASE)
    if re.search(r"(?:s|x|z|ch|sh)$", bare):
        return f"{bare}es"
    if re.search(r"[^aeiou]y$", bare):
        return f"{bare[:-1]}ies"
    return f"{bare}s"
