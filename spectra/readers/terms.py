"""The words that instruments and people write over columns, in English, Japanese and other languages, as quantities and units.

``x_axis`` and ``y_column`` understand a label such as ``Wavelength (nm)``, ``Time/ns``, ``波長 [nm]``, ``Abs`` or ``nm``;
they answer None for a label they do not know, and never guess.
"""

import re
import unicodedata
from dataclasses import dataclass

UNITS = {
    "nm": ("nm", "nm.", "nanometer", "nanometers", "nanometre", "nanometres", "nm air", "nm vac", "нм", "纳米"),
    "um": ("um", "μm", "micrometer", "micrometers", "micron", "microns"),
    "eV": ("ev",),
    "keV": ("kev",),
    "1/cm": ("1/cm", "cm-1", "cm^-1", "cm−1", "/cm", "kayser", "см-1"),
    "ps": ("ps",),
    "ns": ("ns", "nsec", "nanoseconds", "нс"),
    "us": ("us", "μs", "µs", "usec"),
    "ms": ("ms", "msec"),
    "s": ("s", "sec", "sec.", "second", "seconds", "秒"),
    "min": ("min", "min.", "minute", "minutes", "分"),
    "h": ("h", "hr", "hour", "hours", "時間"),
    "Cel": ("°c", "℃", "degc", "deg c", "c", "∞c"),
    "K": ("k",),
    "V": ("v", "volt", "volts"),
    "%": ("%", "percent"),
    "mdeg": ("mdeg",),
    "{counts}": ("counts", "count", "cts", "#", "カウント"),
    "{counts}/s": ("cps", "counts/s", "counts per second", "cts/s"),
    "[a.u.]": ("a.u.", "a.u", "au", "arb. units", "arb.units", "arb. unit", "arb.u.", "arb. u.", "arb", "任意単位"),
}
UNIT_OF = {written: unit for unit, all_written in UNITS.items() for written in all_written}
TIME_NS = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}

WAVELENGTH = (
    r"wellenl(?:ä|ae?)nge|longitud(?:e)? de onda|longueur d.?onde|lunghezza d.?onda|comprimento de onda|golflengte"
    r"|våglängd|波长|длина волны|파장"
)
ABSORBANCE = (
    r"absorban[zs]\b|extinktion|absorb[aâ]ncia|assorbanza|absorptie|吸收|поглощение|оптическая плотность|흡광도"
)
TRANSMITTANCE = r"transmittan[zs]\b|transmit[aâ]ncia|trasmittanza|透射率|пропускание|투과율"
INTENSITY = r"intensit(?:ä|ae?)t|intensi(?:dad|té|tà|dade|teit|tet)\b|强度|荧光|发光|интенсивность|флуоресц|люминесц|강도|형광|fluores[zc]en"

X_WORDS = (
    (r"raman shift|ラマンシフト", "raman shift", "1/cm"),
    (r"wave ?number|波数|wellenzahl|n[uú]mero de onda|nombre d.?onde|волновое число", "wavenumber", "1/cm"),
    (r"^wave$", "unknown", ""),  # Avantes: wavelength; Renishaw: Raman shift; the unit decides
    (rf"wave ?length|\bwave\b|\bwavel\.|\bwl\b|lambda|λ|波長|{WAVELENGTH}", "wavelength", ""),
    (r"photon energy|\benergy\b|エネルギー|\benergie\b|\benerg[ií]a\b|能量", "energy", ""),
    (r"\btime\b|\bdelay\b|\bbins?\b|時間|\bzeit\b|\btiempo\b|\btemps\b|\btempo\b|时间|время|시간", "time", ""),
    (r"^channels?$|^chan(nel)?( ?no\.?)?$|^ch$|チャンネル", "channel", ""),
    (r"temperature|^temp\.?$|celsius|温度", "temperature", ""),
    (r"voltage|potential|\bbias\b|vsource|電圧", "voltage", "V"),
)
X_OF_UNIT = {"nm": "wavelength", "eV": "energy", "1/cm": "wavenumber", "ps": "time", "ns": "time", "us": "time"}

