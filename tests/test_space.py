"""One declaration of a domain: its check, its sampler, its size, its narrowing and its Hypothesis strategy agree."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from quizgen import space, strategies
from quizgen.errors import FamilyError, InputError, UnknownName
from quizgen.randomness import Stream
from quizgen.space import (
    Allowed,
    Parameters,
    choice,
    decimals,
    fractions,
    ints,
    matrices,
    odds,
    permutations,
    vectors,
)


class Every(Parameters):
    """One field of each kind."""

    n: int = ints(-3, 9, 3)
    k: int = odds(2, 8, radical=True)
    name: str = choice("sum", "mean", radical=True)
    f: Fraction = fractions(Fraction(-1, 2), 1, (2, 3))
    d: Decimal = decimals("0.1", "0.5", step="0.20")
    v: tuple[int, ...] = vectors(2, 0, 1)
    m: tuple[tuple[int, ...], ...] = matrices(2, 1, -1, 0)
    o: tuple[int, ...] = permutations(3)


class Convolution(Parameters):
    """Bounds that depend on earlier fields, and a condition."""

    n: int = ints(3, 12)
    k: int = odds(1, lambda q: q.n)
    p: int = ints(0, lambda q: q.k // 2)
    w: tuple[int, ...] = vectors(lambda q: q.k, 0, lambda q: q.p)

    def valid(self) -> bool:
        """The padded side is even."""
        return (self.n + 2 * self.p) % 2 == 0


class Nothing(Parameters):
    """An empty space."""

    n: int = ints(1, 3)
    k: int = ints(5, lambda q: q.n)


DOMAINS = {name: field.bind(None) for name, field in Every.fields.items()}
GOOD = {
    "n": 3,
    "k": 5,
    "name": "sum",
    "f": Fraction(1, 3),
    "d": Decimal("0.30"),
    "v": (0, 1),
    "m": ((0,), (-1,)),
    "o": (2, 0, 1),
}


# Domains.


@pytest.mark.parametrize("name", DOMAINS)
def test_values_size_and_membership_agree(name: str) -> None:
    domain = DOMAINS[name]
    every = list(domain.values())
    assert len(every) == len(set(every)) == domain.size()
    assert all(value in domain for value in every)
    assert domain.describe()


@pytest.mark.parametrize("name", DOMAINS)
def test_draws_reach_every_value_and_nothing_else(name: str) -> None:
    domain = DOMAINS[name]
    drawn = {domain.draw(Stream(name, number)) for number in range(60 * domain.size())}
    assert drawn == set(domain.values())


@pytest.mark.parametrize("name", DOMAINS)
def test_the_strategy_reaches_every_value_and_nothing_else(name: str) -> None:
    domain = DOMAINS[name]
    seen = set()

    @settings(max_examples=30 * domain.size())
    @given(strategies.values(domain))
    def collect(value: Any) -> None:
        assert value in domain
        seen.add(value)

    collect()
    assert seen == set(domain.values())


def test_domains_hold_what_they_say() -> None:
    assert list(DOMAINS["n"].values()) == [-3, 0, 3, 6, 9]
    assert list(DOMAINS["k"].values()) == [3, 5, 7]
    assert list(DOMAINS["f"].values()) == [
        Fraction(-1, 2),
        Fraction(-1, 3),
        Fraction(1, 3),
        Fraction(1, 2),
        Fraction(2, 3),
    ]
    assert [str(value) for value in DOMAINS["d"].values()] == ["0.10", "0.30", "0.50"]
    assert DOMAINS["n"].describe() == "an integer from -3 to 9 in steps of 3"
    assert DOMAINS["m"].describe() == "2 by 1 rows and columns, each an integer from -1 to 0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 4), ("n", -6), ("n", 12), ("n", 3.0), ("n", Fraction(3)), ("n", "3"), ("n", None), ("k", True), ("k", 4),
        ("name", "max"), ("name", 0), ("f", Fraction(1, 4)), ("f", 0), ("f", Decimal("0.5")), ("d", Decimal("0.4")),
        ("d", 0.3), ("d", Fraction(3, 10)), ("v", (0, 1, 1)), ("v", (0,)), ("v", [0, 1]), ("v", (True, 0)),
        ("m", (0, -1)), ("m", ((0, -1),)), ("m", ((0,), (1,))), ("m", ((0,), (-1,), (0,))), ("o", (0, 1, 1)),
        ("o", (1, 2, 3)), ("o", (0, 1)), ("o", (0, 1, True)), ("o", "012"),
    ],
)  # fmt: skip
def test_other_values_are_refused_by_name(name: str, value: Any) -> None:
    assert value not in DOMAINS[name]
    with pytest.raises(InputError, match=rf"^exam\.{name}: expected .*, got"):
        space.check(Every, GOOD | {name: value}, "exam")


# Parameters.


def test_parameters_are_frozen_values() -> None:
    q = space.check(Every, GOOD)
    assert q == space.check(Every, dict(reversed(GOOD.items())))
    assert hash(q) == hash(q.replace(n=3))
    assert q != q.replace(n=0)
    assert q.as_dict() == GOOD
    assert repr(q).startswith("Every(n=3, k=5, name='sum', f=Fraction(1, 3)")
    assert [name for name, field in Every.fields.items() if field.radical] == ["k", "name"]
    with pytest.raises(AttributeError, match=r"parameters are frozen: cannot set 'n'"):
        q.n = 4  # type: ignore[misc]  # that is the point


def test_missing_unknown_and_unfitting_values_are_refused() -> None:
    with pytest.raises(InputError, match=r"^n: missing"):
        space.check(Every, {name: value for name, value in GOOD.items() if name != "n"})
    with pytest.raises(UnknownName, match="unknown parameter 'kk'; did you mean 'k'"):
        space.check(Every, GOOD | {"kk": 3})
    with pytest.raises(InputError, match=r"The padded side is even\. Got Convolution\(n=3, k=1, p=0, w=\(0,\)\)"):
        space.check(Convolution, {"n": 3, "k": 1, "p": 0, "w": (0,)})
    with pytest.raises(InputError, match=r"^p: expected an integer from 0 to 1, got 2"):
        space.check(Convolution, {"n": 4, "k": 3, "p": 2, "w": (0, 0, 0)})


@given(seed=st.integers())
def test_draws_are_valid(seed: int) -> None:
    q = space.draw(Convolution, Stream(seed))
    assert space.check(Convolution, q.as_dict()) == q
    assert space.draw(Convolution, Stream(seed)) == q


@given(q=strategies.parameters(Convolution))
def test_strategies_are_valid(q: Convolution) -> None:
    assert space.check(Convolution, q.as_dict()) == q


@given(q=strategies.parameters(Convolution), name=st.sampled_from(sorted(Convolution.fields)), data=st.data())
def test_neighbours_differ_in_one_field_or_entry(q: Convolution, name: str, data: st.DataObject) -> None:
    value = data.draw(strategies.neighbours(q, name))
    assert value in Convolution.fields[name].bind(q)
    if name == "w":
        assert sum(a != b for a, b in zip(value, q.w, strict=True)) <= 1


def test_strategies_shrink() -> None:
    large = find(
        strategies.parameters(Convolution), lambda q: q.n > 6 and sum(q.w) > 1, settings=settings(database=None)
    )
    assert large.as_dict() == {"n": 7, "k": 3, "p": 1, "w": (0, 1, 1)} or (large.n, sum(large.w)) == (8, 2)
    signed = find(strategies.values(space.Ints(-9, 9)), lambda value: value != 0, settings=settings(database=None))
    assert signed == 1


def test_empty_spaces_are_errors() -> None:
    with pytest.raises(InputError, match=r"no draw in 1000 tries satisfies the conditions on n, k"):
        space.draw(Nothing, Stream("none"))
    assert space.count(Nothing) == 0


def test_counting_and_size() -> None:
    assert space.count(Convolution, limit=100) == 100
    every = [
        (n, k, p, w)
        for n, k in product(range(3, 6), (1, 3, 5))
        for p in range(k // 2 + 1)
        for w in product(range(p + 1), repeat=k)
        if k <= n and (n + 2 * p) % 2 == 0
    ]
    small = {"n": Allowed(hi=5)}
    assert space.count(Convolution, small, limit=10**6) == len(every)
    assert [tuple(q.as_dict().values()) for q in space.enumerate_space(Convolution, small) if q] == every
    assert space.count(Convolution, limit=10**6) == 10**6  # more combinations than are gone through
    assert space.size(Every) == 5 * 3 * 2 * 5 * 3 * 4 * 4 * 6
    assert space.size(Convolution) > 10**6
    assert len(list(space.enumerate_space(Every, nodes=77))) == 77


# Narrowing.


def narrowed(where: dict[str, Any], kind: type[Parameters] = Every) -> set[Any]:
    """Values that draws take in the fields of ``where``."""
    allowed = space.narrowing(kind, where, "where")
    draws = (space.draw(kind, Stream("where", number), allowed) for number in range(120))
    return {tuple(getattr(q, name) for name in where) for q in draws}


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"n": 3}, {(3,)}),
        ({"n": [0, 9]}, {(0,), (9,)}),
        ({"n": {"min": 1}}, {(3,), (6,), (9,)}),
        ({"n": {"min": 0, "max": 4}}, {(0,), (3,)}),
        ({"name": "mean"}, {("mean",)}),
        ({"f": "1/3"}, {(Fraction(1, 3),)}),
        ({"d": ["0.10", "0.50"]}, {(Decimal("0.10"),), (Decimal("0.50"),)}),
        ({"v": [0, 1]}, {((0, 1),)}),
        ({"v": [[0, 1], [1, 1]]}, {((0, 1),), ((1, 1),)}),
        ({"m": [[0], [-1]]}, {(((0,), (-1,)),)}),
        ({"v": {"min": 1}}, {((1, 1),)}),
        ({"o": [2, 1, 0]}, {((2, 1, 0),)}),
        ({"n": 3, "k": [3, 7]}, {(3, 3), (3, 7)}),
    ],
)
def test_narrowing(where: dict[str, Any], left: set[Any]) -> None:
    assert narrowed(where) == left


def test_narrowing_bounds_that_depend() -> None:
    assert {k for (k,) in narrowed({"k": {"min": 5, "max": 7}}, Convolution)} == {5, 7}
    assert {p for (p,) in narrowed({"p": 2}, Convolution)} == {2}


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"nn": 3}, r"where: unknown parameter 'nn'; did you mean 'n'"),
        ({"n": 4}, r"where\.n: expected an integer from -3 to 9 in steps of 3, got 4"),
        ({"n": []}, r"where\.n: "),
        ({"n": {"min": 10}}, r"where\.n: no value is left"),
        ({"n": {"low": 1}}, r"where\.n: unknown bound 'low' \(known: max, min\)"),
        ({"name": "max"}, r"where\.name: expected one of sum, mean, got 'max'"),
        ({"o": {"min": 0}}, r"an order has no min and no max"),
    ],
)
def test_bad_narrowing_is_refused(where: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        space.narrowing(Every, where, "where")


def test_bounds_that_do_not_compare_are_refused() -> None:
    with pytest.raises((FamilyError, InputError), match=r"compare|no value"):
        space.narrowing(Every, {"name": {"min": 3}}, "where")


def test_an_empty_intersection_names_the_fields() -> None:
    where = space.narrowing(Convolution, {"n": 3, "p": 5}, "where")
    with pytest.raises(InputError, match=r"conditions on n, p"):
        space.draw(Convolution, Stream("none"), where)


@pytest.mark.parametrize("make", [lambda: odds(3, 7), lambda: choice(1, 2), lambda: choice(lambda q: [q.n])])
def test_declarations_are_fields(make: Callable[[], Any]) -> None:
    assert isinstance(make(), space.Field)


def test_orders_are_all_there() -> None:
    assert list(space.Permutations(3).values()) == [
        (0, 1, 2),
        (0, 2, 1),
        (1, 0, 2),
        (1, 2, 0),
        (2, 0, 1),
        (2, 1, 0),
    ]
