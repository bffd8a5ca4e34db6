from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from evaluation.errors import RunError
from evaluation.judges import ChatModelJudge, TransformersJudge
from retrieval.errors import ModelCallError, ModelFileError


def test_a_chat_model_judges_with_yes_or_no() -> None:
    judge = ChatModelJudge("fake:judge", FakeListChatModel(responses=["Yes.", "no", "Perhaps"]))
    assert judge.entails("a", "b")
    assert not judge.entails("a", "b")
    with pytest.raises(ModelCallError, match="said 'perhaps', expected yes or no"):
        judge.entails("a", "b")


def test_a_chat_model_that_cannot_be_opened_never_counts_as_no() -> None:
    with pytest.raises(ModelCallError, match="nobody:none could not be asked"):
        ChatModelJudge("nobody:none").entails("a", "b")


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no config.json"):
        TransformersJudge(tmp_path)


@pytest.mark.parametrize("labels", [["contradiction", "entailment"], ["yes", "no"]])
def test_an_nli_folder_judges_by_its_entailment_label(tmp_path: Path, labels: list[str]) -> None:
    folder = _tiny_nli_model(tmp_path, labels)
    judge = TransformersJudge(folder)
    if "entailment" not in labels:
        with pytest.raises(RunError, match="labels no, yes; expected one that begins with 'entail"):
            judge.entails("a b", "b")
        return
    assert judge.entails("a b", "b")  # the tiny model's bias says entailment to everything
    assert judge.name == tmp_path.name


def _tiny_nli_model(folder: Path, labels: list[str]) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=16,
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=6,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=16,
        label2id={label: i for i, label in enumerate(labels)},
        id2label=dict(enumerate(labels)),
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 1.0]))
    model.save_pretrained(folder)
    return folder
