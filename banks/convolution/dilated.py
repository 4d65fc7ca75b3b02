"""Span of a dilated kernel, and the receptive field of a stack of dilated layers.

Source: Yu & Koltun 2016, arXiv:1511.07122, section 2. Stride 1; dilation 1 is the ordinary kernel.
"""

from quizgen.family import Family, Parameters, answer, ints, odds, vectors
from solvers import convolution, oracles

family = Family(
    level=3,
    version=1,
    minutes=4,
    calculator=False,
    answers={"effective": answer.Integer("effective", unit="px"), "side": answer.Integer("side", unit="px", weight=2)},
)


@family.parameters
class Params(Parameters):
    layers: int = ints(3, 4, radical=True)
    k: int = odds(3, 5, radical=True)  # kernel side, px
    dilations: tuple[int, ...] = vectors(lambda q: q.layers, 1, 6)

    def valid(self) -> bool:
        """The last layer is dilated, and not all dilations are the same."""
        return self.dilations[-1] > 1 and len(set(self.dilations)) > 1


@family.solve
def solve(q: Params) -> convolution.DilatedStack:
    return convolution.dilated_stack(q.k, q.dilations)


@family.misconception
def multiplies_side_and_dilation(q: Params) -> dict[str, int]:
    return stacked([q.k * d for d in q.dilations])


@family.misconception
def adds_the_dilation(q: Params) -> dict[str, int]:
    return stacked([q.k + d for d in q.dilations])


@family.misconception
def dilation_counts_the_holes(q: Params) -> dict[str, int]:
    return stacked([q.k + (q.k - 1) * d for d in q.dilations])


@family.misconception
def holes_outside_too(q: Params) -> dict[str, int]:
    return stacked([q.k + (q.k + 1) * (d - 1) for d in q.dilations])


@family.misconception
def counts_steps_for_pixels(q: Params) -> dict[str, int]:
    return {"effective": (q.k - 1) * q.dilations[-1]}


@family.misconception
def ignores_the_dilation(q: Params) -> dict[str, int]:
    return stacked([q.k] * q.layers)


@family.misconception
def adds_the_spans(q: Params) -> dict[str, int]:
    return {"side": sum(solve(q).extents)}


@family.misconception
def sees_only_through_the_last_layer(q: Params) -> dict[str, int]:
    return {"side": solve(q).effective}


@family.misconception
def starts_from_nothing(q: Params) -> dict[str, int]:
    return {"side": solve(q).side - 1}


def stacked(extents: list[int]) -> dict[str, int]:
    """Both answers for wrong kernel spans."""
    return {"effective": extents[-1], "side": convolution.receptive_field(tuple(extents), (1,) * len(extents)).side}


@family.law
def bright_pixels_agree(q: Params, t: convolution.DilatedStack) -> None:
    pixels, _ = oracles.convolution.reached_pixels((q.k,) * q.layers, (1,) * q.layers, q.dilations)
    assert t.side == len(pixels)


@family.law
def unfolding_agrees(q: Params, t: convolution.DilatedStack) -> None:
    assert t.extents == tuple(oracles.convolution.kernel_extent(q.k, d) for d in q.dilations)
    assert t.effective == t.extents[-1]
