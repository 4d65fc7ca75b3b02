"""Side of a convolution's output with stride, padding and dilation.

Source: Dumoulin & Visin 2016, arXiv:1603.07285, section 5.1. Input n x n px, kernel k x k px -> side x side px.
"""

from quizgen.family import Family, Parameters, answer, ints, odds
from solvers import convolution, oracles

family = Family(level=2, version=1, minutes=3, calculator=False, answers={"side": answer.Integer("side", unit="px")})


@family.parameters
class Params(Parameters):
    n: int = ints(7, 64)  # input side, px
    k: int = odds(3, 7, radical=True)  # kernel side, px
    s: int = ints(1, 3, radical=True)  # stride, px
    p: int = ints(0, 3)  # zero padding on every side, px
    d: int = ints(1, 3)  # dilation

    def valid(self) -> bool:
        """The dilated kernel fits into the padded input, with room for at least one move."""
        return self.d * (self.k - 1) + self.s < self.n + 2 * self.p


@family.solve
def solve(q: Params) -> convolution.OutputSide:
    return convolution.output_side(q.n, q.k, q.s, q.p, q.d)


def fitted(padded: int, extent: int, s: int) -> int | None:
    """Side for a wrong padded input or a wrong kernel extent; None where that kernel does not even fit."""
    return convolution.output_side(padded, extent, s).side if extent <= padded else None


@family.misconception
def pads_one_side_only(q: Params) -> int | None:
    return fitted(q.n + q.p, solve(q).effective, q.s)


@family.misconception
def forgets_the_first_position(q: Params) -> int:
    return solve(q).last // q.s


@family.misconception
def rounds_up(q: Params) -> int:
    return -(-solve(q).last // q.s) + 1


@family.misconception
def ignores_dilation(q: Params) -> int:
    return convolution.output_side(q.n, q.k, q.s, q.p).side


@family.misconception
def dilation_counts_the_holes(q: Params) -> int | None:
    return fitted(solve(q).padded, q.k + (q.k - 1) * q.d, q.s)


@family.misconception
def multiplies_side_and_dilation(q: Params) -> int | None:
    return fitted(solve(q).padded, q.k * q.d, q.s)


@family.misconception
def ignores_padding(q: Params) -> int | None:
    return fitted(q.n, solve(q).effective, q.s)


@family.misconception
def ignores_stride(q: Params) -> int:
    return convolution.output_side(q.n, q.k, 1, q.p, q.d).side


@family.law
def torch_agrees(q: Params, t: convolution.OutputSide) -> None:
    assert t.side == oracles.convolution.output_side(q.n, q.k, q.s, q.p, q.d)
    assert t.padded == oracles.convolution.padded_side(q.n, q.p)
    assert t.effective == oracles.convolution.kernel_extent(q.k, q.d)


@family.law
def trying_every_start_agrees(q: Params, t: convolution.OutputSide) -> None:
    starts = oracles.convolution.starts(q.n, q.k, q.p, q.d)
    assert t.last == starts[-1]
    assert t.side == len(starts[:: q.s])
