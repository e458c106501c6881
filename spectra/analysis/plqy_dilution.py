"""One dilution of a relative yield: an emission spectrum and the absorbance of the same solution."""

from collections.abc import Mapping
from dataclasses import dataclass

from spectra.analysis.absorptance import (
    AbsorbanceCurve,
    NotAnAbsorbance,
    OutsideTheCurve,
    absorbance_curve,
    absorptance,
)
from spectra.analysis.emission_integral import EmissionCurve, NotAnEmission, emission_curve
from spectra.analysis.findings import Findings, shown
from spectra.analysis.method import Case, Input
from spectra.analysis.ranges import ranges_of
from spectra.notes import gettext_noop
from spectra.spectrum import Spectrum

SAME_EXCITATION_NM = 0.5
LEAST_ABSORPTANCE = 1e-6  # below any spectrometer


@dataclass(frozen=True, eq=False)
class Dilution:
    """One emission spectrum with the absorbance of the same solution, as they stand in the cuvette of the emission."""

    index: int
    emission_input: Input
    absorbance_input: Input
    emission: EmissionCurve
    absorbance: AbsorbanceCurve
    excitation_nm: float

    @property
    def bandwidth_nm(self) -> float:
        return self.emission_input.conditions.excitation_bandwidth_nm or 0.0

    @property
    def source(self) -> str:
        return self.emission_input.source

    @property
    def path_cm(self) -> float:
        """Path length of the emission's cuvette [cm]; 1 where nobody noted it."""
        conditions = (self.emission_input.conditions, self.absorbance_input.conditions)
        return next((c.path_length_cm for c in conditions if c.path_length_cm), 1.0)

    def shifted(self, shift_nm: float, bandwidth_factor: float, default_bandwidth_nm: float = 0.0) -> float:
        """Absorptance as it would be at another wavelength or bandpass; as it is where the curve does not reach."""
        known_nm = self.emission_input.conditions.excitation_bandwidth_nm
        bandwidth_nm = (default_bandwidth_nm if known_nm is None else known_nm) * bandwidth_factor
        try:
            return absorptance(self.absorbance, self.excitation_nm + shift_nm, bandwidth_nm)[0]
        except OutsideTheCurve:
            return absorptance_here(self)[0]


def absorptance_here(dilution: Dilution) -> tuple[float, float]:
    """Absorptance and its sensitivity to A; without the bandpass where the curve ends inside it."""
    try:
        return absorptance(dilution.absorbance, dilution.excitation_nm, dilution.bandwidth_nm)
    except OutsideTheCurve:
        return absorptance(dilution.absorbance, dilution.excitation_nm)


def usable_dilutions(case: Case, which: str, parameters: Mapping, findings: Findings) -> list[Dilution]:
    """Pair emission and absorbance of ``which`` ("sample" or "standard") by index; what cannot be used is warned about."""
    pairs = _chosen(_pairs(case, which, findings), which, parameters, findings)
    dilutions = [_dilution(*pair, which, parameters, findings) for pair in pairs]
    return [dilution for dilution in dilutions if dilution is not None]


def _pairs(case: Case, which: str, findings: Findings) -> list[tuple[Input, Input]]:
    absorbances = {i.index: i for i in case.of(f"{which}_absorbance")}
    pairs = []
    for emission in case.of(f"{which}_emission"):
        if emission.index in absorbances:
            pairs.append((emission, absorbances.pop(emission.index)))
        else:
            _leave_out(findings, which, emission, gettext_noop("it has no absorbance spectrum"))
    for _index, absorbance in sorted(absorbances.items()):
        _leave_out(findings, which, absorbance, gettext_noop("it has no emission spectrum"))
    return pairs


def _chosen(pairs, which: str, parameters: Mapping, findings: Findings) -> list[tuple[Input, Input]]:
    """The pairs that a person did not leave out."""
    ranges = ranges_of(parameters.get(f"exclude_{which}") or "")
    kept = []
    for emission, absorbance in pairs:
        if any(first <= emission.index <= last for first, last in ranges):
            _leave_out(findings, which, emission, gettext_noop("a person chose so"))
        else:
            kept.append((emission, absorbance))
    return kept


