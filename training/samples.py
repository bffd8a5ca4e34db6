"""Questions → an endless, seeded stream of groups for training."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from training.batches import Group
from training.edits import Sample, make_unanswerable, swap_name_in_both
from training.questions import HUMAN_SET, Article, Corpus, Question
from training.vocabularies import Vocabulary, names_in, noun_lexicon
from training.windows import (
    SentencedArticle,
    Window,
    gold_window,
    negative_window,
    paragraph_window,
    stems_of,
)

PASSAGE_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Mixture:
    """What one chunk of the stream is made of.

    :param answerable: questions with their gold window.
    :param edited: share of those whose edited form comes too.
    :param human: questions of the set with people's unanswerable ones.
    :param negative: share of answerable questions with a second window that does not answer.
    :param renamed: share of answerable questions with a name changed on both sides.
    :param title: share of groups that show the article's title.
    :param full_size: share of windows that are as long as Ibid's passages.
    :param shortest: tokens of the smallest of the others.
    :param longest: tokens of the largest of the others.
    """

    answerable: int = 300
    edited: float = 0.4
    human: int = 60
    negative: float = 0.35
    renamed: float = 0.08
    title: float = 0.8
    full_size: float = 0.4
    shortest: int = 50
    longest: int = 165


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Where the stream stands, for going on from a checkpoint.

    :param chunk: number of the next chunk.
    :param answerable: answerable questions used so far.
    :param human: questions of the human set used so far.
    """

    chunk: int = 0
    answerable: int = 0
    human: int = 0


class GroupStream:
    """Draws groups, each chunk from its own seed.

    :param corpus: for training.
    :param cut: its articles in sentences.
    :param random_seed: decides everything.
    """

    def __init__(self, corpus: Corpus, cut: dict[str, SentencedArticle], random_seed: int) -> None:
        self.cut = cut
        self.random_seed = random_seed
        self.answerable = [q for q in corpus.questions if q.gold and q.set_name != HUMAN_SET]
        self.human = [q for q in corpus.questions if q.set_name == HUMAN_SET]
        self.vocabularies = Vocabularies(corpus)

    def chunk(self, place: StreamPlace, mixture: Mixture) -> tuple[list[Group], StreamPlace]:
        """Draw one chunk.

        :param place: where the stream stands.
        :param mixture: what the chunk is made of.
        :return: groups in no particular order, and the place after them.
        """
        rng = random.Random(f"{self.random_seed}:{place.chunk}")
        groups: list[Group] = []
        for question in self._take(self.answerable, place.answerable, mixture.answerable):
            groups += self._answerable(question, mixture, rng)
        for question in self._take(self.human, place.human, mixture.human):
            groups.append(self._human(question, mixture, rng))
        after = StreamPlace(
            place.chunk + 1, place.answerable + mixture.answerable, place.human + mixture.human
        )
        return groups, after

    def _take(self, questions: Sequence[Question], used: int, n: int) -> Iterator[Question]:
        """Yield the next n questions of pass after pass, each pass in its own order."""
        for i in range(used, used + n if questions else used):
            epoch, index = divmod(i, len(questions))
            if index == 0 or i == used:
                order = list(range(len(questions)))
                random.Random(f"{self.random_seed}:{epoch}:{len(questions)}").shuffle(order)
            yield questions[order[index]]

    def _answerable(self, question: Question, mixture: Mixture, rng: random.Random) -> list[Group]:
        cut = self.cut[question.article]
        n_tokens = window_tokens(mixture, rng)
        window = settle_occurrence(question.text, gold_window(cut, question, n_tokens, rng))
        vocabulary = self.vocabularies.of(cut.article)
        sample = Sample(question.text, window)
        edited = None
        if rng.random() < mixture.edited:
            edited = make_unanswerable(sample, vocabulary, rng)
        if rng.random() < mixture.renamed:
            sample = swap_name_in_both(sample, vocabulary, rng) or sample
        windows = [sample.window]
        if sample.window is window and rng.random() < mixture.negative:
            answers = frozenset(cut.article.text[s:e].lower() for s, e in question.gold)
            negative = negative_window(cut, question, answers, n_tokens, rng, window.span)
            windows += [negative] if negative else []
        groups = [Group(sample.question, self._title(cut.article, mixture, rng), tuple(windows))]
        if edited:
            title = self._title(cut.article, mixture, rng)
            if edited.window.text != window.text and stems_of(title) & stems_of(question.text):
                # The title would still say what the window no longer does.
                title = ""
            groups.append(Group(edited.question, title, (edited.window,)))
        return groups

    def _human(self, question: Question, mixture: Mixture, rng: random.Random) -> Group:
        cut = self.cut[question.article]
        choose = gold_window if question.gold else paragraph_window
        window = choose(cut, question, window_tokens(mixture, rng), rng)
        return Group(question.text, self._title(cut.article, mixture, rng), (window,))

    def _title(self, article: Article, mixture: Mixture, rng: random.Random) -> str:
        return article.title if rng.random() < mixture.title else ""


class Vocabularies:
    """What the edits of each article may use, made when first asked for.

    :param corpus: for training.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.nouns = noun_lexicon(q.text for q in corpus.questions)
        self._asked: dict[str, set[str]] = defaultdict(set)
        for question in corpus.questions:
            self._asked[question.article].update(question.text.rstrip("?").split())
        self._made: dict[str, Vocabulary] = {}

    def of(self, article: Article) -> Vocabulary:
        """Look up or make the vocabulary of an article.

        :param article: any of the corpus.
        :return: its names and nouns.
        """
        if article.name not in self._made:
            nouns = tuple(sorted(self._asked[article.name] & self.nouns))
            self._made[article.name] = Vocabulary(names_in(article.text), self.nouns, nouns)
        return self._made[article.name]


def window_tokens(mixture: Mixture, rng: random.Random) -> int:
    """Draw how long a window may be.

    :param mixture: says how long they are.
    :param rng: draws.
    :return: tokens.
    """
    if rng.random() < mixture.full_size:
        return PASSAGE_TOKENS
    return rng.randint(mixture.shortest, mixture.longest)


def settle_occurrence(asked: str, window: Window) -> Window:
    """Admit another occurrence of the gold words where its surroundings fit the question better.

    Some spans mark the first occurrence of the right words instead of the one that was meant.

    :param asked: the question.
    :param window: with one gold span, else it is returned as it is.
    :return: with one or two gold spans.
    """
    if len(window.gold) != 1:
        return window
    start, end = window.gold[0]
    words = window.text[start:end]
    stems = stems_of(asked)

    def fit(position: int) -> int:
        return len(stems & stems_of(window.text[max(0, position - 90) : position + 90]))

    position, best = window.text.find(words), (fit(start) + 1, start)
    while position >= 0:
        whole = not window.text[max(0, position - 1) : position].isalnum()
        whole = whole and not window.text[position + len(words) :][:1].isalnum()
        if whole and fit(position) > best[0]:
            best = (fit(position), position)
        position = window.text.find(words, position + 1)
    if best[1] == start:
        return window
    return replace(window, gold=((start, end), (best[1], best[1] + len(words))))
