"""Self-study in a terminal: a question, what was understood, the verdict with its reason, the worked steps.

It needs lines of text in both directions and nothing else: no colour, no mouse, no keys but Enter, 80 columns. The
question being asked comes again, with the same numbers, until it is answered, however the program ends.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from quizgen.answers.written import Written
from quizgen.errors import QuizgenError
from quizgen.renderers import text
from quizgen.study import names, paper, planning, progress, schedule, sheet, ways
from quizgen.study.hints import hints
from quizgen.study.menu import WORDS, Menu
from quizgen.study.paper import Paper
from quizgen.study.screen import Screen, key
from quizgen.study.session import Question, Session
from quizgen.study.sheet import Sheet
from quizgen.study.sitting import Sitter
from quizgen.study.ways import Next, Way
from quizgen.values import Part

DOUBLE = timedelta(seconds=0.4)
"""An Enter that follows the verdict this soon was meant for the answer, and does nothing."""
ASKING = ("h", "?", "n", "u", "m", "l", "q")
"""Keys while a question is asked. Where the letter might be the answer, a colon stands before it."""


class Leave(Exception):
    """The learner has had enough."""


class Aside(Exception):
    """Something else is to be done than to answer the question in hand: ``sheet`` comes next."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet


class Turn(Exception):
    """The learner wants to practise in another way."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.way = way


class Terminal:
    """A learner at a terminal, who practises in some ``way``. ``clock`` tells the time."""

    def __init__(self, session: Session, clock: Callable[[], datetime], screen: Screen, way: Way) -> None:
        self.session = session
        self.clock = clock
        self.screen = screen
        self.way = way
        self.menu = Menu(screen, session, clock, way.areas)
        self.done: list[Sheet] = []
        self.over: set[str] = set()

    def run(self) -> None:
        """Asks until nothing is left to ask, or the learner leaves."""
        gone = self.session.agenda(self.clock()).unavailable
        if gone:
            self.screen.say("gone", units=", ".join(gone))
        try:
            Sitter(self.screen, self.session, self.clock).resume()
            self._practise()
        except (Leave, EOFError, KeyboardInterrupt):
            self.screen.print()
        self._summary()

    # What is asked.

    def _practise(self) -> None:
        """One question after the other, in one way or another, until there is none."""
        self._announce()
        step: Callable[[], None] | None = self._resume
        while step is not None:
            try:
                step()
            except Turn as turn:
                self.way, self.over = turn.way, set()
            coming = self._coming()
            step = partial(self._work, coming[0]) if coming else None
        self.screen.say(f"{self.way.name}.done")

    def _announce(self) -> None:
        """What the learner is about to do."""
        aim, plan = planning.kept(self.session), ways.current(self.session, self.clock())
        if self.way.name == "plan" and aim is not None and plan is not None:
            progress.plan(self.screen, aim, plan, self.clock())
        if self.way.name == "weak":
            progress.weak(self.screen, self.session, self.clock(), self.way.areas)

    def _resume(self) -> None:
        """The question that was left."""
        left = sheet.last(self.session)
        if left is not None and left.question.unit in self.session.curriculum.units(self.way.areas):
            self._go(left)

    def _coming(self) -> list[Next]:
        """What comes, and can be asked."""
        found = ways.coming(self.session, self.way, self.clock())
        return [coming for coming in found if coming.id not in self.over]

    def _work(self, coming: Next) -> None:
        """One of the things that come."""
        try:
            question = coming.ask()
            self._paper(question).words.prompt()  # what cannot be shown is found before it is asked
        except QuizgenError as error:
            self.over.add(coming.id)
            self.screen.say("unavailable", unit=coming.id, why=error)
            return
        if self.way.is_round:
            self.over.add(coming.id)
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
        at = replace(at, begun=at.begun or self.clock())
        self._show(at)
        while (part := at.part) is not None:
            sheet.leave(self.session, at)
            at = self._part(at, part)
        sheet.leave(self.session, at)
        return at

    def _part(self, at: Sheet, part: Part) -> Sheet:
        """One part asked until it is answered, or given up."""
        self._ask(at, part)
        rows: list[str] = []
        while True:
            asked = self._paper(at.question)
            line = self.screen.read(asked.prompt(part, rows))
            command = self._command(asked, part, line)
            if command:
                rows = []
                after = self._aside(at, part, command)
                if part.name in after.grades:
                    return after
                at = after
                continue
            rows, line = asked.gathered(part, rows, line)
            if not line.strip():  # a mistaken Enter
                continue
            at = sheet.answered(self.session, at, line, self.clock())
            if at.complaint is None:
                self._judged(at, part)
                return at
            asked.complain(at.complaint)

    def _aside(self, at: Sheet, part: Part, command: str) -> Sheet:
        """What a key does while a part is asked. Raises Aside for another question, Turn or Leave for none."""
        match command:
            case "h":
                return self._hint(at, part)
            case "?":
                at = sheet.unknown(self.session, at, self.clock())
                self._judged(at, part)
                self._paper(at.question).solve((part,))
                return at
            case "n":
                other = self._drawn(self.session.another, at)
                if other is not None:
                    raise Aside(other)
                return at
            case "u":
                self._undo()
                return at
            case "q":
                raise Leave
            case "l":
                self.screen.switch()
            case _:
                self._turn(command)
        self._show(at)
        self._ask(at, part)
        return at

    def _turn(self, command: str) -> None:
        """The menu, or what one of its words stands for. Raises Turn for another way to practise."""
        way = self.menu.choose() if command == "m" else self.menu.open(self.menu.meant(command))
        if way is not None:
            raise Turn(way)

    def _after(self, at: Sheet) -> Sheet | None:
        """What the learner does when the question is answered: the sheet that comes next; None to go on."""
        self.done.append(at)
        if at.is_right:
            self.screen.document(self._paper(at.question).words.right())
        self._comes_back(at)
        if any(isinstance(part.key, Written) for part in at.question.item.parts):
            at = self._rated(self._solved(at))
        since = self.clock()
        while True:
            self._keys(at)
            command = self.screen.key()
            if not command and timedelta(0) <= self.clock() - since < DOUBLE:
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
                self.screen.say("remark")
                remark = self.screen.read().strip()
                if remark:
                    self.session.object_to(at.outcome.number, remark)
                    self.screen.say("kept")
            case "o":
                return self._rated(at)
            case "l":
                self.screen.switch()
                self._show(at)
            case "q":
                raise Leave
            case _ if command == "m" or self.menu.meant(command.removeprefix(":")):
                self._turn(command.removeprefix(":"))
        return None

    def _drawn(self, draw: Callable[[Question], Question | None], at: Sheet) -> Sheet | None:
        """Another question instead of this one; None if there is none."""
        try:
            found = draw(at.question)
        except QuizgenError as error:
            self.screen.say("unavailable", unit=at.question.unit.id, why=error)
            return None
        if found is None:
            self.screen.say("no_other")
        return None if found is None else Sheet(found)

    def _rated(self, at: Sheet) -> Sheet:
        """The learner knows better how well it went."""
        assert at.outcome is not None
        self.screen.say("rate")
        number = self.screen.key()
        if number not in ("1", "2", "3", "4"):
            return at
        rating = schedule.RATINGS[int(number) - 1]
        card = self.session.overrule(at.outcome.number, rating)
        at = replace(at, outcome=replace(at.outcome, rating=rating, card=card))
        self.screen.say("overruled", rating=self.screen.table("ratings")[rating])
        self._comes_back(at)
        return at

    def _undo(self) -> None:
        """Takes the last answer back, and asks that question again."""
        if not self.done:
            self.screen.say("nothing_to_undo")
            return
        slip = sheet.undone(self.session, self.done.pop())
        self.screen.say("undone")
        raise Aside(slip)

    def _command(self, asked: Paper, part: Part, line: str) -> str:
        """The key or the word that was meant; none if the line is an answer."""
        word = key(line)
        if word.startswith(":"):
            word = word[1:].strip()
            return word if word in ASKING or self.menu.meant(word) in (word, *WORDS) else ""
        if word == "?":
            return word
        is_word = word in ASKING or (bool(self.menu.meant(word)) and not word.isdecimal())
        return word if is_word and not asked.reads(part, word) else ""

    # What is shown.

    def _show(self, at: Sheet) -> None:
        """The question, as far as it is the same for all parts, and the parts that are done."""
        asked, unit, curriculum = self._paper(at.question), at.question.unit, self.session.curriculum
        self.screen.print()
        self.screen.rule(self._status())
        name = text.render(names.unit(curriculum, unit.id, self.screen.locale))
        area = names.area(curriculum, unit.area, self.screen.locale)
        self.screen.print(f"[{at.question.item.code}] {area} · {name}", style="dim")
        self.screen.document(asked.words.prompt())
        for part in at.question.item.parts:
            if part.name in at.grades:
                self.screen.document(asked.words.ask(part), asked.label(part))
                self._judged(at, part)
                self.screen.print()

    def _status(self) -> str:
        """What there is still to do in this way."""
        if self.way.name == "due":
            agenda = self.session.agenda(self.clock(), self.way.areas)
            return self.screen.phrase("due.left", due=len(agenda.due), new=len(agenda.new))
        coming = self._coming()
        return self.screen.phrase(f"{self.way.name}.left", n=len(coming), minutes=sum(one.minutes for one in coming))

    def _ask(self, at: Sheet, part: Part) -> None:
        """One part, and the keys."""
        asked = self._paper(at.question)
        asked.ask(part)
        sign = ":" if any(asked.reads(part, letter) for letter in ASKING) else ""
        keys = self.screen.table("keys")
        names = ("hint", "unknown", "another", "undo", "menu", "language", "quit")
        self.screen.menu([f"{sign}{keys[name]}" for name in names])

    def _judged(self, at: Sheet, part: Part) -> None:
        self._paper(at.question).judged(part, at.grades[part.name], at.typed.get(part.name, ""))

    def _hint(self, at: Sheet, part: Part) -> Sheet:
        """The next step of the solution, but not the last."""
        steps = hints(self._paper(at.question).words, part)
        if at.shown >= len(steps):
            self.screen.say("no_hint")
            return at
        self.screen.document(steps[at.shown], self.screen.phrase("hint", n=at.shown + 1))
        at = sheet.hinted(at)
        sheet.leave(self.session, at)
        return at

    def _comes_back(self, at: Sheet) -> None:
        assert at.outcome is not None
        left = at.outcome.card.due - self.clock()
        minutes = max(1, round(left / timedelta(minutes=1)))
        name, number = ("back_minutes", minutes)
        if minutes >= 48 * 60:
            name, number = "back_days", round(minutes / (24 * 60))
        elif minutes >= 120:
            name, number = "back_hours", round(minutes / 60)
        self.screen.say(name, n=number)

    def _solved(self, at: Sheet) -> Sheet:
        """The solution, shown once."""
        if at.is_solved and at.typed:
            return at
        asked = self._paper(at.question)
        asked.solve(at.question.item.parts, asked.words.steps())
        return replace(at, is_solved=True)

    def _keys(self, at: Sheet) -> None:
        """The keys after the verdict."""
        over = at.is_right or at.is_solved
        names = ["enter_next"] if over else ["enter_solution", "again"]
        names += ["another", "easier", "harder", *(["worked"] if at.is_right and not at.is_solved else [])]
        names += ["undo", "objection", "overrule", "menu", "language", "quit"]
        keys = self.screen.table("keys")
        self.screen.menu([keys[name] for name in names])

    def _summary(self) -> None:
        """What was done, and when to come back."""
        self.screen.say("answered", n=len(self.done), right=sum(at.is_right for at in self.done))
        agenda = self.session.agenda(self.clock(), self.way.areas)
        cards = self.session.store.cards(self.session.learner)
        coming = min((card.due for card in cards.values()), default=None)
        if agenda.first() is not None:
            self.screen.say("due.left", due=len(agenda.due), new=len(agenda.new))
        elif coming is not None:
            there = coming.astimezone(self.clock().tzinfo)
            self.screen.say("when_due", date=there.date(), time=f"{there:%H:%M}")
        self.screen.say("bye")

    def _paper(self, question: Question) -> Paper:
        """A question in the language of the session, if it has it."""
        return paper.on(self.screen, question.item, question.asked, self.session.curriculum.bank.templates)
