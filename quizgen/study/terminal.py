"""Self-study in a terminal: a question, what was understood, the verdict with its reason, the worked steps.

It needs lines of text in both directions and nothing else: no colour, no mouse, no keys but Enter, 80 columns. The
question being asked comes again, with the same numbers, until it is answered, however the program ends.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from quizgen import answers, prose, verdicts
from quizgen.answers.matching import Matching
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.errors import QuizgenError
from quizgen.markup import Document
from quizgen.prose import Words
from quizgen.renderers import text, ui
from quizgen.study import inputs, lines, schedule, sheet
from quizgen.study.curriculum import Unit
from quizgen.study.hints import hints
from quizgen.study.inputs import Field, Grid, Input, Match, One, Order, Several, Work
from quizgen.study.session import Question, Session
from quizgen.study.sheet import Sheet
from quizgen.values import Grade, Part, Texts, say

WIDEST = 100
"""Columns that are used at most; longer lines are hard to read."""
DOUBLE = timedelta(seconds=0.4)
"""An Enter that follows the verdict this soon was meant for the answer, and does nothing."""
ASKING = ("h", "?", "n", "u", "l", "q")
"""Keys while a question is asked. Where the letter might be the answer, a colon stands before it."""

STYLES = {"right": "bold green", "partial": "bold yellow", "wrong": "bold red"}


class Leave(Exception):
    """The learner has had enough."""


class Aside(Exception):
    """Something else is to be done than to answer the question in hand: ``sheet`` comes next."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet


