"""Every experiment: its settings, its claims, its words in all languages, and a run too short to mean anything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from quizgen import markup, prose
from quizgen.bank import Bank
from solvers.training import records
from solvers.training.engine.run import Run
from solvers.training.experiment import (
    Change,
    Claim,
    Closest,
    Events,
    Experiment,
    Measured,
    Order,
    Setting,
)
from solvers.training.experiments import find, names

TEMPLATES = (Path(__file__).parents[2] / "templates" / "items",)
LOCALES = ("en", "zh")
FORMULA = re.compile(r"\$[^$]+\$")

experiments = pytest.mark.parametrize("name", names())


@experiments
def test_settings_differ_and_there_are_enough(name: str) -> None:
    settings = find(name).settings
    assert len(settings) >= 6
    assert len(set(settings)) == len(settings)
    assert len({type(setting) for setting in settings}) == 1
    assert all(find(name).nearby(setting) for setting in settings), "without a probe no claim is accepted"
    for setting in settings:
        assert all(isinstance(value, int | float | str) for value in asdict(setting).values())


@experiments
def test_claims_name_arms_and_metrics_that_there_are(name: str) -> None:
    experiment = find(name)
    for setting in experiment.settings:
        arms, claims = experiment.arms(setting), experiment.claimed(setting)
        assert claims
        assert len(set(arms)) == len(arms)
        for claim in claims.values():
            assert claim.metric in experiment.metrics
            assert set(_arms(claim)) <= set(arms)
            assert not claim.believed or claim.believed in set(_answers(claim))
            if isinstance(claim, Closest):
                assert list(claim.options) == sorted(set(claim.options))


@experiments
@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_words_for_every_answer(name: str, locale: str) -> None:
    experiment = find(name)
    plotted = _tiny(name).curves
    for setting in experiment.settings:
        for claim_name, claim in experiment.claimed(setting).items():
            needed = {"title", "setup", f"metric_{claim.metric}", f"why_{claim_name}"}
            needed |= {f"arm_{arm}" for arm in _arms(claim)}
            needed |= {f"folklore_{claim_name}"} if claim.believed else set()
            needed |= {f"curve_{claim.metric}"} if isinstance(claim, Order) and claim.metric in plotted else set()
            for answer in _answers(claim):
                words = _words(name, locale)
                assert not (missing := sorted(needed - words.keys())), f"{name}.{locale}: {missing}"
                shown = SimpleNamespace(setting=_shown(setting), answer=answer, runs=dict.fromkeys(_arms(claim)))
                for block in needed:
                    text = str(words[block] if block == "title" else words[block](shown)).strip()
                    assert text, f"{name}.{locale}: {block}"
                    markup.parse(text, f"{name}.{locale}, {block}")


@experiments
def test_slips_are_told_of_wrong_options_only_and_alike_in_all_languages(name: str) -> None:
    experiment, accepted, told = find(name), records.accepted().get(name, {}), set()
    for number, setting in enumerate(experiment.settings):
        for claim_name, claim in experiment.claimed(setting).items():
            if not isinstance(claim, Closest):
                continue
            first, *others = (_slips(name, locale, claim_name, claim, setting) for locale in LOCALES)
            assert all(other == first for other in others), f"{claim_name} of setting {number}: {first}, {others}"
            outcome = accepted[number].claims.get(claim_name) if number in accepted else None
            silent = {*claim.believed, *(outcome.answer if outcome else ())}
            assert not first.keys() & {int(place) + 1 for place in silent}, f"{claim_name} of setting {number}"
            told |= {f"slip_{claim_name}"} if first else set()
    for locale in LOCALES:
        assert {block for block in _words(name, locale) if block.startswith("slip_")} == told


@pytest.mark.parametrize("locale", LOCALES)
def test_a_wrong_value_is_told_its_slip_before_what_was_measured(locale: str) -> None:
    bank = Bank()
    family = bank.family("empirical/closest_value")
    item = family.make(family.params(experiment="xor_identity", setting=0, claim="entropy", below=1))
    found = prose.words(item, locale, bank.templates)
    told = [found.feedback(item.parts[0], f"says_o{place}") for place in (2, 4, 5)]
    assert len({str(document.blocks[0]) for document in told if document}) == 3
    assert len({str(document.blocks[1:]) for document in told if document}) == 1


def _slips(name: str, locale: str, claim_name: str, claim: Closest, setting: Setting) -> dict[int, list[str]]:
    """The places of the options of which a slip is told, with the formulas in it."""
    slip = _words(name, locale).get(f"slip_{claim_name}", lambda shown, place: "")
    values = {f"o{place}": Decimal(str(value)) for place, value in enumerate(claim.options, 1)}
    shown = SimpleNamespace(setting=_shown(setting), values=values)
    texts = {place: str(slip(shown, place)).strip() for place in range(1, len(values) + 1)}
    for place, text in texts.items():
        markup.parse(text, f"{name}.{locale}, slip_{claim_name}, option {place}")
    return {place: sorted(FORMULA.findall(text)) for place, text in texts.items() if text}


@experiments
def test_a_tiny_run_is_finite_and_has_the_right_shapes(name: str) -> None:
    experiment, found = find(name), _tiny(name)
    setting = _short(experiment)
    assert set(found.values) == set(experiment.arms(setting))
    claimed = {claim.metric for claim in experiment.claimed(setting).values()}
    for metrics in found.values.values():
        assert claimed <= set(metrics) <= set(experiment.metrics)
        for values in metrics.values():
            assert values.shape == (2,)
            assert np.isfinite(values).all()
    for curve in found.curves.values():
        assert set(curve.arms) <= set(experiment.arms(setting))
        for values in curve.arms.values():
            assert values.shape == (2, len(curve.x))
            assert np.isfinite(values).all()


@experiments
def test_a_run_belongs_to_its_seed_whichever_others_run_beside_it(name: str) -> None:
    together, alone = _tiny(name), _measured(find(name), (4,))
    for arm, metrics in alone.values.items():
        for metric, values in metrics.items():
            assert values[0] == pytest.approx(together.values[arm][metric][1], rel=1e-3, abs=1e-3), (arm, metric)


@cache
def _tiny(name: str) -> Measured:
    return _measured(find(name), (3, 4))


def _measured(experiment: Experiment, seeds: tuple[int, ...]) -> Measured:
    """A short run of all arms of the first setting."""
    setting = _short(experiment)
    parts = [experiment.measure(setting, group, Run(seeds)) for group in experiment.grouped(setting)]
    values = {arm: metrics for part in parts for arm, metrics in part.values.items()}
    curves: dict[str, Any] = {}
    for part in parts:
        for name, curve in part.curves.items():
            known = curves.setdefault(name, replace(curve, arms={}))
            assert tuple(known.x) == tuple(curve.x), f"the arms of {name} have points of their own"
            curves[name] = replace(known, arms={**known.arms, **curve.arms})
    return Measured(values, curves)


def _short(experiment: Experiment) -> Setting:
    """The first setting, with a few steps only."""
    setting = experiment.settings[0]
    names = {field.name for field in fields(setting)}
    trained = next((name for name in ("train_steps", "epochs", "steps") if name in names), None)
    return replace(setting, **{trained: 1 if trained == "epochs" else 20}) if trained else setting


def _arms(claim: Claim) -> tuple[str, ...]:
    match claim:
        case Order() | Events():
            return claim.arms
        case Change():
            return claim.before, claim.after
        case Closest():
            return (claim.arm,)


def _answers(claim: Claim) -> Iterator[tuple[str, ...]]:
    """What may come out: of orders and of events, some and what is believed."""
    match claim:
        case Order():
            assert not claim.believed or sorted(claim.believed) == sorted(claim.arms)
            yield from dict.fromkeys((claim.arms, claim.arms[::-1], claim.believed or claim.arms))
        case Events():
            yield from dict.fromkeys((claim.arms, *((arm,) for arm in claim.arms), claim.believed or claim.arms))
        case Change():
            yield from (("rises",), ("falls",), ("same",)) if claim.margin else (("rises",), ("falls",))
            if claim.believed == ("same",):
                yield ("same",)
        case Closest():
            yield from ((str(place),) for place in range(len(claim.options)))


def _shown(setting: Setting) -> dict[str, Any]:
    """A setting as questions see it."""
    return {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in asdict(setting).items()}


def _words(name: str, locale: str) -> Mapping[str, Any]:
    """The title and the macros of an experiment's template."""
    return vars(prose.template(f"empirical/experiments/{name}", locale, TEMPLATES).module)


@experiments
def test_options_are_numbers_that_are_read_at_a_glance(name: str) -> None:
    experiment = find(name)
    for setting in experiment.settings:
        for claim in experiment.claimed(setting).values():
            options = claim.options if isinstance(claim, Closest) else ()
            assert list(options) == sorted(set(options))
            assert all(len(f"{option:g}") <= 6 and float(f"{option:g}") == option for option in options), options
