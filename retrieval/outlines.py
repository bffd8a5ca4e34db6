"""A document's outline: its paragraphs, its sentences and who speaks in each."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property, lru_cache

from retrieval.aliases import terms_of_names
from retrieval.captions import Caption, find_captions, find_labels
from retrieval.domain import Document, Span
from retrieval.sentences import split_paragraphs, split_sentences
from retrieval.speakers import Speech, find_speech
from retrieval.words import index_terms


class Outline:
    """The parts of a document, found once and asked for by place.

    :param document: the document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paragraphs: list[Span] = split_paragraphs(document.text)
        self.sentences: list[Span] = split_sentences(document.text)
        self.speech: list[Speech] = find_speech(document.text, self.sentences)
        self._paragraph_starts = [paragraph.start for paragraph in self.paragraphs]
        self._sentence_starts = [sentence.start for sentence in self.sentences]

    @cached_property
    def captions(self) -> list[Caption]:
        """The photographs' captions and credits."""
        return find_captions(self.document.text, self.paragraphs)

    @cached_property
    def labels(self) -> list[Span]:
        """The lines that state nothing: credits, lists of keywords."""
        return find_labels(self.document.text, self.paragraphs, self.captions)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The terms of the document and its title, and of the countries' names in them."""
        text = f"{self.document.title}\n{self.document.text}"
        return frozenset(index_terms(text)) | terms_of_names(text)

    def rows_of(self, span: Span) -> range:
        """Return the numbers, from 0, of the sentences that a span touches."""
        first = max(0, bisect_right(self._sentence_starts, span.start) - 1)
        last = max(first, bisect_right(self._sentence_starts, span.end - 1) - 1)
        return range(first, last + 1)

    def paragraph_number(self, at: int) -> int:
        """Return the number, from 1, of the paragraph at an offset, as people count them."""
        return max(1, bisect_right(self._paragraph_starts, at))


@lru_cache(maxsize=64)
def outline_of(document: Document) -> Outline:
    """Return the outline of a document, made once for as long as it is in use."""
    return Outline(document)
