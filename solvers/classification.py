"""Metrics of classifiers, read from a confusion matrix.

A table is square; ``rows`` says what a row stands for: ``"true"`` (as scikit-learn prints it) or ``"predicted"``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import add

from solvers.exact import Rational

Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class BinaryMetrics:
    """The four counts of a two-class table and the metrics made of them."""

    tp: int
    fp: int
    fn: int
    tn: int
    total: int
    accuracy: Fraction  # (TP + TN) / N
    precision: Fraction  # TP / (TP + FP)
    recall: Fraction  # TP / (TP + FN)
    f1: Fraction  # 2 TP / (2 TP + FP + FN), the harmonic mean of the two


@dataclass(frozen=True, slots=True)
class Averages:
    """A metric of each class (one against the rest) and its two averages."""

    numerators: tuple[int, ...]
    denominators: tuple[int, ...]
    per_class: tuple[Fraction, ...]
    macro: Fraction  # mean of the classes' values
    micro: Fraction  # of the pooled counts


@dataclass(frozen=True, slots=True)
class Counts:
    """A two-class table found from its metrics."""

    tp: int
    predicted: int  # predicted positive, TP + FP
    positives: int  # truly positive, TP + FN
    fp: int
    fn: int
    tn: int
    errors: int  # FP + FN
    accuracy: Fraction
    asked: int  # the count that is asked for


def table(hits: Sequence[int], errors: Sequence[int]) -> Table:
    """The square table with diagonal ``hits`` and, row by row, the entries ``errors`` beside it."""
    rest = iter(errors)
    size = range(len(hits))
    return tuple(tuple(hits[row] if row == column else next(rest) for column in size) for row in size)


def transposed(cells: Table) -> Table:
    """Rows and columns exchanged."""
    return tuple(zip(*cells, strict=True))


def binary_metrics(cells: Table, rows: str, positive: int) -> BinaryMetrics:
    """Accuracy, precision, recall and F1 of a 2 x 2 table; ``positive`` is the index of the positive class."""
    by_truth = cells if rows == "true" else transposed(cells)
    negative = 1 - positive
    tp, fn = by_truth[positive][positive], by_truth[positive][negative]
    fp, tn = by_truth[negative][positive], by_truth[negative][negative]
    total = tp + fp + fn + tn
    return BinaryMetrics(
        tp,
        fp,
        fn,
        tn,
        total,
        Fraction(tp + tn, total),
        Fraction(tp, tp + fp),
        Fraction(tp, tp + fn),
        Fraction(2 * tp, 2 * tp + fp + fn),
    )


def averages(cells: Table, rows: str, metric: str) -> Averages:
    """``metric`` (``precision``, ``recall`` or ``f1``) of every class of a table, its macro and its micro average.

    Macro: the plain mean over classes; micro: numerators and denominators summed first (Sokolova & Lapalme 2009,
    table 3). Where every sample has one label, all micro averages equal the accuracy.
    """
    factor = 2 if metric == "f1" else 1
    numerators = tuple(factor * row[k] for k, row in enumerate(cells))
    denominators = samples_counted(cells, rows, metric)
    per_class = tuple(map(Fraction, numerators, denominators))
    return Averages(
        numerators,
        denominators,
        per_class,
        sum(per_class, Fraction(0)) / len(cells),
        Fraction(sum(numerators), sum(denominators)),
    )


def samples_counted(cells: Table, rows: str, metric: str) -> tuple[int, ...]:
    """Of every class, the samples that a metric divides by: predicted (precision), true (recall), or both (F1)."""
    of_rows = tuple(map(sum, cells))
    of_columns = tuple(map(sum, zip(*cells, strict=True)))
    if metric == "f1":
        return tuple(map(add, of_rows, of_columns))
    return of_rows if (rows == "true") == (metric == "recall") else of_columns


def true_positives(given: str, known: Rational, total: int, precision: Fraction, recall: Fraction) -> Fraction:
    """TP from precision, recall and one known number: of samples truly or predicted positive, or the accuracy.

    The last by FP = TP (1/precision - 1) and FN = TP (1/recall - 1), whose sum is total (1 - accuracy).
    """
    if given == "positives":
        return recall * known
    if given == "predicted":
        return precision * known
    return total * (1 - known) / (1 / precision + 1 / recall - 2)


def counts(total: int, tp: int, precision: Fraction, recall: Fraction, asked: str) -> Counts:
    """The whole table of ``total`` samples from its true positives, precision and recall.

    Precision and recall divide ``tp`` into whole numbers of samples; ``asked`` is ``tp``, ``fp``, ``fn`` or ``tn``.
    """
    predicted, positives = int(tp / precision), int(tp / recall)
    fp, fn = predicted - tp, positives - tp
    tn = total - tp - fp - fn
    answer = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}[asked]
    return Counts(tp, predicted, positives, fp, fn, tn, fp + fn, Fraction(tp + tn, total), answer)
