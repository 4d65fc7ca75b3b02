"""Multiplications in Q K^T, and how they grow with the length of the sequence and the width of the vectors.

Source: Vaswani et al. 2017, arXiv:1706.03762, table 1 (self-attention costs O(n^2 d) per layer). One multiplication
per term of an inner product; additions are not counted.
"""

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import attention, oracles
from solvers.attention import ScoreCost

family = Family(
    level=1,
    version=1,
    minutes=2,
    answers={"cost": answer.Integer("cost"), "growth": answer.Integer("growth")},
)


@family.parameters
class Params(Parameters):
    n: int = choice(8, 10, 12, 15, 16, 20, 25, 30, 32, 40, 50, 60, 64, 80, 100)  # tokens
    d: int = choice(4, 5, 8, 10, 12, 15, 16, 20, 25, 32, 40, 50, 64)  # width of queries and keys
    longer: int = ints(2, 5)  # factor for n
    wider: int = ints(2, 5)  # factor for d

    def valid(self) -> bool:
        """n and d differ, and so do the two factors."""
        return self.n != self.d and self.longer != self.wider


@family.solve
def solve(q: Params) -> ScoreCost:
    return attention.score_cost(q.n, q.d, q.longer, q.wider)


@family.misconception
def thinks_it_linear(q: Params) -> dict[str, object]:
    return {"cost": q.n * q.d, "growth": q.longer * q.wider}


@family.misconception
def exchanges_length_and_width(q: Params) -> dict[str, object]:
    return {"cost": q.n * q.d**2, "growth": q.longer * q.wider**2}


@family.misconception
def forgets_the_width(q: Params) -> dict[str, object]:
    return {"cost": q.n**2, "growth": q.longer**2}


@family.misconception
def counts_additions_too(q: Params) -> dict[str, object]:
    return {"cost": q.n**2 * (2 * q.d - 1)}


@family.misconception
def squares_both(q: Params) -> dict[str, object]:
    return {"cost": (q.n * q.d) ** 2, "growth": (q.longer * q.wider) ** 2}


@family.law
def torch_agrees(q: Params, t: ScoreCost) -> None:
    assert (t.pairs, t.cost) == oracles.attention.score_terms(q.n, q.d)
    _, grown = oracles.attention.score_terms(q.longer * q.n, q.wider * q.d)
    assert t.growth * t.cost == grown
