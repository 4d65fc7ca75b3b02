"""The table of characters: what may be typed, and what is the same as what.

Every entry maps one character to one, so that a place in the mapped text is the same place in what was typed. There is
no transliteration: a character that is not in the table is refused, and named.
"""

import re
import unicodedata
from collections.abc import Iterator


class Unreadable(Exception):
    """Text that is no answer of the kind asked for: a stable code, and the span that could not be read."""

    def __init__(self, code: str, span: tuple[int, int]) -> None:
        super().__init__(code, span)
        self.code = code
        self.span = span


GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega",
}  # fmt: skip
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot"}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵗˣᵏᵈᴸ", "0123456789+-()nitxkdL", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
          "⅙": "1/6", "⅚": "5/6", "⅐": "1/7", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅑": "1/9",
          "⅒": "1/10"}  # fmt: skip
SIGNS = "·√∛∞≤≥≠≈∈∉∪∩∅∖∑∏⌊⌋⌈⌉⟨⟩‖⊤ᵀ⊙ℝ→…±"

# Characters for others that mean the same, written "others: meaning".
_SAME = """
−–—‐‑‒﹣ -
×✕✖⨯∗ *
⋅∙•・ ·
÷∕⁄ /
≦⩽ ≤
≧⩾ ≥
′’‘ʹ '
、﹐ ,
。 .
【〔〖 [
】〕〗 ]
〈〈 ⟨
〉〉 ⟩
∥∥ ‖
∣｜ |
∘ ⊙
⊺ ⊤
∼～ ~
ϵ ε
ϕ φ
ϑ θ
ϱ ρ
ϖ π
ς σ
µ μ
∆ Δ
∅⌀ ∅
⋯ …
"""
_BLANKS = "\t\r\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE_OPERATORS = "\u2061\u2062\u2063\u2064"  # what is copied out of MathML
_CHARACTER_BLOCKS = (range(0x1D400, 0x1D800), range(0x2100, 0x2150))  # mathematical and letter-like letters


def _table() -> Iterator[tuple[str, str]]:
    """Every character that is read as another one."""
    same = {other: line[-1] for line in _SAME.split("\n") for other in line[:-2]}
    yield from same.items()
    yield from ((blank, " ") for blank in _BLANKS + _INVISIBLE_OPERATORS)
    yield from ((chr(code), chr(code - 0xFEE0)) for code in range(0xFF01, 0xFF5F))
    for block in _CHARACTER_BLOCKS:
        for code in block:
            form, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
            if form == "<font>" and chr(code) != "ℝ":
                plain_letter = chr(int(letter, 16))
                yield chr(code), same.get(plain_letter, plain_letter)


def _accented() -> Iterator[tuple[str, str]]:
    """Letters that carry their accent in one character, each with the letter and its accent."""
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0x1F70, 0x1FC0)):
        spelled = unicodedata.normalize("NFD", chr(code))
        letter, mark = spelled[:1], spelled[1:]
        if mark in ACCENTS and (letter in GREEK or (letter.isascii() and letter.isalpha())):
            yield chr(code), letter + mark


ACCENTED = dict(_accented())
LETTERS = "A-Za-z" + "".join(GREEK) + "".join(ACCENTED)
MARKS = "".join(ACCENTS)

_MAPPED = str.maketrans(dict(_table()))
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060\u2065-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_UNKNOWN = re.compile(
    rf"[^\n -~{LETTERS}{MARKS}{''.join(SUPERSCRIPTS)}{''.join(SUBSCRIPTS)}{''.join(VULGAR)}{re.escape(SIGNS)}]"
)


def check(text: str) -> None:
    """Refuse what nobody means to type: control characters, surrogates, marks of direction, characters without width.

    Raises Unreadable("control-character").
    """
    match = _REFUSED.search(text)
    if match:
        raise Unreadable("control-character", match.span())


def same(text: str) -> str:
    """``text``, of the same length, with every character replaced by the one that it is read as."""
    return text.translate(_MAPPED)


def plain(text: str) -> str:
    """``text`` as :func:`same`, made of known characters only. Raises Unreadable("unknown-character")."""
    mapped = same(text)
    match = _UNKNOWN.search(mapped)
    if match:
        raise Unreadable("unknown-character", match.span())
    return mapped
