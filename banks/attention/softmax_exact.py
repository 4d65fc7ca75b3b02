"""Scaled dot-product attention of one query, with a query of logarithms so that the weights are fractions.

Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1. d_k = 4; the entries of the query are 2 ln r, so that after
the division by sqrt(d_k) the score of key k is the logarithm of the product of r**k. Keys and values are rows.
"""

from fractions import Fraction

from quizgen.family import Family, Parameters, answer, ints, matrices, vectors
from solvers import attention, oracles
from solvers.attention import Exact, Matrix, Vector

family = Family(
    level=3,
    version=1,
    minutes=6,
    answers={"weights": answer.Vector("weights"), "output": answer.Vector("output", after=("weights",))},
)


@family.parameters
class Params(Parameters):
    n: int = ints(2, 4, radical=True)  # keys
    ratios: Vector = vectors(4, 1, 3)  # the query is 2 ln of these
    keys: Matrix = matrices(lambda q: q.n, 4, 0, 2)
    values: Matrix = matrices(lambda q: q.n, 2, 0, 6)

    def valid(self) -> bool:
        """The query has two or three entries other than 0; keys differ, values differ, and no exponential exceeds 18.

        Scores differ, too, but for at most one pair among three or four keys.
        """
        if self.ratios.count(1) not in (1, 2) or len(set(self.keys)) < self.n or len(set(self.values)) < self.n:
            return False
        odds = attention.odds_of(self.ratios, self.keys)
        return max(odds) <= 18 and len(set(odds)) >= max(2, self.n - 1)


@family.solve
def solve(q: Params) -> Exact:
    return attention.from_odds(attention.odds_of(q.ratios, q.keys), q.values)


@family.misconception
def forgets_the_scale(q: Params) -> Exact:
    return attention.from_odds(tuple(m * m for m in attention.odds_of(q.ratios, q.keys)), q.values)


@family.misconception
def adds_inside_the_logarithm(q: Params) -> Exact:
    odds = (sum(k * r for k, r in zip(key, q.ratios, strict=True) if r > 1) for key in q.keys)
    return attention.from_odds(tuple(m or 1 for m in odds), q.values)


@family.misconception
def gives_a_zero_score_no_weight(q: Params) -> Exact:
    return attention.from_odds(tuple(m if m > 1 else 0 for m in attention.odds_of(q.ratios, q.keys)), q.values)


@family.misconception
def does_not_normalise(q: Params) -> dict[str, object]:
    odds = attention.odds_of(q.ratios, q.keys)
    return {"weights": odds, "output": attention.weighted_sum(odds, q.values)}


@family.misconception
def takes_the_best_key_alone(q: Params) -> Exact | None:
    odds = attention.odds_of(q.ratios, q.keys)
    best = max(odds)
    return attention.from_odds(tuple(int(m == best) for m in odds), q.values) if odds.count(best) == 1 else None


@family.follows
def output(q: Params, weights: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return attention.weighted_sum(weights, q.values)


@family.law
def torch_agrees(q: Params, t: Exact) -> None:
    query = oracles.attention.log_query(q.ratios)
    assert oracles.agreement.agrees(t.odds, oracles.attention.exponentials(query, q.keys))
    assert oracles.agreement.agrees(t.weights, oracles.attention.softmax_weights(query, q.keys))
    assert oracles.agreement.agrees(t.output, oracles.attention.softmax_output(query, q.keys, q.values))


@family.law
def weights_are_shares_of_the_total(q: Params, t: Exact) -> None:
    assert sum(t.weights) == 1
    assert all(w * t.total == m for w, m in zip(t.weights, t.odds, strict=True))
