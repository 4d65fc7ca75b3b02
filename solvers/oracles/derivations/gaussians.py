"""Gaussians and the points at which averages under them are taken."""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from solvers.oracles.derivations import tensors

REACH = 11.0
"""How far a rule for the standard Gaussian goes: beyond, its density is below 1e-26."""


class NotGaussian(ArithmeticError):
    """The logarithm of a density is no quadratic function."""


class Rule(NamedTuple):
    """How averages are taken: nodes of Gauss-Hermite per variable; step and reach of a grid in deviations; a seed."""

    nodes: int
    step: float
    reach: float
    seed: int | None = None


class Quadratic(NamedTuple):
    """The logarithm of a Gaussian times a mass: constant + slope v - v precision v / 2, in the variables ``keys``."""

    keys: tuple[str, ...]
    constant: Tensor  # (axes)
    slope: Tensor  # (axes, d)
    precision: Tensor  # (axes, d, d)

    def _places(self, keys: Iterable[str]) -> tuple[list[int], list[int]]:
        chosen = set(keys)
        inside = [place for place, key in enumerate(self.keys) if key in chosen]
        return inside, [place for place in range(len(self.keys)) if place not in inside]

    def without(self, keys: Iterable[str]) -> "Quadratic":
        """Some variables integrated out: a Schur complement."""
        gone, kept = self._places(keys)
        if not gone:
            return self
        inner, cross = self.precision[..., gone, :][..., gone], self.precision[..., kept, :][..., gone]
        factor, failed = torch.linalg.cholesky_ex(inner)
        if bool(failed.any()):
            raise NotGaussian
        mean = torch.cholesky_solve(self.slope[..., gone, None], factor)
        volume = len(gone) / 2 * math.log(2 * math.pi) - factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return Quadratic(
            tuple(self.keys[place] for place in kept),
            self.constant + volume + (self.slope[..., None, gone] @ mean)[..., 0, 0] / 2,
            self.slope[..., kept] - (cross @ mean)[..., 0],
            self.precision[..., kept, :][..., kept] - cross @ torch.cholesky_solve(cross.mT, factor),
        )

    def at(self, values: Mapping[str, Tensor]) -> "Quadratic":
        """Some variables fixed; their values are numbers, along axes perhaps."""
        known, kept = self._places(values)
        if not known:
            return self
        numbers = tensors.together(*(values[self.keys[place]][..., 0, 0] for place in known))
        point = torch.stack(numbers, -1)
        pull = (self.precision[..., known] @ point[..., None])[..., 0]
        constant = self.constant + ((self.slope[..., known] - pull[..., known] / 2) * point).sum(-1)
        slope, precision = self.slope[..., kept] - pull[..., kept], self.precision[..., kept, :][..., kept]
        return Quadratic(tuple(self.keys[place] for place in kept), constant, slope, precision)

    def mass(self) -> Tensor:
        """The logarithm of the integral over all variables."""
        return self.without(self.keys).constant

    def spread(self) -> tuple[Tensor, Tensor]:
        """The mean, and a factor of the covariance."""
        factor, failed = torch.linalg.cholesky_ex(self.precision)
        if bool(failed.any()):
            raise NotGaussian
        unit = torch.eye(len(self.keys), dtype=torch.float64)
        mean = torch.cholesky_solve(self.slope[..., None], factor)[..., 0]
        return mean, torch.linalg.solve_triangular(factor.mT, unit, upper=True)


@lru_cache(maxsize=64)
def standard(rule: Rule, dimensions: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights for the standard Gaussian: a trapezoidal rule on the line, Gauss-Hermite products elsewhere."""
    if dimensions == 1:
        last = round(REACH / rule.step)
        points = np.arange(-last, last + 1) * rule.step
        weights = np.exp(-(points**2) / 2)
    else:
        points, weights = np.polynomial.hermite_e.hermegauss(rule.nodes)
    axes, shares = [torch.from_numpy(points)] * dimensions, [torch.from_numpy(weights / weights.sum())] * dimensions
    if dimensions == 1:
        return axes[0][:, None], shares[0]
    return torch.cartesian_prod(*axes), torch.cartesian_prod(*shares).prod(-1)
