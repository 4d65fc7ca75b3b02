"""Parameters of a convolution layer, with or without biases.

Source: torch.nn.Conv2d: the weight has the shape c_out x c_in x k x k, and there is one bias for each output channel.
"""

from quizgen.family import Family, Parameters, answer, choice, odds
from solvers import convolution, oracles

family = Family(level=2, version=1, minutes=2, calculator=False, answers={"total": answer.Integer("total")})


@family.parameters
class Params(Parameters):
    side: int = choice(8, 14, 16, 20, 28, 32, 56)  # of the output, px; does not matter
    c_in: int = choice(1, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32)
    c_out: int = choice(4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 64)
    k: int = odds(3, 7, radical=True)  # kernel side, px
    bias: bool = choice(True, False, radical=True)


@family.solve
def solve(q: Params) -> convolution.LayerParameters:
    return convolution.parameters(q.c_in, q.c_out, q.k, bias=q.bias)


@family.misconception
def forgets_the_biases(q: Params) -> int | None:
    return solve(q).weights if q.bias else None


@family.misconception
def adds_biases(q: Params) -> int | None:
    return None if q.bias else convolution.parameters(q.c_in, q.c_out, q.k).total


@family.misconception
def one_bias_per_input_channel(q: Params) -> int | None:
    return solve(q).weights + q.c_in if q.bias else None


@family.misconception
def one_plane_for_all_inputs(q: Params) -> int:
    return convolution.parameters(1, q.c_out, q.k, bias=q.bias).total


@family.misconception
def kernel_side_for_its_area(q: Params) -> int:
    return q.k * q.c_in * q.c_out + solve(q).biases


@family.misconception
def one_bias_per_pair_of_channels(q: Params) -> int | None:
    return solve(q).weights + q.c_in * q.c_out if q.bias else None


@family.misconception
def kernel_as_a_cube(q: Params) -> int:
    return q.k * solve(q).weights + solve(q).biases


@family.misconception
def counts_every_pixel(q: Params) -> int:
    return solve(q).total * q.side**2


@family.law
def torch_agrees(q: Params, t: convolution.LayerParameters) -> None:
    assert (t.filter, t.weights, t.biases) == oracles.convolution.parameters(q.c_in, q.c_out, q.k, 1, q.bias)
    assert t.total == t.weights + t.biases
