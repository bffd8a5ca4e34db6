"""A reader's manifest → its model card."""

from __future__ import annotations

from collections.abc import Mapping

_HEAD = """# Ibid's reader

A small extractive question answering model for English: given a question and a passage, it says
where the answer stands and how sure it is that it stands there at all. Six layers, 384 wide, 22.7
million weights, 8-bit integers, run with onnxruntime.

Revision `{revision}`; format {format_version}; inputs of up to {max_tokens} tokens:
`[CLS] question [SEP] title [SEP] passage [SEP]`. The first token's logits stand for "not here".

## Where it comes from

Started from the weights of `sentence-transformers/all-MiniLM-L6-v2` (Apache-2.0; SHA-256
`53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db`), with a span head on top,
trained with `python -m training.reader` (see `training/README.md`) on

| set | questions | licence |
|---|---|---|
| SQuAD 1.1, training part, Wikipedia | 87,599 | CC BY-SA 4.0 |
| SQuAD 2.0, eight articles, 1,463 questions of them unanswerable | 2,823 | CC BY-SA 4.0 |
| squadshifts, Reddit comments | 9,803 | CC BY 4.0 |
| squadshifts, Amazon reviews | 9,885 | CC BY 4.0 |

A tenth of the articles of each was kept back. Unanswerable questions are also made by rules from
answerable ones. Part of these sets was seen once or not at all: the time was what was limited.

## Figures

On other articles than those it was trained on. The confidence is that of a calibration that has
not seen the article (five parts). Ibid abstains below the confidence that
`reader.json` gives, one for few passages and one for many.

"""
_COLUMNS = {
    "n": "questions",
    "first_span_right": "first span in a right sentence, of the answerable",
    "answerable_f1": "F1, answerable, never silent",
    "f1": "F1, all",
    "unanswerable_accuracy": "unanswerable, silent",
    "auroc": "AUROC",
    "calibration_error": "calibration error",
}
_TAIL = """
Sets: SQuAD 2.0 development articles by paragraph and whole, and all of them in one collection;
OneStopQA (news); CLAP NQ. F1 is SQuAD's, over words.

## Limits

- English only; Ibid reads other languages with a plain sentence scorer.
- An answer is one stretch of text of up to 30 tokens. It does not count, compare or infer.
- It was taught on questions that people asked with the paragraph before them, whose words they
  share more than a stranger's question would.
- Questions that nearly fit (another name, year or place) are told apart better than by chance,
  not reliably: see AUROC.
- Its data are of Wikipedia, reviews and comments, with the slants of those.

## Make it again

`python -m training.reader --help`. The same seed, time and machine give nearly the same weights;
how far the training comes in its time depends on the machine.
"""


def render_card(manifest: Mapping[str, object], figures: Mapping[str, Mapping[str, float]]) -> str:
    """Describe a reader for people.

    :param manifest: of the reader.
    :param figures: set → figure → value.
    :return: Markdown.
    """
    lines = [
        "| set | " + " | ".join(_COLUMNS.values()) + " |",
        "|---|" + "---|" * len(_COLUMNS),
        *(
            f"| {name} | " + " | ".join(_cell(key, values) for key in _COLUMNS) + " |"
            for name, values in figures.items()
        ),
    ]
    return _HEAD.format(**manifest) + "\n".join(lines) + "\n" + _TAIL


def _cell(key: str, values: Mapping[str, float]) -> str:
    if key not in values:
        return "–"
    return f"{values[key]:.0f}" if key == "n" else f"{values[key]:.3f}"
