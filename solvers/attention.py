"""Dot-product attention by hand: without softmax, with exact weights, to decimals, under a mask, and what it costs.

Source: Vaswani et al. 2017, arXiv:1706.03762, sections 3.2.1 and 3.2.2. Tokens, keys and values are rows; d_k is the
width of one head; a softmax runs over the keys of each query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from math import prod
from operator import mul
from typing import TypeVar

from solvers.exact import rounded

Vector = tuple[int, ...]
Matrix = tuple[Vector, ...]
N = TypeVar("N", int, Fraction)


def times(matrix: Matrix, vector: Sequence[int]) -> Vector:
    """Matrix times column vector: entry r is the inner product of row r with ``vector``."""
    return tuple(sum(map(mul, row, vector)) for row in matrix)


def transposed(matrix: Matrix) -> Matrix:
    """Rows become columns."""
    return tuple(zip(*matrix, strict=True))


def weighted_sum(weights: Sequence[N], rows: Matrix) -> tuple[N, ...]:
    """sum_j weights[j] * rows[j]."""
    return tuple(sum(map(mul, weights, column), type(weights[0])(0)) for column in transposed(rows))


@dataclass(frozen=True, slots=True)
class Unscaled:
    """Attention without scale and softmax."""

    values: Matrix  # n x d, row j is W a_j: query, key and value of token j at once
    scores: Vector  # n
    output: Vector  # d


@lru_cache(maxsize=64)
def unscaled(weight: Matrix, tokens: Matrix, query: int) -> Unscaled:
    """Output b = sum_j (q . k_j) v_j for token ``query`` (from 1), where q = k = v = W a with W (d x d) on the left."""
    values = tuple(times(weight, token) for token in tokens)
    scores = times(values, values[query - 1])
    return Unscaled(values, scores, weighted_sum(scores, values))


@dataclass(frozen=True, slots=True)
class Exact:
    """Softmax attention of one query whose weights are rational."""

    odds: Vector  # n, e to the scaled score
    total: int
    weights: tuple[Fraction, ...]  # n, odds / total
    output: tuple[Fraction, ...]  # d_v


def from_odds(odds: Vector, values: Matrix) -> Exact:
    """Attention over keys whose scaled scores are ln(odds), with the rows of ``values`` (n x d_v)."""
    total = sum(odds)
    weights = tuple(Fraction(m, total) for m in odds)
    return Exact(odds, total, weights, tuple(Fraction(s, total) for s in weighted_sum(odds, values)))


@lru_cache(maxsize=64)
def odds_of(ratios: Vector, keys: Matrix) -> Vector:
    """exp(q . k_j / sqrt(d_k)) for the query with entries sqrt(d_k) ln(ratio) and keys without negative entries."""
    return tuple(prod(map(pow, ratios, key)) for key in keys)


@dataclass(frozen=True, slots=True)
class Rounded:
    """Softmax attention of one query to decimals; weights and output are rounded once, from 24 digits."""

    scores: Vector  # n, q . k_j
    powers: tuple[Decimal, ...]  # n, e to the scaled score, 5 decimals
    total: Decimal  # sum of the powers as printed
    weights: tuple[Decimal, ...]  # n, 3 decimals
    output: tuple[Decimal, ...]  # d_v, 3 decimals


_DIGITS = 24  # significant digits of every step before the one rounding


@lru_cache(maxsize=64)
def scaled(query: Vector, keys: Matrix, values: Matrix, divisor: Decimal | None = None) -> Rounded:
    """softmax(q K^T / divisor) V for one query; the divisor is sqrt(d_k) unless it is given."""
    return weigh(times(keys, query), exponentials(query, keys, divisor), values)


@lru_cache(maxsize=64)
def exponentials(query: Vector, keys: Matrix, divisor: Decimal | None = None) -> tuple[Decimal, ...]:
    """exp(q . k_j / divisor) to 24 digits; the divisor is sqrt(d_k) unless it is given."""
    scale = divisor or _root(len(query))
    return tuple(_power(score, scale) for score in times(keys, query))


@cache
def _root(width: int) -> Decimal:
    with localcontext(prec=_DIGITS):
        return Decimal(width).sqrt()


@lru_cache(maxsize=1024)
def _power(score: int, divisor: Decimal) -> Decimal:
    """exp(score / divisor). Small integers give few different scores, and an exponential takes long."""
    with localcontext(prec=_DIGITS):
        return (Decimal(score) / divisor).exp()


def weigh(scores: Vector, powers: Sequence[Decimal], values: Matrix, total: Decimal | None = None) -> Rounded:
    """Weights powers / total, and the rows of ``values`` added under them; the total is the sum unless it is given."""
    shown = tuple(rounded(p, 5) for p in powers)
    with localcontext(prec=_DIGITS):
        return Rounded(scores, shown, sum(shown, Decimal(0)), *_shares(powers, values, total))


def _shares(
    powers: Sequence[Decimal], values: Matrix, total: Decimal | None = None
) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """Weights and output to 3 decimals."""
    total = total or sum(powers, Decimal(0))
    weights = tuple(rounded(p / total, 3) for p in powers)
    return weights, tuple(rounded(sum(map(mul, powers, column)) / total, 3) for column in transposed(values))


def mixed(weights: Sequence[Decimal], values: Matrix) -> tuple[Decimal, ...]:
    """The rows of ``values`` added under weights that are known to some decimals, to 3 decimals."""
    with localcontext(prec=_DIGITS):
        return tuple(rounded(sum(map(mul, weights, column)), 3) for column in transposed(values))


def reproducible(t: Rounded, values: Matrix) -> bool:
    """The powers as printed lead to the same weights and output as the unrounded ones."""
    return _shares(t.powers, values) == (t.weights, t.output)


@dataclass(frozen=True, slots=True)
class MaskedRow:
    """One row of masked softmax attention; positions count from 1."""

    hidden: Vector  # positions that get weight 0
    zeros: int  # masked entries in the whole n x n matrix
    kept: int  # sum of the odds that remain
    weights: tuple[Fraction, ...]  # n


def masked_row(odds: Vector, row: int, ahead: int = 0) -> MaskedRow:
    """Row ``row`` (from 1) of softmax(scores + mask), where its scores are ln(odds) and the mask is 0 or -infinity.

    Position i sees the positions 1 to i + ``ahead``; with 0 the mask is causal and the diagonal open.
    """
    n, last = len(odds), row + ahead
    kept = sum(odds[:last])
    return MaskedRow(
        hidden=tuple(range(last + 1, n + 1)),
        zeros=sum(max(0, n - i - ahead) for i in range(1, n + 1)),
        kept=kept,
        weights=tuple(Fraction(m, kept) for m in odds[:last]) + (Fraction(0),) * (n - last),
    )


@dataclass(frozen=True, slots=True)
class MultiHead:
    """Shapes (rows, columns) and parameters of multi-head self-attention."""

    width: int  # columns of one head, d / h
    projection: tuple[int, int]  # W_i^Q, W_i^K and W_i^V
    weights: tuple[int, int]  # attention weights of one head
    plain: int  # parameters without biases
    bias: int  # entries of the biases
    full: int  # parameters with biases


def multi_head(n: int, d: int, h: int, width: int = 0) -> MultiHead:
    """``h`` heads on ``n`` tokens of width ``d``, then W^O; a bias for each of Q, K, V and O.

    ``width`` is that of one head, d_k = d_v, and d/h if it is 0.
    """
    width = width or d // h
    plain = h * 3 * d * width + (h * width) * d
    bias = h * 3 * width + d
    return MultiHead(width, (d, width), (n, n), plain, bias, plain + bias)


@dataclass(frozen=True, slots=True)
class ScoreCost:
    """Multiplications in Q K^T and their growth."""

    pairs: int  # scores, n x n
    cost: int  # multiplications, one per term of each inner product
    growth: int  # factor by which the multiplications grow


def score_cost(n: int, d: int, longer: int, wider: int) -> ScoreCost:
    """Multiplications of Q K^T for n x d matrices, and their growth when n and d are multiplied by the two factors."""
    return ScoreCost(n * n, n * n * d, longer * longer * wider)
