"""Terminals that are closed when a test ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.study.screens import Screen, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a session over the bank and the store of this test; all are ended with it."""
    screens: list[Screen] = []

    def started(*arguments: str, **environment: str) -> Screen:
        screens.append(Screen(tmp_path / "bank", tmp_path / "study.db", *arguments, **environment))
        return screens[-1]

    yield started
    for screen in screens:
        screen.close()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """The folder of this test's families."""
    return tmp_path / "bank"
