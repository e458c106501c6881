"""The values of a spectrum: one x axis and the channels measured along it. Frozen, checked at birth.

Order, spacing, duplicates and gaps are those of the instrument; nothing is ever resampled here. A point without
a value (over range, blank cell) is NaN in its channel; x is always finite.
"""

from dataclasses import dataclass, field

import numpy as np

HC_EV_NM = 1239.841984332  # h·c in eV·nm, exact in the 2019 SI (CODATA 2018)

CHANNEL_ROLES = (
    "signal",
    "u",
    "HT",
    "reference",
    "dark",
    "IRF",
    "sensitivity",
)  # u: standard uncertainty of the signal


def _frozen_array(values, name: str) -> np.ndarray:
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, not of shape {array.shape}")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Channel:
    """One y column.

    ``quantity`` is the field's term: ``intensity``, ``absorbance``, ``transmittance``, ``reflectance``,
    ``ellipticity``, ``voltage``, ``counts``, ``unknown``. ``unit`` is a UCUM-like code: ``1`` for absorbance, ``%``,
    ``mdeg``, ``V``, ``{counts}``, ``{counts}/s``, ``[a.u.]``, or what the file says when it is none of these.
    """

    values: np.ndarray
    quantity: str = "unknown"
    unit: str = ""
    role: str = "signal"
    name: str = ""

    def __post_init__(self):
        object.__setattr__(self, "values", _frozen_array(self.values, "channel values"))
        if self.role not in CHANNEL_ROLES:
            raise ValueError(f"unknown channel role {self.role!r}")


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Channels along one axis, in the instrument's own order and units.

    ``x_unit`` is ``nm``, ``eV``, ``1/cm``, ``s``, ``min``, ``Cel``, ``keV``, ``V`` or ``""`` when the file does not say.
    """

    x: np.ndarray
    channels: tuple[Channel, ...]
    x_unit: str = "nm"
    x_quantity: str = "wavelength"
    title: str = ""

    def __post_init__(self):
        object.__setattr__(self, "x", _frozen_array(self.x, "x"))
        object.__setattr__(self, "channels", tuple(self.channels))
        if self.x.size == 0:
            raise ValueError("a spectrum needs at least one point")
        if not np.isfinite(self.x).all():
            raise ValueError("x must be finite")
        if not self.channels:
            raise ValueError("a spectrum needs at least one channel")
        for channel in self.channels:
            if channel.values.size != self.x.size:
                raise ValueError(f"channel {channel.name!r} has {channel.values.size} values for {self.x.size} x")

    @property
    def signal(self) -> Channel:
        """The first channel that is a signal; what a method works on unless told otherwise."""
        return next((c for c in self.channels if c.role == "signal"), self.channels[0])

    @property
    def n_points(self) -> int:
        return self.x.size

    def wavelengths_nm(self) -> np.ndarray:
        """x as wavelength [nm], in the instrument's order; raises ValueError when x is not optical."""
        return to_nm(self.x, self.x_unit)

    def ascending_nm(self) -> tuple[np.ndarray, np.ndarray]:
        """Wavelength [nm] and signal, ascending in wavelength and without the points that have no value."""
        wavelength_nm = self.wavelengths_nm()
        known = np.isfinite(self.signal.values) & np.isfinite(wavelength_nm)
        order = np.argsort(wavelength_nm[known], kind="stable")
        return wavelength_nm[known][order], self.signal.values[known][order]


def to_nm(x: np.ndarray, x_unit: str) -> np.ndarray:
    """Convert an optical axis to wavelength [nm]. No Jacobian: that concerns densities, see the analysis."""
    if x_unit == "nm":
        return x
    if np.any(x == 0):
        raise ValueError("an optical axis cannot hold zero")
    if x_unit == "eV":
        return HC_EV_NM / x
    if x_unit == "1/cm":
        return 1e7 / x
    raise ValueError(f"x in {x_unit or 'an unknown unit'} is not a wavelength")


@dataclass(frozen=True, eq=False)
class Series:
    """Several spectra of one sample, ordered by a third coordinate (time, temperature, voltage, excitation)."""

    spectra: tuple[Spectrum, ...]
    z: np.ndarray
    z_quantity: str
    z_unit: str
    title: str = ""
    facts: dict = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "spectra", tuple(self.spectra))
        object.__setattr__(self, "z", _frozen_array(self.z, "z"))
        if len(self.spectra) != self.z.size or not self.spectra:
            raise ValueError(f"{len(self.spectra)} spectra for {self.z.size} values of {self.z_quantity}")
