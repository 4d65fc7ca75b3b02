"""Each clause of the contract can fail: a family that breaks it is caught, and told what is wrong.

All families here are the scaffold of ``quizgen new`` with one thing changed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from quizgen import checks, exporters, grading, space
from quizgen.answers._credit import RIGHT
from quizgen.bank import Bank, installed
from quizgen.checks import Failure, Outcome, Settings, _subject, pinned, rendered, total, twice, well_posed
from quizgen.checks._chains import comparisons
from quizgen.cli import cli
from quizgen.errors import InputError, QuizgenError, Redraw, UnknownName
from quizgen.expr import num
from quizgen.values import Grade

SCAFFOLD = installed()[1] / "scaffold"
CONDITION = '"""The two weights differ, and so do the two inputs, neither of which is 0."""'
QUICK = Settings(examples=40, seconds=5)
Changes = Mapping[str, str]


def bank_with(folder: Path, code: Changes, words: Changes | None = None, english: Changes | None = None) -> Bank:
    """A bank whose one family, ``demo/neuron``, is the scaffold after replacing text in code and templates."""
    files = {folder / "demo" / "neuron.py": changed((SCAFFOLD / "family.py").read_text(encoding="utf-8"), code)}
    for locale in ("en", "zh"):
        text = changed((SCAFFOLD / f"family.{locale}.md.j2").read_text(encoding="utf-8"), words or {})
        text = changed(text, english or {}) if locale == "en" else text
        files[folder / "templates" / "items" / "demo" / f"neuron.{locale}.md.j2"] = text
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Bank([folder])


def changed(text: str, changes: Changes) -> str:
    """``text`` after replacements, each of which must find something."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def outcome(bank: Bank, clause: str, name: str = "demo/neuron") -> Outcome:
    """What one clause finds."""
    (wanted,) = (found for found in checks.clauses() if found.name == clause)
    return checks.outcome(wanted, checks.subject(name, bank, QUICK))


def the_failure(found: Outcome, *fragments: str) -> Failure:
    """The failure whose message has these words."""
    for failure in found.failures:
        if all(fragment in failure.message for fragment in fragments):
            return failure
    raise AssertionError(f"no failure says {fragments}: {[failure.message for failure in found.failures]}")


def test_the_scaffold_keeps_every_clause(tmp_path: Path) -> None:
    report = checks.examine("demo/neuron", bank_with(tmp_path, {}), QUICK)
    assert report.holds, report.data()
    assert [found.clause.number for found in report.outcomes] == list(range(1, 12))
    assert all(found.checked for found in report.outcomes)


# 1. Total.


def test_total_names_the_line_that_fails_and_shrinks(tmp_path: Path) -> None:
    bank = bank_with(
        tmp_path, {"    return neuron(q.w, q.x, q.b)": "    return neuron(q.w, q.x, q.b + 0 // (q.b - 3))"}
    )
    failure = the_failure(outcome(bank, "total"), "ZeroDivisionError", "neuron.py:40, solve")
    assert failure.parameters is not None
    assert failure.parameters.as_dict() == {"w": (1, 2), "x": (1, -1), "b": 3}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ({"sum(products) + b)": "sum(products) + b / 1)"}, ["expected an int, got "]),
        ({"return Neuron(products,": "return Neuron(tuple(p / 2 for p in products),"}, ["float is no"]),
        ({"frozen=True, slots=True": "slots=True"}, ["frozen dataclass"]),
        ({f"        {CONDITION}\n": ""}, ["docstring"]),
        ({"return self.w[0]": "return self.b // 0 == self.w[0]"}, ["drawing parameters fails", "ZeroDivisionError"]),
        ({CONDITION: f"{CONDITION}\n        return False\n"}, ["only 0 of 80 draws"]),
    ],
)  # fmt: skip
def test_total_wants_exact_frozen_traces_and_stated_conditions(tmp_path: Path, code: Changes, words: list[str]) -> None:
    the_failure(outcome(bank_with(tmp_path, code), "total"), *words)


def test_total_has_a_time_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_subject, "PATIENCE", 0.2)
    endless = {"    return neuron(q.w, q.x, q.b)": "    while q.b > 0:\n        pass\n    return neuron(q.w, q.x, q.b)"}
    the_failure(outcome(bank_with(tmp_path / "endless", endless), "total"), "still running after 0.2 s")
    monkeypatch.setattr(total, "SLOWEST", 0.0)
    the_failure(outcome(bank_with(tmp_path / "slow", {}), "total"), "one draw takes", "ms")


def test_total_sees_values_that_are_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = bank_with(tmp_path, {})
    monkeypatch.setattr(space.Choices, "__contains__", lambda self, value: isinstance(value, int))
    the_failure(outcome(bank, "total"), "b = ", "is not refused")


