"""Markdown and formulas: what is read, what is refused, and where."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import markup
from quizgen.errors import MarkupError
from quizgen.markup import (
    Break,
    Bullets,
    Code,
    CodeBlock,
    DisplayMath,
    Document,
    Emph,
    Figure,
    Math,
    Numbered,
    Paragraph,
    Strong,
    Table,
    Text,
    math,
    parse,
)
from quizgen.values import to_json

EVERYTHING = r"""A kernel of side $k = 3$, **strong** and *soft* `x_1`\
new line

$$\frac{1}{2}$$

- one
- two

3. three

| a | b |
|--:|:-:|
| 1 | $2$ |

```python
x = 1
```
"""


def paragraph(text: str) -> tuple[markup.Inline, ...]:
    (only,) = parse(text).blocks
    assert isinstance(only, Paragraph)
    return only.children


def test_every_node() -> None:
    assert parse(EVERYTHING).blocks == (
        Paragraph(
            (
                Text("A kernel of side "),
                Math("k = 3"),
                Text(", "),
                Strong((Text("strong"),)),
                Text(" and "),
                Emph((Text("soft"),)),
                Text(" "),
                Code("x_1"),
                Break(),
                Text("new line"),
            )
        ),
        DisplayMath(r"\frac{1}{2}"),
        Bullets(((Paragraph((Text("one"),)),), (Paragraph((Text("two"),)),))),
        Numbered(((Paragraph((Text("three"),)),),), 3),
        Table(((Text("a"),), (Text("b"),)), (((Text("1"),), (Math("2"),)),), ("right", "center")),
        CodeBlock("x = 1", "python"),
    )


def test_json_and_back() -> None:
    figure = Document((Figure({"kind": "grid", "cells": [[1]]}, "one"),))
    for document in (parse(EVERYTHING), figure):
        assert msgspec.json.decode(to_json(document), type=Document) == document


def test_what_is_no_markup_is_text() -> None:
    hostile = r"# <script> > & &amp; \input{x} {{ 7*7 }} http://a.b ~~x~~"
    assert paragraph(hostile) == (Text(hostile),)


def test_literal_text_has_no_markup() -> None:
    assert markup.literal("*a* $x$ `b`").blocks == (Paragraph((Text("*a* $x$ `b`"),)),)


def test_lines_join_as_their_language_does() -> None:
    assert paragraph("two\nwords") == (Text("two words"),)
    assert paragraph("卷积\n核") == (Text("卷积核"),)


def test_quotes_and_dollars() -> None:
    assert paragraph('don\'t say "it" for \\$5') == (Text("don’t say “it” for $5"),)


def test_displayed_formulas_part_a_paragraph() -> None:
    assert parse("so $$x$$ holds").blocks == (Paragraph((Text("so"),)), DisplayMath("x"), Paragraph((Text("holds"),)))


@pytest.mark.parametrize(
    "text, message",
    [
        ("a [link](b)", "line 1, column 8: links are not supported"),
        ("![a](b)", "line 1, column 1: images are not supported"),
        ("costs $5", "line 1, column 7: a lone \\$"),
        ("one\ntwo $x \\foo$", r"line 2, column 8: \\foo is not among"),
        ("- a\n- b $\\left( x$", r"line 2, column 14: expected \\right"),
        ("- - - - a", "line 1, column 1: lists nested more than 3 deep"),
        ("| a |\n|---|\n| $$x$$ |", "line 3, column 1: a displayed formula cannot stand in a table"),
        ("a\x07b", r"line 1, column 2: control character U\+0007"),
        ("a\ud800b", r"line 1, column 2: control character U\+D800"),
        ("x" * 200_000, "200000 characters"),
    ],
)
def test_refusals_say_where(text: str, message: str) -> None:
    with pytest.raises(MarkupError, match=f"^final.toml, text: .*{message}"):
        parse(text, "final.toml, text")


def test_marks_of_direction_cannot_reorder_a_page() -> None:
    assert markup.clean("\u202etxt.exe\u2066\ufeff") == "txt.exe"


def test_letters_are_composed() -> None:
    assert markup.clean("Nguye\u0302\u0303n") == "Nguyễn"


@pytest.mark.parametrize(
    "tex, normal",
    [
        (" x ", "x"),
        ("1234 12345 1234567.1234567 0.12345", r"1234 12\,345 1\,234\,567.1234567 0.12345"),
        (r"\text{12345}", r"\text{12345}"),
        (r"W_\text{KL} x^\top", r"W_{\text{KL}} x^{\top}"),
        (r"\hat\theta", r"\hat{\theta}"),
        ("_i", "{}_i"),
        (r"\begin{aligned}[a] \\ *b\end{aligned}", r"\begin{aligned}{}[a] \\ {}*b\end{aligned}"),
        ("f''_a", "f''_a"),
        (r"\left\{ x \middle| y \right.", r"\left\{ x \middle| y \right."),
        (
            r"\begin{array}{l|c}\hline a & b \\ \hline c\end{array}",
            r"\begin{array}{l|c}\hline a & b \\ \hline c\end{array}",
        ),
        (r"\sum\limits_{i}\sqrt[3]{x}\operatorname*{arg\,max}", r"\sum\limits_{i}\sqrt[3]{x}\operatorname*{arg\,max}"),
    ],
)
def test_formulas_in_normal_form(tex: str, normal: str) -> None:
    assert math.check(tex) == normal


@pytest.mark.parametrize(
    "tex, offset",
    [
        (r"\input{x}", 0),
        (r"a\write18{x}", 1),
        (r"\def\x{}", 0),
        (r"\catcode`\%=11", 0),
        (r"\href{a}{b}", 0),
        (r"\begin{equation}x\end{equation}", 0),
        (r"\begin{verbatim}x\end{verbatim}", 0),
        (r"\begin{array}{p{1cm}}x\end{array}", 14),
        (r"\begin{pmatrix}1\end{bmatrix}", 20),
        (r"\begin{cases}a & b & c\end{cases}", 19),
        (r"\frac{1}", 8),
        (r"\frac12", 5),
        (r"\sqrt", 5),
        ("x_12", 2),
        ("x^a^b", 3),
        ("x^2'", 3),
        ("x'_a^b", 4),
        ("{x", 2),
        ("x}", 1),
        (r"\left( x", 8),
        (r"x \right)", 2),
        (r"\left x", 6),
        (r"\middle|", 0),
        (r"x\limits_i", 1),
        ("a & b", 2),
        (r"a \\ b", 2),
        ("5 % 3", 2),
        ("a # b", 2),
        ("a ~ b", 2),
        ("中", 0),
        ("٣", 0),
        (r"\text{a $x$}", 8),
        (r"\text{\def}", 6),
        (r"\text{a", 7),
        (r"\hline", 0),
        ("{" * 50 + "}" * 50, 40),
        ("x" * 5000, 0),
    ],
)
def test_formulas_refused_with_their_place(tex: str, offset: int) -> None:
    with pytest.raises(math.FormulaError) as caught:
        math.check(tex)
    assert caught.value.offset == offset


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = parse(text)
    except MarkupError:
        return
    assert msgspec.json.decode(to_json(document), type=Document) == document


@given(st.text(alphabet="\\{}^_&$%a1[] \nfrac", max_size=40))
def test_any_formula_is_read_or_refused(tex: str) -> None:
    try:
        normal = math.check(tex)
    except MarkupError:
        return
    assert math.check(normal) == normal


PIECES = [
    *"ab1 2.,;:!?()-+=$\\^_{}x\n/%*`'\"<>&|~#@é中，。\u3000\u00a0\t", "$x$", "$a_1$", "(c)", "...", "--",
    "1. ", "- ", "$$",
    "\n\n", "\n\n1. ", "\n2. ", "\n- ", "$$y$$", "\n$$z$$\n", "\n   - ", "\n  - ", "\n\n- ", "\n\n   ",
    "| a | $x$ |", "\n|---|:-:|", "\n| c's | |", "|", "a's", "\n\n\n", "```", "**b**",
    "\n===", "\n---\n", "  ", "(tm)", "+-", "https://x.y", "$1$2",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join))
def test_simple_texts_are_read_at_once_as_the_reader_would(text: str) -> None:
    def read() -> Document | str:
        try:
            return markup.parse(text)
        except MarkupError as error:
            return str(error)

    at_once = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_parsed", lambda text: markup._read(markup.clean(text)))
        assert read() == at_once


SHAPES = [
    "1. first\n   - below $x$\n   - it's below\n2. second",
    "words\n- one\n- two",
    "words:\n\n| a | $x$ | |\n|:--|:-:|---:|\n| it's | | $y$ |\n\nmore words",
    "one\n\n\n1. two\n2. three\n\nfour\n\n- five",
]


@pytest.mark.parametrize("text", SHAPES)
def test_shapes_of_solutions_are_read_at_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = markup._read(text)
    monkeypatch.setattr(markup, "_read", None)
    markup._chunk.cache_clear()
    assert markup._parsed.__wrapped__(text) == whole


GOING_ON = [
    "- one\n\n- two",
    "1. one\n\n   still one\n\n2. two",
    "words\n- one\n\n- two",
    "```\none\n\ntwo\n```",
    "- ```\n\n\n",
    "$$\nx\n\n+ y\n$$",
]


@pytest.mark.parametrize("text", GOING_ON)
def test_what_goes_on_beyond_a_blank_line_is_read_as_a_whole(text: str) -> None:
    assert parse(text) == markup._read(text)
    assert parse(f"a chunk\n\n{text}\n\nanother") == markup._read(f"a chunk\n\n{text}\n\nanother")


def test_a_mistake_far_down_is_named_with_its_place() -> None:
    with pytest.raises(MarkupError, match="line 5, column 8"):
        parse("one\n\n*two*\n\nthree $\\nope$")
