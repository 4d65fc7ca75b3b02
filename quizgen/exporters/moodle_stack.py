"""Moodle XML with questions of the type STACK (a plug-in) where a formula, a vector or a matrix is asked.

STACK compares formulas with Maxima. Element names and what is read of them: ``questiontype.php`` of the plug-in and its
sample questions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from quizgen import prose
from quizgen.exporters._lowering import MOST_CELLS, Change, Speaker, _mistakes, question
from quizgen.exporters._online import Cells, Choose, Field, Formula, Near, Numeric, Question, Said, Slot
from quizgen.exporters._words import Tongue
from quizgen.exporters.moodle import UNHEARD, Moodle, letters, multilang, number, typed
from quizgen.expr import Node
from quizgen.expr.domains import read_domain
from quizgen.expr.maxima import NoMaxima, maxima, maxima_name, maxima_number
from quizgen.values import Part, Task, Value

VERSION = "2022082900"
"""The version of STACK whose format this is; later ones read it."""
HAIR = Fraction(1, 10**9)
"""How much wider a tolerance is, in parts of it: numbers at its edge are right, whatever floats make of them."""
LONGEST = 200
"""The longest expression within a test; STACK has room for 255 characters, and a variable for what is longer."""
BOUNDS = {"positive": ">0", "nonnegative": ">=0", "unit": ">0", "positive integer": ">0", "nonnegative integer": ">=0"}
"""What Maxima is told about the kinds of variables."""


class MoodleStack(Moodle):
    """Moodle XML for sites with STACK."""

    carries: ClassVar[frozenset[str]] = Moodle.carries | {"formula"}

    def lowered(self, task: Task, slot: Slot, number: int) -> tuple[Question, tuple[Change, ...]]:
        made, changes = super().lowered(task, slot, number)
        exact, rest = self.exact(task, made, changes)
        if _is_stack(exact):
            return exact, rest
        if any(isinstance(field.interaction, Formula) for field in made.fields):
            return question(task, slot, number, self.locales, self.templates, Moodle.carries)
        return made, changes

    def exact(self, task: Task, made: Question, changes: tuple[Change, ...]) -> tuple[Question, tuple[Change, ...]]:
        """The question with fractions where they were lowered because they have no end as decimals."""
        lowered = {change.part for change in changes}
        if not lowered:
            return made, changes
        speaker = Speaker(task, tuple(prose.words(task.item, locale, self.templates) for locale in self.locales))
        found = {part.name: _exact(speaker, part) for part in task.item.parts if part.name in lowered}
        fields = tuple(replace(field, interaction=found.get(field.name) or field.interaction) for field in made.fields)
        return replace(made, fields=fields), tuple(change for change in changes if not found[change.part])

    def lost(self, question: Question, field: Field, part: Part) -> Iterator[str]:
        if not _is_stack(question):
            yield from super().lost(question, field, part)
            return
        match field.interaction:
            case Numeric() as asked:
                yield from typed(asked, part.key, is_embedded=True, takes_fractions=True)
            case Cells(rows, wrong):
                if not all(_has_shape(value, rows) for value, _ in wrong) and self.settings.practice:
                    yield UNHEARD
            case Formula(key, wrong):
                if any(_maxima(key.tree(value)) is None for value, _ in wrong) and self.settings.practice:
                    yield UNHEARD
        if self.settings.practice and question.right and len(question.fields) > 1:
            yield "what is said to a right answer"

    def body(self, question: Question) -> tuple[str, str]:
        if _is_stack(question):
            return "stack", self.stack(question)
        return super().body(question)

    @cached_property
    def tongue(self) -> Tongue:
        said = super().tongue
        return Tongue(said.hypertext, lambda parts: _unread(multilang(parts)))

    def stack(self, question: Question) -> str:
        """All that a question of the type STACK has."""
        fields = [
            _Asked(place, letter, field)
            for place, (letter, field) in enumerate(zip(letters(), question.fields, strict=False), 1)
        ]
        parts = [part for asked in fields for part in self.place(question, asked)]
        stem = self.stem(question, *parts)
        variables = "\n".join(line for asked in fields for line in _variables(asked, self.tongue))
        shown = "".join(f"[[feedback:prt{asked.place}]]" for asked in fields)
        judged = "".join(
            self.text(f"prt{grade}", self.phrase(word) if self.settings.practice else "")
            for grade, word in (("correct", "right"), ("partiallycorrect", "partly"), ("incorrect", "wrong"))
        )
        return (
            f"{stem}<stackversion><text>{VERSION}</text></stackversion>\n"
            f"<questionvariables><text>{_plain(variables)}</text></questionvariables>\n"
            f'<specificfeedback format="html"><text>{shown}</text></specificfeedback>\n'
            f"<questionnote><text>{question.code}</text></questionnote>\n"
            f"{self.text('questiondescription')}{judged}{OPTIONS}"
            + "".join(f"{_input(asked)}{self.tree(question, asked)}" for asked in fields)
            + _test_case(fields)
        )

    def place(self, question: Question, asked: "_Asked") -> Iterator[str]:
        """The question of a field, and where it is answered."""
        yield self.labelled(question, asked.letter, asked.field)
        match asked.field.interaction:
            case Formula(key):
                yield self.phrase("type", names=", ".join(map(maxima_name, key.variables))) if key.variables else ""
            case Numeric(unit=unit) if unit:
                yield self.phrase("unit", unit=unit)
        yield f"<p>[[input:ans{asked.place}]] [[validation:ans{asked.place}]]</p>"

    def tree(self, question: Question, asked: "_Asked") -> str:
        """The tree that marks a field: the key, each mistake as a branch, and the cells of a matrix one by one."""
        found = enumerate(self.tests(question, asked))
        tests = [replace(test, answer=f"d{asked.place}_{n}") if test.apart else test for n, test in found]
        known = {f"w{asked.place}_{n}": test.value for n, test in enumerate(tests) if len(test.value) > LONGEST}
        named = {value: name for name, value in known.items()}
        tests = [replace(test, value=named.get(test.value, test.value)) for test in tests]
        nodes = "".join(
            self.node(asked.place, place, test, last=place == len(tests) - 1) for place, test in enumerate(tests)
        )
        known |= {test.answer: _distance(test.apart) for test in tests if test.apart}
        variables = "\n".join(f"{name}: {value};" for name, value in known.items())
        return (
            f"<prt>\n<name>prt{asked.place}</name>\n<value>{_share(asked.field.points)}</value>\n"
            "<autosimplify>1</autosimplify>\n<feedbackstyle>1</feedbackstyle>\n"
            f"<feedbackvariables><text>{_plain(variables)}</text></feedbackvariables>\n{nodes}</prt>\n"
        )

    def node(self, tree: int, place: int, test: "_Test", last: bool) -> str:
        """One test, and what follows from it."""
        onwards = "-1" if last else str(place + 1)
        branches = (
            ("true", test.mode, test.share, onwards if test.mode == "+" else "-1", test.said, "T"),
            ("false", test.mode, Fraction(0), onwards, "", "F"),
        )
        return (
            f"<node>\n<name>{place}</name>\n<description></description>\n<answertest>{test.kind}</answertest>\n"
            f"<sans>{_plain(test.answer)}</sans>\n<tans>{_plain(test.value)}</tans>\n"
            f"<testoptions>{test.options}</testoptions>\n<quiet>1</quiet>\n"
            + "".join(
                f"<{way}scoremode>{mode}</{way}scoremode>\n<{way}score>{_share(share)}</{way}score>\n"
                f"<{way}penalty></{way}penalty>\n<{way}nextnode>{following}</{way}nextnode>\n"
                f"<{way}answernote>prt{tree}-{place + 1}-{note}</{way}answernote>\n" + self.text(f"{way}feedback", said)
                for way, mode, share, following, said, note in branches
            )
            + "</node>\n"
        )

    def tests(self, question: Question, asked: "_Asked") -> "Iterator[_Test]":
        """The tests of a field, in order."""
        name = f"ans{asked.place}"
        right = self.reply(question.right) if len(question.fields) == 1 else ""
        match asked.field.interaction:
            case Formula(key, wrong):
                yield _Test("AlgEquiv", name, f"ta{asked.place}", Fraction(1), right)
                for value, said in self.understood(wrong):
                    if (tree := _maxima(key.tree(value))) is not None:
                        yield _Test("AlgEquiv", name, tree, Fraction(0), said)
            case Numeric() as field:
                yield _near(name, field.value, field.tolerance, Fraction(1), right)
                for near, said in self.near(field):
                    yield _near(name, near, field.tolerance, Fraction(0), said)
            case Choose(options):
                chosen = [(place, option) for place, option in enumerate(options, 1)]
                for place, option in sorted(chosen, key=lambda found: not found[1].right):
                    said = right if option.right else self.reply(option.feedback)
                    if option.right or said:
                        yield _Test("AlgEquiv", name, str(place), Fraction(option.right), said)
            case Cells() as cells:
                yield from self.cells(asked, cells, right)

    def cells(self, asked: "_Asked", cells: Cells, right: str) -> "Iterator[_Test]":
        """The tests of a vector or matrix: all of it, the mistakes, and each number for its share."""
        name, rows = f"ans{asked.place}", [[cell.value for cell in row] for row in cells.rows]
        width, tolerance = len(rows[0]), cells.rows[0][0].tolerance
        yield _whole(name, _matrix(rows), tolerance, Fraction(1), right)
        count = len(rows) * width
        for value, said in self.understood(cells.wrong):
            if _has_shape(value, cells.rows):
                wrong = [[Fraction(entry) for entry in row] for row in _table(value)]
                hits = sum(
                    abs(entry - cell) <= tolerance
                    for stated, row in zip(wrong, rows, strict=True)
                    for entry, cell in zip(stated, row, strict=True)
                )
                if hits < count:
                    yield _whole(name, _matrix(wrong), tolerance, Fraction(hits, count), said)
        if count > 1:
            for i, row in enumerate(rows, 1):
                for j, cell in enumerate(row, 1):
                    yield _near(f"{name}[{i},{j}]", cell, tolerance, Fraction(1, count), "", mode="+")

    def understood(self, wrong: Iterable[tuple[Value, Said]]) -> Iterator[tuple[Value, str]]:
        """Wrong answers with what is said to them; none in an exam."""
        for value, said in wrong if self.settings.practice else ():
            yield value, self.tongue.html(said)


@dataclass(frozen=True)
class _Asked:
    """A field of a question: its place among them, from 1, and its letter."""

    place: int
    letter: str
    field: Field


@dataclass(frozen=True)
class _Test:
    """What an answer is compared with, and the score and the words that follow where it agrees.

    Where ``mode`` is ``+`` the score is added and the tests go on. ``apart`` is a matrix, if the answer to compare is
    the size of its largest entry.
    """

    kind: str
    answer: str
    value: str
    share: Fraction
    said: str
    options: str = ""
    mode: str = "="
    apart: str = ""


def _near(name: str, value: Fraction, tolerance: Fraction, share: Fraction, said: str, mode: str = "=") -> _Test:
    if not tolerance:
        return _Test("AlgEquiv", name, maxima_number(value), share, said, mode=mode)
    options = number(tolerance * (1 + HAIR))
    return _Test("NumAbsolute", name, number(value), share, said, options, mode)


def _whole(name: str, matrix: str, tolerance: Fraction, share: Fraction, said: str) -> _Test:
    if not tolerance:
        return _Test("AlgEquiv", name, matrix, share, said)
    return _Test("NumAbsolute", "", "0", share, said, number(tolerance * (1 + HAIR)), apart=f"{name} - {matrix}")


def _distance(matrix: str) -> str:
    """The largest size of an entry."""
    return f"lmax(map(abs, flatten(args({matrix}))))"


# Maxima.


def _exact(speaker: Speaker, part: Part) -> Numeric | Cells | None:
    """The field for a number, vector or matrix of any fractions; None for what is not made of numbers."""
    if type(part.key).online[0] not in ("numeric", "cells"):
        return None
    key, within = part.key, part.key.within
    rows = _table(key.right)
    wrong = [(value, said) for value, said in _mistakes(speaker, part) if _is_table(value)]
    if not _is_table(key.right) or sum(map(len, rows)) > MOST_CELLS:
        return None
    if type(key).online[0] == "cells":
        cells = tuple(tuple(Numeric(Fraction(entry), within) for entry in row) for row in rows)
        return Cells(cells, tuple(wrong))
    near = tuple(Near(Fraction(value), said) for value, said in wrong)
    return Numeric(Fraction(key.right), within, getattr(key, "unit", ""), wrong=near)


def _is_table(value: Value) -> bool:
    return all(isinstance(entry, int | Fraction | Decimal) for row in _table(value) for entry in row)


def _needs_stack(field: Field) -> bool:
    """Whether Moodle alone has no such field."""
    match field.interaction:
        case Formula() | Cells():
            return True
        case Numeric(value, tolerance):
            return not tolerance and Fraction(f"{float(value):.15g}") != value
    return False


def _is_stack(question: Question) -> bool:
    """Whether a question needs STACK, which has inputs for all its fields."""
    return any(map(_needs_stack, question.fields)) and all(map(_has_input, question.fields))


def _has_input(field: Field) -> bool:
    match field.interaction:
        case Formula(key):
            domains = [read_domain(domain) for domain in key.variables.values()]
            known = all(domain.shape is None and not domain.indexed for domain in domains)
            return known and _maxima(key.tree(key.right)) is not None and all(map(_is_name, key.variables))
        case Choose(_, single):
            return single
        case Numeric() | Cells():
            return True
    return False


def _maxima(tree: Node) -> str | None:
    try:
        return maxima(tree)
    except NoMaxima:
        return None


def _is_name(name: str) -> bool:
    try:
        maxima_name(name)
    except NoMaxima:
        return False
    return True


def _variables(asked: _Asked, tongue: Tongue) -> Iterator[str]:
    """What a field needs to be known: its key, and where its variables live."""
    match asked.field.interaction:
        case Choose(options):
            listed = (
                f"[{place},{str(option.right).lower()},{_string(tongue.line(option.words))}]"
                for place, option in enumerate(options, 1)
            )
            yield f"ta{asked.place}: [{','.join(listed)}];"
        case Formula(key):
            for name, domain in key.variables.items():
                kind = read_domain(domain).kind
                if kind in BOUNDS:
                    yield f"assume({name}{BOUNDS[kind]});"
                if kind == "unit":
                    yield f"assume({name}<1);"
            yield f"ta{asked.place}: {maxima(key.tree(key.right))};"
        case Numeric(value, tolerance):
            yield f"ta{asked.place}: {number(value) if tolerance else maxima_number(value)};"
        case Cells(rows):
            yield f"ta{asked.place}: {_shown(rows)};"


def _shown(rows: tuple[tuple[Numeric, ...], ...]) -> str:
    lines = (
        ",".join(number(cell.value) if cell.tolerance else maxima_number(cell.value) for cell in row) for row in rows
    )
    return f"matrix({','.join(f'[{line}]' for line in lines)})"


def _matrix(rows: list[list[Fraction]]) -> str:
    return f"matrix({','.join('[' + ','.join(map(maxima_number, row)) + ']' for row in rows)})"


def _table(value: Value) -> Value:
    """The rows of a number, a vector or a matrix."""
    if not isinstance(value, tuple):
        return ((value,),)
    return value if isinstance(value[0], tuple) else tuple((entry,) for entry in value)


def _has_shape(value: Value, rows: tuple[tuple[Numeric, ...], ...]) -> bool:
    """Whether a value has a number for every cell."""
    return [len(row) for row in _table(value)] == [len(row) for row in rows]


def _string(text: str) -> str:
    """A string of Maxima."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _share(value: Fraction) -> str:
    return f"{float(value):.7f}"


