"""Weights of a depthwise separable convolution beside the ordinary one.

Source: Howard et al. 2017 (MobileNets), arXiv:1704.04861, section 3.1. No biases; the ratio is 1/c_out + 1/k^2.
"""

from quizgen.family import Family, Parameters, answer, choice, odds
from solvers import convolution, oracles

family = Family(
    level=3,
    version=1,
    minutes=4,
    calculator=False,
    answers={"separable": answer.Integer("separable"), "ratio": answer.Fraction("ratio")},
)


@family.parameters
class Params(Parameters):
    c_in: int = choice(4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 24, 32)
    c_out: int = choice(6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30, 32, 40, 64)
    k: int = odds(3, 7)  # kernel side, px


@family.solve
def solve(q: Params) -> convolution.DepthwiseSeparable:
    return convolution.depthwise_separable(q.c_in, q.c_out, q.k)


@family.misconception
def depthwise_part_only(q: Params) -> dict[str, object]:
    return shared(q, solve(q).depthwise)


@family.misconception
def pointwise_part_only(q: Params) -> dict[str, object]:
    return shared(q, solve(q).pointwise)


@family.misconception
def multiplies_the_two_parts(q: Params) -> dict[str, object]:
    t = solve(q)
    return {"separable": t.depthwise * t.pointwise, "ratio": t.ratio * t.depthwise / t.separable / q.k**2}


@family.misconception
def a_plane_per_output_channel(q: Params) -> dict[str, object]:
    return shared(q, q.k**2 * q.c_out + q.c_in * q.c_out)


@family.misconception
def depthwise_over_all_channels(q: Params) -> dict[str, object]:
    return shared(q, q.k**2 * q.c_in**2 + q.c_in * q.c_out)


@family.misconception
def kernel_side_for_its_area(q: Params) -> dict[str, object]:
    return shared(q, q.k * q.c_in + q.c_in * q.c_out)


@family.misconception
def turns_the_ratio_over(q: Params) -> dict[str, object]:
    return {"ratio": 1 / solve(q).ratio}


def shared(q: Params, weights: int) -> dict[str, object]:
    """Both answers for a wrong number of weights."""
    t = solve(q)
    return {"separable": weights, "ratio": t.ratio * weights / t.separable}


@family.law
def torch_agrees(q: Params, t: convolution.DepthwiseSeparable) -> None:
    assert (t.depthwise, t.pointwise, t.ordinary) == oracles.convolution.depthwise_separable(q.c_in, q.c_out, q.k)
    assert t.separable == t.depthwise + t.pointwise


@family.law
def the_paper_agrees(q: Params, t: convolution.DepthwiseSeparable) -> None:
    assert t.ratio * q.c_out * q.k**2 == q.c_out + q.k**2
