"""Questions about derivations, read back: their lines against the derivation, their values against torch.

Each function takes a trace of ``solvers.derivations.questions`` and raises AssertionError if it shows anything that
is not so.
"""

from collections.abc import Mapping
from dataclasses import replace

from quizgen.expr import Call, Name, Node, children, replaced
from solvers.derivations.lines import SIGNS, Derivation, Flaw, Line
from solvers.derivations.models import Model
from solvers.derivations.questions import Evaluated, Flawed, Missing, Reasons, Shown, Strips, Term
from solvers.oracles import derivations

BLANK = Call("blank", ())


def strips(t: Strips, chain: Derivation, model: Model) -> None:
    """The strips in their order are the lines of the derivation; what is left over are flawed lines of it."""
    _follow(chain, model)
    assert t.start == chain.lines[0].tree
    assert t.given == model.given
    assert (*t.order, *t.spare) == tuple(f"s{place}" for place in range(1, len(t.strips) + 1))
    stands = dict(zip((line.id for line in chain.lines[1:]), t.order, strict=True))
    for line in chain.lines[1:]:
        strip, previous = stands[line.id], chain.before(line)
        assert (_strip(t, strip), t.reasons[strip]) == ((SIGNS[line.relation], line.tree), line.reason)
        assert t.continues[strip] == (stands.get(previous.id, "") if previous else "")
    assert {*t.pairs} == {(stands[a], stands[b]) for a, b in chain.pairs() if a in stands}
    assert t.replaces.keys() == t.wrong.keys() == {*t.spare}
    for spare, (tree, name, relation, here, before) in t.wrong.items():
        flaw = _flaw(chain, name)
        line = chain.line(flaw.line)
        assert t.replaces[spare] == stands[line.id]
        assert _strip(t, spare) == (SIGNS[line.relation], tree)
        _refuted(flaw, line, chain, model, tree, relation, here, before)


def flawed(t: Flawed, chain: Derivation, model: Model) -> None:
    """One line is a flawed one, and all others are those of the derivation."""
    _follow(chain, model)
    flaw = _flaw(chain, t.flaw)
    line = chain.line(flaw.line)
    _laid_out(t, chain, {line.id: flaw.tree})
    assert (t.right, t.truth, t.given) == (_option(chain, line), line.tree, model.given)
    asked = [each for each in chain.lines if each.relation != "start"]
    assert t.options == tuple(_option(chain, each) for each in asked)
    assert t.reasons == {_option(chain, each): each.reason for each in asked}
    for each in asked:
        previous = chain.before(each)
        assert t.previous[_option(chain, each)] == (chain.place(previous.id) + 1 if previous else 0)
    _refuted(flaw, line, chain, model, flaw.tree, t.relation, t.here, t.before)


def missing(t: Missing, chain: Derivation, model: Model) -> None:
    """One option is the line that is missing, and the others are flawed ones in its place."""
    _follow(chain, model)
    line = chain.lines[t.place - 1]
    _laid_out(t, chain, {line.id: BLANK})
    assert (t.sign, t.reason, t.given) == (SIGNS[line.relation], line.reason, model.given)
    assert t.trees[t.right] == line.tree
    assert t.options == tuple(f"o{place}" for place in range(1, len(t.options) + 1))
    assert t.trees.keys() == {*t.options}
    assert t.flaws.keys() == t.here.keys() == t.before.keys() == {*t.options} - {t.right}
    for option, name in t.flaws.items():
        flaw = _flaw(chain, name)
        assert flaw.line == line.id
        _refuted(flaw, line, chain, model, t.trees[option], t.relation, t.here[option], t.before[option])


def reasons(t: Reasons, chain: Derivation, model: Model) -> None:
    """Each line goes with its own reason, and the reasons left over are those of other lines."""
    _follow(chain, model)
    _laid_out(t, chain, {})
    assert [left for left, _ in t.pairs] == [f"l{place}" for place in t.places.values()]
    assert t.places.keys() == {left for left, _ in t.pairs}
    assert sorted(t.reasons.values()) == sorted(line.reason for line in chain.lines if line.relation != "start")
    assert all(t.reasons[right] == chain.lines[t.places[left] - 1].reason for left, right in t.pairs)
    rest = {place: None for place in t.reasons if place not in dict(t.pairs).values()}
    assert t.spare == tuple(rest)


