"""Starts the pages: takes a port of loopback, says where they are, opens the browser."""

import errno
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.study import curriculum
from quizgen.study.session import NEW_A_DAY, Session
from quizgen.study.store import Store
from quizgen.study.web.app import Study

HOST = "127.0.0.1"
PORT = 8765
SAY = partial(print, flush=True)


def run(
    store: Store,
    learner: str,
    *,
    port: int = PORT,
    browser: bool = True,
    lang: str = "",
    areas: Sequence[str] = (),
    bank: Sequence[Path] = (),
    new_a_day: int = NEW_A_DAY,
    say: Callable[[str], None] = SAY,
) -> None:
    """Serves the pages of a learner until it is interrupted. Raises InputError if the port is taken."""
    course = curriculum.read(Bank(bank))
    course.units(areas)  # an area that does not exist is refused before anything is opened
    with listening(port) as open_socket:
        address = f"http://{HOST}:{open_socket.getsockname()[1]}/"
        serve(
            Study(Session(store, learner, course, new_a_day), areas=areas, locale=lang).app(),
            open_socket,
            started(address, browser, say),
        )


def listening(port: int) -> socket.socket:
    """A socket on a port of loopback; 0 stands for any. Raises InputError if it cannot be had."""
    # asyncio sends at once on sockets that name their protocol; on others a page waits 40 ms for an acknowledgement
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there it would let two programs have the same port
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()
    except (OSError, OverflowError) as error:
        found.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} is taken, perhaps by another quizgen study; name another one", "--port"
            ) from error
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
        server_header=False,
    )
    server = uvicorn.Server(config)
    before = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await before(sockets)
        done()

    server.startup = startup  # type: ignore[method-assign]  # the one moment from which on pages can be asked for
    server.run(sockets=[open_socket])
