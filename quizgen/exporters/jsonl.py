"""One item a line, as JSON with a version: exact numbers, parameters, trace, keys and mistakes; no words.

``quizgen schema`` prints its JSON Schema; ``quizgen.answers.read_item`` reads a line back.
"""

from collections.abc import Mapping
from typing import ClassVar

from quizgen import answers
from quizgen.exporters._base import Exporter
from quizgen.values import Task, to_json


class Jsonl(Exporter):
    """Items as data. How they are asked (points, options, order) is the exam's, and not written."""

    suffix = ".jsonl"
    kinds = frozenset(answers.kinds())
    features = frozenset({"figures", "parts"})
    lowers: ClassVar[Mapping[str, str]] = {"options": "the mistakes that the options come from"}
    has_words = False
    tells_key = True

    def entry(self, task: Task) -> bytes:
        return to_json(task.item) + b"\n"
