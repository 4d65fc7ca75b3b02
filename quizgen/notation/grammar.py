"""The grammar of formulas: precedence climbing over tokens, with places for every complaint and bounds on everything.

``docs/answers.md`` states the conventions. A chain of factors is read from left to right, implicit or not, so that
``1/2x`` is (1/2)x; a function without brackets takes the factors that follow it.
"""

from collections.abc import Sequence

from quizgen.expr.functions import FUNCTIONS
from quizgen.expr.tree import (
    MINUS_ONE,
    Apply,
    Call,
    Constant,
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
    negative,
)
from quizgen.notation.characters import Unreadable
from quizgen.notation.names import Piece, cut
from quizgen.notation.tokens import CLOSING, OPENING, Token
from quizgen.notation.vocabulary import NOTHING, Vocabulary

MOST = 400
"""The most tokens of one formula."""
DEPTH = 50
"""The most formulas within formulas."""
SIDE = 8
"""The most rows or columns of a matrix within a formula."""

_RELATIONS = {"<": "less", "≤": "atmost", "=": "equal"}
_REVERSED = {">": "less", "≥": "atmost"}
_BRACKETS = ("(", "[", "{", "\\{")
_STARTING = frozenset((*_BRACKETS, "√", "∛", "∑", "∏", "⌊", "⌈", "⟨", "∞"))
_ENDING = CLOSING | {"|", "||", "‖", "!"}
_RADICALS = {"√": "2", "∛": "3"}
_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
_BINOMIALS = ("binom", "dbinom", "tbinom")
_SEPARATORS = {",": ",", ";": ";", "|": "|", "||": "‖", "‖": "‖"}


def parse(found: Sequence[Token], vocabulary: Vocabulary = NOTHING, end: int | None = None) -> Node:
    """The formula that some tokens state; ``end`` is where the text ends, for what is missing there.

    Raises Unreadable.
    """
    found = [token for token in found if token.kind != "newline"]
    last = found[-1].end if found else 0
    if not found:
        raise Unreadable("empty", (end or 0, end or 0))
    if len(found) > MOST:
        raise Unreadable("too-complex", (found[MOST].start, last))
    return _Parser(cut(found, vocabulary), vocabulary, last).formula()


