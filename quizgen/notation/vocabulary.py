"""What names mean in one answer: the variables and functions that its key declares, and what everyone may use."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from quizgen.errors import InputError
from quizgen.expr.domains import Domain, read_domain
from quizgen.expr.functions import FUNCTIONS
from quizgen.notation.characters import ACCENTED, ACCENTS, GREEK, Unreadable
from quizgen.notation.tokens import tokens

Role: TypeAlias = Literal[
    "variable", "index", "function", "bracketed", "apply", "constant", "identity", "series", "digits"
]
"""``bracketed`` is a function only with brackets; ``apply`` one of which nothing is known but its name."""


class Meaning(NamedTuple):
    """What a name stands for, and its one spelling."""

    role: Role
    name: str


ALIASES = {
    "log": "ln", "Log": "ln", "Ln": "ln", "lg": "log10", "Exp": "exp", "sgn": "sign", "ceiling": "ceil",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arsinh": "asinh", "arcosh": "acosh", "artanh": "atanh",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "Tanh": "tanh", "tr": "trace", "Tr": "trace",
    "ReLU": "relu", "Relu": "relu", "RELU": "relu", "Softplus": "softplus", "GELU": "gelu", "Gelu": "gelu",
    "SiLU": "silu", "swish": "silu", "Swish": "silu", "Sigmoid": "sigmoid", "logistic": "sigmoid",
    "Softmax": "softmax", "binom": "binomial", "comb": "binomial", "cbrt": "cbrt", "pow": "pow", "inv": "inverse",
}  # fmt: skip
BRACKETED = {"sigma": "sigmoid", "Phi": "Phi", "Gamma": "gamma", "C": "binomial"}
CONSTANTS = {"pi": "pi", "e": "e", "inf": "infinity", "infinity": "infinity", "infty": "infinity"}
SERIES = {"sum": "sum", "prod": "product"}
_WITHOUT_NAME = {"entry", "gamma", "less", "atmost", "equal", "hadamard", "identity", "ones", "root", "Phi"}


def _common() -> dict[str, Meaning]:
    """The names that need no declaration."""
    known = {name: Meaning("function", name) for name in FUNCTIONS if name not in _WITHOUT_NAME}
    known |= {alias: Meaning("function", name) for alias, name in ALIASES.items()}
    known |= {alias: Meaning("bracketed", name) for alias, name in BRACKETED.items()}
    known |= {alias: Meaning("constant", name) for alias, name in CONSTANTS.items()}
    known |= {alias: Meaning("series", name) for alias, name in SERIES.items()}
    return known


COMMON = _common()


_APART = re.compile(rf"_(?=(?:{'|'.join(sorted(set(ACCENTS.values())))})(?:_|$))")  # alpha_bar is alphabar


class Vocabulary:
    """The names that one key knows, by their normal forms; ``variables`` are names as trees have them, and domains."""

    def __init__(self, meanings: Mapping[str, Meaning], variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.domains = {name: read_domain(domain) for name, domain in variables.items()}
        self.declared = meanings
        self.meanings = {**COMMON, **meanings}
        self.longest = max(map(len, self.meanings))

    def domain(self, name: str) -> Domain | None:
        """The domain of a declared variable."""
        return self.domains.get(name)


def spelled(text: str) -> str:
    r"""A declared name as trees have it: ``alphabar_t`` for ``\bar{\alpha}_t``, ``alpha_bar_t`` and ``ᾱ_t``.

    Raises InputError for what is no name.
    """
    try:
        found = tokens(text)
    except Unreadable as error:
        raise InputError(f"{text!r} is no name of a variable") from error
    if not found or found[0].kind != "name":
        raise InputError(f"{text!r} is no name of a variable")
    joined = "".join(token.text for token in found if token.text not in ("{", "}"))
    letters, low = units(_APART.sub("", joined))
    return "".join(("_" if place == min(low, default=0) > 0 else "") + unit for place, unit in enumerate(letters))


def flat(texts: Iterable[str]) -> str:
    """The normal form of tokens that belong to one name."""
    return "".join("".join(units(text)[0]) for text in texts if text not in ("_", "{", "}"))


@lru_cache(maxsize=512)
def units(run: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """A run of letters as units, Greek ones spelled out and accents after their letter; and which ones stand low."""
    found: list[str] = []
    low = set()
    for character in "".join(ACCENTED.get(letter, letter) for letter in run):
        if character in ACCENTS and found:
            found[-1] += ACCENTS[character]
        elif character == "_":
            low.add(len(found))
        else:
            found.append(GREEK.get(character, character))
    return tuple(found), frozenset(low)


def vocabulary(
    variables: Mapping[str, str],
    functions: tuple[str, ...] = (),
    identity: str = "",
    spellings: Mapping[str, tuple[str, ...]] | None = None,
) -> Vocabulary:
    """The vocabulary of a key: variables with their domains, functions of which nothing is known, the identity matrix.

    Raises InputError for an unknown domain and for two names that cannot be told apart.
    """
    others = tuple(sorted((name, tuple(other)) for name, other in (spellings or {}).items()))
    return _vocabulary(tuple(variables.items()), tuple(functions), identity, others)


@lru_cache(maxsize=1024)
def _vocabulary(
    variables: tuple[tuple[str, str], ...],
    functions: tuple[str, ...],
    identity: str,
    spellings: tuple[tuple[str, tuple[str, ...]], ...],
) -> Vocabulary:
    names = {name: spelled(name) for name, _ in variables}
    declared = [(name, Meaning("variable", names[name])) for name, _ in variables]
    declared += [(name, Meaning("apply", spelled(name))) for name in functions]
    declared += [(identity, Meaning("identity", identity))] if identity else []
    owners = dict(declared)
    for name, others in spellings:
        if name not in owners:
            raise InputError(f"{name!r} has other spellings, but is not declared")
        declared += [(other, owners[name]) for other in others]
    meanings: dict[str, Meaning] = {}
    for name, meaning in declared:
        form = spelled(name).replace("_", "")
        if meanings.get(form, meaning) != meaning:
            raise InputError(f"{name!r} and {meanings[form].name!r} cannot be told apart when they are typed")
        meanings[form] = meaning
    return Vocabulary(meanings, {names[name]: domain for name, domain in variables})


NOTHING = vocabulary({})
