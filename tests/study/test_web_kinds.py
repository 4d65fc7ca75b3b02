"""Every kind of answer in a browser, of a small bank: also those that no family of the course asks for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from quizgen import figures, verdicts
from quizgen.bank import Bank
from quizgen.study import inputs
from quizgen.study.store import Store, sqlite
from quizgen.study.web import pages
from quizgen.values import to_json
from tests.study.browsing import PHONE, SENT, Site, ordering
from tests.study.screens import KINDS, WRITTEN, write
from tests.test_figures import SAMPLES

Steps = list[list[Any]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("kinds")
    for name, kind in KINDS.items():
        write(folder, name, f'{{"only": {kind.answer}}}', kind.value, slips=name == "integer")
    write(folder, "written", f'{{"only": {WRITTEN[0]}}}', WRITTEN[1])
    with Store(sqlite(folder / "study.db")) as store, closing(Site(store, Bank([folder]))) as found:
        yield found


def entering(shown: inputs.Input, order: tuple[str, ...], text: str) -> Steps:
    """The steps of a person who enters what is typed at a terminal, things by their names: ``@c``, ``1@w``."""
    match shown:
        case inputs.Field(kind="formula" | "distribution"):
            return [["wait", "math-field"], ["formula", "math-field", text]]
        case inputs.Field():
            return [["fill", "#answer", text]]
        case inputs.Work():
            return [["fill", "#answer", text]]
        case inputs.Grid():
            return [["paste", ".cell", text]] if " " in text else [["fill", ".cell", text]]
        case inputs.Match():
            named = [word.partition("@")[2] for word in text.split()]
            return [["choose", f"#left{at}", ascii_lowercase[order.index(n)]] for at, n in enumerate(named, 1) if n]
        case inputs.Order():
            wanted = tuple(word.removeprefix("@") for word in text.split() if word[1:] in order)
            return ordering(order, (*wanted, *(name for name in order if name not in wanted))) if wanted else []
    names = [word.removeprefix("@") for word in text.split()]
    return [["key", str(order.index(name) + 1)] for name in names if name in order]


def visit(site: Site, name: str, locale: str, options: dict[str, Any]) -> dict[str, Any]:
    """A question answered wrongly if it can be, unreadably if it can be, then right; looked at each time."""
    path = site.lay(f"kinds/{name}")
    _, shown, order = site.part(path)
    kind = KINDS[name]
    steps: Steps = [["wait", "math-field, .answer"], ["axe", "question axe"], ["width", "question width"]]
    if not isinstance(shown, inputs.Order | inputs.One | inputs.Several):  # of these, whatever is entered can be read
        steps += [*entering(shown, order, kind.invalid), SENT, ["wait", "#complaint"]]
        steps += [["note", "invalid", "#complaint"], ["axe", "invalid axe"], ["width", "invalid width"], ["clear"]]
    steps += [*entering(shown, order, kind.wrong), SENT, ["wait", "#verdict:focus"], ["note", "wrong", ".verdict"]]
    steps += [["axe", "wrong axe"], ["width", "wrong width"], ["key", "Enter"], ["wait", ".answer"]]
    steps += [["clear"], *entering(shown, order, kind.right), SENT, ["wait", ".steps"], ["note", "right", ".verdict"]]
    steps += [["axe", "right axe"], ["width", "right width"]]
    return {"path": path, "steps": steps, "options": {"locale": "zh-CN" if locale == "zh" else "en-US", **options}}


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("zh", "dark")])
def test_every_kind(site: Site, locale: str, scheme: str) -> None:
    said = verdicts.phrases(locale)["verdicts"]
    found = site.drive([visit(site, name, locale, {**PHONE, "colorScheme": scheme}) for name in KINDS])
    for name, notes in zip(KINDS, (one["notes"] for one in found), strict=True):
        assert said["wrong"] in notes["wrong"][0], name
        assert said["right"] in notes["right"][0], name
        assert ("invalid" not in notes) == (name in ("choice", "multiple", "ordering")), name
        assert all(said["invalid"] in complaint for complaint in notes.get("invalid", [])), name
        assert {note: value for note, value in notes.items() if note.endswith("axe") and value} == {}, name
        assert max(value for note, value in notes.items() if note.endswith("width")) <= 0, name


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_written_work_is_compared_and_rated_by_its_author(site: Site, locale: str) -> None:
    path = site.lay("kinds/written")
    steps: Steps = [["fill", "textarea", "the first line\nand <b>the</b> second"], ["key", "Enter"], ["pause", 200]]
    steps += [["note", "open", ".rubric"], SENT, ["wait", ".rubric"], ["note", "rubric", ".rubric"]]
    steps += [["note", "work", ".written p"], ["note", "steps", ".steps"], ["note", "verdict", "#verdict"]]
    steps += [["axe", "axe"], ["click", "button[value=good]"], ["wait", "button[value=good][aria-pressed=true]"]]
    steps += [["note", "again", "form[action$=again]"], ["note", "wrong", ".verdict"]]
    (found,) = site.drive([{"path": path, "steps": steps, "options": {"locale": "zh-CN" if locale == "zh" else "en"}}])
    notes = found["notes"]
    assert notes["open"] == [], "Enter makes a line, and nothing is shown before the work is handed in"
    assert notes["work"] == ["the first line\nand <b>the</b> second\n"]
    assert "NAMES THE TERM" in notes["rubric"][0]
    assert "STEP THREE" in notes["steps"][0]
    assert notes["verdict"] == [pages.phrases(locale)["compare"]]
    assert notes["axe"] == notes["again"] == notes["wrong"] == []
    *_, (_, answer) = site.study.session.store.answers(site.study.session.learner, "kinds/written")
    assert answer.rating == "good"


def keys(site: Site, name: str) -> tuple[str, Steps]:
    """A question, and the steps of somebody who answers it right without a mouse."""
    path = site.lay(f"kinds/{name}")
    _, _, order = site.part(path)
    if name == "multiple":
        return path, [["focus", ".brand"], *(["key", str(order.index(right) + 1)] for right in "cb")]
    if name == "matching":
        first, second = (ascii_lowercase[order.index(right)] for right in "vw")
        return path, [["focus", "#left1"], ["key", first], ["key", "Tab"], ["key", second]]
    down = [["focus", ".cell"], ["key", "1"], ["key", "ArrowDown"], ["key", "3"]]
    return path, [*down, ["key", "Tab"], ["key", "4"], ["key", "ArrowUp"], ["key", "2"]]


def test_the_keyboard_is_enough(site: Site) -> None:
    asked = [keys(site, name) for name in ("multiple", "matching", "matrix")]
    end: Steps = [["key", "Enter"], ["wait", "#verdict"], ["note", "said", ".verdict"]]
    found = site.drive([{"path": path, "steps": [["wait", ".answer"], *steps, *end]} for path, steps in asked])
    assert [verdicts.phrases("en")["verdicts"]["right"] in one["notes"]["said"][0] for one in found] == [True] * 3


DRAWING = """