def test_total_sees_messages_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vague(*arguments: object) -> object:
        raise InputError("no")

    bank = bank_with(tmp_path, {})
    monkeypatch.setattr(space, "check", vague)
    the_failure(outcome(bank, "total"), "does not name it")
    the_failure(outcome(bank, "total"), "does not state the condition")


# 2. Twice.

ASKING = {"@family.evidence": "from solvers import oracles\n\n\n@family.law"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ({"assert t.y == output": "assert t.y == output + 1"}, ["adding_again_and_again_agrees", "does not hold"]),
        ({"@family.evidence": "@family.law"}, ["no law compares"]),
        ({"@family.evidence": "def unused"}, ["has no law"]),
        ({"    output = q.b\n": "    output = q.b\n    assert t == solve(q)\n"}, ["the solver's own neuron, solve"]),
        (ASKING | {"assert t.y == output": "assert oracles.agreement.agrees(t.y, output)"}, ["no law compares"]),
        (ASKING | {"assert t.y == output": "assert oracles.attention.score_terms(1, 1)"}, ["no law compares"]),
    ],
)  # fmt: skip
def test_twice(tmp_path: Path, code: Changes, words: list[str]) -> None:
    if "def unused" in code.values():
        code = {"@family.evidence\n": ""}
    the_failure(outcome(bank_with(tmp_path, code), "twice"), *words)


def test_twice_takes_an_oracle_for_a_witness() -> None:
    assert not outcome(Bank(), "twice", "convolution/output_side").failures


def test_twice_looks_inside_the_oracle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    law = {"@family.evidence": "@family.law"}
    cheating = {"    output = q.b\n": "    output = q.b + 0 * neuron(q.w, q.x, q.b).y\n"}
    for folder, code, shared in (("honest", law, False), ("cheat", law | cheating, True)):
        monkeypatch.setattr(twice, "ORACLES", tmp_path / folder / "demo")  # as if the family's file were an oracle
        found = outcome(bank_with(tmp_path / folder, code), "twice")
        assert bool(found.failures) == shared
    the_failure(found, "adding_again_and_again_agrees", "the solver's own neuron")


# 3. Pinned.


def test_pinned_names_the_field_that_no_law_minds(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {"        assert product == added\n": ""})
    failure = the_failure(outcome(bank, "pinned"), "products[0]", "no law minds")
    assert failure.parameters is not None
    assert len(outcome(bank, "pinned").failures) == 1


def test_pinned_minds_the_order_of_words(tmp_path: Path) -> None:
    code = {
        "    y: int\n": '    y: int\n    names: tuple[str, ...] = ("w", "x")\n',
        "    assert t.y == output": '    assert t.y == output and sorted(t.names) == ["w", "x"]',
    }
    the_failure(outcome(bank_with(tmp_path, code), "pinned"), "names", "order of entries 0 and 1")


def test_pinned_wants_values_that_can_be_nudged(tmp_path: Path) -> None:
    code = {"    y: int\n": "    y: int\n    note: object = None\n"}
    the_failure(outcome(bank_with(tmp_path, code), "pinned"), "note holds None")


def test_pinned_minds_the_last_digit_of_decimals(tmp_path: Path) -> None:
    code = {
        "from dataclasses import dataclass": "from dataclasses import dataclass\nfrom decimal import Decimal",
        "    y: int\n": "    y: int\n    third: Decimal\n",
        "sum(products) + b)": 'sum(products) + b, (Decimal(sum(products)) / 3).quantize(Decimal("0.01")))',
        "    assert t.y == output": "    assert t.y == output and abs(t.third - (t.y - q.b) / Decimal(3)) < TOLERANCE",
    }
    tight = bank_with(tmp_path / "tight", code | {"family = Family": 'TOLERANCE = Decimal("0.0051")\nfamily = Family'})
    assert not outcome(tight, "pinned").failures
    wide = bank_with(tmp_path / "wide", code | {"family = Family": 'TOLERANCE = Decimal("0.0095")\nfamily = Family'})
    the_failure(outcome(wide, "pinned"), "third: in ", "no law minds one unit of its last digit")
    blind = bank_with(tmp_path / "blind", code | {"family = Family": "TOLERANCE = 9\nfamily = Family"})
    the_failure(outcome(blind, "pinned"), "third = ", "no law minds")


def test_nudges_are_one_unit_of_the_last_digit() -> None:
    assert pinned.nudges(3) == [4, 2]
    assert pinned.nudges(True) == [False]
    assert pinned.nudges(Fraction(3, 7)) == [Fraction(4, 7), Fraction(2, 7)]
    assert pinned.nudges(Decimal("0.50")) == [Decimal("0.51"), Decimal("0.49")]
    assert pinned.nudges("gate") != ["gate"]
    assert pinned.nudges(num(3)) not in ([], [num(3)])
    assert list(pinned.leaves(((1, 2), (3,)))) == [(0, 0), (0, 1), (1, 0)]
    assert pinned.put(((1, 2), (3,)), (0, 1), 9) == ((1, 9), (3,))


