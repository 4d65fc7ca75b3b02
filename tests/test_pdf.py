"""Typesetting: the same bytes every time, papers cut from one document, errors that name the question."""

import os
import random
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from quizgen import figures, markup
from quizgen.errors import MarkupError, TypesettingError
from quizgen.figures.stack import Stack
from quizgen.markup import DisplayMath, Document, Figure, Math, Paragraph, math, parse
from quizgen.renderers import html, paper_html, paper_tex, pdf, text
from quizgen.renderers.paper import (
    Answer,
    Criterion,
    Exam,
    Field,
    KeyView,
    Mistake,
    Option,
    Paper,
    Part,
    Question,
    Section,
    Slot,
    Words,
)

HOSTILE = (
    r"""\input{/etc/passwd} \write18{x} {{ 7*7 }} <script>alert(1)</script> 100% & # _ ^ ~ $ " ` -- ‮txt [x] 喆 Nguyễn"""
)


def words(text: str) -> Words:
    return (parse(text),)


def option(letter: str, text: str, right: bool = False) -> Option:
    return Option(letter, words(text), right, () if right else words("Padded on one side only."))


FIGURE = Document((Figure(figures.store(Stack(kernels=(3, 2), strides=(2, 1))), "a stack"),))
QUESTIONS = (
    Question(
        1,
        "2",
        "side",
        (*words("Which *side*?"),),
        (Part("2", kind="choice", options=(option("A", "$3$", True), option("B", "$5$"))),),
        "h3k9qz",
    ),
    Question(2, "3", "cells", (FIGURE,), (Part("3", work=2, fields=(Field(unit="px"),), answer=words("$7$")),)),
    Question(
        3,
        "4",
        "parts",
        words("| a | b |\n|---|--:|\n| -1 | 2 |"),
        (
            Part(
                "1",
                "a",
                words("Give $v$."),
                fields=(Field("v", shape=(3,)),),
                mistakes=(Mistake(parse("$0$"), words("Zero.")),),
            ),
            Part("3", "b", words("Prove."), work=5, scheme=(Criterion("3", words("for the proof")),)),
        ),
    ),
    Question(
        4, "1", "order", words("Order."), (Part("1", kind="order", options=(option("a", "x"), option("b", "y"))),)
    ),
    Question(
        5, "1", "match", words("Match."), (Part("1", kind="match", lefts=(words("l"),), options=(option("a", "x"),)),)
    ),
    Question(6, "1", "hostile", (markup.literal(HOSTILE),), (Part("1", kind="choices", options=(option("A", "x"),)),)),
)
EXAM = Exam(("en",), (HOSTILE.replace("\u202e", ""),), "12", "DL_301", "2026-12-18", words("Write."))
FORM = Paper("form-A", "form A", (Section(("One",), "12", QUESTIONS),), form="A")
OWN = Paper("s_7", "students.csv, row 2", (Section((), "2", QUESTIONS[:1]),), id="s_7", student="Nguyễn 喆")
KEY = KeyView(("A",), (Slot("1", "2", (Answer(parse("B"), (Mistake(parse("$5$"), words("pads")),)),)),))


@cache
def source() -> str:
    return paper_tex.student_papers(EXAM, [FORM, OWN])


@cache
def typeset() -> dict[str, bytes]:
    return pdf.typeset(
        source(), {"A.pdf": ["form-A"], "7.pdf": ["s_7"], "all.pdf": ["s_7", "form-A"]}, titles={"A.pdf": "T"}
    )


def opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(data))


def document(body: str) -> str:
    preamble = source().partition(r"\begin{document}")[0]
    return rf"{preamble}\begin{{document}}\beginpaper{{x}}{{form A}}{body}\closepaper\end{{document}}"


def test_papers_are_cut_from_one_document() -> None:
    counts = {name: len(opened(data).pages) for name, data in typeset().items()}
    assert counts["7.pdf"] == 2
    assert counts["A.pdf"] >= 3
    assert counts["all.pdf"] == 2 + counts["A.pdf"] + counts["A.pdf"] % 2  # every paper begins on a front side


def test_wrong_answers_stand_under_every_form_that_expects_them() -> None:
    shared = KEY.slots[0].answers[0]
    found = paper_tex.key(EXAM, KeyView(("A", "B"), (Slot("1", "2", (shared, shared)),)))
    assert r"{A\hss}" in found
    assert r"{B\hss}" in found


@pytest.mark.parametrize("renderer", [paper_tex, paper_html])
def test_a_key_without_expected_mistakes_has_no_heading_for_them(renderer: Any) -> None:
    heading = "Wrong answers that are expected"
    assert heading in renderer.key(EXAM, KEY)
    assert heading not in renderer.key(EXAM, KeyView(("A",), (Slot("1", "2", (Answer(parse("B")),)),)))


