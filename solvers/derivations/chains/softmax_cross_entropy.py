"""The gradient of cross-entropy in the logits: p_j - y_j, by the logarithm of the softmax.

Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4, equation 4.109. The labels y_k sum to 1,
one-hot or smoothed; p = softmax(z); one example, natural logarithm.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

from quizgen.expr import Constant
from solvers.derivations.language import Call, D, Name, Node, equal, ln, names, num, series
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, grid, indexed

T = TypeVar("T")
K, i, j, k, z = names("K i j k z")


def at(name: str, index: Node | int) -> Name:
    """A quantity of one class."""
    return Name(name, (num(index) if isinstance(index, int) else index,))


def smoothed(pick: Pick) -> Model:
    """Three classes with smoothed labels; the logits are logarithms of small numbers."""
    right, rest, whole = ((3, 1, 5), (2, 1, 4), (4, 1, 6), (8, 1, 10))[pick(0, 3)]
    labels = rotated(pick, [Fraction(right, whole), Fraction(rest, whole), Fraction(rest, whole)])
    return example(pick, labels, rotated(pick, ((1, 2, 3), (1, 4, 5), (2, 3, 5), (1, 3, 4), (1, 3, 6))[pick(0, 4)]))


def one_hot(pick: Pick) -> Model:
    """Five classes, one of them right."""
    labels = rotated(pick, [Fraction(1), *[Fraction(0)] * 4])
    return example(pick, labels, [pick(1, 6) for _ in labels])


def rotated(pick: Pick, entries: Sequence[T]) -> Sequence[T]:
    """The entries, beginning with any of them."""
    first = pick(0, len(entries) - 1)
    return [*entries[first:], *entries[:first]]


def example(pick: Pick, labels: Sequence[Fraction], weights: Sequence[int]) -> Model:
    """One example; two classes are looked at."""
    first = pick(1, len(labels))
    second = 1 + (first + pick(0, len(labels) - 2)) % len(labels)
    logits = [ln(weight) if weight > 1 else num(0) for weight in weights]
    unit = [[int(row == place) for place in range(len(labels))] for row in range(len(labels))]
    return Model(
        values={
            "K": len(labels),
            "j": first,
            "k": second,
            **{f"z_{place}": logit for place, logit in enumerate(logits, 1)},
            **indexed("y", labels),
            **indexed("p", [Fraction(weight, sum(weights)) for weight in weights]),
            **grid("delta", unit),
        },
        given=(
            *(equation(at("z", place), logit) for place, logit in enumerate(logits, 1)),
            *(equation(at("y", place), label) for place, label in enumerate(labels, 1)),
            equation(K, len(labels)),
            equation(j, first),
            equation(k, second),
        ),
    )


def total(body: Node, index: Name = k) -> Node:
    """The sum over all classes."""
    return series(index.name, 1, K, body)


def power(index: Node) -> Node:
    """The exponential of a logit."""
    return Constant("e") ** at("z", index)


pj, yj, yk, zj, zk = at("p", j), at("y", j), at("y", k), at("z", j), at("z", k)
log_softmax = ln(Call("entry", (Call("softmax", (z,)), k)))
log_sum = ln(total(power(i), i))
delta = Name("delta", (k, j))

lines = (
    Line("gradient", D(zj, -total(yk * log_softmax)), "start"),
    Line("log_softmax", equal(log_softmax, zk - log_sum), "holds", reason="logarithm_of_a_quotient"),
    Line(
        "inserted",
        D(zj, total(yk * (log_sum - zk))),
        reason="insert_the_log_softmax",
        needs=("gradient", "log_softmax"),
    ),
    Line("slope", equal(D(zj, log_sum), pj), "holds", reason="derivative_of_the_log_sum"),
    Line(
        "differentiated",
        total(yk * (pj - delta)),
        reason="differentiate_each_term",
        needs=("inserted", "slope"),
    ),
    Line("split", pj * total(yk) - yj, reason="split_the_sum"),
    Line("result", pj - yj, reason="labels_sum_to_one"),
)

reverse, ratio, saturated = yj - pj, -(yj / pj), (pj - yj) * pj * (1 - pj)

DERIVATION = Derivation(
    name="softmax_cross_entropy",
    lines=lines,
    flaws=(
        Flaw("adds_the_logits_in_the_sum", "log_softmax", equal(log_softmax, zk - ln(total(at("z", i), i)))),
        Flaw("divides_by_the_logarithm", "log_softmax", equal(log_softmax, zk / log_sum)),
        Flaw("turns_the_sign", "inserted", D(zj, total(yk * (zk - log_sum)))),
        Flaw("forgets_the_inner_derivative", "slope", equal(D(zj, log_sum), 1 / total(power(i), i))),
        Flaw("forgets_the_outer_derivative", "slope", equal(D(zj, log_sum), power(j))),
        Flaw("differentiates_one_logit_only", "differentiated", total(yk * (pj - 1))),
        Flaw("forgets_the_normaliser", "differentiated", -total(yk * delta)),
        Flaw("takes_the_probability_of_the_label", "differentiated", total(yk * (at("p", k) - delta))),
        Flaw("keeps_one_term_of_the_sum", "split", pj * yj - yj),
        Flaw("reverses_the_difference", "result", reverse),
        Flaw("differentiates_by_the_probability", "result", ratio),
        Flaw("divides_by_the_number_of_classes", "result", (pj - yj) / K),
        Flaw("applies_the_slope_of_the_sigmoid", "result", saturated),
    ),
    worlds=(smoothed, one_hot),
    blanks=(
        Blank(
            "result",
            pj - yj,
            {"p_j": "unit", "y_j": "unit"},
            {
                "reverses_the_difference": reverse,
                "differentiates_by_the_probability": ratio,
                "applies_the_slope_of_the_sigmoid": saturated,
            },
        ),
    ),
    values=("differentiated", "result"),
)
