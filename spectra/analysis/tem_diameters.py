"""Method ``tem_diameters``: mean, spread and populations of particle sizes from electron microscopy.

The particles themselves are fitted (``size_mixture``), never a histogram; that is drawn only as a picture. How many
particles were measured is always shown: a share of 95 % means little when it rests on forty dots.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.size_mixture import Mixture, covariance, fit_mixture, share_interval
from spectra.notes import gettext_noop
from spectra.sizes import Sizes

LEAST = 10  # particles below which there is no distribution to speak of
FEW = 100  # particles below which shares are hardly known
MOST_POPULATIONS = 3
CLEAR_BIC = 2.0  # a further population must lower the criterion by more than this
LEAST_SHARE = 2.0  # particles; a population of fewer is an outlier
HISTOGRAM_BINS = 30


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n lists of sizes.

    Parameters
    ----------
    cases : sequence of Case
        Role ``sizes`` (one list each).

    Returns
    -------
    list of Outcome
        ``n_particles``, ``tem_mean_nm``, ``tem_spread_nm``; of the largest population ``population_center_nm``,
        ``population_spread_nm`` and ``population_share`` with its 95 % interval; and ``larger_share``.

    Notes
    -----
    Populations share one spread. Their number is the smallest that the Bayesian criterion supports, up to three; with a
    ``spacing_nm`` their distance is held, as for dots of n, n + 1 … unit cells. u of a size holds the counting part and the
    calibration of the magnification, which all images of one microscope share: it cancels between them.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        given, sizes = _sizes(case, findings)
        fit = _chosen(sizes.values_nm, case.parameters, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    main = int(np.argmax(fit.shares))
    estimates = (
        *_overall(given, sizes, case.parameters),
        *_of_main(given, sizes.values_nm, fit, main, case.parameters),
    )
    return Outcome(
        estimates, tuple(findings.warnings), curves=_curves(sizes.values_nm, fit), details=_details(sizes, fit, main)
    )


def _sizes(case: Case, findings: Findings) -> tuple[Input, Sizes]:
    given = case.one("sizes")
    if given is None or not isinstance(given.value, Sizes):
        findings.refuse("no_sizes", gettext_noop("There is no list of sizes with a unit of length among the inputs."))
    sizes = given.value
    n = sizes.values_nm.size
    if n < LEAST:
        text = gettext_noop("Only {n} particles were measured; at least {least} are needed for a distribution.")
        findings.refuse("few_particles", text, n=n, least=LEAST)
    if np.ptp(sizes.values_nm) <= 0:
        findings.refuse("one_size", gettext_noop("All particles have the same size: there is no distribution."))
    if n < FEW:
        text = gettext_noop("{n} particles are few: shares of populations are hardly known.")
        findings.warn("few_for_shares", text, n=n)
    if sizes.n_left_out:
        text = gettext_noop("{n} rows without a size were left out.")
        findings.warn("left_out", text, n=sizes.n_left_out)
    if sizes.meaning != "diameter":
        text = gettext_noop("The list holds “{column}”, not diameters. Compare it only with lists of the same kind.")
        findings.warn("not_diameters", text, column=sizes.column)
    digits = _resolution(sizes.values_nm)
    if digits > 0.5 * float(np.std(sizes.values_nm)):
        text = gettext_noop("Sizes were rounded to {step} nm, which is coarse beside their spread.")
        findings.warn("rounded", text, step=shown(digits))
    return given, sizes


def _resolution(values_nm) -> float:
    """The smallest distance between different sizes: how finely they were written down."""
    steps = np.diff(np.unique(values_nm))
    return float(steps.min()) if steps.size else 0.0


def _chosen(values_nm, parameters, findings: Findings) -> Mixture:
    wanted, spacing_nm = parameters["n_populations"], parameters["spacing_nm"]
    if wanted:
        try:
            return fit_mixture(values_nm, wanted, spacing_nm)
        except ValueError:
            text = gettext_noop("{n} particles cannot tell {k} populations apart.")
            findings.refuse("too_many_populations", text, n=values_nm.size, k=wanted)
    best = fit_mixture(values_nm, 1)
    for k in range(2, MOST_POPULATIONS + 1):
        if values_nm.size < LEAST * k:
            break
        trial = fit_mixture(values_nm, k, spacing_nm)
        if trial.bic > best.bic - CLEAR_BIC or trial.shares.min() * trial.n < LEAST_SHARE:
            break
        best = trial
    return best


def _scale(given: Input, value: float, parameters) -> tuple[Component, ...]:
    percent = parameters["scale_u_percent"]
    if not percent:
        return ()
    instrument = given.facts.get("instrument") or given.source
    return (Component(gettext_noop("magnification"), value * percent / 100.0, f"magnification:{instrument}"),)


def _overall(given: Input, sizes: Sizes, parameters):
    values, n = sizes.values_nm, sizes.values_nm.size
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    kurtosis = float(np.mean((values - mean) ** 4) / spread**4) if spread else 3.0
    u_spread = spread * sqrt(max(kurtosis - 1.0, 0.1) / (4.0 * n))
    counting = gettext_noop("counting")
    yield Estimate("n_particles", float(n), "1")
    yield Estimate(
        "tem_mean_nm", mean, "nm",
        (Component(counting, spread / sqrt(n), f"particles:{given.source}"), *_scale(given, mean, parameters)),
    )  # fmt: skip
    yield Estimate(
        "tem_spread_nm", spread, "nm",
        (Component(counting, u_spread, f"spread:{given.source}"), *_scale(given, spread, parameters)),
    )  # fmt: skip


def _of_main(given: Input, values_nm, fit: Mixture, main: int, parameters):
    errors = covariance(values_nm, fit)
    center, spread, share = float(fit.centers_nm[main]), fit.spread_nm, float(fit.shares[main])
    counting = gettext_noop("counting")
    u_center, u_spread = sqrt(max(errors[main, main], 0.0)), sqrt(max(errors[fit.k, fit.k], 0.0))
    yield Estimate(
        "population_center_nm", center, "nm",
        (Component(counting, u_center, f"fit:{given.source}"), *_scale(given, center, parameters)),
    )  # fmt: skip
    yield Estimate(
        "population_spread_nm", spread, "nm",
        (Component(counting, u_spread, f"spread-of-fit:{given.source}"), *_scale(given, spread, parameters)),
    )  # fmt: skip
    yield _share("population_share", given, values_nm, fit, share, [main])
    larger = [j for j in range(fit.k) if j > main]
    if larger:
        yield _share("larger_share", given, values_nm, fit, float(fit.shares[larger].sum()), larger)


def _share(name: str, given: Input, values_nm, fit: Mixture, share: float, which: list[int]) -> Estimate:
    """A share with its profile interval; of several populations together, from the binomial of their sum."""
    if len(which) == 1:
        lower, upper = share_interval(values_nm, fit, which[0])
    else:
        half = 1.96 * sqrt(max(share * (1.0 - share), 0.25 / fit.n) / fit.n)
        lower, upper = max(0.0, share - half), min(1.0, share + half)
    u = (upper - lower) / (2.0 * 1.96)
    budget = (Component(gettext_noop("counting"), u, f"shares:{given.source}"),)
    return Estimate(name, share, "1", budget, lower, upper)


def _curves(values_nm, fit: Mixture) -> dict:
    counts, edges = np.histogram(values_nm, bins=min(HISTOGRAM_BINS, max(8, int(2 * sqrt(values_nm.size)))))
    x = np.linspace(edges[0] - 2 * fit.spread_nm, edges[-1] + 2 * fit.spread_nm, 300)
    scaled = (x[:, None] - fit.centers_nm) / fit.spread_nm
    per_nm = fit.shares * np.exp(-0.5 * scaled**2) / (fit.spread_nm * sqrt(2.0 * np.pi))
    drawn = values_nm.size * (edges[1] - edges[0]) * per_nm
    return {
        "edges_nm": edges,
        "counts": counts,
        "size_nm": x,
        "model": drawn.sum(axis=1),
        "populations": [drawn[:, j] for j in range(fit.k)],
    }


def _details(sizes: Sizes, fit: Mixture, main: int) -> dict:
    return {
        "n_particles": sizes.values_nm.size,
        "measured_as": sizes.meaning,
        "column": sizes.column,
        "populations": [
            {"center_nm": round(float(c), 4), "share": round(float(w), 4)}
            for c, w in zip(fit.centers_nm, fit.shares, strict=True)
        ],
        "main_population": main + 1,
        "spread_nm": round(fit.spread_nm, 4),
        "spacing_nm": fit.spacing_nm,
        "bic": round(fit.bic, 2),
    }


METHOD = Method(
    name="tem_diameters",
    title=gettext_noop("Sizes from electron microscopy"),
    version=2,
    roles=(Role("sizes", "sizes", gettext_noop("List of sizes"), techniques=("tem_sizes",)),),
    parameters=(
        Parameter(
            "n_populations", "integer", None, gettext_noop("Number of populations"), minimum=1, maximum=MOST_POPULATIONS,
            help=gettext_noop("Automatic: as many as the Bayesian criterion supports."),
        ),
        Parameter(
            "spacing_nm", "number", None, gettext_noop("Distance of neighbouring populations"), "nm", minimum=0.05, maximum=20.0,
            help=gettext_noop("One lattice layer, e.g. 0.59 nm for MAPbBr3 and CsPbBr3. Empty: free."),
        ),
        Parameter(
            "scale_u_percent", "number", 1.0, gettext_noop("Uncertainty of the magnification"), "%", minimum=0.0, maximum=20.0,
        ),
    ),
    quantities=(
        QuantityKind("n_particles", "1", gettext_noop("Particles measured"), "N"),
        QuantityKind("tem_mean_nm", "nm", gettext_noop("Mean size"), "d"),
        QuantityKind("tem_spread_nm", "nm", gettext_noop("Spread of all sizes (σ)"), "σ"),
        QuantityKind("population_center_nm", "nm", gettext_noop("Centre of the main population"), "d_main"),
        QuantityKind("population_spread_nm", "nm", gettext_noop("Spread of a population (σ)"), "σ_main"),
        QuantityKind("population_share", "1", gettext_noop("Share of the main population"), "w"),
        QuantityKind("larger_share", "1", gettext_noop("Share of larger particles"), "w_larger"),
    ),
    run=run,
)  # fmt: skip
