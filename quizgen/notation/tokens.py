r"""Text as tokens with their places: numerals, names, LaTeX commands and signs.

LaTeX that only concerns the look is dropped here (``\left``, ``\,``, ``\mathrm``), and signs are given one spelling:
``\cdot`` and ``⋅`` are ``·``, ``\|`` is ``‖``. A superscript ``²`` becomes ``^ { 2 }``.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from quizgen.notation.characters import GREEK, LETTERS, MARKS, SUBSCRIPTS, SUPERSCRIPTS, VULGAR, Unreadable, plain
from quizgen.notation.numerals import Numerals, numeral

MOST = 4000
"""The most tokens of an answer, whatever its kind; a formula has a tighter limit of its own."""

Kind: TypeAlias = Literal["number", "name", "command", "begin", "end", "op", "newline"]


class Token(NamedTuple):
    """``text`` in its one spelling, from ``start`` to ``end`` of what was typed; ``spaced`` after a blank."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The place of the token in what was typed."""
        return self.start, self.end


GREEK_COMMANDS = {name: letter for letter, name in GREEK.items()} | {
    "varepsilon": "ε", "vartheta": "θ", "varrho": "ρ", "varpi": "π", "varsigma": "σ", "varphi": "φ",
}  # fmt: skip
SIGNS = {
    "cdot": "·", "times": "*", "ast": "*", "div": "/", "pm": "±", "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥",
    "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠", "lt": "<", "gt": ">", "approx": "≈", "lvert": "|",
    "rvert": "|", "vert": "|", "mid": "|", "lVert": "‖", "rVert": "‖", "Vert": "‖", "|": "‖", "parallel": "‖",
    "infty": "∞", "in": "∈", "notin": "∉", "cup": "∪", "bigcup": "∪", "cap": "∩", "emptyset": "∅", "varnothing": "∅",
    "setminus": "∖", "backslash": "∖", "sum": "∑", "prod": "∏", "to": "→", "rightarrow": "→", "sim": "~",
    "odot": "⊙", "circ": "⊙", "top": "⊤", "intercal": "⊤", "prime": "'", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "{": "\\{", "}": "\\}", "lbrace": "\\{", "rbrace": "\\}",
    "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")", "%": "%", "_": "_", "&": "&", "dots": "…",
    "ldots": "…", "cdots": "…", "R": "ℝ", "land": "∧", "lor": "∨", "colon": ":", "bmod": "mod", "mod": "mod",
    "pmod": "mod", "\\": "\\\\", "cr": "\\\\",
}  # fmt: skip
NAMED = {"exponentialE": "e", "differentialD": "d", "imaginaryI": "i", "imaginaryJ": "j", "Re": "Re", "ell": "l",
         "hbar": "hbar"}  # fmt: skip
DROPPED = {
    "left", "right", "middle", "mleft", "mright", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr",
    "biggl", "biggr", "Biggl", "Biggr", "bigm", "displaystyle", "textstyle", "limits", "nolimits", "quad", "qquad",
    "thinspace", "enspace", "boldsymbol", "bm", "vec", ",", ";", ":", "!", ">", "/",
}  # fmt: skip
FONTS = {
    "mathrm", "mathbf", "mathbb", "mathcal", "mathit", "mathsf", "mathtt", "mathscr", "mathfrak", "boldsymbol", "bm",
    "vec", "text", "textbf", "textrm", "textit", "textsf", "operatorname", "mathop", "mathord", "mbox", "ensuremath",
}  # fmt: skip
ACCENTS = {"bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303",
           "widetilde": "\u0303", "dot": "\u0307"}  # fmt: skip
FUNCTIONS = {
    "sin", "cos", "tan", "cot", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "ln", "log", "lg", "max",
    "min", "det", "arcsinh", "arccosh", "arctanh",
}  # fmt: skip
KEPT = {"frac", "dfrac", "tfrac", "cfrac", "sqrt", "binom", "dbinom", "tbinom", "placeholder"}

_SPACE = re.compile(" +")
_NAME = re.compile(rf"[{LETTERS}][{MARKS}]*(?:[{LETTERS}0-9][{MARKS}]*|_(?=[{LETTERS}0-9]))*")
_MODULE = re.compile(r"(?:np|numpy|jnp|math|torch|tf|F)\.(?=[a-z])")  # np.log(x) is log(x)
_COMMAND = re.compile(r"\\(?:(?P<word>[A-Za-z]+)|(?P<sign>[^A-Za-z]))")
_DIGITS = re.compile("[0-9]*")
_SINGLE = re.compile(rf"\s*(?P<letter>[{LETTERS}][{MARKS}]*)")
_WORD = re.compile(rf"\s*\{{\s*(?P<word>[{LETTERS}0-9 -]*[{MARKS}]*)\s*\}}")
_ENVIRONMENT = re.compile(r"\s*\{(?P<name>[a-z]*matrix|array|smallmatrix|cases)\}(?:\{[lcr| ]*\})?")
_SIGN = re.compile(r"\*\*|//|\.\*|<=|>=|!=|==|=<|->|\|\||\.\.\.|&&|.", re.DOTALL)
_SPELLED = {"**": "^", ".*": "⊙", "<=": "≤", "=<": "≤", ">=": "≥", "!=": "≠", "==": "=", "->": "→", "...": "…",
            "ᵀ": "⊤", "&&": "∧", "@": "*"}  # fmt: skip
