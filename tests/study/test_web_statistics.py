"""The page of statistics: its numbers, its plots, and the tables beside them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen.study import names, statistics
from quizgen.study.web import dates, plots
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.visitor import COURSE, Visitor

DAY = 24 * 60


@pytest.fixture(params=["en", "zh"])
def visitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visitor]:
    found = Visitor(tmp_path, request.param)
    yield found
    found.session.store.close()


def practise(visitor: Visitor) -> None:
    """Some answers on three days in a row, 10 days ago."""
    units = COURSE.units(["convolution"])
    for number in range(9):
        day, good = number // 3 - 10, number % 3 > 0
        kept = answer(day * DAY + number, units[number % 3].id, "good" if good else "again", credit=Fraction(good))
        visitor.session.store.record(visitor.session.learner, kept)


def rows(page: str, caption: str) -> list[list[str]]:
    """The cells of the table with this caption, or below the heading with these words."""
    table = re.search(rf"{re.escape(caption)}.*?<tbody>(.*?)</tbody>", unescape(page), re.DOTALL)
    assert table
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table[1].split("</tr>")[:-1])
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_before_the_first_answer(visitor: Visitor) -> None:
    visitor.go("/statistics")
    assert visitor.says("statistics_none") in visitor.text
    assert "<svg" not in visitor.page.text.partition("<main")[2]


def test_the_numbers_are_those_of_the_core(visitor: Visitor) -> None:
    practise(visitor)
    visitor.go("/statistics")
    found = statistics.of(visitor.session, NOW)
    convolution = found.areas[0]
    known = f"{round(100 * convolution.retention)}%"
    area, *numbers = rows(visitor.page.text, visitor.says("statistics_known") + "</caption>")[0]
    assert (area, numbers) == (names.area(COURSE, "convolution", visitor.locale), ["", known, "3/10", "9", "67%"])
    families = rows(visitor.page.text, names.area(COURSE, "convolution", visitor.locale) + "</caption>")
    assert [row[0] for row in families] == [
        names.family(COURSE, family.name, visitor.locale) for family in found.families if family.name[:4] == "conv"
    ]
    assert f"9 {visitor.says('statistics_answers', n=9)}" in visitor.text
    assert f"3 {visitor.says('statistics_days', n=3)}" in visitor.text


def test_answers_a_day_are_drawn_and_listed(visitor: Visitor) -> None:
    practise(visitor)
    visitor.go("/statistics")
    day = dates.short((NOW - timedelta(days=10)).date(), visitor.locale)
    alt = visitor.says("statistics_practised_alt", n=9, days=30, most=3, day=day)
    assert f'role="img" aria-label="{alt}"' in unescape(visitor.page.text)
    listed = [(dates.short((NOW - timedelta(days=ago)).date(), visitor.locale), "3") for ago in (10, 9, 8)]
    assert [tuple(row) for row in rows(visitor.page.text, 'id="practised"')] == listed
    assert len(re.findall('class="bar" x', visitor.page.text.partition('id="forecast"')[0])) == 30


def test_what_comes_back_is_foretold(visitor: Visitor) -> None:
    practise(visitor)
    visitor.go("/statistics")
    expected = [(dates.short(day, visitor.locale), str(count))
                for day, count in statistics.of(visitor.session, NOW).forecast if count]  # fmt: skip
    assert [tuple(row) for row in rows(visitor.page.text, 'id="forecast"')] == expected
    assert sum(int(count) for _, count in expected) == 3


def test_a_streak_is_told_and_a_gap_is_not(visitor: Visitor) -> None:
    practise(visitor)
    visitor.go("/statistics")
    assert visitor.says("statistics_row", n=3) not in visitor.text
    visitor.now = NOW - timedelta(days=8)
    visitor.go("/statistics")
    assert f"3 {visitor.says('statistics_row', n=3)}" in visitor.text


def test_mistakes_are_said_in_words_with_counts_and_trend(visitor: Visitor) -> None:
    practise(visitor)
    item = COURSE.bank.family("convolution/output_side").draw("statistics")
    mistake = item.parts[0].mistakes[0].name
    for day in (-20, -5, -4):
        made = answer(
            day * DAY, "convolution/output_side", "again", item=item.id, parameters=plain(item.parameters),
            mistakes={"side": mistake}, answers={"side": str(day)},
        )  # fmt: skip
        visitor.session.store.record(visitor.session.learner, made)
    visitor.session.store.record(visitor.session.learner, answer(0, "gone/gone", "again", mistakes={"a": "gone"}))
    visitor.go("/statistics")
    (row,) = rows(visitor.page.text, visitor.says("statistics_mistakes") + "</caption>")
    assert row[1:] == ["3", "2", "1", visitor.says("trend_up")]
    assert len(row[0]) > 20
    assert mistake not in visitor.page.text
    assert "/weak" in visitor.links()


def test_areas_that_are_gone_are_still_counted(visitor: Visitor) -> None:
    visitor.session.store.record(visitor.session.learner, answer(0, "was_there/once", credit=Fraction(1)))
    visitor.go("/statistics")
    assert rows(visitor.page.text, visitor.says("statistics_known") + "</caption>")[-1][0] == "Was there"


# The plots themselves.


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8", categories=["L", "P"])), st.integers(0, 10**6))))
def test_a_plot_is_well_formed_and_inside_its_frame(values: list[tuple[str, int]]) -> None:
    drawn = plots.bars(values, range(0, len(values), 3), 'an "alternative" & more')
    picture = ElementTree.fromstring(drawn)
    assert picture.get("aria-label") == 'an "alternative" & more'
    bars = [shape for shape in picture if shape.get("class") == "bar"]
    assert len(bars) == len(values)
    for bar in bars:
        left, width = (float((bar.get(name) or "").rstrip("%")) for name in ("x", "width"))
        top, height = (float(bar.get(name) or "") for name in ("y", "height"))
        assert 0 <= left <= left + width <= 100.01
        assert plots.TOP - 0.01 <= top <= top + height <= plots.TOP + plots.HEIGHT + 0.01
    highest = max((value for _, value in values), default=0)
    tall = [float(bar.get("height") or "") for bar, (_, value) in zip(bars, values, strict=True) if value == highest]
    assert not highest or set(tall) == {plots.HEIGHT}


@pytest.mark.parametrize(("share", "width"), [(0, "0%"), (0.5, "50%"), (1, "100%"), (1.5, "100%"), (-1, "0%")])
def test_a_meter(share: float, width: str) -> None:
    assert f'class="bar" width="{width}"' in plots.meter(share)
