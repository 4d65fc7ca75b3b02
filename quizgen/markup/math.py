r"""The mathematics that may stand between dollar signs: an explicit table, checked before TeX or a browser sees it.

Nothing outside the table passes: no macro definitions, no file access, no switches of category codes. What passes is
understood alike by LaTeX (amsmath, amssymb) and by Temml.
"""

import re
from functools import lru_cache
from typing import NoReturn

from quizgen.errors import MarkupError


def _words(text: str) -> list[str]:
    return text.split()


SYMBOLS = frozenset(
    _words(
        r"""
        alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
        sigma varsigma tau upsilon phi varphi chi psi omega
        Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
        sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge
        exp ln log lg sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan max min sup inf lim limsup liminf
        det dim ker deg gcd Pr arg hom bmod
        cdot times div pm mp ast star circ bullet oplus ominus otimes oslash odot cap cup setminus wedge vee land lor
        lnot neg amalg uplus sqcap sqcup
        le leq ge geq ne neq equiv approx sim simeq cong propto ll gg in notin ni subset supset subseteq supseteq
        subsetneq supsetneq mid nmid parallel perp prec succ preceq succeq models vdash asymp doteq triangleq
        leqslant geqslant lesssim gtrsim
        to gets rightarrow leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow longrightarrow longleftarrow
        longleftrightarrow Longrightarrow Longleftarrow Longleftrightarrow implies impliedby iff mapsto longmapsto
        hookrightarrow hookleftarrow uparrow downarrow updownarrow Uparrow Downarrow nearrow searrow swarrow nwarrow
        rightharpoonup leftharpoonup rightleftharpoons rightsquigarrow leadsto
        forall exists nexists infty partial nabla emptyset varnothing ell hbar imath jmath Re Im aleph wp angle triangle
        square blacksquare Box diamond top bot prime dagger ddagger backslash checkmark therefore because
        ldots cdots vdots ddots dots dotsc dotsb dotsm dotsi colon
        vert Vert lvert rvert lVert rVert langle rangle lfloor rfloor lceil rceil lbrace rbrace lbrack rbrack
        quad qquad enspace displaystyle textstyle scriptstyle
        """
    )
)
"""Commands without arguments."""

ARGUMENTS = {
    **dict.fromkeys(
        _words(r"""
        sqrt overline underline hat widehat tilde widetilde bar vec dot ddot check breve acute grave mathring
        overrightarrow overleftarrow boldsymbol mathbf mathbb mathcal mathrm mathit mathsf mathtt mathfrak
        operatorname operatorname* underbrace overbrace boxed phantom hphantom vphantom smash substack
        xrightarrow xleftarrow pmod mathbin mathrel mathop mathopen mathclose mathord
        """),
        1,
    ),
    **dict.fromkeys(_words("frac dfrac tfrac binom dbinom tbinom overset underset stackrel"), 2),
}
"""Commands with arguments, and how many."""

TEXT = frozenset(_words("text textbf textit textrm mbox"))
"""Commands whose argument is plain text."""

OPTIONAL = frozenset(_words("sqrt xrightarrow xleftarrow"))
"""Commands that take an optional argument in brackets first."""

SIZED = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
DELIMITERS = frozenset(
    _words(
        r"""
        ( ) [ ] | / . < > \| \{ \} \lbrace \rbrace \lbrack \rbrack \langle \rangle \lfloor \rfloor \lceil \rceil \lvert
        \rvert \lVert \rVert \vert \Vert \backslash \uparrow \downarrow \updownarrow
        """
    )
)
ENVIRONMENTS = {
    **dict.fromkeys(_words("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix"), 30),
    "cases": 2,
    "aligned": 20,
    "gathered": 1,
    "array": 0,
}
"""Environments, and how many columns each may have; an array says so itself."""

LIMITED = frozenset(
    _words(
        r"""
        sum prod coprod int bigcup bigcap bigoplus bigotimes bigodot bigvee bigwedge max
        min sup inf lim limsup liminf det Pr gcd
        """
    )
)
"""Operators that ``\\limits`` may follow."""

CONTROL_SYMBOLS = frozenset("\\" + symbol for symbol in ",;:!>{}|%#&_$ ")
TEXT_SYMBOLS = frozenset("\\" + symbol for symbol in ",{}%#&_$ ")

LONGEST = 4000
DEEPEST = 40

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-*/=<>()[]|.,:;!?'")
_HINTS = {
    "%": r"write \% for a percent sign",
    "#": r"write \# for a number sign",
    "~": r"write \sim for 'distributed as', or \  for a space",
    '"': r"put words inside \text{…}",
    "$": "a formula cannot stand inside a formula",
}
_GROUPS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")


