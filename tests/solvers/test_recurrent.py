"""Recurrent cells against hand calculations and torch's own layers."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from solvers import oracles, recurrent


def test_step_by_hand() -> None:
    step = recurrent.lstm_step(2, Fraction(1, 2), 3, 3, 2)
    assert (step.i, step.f, step.g, step.o) == (Fraction(2, 3), Fraction(1, 3), Fraction(4, 5), Fraction(3, 4))
    assert (step.kept, step.admitted, step.c) == (Fraction(2, 3), Fraction(8, 15), Fraction(6, 5))
    assert (step.squashed, step.h) == (Decimal("0.8337"), Decimal("0.625"))


def test_step_agrees_with_torch() -> None:
    powers = (Fraction(1, 5), Fraction(1, 2), Fraction(1), Fraction(3))
    for i, f, g, o in product(powers, repeat=4):
        step = recurrent.lstm_step(i, f, g, o, Fraction(-3, 2))
        witness = oracles.recurrent.lstm_step(i, f, g, o, Fraction(-3, 2))
        exact = (step.i, step.f, step.g, step.o, step.kept, step.admitted, step.c)
        assert [float(x) for x in exact] == pytest.approx(list(witness[:7]), abs=1e-12)
        assert abs(float(step.squashed) - witness.squashed) <= 5.1e-5
        assert abs(float(step.h) - witness.h) <= 5.1e-4


@pytest.mark.parametrize(
    ("cell", "bias_vectors", "total"),
    [("RNN", 2, 95), ("RNN", 1, 90), ("GRU", 2, 285), ("GRU", 1, 270), ("LSTM", 2, 380), ("LSTM", 0, 340)],
)
def test_parameter_counts(cell: str, bias_vectors: int, total: int) -> None:
    count = recurrent.parameter_count(recurrent.BLOCKS[cell], 12, 5, bias_vectors)
    assert count.total == total == sum(oracles.recurrent.parameter_sizes(cell, 12, 5, bias_vectors).values())


@pytest.mark.parametrize("cell", recurrent.ROWS)
@pytest.mark.parametrize("tensor", ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
def test_rows_are_where_pytorch_puts_them(cell: str, tensor: str) -> None:
    assert oracles.recurrent.row_blocks(cell, tensor) == recurrent.ROWS[cell]


def test_roles_and_stages_show_in_experiments() -> None:
    assert oracles.recurrent.gate_roles() == recurrent.ROLES
    assert oracles.recurrent.runnable_stage_orders() == {
        recurrent.STAGES,
        ("input", "forget", "cell", "output"),  # forget gate and input stage do not need each other
    }
    assert recurrent.roles("abcd", (1, 3, 0, 2)).pairs == (
        ("a", "proposes"),
        ("b", "keeps"),
        ("c", "shows"),
        ("d", "admits"),
    )
