"""The emission of the solvent, taken off where it was measured like the solution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spectra.analysis.emission_integral import EmissionCurve, NotAnEmission, emission_curve
from spectra.analysis.findings import Findings
from spectra.analysis.method import Case, Input
from spectra.analysis.plqy_dilution import SAME_EXCITATION_NM
from spectra.analysis.plqy_solvents import solvent_name
from spectra.notes import gettext_noop
from spectra.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class BlankChoice:
    """Which blanks were subtracted, and their mean spectrum."""

    sources: tuple[str, ...] = ()
    curve: EmissionCurve | None = None

    def u_integral(self, first_nm: float, last_nm: float) -> float:
        """Noise of the blank's integral, shared by all dilutions of the series."""
        return self.curve.within(first_nm, last_nm).u_integral if self.curve is not None else 0.0


def subtract_blank(
    case: Case, which: str, emissions: Sequence[Input], parameters: Mapping, findings: Findings
) -> tuple[EmissionCurve | None, BlankChoice]:
    """Choose the blanks that fit a series; returns their mean spectrum, or None with a warning."""
    blanks = [b for b in case.of("blank") if _is_for(b, which, emissions)]
    done = {e.conditions.blank_subtracted for e in emissions}
    if True in done:
        _warn_already(which, bool(blanks), done != {True}, findings)
        return None, BlankChoice()
    fitting = []
    for blank in blanks:
        reason = _misfit(blank, emissions, parameters)
        if reason:
            findings.warn(
                f"blank_unfit_{which}",
                gettext_noop("The blank {source} was not subtracted from the {which}: {why}."),
                source=blank.source,
                which=which,
                why=reason,
            )
        else:
            fitting.append(blank)
    if not blanks:
        findings.warn(
            f"no_blank_{which}",
            gettext_noop(
                "No blank was subtracted from the {which}. Please measure its solvent with the same settings; "
                "its Raman band and stray light count as emission."
            ),
            which=which,
        )
    curves = [emission_curve(b.value, b.conditions.intensity_unit) for b in fitting]
    mean = _mean(curves)
    return mean, BlankChoice(tuple(b.source for b in fitting), mean)


def warn_of_unassigned_blanks(case: Case, findings: Findings) -> None:
    """Say which blanks belong to neither series, so that nobody believes they were used."""
    for blank in case.of("blank"):
        if not any(_is_for(blank, which, case.of(f"{which}_emission")) for which in ("sample", "standard")):
            findings.warn(
                "blank_unassigned",
                gettext_noop(
                    "The blank {source} was not used: nothing says whether it is the solvent of the sample or of the "
                    "standard. Please note its solvent."
                ),
                source=blank.source,
            )


def _is_for(blank: Input, which: str, emissions: Sequence[Input]) -> bool:
    told = blank.facts.get("for")
    if told is not None:
        return told == which
    solvent = solvent_name(blank.conditions.solvent)
    return bool(solvent) and any(solvent_name(e.conditions.solvent) == solvent for e in emissions)


def _misfit(blank: Input, emissions: Sequence[Input], parameters: Mapping) -> str:
    """Why a blank cannot be subtracted; empty when it can."""
    if not isinstance(blank.value, Spectrum):
        return gettext_noop("it is not a spectrum")
    try:
        curve = emission_curve(blank.value, blank.conditions.intensity_unit)
        spans = [emission_curve(e.value, e.conditions.intensity_unit).wavelength_nm for e in emissions]
    except (NotAnEmission, ValueError):
        return gettext_noop("it is not a usable spectrum")
    excitation_nm = blank.conditions.excitation_nm
    excitation_nm = parameters["excitation_nm"] if excitation_nm is None else excitation_nm
    if excitation_nm is None:
        return gettext_noop("its excitation wavelength is not known")
    if any(curve.wavelength_nm[0] > x[0] + 1 or curve.wavelength_nm[-1] < x[-1] - 1 for x in spans):
        return gettext_noop("it does not cover the range of the emission")
    for emission in emissions:
        at = (
            parameters["excitation_nm"]
            if parameters["excitation_nm"] is not None
            else emission.conditions.excitation_nm
        )
        if at is not None and abs(excitation_nm - at) > SAME_EXCITATION_NM:
            return gettext_noop("it was excited at another wavelength")
        reason = _other_settings(blank, emission)
        if reason:
            return reason
    return ""


def _other_settings(blank: Input, emission: Input) -> str:
    def differ(name: str) -> bool:
        a, b = getattr(blank.conditions, name), getattr(emission.conditions, name)
        return a is not None and b is not None and a != b

    solvents = [solvent_name(i.conditions.solvent) for i in (blank, emission)]
    if all(solvents) and solvents[0] != solvents[1]:
        return gettext_noop("it is another solvent")
    if differ("excitation_bandwidth_nm") or differ("emission_bandwidth_nm"):
        return gettext_noop("it was measured with other slits")
    if differ("intensity_unit"):
        return gettext_noop("it is in other units")
    gains = [i.facts.get("gain") for i in (blank, emission)]
    if None not in gains and gains[0] != gains[1]:
        return gettext_noop("it was measured at another gain")
    return ""


def _mean(curves: Sequence[EmissionCurve]) -> EmissionCurve | None:
    if not curves:
        return None
    grid = curves[0].wavelength_nm
    photons = np.mean([np.interp(grid, c.wavelength_nm, c.photons) for c in curves], axis=0)
    return EmissionCurve(grid, photons)


def _warn_already(which: str, blank_given: bool, mixed: bool, findings: Findings) -> None:
    if blank_given:
        findings.warn(
            f"blank_already_{which}",
            gettext_noop("The blank is already subtracted in the files of the {which}; it was not subtracted again."),
            which=which,
        )
    if mixed:
        findings.warn(
            f"blank_mixed_{which}",
            gettext_noop("Only some spectra of the {which} are blank-subtracted. Please measure or export them alike."),
            which=which,
        )
