"""What can be asked about a derivation: traces for the families of ``banks/derivations``.

Every draw is told by the derivation and a number, from which the model, the wrong lines and the order on
paper follow. Lines are trees; ``signs`` say how each goes on from the one before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, TypeVar

from flint import fmpq

from quizgen.expr import Apply, Call, Name, Node, Num, Product, Series, Sum, children, ln, num, replaced
from solvers.derivations import derivation, sound
from solvers.derivations.arithmetic import Undefined
from solvers.derivations.chain import Step, decimal, exact, refuted, telling_model
from solvers.derivations.evaluation import INDEXED, evaluate
from solvers.derivations.language import swapped
from solvers.derivations.lines import SIGNS, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, picking
from solvers.derivations.tables import Table, Value

DIGITS = 3
"""Decimals of the values that are shown."""
OPTIONS = 4
LEFTS = 5
"""The most lines that are matched with their reasons."""

T = TypeVar("T")
Which: TypeAlias = str | Derivation
"""The name of a derivation of ``chains``, or one of a bank's own."""
Shown = Fraction | Decimal | tuple[Fraction | Decimal, ...]


@dataclass(frozen=True)
class Whole:
    """A derivation as it is: each line, how it goes on from which, and why."""

    lines: tuple[Node, ...]
    signs: tuple[str, ...]
    continues: tuple[int, ...]  # numbers of the lines that these continue; 0 for the line right above, or none
    reasons: tuple[str, ...]  # empty for the start


@dataclass(frozen=True)
class Strips:
    """Lines to be put in order. The first line is given; ``strips`` are the others, then some flawed ones."""

    start: Node
    strips: tuple[Node, ...]
    signs: tuple[str, ...]
    order: tuple[str, ...]  # the ids s1, s2 … of the strips that belong, in the order of the derivation
    pairs: tuple[tuple[str, str], ...]  # of which the first must stand before the second
    spare: tuple[str, ...]
    reasons: Mapping[str, str]  # id of a strip to that of its reason
    continues: Mapping[str, str]  # id of a strip to that of the one it continues; empty for the start, or none
    replaces: Mapping[str, str]  # id of a spare strip to that of the right one
    wrong: Mapping[str, tuple[Node, str, str, Shown, Shown]]  # id of a spare strip to what is wrong with it
    given: tuple[Node, ...]


@dataclass(frozen=True)
class Flawed:
    """A derivation in which one line is wrong."""

    lines: tuple[Node, ...]
    signs: tuple[str, ...]
    continues: tuple[int, ...]  # numbers of the lines that these continue; 0 for the line right above, or none
    options: tuple[str, ...]  # line2, line3 …: the ids of the lines that follow from others
    right: str
    reasons: Mapping[str, str]
    previous: Mapping[str, int]  # id of a line to the number of the one that it continues; 0 for an equation
    flaw: str
    truth: Node
    relation: str
    here: Shown
    before: Shown
    given: tuple[Node, ...]


@dataclass(frozen=True)
class Missing:
    """A derivation with a gap, and lines of which one fills it."""

    lines: tuple[Node, ...]
    signs: tuple[str, ...]
    continues: tuple[int, ...]  # numbers of the lines that these continue; 0 for the line right above, or none
    place: int  # of the gap, counted from 1
    sign: str
    options: tuple[str, ...]  # o1 … o4, the right one first: whoever asks shuffles them
    trees: Mapping[str, Node]
    right: str
    reason: str
    flaws: Mapping[str, str]  # id of a wrong option to its name
    relation: str
    here: Mapping[str, Shown]
    before: Mapping[str, Shown]
    given: tuple[Node, ...]


