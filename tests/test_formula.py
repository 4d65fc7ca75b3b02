"""Formulas and distributions: what equals the key is right however it is put, and a slip is called by its name."""

from types import SimpleNamespace
from typing import Any

import pytest

from quizgen import answers, expr
from quizgen.answers import answer
from quizgen.answers._lint import accepted_slips
from quizgen.answers.distribution import FAMILIES, Distribution
from quizgen.answers.formula import Formula
from quizgen.errors import InputError
from quizgen.expr import Call, Name, Quotient, num
from quizgen.values import Key, exact, plain

GAUSSIANS = {"mu1": "real", "mu2": "real", "s1": "positive", "s2": "positive"}
LAYER = {"n": "positive integer", "k": "positive integer", "s": "positive integer", "p": "nonnegative integer"}
MATRICES = {"A": "matrix 2x3", "x": "vector 2", "y": "vector 3"}
DIFFUSION = {"abar": "unit", "x0": "vector 3", "beta": "unit"}

KL = Formula.of("log(s2/s1) + (s1^2 + (mu1-mu2)^2)/(2 s2^2) - 1/2", GAUSSIANS, label="KL(q||p)")
SIDE = Formula.of("floor((n+2p-k)/s)+1", LAYER)
BILINEAR = Formula.of("x^T A y", MATRICES)
RATIO = Formula.of("log(p(x|z)/q(z))", {"x": "real", "z": "real"}, functions=("p", "q"))
LOSS = Formula.of("-(1/n) sum_{i=1}^n log(x_i)", {"x": "indexed positive", "n": "positive integer"}, label="L")
WEIGHTS = Formula.of(
    "k^2 C_in C_out + C_out",
    {"k": "positive integer", "C_in": "positive integer", "C_out": "positive integer"},
    spellings={"C_in": ("channels",)},
)
NORMAL = Distribution.of("N(sqrt(abar) x0, (1-abar) I)", DIFFUSION, identity="I", label="x_t")
POSTERIOR = Distribution.of("N(mu1, s1^2)", GAUSSIANS, label="q(z|x)")
COIN = Distribution.of("Bern(a)", {"a": "unit"})
DIE = Distribution.of("Cat(a, b, 1-a-b)", {"a": "unit", "b": "unit"})
KEYS = [KL, SIDE, BILINEAR, RATIO, LOSS, WEIGHTS, NORMAL, POSTERIOR, COIN, DIE]


def name(value: Any) -> str:
    return str(value.right if isinstance(value, Key) else value)[:40]


