"""IMS/1EdTech QTI 2.1, 2.2 and 3.0: one writer of items, test and manifest; the versions differ in names only."""

import tomllib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from html import escape
from itertools import islice
from typing import Any, ClassVar

from msgspec import structs

from quizgen import markup
from quizgen.errors import TypesettingError
from quizgen.exporters import _apart, _losses
from quizgen.exporters._archive import archive
from quizgen.exporters._lowering import Change
from quizgen.exporters._online import Essay, Field, Question, Said, Slot
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._qti_fields import Fields, Script, losses, named
from quizgen.exporters._qti_language import Dialect, worth
from quizgen.exporters._qti_package import Contents
from quizgen.exporters._qti_words import STYLE, Formula, Formulas, Xhtml, printable, together
from quizgen.exporters._words import Tongue
from quizgen.markup import Figure
from quizgen.renderers import html
from quizgen.values import Part, Task


class Qti(Platform):
    """A zip file of items, a test with a section for every slot, and a manifest."""

    suffix = ".zip"
    holds = frozenset({"minutes", "go_back"})
    dialect: ClassVar[Dialect]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.files: dict[str, bytes] = {}
        self.formulas = Formulas()
        self.tongue = Tongue(Xhtml(self.formulas, self._drawn), together)
        self.fields = Fields(self.dialect, self.tongue, self.settings.practice)

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        found, changes = super().made(task, slot, number)
        return found, tuple(_apart.told(task, found, changes, self._lost, apart=False))

    def _lost(self, field: Field, part: Part) -> Iterator[str]:
        yield from _losses.read(field, part)
        yield from losses(field, self.dialect.external)
        yield from _losses.silent(field, part) if self.settings.practice else ()

    # Words.

    def _drawn(self, figure: Figure) -> str:
        drawn = html.image(figure).encode()
        name = f"figures/figure-{sha256(drawn).hexdigest()[:16]}.svg"  # some importers stumble over digits in front
        self.files[name] = drawn
        return f'<p><img src="{name}" alt="{escape(figure.alt)}"/></p>'

    @cached_property
    def words(self) -> dict[str, Any]:
        """The fixed words, in the first locale."""
        file = self.layouts.parent / "qti" / f"{self.locales[0]}.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))

    def _points(self, points: Fraction) -> str:
        text: str = self.words["points"]["one" if points == 1 else "other"]
        return text.format(n=worth(points))

    # Items.

    def write(self, question: Question) -> Entry:
        return next(self._set([self.draft(question)]))

    def draft(self, question: Question) -> Entry:
        self.files.clear()
        self.formulas.awaited.clear()
        name = f"s{question.slot.number:02}-{question.id[:24]}"
        text = self._item(question, name)
        title = self.words["section"].format(
            title=question.slot.title, points=self._points(question.points), pick=question.slot.pick
        )
        more = {"name": name, "title": title, "pick": question.slot.pick, "tags": question.tags}
        more["formulas"] = self.formulas.taken()
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text=text.encode(), more=more,
            files=dict(self.files),
        )  # fmt: skip

    def _item(self, question: Question, name: str) -> str:
        q, script = self.dialect, Script()
        body = [f'<div class="stem">{self.tongue.html(question.prompt)}{self._code(question)}</div>']
        body += [self.fields.field(asked, script) for asked in named(question)]
        self._whole(question, script)
        points = worth(question.points)
        outcomes = [
            q.outcome("SCORE", "float", "0", normalMaximum=points, normalMinimum="0"),
            q.outcome("MAXSCORE", "float", points),
            *script.outcomes,
        ]
        processing = (
            q("responseProcessing", template=q.templates.format(script.template))
            if script.template and len(script.rules) == 1
            else q("responseProcessing", *script.rules)
        )
        inner = [*script.declarations, *outcomes, q("stylesheet", href="quizgen.css", type="text/css")]
        inner += [q("itemBody", *body), processing, *script.modals]
        lang = f' xml:lang="{self.locales[0]}"'
        given = f'identifier="{name}" title="{escape(question.name)}" label="{question.code}"{lang}'
        return q.document("assessmentItem", given, {"adaptive": "false", "timeDependent": "false"}, inner)

    def _code(self, question: Question) -> str:
        return f'<p class="code"><small>[{question.code}]</small></p>' if self.settings.codes else ""

    def _whole(self, question: Question, script: Script) -> None:
        """The sum of several fields, and what is said to the question as a whole."""
        q = self.dialect
        if len(question.fields) > 1:
            scores = [q("variable", identifier=asked.score) for asked in named(question)]
            script.rules.append(q.set("SCORE", q("sum", *scores)))
        if not self.settings.practice:
            return
        if question.right and not any(isinstance(field.interaction, Essay) for field in question.fields):
            reached = q("gte", q("variable", identifier="SCORE"), q("variable", identifier="MAXSCORE"))
            script.rules.append(q.when((reached, q.set("PRAISE", q.base("identifier", "P1")))))
            self.fields.say(script, "PRAISE", "P1", question.right)
        solution = [question.steps, *(field.steps for field in question.fields)]
        if any(solution):
            script.rules.append(q.set("SOLUTION", q.base("identifier", "S1")))
            self.fields.say(script, "SOLUTION", "S1", *solution)

    # The package.

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        return archive(self._members(entries))

    def _members(self, entries: Iterator[Entry]) -> Iterator[tuple[str, bytes]]:
        """Items as they come; then the test and the manifest, of which only short lines are held."""
        contents = Contents(self.dialect)
        while some := list(islice(entries, TOGETHER)):
            for entry in self._set(some):
                yield from contents.add(entry)
        yield "items/quizgen.css", STYLE
        yield "test.xml", printable(self._test(contents))
        yield "imsmanifest.xml", contents.manifest().encode()

    def _set(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Entries with their formulas, which are set in one go: that takes hardly longer than a single one."""
        awaited = [[(tex, display) for tex, display in entry.more["formulas"]] for entry in entries]
        try:
            self.formulas.learn(formula for some in awaited for formula in some)
        except TypesettingError:
            self._blame(entries, awaited)
            raise
        for entry, some in zip(entries, awaited, strict=True):
            yield structs.replace(entry, text=printable(self.formulas.filled(entry.text.decode(), some)))

    def _blame(self, entries: Sequence[Entry], awaited: Sequence[Sequence[Formula]]) -> None:
        """Raises the TypesettingError of the first entry with a formula that cannot be set, and names it."""
        for entry, some in zip(entries, awaited, strict=True):
            try:
                self.formulas.learn(some)
            except TypesettingError as error:
                raise error.at(entry.code) from None

    def _test(self, contents: Contents) -> str:
        q = self.dialect
        shown = {"showFeedback": "true"} if self.settings.practice else {}
        session = q("itemSessionControl", maxAttempts=int(not self.settings.practice), **shown)  # of each question
        limits = q("timeLimits", maxTime=60 * self.settings.minutes) if self.settings.minutes else ""
        part = q(
            "testPart", session, *contents.sections(self._instructions()),
            identifier="part", navigationMode="linear" if self.settings.go_back is False else "nonlinear",
            submissionMode="individual",
        )  # fmt: skip
        totals = [
            q("setOutcomeValue", q("sum", q("testVariables", variableIdentifier=name)), identifier=name)
            for name in ("SCORE", "MAXSCORE")
        ]
        inner = [q.outcome(name, "float", "0") for name in ("SCORE", "MAXSCORE")]
        inner += [limits, part, q("outcomeProcessing", *totals)]
        given = f'identifier="test" title="{escape(self.settings.title)}"'
        text, awaited = q.document("assessmentTest", given, {}, filter(None, inner)), self.formulas.taken()
        self.formulas.learn(awaited)
        return self.formulas.filled(text, awaited)

    def _instructions(self) -> str:
        q = self.dialect
        said: Said = {
            locale: markup.parse(text) for locale, text in self.settings.instructions.items() if locale in self.locales
        }
        if not said:
            return ""
        words = self.tongue.html(said)
        if q.kebab:
            return q("rubricBlock", q("contentBody", words), view="candidate", use="instructions")
        return q("rubricBlock", words, view="candidate")


TOGETHER = 32
"""Questions whose formulas are set in one go."""

CARRIES = frozenset({"choose", "multiple", "numeric", "cells", "short", "match", "order", "essay", "parts"})
