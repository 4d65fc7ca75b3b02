"""Confusion matrices by way of the samples themselves: scikit-learn's metrics, and a search over all tables."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from sklearn import config_context, metrics


class Scores(NamedTuple):
    """What scikit-learn reports, in float64."""

    accuracy: float
    precision: float
    recall: float
    f1: float


def samples(cells: Sequence[Sequence[int]], rows: str) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted class of every sample that a table counts."""
    size = len(cells)
    row, column = np.repeat(np.indices((size, size)).reshape(2, -1), np.asarray(cells).ravel(), axis=1)
    return (row, column) if rows == "true" else (column, row)


def binary_scores(cells: Sequence[Sequence[int]], rows: str, positive: int) -> Scores:
    """Accuracy, precision, recall and F1 of a 2 x 2 table."""
    truth, guess = samples(cells, rows)
    with config_context(skip_parameter_validation=True):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            truth, guess, pos_label=positive, average="binary"
        )
        return Scores(metrics.accuracy_score(truth, guess), precision, recall, f1)


def outcomes(cells: Sequence[Sequence[int]], rows: str, positive: int) -> tuple[int, int, int, int]:
    """TP, FP, FN and TN of one class against the rest, by counting the samples of each kind."""
    truth, guess = samples(cells, rows)
    truly, called = truth == positive, guess == positive
    kinds = truly & called, ~truly & called, truly & ~called, ~truly & ~called
    tp, fp, fn, tn = (int(np.count_nonzero(kind)) for kind in kinds)
    return tp, fp, fn, tn


def average_scores(cells: Sequence[Sequence[int]], rows: str, metric: str) -> tuple[tuple[float, ...], float, float]:
    """Per class, macro and micro value of ``precision``, ``recall`` or ``f1``."""
    truth, guess = samples(cells, rows)
    index = ("precision", "recall", "f1").index(metric)
    with config_context(skip_parameter_validation=True):
        per_class, macro, micro = (
            metrics.precision_recall_fscore_support(truth, guess, average=average)[index]
            for average in (None, "macro", "micro")
        )
    return tuple(float(value) for value in per_class), float(macro), float(micro)


def ratios(cells: Sequence[Sequence[int]], rows: str, metric: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Numerator and denominator of ``precision``, ``recall`` or ``f1`` of each class, from its outcomes."""
    above, below = [], []
    for k in range(len(cells)):
        tp, fp, fn, _ = outcomes(cells, rows, k)
        above.append(2 * tp if metric == "f1" else tp)
        below.append({"precision": tp + fp, "recall": tp + fn, "f1": 2 * tp + fp + fn}[metric])
    return tuple(above), tuple(below)


def tables(
    total: int, precision: Fraction, recall: Fraction, given: str, known: int | Fraction
) -> list[tuple[int, int, int, int]]:
    """Every table (TP, FP, FN, TN) of ``total`` samples with these metrics, found by trying them all.

    ``known`` is the number of samples that are truly positive (``given`` = ``positives``) or predicted positive
    (``predicted``), or the ``accuracy``.
    """
    tp = np.arange(1, total + 1)[:, None]
    wrong = np.arange(total + 1)[None, :]
    found = []
    for k, fp in np.argwhere(precision.numerator * (tp + wrong) == precision.denominator * tp):
        for fn in np.flatnonzero(recall.numerator * (tp[k] + wrong[0]) == recall.denominator * tp[k]):
            table = int(tp[k, 0]), int(fp), int(fn), total - int(tp[k, 0] + fp + fn)
            if table[3] >= 0 and _fits(table, given, known):
                found.append(table)
    return found


def _fits(table: tuple[int, int, int, int], given: str, known: int | Fraction) -> bool:
    tp, fp, fn, tn = table
    if given == "accuracy":
        return Fraction(tp + tn, sum(table)) == known
    return known == (tp + fn if given == "positives" else tp + fp)
