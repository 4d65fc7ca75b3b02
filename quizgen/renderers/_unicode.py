"""Formulas as one line of Unicode for a terminal, as far as Unicode goes: ``1/2``, ``x²``, ``√(a + b)``."""

import re
from functools import lru_cache
from unicodedata import normalize

from quizgen.markup import math

_TABLE = r"""
alpha=α beta=β gamma=γ delta=δ epsilon=ϵ varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ iota=ι kappa=κ lambda=λ
mu=μ nu=ν xi=ξ pi=π varpi=ϖ rho=ρ varrho=ϱ sigma=σ varsigma=ς tau=τ upsilon=υ phi=ϕ varphi=φ chi=χ psi=ψ omega=ω
Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω sum=∑ prod=∏ coprod=∐ int=∫
iint=∬ iiint=∭ oint=∮ bigcup=⋃ bigcap=⋂ bigoplus=⨁ bigotimes=⨂ bigodot=⨀ bigvee=⋁ bigwedge=⋀ cdot=· times=×
div=÷ pm=± mp=∓ ast=∗ star=⋆ circ=∘ bullet=• oplus=⊕ ominus=⊖ otimes=⊗ oslash=⊘ odot=⊙ cap=∩ cup=∪ setminus=∖
wedge=∧ vee=∨ land=∧ lor=∨ lnot=¬ neg=¬ amalg=⨿ uplus=⊎ sqcap=⊓ sqcup=⊔ le=≤ leq=≤ ge=≥ geq=≥ ne=≠ neq=≠ equiv=≡
approx=≈ sim=∼ simeq=≃ cong=≅ propto=∝ ll=≪ gg=≫ in=∈ notin=∉ ni=∋ subset=⊂ supset=⊃ subseteq=⊆ supseteq=⊇
subsetneq=⊊ supsetneq=⊋ mid=∣ nmid=∤ parallel=∥ perp=⊥ prec=≺ succ=≻ preceq=⪯ succeq=⪰ models=⊨ vdash=⊢ asymp=≍
doteq=≐ triangleq=≜ leqslant=⩽ geqslant=⩾ lesssim=≲ gtrsim=≳ to=→ gets=← rightarrow=→ leftarrow=←
leftrightarrow=↔ Rightarrow=⇒ Leftarrow=⇐ Leftrightarrow=⇔ longrightarrow=⟶ longleftarrow=⟵ longleftrightarrow=⟷
Longrightarrow=⟹ Longleftarrow=⟸ Longleftrightarrow=⟺ implies=⟹ impliedby=⟸ iff=⟺ mapsto=↦ longmapsto=⟼
hookrightarrow=↪ hookleftarrow=↩ uparrow=↑ downarrow=↓ updownarrow=↕ Uparrow=⇑ Downarrow=⇓ nearrow=↗ searrow=↘
swarrow=↙ nwarrow=↖ rightharpoonup=⇀ leftharpoonup=↼ rightleftharpoons=⇌ rightsquigarrow=⇝ leadsto=⇝ forall=∀
exists=∃ nexists=∄ infty=∞ partial=∂ nabla=∇ emptyset=∅ varnothing=∅ ell=ℓ hbar=ℏ imath=ı jmath=ȷ Re=ℜ Im=ℑ
aleph=ℵ wp=℘ angle=∠ triangle=△ square=□ blacksquare=■ Box=□ diamond=⋄ top=⊤ bot=⊥ prime=′ dagger=† ddagger=‡
backslash=\ checkmark=✓ therefore=∴ because=∵ ldots=… cdots=⋯ vdots=⋮ ddots=⋱ dots=… dotsc=… dotsb=⋯ dotsm=⋯
dotsi=⋯ colon=: vert=| Vert=‖ lvert=| rvert=| lVert=‖ rVert=‖ langle=⟨ rangle=⟩ lfloor=⌊ rfloor=⌋ lceil=⌈
rceil=⌉ lbrace={ rbrace=} lbrack=[ rbrack=]
"""
_SIGNS = dict(pair.split("=", 1) for pair in _TABLE.split())
_ACCENTS = dict(
    zip(
        ("hat", "widehat", "tilde", "widetilde", "bar", "overline", "vec", "dot", "ddot", "check", "breve", "mathring"),
        "\u0302\u0302\u0303\u0303\u0304\u0304\u20d7\u0307\u0308\u030c\u0306\u030a",
        strict=True,
    )
)
_ABOVE = str.maketrans("0123456789+-=()niTxyk−⊤′*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀˣʸᵏ⁻ᵀ′*")
_BELOW = str.maketrans("0123456789+-=()aehijklmnoprstuvx−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₋")
_SPACES = {"\\,": " ", "\\!": "", "\\ ": " ", "\\:": " ", "\\;": " ", "\\>": " ", "\\quad": "  ", "\\qquad": "   "}
_FENCES = {"pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||", "Vmatrix": "‖‖", "cases": ("{ ", "")}
_FACTORS = frozenset({"\\left", "\\mathbf", "\\mathrm", "\\bar", "\\hat", "\\tilde", "\\sqrt", "\\nabla", "\\ln"})
_RELATIONS = frozenset("→←↔⇒⇐⇔⟶⟵⟹⟸⟺↦⟼≤≥≠≡≈∼≃∝≪≫∈∉⊂⊆∣·×⊙∘∧∨")
_ATOM = re.compile(r"[\w.′√\u0300-\u036f\u20d7]+|\([^()]*\)|.")
_GROUPED = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_BEFORE = re.compile(r"\s+([,;)\]⌋⌉⟩])")
_AFTER = re.compile(r"([(\[⌊⌈⟨])\s+")


