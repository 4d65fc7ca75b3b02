"""Work that several processes share."""

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from signal import SIG_IGN, SIGINT, signal

from quizgen.errors import QuizgenError


@contextmanager
def processes(jobs: int, start: Callable[..., None] | None = None, *arguments: object) -> Iterator[ProcessPoolExecutor]:
    """A pool of ``jobs`` processes, each made ready by ``start(*arguments)``; after an error, what waits is dropped.

    Raises QuizgenError if a process dies.
    """
    with ProcessPoolExecutor(jobs, initializer=_ready, initargs=(start, arguments)) as pool:
        try:
            yield pool
        except BrokenExecutor as error:
            raise QuizgenError("a worker process died; fewer of them need less memory", "--jobs") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ready(start: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    """Ctrl-C reaches all processes of a terminal; the first of them ends the others."""
    signal(SIGINT, SIG_IGN)
    if start is not None:
        start(*arguments)
