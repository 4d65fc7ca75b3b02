"""A class at work: many learners answer over HTTP at once, as browsers do, and what the server took for it.

    python tests/bench/load.py [--learners 50] [--seconds 60] [--database sqlite|postgresql]

Each learner joins, then asks for a question, thinks for 1 to 5 seconds (by a seeded generator), has an answer echoed as
a browser does, sends it, reads the verdict, half of the time asks for the solution, and goes on to the next question.
The server has one core where the system lets us say so. What is printed: seconds per request, errors, and whether every
answer whose verdict was shown is in the database. The program fails if one is not.
"""

import argparse
import http.client
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from html import unescape
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from quizgen.study.store import Store, sqlite  # noqa: E402  (found beside this file when it is run)
from tests.study.postgres import server as postgres  # noqa: E402

THINK = (1.0, 5.0)
"""Seconds that a learner thinks, at least and at most."""
DATABASES = ("sqlite", "postgresql")
POSTGRES = Path("/usr/lib/postgresql")
"""Where Debian has its programs; without them only SQLite is measured."""
TOKEN = re.compile(r'name="token" value="([^"]+)"')
FIELDS = re.compile(r'<(input|select)\b[^>]*\bname="answer"[^>]*>')
VALUE = re.compile(r'\bvalue="([^"]*)"')
OPTION = re.compile(r'<option value="([^"]+)"')
TYPED = ("3", "1/2", "0.25", "12", "x + 1", "2^5")


@dataclass
class Seen:
    """What happened: seconds of every request by its kind, what went wrong, answers whose verdict was shown."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    answers: int = 0

    def all(self) -> list[float]:
        """Seconds of all requests."""
        return [one for each in self.seconds.values() for one in each]


class Browser:
    """One learner's connection, with cookies."""

    def __init__(self, port: int, seen: Seen) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.seen = seen
        self.path = "/"
        self.text = ""

    def ask(self, kind: str, path: str, fields: Sequence[tuple[str, str]] | None = None) -> None:
        """One request, and those to which it leads."""
        body = None if fields is None else urlencode([("token", self.token), *fields])
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.seen.seconds[kind].append(time.perf_counter() - start)
        for cookie in response.headers.get_all("set-cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status == 303:
            self.ask(kind if kind == "join" else "page", response.headers["location"])
        elif response.status != 200:
            self.seen.errors.append(f"{response.status} for {path}: {text[:200]}")
        elif kind != "echo":
            self.path, self.text = path, text

    @property
    def token(self) -> str:
        """The token of the page's forms."""
        found = TOKEN.search(self.text)
        return found[1] if found else ""


def learn(browser: Browser, code: str, name: str, random: Random, until: float, think: tuple[float, float]) -> None:
    """What one learner does until the time is over. What went wrong is kept, not raised."""
    try:
        time.sleep(random.uniform(0, think[1]))
        browser.ask("join", "/join")
        browser.ask("join", "/join", [("name", name), ("code", code)])
        while time.monotonic() < until:
            browser.ask("next", "/next")
            answer(browser, random, think)
    except (OSError, http.client.HTTPException) as error:
        browser.seen.errors.append(f"{name}: {error!r}")
    finally:
        browser.connection.close()


def answer(browser: Browser, random: Random, think: tuple[float, float]) -> None:
    """Answers every part of the question that lies open; what cannot be read is given up."""
    path = browser.path
    if not path.startswith("/question/"):
        browser.seen.errors.append(f"no question at {path}")
        return
    while 'id="verdict"' not in browser.text:
        time.sleep(random.uniform(*think))
        entered = list(entries(browser.text, random))
        if "hx-post" in browser.text:
            browser.ask("echo", f"{path}/echo", entered)
        browser.ask("answer", f"{path}/answer", entered)
        if 'id="complaint"' in browser.text:
            browser.ask("answer", f"{path}/give-up", [])
        if browser.path != path:
            browser.seen.errors.append(f"the question is gone: {browser.path}")
            return
    browser.seen.answers += 1
    if f"{path}/solve" in browser.text and random.random() < 0.5:
        browser.ask("solve", f"{path}/solve", [])


def entries(page: str, random: Random) -> Iterator[tuple[str, str]]:
    """Something for every field of a form; of things to choose, one."""
    fields = list(FIELDS.finditer(page))
    boxes = [found for found in fields if 'type="radio"' in found[0] or 'type="checkbox"' in found[0]]
    for found in [random.choice(boxes)] if boxes else fields:
        value = VALUE.search(found[0])
        if found[1] == "select":
            option = OPTION.search(page, found.end())
            yield "answer", unescape(option[1]) if option else ""
        elif boxes or 'type="hidden"' in found[0]:
            yield "answer", unescape(value[1]) if value else ""
        else:
            yield "answer", random.choice(TYPED)


def learners(
    port: int, code: str, count: int, seconds: float, think: tuple[float, float] = THINK, seed: str = "load"
) -> Seen:
    """Many learners at work for a time: all that they saw."""
    each = [Seen() for _ in range(count)]
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=learn,
            args=(Browser(port, seen), code, f"learner {n}", Random(f"{seed}/{n}"), until, think),
        )
        for n, seen in enumerate(each)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = Seen()
    for seen in each:
        for kind, spent in seen.seconds.items():
            together.seconds[kind] += spent
        together.errors += seen.errors
        together.answers += seen.answers
    return together