# 4. Deterministic.


def test_deterministic_across_hash_seeds(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {"sum(products) + b)": 'sum(products) + b + hash("neuron") % 10**6)'})
    the_failure(outcome(bank, "deterministic"), "another process")


def test_deterministic_within_a_process(tmp_path: Path) -> None:
    code = {
        "sum(products) + b)": "sum(products) + next(COUNTER))",
        "family = Family": "from itertools import count\n\nCOUNTER = count()\nfamily = Family",
    }
    the_failure(outcome(bank_with(tmp_path, code), "deterministic"), "the second time")


# 5. Well posed.


@pytest.mark.parametrize(
    ("english", "field"),
    [({" and the bias $b = {{ q.b }}$": ""}, "b ="), ({"$x = {{ q.x|vec }}$": "$x = ({{ q.x[0] }}, x_2)$"}, "x =")],
)
def test_well_posed(tmp_path: Path, english: Changes, field: str) -> None:
    found = outcome(bank_with(tmp_path, {}, english=english), "well posed")
    assert the_failure(found, field, "different answers", "same question (en)").parameters is not None


def test_well_posed_sees_two_draws_with_one_question(tmp_path: Path) -> None:
    hidden = {"$w = {{ q.w|vec }}$": "$w$", "$b = {{ q.b }}$": "$b$", "$x = {{ q.x|vec }}$": "$x$"}
    the_failure(outcome(bank_with(tmp_path, {}, english=hidden), "well posed"), "has another answer than Params(")


BROKEN = [{"$w = {{ q.w|vec }}$": "{{ q.none }}"}, {"$w = {{ q.w|vec }}$": "$\\nonsense$"}]
"""A prompt that cannot be filled in, and one that is no math."""


@pytest.mark.parametrize("words", BROKEN)
def test_a_question_that_cannot_be_printed_is_an_error_outside_of_hypothesis(tmp_path: Path, words: Changes) -> None:
    subject = checks.subject("demo/neuron", bank_with(tmp_path, {}, words=words), QUICK)
    (_, _, item), *_ = subject.samples
    with pytest.raises(_subject.Inapplicable, match="clause 8 says why") as raised:
        well_posed.question(subject.words(item, "en"))
    assert isinstance(raised.value.__cause__, QuizgenError)
    assert list(well_posed.check(subject)) == [], "it is clause 8 that says why"
    assert subject.checked == 0
    assert any(rendered.check(subject))


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_words_without_a_template_are_an_error_outside_of_hypothesis(tmp_path: Path, locale: str) -> None:
    subject = checks.subject("demo/neuron", bank_with(tmp_path, {}), QUICK)
    (_, _, item), *_ = subject.samples
    (tmp_path / "templates" / "items" / "demo" / f"neuron.{locale}.md.j2").unlink()
    with pytest.raises(_subject.Inapplicable, match="clause 8 says why"):
        subject.words(item, locale)


# 6. Separated.


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("    return None", ["adds_weights_and_inputs gives no wrong answer"]),
        ("    return solve(q).y", ["adds_weights_and_inputs gives no wrong answer"]),
    ],
)
def test_separated_wants_living_mistakes(tmp_path: Path, wrong: str, words: list[str]) -> None:
    code = {"    return sum(q.w) + sum(q.x) + q.b": wrong}
    the_failure(outcome(bank_with(tmp_path, code), "separated"), *words)


def test_a_mistake_about_a_number_is_a_number(tmp_path: Path) -> None:
    code = {"    return sum(q.w) + sum(q.x) + q.b": "    return str(solve(q).y)"}
    the_failure(outcome(bank_with(tmp_path, code), "total"), "adds_weights_and_inputs gives '", "expected a number")


def test_separated_counts_distractors(tmp_path: Path) -> None:
    code = {
        "    return neuron(q.w, q.x, -q.b)": "    return neuron(q.w, q.x, -q.b if q.b == 4 else 0)",
        "    return neuron(q.w[::-1], q.x, q.b)": "    return neuron(q.w[::-1], q.x, q.b) if q.b == 3 else None",
        "def crosses_the_weights(q: Params) -> Neuron": "def crosses_the_weights(q: Params) -> Neuron | None",
    }
    the_failure(outcome(bank_with(tmp_path, code), "separated"), "y: ", "fewer than 3 distinct distractors")


