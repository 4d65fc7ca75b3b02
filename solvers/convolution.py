"""Convolution layers: sizes, receptive fields, parameters, costs, and small cross-correlations by hand.

Conventions, all PyTorch's: "convolution" is cross-correlation (the kernel is not flipped), padding is counted per side,
dilation 1 is the ordinary kernel, and a kernel is placed only where it lies entirely inside the padded input.
"""

from dataclasses import dataclass


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
    effective = k + (k - 1) * (d - 1)
    padded = n + 2 * p
    last = padded - effective
    if last < 0:
        raise ValueError(f"a kernel of extent {effective} does not fit into a padded input of side {padded}")
    return OutputSide(effective, padded, last, last // s + 1)
