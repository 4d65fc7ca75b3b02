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
from quizgen.study.planning import Aim
from quizgen.study.store import Store, sqlite
from quizgen.values import plain
from tests.study.answered import NOW, answer
from tests.study.browsing import PHONE, Site

WHOLE = {"viewport": {"width": 820, "height": 400}}
"""A window that is as high as its page."""
TALL = {"viewport": {"width": 820, "height": 1000}}
"""One that shows the beginning of a long page."""
HAND: dict[str, Any] = {**PHONE, "viewport": {"width": 400, "height": 980}}
ENGLISH, CHINESE = {"locale": "en-US"}, {"locale": "zh-CN"}
LIGHT, DARK = {"colorScheme": "light"}, {"colorScheme": "dark"}
COLOURS = 64


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


def mistaken(site: Site, family: str) -> tuple[str, list[list[Any]]]:
    """A question, and the steps of somebody who answers it with the first mistake that it knows."""
    path = site.lay(family)
    part, _, _ = site.part(path)
    typed = part.key.notations(part.mistakes[0].value)[0]
    return path, [["fill", "#answer", typed], ["key", "Enter"], ["wait", "#verdict"]]


def visits(site: Site, folder: Path) -> list[dict[str, Any]]:
    """What is looked at."""
    formula, order = site.lay("convolution/bottleneck_formula"), site.lay("recurrent/lstm_stages")
    typed: list[list[Any]] = [["wait", "math-field"], ["keys", "math-field", "6k^2C+(8C^2+3C)/2"], ["pause", 600]]
    figure = site.lay("convolution/receptive_field")
    wrong, slip = mistaken(site, "convolution/output_side")
    solved, once = mistaken(site, "convolution/multiply_accumulates")
    solution: list[list[Any]] = [*once, ["click", "form[action$=solve] button"], ["wait", ".steps"]]
    exam: list[list[Any]] = [["click", "main a >> text=final"], ["click", "main .primary"], ["wait", ".steps-nav"]]

    def visit(name: str, path: str, steps: list[list[Any]], *options: dict[str, Any]) -> dict[str, Any]:
        shot: list[Any] = ["shot" if WHOLE in options else "view", str(folder / f"{name}.png")]
        return {"path": path, "steps": [*steps, shot], "options": {k: v for one in options for k, v in one.items()}}

    return [
        visit("formula", formula, typed, WHOLE, ENGLISH, LIGHT),
        visit("phone", formula, typed, HAND, CHINESE, DARK),
        visit("figure", figure, [], WHOLE, CHINESE, LIGHT),
        visit("wrong", wrong, slip, WHOLE, ENGLISH, LIGHT),
        visit("solution", solved, solution, WHOLE, CHINESE, DARK),
        visit("order", order, [], WHOLE, ENGLISH, DARK),
        visit("home", "/", [], WHOLE, ENGLISH, LIGHT),
        visit("plan", "/plan", [], TALL, CHINESE, LIGHT),
        visit("exam", "/exam", exam, TALL, ENGLISH, LIGHT),
        visit("statistics", "/statistics", [], TALL, ENGLISH, LIGHT),
    ]


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
    for file in sorted(folder.glob("*.png")):
        shrink(file)
        print(f"{file} {file.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
