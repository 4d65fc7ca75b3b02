"""Twice: every answer is computed again, by an oracle or by evidence that shares no code with the solver."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import solvers
from quizgen.checks._subject import Broken, Failure, Subject
from quizgen.space import Parameters

NUMBER = 2
SOLVERS = Path(solvers.__file__).parent
ORACLES = SOLVERS / "oracles"
SHARED = frozenset({"rounded", "precise"})
"""Functions of ``solvers.exact`` that both sides may use: they round, and compute nothing."""


def check(subject: Subject) -> Iterator[Failure]:
    family = subject.family
    if not family.laws:
        yield Failure("the family has no law")
        return
    yield from subject.search(lambda q, data: agree(subject, q))
    if not subject.samples:
        return
    witnesses = [name for name in family.laws if name in family.evidences or asks_oracle(family.laws[name])]
    if not witnesses:
        yield Failure("no law asks solvers.oracles, and there is no evidence: nothing independent computes the answer")
    elif reason := dependence(subject, witnesses):
        yield Failure(reason)


def agree(subject: Subject, q: Parameters) -> None:
    """Every law holds."""
    trace, _ = subject.solved(q)
    if objection := subject.objection(q, trace):
        raise Broken(objection, objection.split(" does not hold")[0])


def asks_oracle(law: Callable[..., Any]) -> bool:
    """Whether a law, or a function of its file that it uses, names something of ``solvers.oracles``."""
    seen: set[CodeType] = set()
    waiting = [law]
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or function.__code__ in seen:
            continue
        seen.add(function.__code__)
        for name in names(function.__code__):
            used = function.__globals__.get(name)
            module = used.__name__ if isinstance(used, ModuleType) else getattr(used, "__module__", "") or ""
            if module.startswith("solvers.oracles"):
                return True
            if module == law.__module__:
                waiting.append(used)  # type: ignore[arg-type]  # whatever is no function is skipped
    return False


def names(code: CodeType) -> Iterator[str]:
    """The names that some code and the functions inside it use."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


def dependence(subject: Subject, witnesses: list[str]) -> str | None:
    """Why no witness is independent of ``solve``; None if one is."""
    family, file = subject.family, subject.bank.files[subject.family.id]
    reasons = []
    for name in witnesses:
        shared: set[CodeType] = set()
        for q, trace, _ in subject.samples[:10]:
            solver = called(partial(family.solution, q), inside=None)
            region = None if name in family.evidences else ORACLES
            witness = called(partial(family.laws[name], q, trace), inside=region)
            shared |= {code for code in solver & witness if own(code, file) and code.co_name not in SHARED}
        if not shared:
            return None
        functions = ", ".join(sorted({code.co_qualname.partition(".<locals>")[0] for code in shared}))
        reasons.append(f"the law {name!r} computes with the solver's own {functions}")
    return "; ".join(reasons)


def own(code: CodeType, file: Path) -> bool:
    """Whether some code is of a solver, or of the family itself, and not of a library."""
    path = Path(code.co_filename)
    return path.is_relative_to(SOLVERS) or path == file


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

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        run()
    except Exception:  # a law that fails is reported as such
        pass
    finally:
        sys.setprofile(before)
    return codes
