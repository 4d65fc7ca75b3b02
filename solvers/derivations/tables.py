"""Vectors and matrices of the numbers of ``arithmetic``: a vector is a table of one column."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from flint import fmpq

from solvers.derivations.arithmetic import Number, Undefined, add, divide, exp, is_zero, multiply, negate, sqrt

ZERO, ONE = fmpq(0), fmpq(1)


class Table(NamedTuple):
    """Entries row by row."""

    rows: tuple[tuple[Number, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def entries(self) -> tuple[Number, ...]:
        """All entries, row by row."""
        return tuple(entry for row in self.rows for entry in row)


Value: TypeAlias = Number | Table


def column(entries: Sequence[Number]) -> Table:
    """A vector."""
    return Table(tuple((entry,) for entry in entries))


def identity(size: int) -> Table:
    """The identity matrix."""
    return Table(tuple(tuple(ONE if i == j else ZERO for j in range(size)) for i in range(size)))


def each(function: Callable[..., Number], *values: Value) -> Value:
    """A function of numbers, entry by entry; numbers go with every entry of the tables beside them."""
    shapes = {value.shape for value in values if isinstance(value, Table)}
    if not shapes:
        return function(*values)
    if len(shapes) > 1:
        raise Undefined(f"tables of shapes {sorted(shapes)} entry by entry")
    ((height, width),) = shapes
    return Table(
        tuple(
            tuple(function(*(v.rows[i][j] if isinstance(v, Table) else v for v in values)) for j in range(width))
            for i in range(height)
        )
    )


def total(left: Value, right: Value) -> Value:
    """The sum of two numbers, or of two tables of one shape; 0, which 0 times a table is, goes with any."""
    if isinstance(left, Table) == isinstance(right, Table):
        return each(add, left, right)
    table, number = (left, right) if isinstance(left, Table) else (right, left)
    if isinstance(number, Table) or not is_zero(number):
        raise Undefined("a number plus a table")
    return table


def product(left: Value, right: Value) -> Value:
    """The matrix product; a number multiplies every entry. A product with one entry is a number."""
    if not isinstance(left, Table) or not isinstance(right, Table):
        return each(multiply, left, right)
    if left.shape[1] != right.shape[0]:
        raise Undefined(f"a product of shapes {left.shape} and {right.shape}")
    columns = tuple(zip(*right.rows, strict=True))
    made = Table(tuple(tuple(_dot(row, below) for below in columns) for row in left.rows))
    return made.rows[0][0] if made.shape == (1, 1) else made


def dot(left: Value, right: Value) -> Number:
    """The sum of the products of entries."""
    if not isinstance(left, Table) or not isinstance(right, Table):
        if isinstance(left, Table) or isinstance(right, Table):
            raise Undefined("the inner product of a number and a table")
        return multiply(left, right)
    if len(left.entries) != len(right.entries):
        raise Undefined(f"the inner product of shapes {left.shape} and {right.shape}")
    return _dot(left.entries, right.entries)


def _dot(left: Sequence[Number], right: Sequence[Number]) -> Number:
    result: Number = ZERO
    for a, b in zip(left, right, strict=True):
        result = add(result, multiply(a, b))
    return result


def norm(value: Value) -> Number:
    """The Euclidean norm."""
    return sqrt(dot(value, value))


def transposed(value: Value) -> Value:
    """The transpose; a number is its own."""
    return Table(tuple(zip(*value.rows, strict=True))) if isinstance(value, Table) else value


def trace(value: Value) -> Number:
    """The sum of the diagonal."""
    if not isinstance(value, Table):
        return value
    result: Number = ZERO
    for place, row in enumerate(value.rows):
        result = add(result, row[place])
    return result


def determinant(value: Value) -> Number:
    """The determinant, by expansion along the first row."""
    if not isinstance(value, Table):
        return value
    if value.shape == (1, 1):
        return value.rows[0][0]
    result: Number = ZERO
    for place, entry in enumerate(value.rows[0]):
        term = multiply(entry, determinant(_minor(value, 0, place)))
        result = add(result, negate(term) if place % 2 else term)
    return result


def _minor(value: Table, row: int, column: int) -> Table:
    rows = [entries for place, entries in enumerate(value.rows) if place != row]
    return Table(tuple(entries[:column] + entries[column + 1 :] for entries in rows))


def inverse(value: Value) -> Value:
    """The inverse of a number or a square matrix, by cofactors."""
    if not isinstance(value, Table):
        return divide(ONE, value)
    size, whole = value.shape[0], determinant(value)
    if size == 1:
        return divide(ONE, value.rows[0][0])

    def cofactor(i: int, j: int) -> Number:
        minor = determinant(_minor(value, j, i))
        return divide(negate(minor) if (i + j) % 2 else minor, whole)

    return Table(tuple(tuple(cofactor(i, j) for j in range(size)) for i in range(size)))


def diagonal(value: Value) -> Value:
    """The matrix with a vector on its diagonal."""
    if not isinstance(value, Table):
        return value
    entries = value.entries
    return Table(tuple(tuple(e if i == j else ZERO for j in range(len(entries))) for i, e in enumerate(entries)))


def softmax(value: Value) -> Value:
    """Exponentials over their sum: of a vector, or of each row of a matrix."""
    if not isinstance(value, Table):
        raise Undefined("the softmax of a number")
    if value.shape[1] == 1:
        return transposed(softmax(transposed(value)))
    return Table(tuple(_softmax(row) for row in value.rows))


def _softmax(row: Sequence[Number]) -> tuple[Number, ...]:
    sizes = [exp(entry) for entry in row]
    whole = sizes[0]
    for size in sizes[1:]:
        whole = add(whole, size)
    return tuple(divide(size, whole) for size in sizes)


def entry(value: Value, indices: Sequence[int]) -> Number:
    """An entry, counted from 1."""
    if not isinstance(value, Table):
        raise Undefined("an entry of a number")
    height, width = value.shape
    row, place = (*indices, 1) if len(indices) == 1 and width == 1 else (1, *indices) if len(indices) == 1 else indices
    if not (1 <= row <= height and 1 <= place <= width):
        raise Undefined(f"entry {tuple(indices)} of a table of shape {value.shape}")
    return value.rows[row - 1][place - 1]