class Terminal:
    """A learner at a terminal. ``clock`` tells the time, ``read`` shows a prompt and reads a line."""

    def __init__(
        self,
        session: Session,
        clock: Callable[[], datetime],
        locale: str = "en",
        areas: Sequence[str] = (),
        console: Console | None = None,
        read: Callable[[str], str] = input,
    ) -> None:
        self.session = session
        self.clock = clock
        self.locale = locale
        self.areas = areas
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self.console.width = min(self.console.width, WIDEST)
        self.read = read
        self.done: list[Sheet] = []
        self.unavailable: set[str] = set()

    def run(self) -> None:
        """Asks until nothing is left to ask, or the learner leaves."""
        gone = self.session.agenda(self.clock()).unavailable
        if gone:
            self._print(self._say("gone", units=", ".join(gone)))
        try:
            left = sheet.last(self.session)
            if left is not None and left.question.unit in self.session.curriculum.units(self.areas):
                self._go(left)
            while (unit := self._next()) is not None:
                self._work(unit)
            self._print(self._say("done"))
        except (Leave, EOFError, KeyboardInterrupt):
            self._print()
        self._summary()

    # What is asked.

    def _next(self) -> Unit | None:
        """What is due, or new, and can be asked."""
        agenda = self.session.agenda(self.clock(), self.areas)
        return next((unit for unit in (*agenda.due, *agenda.new) if unit.id not in self.unavailable), None)

    def _work(self, unit: Unit) -> None:
        """A question of one unit."""
        try:
            question = self.session.ask(unit)
            self._words(question).prompt()  # what cannot be shown is found before it is asked
        except QuizgenError as error:
            self.unavailable.add(unit.id)
            self._print(self._say("unavailable", unit=unit.id, why=error))
            return
        self._go(Sheet(question))

    def _go(self, first: Sheet) -> None:
        """One question, and whatever the learner wants instead or besides."""
        at: Sheet | None = first
        while at is not None:
            try:
                at = self._after(self._answered(at))
            except Aside as aside:
                at = aside.sheet

    def _answered(self, at: Sheet) -> Sheet:
        """The question asked, part by part."""
        self._show(at)
        while (part := at.part) is not None:
            sheet.leave(self.session, at)
            at = self._part(at, part)
        sheet.leave(self.session, at)
        return at

    def _part(self, at: Sheet, part: Part) -> Sheet:
        """One part asked until it is answered, or given up."""
        self._ask(at, part)
        shown = inputs.of(part, at.asked(part))
        rows: list[str] = []
        while True:
            line = self._read(self._prompt(at, part, rows, shown))
            command = self._command(at, part, line)
            if command:
                rows = []
                after = self._aside(at, part, command)
                if part.name in after.grades:
                    return after
                at = after
                continue
            rows, line = _gathered(shown, part, rows, line)
            if not line.strip():  # a mistaken Enter
                continue
            at = sheet.answered(self.session, at, line, self.clock())
            if at.complaint is None:
                self._judged(at, part)
                return at
            self._complain(at)

    def _aside(self, at: Sheet, part: Part, command: str) -> Sheet:
        """What a key does while a part is asked. Raises Aside for another question, Leave for none."""
        match command:
            case "h":
                return self._hint(at, part)
            case "?":
                at = sheet.unknown(self.session, at, self.clock())
                self._judged(at, part)
                self._solve(at, (part,))
                return at
            case "n":
                other = self._drawn(self.session.another, at)
                if other is not None:
                    raise Aside(other)
                return at
            case "u":
                self._undo()
                return at
            case "l":
                self._switch()
                self._show(at)
                self._ask(at, part)
                return at
        raise Leave

    def _after(self, at: Sheet) -> Sheet | None:
        """What the learner does when the question is answered: the sheet that comes next; None to go on."""
        self.done.append(at)
        if at.is_right:
            self._document(self._words(at.question).right())
        self._comes_back(at)
        if any(isinstance(part.key, Written) for part in at.question.item.parts):
            at = self._rated(self._solved(at))
        since = self.clock()
        while True:
            self._keys(at)
            command = _key(self._read("> "))
            if not command and self.clock() - since < DOUBLE:
                continue
            if not command and (at.is_right or at.is_solved):
                return None
            following = self._follow(at, command)
            if following is None:
                continue
            if following.outcome is None:
                return following
            at = self.done[-1] = following

    def _follow(self, at: Sheet, command: str) -> Sheet | None:
        """What a key does after the verdict; None for nothing."""
        assert at.outcome is not None
        match command:
            case "" | "w":
                return self._solved(at)
            case "s" if not (at.is_right or at.is_solved):
                return sheet.again(self.session, at)
            case "n":
                return self._drawn(self.session.another, at)
            case "+":
                return self._drawn(self.session.harder, at)
            case "-":
                return self._drawn(self.session.easier, at)
            case "u":
                self._undo()
            case "k":
                self._print(self._say("remark"))
                remark = self._read("> ").strip()
                if remark:
                    self.session.object_to(at.outcome.number, remark)
                    self._print(self._say("kept"))
            case "o":
                return self._rated(at)
            case "l":
                self._switch()
                self._show(at)
            case "q":
                raise Leave
        return None

    def _drawn(self, draw: Callable[[Question], Question | None], at: Sheet) -> Sheet | None:
        """Another question instead of this one; None if there is none."""
        try:
            found = draw(at.question)
        except QuizgenError as error:
            self._print(self._say("unavailable", unit=at.question.unit.id, why=error))
            return None
        if found is None:
            self._print(self._say("no_other"))
        return None if found is None else Sheet(found)

    def _rated(self, at: Sheet) -> Sheet:
        """The learner knows better how well it went."""
        assert at.outcome is not None
        self._print(self._say("rate"))
        number = _key(self._read("> "))
        if number not in ("1", "2", "3", "4"):
            return at
        rating = schedule.RATINGS[int(number) - 1]
        card = self.session.overrule(at.outcome.number, rating)
        at = replace(at, outcome=replace(at.outcome, rating=rating, card=card))
        self._print(self._say("overruled", rating=self._table("ratings")[rating]))
        self._comes_back(at)
        return at

    def _undo(self) -> None:
        """Takes the last answer back, and asks that question again."""
        if not self.done:
            self._print(self._say("nothing_to_undo"))
            return
        slip = sheet.undone(self.session, self.done.pop())
        self._print(self._say("undone"))
        raise Aside(slip)

    def _switch(self) -> None:
        """The next language."""
        known = ui.locales()
        self.locale = known[(known.index(self.locale) + 1) % len(known)]

    # What is typed.

    def _read(self, prompt: str) -> str:
        line = self.read(prompt)
        return line.encode("utf-8", "replace").decode()  # half characters of a broken connection

    def _command(self, at: Sheet, part: Part, line: str) -> str:
        """The key that was meant; none if the line is an answer."""
        word = _key(line)
        if word.startswith(":"):
            word = word[1:].strip()
            return word if word in ASKING else ""
        if word == "?":
            return word
        return word if word in ASKING and not _is_answer(at, part, word) else ""

    def _prompt(self, at: Sheet, part: Part, rows: list[str], shown: Input) -> str:
        row = f"{self._say('row', n=len(rows) + 1)} " if isinstance(shown, Grid) and rows else ""
        return f"{_label(at, part)}{row}> "

    # What is shown.

    def _show(self, at: Sheet) -> None:
        """The question, as far as it is the same for all parts, and the parts that are done."""
        agenda = self.session.agenda(self.clock(), self.areas)
        words = self._words(at.question)
        self._print()
        self.console.rule(self._say("due", due=len(agenda.due), new=len(agenda.new)), align="left", style="dim")
        self._print(f"[{at.question.item.code}] {at.question.unit.id}", style="dim")
        self._document(words.prompt())
        for part in at.question.item.parts:
            if part.name in at.grades:
                self._document(words.ask(part), _label(at, part))
                self._judged(at, part)
                self._print()

    def _ask(self, at: Sheet, part: Part) -> None:
        """One part: its question, the things to choose from, what to type, and the keys."""
        words, asked = self._words(at.question), at.asked(part)
        self._document(words.ask(part), _label(at, part))
        shown = inputs.of(part, asked)
        if isinstance(part.key, Matching):
            self._list([("-", text.render(words.named(left))) for left in part.key.lefts()])
        if isinstance(shown, One | Several | Order | Match):
            things = zip(shown.marks, asked.order, strict=True)
            self._list([(f"{mark}.", text.render(words.option(part, asked, name))) for mark, name in things])
        self._print(self._wanted(shown))
        sign = ":" if any(_is_answer(at, part, key) for key in ASKING) else ""
        names = ("hint", "unknown", "another", "undo", "language", "quit")
        self._menu([f"{sign}{self._table('keys')[name]}" for name in names])

    def _wanted(self, shown: Input) -> str:
        """What to type."""

        def ask(name: str, **values: Any) -> str:
            return _filled(self._table("ask")[name], **values)

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

    def _hint(self, at: Sheet, part: Part) -> Sheet:
        """The next step of the solution, but not the last."""
        steps = hints(self._words(at.question), part)
        if at.shown >= len(steps):
            self._print(self._say("no_hint"))
            return at
        self._document(steps[at.shown], self._say("hint", n=at.shown + 1))
        at = sheet.hinted(at)
        sheet.leave(self.session, at)
        return at

    def _complain(self, at: Sheet) -> None:
        """What was entered, where it cannot be read, and that it costs nothing."""
        assert at.complaint is not None
        line, verdict = at.complaint
        self._print(verdicts.headline(verdict, self.locale), style="bold")
        self._print(verdicts.say(verdict, line, self.locale))
        if verdict.span is not None:
            for shown in verdicts.caret(line, verdict.span).split("\n"):
                self._line(f"    {shown}".rstrip())

    def _judged(self, at: Sheet, part: Part) -> None:
        """The verdict on one part: what was understood, how right that is, and why it is not."""
        grade = at.grades[part.name]
        if grade is sheet.UNKNOWN:
            self._print(self._say("unknown"), style="bold")
            return
        if isinstance(inputs.of(part, at.asked(part)), Field | Grid):
            self._print(verdicts.understood(grade.verdict, self.locale))
        self._print(verdicts.headline(grade.verdict, self.locale), style=STYLES.get(grade.verdict.verdict, "bold"))
        said = self._reason(at, part, grade)
        if said is not None:
            self._document(said)
        elif grade.verdict.notes:
            self._print(verdicts.say(grade.verdict, at.typed[part.name], self.locale))

    def _reason(self, at: Sheet, part: Part, grade: Grade) -> Document | None:
        """What the family says to the mistake behind an answer."""
        if grade.misconception is None:
            return None
        return self._words(at.question).feedback(part, grade.misconception)

    def _comes_back(self, at: Sheet) -> None:
        assert at.outcome is not None
        left = at.outcome.card.due - self.clock()
        minutes = max(1, round(left / timedelta(minutes=1)))
        name, number = ("back_minutes", minutes)
        if minutes >= 48 * 60:
            name, number = "back_days", round(minutes / (24 * 60))
        elif minutes >= 120:
            name, number = "back_hours", round(minutes / 60)
        self._print(self._say(name, n=number))

    def _solved(self, at: Sheet) -> Sheet:
        """The solution, shown once."""
        if at.is_solved and at.typed:
            return at
        whole = self._words(at.question).steps()
        self._solve(at, at.question.item.parts, whole)
        return replace(at, is_solved=True)

    def _solve(self, at: Sheet, parts: Sequence[Part], whole: Document | None = None) -> None:
        """The worked steps and the right answers of some parts."""
        words = self._words(at.question)
        self._print(f"── {self._say('solution')} ──")
        if whole is None and len(at.question.item.parts) == 1:
            whole = words.steps()
        self._document(whole)
        for part in parts:
            self._document(words.steps(part), _label(at, part))
            if isinstance(part.key, Written):
                self._rubric(part.key)
                continue
            marks = inputs.right(part, at.asked(part))
            self._document(words.value(part, part.key.right), self._say("key") + (f"{marks} " if marks else ""))

    def _rubric(self, key: Written) -> None:
        self._print(self._say("rubric"))
        self._list([(f"{criterion.points}", self._own(criterion.text)) for criterion in key.rubric])

    def _own(self, texts: Texts) -> str:
        """An author's words in the language of the session, else in any."""
        return say(texts, self.locale if self.locale in texts or "" in texts else next(iter(texts), ""))

    def _keys(self, at: Sheet) -> None:
        """The keys after the verdict."""
        over = at.is_right or at.is_solved
        names = ["enter_next"] if over else ["enter_solution", "again"]
        names += ["another", "easier", "harder", *(["worked"] if at.is_right and not at.is_solved else [])]
        names += ["undo", "objection", "overrule", "language", "quit"]
        keys = self._table("keys")
        self._menu([keys[name] for name in names])

    def _summary(self) -> None:
        """What was done, and when to come back."""
        self._print(self._say("answered", n=len(self.done), right=sum(at.is_right for at in self.done)))
        agenda = self.session.agenda(self.clock(), self.areas)
        cards = self.session.store.cards(self.session.learner)
        coming = min((card.due for card in cards.values()), default=None)
        if agenda.first() is not None:
            self._print(self._say("due", due=len(agenda.due), new=len(agenda.new)))
        elif coming is not None:
            there = coming.astimezone(self.clock().tzinfo)
            self._print(self._say("when_due", date=there.date(), time=f"{there:%H:%M}"))
        self._print(self._say("bye"))

    # Words.

    def _words(self, question: Question) -> Words:
        """The words of a question, in the language of the session if it has them."""
        folders = self.session.curriculum.bank.templates
        known = prose.locales(question.item.family, folders)
        locale = self.locale if self.locale in known or not known else known[0]
        return prose.words(question.item, locale, folders)

    def _table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = ui.phrases(self.locale)["terminal"][name]
        return found

    def _say(self, name: str, **values: Any) -> str:
        return _filled(ui.phrases(self.locale)["terminal"][name], **values)

    # Lines.

    def _print(self, shown: str = "", style: str = "") -> None:
        """Lines, wrapped."""
        for line in lines.wrapped(shown, self.console.width):
            self._line(line, style)

    def _line(self, line: str, style: str = "") -> None:
        """A line as it is."""
        self.console.print(Text(line, style), no_wrap=True, overflow="ignore", crop=False)

    def _document(self, document: Document | None, before: str = "") -> None:
        """A document, set off from what comes next; nothing for none. A list does not begin behind a label."""
        if document is not None:
            shown = text.render(document)
            self._print(f"{before.rstrip()}\n{shown}" if before and lines.mark(shown).strip() else f"{before}{shown}")
            self._print()

    def _list(self, entries: Sequence[tuple[str, str]]) -> None:
        """Things with a mark before each."""
        width = max((len(mark) for mark, _ in entries), default=0)
        for mark, words in entries:
            for line in lines.hanging(f"  {mark:>{width}} ", " ".join(words.split()), self.console.width):
                self._line(line)
        self._print()

    def _menu(self, keys: Sequence[str]) -> None:
        """Keys, none of which is broken at the end of a line."""
        rows = [""]
        for key in keys:
            longer = f"{rows[-1]} · {key}" if rows[-1] else key
            if cell_len(longer) <= self.console.width:
                rows[-1] = longer
            else:
                rows.append(key)
        self._print("\n".join(rows), style="dim")


