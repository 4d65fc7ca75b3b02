"""Every code that an answer can get has words in every locale, and the place is shown where it is."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from string import Formatter
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import verdicts
from quizgen.errors import UnknownName
from quizgen.renderers import ui
from quizgen.values import Verdict

ROOT = Path(__file__).parents[1]
SOURCES = [file for name in ("answers", "expr", "notation") for file in (ROOT / "quizgen" / name).rglob("*.py")]
CODE = re.compile(r"[a-z]+(?:-[a-z]+)+")
NO_CODES = {"chi-squared"}
"""Strings with a hyphen that are no codes."""
COMPUTED = {"first-parameter", "second-parameter", "third-parameter", "another-parameter"}
"""Codes that are put together."""
FIELDS = {"verdicts": {"credit", "parsed"}, "invalid": {"text", "character", "limit"}, "notes": set[str]()}


def strings(tree: ast.AST) -> Iterator[str]:
    """The constant strings of a program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def complaints(tree: ast.AST) -> Iterator[str]:
    """The codes that ``Unreadable`` is raised with, where they are stated on the spot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Unreadable") and node.args:
            yield from strings(node.args[0]) if not isinstance(node.args[0], ast.Call) else ()


TREES = [ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES]
STATED = {text for tree in TREES for text in strings(tree)}
COMPLAINTS = {code for tree in TREES for code in complaints(tree) if re.fullmatch("[a-z-]+", code)}
CODES = {text for text in STATED if CODE.fullmatch(text)} | COMPLAINTS | COMPUTED
DOCUMENTED = set(re.findall("`([a-z-]+)`", (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")))


@pytest.fixture(params=ui.locales())
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def known(locale: str) -> set[str]:
    words = verdicts.phrases(locale)
    return {*words["invalid"], *words["notes"]}


def test_every_code_has_words(locale: str) -> None:
    assert CODES - NO_CODES - {"placeholder"} - known(locale) == set()
    assert {code for code in DOCUMENTED if CODE.fullmatch(code)} - known(locale) == set()
    assert COMPLAINTS - {"placeholder"} <= set(verdicts.phrases(locale)["invalid"])


def noted(tree: ast.AST) -> Iterator[str]:
    """The codes that a verdict or an outcome carries which is not invalid."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Verdict", "Outcome"):
            said = [*strings(node)]
            if "invalid" not in said:
                yield from (text for text in said if "-" in text)


def test_what_is_said_of_a_wrong_answer_has_words(locale: str) -> None:
    codes = {code for tree in TREES for code in noted(tree)}
    assert {"wrong-shape", "not-an-integer"} <= codes <= verdicts.phrases(locale)["notes"].keys()


def test_chinese_sentences_follow_each_other_without_a_blank() -> None:
    verdict = Verdict(verdict="wrong", notes=("second-parameter", "factor-two"))
    assert verdicts.say(verdict, "N(0, 2)", "zh") == "第二个参数不对。差了一个因子 2。"


def test_every_word_is_that_of_a_code(locale: str) -> None:
    assert known(locale) - STATED - COMPUTED == set()


def test_the_locales_say_the_same_things() -> None:
    tables = [verdicts.phrases(locale) for locale in ui.locales()]
    for table in tables:
        assert {section: [*words] for section, words in table.items()} == {
            section: [*words] for section, words in tables[0].items()
        }
    with pytest.raises(UnknownName, match="unknown locale 'xx'"):
        verdicts.phrases("xx")


def test_words_hold_only_the_fields_there_are(locale: str) -> None:
    for section, words in verdicts.phrases(locale).items():
        for phrase in words.values():
            assert {field for _, field, _, _ in Formatter().parse(phrase) if field is not None} <= FIELDS[section]
            assert phrase[-1] in ".?。？" or section == "verdicts"


NAMES: tuple[Literal["right", "partial", "wrong", "invalid", "ungraded"], ...] = (
    "right", "partial", "wrong", "invalid", "ungraded",
)  # fmt: skip


def test_every_verdict_has_a_headline(locale: str) -> None:
    said = {verdicts.headline(Verdict(verdict=name, credit=Fraction(2, 3)), locale) for name in NAMES}
    assert len(said) == len(NAMES)
    assert any("2/3" in words for words in said)