import msgspec
from quizgen import figures
from quizgen.values import exact


@family.figure
def figure(q: Params, t: Trace) -> figures.Figure:
    return figures.load(exact(msgspec.json.decode({stored!r})))
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_figure(tmp_path: Path, scheme: str) -> None:
    for number, figure in enumerate(SAMPLES.values()):
        write(tmp_path, f"figure_{number}", f'{{"only": {KINDS["integer"].answer}}}', "12")
        file = tmp_path / "kinds" / f"figure_{number}.py"
        drawing = DRAWING.format(stored=to_json(figures.store(figure)).decode())
        file.write_text(file.read_text(encoding="utf-8") + drawing, encoding="utf-8")
        for words in (tmp_path / "templates").rglob(f"figure_{number}.*"):
            text = words.read_text(encoding="utf-8")
            words.write_text(f"{text}{{% block figure %}}\nDRAWN {number}\n{{% endblock %}}\n", encoding="utf-8")
    looks = ["note", "alt", "figure svg", "ariaLabel"], ["axe", "axe"], ["width", "width"]
    with Store(sqlite(tmp_path / "study.db")) as store, closing(Site(store, Bank([tmp_path]))) as drawn:
        paths = [drawn.lay(f"kinds/figure_{number}") for number in range(len(SAMPLES))]
        found = drawn.drive(
            [{"path": path, "steps": [*looks], "options": {**PHONE, "colorScheme": scheme}} for path in paths]
        )
    for number, notes in enumerate(one["notes"] for one in found):
        assert f"DRAWN {number}" in notes["alt"][0]
        assert notes["axe"] == []
        assert notes["width"] <= 0
