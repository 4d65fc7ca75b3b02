"""Formula trees: one tree, many readings (LaTeX, exact value, rounded value, ball value).

A tree is data: it can be stored in an item, printed and evaluated, and what is printed is what was evaluated.
Submodules that need more than this are loaded where they are used: ``balls`` (interval arithmetic), ``equality``.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

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
    ln,
    negative,
    num,
    replaced,
)
from quizgen.expr.writing import latex, latex_matrix, latex_name, latex_number, latex_value, latex_vector

__all__ = [
    "Apply", "Call", "Constant", "Exact", "Expr", "Grid", "Name", "Node", "Num", "Power", "Product", "Quotient",
    "Series", "Sum", "children", "evaluate", "latex", "latex_matrix", "latex_name", "latex_number", "latex_value",
    "latex_vector", "ln", "negative", "num", "replaced",
]  # fmt: skip

_PRECISE = Context(prec=50, rounding=ROUND_HALF_UP)


def evaluate(tree: Node) -> Decimal:
    """The value of a formula of rational numbers, exp, ln and sqrt, to nearly 50 significant digits.

    Raises TypeError for any other; ``balls`` evaluates those.
    """
    match tree:
        case Num(value):
            number = Fraction(value)
            return _PRECISE.divide(Decimal(number.numerator), Decimal(number.denominator))
        case Sum(terms):
            total = Decimal(0)
            for term in terms:
                total = _PRECISE.add(total, evaluate(term))
            return total
        case Product(factors):
            product = Decimal(1)
            for factor in factors:
                product = _PRECISE.multiply(product, evaluate(factor))
            return product
        case Quotient(above, below):
            return _PRECISE.divide(evaluate(above), evaluate(below))
        case Call("exp" | "ln" | "sqrt" as function, (argument,)):
            operation = {"exp": _PRECISE.exp, "ln": _PRECISE.ln, "sqrt": _PRECISE.sqrt}[function]
            return operation(evaluate(argument))
    raise TypeError(f"{latex(tree)} has no plain value")
