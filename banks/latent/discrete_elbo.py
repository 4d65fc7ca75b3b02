"""Evidence, posterior, ELBO and its gap for a model with one binary latent variable and given tables.

Source: Kingma & Welling 2014, arXiv:1312.6114, equations 1-3: ln p(x) = ELBO + KL(q(z|x) || p(z|x)); natural logarithm.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from quizgen.family import Family, Parameters, answer, fractions
from solvers import latent, oracles
from solvers.latent import DiscreteELBO

family = Family(
    level=4,
    version=1,
    minutes=9,
    calculator=True,
    answers={
        "evidence": answer.Fraction("evidence"),
        "posterior": answer.Fraction("posterior", after=("evidence",)),
        "elbo": answer.Number("elbo", digits=3, weight=2),
        "gap": answer.Number("gap", digits=3),
    },
)


@family.parameters
class Params(Parameters):
    prior: Fraction = fractions("1/4", "3/4", denominators=(2, 3, 4))  # p(z = 1)
    likelihood0: Fraction = fractions("1/6", "5/6", denominators=(2, 3, 4, 5, 6))  # p(x | z = 0)
    likelihood1: Fraction = fractions("1/6", "5/6", denominators=(2, 3, 4, 5, 6))  # p(x | z = 1)
    q: Fraction = fractions("1/5", "4/5", denominators=(2, 3, 4, 5))  # q(z = 1 | x)

    def valid(self) -> bool:
        """The likelihoods differ, and q(z=1|x) is at least 1/8 away from p(z=1) and from p(z=1|x)."""
        if self.likelihood0 == self.likelihood1 or 8 * abs(self.q - self.prior) < 1:
            return False
        one = self.prior * self.likelihood1
        evidence = one + (1 - self.prior) * self.likelihood0
        return 8 * abs(self.q * evidence - one) >= evidence


@family.solve
def solve(q: Params) -> DiscreteELBO:
    return latent.discrete_elbo(q.prior, (q.likelihood0, q.likelihood1), q.q)


@family.misconception
def weighs_by_the_encoder(q: Params) -> Mapping[str, Fraction]:
    one = q.q * q.likelihood1
    total = one + (1 - q.q) * q.likelihood0
    return {"evidence": total, "posterior": one / total}


@family.misconception
def ignores_the_prior(q: Params) -> Mapping[str, Fraction]:
    total = q.likelihood0 + q.likelihood1
    return {"evidence": total, "posterior": q.likelihood1 / total}


@family.misconception
def takes_a_uniform_prior(q: Params) -> Mapping[str, Fraction]:
    return {"evidence": (q.likelihood0 + q.likelihood1) / 2}


@family.misconception
def stops_at_the_joint(q: Params) -> Mapping[str, Fraction]:
    one = solve(q).joint[1]
    return {"evidence": one, "posterior": one}


@family.misconception
def takes_the_other_state(q: Params) -> Mapping[str, Fraction]:
    return {"posterior": 1 - solve(q).posterior}


@family.misconception
def adds_the_divergence(q: Params) -> Mapping[str, Decimal]:
    reconstruction = latent.expected_log(q.q, (q.likelihood0, q.likelihood1))
    return {"elbo": reconstruction + latent.bernoulli_kl(q.q, q.prior)}


@family.misconception
def forgets_the_divergence(q: Params) -> Mapping[str, Decimal]:
    return {"elbo": latent.expected_log(q.q, (q.likelihood0, q.likelihood1))}


@family.misconception
def averages_under_the_prior(q: Params) -> Mapping[str, Decimal]:
    reconstruction = latent.expected_log(q.prior, (q.likelihood0, q.likelihood1))
    return {"elbo": reconstruction - latent.bernoulli_kl(q.q, q.prior)}


@family.misconception
def forgets_the_entropy(q: Params) -> Mapping[str, Decimal]:
    return {"elbo": latent.expected_log(q.q, solve(q).joint)}


@family.misconception
def takes_the_logarithm_last(q: Params) -> Mapping[str, Decimal]:
    return {"elbo": solve(q).log_evidence, "gap": Decimal("0.000")}


@family.misconception
def measures_to_the_prior(q: Params) -> Mapping[str, Decimal]:
    return {"gap": latent.bernoulli_kl(q.q, q.prior)}


@family.misconception
def reverses_the_divergence(q: Params) -> Mapping[str, Decimal]:
    return {"gap": latent.bernoulli_kl(solve(q).posterior, q.q)}


@family.misconception
def counts_in_bits(q: Params) -> Mapping[str, Decimal]:
    t = solve(q)
    elbo = latent.expected_log(q.q, t.ratios, digits=20)
    gap = latent.bernoulli_kl(q.q, t.posterior, digits=20)
    return {"elbo": latent.in_bits(elbo), "gap": latent.in_bits(gap)}


@family.follows
def posterior(q: Params, evidence: Fraction) -> Fraction:
    return solve(q).joint[1] / evidence


@family.law
def torch_agrees(q: Params, t: DiscreteELBO) -> None:
    model = oracles.latent.TwoStates(q.prior, (q.likelihood0, q.likelihood1), q.q)
    assert oracles.agreement.agrees(t.joint, model.joint())
    assert oracles.agreement.agrees(t.posterior, model.posterior.probs[1])
    assert oracles.agreement.agrees(t.ratios, model.weights())
    assert oracles.agreement.agrees(t.log_evidence, model.log_evidence())
    assert oracles.agreement.agrees(t.elbo, model.elbo())
    assert oracles.agreement.agrees(t.gap, model.gap())


@family.law
def summing_out_the_latent_gives_the_evidence(q: Params, t: DiscreteELBO) -> None:
    assert t.evidence == sum(t.joint)
    assert t.evidence == sum(weight * ratio for weight, ratio in zip((1 - q.q, q.q), t.ratios, strict=True))


@family.law
def evidence_is_bound_plus_gap(q: Params, t: DiscreteELBO) -> None:
    assert abs(t.log_evidence - t.elbo - t.gap) <= Decimal("0.0015")
