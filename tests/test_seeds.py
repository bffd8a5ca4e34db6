from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import Stemmer

from evaluation.judgments import Judgment, load_judgments
from retrieval.domain import Document
from retrieval.sentences import split_sentences

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
ARTICLE_HASH = "45abd5fb752e2471b1c746538b85c3bc0e56d2ad84aabef036ab3cb99673bab3"
ARTICLE_BYTES = (SEEDS / "articles" / "assad-rare-interview.txt").read_bytes()
TEXT = ARTICLE_BYTES.decode("utf-8")
RECORDS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
README = (SEEDS / "README.md").read_text(encoding="utf-8")

ANSWERED = {"fact", "said", "yes-no", "paraphrase", "typo", "caption", "follow-up", "several-part"}
UNANSWERED = {
    "wrong-person",
    "wrong-detail",
    "not-stated",
    "false-premise",
    "follow-up-unanswered",
}
FUNCTION_WORDS = set(
    "a an the of in on at to for from by with and or but is are was were be been does do did has "
    "have had it its he his him they them their what which who whom whose when where why how that "
    "this there these those if as not no so too than more most own else".split()
)


def _judgments() -> dict[str, Judgment]:
    article = Document.from_text(TEXT, title="Assad", source="seeds")
    return load_judgments(SEEDS / "questions.jsonl", {article.doc_id: article})


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["start"] < other["end"] and other["start"] < one["end"])


def _content_stems(text: str) -> set[str]:
    words = re.findall(r"[^\W_]{2,}", text.lower())
    return set(Stemmer.Stemmer("english").stemWords([w for w in words if w not in FUNCTION_WORDS]))


def _answering_sentences(record: dict[str, Any]) -> Iterator[str]:
    for sentence in split_sentences(TEXT):
        place = {"start": sentence.start, "end": sentence.end}
        if any(_overlap(place, gold) for gold in record["gold_spans"]):
            yield sentence.of(TEXT)


def test_the_article_is_kept_byte_for_byte() -> None:
    assert hashlib.sha256(ARTICLE_BYTES).hexdigest() == ARTICLE_HASH
    assert {record["doc_id"] for record in RECORDS} == {ARTICLE_HASH[:16]}


def test_the_evaluation_reads_every_question() -> None:
    assert list(_judgments()) == [record["question_id"] for record in RECORDS]


def test_every_span_is_the_articles_own_text() -> None:
    for record in RECORDS:
        for span in record["gold_spans"] + record["distractor_spans"]:
            for start in (span["start"], *span.get("other_starts", ())):
                found = TEXT[start : start + span["end"] - span["start"]]
                assert found == span["text"], record["question_id"]
            assert span["text"] == span["text"].strip(), record["question_id"]


def test_no_distractor_touches_a_gold_span() -> None:
    for record in RECORDS:
        for distractor in record["distractor_spans"]:
            assert not any(_overlap(distractor, gold) for gold in record["gold_spans"]), record[
                "question_id"
            ]


def test_an_unanswerable_question_has_no_gold_and_any_other_has_some() -> None:
    for record in RECORDS:
        answered = record["type"] in ANSWERED
        assert record["answerable"] is answered, record["question_id"]
        assert bool(record["gold_spans"]) is answered, record["question_id"]
        assert bool(record["reference_answers"]) is answered, record["question_id"]


def test_the_speaker_is_named_where_somebody_speaks_and_only_there() -> None:
    for record in RECORDS:
        for gold in record["gold_spans"]:
            speaks = gold.get("kind") in ("direct", "reported")
            expected = "Bashar al-Assad" if speaks else None
            assert gold.get("speaker") == expected, record["question_id"]


def test_no_two_questions_have_one_id_or_ask_the_same() -> None:
    ids = [record["question_id"] for record in RECORDS]
    asked = [(r["question"].casefold(), json.dumps(r["history"])) for r in RECORDS]
    assert len(set(ids)) == len(ids)
    assert len(set(asked)) == len(asked)
    for record in RECORDS:
        assert re.fullmatch(rf"seed-{record['type']}-\d\d", record["question_id"])


def test_there_are_enough_questions_of_every_kind() -> None:
    assert {record["type"] for record in RECORDS} == ANSWERED | UNANSWERED
    assert len(RECORDS) >= 80
    assert sum(not record["answerable"] for record in RECORDS) >= 20


def test_a_follow_up_has_a_history_and_a_question_that_stands_alone() -> None:
    for record in RECORDS:
        follows = record["type"].startswith("follow-up")
        assert bool(record["history"]) is follows, record["question_id"]
        assert bool(record.get("standalone_question")) is follows, record["question_id"]


def test_a_paraphrase_shares_no_content_word_with_the_sentences_that_answer() -> None:
    for record in RECORDS:
        if record["type"] == "paraphrase":
            sentences = " ".join(_answering_sentences(record))
            shared = _content_stems(record["question"]) & _content_stems(sentences)
            assert not shared, record["question_id"]


def test_the_readme_counts_the_questions_rightly() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*\| (yes|no) \| (\d+) \|$", README, re.MULTILINE)
    assert {kind: int(n) for kind, _, n in rows} == Counter(r["type"] for r in RECORDS)
    assert {kind for kind, answered, _ in rows if answered == "yes"} == ANSWERED
    n_answered = sum(record["answerable"] for record in RECORDS)
    total = f"| all | | {n_answered} yes, {len(RECORDS) - n_answered} no | {len(RECORDS)} |"
    assert total in README.splitlines()


def test_the_readme_names_the_articles_hash_and_id_and_length() -> None:
    assert f"`{ARTICLE_HASH}`" in README
    assert f"`{ARTICLE_HASH[:16]}`" in README
    assert f"{len(TEXT):,} code points" in README


def test_the_readmes_example_of_a_distractor_is_one() -> None:
    flagship = next(r for r in RECORDS if r["question"] == "What did Assad say about oil fields?")
    (distractor,) = flagship["distractor_spans"]
    assert distractor["text"].endswith("deployed to guard oil fields there.")
    assert "characteristic of cynical American foreign policy" in flagship["gold_spans"][0]["text"]
    assert flagship["gold_spans"][1]["text"].startswith('"The Americans always try to loot')
