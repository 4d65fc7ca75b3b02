"""Common Cartridge 1.1: quizzes that nearly every platform imports, of the few types of question that it defines.

There is neither tolerance nor partial credit nor a group of which some questions are drawn: numbers are chosen, and a
slot with several questions becomes a quiz of its own. Several answers under one prompt become a question each.
"""

import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

from quizgen.exporters import _apart, _losses
from quizgen.exporters import _qti12 as qti
from quizgen.exporters._archive import CHUNK, HELD, archive
from quizgen.exporters._lowering import Change, question
from quizgen.exporters._online import Choose, Essay, Field, Question, Short, Slot
from quizgen.exporters._platform import Entry, Platform
from quizgen.values import Part, Task

MARK = "%ITEMS%"
"""Where the questions of a quiz stand in its template."""


class Cc11(Platform):
    """A cartridge."""

    suffix = ".imscc"
    carries = frozenset({"choose", "multiple", "essay", "parts"})
    holds = frozenset({"minutes", "attempts"})

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        worded = all(type(part.key).online[0] == "short" for part in task.item.parts)
        carries = self.carries | {"short"} if worded else self.carries
        found, changes = question(task, slot, number, self.locales, self.templates, carries)
        return found, tuple(_apart.told(task, found, changes, lambda field, part: self._lost(found, field, part)))

    def _lost(self, question: Question, field: Field, part: Part) -> Iterator[str]:
        interaction, practice, slot = field.interaction, self.settings.practice, question.slot
        if isinstance(interaction, Choose) and not interaction.single:
            yield "partial credit"
        if isinstance(interaction, Short) and practice and part.mistakes:
            yield "feedback on single wrong answers"
        if isinstance(interaction, Essay) and interaction.rubric and not practice:
            yield "the rubric"
        yield from _losses.read(field, part)
        if slot.pick < slot.count:
            yield f"the draw of {slot.pick} from {slot.count} questions"
        if _apart.points(question, field).denominator != 1:
            yield "points that are no whole number"

    def write(self, question: Question) -> Entry:
        files: dict[str, bytes] = {}
        labels = qti.labels(question.id)
        text = b"".join(Writer(self, question, field, labels, files).item() for field in question.fields)
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text=text, files=files,
            more={"title": question.slot.title},
        )  # fmt: skip

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        return archive(Cartridge(self, entries).members())


Cc11.kinds |= {"text"}  # its fields take texts, and nothing else that is typed: numbers have no tolerance there
Cc11.lowers = {kind: becomes for kind, becomes in Cc11.lowers.items() if kind not in Cc11.kinds}


# Questions.


class Writer:
    """Writes one field of a question as an item."""

    def __init__(
        self, platform: Cc11, question: Question, field: Field, labels: Iterator[str], files: dict[str, bytes]
    ) -> None:
        self.field = field
        self.labels = labels
        self.settings = platform.settings
        self.words = qti.fixed(platform.layouts, platform.locales)
        self.question = question
        self.tongue = qti.tongue(files)
        self.feedbacks: dict[str, str] = {}

    def item(self) -> bytes:
        """The item."""
        question, field = self.question, self.field
        self._say_general(field)
        profile, presentation, conditions = self._asked(field)
        return qti.item(
            qti.ident("q", question.id, question.slot.id, field.name), _apart.name(question, field),
            qti.metadata(self._about(profile)),
            f"<presentation>{self._stem(field)}{presentation}</presentation>",
            qti.processing([*self._general(), *conditions]) if self.feedbacks or conditions else "",
            *(qti.feedback(name, html) for name, html in self.feedbacks.items()),
        )  # fmt: skip

    def _about(self, profile: str) -> Iterator[tuple[str, str]]:
        points = _apart.points(self.question, self.field)
        yield "cc_profile", f"cc.{profile}.v0p1"
        if points.denominator == 1 and points > 0:
            yield "cc_weighting", str(points)
        if profile == "essay":
            yield "qmd_computerscored", "No"

    def _stem(self, field: Field) -> str:
        blocks = [self.tongue.html(self.question.prompt), self.tongue.html(field.ask)]
        blocks.append(qti.coded(self.question.code) if self.settings.codes else "")
        return qti.material("\n".join(filter(None, blocks)))

    def _asked(self, field: Field) -> tuple[str, str, list[str]]:
        """The profile of the question, its field, and how it is marked."""
        match field.interaction:
            case Choose():
                return self._choose(field.interaction)
            case Short(accepted, case):
                lines = [text for text in accepted if "\n" not in text] or list(accepted[:1])
                right = "".join(qti.equal("response1", text, case) for text in lines)
                return "fib", qti.typed("response1"), [self._right(right)]
        return "essay", qti.typed("response1"), []

    def _choose(self, choice: Choose) -> tuple[str, str, list[str]]:
        names = list(islice(self.labels, len(choice.options)))
        given = [
            qti.label(name, qti.material(self.tongue.line(option.words)))
            for name, option in zip(names, choice.options, strict=True)
        ]
        shown = qti.choices("response1", given, many=not choice.single)
        conditions = self._comments(choice, names)
        right = [name for name, option in zip(names, choice.options, strict=True) if option.right]
        if choice.single:
            return "multiple_choice", shown, [*conditions, self._right(qti.equal("response1", right[0]))]
        wrong = [name for name in names if name not in right]
        return "multiple_response", shown, [*conditions, self._right(qti.exactly("response1", right, wrong))]

    def _right(self, when: str) -> str:
        if self.settings.practice and self.question.right:
            self.feedbacks["correct_fb"] = self.tongue.html(self.question.right)
        return qti.condition(when, "100", feedback="correct_fb" if "correct_fb" in self.feedbacks else "", stop=True)

    def _comments(self, choice: Choose, names: list[str]) -> list[str]:
        """What is said to each option, and when."""
        shown = []
        for name, option in zip(names, choice.options, strict=True):
            if option.feedback and self.settings.practice:
                self.feedbacks[f"{name}_fb"] = self.tongue.html(option.feedback)
                shown.append(qti.condition(qti.equal("response1", name), feedback=f"{name}_fb"))
        return shown

    def _say_general(self, field: Field) -> None:
        """The worked solution or the rubric, which everyone is told."""
        if not self.settings.practice:
            return
        said = [self.tongue.html(self.question.steps), self.tongue.html(field.steps)]
        if isinstance(field.interaction, Essay) and field.interaction.rubric:
            said.insert(0, self.tongue.html(qti.rubric(field.interaction, self.words)))
        if any(said):
            self.feedbacks["general_fb"] = "\n".join(filter(None, said))

    def _general(self) -> Iterable[str]:
        return [qti.condition(qti.OTHER, feedback="general_fb")] if "general_fb" in self.feedbacks else []


