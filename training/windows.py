"""Articles → windows of whole sentences, of about the size of Ibid's passages."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from training.questions import Article, Question, Range

CountTokens = Callable[[Sequence[str]], list[int]]

_BREAK = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Lt|Sgt|Rev|Hon|No|vs|etc|e\.g|i\.e|cf|ca|c|Inc"
    r"|Ltd|Co|Corp|U\.S|U\.K|Jan|Feb|Aug|Sept|Oct|Nov|Dec)|\b[A-Z])\.$"
)
_WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    "a an and are as at be been by did do does for from had has have he her his how in is it its"
    " of on or that the their them they this to was were what when where which who whom whose why"
    " will with would".split()
)


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sentences shown to the reader.

    :param span: in ``Article.text``.
    :param text: what the span holds, or an edit of it.
    :param gold: alternatives in ``text``; empty when it holds no answer.
    """

    span: Range
    text: str
    gold: tuple[Range, ...]


@dataclass(slots=True)
class SentencedArticle:
    """An article cut into sentences, with what the choice of windows needs.

    :param article: the text.
    :param sentences: spans in order.
    :param n_tokens: of each sentence.
    :param stems: of each sentence.
    :param idf: stem → how rare it is among this article's sentences.
    """

    article: Article
    sentences: list[Range]
    n_tokens: list[int]
    stems: list[frozenset[str]] = field(default_factory=list)
    idf: dict[str, float] = field(default_factory=dict)

    def index_at(self, position: int) -> int:
        """Find the sentence that holds a position.

        :param position: in the article's text.
        :return: index of the sentence.
        """
        low, high = 0, len(self.sentences) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.sentences[middle][0] <= position:
                low = middle
            else:
                high = middle - 1
        return low

    def text_of(self, index: int) -> str:
        """Slice one sentence.

        :param index: which.
        :return: its text.
        """
        start, end = self.sentences[index]
        return self.article.text[start:end]


def split_sentences(text: str) -> list[Range]:
    """Cut a text into sentences.

    :param text: any text.
    :return: spans without surrounding space, in order.
    """
    spans: list[Range] = []
    start = 0
    for match in [*_BREAK.finditer(text), None]:
        end = match.start() + len(match.group().rstrip()) if match else len(text)
        if match and "\n" not in match.group() and _ABBREVIATION.search(text[start:end]):
            continue
        if text[start:end].strip():
            spans.append((start, end))
        start = match.end() if match else end
    return spans


def stems_of(text: str) -> frozenset[str]:
    """Reduce a text to the beginnings of its content words.

    :param text: any text.
    :return: lower-case, without stop words.
    """
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(stem(word) for word in words if word not in STOP_WORDS)


def stem(word: str) -> str:
    """Cut common endings off.

    :param word: in lower case.
    :return: its beginning.
    """
    for ending in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def cut_articles(
    articles: Iterable[Article], count_tokens: CountTokens
) -> dict[str, SentencedArticle]:
    """Cut each article into sentences and count their tokens and words.

    :param articles: the texts.
    :param count_tokens: counts the tokens of many texts at once.
    :return: by the article's name.
    """
    cut: dict[str, SentencedArticle] = {}
    for article in articles:
        sentences = split_sentences(article.text)
        texts = [article.text[start:end] for start, end in sentences]
        stems = [stems_of(text) for text in texts]
        counts = Counter(word for words in stems for word in words)
        idf = {word: math.log(1 + len(texts) / n) for word, n in counts.items()}
        cut[article.name] = SentencedArticle(article, sentences, count_tokens(texts), stems, idf)
    return cut


def gold_window(
    cut: SentencedArticle, question: Question, n_tokens: int, rng: random.Random
) -> Window:
    """Grow a window round one of the question's gold spans.

    Within the question's paragraph first; beyond it only once the paragraph is used up, since
    Ibid's passages cross paragraphs too.

    :param cut: the article.
    :param question: with at least one gold span.
    :param n_tokens: the window ends before it would be longer.
    :param rng: chooses the sides on which it grows.
    :return: the window with every gold span that it holds.
    """
    start, end = rng.choice(question.gold)
    first, last = cut.index_at(start), cut.index_at(end - 1)
    first, last = grow(cut, first, last, n_tokens, rng, frozenset())
    return window_of(cut, first, last, question.gold)


