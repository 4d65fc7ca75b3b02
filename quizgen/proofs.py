"""Model solutions that are derivations: what is printed is what was evaluated, line by line."""

from pathlib import Path

from quizgen import prose
from quizgen.errors import ProofError, UnknownName
from quizgen.values import Texts

MODELS = 20
"""Models on which every line must hold before it is printed."""


def solution(name: str, place: str, folders: tuple[Path, ...]) -> Texts:
    """The lines of a derivation with their reasons, as Markdown per locale.

    Raises UnknownName, or ProofError with the line that does not hold and the model that shows it.
    """
    from solvers import derivations
    from solvers.derivations import chain, questions

    if name not in derivations.names():
        raise UnknownName.among("derivation", name, derivations.names(), place)
    try:
        derivation = derivations.derivation(name)
        for model in chain.models(derivation, MODELS):
            chain.prove(derivation, model)
    except derivations.Defect as error:
        raise ProofError(str(error), place) from error
    told = questions.whole(name)
    locales = prose.locales(f"derivations/chains/{name}", folders)
    return {
        locale: prose.page("derivations/_solution", locale, folders, chain=name, t=told).strip() for locale in locales
    }
