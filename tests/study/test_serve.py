"""A class over HTTP: who gets in, what the teacher sees, and that nobody gets at what is another's."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sql
from httpx2 import Response
from starlette.testclient import TestClient

from quizgen import prose
from quizgen.answers import choice, matching, multiple, ordering
from quizgen.bank import Bank
from quizgen.renderers import text
from quizgen.study import classroom, curriculum, mock, planning
from quizgen.study.classroom import Classroom
from quizgen.study.database import ABOUT, NOTES
from quizgen.study.planning import Aim
from quizgen.study.store import Store, Unavailable, sqlite
from quizgen.study.web import app, guard, pace, pages, questions
from quizgen.study.web import classroom as web
from quizgen.study.web import teacher as office
from quizgen.study.web.classroom import Class
from quizgen.values import Part
from tests.study.answered import answer

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BANK = Bank()
COURSE = curriculum.read(BANK)
EXAM = """
title = {en = "Mine", zh = "自编"}
[online]
minutes = 30
[[section]]
[[section.question]]
id = "side"
family = "convolution/output_side"
points = 4
"""
SCRIPT = '<script>alert("x")</script>'


class Browser:
    """Somebody's browser."""

    def __init__(self, server: "Server", secure: bool = False) -> None:
        base = "https://study.test" if secure else "http://testserver"
        self.server = server
        self.client = TestClient(server.app, base, raise_server_exceptions=False, client=("10.0.0.1", 50000))
        self.page: Response = self.client.get("/join")

    @property
    def text(self) -> str:
        """What the page says."""
        return unescape(self.page.text)

    @property
    def path(self) -> str:
        """Where the page is."""
        return self.page.url.path

    def go(self, path: str) -> Response:
        """Asks for a page."""
        self.page = self.client.get(path)
        return self.page

    def send(self, path: str, /, **fields: str | list[str]) -> Response:
        """Sends a form."""
        token = re.search(r'name="token" value="([^"]+)"', self.client.get("/join").text)
        assert token
        self.page = self.client.post(path, data={"token": token[1], **fields})
        return self.page

    def join(self, name: str, code: str = "") -> Response:
        """Joins the class."""
        return self.send("/join", name=name, code=code or self.server.room.secrets.join)

    def meet(self, family: str = "convolution/output_side") -> str:
        """Has a question of a family laid before the learner: the address."""
        session = self.server.session(self)
        unit = next(unit for unit in COURSE.units() if unit.family == family)
        path = f"/question/{self.server.site.desk.put(session, session.ask(unit))}"
        assert self.go(path).status_code == 200
        return path


