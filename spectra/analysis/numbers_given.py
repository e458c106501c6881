"""Numbers as a person gives them for a fit, ``453!, 471``: where it begins, and with ``!`` where it stays."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"\s*([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*(!?)\s*")


@dataclass(frozen=True)
class Given:
    """One number; ``held``: it is not fitted."""

    value: float
    held: bool = False


def numbers_of(text: str | None) -> tuple[Given, ...]:
    """The numbers that a text names, in its order. Between them stands a comma or a semicolon; with semicolons, a comma is a decimal mark.

    Raises ValueError in words.

    Examples
    --------
    >>> [(one.value, one.held) for one in numbers_of("453!, 471.5")]
    [(453.0, True), (471.5, False)]
    >>> [one.value for one in numbers_of("0,5; 9")]
    [0.5, 9.0]
    """
    text = text or ""
    parts = text.replace(",", ".").split(";") if ";" in text else text.split(",")
    return tuple(_number_of(part) for part in parts if part.strip())


def _number_of(part: str) -> Given:
    match = _ONE.fullmatch(part)
    if match is None:
        raise ValueError(f"“{part.strip()}” is no number; write them like 453, 471! (with ! it is held)")
    return Given(float(match[1]), bool(match[2]))


def numbers_text(numbers) -> str:
    """Numbers in the one way in which they are stored.

    Examples
    --------
    >>> numbers_text(numbers_of("453.0 ! ;471"))
    '453!, 471'
    """
    return ", ".join(f"{one.value:.10g}{'!' if one.held else ''}" for one in numbers)
