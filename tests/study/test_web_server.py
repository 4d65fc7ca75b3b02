"""How the study pages are started: ports that are taken, browsers that are missing, and how soon there is a page."""

import os
import re
import resource
import socket
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

import httpx2
import pytest

from quizgen.errors import InputError
from quizgen.study.web import server

ROOT = Path(__file__).parents[2]
SOON = 1.5
"""CPU seconds from the command to a page."""
HEAVY = {"flint", "hypothesis", "matplotlib", "numpy", "scipy", "sklearn", "sympy", "torch"}


def test_a_port_that_is_taken_is_named() -> None:
    with server.listening(0) as one:
        port = one.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} is taken"):
            server.listening(port)


def test_only_this_machine_can_ask() -> None:
    with server.listening(0) as one:
        assert one.getsockname()[0] == "127.0.0.1"
        assert one.proto == socket.IPPROTO_TCP, "else every page waits for an acknowledgement"


@pytest.mark.parametrize("fault", [False, webbrowser.Error("no browser"), OSError("no display")])
def test_without_a_browser_the_address_is_said(fault: bool | Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def opens(address: str) -> bool:
        if isinstance(fault, Exception):
            raise fault
        return fault

    said: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opens)
    server._open("http://127.0.0.1:1/", said.append)
    assert said == ["No browser could be opened: open http://127.0.0.1:1/ in one."]


def test_the_first_page_comes_soon_and_the_end_is_quiet(tmp_path: Path) -> None:
    """In CPU seconds, for others are at work on this machine; from bytecode, as everywhere but in a test."""
    command = [sys.executable, "-m", "quizgen", "study", "--db", str(tmp_path / "a.db"), "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    spent = []
    for _ in range(4):  # the first one writes the bytecode
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as running:
            assert running.stdout
            assert running.stderr
            try:
                address = re.search(r"http://\S+", running.stdout.readline())
                assert address
                page = httpx2.get(address[0])
                waited = time.perf_counter() - start
            finally:
                running.terminate()
            assert page.status_code == 200
            assert "Traceback" not in running.stderr.read()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime)
        print(f"{waited:.2f} s to the first page, {spent[-1]:.2f} of them at work")
    assert min(spent[1:]) < SOON, f"{min(spent):.2f} s"


def test_nothing_heavy_is_loaded() -> None:
    program = "import sys, quizgen.study.web.server; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(ran.stdout.split())
