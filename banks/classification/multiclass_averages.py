"""Precision, recall or F1 of three classes, with macro and micro average, from a confusion matrix.

Source: Sokolova & Lapalme 2009, table 3. Macro = plain mean of the classes' values; micro = of the pooled counts.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

from quizgen.family import Family, Parameters, answer, choice, vectors
from solvers import classification, oracles
from solvers.classification import Averages, Table

family = Family(
    level=3,
    version=1,
    minutes=8,
    answers={
        "per_class": answer.Vector("per_class"),
        "macro": answer.Fraction("macro", after=("per_class",)),
        "micro": answer.Fraction("micro"),
    },
)

DENOMINATORS = (10, 12, 15, 20, 30)
"""What the classes' values may be fractions of: divisors of 60, so that they add up without much labour."""


def diagonals(q: "Params") -> Iterable[tuple[int, ...]]:
    """The diagonals that give every class one of these denominators, at least 3 hits, and more hits than errors."""
    wrong = classification.samples_counted(classification.table((0, 0, 0), q.errors), q.rows, q.metric)
    factor = 2 if q.metric == "f1" else 1
    return product(
        *(
            [(whole - e) // factor for whole in DENOMINATORS if whole >= 2 * e + 3 and (whole - e) % factor == 0]
            for e in wrong
        )
    )


@family.parameters
class Params(Parameters):
    scenario: str = choice("animals", "opinions", "lights")
    rows: str = choice("true", "predicted", radical=True)  # what a row of the table stands for
    metric: str = choice("precision", "recall", "f1", radical=True)
    errors: tuple[int, ...] = vectors(6, 0, 4)  # off the diagonal, row by row
    hits: tuple[int, ...] = choice(diagonals)  # on the diagonal

    def valid(self) -> bool:
        """The errors do not lie symmetrically, and the two averages differ."""
        a, b, c, d, e, f = self.errors
        if (a, b, d) == (c, e, f):
            return False
        t = solve(self)
        return t.macro != t.micro


def table(q: Params) -> Table:
    """The confusion matrix as printed."""
    return classification.table(q.hits, q.errors)


@family.solve
def solve(q: Params) -> Averages:
    return classification.averages(table(q), q.rows, q.metric)


def involved(q: Params) -> tuple[int, ...]:
    """Of every class, its samples and the samples predicted as it, hits counted twice."""
    return classification.samples_counted(table(q), q.rows, "f1")


def mean(values: Iterable[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / 3


@family.misconception
def transposes_the_table(q: Params) -> Averages:
    return classification.averages(table(q), "predicted" if q.rows == "true" else "true", q.metric)


@family.misconception
def exchanges_macro_and_micro(q: Params) -> dict[str, Fraction]:
    t = solve(q)
    return {"macro": t.micro, "micro": t.macro}


@family.misconception
def weighs_classes_by_size(q: Params) -> dict[str, Fraction]:
    sizes = classification.samples_counted(table(q), q.rows, "recall")
    weighted = sum((value * size for value, size in zip(solve(q).per_class, sizes, strict=True)), Fraction(0))
    return {"macro": weighted / sum(sizes)}


@family.misconception
def divides_by_all_samples(q: Params) -> dict[str, object]:
    shares = tuple(Fraction(hits, sum(q.hits + q.errors)) for hits in q.hits)
    return {"per_class": shares, "macro": mean(shares)}


@family.misconception
def counts_true_negatives_too(q: Params) -> dict[str, object]:
    total = sum(q.hits + q.errors)
    accuracies = tuple(Fraction(total - both + 2 * hits, total) for hits, both in zip(q.hits, involved(q), strict=True))
    return {"per_class": accuracies, "micro": mean(accuracies)}


@family.misconception
def leaves_out_the_factor_2(q: Params) -> dict[str, object] | None:
    if q.metric != "f1":
        return None
    halves = tuple(value / 2 for value in solve(q).per_class)
    return {"per_class": halves, "macro": mean(halves), "micro": solve(q).micro / 2}


@family.misconception
def averages_precision_and_recall(q: Params) -> dict[str, object] | None:
    if q.metric != "f1":
        return None
    precision, recall = (classification.averages(table(q), q.rows, metric) for metric in ("precision", "recall"))
    values = tuple((p + r) / 2 for p, r in zip(precision.per_class, recall.per_class, strict=True))
    return {"per_class": values, "macro": mean(values)}


@family.misconception
def gives_the_error_rate(q: Params) -> dict[str, Fraction]:
    return {"micro": 1 - solve(q).micro}


@family.follows
def macro(q: Params, per_class: tuple[Fraction, ...]) -> Fraction:
    return mean(per_class)


@family.law
def scikit_learn_agrees(q: Params, t: Averages) -> None:
    per_class, macro, micro = oracles.classification.average_scores(table(q), q.rows, q.metric)
    assert oracles.agreement.agrees(t.per_class, per_class)
    assert oracles.agreement.agrees((t.macro, t.micro), (macro, micro))


@family.law
def counting_the_samples_agrees(q: Params, t: Averages) -> None:
    numerators, denominators = oracles.classification.ratios(table(q), q.rows, q.metric)
    assert (t.numerators, t.denominators) == (numerators, denominators)
