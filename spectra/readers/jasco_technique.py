"""What a JASCO file measured: axis, channels and technique from XUNITS, YUNITS, DATA TYPE, model and footer."""

import re

import numpy as np

from spectra.readers.terms import normal, split_label, unit_code, x_axis, y_column
from spectra.spectrum import Channel

X_UNITS = {
    "nanometers": ("wavelength", "nm"),
    "1/cm": ("wavenumber", "1/cm"),
    "sec": ("time", "s"),
    "min": ("time", "min"),
    "ev": ("energy", "eV"),
}
MODE = ("Measurement mode", "Measurement Mode", "Photometric mode", "Photometric Mode", "測定モード", "測光モード")


def x_of(header: dict) -> tuple[str, str]:
    """Quantity and unit of the axis."""
    written = header.get("XUNITS", "")
    if found := X_UNITS.get(normal(written)):
        return found
    axis = x_axis(written)
    if axis:
        return axis.quantity, axis.unit
    name, unit = split_label(written)
    known = "concentration" if normal(name) in ("concentration", "conc.", "濃度") else "unknown"
    return known, unit_code(unit if known != "unknown" else written)


def channels_of(header: dict, values: np.ndarray) -> list[Channel]:
    """One channel per column, named by YUNITS, Y2UNITS, …"""
    channels = []
    for i in range(values.shape[1]):
        written = header.get("YUNITS" if i == 0 else f"Y{i + 1}UNITS", "")
        if i == 0 and not written:
            written = header.get("Y1UNITS", "")
        column = y_column(written)
        quantity, unit, role = (column.quantity, column.unit, column.role) if column else ("unknown", written, "signal")
        if quantity == "intensity" and not unit:
            unit = "[a.u.]"
        channels.append(Channel(values[:, i], quantity, unit, role, written))
    return channels


def technique_of(header: dict, footer: dict, model: str, title: str) -> tuple[str | None, str]:
    """The technique and who says so: ``file`` (DATA TYPE or mode) or ``rule`` (units and model)."""
    said = _said(normal(header.get("DATA TYPE", "")))
    if said in ("ir", "raman", "cd"):
        return said, "file"
    quantity, (x_quantity, x_unit) = _first_quantity(header), x_of(header)
    if x_unit in ("s", "min"):
        return "kinetics", "rule"
    if x_quantity in ("temperature", "concentration"):
        return "generic", "rule"
    if quantity == "ellipticity":
        return "cd", "rule"
    if quantity in ("absorbance", "transmittance", "reflectance"):
        is_ir = model.upper().startswith("FT/IR") or (x_unit == "1/cm" and not model.upper().startswith("V-"))
        return ("ir", "rule") if is_ir else ("uvvis", "file" if said == "uvvis" else "rule")
    if model.upper().startswith("NRS"):
        return "raman", "rule"
    if quantity in ("intensity", "counts", "unknown") and (said or model.upper().startswith("FP")):
        return _fluorescence(said, footer, title)
    return None, "rule"


def _said(data_type: str) -> str | None:
    for pattern, technique in (
        (r"raman", "raman"),
        (r"infrared", "ir"),
        (r"circular dichroism|^cd\b", "cd"),
        (r"excitation|励起", "pl_excitation"),
        (r"emission|蛍光|発光", "pl_emission"),
        (r"fluorescence", "fluorescence"),
        (r"ultraviolet|uv|visible|absorption", "uvvis"),
    ):
        if re.search(pattern, data_type):
            return technique
    return None


def _fluorescence(said: str | None, footer: dict, title: str) -> tuple[str | None, str]:
    """Emission or excitation: the mode says it, else which of the two wavelengths stood still."""
    if said in ("pl_emission", "pl_excitation"):
        return said, "file"
    mode = normal(next((footer[key] for key in MODE if footer.get(key)), ""))
    for pattern, technique in ((r"^ex|励起", "pl_excitation"), (r"^em|蛍光|発光", "pl_emission")):
        if re.search(pattern, mode):
            return technique, "file"
    keys = " ".join(normal(key) for key in footer)
    fixed_excitation = re.search(r"ex(citation|\.)? ?wavelength|励起(光)?波長", keys)
    fixed_emission = re.search(r"em(ission|\.)? ?wavelength|(蛍光|発光)波長", keys)
    if bool(fixed_excitation) != bool(fixed_emission):
        return ("pl_emission" if fixed_excitation else "pl_excitation"), "rule"
    if re.search(r"excitation|\bple\b|励起", normal(title)):
        return "pl_excitation", "rule"
    return None, "rule"


def _first_quantity(header: dict) -> str:
    column = y_column(header.get("YUNITS", header.get("Y1UNITS", "")))
    return column.quantity if column else "unknown"