@dataclass(frozen=True)
class Reasons:
    """Lines, and why they follow."""

    lines: tuple[Node, ...]
    signs: tuple[str, ...]
    continues: tuple[int, ...]  # numbers of the lines that these continue; 0 for the line right above, or none
    places: Mapping[str, int]  # l2, l3 …: the lines that are matched, and their numbers
    reasons: Mapping[str, str]  # r1, r2 … to ids of reasons
    pairs: tuple[tuple[str, str], ...]
    spare: tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """A derivation of which one term is to be found."""

    lines: tuple[Node, ...]
    signs: tuple[str, ...]
    continues: tuple[int, ...]  # numbers of the lines that these continue; 0 for the line right above, or none
    place: int
    term: Node
    variables: Mapping[str, str]
    names: tuple[Node, ...]
    wrong: Mapping[str, Node]
    reason: str


@dataclass(frozen=True)
class Evaluated:
    """The value of a line on a model."""

    start: Node
    line: Node
    given: tuple[Node, ...]
    value: Decimal
    steps: tuple[tuple[Node, Shown], ...]  # what it is computed from, with one decimal more
    wrong: Mapping[str, Decimal]
    trees: Mapping[str, Node]


def _chain(of: Which) -> Derivation:
    return derivation(of) if isinstance(of, str) else of


def whole(of: Which) -> Whole:
    """A derivation in full."""
    chain = _chain(of)
    return Whole(
        lines=tuple(line.tree for line in chain.lines),
        signs=_signs(chain),
        continues=_continues(chain),
        reasons=tuple(line.reason for line in chain.lines),
    )


def put_in_order(of: Which, number: int, spare: int) -> Strips:
    """The strips of a derivation, with ``spare`` flawed ones among them, each in place of another line."""
    chain = _chain(of)
    model, first, lines = telling_model(chain, number), chain.lines[0], chain.lines[1:]
    known = {line.id for line in lines}
    flaws = _of_different_lines(shuffled(picking(chain.name, number, "strips"), chain.flaws), known)[:spare]
    things: list[Line | Flaw] = [*lines, *flaws]
    ids = {_key(thing): f"s{place}" for place, thing in enumerate(things, 1)}
    return Strips(
        start=first.tree,
        strips=tuple(thing.tree for thing in things),
        signs=tuple(SIGNS[_line(chain, thing).relation] for thing in things),
        order=tuple(ids[line.id] for line in lines),
        pairs=tuple((ids[a], ids[b]) for a, b in chain.pairs() if a != first.id),
        spare=tuple(ids[_key(flaw)] for flaw in flaws),
        reasons={ids[line.id]: line.reason for line in lines},
        continues={ids[line.id]: ids.get(getattr(chain.before(line), "id", ""), "") for line in lines},
        replaces={ids[_key(flaw)]: ids[flaw.line] for flaw in flaws},
        wrong={ids[_key(flaw)]: _wrong(chain, flaw, model) for flaw in flaws},
        given=model.given,
    )


def flawed_line(of: Which, number: int, flaw: int) -> Flawed:
    """The derivation with one flawed line."""
    chain = _chain(of)
    model, wrong = telling_model(chain, number), chain.flaws[flaw]
    line = chain.line(wrong.line)
    _, _, relation, here, before = _wrong(chain, wrong, model)
    numbered = {line.id: place for place, line in enumerate(chain.lines, 1)}
    asked = {f"line{numbered[line.id]}": line for line in chain.lines if line.relation != "start"}
    previous = {option: chain.before(each) for option, each in asked.items()}
    return Flawed(
        lines=tuple(wrong.tree if each is line else each.tree for each in chain.lines),
        signs=_signs(chain),
        continues=_continues(chain),
        options=tuple(asked),
        right=f"line{numbered[line.id]}",
        reasons={option: each.reason for option, each in asked.items()},
        previous={option: numbered[each.id] if each else 0 for option, each in previous.items()},
        flaw=wrong.name,
        truth=line.tree,
        relation=relation,
        here=here,
        before=before,
        given=model.given,
    )


