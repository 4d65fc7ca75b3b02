r"""The keys beside a formula: the names that its answer is made of, and signs that are hard to find on a keyboard."""

from collections.abc import Iterator
from typing import NamedTuple

from quizgen.answers._symbolic import Symbolic
from quizgen.answers.distribution import FAMILIES, Distribution
from quizgen.answers.interval import Interval
from quizgen.answers.set import Set
from quizgen.expr.domains import Domain, read_domain
from quizgen.expr.writing import latex_name
from quizgen.notation.vocabulary import spelled
from quizgen.values import Key


class Keycap(NamedTuple):
    r"""One key. ``shown`` is the LaTeX on it, ``tex`` what it puts into a formula, ``text`` into a line of text.

    In ``tex``, ``#?`` is a place to fill, ``#@`` what stands before the key, ``#0`` what is selected or nothing.
    ``said`` names a phrase for those who do not see the key; a name speaks for itself.
    """

    shown: str
    tex: str
    text: str = ""
    said: str = ""


class Keys(NamedTuple):
    """All keys of one answer: its ``names``, the ``signs`` most answers need, and ``more`` that few do."""

    names: tuple[Keycap, ...] = ()
    signs: tuple[Keycap, ...] = ()
    more: tuple[Keycap, ...] = ()


NONE = Keys()

SIGNS = (
    Keycap(r"\frac{a}{b}", r"\frac{#@}{#?}", said="fraction"),
    Keycap("x^{n}", "#@^{#?}", said="power"),
    Keycap(r"\sqrt{x}", r"\sqrt{#0}", said="root"),
    Keycap("(x)", r"\left(#0\right)", said="brackets"),
    Keycap(r"\exp", r"\exp\left(#0\right)", said="exp"),
    Keycap(r"\ln", r"\ln\left(#0\right)", said="ln"),
)
INDEXED = (Keycap("x_{i}", "#@_{#?}", said="index"), Keycap(r"\sum", r"\sum_{#?}^{#?}", said="sum"))
TENSORS = (
    Keycap(r"A^{\top}", r"#@^{\top}", said="transpose"),
    Keycap("A^{-1}", "#@^{-1}", said="inverse"),
    Keycap(r"\|x\|", r"\left\Vert#0\right\Vert", said="norm"),
)
MORE = (
    Keycap(r"\left|x\right|", r"\left|#0\right|", said="abs"),
    Keycap(r"\lfloor x\rfloor", r"\lfloor#0\rfloor", said="floor"),
    Keycap(r"\log_{2}", r"\log_{2}\left(#0\right)", said="log2"),
    Keycap(r"\sin", r"\sin\left(#0\right)", said="sin"),
    Keycap(r"\cos", r"\cos\left(#0\right)", said="cos"),
    Keycap(r"\tanh", r"\tanh\left(#0\right)", said="tanh"),
    Keycap(r"\max", r"\max\left(#?,#?\right)", said="max"),
    Keycap(r"\min", r"\min\left(#?,#?\right)", said="min"),
    Keycap(r"\pi", r"\pi", said="pi"),
)
INTERVAL = (Keycap(r"\infty", "", "∞", "infinity"), Keycap(r"\cup", "", "∪", "union"))
SET = (Keycap(r"\varnothing", "", "∅", "empty"),)
FAMILIAR = ("normal", "uniform", "bernoulli", "categorical", "binomial", "poisson", "exponential", "gamma", "beta")
"""Distributions that have a key; all others can be typed."""


def keys(key: Key) -> Keys:
    """The keys for answers to ``key``; none for what any keyboard can type."""
    match key:
        case Interval():
            return Keys(INTERVAL)
        case Set():
            return Keys(SET)
        case Symbolic():
            return _formula(key)
    return NONE


def _formula(key: Symbolic) -> Keys:
    domains = [read_domain(domain) for domain in key.variables.values()]
    return Keys(tuple(_names(key)), tuple(_signs(key, domains)), tuple(_more(domains)))


def _names(key: Symbolic) -> Iterator[Keycap]:
    for name in (*key.variables, *filter(None, (key.identity,))):
        tex = latex_name(spelled(name))
        yield Keycap(tex, tex, name)
    for name in key.functions:
        tex = latex_name(spelled(name))
        yield Keycap(tex, rf"{tex}\left(#0\right)", name)


def _signs(key: Symbolic, domains: list[Domain]) -> Iterator[Keycap]:
    if isinstance(key, Distribution):
        for name in FAMILIAR:
            places = ",".join(["#?"] * (FAMILIES[name].parameters or 2))
            yield Keycap(FAMILIES[name].latex, rf"{FAMILIES[name].latex}\left({places}\right)", said=name)
    yield from SIGNS
    if any(domain.indexed for domain in domains):
        yield from INDEXED
    if any(domain.shape for domain in domains):
        yield from TENSORS


def _more(domains: list[Domain]) -> Iterator[Keycap]:
    if not any(domain.indexed for domain in domains):
        yield from INDEXED
    yield from MORE
