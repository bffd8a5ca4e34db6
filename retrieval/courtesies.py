"""What people say before they ask: "Ok, thanks. Um, …", "Hi there! One more question: …".

It shares words with nothing and would only draw the search and the reader aside.
"""

from __future__ import annotations

import re

_THANKS = (
    r"(?:many\s+)?thanks?(?:\s+(?:you|a\s+lot|so\s+much|very\s+much|again))*"
    r"(?:\s+for\s+(?:that|this|it|(?:the|your|all\s+the)\s+(?:info|information|help|answers?|"
    r"clarification|explanation|reply|response)))?"
)
_GREETING = (
    r"(?:hi|hello|hey|greetings|good\s+(?:morning|afternoon|evening|day))"
    r"(?:\s+(?:there|again|ibid|everyone))?(?:,?\s+how\s+are\s+you(?:\s+(?:doing|today))*)?"
)
_PRAISE = (
    r"(?:(?:(?:that|it|this)(?:['’]?s|\s+is|\s+sounds)|sounds|really|very|so|all)\s+)*"
    r"(?:great|good|nice|cool|perfect|awesome|wonderful|excellent|interesting|helpful|useful|"
    r"fine|okay|ok|right|alright|amazing|brilliant|lovely)"
    r"(?:\s+to\s+(?:know|hear|keep)(?:\s+(?:that|it))?(?:\s+in\s+mind)?)?"
)
_UNDERSTOOD = (
    r"(?:i\s+see|i\s+understand|understood|got\s+it|i\s+got\s+it|(?:that\s+|it\s+)?makes\s+sense|"
    r"fair\s+enough|of\s+course|sure|i\s+thought\s+so)"
)
_FILLER = (
    r"(?:oh|ah|um+|uh+|hmm+|well|so|now|say|look|please|sorry|excuse\s+me|and|but|then|anyway|"
    r"the\s+thing\s+is|(?:just\s+)?(?:one\s+more|another|one\s+last|a\s+last|a\s+quick|one|last|"
    r"other)\s+(?:question|thing)(?:\s+is|,?\s+please)?)"
)
# A mark must follow: "Right now, who …" and "Great Britain …" are no courtesies.
_COURTESY = re.compile(
    rf"\s*(?:(?:and|but|oh|ok|okay)\s+)?(?:{_GREETING}|{_THANKS}|{_PRAISE}|{_UNDERSTOOD}|{_FILLER})"
    r"\s*[.,!:;…?—-]+\s+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|"
    r"can|could|will|would|should|may|tell|list|name|explain|describe)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 3  # of what stays: "Great, why?" is a question by itself, and "Hi, Bob." none


def without_courtesies(question: str) -> str:
    """Return a question without the thanks, greetings and fillers before it.

    :param question: as typed.
    :return: the question itself where it has none, or where what would stay asks nothing.
    """
    at = 0
    while (match := _COURTESY.match(question, at)) is not None:
        at = match.end()
    rest = question[at:].strip()
    if at == 0 or len(rest.split()) < _LEAST_WORDS or not _ASKS.search(rest):
        return question
    return rest[0].upper() + rest[1:]
