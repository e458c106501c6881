"""Method ``stokes_shift``: from the first exciton down to the emission maximum, in meV."""

from collections.abc import Sequence

from spectra.analysis.method import Case, Estimate, Input, Method, Outcome, QuantityKind, Role
from spectra.analysis.uncertainty import combined
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

_HC_MEV_NM = 1e3 * HC_EV_NM


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Compute the Stokes shift of n pairs of analyses.

    Parameters
    ----------
    cases : sequence of Case
        Each with a ``first_exciton`` in role ``absorption`` and an ``emission_band`` in role ``emission``.

    Returns
    -------
    list of Outcome
        ``stokes_shift_mev``, or a refusal when one of the two has no peak.

    Notes
    -----
    ΔE = hc (1/λ_abs − 1/λ_em), from the maxima as read on the wavelength axis. On an energy axis the emission maximum
    lies higher by about 2σ²/λ³·hc (1 meV for 15 nm at 453 nm). The wavelength errors of one instrument cancel where both
    spectra come from it, by the sources in their budgets. Emission and absorption should be of one solution: reabsorption
    shifts the emission of a concentrated one to the red.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    absorption = _peak(case.one("absorption"), ("absorption_peak_nm",))
    emission = _peak(case.one("emission"), ("emission_peak_nm", "gaussian_center_nm"))
    if absorption is None:
        return Outcome(refusal=_NO_ABSORPTION)
    if emission is None:
        return Outcome(refusal=_NO_EMISSION)
    value = _HC_MEV_NM * (1.0 / absorption.value - 1.0 / emission.value)
    budget = combined(
        (absorption.budget, -_HC_MEV_NM / absorption.value**2), (emission.budget, _HC_MEV_NM / emission.value**2)
    )
    estimate = Estimate("stokes_shift_mev", value, "meV", budget)
    warnings = []
    if value < -2.0 * (estimate.u or 0.0):
        warnings.append(_NEGATIVE)
    details = {"absorption_nm": absorption.value, "emission_nm": emission.value, "emission_from": emission.name}
    return Outcome((estimate,), tuple(warnings), details=details)


def _peak(given: Input | None, names: tuple[str, ...]) -> Estimate | None:
    """The first of the named estimates that has a value."""
    estimates = [given.estimates.get(name) for name in names] if given else []
    return next((e for e in estimates if e is not None and e.value is not None), None)


_NO_ABSORPTION = Note("no_absorption_peak", gettext_noop("The absorption spectrum gave no first exciton."))
_NO_EMISSION = Note("no_emission_peak", gettext_noop("The emission spectrum gave no maximum."))
_NEGATIVE = Note(
    "negative_shift",
    gettext_noop("The emission lies above the absorption. Do both spectra belong to the same sample?"),
)

METHOD = Method(
    name="stokes_shift",
    title=gettext_noop("Stokes shift"),
    version=1,
    roles=(
        Role("absorption", "analysis", gettext_noop("First exciton"), methods=("first_exciton",)),
        Role("emission", "analysis", gettext_noop("Emission band"), methods=("emission_band",)),
    ),
    parameters=(),
    quantities=(QuantityKind("stokes_shift_mev", "meV", gettext_noop("Stokes shift"), "ΔE"),),
    run=run,
)
