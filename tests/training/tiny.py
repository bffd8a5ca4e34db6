"""A corpus, a tokenizer and a model small enough to check by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from training.model import SpanModel
from training.questions import Article, Corpus, Question

TEXT = (
    "Ada Lovelace wrote the first program in 1843. It ran on the engine of Charles Babbage. "
    "The machine was never finished in London.\n\n"
    "Grace Hopper built a compiler in 1952. She worked with the navy in Boston for 43 years. "
    "The largest computer of that time stood in Philadelphia."
)


def make_tokenizer(*texts: str) -> Tokenizer:
    """Make a tokenizer that knows the lower-case words of some texts."""
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words = {
        word for text in (TEXT, *texts) for word, _ in pre_tokenizer.pre_tokenize_str(text.lower())
    }
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *sorted(words)]
    tokenizer = Tokenizer(
        models.WordPiece({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]")
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def make_model(tokenizer: Tokenizer) -> SpanModel:
    """Make a model of one layer with random weights, the same ones every time."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=256,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return SpanModel(BertModel(config, add_pooling_layer=False))


def make_corpus() -> Corpus:
    """Make one article with four questions, one of them unanswerable."""
    article = Article("tiny/computers", "Computers", TEXT)
    end = TEXT.index("\n\n")
    first, second = (0, end), (end + 2, len(TEXT))

    def ask(text: str, paragraph: tuple[int, int], answer: str, set_name: str) -> Question:
        start = TEXT.index(answer) if answer else 0
        gold = ((start, start + len(answer)),) if answer else ()
        return Question(text, text, article.name, paragraph, gold, set_name)

    return Corpus(
        {article.name: article},
        (
            ask("Who wrote the first program?", first, "Ada Lovelace", "squad11-train"),
            ask("What did Grace Hopper build in 1952?", second, "a compiler", "squad11-train"),
            ask("Where did she work?", second, "Boston", "squad2-more"),
            ask("Where did Charles Babbage work?", second, "", "squad2-more"),
        ),
    )


def write_lines(path: Path, lines: list[dict[str, Any]]) -> None:
    """Write JSON Lines in gzip."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
