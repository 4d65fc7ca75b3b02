"""What is written for STACK is computed by Maxima, as STACK does; it marks as the reader of the tests does."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from quizgen.exporters._online import Cells, Choose, Field, Formula, Near, Numeric, Question, Slot
from quizgen.expr import evaluate, maxima
from quizgen.expr.tree import Call, Num
from tests.exports import moodle_reader as reader
from tests.exports.maxima_runner import Asked, computed, held
from tests.exports.test_moodle import (
    FAMILIES,
    FIELDS,
    GRID,
    KEY,
    asked,
    drawn,
    maxima_of,
    number,
    platform,
    right_of,
    said,
    wide,
    written,
    wrong_of,
)

POINTS: Mapping[str, Sequence[Sequence[str]]] = {
    "binomial": [("5", "2")], "factorial": [("5",)], "mod": [("7", "3"), ("7.5", "2")], "acosh": [("2",)],
    "log": [("2", "5")], "root": [("3", "7")], "max": [("1.5", "0.7")], "min": [("1.5", "0.7")],
}  # fmt: skip
"""Where a function of one number between 0 and 1 is not meant."""


def calls() -> Iterator[Call]:
    """Every function that Maxima is asked for, at some points."""
    for name in (*maxima.SAME, *maxima.OWN):
        for point in POINTS.get(name, [["0.3"], ["0.625"]]):
            yield Call(name, tuple(map(Num, point)))


def phi(x: float) -> float:
    """The standard normal distribution function."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


MEANS: Mapping[str, Callable[..., float]] = {
    "abs": abs, "max": max, "min": min, "ln": math.log, "mod": lambda a, b: a % b, "binomial": math.comb,
    "cot": lambda x: 1 / math.tan(x), "sign": lambda x: math.copysign(1, x), "log": lambda base, x: math.log(x, base),
    "root": lambda degree, x: x ** (1 / degree), "inverse": lambda x: 1 / x, "Phi": phi, "relu": lambda x: max(0, x),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)), "softplus": lambda x: math.log(1 + math.exp(x)),
    "gelu": lambda x: x * phi(x), "silu": lambda x: x / (1 + math.exp(-x)),
}  # fmt: skip
"""What functions mean that Python names otherwise, or not at all."""


def meant(call: Call) -> float:
    """The value of a function."""
    arguments = [float(evaluate(argument)) for argument in call.arguments]
    whole = [int(argument) for argument in arguments] if call.function in ("binomial", "factorial") else arguments
    return float((MEANS.get(call.function) or getattr(math, call.function))(*whole))


def test_maxima_has_every_function_by_the_same_meaning() -> None:
    found = computed([maxima.maxima(call) for call in calls()])
    for call, value in zip(calls(), found, strict=True):
        assert value == pytest.approx(meant(call), rel=1e-12), call


def answers(field: Field) -> Iterator[str]:
    """What may be typed: right, wrong, known mistakes, and a matrix that is right in part."""
    wanted = field.interaction
    yield from (right_of(wanted), wrong_of(wanted))
    match wanted:
        case Formula(key, wrong):
            yield from (maxima.maxima(key.tree(text)) for text, _ in wrong)
        case Numeric(value, tolerance):
            yield from (maxima_of(value - tolerance), maxima_of(value + 3 * tolerance))
            yield from (maxima_of(near.value) for near in wanted.wrong)
        case Cells(rows):
            table = [[cell.value for cell in row] for row in rows]
            table[0][0] += 977
            yield maxima_of(table)
        case Choose(options):
            yield from map(str, range(1, len(options) + 1))


def node_tests(found: reader.Question, question: Question) -> Iterator[Asked]:
    """Every test of every tree with every answer."""
    for place, (tree, field) in enumerate(zip(found.element.findall("prt"), question.fields, strict=True), 1):
        for answer in answers(field):
            yield from (Asked(found, tree, node, f"ans{place}", answer) for node in tree.findall("node"))


def stack_questions() -> Iterator[tuple[reader.Question, Question]]:
    """Questions of families, and one of every field that STACK has."""
    wrong = (("eps/sigma_t + x^2", said("sign")), ("-eps sigma_t + x^2", said("factor")))
    third = Numeric(Fraction(1, 3), Fraction(0), wrong=(Near(Fraction(2, 3), said("half")),))
    fields = (Formula(KEY, wrong), FIELDS["single"], FIELDS["number"], FIELDS["small"], third, GRID, FIELDS["vector"])
    made = [asked(*fields), asked(wide(1), wide(50)), asked(Cells(((number("1"), number("0.25")),)))]
    target = platform("moodle-stack")
    for name in FAMILIES:
        made += [target.made(task, Slot(1, "s", task.total))[0] for task in drawn(name, 1)]
    for question in made:
        (found,) = reader.read(written(target, [question]))
        if found.kind == "stack":
            yield found, question


def test_maxima_marks_as_the_reader_does() -> None:
    pairs = list(stack_questions())
    assert len(pairs) > 10
    one = [test for found, question in pairs for test in node_tests(found, question)]
    outcomes = held(one)
    assert {True, False} == set(outcomes)
    for test, outcome in zip(one, outcomes, strict=True):
        expected = reader.agrees(test.question, test.tree, test.node, test.name, test.answer)
        assert outcome == expected, (test.question.name, test.node.findtext("sans"), test.node.findtext("tans"))


def test_a_wrong_expression_would_be_seen() -> None:
    with pytest.raises((AssertionError, KeyError)):
        computed(["1 +* 2"])
    assert computed(["1/4", str(Decimal("1e-7"))]) == [0.25, 1e-7]
