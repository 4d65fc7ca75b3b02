"""The slip behind a wrong formula is named, with bounded work, and whatever was compared before."""

import pytest

from quizgen import notation
from quizgen.expr import Node, edits, mutants

SEED = b"the seed of these tests"
VARIABLES = {"x": "real", "y": "real", "p": "positive", "n": "positive integer", "A": "matrix 2x2", "B": "matrix 2x2"}
LARGE = " + ".join(f"x^{power} y ln(1 + p^{power}) / (p^2 + {power}) - sqrt(p + {power} n)" for power in range(2, 10))


def tree(text: str) -> Node:
    return notation.formula(text, notation.vocabulary(VARIABLES))


@pytest.mark.parametrize(
    ("key", "answer", "code"),
    [
        ("x^2 + y", "-y - x*x", "sign-flipped"),
        ("x^2 + y", "y - x*x", "sign-of-a-term"),
        ("x + y", "y^2 + x*x + 2 x y", "square"),
        ("x^2 + y", "x^3 + 17 y", None),
        ("x^2 + y", "9^9^9", None),
        ("p - sum_{i=1}^n (i x + n)", "p - sum_{j=1}^n j x", "dropped-term"),
        ("sum_{n=1}^3 (n x) + n x + p", "sum_{n=1}^3 (n x) + n x", "dropped-term"),
        ("A B + A", "B A + A", "order-of-factors"),
        ("A B + p", "A B^T + p", "transposed"),
    ],
)
def test_the_slip_is_named(key: str, answer: str, code: str | None) -> None:
    assert mutants.slip(tree(key), tree(answer), VARIABLES, SEED) == code


@pytest.mark.parametrize("text", ["x y + ln(p)^2 / (x - 3 y)", "sqrt(p) (A B + 2 A)^T", "sum_{i=1}^n (i x)^2 + n y"])
def test_parts_of_the_formula_change_no_value(text: str) -> None:
    slips = list(edits.edits(tree(text), VARIABLES))
    named = [mutants.slip(tree(text), slip, VARIABLES, SEED) for _, slip in slips]
    assert sum(name == code for name, (code, _) in zip(named, slips, strict=True)) > len(slips) / 2
    assert all(name is None or name in {code for code, _ in slips} for name in named)


def test_what_was_tried_before_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    key, answer = tree(LARGE), tree(f"{LARGE} + 1")
    first = mutants.slip(key, answer, VARIABLES, SEED)
    mutants.slip(key, tree("x y"), VARIABLES, SEED)
    assert mutants.slip(key, answer, VARIABLES, SEED) == first
    monkeypatch.setattr(mutants, "EFFORT", 0)
    assert mutants.slip(key, answer, VARIABLES, SEED) is None
