"""Formulas and other exact values as LaTeX mathematics."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from quizgen.expr.functions import FUNCTIONS, OPERATORS
from quizgen.expr.tree import (
    Apply,
    Call,
    Constant,
    Exact,
    Expr,
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
)

CONSTANTS = {"pi": r"\pi", "e": "e", "infinity": r"\infty"}
GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
ACCENTS = ("bar", "hat", "tilde", "dot", "vec")


def latex(tree: Node) -> str:
    """``tree`` as LaTeX mathematics."""
    match tree:
        case Num(value):
            return _numeral(value)
        case Constant(name):
            return CONSTANTS[name]
        case Name(name, indices):
            return _indexed(latex_name(name), indices)
        case Sum(terms):
            return _sum(terms)
        case Product(factors):
            return _product(factors)
        case Quotient(above, below):
            return rf"\frac{{{latex(above)}}}{{{latex(below)}}}"
        case Power(base, exponent):
            return f"{_base(base)}^{{{latex(exponent)}}}"
        case Call(function, arguments):
            return _call(function, arguments)
        case Apply(name, arguments, separators):
            return _apply(name, arguments, separators)
        case Series(operator, index, low, high, body):
            sign = r"\sum" if operator == "sum" else r"\prod"
            return rf"{sign}_{{{latex_name(index)}={latex(low)}}}^{{{latex(high)}}} {_factor(body)}"
        case Grid(rows):
            return _grid([[latex(entry) for entry in row] for row in rows])


def latex_name(name: str) -> str:
    r"""The name of a variable as LaTeX: ``\sigma_{t}`` for ``sigma_t``, ``\bar{\alpha}`` for ``alphabar``."""
    stem, _, index = name.rstrip("'").partition("_")
    primes = name[len(name.rstrip("'")) :]
    accent = next((a for a in ACCENTS if stem.endswith(a) and len(stem) > len(a)), "")
    stem = stem.removesuffix(accent)
    letters = stem.rstrip("0123456789")
    index = index or stem[len(letters) :]
    shown = letters if len(letters) <= 1 else rf"\mathrm{{{letters}}}"
    if letters in GREEK:
        shown = "\\" + letters
    if accent:
        shown = rf"\{accent}{{{shown}}}"
    return (f"{shown}_{{{_index(index)}}}" if index else shown) + primes


def _index(text: str) -> str:
    """A subscript that is part of a name: words upright, letters and numbers as they are."""
    if text in GREEK:
        return "\\" + text
    return rf"\mathrm{{{text}}}" if text.isalpha() and len(text) > 1 else text


def _numeral(value: str) -> str:
    if "/" in value:
        return latex_number(Fraction(value))
    digits, _, exponent = value.partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return {"1": power, "-1": f"-{power}"}.get(digits, rf"{digits} \cdot {power}")


def _sum(terms: tuple[Node, ...]) -> str:
    """Terms joined by their signs."""
    head, *rest = (_factor(term) if isinstance(term, Sum) else latex(term) for term in terms)
    return head + "".join(f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in rest)


def _product(factors: tuple[Node, ...]) -> str:
    """Factors side by side; a leading 1 vanishes, a leading -1 becomes a sign."""
    sign = ""
    if len(factors) > 1 and factors[0] in (Num("1"), Num("-1")):
        sign = factors[0].value.removesuffix("1") if isinstance(factors[0], Num) else ""
        factors = factors[1:]
    parts = [*map(_factor, factors[:-1]), _last_factor(factors[-1])]
    inner = parts[0]
    for left, right, text in zip(factors, factors[1:], parts[1:], strict=False):
        inner += (r" \cdot " if _needs_dot(left, right, text) else " ") + text
    return f"{sign}({inner})" if sign and inner.startswith("-") else sign + inner


def _needs_dot(left: Node, right: Node, text: str) -> bool:
    """Whether two factors side by side would be misread; a dot before a gradient would make it a divergence."""
    left, right = _untransposed(left), _untransposed(right)
    if isinstance(right, Call) and right.function == "gradient":
        return isinstance(left, Call) and not latex(left).endswith("}")
    if isinstance(left, Num):
        return isinstance(right, Num | Call | Quotient) or text[0].isdigit()
    return isinstance(left, Call | Series) or isinstance(right, Num | Call | Quotient) or text[0].isdigit()


def _untransposed(tree: Node) -> Node:
    """The name in a transposed vector or matrix, which stands beside others as a name does; any other tree itself."""
    match tree:
        case Call("transpose", (Name() as name,)):
            return name
    return tree


def _factor(tree: Node) -> str:
    """``tree`` as a factor: sums, remainders, and what begins with a sign, in brackets."""
    text = latex(tree)
    is_open = isinstance(tree, Sum) or _reaches(tree) or (isinstance(tree, Call) and tree.function in OPEN)
    return rf"\left({text}\right)" if is_open or text.startswith("-") else text


def _last_factor(tree: Node) -> str:
    """``tree`` at the end of a product, where what takes in all that follows needs no brackets."""
    text = latex(tree)
    return text if _reaches(tree) and not text.startswith("-") else _factor(tree)


def _reaches(tree: Node) -> bool:
    """Whether a factor after ``tree`` would seem to belong to its last part, as it would to the summand of a sum."""
    if isinstance(tree, Product):
        return _reaches(tree.factors[-1])
    return isinstance(tree, Series) or (isinstance(tree, Call) and tree.function in PREFIXES - {"integral"})


OPEN = {"mod", "isequal"}
"""Functions written without brackets around them, which as factors need some."""


def _base(tree: Node) -> str:
    """``tree`` with an exponent to come."""
    text = latex(tree)
    match tree:
        case Name() | Constant() | Grid():
            return f"{{{text}}}" if "^" in text else text
        case Num(value) if value.isdigit():
            return text
        case Call(function, _) if function in ("abs", "norm", "floor", "ceil"):
            return text
    return rf"\left({text}\right)"


def _call(function: str, arguments: tuple[Node, ...]) -> str:
    if function in OPERATORS:
        return _operator(function, arguments)
    template = FUNCTIONS[function].latex
    if function == "entry":
        return _indexed(latex(arguments[0]), arguments[1:])
    if function == "hadamard":
        return r" \odot ".join(map(_factor, arguments))
    if "#" in template:
        postfix = template.startswith("#")
        for place, argument in enumerate(arguments, 1):
            text = _base(argument) if postfix else latex(argument)
            template = template.replace(f"#{place}", text)
        return template
    if not arguments:
        return template
    inner = ", ".join(map(latex, arguments))
    is_plain = function in ("ln", "exp") and (inner.isdigit() or _stands_alone(arguments[0]))
    return f"{template} {inner}" if is_plain else rf"{template}\left({inner}\right)"


def _stands_alone(tree: Node) -> bool:
    """Whether a logarithm is written before ``tree`` without brackets: ``p(x|z)``, a ratio of such, ``|x|``."""
    is_size = isinstance(tree, Call) and tree.function == "abs"
    return is_size or isinstance(tree, Apply) or (isinstance(tree, Quotient) and _has_density(tree))


def _has_density(tree: Node) -> bool:
    return isinstance(tree, Apply) or any(map(_has_density, children(tree)))


PREFIXES = {"integral", "total", "gradient", "partial", "derivative"}
"""Operators whose last argument follows them without brackets of its own."""


TWICE = {"partial": r"\frac{\partial^2}{\partial #1^2} #2", "derivative": r"\frac{d^2}{d #1^2} #2"}
"""How the derivative of a derivative by the same variable is written."""


def _operator(function: str, arguments: tuple[Node, ...]) -> str:
    """What averages, differentiates or compares."""
    text = OPERATORS[function].latex
    match arguments:
        case (variable, Call(inner, (same, body))) if inner == function and same == variable and function in TWICE:
            text, arguments = TWICE[function], (variable, body)
    for place, argument in enumerate(arguments, 1):
        reach = place == 2 and (function in PREFIXES or function == "jacobian")
        text = text.replace(f"#{place}", _reached(function, argument) if reach else latex(argument))
    return text


def _reached(function: str, body: Node) -> str:
    """What an operator stands before, in brackets where it would seem to reach less far than it does."""
    is_linear = function in ("integral", "total")
    is_open = isinstance(body, Product | Power | Quotient) and not is_linear
    text = latex(body)
    is_open = is_open or isinstance(body, Sum) or text.startswith("-")
    return rf"\left({text}\right)" if is_open else text


def _apply(name: str, arguments: tuple[Node, ...], separators: str) -> str:
    if not arguments:
        return latex_name(name)
    shown = {",": ", ", ";": "; ", "|": r" \mid ", "‖": r" \,\|\, "}
    inner = latex(arguments[0])
    for separator, argument in zip(separators, arguments[1:], strict=True):
        inner += shown[separator] + latex(argument)
    return rf"{latex_name(name)}\left({inner}\right)"


def _indexed(name: str, indices: tuple[Node, ...]) -> str:
    if not indices:
        return name
    return f"{name}_{{{', '.join(map(latex, indices))}}}"


def latex_number(value: Exact | Decimal) -> str:
    """A number as LaTeX: ``3``, ``-\\frac{3}{7}``, ``0.125``."""
    if isinstance(value, Fraction) and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def latex_vector(entries: Sequence[Exact | Decimal | Node]) -> str:
    """Numbers in round brackets: ``(1, 2, 3)``."""
    inner = ", ".join(latex_value(entry) for entry in entries)
    return rf"\left({inner}\right)" if r"\frac" in inner else f"({inner})"


def latex_matrix(rows: Sequence[Sequence[Exact | Decimal | Node]]) -> str:
    """Rows of numbers as a matrix in round brackets."""
    return _grid([[latex_value(entry) for entry in row] for row in rows])


def _grid(rows: Sequence[Sequence[str]]) -> str:
    inner = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}"


def latex_value(value: object) -> str:
    """Any exact value as LaTeX: a number, a formula, a vector or a matrix. TypeError for anything else."""
    if type(value) is int:  # as most are
        return str(value)
    match value:
        case bool():
            raise TypeError(f"{value!r} has no LaTeX")
        case int() | Fraction() | Decimal():
            return latex_number(value)
        case Expr():
            return latex(value)  # type: ignore[arg-type]  # every Expr is a Node
        case tuple() if value and all(isinstance(row, tuple) for row in value):
            return latex_matrix(value)
        case tuple():
            return latex_vector(value)
    raise TypeError(f"{value!r} has no LaTeX")