def gaps(of: Which) -> tuple[str, ...]:
    """The ids of the lines that have enough flaws to be asked for among options."""
    chain = _chain(of)
    return tuple(line.id for line in chain.lines if sum(flaw.line == line.id for flaw in chain.flaws) >= OPTIONS - 1)


def missing_line(of: Which, number: int, gap: int) -> Missing:
    """The derivation without one of its lines."""
    chain = _chain(of)
    pick, model = picking(chain.name, number, "missing"), telling_model(chain, number)
    line = chain.line(gaps(chain)[gap])
    wrong = shuffled(pick, [flaw for flaw in chain.flaws if flaw.line == line.id])[: OPTIONS - 1]
    things: list[Line | Flaw] = [line, *wrong]
    options = {f"o{place}": thing for place, thing in enumerate(things, 1)}
    faults = {option: _wrong(chain, thing, model) for option, thing in options.items() if isinstance(thing, Flaw)}
    return Missing(
        lines=tuple(BLANK if each is line else each.tree for each in chain.lines),
        continues=_continues(chain),
        signs=tuple("" if each is line else sign for each, sign in zip(chain.lines, _signs(chain), strict=True)),
        place=chain.place(line.id) + 1,
        sign=SIGNS[line.relation],
        options=tuple(options),
        trees={option: thing.tree for option, thing in options.items()},
        right=next(option for option, thing in options.items() if thing is line),
        reason=line.reason,
        flaws={option: thing.name for option, thing in options.items() if isinstance(thing, Flaw)},
        relation=line.relation,
        here={option: fault[3] for option, fault in faults.items()},
        before={option: fault[4] for option, fault in faults.items()},
        given=model.given,
    )


def reasons(of: Which, number: int) -> Reasons:
    """Some lines of the derivation and the reasons of all."""
    chain = _chain(of)
    lines = [line for line in chain.lines if line.relation != "start"]
    asked = sorted(shuffled(picking(chain.name, number, "reasons"), range(len(lines)))[:LEFTS])
    ids = {line.reason: f"r{place}" for place, line in enumerate(lines, 1)}
    lefts = {f"l{chain.place(lines[index].id) + 1}": lines[index] for index in asked}
    used = {line.reason for line in lefts.values()}
    return Reasons(
        lines=tuple(line.tree for line in chain.lines),
        signs=_signs(chain),
        continues=_continues(chain),
        places={left: chain.place(line.id) + 1 for left, line in lefts.items()},
        reasons={place: reason for reason, place in ids.items()},
        pairs=tuple((left, ids[line.reason]) for left, line in lefts.items()),
        spare=tuple(place for reason, place in ids.items() if reason not in used),
    )


def missing_term(of: Which, blank: int) -> Term:
    """The derivation with a box in place of a term."""
    chain = _chain(of)
    asked = chain.blanks[blank]
    line = chain.line(asked.line)
    return Term(
        lines=tuple(swapped(each.tree, asked.term, BLANK) if each is line else each.tree for each in chain.lines),
        signs=_signs(chain),
        continues=_continues(chain),
        place=chain.place(line.id) + 1,
        term=asked.term,
        variables=dict(asked.variables),
        names=tuple(map(Name, asked.variables)),
        wrong=dict(asked.wrong),
        reason=line.reason,
    )


def evaluated(of: Which, number: int, place: int) -> Evaluated:
    """One of the lines that may be computed, on a model. Raises Undefined if it has no single value there."""
    chain = _chain(of)
    model, line = telling_model(chain, number), chain.line(chain.values[place])
    tree = computed(line.tree)
    value = evaluate(tree, model)
    if isinstance(value, Table):
        raise Undefined(f"{chain.name}, line {line.id!r} has no single value")
    flaws = {flaw.name: flaw for flaw in chain.flaws if flaw.line == line.id}
    wrong = {flaw: _single(evaluate(computed(each.tree), model)) for flaw, each in flaws.items()}
    working = chain.working.get(line.id) or [part for part in parts(tree, model) if not _is_plain(part)]
    return Evaluated(
        start=chain.lines[0].tree,
        line=line.tree,
        given=tuple(fact for fact in model.given if children(fact)[0] not in summed(tree)),
        value=_single(value),
        steps=tuple((part, _shown(evaluate(part, model), DIGITS + 1)) for part in working),
        wrong=wrong,
        trees={flaw: computed(each.tree) for flaw, each in flaws.items()},
    )


