from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import documents
from retrieval.documents import decode_text, load_document
from retrieval.errors import SourceError


def written(folder: Path, raw: bytes, name: str = "article.txt") -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf_8_text_is_taken_as_it_is(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode_text(text.encode("utf-8"), "a.txt") == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_dropped(
    tmp_path: Path, mark: bytes, encoding: str
) -> None:
    text = "Café in Kraków. \U0001f5fc Маяк."
    assert load_document(written(tmp_path, mark + text.encode(encoding))).text == text


def test_every_newline_becomes_a_line_feed(tmp_path: Path) -> None:
    assert (
        load_document(written(tmp_path, b"One.\r\nTwo.\rThree.\n")).text == "One.\nTwo.\nThree.\n"
    )


def test_the_same_article_in_another_encoding_is_the_same_document(tmp_path: Path) -> None:
    text = "Café.\nSecond line."
    one = load_document(written(tmp_path, text.encode(), "a.txt"))
    other = load_document(
        written(
            tmp_path, codecs.BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le"), "b.md"
        )
    )
    assert one.doc_id == other.doc_id


def test_nothing_else_is_changed(tmp_path: Path) -> None:
    text = "\tIndented  twice\u00a0spaced \u00ad soft. Cafe\u0301 “x” ﬁn\u200b.\n\n\n  End \n"
    assert load_document(written(tmp_path, text.encode())).text == text


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file .*nothing\.txt; check the spelling"):
        load_document(tmp_path / "nothing.txt")


def test_a_folder_is_refused_with_a_way_to_name_its_files(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"is a folder; name the files in it"):
        load_document(tmp_path)


def test_a_file_below_a_file_is_a_sentence_too(tmp_path: Path) -> None:
    path = written(tmp_path, b"Text.")
    with pytest.raises(SourceError, match="article.txt/below.txt cannot be read: Not a directory"):
        load_document(path / "below.txt")


def test_another_kind_of_file_is_refused_with_the_kinds_that_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"\.txt, \.md, \.markdown\), found '\.pdf'"):
        load_document(written(tmp_path, b"%PDF-1.7", "article.pdf"))
    with pytest.raises(SourceError, match="found 'a file without ending'"):
        load_document(written(tmp_path, b"text", "article"))


@pytest.mark.parametrize(
    "raw",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10",
        b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00",
        bytes(range(256)),
        b"\x00\x01\x02plain ascii between control characters\x03\x04" * 9,
        "no byte order mark".encode("utf-16-le"),
    ],
)
def test_a_binary_file_named_txt_is_no_text(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(SourceError, match="is a binary file, not text"):
        load_document(written(tmp_path, raw))


def test_another_encoding_is_refused_with_the_place_and_a_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, "Un café à Paris.".encode("windows-1252"))
    with pytest.raises(SourceError, match=r"byte 0xe9 at position 6 .*iconv -f WINDOWS-1252"):
        load_document(path)


@pytest.mark.parametrize("raw", [b"", b" \n\t\r\n", codecs.BOM_UTF8, "\u3000\u00a0".encode()])
def test_an_empty_article_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(SourceError, match="is empty: an article needs at least a sentence"):
        load_document(written(tmp_path, raw))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 1000)
    assert load_document(written(tmp_path, b"a" * 1000)).text == "a" * 1000
    with pytest.raises(SourceError, match=r"has 1,001 bytes; 1,000 at most"):
        load_document(written(tmp_path, b"a" * 1001))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A Headline\n\nThe first sentence.", "A Headline"),
        ("Only a Headline", "Only a Headline"),
        ("  \n\nA Headline After Space \n\nText.", "A Headline After Space"),
        ("# The Heading #\n\nText.", "The Heading"),
        ("Some text first.\n\n## Not this\n\n# The Heading", "The Heading"),
        ("---\ntitle: 'From the Front'\nauthor: R. Doyle\n---\n# Heading\n", "From the Front"),
        ("A first sentence.\n\nA second one.", "article"),
        ("A list of things:\n\n- one", "article"),
        ("No empty line follows\nthis line", "article"),
        ("x" * 201 + "\n\nText.", "article"),
    ],
)
def test_a_title_is_the_heading_the_headline_or_the_file_s_name(
    tmp_path: Path, text: str, title: str
) -> None:
    assert load_document(written(tmp_path, text.encode())).title == title


def test_front_matter_gives_author_and_date_and_stays_in_the_text(tmp_path: Path) -> None:
    text = '---\ntitle: "The Lamp"\nAuthor: R. Doyle\ndate: 2019-04-02\n---\nThe lamp is lit.\n'
    document = load_document(written(tmp_path, text.encode(), "a.md"))
    assert (document.title, document.author, document.date) == (
        "The Lamp",
        "R. Doyle",
        "2019-04-02",
    )
    assert document.text == text
