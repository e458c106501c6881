"""Numbers as people type them, with their unit, and the same in SI.

A typed number is kept as text, because ``29.40`` and ``29.4`` say different things to a chemist. Its SI value is
the correctly rounded float of the exact decimal. One comma or one point is the decimal mark, whichever was typed; a
number with thousands separators is refused, since ``1.234`` and ``1,234`` could then not be told from it.

Unit codes are UCUM (https://ucum.org). ``{equiv}`` and ``{rpm}`` are UCUM annotations: numbers without dimension.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from synthesis.notes import InputError, Note, gettext_noop

NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
LONGEST_NUMBER = 40  # characters; also keeps exact arithmetic small, whatever is sent


@dataclass(frozen=True)
class Unit:
    """One unit: its UCUM code, what it measures, how it is shown, and SI value = number · factor + offset."""

    code: str
    dimension: str
    symbol: str
    factor: Fraction
    offset: Fraction = Fraction(0)


def _units(dimension: str, *rows: tuple[str, str, str]) -> list[Unit]:
    return [Unit(code, dimension, symbol, Fraction(factor)) for code, symbol, factor in rows]


UNITS: dict[str, Unit] = {
    unit.code: unit
    for unit in [
        *_units("mass", ("kg", "kg", "1"), ("g", "g", "1e-3"), ("mg", "mg", "1e-6"), ("ug", "µg", "1e-9")),
        *_units("volume", ("m3", "m³", "1"), ("L", "L", "1e-3"), ("mL", "mL", "1e-6"), ("uL", "µL", "1e-9")),
        *_units("substance", ("mol", "mol", "1"), ("mmol", "mmol", "1e-3")),
        *_units("substance", ("umol", "µmol", "1e-6"), ("nmol", "nmol", "1e-9")),
        *_units("equivalents", ("{equiv}", "equiv", "1")),
        *_units("concentration", ("mol/L", "M", "1e3"), ("mmol/L", "mM", "1"), ("umol/L", "µM", "1e-3")),
        *_units("mass concentration", ("g/L", "g/L", "1"), ("mg/mL", "mg/mL", "1"), ("g/mL", "g/mL", "1e3")),
        *_units("fraction", ("1", "", "1"), ("%", "%", "1e-2"), ("[ppm]", "ppm", "1e-6")),
        *_units("time", ("s", "s", "1"), ("min", "min", "60"), ("h", "h", "3600"), ("d", "d", "86400")),
        *_units("rotation", ("{rpm}", "rpm", "1/60")),
        *_units("flow", ("mL/min", "mL/min", "1/60000000"), ("uL/min", "µL/min", "1/60000000000")),
        *_units("flow", ("mL/h", "mL/h", "1/3600000000")),
        *_units("length", ("m", "m", "1"), ("mm", "mm", "1e-3"), ("um", "µm", "1e-6"), ("nm", "nm", "1e-9")),
        *_units("pressure", ("Pa", "Pa", "1"), ("mbar", "mbar", "100")),
        Unit("Cel", "temperature", "°C", Fraction(1), Fraction("273.15")),
        Unit("K", "temperature", "K", Fraction(1)),
    ]
}
AMOUNT_DIMENSIONS = ("mass", "volume", "substance", "equivalents")
SI_UNIT = {"mass": "kg", "volume": "m3", "substance": "mol", "equivalents": "{equiv}"}

# What people write → code. Compared after NFKC, which turns µ (micro) into μ (mu) and full-width letters into plain ones.
_ALIASES = {
    "μg": "ug", "mcg": "ug", "l": "L", "ml": "mL", "μl": "uL", "μL": "uL", "ul": "uL", "cc": "mL", "μmol": "umol",
    "eq": "{equiv}", "eq.": "{equiv}", "equiv": "{equiv}", "equiv.": "{equiv}", "equivalents": "{equiv}", "当量": "{equiv}",
    "M": "mol/L", "mM": "mmol/L", "μM": "umol/L", "uM": "umol/L", "g/l": "g/L", "mg/ml": "mg/mL", "g/ml": "g/mL",
    "ppm": "[ppm]", "sec": "s", "hr": "h", "rpm": "{rpm}", "ml/min": "mL/min", "μL/min": "uL/min", "μl/min": "uL/min",
    "μm": "um", "°C": "Cel", "C": "Cel",
}  # fmt: skip
_ALIASES = {unicodedata.normalize("NFKC", alias): code for alias, code in _ALIASES.items()}


@dataclass(frozen=True)
class Typed:
    """A number as typed, its unit, and its SI value (kg, m³, mol, K, s …)."""

    text: str
    unit: str
    si: float

    @property
    def dimension(self) -> str:
        return UNITS[self.unit].dimension

    def __str__(self) -> str:
        return f"{self.text} {UNITS[self.unit].symbol}".rstrip()


def parse_number(text: str) -> Decimal:
    """Read a number exactly, with a point or a comma as decimal mark.

    Raises
    ------
    InputError
        When the text is no number, has thousands separators, or is longer than anyone types.

    Examples
    --------
    >>> parse_number("29,4")
    Decimal('29.4')
    """
    cleaned = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    if not cleaned:
        raise InputError(Note("number_missing", gettext_noop("Enter a number, for example 29.4."), about="number"))
    if len(cleaned) > LONGEST_NUMBER or not NUMBER.fullmatch(cleaned):
        raise InputError(_not_a_number(text, cleaned))
    return Decimal(cleaned.replace(",", "."))


def _not_a_number(text: str, cleaned: str) -> Note:
    shown = {"text": text.strip()[:LONGEST_NUMBER]}
    if len(cleaned) <= LONGEST_NUMBER and re.fullmatch(r"[+-]?\d+(?:[., ' ]\d+)+", cleaned, re.ASCII):
        sentence = gettext_noop("“{text}” can be read in two ways. Write it without thousands separators, like 1234.5.")
        return Note("number_ambiguous", sentence, shown, "number")
    return Note("not_a_number", gettext_noop("“{text}” is not a number. Write it like 29.4 or 29,4."), shown, "number")


def unit_code(text: str, *, dimensions: tuple[str, ...] = ()) -> str:
    """Return the UCUM code of a unit as people write it; ``µL``, ``ul`` and ``uL`` are all ``uL``.

    ``dimensions`` limits what is accepted, e.g. ``("mass",)``. Raises InputError with the units to choose from.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip()
    code = cleaned if cleaned in UNITS else _ALIASES.get(cleaned, "")
    if code and (not dimensions or UNITS[code].dimension in dimensions):
        return code
    choices = ", ".join(
        u.symbol for u in UNITS.values() if u.symbol and u.dimension in (dimensions or AMOUNT_DIMENSIONS)
    )
    values = {"unit": text.strip()[:LONGEST_NUMBER], "choices": choices}
    if code:
        sentence = gettext_noop("{unit} does not fit here. Use one of: {choices}.")
        return _refuse(Note("unit_unfit", sentence, values, "unit"))
    if not cleaned:
        return _refuse(Note("unit_missing", gettext_noop("Choose a unit: {choices}."), values, "unit"))
    return _refuse(
        Note("unit_unknown", gettext_noop("“{unit}” is not a known unit. Use one of: {choices}."), values, "unit")
    )