Y_WORDS = (
    (r"\birf\b|instrument response|\bprompt\b|装置応答", "counts", "{counts}", "IRF"),
    (r"^ht\b|high tension|high voltage", "voltage", "V", "HT"),
    (r"\bdark\b|ダーク", "intensity", "", "dark"),
    (r"^ref(\.|erence)?\b|リファレンス", "intensity", "", "reference"),
    (r"absorbance|^abs\.?$|optical density|^o\.?d\.?$|吸光度|" + ABSORBANCE, "absorbance", "1", "signal"),
    (r"transmittance|transmission|^% ?t$|^t ?%$|透過率|" + TRANSMITTANCE, "transmittance", "%", "signal"),
    (r"reflectance|^% ?r$|^r ?%$|反射率", "reflectance", "%", "signal"),
    (r"ellipticity|^cd$|circular dichroism|楕円率", "ellipticity", "mdeg", "signal"),
    (r"\bcounts?\b|\bcts\b|\bcps\b|カウント", "counts", "", "signal"),
    (
        r"intensity|^int\.?$|luminescence|fluorescence|emission|^pl$|^fl$|強度|蛍光|発光|" + INTENSITY,
        "intensity",
        "",
        "signal",
    ),
)
COUNT_RATE = re.compile(r"(?:counts|cps)\b.*")  # "CPS / MicroAmps": detector over lamp
Y_OF_UNIT = {"mdeg": "ellipticity", "{counts}": "counts", "{counts}/s": "intensity", "[a.u.]": "intensity"}

ABSORBANCE_UNITS = ("", "1", "a", "au", "a.u.", "a.u", "abs", "abs.", "od", "-", "arb. units")  # mAU is none of these

AT_NM = re.compile(
    r"(.*[^\W\d_]\.?)[ _]?(?:at|@|\()?[ _]?\d{3,4}(?:\.\d+)? ?nm\)?", re.I
)  # "Abs 450 nm", followed in time
BRACKETED = re.compile(r"^(?P<name>[^(\[]*)[(\[](?P<unit>.+)[)\]]\s*$")


@dataclass(frozen=True)
class Axis:
    quantity: str
    unit: str


@dataclass(frozen=True)
class Column:
    quantity: str
    unit: str
    role: str = "signal"


def normal(text: str) -> str:
    """Fold full-width forms, superscripts, case and runs of blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").casefold().replace("_", " ").split())


def split_label(label: str) -> tuple[str, str]:
    """Split ``Intensity (a.u.)``, ``Time/ns`` or ``波長, nm`` into name and unit as written; unit ``""`` if none.

    Examples
    --------
    >>> split_label("Time/ns"), split_label("S1c / R1c"), split_label("nm")
    (('Time', 'ns'), ('S1c / R1c', ''), ('', 'nm'))
    """
    label = label.strip()
    if _unit(label) and normal(label) not in ("s", "k", "c", "h", "v", "#"):
        return "", label
    if found := BRACKETED.match(label):
        return found["name"].strip(), found["unit"].strip()
    for mark in ("/", ",", " "):
        name, _, unit = label.rpartition(mark)
        if name and _unit(unit) and (mark != " " or len(unit) > 1):
            return name.strip(" ,/"), unit.strip()
    return label, ""


def _unit(written: str) -> str:
    return UNIT_OF.get(normal(written), "")


def unit_code(written: str) -> str:
    """Give the unit's code, or the unit as written when it is not one of the known ones."""
    return _unit(written) or written.strip()


def x_axis(label: str) -> Axis | None:
    """Understand the label of an x column; None when it names nothing known."""
    name, written = split_label(label)
    unit = unit_code(written)
    for pattern, quantity, default in X_WORDS:
        if re.search(pattern, normal(name).lstrip("#").strip()):
            return Axis(X_OF_UNIT.get(unit, quantity) if quantity == "unknown" else quantity, unit or default)
    if not name and unit in X_OF_UNIT:
        return Axis(X_OF_UNIT[unit], unit)
    if re.fullmatch(r"x|x[ -]?(?:axis|values?)", normal(name)) and unit in X_OF_UNIT:
        return Axis(X_OF_UNIT[unit], unit)
    if re.fullmatch(r"t( irf)?", normal(name)) and unit in TIME_NS:  # "t" alone may be a transmittance
        return Axis("time", unit)
    return None


def y_column(label: str) -> Column | None:
    """Understand the label of a y column; None when it names nothing known."""
    if found := AT_NM.fullmatch(label.strip()):
        label = found[1]
    name, written = split_label(label)
    unit = unit_code(written)
    if unit in ("%T", "%R"):
        return Column("transmittance" if unit == "%T" else "reflectance", "%")
    for pattern, quantity, default, role in Y_WORDS:
        if re.search(pattern, normal(name or written)):
            if quantity == "absorbance" and normal(written) in ABSORBANCE_UNITS:
                return Column(quantity, "1", role)
            return Column(quantity, (unit if name else _unit(written)) or default, role)
    if unit in Y_OF_UNIT:
        return Column(Y_OF_UNIT[unit], unit)
    return Column("intensity", unit) if COUNT_RATE.fullmatch(normal(unit)) else None
