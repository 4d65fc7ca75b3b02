"""An exam against the clock: one step after the other, in any order.

Everything that is entered is kept at once, by the store: pages can be loaded anew, and the server started anew. What
time it is, is decided here; no page before the end has a verdict, a step of a solution or a key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import HTMLResponse, Response

from quizgen import answers, asking
from quizgen.errors import QuizgenError
from quizgen.study import inputs, mock
from quizgen.study.inputs import Match, One, Order, Several
from quizgen.study.mock import Mock, TimeOver
from quizgen.study.sheet import Complaint, Sheet
from quizgen.study.web import pages, paper, views
from quizgen.study.web.desk import Page
from quizgen.study.web.paper import Step
from quizgen.study.web.visit import Handler, Visit
from quizgen.values import Part, Verdict

CELLS = 400
"""Fields of an answer that are kept."""


@dataclass(frozen=True)
class Mark:
    """A step on the way through the exam: ``state`` is done, unread (cannot be read), or open."""

    number: int
    label: str
    state: str


def minutes_left(visit: Visit) -> int | None:
    """The minutes that are left of the exam that is being sat; None if there is none."""
    found = begun(visit)
    return paper.minutes(found, visit.moment) if found is not None else None


def begun(visit: Visit) -> Mock | None:
    """The exam that has begun and is not handed in; None without one, or if its questions are not what they were."""
    try:
        return mock.current(visit.session)
    except QuizgenError:
        return None


def current(visit: Visit) -> Mock | None:
    """The exam that is being sat, if its time is not over."""
    found = begun(visit)
    return found if found is not None and visit.moment < found.ends and found.sitting.ended is None else None


def over(visit: Visit) -> Response | None:
    """An exam whose time is over is handed in as it stands."""
    found = begun(visit)
    if found is None or current(visit) is not None:
        return None
    result = mock.finish(visit.session, found, visit.moment)
    return visit.to(f"/exam/result/{result.mock.sitting.number}")


def sit(visit: Visit) -> Response:
    """One step of the exam: its question, with what has been entered."""
    found = current(visit)
    if found is None:
        return over(visit) or visit.to("/exam")
    steps = paper.steps_of(found)
    step = _step(visit, steps)
    if step is None:
        return visit.to("/exam/sitting/1")
    words = paper.words_of(visit, step.place.task.item)
    sheet, entered = paper.sheet_of(step.place), _entered(found, step)
    complaint = _complaint(sheet, step.part, entered)
    page = Page(replace(sheet, complaint=complaint), entered=entered)
    points = dict(zip((part.name for part in step.place.task.item.parts), step.place.task.points, strict=True))
    return visit.page(
        "exam_sitting",
        path=f"/exam/sitting/{step.number}",
        exam=paper.own(found.title, visit.locale),
        left=int(found.left(visit.moment).total_seconds()),
        minutes=paper.minutes(found, visit.moment),
        exam_number=found.sitting.number,
        ends=found.ends.astimezone(visit.moment.tzinfo).strftime("%H:%M"),
        marks=[_mark(found, one) for one in steps],
        step=step,
        last=len(steps),
        heading=paper.heading(found, step.place, visit.locale),
        stem=paper.stem(found, step.place, visit.locale),
        prompt=words.prompt(),
        asks=[(one.label, words.ask(one.part), one.number) for one in steps if one.place is step.place],
        points=paper.written(points[step.part.name]),
        field=views.field_of(page, step.part, words),
        complaint=views.judged(complaint.verdict, complaint.line, visit.locale) if complaint else None,
    )


def keep(visit: Visit) -> Response:
    """What stands in the fields, kept; then on to where the learner wants to go: to the next step by default."""
    kept, went = _kept(visit), visit.form.get("go", "")
    if isinstance(kept, Response):
        return kept
    onward = paper.number(went) if went else kept + 1
    found = current(visit)
    last = len(paper.steps_of(found)) if found is not None else 0
    return visit.to("/exam/hand-in" if went == "end" or onward > last else f"/exam/sitting/{onward or kept}")


def autosave(visit: Visit) -> Response:
    """The same while it is being entered: the page stays as it is."""
    kept = _kept(visit)
    if isinstance(kept, Response):
        return HTMLResponse("", headers={"hx-redirect": kept.headers["location"]})
    return HTMLResponse(visit.say("exam_kept", time=visit.moment.strftime("%H:%M:%S")))


def arrange(visit: Visit) -> Response:
    """One of the things to order moved, for readers without JavaScript."""
    kept = _kept(visit, move=visit.form.get("move", ""))
    return kept if isinstance(kept, Response) else visit.to(f"/exam/sitting/{kept}")


def echo(visit: Visit) -> Response:
    """What is understood so far, or where it cannot be read; never whether it is right."""
    found = current(visit)
    step = _step(visit, paper.steps_of(found)) if found else None
    if step is None:
        return HTMLResponse("")
    shown = views.understood(paper.sheet_of(step.place), step.part, visit.form.getlist("answer"), visit.locale)
    return HTMLResponse(pages.render("echo", **shown, say=pages.Say(visit.locale)))


def hand_in(visit: Visit) -> Response:
    """What is answered and what is not, before the exam is handed in."""
    found = current(visit)
    if found is None:
        return over(visit) or visit.to("/exam")
    marks = [_mark(found, step) for step in paper.steps_of(found)]
    return visit.page(
        "exam_end",
        left=int(found.left(visit.moment).total_seconds()),
        minutes=paper.minutes(found, visit.moment),
        exam_number=found.sitting.number,
        ends=found.ends.astimezone(visit.moment.tzinfo).strftime("%H:%M"),
        undone=[mark for mark in marks if mark.state == "open"],
        unread=[mark for mark in marks if mark.state == "unread"],
    )


def end(visit: Visit) -> Response:
    """The exam handed in."""
    found = begun(visit)
    if found is None:
        return visit.to("/exam")
    return visit.to(f"/exam/result/{mock.finish(visit.session, found, visit.moment).mock.sitting.number}")


# What is kept.


def _kept(visit: Visit, move: str = "") -> int | Response:
    """Keeps what was sent: the number of the step, or where to go if the time is over."""
    found = current(visit)
    steps = paper.steps_of(found) if found else []
    step = _step(visit, steps)
    if found is None or step is None:
        return over(visit) or visit.to("/exam")
    sheet, longest = paper.sheet_of(step.place), step.part.key.limit + 1  # one more is too long, and is told
    entered = tuple(cell[:longest] for cell in visit.form.getlist("answer")[:CELLS])
    if move:
        entered = views.moved(sheet, step.part, entered, move)
    if _is_untouched(found, step, entered):
        return step.number
    typed = {step.part.name: _text(sheet, step.part, entered) if any(map(str.strip, entered)) else ""}
    try:
        mock.answer(visit.session, found, step.place.slot, typed, visit.moment, {step.part.name: entered})
    except TimeOver:
        return over(visit) or visit.to("/exam")
    return step.number


def _is_untouched(found: Mock, step: Step, entered: Sequence[str]) -> bool:
    """Whether things to order stand as they were shown at first: that is no answer."""
    shown = inputs.of(step.part, paper.sheet_of(step.place).asked(step.part))
    return isinstance(shown, Order) and tuple(entered) == shown.marks and not _entered(found, step)


def _text(sheet: Sheet, part: Part, entered: Sequence[str]) -> str:
    """What grading reads of the fields; what cannot be read is kept as it is."""
    line = views.line(sheet, part, entered)
    try:
        return inputs.text(part, sheet.asked(part), line)
    except answers.Unreadable:
        return line


def _complaint(sheet: Sheet, part: Part, entered: Sequence[str]) -> Complaint | None:
    """Why what was entered cannot be read; None if it can, or if there is nothing."""
    line = views.line(sheet, part, entered)
    if not line.strip():
        return None
    try:
        answers.read(part.key, inputs.text(part, sheet.asked(part), line))
    except answers.Unreadable as error:
        return Complaint(line, Verdict(verdict="invalid", notes=(error.code,), span=error.span))
    return None


def _step(visit: Visit, steps: Sequence[Step]) -> Step | None:
    """The step that the address names."""
    at = paper.number(visit.request.path_params["number"])
    return steps[at - 1] if 0 < at <= len(steps) else None


def _mark(found: Mock, step: Step) -> Mark:
    entered, sheet = _entered(found, step), paper.sheet_of(step.place)
    state = "open" if not any(entered) else "unread" if _complaint(sheet, step.part, entered) else "done"
    return Mark(step.number, step.label, state)


def _entered(found: Mock, step: Step) -> tuple[str, ...]:
    """What stands in the fields of a step."""
    entered = found.sitting.entered.get(step.place.slot, {}).get(step.part.name)
    typed = found.sitting.typed.get(step.place.slot, {}).get(step.part.name, "")
    return entered or (_marks(step, typed) if typed else ())


def _marks(step: Step, typed: str) -> tuple[str, ...]:
    """What would have been entered for what was typed in a terminal."""
    part, asked = step.part, paper.sheet_of(step.place).asked(step.part)
    shown = inputs.of(part, asked)
    mark = dict(zip(asked.order, getattr(shown, "marks", ()), strict=False))
    try:
        value = answers.read(part.key, typed).value
    except answers.Unreadable:
        return (typed,)
    match shown:
        case One():
            return tuple(mark[name] for name in asked.order if asking.option_value(part, name) == value)
        case Several():
            return tuple(mark[name] for name in value)
        case Order():
            return tuple(mark[name] for name in (*value, *(name for name in asked.order if name not in value)))
        case Match():
            rights = dict(value)
            return tuple(mark[rights[left]] for left, _ in part.key.right)
    return (typed,)


PAGES: Mapping[str, Handler] = {"/exam/sitting/{number}": sit, "/exam/hand-in": hand_in}
FORMS: Mapping[str, Handler] = {
    "/exam/end": end,
    "/exam/sitting/{number}": keep,
    "/exam/sitting/{number}/keep": autosave,
    "/exam/sitting/{number}/arrange": arrange,
    "/exam/sitting/{number}/echo": echo,
}
