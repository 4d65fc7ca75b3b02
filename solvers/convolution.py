"""Convolution layers: sizes, receptive fields, parameters, costs, and small cross-correlations by hand.

Conventions, all PyTorch's: "convolution" is cross-correlation (the kernel is not flipped), padding is counted per side,
dilation 1 is the ordinary kernel, and a kernel is placed only where it lies entirely inside the padded input.
"""

from dataclasses import dataclass
from fractions import Fraction

from quizgen.expr import Name, Node, Power, Product, Quotient, Sum, num


def extent(k: int, d: int) -> int:
    """Pixels from the first to the last tap of a kernel of side ``k`` with dilation ``d``, both included.

    Source: Dumoulin & Visin 2016, arXiv:1603.07285, section 5.1.
    """
    return k + (k - 1) * (d - 1)


@dataclass(frozen=True, slots=True)
class OutputSide:
    """How often a kernel fits along one axis."""

    effective: int  # extent of the dilated kernel, px
    padded: int  # side of the padded input, px
    last: int  # last pixel of the padded input, counted from 0, at which the kernel can start
    side: int  # side of the output, px


def output_side(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> OutputSide:
    """Output side for input side ``n``, kernel side ``k``, stride ``s``, zero padding ``p`` per side, dilation ``d``.

    Source: Dumoulin & Visin 2016, arXiv:1603.07285, sections 2.4 and 5.1. ValueError if the kernel does not fit.
    """
    effective = extent(k, d)
    padded = n + 2 * p
    last = padded - effective
    if last < 0:
        raise ValueError(f"a kernel of extent {effective} does not fit into a padded input of side {padded}")
    return OutputSide(effective, padded, last, last // s + 1)


Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CrossCorrelation:
    """A small image seen through a small kernel."""

    output: Matrix  # rows x columns of window sums


def cross_correlation(image: Matrix, kernel: Matrix, stride: int = 1) -> CrossCorrelation:
    """``sum_ab kernel[a][b] * image[i * stride + a][j * stride + b]`` without padding; the kernel is not flipped.

    Source: Zhang et al., Dive into Deep Learning, arXiv:2106.11342, section 7.2.
    """
    taps = [(a, b, weight) for a, row in enumerate(kernel) for b, weight in enumerate(row)]
    tops = range(0, len(image) - len(kernel) + 1, stride)
    lefts = range(0, len(image[0]) - len(kernel[0]) + 1, stride)
    rows = [[sum([weight * image[i + a][j + b] for a, b, weight in taps]) for j in lefts] for i in tops]
    return CrossCorrelation(tuple(map(tuple, rows)))


@dataclass(frozen=True, slots=True)
class LayerParameters:
    """What a convolution layer learns."""

    filter: int  # weights that make one output channel
    weights: int  # weights of all output channels
    biases: int  # one for each output channel, or none
    total: int


def parameters(c_in: int, c_out: int, k: int, groups: int = 1, bias: bool = True) -> LayerParameters:
    """Parameters of a k x k convolution from ``c_in`` to ``c_out`` channels in ``groups`` groups.

    The weight has the shape c_out x c_in/groups x k x k, as in torch.nn.Conv2d (grouped: Krizhevsky et al. 2012).
    """
    one = k * k * (c_in // groups)
    weights = one * c_out
    biases = c_out if bias else 0
    return LayerParameters(one, weights, biases, weights + biases)


@dataclass(frozen=True, slots=True)
class DenseEquivalent:
    """A convolution layer beside the fully connected layer between the same two tensors."""

    inputs: int  # numbers in the input tensor
    height: int  # of the output, px
    width: int  # of the output, px
    outputs: int  # numbers in the output tensor
    weights: int  # of the fully connected layer
    dense: int  # its weights and biases
    convolution: int  # weights of the convolution layer
    ratio: Fraction  # weights of the fully connected layer per weight of the convolution layer


def dense_equivalent(h: int, w: int, c_in: int, c_out: int, k: int, p: int) -> DenseEquivalent:
    """A k x k convolution of stride 1 and padding ``p`` per side on c_in x h x w, and its fully connected counterpart.

    Source: Zhang et al., Dive into Deep Learning, arXiv:2106.11342, section 7.1.
    """
    height, width = output_side(h, k, 1, p).side, output_side(w, k, 1, p).side
    inputs, outputs = h * w * c_in, height * width * c_out
    weights, convolution = inputs * outputs, parameters(c_in, c_out, k).weights
    ratio = Fraction(weights, convolution)
    return DenseEquivalent(inputs, height, width, outputs, weights, weights + outputs, convolution, ratio)


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """How the receptive field grows from layer to layer."""

    jumps: tuple[int, ...]  # distance in the image between neighbouring units of each layer's input, px
    fields: tuple[int, ...]  # side of the receptive field after each layer, px
    side: int  # the last of them


def receptive_field(kernels: tuple[int, ...], strides: tuple[int, ...]) -> ReceptiveField:
    """Side, in pixels, of what one unit of the last layer sees of the image, away from the borders.

    r_l = r_(l-1) + (k_l - 1) * s_1 ... s_(l-1) with r_0 = 1.
    Source: Araujo, Norris & Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill, eq. 2.
    """
    jump, field = 1, 1
    jumps, fields = [], []
    for k, s in zip(kernels, strides, strict=True):
        field += (k - 1) * jump
        jumps.append(jump)
        fields.append(field)
        jump *= s
    return ReceptiveField(tuple(jumps), tuple(fields), field)


@dataclass(frozen=True, slots=True)
class DilatedStack:
    """Dilated convolutions of stride 1, one after the other."""

    extents: tuple[int, ...]  # pixels from the first to the last tap of each layer's kernel
    effective: int  # the last of them
    side: int  # of the receptive field of one unit of the last layer, px


def dilated_stack(k: int, dilations: tuple[int, ...]) -> DilatedStack:
    """k x k layers with these dilations (1 = ordinary), stride 1.

    Source: Yu & Koltun 2016, arXiv:1511.07122, section 2; Dumoulin & Visin 2016, arXiv:1603.07285, section 5.1.
    """
    extents = tuple(extent(k, d) for d in dilations)
    return DilatedStack(extents, extents[-1], receptive_field(extents, (1,) * len(extents)).side)


@dataclass(frozen=True, slots=True)
class MultiplyAccumulates:
    """The work of one convolution layer on one image."""

    side: int  # of the output, px
    products: int  # multiplications for one output number
    outputs: int  # output numbers
    total: int


def multiply_accumulates(n: int, c_in: int, c_out: int, k: int, s: int = 1, p: int = 0) -> MultiplyAccumulates:
    """Multiplications for one n x n image, those with padded zeros included and biases left out.

    Source: Sze et al. 2017, arXiv:1703.09039, section III.
    """
    side = output_side(n, k, s, p).side
    products, outputs = k * k * c_in, side * side * c_out
    return MultiplyAccumulates(side, products, outputs, products * outputs)


@dataclass(frozen=True, slots=True)
class DepthwiseSeparable:
    """A depthwise convolution followed by a 1 x 1 convolution, beside the ordinary one."""

    depthwise: int  # weights
    pointwise: int  # weights
    separable: int  # both together
    ordinary: int  # weights of the ordinary convolution
    ratio: Fraction  # separable to ordinary


def depthwise_separable(c_in: int, c_out: int, k: int) -> DepthwiseSeparable:
    """Weights, without biases, of a k x k depthwise separable convolution from ``c_in`` to ``c_out`` channels.

    Source: Howard et al. 2017, arXiv:1704.04861, section 3.1: the ratio is 1/c_out + 1/k^2.
    """
    depthwise, pointwise = k * k * c_in, c_in * c_out
    separable, ordinary = depthwise + pointwise, parameters(c_in, c_out, k).weights
    return DepthwiseSeparable(depthwise, pointwise, separable, ordinary, Fraction(separable, ordinary))


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What a block of three convolution layers learns, as formulas of k, C and g."""

    widening: Node  # weights of the 1 x 1 layer from C to mC channels
    middle: Node  # weights of the k x k layer from mC to mC channels
    projection: Node  # weights of the 1 x 1 layer from mC to nC channels
    others: Node  # biases, or factors and shifts of the normalisation
    total: Node

    @property
    def variables(self) -> dict[str, str]:
        """The names in ``total``, and where they live."""
        return dict.fromkeys("kCg" if isinstance(self.middle, Quotient) else "kC", "positive integer")


def bottleneck(
    m: int, n: int, middle: str, learned: int, widths: tuple[int, int] | None = None, sides: tuple[int, int] = (2, 0)
) -> Bottleneck:
    """A block that widens C channels to mC, filters them with a k x k kernel and projects them to nC.

    ``middle`` is "ordinary", "grouped" (g groups) or "depthwise" (mC groups); every output channel of every layer has
    ``learned`` further numbers: 0, 1 for a bias, 2 for batch normalisation. Wrong procedures take the middle layer
    between other ``widths`` than (m, m), or other exponents of k for the middle and the outer layers (``sides``).
    Sources: He et al. 2016, arXiv:1512.03385, section 4.1; Xie et al. 2017, arXiv:1611.05431, section 3 (groups);
    Sandler et al. 2018, arXiv:1801.04381, section 3.2 (depthwise).
    """
    inner, outer = sides
    c_in, c_out = widths or (m, m)
    filters = _monomial(c_out, k=inner, C=1) if middle == "depthwise" else _monomial(c_in * c_out, k=inner, C=2)
    weights = Quotient(filters, Name("g")) if middle == "grouped" else filters
    others = _monomial(learned * (2 * m + n), C=1)
    terms = (_monomial(m * (1 + n), k=outer, C=2), weights, *((others,) if learned else ()))
    return Bottleneck(_monomial(m, k=outer, C=2), weights, _monomial(m * n, k=outer, C=2), others, Sum(terms))


def _monomial(factor: int, **exponents: int) -> Node:
    """A number times powers of variables; 0 for the number 0."""
    powers = [
        Name(name) if exponent == 1 else Power(Name(name), num(exponent))
        for name, exponent in exponents.items()
        if exponent
    ]
    return Product((*([num(factor)] if factor != 1 else []), *powers)) if factor else num(0)
