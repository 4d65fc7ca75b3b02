"""A small cross-correlation by hand.

Source: Zhang et al., Dive into Deep Learning, arXiv:2106.11342, section 7.2. No padding, stride 1, kernel not flipped.
"""

from quizgen.family import Family, Parameters, answer, ints, matrices
from solvers import convolution, oracles

family = Family(level=2, version=1, minutes=4, calculator=False, answers={"output": answer.Matrix("output")})


@family.parameters
class Params(Parameters):
    rows: int = ints(3, 4, radical=True)  # of the image, px
    columns: int = ints(3, 4, radical=True)  # of the image, px
    image: convolution.Matrix = matrices(lambda q: q.rows, lambda q: q.columns, 0, 5)
    kernel: convolution.Matrix = matrices(2, 2, -2, 3)

    def valid(self) -> bool:
        """The kernel has at most one zero, and flipping or transposing it changes it."""
        (a, b), (c, d) = self.kernel
        return (a, b, c, d).count(0) <= 1 and a != d and b != c


@family.solve
def solve(q: Params) -> convolution.CrossCorrelation:
    return convolution.cross_correlation(q.image, q.kernel)


@family.misconception
def flips_the_kernel(q: Params) -> convolution.Matrix:
    return convolution.cross_correlation(q.image, tuple(row[::-1] for row in q.kernel[::-1])).output


@family.misconception
def transposes_the_kernel(q: Params) -> convolution.Matrix:
    return convolution.cross_correlation(q.image, tuple(zip(*q.kernel, strict=True))).output


@family.misconception
def drops_the_signs(q: Params) -> convolution.Matrix:
    return convolution.cross_correlation(q.image, tuple(tuple(map(abs, row)) for row in q.kernel)).output


@family.misconception
def multiplies_as_matrices(q: Params) -> convolution.Matrix:
    """All entries of window times kernel, added: each column of the window meets the sum of one row of the kernel."""
    sums = tuple(map(sum, q.kernel))
    return convolution.cross_correlation(q.image, (sums, sums)).output


@family.misconception
def fills_column_by_column(q: Params) -> convolution.Matrix | None:
    return tuple(zip(*solve(q).output, strict=True)) if q.rows == q.columns else None


@family.law
def torch_agrees(q: Params, t: convolution.CrossCorrelation) -> None:
    assert t.output == oracles.convolution.cross_correlation(q.image, q.kernel)