def term(t: Term, chain: Derivation, model: Model, blank: int) -> None:
    """The term in the box makes the line the one of the derivation, and wrong terms do not."""
    _follow(chain, model)
    asked = chain.blanks[blank]
    line = chain.lines[t.place - 1]
    assert (line.id, t.reason, t.variables) == (asked.line, line.reason, asked.variables)
    assert t.names == tuple(map(Name, asked.variables))
    assert _filled(t.lines[t.place - 1], t.term) == line.tree
    _laid_out(t, chain, {line.id: t.lines[t.place - 1]})
    assert t.wrong.keys() == asked.wrong.keys()
    for name, wrong in t.wrong.items():
        assert wrong == asked.wrong[name]
        truth = derivations.read(line.tree, model).entries
        assert not derivations.read(_filled(t.lines[t.place - 1], wrong), model).meets(truth)


def evaluated(t: Evaluated, chain: Derivation, model: Model, line: str) -> None:
    """The value of the line, of the parts that it is computed from, and of the wrong lines."""
    _follow(chain, model)
    assert (t.start, t.line) == (chain.lines[0].tree, chain.line(line).tree)
    assert all(fact in t.given or isinstance(children(fact)[0], Name) for fact in model.given)
    assert all(fact in model.given for fact in t.given)
    assert derivations.agrees(t.value, _right_side(t.line), model)
    for tree, value in t.steps:
        assert derivations.agrees(value, tree, model)
    assert t.wrong.keys() == t.trees.keys()
    for name, value in t.wrong.items():
        assert t.trees[name] == _right_side(_flaw(chain, name).tree)
        assert derivations.agrees(value, t.trees[name], model)


def _right_side(tree: Node) -> Node:
    """The right side of an equation; anything else as it is."""
    return children(tree)[-1] if isinstance(tree, Call) and tree.function == "isequal" else tree


def _follow(chain: Derivation, model: Model) -> None:
    """Every line follows on the model, by torch."""
    for line in chain.lines:
        assert derivations.follows(chain, line, model), f"{chain.name}, line {line.id!r} does not follow"


def _laid_out(t: Flawed | Missing | Reasons | Term, chain: Derivation, changed: Mapping[str, Node]) -> None:
    """The lines are those of the derivation, save some; signs and continuations are as they should be."""
    for place, line in enumerate(chain.lines):
        previous = chain.before(line)
        number = chain.place(previous.id) + 1 if previous else 0
        assert t.lines[place] == changed.get(line.id, line.tree)
        assert t.continues[place] == (0 if number == place else number)
        unsigned = isinstance(t, Missing) and place == t.place - 1  # the options have the sign
        assert t.signs[place] == ("" if unsigned else SIGNS[line.relation])
    assert len(t.lines) == len(t.signs) == len(t.continues) == len(chain.lines)


def _refuted(
    flaw: Flaw, line: Line, chain: Derivation, model: Model, tree: Node, relation: str, here: Shown, before: Shown
) -> None:
    """A flawed line shows on the model what is told of it, and that is not what a true one shows."""
    assert (tree, relation) == (flaw.tree, line.relation)
    assert here != before
    if line.relation == "holds":
        left, right = children(tree)
        assert derivations.agrees(before, left, model)
        assert derivations.agrees(here, right, model)
        return
    previous = chain.before(line)
    assert previous is not None
    if line.relation in ("constant", "proportional"):
        second = replace(model, values={**model.values, **model.second})
        between = tree - previous.tree if line.relation == "constant" else tree / previous.tree
        assert derivations.agrees(before, between, model)
        assert derivations.agrees(here, between, second)
        return
    assert derivations.agrees(before, previous.tree, model)
    assert derivations.agrees(here, tree, model)


def _strip(t: Strips, strip: str) -> tuple[str, Node]:
    place = int(strip[1:]) - 1
    return t.signs[place], t.strips[place]


def _option(chain: Derivation, line: Line) -> str:
    return f"line{chain.place(line.id) + 1}"


def _flaw(chain: Derivation, name: str) -> Flaw:
    (found,) = (flaw for flaw in chain.flaws if flaw.name == name)
    return found


def _filled(tree: Node, inside: Node) -> Node:
    """A line with something in its box."""
    if tree == BLANK:
        return inside
    inner = tuple(_filled(child, inside) for child in children(tree))
    return replaced(tree, inner) if inner else tree
