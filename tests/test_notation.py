"""What is typed as mathematics: every notation of a formula gives one tree, and every complaint has its place."""

import contextlib
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.errors import InputError
from quizgen.expr import latex
from quizgen.notation import Numerals, Unreadable, check, enclosed, formula, plain, split, tokens, vocabulary
from quizgen.notation.vocabulary import spelled

WORDS = vocabulary(
    {
        "n": "positive integer", "d": "positive", "w1": "real", "x1": "real", "x": "real", "y": "real", "β": "real",
        "sigma": "positive", "mu": "real", "k": "positive integer", "C_in": "positive integer",
        "C_out": "positive integer", r"\bar{\alpha}_t": "unit", "a": "indexed", "A": "matrix 2x2", "v": "vector 2",
        "u": "vector 2", "abar": "unit",
    },
    functions=("p", "KL", "E_q", "q", r"\epsilon_\theta"),
    identity="I",
    spellings={"abar": ("ahat", r"\hat{a}")},
)  # fmt: skip

# One formula a line: what it is, as LaTeX, and ways to type it.
SAME = [
    (r"4 n d^{2}", "4nd²", "4nd^2", "4 n d**2", "4*n*d^{2}", "4n·d²", "４nd²", "4×n×d²",
     r"4\,n\,d^2", r"4 \cdot n d^2"),
    (r"w_{1} x_{1}", "w1x1", "w_1x_1", "w₁x₁", "w_{1} x_{1}", r"w_1 \, x_1", "w1*x1"),
    (r"k^{2} C_{\mathrm{in}} C_{\mathrm{out}}", "k^2C_inC_out", "k²C_{in}C_{out}", "k^2 Cin Cout",
     r"k^2 C_{\text{in}} C_\mathrm{out}", r"k^{2}\,C_{\mathrm{in}}\times C_{\mathrm{out}}"),
    (r"-\frac{x}{2} \beta + \sigma^{2}", "-x/2*β + σ²", "-x/2 beta+sigma^2", r"-\frac{x}{2}\beta+\sigma^2",
     r"-\frac x2 \beta + \sigma^{2}", "−x∕2·β＋σ²"),
    (r"\frac{1}{2} x", "1/2x", "1/2*x", r"\frac12x", "½x", r"\tfrac{1}{2} x", "(1/2)x"),
    (r"-x^{2}", "-x^2", "-(x^2)", "−x²", "- x ** 2", r"-x^{2}"),
    (r"2^{3^{2}}", "2^3^2", "2^(3^2)", "2^{3^{2}}"),
    (r"e^{2} x", "e^2x", "e²x", r"\exponentialE^{2}x", "e^(2) x"),
    (r"\frac{x^{-1}}{2}", "x^-1/2", "(x^-1)/2", "x⁻¹/2"),
    (r"\sqrt{x} + 1", "√x+1", "sqrt x + 1", "sqrt(x)+1", r"\sqrt{x}+1", r"\sqrt x+1"),
    (r"\sqrt{2} \cdot x", "√2x", "sqrt(2)x", r"\sqrt2x", "sqrt 2x", r"\sqrt{2}x"),
    (r"\ln\left(x^{2}\right)", "log x^2", "ln(x²)", r"\log x^{2}", r"\ln\left(x^2\right)", "np.log(x**2)", "log[x^2]"),
    (r"\left(\ln\left(x\right)\right)^{2}", "log(x)^2", "log^2 x", "ln²x", r"\ln^{2}x", "(ln x)^2"),
    (r"y \cdot \ln\left(x\right)", "y log(x)", "ylogx", "y ln x", r"y\ln x"),
    (r"\ln\left(x\right) \cdot y", "log(x) y", "ln(x)*y", "ln x * y"),
    (r"\ln\left(2 \pi\right)", "log 2π", r"\log(2\pi)", "ln(2pi)", "ln(2*pi)", "log 2 pi"),
    (r"\sin\left(x\right) \cdot \cos\left(x\right)", "sin x cos x", "sinxcosx", r"\sin x\cos x", "sin(x)cos(x)"),
    (r"\log_2\left(x\right)", "log2(x)", "log_2 x", "log_2(x)", r"\log_2 x", r"\log_{2}\left(x\right)", "log₂x"),
    (r"\log_{10}\left(x\right)", "lg x", "log10(x)", "log_10 x", r"\log_{10}x"),
    (r"\log_{k}\left(x\right)", "log_k(x)", r"\log_{k} x", "log_k x"),
    (r"\left|x\right| \cdot \left|y\right|", "|x||y|", "|x|*|y|", "abs(x) abs(y)", r"\lvert x\rvert\lvert y\rvert",
     r"\left|x\right|\left|y\right|", "｜x｜｜y｜"),
    (r"\left|\left|x\right| - 1\right|", "||x|-1|", "| |x| - 1 |", "abs(|x|-1)"),
    (r"\left\|v\right\|^{2}", "||v||^2", "‖v‖²", r"\|v\|_2^2", r"\lVert v\rVert^{2}", "norm(v)^2", "|v|^2"),
    (r"\left\|v\right\|_1", "||v||_1", r"\|v\|_1", "‖v‖₁"),
    (r"v^{\top} u", r"v^{\top} \cdot u", "v^T u", r"v^\top u", "v' u", "vᵀu", r"v^{T}u", "transpose(v) u", "v^{⊤}u"),
    (r"\left\langle v, u\right\rangle", "v·u", r"v\cdot u", "⟨v,u⟩", r"\langle v, u\rangle", "dot(v,u)", "v⋅u"),
    (r"A^{-1} \cdot v", "A^{-1}v", "A^-1 v", "A⁻¹v", "inv(A) v"),
    (r"A^{2} - I", "A^2-I", "A²−I", "AA - I_2") [:3],
    (r"\operatorname{tr}\left(A\right) + \det\left(A\right)", "tr(A)+det(A)", r"tr(A)+\det(A)", "Tr A + |A|"),
    (r"v \odot u", "v⊙u", r"v\odot u", "v.*u", "v∘u"),
    (r"\sum_{i=1}^{n} a_{i}^{2}", r"\sum_{i=1}^{n} a_i^2", "∑_{i=1}^n a_i²", "sum(a_i^2, i, 1, n)", "sum_{i=1}^n a_i^2",
     "sum_i=1^n a[i]^2", r"\sum\limits_{i=1}^n a_{i}^{2}", "sum_(i=1)^n aᵢ^2"),
    (r"\prod_{i=1}^{n - 1} a_{i + 1}", r"\prod_{i=1}^{n-1} a_{i+1}", "∏_{i=1}^{n-1} a_{i+1}",
     "prod(a_{i+1}, i, 1, n-1)"),
    (r"a_{1} + a_{2}", "a_1+a_2", "a1+a2", "a₁+a₂", "a[1]+a[2]", "a_{1}+a_{2}"),
    (r"p\left(x \mid y\right)", "p(x|y)", r"p(x\mid y)", r"p\left(x|y\right)", "p(x｜y)", r"p(x \vert y)"),
    (r"\mathrm{KL}\left(q\left(x \mid y\right) \,\|\, p\left(x\right)\right)", "KL(q(x|y)||p(x))",
     r"\mathrm{KL}(q(x|y)\|p(x))", r"KL\left(q(x|y)\,\|\,p(x)\right)", "KL[q(x|y)‖p(x)]"),
    (r"E_{q}\left(\ln\left(x\right)\right)", "E_q[log x]", r"\mathbb{E}_q[\log x]",
     r"\mathbb{E}_{q}\left[\ln x\right]"),
    (r"\epsilon_{\theta}\left(x, n\right)", r"\epsilon_\theta(x, n)", "ε_θ(x,n)", "epsilon_theta(x, n)", "ϵ_θ（x，n）"),
    (r"\sqrt{1 - \bar{\alpha}_{t}}", r"\sqrt{1-\bar{\alpha}_t}", "sqrt(1-alphabar_t)", "√(1-ᾱ_t)",
     r"\sqrt{1-\bar\alpha_{t}}",
     "sqrt(1-alpha_bar_t)", r"\sqrt{1-\bar{\alpha_t}}", r"\sqrt{1-\overline{\alpha}_t}"),
    (r"\bar{a}", "abar", "ahat", r"\hat a", r"\hat{a}", "â"),
    (r"\left\lfloor \frac{n - k}{2}\right\rfloor + 1", "floor((n-k)/2)+1", "⌊(n-k)/2⌋+1", "(n-k)//2+1",
     r"\left\lfloor\frac{n-k}{2}\right\rfloor+1"),
    (r"\binom{n}{2}", r"\binom{n}{2}", "C(n,2)", "binom(n, 2)", "comb(n,2)"),
    (r"n \bmod 2", "n mod 2", r"n \bmod 2", "mod(n, 2)"),
    (r"\operatorname{ReLU}\left(x\right)", "relu(x)", r"\operatorname{ReLU}(x)", r"\mathrm{ReLU}(x)", "ReLU x"),
    (r"\left[0 < x\right] \cdot x", "[x>0]x", r"\mathbf{}[0<x] x", "(x>0)*x"),
    (r"\frac{3}{2} x", "1½x", "3/2x", r"\frac{3}{2}x"),
    (r"2.5 \cdot 10^{-4}", "2.5e-4", "2.5E-4"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[[1,2],[3,4]]", r"\begin{bmatrix}1&2\\3&4\end{bmatrix}",
     r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \\ \end{pmatrix}", r"\left[\begin{array}{cc}1&2\\3&4\end{array}\right]"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "typed"), [(line[0], typed) for line in SAME for typed in line[1:]])
def test_ways_to_type_a_formula(wanted: str, typed: str) -> None:
    assert latex(formula(typed, WORDS)) == wanted


@pytest.mark.parametrize("wanted", [line[0] for line in SAME])
def test_what_is_written_is_read_again(wanted: str) -> None:
    assert latex(formula(wanted, WORDS)) == wanted


UNREADABLE = [
    ("", "empty", ""), ("   ", "empty", ""), ("x+", "incomplete", ""), ("()", "incomplete", ")"),
    (r"\frac{x}{\placeholder{}}", "incomplete", r"\placeholder"), ("(x", "unbalanced", "("), ("x)", "unbalanced", ")"),
    ("|x", "unbalanced", "|"), ("(x]", "unbalanced", "("), ("foo", "undeclared-name", "foo"), ("2x + zy",
     "undeclared-name", "zy"),
    ("X", "undeclared-name", "X"), ("x2", "undeclared-name", "x2"), ("σ_x", "undeclared-name", "σ_x"), ("x 2",
     "adjacent-numbers", "x 2"),
    ("12 34", "adjacent-numbers", "12 34"), ("1 1/2", "mixed-number", "1 1/2"), ("x = 3", "equation", "="),
    ("x ± 1", "two-values", "±"), ("1,5", "unexpected-sign", ","), ("x ? y", "unexpected-sign", "?"),
    ("x.y", "unexpected-sign", "."), ("а+x", "unknown-character", "а"), ("x\u200b", "unknown-character", "\u200b"),
    ("1.2.3", "not-a-number", "1.2."), ("1" * 61, "too-many-digits", "1" * 61), ("1e401", "exponent-too-large",
     "1e401"),
    ("(" * 60 + "x" + ")" * 60, "too-deep", "("), ("x+" * 300 + "x", "too-complex", None), ("a", "missing-index", "a"),
    (r"\sum_i a_i", "missing-range", r"\sum"), (r"\sum_{i} a_1", "undeclared-name", None), (r"\sum a_1",
     "missing-range", r"\sum"),
    (r"\sin^{-1}x", "inverse-or-reciprocal", r"\sin"), ("log2π", "ambiguous-log", "log2π"), (r"\foo{x}",
     "unknown-command", r"\foo"),
    ("max()", "incomplete", ")"), ("sqrt(x, y)", "wrong-arguments", "sqrt"), ("[[1,2],[3]]", "ragged", "["),
    ("u v", "unclear-product", "v"), ("v * u", "unclear-product", "u"),
    ("x' + 1", "unexpected-sign", "'"), ("1 + ... + n", "ellipsis", "..."), ("x^2^", "incomplete", ""),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "code", "part"), UNREADABLE, ids=[row[0][:20] for row in UNREADABLE])
def test_complaints_have_a_code_and_a_place(typed: str, code: str, part: str | None) -> None:
    with pytest.raises(Unreadable) as caught:
        formula(typed, WORDS)
    assert caught.value.code == code
    start, end = caught.value.span
    assert 0 <= start <= end <= len(typed)
    if part is not None:
        assert typed[start:end] == part


NUMERALS: list[tuple[Numerals, str, str]] = [
    ("field", "1,234,567", "1234567"), ("field", "25.600.000", "25600000"), ("field", "1 000", "1000"),
    ("field", "1'000", "1000"), ("field", "1_000", "1000"), ("field", r"1\,000", "1000"), ("field", "1,234.5",
     "1234.5"),
    ("field", "1.234,5", "1234.5"), ("field", "3,14", "3.14"), ("field", "0,125", "0.125"), ("field", "3,5e-4",
     "3.5e-4"),
    ("field", "1234,5", "1234.5"), ("field", "1.234", "1.234"), ("field", ".5", "0.5"), ("field", "5.", "5"),
    ("field", "1 000 000,5", "1000000.5"), ("field", "1{,}234{,}567", "1234567"), ("field", "3{,}14", "3.14"),
    ("field", "1\u202f000", "1000"), ("field", "1½", "3/2"), ("integer", "1,234", "1234"), ("comma", "1,234", "1.234"),
    ("comma", "1.234,5", "1234.5"), ("comma", "1.5", "1.5"), ("list", "1.234", "1.234"),
]  # fmt: skip


@pytest.mark.parametrize(("numerals", "typed", "value"), NUMERALS)
def test_numerals(numerals: Numerals, typed: str, value: str) -> None:
    assert [token.text for token in tokens(typed, numerals)] == [value]


@pytest.mark.parametrize(
    ("numerals", "typed", "code"),
    [
        ("field", "1,234", "ambiguous-comma"), ("comma", "1.234", "ambiguous-comma"), ("field", "1,23,456",
        "not-a-number"),
        ("field", "1,234,56", "ambiguous-comma"), ("field", "1.2.3", "not-a-number"), ("integer", "1,2,3",
        "not-a-number"),
    ],
)  # fmt: skip
def test_numerals_that_are_not_clear(numerals: Numerals, typed: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        tokens(typed, numerals)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["x\0", "\ud800", "x\u202ey", "\u200b", "\ufeff1", "1\ufe0f", "\U000e0041", "\x85"])
def test_nobody_types_control_characters(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        check(text)
    assert caught.value.code == "control-character"


@given(st.text())
def test_the_table_keeps_places_and_is_settled(text: str) -> None:
    try:
        mapped = plain(text)
    except Unreadable as error:
        start, end = error.span
        assert end == start + 1
        return
    assert len(mapped) == len(text)
    assert plain(mapped) == mapped


def test_homoglyphs_are_not_transliterated() -> None:
    for letter in "аеорсхуАВЕКМНОРСТХ" + "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"[:1] + "ｘ":
        if letter == "ｘ":
            assert plain(letter) == "x"  # full-width, from a Chinese keyboard
            continue
        assert "CYRILLIC" in unicodedata.name(letter) or "OMICRON" in unicodedata.name(letter)
        with pytest.raises(Unreadable):
            plain(letter)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (r"\bar{\alpha}_t", "alphabar_t"), ("alpha_bar_t", "alphabar_t"), ("ᾱ_t", "alphabar_t"), ("C_{\\text{in}}",
        "C_in"),
        ("x0", "x0"), ("x_{t-1}", "x_t-1"), (r"\epsilon_\theta", "epsilon_theta"), ("σ", "sigma"),
    ],
)  # fmt: skip
def test_names_have_one_spelling(typed: str, wanted: str) -> None:
    assert spelled(typed) == wanted