def test_separated_counts_ranks(tmp_path: Path) -> None:
    code = {
        "    return neuron(q.w, q.x, 0)": "    return neuron(q.w, q.x, q.b + 1)",
        "    return neuron(q.w, q.x, -q.b)": "    return neuron(q.w, q.x, q.b + 2)",
        "    return neuron(q.w[::-1], q.x, q.b)": "    return neuron(q.w, q.x, q.b + 3)",
        "    return sum(q.w) + sum(q.x) + q.b": "    return solve(q).y + 4",
    }
    the_failure(outcome(bank_with(tmp_path, code), "separated"), "rank among four numbers is 1 in 100 %")


# 7. Graded.

CHOICE = {
    'answers={"y": answer.Integer("y")}': 'answers={"y": answer.Choice("y", options=OPTIONS)}',
    "family = Family": 'OPTIONS = ("up", "down", "ID")\nfamily = Family',
    "    y: int\n": "    y: str\n",
    "return Neuron(products, sum(products) + b)": "return Neuron(products, OPTIONS[(sum(products) + b) % 3])",
    "    return sum(q.w) + sum(q.x) + q.b": '    return "up"',
}


@pytest.mark.parametrize(
    ("name", "words"),
    [("level ", ["the key, typed 'level '", "is invalid"]), ("banana", ["'banana' is", "not invalid"])],
)
def test_graded_reads_keys_and_refuses_junk(tmp_path: Path, name: str, words: list[str]) -> None:
    code = {old: new.replace("ID", name) for old, new in CHOICE.items()}
    the_failure(outcome(bank_with(tmp_path, code), "graded"), *words)


def test_graded_wants_the_feedback_of_each_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = bank_with(tmp_path, {})
    monkeypatch.setattr(grading, "explain", lambda part, text: part.mistakes[-1].name)
    the_failure(outcome(bank, "graded"), "forgets_the_bias", "gets the feedback of")


def test_graded_wants_wrong_answers_to_be_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "grade_part", lambda part, text: Grade(verdict=RIGHT, feedback="right"))
    the_failure(outcome(bank_with(tmp_path, {}), "graded"), "forgets_the_bias, typed", "is right")


# 8. Rendered.


@pytest.mark.parametrize(
    ("both", "english", "words"),
    [
        ({"{% block right %}": "{% block rigth %}"}, {}, ["'right' is missing"]),
        ({"{% block right %}": "{% block rigth %}"}, {}, ["nothing ever prints the block 'rigth'"]),
        ({"{% block forgets_the_bias %}": "{% block forgot %}"}, {}, ["'forgets_the_bias' is missing"]),
        ({"{{ q.b }}": "{{ q.bias }}"}, {}, ["block 'prompt'", "no attribute 'bias'"]),
        ({"{{ t.y }}": "{{ t.products }}"}, {}, ["block 'steps'", "pass it through a filter"]),
        ({}, {"{{ t.y }}": r"{{ t.y }} \frac{1}"}, ["block steps", "argument"]),
        ({}, {"Yes: every": "None, Fraction(1, 2): every"}, ["right (en) prints 'None'"]),
        ({}, {"Yes: every": "7 of 9: every"}, ["right: en has the numbers 7, 9, zh has nothing"]),
        ({}, {"$y = w_1 x_1": "$z = w_1 x_1"}, ["prompt: en has the formulas z=", "zh has y="]),
        ({}, {"A neuron without activation": "一个"}, ["prompt (en) is not in its language"]),
        ({}, {"Yes: every input times its own weight, then the bias once.": ""}, ["right (en) is empty"]),
        ({"{% block prompt %}": "{% block prompt %}\n{% if %}"}, {}, ["neuron.en.md.j2:", "Expected an expression"]),
    ],
)  # fmt: skip
def test_rendered(tmp_path: Path, both: Changes, english: Changes, words: list[str]) -> None:
    the_failure(outcome(bank_with(tmp_path, {}, both, english), "rendered"), *words)


def test_rendered_reads_the_feedback_of_every_part(tmp_path: Path) -> None:
    code = {'answer.Integer("y")}': 'answer.Integer("y"), "products": answer.Vector("products")}'}
    parts = "{% block part_y %}$y$?{% endblock %}{% block part_products %}$w_1 x_1$?{% endblock %}"
    mistake = "{% block crosses_the_weights %}"
    both = {mistake: f"{parts}{mistake}{{{{ 'None' if w is number }}}} "}
    the_failure(outcome(bank_with(tmp_path, code, both), "rendered"), "crosses_the_weights (y)", "prints 'None'")


def test_rendered_wants_every_locale(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {})
    (tmp_path / "templates" / "items" / "demo" / "neuron.zh.md.j2").unlink()
    the_failure(outcome(bank, "rendered"), "there is no template demo/neuron.zh.md.j2")


