"""Origin's header rows (names, units, comments), with or without their own names in the first column."""

import re

from spectra.readers.number_block import NumberBlock
from spectra.readers.reading import UnreadableFile
from spectra.readers.terms import normal
from spectra.readers.vendor_rows import wrong_columns

ORIGIN_ROWS = re.compile(r"(?:short name|long name|units?|comments?)", re.I)
UNIT_WORDS = re.compile(r"nm|cps.*|micro ?amps|[uµμ]a|counts.*|s|sec\.?|a\.?u\.?|v|", re.I)


def named_rows(header: list[list[str]], block: NumberBlock) -> tuple[dict[str, list[str]], int]:
    """Origin's header rows by their names, and how many columns of numbers stand before them."""
    labelled = any(ORIGIN_ROWS.fullmatch(row[0].strip()) for row in header)
    offset = 1 if labelled else 0
    n = block.n_columns - offset
    keys = ("short name", "long name", "units", "comments", "sourcename", "timestamp")
    blank = {key: [""] * n for key in keys}
    if labelled:
        rows = {normal(row[0]): row[1:] for row in header if row[0].strip()}
        rows = {{"unit": "units", "comment": "comments"}.get(key, key): cells for key, cells in rows.items()}
    else:
        rows = _by_content(header)
    if not rows.get("long name") and rows.get("short name"):
        rows["long name"] = rows["short name"]
    rows = {key: _fit(cells, n) for key, cells in rows.items() if key in blank}
    return {**blank, **rows}, offset


def _by_content(header: list[list[str]]) -> dict[str, list[str]]:
    """Rows without names: the one that says Wavelength has the names; below it units, above it short names."""
    found = next((k for k, row in enumerate(header) if any(normal(cell) == "wavelength" for cell in row)), None)
    if found is None:
        return {}
    rows = {"long name": header[found]}
    if found > 0:
        rows["short name"] = header[found - 1]
    for row in header[found + 1 :]:
        if "units" not in rows and all(UNIT_WORDS.fullmatch(cell) for cell in row):
            rows["units"] = row
        else:
            rows["comments"] = row
    return rows


def _fit(cells: list[str], n: int) -> list[str]:
    while len(cells) > n and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > n:
        raise UnreadableFile(wrong_columns(len(cells), n))
    return cells + [""] * (n - len(cells))
