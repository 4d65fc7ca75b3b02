r"""A distribution: a name applied to formulas, ``N(mu, sigma^2)``, ``x \sim \mathcal{N}(\mu, \sigma^2)``.

Parameters: N(mean, variance or covariance), U(low, high), Bern(p), Cat(p) with all probabilities or their vector,
Bin(n, p), Exp(rate), Gamma(shape, rate), Laplace(mean, scale) and so on; a standard deviation for a variance is wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from quizgen import notation
from quizgen.answers._credit import RIGHT, UNDECIDED
from quizgen.answers._symbolic import SLIPS, Symbolic, after, is_label, plain_name, retyped
from quizgen.expr import Expr, Node, Num, latex
from quizgen.expr.edits import changes
from quizgen.notation import Token, Unreadable, Vocabulary
from quizgen.notation.tokens import CLOSING, depths
from quizgen.values import Reading, Value, Verdict


class Family(NamedTuple):
    """``parameters`` is how many there are, None for one or more; ``names`` are ways to type it, the first is shown."""

    parameters: int | None
    latex: str
    names: tuple[str, ...]


FAMILIES: dict[str, Family] = {
    "normal": Family(2, r"\mathcal{N}", ("N", "Normal", "Gaussian", "Gauss", "正态分布", "高斯分布", "正态", "高斯")),
    "uniform": Family(2, r"\mathcal{U}", ("U", "Unif", "Uniform", "均匀分布", "均匀")),
    "bernoulli": Family(1, r"\mathrm{Bern}", ("Bern", "Ber", "Bernoulli", "伯努利分布", "伯努利")),
    "categorical": Family(None, r"\mathrm{Cat}", ("Cat", "Categorical")),
    "binomial": Family(2, r"\mathrm{Bin}", ("Bin", "B", "Binom", "Binomial", "二项分布")),
    "multinomial": Family(2, r"\mathrm{Mult}", ("Mult", "Multi", "Multinomial")),
    "poisson": Family(1, r"\mathrm{Pois}", ("Pois", "Poi", "Po", "Poisson", "泊松分布", "泊松")),
    "geometric": Family(1, r"\mathrm{Geom}", ("Geom", "Geo", "Geometric")),
    "exponential": Family(1, r"\mathrm{Exp}", ("Exp", "Expo", "Exponential", "指数分布")),
    "gamma": Family(2, r"\mathrm{Gamma}", ("Gamma", "Ga", "Gam")),
    "beta": Family(2, r"\mathrm{Beta}", ("Beta", "Be")),
    "dirichlet": Family(None, r"\mathrm{Dir}", ("Dir", "Dirichlet")),
    "laplace": Family(2, r"\mathrm{Laplace}", ("Laplace", "Lap")),
    "cauchy": Family(2, r"\mathrm{Cauchy}", ("Cauchy",)),
    "logistic": Family(2, r"\mathrm{Logistic}", ("Logistic",)),
    "gumbel": Family(2, r"\mathrm{Gumbel}", ("Gumbel",)),
    "lognormal": Family(2, r"\mathrm{LogNormal}", ("LogNormal", "LN")),
    "student": Family(1, r"\mathrm{t}", ("t", "Student", "StudentT")),
    "chi-squared": Family(1, r"\chi^2", ("chi^2", "Chi2", "chisq", "ChiSquared")),
    "dirac": Family(1, r"\delta", ("delta", "Dirac")),
}
"""Every family, by names that no other has."""

ORDINALS = ("first", "second", "third")
LONG = 4
"""From this many letters on, capital and small ones are the same in a family's name."""

_NAMES = {name: family for family, about in FAMILIES.items() for name in about.names}
_FOLDED = {name.casefold(): family for name, family in _NAMES.items() if len(name) >= LONG}
_CHINESE = {name: FAMILIES[family].names[0] for name, family in _NAMES.items() if name[0] > "\u2fff"}

_SUBJECTS = frozenset("_{}()|,;")


class Distributed(Expr, frozen=True, tag="distribution"):
    """A family with its parameters."""

    family: str
    parameters: tuple[Node, ...]


