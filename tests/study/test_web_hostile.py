"""What means harm, sent over HTTP to a server at work: a page or a refusal, soon, and the next who asks is answered."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from urllib.parse import urlencode

import pytest

from quizgen import answers
from quizgen.answers import read_key
from quizgen.bank import Bank
from quizgen.study.store import Store, sqlite
from quizgen.study.web import guard
from quizgen.values import Key, exact
from tests.corpus import hostile
from tests.study.browsing import Site
from tests.study.screens import WRITTEN, write

SLOWEST = 3.0
"""Seconds in which a page comes on a machine where others work."""
SOON = 1.0
"""Seconds in which the next one who asks is answered."""
WORK = "written"
KINDS = {str(key["kind"]): name for name, key in reversed(hostile.KEYS.items())} | {"written": WORK}
"""A key of each kind."""
READ = 5000
"""Characters of a long row that are sent to every kind: all of it is too large, whatever it is about."""
TURNS = 4
"""Of so many rows one is looked at on its page, and one in the echo; all are graded."""


def written(name: str) -> tuple[str, str]:
    """A key of the corpus as a family states it: its kind and options, and its value."""
    key: Key = read_key(exact(hostile.KEYS[name]))
    given = {option: getattr(key, option) for option in hostile.KEYS[name] if option not in ("kind", "value")}
    options = "".join(f", {option}={value!r}" for option, value in given.items())
    kind = type(key).__name__
    value = key.right if kind == "Text" else getattr(key, "value", key.right)
    return f'{{"only": answer.{kind}("right"{options})}}', repr(value)


@dataclass
class Stranger:
    """Somebody with a program that speaks HTTP, and the cookies and the token of a learner."""

    site: Site
    open: HTTPConnection = field(init=False)
    head: dict[str, str] = field(default_factory=dict)
    token: str = ""
    slowest: float = 0

    def __post_init__(self) -> None:
        self.open = HTTPConnection(self.site.address.partition("//")[2], timeout=20)
        status, page, head = self.ask("/")
        assert status == 200
        self.head = {"cookie": head["set-cookie"].partition(";")[0]}
        self.token = page.partition('name="token" value="')[2].partition('"')[0]

    def ask(self, path: str, body: bytes | None = None, **head: str) -> tuple[int, str, dict[str, str]]:
        """The status, the page and the headers of an answer."""
        start = time.perf_counter()
        kind = {} if body is None else {"content-type": "application/x-www-form-urlencoded"}
        try:
            self.open.request("GET" if body is None else "POST", path, body, {**self.head, **kind, **head})
            answer = self.open.getresponse()
            page = answer.read().decode()
        except BaseException:
            self.open.close()
            raise
        self.slowest = max(self.slowest, time.perf_counter() - start)
        return answer.status, page, {name.lower(): value for name, value in answer.getheaders()}

    def form(self, *entered: str) -> bytes:
        """A form with what was entered, whatever it is."""
        pairs = [("token", self.token), *(("answer", one) for one in entered)]
        return urlencode(pairs, errors="surrogatepass").encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    for name in hostile.KEYS:
        write(folder, f"k_{name}", *written(name))
    write(folder, f"k_{WORK}", f'{{"only": {WRITTEN[0]}}}', WRITTEN[1])
    with Store(sqlite(folder / "study.db")) as store, closing(Site(store, Bank([folder]))) as found:
        yield found


@pytest.fixture
def stranger(site: Site) -> Iterator[Stranger]:
    found = Stranger(site)
    with closing(found.open):
        yield found


def rows(name: str) -> Iterator[str]:
    """What is typed for one key: its own rows, and for one key of each kind those for all."""
    for row in hostile.ROWS:
        if row.key == name or (row.key == "*" and name in KINDS.values()):
            yield row.typed[:READ]


def test_every_kind_of_answer_is_tried() -> None:
    assert KINDS.keys() == answers.kinds().keys()


@pytest.mark.parametrize("name", [*hostile.KEYS, WORK])
def test_every_row_of_the_corpus(site: Site, stranger: Stranger, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = site.lay(f"kinds/k_{name}")
    for turn, typed in enumerate(rows(name)):
        form = stranger.form(typed)
        status, page, _ = stranger.ask(f"{path}/answer", form)
        assert status == 303, f"{typed[:80]!r}: {status} {page[-300:]}"
        found = site.study.desk.find(site.study.session, path.rpartition("/")[2])
        assert found is not None
        assert not found.sheet.is_right, typed[:80]
        for at, where, sent in ((0, path, None), (1, f"{path}/echo", form)):
            if turn % TURNS == at:
                status, page, _ = stranger.ask(where, sent)
                assert status == 200, f"{typed[:80]!r}: {status} {page[-300:]}"
                assert "Traceback" not in page
                assert 'class="verdict right"' not in page, typed[:80]
        if found.sheet.outcome is not None:
            site.study.session.undo(found.sheet.outcome.number)  # many answers are read for the next question
            path = site.lay(f"kinds/k_{name}")
    assert stranger.slowest < SLOWEST
    assert "Traceback" not in capfd.readouterr().err


def test_what_is_too_large_is_refused_whatever_it_is_about(site: Site, stranger: Stranger) -> None:
    long = [row.typed for row in hostile.ROWS if row.key == "*" and len(row.typed) > guard.LARGEST]
    assert len(long) >= len(KINDS)
    for name, typed in zip(cycle(KINDS.values()), long, strict=False):
        path = site.lay(f"kinds/k_{name}")
        status, _, _ = stranger.ask(f"{path}/answer", stranger.form(typed))
        assert status == 413
        found = site.study.desk.find(site.study.session, path.rpartition("/")[2])
        assert found is not None
        assert found.sheet.complaint is None
    assert stranger.slowest < SLOWEST


# What is no answer at all.

BODIES = {
    "10 MB": b"answer=" + b"9" * 10_000_000,
    "20000 fields": b"&".join([b"answer=1"] * 20_000),
    "200000 names": b"&".join(b"%d=" % number for number in range(20_000)),
    "no form": b"\x00\xff\xfe{[(<!--",
    "bad percent signs": b"token=%zz&answer=%&answer=%u0041&answer=%00%ff%c3%28",
    "UTF-16": "token=x&answer=1".encode("utf-16"),
    "empty": b"",
    "only separators": b"&=&;" * 10_000,
    "NUL": b"\x00=\x00&answer=\x00",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/x", ""])
def test_what_is_no_form(site: Site, stranger: Stranger, kind: str, body: bytes) -> None:
    path = site.lay("kinds/k_integer")
    for of_page in (path, ""):
        for act in ("answer", "echo", "hint", "settings", "rate"):
            status, page, _ = stranger.ask(f"{of_page}/{act}", body, **{"content-type": kind})
            assert 400 <= status < 500, f"{act}: {status} {page[-300:]}"
            assert "Traceback" not in page
    assert stranger.ask("/")[0] == 200
    assert stranger.slowest < SLOWEST


@pytest.mark.parametrize(
    "encoded", ["%ff%fe", "%00", "1%00", "%ed%a0%80", "%f4%90%80%80", "\xff", "+" * 1000, "%0d%0a" * 99]
)
def test_answers_in_bad_encodings(site: Site, stranger: Stranger, encoded: str) -> None:
    path = site.lay("kinds/k_matrix")
    body = stranger.form() + b"&answer=" + encoded.encode("latin-1")
    for act in ("answer", "echo", "hint"):
        status, page, _ = stranger.ask(f"{path}/{act}", body)
        assert status in (200, 303, 400), f"{act}: {status} {page[-300:]}"
        assert stranger.ask(path)[0] == 200
        assert "Traceback" not in page


HEADS = {
    "cookie": [
        "=",
        "quizgen",
        "quizgen=;" * 500,
        "a" * 8000,
        "quizgen=\xff\xfe.\xff",
        "lang=../../etc; theme=<b>",
        '"' * 99,
    ],
    "accept-language": ["," * 4000, "zh" * 2000, "\xff", "en;q=nan"],
    "referer": [
        "//evil.test/",
        "javascript:alert(1)",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "\xff" * 99,
        "x" * 8000,
    ],
    "sec-fetch-site": ["cross-site", "\xff", "none, cross-site"],
    "host": ["evil.test", "", "[", "127.0.0.1:abc", "127.0.0.1@evil.test", "a" * 8000],
    "content-length": ["-1", "1e3", "99999999999999999999", "1, 2", "\xb2"],
    "transfer-encoding": ["gzip", "chunked, chunked"],
    "expect": ["100-continue", "nonsense"],
    "range": ["bytes=0-0,1-1,2-2", "bytes=-9999999999", "lines=1"],
    "if-none-match": ["*" * 5000],
    "x": ["y" * 60_000],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in HEADS.items() for value in values])
def test_absurd_headers(site: Site, stranger: Stranger, name: str, value: str) -> None:
    path = site.lay("kinds/k_integer")
    body = b"" if name in ("content-length", "transfer-encoding") else stranger.form("1")
    for way, where, what in (("GET", path, b""), ("POST", f"{path}/answer", body), ("GET", "/assets/study.css", b"")):
        head = {"Host": site.address.partition("//")[2], "Content-Type": "application/x-www-form-urlencoded"}
        head |= {"Cookie": stranger.head["cookie"], "Content-Length": str(len(what)), "Connection": "close"}
        head |= {name.title(): value}
        lines = [f"{way} {where} HTTP/1.1", *(f"{one}: {of}" for one, of in head.items() if of or one == name.title())]
        said = raw(site, "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + what)
        assert b"Traceback" not in said
        status = int(said.split(b" ", 2)[1]) if said else 400  # what is no HTTP at all may be hung up on
        assert status < 500, f"{way} {where}: {said[:300]!r}"
    assert stranger.ask("/")[0] == 200


def raw(site: Site, sent: bytes) -> bytes:
    """What comes back for some bytes."""
    with socket.create_connection(site.socket.getsockname(), timeout=SLOWEST) as found:
        found.sendall(sent)
        said = b""
        with suppress(ConnectionError):
            while piece := found.recv(1 << 16):
                said += piece
                if b"\r\n\r\n" in said and b" 100 Continue" not in said:
                    break
    return said


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00" * 50, b"GET\r\n\r\n", b"A" * 100_000, b"\r\n" * 1000, b"\x00" * 1000]
)
def test_what_is_no_request(site: Site, stranger: Stranger, sent: bytes) -> None:
    with suppress(TimeoutError):
        assert b"Traceback" not in raw(site, sent)
    assert stranger.ask("/")[0] == 200


ADDRESSES = ["/" + "a" * 60_000, "/question/" + "%2e%2e/" * 500, "//evil.test/", "/question/x/answer?" + "a=1&" * 9000,
             "/assets/..%2f..%2fapp.py", "/assets/%00", "/%ff%fe", "/next?area=%00", "/question/%ed%a0%80"]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_absurd_addresses(stranger: Stranger, address: str) -> None:
    for body in (None, stranger.form("1")):
        with suppress(HTTPException, ConnectionError):
            status, page, _ = stranger.ask(address, body)
            assert 400 <= status < 500, f"{status} {page[-300:]}"
            assert "Traceback" not in page
    assert stranger.ask("/")[0] == 200


def test_slow_clients_keep_nobody_waiting(site: Site, stranger: Stranger) -> None:
    path = site.lay("kinds/k_integer")
    head = f"POST {path}/answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n".encode()
    slow = [socket.create_connection(site.socket.getsockname()) for _ in range(60)]
    stop = threading.Event()

    def drip() -> None:
        for number, one in enumerate(slow):
            one.sendall(
                head if number % 3 else head[:20]
            )  # a third of them do not even come to the end of their header
        while not stop.wait(0.2):
            for one in slow:
                with suppress(OSError):
                    one.send(b"a")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        time.sleep(0.5)
        stranger.slowest = 0
        for _ in range(10):
            assert stranger.ask(path)[0] == 200
            assert stranger.ask(f"{path}/answer", stranger.form("what?"))[0] == 303
        assert stranger.slowest < SOON, "others are answered at once"
    finally:
        stop.set()
        dripping.join()
        for one in slow:
            one.close()
    assert stranger.ask("/")[0] == 200


def test_those_who_hang_up_are_forgotten(site: Site, stranger: Stranger, capfd: pytest.CaptureFixture[str]) -> None:
    path = site.lay("kinds/k_integer")
    body = stranger.form("1")
    head = f"POST {path}/answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for end in (10, len(head) - 2, len(head), len(head) + 20, len(head) + len(body)):
        with socket.create_connection(site.socket.getsockname()) as found:
            found.sendall((head + body)[:end])
    assert stranger.ask(path)[0] == 200
    assert "Traceback" not in capfd.readouterr().err
