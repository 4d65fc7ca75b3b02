"""A count of the confusion matrix read back from precision, recall and one more number.

Source: the definitions; precision = TP / (TP + FP), recall = TP / (TP + FN), accuracy = (TP + TN) / N.
"""

from fractions import Fraction
from math import lcm

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import classification, oracles
from solvers.classification import Counts

family = Family(level=3, version=1, minutes=5, answers={"count": answer.Integer("asked")})

RATES = tuple(Fraction(n, d) for n, d in ((1, 2), (2, 3), (3, 4), (3, 5), (4, 5), (5, 6), (5, 8), (7, 8), (9, 10)))


@family.parameters
class Params(Parameters):
    scenario: str = choice("spam", "illness", "defect", "fraud")
    given: str = choice("positives", "predicted", "accuracy", radical=True)
    asked: str = choice("fp", "fn", "tn", radical=True)
    total: int = choice(100, 120, 150, 200, 240, 250, 300, 400, 500)  # samples
    precision: Fraction = choice(*RATES)
    recall: Fraction = choice(*RATES)
    scale: int = ints(1, 6)  # true positives: the smallest number that fits both rates, times this

    def valid(self) -> bool:
        """Precision and recall differ, there are two errors of each kind, and half the samples are true negatives."""
        t = solve(self)
        return self.precision != self.recall and min(t.fp, t.fn) >= 2 and 2 * t.tn >= self.total


@family.solve
def solve(q: Params) -> Counts:
    tp = q.scale * lcm(q.precision.numerator, q.recall.numerator)
    return classification.counts(q.total, tp, q.precision, q.recall, q.asked)


def known(q: Params, t: Counts) -> int | Fraction:
    """The number that the prompt gives beside precision and recall."""
    if q.given == "accuracy":
        return t.accuracy
    return t.positives if q.given == "positives" else t.predicted


def whole(x: Fraction) -> int | None:
    """A number of samples; None for a mistake that would be noticed, because it gives no whole number."""
    return x.numerator if x.denominator == 1 and x > 0 else None


def share(q: Params, called: int, truly: int) -> int | None:
    """1 - precision of ``called`` samples where false positives are asked, 1 - recall of ``truly`` for the missed."""
    shares = {"fp": (1 - q.precision) * called, "fn": (1 - q.recall) * truly}
    return whole(shares[q.asked]) if q.asked in shares else None


@family.misconception
def exchanges_precision_and_recall(q: Params) -> int | None:
    tp = classification.true_positives(q.given, known(q, solve(q)), q.total, q.recall, q.precision)
    predicted, positives = tp / q.recall, tp / q.precision
    wrong = {"fp": predicted - tp, "fn": positives - tp, "tn": q.total - predicted - positives + tp}[q.asked]
    return whole(wrong) if wrong < q.total else None


@family.misconception
def exchanges_the_two_errors(q: Params) -> int | None:
    t = solve(q)
    return {"fp": t.fn, "fn": t.fp}.get(q.asked)


@family.misconception
def leaves_true_positives_in(q: Params) -> int:
    t = solve(q)
    return {"fp": t.predicted, "fn": t.positives, "tn": t.tn + t.tp}[q.asked]


@family.misconception
def gives_all_errors(q: Params) -> int | None:
    return solve(q).errors if q.given == "accuracy" and q.asked != "tn" else None


@family.misconception
def takes_the_share_of_the_wrong_group(q: Params) -> int | None:
    t = solve(q)
    return share(q, t.positives, t.predicted)


@family.misconception
def takes_the_share_of_all_samples(q: Params) -> int | None:
    return share(q, q.total, q.total)


@family.misconception
def takes_the_share_of_the_true_positives(q: Params) -> int | None:
    t = solve(q)
    return share(q, t.tp, t.tp)


@family.misconception
def splits_the_errors_equally(q: Params) -> int | None:
    return whole(Fraction(solve(q).errors, 2)) if q.given == "accuracy" and q.asked != "tn" else None


@family.misconception
def takes_the_surplus(q: Params) -> int | None:
    t = solve(q)
    surplus = {"fp": t.predicted - t.positives, "fn": t.positives - t.predicted}.get(q.asked, 0)
    return surplus if surplus > 0 else None


@family.misconception
def takes_off_true_positives_twice(q: Params) -> int | None:
    t = solve(q)
    return q.total - t.predicted - t.positives if q.asked == "tn" else None


@family.misconception
def takes_off_false_positives_twice(q: Params) -> int | None:
    t = solve(q)
    return q.total - t.predicted - t.errors if q.asked == "tn" else None


@family.misconception
def takes_off_missed_positives_twice(q: Params) -> int | None:
    t = solve(q)
    return q.total - t.positives - t.errors if q.asked == "tn" else None


@family.misconception
def leaves_false_positives_in(q: Params) -> int | None:
    return q.total - solve(q).positives if q.asked == "tn" else None


@family.misconception
def leaves_missed_positives_in(q: Params) -> int | None:
    return q.total - solve(q).predicted if q.asked == "tn" else None


@family.law
def one_table_fits(q: Params, t: Counts) -> None:
    tables = oracles.classification.tables(q.total, q.precision, q.recall, q.given, known(q, t))
    assert tables == [(t.tp, t.fp, t.fn, t.tn)]
    assert t.asked == dict(zip(("tp", "fp", "fn", "tn"), tables[0], strict=True))[q.asked]


@family.law
def scikit_learn_agrees(q: Params, t: Counts) -> None:
    scores = oracles.classification.binary_scores(((t.tp, t.fn), (t.fp, t.tn)), "true", 0)
    found = scores.precision, scores.recall, scores.accuracy
    assert oracles.agreement.agrees((q.precision, q.recall, t.accuracy), found)


@family.law
def margins_add_up(q: Params, t: Counts) -> None:
    assert t.predicted == t.tp + t.fp
    assert t.positives == t.tp + t.fn
    assert t.errors == t.fp + t.fn
