"""Convolutions by other means: torch layers in float64, gradients, and loops that count.

Sources: the documentation of torch.nn.Conv2d and torch.nn.functional; no formula of ``solvers.convolution`` is used.
"""

import torch
from torch.nn import functional as F


def output_side(n: int, k: int, s: int, p: int, d: int) -> int:
    """Side of the output that torch computes for an n x n image, px."""
    image, kernel = torch.empty(1, 1, n, n, device="meta"), torch.empty(1, 1, k, k, device="meta")
    return F.conv2d(image, kernel, stride=s, padding=p, dilation=d).shape[-1]


def padded_side(n: int, p: int) -> int:
    """Side of an n x n image after torch has padded it with p zeros on every side, px."""
    return F.pad(torch.empty(n, n, device="meta"), (p, p, p, p)).shape[-1]


def kernel_extent(k: int, d: int) -> int:
    """Distance from the first to the last pixel that a dilated kernel touches, both included, by unfolding pixel numbers."""
    side = k * d
    pixels = torch.arange(float(side), dtype=torch.float64).reshape(1, 1, 1, side)
    touched = F.unfold(pixels, (1, k), dilation=(1, d))[0, :, 0]
    return int(touched.max() - touched.min()) + 1


def starts(n: int, k: int, p: int, d: int) -> list[int]:
    """All pixels of the padded input, counted from 0, at which a dilated kernel can start, by trying each one."""
    padded = range(n + 2 * p)
    return [start for start in padded if all(start + d * tap in padded for tap in range(k))]