def test_a_table_stays_with_the_line_that_announces_it() -> None:
    def words_on_the_first_page(body: str) -> int:
        with opened(pdf.typeset(document(rf"\vspace*{{235mm}}\par {body}"))["x"]) as cut:
            return sum(str(part.operator) == "TJ" for part in pikepdf.parse_content_stream(cut.pages[0]))

    table = r"\begin{exhibit}\rule{1mm}{20mm}\end{exhibit}"
    assert words_on_the_first_page(f"As follows:{table}") == words_on_the_first_page(r"\newpage As follows:")


def test_a_second_line_stands_below_the_first_not_below_its_box() -> None:
    body = r"\begin{options}\columns=1 \option{1}{\letterbox two\newline lines}\end{options}"
    with opened(pdf.typeset(document(body))["x"]) as cut:
        steps = [part.operands for part in pikepdf.parse_content_stream(cut.pages[0]) if str(part.operator) == "Td"]
    assert steps[-1][0] == 0
    assert steps[-1][1] < 0


def test_the_same_source_gives_the_same_bytes() -> None:
    again = pdf.typeset(source(), {"A.pdf": ["form-A"]}, titles={"A.pdf": "T"})
    assert again["A.pdf"] == typeset()["A.pdf"]


def test_nothing_in_the_file_tells_the_time() -> None:
    with opened(typeset()["A.pdf"]) as cut:
        assert dict(cut.docinfo) == {"/Title": "T"}


def test_solutions_and_key_in_both_languages() -> None:
    both = replace(EXAM, locales=("en", "zh"), titles=("Exam", "考试"), instructions=(parse("Write."), parse("作答。")))
    doubled = tuple(replace(one, words=(*one.words, parse("中文。"))) for one in QUESTIONS[:5])
    form = replace(FORM, sections=(Section(("One", "一"), "12", doubled),))
    assert pdf.typeset(paper_tex.solutions(both, [form]))["form-A"]
    assert pdf.typeset(paper_tex.key(both, KEY))["key"]
    students = replace(KEY, papers=("s_7",), students=("Nguyễn 喆",))
    assert pdf.typeset(paper_tex.key(both, students, name="k"))["k"]


def test_html_is_self_contained_and_escaped() -> None:
    pages = [paper_html.student_paper(EXAM, FORM), paper_html.solutions(EXAM, OWN), paper_html.key(EXAM, KEY)]
    for page in pages:
        assert "<script" not in page
        assert "src=" not in page
        assert "href=" not in page
    assert "<bdi>Nguyễn 喆</bdi>" in pages[1]


def test_a_character_without_glyph_names_the_row() -> None:
    papers = paper_tex.student_papers(EXAM, [replace(OWN, student="A 🙂")])
    with pytest.raises(TypesettingError, match=r"students\.csv, row 2: no font has the character '🙂' \(U\+1F642\)"):
        pdf.typeset(papers)


def test_a_character_without_glyph_names_the_question() -> None:
    broken = replace(QUESTIONS[0], words=(markup.literal("a 🙂"),), where="question 1 (my_slot)")
    form = replace(FORM, sections=(Section(("One",), "2", (broken,)),))
    with pytest.raises(TypesettingError, match=r"form A, question 1 \(my_slot\): no font has"):
        pdf.typeset(paper_tex.student_papers(EXAM, [form]))


def test_an_error_of_tex_names_the_question() -> None:
    broken = replace(QUESTIONS[0], words=(Document((Paragraph((Math(r"\undefined"),)),)),))
    form = replace(FORM, sections=(Section(("One",), "2", (broken,)),))
    with pytest.raises(TypesettingError, match=r"form A, side: TeX: Undefined control sequence.*\\undefined"):
        pdf.typeset(paper_tex.student_papers(EXAM, [form]))


@pytest.mark.parametrize(
    "attack", [r"\input{/etc/passwd}", r"\input{FOLDER/harmless}", r"\newwrite\w\immediate\openout\w=FOLDER/x "]
)
def test_tex_reaches_no_file_outside_its_folder(attack: str, tmp_path: Path) -> None:
    (tmp_path / "harmless.tex").write_text("words that TeX could set", encoding="utf-8")
    with pytest.raises(TypesettingError):
        pdf.typeset(document(attack.replace("FOLDER", str(tmp_path))))
    assert [file.name for file in tmp_path.iterdir()] == ["harmless.tex"]


def test_tex_starts_no_program(tmp_path: Path) -> None:
    pdf.typeset(document(rf"\immediate\write18{{touch {tmp_path / 'x'}}}a"))
    assert not (tmp_path / "x").exists()


def test_an_endless_loop_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 3)
    with pytest.raises(TypesettingError, match="longer than 3 s"):
        pdf.typeset(document(r"\def\x{\x}\x"))


