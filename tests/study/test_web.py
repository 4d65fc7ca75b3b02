"""The study pages, asked for over HTTP: every kind of answer in both languages, and what a stranger may try."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest
from starlette.testclient import TestClient

from quizgen import answers
from quizgen.bank import Bank
from quizgen.prose import Words, words
from quizgen.renderers import html
from quizgen.study import curriculum, inputs
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.web import guard, pages
from quizgen.study.web.app import Study
from quizgen.study.web.desk import Page
from quizgen.values import Part

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BANK = Bank()
FAMILIES = {
    "integer": "convolution/output_side",
    "fraction": "classification/binary_confusion",
    "number": "diffusion/vp_sde_marginal",
    "vector": "latent/reparameterised_sample",
    "matrix": "convolution/cross_correlation",
    "set": "attention/causal_mask",
    "formula": "convolution/bottleneck_formula",
    "choice": "derivations/flawed_line",
    "ordering": "recurrent/lstm_stages",
    "matching": "recurrent/lstm_gates",
    "several parts": "convolution/depthwise_separable",
}
"""A family with each kind of answer, and one with several parts."""


class Learner:
    """Somebody with a browser."""

    def __init__(self, store: Store, locale: str = "en") -> None:
        self.now = NOON
        self.store = store
        self.locale = locale
        self.start()
        self.page = self.browser.get("/")
        self.path = ""

    def start(self, cookies: Any = None) -> None:
        """Starts the server, with what is stored; a browser may still have its ``cookies``, and a page open."""
        session = Session(self.store, "me", curriculum.read(BANK))
        self.study = Study(session, locale=self.locale, clock=lambda: self.now)
        app = self.study.app(("testserver",))
        self.browser = TestClient(app, raise_server_exceptions=False, cookies=cookies)

    @property
    def text(self) -> str:
        """What the page says."""
        return unescape(self.page.text)

    @property
    def laid(self) -> Page:
        """The question as the server has it."""
        page = self.study.desk.find(self.study.session, self.path.rpartition("/")[2])
        assert page is not None
        return page

    @property
    def part(self) -> Part:
        """The part in hand."""
        part = self.laid.sheet.part
        assert part is not None
        return part

    def meet(self, family: str) -> None:
        """Asks for a question of a family."""
        session = self.study.session
        unit = next(unit for unit in session.curriculum.units() if unit.family == family)
        self.path = f"/question/{self.study.desk.put(session, session.ask(unit))}"
        self.page = self.browser.get(self.path)
        assert self.page.status_code == 200

    def press(self, action: str, entered: tuple[str, ...] = (), **fields: str) -> None:
        """Sends a form of the page."""
        hidden = dict(re.findall(r'name="(token|part)" value="([^"]+)"', self.page.text))
        assert "token" in hidden
        data: dict[str, Any] = {**hidden, "answer": list(entered), **fields}
        self.page = self.browser.post(f"{self.path}/{action}", data=data)
        if self.page.url.path.startswith("/question/") and not self.page.url.path.endswith(action):
            self.path = self.page.url.path

    def enter(self, text: str) -> None:
        """Answers the part in hand with what grading would read as ``text``."""
        self.press("answer", self.entries(text))

    def entries(self, text: str) -> tuple[str, ...]:
        """What has to be entered into the fields for that."""
        part, asked = self.part, self.laid.sheet.asked(self.part)
        shown = inputs.of(part, asked)
        try:
            value = answers.read(part.key, text).value
        except answers.Unreadable:
            value = None
        match shown:
            case inputs.Field():
                return (text,)
            case inputs.Grid():
                return (text, *[""] * (shown.rows * shown.columns - 1))
            case _ if value is None:
                return (text,)
            case inputs.One():
                return (str(asked.order.index(value) + 1),)
            case inputs.Order():
                return tuple(str(asked.order.index(name) + 1) for name in value)
            case inputs.Match():
                return tuple(ascii_lowercase[asked.order.index(right)] for _, right in value)
        raise AssertionError(shown)

    def solve(self, last: str = "") -> None:
        """Answers every part right; the last one with ``last``, if that is given."""
        while (part := self.laid.sheet.part) is not None:
            is_last = part is self.laid.sheet.question.item.parts[-1]
            self.enter(last if last and is_last else part.key.notations(part.key.right)[0])

    def kept(self) -> list[Any]:
        """The answers that are in the store."""
        return [answer for _, answer in self.study.session.store.answers(self.study.session.learner)]

    def says(self, name: str, **values: Any) -> str:
        """Fixed words."""
        return pages.Say(self.locale)(name, **values)


def prose_of(learner: Learner) -> Words:
    """The question in words."""
    return words(learner.laid.sheet.question.item, learner.locale, BANK.templates)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(sqlite(tmp_path / "study.db")) as found:
        yield found


@pytest.fixture
def learner(store: Store) -> Learner:
    return Learner(store)


def test_the_time_that_an_answer_took_is_kept(learner: Learner) -> None:
    learner.page = learner.browser.get("/next")
    learner.path = learner.page.url.path
    learner.now += timedelta(minutes=4)
    learner.solve()
    assert [answer.seconds for answer in learner.kept()] == [240]


def test_families_are_of_the_kinds_that_they_stand_for() -> None:
    for kind, family in FAMILIES.items():
        kinds = [declared.kind for declared in BANK.family(family).answers.values()]
        assert kind in kinds if kind != "several parts" else len(kinds) > 1


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_right_answer(store: Store, family: str, locale: str) -> None:
    learner = Learner(store, locale)
    learner.meet(family)
    assert f'<html lang="{locale}"' in learner.page.text
    learner.solve()
    assert learner.says("all_right") in learner.text
    assert learner.says("steps") in learner.text
    assert [answer.credit for answer in learner.kept()] == [1]


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_wrong_answer(store: Store, family: str, locale: str) -> None:
    learner = Learner(store, locale)
    learner.meet(family)
    last = learner.laid.sheet.question.item.parts[-1]
    learner.solve(next(text for text in last.key.wrong() if answers.grade(last.key, text).credit == 0))
    assert learner.says("not_right") in learner.text
    assert learner.says("key") not in learner.text, "the solution comes when it is asked for"
    assert learner.kept()[0].credit < 1
    learner.press("solve")
    assert learner.says("key") in learner.text


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_what_cannot_be_read_costs_nothing(store: Store, family: str, locale: str) -> None:
    learner = Learner(store, locale)
    learner.meet(family)
    before = learner.part
    learner.enter("banana (")
    assert learner.part is before
    assert not learner.kept()
    assert 'class="verdict invalid"' in learner.page.text


def test_a_mistake_that_is_known_is_explained(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    part = learner.part
    mistake = part.mistakes[0]
    learner.enter(part.key.notations(mistake.value)[0])
    said = words(learner.laid.sheet.question.item, "en", BANK.templates).feedback(part, mistake.name)
    assert said is not None
    assert pages._line(said) in learner.page.text


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_no_page_holds_the_key_before_the_verdict(learner: Learner, family: str) -> None:
    learner.meet(family)
    item = learner.laid.sheet.question.item
    assert item.id not in learner.page.text
    for part in item.parts:
        for name in part.key.labels():
            assert f'"{name}"' not in learner.page.text, "ids may tell what is right"
        for mistake in part.mistakes:
            assert mistake.name not in learner.page.text


def test_hints_come_one_by_one_and_count(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.press("hint", ("12",))
    assert learner.page.text.count('<section class="hints"') == 1
    assert 'value="12"' in learner.page.text, "what was entered stays"
    learner.solve()
    assert learner.kept()[0].hints == 1
    assert learner.kept()[0].rating == "hard"


def test_once_more_before_the_solution(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.solve("-1")
    learner.press("again")
    learner.solve()
    assert learner.says("all_right") in learner.text
    assert [answer.credit for answer in learner.kept()] == [0, 1]


def test_a_slip_is_taken_back_with_the_fields_as_they_were(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.solve("-1")
    learner.press("undo")
    assert not learner.kept()
    assert 'value="-1"' in learner.page.text


def test_a_part_at_a_time_with_credit_for_following_through(learner: Learner) -> None:
    learner.meet("convolution/depthwise_separable")
    seen = learner.page.text.count('<form class="answer"')
    assert seen == 1
    learner.enter("12345")
    assert 'class="verdict wrong"' in learner.page.text
    assert learner.laid.sheet.part is not None
    assert not learner.kept()
    assert 'name="answer" value=""' in learner.page.text, "what stood in the field was not for the next part"


@pytest.mark.parametrize("kind", ["choice", "ordering", "matching"])
def test_a_verdict_says_what_was_chosen(learner: Learner, kind: str) -> None:
    learner.meet(FAMILIES[kind])
    part, said = learner.part, prose_of(learner)
    wrong = next(text for text in part.key.wrong() if answers.grade(part.key, text).credit == 0)
    learner.enter(wrong)
    chosen = said.value(part, answers.read(part.key, wrong).value)
    assert learner.says("given") in learner.text
    assert html.render(chosen) in learner.page.text


@pytest.mark.parametrize("way", ["like", "easier", "harder"])
def test_another_question(learner: Learner, way: str) -> None:
    learner.meet("convolution/receptive_field" if way == "easier" else "convolution/output_side")
    before = learner.laid.sheet.question.item.id
    learner.press(way)
    assert learner.page.status_code == 200
    assert learner.laid.sheet.question.item.id != before


def test_nothing_is_easier_than_the_first(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.press("easier")
    assert learner.says("no_other") in learner.text


def test_not_known_shows_the_solution(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.press("give-up")
    assert learner.says("given_up") in learner.text
    assert learner.says("key") in learner.text
    assert learner.kept()[0].rating == "again"


def test_an_objection_is_kept(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.solve("-1")
    learner.press("object", remark="<script>alert(1)</script>")
    assert learner.says("objected") in learner.text
    assert learner.kept()[0].remark == "<script>alert(1)</script>"


def test_the_learner_knows_better(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.solve()
    learner.press("rate", rating="easy")
    assert learner.kept()[0].rating == "easy"
    learner.press("rate", rating="divine")
    assert learner.kept()[0].rating == "easy"


def test_home_leads_through_the_day(learner: Learner) -> None:
    learner.page = learner.browser.get("/")
    assert "<b>10</b>" in learner.page.text
    learner.page = learner.browser.get("/next")
    learner.path = learner.page.url.path
    learner.press("give-up")
    learner.now += timedelta(minutes=30)
    learner.page = learner.browser.get("/")
    assert f"<b>1</b> {learner.says('due', n=1)}" in learner.text
    assert f"<b>9</b> {learner.says('new', n=9)}" in learner.text


def test_language_and_colours_on_any_page(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    token = re.search(r'name="token" value="([^"]+)"', learner.page.text)
    assert token
    referer = {"referer": f"http://testserver{learner.path}"}
    page = learner.browser.post("/settings", data={"token": token[1], "lang": "zh", "theme": "dark"}, headers=referer)
    assert page.url.path == learner.path
    assert '<html lang="zh" data-theme="dark">' in page.text
    elsewhere = {"referer": "http://evil.test/phish"}
    page = learner.browser.post("/settings", data={"token": token[1], "lang": "en"}, headers=elsewhere)
    assert page.url.path == "/"


def test_the_locales_have_the_same_words() -> None:
    assert {locale: sorted(pages.phrases(locale)) for locale in pages.locales()}["zh"] == sorted(pages.phrases("en"))
    for name, phrase in pages.phrases("en").items():
        assert _filled(phrase) == _filled(pages.phrases("zh")[name]), name


def _filled(phrase: Any) -> set[str]:
    """What is filled into a phrase; its singular may leave the number out."""
    return set(re.findall(r"\{\w+\}", str(phrase["other"] if isinstance(phrase, dict) else phrase)))


# The echo.


def echoed(learner: Learner, *entered: str) -> str:
    path = learner.path
    learner.press("echo", entered)
    learner.path = path
    return learner.page.text


def test_the_echo_says_what_is_understood_and_never_whether_it_is_right(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    page, right = learner.page, str(learner.part.key.right)
    said = echoed(learner, "3/4")
    learner.page = page
    assert "<mfrac>" in said
    one, other = echoed(learner, right), ""
    learner.page = page
    other = echoed(learner, str(int(right) + 1))
    learner.page = page
    assert one.replace(right, "N") == other.replace(str(int(right) + 1), "N")
    said = echoed(learner, "1 + <b>")
    assert "<mark>" in said
    assert "<b>" not in said
    assert not learner.kept()


def test_half_a_grid_is_not_complained_about(learner: Learner) -> None:
    learner.meet("convolution/cross_correlation")
    page = learner.page
    cells = page.text.count('class="cell"')
    assert echoed(learner, "1", "2", *[""] * (cells - 2)).strip() == ""
    learner.page = page
    assert "<mtable>" in echoed(learner, *["1"] * cells)


def test_the_cell_that_cannot_be_read_is_marked(learner: Learner) -> None:
    learner.meet("convolution/cross_correlation")
    cells = learner.page.text.count('class="cell"')
    learner.press("answer", ("1", "2", "banana", *["1"] * (cells - 3)))
    marked = [tag for tag in re.findall(r"<input class=\"cell\"[^>]*>", learner.page.text) if "aria-invalid" in tag]
    assert len(marked) == 1
    assert 'value="banana"' in marked[0]


def test_things_are_moved_without_javascript(learner: Learner) -> None:
    learner.meet("recurrent/lstm_stages")
    marks = tuple(re.findall(r'<input type="hidden" name="answer" value="(\d+)"', learner.page.text))
    learner.press("arrange", marks, move="2 up")
    found = re.findall(r'<input type="hidden" name="answer" value="(\d+)"', learner.page.text)
    assert found == ["2", "1", *marks[2:]]
    learner.press("arrange", marks, move="99 up")
    assert learner.page.status_code == 200


# Strangers.


def test_nothing_is_asked_for_outside_of_the_server(learner: Learner) -> None:
    policy = learner.page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "script" not in policy
    for path in ("/", "/next"):
        page = learner.browser.get(path).text
        for address in re.findall(r'(?:src|href|action|hx-post)="([^"]*)"', page):
            assert address.startswith(("/", "#")), address
            assert not address.startswith("//"), address
        assert not re.search(r"<script(?! src)|\son\w+=|<style|javascript:", page)
    styles = learner.browser.get("/assets/study.css").text
    fonts = re.findall(r'url\("(\w+-\w+\.woff2)\?[\d.]+"\)', styles)
    assert len(fonts) == len(re.findall(r"url|@import|image-set", styles)) == 8
    for file in ("study.css", "study.js", "formula.js", "htmx.min.js", "mathlive.min.js", *fonts):
        assert learner.browser.get(f"/assets/{file}").status_code == 200


@pytest.mark.parametrize("path", ["/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/licences", "/assets/x.css"])
def test_only_assets_are_served(learner: Learner, path: str) -> None:
    assert learner.browser.get(path).status_code == 404


@pytest.mark.parametrize("token", ["", "wrong", "é", "\x00"])
def test_a_form_of_another_site_is_refused(learner: Learner, token: str) -> None:
    learner.meet("convolution/output_side")
    page = learner.browser.post(f"{learner.path}/answer", data={"token": token, "answer": "1"})
    assert page.status_code == 403
    assert not learner.kept()


def test_a_request_that_another_site_caused_is_refused(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.browser.headers["sec-fetch-site"] = "cross-site"
    learner.press("give-up")
    assert learner.page.status_code == 403
    assert not learner.kept()


def test_another_browser_cannot_use_the_token(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.browser.cookies.clear()
    learner.press("give-up")
    assert learner.page.status_code == 403


def test_another_name_of_the_server_is_refused(learner: Learner) -> None:
    assert learner.browser.get("/", headers={"host": "evil.test"}).status_code == 400


def test_ten_megabytes_are_refused(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.press("answer", ("1" * 10_000_000,))
    assert learner.page.status_code == 413
    chunks = (b"answer=" + b"1" * 100_000 for _ in range(100))
    head = {"content-type": "application/x-www-form-urlencoded"}
    page = learner.browser.post(f"{learner.path}/answer", content=chunks, headers=head)
    assert page.status_code == 413


def test_a_place_that_is_not_filled_is_shown_as_one(learner: Learner) -> None:
    learner.meet(FAMILIES["formula"])
    learner.enter(r"\frac{k}{\placeholder{}}+\sqrt{\placeholder{}}")
    assert r"<code>\frac{k}{<mark>□</mark>}+\sqrt{□}</code>" in learner.page.text


def test_a_form_as_large_as_is_read(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    learner.press("answer", ("1" * (guard.LARGEST - 1000),))
    assert learner.page.status_code == 200
    assert 'class="verdict invalid"' in learner.page.text
    learner.press("answer", ("1",) * 20_000)
    assert learner.page.status_code < 500


HOSTILE = ["\x00", "<script>alert(1)</script>", "'; DROP TABLE answer; --", "{{7*7}}", "9" * 3000, "(" * 3000,
           "\u202e1", "1e999999999", "2^2^2^2^2^2", "\\input{/etc/passwd}", "__import__('os')", "💥" * 300]  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_hostile_answers_are_answered_in_words(learner: Learner, family: str) -> None:
    for hostile in HOSTILE:
        learner.meet(family)
        for entered in ((hostile,), (hostile,) * 9):
            learner.press("answer", entered)
            assert learner.page.status_code == 200, hostile
            assert "<script>alert" not in learner.page.text
            learner.press("echo", entered)
            assert learner.page.status_code == 200, hostile
            assert "<script>alert" not in learner.page.text
            learner.page = learner.browser.get(learner.path)


def test_files_in_forms_and_damaged_ones(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    page = learner.browser.post(f"{learner.path}/answer", files={"answer": ("a.txt", b"1")})
    assert page.status_code in (400, 403)
    head = {"content-type": "multipart/form-data; boundary=x"}
    page = learner.browser.post(f"{learner.path}/answer", content=b"--x\r\nnonsense", headers=head)
    assert page.status_code in (400, 403)


@pytest.mark.parametrize("path", ["/question/none", "/nowhere", "/question/%00", "/next?area=nowhere"])
def test_addresses_that_do_not_exist(learner: Learner, path: str) -> None:
    page = learner.browser.get(path)
    assert page.status_code in (404, 422)
    assert "Traceback" not in page.text


def test_two_answers_to_one_question_are_one(learner: Learner) -> None:
    learner.meet("convolution/output_side")
    path, page = learner.path, learner.page
    learner.solve("-1")
    learner.page, learner.path = page, path
    learner.press("answer", ("7",))
    assert len(learner.kept()) == 1
    assert learner.says("not_right") in learner.text
