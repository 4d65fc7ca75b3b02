"""Two QTI 3 players, in a browser, give what they are answered the points that it earns."""

import json
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from quizgen.exporters._online import Field, Question
from tests.exports import qti_bank as bank
from tests.exports.qti_reader import Item
from tests.exports.test_qti import drawn, squeezed, writer

HERE = Path(__file__).parent / "players"
INSTALLED = Path(sys.prefix) / "players"
"""Where ``.ci/players --install`` puts them."""
HOW = {"choiceInteraction": "choose", "textEntryInteraction": "type", "extendedTextInteraction": "write"}
EPSILON = 2e-3
"""One player rounds points to three decimals."""


def questions() -> list[Question]:
    """A question of every kind, one of all kinds, and two families."""
    platform = writer("qti30")
    single = [bank.question(at, Field("answer", Fraction(2), kind)) for at, kind in enumerate(bank.KINDS.values())]
    own = [bank.only(question, ("en",)) for question in (*single, bank.bank()[-2])]
    return [*own, *drawn(platform, "attention/causal_mask", 1), *drawn(platform, "convolution/cross_correlation", 1)]


def sheets(question: Question) -> list[list[bank.Answer]]:
    """Some ways to answer: all right, the one in the middle of each list, the last but one, and nothing at all."""
    tried = [list(bank.answers(field.interaction)) for field in question.fields]
    return [[some[int(share * len(some)) - back] for some in tried] for share, back in WAYS]


WAYS = ((0, 0), (0.5, 0), (1, 2), (1, 1))
"""Which of a list of answers: a share of its length, and how many before."""


def job(question: Question) -> dict[str, Any]:
    """What the script plays."""
    xml = writer("qti30").write(question).text.decode()
    item = Item(xml.encode())
    answers = []
    for sheet in sheets(question):
        values = [value for answer in sheet for value in answer.values]
        counted: dict[str, int] = {}
        given = {}
        for one, value in zip(item.interactions, values, strict=True):
            at = counted[one.kind] = counted.get(one.kind, -1) + 1
            if value is not None:
                given[one.response] = {"how": HOW.get(one.kind, "put"), "value": value, "at": at}
        answers.append(given)
    return {"xml": xml, "answers": answers}


@cache
def played() -> dict[str, list[list[dict[str, Any]]]]:
    """What each player made of each answer."""
    jobs = json.dumps([job(question) for question in questions()])
    command = ["node", str(HERE / "play.mjs"), str(INSTALLED)]
    done = subprocess.run(command, input=jobs, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{done.stderr[-2000:]}\nThe players are installed by .ci/players --install."
    found: dict[str, list[list[dict[str, Any]]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("player", ["cito", "amp"])
def test_players_give_the_points(player: str) -> None:
    wrong = []
    for question, results in zip(questions(), played()[player], strict=True):
        for sheet, result in zip(sheets(question), results, strict=True):
            points = sum(field.points * answer.credit for field, answer in zip(question.fields, sheet, strict=True))
            score = (result["outcomes"] or {}).get("SCORE")
            if score is None or abs(float(score) - float(points)) > EPSILON or result["errors"]:
                wrong.append((question.name, [answer.values for answer in sheet], score, points, result["errors"]))
    assert not wrong


@pytest.mark.parametrize("player", ["cito", "amp"])
def test_players_show_the_words(player: str) -> None:
    for question, results in zip(questions(), played()[player], strict=True):
        shown = squeezed(results[0]["text"])
        assert f"[{question.code}]" in shown
        if question.family == "own/mine":
            for words in ("]]><b&&amp;{x}*y*#z~", "😀汉字", "<!--%s{{7*7}}", "c<d&&e", 'print("]]>")'):
                assert words in shown
        assert "idea<b>" not in shown, "the rubric is for those who mark"