class Distribution(Symbolic, frozen=True, tag="distribution"):
    """``value``, after ``label`` (``x ~ N(0, 1)``) or without it."""

    online = ("distribution", "choose")

    def formulas(self, value: Value) -> tuple[Node, ...]:
        return self.stated(value).parameters

    def stated(self, value: Value) -> Distributed:
        """A distribution as data; text is read. Raises Unreadable."""
        return value if isinstance(value, Distributed) else _stated(value, self.vocabulary, self.label)

    def read(self, text: str) -> Reading:
        found = self.stated(text)
        return Reading(value=found, parsed=_shown(found))

    def judge(self, reading: Reading) -> Verdict:
        outcomes = self._outcomes(self.stated(reading.value))
        if outcomes is None:
            return Verdict(verdict="wrong", notes=("another-family",))
        wrong = [place for place, outcome in enumerate(outcomes) if outcome == "different"]
        if wrong:
            return Verdict(verdict="wrong", notes=tuple(map(_ordinal, wrong)))
        if all(outcome == "same" for outcome in outcomes):
            return RIGHT
        return UNDECIDED

    def _outcomes(self, answer: Distributed) -> list[str] | None:
        """How each parameter compares with that of the key; None for another family."""
        key = self.stated(self.value)
        if key.family != answer.family or len(key.parameters) != len(answer.parameters):
            return None
        pairs = zip(key.parameters, answer.parameters, strict=True)
        return [self.compare(wanted, given, place).verdict for place, (wanted, given) in enumerate(pairs)]

    def near(self, reading: Reading) -> tuple[str, ...]:
        key, answer = self.stated(self.value), self.stated(reading.value)
        outcomes = self._outcomes(answer)
        if outcomes is None:
            return ()
        backwards = Distributed(answer.family, answer.parameters[::-1])
        if len(outcomes) > 1 and set(self._outcomes(backwards) or ()) == {"same"}:
            return ("permuted",)
        codes = [
            self.slip(key.parameters[place], answer.parameters[place], place)
            for place, outcome in enumerate(outcomes)
            if outcome == "different"
        ]
        return tuple(dict.fromkeys(code for code in codes if code))

    def slips(self) -> Iterator[tuple[str, str]]:
        key = self.stated(self.value)
        for place, tree in enumerate(key.parameters):
            for code, mutant in islice(changes(tree, self.vocabulary.variables), SLIPS // len(key.parameters)):
                parameters = (*key.parameters[:place], mutant, *key.parameters[place + 1 :])
                yield code, _shown(Distributed(key.family, parameters))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${_shown(self.stated(value))}$"

    def notations(self, value: Value) -> list[str]:
        found = self.stated(value)
        inner = ", ".join(map(latex, found.parameters))
        named = [f"{name}({inner})" for name in FAMILIES[found.family].names]
        who = self.label or "X"
        subjects = [
            f"{who} ~ {named[0]}",
            rf"{who} \sim {_shown(found)}",
            f"{named[0][:-1]})".replace("(", f"({who}; ", 1),
        ]
        return [*(retyped(value) if isinstance(value, str) else ()), _shown(found), *named, *subjects]

    def junk(self) -> list[str]:
        letter = self.undeclared()
        key = self.stated(self.value)
        inner = ", ".join(map(latex, key.parameters))
        name = FAMILIES[key.family].names[0]
        return [
            "",
            "?",
            inner,
            f"{name}({inner}",
            f"{name}()",
            f"{name}{inner}",
            f"{name}({letter})",
            f"{name}({inner}, )",
        ]

    def wrong(self) -> list[str]:
        key = self.stated(self.value)
        other = "Laplace" if key.family != "laplace" else "N"
        first, *rest = map(latex, key.parameters)
        shifted = ", ".join([f"2({first})" if key.parameters[0] != Num("0") else "1", *rest])
        return [f"{other}(0, 1)", f"{FAMILIES[key.family].names[0]}({shifted})"]


@lru_cache(maxsize=1024)
def _stated(text: str, vocabulary: Vocabulary, label: str) -> Distributed:
    """The distribution that a text states. Raises Unreadable."""
    written = [token for token in notation.tokens(_latin(text)) if token.kind != "newline"]
    left, found = after(written, "~=:")
    if left and not _may_be_called(left, label):
        raise Unreadable("unexpected-label", (left[0].start, left[-1].end))
    opening = next((place for place, token in enumerate(found) if token.text in ("(", "[")), 0)
    inner = notation.enclosed(found[opening:], ("(", "["))
    if opening and inner is None and [*depths(found[opening:])][-1][0] > (found[-1].text in CLOSING):
        raise Unreadable("unbalanced", found[opening].span)
    if not opening or inner is None:
        raise Unreadable("not-a-distribution" if found else "empty", (0, len(text)))
    family = _family(found[:opening])
    parts = _parts(_without_subject(inner, FAMILIES[family], label), FAMILIES[family])
    if len(parts) != (FAMILIES[family].parameters or len(parts)):
        raise Unreadable("wrong-arguments", (found[0].start, found[-1].end))
    if not all(parts):
        raise Unreadable("incomplete", found[-1].span)
    return _simplest(Distributed(family, tuple(notation.parse(part, vocabulary, found[-1].start) for part in parts)))


def _parts(inner: Sequence[Token], family: Family) -> list[tuple[Token, ...]]:
    """The parameters between the brackets, perhaps in a second pair: ``U([0, 1])``, ``Cat((a, b))``."""
    vector = notation.enclosed(inner, ("(", "[", "\\{")) if family.parameters != 1 else None
    return notation.split(inner if vector is None else vector, ",;")


def _without_subject(inner: Sequence[Token], family: Family, label: str) -> Sequence[Token]:
    """What follows ``x;`` or ``x |``; bars in pairs are absolute values. Raises Unreadable."""
    bars = sum(token.text == "|" for token in inner)
    subject, rest = after(inner, ";|" if bars % 2 else ";")
    labelled = is_label(subject, label)
    count = len(notation.split(rest, ","))
    fits = labelled or count > 1 if family.parameters is None else count == family.parameters
    if not subject or not fits or len(notation.split(subject, ",")) > 1:
        return inner
    if not _may_be_called(subject, label):
        raise Unreadable("unexpected-label", (subject[0].start, subject[-1].end))
    return rest


def _latin(text: str) -> str:
    """``text`` with Chinese names of families in Latin letters, every place as it was."""
    for name, other in _CHINESE.items():
        text = text.replace(name, other.ljust(len(name)))
    return text


def _family(head: Sequence[Token]) -> str:
    """The family that stands before the brackets. Raises Unreadable."""
    name = plain_name(head)
    family = _NAMES.get(name) or _FOLDED.get(name.casefold())
    if family is None:
        raise Unreadable("unknown-distribution", (head[0].start, head[-1].end))
    return family


def _may_be_called(found: Sequence[Token], label: str) -> bool:
    """Whether what has the distribution is what the key names, or if it names nothing, a name and no formula."""
    if label:
        return is_label(found, label)
    known = all(token.kind in ("name", "number") or token.text in _SUBJECTS for token in found)
    return known and found[0].kind == "name"


def _simplest(found: Distributed) -> Distributed:
    """One draw of a binomial is a Bernoulli variable, and so on: one distribution, one name."""
    match found.family, found.parameters:
        case "binomial", (Num("1"), p):
            return Distributed("bernoulli", (p,))
        case "multinomial", (Num("1"), p):
            return Distributed("categorical", (p,))
        case "gamma", (Num("1"), rate):
            return Distributed("exponential", (rate,))
        case "beta", (Num("1"), Num("1")):
            return Distributed("uniform", (Num("0"), Num("1")))
    return found


def _shown(found: Distributed) -> str:
    """A distribution as LaTeX."""
    return rf"{FAMILIES[found.family].latex}\left({', '.join(map(latex, found.parameters))}\right)"


def _ordinal(place: int) -> str:
    return f"{ORDINALS[place] if place < len(ORDINALS) else 'another'}-parameter"
