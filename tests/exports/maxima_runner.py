"""Maxima itself, which STACK asks: it computes expressions, and the answer tests of STACK's trees.

The tests are those of STACK in short: ``AlgEquiv`` simplifies the difference to zero, entry by entry for a matrix, and
``NumAbsolute`` compares its size with the option.
"""

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from tests.exports.moodle_reader import Question

PRELUDE = """ratprint: false$ display2d: false$
zero(e) := is(ratsimp(e) = 0) or is(radcan(e) = 0) or is(fullratsimp(expand(e)) = 0)$
shape(e) := if matrixp(e) then [length(e), length(first(e))] else []$
same(a, b) := if shape(a) # shape(b) then false elseif matrixp(a) then every(zero, flatten(args(a - b)))
  else zero(a - b)$
near(a, b, within) := is(abs(float(a - b)) <= float(within))$
again() := (map(forget, facts()), apply(kill, values))$
"""
TESTS = {"AlgEquiv": "same({sans}, {tans})", "NumAbsolute": "near({sans}, {tans}, {options})"}


@dataclass(frozen=True)
class Asked:
    """One node of a tree, and what is typed into the input that it is about."""

    question: Question
    tree: ET.Element
    node: ET.Element
    name: str
    answer: str

    def known(self) -> str:
        """What Maxima is told before the test."""
        variables = self.question.element.findtext("questionvariables/text") or ""
        feedback = self.tree.findtext("feedbackvariables/text") or ""
        return "\n".join(filter(None, ("again()$", variables, f"{self.name}: {self.answer}$", feedback)))

    def test(self) -> str:
        """The test."""
        found = {tag: self.node.findtext(tag) or "" for tag in ("sans", "tans")}
        test = TESTS[self.node.findtext("answertest") or ""]
        return test.format(**found, options=self.node.findtext("testoptions") or "0")


def ran(script: str) -> dict[int, str]:
    """What a script prints between signs: ``print("@3@", x)`` gives x as the third. Nothing may fail."""
    done = subprocess.run(
        ["maxima", "--very-quiet"], input=PRELUDE + script, capture_output=True, text=True, timeout=300,
        env=os.environ | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}, check=True,
    )  # fmt: skip
    said = re.sub(r"^[^\n]*print\(.*$", "", done.stdout, flags=re.M)  # what was asked
    assert not re.search(r"incorrect syntax|an error|Too m|unprintable", said), said[-2000:]
    return {int(place): value.strip() for place, value in re.findall(r"^@(\d+)@ (.*)$", said, re.M)}


def held(asked: Sequence[Asked]) -> list[bool]:
    """Whether each test holds."""
    lines, known = [], ""
    for place, one in enumerate(asked):
        lines += [] if known == one.known() else [known := one.known()]
        lines.append(f'print("@{place}@", {one.test()})$')
    found = ran("\n".join(lines))
    return [{"true": True, "false": False}[found[place]] for place in range(len(asked))]


def computed(texts: Sequence[str]) -> list[float]:
    """Expressions as numbers."""
    found = ran("\n".join(f'print("@{place}@", float({text}))$' for place, text in enumerate(texts)))
    return [float(found[place].replace("b", "e")) for place in range(len(texts))]
