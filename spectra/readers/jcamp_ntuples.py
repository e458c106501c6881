"""NTUPLES of JCAMP-DX 5 and 6: pages of named variables, such as the real and imaginary part, or spectra in time."""

import re

import numpy as np

from spectra.readers.jcamp_records import Block
from spectra.readers.jcamp_tables import JcampTable, read_table, split_form
from spectra.readers.number_block import printed_number

VARIABLES = ("SYMBOL", "VARNAME", "VARFORM", "VARDIM", "UNITS", "FACTOR", "FIRST", "LAST", "MIN", "MAX")
PAGE = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*(\S+)")
X_AND_Y = re.compile(r"\(\(?([A-Z])\+\+\(([A-Z])\.\.[A-Z]\)\)|\(([A-Z])([A-Z])(?:\.\.|\))")
MAX_PAGES = 5_000


class Page:
    """One page: its table, the symbols of its axes with their facts, and the value of its page variable."""

    def __init__(self, table: JcampTable, x: dict, y: dict, variable: str, value: float | None):
        self.table, self.x, self.y, self.variable, self.value = table, x, y, variable, value


def pages_of(block: Block) -> list[Page]:
    """The pages of a block with NTUPLES."""
    variables = _variables(block)
    pages, variable, value = [], "", None
    for label, text, line in block.data:
        if label == "PAGE":
            found = PAGE.match(text)
            variable, value = (found[1].upper(), printed_number(found[2].rstrip(";,"))) if found else ("", None)
        elif label in ("DATATABLE", "XYDATA", "PEAKTABLE") and len(pages) < MAX_PAGES:
            form, _, _ = split_form(text)
            found = X_AND_Y.match(form)
            x_name, y_name = (found[1] or found[3], found[2] or found[4]) if found else ("X", "Y")
            x, y = variables.get(x_name, {}), variables.get(y_name, {})
            pages.append(Page(read_table(label, _as_xy(text, form), line, _said(block, x, y)), x, y, variable, value))
    return pages


def _variables(block: Block) -> dict[str, dict[str, str]]:
    columns = {name: [part.strip() for part in block.facts.get(name, "").split(",")] for name in VARIABLES}
    return {
        symbol.upper(): {name: parts[i] for name, parts in columns.items() if i < len(parts) and parts[i]}
        for i, symbol in enumerate(columns["SYMBOL"])
        if symbol
    }


def _said(block: Block, x: dict, y: dict) -> dict[str, str]:
    """The facts of two variables under the names that single tables use."""
    said = {"FIRSTX": x.get("FIRST"), "LASTX": x.get("LAST"), "XFACTOR": x.get("FACTOR"), "YFACTOR": y.get("FACTOR")}
    said |= {"MAXY": y.get("MAX"), "MINY": y.get("MIN"), "FIRSTY": y.get("FIRST")}
    said["NPOINTS"] = block.facts.get("NPOINTS") or x.get("VARDIM") or y.get("VARDIM")
    if len(block.data) > 4:  # the ranges are those of all pages together
        said |= {"MAXY": None, "MINY": None, "FIRSTY": None}
    return {key: text for key, text in said.items() if text}


def _as_xy(text: str, form: str) -> str:
    """The same table under the form that ``read_table`` knows."""
    _, body, _ = split_form(text)
    return ("(X++(Y..Y))\n" if "++" in form else "(XY..XY)\n") + body


def same_axis(pages: list[Page]) -> bool:
    first = pages[0].table.x
    return all(page.table.x.shape == first.shape and np.array_equal(page.table.x, first) for page in pages)
