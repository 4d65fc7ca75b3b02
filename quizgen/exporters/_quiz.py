"""How a platform gives a quiz: the table ``[online]`` of a blueprint."""

from typing import Any

from quizgen.values import Struct

SCORES = ("highest", "latest", "average")
"""Which of several attempts counts."""


class Quiz(Struct, frozen=True):
    """What a teacher decides about a quiz; what is None follows from the mode of the export.

    ``minutes`` for one attempt, ``attempts`` (0: any number), which of them counts as the ``score``, whether the
    platform puts the options into another order (``shuffle``), shows right answers afterwards (``show_answers``),
    shows ``one_at_a_time`` of the questions, and lets students ``go_back`` to earlier ones.
    """

    minutes: int | None = None
    attempts: int | None = None
    score: str | None = None
    shuffle: bool | None = None
    show_answers: bool | None = None
    one_at_a_time: bool | None = None
    go_back: bool | None = None

    def decided(self) -> dict[str, Any]:
        """What is decided, by name."""
        found = ((name, getattr(self, name)) for name in Quiz.__struct_fields__)
        return {name: value for name, value in found if value is not None}
