"""Lifetimes from time-correlated single photon counting: method ``decay``.

Sums of 1 to 3 exponentials, convolved with the measured instrument response (or the tail alone without one), fitted
by Poisson maximum likelihood for all decays of a call at once. The walk: ``decay_window`` says what can be fitted,
``decay_choice`` how many exponentials, ``decay_engine`` fits, ``decay_goodness`` looks at what is left.
"""

from collections.abc import Sequence

import numpy as np

from spectra.analysis.decay_averages import Averages, averages
from spectra.analysis.decay_choice import MOST_EXPONENTIALS, Choice, choose, implausible
from spectra.analysis.decay_engine import DecayFit
from spectra.analysis.decay_goodness import SEEN, Goodness, assess, check, gain_over_constant
from spectra.analysis.decay_model import DecayModel
from spectra.analysis.decay_parameters import PARAMETERS
from spectra.analysis.decay_record import curves_of, details_of, held_lifetimes
from spectra.analysis.decay_window import Prepared, prepare
from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Method, Outcome, QuantityKind, Role
from spectra.analysis.numbers_given import Given, numbers_of
from spectra.notes import Note, gettext_noop

FEW_PHOTONS = 1000
SHORT_WINDOW = 3.0  # lifetimes
SKEWED = 0.1  # relative u from which an interval is given: the fit is symmetric in ln τ, not in τ
COARSE_BINS, SHORT_BINS = 4.0, 10.0  # width of a response, and lifetime, that few channels blur
TAIL_FWHM_BINS = 5.0  # without a response, a component must live for a bin
CURVES_AT_ONCE = 32
TIME_ZERO = gettext_noop("time zero of the tail")