_KNOWN_SIGNS = frozenset("+-*·/^_!'=<>≤≥≠≈()[]{}|,;:&%∈∉∪∩∅∖∑∏√∛∞⌊⌋⌈⌉⟨⟩‖⊤⊙ℝ→…±~\\") | {
    "||", "//", "mod", "\\{", "\\}", "\\\\", "∧", "∨",
}  # fmt: skip
_RAISED = re.compile(f"[{''.join(SUPERSCRIPTS)}]+")
_LOWERED = re.compile(f"[{''.join(SUBSCRIPTS)}]+")
_WRAPPED = re.compile(r"\s*(?:\$\$?(?P<dollars>[^$]*)\$\$?|\\\((?P<round>.*)\\\)|\\\[(?P<square>.*)\\\])\s*", re.DOTALL)


def tokens(text: str, numerals: Numerals = "list") -> tuple[Token, ...]:
    """The tokens of an answer. Raises Unreadable for a character, a numeral or a command that is not known."""
    return tuple(_Scanner(plain(text), numerals).scan())


class _Scanner:
    """One pass over a text of known characters."""

    def __init__(self, text: str, numerals: Numerals, shift: int = 0) -> None:
        self.text = text
        self.numerals: Numerals = numerals
        self.place = 0
        self.shift = shift
        self.spaced = False

    def scan(self) -> Iterator[Token]:
        end = len(self.text)
        if self.shift == 0 and (match := _WRAPPED.fullmatch(self.text)):
            group = match.lastgroup or "dollars"
            self.place, end = match.span(group)
        end = len(self.text[:end].rstrip())
        if self.text[:end].endswith(".") and not self.text[:end].endswith(".."):
            end -= 1  # the full stop of a sentence
        count = 0
        while self.place < end:
            for token in self._next():
                yield token
                count += 1
                self.spaced = False
                if count > MOST:
                    raise Unreadable("too-complex", token.span)

    def _token(self, kind: Kind, text: str, end: int) -> Token:
        """The token from here to ``end``, which is then behind us."""
        token = Token(kind, text, self.shift + self.place, self.shift + end, self.spaced)
        self.place = end
        return token

    def _next(self) -> Iterator[Token]:
        text, place = self.text, self.place
        character = text[place]
        if character == " ":
            match = _SPACE.match(text, place)
            self.place = match.end() if match else place + 1
            self.spaced = True
        elif character == "\n":
            yield self._token("newline", "\n", place + 1)
            self.spaced = True
        elif character.isdecimal() or (self._is_point(character) and text[place + 1 : place + 2].isdecimal()):
            yield self._number()
        elif character in VULGAR:
            yield self._token("number", VULGAR[character], place + 1)
        elif match := _MODULE.match(text, place):
            self.place = match.end()
        elif match := _NAME.match(text, place):
            yield self._token("name", match[0], match.end())
        elif character == "\\":
            yield from self._command()
        elif match := _RAISED.match(text, place):
            yield from self._shifted("^", SUPERSCRIPTS, match)
        elif match := _LOWERED.match(text, place):
            yield from self._shifted("_", SUBSCRIPTS, match)
        else:
            yield self._sign()

    def _is_point(self, character: str) -> bool:
        """Whether a numeral may begin with this sign."""
        return character == "." or (character == "," and self.numerals == "comma")

    def _number(self) -> Token:
        """A numeral, with the fraction that may stand right after it: ``1½``."""
        value, end = numeral(self.text, self.place, self.numerals, self.shift)
        part = VULGAR.get(self.text[end : end + 1])
        if part and value.isdecimal():
            above, _, below = part.partition("/")
            value, end = f"{int(value) * int(below) + int(above)}/{below}", end + 1
        return self._token("number", value, end)

    def _sign(self) -> Token:
        match = _SIGN.match(self.text, self.place)
        assert match  # any character is a sign
        sign = _SPELLED.get(match[0], match[0])
        if sign not in _KNOWN_SIGNS:
            span = (self.shift + match.start(), self.shift + match.end())
            raise Unreadable("unexpected-sign", span)
        return self._token("op", sign, match.end())

    def _shifted(self, sign: str, table: dict[str, str], match: re.Match[str]) -> Iterator[Token]:
        """A run of raised or lowered characters as a group."""
        inner = "".join(table[character] for character in match[0])
        start, end = self.shift + match.start(), self.shift + match.end()
        yield Token("op", sign, start, start, self.spaced)
        yield Token("op", "{", start, start)
        yield from _Scanner(inner, "list", start).scan()
        yield Token("op", "}", end, end)
        self.place = match.end()

    def _command(self) -> Iterator[Token]:
        match = _COMMAND.match(self.text, self.place)
        if match is None:
            raise Unreadable("unknown-command", (self.shift + self.place, self.shift + len(self.text)))
        name, end = match["word"] or match["sign"], match.end()
        if name in ("begin", "end"):
            yield self._environment(name, end)
        elif name in ACCENTS:
            yield self._accented(ACCENTS[name], end)
        elif name in FONTS and (word := _WORD.match(self.text, end)):
            yield from self._word(word)
        elif name in FONTS or name in DROPPED or name == " ":
            self.place = end
            if name in ("left", "right", "mleft", "mright") and self.text[end : end + 1] == ".":
                self.place = end + 1
            self.spaced = self.spaced or not name.isalpha() or "quad" in name
        elif name in GREEK_COMMANDS:
            digits = _DIGITS.match(self.text, end)
            assert digits  # there may be none
            yield self._token("name", GREEK_COMMANDS[name] + digits[0], digits.end())
        elif name in NAMED:
            yield self._token("name", NAMED[name], end)
        elif name in SIGNS:
            yield self._token("op", SIGNS[name], end)
        elif name in FUNCTIONS:
            yield self._token("name", name, end)
        elif name in KEPT:
            yield self._token("command", name, end)
            for _ in range(1 if name == "sqrt" else 2):
                if letter := _SINGLE.match(self.text, self.place):
                    yield self._token("name", letter["letter"], letter.end())
        else:
            raise Unreadable("unknown-command", (self.shift + match.start(), self.shift + end))

    def _environment(self, name: str, end: int) -> Token:
        match = _ENVIRONMENT.match(self.text, end)
        if match is None or match["name"] == "cases":
            raise Unreadable("unknown-command", (self.shift + self.place, self.shift + end))
        return self._token("begin" if name == "begin" else "end", match["name"], match.end())

    def _word(self, match: re.Match[str]) -> Iterator[Token]:
        r"""The letters of ``\mathrm{in}`` as one name, a number as a number, other text as it is typed."""
        word = match["word"].strip()
        if word.isdecimal():
            yield self._token("number", word, match.end())
        elif word and _NAME.fullmatch(word.replace(" ", "").replace("-", "")):
            yield self._token("name", word.replace(" ", "").replace("-", ""), match.end())
        elif word:
            raise Unreadable("unexpected-sign", (self.shift + match.start(), self.shift + match.end()))
        else:
            self.place = match.end()

    def _accented(self, mark: str, end: int) -> Token:
        r"""``\bar{\alpha}``, ``\hat y`` or ``\bar{\alpha_t}`` as a name with its mark."""
        match = _SYMBOL.match(self.text, end)
        letter = (match["letter"] or match["set"] or match["bare"]) if match else ""
        if letter.startswith("\\"):
            letter = GREEK_COMMANDS.get(letter[1:], "")
        if match is None or not letter:
            raise Unreadable("unknown-command", (self.shift + self.place, self.shift + end))
        low = (match["low"] or "").translate(_NO_GLUE)
        return self._token("name", letter + mark + (f"_{low}" if low else ""), match.end())


