"""Finished units, kept until they are asked for again: a run that was interrupted goes on where it was.

A unit is found by its key under the hash of the code that computed it: after a change of the sources it is done anew.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solvers.training.records import canonical, hashed, replace
from solvers.training.units import Unit, code


@dataclass(frozen=True)
class Cache:
    """A folder of results, a file each."""

    folder: Path

    def get(self, unit: Unit) -> dict[str, Any] | None:
        """The result of a unit; None where it is not there, or damaged."""
        try:
            kept = json.loads(self._place(unit).read_bytes())
            found: dict[str, Any] = kept["result"]
            return found if hashed(found) == kept["sha256"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, unit: Unit, result: dict[str, Any]) -> None:
        """Keeps the result of a unit."""
        replace(self._place(unit), canonical({"result": result, "sha256": hashed(result)}))

    def _place(self, unit: Unit) -> Path:
        return self.folder / code(unit.experiment)[:16] / f"{unit.key}.json"


def usual() -> Path:
    """Where programs keep what they can compute again, on this system."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "quizgen" / "training"
