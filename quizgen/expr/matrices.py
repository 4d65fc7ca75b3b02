"""Vectors, matrices, and identity matrices whose size only their neighbours tell, with entries of ``scalars``.

A vector has one column. What has a single entry is a number: ``x^T y`` is one.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_mat

from quizgen.expr.scalars import (
    ONE,
    SCALAR,
    ZERO,
    Limit,
    Mismatch,
    Pole,
    Scalar,
    Unclear,
    absolute,
    exp,
    integer,
    quotient,
    sqrt,
    tidy,
)

LARGEST = 8
"""The most rows or columns that are computed with."""

_POWER = 64


class Matrix(NamedTuple):
    """Entries row by row."""

    rows: tuple[tuple[Scalar, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def entries(self) -> tuple[Scalar, ...]:
        """All entries, row by row."""
        return tuple(entry for row in self.rows for entry in row)


class Unsized(NamedTuple):
    """A multiple of the identity matrix, or of a column (``ones``) or row of ones, of a size still open."""

    kind: str
    factor: Scalar


Value: TypeAlias = Scalar | Matrix | Unsized
Plus: TypeAlias = Callable[[Scalar, Scalar], Scalar]
"""Addition of numbers, by whoever counts and watches it."""


def matrix(rows: tuple[tuple[Scalar, ...], ...]) -> Value:
    """A matrix, or a number if there is but one entry. Raises Mismatch, Limit."""
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
        raise Mismatch
    if max(len(rows), len(rows[0])) > LARGEST:
        raise Limit
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else Matrix(rows)


def _shaped(entries: list[Scalar], shape: tuple[int, int]) -> Matrix:
    width = shape[1]
    return Matrix(tuple(tuple(entries[start : start + width]) for start in range(0, len(entries), width)))


def sized(value: Unsized, shape: tuple[int, int]) -> Matrix:
    """An identity matrix or ones in a given shape. Raises Mismatch."""
    height, width = shape
    if value.kind == "identity":
        if height != width:
            raise Mismatch
        return Matrix(tuple(tuple(value.factor if i == j else ZERO for j in range(width)) for i in range(height)))
    return Matrix(((value.factor,) * width,) * height)


def add(left: Value, right: Value, plus: Plus) -> Value:
    """The sum of two things of one shape. Raises Mismatch."""
    if isinstance(left, Unsized) and isinstance(right, Unsized) and left.kind == right.kind:
        return Unsized(left.kind, plus(left.factor, right.factor))
    if isinstance(left, Unsized) and isinstance(right, Matrix):
        left = sized(left, right.shape)
    elif isinstance(right, Unsized) and isinstance(left, Matrix):
        right = sized(right, left.shape)
    if isinstance(left, Matrix) and isinstance(right, Matrix) and left.shape == right.shape:
        return Matrix(tuple(tuple(map(plus, *rows)) for rows in zip(left.rows, right.rows, strict=True)))
    raise Mismatch


def scaled(value: Matrix | Unsized, factor: Scalar) -> Value:
    """A multiple."""
    if isinstance(value, Unsized):
        return Unsized(value.kind, tidy(factor * value.factor))
    return Matrix(tuple(tuple(tidy(factor * entry) for entry in row) for row in value.rows))


def multiply(left: Value, right: Value, plus: Plus) -> Value:
    """The matrix product, or a multiple. Raises Mismatch."""
    if isinstance(left, SCALAR):
        return tidy(left * right) if isinstance(right, SCALAR) else scaled(right, left)
    if isinstance(right, SCALAR):
        return scaled(left, right)
    if isinstance(left, Unsized) and left.kind == "identity":
        return scaled(right, left.factor)
    if isinstance(right, Unsized) and right.kind == "identity":
        return scaled(left, right.factor)
    if isinstance(left, Unsized) and isinstance(right, Matrix) and left.kind == "row":
        left = sized(left, (1, right.shape[0]))
    if isinstance(right, Unsized) and isinstance(left, Matrix) and right.kind == "ones":
        right = sized(right, (left.shape[1], 1))
    if not isinstance(left, Matrix) or not isinstance(right, Matrix) or left.shape[1] != right.shape[0]:
        raise Mismatch
    columns = tuple(zip(*right.rows, strict=True))
    return matrix(tuple(tuple(_dot(row, column, plus) for column in columns) for row in left.rows))


def _dot(left: tuple[Scalar, ...], right: tuple[Scalar, ...], plus: Plus) -> Scalar:
    total: Scalar = ZERO
    for a, b in zip(left, right, strict=True):
        total = plus(total, a * b)
    return tidy(total)


def dot(left: Value, right: Value, plus: Plus) -> Value:
    """The sum of the products of entries: of vectors, columns or rows, or of two matrices of one shape."""
    if isinstance(left, SCALAR) and isinstance(right, SCALAR):
        return tidy(left * right)
    if isinstance(left, Unsized) and isinstance(right, Matrix):
        left = sized(left, right.shape)
    if isinstance(right, Unsized) and isinstance(left, Matrix):
        right = sized(right, left.shape)
    if not isinstance(left, Matrix) or not isinstance(right, Matrix):
        raise Mismatch
    if left.shape != right.shape and (left.shape != right.shape[::-1] or 1 not in left.shape):
        raise Mismatch
    return _dot(left.entries, right.entries, plus)


def elementwise(function: Callable[..., Scalar], arguments: list[Value]) -> Value:
    """A function of numbers for every entry; numbers go with each entry of the matrices beside them."""
    shapes = {argument.shape for argument in arguments if isinstance(argument, Matrix)}
    if len(shapes) > 1:
        raise Mismatch
    if not shapes:
        return function(*map(scalar, arguments))
    (shape,) = shapes
    full = [sized(value, shape) if isinstance(value, Unsized) else value for value in arguments]
    columns = [value.entries if isinstance(value, Matrix) else (value,) * (shape[0] * shape[1]) for value in full]
    return _shaped([function(*entries) for entries in zip(*columns, strict=True)], shape)


def scalar(value: Value) -> Scalar:
    """``value`` as a number. Raises Mismatch."""
    if isinstance(value, SCALAR):
        return value
    raise Mismatch


def entry(value: Value, indices: tuple[int, ...]) -> Value:
    """An entry of a vector or matrix, counted from 1. Raises Limit for one that is not there."""
    if not isinstance(value, Matrix):
        raise Mismatch
    height, width = value.shape
    row, column = indices if len(indices) == 2 else (*indices, 1) if width == 1 else (1, *indices)
    if not (1 <= row <= height and 1 <= column <= width):
        raise Limit
    return value.rows[row - 1][column - 1]


def transpose(value: Value) -> Value:
    """The transpose; a number is its own."""
    if isinstance(value, Unsized):
        return Unsized({"ones": "row", "row": "ones"}.get(value.kind, value.kind), value.factor)
    return Matrix(tuple(zip(*value.rows, strict=True))) if isinstance(value, Matrix) else value


def _square(value: Value) -> Matrix:
    if isinstance(value, Matrix) and value.shape[0] == value.shape[1]:
        return value
    raise Mismatch


def _exact(value: Matrix) -> bool:
    return all(isinstance(entry, fmpq) for entry in value.entries)


def determinant(value: Value) -> Value:
    """The determinant of a square matrix; that of a number is the number."""
    if isinstance(value, SCALAR):
        return value
    square = _square(value)
    if _exact(square):
        return tidy(fmpq_mat(*square.shape, list(square.entries)).det())  # type: ignore[arg-type]  # all exact
    return tidy(arb_mat(*square.shape, list(map(arb, square.entries))).det())


def inverse(value: Value) -> Value:
    """The inverse of a square matrix or a number. Raises Pole if it is singular."""
    if isinstance(value, SCALAR):
        return quotient(ONE, value)
    if isinstance(value, Unsized) and value.kind == "identity":
        return Unsized("identity", quotient(ONE, value.factor))
    square = _square(value)
    exact = _exact(square)
    result: Sequence[Scalar]
    try:
        if exact:
            result = fmpq_mat(*square.shape, list(square.entries)).inv().entries()  # type: ignore[arg-type]
        else:
            result = arb_mat(*square.shape, list(map(arb, square.entries))).inv().entries()
    except ZeroDivisionError:
        raise (Pole if exact else Unclear) from None
    return _shaped([tidy(entry) for entry in result], square.shape)


def matrix_power(base: Value, exponent: Value, plus: Plus) -> Value:
    """A square matrix to an integer power."""
    whole = integer(exponent) if isinstance(exponent, SCALAR) else None
    if whole is None:
        raise Mismatch
    if abs(whole) > _POWER:
        raise Limit
    if isinstance(base, Matrix):
        _square(base)
    factor = inverse(base) if whole < 0 else base
    result: Value = Unsized("identity", ONE)
    for bit in f"{abs(whole):b}":
        result = multiply(result, result, plus)
        if bit == "1":
            result = multiply(result, factor, plus)
    return sized(result, base.shape) if isinstance(result, Unsized) and isinstance(base, Matrix) else result


def trace(value: Value, plus: Plus) -> Value:
    """The sum of the diagonal; that of a number is the number."""
    if isinstance(value, SCALAR):
        return value
    total: Scalar = ZERO
    for place, row in enumerate(_square(value).rows):
        total = plus(total, row[place])
    return tidy(total)


def diagonal(value: Value) -> Value:
    """The matrix with a vector on its diagonal; of a square matrix, the vector that stands there."""
    if not isinstance(value, Matrix):
        raise Mismatch
    if 1 not in value.shape:
        return Matrix(tuple((row[place],) for place, row in enumerate(_square(value).rows)))
    entries = value.entries
    result = [entries[i] if i == j else ZERO for i, j in product(range(len(entries)), repeat=2)]
    return _shaped(result, (len(entries), len(entries)))


def norm(value: Value, plus: Plus) -> Value:
    """The Euclidean norm of a vector, the Frobenius norm of a matrix, the absolute value of a number."""
    if isinstance(value, SCALAR):
        return absolute(value)
    return sqrt(scalar(dot(value, value, plus)))


def norm1(value: Value, plus: Plus) -> Value:
    """The sum of the absolute values of a vector; of a matrix, too many norms go by this name."""
    if isinstance(value, SCALAR):
        return absolute(value)
    if not isinstance(value, Matrix) or 1 not in value.shape:
        raise Mismatch
    total: Scalar = ZERO
    for entry in value.entries:
        total = plus(total, absolute(entry))
    return tidy(total)


def softmax(value: Value, plus: Plus) -> Value:
    """Exponentials over their sum: of all entries of a vector, of each row of a matrix."""
    if not isinstance(value, Matrix):
        raise Mismatch
    if value.shape[1] == 1:
        return transpose(softmax(transpose(value), plus))
    rows = []
    for row in value.rows:
        exponentials = [exp(entry) for entry in row]
        total = ZERO + exponentials[0]
        for entry in exponentials[1:]:
            total = plus(total, entry)
        rows.append(tuple(quotient(entry, total) for entry in exponentials))
    return Matrix(tuple(rows))
