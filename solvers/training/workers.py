"""Who does the work: processes of this machine, or Ray on several. One interface: ``run(tasks, engine, jobs)``.

A task is a key and plain data, what comes of it is plain data; tasks are done in any order, and independently. A worker
that dies takes its task with it, which is tried once more by another one; what fails is reported, and the others go on.
"""

import logging
import multiprocessing
import os
import re
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Literal, TypeAlias

from solvers.training import units

Work: TypeAlias = Callable[[Mapping[str, Any], str], Any]
"""What a worker does with a task, and the device to do it on; a function of a module."""
Engine: TypeAlias = Literal["processes", "ray"]
Task: TypeAlias = Mapping[str, Any]
TRIES = 2


@dataclass(frozen=True)
class Failure:
    """Why there is no result, in words."""

    why: str


def run(
    tasks: Mapping[str, Task],
    engine: Engine = "processes",
    jobs: int = 1,
    device: str = "cpu",
    work: Work = units.work,
) -> Iterator[tuple[str, Any]]:
    """Results, or Failures, by key as they come."""
    if not tasks:
        return iter(())
    return (_with_ray if engine == "ray" else _with_processes)(tasks, jobs, device, work)


def attempt(work: Work, task: Task, device: str) -> Any:
    """What comes of a task; an error of the program is a Failure, with its type."""
    try:
        return work(task, device)
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}")


# Processes.


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: "Connection[Any, Any]"
    key: str = ""


def _with_processes(tasks: Mapping[str, Task], jobs: int, device: str, work: Work) -> Iterator[tuple[str, Any]]:
    waiting = deque(tasks)
    tried = dict.fromkeys(tasks, 0)
    workers = [_start(work, device) for _ in range(min(jobs, len(tasks)))]
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
                    if tried[key] < TRIES:
                        waiting.appendleft(key)
                        found = None
                    worker = workers[place] = _start(work, device)
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


def _start(work: Work, device: str) -> _Worker:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, work, device), daemon=True)
    with _without_interrupts():
        process.start()
    there.close()
    return _Worker(process, here)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    with suppress(ValueError):  # it has died already
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


def _serve(pipe: "Connection[Any, Any]", work: Work, device: str) -> None:
    """A worker's life: it ends with the one who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(attempt(work, pipe.recv(), device))


# Ray.

PATIENCE = 5.0
"""Seconds in which the head of a cluster must answer."""
TOKEN = "If it asks for a token, as clusters do by default since Ray 2.59: RAY_AUTH_MODE=token"


def _reach(address: str) -> None:
    """Raises ConnectionError where nobody answers at ``host:port``, which Ray would try for minutes."""
    found = re.fullmatch(r"(?:ray://)?\[?([^/\]]+)\]?:(\d+)", address)
    if found is None:  # "auto", or what only Ray understands
        return
    try:
        socket.create_connection((found[1], int(found[2])), timeout=PATIENCE).close()
    except OSError as error:
        raise ConnectionError(f"nobody answers at RAY_ADDRESS, {address}: {error}") from error


def _with_ray(tasks: Mapping[str, Task], jobs: int, device: str, work: Work) -> Iterator[tuple[str, Any]]:
    """On the cluster that RAY_ADDRESS names, or on one of ``jobs`` workers that is started here.

    Four calls: init, remote, wait, get. Ray itself tries a task once more whose worker died.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anyone
    address = os.environ.get("RAY_ADDRESS")
    if address:
        _reach(address)
    import ray

    try:
        ray.init(
            address=address or "local",
            num_cpus=None if address else jobs,
            include_dashboard=None if address else False,
            ignore_reinit_error=True,
            logging_level=logging.ERROR,
            log_to_driver=False,
        )
    except (ConnectionError, ray.exceptions.RayError) as error:
        raise ConnectionError(f"no Ray cluster lets us in at {address or 'this machine'}: {error}. {TOKEN}") from error
    gpus = 1 if device.startswith("cuda") else 0
    remote = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=TRIES - 1)(attempt)
    waiting = deque(tasks)
    running: dict[Any, str] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            key = waiting.popleft()
            running[remote.remote(work, tasks[key], device)] = key
        ready, _ = ray.wait(list(running), num_returns=1)
        for reference in ready:
            key = running.pop(reference)
            try:
                yield key, ray.get(reference)
            except ray.exceptions.RayError as error:
                yield key, Failure(f"its worker died twice: {str(error).splitlines()[0]}")
