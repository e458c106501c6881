"""What the ``key: value`` lines of a header or footer say, in English and Japanese: conditions, dates, roles.

Only keys that say clearly what they hold are understood; everything else stays in the metadata in its own words.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from math import inf, isfinite

from spectra.conditions import Conditions
from spectra.readers.terms import normal

EX, EM = r"(?:ex(?:citation|\.)?|励起(?:側|光)?)", r"(?:em(?:ission|\.)?|蛍光(?:側)?|発光(?:側)?)"
WIDTH = r"(?:band ?width|slit(?: ?width)?|band ?pass|バンド幅|スリット(?:幅)?)"
WAVE = r"(?: ?(?:wave ?length|wl|λ|波長))"

# key (normalised, whole) → field of Conditions → how its value is understood
KEYS = (
    (rf"{EX} ?{WIDTH}|{WIDTH} ?\(? ?{EX}\)?", "excitation_bandwidth_nm", "width_nm"),
    (rf"{EM} ?{WIDTH}|{WIDTH} ?\(? ?{EM}\)?", "emission_bandwidth_nm", "width_nm"),
    (rf"{EX}{WAVE}|excitation|laser{WAVE}|excitation ?/ ?nm|レーザー波長", "excitation_nm", "wavelength_nm"),
    (rf"{EM}{WAVE}|emission|emission ?/ ?nm|detection{WAVE}", "emission_nm", "wavelength_nm"),
    (r"(?:uv[/-]vis |spectral )?(?:slit(?: ?width)?|スリット(?:幅)?)", "bandwidth_nm", "stated_width_nm"),
    (rf"(?:uv[/-]vis )?{WIDTH}|spectral {WIDTH}|sbw", "bandwidth_nm", "width_nm"),
    (
        r"(?:cell|path) ?length|optical path(?: length)?|cell path(?: ?length)?|セル長|光路長",
        "path_length_cm",
        "length_cm",
    ),
    (r"spectr(?:al|um|a) correction|スペクトル補正", "spectrally_corrected", "flag"),
    (r"correction (?:file|curve)|補正ファイル|補正曲線", "correction_file", "text"),
    (r"blank (?:subtraction|correction|subtracted)|ブランク(?:補正|減算)", "blank_subtracted", "flag"),
    (r"intensity unit|photometric unit|強度単位", "intensity_unit", "photon_or_energy"),
    (r"solvent|溶媒", "solvent", "text"),
    (r"refractive index|屈折率", "refractive_index", "number"),
    (r"atmosphere|gas|雰囲気", "gas", "text"),
    (r"(?:cell |sample )?temperature|(?:セル|試料|設定)?温度", "temperature_c", "celsius"),
    (r"dilution(?: label)?|希釈", "dilution_label", "text"),
    (r"(?:repetition|sync|laser) ?(?:rate|frequency) ?/? ?mhz", "repetition_rate_mhz", "number"),
    (r"(?:repetition|sync) ?rate ?/ ?hz", "repetition_rate_mhz", "hz_to_mhz"),
    (r"(?:detection|count|input) ?rate ?/ ?hz", "detection_rate_hz", "number"),
)
COMPILED = tuple((re.compile(pattern), field, kind) for pattern, field, kind in KEYS)
VALUE = re.compile(r"\s*([+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?)\s*(.*)", re.ASCII)
ON = ("on", "yes", "true", "オン", "あり", "有", "有り", "する", "実行", "corrected")
OFF = ("off", "no", "none", "false", "オフ", "なし", "無", "無し", "しない", "uncorrected")

SIMULATED = re.compile(r"simulat(?:ed|ion)|シミュレーション", re.I)
DILUTION = re.compile(r"(?<![A-Za-z0-9])d([1-9]\d?)(?![A-Za-z0-9])")
BLANK = re.compile(r"(?<![a-z])blank(?![a-z])(?!.{0,3}(?:subtract|correct))|ブランク", re.I)
STANDARD = re.compile(r"(?<![a-z])standard(?![a-z])|標準試料", re.I)
IRF = re.compile(r"(?<![a-z])(?:irf|prompt|instrument response(?: function)?)(?![a-z])|装置応答", re.I)


def conditions_from(pairs: Mapping[str, str]) -> dict:
    """Fields of Conditions that the lines state; the first clear statement of each counts."""
    known = {}
    for key, value in pairs.items():
        for pattern, field, kind in COMPILED:
            if pattern.fullmatch(normal(key).rstrip(" :=")):
                understood = UNDERSTAND[kind](value)
                if understood is not None:
                    known.setdefault(field, understood)
                break
    return known


def _number_and_unit(value: str) -> tuple[float, str] | None:
    found = VALUE.fullmatch(value)
    number = float(found[1].replace(",", ".")) if found else inf
    return (number, normal(found[2])) if isfinite(number) else None


def _nm(value: str, low: float, high: float) -> float | None:
    """A length in nm between the limits; instruments write −100 or 0 for "not known"."""
    found = _number_and_unit(value)
    if found is None or found[1] not in ("", "nm") or not low < found[0] < high:
        return None
    return found[0]


def _length_cm(value: str) -> float | None:
    found = _number_and_unit(value)
    per_cm = {"cm": 1.0, "mm": 10.0}
    if found is None or found[1] not in per_cm or not found[0] > 0:
        return None
    return found[0] / per_cm[found[1]]


def _flag(value: str) -> bool | None:
    word = normal(value)
    return True if word in ON else False if word in OFF else None


def _number(value: str) -> float | None:
    found = _number_and_unit(value)
    return found[0] if found and found[0] > 0 else None


def _celsius(value: str) -> float | None:
    found = _number_and_unit(value)
    return found[0] if found and found[1] in ("c", "°c", "deg c", "degc") else None


def _photon_or_energy(value: str) -> str | None:
    word = normal(value)
    return "photon" if "photon" in word else "energy" if "energy" in word or "watt" in word else None


UNDERSTAND = {
    "wavelength_nm": lambda value: _nm(value, 100, 5000),
    "width_nm": lambda value: _nm(value, 0, 500),
    # the opening of a slit is as often in micrometres: only with its unit
    "stated_width_nm": lambda value: _nm(value, 0, 500) if "nm" in normal(value) else None,
    "length_cm": _length_cm,
    "flag": _flag,
    "number": _number,
    "hz_to_mhz": lambda value: None if _number(value) is None else _number(value) / 1e6,
    "celsius": _celsius,
    "photon_or_energy": _photon_or_energy,
    "text": lambda value: value.strip()[:200] or None,
}


def make_conditions(pairs: Mapping[str, str], *names: str, **more) -> Conditions:
    """Conditions from ``key: value`` lines; the dilution label also from the sample's names (``d3``)."""
    known = {**more, **conditions_from(pairs)}
    label = next((found.group() for name in names if (found := DILUTION.search(name))), None)
    if label and "dilution_label" not in known:
        known["dilution_label"] = label
    return Conditions.from_mapping(known)


