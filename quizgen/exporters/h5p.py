r"""H5P packages: a Question Set of Multiple Choice, True/False and Fill in the Blanks.

A package without libraries: the platform has them, in these very versions, for H5P's validator takes no others; the
guide says which. A set can draw some of all its questions (``poolSize``) but not one of each slot: all are asked.
Formulas are ``\( \)``, which H5P's MathDisplay sets where it is installed. Texts keep to the few elements that H5P lets
through; figures are images above the question, as PNG: servers refuse a whole package for one SVG in its content.
Blanks are compared letter by letter, so that all spellings of a number are listed.
"""

import json
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from html import escape
from itertools import chain
from typing import Any, ClassVar
from uuid import UUID

from quizgen import figures
from quizgen.errors import TypesettingError
from quizgen.exporters._archive import CHUNK, archive
from quizgen.exporters._blanks import spellings
from quizgen.exporters._lowering import Change, Refused, question
from quizgen.exporters._online import Cells, Choose, Field, Numeric, Question, Said, Short, Slot
from quizgen.exporters._platform import DESCRIBED, Entry, Platform
from quizgen.exporters._words import Tongue, delimited, divided, plain
from quizgen.exporters.moodle import truth
from quizgen.markup import Block, Bullets, Code, CodeBlock, Figure, Inline, Numbered, Paragraph, Table, Text
from quizgen.renderers.html import Hypertext
from quizgen.values import Task

LIBRARIES = {
    "H5P.QuestionSet": (1, 20),
    "H5P.MultiChoice": (1, 16),
    "H5P.TrueFalse": (1, 8),
    "H5P.Blanks": (1, 14),
    "H5P.Image": (1, 1),
}
"""Machine names and versions, those that most platforms have; a later Question Set, 1.21, reads the same content."""
TITLES = {"H5P.MultiChoice": "Multiple Choice", "H5P.TrueFalse": "True/False Question",
          "H5P.Blanks": "Fill in the Blanks", "H5P.Image": "Image"}  # fmt: skip
LINES = 31
"""The most lines with blanks in a question."""
TYPED = (Numeric, Cells, Short)


