"""How far a training is → its learning rate and what it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from training.samples import Mixture

_LEAST_FACTOR = 0.02
_LAST_PART = 0.75


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What decides the outcome of a training, besides the data and the time it is given.

    :param learning_rate: at its highest.
    :param head_factor: how much faster the fresh head learns.
    :param warm_up: share of the time in which the learning rate rises.
    :param batch_tokens: most tokens in one process's batch, padding counted.
    :param weight_decay: of all but biases, norms and the head.
    :param shared_weight: of the loss over all windows of a question.
    :param average_decay: of the moving average of the weights, each step.
    :param human_end_factor: how much more of the human set is shown in the last quarter.
    :param short_until: up to this share of the time windows are short.
    :param random_seed: decides order and edits.
    """

    learning_rate: float = 1.2e-4
    head_factor: float = 5.0
    warm_up: float = 0.05
    batch_tokens: int = 1024
    weight_decay: float = 0.01
    shared_weight: float = 0.5
    average_decay: float = 0.999
    human_end_factor: float = 2.0
    short_until: float = 0.55
    random_seed: int = 13


def learning_rate_factor(progress: float, warm_up: float) -> float:
    """Rise linearly, then fall linearly to nought.

    :param progress: 0 to 1.
    :param warm_up: where it is highest.
    :return: 0 to 1.
    """
    if progress < warm_up:
        return max(progress / warm_up, _LEAST_FACTOR)
    return max(0.0, (1 - progress) / (1 - warm_up))


def mixture_at(progress: float, settings: TrainingSettings) -> Mixture:
    """Choose what is shown: short windows first, which cost less; people's questions last.

    :param progress: 0 to 1.
    :param settings: give the bounds.
    :return: the mixture.
    """
    if progress < settings.short_until:
        return Mixture(full_size=0.0, shortest=40, longest=100)
    if progress < _LAST_PART:
        return Mixture()
    return Mixture(human=int(Mixture().human * settings.human_end_factor))
