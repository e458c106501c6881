"""Codes of Galactic .spc files: units of the three axes and kinds of experiment."""

X_TYPES = {
    1: ("wavenumber", "1/cm"),
    2: ("wavelength", "um"),
    3: ("wavelength", "nm"),
    4: ("time", "s"),
    5: ("time", "min"),
    6: ("frequency", "Hz"),
    7: ("frequency", "kHz"),
    8: ("frequency", "MHz"),
    9: ("mass/charge", "m/z"),
    10: ("chemical shift", "ppm"),
    11: ("time", "d"),
    12: ("time", "a"),
    13: ("raman shift", "1/cm"),
    14: ("energy", "eV"),
    16: ("diode", ""),
    17: ("channel", ""),
    18: ("angle", "deg"),
    19: ("temperature", "[degF]"),
    20: ("temperature", "Cel"),
    21: ("temperature", "K"),
    22: ("point", ""),
    23: ("time", "ms"),
    24: ("time", "us"),
    25: ("time", "ns"),
    26: ("frequency", "GHz"),
    27: ("length", "cm"),
    28: ("length", "m"),
    29: ("length", "mm"),
    30: ("time", "h"),
}
MAX_X_TYPE = 30
Y_TYPES = {
    1: ("intensity", "[a.u.]"),  # interferogram
    2: ("absorbance", "1"),
    3: ("kubelka-munk", "1"),
    4: ("counts", "{counts}"),
    5: ("voltage", "V"),
    6: ("angle", "deg"),
    7: ("current", "mA"),
    8: ("length", "mm"),
    9: ("voltage", "mV"),
    10: ("log(1/R)", "1"),
    11: ("percent", "%"),
    12: ("intensity", "[a.u.]"),
    13: ("intensity", "[a.u.]"),
    14: ("energy", ""),
    16: ("level", "dB"),
    19: ("temperature", "[degF]"),
    20: ("temperature", "Cel"),
    21: ("temperature", "K"),
    22: ("refractive index", "1"),
    23: ("extinction", "1"),
    128: ("transmittance", "1"),
    129: ("reflectance", "1"),
    130: ("intensity", "[a.u.]"),  # single beam
    131: ("intensity", "[a.u.]"),  # emission
}
EXPERIMENTS = {
    1: "generic", 2: "generic", 3: "generic", 4: "ir", 5: "ir", 7: "uvvis", 8: "xrd", 9: "mass", 10: "nmr", 11: "raman",
    12: "pl_emission", 14: "generic",
}  # fmt: skip


def technique_of(experiment: int, x_type: int, y_type: int) -> tuple[str | None, str]:
    """Technique and who says so: the axes go before the experiment, which many programs leave at 4 or 0."""
    if x_type == 13:
        return "raman", "file"
    if x_type == 1:
        return ("raman", "file") if experiment == 11 else ("ir", "rule")
    if x_type == 3 and y_type in (2, 128, 129, 11):
        return "uvvis", "rule"
    if x_type == 9:
        return "mass", "rule"
    if experiment in EXPERIMENTS and not (x_type == 3 and experiment == 4):
        return EXPERIMENTS[experiment], "file"
    return None, "rule"