def test_vocabularies_refuse_what_cannot_be_told_apart() -> None:
    with pytest.raises(InputError, match="cannot be told apart"):
        vocabulary({"x_0": "real", "x0": "real"})
    with pytest.raises(InputError, match="unknown domain 'complex'"):
        vocabulary({"z": "complex"})
    with pytest.raises(InputError, match="is no name"):
        vocabulary({"2": "real"})
    with pytest.raises(InputError, match="not declared"):
        vocabulary({}, spellings={"x": ("y",)})


def test_declared_names_win() -> None:
    words = vocabulary(dict.fromkeys(["E", "I", "N", "S", "e", "lambda", "gamma", "pi", "T", "sigma"], "real"))
    assert latex(formula("E + I + N + S + e + λ + γ + π", words)) == r"E + I + N + S + e + \lambda + \gamma + \pi"
    assert latex(formula("gamma^T", words)) == r"\gamma^{T}"
    assert latex(formula("sigma(e)", words)) == r"\sigma e"


def test_an_index_does_not_join_its_name() -> None:
    words = vocabulary({"p": "indexed unit", "x": "indexed", "l": "indexed", "xi": "real", "n": "positive integer"})
    assert latex(formula(r"\sum_{i=1}^n p_i x_i", words)) == r"\sum_{i=1}^{n} p_{i} x_{i}"  # neither pi nor xi
    assert latex(formula("l_n + xi", words)) == r"l_{n} + \xi"
    assert latex(formula("p_i/(1-p_i)", vocabulary({"p_i": "unit"}))) == r"\frac{p_{i}}{1 - p_{i}}"