def named(given: Input) -> str:
    """A dilution as people call it: by its label, or counted from 1."""
    return given.conditions.dilution_label or str(given.index + 1)


def _leave_out(findings: Findings, which: str, given: Input, why: str) -> None:
    findings.warn(
        f"left_out_{which}_{given.index}",
        gettext_noop("Dilution {dilution} of the {which} was left out: {why}."),
        dilution=named(given),
        number=given.index,
        which=which,
        why=why,
    )


def _dilution(
    emission: Input, absorbance: Input, which: str, parameters: Mapping, findings: Findings
) -> Dilution | None:
    """One dilution, or None with a warning that says why it cannot be used."""
    excitation_nm = _excitation_nm(emission, which, parameters, findings)
    if not isinstance(emission.value, Spectrum) or not isinstance(absorbance.value, Spectrum):
        return _leave_out(findings, which, emission, gettext_noop("one of its inputs is not a spectrum"))
    try:
        photons = emission_curve(emission.value, emission.conditions.intensity_unit)
    except (NotAnEmission, ValueError):
        return _leave_out(findings, which, emission, gettext_noop("its emission is not a usable spectrum"))
    try:
        curve = absorbance_curve(absorbance.value)
    except (NotAnAbsorbance, ValueError):
        return _leave_out(findings, which, emission, gettext_noop("its absorbance is not a usable spectrum"))
    curve = _in_the_emission_cuvette(curve, emission, absorbance, which, findings)
    try:
        at_excitation = curve.at(excitation_nm)
    except OutsideTheCurve:
        findings.refuse(
            "excitation_outside_absorbance",
            gettext_noop(
                "The absorbance of dilution {dilution} of the {which} was measured from {first} to {last} nm, which does not "
                "hold the excitation at {excitation} nm. Please measure it over that wavelength."
            ),
            dilution=named(emission),
            number=emission.index,
            which=which,
            first=shown(curve.wavelength_nm[0], 5),
            last=shown(curve.wavelength_nm[-1], 5),
            excitation=shown(excitation_nm, 5),
        )
    dilution = Dilution(emission.index, emission, absorbance, photons, curve, excitation_nm)
    if at_excitation <= 0 or absorptance_here(dilution)[0] < LEAST_ABSORPTANCE:
        return _leave_out(findings, which, emission, gettext_noop("it absorbs nothing at the excitation"))
    return dilution


def _excitation_nm(emission: Input, which: str, parameters: Mapping, findings: Findings) -> float:
    given, measured = parameters["excitation_nm"], emission.conditions.excitation_nm
    if given is None and measured is None:
        findings.refuse(
            "excitation_unknown",
            gettext_noop(
                "The excitation wavelength of dilution {dilution} of the {which} is not known. "
                "Please add it to the measurement, or give it for this analysis."
            ),
            dilution=named(emission),
            number=emission.index,
            which=which,
        )
    if given is not None and measured is not None and abs(given - measured) > SAME_EXCITATION_NM:
        findings.warn(
            "excitation_overruled",
            gettext_noop("{given} nm was given as excitation, but the file of the {which} says {measured} nm."),
            given=shown(given, 5),
            measured=shown(measured, 5),
            which=which,
        )
    return measured if given is None else given


def _in_the_emission_cuvette(
    curve: AbsorbanceCurve, emission: Input, absorbance: Input, which: str, findings: Findings
) -> AbsorbanceCurve:
    if curve.assumed:
        findings.warn(
            "absorbance_assumed",
            gettext_noop("The file does not say whether {source} is an absorbance; it was taken as one."),
            source=absorbance.source,
        )
    emitted, absorbed = emission.conditions.path_length_cm, absorbance.conditions.path_length_cm
    if not emitted or not absorbed or emitted == absorbed:
        return curve
    findings.warn(
        f"path_length_{which}",
        gettext_noop(
            "Absorbance and emission of the {which} were measured in cuvettes of {absorbed} and {emitted} cm; the "
            "absorbance was converted to {emitted} cm. Better measure both in one cuvette."
        ),
        which=which,
        absorbed=absorbed,
        emitted=emitted,
    )
    return curve.scaled(emitted / absorbed)
