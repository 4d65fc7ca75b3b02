"""Parameters of a grouped convolution.

Source: Krizhevsky et al. 2012, section 3.5; torch.nn.Conv2d: the weight has the shape c_out x c_in/groups x k x k.
"""

from quizgen.family import Family, Parameters, answer, choice, ints, odds
from solvers import convolution, oracles

family = Family(level=2, version=1, minutes=3, calculator=False, answers={"total": answer.Integer("total")})


@family.parameters
class Params(Parameters):
    groups: int = choice(2, 3, 4, 5, 8)
    c_in: int = ints(lambda q: 2 * q.groups, lambda q: 8 * q.groups, lambda q: q.groups)
    c_out: int = ints(lambda q: 2 * q.groups, lambda q: 10 * q.groups, lambda q: q.groups)
    k: int = odds(3, 5, radical=True)  # kernel side, px
    bias: bool = choice(True, False, radical=True)


@family.solve
def solve(q: Params) -> convolution.LayerParameters:
    return convolution.parameters(q.c_in, q.c_out, q.k, q.groups, q.bias)


@family.misconception
def ignores_the_groups(q: Params) -> int:
    return convolution.parameters(q.c_in, q.c_out, q.k, bias=q.bias).total


@family.misconception
def counts_one_group_only(q: Params) -> int:
    return convolution.parameters(q.c_in // q.groups, q.c_out // q.groups, q.k, bias=q.bias).total


@family.misconception
def divides_by_the_groups_twice(q: Params) -> int:
    return solve(q).weights // q.groups + solve(q).biases


@family.misconception
def multiplies_by_the_groups(q: Params) -> int:
    return convolution.parameters(q.c_in * q.groups, q.c_out, q.k, bias=q.bias).total


@family.misconception
def forgets_the_biases(q: Params) -> int | None:
    return solve(q).weights if q.bias else None


@family.misconception
def adds_biases(q: Params) -> int | None:
    return None if q.bias else solve(q).weights + q.c_out


@family.misconception
def divides_the_biases_too(q: Params) -> int | None:
    return solve(q).weights + q.c_out // q.groups if q.bias else None


@family.law
def torch_agrees(q: Params, t: convolution.LayerParameters) -> None:
    assert (t.filter, t.weights, t.biases) == oracles.convolution.parameters(q.c_in, q.c_out, q.k, q.groups, q.bias)
    assert t.total == t.weights + t.biases
