"""Convolutions: published values, and shapes of distinct primes against torch."""

from fractions import Fraction
from itertools import product

import pytest

from solvers import convolution
from solvers.oracles import convolution as oracle
from solvers.oracles import formulas


@pytest.mark.parametrize(
    ("n", "k", "s", "p", "side"),
    [(227, 11, 4, 0, 55), (224, 7, 2, 3, 112), (32, 5, 1, 0, 28)],
    ids=["AlexNet", "ResNet", "LeNet"],
)
def test_first_layers_of_published_networks(n: int, k: int, s: int, p: int, side: int) -> None:
    assert convolution.output_side(n, k, s, p).side == side


@pytest.mark.parametrize("s, p, d", list(product((1, 2, 3), (0, 2), (1, 2, 3))))
def test_output_side(s: int, p: int, d: int) -> None:
    found = convolution.output_side(17, 5, s, p, d)
    starts = oracle.starts(17, 5, p, d)
    assert found == convolution.OutputSide(
        oracle.kernel_extent(5, d), oracle.padded_side(17, p), starts[-1], oracle.output_side(17, 5, s, p, d)
    )


def test_a_kernel_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="extent 5 does not fit into a padded input of side 4"):
        convolution.output_side(4, 3, d=2)


def test_cross_correlation_of_the_textbook() -> None:
    """Dive into Deep Learning, section 7.2.1."""
    image, kernel = ((0, 1, 2), (3, 4, 5), (6, 7, 8)), ((0, 1), (2, 3))
    assert convolution.cross_correlation(image, kernel).output == ((19, 25), (37, 43))


def test_cross_correlation_of_primes() -> None:
    image = tuple(tuple((7 * i + 5 * j * j) % 11 - 4 for j in range(7)) for i in range(5))
    kernel = ((2, -3, 5), (-7, 11, 13))
    assert convolution.cross_correlation(image, kernel).output == oracle.cross_correlation(image, kernel)


def test_cross_correlation_with_a_stride_keeps_every_second_sum() -> None:
    image = tuple(tuple(i * i + 3 * j for j in range(7)) for i in range(5))
    full = convolution.cross_correlation(image, ((1, 2), (3, -1))).output
    assert convolution.cross_correlation(image, ((1, 2), (3, -1)), 2).output == tuple(row[::2] for row in full[::2])


@pytest.mark.parametrize("groups, bias", [(1, True), (1, False), (3, True)])
def test_parameters(groups: int, bias: bool) -> None:
    one, weights, biases = oracle.parameters(15, 21, 5, groups, bias)
    found = convolution.parameters(15, 21, 5, groups, bias)
    assert found == convolution.LayerParameters(one, weights, biases, weights + biases)


def test_a_published_bottleneck() -> None:
    block = convolution.bottleneck(6, 1, "depthwise", 2)  # MobileNetV2, 24 channels
    assert formulas.value(block.total, {"k": 3, "C": 24}) == 8208 + 624


def test_dense_equivalent() -> None:
    found = convolution.dense_equivalent(11, 7, 2, 3, 5, 1)
    assert {name: getattr(found, name) for name in found.__slots__} == oracle.dense_equivalent(11, 7, 2, 3, 5, 1)


def test_vgg_stacks_of_three() -> None:
    """Simonyan & Zisserman 2015, section 2.3: three 3 x 3 layers see 7 x 7."""
    assert convolution.receptive_field((3, 3, 3), (1, 1, 1)).fields == (3, 5, 7)


def test_dilated_stack_grows_exponentially() -> None:
    """Yu & Koltun 2016, arXiv:1511.07122, figure 1."""
    assert [convolution.dilated_stack(3, (1, 2, 4)[:layers]).side for layers in (1, 2, 3)] == [3, 7, 15]


def test_receptive_field_by_bright_pixels() -> None:
    kernels, strides = (3, 2, 5, 2), (2, 3, 1, 5)
    found = convolution.receptive_field(kernels, strides)
    for layer in range(4):
        first, second = oracle.reached_pixels(kernels[:layer], strides[:layer], (1,) * layer)
        assert found.jumps[layer] == second[0] - first[0]
        first, _ = oracle.reached_pixels(kernels[: layer + 1], strides[: layer + 1], (1,) * (layer + 1))
        assert found.fields[layer] == len(first)
    assert found.side == found.fields[-1]


def test_dilated_stack() -> None:
    found = convolution.dilated_stack(5, (2, 7, 3))
    assert found.extents == tuple(oracle.kernel_extent(5, d) for d in (2, 7, 3))
    assert found.effective == found.extents[-1]
    assert found.side == len(oracle.reached_pixels((5, 5, 5), (1, 1, 1), (2, 7, 3))[0])


def test_multiply_accumulates() -> None:
    found = convolution.multiply_accumulates(13, 2, 7, 5, 3, 1)
    assert (found.side, found.products, found.outputs, found.total) == oracle.multiply_accumulates(13, 2, 7, 5, 3, 1)


def test_mobilenet_saves_eight_to_nine_times() -> None:
    """Howard et al. 2017, section 3.1."""
    found = convolution.depthwise_separable(512, 512, 3)
    assert (found.depthwise, found.pointwise, found.ordinary) == oracle.depthwise_separable(512, 512, 3)
    assert found.separable == found.depthwise + found.pointwise
    assert found.ratio == Fraction(1, 512) + Fraction(1, 9)
    assert 8 < 1 / found.ratio < 9