class _Parser:
    """Reads one list of tokens, ending with an empty one."""

    def __init__(self, found: list[Token | Piece], vocabulary: Vocabulary, end: int) -> None:
        self.found = [*found, Token("op", "", end, end)]
        self.vocabulary = vocabulary
        self.place = 0
        self.depth = 0
        self.bars = 0  # absolute values that are open within the innermost brackets
        self.separates = False  # whether a bar separates arguments here, as in p(x|z)
        self.bound: list[str] = []  # names that the sums around run over
        self.no_norms: set[int] = set()  # places of || that do not open a norm

    # Tokens.

    @property
    def now(self) -> Token | Piece:
        return self.found[self.place]

    def sign(self) -> str:
        """The sign that comes next; empty if none does."""
        token = self.found[self.place]
        return token.text if token.kind == "op" else ""

    def take(self) -> Token | Piece:
        """The next token, which is then behind us, unless it is the end."""
        token = self.found[self.place]
        self.place += bool(token.text)
        return token

    def took(self, *signs: str) -> bool:
        """Whether one of ``signs`` came next, which is then behind us."""
        token = self.found[self.place]
        if token.kind == "op" and token.text in signs:
            self.place += 1
            return True
        return False

    def expect(self, sign: str, opened: Token | Piece) -> None:
        if not self.took(sign):
            if self.sign() in CLOSING or not self.now.text:
                raise Unreadable("unbalanced", opened.span)
            raise self.unexpected()

    def unexpected(self) -> Unreadable:
        """The complaint about the next token."""
        token, text = self.now, self.sign()
        before = self.found[self.place - 1] if self.place else None
        if token.kind == "op" and not text:
            return Unreadable("incomplete", token.span)
        if token.kind == "number" and before is not None and before.kind == "number":
            return Unreadable("adjacent-numbers", (before.start, token.end))
        codes = {"=": "equation", "≈": "equation", "±": "two-values", "…": "ellipsis"}
        if text in CLOSING or text in ("|", "||", "‖"):
            return Unreadable("unbalanced", token.span)
        return Unreadable(codes.get(text, "unexpected-sign"), token.span)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable("too-deep", self.now.span)

    # Levels of precedence, from loose to tight.

    def formula(self) -> Node:
        tree = self.sum()
        if self.now.text:
            raise self.unexpected()
        return tree

    def sum(self) -> Node:
        self.deeper()
        terms = [self.term()]
        while self.sign() in ("+", "-"):
            minus = self.take().text == "-"
            term = self.term()
            terms.append(_negated(term) if minus else term)
        self.depth -= 1
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def term(self) -> Node:
        """A chain of factors, perhaps with signs before it."""
        minus = self.signs()
        tree = self.product()
        return _negated(tree) if minus else tree

    def signs(self) -> bool:
        """Whether the signs that come next make a minus."""
        minus = False
        while self.sign() in ("+", "-"):
            minus ^= self.take().text == "-"
        return minus

    def product(self) -> Node:
        factors = [self.power()]
        quotients = 0
        while True:
            if self.sign() in ("*", "·"):
                dot = self.take().text == "·"
                start = self.place
                right = self.signed_power()
                if dot and self.is_vector(factors[-1]) and self.is_vector(right):
                    factors[-1] = Call("dot", (factors[-1], right))
                else:
                    factors.append(self.beside(factors[-1], right, start))
            elif self.took("⊙"):
                factors[-1] = Call("hadamard", (factors[-1], self.signed_power()))
            elif self.sign() in ("/", "//"):
                floors = self.take().text == "//"
                quotients += 1
                if quotients > DEPTH:
                    raise Unreadable("too-deep", self.now.span)
                quotient = Quotient(_product(factors), self.signed_power())
                factors = [Call("floor", (quotient,)) if floors else quotient]
            elif self.takes_remainder():
                factors = [Call("mod", (_product(factors), self.power()))]
            elif self.starts():
                start = self.place
                factors.append(self.beside(factors[-1], self.power(), start))
            else:
                return _product(factors)

    def beside(self, left: Node, right: Node, start: int) -> Node:
        """``right`` as a factor behind ``left``. Raises Unreadable for two vectors, of which no product is meant."""
        if self.is_vector(left) and self.is_vector(right):
            raise Unreadable("unclear-product", self.found[start].span)
        return right

    def takes_remainder(self) -> bool:
        """Whether a remainder is taken here, ``a mod b`` or ``a % b``, the word being behind us then."""
        token = self.now
        is_word = isinstance(token, Piece) and token.text == "mod" and not self.has_arguments(self.place + 1)
        takes = is_word or self.sign() in ("mod", "%")
        self.place += takes
        return takes

    def has_arguments(self, start: int) -> bool:
        """Whether several formulas stand in the bracket that begins at ``start``, if one does."""
        depth = 0
        for token in self.found[start:]:
            depth += (token.text in OPENING) - (token.text in CLOSING)
            if depth == 0:
                return False
            if depth == 1 and token.text == ",":
                return True
        return False

    def starts(self) -> bool:
        """Whether a factor begins here. Raises Unreadable for a number that is not behind a bracket or a mark."""
        token = self.now
        if token.kind == "number":
            before = self.found[self.place - 1]
            if before.text in _ENDING and before.end > before.start:  # (n-1)2^n, n!2; not x²2
                return True
            raise self.adjacent()
        if token.kind in ("piece", "command", "begin"):
            return True
        if token.text in ("|", "||", "‖"):
            return not self.bars and not self.separates
        return token.kind == "op" and token.text in _STARTING

    def adjacent(self) -> Unreadable:
        """The complaint about a number beside another factor: ``1 1/2``, ``12 34``, ``x 2``."""
        before, token = self.found[self.place - 1], self.now
        following = self.found[self.place + 1 : self.place + 3]
        is_fraction = len(following) == 2 and following[0].text == "/" and following[1].kind == "number"
        if before.kind == "number" and (is_fraction or "/" in token.text):
            return Unreadable("mixed-number", (before.start, following[1].end if is_fraction else token.end))
        return Unreadable("adjacent-numbers", (before.start, token.end))

    def signed_power(self) -> Node:
        minus = self.signs()
        tree = self.power()
        return _negated(tree) if minus else tree

    def power(self) -> Node:
        tree = self.postfix()
        while self.sign() == "^":
            self.take()
            if self.transposes(tree):
                tree = Call("transpose", (tree,))
                continue
            exponent = self.exponent()
            inverts = exponent == MINUS_ONE and self.is_square(tree)
            tree = self.marked(Call("inverse", (tree,)) if inverts else Power(tree, exponent))
        return tree

    def transposes(self, base: Node) -> bool:
        """Whether the exponent that comes next is the sign of transposition, which is then behind us."""
        tokens = self.found[self.place : self.place + 3]
        grouped = tokens[0].text == "{" and tokens[-1].text == "}"
        token = tokens[1] if grouped and len(tokens) == 3 else tokens[0]
        is_letter = token.text == "T" and (token.kind == "name" or bool(self.shape(base)))
        if not (is_letter or (token.kind == "op" and token.text == "⊤")):
            return False
        self.place += 3 if token is not tokens[0] else 1
        return True

    def exponent(self) -> Node:
        """One factor, perhaps with a sign and an exponent of its own."""
        self.deeper()
        tree = self.signed_power()
        self.depth -= 1
        return tree

    def postfix(self) -> Node:
        return self.marked(self.atom())

    def marked(self, tree: Node) -> Node:
        """``tree`` with the factorials and primes that follow it."""
        marks = 0
        while self.sign() in ("!", "'", "⊤"):
            if self.sign() == "!":
                tree = Call("factorial", (tree,))
            elif self.shape(tree) or self.sign() == "⊤":
                tree = Call("transpose", (tree,))
            else:
                raise self.unexpected()
            marks += 1
            if marks > DEPTH // 2:
                raise Unreadable("too-deep", self.now.span)
            self.take()
        return tree

    # Atoms.

    def atom(self) -> Node:
        start = self.place
        token = self.take()
        if isinstance(token, Piece):
            return self.named(token)
        match token.kind:
            case "number":
                return Num(token.text)
            case "command":
                return self.command(token)
            case "begin":
                return self.environment(token)
        if token.text in _BRACKETS:
            return self.group(token)
        if token.text in ("|", "||", "‖"):
            return self.between_bars(token)
        if token.text in _RADICALS:
            return self.radical(_RADICALS[token.text])
        if token.text in ("∑", "∏"):
            return self.series("sum" if token.text == "∑" else "product", token, ())
        if token.text in ("⌊", "⌈"):
            inner = self.within(token)
            return Call("floor" if token.text == "⌊" else "ceil", (inner,))
        if token.text == "⟨":
            return self.call("dot", tuple(self.entries(token)), token)
        if token.text == "∞":
            return Constant("infinity")
        self.place = start
        if token.text in CLOSING and self.is_open():
            raise Unreadable("incomplete", token.span)
        raise self.unexpected()

    def is_open(self) -> bool:
        """Whether a bracket is open here."""
        before = [token.text for token in self.found[: self.place] if token.kind == "op"]
        return sum(text in OPENING for text in before) > sum(text in CLOSING for text in before)

    def within(self, opened: Token | Piece) -> Node:
        """One formula in brackets of which the first is behind us."""
        entries = self.entries(opened)
        if len(entries) != 1:
            raise Unreadable("unexpected-sign", opened.span)
        return entries[0]

    def relation(self, left: Node) -> Node:
        """``left``, or the comparison that begins with it: 1 where it holds, 0 elsewhere."""
        sign = self.sign()
        if sign in _RELATIONS and sign != "=":
            self.take()
            return Call(_RELATIONS[sign], (left, self.sum()))
        if sign in _REVERSED:
            self.take()
            return Call(_REVERSED[sign], (self.sum(), left))
        return left

    def group(self, opened: Token | Piece) -> Node:
        """A formula in brackets, or a vector or matrix."""
        entries = self.entries(opened)
        if len(entries) == 1:
            return entries[0]
        if any(isinstance(entry, Grid) for entry in entries):
            if not all(isinstance(entry, Grid) for entry in entries):
                raise Unreadable("ragged", opened.span)
            rows = tuple(tuple(children(entry)) for entry in entries)
        else:
            rows = tuple((entry,) for entry in entries)
        return self.grid(rows, opened)

    def entries(self, opened: Token | Piece) -> list[Node]:
        """The formulas between brackets of which the first is behind us, with commas between them."""
        closing = OPENING[opened.text]
        found = []
        while True:
            bars, separates = self.bars, self.separates
            self.bars, self.separates = 0, False
            found.append(self.relation(self.sum()))
            self.bars, self.separates = bars, separates
            if not self.took(","):
                self.expect(closing, opened)
                return found

    def grid(self, rows: tuple[tuple[Node, ...], ...], opened: Token | Piece) -> Grid:
        if len({len(row) for row in rows}) != 1:
            raise Unreadable("ragged", opened.span)
        if max(len(rows), len(rows[0])) > SIDE:
            raise Unreadable("too-complex", opened.span)
        return Grid(rows)

    def environment(self, opened: Token | Piece) -> Grid:
        r"""The rows of ``\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}``."""
        bars, separates = self.bars, self.separates
        self.bars, self.separates = 0, False
        rows: list[list[Node]] = [[self.sum()]]
        while self.now.kind != "end":
            if self.took("&"):
                rows[-1].append(self.sum())
            elif self.took("\\\\"):
                if self.now.kind != "end":
                    rows.append([self.sum()])
            elif not self.now.text:
                raise Unreadable("unbalanced", opened.span)
            else:
                raise self.unexpected()
        self.take()
        self.bars, self.separates = bars, separates
        return self.grid(tuple(map(tuple, rows)), opened)

    def between_bars(self, opened: Token | Piece) -> Node:
        """An absolute value, a determinant or a norm, of which the first bar is behind us."""
        start = self.place
        if opened.text == "|":
            inner = self.barred("|", opened)
            return self.sized(inner, "det")
        if start not in self.no_norms:
            found = [*self.found]
            try:
                inner = self.barred("||", opened)
                return self.sized(inner, "norm", self.low())
            except Unreadable:
                if opened.text == "‖":
                    raise
                self.no_norms.add(start)
                self.found = found
        self.found[start - 1] = Token("op", "|", opened.end - 1, opened.end)
        self.place = start - 1
        inner = self.barred("|", opened)
        return self.sized(inner, "det")

    def barred(self, closing: str, opened: Token | Piece) -> Node:
        bars, depth = self.bars, self.depth
        self.bars += 1
        try:
            tree = self.sum()
            self.close_bar(closing, opened)
        except Unreadable:
            self.depth = depth
            raise
        finally:
            self.bars = bars
        return tree

    def close_bar(self, closing: str, opened: Token | Piece) -> None:
        if closing == "||":
            if not self.took("||", "‖"):
                raise Unreadable("unbalanced", opened.span)
        elif self.sign() == "||":  # the bar of this one and the bar of the next
            token = self.now
            self.found[self.place] = Token("op", "|", token.start + 1, token.end)
        elif not self.took("|"):
            raise Unreadable("unbalanced", opened.span)

    def sized(self, inner: Node, of_matrix: str, kind: str = "") -> Node:
        """What bars around a number, a vector or a matrix mean."""
        shape = self.shape(inner)
        if kind == "1":
            return Call("norm1", (inner,))
        if kind not in ("", "2", "F"):
            raise Unreadable("unexpected-sign", self.found[self.place - 1].span)
        if shape is None:
            return Call("abs", (inner,))
        return Call("norm" if shape[1] == 1 else of_matrix, (inner,))

    def low(self) -> str:
        """What stands low behind a norm: 1, 2 or F."""
        if not self.took("_"):
            return ""
        token = self.take()
        if token.text != "{":
            return token.text
        token = self.take()
        self.expect("}", token)
        return token.text

    def radical(self, degree: str) -> Node:
        """A root of one factor; what stands in brackets is one."""
        if self.sign() in _BRACKETS:
            inner = self.group(self.take())
        else:
            self.deeper()
            inner = self.power()
            self.depth -= 1
        return Call("sqrt", (inner,)) if degree == "2" else Call("root", (Num(degree), inner))

    # LaTeX commands.

    def command(self, token: Token) -> Node:
        if token.text in _FRACTIONS:
            return Quotient(self.argument(token), self.argument(token))
        if token.text in _BINOMIALS:
            return Call("binomial", (self.argument(token), self.argument(token)))
        if token.text == "sqrt":
            if self.sign() == "[":
                degree = self.within(self.take())
                return Call("root", (degree, self.argument(token)))
            return Call("sqrt", (self.argument(token),))
        raise Unreadable("incomplete" if token.text == "placeholder" else "unknown-command", token.span)

    def argument(self, command: Token) -> Node:
        r"""What a command takes: a group, or one character, so that ``\frac12`` is a half; ``\sqrt12`` is kind."""
        token = self.now
        if command.text != "sqrt" and token.kind == "number" and token.text.isdecimal() and len(token.text) > 1:
            head, rest = token.text[0], token.text[1:]
            self.found[self.place] = Token("number", rest, token.start + 1, token.end)
            return Num(head)
        if token.kind == "op" and token.text != "{":
            raise self.unexpected() if token.text else Unreadable("incomplete", command.span)
        self.deeper()
        tree = self.atom()
        self.depth -= 1
        return tree

    # Names.

    def named(self, token: Piece) -> Node:
        match token.role:
            case "variable":
                return self.variable(token)
            case "index":
                if token.text not in self.bound:
                    raise Unreadable("undeclared-name", token.span)
                return Name(token.text)
            case "constant":
                return Constant(token.text)  # type: ignore[arg-type]  # the vocabulary knows these only
            case "identity":
                return Call("identity", ())
            case "series":
                return self.series(token.text, token, token.low)
            case "apply":
                return self.applied(token)
        return self.function(token)

    def variable(self, token: Piece) -> Node:
        domain = self.vocabulary.domain(token.text)
        if token.low:
            return self.indexed(token, self.indices(token.low))
        if domain is None or not domain.indexed:
            return Name(token.text)
        if self.sign() == "[":
            return self.indexed(token, tuple(self.entries(self.take())))
        raise Unreadable("missing-index", token.span)

    def indexed(self, token: Piece, indices: tuple[Node, ...]) -> Node:
        """A variable with its indices, in which no sum or product is read; of a vector or matrix, an entry."""
        if any(map(_has_series, indices)):
            raise Unreadable("too-complex", token.span)
        domain = self.vocabulary.domain(token.text)
        if domain is None or domain.indexed or domain.shape is None:
            return Name(token.text, indices)
        if 1 not in domain.shape and len(indices) == 1 and isinstance(indices[0], Num) and len(indices[0].value) == 2:
            indices = tuple(map(Num, indices[0].value))  # A_12
        if len(indices) != (1 if 1 in domain.shape else 2):
            raise Unreadable("missing-index", token.span)
        return Call("entry", (Name(token.text), *indices))

    def indices(self, found: Sequence[Token]) -> tuple[Node, ...]:
        """The indices that some tokens state: ``i``, ``i,j``, ``ij``, ``t-1``."""
        inner = _Parser(cut(found, self.vocabulary, self.bound), self.vocabulary, found[-1].end)
        inner.bound, inner.depth = self.bound, self.depth + 1
        parts = [inner.sum()]
        while inner.took(","):
            parts.append(inner.sum())
        if inner.now.text:
            raise inner.unexpected()
        if len(parts) == 1 and isinstance(parts[0], Product) and all(isinstance(f, Name) for f in parts[0].factors):
            return parts[0].factors
        return tuple(parts)

    def applied(self, token: Piece) -> Node:
        """A function of which nothing is known, with its arguments and what separates them."""
        if self.sign() not in _BRACKETS:
            return Apply(token.text, ())
        opened = self.take()
        closing = OPENING[opened.text]
        bars, separates = self.bars, self.separates
        self.bars, self.separates = 0, True
        arguments, separators = [self.sum()], ""
        while self.sign() in _SEPARATORS:
            separators += _SEPARATORS[self.take().text]
            arguments.append(self.sum())
        self.expect(closing, opened)
        self.bars, self.separates = bars, separates
        return Apply(token.text, tuple(arguments), separators)

    def function(self, token: Piece) -> Node:
        """A known function, its exponent and its arguments."""
        exponent = None
        if self.took("^"):
            exponent = self.exponent()
            if exponent == MINUS_ONE:
                raise Unreadable("inverse-or-reciprocal", token.span)
        if token.role == "bracketed" and self.sign() not in _BRACKETS:
            raise Unreadable("undeclared-name", token.span)
        self.deeper()
        tree = self.call(token.text, self.arguments(token), token)
        self.depth -= 1
        return tree if exponent is None else Power(tree, exponent)

    def arguments(self, token: Piece) -> tuple[Node, ...]:
        """What a function is applied to; a base that stands low comes first."""
        base = self.indices(token.low) if token.low else ()
        if self.sign() in _BRACKETS:
            entries = self.entries(self.take())
            if token.text == "ln" and len(entries) != 1:  # programs disagree on which one is the base
                raise Unreadable("ambiguous-log", token.span)
            return (*base, *entries)
        if token.text in ("log2", "log10") and not self.vocabulary.declared and not self.can_start():
            return ()
        if token.text in ("sqrt", "cbrt"):
            return (self.power(),)
        minus = self.signs()
        factors = [self.power()]
        while self.starts() and not self.applies():
            start = self.place
            factors.append(self.beside(factors[-1], self.power(), start))
        tree = _product(factors)
        return (*base, _negated(tree) if minus else tree)

    def can_start(self) -> bool:
        """Whether an argument begins here."""
        return self.now.kind == "number" or self.sign() in ("+", "-") or self.starts()

    def applies(self) -> bool:
        """Whether another function begins here, which ends the argument of the one before."""
        token = self.now
        return (isinstance(token, Piece) and token.role in ("function", "series")) or token.text in ("∑", "∏")

    def call(self, name: str, arguments: tuple[Node, ...], token: Token | Piece) -> Node:
        """The call of a known function. Raises Unreadable("wrong-arguments")."""
        if name in ("log2", "log10") and not arguments:  # log2 alone is the logarithm of 2
            return Call("ln", (Num(name[3:]),))
        if name == "ln" and len(arguments) == 2:
            base, argument = arguments
            return Call("log2", (argument,)) if base == Num("2") else Call("log", arguments)
        if name == "norm" and len(arguments) == 1 and self.shape(arguments[0]) is None:
            return Call("abs", arguments)
        if name == "pow" and len(arguments) == 2:
            return Power(*arguments)
        if name == "cbrt" and len(arguments) == 1:
            return Call("root", (Num("3"), *arguments))
        arity = FUNCTIONS[name].arity if name in FUNCTIONS else -1
        if arity is not None and arity != len(arguments):
            raise Unreadable("wrong-arguments", token.span)
        return Call(name, arguments)

    def series(self, operator: str, token: Token | Piece, low: tuple[Token, ...]) -> Node:
        """A sum or product with its range and its body."""
        if not low and self.sign() == "(":
            return self.series_call(operator, token)
        high = self.exponent() if self.took("^") else None
        name, start = self.range(token, low)
        if high is None:
            if not self.took("^"):
                raise Unreadable("missing-range", token.span)
            high = self.exponent()
        self.bound.append(name)
        self.deeper()
        body = self.term()
        self.depth -= 1
        self.bound.pop()
        return Series("sum" if operator == "sum" else "product", name, start, high, body)

    def range(self, token: Token | Piece, low: tuple[Token, ...]) -> tuple[str, Node]:
        """The name that a series runs over, and where it begins: ``{i=1}``, or ``=1`` behind a name that stands low."""
        if low:
            self.expect_range("=", token)
            return low[0].text, self.signed_postfix()
        self.expect_range("_", token)
        opened = self.take()
        name = self.take()
        if opened.text not in ("{", "(") or not isinstance(name, Piece) or name.role not in ("index", "variable"):
            raise Unreadable("missing-range", token.span)
        self.expect_range("=", token)
        start = self.sum()
        self.expect(OPENING[opened.text], opened)
        return name.text, start

    def expect_range(self, sign: str, token: Token | Piece) -> None:
        if not self.took(sign):
            raise Unreadable("missing-range", token.span)

    def signed_postfix(self) -> Node:
        minus = self.signs()
        tree = self.postfix()
        return _negated(tree) if minus else tree

    def series_call(self, operator: str, token: Token | Piece) -> Node:
        """``sum(x_i, i, 1, n)``: the body, the name, and the range."""
        opened = self.take()
        start = self.place
        name = self.second_argument(start)
        if name is None:
            raise Unreadable("missing-range", token.span)
        self.bound.append(name)
        entries = self.entries(opened)
        self.bound.pop()
        if len(entries) != 4:
            raise Unreadable("missing-range", token.span)
        return Series("sum" if operator == "sum" else "product", name, entries[2], entries[3], entries[0])

    def second_argument(self, start: int) -> str | None:
        """The name after the first comma of a bracket."""
        depth = 1
        for number in range(start, len(self.found) - 1):
            text = self.found[number].text
            depth += (text in OPENING) - (text in CLOSING)
            if depth == 0:
                return None
            if depth == 1 and text == ",":
                name = self.found[number + 1]
                return name.text if isinstance(name, Piece) and name.role in ("index", "variable") else None
        return None

    # Shapes, as far as the reading depends on them.

    def is_vector(self, tree: Node) -> bool:
        shape = self.shape(tree)
        return shape is not None and shape[1] == 1 and shape[0] > 1

    def is_square(self, tree: Node) -> bool:
        shape = self.shape(tree)
        return shape is not None and shape[0] == shape[1]

    def shape(self, tree: Node) -> tuple[int, int] | None:
        """Rows and columns of a formula; None for a number."""
        match tree:
            case Name(name):
                domain = self.vocabulary.domain(name)
                return domain.shape if domain else None
            case Grid(rows):
                return len(rows), len(rows[0])
            case Call("transpose", (inner,)):
                shape = self.shape(inner)
                return shape[::-1] if shape else None
            case Call("inverse" | "exp" | "tanh" | "sigmoid" | "relu" | "softmax", (inner,)):
                return self.shape(inner)
            case Call("hadamard", arguments) | Sum(arguments):
                return next((shape for shape in map(self.shape, arguments) if shape), None)
            case Product(factors):
                shapes = [shape for shape in map(self.shape, factors) if shape]
                if not shapes or (shapes[0][0] == 1 and shapes[-1][1] == 1):
                    return None
                return shapes[0][0], shapes[-1][1]
            case Quotient(above, _):
                return self.shape(above)
            case Call("identity" | "ones" | "diag"):
                return 2, 2
        return None


def _has_series(tree: Node) -> bool:
    return isinstance(tree, Series) or any(map(_has_series, children(tree)))


def _negated(tree: Node) -> Node:
    """``-tree``, the sign taken into a numeral."""
    if isinstance(tree, Num) and not tree.value.startswith("-"):
        return Num("-" + tree.value)
    return negative(tree)


def _product(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))
