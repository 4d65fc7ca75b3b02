"""A progress bar on stderr, for whatever takes more than two seconds."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds before the bar appears."""


def watched(work: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The results of ``work``, counted."""
    with progress(what, total) as advance:
        for result in work:
            yield result
            advance(1)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A function to be told how many of ``total`` more are done; nothing is drawn, or loaded, before it takes long.

    The bar appears even while the first step is still under way, as one run of TeX can take a minute.
    """
    if not sys.stderr.isatty():
        yield lambda more: None
        return
    watch = _Watch(what, total)
    timer = Timer(PATIENCE, watch.show)
    timer.daemon = True
    timer.start()
    try:
        yield watch.advance
    finally:
        timer.cancel()
        watch.stop()


class _Watch:
    """Counts what is done, and draws it once it is shown; used by the timer's thread and the worker's."""

    def __init__(self, what: str, total: int) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self.stopped = False
        self.lock = Lock()
        self.bar: Progress | None = None

    def show(self) -> None:
        """Draw the bar, unless all is over."""
        with self.lock:
            if not self.stopped:
                self.bar = _bar()
                self.bar.add_task(self.what, total=self.total, completed=self.done)
                self.bar.start()

    def advance(self, more: int = 1) -> None:
        """``more`` are done."""
        with self.lock:
            self.done += more
            if self.bar is not None:
                self.bar.update(self.bar.task_ids[0], completed=self.done)

    def stop(self) -> None:
        """Take the bar away."""
        with self.lock:
            self.stopped = True
            if self.bar is not None:
                self.bar.stop()


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