EXPLANATIONS = {
    "faster_than_irf": gettext_noop(
        "A component shorter than a fifth of the instrument response was left out: it cannot be told from scattered light."
    ),
    "small_area": gettext_noop("A component with less than 1 % of the photons was left out."),
    "undetermined": gettext_noop("A further component was left out: its lifetime is not determined by the data."),
    "longer_than_window": gettext_noop(
        "A component longer than half the time window was left out: it cannot be told from background."
    ),
}


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Analyse n decays; those with equal bins, response and settings are fitted together.

    Parameters
    ----------
    cases : sequence of Case
        Role ``decay`` (one) and ``irf`` (none or one).

    Returns
    -------
    list of Outcome
        In the order of the cases.

    Notes
    -----
    Counts μ(t) = b + s·IRF(t) + Σ_i α_i e^{−t/τ_i} ⊗ IRF(t + shift), with periodic closure where the repetition rate is known;
    without a response the tail alone is fitted, its components extended back to the rise, and the number says so. Poisson likelihood on whole counts, weighted least squares
    (named) on others. The number of exponentials is the smallest that the Bayesian criterion supports; components faster than
    a fifth of the response's width, of less than 1 % of the photons, undetermined, or longer than half the window are left out.
    ⟨τ⟩ by amplitude (Σα_iτ_i/Σα_i) serves the rates, by intensity (Σα_iτ_i²/Σα_iτ_i) stands beside it. Goodness: deviance,
    Pearson χ²_r, weighted residuals and their autocorrelation.

    References
    ----------
    M. Maus et al., Anal. Chem. 73 (2001) 2078, doi:10.1021/ac000877g
    """
    outcomes: list[Outcome | None] = [None] * len(cases)
    groups: dict[tuple, list[tuple[int, Prepared, Findings]]] = {}
    for i, case in enumerate(cases):
        findings = Findings(case.parameters.get("override") or "")
        try:
            prepared = prepare(case, findings)
            _given(case)
        except Refused as refused:
            outcomes[i] = _refusal(refused, findings)
            continue
        groups.setdefault((*prepared.key, *_settings(case)), []).append((i, prepared, findings))
    for members in groups.values():
        for i, outcome in _fit_group(members, cases):
            outcomes[i] = outcome
    return outcomes


def _settings(case: Case) -> tuple:
    names = ("n_exponentials", "shift", "background", "scatter", "shift_ns", "taus_ns")
    return tuple(case.parameters.get(name) for name in names)


def _given(case: Case) -> tuple[Given, ...]:
    """The lifetimes that a person gave [ns]; refuses more than can be fitted."""
    given = numbers_of(case.parameters.get("taus_ns"))
    if len(given) > MOST_EXPONENTIALS:
        text = gettext_noop("At most {n} exponentials can be fitted. Give fewer lifetimes.")
        raise Refused(Note("too_many_lifetimes", text, {"n": MOST_EXPONENTIALS}))
    return given


def _refusal(refused: Refused, findings: Findings) -> Outcome:
    return Outcome(warnings=tuple(findings.warnings), refusal=refused.note, overridable=refused.overridable)


def _fit_group(members, cases):
    """Fit decays of equal key, and give the index and outcome of each."""
    prepared = members[0][1]
    n_exponentials, shift, background, scatter, shift_ns, _taus = _settings(cases[members[0][0]])
    response, bin_ns, given = prepared.response, prepared.decay.bin_ns, _given(cases[members[0][0]])
    if given:
        n_exponentials = max(n_exponentials or 0, len(given))
    offset_bins = 0.0 if response is None else response.offset_bins
    model = DecayModel(
        None if response is None else response.counts,
        1,
        prepared.first,
        prepared.stop,
        period_bins=prepared.period_bins,
        fit_shift=shift and shift_ns is None,
        fit_background=background,
        fit_scatter=scatter,
        shift_bins=offset_bins if shift_ns is None else shift_ns / bin_ns,
        given=[(one.value / bin_ns, one.held) for one in given],
    )
    counts = np.stack([p.decay.counts for _, p, _ in members])
    variance = None if prepared.variance is None else np.stack([p.variance for _, p, _ in members])
    fwhm_bins = TAIL_FWHM_BINS if response is None else response.fwhm_bins
    choices = choose(counts, variance, model, fwhm_bins, n_exponentials)
    for (i, one, findings), choice, expected in zip(members, choices, _expected(choices), strict=True):
        try:
            yield i, _outcome(cases[i], one, choice, expected, fwhm_bins, findings)
        except Refused as refused:
            yield i, _refusal(refused, findings)


def _expected(choices: Sequence[Choice]) -> list[np.ndarray]:
    """Expected counts in every bin of the fit; decays with the same model share one computation."""
    answer: list[np.ndarray | None] = [None] * len(choices)
    kinds: dict[tuple, list[int]] = {}
    for i, choice in enumerate(choices):
        kinds.setdefault(choice.fit.model.names, []).append(i)
    for rows in kinds.values():
        model = choices[rows[0]].fit.model
        fine = DecayModel(model.response, model.k, model.first, model.stop, **(model.options | {"grouped": False}))
        for start in range(0, len(rows), CURVES_AT_ONCE):
            some = rows[start : start + CURVES_AT_ONCE]
            expected, _ = fine(np.concatenate([choices[i].fit.parameters for i in some]))
            for i, curve in zip(some, expected, strict=True):
                answer[i] = curve
    return answer


def _outcome(case: Case, prepared: Prepared, choice: Choice, expected, fwhm_bins, findings: Findings) -> Outcome:
    fit, decay = choice.fit, prepared.decay
    counts = decay.counts[prepared.first : prepared.stop]
    variance = None if prepared.variance is None else prepared.variance[prepared.first : prepared.stop]
    _refuse_noise(choice, prepared, findings)
    goodness = assess(fit, counts, expected, variance)
    found = _averages(prepared, fit)
    _warn(case, prepared, choice, found, fwhm_bins, findings)
    check(fit, goodness, counts, findings)
    return Outcome(
        estimates=_estimates(case, prepared, choice, found, goodness),
        warnings=tuple(findings.warnings),
        curves=curves_of(prepared, fit, goodness),
        details=details_of(prepared, choice, found, goodness, fwhm_bins),
    )


def _averages(prepared: Prepared, fit: DecayFit) -> Averages:
    return averages(fit, prepared.before_bins, prepared.u_before_bins)


def _refuse_noise(choice: Choice, prepared: Prepared, findings: Findings) -> None:
    fit = choice.fit
    if gain_over_constant(fit, prepared.decay.counts, prepared.variance) < SEEN:
        text = gettext_noop("There is no decay to be seen above the noise. Measure longer, or check the time window.")
        findings.refuse("only_noise", text)
    if not fit.converged[0]:
        text = gettext_noop("The fit found no minimum. Try another window, fewer exponentials, or check the response.")
        findings.refuse("not_converged", text)


def _warn(case: Case, prepared: Prepared, choice: Choice, found: Averages, fwhm_bins, findings: Findings) -> None:
    fit, bin_ns = choice.fit, prepared.decay.bin_ns
    if choice.dropped:
        findings.warn(f"dropped_{choice.dropped}", EXPLANATIONS[choice.dropped])
    if choice.scatter:
        text = gettext_noop("A part as fast as the instrument response was taken for scattered light.")
        findings.warn("scatter", text)
    if held_lifetimes(fit):
        text = gettext_noop("Lifetimes were held by choice: their uncertainty holds the time scale alone.")
        findings.warn("held_by_choice", text)
    reason = implausible(fit, fwhm_bins)[0]
    if fit.model.k > 1 and reason:
        text = gettext_noop("One of the {n} components is not plausible; use fewer exponentials.")
        findings.warn(f"implausible_{reason}", text, n=fit.model.k)
    if prepared.variance is None and fit.areas[0].sum() < FEW_PHOTONS:
        text = gettext_noop("Only {n} photons; the lifetime is uncertain, and more than one component cannot be seen.")
        findings.warn("few_photons", text, n=round(float(fit.areas[0].sum())))
    if (prepared.stop - prepared.first) < SHORT_WINDOW * found.tau.max():
        text = gettext_noop("The time window is shorter than three lifetimes ({tau} ns): background and lifetime mix.")
        findings.warn("short_window", text, tau=shown(found.tau.max() * bin_ns))
    elif prepared.period_bins is None and (prepared.stop - prepared.first) < 5 * found.tau.max():
        text = gettext_noop("The repetition rate is not known; light left over from earlier pulses was not considered.")
        findings.warn("no_repetition_rate", text)
    if prepared.response is not None and fwhm_bins < COARSE_BINS and found.tau.min() < SHORT_BINS:
        text = gettext_noop(
            "The response is only {n} channels wide, and a component lives for {tau} ns: it may be off by more than its uncertainty. "
            "Use narrower channels."
        )
        findings.warn("coarse_channels", text, n=shown(fwhm_bins, 2), tau=shown(found.tau.min() * bin_ns))
    if prepared.response is not None and found.amplitude < fwhm_bins:
        text = gettext_noop("The instrument response ({irf} ns wide) is longer than the decay ({tau} ns).")
        findings.warn("irf_longer", text, irf=shown(fwhm_bins * bin_ns), tau=shown(found.amplitude * bin_ns))


def _estimates(case: Case, prepared: Prepared, choice: Choice, found: Averages, goodness: Goodness):
    widen, bin_ns = np.sqrt(max(goodness.reduced, 1.0)), prepared.decay.bin_ns
    given = case.one("decay")
    timebase = f"timebase:{given.facts.get('instrument') or given.source}"
    u_scale = case.parameters["time_scale_u_relative"]
    rival = None if choice.rival is None else _averages(prepared, choice.rival)
    onset = found.u_onset if found.tau.size > 1 else np.zeros(3)

    def estimate(name, value, u_fit, source, other=None, u_onset=0.0):
        """A time [bins] as a quantity [ns]."""
        budget = [Component(gettext_noop("counting statistics"), float(u_fit * widen * bin_ns), source)]
        if u_onset:
            budget.append(Component(TIME_ZERO, float(u_onset * bin_ns), f"time_zero:{given.source}"))
        budget.append(Component(gettext_noop("time calibration"), float(value * bin_ns * u_scale), timebase))
        if other is not None:  # half the distance: the truth may be on either side
            budget.append(
                Component(
                    gettext_noop("number of exponentials"), float((other - value) * bin_ns / 2), f"model:{given.source}"
                )
            )
        value_ns, u_relative = float(value * bin_ns), float(np.sqrt(sum(c.u**2 for c in budget)) / (value * bin_ns))
        bounds = [
            float(value_ns * np.exp(s * 1.96 * min(u_relative, 5))) if u_relative > SKEWED else None for s in (-1, 1)
        ]
        return Estimate(name, value_ns, "ns", budget, *bounds)

    fit = f"fit:{given.source}"
    estimates = [
        estimate("lifetime_ns", found.amplitude, found.u_amplitude, fit, rival and rival.amplitude, onset[0]),
        estimate("lifetime_intensity_ns", found.intensity, found.u_intensity, fit, rival and rival.intensity, onset[1]),
    ]
    for i in range(choice.fit.model.k if choice.fit.model.k > 1 else 0):
        estimates.append(estimate(f"tau_{i + 1}_ns", found.tau[i], found.u_tau[i], f"{fit}:tau_{i + 1}"))
        counting = Component(
            gettext_noop("counting statistics"), float(found.u_share[i] * widen), f"{fit}:share_{i + 1}"
        )
        zero = Component(TIME_ZERO, float(onset[2 + i]), f"time_zero:{given.source}")
        budget = (counting, zero) if zero.u else (counting,)
        estimates.append(Estimate(f"share_{i + 1}", float(found.share[i]), "1", budget))
    return tuple(estimates)


METHOD = Method(
    name="decay",
    title=gettext_noop("Lifetime from a decay"),
    version=4,
    roles=(
        Role("decay", "decay", gettext_noop("Decay"), techniques=("decay",)),
        Role("irf", "decay", gettext_noop("Instrument response"), techniques=("decay",), minimum=0),
    ),
    parameters=PARAMETERS,
    quantities=(
        QuantityKind("lifetime_ns", "ns", gettext_noop("Lifetime, amplitude average"), "⟨τ⟩"),
        QuantityKind("lifetime_intensity_ns", "ns", gettext_noop("Lifetime, intensity average"), "⟨τ⟩ᵢ"),
        QuantityKind("tau_1_ns", "ns", gettext_noop("Lifetime of component 1"), "τ₁"),
        QuantityKind("tau_2_ns", "ns", gettext_noop("Lifetime of component 2"), "τ₂"),
        QuantityKind("tau_3_ns", "ns", gettext_noop("Lifetime of component 3"), "τ₃"),
        QuantityKind("share_1", "1", gettext_noop("Amplitude share of component 1"), "α₁"),
        QuantityKind("share_2", "1", gettext_noop("Amplitude share of component 2"), "α₂"),
        QuantityKind("share_3", "1", gettext_noop("Amplitude share of component 3"), "α₃"),
    ),
    run=run,
)
