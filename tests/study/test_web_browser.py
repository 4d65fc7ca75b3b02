"""The study pages in a browser: every kind of answer with mouse and keys, accessible, and nothing from outside."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from quizgen import answers, verdicts
from quizgen.study import inputs
from quizgen.study.store import Store, sqlite
from quizgen.values import Part
from tests.study.browsing import BANK, PHONE, SENT, Site, ordering
from tests.study.test_web import FAMILIES


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Store(sqlite(tmp_path / "study.db")) as store, closing(Site(store)) as found:
        yield found


def entering(part: Part, shown: inputs.Input, order: tuple[str, ...], text: str) -> list[list[str]]:
    """The steps of a person who answers what grading would read as ``text``; none of them if it cannot be entered."""
    value: Any = None
    with suppress(answers.Unreadable):
        value = answers.read(part.key, text).value
    match shown:
        case inputs.Field(kind="formula" | "distribution"):
            return [["wait", "math-field"], ["formula", "math-field", text]]
        case inputs.Field():
            return [["type", "#answer", text]]
        case inputs.Grid() if value is None:
            return [["fill", ".cell", text]]
        case inputs.Grid():
            return [["paste", ".cell", text]]
        case inputs.One() if value is not None:
            return (
                [["key", str(order.index(value) + 1)]]
                if len(order) < 3
                else [["click", f".choice input[value='{order.index(value) + 1}']"]]
            )
        case inputs.Match() if value is not None:
            lefts = enumerate(value, 1)
            return [["choose", f"#left{at}", ascii_lowercase[order.index(right)]] for at, (_, right) in lefts]
        case inputs.Order() if value is not None:
            return ordering(order, value)
    return []


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_kind_of_answer_right_and_wrong_and_invalid(site: Site, locale: str) -> None:
    single = {kind: family for kind, family in FAMILIES.items() if len(BANK.family(family).answers) == 1}
    visits, wanted = [], []
    for family in single.values():
        path = site.lay(family)
        part, shown, order = site.part(path)
        wrong = next(text for text in part.key.wrong() if answers.grade(part.key, text).credit == 0)
        steps: list[list[str]] = []
        if not isinstance(shown, inputs.Order):  # an order is always whole
            steps += [*entering(part, shown, order, "banana"), SENT, ["wait", "#complaint"]]
            steps += [["note", "invalid", ".verdict.invalid"], ["clear"]][
                : 1 + (isinstance(shown, inputs.Field | inputs.Grid))
            ]
        steps += [*entering(part, shown, order, wrong), SENT, ["wait", "#verdict:focus"], ["note", "wrong", ".verdict"]]
        steps += [["note", "live", "#live", "textContent"], ["key", "Enter"]]  # once more
        right = part.key.notations(part.key.right)[0]
        steps += [["wait", ".answer"], *entering(part, shown, order, right), SENT, ["wait", ".steps"]]
        steps += [["note", "right", ".verdict"], ["axe", "axe"], ["width", "width"]]
        steps += [["click", "a.primary"], ["wait", ".answer"]]
        options = {**PHONE, "locale": "zh-CN" if locale == "zh" else "en-US"}
        visits.append({"path": path, "steps": steps, "options": options})
        wanted.append(isinstance(shown, inputs.Order))
    said = verdicts.phrases(locale)["verdicts"]
    for kind, is_order, found in zip(single, wanted, site.drive(visits), strict=True):
        notes = found["notes"]
        assert is_order or notes["invalid"], kind
        assert said["wrong"] in notes["wrong"][0], kind
        assert said["wrong"] in notes["live"][0], kind
        assert said["right"] in notes["right"][0], kind
        assert notes["axe"] == [], kind
        assert notes["width"] <= 0, kind
        assert found["loads"] == 1, "steps change the page, they do not load it anew"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(site: Site, scheme: str) -> None:
    visits: list[dict[str, Any]] = [{"path": "/", "steps": [["axe", "axe"]], "options": {"colorScheme": scheme}}]
    for family in FAMILIES.values():
        steps = [["axe", "axe"], ["width", "width"]]
        visits.append({"path": site.lay(family), "steps": steps, "options": {**PHONE, "colorScheme": scheme}})
    for found in site.drive(visits):
        assert found["notes"]["axe"] == []
        assert found["notes"].get("width", 0) <= 0


def test_the_keyboard(site: Site) -> None:
    number, order, choice = (site.lay(FAMILIES[kind]) for kind in ("integer", "ordering", "choice"))
    typing: list[list[Any]] = [
        ["focused", "focus"],
        ["type", "#answer", "3/4"],
        ["wait", "#echo mfrac"],
        ["compose", "#answer"],
        ["pause", 700],
        ["note", "composed", ".verdict"],
        ["key", "Enter"],
        ["wait", "#verdict"],
        ["note", "entered", ".verdict"],
    ]
    values = ["note", "order", ".order input", "value"]
    moving = [["focus", ".order li:nth-child(2) button"], ["key", "ArrowUp"], values]
    dragging = [["drag", ".order li:nth-child(3)", ".order li:nth-child(1)"], ["note", "dragged", *values[2:]]]
    digit = [["focus", ".brand"], ["key", "2"], ["note", "checked", ".choice input:checked", "value"]]
    digit += [["key", "Enter"], ["wait", "#verdict"]]
    first, second, third = site.drive(
        [
            {"path": number, "steps": typing},
            {"path": order, "steps": [*moving, *dragging]},
            {"path": choice, "steps": digit},
        ]
    )
    assert first["notes"]["focus"] == "answer"
    assert first["notes"]["composed"] == [], "Enter ended a word, and nothing was sent"
    assert len(first["notes"]["entered"]) == 1
    assert second["notes"]["order"][:2] == ["2", "1"]
    assert second["notes"]["dragged"][0] == second["notes"]["order"][2]
    assert len(third["notes"]["checked"]) == 1


TYPED = {
    "k^2 C": "k^{2}C",
    "C/2g+1": r"\frac{C}{2g+1}",
    "sqrtk+1 *C": r"\sqrt{k+1}\cdot C",
    "exp(-k)": r"\exp\left(-k\right)",
    "k**2": "k^{2}",
    "k^10 C": "k^{10}C",
    "log2(k)": r"\log_{2}\left(k\right)",
    "|k-1|": r"\left|k-1\right|",
    "\\pi": r"\pi",
}
"""What is typed into a field of formulas, and what is sent."""


def test_a_formula_as_it_is_written(site: Site) -> None:
    path = site.lay(FAMILIES["formula"])
    value, echo = ["note", "value", "#answer", "value"], ["note", "echo", "#echo [data-tex]", "textContent"]
    typing: list[list[Any]] = [["wait", "math-field"], ["focused", "focus"]]
    for number, typed in enumerate(TYPED):
        typing += [["clear"], ["keys", "math-field", typed], ["key", "Tab"], ["note", f"value {number}", *value[2:]]]
    typing += [["focused", "after"], ["clear"], ["keys", "math-field", "\\pi"], ["key", "Enter"], ["pause", 300]]
    typing += [["note", "command", "#verdict"], ["note", "completed", "#answer", "value"]]
    keys = [["clear"], ["keys", "math-field", "7"]]
    keys += [
        ["click", f".keys button{which} >> nth=0"] for which in ("", "[data-tex*=frac]")
    ]  # the first name, a fraction
    keys += [["key", "2"], ["wait", "#echo mfrac"], value, echo]
    composed = [["clear"], ["keys", "math-field", ""], ["ime", "ke", "k"], ["wait", "#echo [data-tex=k]"]]
    composed += [["note", "composed", "#verdict"], ["note", "ime", "#answer", "value"]]
    (formula,) = site.drive(
        [{"path": path, "steps": [*typing, *keys, *composed, ["key", "Enter"], ["wait", "#verdict"]]}]
    )
    notes = formula["notes"]
    assert notes["focus"] == "formula"
    assert [notes[f"value {number}"] for number in range(len(TYPED))] == [[sent] for sent in TYPED.values()]
    assert notes["after"] == "", "Tab leaves the field, for the keys"
    assert (notes["command"], notes["completed"]) == ([], [r"\pi"]), "Enter ended a command, and nothing was sent"
    assert notes["value"] == [r"\frac{7k}{2}"]
    assert notes["echo"]
    assert (notes["composed"], notes["ime"]) == ([], ["k"]), "Enter ended a word, and nothing was sent"


def test_a_formula_may_be_typed_as_text(site: Site) -> None:
    path = site.lay(FAMILIES["formula"])
    steps: list[list[Any]] = [["wait", "math-field"], ["click", "[data-way=text]"], ["focused", "focus"]]
    steps += [["fill", "#answer", "k^2/C"], ["wait", "#echo mfrac"], ["click", ".keys button >> nth=1"]]
    steps += [["note", "text", "#answer", "value"], ["load"], ["note", "kept", "math-field, #answer", "id"]]
    steps += [["fill", "#answer", "k^2/C"], ["wait", "#echo mfrac"], ["click", "[data-way=formula]"]]
    steps += [["wait", "math-field:focus"], ["note", "formula", "math-field", "value"], ["axe", "axe"]]
    (found,) = site.drive([{"path": path, "steps": steps}])
    notes = found["notes"]
    assert notes["focus"] == "answer"
    assert notes["text"] == ["k^2/CC"]
    assert notes["kept"] == ["answer"], "the choice is remembered"
    assert notes["formula"] == [r"\frac{k^{2}}{C}"]
    assert notes["axe"] == []


def test_without_javascript(site: Site) -> None:
    path = site.lay(FAMILIES["integer"])
    steps = [["fill", "#answer", "7.5"], ["key", "Enter"], ["wait", "#verdict"], ["note", "said", ".verdict"]]
    (found,) = site.drive([{"path": path, "steps": steps, "options": {"javaScriptEnabled": False}}])
    assert found["notes"]["said"]
