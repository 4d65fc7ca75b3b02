"""Receptive field of a stack of convolution and pooling layers.

Source: Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill, eq. 2.
"""

from math import prod

from quizgen.family import Family, Parameters, answer, figures, ints, vectors
from solvers import convolution, oracles

family = Family(level=3, version=1, minutes=4, calculator=False, answers={"side": answer.Integer("side", unit="px")})


@family.parameters
class Params(Parameters):
    layers: int = ints(3, 4, radical=True)
    kernels: tuple[int, ...] = vectors(lambda q: q.layers, 2, 5)  # 2 is a pooling layer, others are convolutions; px
    strides: tuple[int, ...] = vectors(lambda q: q.layers, 1, 2)  # px

    def valid(self) -> bool:
        """The first layer is no pooling, pooling has stride 2, and some layer before the last has stride 2."""
        return (
            self.kernels[0] != 2
            and all(s == 2 for k, s in zip(self.kernels, self.strides, strict=True) if k == 2)
            and 2 in self.strides[:-1]
        )


@family.solve
def solve(q: Params) -> convolution.ReceptiveField:
    return convolution.receptive_field(q.kernels, q.strides)


@family.figure
def one_unit_of_the_last_layer(q: Params, t: convolution.ReceptiveField) -> object:
    """Only the last layer's window is shaded: the rest is the question."""
    return figures.Stack(kernels=q.kernels, strides=q.strides, cone=1)


@family.misconception
def ignores_the_strides(q: Params) -> int:
    return convolution.receptive_field(q.kernels, (1,) * q.layers).side


@family.misconception
def counts_the_own_stride(q: Params) -> int:
    """As if a layer that only moves stood below, and every stride acted one layer too early."""
    return convolution.receptive_field((1, *q.kernels), (*q.strides, 1)).side


@family.misconception
def starts_at_the_wrong_end(q: Params) -> int:
    return convolution.receptive_field(q.kernels[::-1], q.strides[::-1]).side


@family.misconception
def skips_the_pooling_layers(q: Params) -> int:
    learned = [(k, s) for k, s in zip(q.kernels, q.strides, strict=True) if k != 2]
    return convolution.receptive_field(tuple(k for k, _ in learned), tuple(s for _, s in learned)).side


@family.misconception
def multiplies_the_kernels(q: Params) -> int:
    return prod(q.kernels)


@family.misconception
def starts_from_nothing(q: Params) -> int:
    return solve(q).side - 1


@family.law
def bright_pixels_agree(q: Params, t: convolution.ReceptiveField) -> None:
    for layer in range(q.layers + 1):
        first, second = oracles.convolution.reached_pixels(q.kernels[:layer], q.strides[:layer], (1,) * layer)
        if layer < q.layers:
            assert t.jumps[layer] == second[0] - first[0]
        if layer:
            assert t.fields[layer - 1] == len(first)
    assert t.side == len(first)
    assert len(t.jumps) == len(t.fields) == q.layers