class Server:
    """The class of a store, at noon until somebody says otherwise."""

    def __init__(self, store: Store) -> None:
        self.now = NOON
        self.store = store
        self.room = Classroom(store)
        self.site = Class(self.room, COURSE, course="Deep learning", clock=lambda: self.now)
        self.app = self.site.app(("testserver",), secure="study.test")

    def browser(self, name: str = "", secure: bool = False) -> Browser:
        """A browser, of a learner who has just joined if there is a name."""
        found = Browser(self, secure)
        if name:
            assert found.join(name).url.path == "/"
        return found

    def teacher(self) -> Browser:
        """The teacher's browser."""
        found = Browser(self)
        assert found.go(f"/teacher?key={self.room.secrets.teacher}").url.path == "/teacher"
        return found

    def session(self, browser: Browser) -> Any:
        """The session to which a browser's cookie belongs."""
        number, _, key = self.site.tokens.unsigned(browser.client.cookies[web.COOKIE]).partition(".")
        return self.site.sessions.find(int(number), key)

    def kept(self, learner: str = "") -> list[Any]:
        """Everything that is kept of learners, or of one."""
        with self.store.engine.connect() as connection:
            notes = list(connection.execute(sql.select(NOTES).order_by(NOTES.c.learner, NOTES.c.key)))
        return [
            (
                number,
                name,
                list(self.store.answers(number)),
                self.store.cards(number),
                [(key, value) for of, key, value in notes if of == number],
            )
            for number, name in self.store.numbered().items()
            if name == learner or not learner
        ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(sqlite(tmp_path / "class.db")) as found:
        yield found


@pytest.fixture
def server(store: Store) -> Server:
    return Server(store)


def say(name: str, **values: Any) -> str:
    return pages.Say("en")(name, **values)


# Joining.


def test_who_has_the_code_joins_and_answers(server: Server) -> None:
    ann = server.browser("Ann")
    assert "Deep learning" in ann.text
    ann.go("/next")
    ann.send(f"{ann.path}/give-up")
    assert say("given_up") in ann.text
    assert [name for _, name, answers, *_ in server.kept() if len(answers) == 1] == ["Ann"]


def test_the_code_may_be_typed_in_any_way(server: Server) -> None:
    code = server.room.secrets.join
    for number, typed in enumerate([code.lower(), code.replace("-", " "), f" {code} ", code.replace("-", "－")]):
        assert server.browser().join(f"learner {number}", typed).url.path == "/"


@pytest.mark.parametrize("code", ["ABCD-EFGH", "", "é", "\x00", "A" * 5000])
def test_without_the_code_nobody_joins(server: Server, code: str) -> None:
    stranger = server.browser()
    stranger.send("/join", name="Eve", code=code)
    assert stranger.page.status_code == 403
    assert say("refused_code") in stranger.text
    assert not server.store.learners()


@pytest.mark.parametrize("name", ["Ann", "ann", " Ann ", "ANN", "Ａnn"])
def test_a_taken_name_is_refused_with_a_way_out(server: Server, name: str) -> None:
    server.browser("Ann")
    stranger = server.browser()
    assert stranger.join(name).status_code == 409
    assert say("refused_taken_why") in stranger.text
    assert f'value="{name}"' in stranger.page.text
    assert server.store.learners() == ["Ann"]
    assert web.COOKIE not in stranger.client.cookies


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb\x07", "\u202eevil", "\x00"])
def test_what_is_no_name_is_refused(server: Server, name: str) -> None:
    stranger = server.browser()
    assert stranger.join(name).status_code == 422
    assert say("refused_name_why") in stranger.text
    assert not server.store.learners()


def test_a_class_has_a_largest_size(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.browser("Ann")
    monkeypatch.setattr(classroom, "MOST", 1)
    stranger = server.browser()
    assert stranger.join("Ben").status_code == 422
    assert say("refused_full") in stranger.text


def test_names_are_data_everywhere(server: Server) -> None:
    ann = server.browser(SCRIPT)
    path = ann.meet()
    ann.send(f"{path}/answer", answer="-1")
    ann.send(f"{path}/object", remark=SCRIPT)
    teacher = server.teacher()
    for page in (ann.go("/"), ann.go("/you"), teacher.go("/teacher"), teacher.go("/teacher/learner/1"),
                 teacher.send("/teacher/learner/1/code"), server.browser().join(SCRIPT)):  # fmt: skip
        assert "<script>alert" not in page.text
        assert SCRIPT in unescape(page.text) or page.url.path == "/"


def test_a_link_brings_the_code(server: Server) -> None:
    stranger = server.browser()
    stranger.go("/join?code=ABCD-%22%3E%3Cb%3E")
    assert 'value="ABCD-&#34;&gt;&lt;b&gt;"' in stranger.page.text
    ann = server.browser("Ann")
    assert ann.go("/join?code=ABCD").url.path == "/"


def test_both_languages(server: Server) -> None:
    zh = server.browser()
    zh.client.headers["accept-language"] = "zh-CN,zh;q=0.9"
    zh.go("/join")
    assert pages.Say("zh")("join", course="Deep learning") in zh.text
    zh.join("王喆")
    assert "王喆" in zh.go("/you").text


# Cookies.


def test_cookies_cannot_be_read_by_scripts_and_are_secure_behind_https(server: Server) -> None:
    for secure in (False, True):
        joining = server.browser(secure=secure)
        joining.client.follow_redirects = False
        joined = joining.join(f"learner {secure}")
        cookies = [line.lower() for line in joined.headers.get_list("set-cookie")]
        assert any(web.COOKIE in line for line in cookies)
        for line in cookies:
            assert "httponly" in line
            assert "samesite=lax" in line
            assert ("secure" in line) == secure


def test_a_server_that_starts_anew_knows_its_learners(server: Server, store: Store) -> None:
    ann = server.browser("Ann")
    path = ann.meet()
    again = Server(store)
    assert again.room.secrets == server.room.secrets
    other = Browser(again)
    other.client.cookies = ann.client.cookies
    assert other.go(path).status_code == 200
    assert other.send(f"{path}/give-up").status_code == 200


def test_new_codes_leave_learners_as_they_are(server: Server, store: Store) -> None:
    ann, teacher = server.browser("Ann"), server.teacher()
    server.room = server.site.classroom = Classroom(store, renew=True)
    other = Class(server.room, COURSE, clock=lambda: NOON)
    server.app = other.app(("testserver",))
    for browser, path in ((ann, "/"), (teacher, "/teacher")):
        anew = Browser(server)
        anew.client.cookies = browser.client.cookies
        anew.go(path)
        assert (say("teacher_how") in anew.text) == (path == "/teacher"), "the old link is worth nothing"
        assert anew.path == path


def forgeries(server: Server) -> dict[str, str]:
    """Cookies that are not, or not any more, those of a learner."""
    ann, old = server.browser("Ann"), server.browser("Old")
    good = ann.client.cookies[web.COOKIE]
    stale = old.client.cookies[web.COOKIE]
    server.site.forget(server.session(old).learner)
    return {
        "deleted": stale,
        "changed": f"{good[:-5]}{'A' if good[-5] != 'A' else 'B'}{good[-4:]}",
        "unsigned": "1.key",
        "empty": "",
        "another number": server.site.tokens.signed(f"2.{server.site.tokens.unsigned(good).partition('.')[2]}"),
        "no number": server.site.tokens.signed("x.y"),
        "of another server": guard.Tokens("x").signed(server.site.tokens.unsigned(good)),
    }


def test_a_forged_or_stale_cookie_leads_to_joining(server: Server) -> None:
    for name, cookie in forgeries(server).items():
        stranger = server.browser()
        stranger.client.cookies.set(web.COOKIE, cookie, domain="testserver.local", path="/")
        for path in ("/", "/next", "/you"):
            assert stranger.go(path).url.path == "/join", f"{name}, {path}"


def test_who_is_new_does_not_inherit_what_a_deleted_learner_had(server: Server) -> None:
    ann = server.browser("Ann")
    path = ann.meet()
    ann.send(f"{path}/give-up")
    server.site.forget(server.session(ann).learner)
    again = server.browser("Ann")
    assert again.go(path).status_code == 404
    assert ann.go("/").url.path == "/join", "even if the number is given out again"
    assert [len(answers) for _, _, answers, *_ in server.kept()] == [0]


def test_leaving_a_browser(server: Server) -> None:
    ann = server.browser("Ann")
    assert ann.send("/leave").url.path == "/join"
    assert ann.go("/").url.path == "/join"
    assert server.store.learners() == ["Ann"]
    assert ann.join("Ann").status_code == 409, "who comes next is not taken for Ann"


def test_who_joins_twice_because_the_answer_was_lost_is_let_in(server: Server) -> None:
    ann = server.browser("Ann")
    key = ann.client.cookies[web.COOKIE]
    del ann.client.cookies[web.COOKIE]
    assert ann.join("ann").url.path == "/"
    assert ann.client.cookies[web.COOKIE] == key
    assert server.store.learners() == ["Ann"]
    assert server.browser().join("Ann").status_code == 409, "another browser is not"
    del ann.client.cookies[web.COOKIE]
    server.now += classroom.VALID + timedelta(seconds=1)
    assert ann.join("Ann").status_code == 409


# Strangers and other learners.

ADDRESSES = [*((path, "GET") for path in app.PAGES), *((path, "POST") for path in app.FORMS), ("/you", "GET")]


@pytest.mark.parametrize("address", ADDRESSES, ids=str)
def test_a_stranger_gets_nothing(server: Server, address: tuple[str, str]) -> None:
    path, method = address
    name = server.browser("Ann").meet().rpartition("/")[2]
    before = server.kept()
    stranger = server.browser()
    path = path.replace("{name}", name).replace("{action}", "give-up").replace("{number}", "1")
    stranger.go(path) if method == "GET" else stranger.send(path, answer="1")
    assert stranger.path == "/join"
    assert server.kept() == before


@pytest.mark.parametrize("answered", [False, True], ids=["open", "answered"])
def test_the_question_of_another_is_not_there(server: Server, answered: bool) -> None:
    ann, ben = server.browser("Ann"), server.browser("Ben")
    mine = ann.meet()
    if answered:
        ann.send(f"{mine}/answer", answer="-1")
    before, shown = server.kept(), without_token(ann.go(mine).text)
    code = re.search(r"<code>([^<]+)</code>", ann.page.text)
    assert code
    fields = {"answer": "1", "rating": "easy", "remark": "not mine", "move": "1 up"}
    for action in (*questions.STEPS, *questions.WAYS, "echo", ""):
        ben.send(f"{mine}/{action}", **fields) if action else ben.go(mine)
        assert ben.page.status_code == 404 or ben.page.text == ""
        assert code[1] not in ben.page.text
    assert server.kept() == before
    assert without_token(ann.go(mine).text) == shown


def without_token(page: str) -> str:
    return re.sub(r'name="token" value="[^"]+"', "", page)


def at_work(server: Server, ann: Browser) -> str:
    """Ann has answered, made mistakes and remarks, planned, handed an exam in and begun another: her question."""
    session = server.session(ann)
    for number in range(40):
        given = answer(number, "convolution/output_side", "again", remark="no!")
        server.store.record(session.learner, given)
    planning.keep(session, Aim(NOON.date() + timedelta(days=12), 45, ("convolution",)), NOON)
    mock.finish(session, mock.begin(session, EXAM.encode(), "mine.toml", NOON), NOON)
    mock.begin(session, EXAM.encode(), "mine.toml", server.now)
    path = ann.meet()
    ann.send(f"{path}/answer", answer=slip(server, ann))
    return path


def slip(server: Server, browser: Browser) -> str:
    """What is typed by somebody who makes the first mistake that the question knows."""
    page = server.site.desk.find(server.session(browser), browser.path.rpartition("/")[2])
    assert page
    part = page.sheet.question.item.parts[0]
    return part.key.notations(part.mistakes[0].value)[0]


def test_nothing_that_one_learner_does_shows_to_another(server: Server) -> None:
    """Whatever pages there are: what Ben sees is the same before and after Ann has worked."""
    ann, ben = server.browser("Ann"), server.browser("Ben")
    looked = [path.replace("{number}", "1") for path in app.PAGES if "{name}" not in path and not path.endswith("next")]
    before = {path: without_token(ben.go(path).text) for path in looked}
    hers = {path: without_token(ann.go(path).text) for path in looked}
    at_work(server, ann)
    assert {path: without_token(ben.go(path).text) for path in looked} == before
    now = {path: without_token(ann.go(path).text) for path in looked}
    assert {"/", "/plan", "/weak", "/statistics", "/exam"} <= {path for path in looked if now[path] != hers[path]}


def test_nothing_that_one_learner_sends_changes_what_is_anothers(server: Server) -> None:
    ann, ben = server.browser("Ann"), server.browser("Ben")
    name = at_work(server, ann).rpartition("/")[2]
    before = server.kept("Ann")
    fields = {"answer": "1", "exam": "mine.toml", "day": "2026-12-24", "minutes": "30", "sure": "yes", "remark": "x"}
    for path in app.FORMS:
        ben.send(path.replace("{number}", "1").replace("{name}", name).replace("{action}", "undo"), **fields)
        assert ben.page.status_code < 500, path
    assert server.kept("Ann") == before


def test_files_of_the_server_are_not_read(server: Server, tmp_path: Path) -> None:
    """Who practises alone may name a blueprint of their own; in a class that would be the server's."""
    file = tmp_path / "mine.toml"
    file.write_text(EXAM, encoding="utf-8")
    ann = server.browser("Ann")
    for path in (str(file), "/etc/passwd", "~root/x"):
        assert ann.go(f"/exam/start?path={path}").url.path == "/exam"
        assert ann.send("/exam/begin", path=path).url.path == "/exam"
        assert path not in ann.text
    assert mock.current(server.session(ann)) is None


def test_forms_need_a_token_of_ours(server: Server) -> None:
    ann, teacher = server.browser("Ann"), server.teacher()
    path = ann.meet()
    forms = [f"{path}/give-up", "/join", "/leave", "/settings"]
    for browser, paths in ((ann, forms), (teacher, ["/teacher/leave", "/teacher/learner/1/code",
                                                   "/teacher/learner/1/delete", "/teacher"])):  # fmt: skip
        for form in paths:
            for token in ("", "wrong", "é"):
                fields = {"token": token, "sure": "yes", "name": "Eve", "code": server.room.secrets.join}
                assert browser.client.post(form, data=fields).status_code == 403, form
            browser.client.headers["sec-fetch-site"] = "cross-site"
            assert browser.send(form, sure="yes").status_code == 403, form
            del browser.client.headers["sec-fetch-site"]
    assert server.store.learners() == ["Ann"]
    assert not list(server.store.answers(1))


# Keys.

MARKED = (choice.Choice, matching.Matching, multiple.Multiple, ordering.Ordering)


def telling(part: Part, shown: str) -> set[str]:
    """What would tell the answer to a part, or a mistake in it, and stands nowhere in its question."""
    if isinstance(part.key, MARKED):
        return {mistake.name for mistake in part.mistakes}
    values = [part.key.right, *(mistake.value for mistake in part.mistakes)]
    found = {notation for value in values for notation in part.key.notations(value)}
    return {it for it in found if len(it) > 3 and it not in shown} | {mistake.name for mistake in part.mistakes}


def test_no_page_tells_a_key_or_a_mistake_before_the_verdict(server: Server) -> None:
    ann = server.browser("Ann")
    session, told = server.session(ann), 0
    for unit in {unit.family: unit for unit in COURSE.units()}.values():
        question = session.ask(unit)
        path = f"/question/{server.site.desk.put(session, question)}"
        words = prose.words(question.item, "en", BANK.templates)
        asks = [words.prompt(), *(words.ask(part) for part in question.item.parts)]
        shown = " ".join(text.render(document) for document in asks if document)
        secrets = set[str]().union(*(telling(part, shown) for part in question.item.parts))
        server.now += timedelta(minutes=1)
        for page in (ann.go(path), ann.send(f"{path}/echo", answer="17"), ann.send(f"{path}/answer", answer="(")):
            assert page.status_code == 200
            said = unescape(without_token(page.text))
            assert not [it for it in secrets if re.search(rf"(?<![\w.]){re.escape(it)}(?![\w.])", said)], unit.id
        told += len(secrets)
    assert told > 300, "there is something to be told"


# Another browser.


def test_a_code_of_the_teacher_lets_a_learner_into_another_browser_once(server: Server) -> None:
    ann, teacher = server.browser("Ann"), server.teacher()
    path = ann.meet()
    teacher.send("/teacher/learner/1/code")
    found = re.search(r"<code><b>([^<]+)</b></code>", teacher.page.text)
    assert found
    assert found[1] not in teacher.go("/teacher/learner/1").text, "it is shown once"
    other = server.browser()
    assert other.join("Ben", found[1]).status_code == 403, "it is Ann's"
    assert other.join("ann", found[1]).url.path == "/"
    assert other.go(path).status_code == 200
    assert ann.go("/").url.path == "/", "the first browser stays in"
    assert server.browser().join("Ann", found[1]).status_code == 403
    assert server.store.learners() == ["Ann"]


def test_a_code_of_the_teacher_expires(server: Server) -> None:
    server.browser("Ann")
    code = server.room.issue(1, server.now)
    server.now += classroom.VALID
    assert server.browser().join("Ann", code).status_code == 403
    server.now -= timedelta(seconds=1)
    assert server.browser().join("Ann", code).url.path == "/"


def test_only_the_last_code_is_good(server: Server) -> None:
    server.browser("Ann")
    first, second = server.room.issue(1, NOON), server.room.issue(1, NOON)
    assert server.browser().join("Ann", first).status_code == 403
    assert server.browser().join("Ann", second).url.path == "/"


def test_codes_are_kept_as_digests(server: Server, tmp_path: Path) -> None:
    server.browser("Ann")
    code = server.room.issue(1, NOON)
    for file in tmp_path.iterdir():
        assert code.encode() not in file.read_bytes()
        assert classroom.plain(code).encode() not in file.read_bytes()


# The teacher.


@pytest.mark.parametrize("path", ["/teacher/learners.csv", "/teacher/answers.csv", "/teacher/learner/1"])
def test_the_teachers_pages_are_the_teachers(server: Server, path: str) -> None:
    ann = server.browser("Ann")
    for cookie in ("", "teacher", server.site.tokens.signed("teacher.x"), ann.client.cookies[web.COOKIE]):
        ann.client.cookies.set(office.COOKIE, cookie, domain="testserver.local", path="/")
        ann.go(path)
        assert ann.path == "/teacher"
        assert say("teacher_how") in ann.text
        assert server.room.secrets.join not in ann.text
    for form in ("/teacher/learner/1/delete", "/teacher/learner/1/code"):
        ann.send(form, sure="yes")
        assert say("teacher_how") in ann.text
    assert server.store.learners() == ["Ann"]
    assert server.store.note(1, classroom.REJOIN) is None


def test_the_teachers_key_by_link_or_by_form(server: Server) -> None:
    teacher = server.browser()
    assert teacher.go("/teacher?key=wrong").status_code == 403
    assert say("teacher_wrong") in teacher.text
    assert teacher.send("/teacher", key=server.room.secrets.teacher).status_code == 200
    assert server.room.secrets.join in teacher.text
    assert server.room.secrets.teacher not in teacher.page.text
    assert teacher.send("/teacher/leave").url.path == "/teacher"
    assert say("teacher_how") in teacher.text


def test_the_teacher_leaves_by_the_evening(server: Server) -> None:
    teacher = server.teacher()
    cookie = teacher.client.cookies[office.COOKIE]
    for hours, is_in in ((23, True), (2, False)):
        server.now += timedelta(hours=hours)
        anew = server.browser()
        anew.client.cookies.set(office.COOKIE, cookie, domain="testserver.local", path="/")
        assert (server.room.secrets.join in anew.go("/teacher").text) == is_in


def test_the_overview_tells_how_the_class_does(server: Server) -> None:
    teacher = server.teacher()
    assert say("class_nobody") in teacher.text
    ann, ben = server.browser("Ann"), server.browser("Ben")
    for browser in (ann, ben):
        path = browser.meet()
        browser.send(f"{path}/answer", answer=slip(server, browser))
    ben.send(f"{path}/object", remark="2 + 2 = 5")
    server.now += office.FRESH
    teacher.go("/teacher")
    assert "<b>2</b> learners" in teacher.text
    assert "<b>2</b> answers today" in teacher.text
    assert "2 + 2 = 5" in teacher.text
    shown = re.search(r"<h1 class=\"code\">\w+ (<code>[^<]+</code>)", ben.go(path).text)
    assert shown
    assert shown[1] in teacher.page.text, "the code that Ben saw"
    assert say("class_made_by", n=2) in teacher.text
    assert "Convolution" in teacher.text
    server.now += timedelta(days=1)
    assert "<b>0</b> answers today" in server.teacher().text


def test_tables_for_spreadsheets_run_nothing(server: Server) -> None:
    ann = server.browser('=HYPERLINK("http://evil.test")')
    path = ann.meet()
    ann.send(f"{path}/answer", answer="-7")
    for remark in ("@SUM(1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1"):
        ann.send(f"{path}/object", remark=remark)
        table = server.teacher().go("/teacher/answers.csv")
        assert table.headers["content-type"].startswith("text/csv")
        assert "attachment" in table.headers["content-disposition"]
        assert table.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(table.content.decode("utf-8-sig").splitlines()))
        assert [row["answers"] for row in rows] == ["-7"], "a number is a number"
        for cell in (*rows[0].values(), *rows[0]):
            assert not re.match(r"[=@\t\r]|[+-][^\d.]|[+-].*[^\d.]", cell), cell
        assert rows[0]["learner"] == '\'=HYPERLINK("http://evil.test")'
    server.now += office.FRESH
    rows = list(csv.DictReader(server.teacher().go("/teacher/learners.csv").content.decode("utf-8-sig").splitlines()))
    assert [(row["learner"][0], row["answers"]) for row in rows] == [("'", "1")]


def test_a_learner_is_deleted_when_it_has_been_said_twice(server: Server) -> None:
    ann, teacher = server.browser("Ann"), server.teacher()
    server.browser("Ben")
    ann.send(f"{ann.meet()}/give-up")
    server.now += office.FRESH
    teacher.send("/teacher/learner/1/delete")
    assert teacher.page.status_code == 422
    assert say("delete_unsure") in teacher.text
    assert len(list(server.store.answers(1))) == 1
    assert teacher.send("/teacher/learner/1/delete", sure="yes").url.path == "/teacher"
    assert server.store.learners() == ["Ben"]
    assert "Ann" not in teacher.text
    assert ann.go("/").url.path == "/join"


@pytest.mark.parametrize("number", ["99", "9" * 40, "0"])
def test_learners_who_do_not_exist(server: Server, number: str) -> None:
    teacher = server.teacher()
    assert teacher.go(f"/teacher/learner/{number}").status_code == 404
    assert teacher.send(f"/teacher/learner/{number}/code").status_code == 404
    assert teacher.send(f"/teacher/learner/{number}/delete", sure="yes").status_code == 404


# Pace.


def test_guesses_become_slow(server: Server) -> None:
    stranger = server.browser()
    tries = [stranger.join("Eve", "ABCD-EFGH").status_code for _ in range(server.site.wrong.burst + 1)]
    assert tries == [403] * server.site.wrong.burst + [429]
    assert int(stranger.page.headers["retry-after"]) > 0
    assert say("message_slow") in stranger.text
    assert stranger.join("Eve").status_code == 429, "the right code is not tried either"
    assert stranger.go(f"/teacher?key={server.room.secrets.teacher}").status_code == 429
    server.now += timedelta(seconds=int(stranger.page.headers["retry-after"]))
    assert stranger.join("Eve").url.path == "/"


def test_a_class_behind_one_address_joins_at_once(server: Server) -> None:
    for number in range(100):
        assert server.browser().join(f"learner {number}").url.path == "/"


def test_who_joins_without_end_is_slowed_down(server: Server) -> None:
    server.site.joins = pace.Limit(burst=3, seconds=60)
    tries = [server.browser().join(f"learner {number}").status_code for number in range(4)]
    assert tries == [200, 200, 200, 429]
    assert len(server.store.learners()) == 3


def test_a_learner_who_answers_without_end_is_slowed_down(server: Server) -> None:
    ann, ben = server.browser("Ann"), server.browser("Ben")
    path, statuses = ann.meet(), list[int]()
    while 429 not in statuses and len(statuses) < 1000:
        statuses.append(ann.send(f"{path}/echo", answer="1").status_code)
    assert 20 < len(statuses) < 200
    assert ann.page.headers["retry-after"] == "1"
    ann.send(f"{path}/give-up")
    assert say("message_slow") in ann.text
    assert not list(server.store.answers(1))
    assert ben.go("/").status_code == 200
    server.now += timedelta(seconds=2)
    assert ann.send(f"{path}/give-up").status_code == 200


def test_a_part_of_a_page_is_not_replaced_by_a_whole_one(server: Server) -> None:
    ann = server.browser("Ann")
    path = ann.meet()
    head = {"hx-request": "true", "hx-target": "echo"}
    server.site.pace = pace.Limit(burst=0, seconds=1)
    page = ann.client.get(path, headers=head)
    assert (page.status_code, page.text) == (429, "")
    del ann.client.cookies[web.COOKIE]
    page = ann.client.get("/next", headers=head)
    assert (page.text, page.headers["hx-redirect"]) == ("", "/join")


def test_a_limit_counts_for_each_forgets_the_oldest_and_survives_clocks() -> None:
    limit = pace.Limit(burst=2, seconds=10)
    assert [limit.take("a", NOON) for _ in range(3)] == [0, 0, 10]
    assert limit.take("b", NOON) == 0
    assert limit.take("a", NOON - timedelta(days=1)) == 10
    assert limit.take("a", NOON - timedelta(days=1) + timedelta(seconds=10)) == 0
    limit.give_back("a")
    assert limit.take("a", NOON) == 0
    for number in range(3 * pace.Limit.MOST):
        limit.take(number, NOON)
    assert len(limit._left) == pace.Limit.MOST


@pytest.mark.parametrize(
    "given, found",
    [("10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("fe80::1%eth0", "fe80::"), ("x", "x")],
)
def test_a_network_of_ipv6_counts_as_one(given: str, found: str) -> None:
    request: Any = type("R", (), {"client": type("C", (), {"host": given})})
    assert pace.address(request) == found


def test_memory_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.Sessions, "MOST", 3)
    browsers = [server.browser(f"learner {number}") for number in range(6)]
    assert len(server.site.sessions._found) == 3
    assert all(browser.go("/").url.path == "/" for browser in browsers)


# Names of the server.


@pytest.mark.parametrize(
    "host, status",
    [("testserver", 200), ("study.test", 200), ("STUDY.TEST:443", 200), ("192.168.1.5:8765", 200), ("[::1]:80", 200),
     ("evil.test", 400), ("", 400), ("testserver.evil.test", 400), ("<script>", 400)],
)  # fmt: skip
def test_the_server_answers_to_its_names_and_numbers(server: Server, host: str, status: int) -> None:
    page = server.browser().client.get("/join", headers={"host": host})
    assert page.status_code == status
    assert status == 200 or page.headers["content-type"].startswith("text/plain")


# Trouble.

ODD = [
    "\x00",
    "\ud7ff\u202e",
    "'; DROP TABLE learner; --",
    "{{ 123456 * 10 }}",
    "%s%n",
    "9" * 100_000,
    "💥" * 300,
    "a\r\nb: c",
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_input_is_answered_in_words(server: Server, odd: str) -> None:
    stranger, ann, teacher = server.browser(), server.browser("Ann"), server.teacher()
    asked = [f"{path}={quote(odd)}" for path in ("/join?code", "/teacher?key") if len(odd) < 1000]
    pages = [stranger.join(odd), stranger.join("Ben", odd), stranger.send("/teacher", key=odd),
             ann.send("/settings", lang=odd, theme=odd), teacher.send("/teacher/learner/1/delete", sure=odd),
             *map(stranger.go, asked)]  # fmt: skip
    for page in pages:
        assert page.status_code < 500
        assert "1234560" not in page.text
    assert set(server.store.learners()) - {" ".join(odd.split())} == {"Ann"}


def test_large_forms_are_refused_before_anybody_is_asked_for(server: Server) -> None:
    stranger = server.browser()
    for path in ("/join", "/teacher", "/leave"):
        assert stranger.client.post(path, data={"name": "x" * 10_000_000}).status_code == 413


@pytest.mark.parametrize("note", ["nonsense", "{}", "[]", "null", "[" * 5000, '{"key": 1, "joined": "now"}'])
def test_a_damaged_place_in_the_class_is_none(server: Server, store: Store, note: str) -> None:
    ann = server.browser("Ann")
    for key in (classroom.CLASS, classroom.REJOIN):
        store.keep_note(1, key, note)
    assert ann.go("/").url.path == "/join"
    assert ann.join("Ann", "ABCD-EFGH").status_code == 403
    assert ann.join("Ann", server.room.issue(1, NOON)).url.path == "/"
    store.keep_about(classroom.CLASS, note, over=True)
    again = Server(store)
    assert again.room.secrets.join != server.room.secrets.join
    assert Server(store).room.secrets == again.room.secrets


def back_in(server: Server, browser: Browser) -> Response:
    """The page that a browser of before gets from a server that has started anew."""
    found = Browser(server)
    found.client.cookies = browser.client.cookies
    return found.go("/")


def test_a_damaged_file_costs_no_answers(server: Server, store: Store, tmp_path: Path) -> None:
    ann = server.browser("Ann")
    for _ in range(3):
        ann.go("/next")
        ann.send(f"{ann.path}/give-up")
        server.now += timedelta(minutes=1)
    store.close()
    file = tmp_path / "class.db"
    with file.open("r+b") as data:
        data.write(b"\xa5" * 4096)
    with Store(sqlite(file)) as mended:
        assert mended.rescued
        again = Server(mended)
        assert back_in(again, ann).url.path == "/", "what is kept of the class could be read as well"
        assert len(list(mended.answers(1))) == 3
        with mended.engine.begin() as connection:
            connection.execute(ABOUT.delete().where(ABOUT.c.key == classroom.CLASS))
            connection.execute(NOTES.delete())
    with Store(sqlite(file)) as poor:  # and if that could not be read
        again = Server(poor)
        assert again.room.secrets.join != server.room.secrets.join
        assert back_in(again, ann).url.path == "/join"
        assert again.browser().join("Ann").status_code == 409
        back = again.browser()
        assert back.join("Ann", again.room.issue(1, NOON)).url.path == "/"
        assert len(list(poor.answers(1))) == 3


def test_a_database_out_of_reach_is_told_without_its_address(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    ann = server.browser("Ann")
    path = ann.meet()

    def refuse(*_: object) -> Callable[..., Any]:
        raise Unavailable("no connection to db.internal", str(tmp_path))

    monkeypatch.setattr(server.store, "record", refuse)
    ann.send(f"{path}/give-up")
    assert ann.page.status_code == 503
    assert say("message_unavailable") in ann.text
    assert str(tmp_path) not in ann.text
    assert "db.internal" in caplog.text


def test_a_learner_deleted_while_answering_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = server.browser("Ann")
    path = ann.meet()
    monkeypatch.setattr(server.room, "is_member", lambda *_: True)
    server.store.forget(1)
    ann.send(f"{path}/give-up")
    assert ann.page.status_code == 422
    assert "deleted" in ann.text
    assert not server.store.learners()
