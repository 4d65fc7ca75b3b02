"""Accuracy, precision, recall and F1 from a 2 x 2 confusion matrix, whose orientation is printed.

Source: van Rijsbergen 1979, chapter 7 (F measure); sklearn.metrics. The positive class is named; results are fractions.
"""

from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, vectors
from solvers import classification, oracles
from solvers.classification import BinaryMetrics

family = Family(
    level=3,
    version=1,
    minutes=5,
    answers={
        "accuracy": answer.Fraction("accuracy"),
        "precision": answer.Fraction("precision"),
        "recall": answer.Fraction("recall"),
        "f1": answer.Fraction("f1", after=("precision", "recall")),
    },
)


@family.parameters
class Params(Parameters):
    scenario: str = choice("spam", "illness", "defect", "fraud")
    rows: str = choice("true", "predicted", radical=True)  # what a row of the table stands for
    positive: int = choice(0, 1)  # whether the positive class has the first or the second row and column
    hits: tuple[int, ...] = vectors(2, 6, 60)  # the diagonal
    errors: tuple[int, ...] = vectors(2, 2, 20)  # first row, second column; second row, first column

    def valid(self) -> bool:
        """Both kinds of errors differ in number, both kinds of right answers too, and each outnumbers each error."""
        return self.errors[0] != self.errors[1] and self.hits[0] != self.hits[1] and max(self.errors) < min(self.hits)


def read(q: Params, rows: str, positive: int) -> BinaryMetrics:
    """The metrics for someone who reads a row as ``rows`` and takes class ``positive`` for the positive one."""
    return classification.binary_metrics(classification.table(q.hits, q.errors), rows, positive)


@family.solve
def solve(q: Params) -> BinaryMetrics:
    return read(q, q.rows, q.positive)


@family.misconception
def transposes_the_table(q: Params) -> BinaryMetrics:
    return read(q, "predicted" if q.rows == "true" else "true", q.positive)


@family.misconception
def takes_the_other_class_as_positive(q: Params) -> BinaryMetrics:
    return read(q, q.rows, 1 - q.positive)


@family.misconception
def divides_by_all_samples(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    share = Fraction(t.tp, t.total)
    return {"accuracy": share, "precision": share, "recall": share}


@family.misconception
def leaves_out_true_negatives(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"accuracy": Fraction(t.tp, t.tp + t.fp + t.fn)}


@family.misconception
def counts_the_errors(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"precision": 1 - t.precision, "recall": 1 - t.recall}


@family.misconception
def takes_recall_for_accuracy(q: Params) -> dict[str, Fraction]:
    return {"accuracy": solve(q).recall}


@family.misconception
def averages_the_classes(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"accuracy": (t.recall + Fraction(t.tn, t.tn + t.fp)) / 2}


@family.misconception
def averages_precision_and_recall(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"f1": (t.precision + t.recall) / 2}


@family.misconception
def leaves_out_the_factor_2(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"f1": t.precision * t.recall / (t.precision + t.recall)}


@family.misconception
def multiplies_precision_and_recall(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"f1": t.precision * t.recall}


@family.follows
def f1(q: Params, precision: Fraction, recall: Fraction) -> Fraction:
    return 2 * precision * recall / (precision + recall)


@family.law
def scikit_learn_agrees(q: Params, t: BinaryMetrics) -> None:
    table = classification.table(q.hits, q.errors)
    scores = oracles.classification.binary_scores(table, q.rows, q.positive)
    for name, value in scores._asdict().items():
        assert oracles.agreement.agrees(getattr(t, name), value), name


@family.law
def counting_the_samples_agrees(q: Params, t: BinaryMetrics) -> None:
    counts = oracles.classification.outcomes(classification.table(q.hits, q.errors), q.rows, q.positive)
    assert (t.tp, t.fp, t.fn, t.tn) == counts
    assert t.total == sum(counts)
