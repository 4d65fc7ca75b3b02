"""What commands write: files (complete, or not there at all), JSON, and notes beside the output."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from quizgen.errors import OutputError


def print_json(data: Any) -> None:
    """Print plain data as indented JSON."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(data)).decode())


def note(message: str) -> None:
    """Say something on stderr, beside the output."""
    click.echo(f"quizgen: {message}", err=True)


class Target:
    """Where bytes go. A failure to write is an OutputError that says what became of the file."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self.name = name

    def write(self, data: bytes) -> None:
        """Append ``data``."""
        with _failing(self.name):
            self._file.write(data)

    def finish(self) -> None:
        """Push everything to the disk, where a full one shows at the latest."""
        with _failing(self.name):
            self._file.flush()

    def close(self) -> None:
        """Let go of the file, which tries once more to write what is left."""
        with _failing(self.name):
            self._file.close()


@contextmanager
def target(path: Path | None) -> Iterator[Target]:
    """Bytes for the file ``path``, or for stdout.

    They are written beside the file, which is replaced when all are there; after an error or Ctrl-C it is as before.
    Raises OutputError if it cannot be written.
    """
    if path is None:
        yield from _straight(sys.stdout.buffer, "stdout")
    elif path.exists() and not path.is_file() and not path.is_dir():  # /dev/null, a pipe
        with _failing(str(path)):
            device = path.open("wb", buffering=0)
        with device:
            yield from _straight(device, str(path))
    else:
        yield from _replacing(path)


def _straight(file: IO[bytes], name: str) -> Iterator[Target]:
    out = Target(file, name)
    yield out
    out.finish()


def _replacing(path: Path) -> Iterator[Target]:
    if path.is_dir():
        raise OutputError("this is a folder; expected the name of a file", str(path))
    place = path.resolve()  # a link stays a link
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with _failing(str(path)):
            file = beside.open("wb")
        out = Target(file, str(path))
        try:
            yield out
            out.finish()
        finally:
            out.close()
        with _failing(str(path)):
            beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _failing(name: str) -> Iterator[None]:
    """What the system says of a file, as an OutputError; a reader that has gone away is no failure of ours."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", name) from error
