"""The rows of a JASCO file against what its own header says of them.

A contradiction of values means that rows were misread (decimal comma, shifted columns) or that the file was cut: an
error. A wrong NPOINTS alone is a warning: JASCO's own programs write it wrong.
"""

import re
from decimal import Decimal

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers.number_block import printed_number
from spectra.readers.reading import UnreadableFile


def printed_half_step(text: str) -> float:
    """Half of the last printed digit: the rounding that a printed number may carry.

    Examples
    --------
    >>> printed_half_step("0.57254"), printed_half_step("-6.4E-05")
    (5e-06, 5e-07)
    """
    exponent = Decimal(text.strip().replace(",", ".")).as_tuple().exponent
    return 0.5 * 10.0 ** min(exponent, 300)


def check_against_header(header: dict, x: np.ndarray, y: np.ndarray, interval: bool = False) -> list[Note]:
    """Compare FIRSTX, LASTX, MAXY and MINY with the rows; warn of a wrong NPOINTS.

    Parameters
    ----------
    header : dict
        Key → text as in the file.
    x, y : ndarray, shape (n,) or for ``y`` also (n, m)
        The axis and the first channel as read.
    interval : bool
        Interval data: their MAXY and MINY concern one spectrum only, and are not checked.

    Raises
    ------
    UnreadableFile
        When a value contradicts the rows beyond what printing can round.
    """
    n_said = printed_number(header.get("NPOINTS", ""))
    cut = n_said is not None and x.size < n_said
    found = {"FIRSTX": x[0], "LASTX": x[-1]}
    if not interval and np.isfinite(y).any():
        found |= {"FIRSTY": y[0], "MAXY": np.nanmax(y), "MINY": np.nanmin(y)}
    for key, value in found.items():
        said = printed_number(header.get(key, ""))
        if said is not None and np.isfinite(value) and not _agree(header[key], said, float(value)):
            raise UnreadableFile(_cut_short(n_said, x.size) if cut else _contradiction(key, header[key], value))
    if n_said is not None and n_said != x.size:
        return [
            Note(
                "wrong_npoints",
                gettext_noop("The header announces {said} points, the file holds {found}; the points were read."),
                {"said": int(n_said), "found": int(x.size)},
            )
        ]
    return []


def _agree(text: str, said: float, found: float) -> bool:
    """Rounded as printed, or to the six digits that some versions keep."""
    tolerance = 1.2 * printed_half_step(re.sub(r"\s", "", text)) + 6e-6 * max(abs(said), abs(found))
    return abs(said - found) <= tolerance


def _cut_short(said: float, found: int) -> Note:
    return Note(
        "file_cut_short",
        gettext_noop("This file ends after {found} of {said} points: it was cut off. Export or copy it again."),
        {"found": int(found), "said": int(said)},
    )


def _contradiction(key: str, said: str, found: float) -> Note:
    return Note(
        "contradicts_header",
        gettext_noop("The header says {key} = {said}, the rows say {found}. Export the file again."),
        {"key": key, "said": said.strip(), "found": f"{found:g}"},
    )