@lru_cache(maxsize=8192)
def check(tex: str) -> str:
    r"""The formula ``tex`` in normal form: surrounding space removed, integer parts of five digits or more in groups
    of three (``12\,345.6789``). Raises :class:`FormulaError` for whatever the table does not allow.
    """
    if len(tex) > LONGEST:
        raise FormulaError(f"a formula of {len(tex)} characters (at most {LONGEST} are allowed)", 0)
    return _Reader(tex).read()


def tokens(tex: str) -> list[str]:
    """``tex`` cut into commands, numbers, runs of space and single characters."""
    return _TOKEN.findall(tex)


class FormulaError(MarkupError):
    """A formula that is not allowed; ``offset`` counts characters from the formula's start."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class _Reader:
    """One pass over the tokens of a formula: recursive descent, copying what is allowed to ``out``."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.tokens = [*tokens(tex), ""]
        self.at = 0
        self.depth = 0
        self.out: list[str] = []

    def read(self) -> str:
        self._list("")
        if self._peek():
            self._fail(f"{self._peek()} without its opening partner")
        formula = "".join(self.out).strip()
        return formula + " " if formula.endswith("\\") and not formula.endswith("\\\\") else formula

    def _fail(self, message: str) -> NoReturn:
        raise FormulaError(message, sum(map(len, self.tokens[: self.at])))

    def _peek(self) -> str:
        return self.tokens[self.at]

    def _take(self) -> str:
        """The next token, copied."""
        token = self.tokens[self.at]
        self.at += 1
        self.out.append(token)
        return token

    def _space(self) -> None:
        while self._peek().isspace():
            self.at += 1
            self.out.append(" ")

    def _expect(self, wanted: str, opened: str) -> None:
        if self._peek() != wanted:
            self._fail(f"expected {wanted} to close {opened}, got {self._peek() or 'the end of the formula'}")
        self._take()

    def _list(self, inside: str, columns: int = 0) -> None:
        """Atoms with their scripts up to a closing token; a row may have ``columns`` cells (0: no rows)."""
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail(f"formula nested more than {DEEPEST} deep")
        scripts = ""
        cell = 1
        base = False
        while token := self._peek():
            if token in ("}", "\\right", "\\end") or (token == "]" and inside == "["):
                break
            if token in "^_'":
                self._script(token, scripts, base)
                scripts += token
                base = True
            elif token == "&" or token == "\\\\":
                cell = cell + 1 if token == "&" else 1
                self._separator(token, cell, columns)
                scripts, base = "", False
            elif token.isspace():
                self._space()
            elif token == "\\limits" or token == "\\nolimits":
                if "".join(self.out).rstrip().rpartition("\\")[2] not in LIMITED:
                    self._fail(f"{token} must follow an operator such as \\sum")
                self._take()
            elif token == "\\middle" and inside == "\\left":
                self._take()
                self._delimiter(token)
            elif token == "\\hline" and inside == "array" and "".join(self.out).rstrip()[-1:] in ("\\", "}"):
                self._take()
            else:
                scripts, base = "", True
                self._atom()
        self.depth -= 1

    def _script(self, token: str, scripts: str, base: bool) -> None:
        """A script or a prime after ``scripts`` of the same symbol; primes are a superscript and may be continued."""
        primed = "'" in scripts and scripts[-1] != "'"
        if token in scripts.replace("'", "") or (token != "_" and ("^" in scripts or primed)):
            self._fail(f"two {token} on the same symbol; use braces")
        while self.out and self.out[-1] == " ":  # a prime must touch the superscript that continues it
            self.out.pop()
        self.out.append("" if base else "{}")
        self._take()
        if token != "'":
            self._argument(token)

    def _separator(self, token: str, cell: int, columns: int) -> None:
        if not columns:
            self._fail(f"{token} outside a matrix, cases, aligned or array environment")
        if cell > columns:
            self._fail(f"more than {columns} cells in a row")
        self._take()
        if token != "&":
            self._shield()

    def _shield(self) -> None:
        """A row may begin with a bracket or a star, which TeX would take for an option of what stands before."""
        self._space()
        if self._peek() in ("[", "*"):
            self.out.append("{}")

    def _argument(self, owner: str) -> None:
        """One symbol or one group; a command gets the braces that TeX wants around many of them."""
        self._space()
        token = self._peek()
        if not token or token in "}&^_]'" or token in ("\\right", "\\end", "\\\\"):
            self._fail(f"{owner} lacks its argument")
        if token[0].isdigit() and len(token) > 1:  # TeX would take the first digit only
            self._fail(f"put the argument of {owner} in braces: {owner}{{{token}}}")
        bare = token[0] == "\\"
        self.out.append("{" if bare else "")
        self._atom()
        self.out.append("}" if bare else "")

    def _atom(self) -> None:
        token = self._peek()
        if token == "{":
            self._take()
            self._list("{")
            self._expect("}", "{")
        elif token[0] == "\\":
            self._command(token)
        elif token[0].isdigit() and token.isascii():
            self._number()
        elif token in _PLAIN:
            self._take()
        else:
            hint = _HINTS.get(token, "" if token.isascii() else r"put words inside \text{…}, write signs as commands")
            self._fail(f"{token!r} is not allowed in a formula" + (f"; {hint}" if hint else ""))

    def _number(self) -> None:
        whole, dot, rest = self.tokens[self.at].partition(".")
        self.at += 1
        self.out.append((_GROUPS.sub(r"\\,", whole) if len(whole) > 4 else whole) + dot + rest)

    def _command(self, token: str) -> None:
        name = token[1:]
        if token in CONTROL_SYMBOLS or name in SYMBOLS:
            self._take()
        elif name in ARGUMENTS:
            self._take()
            self._option(name)
            for _ in range(ARGUMENTS[name]):
                self._required(name)
        elif name in TEXT:
            self._take()
            self._text(token)
        elif name == "left":
            self._delimited()
        elif name in SIZED:
            self._take()
            self._delimiter(token)
        elif name == "begin":
            self._environment()
        else:
            self._fail(f"{token} is not among the commands allowed in formulas")

    def _required(self, name: str) -> None:
        self._space()
        if name in ("substack", "operatorname", "operatorname*") and self._peek() != "{":
            self._fail(f"\\{name} needs its argument in braces")
        if name == "substack":
            self._take()
            self._list("{", columns=1)
            self._expect("}", "{")
        else:
            self._argument(f"\\{name}")

    def _option(self, name: str) -> None:
        if name in OPTIONAL and self._peek() == "[":
            self._take()
            self._list("[")
            self._expect("]", "[")

    def _text(self, owner: str) -> None:
        """Words: everything literal but a few escapes; no formulas, no commands, balanced braces not needed."""
        if self._peek() != "{":
            self._fail(f"{owner} needs its text in braces")
        self._take()
        while (token := self._peek()) != "}":
            if not token:
                self._fail(f"expected }} to close {owner}{{")
            if token in "{$&#%^_~" or (token[0] == "\\" and token not in TEXT_SYMBOLS):
                self._fail(f"{token} is not allowed inside {owner}{{…}}")
            self._take()
        self._take()

    def _delimiter(self, owner: str) -> None:
        self._space()
        if self._peek() not in DELIMITERS:
            self._fail(f"{owner} needs a delimiter such as ( ) [ ] | . \\{{ \\}}, got {self._peek() or 'nothing'}")
        self._take()

    def _delimited(self) -> None:
        self._take()
        self._delimiter("\\left")
        self._list("\\left")
        self._expect("\\right", "\\left")
        self._delimiter("\\right")

    def _name(self, owner: str) -> str:
        match = re.compile(r"\{([A-Za-z]+)\}").match("".join(self.tokens[self.at : self.at + 24]))
        if not match:
            self._fail(f"{owner} needs the name of an environment in braces")
        end = self.at + 2 + len(match[1])
        while self.at < end:
            self._take()
        return match[1]

    def _environment(self) -> None:
        start = self.at
        self._take()
        name = self._name("\\begin")
        if name not in ENVIRONMENTS:
            self.at = start
            self._fail(
                f"the environment {name} is not allowed in formulas (allowed: {', '.join(sorted(ENVIRONMENTS))})"
            )
        columns = self._columns() if name == "array" else ENVIRONMENTS[name]
        self._shield()
        self._list(name, columns)
        if self._peek() != "\\end":
            self._fail(f"expected \\end{{{name}}}, got {self._peek() or 'the end of the formula'}")
        self._take()
        before = self.at
        if self._name("\\end") != name:
            self.at = before
            self._fail(f"expected \\end{{{name}}}")

    def _columns(self) -> int:
        self._space()
        if self._peek() != "{":
            self._fail(r"array needs its columns, such as {lcr}")
        self._take()
        columns = 0
        while (token := self._peek()) != "}":
            if not token or token not in "lcr| ":
                self._fail(f"a column of an array is l, c, r or |, got {token or 'nothing'}")
            columns += token in "lcr"
            self._take()
        self._take()
        return columns
