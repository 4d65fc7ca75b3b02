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
    """A question of every kind, one of all kinds, and three families."""
    platform = writer("qti30")
    single = [bank.question(at, Field("answer", Fraction(2), kind)) for at, kind in enumerate(bank.KINDS.values())]
    own = [bank.only(question, ("en",)) for question in (*single, bank.bank()[-2])]
    families = ("attention/causal_mask", "convolution/cross_correlation", "derivations/put_in_order")
    return [*own, *(question for name in families for question in drawn(platform, name, 1))]


def sheets(question: Question) -> list[list[bank.Answer]]:
    """Some ways to answer: all right, right at the edge, in part, just wrong, wrong and heard, and nothing at all."""
    tried = [picked(list(bank.answers(field.interaction))) for field in question.fields]
    found = [[some[at] for some in tried] for at in range(len(tried[0]))]
    return [sheet for at, sheet in enumerate(found) if sheet not in found[:at]]


def picked(tried: list[bank.Answer]) -> list[bank.Answer]:
    """Answers to one field, one for each way; where there is none for a way, a wrong one."""
    *given, nothing = tried
    right = [answer for answer in given if answer.credit == 1] or given
    wrong = [answer for answer in given if answer.credit == 0] or given
    partial = [answer for answer in given if 0 < answer.credit < 1] or wrong
    heard = [answer for answer in wrong if answer.heard] or wrong
    return [right[0], right[-1], partial[len(partial) // 2], wrong[0], heard[-1], nothing]


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


def damaged() -> dict[str, Any]:
    """The first question with another key."""
    made = job(questions()[0])
    return made | {"xml": made["xml"].replace("<qti-value>A3</qti-value>", "<qti-value>A1</qti-value>")}


@cache
def played() -> dict[str, list[list[dict[str, Any]]]]:
    """What each player made of each answer."""
    jobs = json.dumps([*map(job, questions()), damaged()])
    command = ["node", str(HERE / "play.mjs"), str(INSTALLED)]
    done = subprocess.run(command, input=jobs, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{done.stderr[-2000:]}\nThe players are installed by .ci/players --install."
    found: dict[str, list[list[dict[str, Any]]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("player", ["cito", "amp"])
def test_players_give_the_points(player: str) -> None:
    wrong = []
    for question, results in zip(questions(), played()[player][:-1], strict=True):
        for sheet, result in zip(sheets(question), results, strict=True):
            points = sum(field.points * answer.credit for field, answer in zip(question.fields, sheet, strict=True))
            score = (result["outcomes"] or {}).get("SCORE")
            if score is None or abs(float(score) - float(points)) > EPSILON or result["errors"]:
                wrong.append((question.name, [answer.values for answer in sheet], score, points, result["errors"]))
    assert not wrong


@pytest.mark.parametrize("player", ["cito", "amp"])
def test_players_show_the_words(player: str) -> None:
    for question, results in zip(questions(), played()[player][:-1], strict=True):
        shown = squeezed(results[0]["text"])
        assert f"[{question.code}]" in shown
        if question.family == "own/mine":
            for words in ("]]><b&&amp;{x}*y*#z~", "😀汉字", "<!--%s{{7*7}}", "c<d&&e", 'print("]]>")'):
                assert words in shown
        assert "idea<b>" not in shown, "the rubric is for those who mark"


def test_every_kind_is_answered_right_in_part_and_wrong() -> None:
    for name, kind in bank.KINDS.items():
        credits = {answer.credit for answer in picked(list(bank.answers(kind)))}
        some = any(0 < credit < 1 for credit in credits)
        assert credits >= ({0} if name == "essay" else {0, 1})
        assert some == (name in ("several", "two", "grid", "pairs", "twice", "line"))


@pytest.mark.parametrize("player", ["cito", "amp"])
def test_players_go_by_the_key_in_the_file(player: str) -> None:
    for result, given in zip(played()[player][-1], damaged()["answers"], strict=True):
        value = given.get("RESPONSE", {}).get("value")
        assert float(result["outcomes"]["SCORE"]) == (2 if value == "A1" else 0)
