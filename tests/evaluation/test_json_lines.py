from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from evaluation.errors import RecordError
from evaluation.json_lines import file_hash, read_records


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty; expected one JSON object a line."),
        (b"\n \n", "the file is empty; expected one JSON object a line."),
        (b'{"a": 1}\n{"a":', "line 2: not JSON (Expecting value)."),
        (b'{"a": 1}\n\n[1]\n', "line 3: expected a JSON object, found [1]."),
        (b'{"a": 1}\n{"a": "\xff"}\n', "line 2: not UTF-8; save the file as UTF-8."),
        (b"[" * 100_000, "line 1: not JSON (nested too deeply)."),
    ],
)
def test_a_bad_file_is_told_in_one_sentence_with_its_line(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=re.escape(sentence)) as caught:
        list(read_records(path))
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_a_folder_and_a_cut_gzip_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="there is no such file"):
        list(read_records(tmp_path / "none.jsonl"))
    with pytest.raises(RecordError, match="is a folder"):
        list(read_records(tmp_path))
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"a": 1}\n' * 100)[:-10])
    with pytest.raises(RecordError, match="not a whole gzip file"):
        list(read_records(cut))


def test_plain_and_gzipped_files_read_alike_with_a_mark_at_the_start(tmp_path: Path) -> None:
    content = '\ufeff{"a": "\u2028"}\n\n{"a": 2}\n'.encode()
    plain, zipped = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(content)
    zipped.write_bytes(gzip.compress(content))
    for path in (plain, zipped):
        assert [(r.line, r.values["a"]) for r in read_records(path)] == [(1, "\u2028"), (3, 2)]


def test_a_field_of_the_wrong_kind_is_named_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": true, "t": 5, "list": ["a", 1], "inner": [{"x": "y"}], "f": NaN}')
    (record,) = read_records(path)
    for read, sentence in (
        (lambda: record.whole_number("n"), "line 1, n: expected a whole number, found true."),
        (lambda: record.text("t"), "line 1, t: expected text, found 5."),
        (lambda: record.text("none"), "line 1, none: expected text, found nothing."),
        (lambda: record.texts("list"), 'list: expected a list, text each, found ["a", 1].'),
        (
            lambda: record.records("inner")[0].whole_number("x"),
            'line 1, inner[0].x: expected a whole number, found "y".',
        ),
        (lambda: record.number("f"), "line 1, f: expected a finite number, found nan."),
    ):
        with pytest.raises(RecordError, match=re.escape(sentence)):
            read()


def test_a_file_hash_is_the_sha_256_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert file_hash(path).startswith("ba7816bf8f01cfea414140de5dae2223")
