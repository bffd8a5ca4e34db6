"""The encoder with a span head, and its loss."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import BertConfig, BertModel

from training.batches import Batch

FAR_BELOW = -1e4


class SpanModel(nn.Module):
    """Scores every token as the start and as the end of the answer.

    The first token stands for "not here".

    :param encoder: six layers, 384 wide, in the shipped form.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Score a batch.

        :param input_ids: n_rows x n_tokens.
        :param attention_mask: 0 on padding.
        :param token_type_ids: 0 for the question, 1 for the rest.
        :return: logits for start and for end, n_rows x n_tokens each.
        """
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        starts, ends = self.head(hidden).unbind(-1)
        return starts, ends


def load_start(folder: Path) -> SpanModel:
    """Put a fresh head on the encoder's weights.

    :param folder: in the transformers format.
    :return: the model, with its word embeddings frozen.
    """
    config = BertConfig.from_pretrained(
        folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    encoder = BertModel.from_pretrained(
        folder, config=config, add_pooling_layer=False, attn_implementation="sdpa"
    )
    # Two thirds of the weights: a tenth of the time, and words that training never shows stay good.
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return SpanModel(encoder)


def reading_loss(
    starts: torch.Tensor, ends: torch.Tensor, batch: Batch, shared_weight: float
) -> torch.Tensor:
    """Loss of a batch: each window for itself, and all windows of a question together.

    For itself: the probability of any gold span, or of "not here", within the window. Together:
    the probability of a gold span among all spans of all windows of the question, which makes
    scores of different passages comparable.

    :param starts: logits, n_rows x n_tokens.
    :param ends: the same.
    :param batch: what was scored.
    :param shared_weight: of the second part.
    :return: mean over windows plus the weighted mean over questions with several windows.
    """
    starts = starts.masked_fill(~batch.can_answer, FAR_BELOW)
    ends = ends.masked_fill(~batch.can_answer, FAR_BELOW)
    gold = _gold_scores(starts, ends, batch)
    norm = starts.logsumexp(1) + ends.logsumexp(1)
    window_loss = (norm - gold).mean()
    spans = starts[:, 1:].logsumexp(1), ends[:, 1:].logsumexp(1)
    answered = batch.starts[:, 0] > 0
    shared = [
        spans[0][rows].logsumexp(0)
        + spans[1][rows].logsumexp(0)
        - gold[rows & answered].logsumexp(0)
        for rows in (batch.group == g for g in range(int(batch.group[-1]) + 1))
        if rows.sum() > 1 and (rows & answered).any()
    ]
    if not shared:
        return window_loss
    return window_loss + shared_weight * torch.stack(shared).mean()


def _gold_scores(starts: torch.Tensor, ends: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Log of the summed scores of each row's alternatives."""
    scores = starts.gather(1, batch.starts.clamp(min=0)) + ends.gather(1, batch.ends.clamp(min=0))
    return scores.masked_fill(batch.starts < 0, FAR_BELOW).logsumexp(1)
