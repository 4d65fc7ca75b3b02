"""Starts the pages, for one learner or for a class: takes a port, says where they are, opens the browser."""

import errno
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.study import curriculum
from quizgen.study.session import NEW_A_DAY, Session
from quizgen.study.store import Store
from quizgen.study.web.app import Study

if TYPE_CHECKING:
    from quizgen.study.classroom import Classroom

HOST = "127.0.0.1"
PORT = 8765
BACKLOG = 512
"""Browsers that may wait to be let in."""
SAY = partial(print, flush=True)


def run(
    session: Session,
    *,
    port: int = PORT,
    browser: bool = True,
    lang: str = "",
    areas: Sequence[str] = (),
    start: str = "",
    say: Callable[[str], None] = SAY,
) -> None:
    """Serves the pages of a learner until it is interrupted; ``start`` is the page that comes first.

    Raises InputError if the port is taken.
    """
    with listening(port) as open_socket:
        address = f"http://{HOST}:{open_socket.getsockname()[1]}/{start}"
        serve(Study(session, areas=areas, locale=lang).app(), open_socket, started(address, browser, say))


def run_class(
    store: Store,
    *,
    host: str = HOST,
    port: int = PORT,
    address: str = "",
    title: str = "",
    lang: str = "",
    areas: Sequence[str] = (),
    bank: Sequence[Path] = (),
    new_a_day: int = NEW_A_DAY,
    renew: bool = False,
    say: Callable[[str], None] = SAY,
) -> None:
    """Serves the pages of a class until it is interrupted. Raises InputError if the port is taken.

    ``address`` is where learners find them, if that is not this machine's own: ``https://study.example.edu``.
    """
    from quizgen.study.classroom import Classroom  # one learner's pages need to start soon, and none of this
    from quizgen.study.web.classroom import Class

    course = curriculum.read(Bank(bank))
    course.units(areas)
    classroom = Classroom(store, renew)
    pages = Class(classroom, course, course=title, areas=areas, locale=lang, new_a_day=new_a_day)
    with listening(port, host) as open_socket:
        own = f"http://{_reached(host)}:{open_socket.getsockname()[1]}"
        there = urlsplit(address)
        names = ["localhost", socket.gethostname(), f"{socket.gethostname()}.local", host, there.hostname or ""]
        serve(
            pages.app(names, secure=(there.hostname or "") if there.scheme == "https" else ""),
            open_socket,
            lambda: _welcome(address.rstrip("/") or own, own, classroom, say),
        )


def _welcome(address: str, own: str, classroom: "Classroom", say: Callable[[str], None]) -> None:
    """Says where the class is, and who gets in how."""
    kept = classroom.secrets
    say(f"quizgen serve: {own}/ (Ctrl-C ends it)")
    say(f"Learners join with the code {kept.join}: {address}/join?code={kept.join}")
    say(f"For the teacher only: {address}/teacher?key={kept.teacher}")


def _reached(host: str) -> str:
    """By which number others reach this machine, as far as it knows itself."""
    if host in ("0.0.0.0", "::"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # an address of nobody's, to which nothing is sent
                host = str(probe.getsockname()[0])
            except OSError:
                host = socket.gethostname()
    return f"[{host}]" if ":" in host else host


def listening(port: int, host: str = HOST) -> socket.socket:
    """A socket on a port, of loopback unless another address is asked for; 0 stands for any port.

    Raises InputError if it cannot be had.
    """
    # asyncio sends at once on sockets that name their protocol; on others a page waits 40 ms for an acknowledgement
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two programs have the same port
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        found.close()
        if isinstance(error, socket.gaierror) or getattr(error, "errno", 0) == errno.EADDRNOTAVAIL:
            raise InputError(f"{host} is no address of this machine", "--host") from error
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is taken, perhaps by another quizgen; name another one", "--port") from error
        raise InputError(
            f"port {port} cannot be used: {getattr(error, 'strerror', None) or error}", "--port"
        ) from error
    return found


def started(address: str, browser: bool, say: Callable[[str], None]) -> Callable[[], None]:
    """What is done when the pages can be asked for."""

    def done() -> None:
        say(f"quizgen study: {address} (Ctrl-C ends it)")
        if browser:
            threading.Thread(target=_open, args=(address, say), daemon=True).start()

    return done


def _open(address: str, say: Callable[[str], None]) -> None:
    """Opens the browser; some of them do not come back before they are closed."""
    try:
        opened = webbrowser.open(address)
    except (OSError, webbrowser.Error):
        opened = False
    if not opened:
        say(f"No browser could be opened: open {address} in one.")


def serve(app: ASGIApp, open_socket: socket.socket, done: Callable[[], None]) -> None:
    """Serves an application until it is interrupted."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,  # while somebody thinks: a form is not sent into a connection that is just being closed
        limit_concurrency=2000,
        server_header=False,
    )
    server = uvicorn.Server(config)
    before = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await before(sockets)
        done()

    server.startup = startup  # type: ignore[method-assign]  # the one moment from which on pages can be asked for
    server.run(sockets=[open_socket])