TABLE: list[tuple[Key, str, str]] = [
    (KL, "ln s2 - ln s1 + s1²/(2s2²) + (mu2-mu1)²/(2 s2²) - 1/2", "right"),
    (KL, r"KL(q\|p) = \log\frac{s_2}{s_1} + \frac{s_1^2 + (\mu_1-\mu_2)^2}{2 s_2^2} - \frac12", "right"),
    (KL, "KL(p||q) = log(s2/s1)", "invalid unexpected-label"),
    (KL, "log(s2/s1) + (s1^2 + (μ1-μ2)^2)/(2 s2^2) + 1/2", "wrong sign-of-a-term"),
    (KL, "log(s2/s1) + (s1^2 + (μ1-μ2)^2)/(2 s2^2)", "wrong dropped-term"),
    (KL, "log(s2/s1) + (s1 + (μ1-μ2)^2)/(2 s2^2) - 1/2", "wrong square"),
    (KL, "log(s1/s2) + (s2^2 + (μ1-μ2)^2)/(2 s1^2) - 1/2", "wrong another-variable"),
    (KL, "log(s1/s2)/2 + 7", "wrong"),
    (KL, "s1 + sigma_2", "invalid undeclared-name"),
    (SIDE, "⌊(n-k+2p)/s⌋ + 1", "right"),
    (SIDE, "floor((n+2p-k+s)/s)", "right"),
    (SIDE, "(n+2p-k)/s + 1", "wrong floor-or-ceil"),
    (SIDE, "floor((n+2p-k)/s)", "wrong dropped-term"),
    (SIDE, "floor((n+p-k)/s)+1", "wrong dropped-factor"),
    (SIDE, "floor((n+2p-k)/s)+1 = 7", "invalid equation"),
    (SIDE, "floor((n+2p-k)/s)+", "invalid incomplete"),
    (BILINEAR, r"y^\top A^\top x", "right"),
    (BILINEAR, "x^T A^T y", "wrong wrong-shape transposed"),
    (BILINEAR, "y x^T A", "wrong wrong-shape"),
    (RATIO, "log p(x|z) - log q(z)", "right"),
    (RATIO, "log q(z) - log p(x|z)", "wrong sign-flipped"),
    (RATIO, "log p(z|x) - log q(z)", "wrong order-of-arguments"),
    (LOSS, "L = -sum(log x_j, j, 1, n)/n", "right"),
    (LOSS, r"L = \frac1n \sum_{i=1}^n \log\frac{1}{x_i}", "right"),
    (LOSS, r"\frac1n \sum_{i=1}^n \log x_i", "wrong sign-flipped"),
    (LOSS, r"-\sum_{i=1}^n \log x_i", "wrong dropped-factor"),
    (WEIGHTS, "Cout(1 + Cin k²)", "right"),
    (WEIGHTS, "k^2 channels C_out + C_out", "right"),
    (WEIGHTS, "k^2 C_in C_out + C_in", "wrong another-variable"),
    (WEIGHTS, "k C_in C_out + C_out", "wrong square"),
    (NORMAL, r"x_t \sim \mathcal{N}(\sqrt{abar}x_0, (1-abar)I)", "right"),
    (NORMAL, "q(x_t|x_0) = N(x_t; sqrt(abar) x0, I - abar I)", "right"),
    (NORMAL, "正态分布（sqrt(abar)x0，(1−abar)I）", "right"),
    (NORMAL, "gaussian(x_t | sqrt(abar) x0, (1-abar) I)", "right"),
    (NORMAL, "N(sqrt(abar) x0, sqrt(1-abar) I)", "wrong second-parameter root"),
    (NORMAL, "N(abar x0, (1-abar) I)", "wrong first-parameter root"),
    (NORMAL, "N((1-abar) I, sqrt(abar) x0)", "wrong first-parameter second-parameter permuted"),
    (NORMAL, "U(sqrt(abar) x0, (1-abar) I)", "wrong another-family"),
    (NORMAL, "y ~ N(sqrt(abar) x0, (1-abar) I)", "invalid unexpected-label"),
    (NORMAL, "N(y; sqrt(abar) x0, (1-abar) I)", "invalid unexpected-label"),
    (NORMAL, "N(sqrt(abar) x0)", "invalid wrong-arguments"),
    (NORMAL, "Q(0, 1)", "invalid unknown-distribution"),
    (NORMAL, "sqrt(abar) x0", "invalid not-a-distribution"),
    (POSTERIOR, "z ~ N(mu1, s1²)", "right"),
    (POSTERIOR, "q(z|x) = N(z; mu1, s1²)", "right"),
    (POSTERIOR, "N(mu1, s1)", "wrong second-parameter square"),
    (POSTERIOR, "N(mu1, |s1|^2)", "right"),
    (POSTERIOR, "N(z | mu1, |s1|^2)", "right"),
    (COIN, "Bernoulli(a)", "right"),
    (COIN, "p(y|x) = Ber(a)", "right"),
    (COIN, "1-y ~ Ber(a)", "invalid unexpected-label"),
    (COIN, "Ber((a)", "invalid unbalanced"),
    (COIN, "Ber(a)~", "invalid empty"),
    (COIN, "p((y) = Ber(a)", "invalid unbalanced"),
    (COIN, "2y ~ Ber(a)", "invalid unexpected-label"),
    (COIN, "y ~\nBer(a)\n", "right"),
    (COIN, "Ber()", "invalid incomplete"),
    (COIN, "BERNOULLI(a)", "right"),
    (COIN, "B(1, a)", "right"),  # one trial
    (COIN, "B(2, a)", "wrong another-family"),
    (COIN, "Ber(1-a)", "wrong first-parameter"),
    (DIE, "Categorical([a, b, 1-b-a])", "right"),
    (DIE, "Cat(a, 1-a-b, b)", "wrong second-parameter third-parameter"),
    (DIE, "Cat(a, b)", "wrong another-family"),
]


@pytest.mark.parametrize(
    ("key", "typed", "wanted"), TABLE, ids=[f"{name(key)}: {typed[:40]}" for key, typed, _ in TABLE]
)
def test_table(key: Key, typed: str, wanted: str) -> None:
    verdict = answers.grade(key, typed)
    assert " ".join((verdict.verdict, *verdict.notes)) == wanted
    assert bool(verdict.parsed) == (verdict.verdict != "invalid")
    assert verdict.credit == (verdict.verdict == "right")


@pytest.mark.parametrize("key", KEYS, ids=name)
def test_examples_of_the_kind(key: Key) -> None:
    for text in key.notations(key.right):
        assert answers.grade(key, text).verdict == "right", text
    for text in key.junk():
        assert answers.grade(key, text).verdict == "invalid", text
    for text in key.wrong():
        assert answers.grade(key, text).verdict == "wrong", text


@pytest.mark.parametrize("key", KEYS, ids=name)
def test_a_slip_is_never_right(key: Key) -> None:
    slips = list(key.slips())
    assert slips
    for code, text in slips:
        verdict = answers.grade(key, text)
        assert verdict.verdict == "wrong" or verdict.notes == ("undecided",), (code, text)
    named = [answers.grade(key, text).notes for _, text in slips[:5]]
    assert all(named)


