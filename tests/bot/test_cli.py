from __future__ import annotations

import builtins
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.cli import run
from retrieval import answering, indexing
from retrieval import index as index_module
from retrieval.domain import Document
from retrieval.embeddings import OnnxEncoder, open_encoder
from retrieval.settings import DEFAULT_ENCODER

FLAGSHIP = "What did Assad say about oil fields?"
LAMP = "The lamp of Fanad was lit in 1817 by Mary Byrne. It burned whale oil until 1852.\n"


class Ended:
    """What a command left on the screen."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def complaint(self) -> str:
        """The one sentence on stderr, checked to be all there is."""
        assert self.out == ""
        assert self.err.startswith("ibid: ")
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1
        assert "Traceback" not in self.err
        return self.err.removeprefix("ibid: ").rstrip("\n")


class Ibid:
    """The command line in this process, with a home of its own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        self._capsys.readouterr()
        status = run(list(arguments))
        captured = self._capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err  # no colour outside a terminal
        return Ended(status, captured.out, captured.err)

    def listed(self) -> dict[str, str]:
        """Return doc_id → title of what can be asked."""
        lines = self("index", "--list").out.splitlines()
        return {line.split("\t")[0]: line.split("\t")[1] for line in lines}


@pytest.fixture
def ibid(
    home: Path,
    tmp_path: Path,
    encoder: OnnxEncoder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ibid:
    def open_quickly(name: str, folder: Path, *, report: Any = None) -> OnnxEncoder:
        # The default encoder is open already; the tests that start a process open it anew.
        known = name == DEFAULT_ENCODER and folder == home
        return encoder if known else open_encoder(name, folder, report=report)

    monkeypatch.setattr(cli, "open_encoder", open_quickly)
    monkeypatch.setattr(answering, "open_encoder", open_quickly)
    for name in [name for name in os.environ if name.startswith("IBID_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IBID_HOME", str(home))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Ibid(home, capsys)


@pytest.fixture
def lamp(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.txt"
    path.write_text(LAMP, encoding="utf-8")
    return path


def test_a_question_is_answered_with_quotations_and_their_places(ibid: Ibid) -> None:
    ended = ibid("ask", FLAGSHIP)
    assert (ended.status, ended.err) == (0, "")
    assert "[1] Assad said the decision, while not a surprise, is characteristic of" in ended.out
    assert "— Bashar al-Assad, reported speech · Syria's Assad Dismisses" in ended.out
    assert "¶ 12" in ended.out


def test_json_is_one_object_with_exactly_the_designed_keys(ibid: Ibid, article: Document) -> None:
    ended = ibid("ask", FLAGSHIP, "--json")
    assert ended.status == 0
    assert ended.out.count("\n") == 1
    record = json.loads(ended.out)
    assert list(record) == (
        "question_id question standalone_question abstained answer short_answer statements "
        "citations confidence seconds model".split()
    )
    assert list(record["citations"][0]) == (
        "number doc_id title start end quote speaker kind".split()
    )
    assert record["question_id"] is None
    for citation in record["citations"]:
        assert article.text[citation["start"] : citation["end"]] == citation["quote"]


def test_an_abstention_ends_with_status_three(ibid: Ibid) -> None:
    question = "Which singer won the Eurovision contest in 1998?"
    ended = ibid("ask", question)
    assert (ended.status, ended.err) == (3, "")
    assert ended.out.startswith("The source does not answer this.")
    record = json.loads(ibid("ask", question, "--json").out)
    assert (record["abstained"], record["citations"], record["answer"]) == (True, [], "")


def test_a_document_and_an_index_can_be_chosen(ibid: Ibid, lamp: Path, tmp_path: Path) -> None:
    assert ibid("index", str(lamp), "--index", str(tmp_path / "own")).status == 0
    assert not (ibid.home / "index").exists()
    (doc_id,) = (
        line.split("\t")[0]
        for line in ibid("index", "--list", "--index", str(tmp_path / "own")).out.splitlines()
    )
    ended = ibid(
        "ask",
        "When was the lamp lit?",
        "--index",
        str(tmp_path / "own"),
        "--document",
        doc_id,
        "--json",
    )
    assert "1817" in json.loads(ended.out)["citations"][0]["quote"]


def test_an_unknown_document_and_a_missing_index_are_failures(ibid: Ibid, tmp_path: Path) -> None:
    ended = ibid("ask", "Who?", "--document", "unknown")
    assert ended.status == 1
    assert ended.complaint.startswith("There is no document unknown in the index; `ibid index")
    ended = ibid("ask", "Who?", "--index", str(tmp_path / "none"))
    assert ended.status == 1
    assert "There is no index in" in ended.complaint


@pytest.mark.parametrize("question", ["", "   ", "?!"])
def test_an_empty_question_is_wrong_use(ibid: Ibid, question: str) -> None:
    ended = ibid("ask", question)
    assert ended.status == 2
    assert ended.complaint.startswith("The question is empty; ask something")


def test_a_question_of_ten_thousand_characters_is_wrong_use(ibid: Ibid) -> None:
    ended = ibid("ask", "why " * 2500)
    assert ended.status == 2
    assert "has 9,999 characters; 2,000 at most" in ended.complaint


def test_a_question_that_is_no_text_is_wrong_use(ibid: Ibid) -> None:
    ended = ibid("ask", "caf\udce9 oil?")  # what the shell passes on from another encoding
    assert ended.status == 2
    assert "not UTF-8" in ended.complaint


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "one", "two"],
        ["ask", "--unknown", "Who?"],
        ["unknown"],
        ["index", "--remove"],
    ],
)
def test_wrong_use_ends_with_status_two(ibid: Ibid, arguments: list[str]) -> None:
    ended = ibid(*arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err
    assert "Traceback" not in ended.err


def test_help_ends_well(ibid: Ibid) -> None:
    for command in ([], ["ask"], ["chat"], ["index"], ["telegram"]):
        assert ibid(*command, "--help").status == 0


def test_to_index_nothing_is_wrong_use(ibid: Ibid) -> None:
    ended = ibid("index")
    assert ended.status == 2
    assert ended.complaint.startswith("Name at least one file to index")


def test_files_are_added_refreshed_listed_and_removed(ibid: Ibid, lamp: Path) -> None:
    assert (
        ibid("index", str(lamp)).out
        == "1 added, 0 unchanged, 0 removed; 1 documents, 1 passages.\n"
    )
    assert ibid("index", str(lamp)).out.startswith("0 added, 1 unchanged, 0 removed;")
    ((before, title),) = ibid.listed().items()
    assert title == "lamp"
    lamp.write_text(LAMP.replace("1817", "1818"), encoding="utf-8")
    assert ibid("index", str(lamp)).out.startswith("1 added, 0 unchanged, 1 removed; 1 documents")
    ((after, _),) = ibid.listed().items()
    assert after != before
    assert "1818" in ibid("ask", "When was the lamp of Fanad lit?").out
    assert ibid("index", "--remove", after).out.startswith("0 added, 0 unchanged, 1 removed; 0")


def test_where_nothing_was_indexed_the_built_in_article_is_listed(
    ibid: Ibid, article: Document
) -> None:
    ended = ibid("index", "--list")
    assert ended.status == 0
    assert ended.out.startswith(f"{article.doc_id}\tSyria's Assad Dismisses")
    assert ended.err == "Nothing was indexed: the built-in article is what can be asked.\n"


def test_to_remove_an_unknown_document_changes_nothing(ibid: Ibid, lamp: Path) -> None:
    ibid("index", str(lamp))
    ended = ibid("index", "--remove", "unknown")
    assert ended.status == 1
    assert ended.complaint.startswith("There is no document unknown")
    assert len(ibid.listed()) == 1


def bad_sources(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield sources that cannot be indexed, each with a part of the sentence about it."""
    yield folder / "nothing.txt", "There is no file"
    yield folder, "is a folder; name the files in it"
    for name, raw, sentence in (
        ("binary.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is a binary file, not text"),
        ("latin.txt", "Un café à Paris.".encode("latin-1"), "must be UTF-8 text, but byte 0xe9"),
        ("empty.txt", b"", "is empty: an article needs at least a sentence"),
        ("blank.md", b" \n\n", "is empty"),
        ("paper.pdf", b"%PDF-1.7", "must be a text or Markdown file"),
    ):
        (folder / name).write_bytes(raw)
        yield folder / name, sentence


def test_a_source_that_cannot_be_read_is_one_sentence_and_nothing_is_indexed(
    ibid: Ibid, lamp: Path, tmp_path: Path
) -> None:
    for source, sentence in bad_sources(tmp_path):
        ended = ibid("index", str(lamp), str(source))  # the good one beside it is not added either
        assert ended.status == 1, source
        assert sentence in ended.complaint
        assert not (ibid.home / "index").exists()


def test_a_home_below_a_file_is_one_sentence(
    ibid: Ibid, lamp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBID_HOME", str(lamp / "below"))
    for command in (["ask", FLAGSHIP], ["index", str(lamp)], ["index", "--list"]):
        ended = ibid(*command)
        assert ended.status in (1, 2)
        assert str(lamp) in ended.complaint


def test_a_read_only_home_is_one_sentence_that_names_the_variable(
    ibid: Ibid, lamp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    ended = ibid("index", str(lamp))
    assert ended.status == 1
    assert ended.complaint.startswith("No permission to write")
    assert "IBID_HOME" in ended.complaint


def test_a_full_disk_is_one_sentence_and_the_old_index_stays(
    ibid: Ibid, lamp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ibid("index", str(lamp))
    other = tmp_path / "other.txt"
    other.write_text("The rock is bare.", encoding="utf-8")

    def fill(path: Path, *_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as full:
        full.setattr(index_module, "_save", fill)
        ended = ibid("index", str(other))
    assert ended.status == 1
    assert ended.complaint.startswith("The disk is full")
    assert not (ibid.home / "index" / "building").exists()
    assert list(ibid.listed().values()) == ["lamp"]


def test_ctrl_c_while_indexing_is_one_sentence_and_the_old_index_stays(
    ibid: Ibid, lamp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ibid("index", str(lamp))
    other = tmp_path / "other.txt"
    other.write_text("The rock is bare.", encoding="utf-8")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(indexing, "write_word_index", interrupt)
        ended = ibid("index", str(other))
    assert ended.status == 1
    assert ended.err.strip().endswith("Interrupted; what was there before is unchanged.")
    assert not (ibid.home / "index" / "building").exists()
    assert list(ibid.listed().values()) == ["lamp"]


def test_a_damaged_index_is_one_sentence(ibid: Ibid, lamp: Path) -> None:
    ibid("index", str(lamp))
    (vectors,) = (ibid.home / "index").glob("*/vectors.npy")
    vectors.write_bytes(b"cut")
    for command in (["ask", "Who?"], ["index", "--list"], ["index", str(lamp)]):
        ended = ibid(*command)
        assert ended.status == 1
        assert "is damaged" in ended.complaint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IBID_HOME", __file__),
        ("IBID_ENCODER", "no-such-encoder"),
        ("IBID_READER", "/no/such/reader"),
        ("IBID_CHAT_MODEL", "gpt"),
        ("IBID_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_its_variable(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = ibid("ask", FLAGSHIP)
    assert ended.status in (1, 2)
    assert name in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


def test_a_wrong_chat_model_option_names_the_option(ibid: Ibid) -> None:
    ended = ibid("ask", FLAGSHIP, "--chat-model", "gpt")
    assert ended.status == 2
    assert ended.complaint.startswith("--chat-model must be provider:model")


def said(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let somebody type lines, then Ctrl-D."""
    coming = iter(lines)

    def read(_: str = "") -> str:
        line = next(coming, None)
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr(builtins, "input", read)


def test_a_chat_shows_what_it_read_a_follow_up_as(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(monkeypatch, FLAGSHIP, "", "What did he say about friends?", "/quit", "never asked")
    ended = ibid("chat")
    assert ended.status == 0
    assert "↪ read as: What did Assad say about friends?" in ended.out
    assert "never asked" not in ended.out


def test_a_reset_forgets_and_a_question_that_is_none_ends_no_chat(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(monkeypatch, FLAGSHIP, "/reset", "What did he say about friends?", "?", "x" * 10_000)
    ended = ibid("chat")
    assert ended.status == 0
    assert "Forgotten." in ended.out
    assert "read as" not in ended.out
    assert "The question is empty" in ended.out
    assert "has 10,000 characters" in ended.out


def test_ctrl_c_ends_a_chat_without_a_traceback(
    ibid: Ibid, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: str = "") -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", interrupt)
    ended = ibid("chat")
    assert ended.status == 1
    assert "Traceback" not in ended.err


def test_a_dot_env_file_here_is_read(ibid: Ibid) -> None:
    Path(".env").write_text("IBID_LOG_LEVEL=LOUD\n", encoding="utf-8")
    assert "IBID_LOG_LEVEL" in ibid("ask", "Who?").complaint


def process(home: Path, *arguments: str, stdout: Any = subprocess.PIPE) -> Any:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IBID_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=Path(cli.__file__).parents[1],
        env=environment | {"IBID_HOME": str(home)},
        check=False,
    )


def test_as_a_process_statuses_and_streams_are_the_same(home: Path) -> None:
    answered = process(home, "ask", FLAGSHIP, "--json")
    assert (answered.returncode, answered.stderr) == (0, "")
    assert json.loads(answered.stdout)["abstained"] is False
    refused = process(home, "ask", "")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("ibid: The question is empty")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_an_answer_that_cannot_be_written_is_a_failure(home: Path, option: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = process(home, "ask", FLAGSHIP, *option, stdout=full)
    assert ended.returncode == 1
    assert ended.stderr.startswith("ibid: The disk is full")
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
