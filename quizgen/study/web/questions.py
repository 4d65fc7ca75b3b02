"""A question's page, and what its buttons do. Every step is a form that ends with a page to look at."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from quizgen import prose
from quizgen.study import schedule, sheet
from quizgen.study.session import Question, Session
from quizgen.study.web import pages, views
from quizgen.study.web.desk import Page
from quizgen.study.web.visit import Handler, Visit
from quizgen.values import Part

LONGEST_REMARK = 2000


def question(visit: Visit) -> Response:
    """A question as it stands: to be answered, or with its verdict."""
    page = visit.laid()
    if page is None:
        return visit.message(404, "gone")
    words = prose.words(page.sheet.question.item, visit.locale, visit.session.curriculum.bank.templates)
    return visit.page("question", **views.shown(page, words, visit.locale), path=visit.request.url.path)


def step(visit: Visit) -> Response:
    """What a button of a question's page does to it."""
    name, act = visit.request.path_params["name"], STEPS.get(visit.request.path_params["action"])
    if act is None:
        return visit.message(404, "unknown")
    if not visit.desk.work(visit.session, name, lambda page: act(visit, page)):
        return visit.message(404, "gone")
    return visit.to(f"/question/{name}")


def _meant(visit: Visit, page: Page) -> Part | None:
    """The part in hand, if the form is about it; what is sent again when it is done is not about the next one."""
    part = page.sheet.part
    meant = visit.form.get("part")
    return part if part is None or meant in (None, views.number_of(page.sheet, part)) else None


def answer(visit: Visit, page: Page) -> Page:
    """The part in hand answered."""
    part, entered = _meant(visit, page), tuple(visit.form.getlist("answer"))
    if part is None:
        return page
    line = views.line(page.sheet, part, entered)
    answered = sheet.answered(visit.session, page.sheet, line, visit.moment)
    is_solved = answered.outcome is not None and views.is_written(answered)
    kept = entered if answered.part in (part, None) else ()  # what stands in the fields is not for the next part
    return replace(page, sheet=replace(answered, is_solved=is_solved), entered=kept)


def hint(visit: Visit, page: Page) -> Page:
    """One more step of the solution."""
    if _meant(visit, page) is None:
        return page
    return replace(page, sheet=sheet.hinted(page.sheet), entered=tuple(visit.form.getlist("answer")))


def arrange(visit: Visit, page: Page) -> Page:
    """One of the things to order moved, for readers without JavaScript."""
    part = _meant(visit, page)
    if part is None:
        return page
    order = views.moved(page.sheet, part, tuple(visit.form.getlist("answer")), visit.form.get("move", ""))
    return replace(page, sheet=replace(page.sheet, complaint=None), entered=order)


def give_up(visit: Visit, page: Page) -> Page:
    """The part in hand is not known."""
    if _meant(visit, page) is None:
        return page
    return replace(page, sheet=sheet.unknown(visit.session, page.sheet, visit.moment), entered=())


def again(visit: Visit, page: Page) -> Page:
    """The same once more, before the solution is shown."""
    if page.sheet.outcome is None or page.sheet.is_solved:
        return page
    return replace(page, sheet=sheet.again(visit.session, page.sheet), entered=())


def undo(visit: Visit, page: Page) -> Page:
    """The last answer taken back, as a slip: its fields are as they were."""
    if page.sheet.outcome is None:
        return page
    undone = sheet.undone(visit.session, page.sheet)
    is_last = undone.part == page.sheet.question.item.parts[-1]
    return replace(page, sheet=undone, entered=page.entered if is_last else ())


def solve(visit: Visit, page: Page) -> Page:
    """The solution shown."""
    return page if page.sheet.outcome is None else replace(page, sheet=replace(page.sheet, is_solved=True))


def rate(visit: Visit, page: Page) -> Page:
    """The learner knows better how well it went."""
    outcome, rating = page.sheet.outcome, visit.form.get("rating", "")
    if outcome is None or rating not in schedule.RATINGS:
        return page
    card = visit.session.overrule(outcome.number, rating)
    return replace(page, sheet=replace(page.sheet, outcome=replace(outcome, rating=rating, card=card)))


def object_to(visit: Visit, page: Page) -> Page:
    """What the learner thinks is wrong with the key, kept for the teacher."""
    outcome, remark = page.sheet.outcome, visit.form.get("remark", "").strip()[:LONGEST_REMARK]
    if outcome is None or not remark:
        return page
    visit.session.object_to(outcome.number, remark)
    return replace(page, objected=True)


def elsewhere(visit: Visit) -> Response:
    """Another question of the same unit, or an easier or a harder one."""
    page = visit.laid()
    if page is None:
        return visit.message(404, "gone")
    question = WAYS[visit.request.url.path.rpartition("/")[2]](visit.session, page.sheet.question)
    return visit.lay(question, page.onward) if question else visit.message(200, "no_other")


def echo(visit: Visit) -> Response:
    """What is understood so far, or where it cannot be read; never whether it is right."""
    page = visit.laid()
    part = page.sheet.part if page else None
    if page is None or part is None:
        return HTMLResponse("")
    found = views.understood(page.sheet, part, visit.form.getlist("answer"), visit.locale)
    return HTMLResponse(pages.render("echo", **found, say=pages.Say(visit.locale)))


STEPS: Mapping[str, Callable[[Visit, Page], Page]] = {
    "answer": answer,
    "hint": hint,
    "arrange": arrange,
    "give-up": give_up,
    "again": again,
    "undo": undo,
    "solve": solve,
    "rate": rate,
    "object": object_to,
}
"""The buttons of a question's page that lead back to it."""

WAYS: Mapping[str, Callable[[Session, Question], Question | None]] = {
    "like": Session.another,
    "easier": Session.easier,
    "harder": Session.harder,
}
"""Those that lead to another question."""

PAGES: Mapping[str, Handler] = {"/question/{name}": question}
FORMS: Mapping[str, Handler] = {
    **{f"/question/{{name}}/{way}": elsewhere for way in WAYS},
    "/question/{name}/echo": echo,
    "/question/{name}/{action}": step,
}
