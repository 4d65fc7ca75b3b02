"""A slip in one part does not spoil the next: what follows from a student's own answers is right."""

from fractions import Fraction

import pytest

from quizgen import grading
from quizgen.bank import Bank
from quizgen.errors import FamilyError
from quizgen.family import Family, answer
from quizgen.values import Grade, Item, Response

BANK = Bank()


def drawn(name: str, seed: int) -> tuple[Family, Item]:
    family = BANK.family(name)
    return family, family.draw("follow", name, seed)


def graded(family: Family | None, item: Item, **answers: str) -> dict[str, Grade]:
    return grading.grade(item, Response(item=item.id, answers=answers), family)


@pytest.mark.parametrize("seed", range(5))
def test_a_cell_state_follows_from_a_wrong_gate(seed: int) -> None:
    family, item = drawn("recurrent/lstm_step", seed)
    i, f, g = (Fraction(item.part(name).key.right) for name in "ifg")
    wrong = i / 2
    c = f * Fraction(item.parameters["c"]) + wrong * g
    answers = {"i": str(wrong), "f": str(f), "g": str(g), "c": str(c)}
    grades = graded(family, item, **answers)
    assert grades["i"].verdict.verdict == "wrong"
    assert grades["c"].verdict.verdict == "right"
    assert grades["c"].verdict.credit == 1
    assert grades["c"].verdict.notes == ("follows-through",)
    assert grades["c"].verdict.parsed
    assert graded(None, item, **answers)["c"].verdict.verdict == "wrong"
    assert graded(family, item, **(answers | {"c": str(c + 1)}))["c"].verdict.verdict == "wrong"
    assert graded(family, item, **(answers | {"i": "?"}))["c"].verdict.verdict == "wrong"
    assert graded(family, item, **(answers | {"i": str(i)}))["c"].verdict.verdict == "wrong"


@pytest.mark.parametrize("seed", range(5))
def test_what_follows_from_rounded_values_may_be_off_by_their_rounding(seed: int) -> None:
    family, item = drawn("attention/softmax_decimal", seed)
    values = item.parameters["values"]
    weights = [Fraction(1, len(values) + place) for place in range(len(values))]
    typed = ", ".join(f"{float(weight):.3f}" for weight in weights)
    output = [sum(w * row[column] for w, row in zip(weights, values, strict=True)) for column in range(2)]
    exact = ", ".join(f"{float(entry):.3f}" for entry in output)
    far = ", ".join(f"{float(entry) + 0.1:.3f}" for entry in output)
    assert graded(family, item, weights=typed, output=exact)["output"].verdict.notes == ("follows-through",)
    assert graded(family, item, weights=typed, output=far)["output"].verdict.verdict == "wrong"


def test_what_follows_is_declared_for_a_part_and_its_predecessors() -> None:
    family = Family(
        level=1, version=1, answers={"a": answer.Integer("a"), "b": answer.Integer("b", after=("a",))}
    )  # fmt: skip

    def c(q: object, a: int) -> int:
        return a

    def b(q: object, other: int) -> int:
        return other

    with pytest.raises(FamilyError, match="'c'"):
        family.follows(c)
    with pytest.raises(FamilyError, match="'other'"):
        family.follows(b)
