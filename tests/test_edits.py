"""Every slip makes another formula, named by its code; those that must show in the value do."""

import random
from fractions import Fraction

import pytest

from quizgen import expr
from quizgen.expr import (
    Apply,
    Call,
    Grid,
    Name,
    Node,
    Num,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    children,
    negative,
    num,
)
from quizgen.expr.edits import MOST, changes, edits

A, B, N, K, X = Name("A"), Name("B"), Name("n"), Name("k"), Name("x")
DOMAINS = {
    "A": "matrix 2x2", "B": "matrix 2x2", "n": "positive integer", "k": "nonnegative integer", "x": "real",
    "mu": "real", "sigma": "positive", "v": "indexed", "mu1": "real", "mu2": "real", "s1": "positive",
    "s2": "positive",
}  # fmt: skip
MU, SIGMA = Name("mu"), Name("sigma")
TWO = num(2)


def transpose(tree: Node) -> Node:
    return Call("transpose", (tree,))


def difference(left: Node, right: Node) -> Node:
    return Sum((left, negative(right)))


TABLE: list[tuple[Node, str, Node]] = [
    (X, "sign-flipped", negative(X)),
    (negative(X), "sign-flipped", X),
    (Num("2.5e-4"), "sign-flipped", Num("-2.5e-4")),
    (Quotient(X, SIGMA), "sign-flipped", Quotient(negative(X), SIGMA)),
    (difference(X, MU), "sign-of-a-term", Sum((X, MU))),
    (Sum((X, num(3))), "sign-of-a-term", Sum((X, num(-3)))),
    (Call("exp", (negative(X),)), "sign-of-a-term", Call("exp", (X,))),
    (Power(X, num(-1)), "sign-of-a-term", Power(X, num(1))),
    (difference(X, MU), "dropped-term", X),
    (Call("ln", (Sum((X, num(1))),)), "dropped-term", Call("ln", (X,))),
    (X, "factor-two", Product((TWO, X))),
    (X, "factor-two", Quotient(X, TWO)),
    (Sum((X, MU)), "factor-two", Sum((X, Product((TWO, MU))))),
    (Power(SIGMA, TWO), "square", SIGMA),
    (Sum((SIGMA, X)), "square", Sum((Power(SIGMA, TWO), X))),
    (Call("sqrt", (SIGMA,)), "root", SIGMA),
    (Power(SIGMA, num(Fraction(1, 2))), "root", SIGMA),
    (Product((SIGMA, X)), "root", Product((Call("sqrt", (SIGMA,)), X))),
    (Quotient(X, SIGMA), "reciprocal", Quotient(SIGMA, X)),
    (Quotient(num(1), SIGMA), "reciprocal", SIGMA),
    (SIGMA, "reciprocal", Quotient(num(1), SIGMA)),
    (Sum((Quotient(X, SIGMA), num(1))), "inverted-quotient", Sum((Quotient(SIGMA, X), num(1)))),
    (Product((Call("inverse", (A,)), B)), "inverted-quotient", Product((A, B))),
    (Product((K, N, X)), "dropped-factor", Product((K, X))),
    (Product((K, X)), "dropped-factor", X),
    (Quotient(X, SIGMA), "dropped-factor", X),
    (Quotient(X, SIGMA), "dropped-factor", Quotient(num(1), SIGMA)),
    (Power(X, num(3)), "dropped-factor", X),
    (Sum((X, num(3))), "off-by-one", Sum((X, num(2)))),
    (Power(X, num(3)), "off-by-one", Power(X, num(4))),
    (Product((K, X)), "off-by-one", Product((Sum((K, num(1))), X))),
    (X, "off-by-one", Sum((X, num(-1)))),
    (Name("v", (num(1),)), "off-by-one", Name("v", (num(0),))),
    (Name("v", (K,)), "off-by-one", Name("v", (Sum((K, num(-1))),))),
    (Series("sum", "i", num(1), N, X), "off-by-one", Series("sum", "i", num(0), N, X)),
    (Series("sum", "i", num(1), N, X), "off-by-one", Series("sum", "i", num(1), Sum((N, num(-1))), X)),
    (Call("ln", (X,)), "log-base", Call("log2", (X,))),
    (Call("log", (TWO, X)), "log-base", Call("ln", (X,))),
    (Call("floor", (Quotient(N, K),)), "floor-or-ceil", Call("ceil", (Quotient(N, K),))),
    (Call("floor", (Quotient(N, K),)), "floor-or-ceil", Quotient(N, K)),
    (Sum((Quotient(N, K), num(1))), "floor-or-ceil", Sum((Call("floor", (Quotient(N, K),)), num(1)))),
    (Product((A, B)), "transposed", Product((transpose(A), B))),
    (Product((A, transpose(B))), "transposed", Product((A, B))),
    (Product((A, B)), "transposed", transpose(Product((A, B)))),
    (Name("v", (N, K)), "transposed", Name("v", (K, N))),
    (Product((A, B)), "order-of-factors", Product((B, A))),
    (Apply("p", (X, MU), "|"), "order-of-arguments", Apply("p", (MU, X), "|")),
    (Call("binomial", (N, K)), "order-of-arguments", Call("binomial", (K, N))),
    (Product((N, Power(K, TWO))), "another-variable", Product((K, Power(N, TWO)))),
    (Product((N, TWO)), "another-variable", Product((K, TWO))),
    (
        Sum((Quotient(Name("s1"), Name("s2")), Name("mu1"), Power(Name("mu2"), TWO))),
        "another-variable",
        Sum((Quotient(Name("s2"), Name("s1")), Name("mu2"), Power(Name("mu1"), TWO))),
    ),
    (
        Sum((Call("sqrt", (SIGMA,)), Product((Call("sqrt", (X,)), MU)))),
        "root",
        Sum((SIGMA, Product((X, MU)))),
    ),
    (Sum((Power(SIGMA, TWO), Power(X, TWO))), "square", Sum((SIGMA, X))),
    (Sum((Call("ln", (SIGMA,)), Call("ln", (X,)))), "log-base", Sum((Call("log2", (SIGMA,)), Call("log2", (X,))))),
    (Product((TWO, Call("abs", (X,)))), "dropped-function", Product((TWO, X))),
    (Call("max", (X, num(0))), "dropped-function", X),
    (Grid(((X,), (MU,))), "sign-of-a-term", Grid(((X,), (negative(MU),)))),
]


