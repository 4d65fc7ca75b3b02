"""Scaled dot-product attention of one query with small integers, to three decimals.

Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1. Keys and values are rows; d_k is the number of columns of K.
"""

from decimal import Decimal

from quizgen.family import Family, Parameters, answer, ints, matrices, vectors
from solvers import attention, oracles
from solvers.attention import Matrix, Rounded, Vector

family = Family(
    level=4,
    version=1,
    minutes=7,
    calculator=True,
    answers={
        "weights": answer.Vector("weights", digits=3),
        "output": answer.Vector("output", digits=3, after=("weights",)),
    },
)


@family.parameters
class Params(Parameters):
    n: int = ints(2, 4, radical=True)  # keys
    d: int = ints(2, 4, radical=True)  # d_k, width of query and keys
    query: Vector = vectors(lambda q: q.d, -1, 3)
    keys: Matrix = matrices(lambda q: q.n, lambda q: q.d, -1, 2)
    values: Matrix = matrices(lambda q: q.n, 2, -2, 6)

    def valid(self) -> bool:
        """Keys and values differ; scores differ by at most 3 sqrt(d_k) and are at most 8; one entry of q at most is 0.

        The exponentials as printed in the solution lead to the same rounded weights and output as the unrounded ones.
        """
        if len(set(self.keys)) < self.n or len(set(self.values)) < self.n or self.query.count(0) > 1:
            return False
        scores = attention.times(self.keys, self.query)
        spread = max(scores) - min(scores)
        if not 0 < spread * spread <= 9 * self.d or max(scores) > 8:
            return False
        return attention.reproducible(solve(self), self.values)


@family.solve
def solve(q: Params) -> Rounded:
    return attention.scaled(q.query, q.keys, q.values)


@family.misconception
def forgets_the_scale(q: Params) -> Rounded:
    return attention.scaled(q.query, q.keys, q.values, Decimal(1))


@family.misconception
def divides_by_the_width(q: Params) -> Rounded:
    return attention.scaled(q.query, q.keys, q.values, Decimal(q.d))


@family.misconception
def forgets_the_exponential(q: Params) -> Rounded | None:
    scores = attention.times(q.keys, q.query)
    return attention.weigh(scores, tuple(map(Decimal, scores)), q.values) if sum(scores) else None


@family.misconception
def does_not_normalise(q: Params) -> Rounded:
    powers = attention.exponentials(q.query, q.keys)
    return attention.weigh(attention.times(q.keys, q.query), powers, q.values, total=Decimal(1))


@family.follows
def output(q: Params, weights: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    return attention.mixed(weights, q.values)


@family.law
def torch_agrees(q: Params, t: Rounded) -> None:
    assert oracles.agreement.agrees(t.scores, oracles.attention.products(q.query, q.keys))
    assert oracles.agreement.agrees(t.powers, oracles.attention.exponentials(q.query, q.keys))
    assert oracles.agreement.agrees(t.weights, oracles.attention.softmax_weights(q.query, q.keys))
    assert oracles.agreement.agrees(t.output, oracles.attention.softmax_output(q.query, q.keys, q.values))


@family.law
def total_is_what_is_printed(q: Params, t: Rounded) -> None:
    assert t.total == sum(t.powers)
