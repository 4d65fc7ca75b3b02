"""Pictures of the study pages for the documentation: ``make screenshots`` takes them anew."""

import sys
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from quizgen.study import planning
from quizgen.study.classroom import CLASS, Classroom, Secrets
from quizgen.study.planning import Aim
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite, to_json
from quizgen.study.web.classroom import Class
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.browsing import PHONE, Served, Site
from tests.study.visitor import COURSE

WHOLE = {"viewport": {"width": 820, "height": 400}}
"""A window that is as high as its page."""
TALL = {"viewport": {"width": 820, "height": 1000}}
"""One that shows the beginning of a long page."""
HAND: dict[str, Any] = {**PHONE, "viewport": {"width": 400, "height": 980}}
JOINING: dict[str, Any] = {**PHONE, "viewport": {"width": 400, "height": 600}}
ENGLISH, CHINESE = {"locale": "en-US"}, {"locale": "zh-CN"}
LIGHT, DARK = {"colorScheme": "light"}, {"colorScheme": "dark"}
COLOURS = 64

CODES = Secrets(join="K7QX-9M4P", teacher="only-for-a-picture", secret="only-for-a-picture")
LEARNERS = {"Ann Lee": 31, "王喆": 24, "Ben Okafor": 18, "Zoë Nguyễn": 12, "Maria Sousa": 5}
"""How much each of a class has answered."""
REMARK = "Is the padding not on both sides?"


def practised(site: Site) -> None:
    """Four weeks of practice, better from week to week, and a plan for an exam."""
    session = site.study.session
    units = session.curriculum.units(["convolution", "classification", "recurrent", "attention"])
    for number in range(90):
        question = session.ask(units[number * 5 % len(units)])
        is_right = number % (3 + number // 20) > 0
        slips = {part.name: part.mistakes[0].name for part in question.item.parts if part.mistakes and not is_right}
        made = answer(
            (number - 90) * 440, question.unit.id, "good" if is_right else "again", item=question.item.id,
            parameters=plain(question.item.parameters), credit=Fraction(is_right), mistakes=slips,
        )  # fmt: skip
        session.store.record(session.learner, made)
    planning.keep(session, Aim(NOW.date() + timedelta(days=12), 45, ("convolution", "recurrent", "attention")), NOW)


def taught(store: Store) -> Classroom:
    """A class in its second week, where some do more than others."""
    store.keep_about(CLASS, to_json(CODES).decode())
    room = Classroom(store)
    units = COURSE.units(["convolution", "attention", "latent"])
    for place, (name, count) in enumerate(LEARNERS.items()):
        room.enter(name, CODES.join, NOW - timedelta(days=10))
        session = Session(store, name, COURSE)
        for number in range(count):
            question = session.ask(units[number * 7 % len(units)])
            is_right = (number + place) % 3 > 0
            parts = question.item.parts
            slips = {part.name: part.mistakes[0] for part in parts if part.mistakes and not is_right}
            values = {part.name: slips[part.name].value if part.name in slips else part.key.right for part in parts}
            made = answer(
                (number - count) * (100 + 90 * place), question.unit.id, "good" if is_right else "again",
                item=question.item.id, parameters=plain(question.item.parameters), credit=Fraction(is_right),
                answers={part.name: part.key.notations(values[part.name])[0] for part in parts},
                mistakes={name: slip.name for name, slip in slips.items()},
                remark=REMARK if (place, number) == (3, 9) else "",
            )  # fmt: skip
            store.record(session.learner, made)
    return room


def mistaken(site: Site, family: str) -> tuple[str, list[list[Any]]]:
    """A question, and the steps of somebody who answers it with the first mistake that it knows."""
    path = site.lay(family)
    part, _, _ = site.part(path)
    typed = part.key.notations(part.mistakes[0].value)[0]
    return path, [["fill", "#answer", typed], ["key", "Enter"], ["wait", "#verdict"]]


def visits(site: Site, folder: Path) -> list[dict[str, Any]]:
    """What is looked at."""
    formula, order = site.lay("convolution/bottleneck_formula"), site.lay("recurrent/lstm_stages")
    typed: list[list[Any]] = [["wait", "math-field"], ["keys", "math-field", "6k^2 C+(8C^2 +3C)/2"], ["pause", 600]]
    figure = site.lay("convolution/receptive_field")
    wrong, slip = mistaken(site, "convolution/output_side")
    solved, once = mistaken(site, "convolution/multiply_accumulates")
    solution: list[list[Any]] = [*once, ["click", "form[action$=solve] button"], ["wait", ".steps"]]
    exam: list[list[Any]] = [["click", "main a >> text=final"], ["click", "main .primary"], ["wait", ".steps-nav"]]

    return [
        visit(folder, "formula", formula, typed, WHOLE, ENGLISH, LIGHT),
        visit(folder, "phone", formula, typed, HAND, CHINESE, DARK),
        visit(folder, "figure", figure, [], WHOLE, CHINESE, LIGHT),
        visit(folder, "wrong", wrong, slip, WHOLE, ENGLISH, LIGHT),
        visit(folder, "solution", solved, solution, WHOLE, CHINESE, DARK),
        visit(folder, "order", order, [], WHOLE, ENGLISH, DARK),
        visit(folder, "home", "/", [], WHOLE, ENGLISH, LIGHT),
        visit(folder, "plan", "/plan", [], TALL, CHINESE, LIGHT),
        visit(folder, "exam", "/exam", exam, TALL, ENGLISH, LIGHT),
        visit(folder, "statistics", "/statistics", [], TALL, ENGLISH, LIGHT),
    ]


def class_visits(folder: Path) -> list[dict[str, Any]]:
    """What is looked at where there is a class."""
    named: list[list[Any]] = [["fill", "#name", "王喆"]]
    teacher = f"/teacher?key={CODES.teacher}"
    down: list[list[Any]] = [["run", "document.querySelector('.remarks').scrollIntoView({block: 'end'})"]]
    issued: list[list[Any]] = [["click", "tbody a"], ["click", "form[action$=code] button"], ["wait", "[role=status]"]]
    return [
        visit(folder, "join", f"/join?code={CODES.join}", named, JOINING, CHINESE, LIGHT),
        visit(folder, "teacher", teacher, [], TALL, ENGLISH, LIGHT),
        visit(folder, "mistakes", teacher, down, TALL, ENGLISH, LIGHT),
        visit(folder, "learner", teacher, issued, WHOLE, ENGLISH, DARK),
    ]


def visit(folder: Path, name: str, path: str, steps: list[list[Any]], *options: dict[str, Any]) -> dict[str, Any]:
    """One picture: what is done on a page, and how it is looked at."""
    shot: list[Any] = ["shot" if WHOLE in options else "view", str(folder / f"{name}.png")]
    return {"path": path, "steps": [*steps, shot], "options": {k: v for one in options for k, v in one.items()}}


def shrink(file: Path) -> None:
    """Few colours are enough for a page."""
    with Image.open(file) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


def take(folder: Path) -> None:
    """Takes all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as kept, Store(sqlite(Path(kept) / "study.db")) as store, closing(Site(store)) as site:
        practised(site)
        site.drive(visits(site, folder.resolve()))
    with TemporaryDirectory() as kept, Store(sqlite(Path(kept) / "class.db")) as store:
        pages = Class(taught(store), COURSE, course="Deep learning, autumn 2026", clock=lambda: NOW)
        with closing(Served(pages.app())) as school:
            school.drive(class_visits(folder.resolve()))
    for file in sorted(folder.glob("*.png")):
        shrink(file)
        print(f"{file} {file.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
