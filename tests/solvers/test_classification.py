"""Confusion matrices against hand calculations and scikit-learn."""

from fractions import Fraction

import pytest

from solvers import classification, oracles

CELLS = ((11, 2, 3), (5, 13, 7), (17, 19, 23))


def test_the_quiz_with_rows_predicted() -> None:
    scores = classification.binary_metrics(((10, 3), (8, 45)), "predicted", 0)
    assert (scores.accuracy, scores.precision, scores.recall, scores.f1) == (
        Fraction(5, 6),
        Fraction(10, 13),
        Fraction(5, 9),
        Fraction(20, 31),
    )


@pytest.mark.parametrize("rows", ["true", "predicted"])
@pytest.mark.parametrize("positive", [0, 1])
def test_binary_agrees_with_scikit_learn(rows: str, positive: int) -> None:
    scores = classification.binary_metrics(((7, 3), (5, 11)), rows, positive)
    witness = oracles.classification.binary_scores(((7, 3), (5, 11)), rows, positive)
    found = (scores.accuracy, scores.precision, scores.recall, scores.f1)
    assert tuple(map(float, found)) == pytest.approx(witness)


@pytest.mark.parametrize("rows", ["true", "predicted"])
@pytest.mark.parametrize("metric", ["precision", "recall", "f1"])
def test_averages_agree_with_scikit_learn(rows: str, metric: str) -> None:
    found = classification.averages(CELLS, rows, metric)
    per_class, macro, micro = oracles.classification.average_scores(CELLS, rows, metric)
    assert [float(value) for value in found.per_class] == pytest.approx(per_class)
    assert (float(found.macro), float(found.micro)) == pytest.approx((macro, micro))
    assert found.micro == Fraction(11 + 13 + 23, 100)  # the accuracy, whatever the metric


def test_table_is_read_row_by_row() -> None:
    assert classification.table((11, 13, 23), (2, 3, 5, 7, 17, 19)) == CELLS


@pytest.mark.parametrize(("given", "known"), [("positives", 10), ("predicted", 12), ("accuracy", Fraction(47, 50))])
def test_metrics_leave_one_table(given: str, known: int | Fraction) -> None:
    precision, recall = Fraction(2, 3), Fraction(4, 5)
    tp = classification.true_positives(given, known, 100, precision, recall)
    found = classification.counts(100, int(tp), precision, recall, "tn")
    table = (found.tp, found.fp, found.fn, found.tn)
    assert oracles.classification.tables(100, precision, recall, given, known) == [table]
    assert table == (8, 4, 2, 86)
    assert found.asked == 86