def invalid(code: str, start: int, end: int) -> Verdict:
    return Verdict(verdict="invalid", notes=(code,), span=(start, end))


@pytest.mark.parametrize(
    ("typed", "verdict", "words"),
    [
        ("x+banana", invalid("undeclared-name", 2, 8), "“banana” is not a name that the question uses."),
        ("а+b", invalid("unknown-character", 0, 1), "The character а (U+0430 CYRILLIC SMALL LETTER A) is not known"),
        ("\x1b[31m", invalid("control-character", 0, 1), "cannot be seen: U+001B control character."),
        ("\udc80", invalid("control-character", 0, 1), "cannot be seen: U+DC80 half of a surrogate pair."),
        ("1\u202e2", invalid("control-character", 1, 2), "U+202E RIGHT-TO-LEFT OVERRIDE."),
        ("1" * 500, invalid("too-long", 400, 500), "at most 400 characters"),
        ("{x}{0.__class__}", invalid("undeclared-name", 0, 16), "“{x}{0.__class__}” is not a name"),
        ("z" * 1000, invalid("undeclared-name", 0, 1000), f"“{'z' * 40}…”"),
        ("a\x1b\nb", invalid("undeclared-name", 0, 4), "“a�⏎b”"),
        ("", invalid("undeclared-name", 0, 0), "“…”"),
        ("x", Verdict(verdict="wrong", notes=("sign-flipped", "factor-two")), "The sign is wrong. It is off by"),
        ("x", Verdict(verdict="wrong", notes=("a-code-of-tomorrow",)), "a-code-of-tomorrow"),
        ("x", Verdict(verdict="right"), ""),
    ],
)
def test_what_is_said(typed: str, verdict: Verdict, words: str) -> None:
    said = verdicts.say(verdict, typed, "en")
    assert words in said
    assert bool(words) == bool(said)
    assert all(character.isprintable() for character in said)


def test_what_was_understood_is_said_in_unicode(locale: str) -> None:
    assert verdicts.understood(Verdict(verdict="right"), locale) == ""
    assert verdicts.understood(Verdict(verdict="right", parsed=r"\frac{1}{2} x^{2}"), locale).endswith("(1/2) x²")
    assert verdicts.understood(Verdict(verdict="wrong", parsed=r"\evil{x}"), locale).endswith(r"\evil{x}")


@pytest.mark.parametrize(
    ("typed", "span", "lines"),
    [
        ("-x/2*b", (5, 6), ("-x/2*b", "     ^")),
        ("x+", (2, 2), ("x+", "  ^")),
        ("", (0, 0), ("", "^")),
        ("批归一x", (1, 3), ("批归一x", "  ^^^^")),
        ("１２\t\n３", (3, 5), ("１２ ⏎３", "     ^^^")),
        ("x\u0302+y", (3, 4), ("x\u0302+y", "  ^")),
        ("a\x07b", (1, 2), ("a�b", " ^")),
        ("a\udc80b", (1, 2), ("a�b", " ^")),
        ("a\u202eb", (2, 3), ("a�b", "  ^")),
    ],
)
def test_the_caret_stands_under_the_place(typed: str, span: tuple[int, int], lines: tuple[str, str]) -> None:
    assert tuple(verdicts.caret(typed, span).split("\n")) == lines


def test_long_texts_are_shown_in_part() -> None:
    text, marks = verdicts.caret("x" * 10**6 + "?" + "y" * 10**6, (10**6, 10**6 + 1)).split("\n")
    assert text[0] == text[-1] == "…"
    assert text[marks.index("^")] == "?"
    assert len(text) <= verdicts.WIDTH


@given(typed=st.text(max_size=300), start=st.integers(0, 300), length=st.integers(0, 300))
def test_any_place_of_any_text_can_be_shown(typed: str, start: int, length: int) -> None:
    start = min(start, len(typed))
    text, marks = verdicts.caret(typed, (start, min(start + length, len(typed)))).split("\n")
    assert columns(text) <= verdicts.WIDTH
    assert len(marks) <= verdicts.WIDTH + 1
    assert set(marks.lstrip(" ")) == {"^"}
    assert all(character.isprintable() for character in text)


def columns(text: str) -> int:
    """The columns of text in a terminal."""
    return sum(
        0 if unicodedata.category(character) in ("Mn", "Me") else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
