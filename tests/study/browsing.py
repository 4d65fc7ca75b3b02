"""A browser that goes through the study pages, served on a port of their own."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from quizgen.bank import Bank
from quizgen.study import curriculum, inputs
from quizgen.study.session import Session
from quizgen.study.store import Store
from quizgen.study.web.app import Study
from quizgen.study.web.server import HOST, listening
from quizgen.values import Part
from tests.study.answered import NOW

DRIVER = Path(__file__).parent / "browser" / "drive.mjs"
INSTALLED = Path(sys.prefix) / "players"
"""Where ``.ci/players --install`` puts Playwright and axe."""
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "isMobile": True, "hasTouch": True}
SENT = ["click", ".answer .primary"]
"""The step of somebody who hands in what is entered."""
BANK = Bank()


class Served:
    """Pages on a port of their own."""

    def __init__(self, app: ASGIApp) -> None:
        self.socket = listening(0)
        self.address = f"http://{HOST}:{self.socket.getsockname()[1]}"
        # as in use: a browser sends a form again when its connection was being closed
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", timeout_keep_alive=60)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],))
        self.thread.start()

    def close(self) -> None:
        """Stops serving."""
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()

    def drive(self, visits: Sequence[dict[str, Any]], refused: str = "none") -> list[dict[str, Any]]:
        """What a browser finds on its visits; every one without an error, and without a request to elsewhere.

        That a form was ``refused``, as with 422, is no error.
        """
        plan = json.dumps({"address": self.address, "visits": visits})
        command = ["node", str(DRIVER), str(INSTALLED)]
        done = subprocess.run(command, input=plan, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, f"{done.stderr[-2000:]}\nThe browser is installed by .ci/players --install."
        results: list[dict[str, Any]] = json.loads(done.stdout)
        errors = [[error for error in found["errors"] if refused not in error] for found in results]
        amiss = [(number, errors[number], found["outside"]) for number, found in enumerate(results)]
        amiss = [one for one in amiss if any(one[1:])]
        assert not amiss, amiss
        return results


class Site(Served):
    """The pages of one learner."""

    def __init__(self, store: Store, bank: Bank = BANK) -> None:
        self.study = Study(Session(store, "me", curriculum.read(bank)), clock=lambda: NOW)
        super().__init__(self.study.app())

    def lay(self, family: str) -> str:
        """The path of a question of a family."""
        units = self.study.session.curriculum.units()
        unit = next(unit for unit in units if unit.family == family)
        return f"/question/{self.study.desk.put(self.study.session, self.study.session.ask(unit))}"

    def part(self, path: str) -> tuple[Part, inputs.Input, tuple[str, ...]]:
        """The part in hand, what it is answered with, and the things it is about as they are shown."""
        page = self.study.desk.find(self.study.session, path.rpartition("/")[2])
        assert page is not None
        part = page.sheet.part
        assert part is not None
        asked = page.sheet.asked(part)
        return part, inputs.of(part, asked), asked.order


def ordering(order: tuple[str, ...], wanted: tuple[str, ...]) -> list[list[str]]:
    """Buttons that put things in order, one step up at a time."""
    now, steps = list(order), []
    for place, name in enumerate(wanted):
        for _ in range(now.index(name) - place):
            steps.append(["click", f".order button[value='{order.index(name) + 1} up']"])
        now.insert(place, now.pop(now.index(name)))
    return steps
