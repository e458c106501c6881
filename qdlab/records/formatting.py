"""How numbers, units, formulas and file sizes are written for people. Pure functions: no Django, no settings."""

import math
import re
from datetime import date, datetime

SUPERSCRIPTS = str.maketrans("0123456789+-−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻·")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MINUS = "−"

# --- Values with their uncertainty --------------------------------------------------------------------------------


def digits_of_uncertainty(u: float) -> int:
    """Return the decimal place to which a standard uncertainty ``u`` is written (2: hundredths, -1: tens).

    Two significant digits when the first three are 100–354, else one: the rule of the Particle Data Group, which never
    rounds an uncertainty by more than a third and never writes digits that mean nothing.

    >>> digits_of_uncertainty(0.0123), digits_of_uncertainty(0.0456), digits_of_uncertainty(0.0967), digits_of_uncertainty(52)
    (3, 2, 2, -1)
    """
    exponent = math.floor(math.log10(u))
    leading = round(u / 10.0 ** (exponent - 2))
    if leading >= 950:  # rounds up to the next power of ten: 0.0967 is written 0.10
        return -exponent
    return 1 - exponent if leading < 355 else -exponent


def quantity(value: float | None, u: float | None = None, unit: str = "") -> str:
    """Write ``value ± u unit`` with the digits that the uncertainty allows.

    Without an uncertainty (None, zero or not finite) four significant digits are written. Numbers of 10⁵ and more, or below
    10⁻³, get a power of ten; rates (1/s) are written in 10⁷ s⁻¹, as the field compares them.

    >>> quantity(0.956, 0.0123)
    '0.956 ± 0.012'
    >>> quantity(10.6e7, 0.4e7, "1/s")
    '(10.6 ± 0.4) × 10⁷ s⁻¹'
    >>> quantity(453.21, None, "nm")
    '453.2 nm'
    >>> quantity(None, None, "nm")
    '–'
    """
    number = number_with_uncertainty(value, u, _power_of_ten(value, u, unit))
    if number == "–":
        return number
    symbol = unit_symbol(unit)
    if "±" in number and symbol in ("%", "°", "°C"):  # the sign belongs to both numbers
        number = f"({number})"
    return f"{number}{'' if symbol in ('', '°') else ' '}{symbol}"


def number_with_uncertainty(value: float | None, u: float | None = None, power: int = 0) -> str:
    """Write ``value ± u`` as a multiple of 10 to the ``power``."""
    if value is None or not math.isfinite(value):
        return "–"
    value = value / 10.0**power
    if u is None or not math.isfinite(u) or u <= 0:
        text, known = _significant(value, 4), False
    else:
        u = u / 10.0**power
        places = digits_of_uncertainty(u)
        text, known = f"{_fixed(value, places)} ± {_fixed(u, places)}", True
    if power == 0:
        return text
    return f"{f'({text})' if known else text} × 10{str(power).translate(SUPERSCRIPTS)}"


def _power_of_ten(value: float | None, u: float | None, unit: str) -> int:
    size = max((abs(x) for x in (value, u) if x is not None and math.isfinite(x)), default=0.0)
    if size == 0:
        return 0
    if unit in ("1/s", "s-1") and 1e4 <= size < 1e10:
        return 7
    if 1e-3 <= size < 1e5:
        return 0
    return math.floor(math.log10(size))


