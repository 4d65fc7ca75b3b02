"""H(p, q) = H(p) + KL(p || q); with one-hot labels the cross-entropy is the mean negative log-likelihood.

Source: Goodfellow et al. 2016, section 3.13; Bishop 2006, sections 1.6.1 and 4.3.4. Natural logarithm; 0 ln 0 = 0.
t(y|n) is the one-hot distribution of the label y_n, and q(y|n) the prediction for example n.
"""

from fractions import Fraction

from solvers.derivations.language import KL, H, Name, Node, density, equal, ln, mul, names, num, over, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed, shares, states

y, n, size = names("y n N")
p, q, t = density("p"), density("q"), density("t")
true, guess = p(y), q(y)
target, prediction = t(y, given=n), q(y, given=n)
at_label = q(equation(y, Name("y", (n,))), given=n)


def binary(pick: Pick) -> Model:
    """Two classes and two examples."""
    return _model(pick, 2, 2)


def several(pick: Pick) -> Model:
    """Three classes and four examples."""
    return _model(pick, 3, 4)


def _model(pick: Pick, classes: int, examples: int) -> Model:
    values, places = range(classes), range(1, examples + 1)
    labels = [pick(0, classes - 1) for _ in places]
    predicted = {place: shares(pick, classes) for place in places}
    distributions = {"p": _uneven(pick, classes), "q": shares(pick, classes)}
    numbers = indexed("y", labels) | {"N": examples}
    for name, table in distributions.items():
        numbers |= states(name, {(k,): share for k, share in enumerate(table)})
    numbers |= states("guess", {(k, place): predicted[place][k] for place in places for k in values})
    numbers |= states("onehot", {(k, place): int(labels[place - 1] == k) for place in places for k in values})
    return Model(
        values=numbers,
        spaces={"y": tuple(values)},
        densities={
            "p": (Density(("y",), Name("p", (y,))),),
            "q": (Density(("y",), Name("guess", (y, n)), ("n",)), Density(("y",), Name("q", (y,)))),
            "t": (Density(("y",), Name("onehot", (y, n)), ("n",)),),
        },
        given=(
            *(
                equation(density(name)(equation(y, k)), table[k])
                for name, table in distributions.items()
                for k in values
            ),
            *(equation(Name(f"y_{place}"), label) for place, label in enumerate(labels, 1)),
            *(equation(q(equation(y, k), given=num(place)), predicted[place][k]) for place in places for k in values),
        ),
    )


def _uneven(pick: Pick, classes: int) -> tuple[Fraction, ...]:
    """A distribution whose last value is the most frequent."""
    weights = [*(pick(1, 3) for _ in range(classes - 1)), pick(4, 6)]
    return tuple(Fraction(weight, sum(weights)) for weight in weights)


def mean(body: Node) -> Node:
    """The average over the examples."""
    return mul(1 / size, every(body))


def every(body: Node) -> Node:
    """The sum over the examples."""
    return series("n", 1, size, body)


entropy, relative = over(y, true * ln(true)), over(y, true * ln(true / guess))
batch = mean(H(target, prediction))

lines = (
    Line("crossentropy", H(true, guess), "start"),
    Line("definition", -over(y, true * ln(guess)), reason="definition_of_cross_entropy"),
    Line("insert", relative - entropy, reason="quotient_rule_of_logarithms"),
    Line("identity", H(true) + KL(true, guess), reason="definitions"),
    Line("certain", equal(every(H(target)), num(0)), "holds", reason="no_uncertainty"),
    Line("batch", equal(batch, mean(KL(target, prediction))), "holds", reason="combine", needs=("identity", "certain")),
    Line("label", equal(batch, -mean(ln(at_label))), "holds", reason="one_term_left", needs=("definition",)),
)

DERIVATION = Derivation(
    name="cross_entropy",
    lines=lines,
    flaws=(
        Flaw("averages_under_the_prediction", "definition", -over(y, guess * ln(true))),
        Flaw("loses_the_sign", "definition", over(y, true * ln(guess))),
        Flaw("moves_the_logarithm_out", "definition", -ln(over(y, true * guess))),
        Flaw("turns_the_ratio_over", "insert", over(y, true * ln(guess / true)) - entropy),
        Flaw("adds_the_negative_entropy", "insert", relative + entropy),
        Flaw("subtracts_the_entropy", "identity", KL(true, guess) - H(true)),
        Flaw("swaps_the_divergence", "identity", H(true) + KL(guess, true)),
        Flaw("takes_the_entropy_of_the_prediction", "identity", H(guess) + KL(true, guess)),
        Flaw("counts_one_for_each_label", "certain", equal(every(H(target)), size)),
        Flaw("forgets_the_prediction", "batch", equal(batch, mean(H(prediction)))),
        Flaw("sums_over_all_classes", "label", equal(batch, -mean(over(y, ln(prediction))))),
        Flaw("takes_the_logarithm_of_the_mean", "label", equal(batch, -ln(mean(at_label)))),
        Flaw("counts_the_missing_probability", "label", equal(batch, mean(1 - at_label))),
        Flaw("forgets_the_mean", "label", equal(batch, -every(ln(at_label)))),
    ),
    worlds=(binary, several),
    values=("definition", "identity"),
)