# The cartridge.


class Cartridge:
    """The files of the zip. Questions wait on disk until it is known whether every slot has only one."""

    def __init__(self, platform: Cc11, entries: Iterator[Entry]) -> None:
        self.platform = platform
        self.settings = platform.settings
        self.entries = entries
        self.images: dict[str, str] = {}
        self.slots: list[dict[str, Any]] = []

    def members(self) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
        """Names and contents."""
        with tempfile.SpooledTemporaryFile(max_size=HELD) as spool:
            for _, entries in groupby(self.entries, key=lambda entry: entry.slot):
                yield from self._kept(entries, spool)
            quizzes = self._quizzes()
            if len(quizzes) > 1:
                self.platform.holds -= {"minutes"}  # which are those of all slots together
            for quiz in quizzes:
                yield f"{quiz['ident']}/assessment_qti.xml", self._pieces(quiz, spool)
        manifest = {
            "ident": qti.ident("m", self.settings.title, self.settings.category), "title": self.settings.title,
            "language": self.platform.locales[0], "quizzes": quizzes,
            "images": [{"path": path, "ident": ident} for path, ident in self.images.items()],
        }  # fmt: skip
        yield "imsmanifest.xml", qti.laid_out(self.platform.layouts, "imsmanifest.xml.j2", **manifest).encode()

    def _kept(self, entries: Iterator[Entry], spool: Any) -> Iterator[tuple[str, bytes]]:
        """Put the questions of a slot aside; its figures are files at once."""
        slot: dict[str, Any] = {"title": "", "start": spool.tell(), "count": 0, "images": {}}
        for entry in entries:
            slot["title"] = entry.more["title"]
            slot["count"] += 1
            spool.write(entry.text)
            for name, content in entry.files.items():
                path = qti.IMAGES + name
                slot["images"][path] = qti.ident("f", name)
                if path not in self.images:
                    self.images[path] = slot["images"][path]
                    yield path, content
        slot["end"] = spool.tell()
        self.slots.append(slot)

    def _quizzes(self) -> list[dict[str, Any]]:
        """One quiz of all questions, or one for each slot if any has several questions."""
        if any(slot["count"] > 1 for slot in self.slots):
            return [self._quiz(slot["title"], [slot]) for slot in self.slots]
        return [self._quiz(self.settings.title, self.slots)]

    def _quiz(self, title: str, slots: list[dict[str, Any]]) -> dict[str, Any]:
        images = {path: ident for slot in slots for path, ident in slot["images"].items()}
        return {
            "ident": qti.ident("g", self.settings.title, self.settings.category, title), "title": title,
            "start": slots[0]["start"] if slots else 0, "end": slots[-1]["end"] if slots else 0,
            "images": [{"path": path, "ident": ident} for path, ident in images.items()],
        }  # fmt: skip

    def _pieces(self, quiz: dict[str, Any], spool: Any) -> Iterator[bytes]:
        """A quiz, with its questions in their place."""
        text = qti.laid_out(
            self.platform.layouts, "assessment.xml.j2", ident=quiz["ident"], title=quiz["title"], fields=self._fields()
        )
        before, after = text.rsplit(MARK, 1)
        yield before.encode()
        spool.seek(quiz["start"])
        while (left := quiz["end"] - spool.tell()) > 0:
            yield spool.read(min(left, CHUNK))
        yield after.encode()

    def _fields(self) -> list[tuple[str, str]]:
        """What is known of a quiz."""
        fields = [
            ("cc_profile", "cc.exam.v0p1"), ("qmd_assessmenttype", "Examination"), ("qmd_scoretype", "Percentage"),
        ]  # fmt: skip
        if self.settings.minutes and "minutes" in self.platform.holds:
            fields.append(("qmd_timelimit", str(self.settings.minutes)))
        if self.settings.practice:
            fields += [("qmd_feedbackpermitted", "Yes"), ("qmd_solutionspermitted", "Yes")]
        fields.append(("cc_maxattempts", str(self.settings.tries) if self.settings.tries else "unlimited"))
        return fields
