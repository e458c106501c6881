"""What an image file says of how it was taken: pixel size, voltage, magnification, detector, exposure, date.

Sources, the surest first: the metadata of the microscope's maker (FEI and Thermo, Zeiss, Olympus SIS, TVIPS), OME-XML,
ImageJ's unit, and the resolution tags of TIFF. The last are believed only for pixels up to 1 µm: larger ones are the
resolution of a screen, printer or scanner (72 to 1,200 dots per inch are 350 to 21 µm) and say nothing about the object.
Pixels that are not square have no single size, and none is given.

FEI: sections of ``name=value``, in SI units (``Scan.PixelWidth`` [m], ``Beam.HV`` [V]). Zeiss: ``AP_IMAGE_PIXEL_SIZE`` and
others, each with its own unit. ImageJ: ``unit`` and X resolution as pixels per unit. OME: PhysicalSizeX, in µm unless told.
"""

import re
from collections.abc import Iterable, Mapping
from math import isfinite

UNITS_NM = {"m": 1e9, "cm": 1e7, "mm": 1e6, "um": 1e3, "nm": 1.0, "a": 0.1, "pm": 1e-3}
UNITS_NM |= {"micron": 1e3, "microns": 1e3, "µm": 1e3, "μm": 1e3, "\\u00b5m": 1e3, "nanometer": 1.0, "å": 0.1}
SMALLEST_NM, LARGEST_NM = 1e-4, 1e8
LARGEST_OF_RESOLUTION_NM = 1_000.0
NOT_SQUARE = 0.01
NUMBER = re.compile(r"\s*([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\s*(K?)\s*[xX]?\s*", re.ASCII)


def length_nm(value, unit: str) -> float | None:
    """A length in nm; None for a unit that is no length, such as ``1/nm``, ``pixel`` or ``inch``.

    Examples
    --------
    >>> length_nm(0.5, "µm"), length_nm(2.0, "1/nm")
    (500.0, None)
    """
    number, factor = positive(value), UNITS_NM.get(str(unit).strip().lower())
    if number is None or factor is None or not SMALLEST_NM <= number * factor <= LARGEST_NM:
        return None
    return number * factor


def positive(value) -> float | None:
    """A finite number above zero, also from a text such as ``50.00 K X``."""
    factor = 1.0
    if isinstance(value, str):
        found = NUMBER.fullmatch(value)
        if not found or found[1].count(".") > 1:
            return None
        value, factor = float(found[1]), 1e3 if found[2] else 1.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) * factor if isfinite(value) and value > 0 else None


def square(x_nm: float | None, y_nm: float | None) -> float | None:
    """The size of a pixel whose two sides agree."""
    if x_nm is None or (y_nm is not None and abs(x_nm - y_nm) > NOT_SQUARE * x_nm):
        return None
    return x_nm


def tiff_facts(file) -> tuple[dict, str]:
    """Facts of an open TiffFile, as fields of Conditions, and who in the file states the pixel size."""
    known: dict = {}
    told_by = ""
    for maker, facts_of in SOURCES:
        for name, value in _stated(facts_of, file).items():
            if value is not None and name not in known:
                known[name] = value
                told_by = maker if name == "pixel_size_nm" else told_by
    return known, told_by


def _stated(facts_of, file) -> dict:
    """The facts of one source; a block that is damaged says nothing, and takes nothing from the image."""
    try:
        return facts_of(file)
    except MemoryError:
        raise
    except Exception:  # parsers of makers' blocks raise many kinds
        return {}


def _fei(file) -> dict:
    said = _mapping(file.fei_metadata)
    if not said:
        return {}
    beam = {**_mapping(said.get("Beam")), **_mapping(said.get("EBeam"))}
    scan = {**_mapping(said.get("Scan")), **_mapping(said.get("EScan"))}
    system = _mapping(said.get("System"))
    detectors = _mapping(said.get("Detectors"))
    return {
        "pixel_size_nm": square(length_nm(scan.get("PixelWidth"), "m"), length_nm(scan.get("PixelHeight"), "m")),
        "acceleration_kv": _kilo(beam.get("HV")),
        "detector": _text(detectors.get("Name")),
        "exposure_s": positive(scan.get("FrameTime")),
        "microscope": _text(system.get("SystemType") or system.get("Type")),
        "imaging_mode": "SEM",
    }


