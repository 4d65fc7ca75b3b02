"""Derivations by torch against the exact engine: line by line, on models that are shown and on all other worlds."""

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from quizgen.expr import Call, Name, Node, Power, num
from solvers import oracles
from solvers.derivations import arithmetic, chain, derivation, names
from solvers.derivations.chain import telling_model
from solvers.derivations.language import KL, D, E, add, density, exp, grad, integral, ln, mul, normal, var
from solvers.derivations.lines import Derivation, Line
from solvers.derivations.models import REALS, Density, Model

CHAINS = names()
OTHERS = [(name, world) for name in CHAINS for world in range(1, len(derivation(name).worlds))]

x, z = Name("x"), Name("z")
p, q = density("p"), density("q")
LINEAR = Model(
    values={"x": Fraction(3, 2), "a": 2},
    spaces={"x": REALS, "z": REALS, "k": (0, 1)},
    densities={
        "p": (Density(("x", "z"), mul(normal(z, 0, 1), normal(x, Name("a") * z, 3))),),
        "q": (Density(("k", "z"), mul(Name("w", (Name("k"),)), normal(z, Name("k"), 1))),),
    },
)
MIXED = replace(LINEAR, values={**LINEAR.values, "w_0": Fraction(1, 4), "w_1": Fraction(3, 4)})


def value(tree: Node, model: Model = MIXED) -> float:
    (found,) = oracles.derivations.read(tree, model).entries
    return float(found)


@pytest.mark.parametrize("name", CHAINS)
def test_lines_and_flaws_agree_with_the_exact_engine(name: str) -> None:
    for number in range(10):
        oracles.derivations.check(derivation(name), number)


@pytest.mark.parametrize("name, world", OTHERS)
def test_lines_agree_in_other_worlds(name: str, world: int) -> None:
    """Mixtures, integrals without a closed form, more dimensions."""
    (model,) = chain.models(derivation(name), 1, world)
    oracles.derivations.compare(replace(derivation(name), flaws=()), model)


@pytest.mark.parametrize("name", CHAINS)
def test_a_line_with_its_sign_changed_does_not_agree(name: str) -> None:
    chosen = derivation(name)
    model = telling_model(chosen, 0)
    for line in chosen.lines:
        if line.relation == "holds":
            continue
        found = oracles.derivations.read(line.tree, model).entries
        claimed = tuple(Decimal(entry).quantize(Decimal("0.00001")) for entry in found)
        assert oracles.derivations.agrees(claimed, line.tree, model)
        if any(claimed):
            assert not oracles.derivations.agrees(claimed, -line.tree, model)


@pytest.mark.parametrize("name", CHAINS)
def test_flaws_are_not_the_lines_that_they_replace(name: str) -> None:
    """By torch alone, on the models that are shown."""
    chosen = derivation(name)
    read = oracles.derivations.read
    for flaw in chosen.flaws:
        line = chosen.line(flaw.line)
        if line.relation in ("equal", "start"):
            model = telling_model(chosen, 0)
            assert not read(flaw.tree, model).meets(read(line.tree, model).entries), flaw.name


def test_an_error_of_the_exact_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = derivation("elbo")
    (model,) = chain.models(chosen, 1)
    oracles.derivations.compare(chosen, replace(model))
    with monkeypatch.context() as patch:
        patch.setattr(arithmetic, "ln", lambda number: arithmetic.multiply(number, number))
        with pytest.raises(AssertionError, match=r"elbo, line 'gap': \\mathbb\{E\}"):
            oracles.derivations.compare(chosen, replace(model))
    oracles.derivations.compare(chosen, replace(model))


def test_a_wrong_exact_integral_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = derivation("score_cross_term")
    exact = arithmetic.integral
    monkeypatch.setattr(arithmetic, "integral", lambda v, name: arithmetic.add(exact(v, name), exact(v, name)))
    with pytest.raises(AssertionError, match="score_cross_term, line 'start'"):
        oracles.derivations.compare(chosen, replace(telling_model(chosen, 0)))


def test_what_is_given_must_hold() -> None:
    told = replace(MIXED, given=(Call("isequal", (normal(x, 0, 1), p(x))),))
    empty = Derivation("told", (Line("start", num(1), "start"),), (), (lambda _: told,))
    with pytest.raises(AssertionError, match=r"told, what is given: .* does not hold"):
        oracles.derivations.compare(empty, told)


def test_a_line_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (Line("start", num(1), "start"), Line("next", Call("trace", (num(1),))))
    odd = Derivation("odd", lines, (), (lambda _: MIXED,))
    oracles.derivations.compare(odd, MIXED)
    monkeypatch.delitem(oracles.derivations.tensors.FUNCTIONS, "trace")
    with pytest.raises(AssertionError, match="odd, line 'next': the function trace"):
        oracles.derivations.compare(odd, MIXED)