@contextmanager
def serving(url: str, core: int | None = None, log: Path | None = None) -> Iterator[tuple[int, str]]:
    """A server for a class, on one core if that is named: its port and the code to join."""
    command = [sys.executable, "-m", "quizgen", "serve", "--url", url, "--port", "0", "--new", "1000"]
    with ExitStack() as stack:
        said = stack.enter_context(log.open("w")) if log else subprocess.DEVNULL
        running = stack.enter_context(
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True)
        )
        stack.callback(running.terminate)
        if core is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(running.pid, {core})
        assert running.stdout
        port = urlsplit(running.stdout.readline().split()[2]).port
        code = running.stdout.readline().rpartition("=")[2].strip()
        assert port
        yield port, code


def kept(url: str) -> int:
    """The number of answers in a database."""
    with Store(url) as store:
        return sum(1 for _ in store.all_answers())


@dataclass(frozen=True)
class Figures:
    """What a class took: milliseconds per request (median, 95 %, 99 %, longest), CPU seconds of the server, answers.

    ``kinds`` has the number of requests of a kind with their median, 95 % and longest milliseconds.
    """

    database: str
    requests: int
    milliseconds: tuple[float, float, float, float]
    cpu: float
    answers: int
    kept: int
    errors: list[str]
    kinds: dict[str, tuple[int, float, float, float]]

    @property
    def failed(self) -> bool:
        """Whether anything went wrong or an answer was lost."""
        return bool(self.errors) or self.answers != self.kept


def measure(database: str, count: int, seconds: float, core: int | None = None) -> Figures:
    """A class at work on a new database of this kind."""
    with ExitStack() as stack:
        if database == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = sqlite(Path(folder) / "class.db")
        else:
            url = stack.enter_context(postgres())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with serving(url, core) as (port, code):
            seen = learners(port, code, count, seconds)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = seen.all()
        return Figures(
            database=database,
            requests=len(spent),
            milliseconds=(_part(spent, 50), _part(spent, 95), _part(spent, 99), _part(spent, 100)),
            cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            answers=seen.answers,
            kept=kept(url),
            errors=seen.errors,
            kinds={
                kind: (len(each), _part(each, 50), _part(each, 95), _part(each, 100))
                for kind, each in sorted(seen.seconds.items())
            },
        )


def _part(seconds: Sequence[float], percent: int) -> float:
    """The milliseconds within which so many of the requests were answered."""
    return 1000 * sorted(seconds)[max(0, -(-len(seconds) * percent // 100) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--learners", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:  # the learners do not take the server's core
        os.sched_setaffinity(0, cores[1:])
    found = [
        measure(database, options.learners, options.seconds, cores[0] if cores else None)
        for database in options.database or (DATABASES if POSTGRES.exists() else DATABASES[:1])
    ]
    if options.json:
        print(json.dumps([asdict(figures) for figures in found]))
    else:
        for figures in found:
            print(told(figures, options.seconds))
    sys.exit(any(figures.failed for figures in found))


def told(figures: Figures, seconds: float) -> str:
    """The figures in words."""
    times = " / ".join(f"{time:.0f}" for time in figures.milliseconds)
    lines = [
        f"{figures.database}: {figures.requests} requests ({figures.requests / seconds:.0f} a second), {times} ms "
        f"(median, 95 %, 99 %, longest), {figures.cpu:.1f} CPU s of the server, {figures.answers} answers, "
        f"{figures.kept} kept, {len(figures.errors)} errors; load of the machine {os.getloadavg()[0]:.1f}"
    ]
    for kind, (number, *each) in figures.kinds.items():
        lines.append(f"  {kind}: {number}, {' / '.join(f'{time:.0f}' for time in each)} ms")
    return "\n".join([*lines, *(f"  {error}" for error in figures.errors[:10])])


if __name__ == "__main__":
    main()