class H5p(Platform):
    """H5P's ``.h5p``."""

    suffix = ".h5p"
    tells_key: ClassVar[bool] = True
    carries: ClassVar[frozenset[str]] = frozenset({"choose", "multiple", "numeric", "cells", "short", "parts"})

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        asked, changes = super().made(task, slot, number)
        if any(not _is_listed(field) for field in asked.fields):
            chosen = frozenset({"choose", "multiple", "parts"})
            asked, changes = question(task, slot, number, self.locales, self.templates, chosen)
        kinds = (type(part.key).__name__.lower() for part in task.item.parts)
        lost = (
            Change(field.name, kind, kind, what)
            for field, kind in zip(asked.fields, kinds, strict=True)
            for what in self._lost(asked, field)
        )
        undrawn = self._pages(asked, {})[0].undrawn() if task.item.figures else ()
        return asked, (*changes, *lost, *(Change("figure", "figure", DESCRIBED, why) for why in undrawn))

    def _pages(self, asked: Question, files: dict[str, bytes]) -> "list[Page]":
        """The question; where a choice stands beside other answers, a question for each of them."""
        if not _is_apart(asked):
            return [Page(self, asked, files)]
        return [Page(self, replace(asked, fields=(field,)), files, field.name) for field in asked.fields]

    def _lost(self, asked: Question, field: Field) -> Iterator[str]:
        """What H5P cannot say of a field."""
        if field.points != _most(field):
            yield "the points: each blank and each right option counts one"
        if asked.slot.count > asked.slot.pick:
            yield "all questions are asked, not some of each slot"
        if _is_apart(asked):
            yield "its place beside the other answers"
        if isinstance(field.interaction, Numeric | Cells):
            yield "a number is compared as text, with its listed spellings"
        if self.settings.practice and isinstance(field.interaction, TYPED) and field.interaction.wrong:
            yield "feedback on single wrong answers"

    def write(self, question: Question) -> Entry:
        files: dict[str, bytes] = {}
        made = [page.content() for page in self._pages(question, files)]
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text=b",".join(map(_json, made)),
            files=files, more={"libraries": [one["library"].partition(" ")[0] for one in made]},
        )  # fmt: skip

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        yield from archive(self._members(entries))

    def _members(self, entries: Iterable[Entry]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        """Images as they come, then the questions, which waited in a file, and what is used."""
        known: set[str] = set()
        used = {"H5P.QuestionSet"}
        with tempfile.SpooledTemporaryFile(max_size=1 << 22) as waiting:
            for entry in entries:
                waiting.write((b"," if len(used) > 1 else b"") + entry.text)
                used.update(entry.more["libraries"])
                for name, content in entry.files.items():
                    used.add("H5P.Image")
                    if name not in known:
                        known.add(name)
                        yield f"content/{name}", content
            waiting.seek(0)
            before, after = _json(self._set()).split(b'"HERE"')
            yield "content/content.json", chain([before], iter(lambda: waiting.read(CHUNK), b""), [after])
        yield "h5p.json", _json(self._about(used))

    def _set(self) -> dict[str, Any]:
        """The set, with a mark where its questions stand."""
        practice = self.settings.practice
        shown = "on" if practice else "off"
        words = self.words[self.locales[0]]
        return {
            "introPage": {"showIntroPage": False, "introduction": ""},
            "progressType": "dots", "passPercentage": 50, "questions": ["HERE"],
            "disableBackwardsNavigation": False, "randomQuestions": False,
            "endGame": {
                "showResultPage": True, "showSolutionButton": practice, "showRetryButton": practice,
                "solutionButtonText": words["solution"], "retryButtonText": words["retry"],
                "finishButtonText": words["finish"],
            },
            "override": {"checkButton": practice, "showSolutionButton": shown, "retryButton": shown},
            "texts": {"finishButton": words["finish"]},
        }  # fmt: skip

    def _about(self, used: set[str]) -> dict[str, Any]:
        """What the package is and needs."""
        needed = (
            {"machineName": name, "majorVersion": major, "minorVersion": minor}
            for name, (major, minor) in LIBRARIES.items()
            if name in used
        )
        return {
            "title": plain_title(self.settings.title), "language": self.locales[0],
            "defaultLanguage": self.locales[0], "mainLibrary": "H5P.QuestionSet", "embedTypes": ["iframe"],
            "license": "U", "preloadedDependencies": list(needed),
        }  # fmt: skip

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """This format's own words, in each locale."""
        found = {locale: self.layouts / f"{locale}.toml" for locale in self.locales}
        return {locale: tomllib.loads(file.read_text(encoding="utf-8")) for locale, file in found.items()}


def plain_title(title: str) -> str:
    """A title that H5P takes: on one line, of at most 255 characters."""
    return " ".join(title.split())[:255] or "quizgen"


def _is_listed(field: Field) -> bool:
    """Whether all right answers can be listed."""
    match field.interaction:
        case Numeric() as number:
            return bool(spellings(number))
        case Cells(rows):
            return all(spellings(cell) for row in rows for cell in row) and len(rows) <= LINES
    return True


def _is_apart(asked: Question) -> bool:
    """Whether there are several answers, not all of which are typed, as H5P has no question with such."""
    return len(asked.fields) > 1 and not all(isinstance(field.interaction, TYPED) for field in asked.fields)


def _most(field: Field) -> Fraction:
    """The points that H5P gives for a field."""
    match field.interaction:
        case Cells(rows):
            return Fraction(sum(map(len, rows)))
        case Choose(options, False):
            return Fraction(sum(option.right for option in options))
    return Fraction(1)


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _identity(*parts: str) -> str:
    """An id that depends on ``parts`` alone."""
    return str(UUID(sha256("\n".join(parts).encode()).hexdigest()[:32], version=4))


# Questions.


@dataclass(frozen=True)
class Page:
    """One question on its way into the set, or the ``part`` of one that stands alone."""

    platform: H5p
    question: Question
    files: dict[str, bytes]
    part: str = ""

    @cached_property
    def tongue(self) -> Tongue:
        """How H5P says things."""
        return Tongue(_Hypertext(delimited, self._drawn), once)

    @cached_property
    def image(self) -> dict[str, Any]:
        """The image above the question, if there is one."""
        return {}

    @cached_property
    def described(self) -> dict[str, str]:
        """Figures that stand as words: their descriptions, and why."""
        return {}

    def undrawn(self) -> tuple[str, ...]:
        """Why figures stand as words, once for each of them."""
        self.content()
        return tuple(self.described.values())

    def _drawn(self, figure: Figure) -> str:
        """The first figure stands above the question, where H5P has its image; others in words."""
        try:
            drawn, width, height = figures.png(figures.load(figure.figure).scene())
        except TypesettingError as error:
            return self._told(figure, f"the drawing: {error.message}")
        name = f"images/figure-{sha256(drawn).hexdigest()[:12]}.png"
        if self.image and self.image["params"]["file"]["path"] != name:
            return self._told(figure, "the drawing: there is one for each question")
        self.files[name] = drawn
        if not self.image:
            file = {"path": name, "mime": "image/png", "width": width, "height": height, "copyright": {"license": "U"}}
            self.image.update(self._part("H5P.Image", {"contentName": "Image", "file": file, "alt": figure.alt}))
        return ""

    def _told(self, figure: Figure, why: str) -> str:
        self.described[figure.alt] = why
        return f"<p>[{escape(figure.alt)}]</p>"

    def _part(self, library: str, params: dict[str, Any]) -> dict[str, Any]:
        """Content of a library."""
        major, minor = LIBRARIES[library]
        title = " ".join(filter(None, (self.question.name, self.part)))
        return {
            "library": f"{library} {major}.{minor}", "params": params,
            "subContentId": _identity(*filter(None, (self.question.id, self.question.code, self.part, library))),
            "metadata": {"contentType": TITLES[library], "license": "U", "title": title, "extraTitle": title},
        }  # fmt: skip

    def content(self) -> dict[str, Any]:
        """The question."""
        first = self.question.fields[0].interaction
        if isinstance(first, Choose):
            right = truth(first)
            library, made = ("H5P.TrueFalse", self._judged(first, right)) if right is not None else self._chosen(first)
        else:
            library, made = "H5P.Blanks", self._blanks()
        media = {"media": {"type": self.image, "disableImageZooming": False}} if self.image else {}
        return self._part(library, media | made)

    def _asked(self) -> str:
        """The text of the question, with the item's code at its end."""
        code = f"<p>[{self.question.code}]</p>" if self.platform.settings.codes else ""
        first = self.question.fields[0]
        ask = self.tongue.html(first.ask) if isinstance(first.interaction, Choose) else ""
        return "".join((self.tongue.html(self.question.prompt), ask, code))

    def _behaviour(self, **more: object) -> dict[str, Any]:
        practice = self.platform.settings.practice
        return {"enableRetry": practice, "enableSolutionsButton": practice, "enableCheckButton": True, **more}

    def _after(self) -> list[dict[str, Any]]:
        """What is said to all who have answered: the worked solution as plain text."""
        steps = [self.question.steps, *(field.steps for field in self.question.fields)]
        said = " ".join(filter(None, map(plain, steps))) if self.platform.settings.practice else ""
        return [{"from": 0, "to": 100} | ({"feedback": escape(said)} if said else {})]

    def _remark(self, said: Said | None) -> str:
        return self.tongue.line(said) if said and self.platform.settings.practice else ""

    def _chosen(self, asked: Choose) -> tuple[str, dict[str, Any]]:
        """One right answer, or several, each of which counts one; a wrong one takes one away."""
        where = f"{self.question.family} {self.question.code}"
        if not any(option.right for option in asked.options):
            raise Refused("a choice of which nothing is right", where)
        answers = [
            {
                "text": f"<div>{self.tongue.line(option.words)}</div>",
                "correct": option.right,
                "tipsAndFeedback": {
                    "tip": "",
                    "chosenFeedback": self._remark(option.feedback),
                    "notChosenFeedback": "",
                },
            }
            for option in asked.options
        ]
        words = self.platform.words[self.platform.locales[0]]
        return "H5P.MultiChoice", {
            "question": self._asked(), "answers": answers, "overallFeedback": self._after(),
            "behaviour": self._behaviour(
                type="single" if asked.single else "multi", singlePoint=False, randomAnswers=True,
                showSolutionsRequiresInput=True, passPercentage=100, showScorePoints=True,
            ),
            "UI": {"checkAnswerButton": words["check"], "showSolutionButton": words["solution"],
                   "tryAgainButton": words["retry"]},
        }  # fmt: skip

    def _judged(self, asked: Choose, right: bool) -> dict[str, Any]:
        """True or false."""
        words = self.platform.words[self.platform.locales[0]]
        wrong = "".join(plain(option.feedback) for option in asked.options if not option.right)
        said = {"feedbackOnWrong": escape(wrong)} if wrong and self.platform.settings.practice else {}
        return {
            "question": self._asked(), "correct": str(right).lower(), "behaviour": self._behaviour(**said),
            "l10n": {"trueText": words["TRUE"], "falseText": words["FALSE"], "checkAnswer": words["check"],
                     "showSolutionButton": words["solution"], "tryAgain": words["retry"]},
        }  # fmt: skip

    def _blanks(self) -> dict[str, Any]:
        """A line of blanks for every answer, or for every row of a matrix."""
        lines = [line for field in self.question.fields for line in self._lines(field)]
        if len(lines) > LINES:
            raise Refused(f"more than {LINES} lines of blanks", f"{self.question.family} {self.question.code}")
        words = self.platform.words[self.platform.locales[0]]
        cased = any(isinstance(f.interaction, Short) and f.interaction.case for f in self.question.fields)
        return {
            "text": self._asked(), "questions": lines, "overallFeedback": self._after(),
            "behaviour": self._behaviour(caseSensitive=cased, showSolutionsRequiresInput=True, autoCheck=False,
                                         separateLines=False, acceptSpellingErrors=False),
            "showSolutions": words["solution"], "tryAgain": words["retry"], "checkAnswer": words["check"],
        }  # fmt: skip

    def _lines(self, field: Field) -> Iterator[str]:
        asked = _starless(self.tongue.html(field.ask)) or self._own("answer")
        match field.interaction:
            case Numeric() as number:
                unit = f" {_starless(escape(number.unit, quote=False))}" if number.unit else ""
                yield f"{asked}{self._notes(number)}<p>{_blank(spellings(number))}{unit}</p>"
            case Cells(rows):
                yield f"{asked}{self._notes(rows[0][0])}{self._row(rows[0])}"
                yield from map(self._row, rows[1:])
            case Short(accepted):
                yield f"{asked}<p>{_blank(accepted)}</p>"

    def _row(self, cells: Iterable[Numeric]) -> str:
        return f"<p>{' '.join(_blank(spellings(cell)) for cell in cells)}</p>"

    def _notes(self, asked: Numeric) -> str:
        """What is to be typed."""
        unit = self._own("unit", unit=asked.unit) if asked.unit else ""
        return unit + (self._own("decimal") if asked.value.denominator != 1 else "")

    def _own(self, name: str, **values: str) -> str:
        """Some of this format's own words, as a paragraph."""
        said = {
            locale: f"<p>{_starless(escape(words[name].format(**values), quote=False))}</p>"
            for locale, words in self.platform.words.items()
        }
        return self.tongue.join(said)


_SIGNS = str.maketrans({"*": "&#42;", "/": "&#47;", ":": "&#58;"})


def _blank(texts: Iterable[str]) -> str:
    """A blank, with all that is right in it; what would part them stands as entities, which H5P resolves."""
    once = dict.fromkeys(" ".join(text.split()) for text in texts)
    return f"*{'/'.join(escape(text).translate(_SIGNS) for text in once if text)}*"


def _starless(text: str) -> str:
    """Words around blanks, none of which begins one."""
    return text.replace("*", "&#42;")


def once(parts: dict[str, str]) -> str:
    """What is said in several languages, once if it is the same in all of them, as formulas are."""
    same = set(parts.values())
    return same.pop() if len(same) == 1 else divided(parts)


_SET = re.compile(r"\$\$|\\[(\[]")


@dataclass(frozen=True)
class _Hypertext(Hypertext):
    """HTML of paragraphs, strong and emphasised words, which is all that H5P lets through everywhere."""

    def block(self, node: Block) -> str:
        match node:
            case Bullets(items):
                return f"<p>{'<br>'.join(f'• {self._within(item)}' for item in items)}</p>"
            case Numbered(items, start):
                lines = (f"{number}. {self._within(item)}" for number, item in enumerate(items, start))
                return f"<p>{'<br>'.join(lines)}</p>"
            case Table(header, rows):
                lines = (" | ".join(map(self.inlines, row)) for row in (header, *rows) if any(row))
                return f"<p>{'<br>'.join(lines)}</p>"
            case CodeBlock(text):
                lines = (escape(line, quote=False).replace(" ", "\N{NO-BREAK SPACE}") for line in text.splitlines())
                return f"<p>{'<br>'.join(lines)}</p>"
        shown = super().block(node)
        return shown if isinstance(node, Paragraph | Figure) else f"<p>{shown}</p>"

    def _within(self, item: tuple[Block, ...]) -> str:
        """Blocks on lines of one paragraph."""
        shown = (self.block(block) for block in item)
        return "<br>".join(text.removeprefix("<p>").removesuffix("</p>") for text in shown)

    def _inline(self, child: Inline) -> str:
        shown = escape(child.text, quote=False) if isinstance(child, Code) else super()._inline(child)
        if isinstance(child, Text | Code):
            return _SET.sub(lambda match: f"{match[0][0]}<em></em>{match[0][1]}", shown)
        return shown