def test_rendered_shrinks(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {}, {"{{ q.b }}": "{{ q.b if q.b < 3 else q.c }}"})
    failure = the_failure(outcome(bank, "rendered"), "no attribute 'c'")
    assert failure.parameters is not None
    assert failure.parameters.as_dict() == {"w": (1, 2), "x": (1, -1), "b": 3}


def test_rendered_wants_every_renderer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(document: object) -> str:
        raise QuizgenError("cannot")

    assert {"latex", "html"} <= rendered.slower().keys()
    monkeypatch.setattr(rendered, "slower", lambda: {"braille": fails})
    the_failure(outcome(bank_with(tmp_path, {}), "rendered"), "braille, prompt (en)", "cannot")


def test_rendered_wants_what_tex_can_set(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {}, {"$x = {{ q.x|vec }}$": "$x = {{ q.x|vec }}$ \U00013080"})
    the_failure(outcome(bank, "rendered"), "TeX: demo/neuron, prompt (en)", "no font has the character")


def test_one_family_that_tex_cannot_set_does_not_spoil_another(tmp_path: Path) -> None:
    bank_with(tmp_path, {})
    for file in [*tmp_path.rglob("neuron*")]:
        file.rename(file.with_name(file.name.replace("neuron", "fine")))
    bank = bank_with(tmp_path, {}, {"$x = {{ q.x|vec }}$": "$x = {{ q.x|vec }}$ \U00013080"})
    said = rendered.typeset(bank, ("demo/fine", "demo/neuron"))
    assert list(said) == ["demo/neuron"]
    assert "no font has the character" in said["demo/neuron"]


# 9. Exported.


def test_exported_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank = bank_with(tmp_path, {})
    jsonl, md = exporters.exporter("jsonl"), exporters.exporter("md")
    patches: list[tuple[type, str, Callable[[bytes], bytes], list[str]]] = [
        (
            jsonl,
            "jsonl",
            lambda data: data.replace(b"forgets_the_bias", b"forgets"),
            ["does not know forgets_the_bias"],
        ),
        (
            jsonl,
            "jsonl",
            lambda data: data.replace(b'"kind":"integer","value":', b'"kind":"integer","value":1'),
            ["take"],
        ),
        (md, "md", lambda data: data.replace(b": `", b": "), ["keys of y, not one for each of en, zh"]),
        (md, "md", lambda data: data.replace(b": `", b": `1"), ["the key of y, typed '1", "is not right"]),
    ]
    for kind, _, damage, words in patches:
        written = kind.entry  # type: ignore[attr-defined]  # every exporter has it
        with monkeypatch.context() as patch:
            patch.setattr(kind, "entry", lambda self, task, w=written, d=damage: d(w(self, task)))
            the_failure(outcome(bank, "exported"), *words)


def test_exported_wants_names_and_no_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: object, task: object) -> bytes:
        raise QuizgenError("cannot")

    bank = bank_with(tmp_path, {})
    md = exporters.exporter("md")
    with monkeypatch.context() as patch:
        patch.setattr(md, "entry", fails)
        the_failure(outcome(bank, "exported"), "md accepts the question and then fails: cannot")
    with monkeypatch.context() as patch:
        patch.setattr(md, "fits", lambda self, tasks: [md.fit("a question", ())])
        the_failure(outcome(bank, "exported"), "md does not name the question")


# 10. Fair.


def test_fair(tmp_path: Path) -> None:
    bank = bank_with(tmp_path / "level", {"level=1": "level=5"})
    the_failure(outcome(bank, "fair"), "an effort of", "the band of level 5")
    half = {
        "@family.evidence": "@family.effort\ndef effort(q: Params, t: Neuron):\n    return 3.5\n\n\n@family.evidence"
    }
    the_failure(outcome(bank_with(tmp_path / "half", half), "fair"), "effort must be an int, got 3.5")


# 11. True on paper.


@pytest.mark.parametrize(
    ("both", "words"),
    [
        ({"= {{ t.y }}$": "= {{ t.y + 1 }}$"}, ["steps (en)", "does not hold"]),
        ({"= {{ t.y }}$": "$"}, []),
        ({"= {{ t.y }}$": r"\approx {{ t.y }}.4$"}, ["steps (en)", r"\approx", "does not hold"]),
    ],
)
def test_true_on_paper(tmp_path: Path, both: Changes, words: list[str]) -> None:
    found = outcome(bank_with(tmp_path, {}, both), "true on paper")
    if words:
        assert the_failure(found, *words).parameters is not None
    else:
        assert not found.failures


def test_true_on_paper_is_not_vacuous(tmp_path: Path) -> None:
    silent = {" = {{ t.products[0] }}$": "$", " = {{ t.products[1] }}$": "$", " = {{ t.y }}$": "$"}
    the_failure(outcome(bank_with(tmp_path, {}, silent), "true on paper"), "no closed chain is printed")