_NO_GLUE = str.maketrans("", "", " _{}")
_LOW = rf"(?:\s*_\s*(?:[{LETTERS}0-9]|\{{[{LETTERS}0-9]+\}}))?"
_LETTER = rf"\\[A-Za-z]+|[{LETTERS}]"
_FONT = r"\\(?:math[a-z]+|bm|boldsymbol)"
# What an accent may stand on: a letter, perhaps in a font, perhaps with an index.
_SYMBOL = re.compile(
    rf"\s*(?:\{{\s*(?:(?P<letter>{_LETTER})|{_FONT}\s*\{{(?P<set>{_LETTER})\}})(?P<low>{_LOW})\s*\}}|(?P<bare>{_LETTER}))"
)

OPENING = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}
CLOSING = frozenset(OPENING.values())


def depths(found: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Every token with the number of brackets and environments that it stands in; brackets count as inside."""
    depth = 0
    for token in found:
        opens = token.kind == "begin" or (token.kind == "op" and token.text in OPENING)
        depth += opens
        yield depth, token
        depth -= token.kind == "end" or (token.kind == "op" and token.text in CLOSING)


def split(found: Sequence[Token], separators: Sequence[str]) -> list[tuple[Token, ...]]:
    """The tokens between separators that stand outside of all brackets."""
    parts: list[list[Token]] = [[]]
    for depth, token in depths(found):
        if depth == 0 and token.kind in ("op", "newline") and token.text in separators:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def enclosed(found: Sequence[Token], pairs: Sequence[str]) -> tuple[Token, ...] | None:
    """What stands within one pair of brackets around all tokens, ``pairs`` being opening ones; None without them."""
    if not found or found[0].kind != "op" or found[0].text not in pairs:
        return None
    closing = (
        place
        for place, (depth, token) in enumerate(depths(found))
        if depth == 1 and token.kind == "op" and token.text in CLOSING
    )
    is_pair = next(closing, None) == len(found) - 1 and found[-1].text == OPENING[found[0].text]
    return tuple(found[1:-1]) if is_pair else None