def test_a_full_disk_is_said_to_be_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = tmp_path / "xelatex"
    engine.write_text("#!/bin/sh\necho 'fclose: No space left on device' >&2; exit 1\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(TypesettingError, match="the disk is full"):
        pdf.typeset(source())


def test_nothing_runs_off_the_page() -> None:
    code = (parse("```\n" + "x = 1  # as long as it gets " * 9 + "\n```"),)
    parts = (
        Part("1", fields=(Field(shape=(15,)),)),
        Part("1", fields=(Field(shape=(2, 12)),)),
        Part("1", kind="choice", options=(Option("A", code), Option("B", words("$$y$$")))),
    )
    asked = tuple(Question(number, "1", "long", words("x"), (part,)) for number, part in enumerate(parts, 1))
    exam = Exam(("en",), ("A title that goes on " * 9,), "3", "A course " * 9, "A day of the week, from ten to twelve")
    own = Paper("p", "row 2", (Section((), "3", asked),), id="x" * 64, student="W" * 120)
    key = KeyView(("x" * 64,), (Slot("1", "2", (Answer(parse("B")),)),), students=("W" * 120,))
    for source in (paper_tex.student_papers(exam, [own]), paper_tex.solutions(exam, [own]), paper_tex.key(exam, key)):
        with pytest.MonkeyPatch.context() as patch:
            logs: list[str] = []
            patch.setattr(pdf, "_missing", logs.append)
            pdf.typeset(source)
        assert "Overfull" not in logs[-1]


def test_pages_end_between_answers_without_steps() -> None:
    asked = tuple(
        Question(number, "1", "own", words("x"), (Part("1", fields=(Field(wide=True),), answer=words("$y$")),))
        for number in range(60)
    )
    paper = Paper("p", "p", (Section((), "60", asked),), form="A")
    (solved,) = pdf.typeset(paper_tex.solutions(EXAM, [paper])).values()
    assert len(opened(solved).pages) > 4


def test_without_tex_one_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    assert not pdf.available()
    with pytest.raises(TypesettingError, match=r"xelatex was not found.*apt-get install .*texlive-xetex"):
        pdf.typeset(source())


def test_what_the_manifest_names() -> None:
    assert pdf.tex_version().startswith("XeTeX 3.")
    assert set(pdf.font_versions()) == set(pdf.FONTS)


def formulas(rng: random.Random, count: int) -> list[str]:
    """Formulas of every allowed command in random company, as the table lets them pass."""
    found: list[str] = []
    while len(found) < count:
        try:
            found.append(math.check(formula(rng, 0)))
        except MarkupError:
            continue
    return [tex for tex in found if tex]


def formula(rng: random.Random, depth: int) -> str:
    return " ".join(piece(rng, depth) for _ in range(rng.randint(1, 4)))


def piece(rng: random.Random, depth: int) -> str:
    def group() -> str:
        return f"{{{formula(rng, depth + 1)}}}"

    kind = rng.random() if depth < 3 else 0.0
    if kind < 0.5:
        return rng.choice([rf"\{rng.choice(sorted(math.SYMBOLS))}", rng.choice("ab12+=,|'"), r"\text{中 \& a}", r"\,"])
    if kind < 0.65:
        name = rng.choice(sorted(math.ARGUMENTS))
        return rf"\{name}" + "".join(group() for _ in range(math.ARGUMENTS[name]))
    if kind < 0.8:
        return rng.choice(["^", "_"]) + rng.choice([group(), "2", r"\top", r"\sum", r"\text{a}"])
    if kind < 0.9:
        name = rng.choice(sorted(math.ENVIRONMENTS))
        cell = formula(rng, depth + 1)
        return rf"\begin{{{name}}}{'{c}' if name == 'array' else ''}{cell} \\ [ {cell}\end{{{name}}}"
    left, right = rng.choice(sorted(math.DELIMITERS - {"[", r"\lbrack"})), rng.choice([")", "]", ".", r"\rVert"])
    return rf"\left{left} {formula(rng, depth + 1)} \right{right}"


def test_every_formula_that_passes_is_understood_by_tex_and_temml() -> None:
    some = formulas(random.Random(7), 300) + [rf"\{name}" for name in sorted(math.SYMBOLS)]
    assert all(html.mathml(tex, display=True) for tex in some)
    assert all(isinstance(text.render(Document((DisplayMath(tex),))), str) for tex in some)
    body = "\n".join(rf"\at{{{number}}}${tex}$\[{tex}\]" for number, tex in enumerate(some))
    assert pdf.typeset(document(body.replace(r"\mathbb", r"\mathrm").replace(r"\mathcal", r"\mathrm")))


@pytest.mark.skipif(os.name != "posix", reason="limits on memory are POSIX only")
def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MEMORY", 20 << 20)
    with pytest.raises(TypesettingError):
        pdf.typeset(source())
