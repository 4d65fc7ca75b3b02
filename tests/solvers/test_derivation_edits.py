"""Slips of the pen: every line of every derivation with each single edit. Some model refutes it, or it is listed.

``derivation_edits.toml`` lists the edits that leave a line as true as before, each with the reason. An edit that no
model refutes must stand there, and one that stands there must be refuted by none.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from quizgen.expr import Node, Product, Sum, children, latex
from solvers.derivations import chain, derivation, edits, names
from solvers.derivations.models import Model

MODELS = 8
"""How many models of each world are tried."""
SLOW = ("denoising_score_matching", "score_cross_term")
"""Derivations with a world whose integrals are quadratures: one model of it is tried."""
LISTED = Path(__file__).with_name("derivation_edits.toml")
OVERALL, EACH = 0.95, 0.75
"""The least share of edits that is refuted."""


class Outcome(NamedTuple):
    """What became of the edits of a derivation that have a value on some model."""

    refuted: int
    survivors: frozenset[tuple[str, str]]  # ids of lines, and what was edited


@cache
def outcome(name: str) -> Outcome:
    """What becomes of every edit of every line, on some models of each world."""
    chosen, tried = derivation(name), models(name)
    measures = edits.measures(chosen)
    verdicts: dict[tuple[str, Node], bool] = {}
    survivors = set()
    for line in chosen.lines:
        if line.relation == "start":
            continue
        for slip, tree in edits.edits(line.tree, measures):
            if (line.id, tree) in verdicts:
                continue
            survived = edits.survives(chosen, line, tree, tried)
            if survived is not None:
                verdicts[line.id, tree] = survived
            if survived:
                survivors.add((line.id, f"{slip}: {difference(line.tree, tree)}"))
    return Outcome(sum(not survived for survived in verdicts.values()), frozenset(survivors))


def models(name: str) -> tuple[Model, ...]:
    chosen = derivation(name)
    counts = [MODELS, *[1 if name in SLOW else MODELS] * (len(chosen.worlds) - 1)]
    return tuple(model for world, count in enumerate(counts) for model in chain.models(chosen, count, world))


def difference(old: Node, new: Node) -> str:
    """What an edit changed: ``t → t - 1``, or the term or factor that is gone."""
    before, after = children(old), children(new)
    if type(old) is type(new) and len(before) == len(after):
        changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
        if len(changed) == 1:
            return difference(*changed[0])
    if isinstance(old, Sum | Product):
        left = list(after) if type(old) is type(new) else [new]
        gone = [child for child in before if child not in left]
        if len(gone) == 1 and len(before) == len(left) + 1:
            return latex(gone[0])
    return f"{latex(old)} → {latex(new)}"


@cache
def listed() -> dict[str, dict[tuple[str, str], str]]:
    """Derivation to edits that leave its lines as true as before, and why."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for entry in tomllib.loads(LISTED.read_text(encoding="utf-8"))["as_true"]:
        of = found.setdefault(entry["derivation"], {})
        for edit in entry["edits"]:
            assert (entry["line"], edit) not in of, f"listed twice: {entry['derivation']}, {entry['line']}, {edit}"
            of[entry["line"], edit] = entry["why"]
    return found


@pytest.mark.parametrize("name", names())
def test_every_edit_is_refuted_or_listed(name: str) -> None:
    found, known = outcome(name), listed().get(name, {})
    assert sorted(found.survivors - known.keys()) == [], "refuted by no model, and not listed"
    assert sorted(known.keys() - found.survivors) == [], "listed, but refuted, without a value, or no edit at all"
    assert found.refuted >= EACH * (found.refuted + len(found.survivors))


def test_most_edits_are_refuted() -> None:
    found = [outcome(name) for name in names()]
    refuted, survivors = sum(each.refuted for each in found), sum(len(each.survivors) for each in found)
    assert refuted >= OVERALL * (refuted + survivors)