def _filled(phrase: str | dict[str, str], **values: Any) -> str:
    """A phrase with its values; one with a singular takes it for n = 1."""
    if isinstance(phrase, dict):
        phrase = phrase["one" if values.get("n") == 1 else "other"]
    return phrase.format(**values)


def _key(line: str) -> str:
    """A line as the key that it may be: full-width signs and capitals are no matter."""
    return unicodedata.normalize("NFKC", line[:20]).strip().casefold()


def _label(at: Sheet, part: Part) -> str:
    """What stands before a part of several: (a)."""
    parts = at.question.item.parts
    return f"({'abcdefghijklmnopqrstuvwxyz'[parts.index(part)]}) " if len(parts) > 1 else ""


def _is_answer(at: Sheet, part: Part, line: str) -> bool:
    """Whether a line can be read as an answer to a part."""
    if isinstance(part.key, Written):
        return True
    try:
        answers.read(part.key, inputs.text(part, at.asked(part), line))
    except answers.Unreadable:
        return False
    return True


def _gathered(shown: Input, part: Part, rows: list[str], line: str) -> tuple[list[str], str]:
    """The lines that wait for more, and what is to be judged: rows of a matrix, and work, take several lines."""
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


def _is_row(part: Part, shown: Grid, line: str) -> bool:
    """Whether a line is the first row of a matrix, and not all of it."""
    for key, is_row in ((part.key, False), (Vector(value=(0,) * shown.columns), True)):
        try:
            answers.read(key, line)
        except answers.Unreadable:
            continue
        return is_row
    return False