def _fixed(value: float, places: int) -> str:
    rounded = round(value, places) + 0.0  # + 0.0: no negative zero
    return f"{rounded:.{max(places, 0)}f}".replace("-", MINUS)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):.{max(places, 0)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


# --- Units --------------------------------------------------------------------------------------------------------

_WHOLE = {
    "1": "", "mol/L": "M", "mmol/L": "mM", "umol/L": "µM", "nmol/L": "nM", "mol/l": "M", "mmol/l": "mM",
    "umol/l": "µM", "kg/m3": "kg m⁻³", "{equiv}": "equiv", "{eq}": "equiv", "[pH]": "", "%": "%", "[a.u.]": "a.u.",
}  # fmt: skip
_ATOMS = {"Cel": "°C", "deg": "°", "Ohm": "Ω", "[ppm]": "ppm", "[ppb]": "ppb", "l": "L", "Ar": "Å", "Ao": "Å"}
_MICRO = re.compile(r"^u(?=g$|m$|l$|L$|s$|mol$|M$|A$|V$|W$|J$|eV$)")
_FACTOR = re.compile(r"^(?P<atom>[A-Za-z%\[\]_']+)(?P<power>-?\d+)?$")


def unit_symbol(unit: str) -> str:
    """Write a UCUM unit the way the field writes it: ``uL`` → µL, ``1/s`` → s⁻¹, ``mmol/L`` → mM, ``Cel`` → °C.

    >>> [unit_symbol(u) for u in ("uL", "1/s", "mmol/L", "Cel", "mol.m-3", "L/mol/cm", "1", "{counts}")]
    ['µL', 's⁻¹', 'mM', '°C', 'mol m⁻³', 'L mol⁻¹ cm⁻¹', '', 'counts']
    """
    if unit in _WHOLE:
        return _WHOLE[unit]
    factors = []
    for at, part in enumerate(unit.split("/")):
        for factor in part.split("."):
            factors.append(_factor(factor, -1 if at else 1))
    return " ".join(factor for factor in factors if factor)


def _factor(text: str, sign: int) -> str:
    text = re.sub(r"^\{(.*)\}$", r"\1", text)
    match = _FACTOR.match(text)
    if match is None:
        return "" if text == "1" else text
    atom = _MICRO.sub("µ", _ATOMS.get(match["atom"], match["atom"])).replace("µl", "µL")
    if atom == "ml":
        atom = "mL"
    power = sign * int(match["power"] or 1)
    return atom if power == 1 else f"{atom}{str(power).translate(SUPERSCRIPTS)}"


# --- Chemistry ----------------------------------------------------------------------------------------------------

_ELEMENTS = (
    "Ac|Ag|Al|Am|Ar|As|At|Au|B|Ba|Be|Bi|Br|C|Ca|Cd|Ce|Cl|Co|Cr|Cs|Cu|D|Dy|Er|Eu|F|Fe|Ga|Gd|Ge|H|He|Hf|Hg|Ho|I|In|Ir|K|Kr|La|Li|"
    "Lu|Mg|Mn|Mo|N|Na|Nb|Nd|Ne|Ni|O|Os|P|Pb|Pd|Pm|Pr|Pt|Ra|Rb|Re|Rh|Ru|S|Sb|Sc|Se|Si|Sm|Sn|Sr|Ta|Tb|Te|Th|Ti|Tl|Tm|U|V|W|Xe|Y|"
    "Yb|Zn|Zr"
)
_GROUPS = "MA|FA|GA|QD|MLA|OAM|OAm|OLA|OA|PEA|BA|Me|Et|Bu|Ph|X|A"
_SYMBOL = "|".join(sorted(f"{_ELEMENTS}|{_GROUPS}".split("|"), key=len, reverse=True))
_COUNT = r"\d+(?:\.\d+)?|[nxy](?![a-z])"
_FORMULA = re.compile(rf"(?<![A-Za-z0-9])(?:(?:{_SYMBOL}|[()\[\]])(?:{_COUNT})?)+(?:\^?\d*[+\-−])?(?![A-Za-z0-9])")


def chemistry(text: str) -> str:
    """Set the counts and charges of the formulas in ``text``: MAPbBr3 → MAPbBr₃, Pb2+ → Pb²⁺, PbBr3- → PbBr₃⁻.

    Locants, codes and plain numbers stay: only words made of element symbols and the field's abbreviations are formulas.
    A charge of a polyatomic ion with a count is written with a caret: SO4^2- → SO₄²⁻.

    >>> chemistry("MAPbBr3 with 9,10-diphenylanthracene in D2, OC-2026-003")
    'MAPbBr₃ with 9,10-diphenylanthracene in D₂, OC-2026-003'
    >>> chemistry("Pb2+ and Cs58Pb64Br240^54-")
    'Pb²⁺ and Cs₅₈Pb₆₄Br₂₄₀⁵⁴⁻'
    """
    return _FORMULA.sub(lambda match: _set_formula(match[0]), text)


def _set_formula(formula: str) -> str:
    charge = ""
    monatomic = re.fullmatch(rf"(?:{_SYMBOL})(\d*)[+\-−]", formula)
    if monatomic:
        formula, charge = formula[: monatomic.start(1)], formula[monatomic.start(1) :]
    elif match := re.search(r"\^(\d*[+\-−])$|(?<=[\w)\]])([+\-−])$", formula):
        formula, charge = formula[: match.start()], match[1] or match[2]
    counted = re.sub(r"(?<=[A-Za-z)\]])\d+(?:\.\d+)?", lambda count: count[0].translate(SUBSCRIPTS), formula)
    return counted + charge.translate(SUPERSCRIPTS)


# --- Files and dates ----------------------------------------------------------------------------------------------


def file_size(size: int | None) -> str:
    """Write a number of bytes in decimal units, as file managers do.

    >>> file_size(0), file_size(999), file_size(1536), file_size(50_000_000)
    ('0 B', '999 B', '1.5 kB', '50 MB')
    """
    if size is None:
        return "–"
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if unit != "B" and amount < 9.95 else f"{amount:.0f} {unit}"


def iso_date(when: date | datetime | None) -> str:
    """Write a date as 2026-11-22 and an instant as 2026-11-22 14:02 (in the zone that it carries)."""
    if when is None:
        return "–"
    return f"{when:%Y-%m-%d %H:%M}" if isinstance(when, datetime) else f"{when:%Y-%m-%d}"


def short_hash(sha256: str) -> str:
    """The first twelve digits: enough to tell any two files of a lab apart."""
    return f"{sha256[:12]}…" if len(sha256) > 12 else sha256
