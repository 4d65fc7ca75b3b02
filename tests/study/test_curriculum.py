"""The order in which families are met, and what is said of a file that is damaged."""

from pathlib import Path

import pytest

from quizgen.bank import Bank, installed
from quizgen.errors import InputError, UnknownName
from quizgen.study import curriculum
from quizgen.study.curriculum import FILE, Curriculum, Plan

FAMILY = """
from dataclasses import dataclass
from quizgen.family import Family, Parameters, answer, choice, ints

family = Family(level={level}, version=1, minutes=4, facet={facet!r}, answers={{"total": answer.Integer("total")}})

@family.parameters
class Params(Parameters):
    what: str = choice("one", "two", "three")
    a: int = ints(1, 9)

@dataclass(frozen=True)
class Trace:
    total: int

@family.solve
def solve(q: Params) -> Trace:
    return Trace(q.a)
"""


@pytest.fixture(scope="module")
def shipped() -> Curriculum:
    return curriculum.read(Bank())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bank of two areas, one with a facet."""
    for name, level, facet in [("sums/hard", 3, ""), ("sums/easy", 1, ""), ("lines/each", 2, "what")]:
        file = tmp_path / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(FAMILY.format(level=level, facet=facet), encoding="utf-8")
    return tmp_path


def read(folder: Path, source: str) -> Curriculum:
    (folder / FILE).write_text(source, encoding="utf-8")
    return curriculum.read(Bank([folder]))


def names(units: Curriculum, *areas: str) -> list[str]:
    return [unit.id for unit in units.units(areas)]


# The curriculum of the shipped bank.


def test_every_shipped_area_is_named_in_both_languages(shipped: Curriculum) -> None:
    assert set(shipped.areas) == {name.partition("/")[0] for name in Bank().files}
    for area in shipped.areas.values():
        assert area.title.keys() == {"en", "zh"}, area.id
        assert area.title["en"] != area.title["zh"]


def test_shipped_areas_come_after_those_that_they_need_and_derivations_last(shipped: Curriculum) -> None:
    place = {area: number for number, area in enumerate(shipped.order)}
    for area in shipped.areas.values():
        assert all(place[earlier] < place[area.id] for earlier in area.after), area.id
    assert shipped.order[-1] == "derivations"
    assert (installed()[0] / FILE).is_file()


def test_every_shipped_family_has_its_units_from_easy_to_hard(shipped: Curriculum) -> None:
    units = shipped.units()
    assert {unit.family for unit in units} == set(Bank().files)
    assert len({unit.id for unit in units}) == len(units)
    for area in shipped.order:
        levels = [unit.level for unit in shipped.units([area])]
        assert levels == sorted(levels)


def test_every_shipped_derivation_has_its_place(shipped: Curriculum) -> None:
    values = {value for unit in shipped.units(["derivations"]) for value in unit.where.values()}
    assert set(shipped.areas["derivations"].facets) == values


def test_a_unit_is_found_by_its_id_and_by_its_items(shipped: Curriculum) -> None:
    for unit in shipped.units()[::20]:
        assert shipped.unit(unit.id) == unit
        item = shipped.bank.family(unit.family).draw("here", where=shipped.where(unit))
        assert shipped.unit_of(unit.family, item.parameters) == unit
    assert shipped.unit("convolution/gone") is None


def test_harder_units_are_in_the_same_area(shipped: Curriculum) -> None:
    unit = shipped.unit("convolution/dilated")
    assert unit is not None
    easier = shipped.beside(unit, harder=False)
    assert easier is not None
    assert (easier.area, easier.level) == ("convolution", 2)
    assert shipped.beside(unit, harder=True) is None


# Files.


def test_without_a_file_areas_come_in_alphabetical_order() -> None:
    assert list(Curriculum(Bank(), Plan()).order) == sorted({name.partition("/")[0] for name in Bank().files})


def test_a_bank_adds_its_areas_to_the_shipped_ones(folder: Path, shipped: Curriculum) -> None:
    units = read(folder, '[[area]]\nid = "sums"\nafter = ["lines"]\n[[area]]\nid = "lines"\n')
    assert units.order == (*shipped.order, "lines", "sums")
    assert names(units, "sums", "lines")[-2:] == ["sums/easy", "sums/hard"]


def test_levels_and_facets_put_units_in_order(folder: Path) -> None:
    source = '[[area]]\nid = "sums"\nlevels = {easy = 5}\n[[area]]\nid = "lines"\nfacets = ["two", "one"]\n'
    units = read(folder, source)
    assert names(units, "sums") == ["sums/hard", "sums/easy"]
    assert names(units, "lines") == ["lines/each:two", "lines/each:one", "lines/each:three"]
    assert [unit.id for unit in units.units(["sums"], levels=[5])] == ["sums/easy"]
    assert {unit.minutes for unit in units.units(["sums"])} == {4}


def test_a_later_bank_may_say_something_else_about_an_area(folder: Path) -> None:
    units = read(folder, '[[area]]\nid = "convolution"\nafter = ["attention"]\n')
    assert units.order.index("attention") < units.order.index("convolution")
    assert units.areas["convolution"].title == {}


def test_a_broken_family_has_no_units_and_spoils_no_other(folder: Path) -> None:
    (folder / "sums" / "easy.py").write_text("import nonsense_that_is_not_there", encoding="utf-8")
    assert names(read(folder, ""), "sums") == ["sums/hard"]


@pytest.mark.parametrize(
    ("source", "where", "said"),
    [
        ("[[area]", "", "this is not TOML"),
        ("[[area]]\n", ", area 1", "id"),
        ('[[area]]\nid = "sums"\nid2 = 1\n', ", area 1", "unknown key 'id2'; did you mean 'id'?"),
        ('[[area]]\nid = 3\n', ", area 1, id", "expected `str`, got `int`"),
        ('[[area]]\nid = "sums"\n[[area]]\nid = "summs"\n', ", area 2, id", "did you mean 'sums'?"),
        ('[[area]]\nid = "sums"\n[[area]]\nid = "sums"\n', ", area 2, id", "already"),
        ('[[area]]\nid = "sums"\nafter = ["line"]\n', ", area 1 (sums), after", "did you mean 'lines'?"),
        ('[[area]]\nid = "sums"\nlevels = {eassy = 2}\n', ", area 1 (sums), levels", "did you mean 'easy'?"),
        ('[[area]]\nid = "sums"\nlevels = {easy = 9}\n', ", area 1, levels", "<= 5"),
        ('[[area]]\nid = "lines"\nfacets = ["too"]\n', ", area 1 (lines), facets", "did you mean 'two'?"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_with_the_field(folder: Path, source: str, where: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read(folder, source)
    assert error.value.where.startswith(f"{folder / FILE}{where}")
    assert said in error.value.message


def test_bytes_that_are_no_text_are_told(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        curriculum.read(Bank([folder]))


def test_areas_that_need_each_other_are_named(folder: Path) -> None:
    with pytest.raises(InputError, match=r"sums → lines → sums|lines → sums → lines") as error:
        read(folder, '[[area]]\nid = "sums"\nafter = ["lines"]\n[[area]]\nid = "lines"\nafter = ["sums"]\n')
    assert error.value.where.endswith(FILE)


def test_an_area_that_does_not_exist_is_refused(shipped: Curriculum) -> None:
    with pytest.raises(UnknownName, match="'convolution'"):
        shipped.units(["convolutions"])