def _refuse(note: Note):
    raise InputError(note)


def parse_typed(text: str, unit: str = "", *, dimensions: tuple[str, ...] = ()) -> Typed:
    """Read what was typed in a number field, with the unit beside it or in the same field (``29,4 mg``).

    The text is kept as it was typed. A unit in the field wins over ``unit``, since it was typed with the number.

    Examples
    --------
    >>> parse_typed("39,6", "µL")
    Typed(text='39,6', unit='uL', si=3.96e-08)
    >>> parse_typed("29.4 mg").si
    2.94e-05
    """
    number_text, unit_text = split_unit(text)
    value = parse_number(number_text)
    code = unit_code(unit_text or unit, dimensions=dimensions)
    si = float(Fraction(value) * UNITS[code].factor + UNITS[code].offset)
    if not isfinite(si):
        raise InputError(
            Note("number_too_large", gettext_noop("This number is too large to be an amount."), about="number")
        )
    return Typed(number_text, code, si)


def split_unit(text: str) -> tuple[str, str]:
    """Split ``29,4 mg`` into its number and its unit; the unit is empty when none was typed."""
    cleaned = text.strip().replace("\N{MINUS SIGN}", "-")
    found = NUMBER.match(unicodedata.normalize("NFKC", cleaned)) if len(cleaned) <= 2 * LONGEST_NUMBER else None
    rest = unicodedata.normalize("NFKC", cleaned)[found.end() :].strip() if found else ""
    if not found or not rest or rest[0] in "0123456789.,'" or (rest not in UNITS and rest not in _ALIASES):
        return _split_by_space(cleaned)
    return unicodedata.normalize("NFKC", cleaned)[: found.end()], rest


