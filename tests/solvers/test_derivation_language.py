"""What the lines of derivations are made of: how it is read, and how it is written."""

from dataclasses import replace

import pytest
from flint import arb, fmpq

from quizgen.expr import Node, latex
from solvers.derivations import waves
from solvers.derivations.arithmetic import Curve, Dual, Undefined
from solvers.derivations.evaluation import evaluate
from solvers.derivations.language import (
    Call,
    D,
    E,
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
from solvers.derivations.waves import symbol

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


def test_an_entry_of_a_path_is_one_variable() -> None:
    """q(x_2 | x_0) is a marginal of q(x_1, x_2 | x_0); it is not the density of x_1 at another place."""
    start, middle, end = (Name("x", (num(place),)) for place in range(3))
    first, second = normal(middle, start, 1), normal(end, 2 * middle, 3)
    model = Model(
        values={"x_0": 1, "x_2": 5},
        spaces={"x": REALS},
        densities={"q": (Density(("x_1",), first, ("x_0",)), Density(("x_1", "x_2"), first * second, ("x_0",)))},
    )
    assert 0 in evaluate(density("q")(end, given=start) - normal(end, 2, 7), model)  # type: ignore[operator]  # a ball


def test_a_curve_and_its_slope_at_a_point() -> None:
    """(x^2 + y) exp(x y - x^2) and its derivative by x, in which y moves along with the slope 3."""
    a, b = symbol("x"), symbol("y")
    size = waves.add(waves.multiply(a, a), b)
    exponent = waves.add(waves.multiply(a, b), waves.multiply(fmpq(-1), waves.multiply(a, a)))
    curve = Curve(waves.multiply(size, waves.exp(exponent)))
    at = {"x": fmpq(1, 2), "y": fmpq(2)}
    found = curve.at({"x": Dual(at["x"], fmpq(1), 1), "y": Dual(at["y"], fmpq(3), 1)})
    assert isinstance(found, Dual)
    grown = arb(fmpq(3, 4)).exp()
    assert 0 in found.value - fmpq(9, 4) * grown  # type: ignore[operator]  # balls
    assert 0 in found.slope - (4 + fmpq(9, 4) * (2 + fmpq(3, 2) - 1)) * grown  # type: ignore[operator]


def test_a_model_remembers_its_averages_but_not_those_of_other_values() -> None:
    p = density("p")
    model = Model(values={"y": 2}, spaces={"x": REALS}, densities={"p": (Density(("x",), normal(x, y, 1)),)})
    assert evaluate(E(p(x), x**2), model) == 5
    assert evaluate(E(p(x), x**2), model, {"y": fmpq(3)}) == 10
    assert evaluate(E(p(x), x**2), model) == 5
    assert evaluate(D(y, E(p(x), x**2)), model) == 4
    assert evaluate(E(p(x), x**2), replace(model, values={"y": 4})) == 17


def test_what_has_no_value_says_so_soon() -> None:
    """A pole inside the range of a quadrature, and a Gaussian with a negative variance."""
    p = density("p")
    model = Model(values={"y": 2}, spaces={"x": REALS}, densities={"p": (Density(("x",), normal(x, 0, 1)),)})
    with pytest.raises(Undefined, match="converge"):
        evaluate(E(p(x), x**-2), model)
    with pytest.raises(Undefined, match="variance"):
        evaluate(normal(y, 0, 1 - y), model)


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
        (D(x, D(x, f(x))), r"\frac{\partial^2}{\partial x^2} f\left(x\right)"),
        (D(y, D(x, f(x))), r"\frac{\partial}{\partial y} \frac{\partial}{\partial x} f\left(x\right)"),
    ],
)
def test_what_reaches_to_the_end_of_a_product(tree: Node, written: str) -> None:
    assert latex(tree) == written
