"""Document trees as text, LaTeX and HTML: everything but formulas is data."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import figures, markup
from quizgen.errors import TypesettingError, UnknownName
from quizgen.figures.grid import Grid
from quizgen.markup import Document, Figure, Paragraph, parse
from quizgen.renderers import html, latex, paper, text, ui

HOSTILE = r"""\input{/etc/passwd} \write18{x} {{ 7*7 }} <script>alert(1)</script> 100% & # _ ^ ~ $ " ` --"""


def test_latex_prints_what_it_is_given() -> None:
    assert latex.escape(HOSTILE) == (
        r"\textbackslash{}input\{/etc/passwd\} \textbackslash{}write18\{x\} \{\{ 7*7 \}\} "
        r"{<}script{>}alert(1){<}/script{>} 100\% \& \# \_ \textasciicircum{} \textasciitilde{} \$ "
        r"\textquotedbl{} \textasciigrave{} {-}{-}"
    )


@given(st.text())
def test_latex_of_any_text_has_no_active_characters(words: str) -> None:
    out = latex.escape(words)
    known = r"\\(text[a-z]+|wide|latin)\{|\\[{}$&#%_-]"
    bare = re.sub(known, "", out)
    assert not set("\\$&#%_^") & set(bare)
    opened = len(re.findall(r"(?<!\\)\{", re.sub(r"\\[{}]", "", out)))
    assert opened == len(re.findall(r"(?<!\\)\}", re.sub(r"\\[{}]", "", out)))


@pytest.mark.parametrize(
    "words, tex",
    [
        ("don’t “go” – now", "don't ``go'' -- now"),
        ("称为“残差”——恒等", "称为“残差”——恒等"),
        ("−3 and -3, 2026-12-18", "−3 and −3{,} 2026{-}12{-}18"),
        ("Привет → ok", r"\wide{Привет} \wide{→} ok"),
        ("Nguyễn 喆", "Nguyễn 喆"),
        ("[a]", "{[}a{]}"),
    ],
)
def test_latex_text(words: str, tex: str) -> None:
    assert latex.escape(words) == tex


def test_latex_of_code_keeps_spaces_and_quotes() -> None:
    assert latex.escape("a  'b' -1", code=True) == r"a~~\textquotesingle{}b\textquotesingle{}~{-}1"


def test_latex_blocks() -> None:
    source = "a **b** *c* `d` $x$\n\n$$y$$\n\n- e\n\n3. f\n\n```\n g\n```\n"
    assert latex.render(parse(source)) == (
        "a \\textbf{b} \\emph{c} \\texttt{d} $x$\\par\n\\formula{y}\n"
        "\\begin{itemize}\n\\item e\\par\n\\end{itemize}\n"
        "\\begin{enumerate}\\setcounter{enumi}{2}\n\\item f\\par\n\\end{enumerate}\n"
        "\\begin{code}\\codeline{~g}\n\\end{code}\n"
    )


def test_latex_tables_wrap_when_they_are_wide() -> None:
    narrow = latex.render(parse("| a | b |\n|--:|---|\n| 1 | 2 |"))
    assert "{@{}rl@{}}" in narrow
    assert r"\toprule" in narrow
    wide = latex.render(parse(f"| a | b |\n|---|---|\n| 1 | {'word ' * 30} |"))
    assert re.search(r"l>\{\\raggedright\\arraybackslash\}p\{0\.\d+\\linewidth\}", wide)


def test_latex_tables_have_room_for_fractions() -> None:
    first, second = latex.render(parse("| x |\n|---|\n| $\\frac{1}{2}$ |\n| $1$ |")).split(r"\frac")
    assert latex.FRACTIONS in second
    assert latex.FRACTIONS not in first + second.replace(latex.FRACTIONS, "", 1)


def test_figures_keep_their_labels_as_text() -> None:
    document = Document((Figure(figures.store(Grid(cells=(("x_1", "50%"),))), "two cells"),))
    tex = latex.render(document)
    assert r"{$x_{1}$}" in tex
    assert r"{50\%}" in tex
    assert 'aria-label="two cells"' in html.render(document)


def test_html_prints_what_it_is_given() -> None:
    out = html.render(markup.literal(HOSTILE))
    assert "<script>" not in out
    assert ElementTree.fromstring(out).text == HOSTILE