def _split_by_space(cleaned: str) -> tuple[str, str]:
    """``29.4 mgg`` has a unit too, only one that nobody knows: it must reach the sentence about units."""
    number, _, rest = cleaned.partition(" ")
    return (number, rest.strip()) if rest and re.search(r"^[^\d\s]", rest.strip()) else (cleaned, "")


def parse_amount(text: str, unit: str = "") -> Typed:
    """Read a mass, volume, amount of substance or equivalents; negative ones and zero portions are refused.

    Zero *equivalents* are allowed: a series may well begin without the additive.
    """
    typed = parse_typed(text, unit, dimensions=AMOUNT_DIMENSIONS)
    if typed.si < 0:
        sentence = gettext_noop("An amount cannot be negative. Check the sign of “{text}”.")
        raise InputError(Note("amount_negative", sentence, {"text": str(typed)}, "number"))
    if typed.si == 0 and typed.dimension != "equivalents":
        sentence = gettext_noop(
            "{text} would mean that nothing was added. Leave it empty until it is weighed, or plan 0 equiv."
        )
        raise InputError(Note("amount_zero", sentence, {"text": str(typed)}, "number"))
    return typed


def from_si(si: float, unit: str) -> float:
    """Return the number that ``unit`` gives an SI value."""
    known = UNITS[unit]
    return (si - float(known.offset)) / float(known.factor)


_BENCH_UNITS = {
    "mass": ((1e-3, "g"), (1e-7, "mg"), (0, "ug")),
    "volume": ((1e-3, "L"), (1e-6, "mL"), (0, "uL")),
    "substance": ((1e-1, "mol"), (1e-3, "mmol"), (1e-7, "umol"), (0, "nmol")),
    "equivalents": ((0, "{equiv}"),),
    "concentration": ((1e3, "mol/L"), (1e-2, "mmol/L"), (0, "umol/L")),
}


def bench_unit(si: float, dimension: str) -> str:
    """Return the unit in which a chemist reads this value: mg below a gram, µL below a millilitre."""
    return next(code for least, code in _BENCH_UNITS[dimension] if abs(si) >= least)


def bench_typed(si: float, dimension: str, digits: int = 4) -> Typed:
    """Return a computed SI value as it is shown and could be typed: bench unit, ``digits`` significant digits.

    Examples
    --------
    >>> str(bench_typed(80.1072e-6, "substance"))
    '80.11 µmol'
    """
    unit = bench_unit(si, dimension)
    return Typed(significant(from_si(si, unit), digits), unit, si)


def significant(value: float, digits: int = 4) -> str:
    """Write a number with ``digits`` significant digits and without an exponent (bench numbers are short)."""
    if value == 0:
        return "0"
    rounded = Decimal(f"{value:.{digits - 1}e}")
    return f"{rounded:f}"


def exact_text(value: float) -> str:
    """Write a float so that reading it gives the same float back, without an exponent."""
    return f"{Decimal(repr(value)):f}"
