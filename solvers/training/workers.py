"""Who does the work: processes of this machine, or Ray on several. One interface: ``run(tasks, engine, jobs)``.

A task is a key and plain data, what comes of it is plain data; tasks are done in any order, and independently. A worker
that dies takes its task with it, which is tried once more by another one; what fails is reported, and the others go on.
"""

import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Literal, TypeAlias

from solvers.training import units

Engine: TypeAlias = Literal["processes", "ray"]
Task: TypeAlias = Mapping[str, Any]
TRIES = 2


@dataclass(frozen=True)
class Failure:
    """Why there is no result, in words."""

    why: str


def run(
    tasks: Mapping[str, Task], engine: Engine = "processes", jobs: int = 1, device: str = "cpu"
) -> Iterator[tuple[str, Any]]:
    """Results, or Failures, by key as they come."""
    if not tasks:
        return iter(())
    return (_with_ray if engine == "ray" else _with_processes)(tasks, jobs, device)


def attempt(task: Task, device: str) -> Any:
    """What comes of a task; an error of the program is a Failure, with its type."""
    try:
        return units.work(task, device)
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}")


# Processes.


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: "Connection[Any, Any]"
    key: str = ""


def _with_processes(tasks: Mapping[str, Task], jobs: int, device: str) -> Iterator[tuple[str, Any]]:
    waiting = deque(tasks)
    tried = dict.fromkeys(tasks, 0)
    workers = [_start(device) for _ in range(min(jobs, len(tasks)))]
    try:
        for worker in workers:
            _hand_out(worker, waiting, tasks)
        while any(worker.key for worker in workers):
            ready = wait([worker.pipe for worker in workers if worker.key])
            for place, worker in enumerate(workers):
                if worker.pipe not in ready:
                    continue
                key = worker.key
                tried[key] += 1
                try:
                    found = worker.pipe.recv()
                except (EOFError, OSError):
                    found = _died(worker)
                    worker = workers[place] = _start(device)
                    if tried[key] < TRIES:
                        waiting.appendleft(key)
                        found = None
                _hand_out(worker, waiting, tasks)
                if found is not None:
                    yield key, found
    finally:
        for worker in workers:
            _stop(worker)


def _hand_out(worker: _Worker, waiting: deque[str], tasks: Mapping[str, Task]) -> None:
    worker.key = waiting.popleft() if waiting else ""
    if worker.key:
        with suppress(OSError):  # it has died already: that shows when its answer is read
            worker.pipe.send(tasks[worker.key])


def _start(device: str) -> _Worker:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, device), daemon=True)
    with _without_interrupts():
        process.start()
    there.close()
    return _Worker(process, here)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.terminate()
    worker.process.join()
    worker.process.close()


def _died(worker: _Worker) -> Failure:
    """Tidies up after a worker; says how it ended, and that it had been tried before."""
    worker.process.join()
    status = worker.process.exitcode or 0
    worker.pipe.close()
    worker.process.close()
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    return Failure(f"its worker died twice ({how}); a smaller --jobs leaves more memory to each")


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C reaches all processes of a terminal; the first of them ends the others, which ignore it from the start."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(pipe: "Connection[Any, Any]", device: str) -> None:
    """A worker's life: it ends with the one who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(attempt(pipe.recv(), device))


# Ray.


def _with_ray(tasks: Mapping[str, Task], jobs: int, device: str) -> Iterator[tuple[str, Any]]:
    raise NotImplementedError