def role_from(*names: str) -> str | None:
    """``blank``, ``standard`` or ``IRF`` when a title or sample name says so in words."""
    for pattern, role in ((IRF, "IRF"), (BLANK, "blank"), (STANDARD, "standard")):
        if any(pattern.search(name) for name in names):
            return role
    return None


def is_simulated(*texts: str) -> bool:
    return any(SIMULATED.search(text) for text in texts)


def jasco_date(day: str, time: str = "") -> datetime | None:
    """Year, month, day in this order, as JASCO writes them in any language; two-digit years are 1980–2079."""
    found = re.search(r"(\d{4}|\d{2})[/.-](\d{1,2})[/.-](\d{1,2})(?:\s+(\d.*))?", day.strip(), re.ASCII)
    if not found:
        return None
    year = int(found[1])
    if len(found[1]) == 2:
        year += 2000 if year < 80 else 1900
    return _moment(year, int(found[2]), int(found[3]), time or found[4] or "")


def us_date(text: str) -> datetime | None:
    """``01/09/2025 03:06:24 PM``: month first when the clock has AM or PM or the day is above 12; else ambiguous."""
    found = re.search(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:\s+(\d{1,2}:.*))?", text, re.ASCII)
    if not found:
        iso = re.search(r"\d{4}-\d{2}-\d{2}.*", text, re.ASCII)
        return jasco_date(iso.group()) if iso else None
    first, second, clock = int(found[1]), int(found[2]), found[4] or ""
    if re.search(r"[AP]M", clock, re.I) or second > 12:
        return _moment(int(found[3]), first, second, clock)
    if first > 12 or "." in found.group()[:6]:
        return _moment(int(found[3]), second, first, clock)
    return None


def _moment(year: int, month: int, day: int, clock: str) -> datetime | None:
    found = re.match(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp][Mm])?", clock.strip(), re.ASCII)
    hour, minute, second = (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
    if found and found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