def test_vectors_and_matrices_have_entries() -> None:
    assert latex(formula("v_1 + v_2", WORDS)) == "v_{1} + v_{2}"
    assert latex(formula("A_{12} + A_{2,1}", WORDS)) == "A_{1, 2} + A_{2, 1}"
    with pytest.raises(Unreadable):
        formula("A_1", WORDS)


def test_lists_are_split_outside_of_brackets() -> None:
    found = tokens("(1, 2), [3, 4]; 5")
    assert ["".join(token.text for token in part) for part in split(found, ",")] == ["(1,2)", "[3,4];5"]
    assert enclosed(tokens("(1)(2)"), ("(",)) is None
    inner = enclosed(tokens("((1), 2)"), ("(", "["))
    assert inner is not None
    assert "".join(token.text for token in inner) == "(1),2"


FRAGMENTS = ["x", "y", "1", "2.5", "(", ")", "[", "]", "{", "}", "|", "||", "^", "_", "+", "-", "*", "/", "!", "'",
 ",", "=",
             "<", "√", "²", "\\frac", "\\sqrt", "\\sum", "_{i=1}^n", "a_i", "log", "sin", "\\left", "\\right", "\\|",
             " ", "\n",
             "KL(", "p(", "\\begin{pmatrix}", "&", "\\\\", "\\end{pmatrix}", "\\bar", "ᾱ", "e", "π", "sum(", "mod",
             "C", "T"]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join) | st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        tree = formula(text, WORDS)
    except Unreadable as error:
        start, end = error.span
        assert 0 <= start <= end <= len(text)
        return
    written = latex(tree)
    assert latex(formula(written, WORDS)) == written


@pytest.mark.parametrize("text", ["(" * 2000, "|" * 400, "||" * 200 + "x", "x" * 2000, "^" * 2000, "x^" * 199 + "x",
 "-" * 399 + "x",
                                  "x!" + "!" * 390, r"\sqrt" * 200, "{" * 2000, "1/" * 199 + "1", "x_" * 900,
                                  "sin " * 200])  # fmt: skip
def test_reading_is_bounded(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(Unreadable):
        formula(text, WORDS)
    assert time.process_time() - start < 0.2
