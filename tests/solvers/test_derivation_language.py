"""What the lines of derivations are made of: how it is read, and how it is written."""

import pytest
from flint import fmpq

from quizgen.expr import Node, latex
from solvers.derivations.evaluation import evaluate
from solvers.derivations.language import (
    Call,
    Name,
    density,
    grad,
    integral,
    jacobian,
    ln,
    mul,
    names,
    normal,
    num,
    series,
)
from solvers.derivations.models import REALS, Density, Model, grid, indexed
from solvers.derivations.tables import Table

A, i, n, t, u, v, w, x, y, z = names("A i n t u v w x y z")
f, g, h = map(density, "fgh")

MODEL = Model(
    values={
        "t": 2,
        "y": 5,
        "w": 3,
        "h_0": 7,
        "h_1": w * Name("h_0"),
        "h_2": w * Name("h_1"),
        **indexed("x", [2, 3]),
        **grid("A", [[1, 2], [0, 5]]),
    },
    functions={
        "f_1": (("u",), u**2),
        "f_2": (("u",), u**3),
        "g": (("u",), A * u),
        "h": (("u",), Call("hadamard", (u, u))),
    },
)


def number(tree: Node) -> object:
    """The value on the model."""
    return evaluate(tree, MODEL)


def rows(tree: Node) -> list[list[int]]:
    """The value on the model, a table of whole numbers."""
    value = evaluate(tree, MODEL)
    assert isinstance(value, Table)
    return [[int(entry) for entry in row] for row in value.rows]  # type: ignore[arg-type]  # whole numbers


@pytest.mark.parametrize(
    ("name", "value"),
    [("f_2", 125), ("f_t", 125), ("f_t-1", 25), ("f_2'", 75), ("f_t'", 75), ("f_t''", 30), ("f_t-1'", 10)],
)
def test_functions_with_an_index_and_their_derivatives(name: str, value: int) -> None:
    assert number(density(name)(y)) == fmpq(value)


def test_an_elementwise_function_has_an_elementwise_derivative() -> None:
    assert rows(density("h'")(x)) == [[4], [6]]


def test_a_jacobian_has_a_row_for_each_output() -> None:
    assert rows(jacobian(x, g(x))) == [[1, 2], [0, 5]]
    assert rows(jacobian(x, h(x))) == [[4, 0], [0, 6]]
    assert rows(jacobian(x, Call("dot", (x, x)))) == [[4, 6]]
    assert rows(grad(x, Call("dot", (x, x)))) == [[4], [6]]


def test_derivatives_go_through_values_that_depend_on_others() -> None:
    state = Name("h", (t,))
    assert number(state) == fmpq(63)
    assert number(jacobian(w, state)) == fmpq(2 * 3 * 7)
    assert number(jacobian(Name("h", (t - 1,)), state)) == fmpq(3)
    assert number(jacobian(w, mul(w, Name("h", (num(0),))))) == fmpq(7)


def test_a_density_at_a_vector_that_is_computed() -> None:
    model = Model(
        values=indexed("x", [1, 2]) | grid("A", [[2, 1], [1, 1]]),
        spaces=dict.fromkeys(("x_1", "x_2", "z_1", "z_2"), REALS),
        densities={
            "q": (Density(("z_1", "z_2"), normal(Name("z_1"), 4, 1) * normal(Name("z_2"), 3, 2)),),
            "p": (Density(("x_1", "x_2"), normal(Name("x_1"), 1, 1) * normal(Name("x_2"), 2, 2)),),
        },
        functions={"g": (("u",), A * u)},
    )
    assert 0 in evaluate(density("p")(x) - density("q")(g(x)), model)  # type: ignore[operator]  # a ball
    assert evaluate(integral(x, density("q")(g(x))), model) == fmpq(1)  # det A = 1


def test_a_logarithm_as_a_value() -> None:
    assert fmpq(3) in evaluate(Call("exp", (v,)), Model(values={"v": ln(3)}))  # type: ignore[operator]  # a ball


@pytest.mark.parametrize(
    ("tree", "written"),
    [
        (density("f_l'")(x), r"f_{l}'\left(x\right)"),
        (y * series("i", 1, n, Name("x", (i,))), r"y \sum_{i=1}^{n} x_{i}"),
        (mul(series("i", 1, n, Name("x", (i,))), y), r"\left(\sum_{i=1}^{n} x_{i}\right) \cdot y"),
        (mul(y * series("i", 1, n, Name("x", (i,))), z), r"\left(y \sum_{i=1}^{n} x_{i}\right) z"),
        (-series("i", 1, n, Name("x", (i,))), r"-\sum_{i=1}^{n} x_{i}"),
        (y * grad(x, f(x)), r"y \nabla_{x} f\left(x\right)"),
        (jacobian(x, x + f(x)), r"\frac{\partial \left(x + f\left(x\right)\right)}{\partial x}"),
        (ln(Call("abs", (x,))), r"\ln \left|x\right|"),
    ],
)
def test_what_reaches_to_the_end_of_a_product(tree: Node, written: str) -> None:
    assert latex(tree) == written