TRUE = [
    r"\frac{7 + 2 \cdot 1 - 3}{2} + 1 = 4",
    r"k + (k - 1)(d - 1) = 5 + 4 \cdot 2 = 13",
    r"\left\lfloor \frac{5}{2} \right\rfloor + \lceil 2.1 \rceil = 5",
    r"e^{-0.5} \approx 0.607",
    r"\frac{1}{1 + e^{0.5}} \approx \frac{0.607}{1.607} \approx 0.378",
    r"\ln 4 = 2 \ln 2 \approx 1.386",
    r"\frac{1}{2}\left(1 + \frac{4}{9} - 1 - \ln\frac{4}{9}\right) \approx 0.628",
    r"\sqrt{9} = 3 < \sqrt{10} \le 4",
    r"-2^2 = -4 \ne (-2)^2",
    r"3 \cdot (-2) = -6",
    r"12\,345 + 1 = 12\,346",
    r"|-3| = \left|2 - 5\right| = 3",
    r"(1, 2) + 2 (3, 4) = (7, 10)",
    r"(1, -2) \cdot (3, 4) = -5",
    r"(1, 2)^\top = (1, 2)",
    r"\begin{pmatrix} 1 & -2 \\ 3 & 4 \end{pmatrix} \cdot 2 = \begin{pmatrix} 2 & -4 \\ 6 & 8 \end{pmatrix}",
    r"\begin{aligned} x &= 3 + 4 \\ &= 7 \end{aligned}",
    r"\frac{3}{4} = 75\% = 0.75",
    r"\frac{2}{3} \approx 66.7\%",
    r"\log_2 8 = 3",
    r"\tanh(0.5) \approx 0.462",
    r"\max(0, -3) = 0",
    r"\underbrace{3 \cdot 4}_{\text{input}} + 2 = 14 \text{ weights}",
    r"2^{10} = 1024, \quad 5! = 120",
    r"0.0625 \approx 0.063",
    r"0.0625 \approx 0.062",
]
FALSE = [
    r"\frac{7 + 2 - 3}{2} + 1 = 5",
    r"e^{-0.5} \approx 0.606",
    r"e^{-0.5} = 0.607",
    r"\frac{2}{3} = 0.667",
    r"-2^2 = 4",
    r"3 - 2 - 1 = 2",
    r"2 < 2",
    r"(1, 2) + (3, 4) = (4, 7)",
    r"(1, 2) = (1, 2, 3)",
    r"\begin{pmatrix} 1 & -2 \end{pmatrix} = (1, 2)",
    r"\begin{aligned} x &= 3 + 4 \\ &= 8 \end{aligned}",
    r"0.5 + 0.25 \approx 0.8 + 0.2",
    r"\frac{1}{3} \approx \frac{1}{4}",
    r"12\,345 + 1 = 12\,347",
    r"\ln 4 = 3 \ln 2",
]
OPEN = [
    r"n + 1 = 4",
    r"x = 3",
    r"\sigma(0) = 0.5",
    r"8 \times 3 \times 3",
    r"\alpha_1 = 0.9",
    r"7 \to 8",
    r"\text{side} = 4",
    r"\{1, 2",
    r"\ln 0 = 3",
]


@pytest.mark.parametrize("tex", TRUE)
def test_chains_that_hold(tex: str) -> None:
    stated = comparisons(tex)
    assert stated
    assert all(one.holds for one in stated), stated


@pytest.mark.parametrize("tex", FALSE)
def test_chains_that_do_not_hold(tex: str) -> None:
    assert not all(one.holds for one in comparisons(tex))


@pytest.mark.parametrize("tex", OPEN)
def test_open_sides_say_nothing(tex: str) -> None:
    assert not comparisons(tex)


# The whole report.


def test_a_broken_file_is_reported_and_the_others_go_on(tmp_path: Path) -> None:
    bank_with(tmp_path, {})
    (tmp_path / "demo" / "unfinished.py").write_text("family = Family(\n", encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["check", "demo/*", "--bank", str(tmp_path), "--examples", "5", "--json"], standalone_mode=False
    )
    neuron, unfinished = json.loads(done.stdout)
    assert neuron["holds"]
    assert not unfinished["holds"]
    assert "unfinished.py" in unfinished["broken"]
    assert done.return_value == 1


