"""Multiply-accumulate operations of a convolution layer.

Source: Sze et al. 2017, arXiv:1703.09039, section III. One per multiplication, padded zeros included, biases left out.
"""

from quizgen.family import Family, Parameters, answer, choice, ints, odds
from solvers import convolution, oracles

family = Family(level=2, version=1, minutes=3, calculator=False, answers={"total": answer.Integer("total")})


@family.parameters
class Params(Parameters):
    n: int = ints(6, 16)  # input side, px
    c_in: int = choice(1, 2, 3, 4, 5, 8)
    c_out: int = choice(2, 4, 5, 6, 8, 10, 16, 20)
    k: int = odds(3, 5, radical=True)  # kernel side, px
    s: int = ints(1, 2, radical=True)  # stride, px
    p: int = ints(0, lambda q: q.k // 2)  # zero padding on every side, px

    def valid(self) -> bool:
        """The kernel fits at least three times, and the total is at most 100 000."""
        t = solve(self)
        return t.side >= 3 and t.total <= 100_000


@family.solve
def solve(q: Params) -> convolution.MultiplyAccumulates:
    return convolution.multiply_accumulates(q.n, q.c_in, q.c_out, q.k, q.s, q.p)


@family.misconception
def input_positions(q: Params) -> int:
    return solve(q).products * q.n**2 * q.c_out


@family.misconception
def ignores_the_stride(q: Params) -> int:
    return convolution.multiply_accumulates(q.n, q.c_in, q.c_out, q.k, 1, q.p).total


@family.misconception
def forgets_the_input_channels(q: Params) -> int:
    return q.k**2 * solve(q).outputs


@family.misconception
def counts_the_weights(q: Params) -> int:
    return solve(q).products * q.c_out


@family.misconception
def counts_additions_too(q: Params) -> int:
    return 2 * solve(q).total


@family.misconception
def one_row_of_positions(q: Params) -> int:
    return solve(q).total // solve(q).side


@family.law
def adding_products_of_one_agrees(q: Params, t: convolution.MultiplyAccumulates) -> None:
    counted = oracles.convolution.multiply_accumulates(q.n, q.c_in, q.c_out, q.k, q.s, q.p)
    assert (t.side, t.products, t.outputs, t.total) == counted
