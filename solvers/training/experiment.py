"""An experiment: settings, the arms that are compared in each, what is measured, and what is claimed of it.

Its file trains (``solvers/training/experiments/<name>.py``); its words stand in the templates of questions. Whether a
claim may be asked is decided by the gates, from the numbers alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.training.engine.run import Run

Setting: TypeAlias = Any
"""A frozen dataclass of numbers and words, each with the name that questions print it under."""

F = TypeVar("F", bound=Callable[..., Any])

QUARTER = (1.25, 0.75)
FACTORS: Mapping[str, tuple[float, float]] = {"rate": (1.5, 1 / 1.5)}
"""How far nuisances are moved, where it is not a quarter."""


@dataclass(frozen=True)
class Metric:
    """What is measured of each model, and by how much two arms must differ to be told apart.

    On the scale ``difference`` the effect is a - b, and ``least`` a difference; on ``ratio`` it is log10(a / b), and
    ``least`` a factor such as 1.1, so that the values must be positive. ``digits`` are printed after the point.
    """

    least: float
    scale: Literal["difference", "ratio"] = "difference"
    digits: int = 3


@dataclass(frozen=True)
class Order:
    """The arms from the one with the highest value of the metric to the lowest; every neighbouring pair must pass.

    ``believed`` is the answer that folklore gives, where it gives one; here and below.
    """

    metric: str
    arms: tuple[str, ...]
    believed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Whether the metric ``rises``, ``falls`` or stays the ``same`` from the arm ``before`` to ``after``.

    "Stays the same" takes an equivalence test: the effect lies within ``margin`` (on the metric's scale, as ``least``).
    """

    metric: str
    before: str
    after: str
    margin: float = 0.0
    believed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Events:
    """In which arms the metric lies above ``above``: in nearly all runs of an arm, or in nearly none."""

    metric: str
    arms: tuple[str, ...]
    above: float
    believed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Closest:
    """Which of the ``options``, in rising order, the metric of an arm is closest to."""

    metric: str
    arm: str
    options: tuple[float, ...]
    believed: tuple[str, ...] = ()
    """The place of an option, as a word: ``("2",)``."""


Claim: TypeAlias = Order | Change | Events | Closest


@dataclass(frozen=True)
class Control:
    """A claim whose answer is known beforehand, such as that nothing changes where the cause is taken away.

    It is no question. If it does not come out as stated, nothing of its setting may be asked.
    """

    claim: Claim
    answer: tuple[str, ...]


@dataclass(frozen=True)
class Curve:
    """What is plotted of each arm: values (S, T) over the T numbers ``x``."""

    x: Sequence[float]
    arms: Mapping[str, "NDArray[Any]"]


@dataclass(frozen=True)
class Measured:
    """What a run gives: arm to metric to S numbers, and curves by name."""

    values: Mapping[str, Mapping[str, "NDArray[Any]"]]
    curves: Mapping[str, Curve] = field(default_factory=dict)


class Experiment:
    """Filled by decorators while its file is loaded, and not changed afterwards.

    ``version`` is raised when the meaning changes. ``nuisances`` are fields of a setting that are moved by a quarter up
    and down (a rate by a half) and must not change what is claimed; ``data`` names the files of data it reads;
    ``seeds`` are those of a setting, ``probed`` those of each probe.
    """

    def __init__(
        self,
        *,
        version: int,
        metrics: Mapping[str, Metric],
        nuisances: tuple[str, ...] = (),
        data: tuple[str, ...] = (),
        seeds: int = 32,
        probed: int = 8,
    ) -> None:
        self.name = ""
        self.version = version
        self.metrics = dict(metrics)
        self.nuisances = nuisances
        self.data = data
        self.seeds = seeds
        self.probed = probed
        self.settings: tuple[Setting, ...] = ()
        self._withdrawn: dict[Setting, tuple[str, ...]] = {}
        self._groups: Callable[[Setting], Sequence[Sequence[str]]] | None = None
        self._claims: Callable[[Setting], Mapping[str, Claim]] | None = None
        self._controls: Callable[[Setting], Mapping[str, Control]] = lambda setting: {}
        self._train: Callable[[Setting, Sequence[str], Run], Measured] | None = None
        self._probes: Callable[[Setting], Mapping[str, Setting] | Iterator[tuple[str, Setting]]] = self.moved

    # What its file declares.

    def ask(self, *settings: Setting) -> None:
        """The settings that questions may have, in an order that is only ever added to."""
        self.settings = settings

    def withdraw(self, claims: Mapping[int, str]) -> None:
        """What fresh seeds spoke against: number of a setting to the names of claims that are no longer made of it."""
        self._withdrawn = {self.settings[number]: tuple(names.split()) for number, names in claims.items()}

    def groups(self, function: F) -> F:
        """Decorator: a setting to its arms; those of one shape, which are trained together, stand in one tuple."""
        self._groups = function
        return function

    def claims(self, function: F) -> F:
        """Decorator: a setting to what is claimed of it, by name."""
        self._claims = function
        return function

    def controls(self, function: F) -> F:
        """Decorator: a setting to its controls, by name, over arms that are trained with the others."""
        self._controls = function
        return function

    def train(self, function: F) -> F:
        """Decorator: trains some arms of a setting, all of one group, and measures them."""
        self._train = function
        return function

    def probes(self, function: F) -> F:
        """Decorator: a setting to the ones nearby that must give the same answers; else ``nuisances`` are moved."""
        self._probes = function
        return function

    # What the program asks of it.

    def grouped(self, setting: Setting) -> tuple[tuple[str, ...], ...]:
        """The arms of a setting, by shape."""
        assert self._groups is not None, self.name
        return tuple(tuple(group) for group in self._groups(setting))

    def arms(self, setting: Setting) -> tuple[str, ...]:
        """All arms of a setting."""
        return tuple(arm for group in self.grouped(setting) for arm in group)

    def claimed(self, setting: Setting) -> dict[str, Claim]:
        """What is claimed of a setting, by name."""
        assert self._claims is not None, self.name
        found, gone = dict(self._claims(setting)), self._withdrawn.get(setting, ())
        assert found.keys() >= set(gone), f"{self.name}: {gone} are no claims"
        return {name: claim for name, claim in found.items() if name not in gone}

    def controlled(self, setting: Setting) -> dict[str, Control]:
        """The controls of a setting, by name."""
        return dict(self._controls(setting))

    def nearby(self, setting: Setting) -> dict[str, Setting]:
        """The probes of a setting, by name."""
        return dict(self._probes(setting))

    def moved(self, setting: Setting) -> Iterator[tuple[str, Setting]]:
        """The setting with each nuisance moved: ``rate up``, ``rate down`` …"""
        for name in self.nuisances:
            value = getattr(setting, name)
            for way, factor in zip(("up", "down"), FACTORS.get(name, QUARTER), strict=True):
                away = ceil if factor > 1 else floor  # a small integer is moved, too
                new = value * factor if isinstance(value, float) else away(value * factor)
                yield f"{name} {way}", replace(setting, **{name: new})

    def measure(self, setting: Setting, arms: Sequence[str], run: "Run") -> Measured:
        """Trains some arms of one group."""
        assert self._train is not None, self.name
        return self._train(setting, arms, run)

    @property
    def candidates(self) -> int:
        """How many claims are looked at in all: what Bonferroni's correction divides by."""
        return sum(len(self.claimed(setting)) for setting in self.settings)