def test_a_broken_clause_is_shown_kept_and_tried_first(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {"sum(products) + b)": "sum(products) + b + (b == 3))"})
    done = CliRunner().invoke(cli, ["check", str(bank.files["demo/neuron"])], standalone_mode=False)
    assert done.return_value == 1
    assert "✗2" in done.stdout
    smallest = '{"w": [1, 2], "x": [1, -1], "b": 3}'
    assert f"quizgen show demo/neuron --solution --given '{smallest}'" in done.stdout
    kept = tmp_path / "regressions" / "demo" / "neuron.jsonl"
    assert smallest in [json.dumps(json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines()]
    again = checks.examine("demo/neuron", Bank([tmp_path]), Settings(examples=1))
    assert not again.holds
    assert checks.keep(again, Bank([tmp_path])) == 0
    bank_with(tmp_path, {})
    mended = checks.examine("demo/neuron", Bank([tmp_path]), Settings(examples=5))
    assert mended.holds, mended.data()


def test_kept_draws_that_left_the_space_are_forgotten(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {})
    kept = tmp_path / "regressions" / "demo" / "neuron.jsonl"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"w":[9,2],"x":[1,-1],"b":3}\n{"k":1}\n{"w":[1,2],"x":[1,-1],"b":3}\n', encoding="utf-8")
    assert [q.as_dict()["w"] for q in checks.subject("demo/neuron", bank).kept] == [(1, 2)]


def test_a_kept_draw_that_is_no_longer_asked_does_not_end_the_search(tmp_path: Path) -> None:
    wrong = "    assert t.y == output\n    assert q.b != 3"
    refused = "    if q.b == 4:\n        raise ValueError\n    return neuron(q.w, q.x, q.b)"
    code = {"    assert t.y == output": wrong, "    return neuron(q.w, q.x, q.b)": refused}
    bank = bank_with(tmp_path, code)
    kept = tmp_path / "regressions" / "demo" / "neuron.jsonl"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"w":[1,2],"x":[1,-1],"b":2}\n{"w":[1,2],"x":[1,-1],"b":4}\n', encoding="utf-8")
    the_failure(outcome(bank, "twice"), "does not hold")