@pytest.mark.parametrize(("tree", "code", "mutant"), TABLE, ids=[f"{code} {expr.latex(m)}" for _, code, m in TABLE])
def test_table(tree: Node, code: str, mutant: Node) -> None:
    assert (code, mutant) in list(edits(tree, DOMAINS))


FORMULAS: list[Node] = [
    Sum((Product((K, K, N)), N)),
    Product((Quotient(num(-1), TWO), Power(Quotient(difference(X, MU), SIGMA), TWO))),
    Sum((
        Call("ln", (Quotient(Name("s2"), Name("s1")),)),
        Quotient(Sum((Power(Name("s1"), TWO), Power(difference(Name("mu1"), Name("mu2")), TWO))),
                 Product((TWO, Power(Name("s2"), TWO)))),
        Num("-1/2"),
    )),
    Sum((Call("floor", (Quotient(Sum((N, num(-3))), num(2)),)), num(1))),
    Series("sum", "i", num(1), N, Power(Name("v", (Name("i"),)), TWO)),
]  # fmt: skip


@pytest.mark.parametrize("tree", FORMULAS, ids=expr.latex)
def test_mutants_are_distinct_and_in_the_same_order_every_time(tree: Node) -> None:
    found = list(edits(tree, DOMAINS))
    assert found == list(edits(tree, DOMAINS))
    mutants = [mutant for _, mutant in found]
    assert tree not in mutants
    assert len(set(mutants)) == len(mutants)
    assert {mutant for _, mutant in changes(tree, DOMAINS)} <= set(mutants)
    for mutant in mutants:
        assert expr.latex(mutant)


def test_the_codes_are_these() -> None:
    said = {
        "sign-flipped", "sign-of-a-term", "dropped-term", "dropped-factor", "square", "root", "inverted-quotient",
        "reciprocal", "off-by-one", "factor-two", "log-base", "floor-or-ceil", "transposed", "order-of-factors",
        "order-of-arguments", "another-variable", "dropped-function",
    }  # fmt: skip
    assert {code for tree in FORMULAS for code, _ in edits(tree, DOMAINS)} < said
    assert {code for _, code, _ in TABLE} == said


def test_mutants_are_bounded() -> None:
    wide = Sum(tuple(Product((num(i), Name(f"x{i % 8}"), Name(f"y{i % 8}"))) for i in range(2, 60)))
    domains = {f"{letter}{i}": "real" for letter in "xy" for i in range(8)}
    assert len(list(edits(wide, domains))) == MOST
    deep: Node = X
    for _ in range(50):
        deep = Call("exp", (deep,))
    assert len(list(edits(deep, DOMAINS))) <= MOST


def value(tree: Node, at: dict[str, Fraction]) -> Fraction:
    """The value of a tree of sums, products, quotients and whole powers."""
    inner = [value(part, at) for part in children(tree)]
    match tree:
        case Num(text):
            return Fraction(text)
        case Name(name):
            return at[name]
        case Sum():
            return sum(inner, Fraction(0))
        case Product():
            product = Fraction(1)
            for factor in inner:
                product *= factor
            return product
        case Quotient():
            return inner[0] / inner[1]
        case Power():
            return inner[0] ** int(inner[1])
    raise TypeError(expr.latex(tree))


def rational(tree: Node) -> bool:
    """Whether ``value`` can be told: no functions, whole exponents."""
    match tree:
        case Call():
            return False
        case Power(_, exponent) if not (isinstance(exponent, Num) and "/" not in exponent.value):
            return False
    return all(map(rational, children(tree)))


NAMES = ["x", "mu", "sigma"]


def drawn(depth: int, random: random.Random) -> Node:
    """A formula of sums, products, quotients and powers of three names, no part of which is without effect."""
    kind = random.choice("n+*/^") if depth else "n"
    parts = [drawn(depth - 1, random) for _ in range(2)] if kind != "n" else []
    match kind:
        case "+":
            return Sum((parts[0], Product((num(random.choice([-5, 3])), parts[1]))))
        case "*":
            return Product(tuple(parts))
        case "/":
            return Quotient(parts[0], Sum((Power(parts[1], TWO), num(7))))
        case "^":
            return Power(Sum((parts[0], num(5))), num(random.choice([2, 3])))
    return Name(random.choice(NAMES))


@pytest.mark.parametrize("seed", range(30))
def test_what_must_show_in_the_value_does(seed: int) -> None:
    tree = drawn(3, random.Random(seed))
    points = [
        {"x": Fraction(17, 5), "mu": Fraction(-23, 7), "sigma": Fraction(13, 3)},
        {"x": Fraction(-5, 19), "mu": Fraction(31, 11), "sigma": Fraction(2, 29)},
    ]
    domains = {name: DOMAINS[name] for name in NAMES}
    if any(not value(tree, at) for at in points):
        return
    for code, mutant in changes(tree, domains):
        if rational(mutant):
            assert any(value(mutant, at) != value(tree, at) for at in points), (code, expr.latex(mutant))