REAL = dict.fromkeys("xyab", "real")
POSITIVE = {"x": "positive", "n": "positive integer", "k": "positive integer"}


@pytest.mark.parametrize(
    ("value", "variables", "slip"),
    [
        ("|x| + 1", POSITIVE, "x + 1"),
        ("max(x, 0)", POSITIVE, "x"),
        ("floor(n)", POSITIVE, "n"),
        ("min(u, 1)", {"u": "unit"}, "u"),
        ("x + y (a - a)", REAL, "x"),
    ],
)
def test_a_part_without_effect_is_found(value: str, variables: dict[str, str], slip: str) -> None:
    assert slip in [text for _, text in accepted_slips(Formula.of(value, variables))]


@pytest.mark.parametrize(
    ("value", "variables"),
    [
        ("1 - tanh(x)^2", REAL),
        ("exp(x)/(1+exp(x))^2", REAL),
        ("1/(1+exp(-x))", REAL),
        ("(x-y)^2", REAL),
        ("max(0, x)", REAL),
        ("min(max(x, 0), 6)", REAL),
        ("sign(x) a", REAL),
        ("n(n+1)/2", POSITIVE),
        ("(-1)^(n+1) x", POSITIVE),
        ("sum_{i=0}^n i binom(n,i) x^i", POSITIVE),
        ("n!/(k!(n-k)!)", POSITIVE),
        ("mod(n+k, k)", POSITIVE),
        ("softmax(z)", {"z": "vector 3"}),
        ("w^T A w", {"w": "vector 3", "A": "matrix 3x3"}),
        ("(X^T X)^{-1} X^T y", {"X": "matrix 4x2", "y": "vector 4"}),
        ("x y", REAL),
    ],
)
def test_what_is_equal_by_the_laws_of_mathematics_is_no_fault_of_the_key(value: str, variables: dict[str, str]) -> None:
    assert accepted_slips(Formula.of(value, variables)) == []


@pytest.mark.parametrize("key", KEYS, ids=name)
def test_json_and_back(key: Key) -> None:
    data = exact(plain(key))
    assert answers.read_key(data) == key


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"value": "x+y", "variables": {"x": "real"}}, "undeclared-name at 'y'"),
        ({"value": "x+", "variables": {"x": "real"}}, "incomplete at the end"),
        ({"value": "x", "variables": {"x": "whole"}}, "unknown domain 'whole'"),
        ({"value": "x_1", "variables": {"x_1": "real", "x1": "real"}}, "cannot be told apart"),
        ({"value": "log(-x)", "variables": {"x": "positive"}}, "has no value"),
        ({"value": "1/(x-x)", "variables": {"x": "real"}}, "has no value"),
        ({"value": 3}, "expected a formula, got 3"),
    ],
)
def test_a_bad_key_says_why(options: dict[str, Any], wanted: str) -> None:
    with pytest.raises(TypeError, match=wanted):
        Formula.of(**options)


def test_a_bad_key_in_json_says_why() -> None:
    with pytest.raises(InputError, match="undeclared-name"):
        answers.read_key({"kind": "formula", "value": "x + y", "variables": {"x": "real"}})
    with pytest.raises(InputError, match="unknown-distribution"):
        answers.read_key({"kind": "distribution", "value": "Q(0, 1)"})


def test_a_tree_is_a_value_too() -> None:
    tree = Quotient(num(1), Call("sqrt", (Name("x"),)))
    key = Formula.of(tree, variables={"x": "positive"})
    assert answers.grade(key, "x^(-1/2)").verdict == "right"
    assert key.show(tree, str) == key.show(key.right, str) == f"${expr.latex(tree)}$"


def test_a_family_declares_it_like_any_other() -> None:
    declared = answer.Formula("loss", variables={"x": "real"}, label="L")
    assert answers.grade(declared.key(SimpleNamespace(loss="x^2")), "L = x·x").verdict == "right"


def test_names_of_families_are_distinct() -> None:
    names = [word.casefold() for family in FAMILIES.values() for word in family.names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("word", [word for family in FAMILIES.values() for word in family.names])
def test_every_family_is_read_by_every_name(word: str) -> None:
    family = next(family for family in FAMILIES.values() if word in family.names)
    inner = ", ".join(["a", "b", "c"][: family.parameters or 3])
    key = Distribution.of(f"{family.names[0]}({inner})", dict.fromkeys("abc", "positive"))
    assert answers.grade(key, f"{word}({inner})").verdict == "right"


@pytest.mark.parametrize("kind", ["positive integer", "nonnegative integer"])
def test_a_key_that_often_has_no_value_gets_points_enough(kind: str) -> None:
    for number in range(12):  # the label takes part in drawing the points
        key = Formula.of("n!/(k!(n-k)!)", {"n": kind, "k": kind}, label=f"L_{number}")
        assert answers.grade(key, "binom(n, k)").verdict == "right"
        assert answers.grade(key, "n!/(k!(n-k^2)!)").verdict == "wrong"
