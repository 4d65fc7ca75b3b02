"""Parameters of a bottleneck block of three convolution layers, as a formula.

Sources: He et al. 2016, arXiv:1512.03385, section 4.1; Xie et al. 2017, arXiv:1611.05431, section 3 (groups);
Sandler et al. 2018, arXiv:1801.04381, section 3.2 (depthwise). Weights are shaped as in torch.nn.Conv2d.
"""

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import convolution, oracles
from solvers.convolution import Bottleneck

family = Family(
    level=3,
    version=1,
    minutes=4,
    calculator=False,
    answers={"total": answer.Formula("total", variables=traced("variables"))},
)

POINTS = ((1, 6, 3), (2, 10, 5), (3, 14, 7), (5, 22, 11), (7, 4, 2))
"""Numbers for k, C and g at which formulas and layers are compared; g divides C."""


@family.parameters
class Params(Parameters):
    m: int = ints(2, 8)  # the block is m C channels wide inside
    n: int = ints(1, 4)  # and has n C output channels
    middle: str = choice("ordinary", "grouped", "depthwise", radical=True)
    learned: int = choice(0, 1, 2, radical=True)  # 1 bias, or factor and shift, for each output channel of a layer


@family.solve
def solve(q: Params) -> Bottleneck:
    return convolution.bottleneck(q.m, q.n, q.middle, q.learned)


@family.misconception
def counts_an_ordinary_middle_layer(q: Params) -> Bottleneck | None:
    return None if q.middle == "ordinary" else convolution.bottleneck(q.m, q.n, "ordinary", q.learned)


@family.misconception
def kernel_side_for_its_area(q: Params) -> Bottleneck:
    return convolution.bottleneck(q.m, q.n, q.middle, q.learned, sides=(1, 0))


@family.misconception
def same_kernel_in_all_layers(q: Params) -> Bottleneck:
    return convolution.bottleneck(q.m, q.n, q.middle, q.learned, sides=(2, 2))


@family.misconception
def middle_layer_between_the_outer_channels(q: Params) -> Bottleneck:
    return convolution.bottleneck(q.m, q.n, q.middle, q.learned, widths=(1, 1))


@family.misconception
def widens_the_middle_layer_once(q: Params) -> Bottleneck | None:
    return None if q.middle == "depthwise" else convolution.bottleneck(q.m, q.n, q.middle, q.learned, widths=(1, q.m))


@family.misconception
def projects_back_to_the_input_channels(q: Params) -> Bottleneck | None:
    return None if q.n == 1 else convolution.bottleneck(q.m, 1, q.middle, q.learned)


@family.misconception
def forgets_biases_or_normalisation(q: Params) -> Bottleneck | None:
    return convolution.bottleneck(q.m, q.n, q.middle, 0) if q.learned else None


@family.misconception
def counts_running_statistics(q: Params) -> Bottleneck | None:
    return convolution.bottleneck(q.m, q.n, q.middle, 4) if q.learned == 2 else None


@family.misconception
def adds_biases(q: Params) -> Bottleneck | None:
    return None if q.learned else convolution.bottleneck(q.m, q.n, q.middle, 1)


@family.law
def torch_agrees(q: Params, t: Bottleneck) -> None:
    for k, c, g in POINTS:
        given = {"k": k, "C": c, "g": g}
        counted = oracles.convolution.bottleneck(q.m, q.n, q.middle, q.learned, k, c, g)
        stated = (t.widening, t.middle, t.projection, t.others)
        assert tuple(oracles.formulas.value(formula, given) for formula in stated) == counted
        assert oracles.formulas.value(t.total, given) == sum(counted)