def _zeiss(file) -> dict:
    said = _mapping(file.sem_metadata)
    if not said:
        return {}
    voltage, unit = _zeiss_value(said, "ap_actualkv", "ap_manualkv")
    volts_per_unit = {"kv": 1.0, "v": 1e-3}.get(unit.lower())
    return {
        "pixel_size_nm": length_nm(*_zeiss_value(said, "ap_image_pixel_size", "ap_pixel_size")),
        "acceleration_kv": voltage * volts_per_unit if positive(voltage) and volts_per_unit else None,
        "magnification": positive(_zeiss_value(said, "ap_mag")[0]),
        "detector": _text(_zeiss_value(said, "dp_detector_channel", "dp_detector_type")[0]),
        "imaging_mode": "SEM",
    }


def _zeiss_value(said: Mapping, *names: str) -> tuple:
    for name in names:
        entry = said.get(name)
        if isinstance(entry, tuple) and len(entry) >= 2:
            return entry[1], str(entry[2]) if len(entry) > 2 else ""
    return None, ""


def _olympus(file) -> dict:
    said = _mapping(file.sis_metadata)
    sizes = (length_nm(said.get("pixelsizex"), "m"), length_nm(said.get("pixelsizey"), "m"))
    return {"pixel_size_nm": square(*sizes), "magnification": positive(said.get("magnification"))} if said else {}


def _tvips(file) -> dict:
    said = _mapping(file.tvips_metadata)
    if not said:
        return {}
    return {
        "pixel_size_nm": square(length_nm(said.get("PixelSizeX"), "nm"), length_nm(said.get("PixelSizeY"), "nm")),
        "acceleration_kv": _kilo(said.get("HighTension")),
        "magnification": positive(said.get("Magnification") or said.get("MagnificationTotal")),
    }


def _ome(file) -> dict:
    xml = file.ome_metadata
    if not xml:
        return {}
    from defusedxml.ElementTree import fromstring  # entity bombs raise; the caller tells

    pixels = next((one for one in fromstring(xml).iter() if one.tag.rpartition("}")[2] == "Pixels"), None)
    if pixels is None:
        return {}
    sides = [length_nm(pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit", "µm")) for axis in "XY"]
    return {"pixel_size_nm": square(*sides)}


def _imagej(file) -> dict:
    said = _mapping(file.imagej_metadata)
    unit = str(said.get("unit", ""))
    sizes = [length_nm(size, unit) for size in _pixels_per_unit(file.pages[0])] if unit else []
    return {"pixel_size_nm": square(*sizes)} if len(sizes) == 2 else {}


def _resolution(file) -> dict:
    page = file.pages[0]
    unit_nm = {2: 2.54e7, 3: 1e7}.get(_tag(page, 296))
    sides = [size * unit_nm for size in _pixels_per_unit(page)] if unit_nm else []
    if len(sides) != 2 or not all(SMALLEST_NM <= side <= LARGEST_OF_RESOLUTION_NM for side in sides):
        return {}
    return {"pixel_size_nm": square(*sides)}


def _pixels_per_unit(page) -> list[float]:
    """Width and height of a pixel in the file's unit, from the resolution tags."""
    sizes = []
    for tag in (282, 283):
        value = _tag(page, tag)
        if isinstance(value, tuple) and len(value) == 2 and value[0] > 0 and value[1] > 0:
            sizes.append(value[1] / value[0])
    return sizes


def _tag(page, number: int):
    return page.tags[number].value if number in page.tags else None


def _mapping(value) -> Mapping:
    return value if isinstance(value, Mapping) else {}


def _text(value) -> str | None:
    return str(value).strip()[:120] or None if value else None


def _kilo(volts) -> float | None:
    number = positive(volts)
    return None if number is None else number / 1e3


SOURCES: Iterable = (
    ("FEI", _fei),
    ("Zeiss", _zeiss),
    ("Olympus", _olympus),
    ("TVIPS", _tvips),
    ("OME", _ome),
    ("ImageJ", _imagej),
    ("TIFF resolution", _resolution),
)