def paragraph_window(
    cut: SentencedArticle, question: Question, n_tokens: int, rng: random.Random
) -> Window:
    """Grow a window in the paragraph a question was asked about, where its words are.

    :param cut: the article.
    :param question: answered or not.
    :param n_tokens: the window ends before it would be longer.
    :param rng: chooses the sides on which it grows.
    :return: the window with every gold span that it holds.
    """
    asked = stems_of(question.text)
    first, last = cut.index_at(question.paragraph[0]), cut.index_at(question.paragraph[1] - 1)
    best = max(range(first, last + 1), key=lambda i: (overlap(cut, i, asked), -i))
    grown = grow(cut, best, best, n_tokens, rng, frozenset(), (first, last))
    return window_of(cut, *grown, question.gold)


def negative_window(
    cut: SentencedArticle,
    question: Question,
    answer_texts: frozenset[str],
    n_tokens: int,
    rng: random.Random,
    avoid: Range,
) -> Window | None:
    """Find a window that shares words with the question and does not hold the answer.

    :param cut: the article.
    :param question: what is asked.
    :param answer_texts: in lower case; no sentence with one of them may be in the window.
    :param n_tokens: the window ends before it would be longer.
    :param rng: chooses among the best.
    :param avoid: span that the window may not touch.
    :return: the window, or None where the article has none.
    """
    asked = stems_of(question.text)
    banned = frozenset(
        index
        for index, (start, end) in enumerate(cut.sentences)
        if (start < avoid[1] and avoid[0] < end)
        or any(answer in cut.text_of(index).lower() for answer in answer_texts)
    )
    free = [index for index in range(len(cut.sentences)) if index not in banned]
    if not free:
        return None
    free.sort(key=lambda index: (-overlap(cut, index, asked), index))
    seed = free[min(int(rng.expovariate(0.7)), len(free) - 1)]
    return window_of(cut, *grow(cut, seed, seed, n_tokens, rng, banned), ())


def overlap(cut: SentencedArticle, index: int, asked: frozenset[str]) -> float:
    """Score a sentence by the rare words it shares with a question.

    :param cut: the article.
    :param index: of the sentence.
    :param asked: stems of the question.
    :return: sum of their rareness.
    """
    return sum(cut.idf[word] for word in asked & cut.stems[index])


def grow(
    cut: SentencedArticle,
    first: int,
    last: int,
    n_tokens: int,
    rng: random.Random,
    banned: frozenset[int],
    limits: Range | None = None,
) -> Range:
    """Add whole sentences on either side while they fit.

    :param cut: the article.
    :param first: index of the first sentence to start from.
    :param last: index of the last one.
    :param n_tokens: the run ends before it would be longer.
    :param rng: chooses the side.
    :param banned: sentences that may not be added.
    :param limits: first and last sentence that may be added.
    :return: first and last index of the run.
    """
    lowest, highest = limits or (0, len(cut.sentences) - 1)
    size = sum(cut.n_tokens[first : last + 1])
    sides = ["left", "right"]
    while sides:
        side = rng.choice(sides)
        index = first - 1 if side == "left" else last + 1
        fits = lowest <= index <= highest and index not in banned
        if not fits or size + cut.n_tokens[index] > n_tokens:
            sides.remove(side)
            continue
        size += cut.n_tokens[index]
        first, last = min(first, index), max(last, index)
    return first, last


def window_of(cut: SentencedArticle, first: int, last: int, gold: Sequence[Range]) -> Window:
    """Slice a run of sentences, with the gold spans that lie inside.

    :param cut: the article.
    :param first: index of the first sentence.
    :param last: index of the last one.
    :param gold: in the article's text.
    :return: the window.
    """
    start, end = cut.sentences[first][0], cut.sentences[last][1]
    inside = tuple((s - start, e - start) for s, e in gold if start <= s and e <= end)
    return Window((start, end), cut.article.text[start:end], inside)


def consecutive_windows(
    cut: SentencedArticle, first: int, last: int, n_tokens: int, gold: Sequence[Range]
) -> list[Window]:
    """Pack sentences into windows from left to right, overlapping by one sentence.

    :param cut: the article.
    :param first: index of the first sentence.
    :param last: index of the last one.
    :param n_tokens: a window ends before it would be longer.
    :param gold: in the article's text.
    :return: windows that cover all of the sentences.
    """
    windows: list[Window] = []
    start = first
    while True:
        end, size = start, cut.n_tokens[start]
        while end < last and size + cut.n_tokens[end + 1] <= n_tokens:
            end += 1
            size += cut.n_tokens[end]
        windows.append(window_of(cut, start, end, gold))
        if end >= last:
            return windows
        start = end if end > start else end + 1
