"""What was set on the instrument and in the cuvette while a measurement was made, as far as it is known.

``None`` always means *not known*: the methods warn about it where it matters, and never assume.
"""

from dataclasses import asdict, dataclass, fields

IMAGING_MODES = ("TEM", "HRTEM", "STEM", "SEM", "diffraction", "optical", "photo_uv", "photo_daylight")


@dataclass(frozen=True)
class Conditions:
    excitation_nm: float | None = None
    excitation_bandwidth_nm: float | None = None
    emission_nm: float | None = None
    emission_bandwidth_nm: float | None = None
    bandwidth_nm: float | None = None  # of an absorption spectrometer
    intensity_unit: str | None = None  # "photon" or "energy": what one unit of y counts
    spectrally_corrected: bool | None = None
    blank_subtracted: bool | None = None
    correction_file: str | None = None  # name and date of the correction curve
    path_length_cm: float | None = None
    solvent: str | None = None
    refractive_index: float | None = None
    gas: str | None = None  # air, Ar, N2, degassed
    temperature_c: float | None = None
    dilution_label: str | None = None
    repetition_rate_mhz: float | None = None
    detection_rate_hz: float | None = None
    saturation_level: float | None = None  # y at which the detector saturates
    ageing_h: float | None = None
    dose_j_cm2: float | None = None
    voltage_v: float | None = None
    imaging_mode: str | None = None  # one of IMAGING_MODES
    microscope: str | None = None
    detector: str | None = None
    magnification: float | None = None
    acceleration_kv: float | None = None
    pixel_size_nm: float | None = None  # of the object, not of the detector
    exposure_s: float | None = None

    @classmethod
    def from_mapping(cls, mapping: dict) -> "Conditions":
        """Conditions from a mapping; keys that are no condition are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in mapping.items() if key in known})

    def known(self) -> dict:
        """Only what is known, for storing and showing."""
        return {key: value for key, value in asdict(self).items() if value is not None}
