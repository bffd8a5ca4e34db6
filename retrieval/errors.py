"""What can go wrong, each kind once. A message is a sentence for the person: what was expected,
what was found, what to do. Front ends print it and nothing else.
"""


class IbidError(Exception):
    """Base of all errors that are shown to a person."""


class SettingsError(IbidError):
    """A setting, an environment variable or an option has a value that it may not have."""


class SourceError(IbidError):
    """A source cannot be read as a document."""


class IndexNotFoundError(IbidError):
    """There is no index where one was expected, or it does not hold the document asked for."""


class IndexMismatchError(IbidError):
    """The index is damaged, of a newer format, or was made with another encoder."""


class IndexLockedError(IbidError):
    """Another process is building the same index."""


class ModelFileError(IbidError):
    """A model's files are missing, altered or of an unknown format."""


class ModelCallError(IbidError):
    """A chat model could not be reached or its reply could not be used."""


class CitationMismatchError(IbidError):
    """A quote is not what stands at its place in the document.

    :param doc_id: the document that was cited.
    :param start: code points from the start of the document's text, included.
    :param end: code points from the start of the document's text, excluded.
    :param expected: what the document holds there.
    :param found: the quote.
    """

    def __init__(self, doc_id: str, start: int, end: int, expected: str, found: str) -> None:
        at = next(
            (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b),
            min(len(expected), len(found)),
        )
        super().__init__(
            f"The quote for {doc_id}:{start}-{end} differs from the document at character {at}: "
            f"expected {expected[at : at + 40]!r}, found {found[at : at + 40]!r}. "
            "Index the document again."
        )
        self.doc_id = doc_id
        self.start = start
        self.end = end
