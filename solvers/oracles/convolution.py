"""Convolutions by other means: torch layers in float64, single bright pixels, and loops that count.

Sources: the documentation of torch.nn and torch.nn.functional; no formula of ``solvers.convolution`` is used.
"""

from fractions import Fraction

import torch
from torch import nn
from torch.nn import functional as F

Matrix = tuple[tuple[int, ...], ...]


def output_side(n: int, k: int, s: int, p: int, d: int) -> int:
    """Side of the output that torch computes for an n x n image, px."""
    image, kernel = torch.empty(1, 1, n, n, device="meta"), torch.empty(1, 1, k, k, device="meta")
    return F.conv2d(image, kernel, stride=s, padding=p, dilation=d).shape[-1]


def padded_side(n: int, p: int) -> int:
    """Side of an n x n image after torch has padded it with p zeros on every side, px."""
    return F.pad(torch.empty(n, n, device="meta"), (p, p, p, p)).shape[-1]


def kernel_extent(k: int, d: int) -> int:
    """Pixels from the first to the last that a dilated kernel touches, both included, by unfolding pixel numbers."""
    side = k * d
    pixels = torch.arange(float(side), dtype=torch.float64).reshape(1, 1, 1, side)
    touched = F.unfold(pixels, (1, k), dilation=(1, d))[0, :, 0]
    return int(touched.max() - touched.min()) + 1


def starts(n: int, k: int, p: int, d: int) -> list[int]:
    """All pixels of the padded input, counted from 0, at which a dilated kernel can start, by trying each one."""
    padded = range(n + 2 * p)
    return [start for start in padded if all(start + d * tap in padded for tap in range(k))]


def cross_correlation(image: Matrix, kernel: Matrix) -> Matrix:
    """The output that torch computes, rows x columns."""
    x, w = (torch.tensor(matrix, dtype=torch.float64)[None, None] for matrix in (image, kernel))
    return tuple(tuple(int(y) for y in row) for row in F.conv2d(x, w)[0, 0].tolist())


def parameters(c_in: int, c_out: int, k: int, groups: int, bias: bool) -> tuple[int, int, int]:
    """Weights of one output channel, weights and biases of torch's layer."""
    layer = nn.Conv2d(c_in, c_out, k, groups=groups, bias=bias, device="meta")
    return layer.weight[0].numel(), layer.weight.numel(), layer.bias.numel() if layer.bias is not None else 0


def dense_equivalent(h: int, w: int, c_in: int, c_out: int, k: int, p: int) -> dict[str, int | Fraction]:
    """Sizes of torch's convolution layer and of the linear layer between the same tensors, by name."""
    image, layer = torch.empty(1, c_in, h, w, device="meta"), nn.Conv2d(c_in, c_out, k, padding=p, device="meta")
    output = layer(image)
    linear = nn.Linear(image.numel(), output.numel(), device="meta")
    return {
        "inputs": linear.in_features,
        "height": output.shape[2],
        "width": output.shape[3],
        "outputs": linear.out_features,
        "weights": linear.weight.numel(),
        "dense": sum(tensor.numel() for tensor in linear.parameters()),
        "convolution": layer.weight.numel(),
        "ratio": Fraction(linear.weight.numel(), layer.weight.numel()),
    }


def reached_pixels(kernels: tuple[int, ...], strides: tuple[int, ...], dilations: tuple[int, ...]) -> list[range]:
    """For a stack of one-dimensional layers: the pixels that the first and the second unit of the last layer span.

    Images of a single bright pixel are sent through, one for each pixel, to see which of them light up the unit.
    """
    length = 2
    for k, s, d in zip(reversed(kernels), reversed(strides), reversed(dilations), strict=True):
        length = (length - 1) * s + (k - 1) * d + 1
    units = torch.eye(length, dtype=torch.float64)[:, None]
    for k, s, d in zip(kernels, strides, dilations, strict=True):
        units = F.conv1d(units, torch.ones(1, 1, k, dtype=torch.float64), stride=s, dilation=d)
    lit = [unit.nonzero() for unit in units[:, 0].T]
    return [range(int(pixels.min()), int(pixels.max()) + 1) for pixels in lit]


def multiply_accumulates(n: int, c_in: int, c_out: int, k: int, s: int, p: int) -> tuple[int, int, int, int]:
    """Output side, products of one output, outputs, and all products, by adding up products that are all 1.

    The image is padded with ones, so that products with padding count as well.
    """
    image = F.pad(torch.ones(1, c_in, n, n, dtype=torch.float64), (p, p, p, p), value=1.0)
    output = F.conv2d(image, torch.ones(c_out, c_in, k, k, dtype=torch.float64), stride=s)
    return output.shape[-1], int(output[0, 0, 0, 0]), output.numel(), int(output.sum())


def depthwise_separable(c_in: int, c_out: int, k: int) -> tuple[int, int, int]:
    """Weights of torch's depthwise layer, of its 1 x 1 layer, and of the ordinary layer that maps the same channels."""
    depthwise = nn.Conv2d(c_in, c_in, k, groups=c_in, bias=False, device="meta")
    pointwise = nn.Conv2d(c_in, c_out, 1, bias=False, device="meta")
    ordinary = nn.Conv2d(c_in, c_out, k, bias=False, device="meta")
    image = torch.empty(1, c_in, k, k, device="meta")
    assert pointwise(depthwise(image)).shape == ordinary(image).shape
    return depthwise.weight.numel(), pointwise.weight.numel(), ordinary.weight.numel()


def bottleneck(m: int, n: int, middle: str, learned: int, k: int, c: int, g: int) -> tuple[int, int, int, int]:
    """Weights of torch's layers C -> mC -> mC -> nC, and their biases or the parameters of their normalisations."""
    groups = {"ordinary": 1, "grouped": g, "depthwise": m * c}[middle]
    layers = [
        nn.Conv2d(c, m * c, 1, bias=learned == 1, device="meta"),
        nn.Conv2d(m * c, m * c, k, groups=groups, bias=learned == 1, device="meta"),
        nn.Conv2d(m * c, n * c, 1, bias=learned == 1, device="meta"),
    ]
    norms = [nn.BatchNorm2d(layer.out_channels, device="meta") for layer in layers] if learned == 2 else []
    biases = [layer.bias for layer in layers if layer.bias is not None]
    others = sum(tensor.numel() for tensor in (*biases, *(p for norm in norms for p in norm.parameters())))
    widening, filters, projection = (layer.weight.numel() for layer in layers)
    return widening, filters, projection, others
