"""The pages of a plan towards an exam, of weak spots and of free choice."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import pytest

from quizgen.study import planning, schedule
from quizgen.study.planning import Aim
from quizgen.study.statistics import Trouble
from quizgen.study.web import choosing, dates, pages
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.visitor import COURSE, Visitor

DAY = NOW.date() + timedelta(days=27)


@pytest.fixture(params=["en", "zh"])
def visitor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visitor]:
    found = Visitor(tmp_path, request.param)
    yield found
    found.session.store.close()


def plan(visitor: Visitor, day: date | str = DAY, minutes: int | str = 45, *areas: str) -> None:
    """Fills the form in and sends it."""
    visitor.go("/plan")
    visitor.send("/plan", day=str(day), minutes=str(minutes), area=list(areas or ["convolution", "attention"]))


# The words of all pages.


def test_both_locales_say_the_same_things() -> None:
    assert pages.phrases("en").keys() == pages.phrases("zh").keys()


def test_no_phrase_stands_in_two_files() -> None:
    for locale in pages.locales():
        files = [file.read_text(encoding="utf-8") for file in pages.FOLDER.glob(f"*.{locale}.toml")]
        assert sum(len(tomllib.loads(text)) for text in files) == len(pages.phrases(locale))


@pytest.mark.parametrize(
    ("locale", "long", "short"),
    [("en", "Friday, 18 December 2026", "Fri 18 Dec"), ("zh", "2026年12月18日（星期五）", "12月18日 周五")],
)
def test_days_in_words(locale: str, long: str, short: str) -> None:
    assert (dates.long(date(2026, 12, 18), locale), dates.short(date(2026, 12, 18), locale)) == (long, short)


def test_the_way_between_the_pages_marks_where_we_are(visitor: Visitor) -> None:
    for path in ("/", "/plan"):
        visitor.go(path)
        assert f'<a href="{path}" aria-current="page">' in visitor.page.text
        assert visitor.page.text.count("aria-current") == 1


# The plan.


def test_a_plan_is_made_and_seen(visitor: Visitor) -> None:
    visitor.go("/plan")
    assert visitor.says("plan_why") in visitor.text
    plan(visitor)
    assert visitor.path == "/plan"
    assert planning.kept(visitor.session) == Aim(DAY, 45, ("convolution", "attention"))
    assert visitor.says("plan_exam", day=dates.long(DAY, visitor.locale)) in visitor.text
    assert visitor.says("plan_ready", ready=0, total=16) in visitor.text
    assert visitor.says("plan_left", n=27) in visitor.text
    ahead = planning.calendar(visitor.session, planning.goal(visitor.session.curriculum, Aim(DAY, 45, ())), NOW)
    assert len(ahead.days) == 27
    assert visitor.page.text.count('class="day"') == 26  # today stands above
    assert visitor.says("plan_short_once") not in visitor.text


def test_it_outlives_the_server(visitor: Visitor) -> None:
    plan(visitor)
    before = visitor.page.text.partition("<main")[2]
    visitor.session.store.close()
    visitor.start()
    visitor.go("/plan")
    assert visitor.page.text.partition("<main")[2] == before


def test_it_is_changed_and_given_up(visitor: Visitor) -> None:
    plan(visitor)
    visitor.go("/plan/edit")
    assert f'value="{DAY}"' in visitor.page.text
    assert 'value="45"' in visitor.page.text
    assert visitor.page.text.count(" checked") == 2
    visitor.send("/plan", day=str(DAY), minutes="60", area=list(visitor.session.curriculum.order))
    assert planning.kept(visitor.session) == Aim(DAY, 60)
    assert visitor.says("plan_all") in visitor.text
    visitor.go("/plan/edit")
    visitor.send("/plan/drop")
    assert planning.kept(visitor.session) is None
    assert visitor.says("plan_why") in visitor.text


@pytest.mark.parametrize(
    ("day", "minutes", "wrong"),
    [
        ("", 45, "day"), ("2026-13-01", 45, "day"), ("banana", 45, "day"), (DAY - timedelta(days=28), 45, "day"),
        (DAY + timedelta(days=1000), 45, "day"), (DAY, 4, "minutes"), (DAY, "", "minutes"),
        (DAY, "9" * 5000, "minutes"),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said_beside_its_field(
    visitor: Visitor, day: date | str, minutes: int | str, wrong: str
) -> None:
    plan(visitor, day, minutes)
    assert visitor.page.status_code == 422
    assert f'aria-describedby="wrong-{wrong}"' in visitor.page.text
    assert visitor.page.text.count("aria-invalid") == 1
    assert visitor.says(f"plan_wrong_{wrong}", least=5, most=600) in visitor.text
    assert planning.kept(visitor.session) is None
    assert visitor.page.text.count(" checked") == 2  # nothing that was entered is lost


def test_an_exam_about_nothing_is_refused(visitor: Visitor) -> None:
    visitor.send("/plan", day=str(DAY), minutes="45", area=["banana"])
    assert visitor.page.status_code == 422
    assert visitor.says("plan_wrong_areas") in visitor.text


def test_start_asks_todays_list_in_its_order(visitor: Visitor) -> None:
    plan(visitor, DAY - timedelta(days=24), 15)
    goal = planning.goal(visitor.session.curriculum, Aim(DAY - timedelta(days=24), 15, ("convolution", "attention")))
    wanted = [unit.id for unit in planning.towards(visitor.session, goal, NOW).today]
    assert len(wanted) > 2
    asked = []
    visitor.go("/plan/next")
    while visitor.path.startswith("/question/"):
        assert "/plan/next" not in visitor.links()  # it comes with the verdict
        visitor.send(f"{visitor.path}/give-up")
        while "/give-up" in visitor.page.text:
            visitor.send(f"{visitor.path}/give-up")
        asked.append(next(reversed([kept.unit for _, kept in visitor.session.store.answers(visitor.session.learner)])))
        visitor.now += timedelta(minutes=1)
        assert "/plan/next" in visitor.links()
        visitor.go("/plan/next")
    assert asked == wanted
    assert visitor.path == "/plan"
    assert visitor.says("plan_done") in visitor.text
    visitor.go("/plan/next?more=1")
    assert visitor.path.startswith("/question/")


def test_too_little_time_is_said_with_what_would_do(visitor: Visitor) -> None:
    plan(visitor, NOW.date() + timedelta(days=3), 10)
    aim = planning.kept(visitor.session)
    assert aim is not None
    found = planning.towards(visitor.session, planning.goal(visitor.session.curriculum, aim), NOW)
    assert visitor.says("plan_short_once") in visitor.text
    assert visitor.says("plan_enough", n=found.enough) in visitor.text
    assert visitor.says("plan_enough_once", n=found.enough_for_once) in visitor.text
    missed = planning.calendar(visitor.session, planning.goal(visitor.session.curriculum, aim), NOW).missed
    assert visitor.says("plan_missing", n=len(missed)) in visitor.text


@pytest.mark.parametrize(("days", "name"), [(0, "plan_on"), (1, "plan_over")])
def test_the_day_of_the_exam_and_after(visitor: Visitor, days: int, name: str) -> None:
    plan(visitor, NOW.date() + timedelta(days=1))
    visitor.now += timedelta(days=1 + days)
    visitor.go("/plan")
    assert visitor.says(name, day=dates.long(NOW.date() + timedelta(days=1), visitor.locale)) in visitor.text
    visitor.go("/plan/next")
    assert visitor.path == "/plan"
    visitor.go("/")
    assert ("/plan" in visitor.page.text.partition("<main")[2]) == (days == 0)


def test_the_overview_has_the_plan_of_today(visitor: Visitor) -> None:
    visitor.go("/")
    assert visitor.says("plan_see") not in visitor.text
    plan(visitor)
    visitor.session.store.record(visitor.session.learner, answer(0, "convolution/grouped", at=NOW - timedelta(days=9)))
    visitor.go("/")
    assert visitor.says("plan_home", n=27) in visitor.text
    assert "/plan/next" in visitor.links()


def test_without_a_plan_there_is_nothing_next(visitor: Visitor) -> None:
    visitor.go("/plan/next")
    assert visitor.path == "/plan"


def test_a_program_limited_to_areas_plans_for_these(tmp_path: Path) -> None:
    visitor = Visitor(tmp_path, areas=("recurrent",))
    visitor.go("/plan")
    assert visitor.page.text.count('type="checkbox"') == 1
    plan(visitor, DAY, 45, "recurrent", "convolution")
    assert planning.kept(visitor.session) == Aim(DAY, 45, ("recurrent",))


def test_an_area_stays_an_area(visitor: Visitor) -> None:
    visitor.go("/next?area=recurrent")
    for _ in range(9):
        if "/give-up" in visitor.page.text:
            visitor.send(f"{visitor.path}/give-up")
    assert "/next?area=recurrent" in visitor.links()


# Topics.


def asked(visitor: Visitor) -> str:
    """The unit of the question on the page, which it answers with a shrug."""
    assert visitor.path.startswith("/question/"), visitor.text
    while "/give-up" in visitor.page.text:
        visitor.send(f"{visitor.path}/give-up")
    return next(reversed([kept.unit for _, kept in visitor.session.store.answers(visitor.session.learner)]))


def test_topics_are_listed_by_area_and_level(visitor: Visitor) -> None:
    visitor.go("/topics")
    assert visitor.says("topics_count", n=len(COURSE.units())) in visitor.text
    visitor.go("/topics?area=attention&area=gone&level=3")
    wanted = COURSE.units(["attention"], [3])
    assert visitor.says("topics_count", n=len(wanted)) in visitor.text
    for unit in wanted:
        assert f"/topics/next?unit={quote(unit.id)}" in visitor.links()
    visitor.go("/topics?area=attention&level=5")
    assert visitor.says("topics_none") in visitor.text


def test_a_topic_shows_how_well_it_is_known(visitor: Visitor) -> None:
    visitor.session.store.record(visitor.session.learner, answer(0, "attention/causal_mask"))
    visitor.now += timedelta(days=2)
    visitor.go("/topics?area=attention")
    card = visitor.session.store.cards(visitor.session.learner)["attention/causal_mask"]
    known = schedule.retention(card, visitor.now)
    assert visitor.says("topics_known", n=round(100 * known)) in visitor.text
    assert visitor.text.count(visitor.says("topics_unmet")) == 5


def test_one_topic_is_practised_again_and_again(visitor: Visitor) -> None:
    visitor.go("/topics/next?unit=derivations%2Freasons%3Aelbo")
    assert asked(visitor) == "derivations/reasons:elbo"
    assert "/topics/next?unit=derivations%2Freasons%3Aelbo" in visitor.links()


def test_some_topics_take_turns(visitor: Visitor) -> None:
    wanted = {"recurrent/weight_rows", "attention/score_cost"}
    found = []
    for _ in range(4):
        visitor.go("/topics/next?unit=recurrent/weight_rows&unit=attention/score_cost")
        found.append(asked(visitor))
        visitor.now += timedelta(minutes=1)
    assert set(found) == wanted
    assert found[0] != found[1]


def test_an_area_and_a_level_are_practised(visitor: Visitor) -> None:
    visitor.go("/topics/next?area=convolution&level=3")
    assert COURSE.unit(asked(visitor)) in COURSE.units(["convolution"], [3])
    assert "/topics/next?area=convolution&level=3" in visitor.links()


@pytest.mark.parametrize("query", ["unit=was/there", "area=attention&level=5", "unit=%00"])
def test_what_is_not_there_is_not_practised(visitor: Visitor, query: str) -> None:
    visitor.go(f"/topics/next?{query}")
    assert visitor.page.status_code == 404


# Weak spots.


def slip(visitor: Visitor, family: str) -> str:
    """An answer with the first mistake that a question of a family knows: its name."""
    unit = next(unit for unit in COURSE.units() if unit.family == family)
    question = visitor.session.ask(unit)
    part = next(part for part in question.item.parts if part.mistakes)
    made = answer(
        0, unit.id, "again", item=question.item.id, parameters=plain(question.item.parameters), credit=Fraction(0),
        mistakes={part.name: part.mistakes[0].name},
    )  # fmt: skip
    visitor.session.store.record(visitor.session.learner, made)
    return part.mistakes[0].name


def test_weak_spots_are_said_in_words(visitor: Visitor) -> None:
    visitor.go("/weak")
    assert visitor.says("weak_none") in visitor.text
    for family in ("convolution/output_side", "derivations/flawed_line", "recurrent/lstm_step"):
        mistake = slip(visitor, family)
        assert mistake not in visitor.text
    visitor.go("/weak")
    assert visitor.text.count(visitor.says("weak_practise")) == 3
    assert visitor.text.count(visitor.says("trend_new")) == 3
    assert not re.search(r"\w_\w", visitor.text)  # no id
    assert visitor.says("weak_last", day=dates.short(NOW.date(), visitor.locale)) in visitor.text


def test_a_weak_spot_is_practised(visitor: Visitor) -> None:
    slip(visitor, "derivations/flawed_line")
    slip(visitor, "convolution/output_side")
    visitor.go("/weak")
    links = [link for link in visitor.links() if link.startswith("/weak/next")]
    found = []
    for link in links:
        visitor.go(link)
        found.append(asked(visitor).partition(":")[0])
        assert link in visitor.links()
    assert sorted(found) == ["convolution/output_side", "derivations/flawed_line"]
    visitor.go("/weak/next?spot=banana")
    assert visitor.page.status_code == 404


@pytest.mark.parametrize(
    ("lately", "before", "older", "said"),
    [(1, 0, 0, "new"), (2, 1, 0, "up"), (1, 2, 0, "down"), (1, 1, 0, "same"), (0, 3, 1, "gone"), (1, 0, 3, "up")],
)
def test_the_trend_of_a_mistake(lately: int, before: int, older: int, said: str) -> None:
    trouble = Trouble("a/b", "slip", lately + before + older, lately, before, answer())
    assert choosing.trend(trouble) == said