def test_negative_numbers_have_minus_signs() -> None:
    assert html.render(parse("-1.25 and 2026-12-18, a-1")) == "<p>−1.25 and 2026-12-18, a-1</p>"


def test_html_blocks() -> None:
    source = "a **b** *c* `<d>`\n\n- e\n\n3. f\n\n| g |\n|--:|\n| 1 |\n\n```\n<h>\n```\n"
    assert html.render(parse(source)) == (
        "<p>a <strong>b</strong> <em>c</em> <code>&lt;d&gt;</code></p>\n<ul><li>e</li></ul>\n"
        '<ol start="3"><li>f</li></ol>\n'
        '<table><thead><tr><th scope="col" class="right">g</th></tr></thead>'
        '<tbody><tr><td class="right">1</td></tr></tbody></table>\n'
        "<pre><code>&lt;h&gt;</code></pre>"
    )


def test_formulas_become_mathml() -> None:
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in html.mathml(r"\frac{1}{2}")
    assert 'display="block"' in html.mathml("x", display=True)


def test_a_formula_that_temml_refuses_is_an_error() -> None:
    with pytest.raises(TypesettingError, match=r"formula '\\\\nothing': Temml: .*\\nothing"):
        html.mathml(r"\nothing")


def test_plain_text() -> None:
    source = "a **b**\n\n| c | dd |\n|---|---|\n| 1 | 2 |\n\n- e\n"
    assert text.render(parse(source)) == "a **b**\n\nc  dd\n-  --\n1  2\n\n- e"


@pytest.mark.parametrize(
    "tex, line",
    [
        (r"\frac{n + 2p - k}{s} + 1 = \frac{7}{2}", "(n + 2p − k)/s + 1 = 7/2"),
        (r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V", "softmax(QKᵀ/√dₖ) V"),
        (r"\begin{pmatrix} 1 & -2 \\ \frac{3}{4} & 12345 \end{pmatrix}", "(1, −2; 3/4, 12345)"),
        (r"\left\lfloor x_{ij}^{10} \right\rfloor \in \mathbb{R}", "⌊xᵢⱼ¹⁰⌋ ∈ R"),
        (r"\hat{y}' \text{ if } \|x\|_2 \ge W_\mathrm{KL}", "ŷ′ if ‖x‖₂ ≥ W_KL"),
        (r"\ln \frac{p\left(x\right)}{2} + \ln x", "ln ((p(x))/2) + ln x"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{else}\end{cases}", "{ 1, x > 0; 0, else"),
    ],
)
def test_formulas_on_a_terminal(tex: str, line: str) -> None:
    assert text.render(Document((markup.DisplayMath(markup.math.check(tex)),))).strip() == line


def test_what_both_locales_share_is_printed_once() -> None:
    english = parse("Given\n\n$$x$$\n\nfind $y$.")
    chinese = parse("已知\n\n$$x$$\n\n求 $y$。")
    kinds = [(number, type(block).__name__) for number, block in paper.merged((english, chinese))]
    assert kinds == [(0, "Paragraph"), (1, "Paragraph"), (None, "DisplayMath"), (0, "Paragraph"), (1, "Paragraph")]


def test_locales_of_different_shape_follow_each_other() -> None:
    found = paper.merged((parse("a\n\nb"), parse("- c")))
    assert [number for number, _ in found] == [0, 0, 1]
    assert isinstance(found[0][1], Paragraph)


def test_fixed_words_are_the_same_in_every_locale() -> None:
    names = {locale: sorted(ui.phrases(locale)) for locale in ui.locales()}
    assert len({tuple(found) for found in names.values()}) == 1
    for name in names["en"]:
        fields = {tuple(ui_fields(locale, name)) for locale in names}
        assert len(fields) == 1, name


def ui_fields(locale: str, name: str) -> list[str]:
    phrase = ui.phrases(locale)[name]
    return sorted(set(re.findall(r"\{(\w+)\}", str(phrase if isinstance(phrase, str) else list(phrase.values())))))


def test_singular_and_plural() -> None:
    assert ui.pieces("en", "points", {"n": 1}) == [1, " point"]
    assert ui.pieces("en", "points", {"n": "1.5"}) == ["1.5", " points"]


def test_unknown_locale() -> None:
    with pytest.raises(UnknownName, match=r"unknown locale 'fr' \(known: en, zh\)"):
        ui.phrases("fr")
