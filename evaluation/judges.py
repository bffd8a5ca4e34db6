"""Entailment judges: any transformers NLI folder, or a chat model. Loaded when first asked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from evaluation.errors import RunError
from retrieval.errors import ModelCallError, ModelFileError

_CHAT_PROMPT = (
    "Does the source below, taken alone, support the whole statement? "
    "Reply with one word: yes or no.\n\nSource:\n{premise}\n\nStatement:\n{hypothesis}"
)


class TransformersJudge:
    """A natural language inference model in a folder (or a name that transformers knows).

    Classifiers need a label that begins with ``entail``; sequence-to-sequence models are asked as
    TRUE's are (``premise: … hypothesis: …`` → ``1``).

    :param folder: as ``save_pretrained`` leaves it.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "config.json").is_file():
            raise ModelFileError(f"{folder} holds no model (no config.json); name an NLI folder.")
        self._folder = folder
        self._verdicts: dict[tuple[str, str], bool] = {}

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.name

    def entails(self, premise: str, hypothesis: str) -> bool:
        """Return whether the model finds that the premise entails the hypothesis."""
        key = (premise, hypothesis)
        if key not in self._verdicts:
            self._verdicts[key] = self._judge(premise, hypothesis)
        return self._verdicts[key]

    def _judge(self, premise: str, hypothesis: str) -> bool:
        import torch

        tokenizer, model, entailment = self._model
        with torch.inference_mode():
            if entailment is None:
                text = f"premise: {premise} hypothesis: {hypothesis}"
                tokens = tokenizer(text, return_tensors="pt", truncation=True)
                output = model.generate(**tokens, max_new_tokens=10)
                return bool(tokenizer.decode(output[0], skip_special_tokens=True).strip() == "1")
            tokens = tokenizer(premise, hypothesis, return_tensors="pt", truncation="only_first")
            return int(model(**tokens).logits[0].argmax()) == entailment

    @cached_property
    def _model(self) -> tuple[Any, Any, int | None]:
        """The tokenizer, the model, and the number of its entailment label."""
        from transformers import (
            AutoConfig,
            AutoModelForSeq2SeqLM,
            AutoModelForSequenceClassification,
            AutoTokenizer,
        )

        path = str(self._folder)
        try:
            config = AutoConfig.from_pretrained(path)
            tokenizer = AutoTokenizer.from_pretrained(path)
            if config.is_encoder_decoder:
                return tokenizer, AutoModelForSeq2SeqLM.from_pretrained(path).eval(), None
            model = AutoModelForSequenceClassification.from_pretrained(path).eval()
        except (OSError, ValueError) as error:
            raise ModelFileError(f"{self._folder} is no NLI model: {error}") from error
        labels = {str(name).lower(): int(i) for name, i in config.label2id.items()}
        found = [i for name, i in labels.items() if name.startswith("entail")]
        if not found:
            raise RunError(
                f"{self._folder} has the labels {', '.join(sorted(labels))}; "
                "expected one that begins with 'entail'."
            )
        return tokenizer, model, found[0]


class ChatModelJudge:
    """A chat model that is asked yes or no.

    :param chat_model: LangChain's ``provider:model``.
    :param model: the model itself, for tests; opened from its name otherwise.
    """

    def __init__(self, chat_model: str, model: Any = None) -> None:
        self.name = chat_model
        self._model = model

    def entails(self, premise: str, hypothesis: str) -> bool:
        """Return whether the model says yes.

        :raises ModelCallError: if it cannot be reached or says neither.
        """
        prompt = _CHAT_PROMPT.format(premise=premise, hypothesis=hypothesis)
        try:
            reply = self._opened().invoke(prompt).text.strip().lower()
        except Exception as error:  # providers raise what they like; a failed call never is a no
            raise ModelCallError(f"The judge {self.name} could not be asked: {error}") from error
        if not reply.startswith(("yes", "no")):
            raise ModelCallError(f"The judge {self.name} said {reply[:60]!r}, expected yes or no.")
        return bool(reply.startswith("yes"))

    def _opened(self) -> Any:
        if self._model is None:
            from langchain.chat_models import init_chat_model

            self._model = init_chat_model(self.name, temperature=0)
        return self._model