@lru_cache(maxsize=8192)
def line(tex: str) -> str:
    """A formula that :func:`quizgen.markup.math.check` has passed, on one line; rows are parted by semicolons."""
    text = _GROUPED.sub("", " ".join(_Reader(tex).list().split()))
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text))


class _Reader:
    """Descends through the tokens of a formula that is known to be well formed."""

    def __init__(self, tex: str) -> None:
        self.tokens = math.tokens(tex)
        self.at = 0

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def list(self, stop: tuple[str, ...] = ()) -> str:
        """Everything up to one of the tokens in ``stop``, which is taken too."""
        out = ""
        while token := self._peek():
            if token in stop:
                self._take()
                break
            out += self._one()
        return out

    def _one(self) -> str:
        """One atom or script."""
        return self._script() if self._peek() in "^_" else self._atom()

    def _script(self) -> str:
        above = self._take() == "^"
        text = self._argument()
        raised = text.translate(_ABOVE if above else _BELOW)
        if all(old != new or old in "′*" for old, new in zip(text, raised, strict=True)):
            return raised
        mark = "^" if above else "_"
        return mark + (text if _ATOM.fullmatch(text) else f"({text})")

    def _argument(self) -> str:
        while self._peek().isspace():
            self._take()
        return self._atom().strip()

    def _group(self) -> str:
        """An argument, in parentheses unless it is a single thing."""
        text = self._argument()
        return text if _ATOM.fullmatch(text) else f"({text})"

    def _atom(self) -> str:
        token = self._take()
        if token == "{":
            return self.list(("}",))
        if token in _SPACES:
            return _SPACES[token]
        if not token.startswith("\\"):
            return {"'": "′", "-": "−"}.get(token, token)
        return self._command(token[1:])

    def _command(self, name: str) -> str:
        if name in _SIGNS:
            sign = _SIGNS[name]
            return f" {sign} " if sign in _RELATIONS else sign
        if name in ("frac", "dfrac", "tfrac"):
            return self._apart(f"{self._group()}/{self._group()}")
        if name in ("binom", "dbinom", "tbinom"):
            return f"C({self._argument()}, {self._argument()})"
        if name == "sqrt":
            return self._root()
        if name in _ACCENTS:
            text = self._argument()
            return normalize("NFC", text + _ACCENTS[name]) if len(text) == 1 else f"{name}({text})"
        if name in ("overset", "underset", "stackrel"):
            over, base = self._argument(), self._argument()
            return f"{base}{'_' if name == 'underset' else '^'}({over})"
        if name == "begin":
            return self._environment()
        if name in ("left", "right", "middle") or name in math.SIZED:
            return self._delimiter()
        if name in math.TEXT:
            return self._text()
        if name in math.ARGUMENTS:
            return self._argument()
        if name in ("limits", "nolimits", "displaystyle", "textstyle", "scriptstyle", "hline"):
            return ""
        return f"{name} {self._fraction()}" if name.isalpha() else name.replace("|", "‖")

    def _fraction(self) -> str:
        """The fraction that a function is taken of, in parentheses; nothing if none follows."""
        while self._peek().isspace():
            self._take()
        if self._peek() not in ("\\frac", "\\dfrac", "\\tfrac"):
            return ""
        self._take()
        return f"({self._group()}/{self._group()})"

    def _root(self) -> str:
        degree = ""
        if self._peek() == "[":
            self._take()
            degree = self.list(("]",)).translate(_ABOVE)
        root = f"{degree}√{self._group()}"
        return root if root.endswith(")") else self._apart(root)

    def _apart(self, text: str) -> str:
        """``text`` in parentheses if a factor follows, which would else seem to stand below the line or the root."""
        after = next((token for token in self.tokens[self.at :] if not token.isspace() and token != "\\,"), "")
        factor = after.isalnum() or after == "(" or after in _FACTORS or _SIGNS.get(after[1:], "").isalpha()
        return f"({text})" if factor else text

    def _delimiter(self) -> str:
        while self._peek().isspace():
            self._take()
        token = self._take()
        if token == ".":
            return ""
        return "‖" if token == "\\|" else _SIGNS.get(token[1:], token.lstrip("\\"))

    def _text(self) -> str:
        self._take()
        words = ""
        while (token := self._take()) != "}":
            words += token[1:] if token.startswith("\\") else token
        return words

    def _environment(self) -> str:
        name = self._braced()
        if name == "array":
            self._braced()
        body = ""
        while self._peek() != "\\end":
            token = self._peek()
            if token in ("&", "\\\\"):
                self._take()
                body += "; " if token != "&" else " " if name in ("aligned", "gathered") else ", "
            else:
                body += self._one()
        self._take()
        self._braced()
        opening, closing = _FENCES.get(name, ("", ""))
        return opening + body.strip().rstrip(";") + closing

    def _braced(self) -> str:
        self._take()
        name = ""
        while (token := self._take()) != "}":
            name += token
        return name
