"""A question on a terminal: its words, what to choose from, what to type, the verdict and the worked steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quizgen import answers, prose, verdicts
from quizgen.answers.matching import Matching
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.renderers import text
from quizgen.study import inputs
from quizgen.study.inputs import Field, Grid, Input, Match, One, Order, Several, Work
from quizgen.study.screen import Screen, filled
from quizgen.study.sheet import UNKNOWN, Complaint
from quizgen.values import Asked, Grade, Item, Part

STYLES = {"right": "bold green", "partial": "bold yellow", "wrong": "bold red"}


@dataclass(frozen=True)
class Paper:
    """A question as it is asked on a screen."""

    screen: Screen
    item: Item
    asked: tuple[Asked, ...]
    words: Words

    def asking(self, part: Part) -> Asked:
        """How a part is asked."""
        return self.asked[self.item.parts.index(part)]

    def input(self, part: Part) -> Input:
        """What a part is answered with."""
        return inputs.of(part, self.asking(part))

    def label(self, part: Part) -> str:
        """What stands before a part of several: (a)."""
        parts = self.item.parts
        return f"({'abcdefghijklmnopqrstuvwxyz'[parts.index(part)]}) " if len(parts) > 1 else ""

    def prompt(self, part: Part, rows: Sequence[str] = ()) -> str:
        """What stands before the line to be typed."""
        is_row = isinstance(self.input(part), Grid) and rows
        return f"{self.label(part)}{self.screen.phrase('row', n=len(rows) + 1) + ' ' if is_row else ''}> "

    # What is asked.

    def ask(self, part: Part) -> None:
        """One part: its question, the things to choose from, what to type."""
        words, asked, shown = self.words, self.asking(part), self.input(part)
        self.screen.document(words.ask(part), self.label(part))
        if isinstance(part.key, Matching):
            self.screen.list([("-", text.render(words.named(left))) for left in part.key.lefts()])
        if isinstance(shown, One | Several | Order | Match):
            things = zip(shown.marks, asked.order, strict=True)
            self.screen.list([(f"{mark}.", text.render(words.option(part, asked, name))) for mark, name in things])
        self.screen.print(self._wanted(shown))

    def _wanted(self, shown: Input) -> str:
        """What to type."""

        def ask(name: str, **values: Any) -> str:
            return filled(self.screen.table("ask")[name], **values)

        match shown:
            case Field(kind="formula", names=names):
                return ask("formula", names=", ".join(names)) if names else ask("constant")
            case Field(kind="number", decimals=decimals, figures=figures, unit=unit):
                digits = ask("decimals", n=decimals) if decimals else ask("figures", n=figures) if figures else ""
                return " ".join([ask("number", digits=digits), *([ask("unit", unit=unit)] if unit else [])])
            case Field(kind=kind, unit=unit):
                return " ".join([ask(kind), *([ask("unit", unit=unit)] if unit else [])])
            case Grid(rows=1, columns=columns):
                return ask("vector", n=columns, example=" ".join("123456789"[:columns]))
            case Grid(rows=rows, columns=columns):
                return ask("matrix", rows=rows, columns=columns)
            case Order(marks, places):
                example = " ".join(marks[:places][::-1])
                return ask("order" if places == len(marks) else "order_some", places=places, example=example)
            case Match(lefts, marks):
                return ask("match", example=" ".join((marks * len(lefts))[: len(lefts)]))
        return ask({One: "one", Several: "several", Work: "written"}[type(shown)])

    # What is typed.

    def reads(self, part: Part, line: str) -> bool:
        """Whether a line can be read as an answer to a part."""
        if isinstance(part.key, Written):
            return True
        try:
            answers.read(part.key, inputs.text(part, self.asking(part), line))
        except answers.Unreadable:
            return False
        return True

    def gathered(self, part: Part, rows: list[str], line: str) -> tuple[list[str], str]:
        """The lines that wait for more, and what is to be judged: rows of a matrix, and work, take several lines."""
        shown = self.input(part)
        if isinstance(shown, Work):
            return ([*rows, line], "") if line.strip() else ([], "\n".join(rows))
        if not isinstance(shown, Grid) or shown.rows == 1:
            return [], line
        if not line.strip():
            return [], ""
        if rows or _is_row(part, shown, line):
            rows = [*rows, line]
            return ([], "; ".join(rows)) if len(rows) == shown.rows else (rows, "")
        return [], line

    # What is said to it.

    def complain(self, complaint: Complaint) -> None:
        """What was entered, where it cannot be read, and that it costs nothing."""
        line, verdict = complaint
        self.screen.print(verdicts.headline(verdict, self.screen.locale), style="bold")
        self.screen.print(verdicts.say(verdict, line, self.screen.locale))
        if verdict.span is not None:
            for shown in verdicts.caret(line, verdict.span).split("\n"):
                self.screen.line(f"    {shown}".rstrip())

    def judged(self, part: Part, grade: Grade, typed: str) -> None:
        """The verdict on one part: what was understood, how right that is, and why it is not."""
        if grade is UNKNOWN:
            self.screen.print(self.screen.phrase("unknown"), style="bold")
            return
        verdict, locale = grade.verdict, self.screen.locale
        if isinstance(self.input(part), Field | Grid):
            self.screen.print(verdicts.understood(verdict, locale))
        self.screen.print(verdicts.headline(verdict, locale), style=STYLES.get(verdict.verdict, "bold"))
        said = None if grade.misconception is None else self.words.feedback(part, grade.misconception)
        if said is not None:
            self.screen.document(said)
        elif verdict.notes:
            self.screen.print(verdicts.say(verdict, typed, locale))

    def solve(self, parts: Sequence[Part], whole: Document | None = None) -> None:
        """The worked steps and the right answers of some parts."""
        self.screen.print(f"── {self.screen.phrase('solution')} ──")
        if whole is None and len(self.item.parts) == 1:
            whole = self.words.steps()
        self.screen.document(whole)
        for part in parts:
            self.screen.document(self.words.steps(part), self.label(part))
            if isinstance(part.key, Written):
                self._rubric(part.key)
                continue
            marks = inputs.right(part, self.asking(part))
            key = self.screen.phrase("key") + (f"{marks} " if marks else "")
            self.screen.document(self.words.value(part, part.key.right), key)

    def _rubric(self, key: Written) -> None:
        self.screen.say("rubric")
        self.screen.list([(f"{criterion.points}", self.screen.own(criterion.text)) for criterion in key.rubric])


def on(screen: Screen, item: Item, asked: tuple[Asked, ...], folders: Sequence[Path]) -> Paper:
    """A question on a screen, in its language if the question has it. Raises FamilyError if it cannot be shown."""
    known = prose.locales(item.family, folders)
    locale = screen.locale if screen.locale in known or not known else known[0]
    return Paper(screen, item, asked, prose.words(item, locale, folders))


def _is_row(part: Part, shown: Grid, line: str) -> bool:
    """Whether a line is the first row of a matrix, and not all of it."""
    for key, is_row in ((part.key, False), (Vector(value=(0,) * shown.columns), True)):
        try:
            answers.read(key, line)
        except answers.Unreadable:
            continue
        return is_row
    return False
