"""Units, quantities and techniques of JCAMP-DX blocks, from XUNITS, YUNITS and DATA TYPE."""

import re

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.terms import normal, unit_code, x_axis, y_column
from spectra.spectrum import Spectrum

X_UNITS = {
    "nanometers": ("wavelength", "nm"),
    "nanometer": ("wavelength", "nm"),
    "micrometers": ("wavelength", "um"),
    "microns": ("wavelength", "um"),
    "1/cm": ("wavenumber", "1/cm"),
    "seconds": ("time", "s"),
    "minutes": ("time", "min"),
    "hz": ("frequency", "Hz"),
    "hertz": ("frequency", "Hz"),
    "ppm": ("chemical shift", "ppm"),
    "m/z": ("mass/charge", "m/z"),
    "gauss": ("magnetic field", "G"),
    "tesla": ("magnetic field", "T"),
    "ev": ("energy", "eV"),
    "kev": ("energy", "keV"),
}
TECHNIQUES = (
    (r"\bnmr\b", "nmr"),
    (r"raman", "raman"),
    (r"neutron|\bepr\b|\besr\b|chromatogram|ion mobility", "generic"),
    (r"mass", "mass"),
    (r"circular dichroism|\bcd\b", "cd"),
    (r"x[ -]?ray.*diffr|\bxrd\b|powder", "xrd"),
    (r"photoelectron|\bxps\b", "xps"),
    (r"excitation", "pl_excitation"),
    (r"fluorescence|emission|luminescence", "pl_emission"),
    (r"infrared|\bf?t?-?ir\b|\bnir\b", "ir"),
    (r"ultraviolet|\buv|visible|absorption spectrum", "uvvis"),
)
Y_OF = (
    (r"absorbance|optical density", ("absorbance", "1")),
    (r"transmittance|transmission|% ?t", ("transmittance", "1")),
    (r"reflectance|% ?r", ("reflectance", "1")),
    (r"counts?", ("counts", "{counts}")),
    (r"arbitrary|intensity|relative abundance", ("intensity", "[a.u.]")),
)
UV_VIS_NM = 1_150.0  # silicon sees no farther
UV_VIS_PER_CM = (4_000.0, 60_000.0)  # an axis of a UV-Vis spectrum in 1/cm; 190–1100 "1/cm" are nanometres


def technique_of(data_type: str) -> str | None:
    """The technique named by DATA TYPE."""
    return next((technique for pattern, technique in TECHNIQUES if re.search(pattern, normal(data_type))), None)


def by_axis(technique: str | None, value) -> str | None:
    """Programs of small spectrometers call a spectrum from 200 to 1100 nm infrared: the axis knows better."""
    if technique == "ir" and isinstance(value, Spectrum) and value.x_unit == "nm" and value.x.max() <= UV_VIS_NM:
        bounded = value.signal.quantity in ("absorbance", "transmittance", "reflectance")
        return "uvvis" if bounded else None
    return technique


def x_of(written: str, technique: str | None, x: np.ndarray) -> tuple[str, str, list[Note]]:
    """Quantity and unit of the axis; open, with a question, where the unit contradicts the kind of spectrum."""
    axis = X_UNITS.get(normal(written))
    if axis is None:
        known = x_axis(written)
        axis = (known.quantity, known.unit) if known else ("unknown", unit_code(written))
    quantity, unit = axis
    if technique == "raman" and unit == "1/cm":
        quantity = "raman shift"
    if technique == "uvvis" and unit == "1/cm" and not (x.max() > UV_VIS_PER_CM[0] and x.max() < UV_VIS_PER_CM[1]):
        return "unknown", "", [_doubtful(written, x)]
    if technique in ("ir", "raman") and unit == "nm" and x.min() < 700 and x.max() > 3_000:
        return "unknown", "", [_doubtful(written, x)]
    return quantity, unit, []


def _doubtful(written: str, x: np.ndarray) -> Note:
    text = gettext_noop(
        "The file says that x is in {unit}, but {first} to {last} does not fit. Enter the unit by hand."
    )
    return Note("x_unit_doubtful", text, {"unit": written, "first": f"{x[0]:g}", "last": f"{x[-1]:g}"})


def y_of(written: str, y: np.ndarray) -> tuple[str, str]:
    """Quantity and unit; transmittance as a fraction or in percent, as its values are."""
    for pattern, (quantity, unit) in Y_OF:
        if re.search(pattern, normal(written)):
            if quantity in ("transmittance", "reflectance"):
                top = np.nanmax(np.abs(y)) if np.isfinite(y).any() else 0.0
                return quantity, "%" if top > 2.5 or "%" in written or "percent" in normal(written) else "1"
            return quantity, unit
    known = y_column(written)
    return (known.quantity, known.unit) if known else ("unknown", unit_code(written))