def test_decimals_agree_to_half_a_unit() -> None:
    def agrees(text: str) -> bool:
        return bool(oracles.derivations.agrees(Decimal(text), ln(2), MIXED))

    assert agrees("0.693")
    assert agrees("0.6931472")
    assert not agrees("0.694")
    assert not agrees("0.692")
    assert not agrees("0.6931471")
    assert oracles.derivations.agrees(Fraction(1, 3), num(Fraction(1, 3)), MIXED)
    assert not oracles.derivations.agrees(Fraction(33333333, 10**8), num(Fraction(1, 3)), MIXED)
    assert not oracles.derivations.agrees((1, 2), num(1), MIXED)


def test_gaussians_by_hand() -> None:
    """x = 2z + noise of variance 3, for z of variance 1: Var x = 7, and z given x has mean 2x/7 and variance 3/7."""
    observed, posterior = 1.5, p(z, given=x)
    assert value(ln(p(x))) == pytest.approx(-(observed**2) / 14 - math.log(2 * math.pi * 7) / 2)
    assert value(E(posterior, z)) == pytest.approx(2 * observed / 7)
    assert value(var(posterior, z)) == pytest.approx(3 / 7)
    assert value(grad(x, ln(p(x)))) == pytest.approx(-observed / 7)
    assert value(D(Name("a"), ln(p(x)))) == pytest.approx(2 * observed**2 / 49 - 2 / 7)
    assert value(integral(z, z**2 * p(x, z)) / p(x)) == pytest.approx(3 / 7 + (2 * observed / 7) ** 2)


def test_mixtures_by_hand() -> None:
    """1/4 N(0, 1) + 3/4 N(1, 1)."""
    k = Name("k")
    assert value(E(q(z), z)) == pytest.approx(3 / 4)
    assert value(var(q(z), z)) == pytest.approx(1 + 3 / 16)
    assert value(E(q(k, z), k * z)) == pytest.approx(3 / 4)
    assert value(E(q(z), exp(z))) == pytest.approx(math.exp(0.5) * (1 + 3 * math.e) / 4)
    assert value(KL(q(z), q(z))) == pytest.approx(0, abs=1e-12)
    assert value(E(q(z), ln(q(z)))) == pytest.approx(value(integral(z, mul(q(z), ln(q(z))))), abs=1e-9)


def test_a_density_is_found_by_the_names_of_its_variables() -> None:
    """By their places only where they have no names; x_2 never stands for x_1."""
    one, two = Name("x", (num(1),)), Name("x", (num(2),))
    ahead = Density(("x_1",), normal(one, 3, 1))
    joint = Density(("x_1", "x_2"), mul(normal(one, 3, 1), normal(two, 5, 1)))
    model = Model(values={"z": 2}, spaces={"x": REALS}, densities={"p": (ahead, joint)})
    assert value(E(p(two), two), model) == pytest.approx(5)
    assert value(p(z + 1), model) == pytest.approx(1 / math.sqrt(2 * math.pi))
    alone = replace(model, densities={"p": (ahead,)})
    with pytest.raises(oracles.derivations.Unreadable, match="no distribution"):
        value(E(p(two), two), alone)


def test_a_density_that_is_no_gaussian_goes_by_a_grid() -> None:
    """A logistic density has variance pi^2 / 3."""
    logistic = Call("sigmoid", (z,)) * (1 - Call("sigmoid", (z,)))
    model = Model(spaces={"z": REALS}, densities={"p": (Density(("z",), logistic),)})
    assert value(var(p(z), z), model) == pytest.approx(math.pi**2 / 3, abs=1e-6)


def test_an_integral_that_diverges_has_no_value() -> None:
    with pytest.raises(oracles.derivations.Unreadable, match="does not converge"):
        oracles.derivations.read(integral(z, ln(p(x, z))), MIXED)


def test_samples_decide_where_no_rule_does() -> None:
    """Six dimensions and a kink: rules differ until they are too large; sqrt(12/pi) is in the confidence interval."""
    v = [Name("v", (num(i),)) for i in range(1, 7)]
    model = Model(
        spaces={"v": REALS},
        densities={"p": (Density(tuple(f"v_{i}" for i in range(1, 7)), mul(*(normal(e, 0, 1) for e in v))),)},
    )
    size = E(p(*v), Call("abs", (add(*v),)))
    found = oracles.derivations.read(size, model)
    assert found == oracles.derivations.read(size, model)
    (entry,), (slack,) = found
    assert 0 < slack < 0.2
    assert abs(entry - math.sqrt(12 / math.pi)) < slack
    assert not oracles.derivations.agrees(Decimal("3"), size, model)


def test_rules_grow_finer() -> None:
    for coarse, fine in pairwise(oracles.derivations.RULES):
        assert coarse.nodes < fine.nodes
        assert coarse.step > fine.step
        assert coarse.reach < fine.reach


def test_derivatives_nest() -> None:
    """d^2/dx^2 x^5 at 3/2, and a mixed derivative."""
    a = Name("a")
    assert value(D(x, D(x, Power(x, num(5))))) == pytest.approx(20 * 1.5**3)
    assert value(D(a, D(x, exp(a * x)))) == pytest.approx((1 + 2 * 1.5) * math.exp(3))