def computed(tree: Node) -> Node:
    """What is computed of a line: of an equation, the right side."""
    return children(tree)[1] if isinstance(tree, Call) and tree.function == "isequal" else tree


def summed(tree: Node) -> set[Node]:
    """The names that a line sums over: it does not depend on their values."""
    found = {name for child in children(tree) for name in summed(child)}
    match tree:
        case Series(_, index, _, _, _):
            return {*found, Name(index)}
        case Call("total" | "integral", (variable, _)):
            return {*found, variable}
    return found


def _is_plain(tree: Node) -> bool:
    """Whether a tree is a number and nothing else."""
    return not isinstance(tree, Name | Call | Apply) and all(map(_is_plain, children(tree)))


def parts(tree: Node, model: Model) -> tuple[Node, ...]:
    """What the value of a line is computed from: its terms, and the states that an expectation goes over."""
    match tree:
        case Sum(terms):
            return tuple(dict.fromkeys(part for term in terms for part in (*parts(term, model), _unsigned(term))))
        case Product(factors):
            return tuple(part for factor in factors for part in parts(factor, model))
        case Series(_, index, low, high, body):
            places = range(int(_single(evaluate(low, model))), int(_single(evaluate(high, model))) + 1)
            return tuple(_numbered(body, index, place) for place in places)
        case Call("total", (Name() as variable, body)):
            return tuple(_placed(body, variable, state, model) for state in model.space(variable.name) or ())
        case Call("expectation", (Apply() as measure, body)):
            return tuple(part for state in _states(measure, model) for part in _at(measure, body, state, model))
        case Call("kl", (Apply() as p, q)):
            return tuple(part for state in _states(p, model) for part in _at(p, ln(p / q), state, model))
    return ()


def _numbered(tree: Node, index: str, place: int) -> Node:
    """The term of a series at one place, also in names of functions: ``F_n(z_{n-1})`` at 1 is ``F_1(z_0)``."""
    if tree == Name(index):
        return num(place)
    inner = tuple(_numbered(child, index, place) for child in children(tree))
    match tree:
        case Name(name, _):
            return Name(name, tuple(map(_counted, inner)))
        case Apply(name, _, separators):
            found = INDEXED.match(name)
            if found and found["index"] == index:
                name = f"{found['stem']}_{place + int(found['shift'] or 0)}{name[found.end() :]}"
            return Apply(name, inner, separators)
    return replaced(tree, inner) if inner else tree


def _counted(index: Node) -> Node:
    """An index such as ``2 - 1`` as one number."""
    match index:
        case Sum((Num(first), Num(second))):
            return num(int(first) + int(second))
        case Sum((Num(first), Product((Num("-1"), Num(second))))):
            return num(int(first) - int(second))
    return index


def _unsigned(term: Node) -> Node:
    """A term without its minus."""
    match term:
        case Product((Num("-1"), *factors)):
            return factors[0] if len(factors) == 1 else Product(tuple(factors))
    return term


def _states(measure: Apply, model: Model) -> tuple[tuple[Name, int], ...]:
    """The values of the one variable that is averaged over; none if there are many or infinitely many."""
    variable = measure.arguments[0]
    if measure.separators[:1] == "," or not isinstance(variable, Name) or variable.name not in model.spaces:
        return ()
    if not any(variable.name in density.variables for density in model.densities.get(measure.name, ())):
        return ()  # a vector
    return tuple((variable, state) for state in model.spaces[variable.name] or ())


