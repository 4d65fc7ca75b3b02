"""A convolution layer written as a fully connected one: its parameters, and how many times the weights it has.

Source: Zhang et al., Dive into Deep Learning, arXiv:2106.11342, section 7.1. Stride 1, padding per side;
biases count in the parameters, not in the ratio.
"""

from quizgen.family import Family, Parameters, answer, choice, ints, odds
from solvers import convolution, oracles

family = Family(
    level=3,
    version=1,
    minutes=5,
    calculator=False,
    answers={"dense": answer.Integer("dense"), "ratio": answer.Fraction("ratio")},
)


@family.parameters
class Params(Parameters):
    h: int = choice(6, 7, 8, 10)  # of the input, px
    w: int = choice(6, 7, 8, 10)  # of the input, px
    c_in: int = ints(1, 4)
    c_out: int = ints(2, 6)
    k: int = odds(3, 5, radical=True)  # kernel side, px
    p: int = choice(lambda q: (0, q.k // 2), radical=True)  # zero padding on every side, px


@family.solve
def solve(q: Params) -> convolution.DenseEquivalent:
    return convolution.dense_equivalent(q.h, q.w, q.c_in, q.c_out, q.k, q.p)


@family.misconception
def one_output_pixel(q: Params) -> dict[str, object]:
    t = solve(q)
    return {"dense": t.inputs * q.c_out + q.c_out, "ratio": t.ratio / (t.height * t.width)}


@family.misconception
def forgets_the_biases(q: Params) -> dict[str, object]:
    return {"dense": solve(q).weights}


@family.misconception
def one_bias_per_channel(q: Params) -> dict[str, object]:
    return {"dense": solve(q).weights + q.c_out}


@family.misconception
def keeps_the_size_without_padding(q: Params) -> convolution.DenseEquivalent | None:
    return convolution.dense_equivalent(q.h, q.w, q.c_in, q.c_out, q.k, q.k // 2) if q.p == 0 else None


@family.misconception
def ignores_the_padding(q: Params) -> convolution.DenseEquivalent | None:
    return convolution.dense_equivalent(q.h, q.w, q.c_in, q.c_out, q.k, 0) if q.p else None


@family.misconception
def biases_for_the_inputs_too(q: Params) -> dict[str, object]:
    return {"dense": solve(q).dense + solve(q).inputs}


@family.misconception
def keeps_the_kernel(q: Params) -> dict[str, object]:
    t = solve(q)
    return {"dense": t.weights * q.k**2 + t.outputs, "ratio": t.ratio * q.k**2}


@family.misconception
def one_plane_for_all_inputs(q: Params) -> dict[str, object]:
    return {"ratio": solve(q).ratio * q.c_in}


@family.misconception
def kernel_side_for_its_area(q: Params) -> dict[str, object]:
    return {"ratio": solve(q).ratio * q.k}


@family.misconception
def turns_the_ratio_over(q: Params) -> dict[str, object]:
    return {"ratio": 1 / solve(q).ratio}


@family.law
def torch_agrees(q: Params, t: convolution.DenseEquivalent) -> None:
    sizes = oracles.convolution.dense_equivalent(q.h, q.w, q.c_in, q.c_out, q.k, q.p)
    for name, size in sizes.items():
        assert getattr(t, name) == size, name