def test_nothing_is_left_where_one_happens_to_be(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HYPOTHESIS")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-m", "quizgen", "check", "recurrent/lstm_stages", "--examples", "5"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("1 of 1 families keep the contract\n")
    assert not list(tmp_path.iterdir())


def test_damaged_regressions_are_named(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {})
    kept = tmp_path / "regressions" / "demo" / "neuron.jsonl"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"w":[1,2],"x":[1,-1],"b":3}\n{"w":', encoding="utf-8")
    assert "neuron.jsonl:2: expected parameters as JSON" in checks.examine("demo/neuron", bank, QUICK).broken


def test_a_bank_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    bank_with(tmp_path, {"level=1": "level=5"})
    (tmp_path / "regressions").write_text("in the way", encoding="utf-8")
    done = CliRunner().invoke(
        cli, ["check", "demo/neuron", "--bank", str(tmp_path), "--examples", "5"], standalone_mode=False
    )
    assert done.return_value == 1
    assert "not kept as a regression" in done.stdout


def test_what_oracles_need_is_named(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, {"    output = q.b\n": "    import no_such_torch\n\n    output = q.b\n"})
    the_failure(outcome(bank, "twice"), "without no_such_torch", "quizgen[proof]")


def test_unknown_families_are_refused_with_their_names() -> None:
    with pytest.raises(UnknownName, match="unknown family 'convolution/output_sid'; did you mean"):
        CliRunner().invoke(cli, ["check", "convolution/output_sid"], standalone_mode=False, catch_exceptions=False)


# quizgen new.


def test_new_writes_a_family_that_keeps_the_contract(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    done = CliRunner().invoke(cli, ["new", "stat/my_neuron_2", "--bank", str(folder)], standalone_mode=False)
    assert done.exception is None
    assert done.stdout.splitlines()[-1] == f"quizgen check stat/my_neuron_2 --bank {folder}"
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    assert files == [
        "stat/my_neuron_2.py",
        "templates/items/stat/my_neuron_2.en.md.j2",
        "templates/items/stat/my_neuron_2.zh.md.j2",
    ]
    assert checks.examine("stat/my_neuron_2", Bank([folder]), QUICK).holds


def test_new_uses_templates_beside_the_bank(tmp_path: Path) -> None:
    (tmp_path / "templates" / "items").mkdir(parents=True)
    CliRunner().invoke(cli, ["new", "stat/neuron", "--bank", str(tmp_path / "banks")], standalone_mode=False)
    assert (tmp_path / "templates" / "items" / "stat" / "neuron.en.md.j2").is_file()
    assert checks.examine("stat/neuron", Bank([tmp_path / "banks"]), Settings(examples=5)).holds


def test_new_never_overwrites(tmp_path: Path) -> None:
    first = ["new", "stat/neuron", "--bank", str(tmp_path)]
    CliRunner().invoke(cli, first, standalone_mode=False)
    template = tmp_path / "templates" / "items" / "stat" / "neuron.zh.md.j2"
    template.write_text("mine", encoding="utf-8")
    assert "exists already" in str(CliRunner().invoke(cli, first, standalone_mode=False).exception)
    (tmp_path / "stat" / "neuron.py").unlink()
    refused = CliRunner().invoke(cli, first, standalone_mode=False).exception
    assert "neuron.en.md.j2" in str(refused)
    assert "not overwritten" in str(refused)
    assert template.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "stat" / "neuron.py").exists()
    known = CliRunner().invoke(cli, ["new", "convolution/output_side", "--bank", str(tmp_path)], standalone_mode=False)
    assert "output_side.py" in str(known.exception)


@pytest.mark.parametrize(
    "name",
    ["neuron", "Stat/neuron", "stat/neuron/two", "stat/2", "../up", "stat/", "class/x", "regressions/x", "a__b/c"],
)
def test_new_refuses_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    done = CliRunner().invoke(cli, ["new", name, "--bank", str(tmp_path)], standalone_mode=False)
    assert "expected AREA/NAME" in str(done.exception)
    assert repr(name) in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_the_scaffold_passes_in_a_bank_named_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(cli, ["new", "stat/neuron", "--bank", "."], standalone_mode=False)
    done = CliRunner().invoke(
        cli, ["check", "stat/neuron", "--bank", ".", "--examples", "10", "--no-keep"], standalone_mode=False
    )
    assert "1 of 1 families keep the contract" in done.output


# Answers that are words: formulas, distributions, intervals, texts.


def worded(declared: str, right: str, law: str, wrong: str) -> dict[str, str]:
    """The changes that make the neuron's answer a text; each of the four is Python."""
    return {
        'answer.Integer("y")': declared,
        "    y: int\n": "    y: int\n    text: str\n",
        "sum(products) + b)": f"sum(products) + b, {right})",
        "    assert t.y == output": f"    assert t.y == output and t.text == {law}",
        "    return sum(q.w) + sum(q.x) + q.b": f"    t = solve(q)\n    return {wrong}",
    }


def formula(wrong: str, right: str = 'f"{sum(products)} a + {b}"') -> dict[str, str]:
    declared = 'answer.Formula("text", variables={"a": "real"}, label="y")'
    return worded(declared, right, 'f"{output - q.b} a + {q.b}"', wrong)


WORDED = {
    "formula": formula('f"{t.y} a"'),
    "distribution": worded(
        'answer.Distribution("text", variables={"a": "real"})',
        'f"N({sum(products)} a + {b}, 4)"',
        'f"N({output - q.b} a + {q.b}, 4)"',
        'f"N({t.y}, 2)"',
    ),
    "interval": worded(
        'answer.Interval("text")', 'f"[{sum(products) + b}, inf)"', 'f"[{output}, inf)"', 'f"({t.y}, inf)"'
    ),
    "text": worded(
        'answer.Text("text")',
        'f"Neuron {sum(products) + b}"',
        'f"Neuron {output}"',
        'f"Unit {t.y}"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WORDED)
def test_a_family_whose_answer_is_words_keeps_every_clause(tmp_path: Path, kind: str) -> None:
    report = checks.examine("demo/neuron", bank_with(tmp_path, WORDED[kind]), QUICK)
    assert report.holds, report.data()


def test_the_right_formula_in_other_words_counts_as_right(tmp_path: Path) -> None:
    family = bank_with(tmp_path, formula('f"{q.b} + a*({t.y - q.b})"')).family("demo/neuron")
    with pytest.raises(Redraw, match=r"adds_weights_and_inputs gives .*, which counts as right"):
        family.make(family.params(w=(1, 2), x=(1, -1), b=3))  # the bank's own class


def test_one_wrong_formula_in_two_wordings_is_one_option(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, formula('f"a*({neuron(q.w, q.x, -q.b).y + q.b}) - {q.b}*1"'))
    the_failure(outcome(bank, "separated"), "adds_weights_and_inputs gives no wrong answer of its own")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (formula('"2 + z"'), ["demo/neuron: adds_weights_and_inputs gives '2 + z' as 'y'", "undeclared-name"]),
        (formula('"2"', right='"z + 1"'), ["demo/neuron: the answer 'y': ", "cannot be read: undeclared-name at 'z'"]),
        (formula('"2"', right='"1/(a - a)"'), ["demo/neuron: the answer 'y': ", "has no value"]),
    ],
)
def test_total_names_family_and_part_of_formulas_that_cannot_be_read(
    tmp_path: Path, code: Changes, words: list[str]
) -> None:
    the_failure(outcome(bank_with(tmp_path, code), "total"), *words)


def test_pinned_minds_formulas_that_are_words(tmp_path: Path) -> None:
    code = {old: new for old, new in formula('"2"').items() if "assert" not in old}
    the_failure(outcome(bank_with(tmp_path, code), "pinned"), "text = ", "no law minds")