def _at(measure: Node, body: Node, state: tuple[Name, int], model: Model) -> tuple[Node, Node]:
    """The weight of a state, and what is averaged there."""
    variable, value = state
    return _placed(measure, variable, value, model), _placed(body, variable, value, model)


def _placed(tree: Node, variable: Name, value: int, model: Model, inside: bool = False) -> Node:
    """``tree`` with a value for a variable: ``z = 1`` among the arguments of a density, the number elsewhere."""
    if tree == variable:
        return Call("isequal", (variable, num(value))) if inside else num(value)
    is_density = isinstance(tree, Apply) and tree.name in model.densities
    inner = tuple(_placed(child, variable, value, model, is_density) for child in children(tree))
    return replaced(tree, inner) if inner else tree


BLANK = Call("blank", ())
"""The box that stands for what is asked."""


def _single(value: Value) -> Decimal:
    return decimal(value, DIGITS)


def _wrong(chain: Derivation, flaw: Flaw, model: Model) -> tuple[Node, str, str, Shown, Shown]:
    """A flawed line, its name, its relation, and the two values that a reader compares on the model."""
    found = refuted(chain, flaw, model)
    if found is None:
        raise Undefined(f"{chain.name}: {flaw.name} is not refuted")
    here, before = readable(found)
    return flaw.tree, flaw.name, chain.line(flaw.line).relation, here, before


def readable(found: Step) -> tuple[Shown, Shown]:
    """The two values that a step compares, exact where they are short."""
    return _shown(found.here), _shown(found.before)


def _shown(value: Value, digits: int = DIGITS) -> Shown:
    if isinstance(value, Table):
        return tuple(_number(entry, digits) for entry in value.entries)
    return _number(value, digits)


def _number(value: Value, digits: int) -> Fraction | Decimal:
    """A short fraction, or a number to some decimals: to one more where its error bound spans a rounding edge."""
    whole = exact(value) if isinstance(value, fmpq) else None
    if whole is not None and whole.denominator < 1000:
        return whole
    try:
        return decimal(value, digits)
    except Undefined:
        return decimal(value, digits + 1)


def _signs(chain: Derivation) -> tuple[str, ...]:
    return tuple(SIGNS[line.relation] for line in chain.lines)


def _continues(chain: Derivation) -> tuple[int, ...]:
    """For each line the number of the one that it continues, if that is not the one above."""
    places = [(place, chain.before(line)) for place, line in enumerate(chain.lines)]
    numbers = [(place, chain.place(before.id) + 1 if before else 0) for place, before in places]
    return tuple(number if number != place else 0 for place, number in numbers)


def _line(chain: Derivation, thing: Line | Flaw) -> Line:
    return chain.line(thing.line) if isinstance(thing, Flaw) else thing


def _key(thing: Line | Flaw) -> str:
    return f"flaw {thing.name}" if isinstance(thing, Flaw) else thing.id


def _of_different_lines(flaws: Sequence[Flaw], lines: Collection[str]) -> list[Flaw]:
    """The first flaw for each of some lines."""
    found: dict[str, Flaw] = {}
    for flaw in flaws:
        if flaw.line in lines:
            found.setdefault(flaw.line, flaw)
    return [*found.values()]


def shuffled(pick: Pick, values: Sequence[T]) -> tuple[T, ...]:
    """``values`` in a random order."""
    order = list(values)
    for last in range(len(order) - 1, 0, -1):
        other = pick(0, last)
        order[last], order[other] = order[other], order[last]
    return tuple(order)


def with_blanks() -> tuple[str, ...]:
    """The derivations that have a term to be found."""
    return tuple(each.name for each in sound() if each.blanks)


def with_values() -> tuple[str, ...]:
    """The derivations that have a line to be computed."""
    return tuple(each.name for each in sound() if each.values)
