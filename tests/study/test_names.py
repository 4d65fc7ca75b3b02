"""What areas, units and mistakes are called."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from msgspec.structs import replace

from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.renderers import text
from quizgen.study import curriculum, names
from quizgen.study.curriculum import FILE
from quizgen.study.store import Answer
from quizgen.values import plain

COURSE = curriculum.read(Bank())
LOCALES = ("en", "zh")


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_that_is_shipped_has_a_name_of_its_own(locale: str) -> None:
    shown = [text.render(names.unit(COURSE, unit.id, locale)) for unit in COURSE.units()]
    by_area = {(unit.area, name) for unit, name in zip(COURSE.units(), shown, strict=True)}
    assert len(by_area) == len(shown)
    assert not any("_" in name for name in shown)
    for area in COURSE.areas.values():
        assert area.title.keys() == set(LOCALES)
        families = {unit.family.partition("/")[2] for unit in COURSE.units([area.id])}
        assert area.titles.keys() == families
        assert all(title.keys() == set(LOCALES) for title in area.titles.values())


def test_a_unit_is_named_by_its_family_and_the_value_of_its_facet() -> None:
    unit = "derivations/reasons:adam_bias"
    assert text.render(names.unit(COURSE, unit, "en")).strip() == "Reasons: Adam’s bias correction"
    assert text.render(names.unit(COURSE, unit, "zh")).strip() == "推导理由：优化器 Adam 的偏差修正"


def test_what_is_gone_keeps_its_id_in_plain_words() -> None:
    assert names.area(COURSE, "was_there", "en") == "Was there"
    assert text.render(names.unit(COURSE, "was_there/once_more:than_once", "en")).strip() == "Once more: Than once"


def test_a_template_with_a_mistake_in_it_costs_its_own_title_only(tmp_path: Path) -> None:
    for name, source in (("good", "{% set title = 'Good one' %}"), ("bad_one", "{{ t.x }}"), ("worse_one", "{% macro")):
        (tmp_path / f"{name}.en.md.j2").write_text(source, encoding="utf-8")
    found = [names._facet(tmp_path.name, name, "en", (tmp_path.parent,)) for name in ("good", "bad_one", "worse_one")]
    assert found == ["Good one", "Bad one", "Worse one"]


def test_a_title_of_no_family_is_refused(tmp_path: Path) -> None:
    source = '[[area]]\nid = "convolution"\ntitles.outptu_side = {en = "Side"}\n'
    (tmp_path / FILE).write_text(source, encoding="utf-8")
    with pytest.raises(InputError, match="output_side"):
        curriculum.read(Bank([tmp_path]))


@dataclass(frozen=True)
class Slip:
    """An answer with a mistake, and the mistake's name."""

    answer: Answer
    name: str


def slip(family: str) -> Slip:
    """The first mistake that somebody can make in a question of a family."""
    item = COURSE.bank.family(family).draw("names", 1)
    part = next(part for part in item.parts if part.mistakes)
    name = part.mistakes[0].name
    answer = Answer(
        unit=family, family=family, item=item.id, parameters=plain(item.parameters), answers={part.name: "1"},
        verdicts={part.name: "wrong"}, credit=Fraction(0), rating="again", at=datetime(2026, 11, 21, tzinfo=UTC),
        mistakes={part.name: name},
    )  # fmt: skip
    return Slip(answer, name)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("family", ["convolution/output_side", "latent/prior_kl", "derivations/flawed_line"])
def test_a_mistake_is_what_was_said_to_it(family: str, locale: str) -> None:
    made = slip(family)
    said = names.mistake(COURSE, made.answer, made.name, locale)
    assert said is not None
    assert len(text.render(said)) > 10
    assert made.name not in text.render(said)


def test_what_cannot_be_said_any_more_is_not() -> None:
    made = slip("convolution/output_side")
    for other in (
        replace(made.answer, family="was/there"),
        replace(made.answer, parameters={"k": 3}),
        replace(made.answer, parameters={**made.answer.parameters, "n": 100}),  # another item than was answered
    ):
        assert names.mistake(COURSE, other, made.name, "en") is None
    assert names.mistake(COURSE, made.answer, "was_there", "en") is None
