"""Twice: every answer is computed again, by an oracle or by evidence that shares no code with the solver."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import solvers
from quizgen.checks._subject import Broken, Failure, Subject
from quizgen.checks.pinned import at, leaves, nudges, put
from quizgen.space import Parameters

NUMBER = 2
SOLVERS = Path(solvers.__file__).parent
ORACLES = SOLVERS / "oracles"
SHARED = frozenset({"rounded", "precise"})
"""Functions of ``solvers.exact`` that both sides may use: they round, and compute nothing."""
COMPARING = frozenset({"__init__.py", "agreement.py"})
"""Files of the oracles that load and compare, and compute nothing."""
DATA = frozenset({SOLVERS / "derivations" / "lines.py", SOLVERS / "derivations" / "models.py"})
"""Files of what both sides read: derivations and models as they are written down."""
DRAWS = 10
"""Draws on which it is watched who computes."""


def check(subject: Subject) -> Iterator[Failure]:
    family = subject.family
    if not family.laws:
        yield Failure("the family has no law")
        return
    yield from subject.search(lambda q, data: agree(subject, q))
    witnesses = {name: codes for name in family.laws if (codes := witness(subject, name))}
    solver = calls(subject, lambda q, trace: family.solution(q))
    if subject.samples and not witnesses:
        yield Failure(
            "no law compares an answer with solvers.oracles, and there is no evidence: nothing computes it again"
        )
    elif witnesses and all(codes & solver for codes in witnesses.values()):
        yield Failure("; ".join(dependence(name, codes & solver) for name, codes in witnesses.items()))


def agree(subject: Subject, q: Parameters) -> None:
    """Every law holds."""
    trace, _ = subject.solved(q)
    if objection := subject.objection(q, trace):
        raise Broken(objection, objection.split(" does not hold")[0])


def witness(subject: Subject, name: str) -> set[CodeType]:
    """What computes the answer again in a law: all of an evidence, of another law what oracles call.

    Nothing, if the law does not mind a wrong answer.
    """
    law = subject.family.laws[name]
    codes = calls(subject, law, inside=None if name in subject.family.evidences else ORACLES)
    return codes if minds(subject, law) else set()


def minds(subject: Subject, law: Callable[[Any, Any], object]) -> bool:
    """Whether a law notices, on some draw, that some answer is off by a unit of its last digit."""
    for q, trace, _ in subject.samples[:DRAWS]:
        for field in {declared.field for declared in subject.family.answers.values()}:
            right = getattr(trace, field)
            for path in leaves(right):
                for wrong in nudges(at(right, path)):
                    try:
                        law(q, replace(trace, **{field: put(right, path, wrong)}))
                    except Exception:
                        return True
    return False


def dependence(name: str, shared: set[CodeType]) -> str:
    """Why a law is no independent witness."""
    functions = ", ".join(sorted({code.co_qualname.partition(".<locals>")[0] for code in shared}))
    return f"the law {name!r} computes with the solver's own {functions}"


def calls(subject: Subject, run: Callable[[Any, Any], object], inside: Path | None = None) -> set[CodeType]:
    """The functions of solvers, of oracles or of the family itself that ``run`` calls on some draws."""
    file = subject.bank.files[subject.family.id]
    codes = (called(partial(run, q, trace), inside) for q, trace, _ in subject.samples[:DRAWS])
    return {code for code in set().union(*codes) if own(code, file)}


def own(code: CodeType, file: Path) -> bool:
    """Whether some code computes, and is of a solver, an oracle or the family itself, and not of a library."""
    path = Path(code.co_filename)
    ours = path == file or (path.is_relative_to(SOLVERS) and path.name not in COMPARING and path not in DATA)
    return ours and code.co_name not in SHARED


def forget() -> None:
    """Empty the caches of solvers and families: what is remembered does not show who computes it."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("solvers.", "quizgen_banks.")):
            for value in vars(module).values():
                if hasattr(type(value), "cache_clear"):  # the value itself may be a module that answers to every name
                    value.cache_clear()


def called(run: Callable[[], object], inside: Path | None) -> set[CodeType]:
    """The Python functions that ``run`` calls; with ``inside``, those called by functions of that folder."""
    codes: set[CodeType] = set()
    depth = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal depth
        within = inside is not None and frame.f_code.co_filename.startswith(str(inside))
        if event == "call":
            depth += within
            if inside is None or depth:
                codes.add(frame.f_code)
        elif event == "return":
            depth -= within

    forget()
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        run()
    except Exception:  # a law that fails is reported as such
        pass
    finally:
        sys.setprofile(before)
    return codes
