"""Points that a person leaves out: the parameter, what becomes of them, and the sentence that says so."""

import numpy as np

from spectra.analysis.findings import Refused
from spectra.analysis.method import Parameter
from spectra.analysis.ranges import named, ranges_of, ranges_text
from spectra.notes import Note, gettext_noop


def exclude_parameter(unit: str) -> Parameter:
    """The parameter ``exclude`` of a method whose curve runs over ``unit``."""
    return Parameter(
        "exclude",
        "ranges",
        "",
        gettext_noop("Points left out"),
        unit,
        help=gettext_noop("Ranges and single places, like 470-475, 512.3. They can be drawn on the figure."),
        later=True,
    )


def left_out(x: np.ndarray, text: str | None, unit: str, least: int) -> tuple[np.ndarray, list[Note]]:
    """Which places a person left out, and what is to be said of it.

    Parameters
    ----------
    x : numpy.ndarray, shape (m,)
        Ascending, inside the window.
    text : str or None
        As in the parameter ``exclude``.
    unit : str
        Of x, for the sentences.
    least : int
        So many points must stay.

    Returns
    -------
    numpy.ndarray of bool, shape (m,)
    list of Note

    Raises
    ------
    Refused
        When fewer than ``least`` points would stay.
    """
    ranges = ranges_of(text or "")
    if not ranges:
        return np.zeros(len(x), bool), []
    out = named(x, ranges)
    stay = int((~out).sum())
    if out.any() and stay < least:
        raise Refused(Note("too_much_left_out", _TOO_MUCH, {"n": stay, "least": least}))
    notes = []
    empty = [one for one in ranges if not named(x, [one]).any()]
    if empty:
        notes.append(Note("nothing_left_out", _NOTHING, {"ranges": ranges_text(empty), "unit": unit}))
    if out.any():
        shown = ranges_text([one for one in ranges if one not in empty])
        notes.append(Note("left_out_by_choice", _BY_CHOICE, {"n": int(out.sum()), "ranges": shown, "unit": unit}))
    return out, notes


_TOO_MUCH = gettext_noop(
    "Only {n} points would stay of those in the window; at least {least} are needed. Leave out less."
)
_NOTHING = gettext_noop("There is no point at {ranges} {unit}: nothing was left out there.")
_BY_CHOICE = gettext_noop("{n} points were left out by choice: {ranges} {unit}.")
