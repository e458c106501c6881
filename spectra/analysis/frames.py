"""Emission spectra along a third coordinate (time, voltage, age), and what each of them says of its band.

The spectra come as one series from one file or as single files whose conditions hold the coordinate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spectra.analysis import emission_band
from spectra.analysis.emission_integral import NotAnEmission, emission_curve
from spectra.analysis.exclusions import left_out
from spectra.analysis.findings import Findings
from spectra.analysis.method import Case, Estimate, Input
from spectra.conditions import Conditions
from spectra.notes import gettext_noop
from spectra.spectrum import Series, Spectrum

MINUTES = {"s": 1.0 / 60.0, "min": 1.0, "h": 60.0, "d": 1440.0, "ms": 1.0 / 60_000.0}
WING = 1.5  # the band reaches so many FWHM from its maximum; beyond is background


@dataclass(frozen=True, eq=False)
class Frame:
    """One spectrum at one value of the coordinate."""

    z: float
    given: Input  # its value is a Spectrum

    @property
    def spectrum(self) -> Spectrum:
        return self.given.value


def frames_of(
    inputs: Sequence[Input],
    units: dict[str, float],
    coordinate: Callable[[Conditions], float | None],
    findings: Findings,
    exclude: str | None = "",
    unit: str = "",
) -> list[Frame]:
    """All spectra of the inputs, by their coordinate.

    Parameters
    ----------
    inputs : sequence of Input
        Each holds a Spectrum or a Series.
    units : dict
        Unit of the z of a series → factor to the unit that is wanted.
    coordinate : callable
        Gives the coordinate of a single spectrum from its conditions, in the wanted unit; None when it is not known.
    findings : Findings
        Is told of spectra that had to be left out; refuses where nothing is left.
    exclude : str, optional
        Ranges of the coordinate that a person leaves out.
    unit : str, optional
        The wanted unit, for the sentences.
    """
    found, unknown = [], 0
    for given in inputs:
        if isinstance(given.value, Series):
            if given.value.z_unit not in units:
                text = gettext_noop("The series runs over {quantity} ({unit}), which this method does not take.")
                findings.refuse("other_coordinate", text, quantity=given.value.z_quantity, unit=given.value.z_unit)
            factor = units[given.value.z_unit]
            found += [
                Frame(float(z) * factor, replace(given, value=spectrum, source=f"{given.source}#{i}"))
                for i, (spectrum, z) in enumerate(zip(given.value.spectra, given.value.z, strict=True))
            ]
        elif isinstance(given.value, Spectrum):
            z = coordinate(given.conditions)
            unknown += z is None
            found += [] if z is None else [Frame(float(z), given)]
    if unknown:
        text = gettext_noop("{n} spectra do not say where along the series they belong; they were left out.")
        findings.warn("coordinate_unknown", text, n=unknown)
    return kept_frames(sorted(found, key=lambda frame: frame.z), exclude, unit, findings)


def kept_frames(frames: Sequence[Frame], exclude: str | None, unit: str, findings: Findings) -> list[Frame]:
    """The frames that a person did not leave out."""
    out, notes = left_out(np.array([frame.z for frame in frames]), exclude, unit, 1)
    findings.warnings += notes
    return [frame for frame, away in zip(frames, out, strict=True) if not away]


def bands_of(frames: Sequence[Frame]) -> list[dict[str, Estimate]]:
    """Peak, width and shape of each frame by the method ``emission_band``; {} for frames without a band."""
    complete = emission_band.METHOD.complete({})
    cases = [Case((replace(frame.given, role="emission", index=0),), complete) for frame in frames]
    outcomes = emission_band.run(cases) if cases else []
    # Electroluminescence carries names of its own there; here it is known what the spectra are.
    return [{_plain(e.name): e for e in outcome.estimates} for outcome in outcomes]


def _plain(name: str) -> str:
    return "emission_" + name.removeprefix("el_") if name.startswith("el_") else name


def value_of_band(band: dict[str, Estimate], name: str) -> float:
    """A number of a band, NaN where it has none."""
    found = band.get(name)
    return float("nan") if found is None or found.value is None else float(found.value)


def u_of_band(band: dict[str, Estimate], name: str, *, own_only: bool = True) -> float:
    """Its uncertainty; ``own_only``: without what all spectra of one instrument share (the wavelength scale)."""
    found = band.get(name)
    if found is None or found.value is None or not found.budget:
        return float("nan")
    parts = [c.u for c in found.budget if not (own_only and c.source.startswith(("wavelength:", "instrument:")))]
    return float(np.sqrt(sum(u**2 for u in parts))) if parts else 0.0


def intensity_at(frame: Frame, at_nm: float, half_nm: float) -> tuple[float, float]:
    """Mean intensity within ``half_nm`` of ``at_nm`` and its standard uncertainty from the noise of the points."""
    x, y = frame.spectrum.ascending_nm()
    inside = np.abs(x - at_nm) <= half_nm + 1e-9
    if not inside.any():
        inside = np.abs(x - at_nm) == np.abs(x - at_nm).min()
    noise = np.median(np.abs(np.diff(y, 4))) / 0.6745 / np.sqrt(70.0) if y.size >= 9 else 0.0
    return float(y[inside].mean()), float(noise / np.sqrt(inside.sum()))


def integral_of(frame: Frame, around_nm: float, fwhm_nm: float) -> tuple[float, float]:
    """Photons of the band around a wavelength above a straight background, and the standard uncertainty [photons].

    Raises NotAnEmission where the spectrum does not span the band.
    """
    curve = emission_curve(frame.spectrum, frame.given.conditions.intensity_unit)
    first, last = around_nm - WING * fwhm_nm, around_nm + WING * fwhm_nm
    if first < curve.wavelength_nm[0] - 0.5 * fwhm_nm or last > curve.wavelength_nm[-1] + 0.5 * fwhm_nm:
        raise NotAnEmission("window")
    band = curve.within(first, last)
    level = [
        float(np.median(curve.photons[side])) if side.any() else 0.0
        for side in (curve.wavelength_nm < first, curve.wavelength_nm > last)
    ]
    background = np.interp(band.wavelength_nm, band.wavelength_nm[[0, -1]], level)
    return band.integral - float(np.trapezoid(background, band.wavelength_nm)), band.u_integral