# The file.

OPTIONS = (
    "<questionsimplify>1</questionsimplify>\n<assumepositive>0</assumepositive>\n<assumereal>1</assumereal>\n"
    "<decimals>.</decimals>\n<scientificnotation>*10</scientificnotation>\n<multiplicationsign>dot</multiplicationsign>\n"
    "<sqrtsign>1</sqrtsign>\n<complexno>i</complexno>\n<inversetrig>arccos</inversetrig>\n"
    "<logicsymbol>lang</logicsymbol>\n<matrixparens>(</matrixparens>\n"
    "<variantsselectionseed></variantsselectionseed>\n"
)
"""How STACK shows and reads all answers of a question."""


def _input(asked: _Asked) -> str:
    """Where a field is typed or chosen."""
    kind, width, names = "algebraic", 30, ""
    match asked.field.interaction:
        case Formula(key):
            names = ",".join(key.variables)  # STACK knows no names of more than two letters
        case Cells():
            kind, width = "matrix", 6
        case Choose():
            kind, width = "radio", 15
    return (
        f"<input>\n<name>ans{asked.place}</name>\n<type>{kind}</type>\n<tans>ta{asked.place}</tans>\n"
        f"<boxsize>{width}</boxsize>\n<strictsyntax>1</strictsyntax>\n<insertstars>4</insertstars>\n"
        "<syntaxhint></syntaxhint>\n<syntaxattribute>0</syntaxattribute>\n<forbidwords></forbidwords>\n"
        f"<allowwords>{names}</allowwords>\n<forbidfloat>0</forbidfloat>\n<requirelowestterms>0</requirelowestterms>\n"
        "<checkanswertype>0</checkanswertype>\n<mustverify>1</mustverify>\n<showvalidation>1</showvalidation>\n"
        "<options></options>\n</input>\n"
    )


def _test_case(fields: Iterable[_Asked]) -> str:
    """The test that STACK runs where a question is imported: the key earns everything."""
    typed, expected = [], []
    for asked in fields:
        typed.append(f"<testinput><name>ans{asked.place}</name><value>{_model(asked)}</value></testinput>\n")
        expected.append(
            f"<expected><name>prt{asked.place}</name><expectedscore>1.0000000</expectedscore>"
            "<expectedpenalty>0.0000000</expectedpenalty>"
            f"<expectedanswernote>prt{asked.place}-1-T</expectedanswernote></expected>\n"
        )
    return f"<qtest>\n<testcase>1</testcase>\n<description></description>\n{''.join(typed + expected)}</qtest>\n"


def _model(asked: _Asked) -> str:
    """A right answer: the number of the right option, or the key."""
    match asked.field.interaction:
        case Choose(options):
            return str(next(place for place, option in enumerate(options, 1) if option.right))
    return f"ta{asked.place}"


def _unread(text: str) -> str:
    """HTML in which nothing is a command to STACK."""
    return text.replace("[[", "[&#91;").replace("{@", "{&#64;").replace("{#", "{&#35;")


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
