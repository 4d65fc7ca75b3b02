"""Vectors and matrices of the lines of derivations."""

import pytest
from flint import fmpq

from solvers.derivations.arithmetic import Undefined
from solvers.derivations.tables import column, total

VECTOR = column([fmpq(2), fmpq(3, 5)])


def test_zero_times_a_vector_goes_with_vectors() -> None:
    assert total(VECTOR, fmpq(0)) == total(fmpq(0), VECTOR) == VECTOR


def test_no_other_number_goes_with_vectors() -> None:
    with pytest.raises(Undefined, match="a number plus a table"):
        total(VECTOR, fmpq(1))
