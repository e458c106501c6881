"""Dates as instruments print them; a date that can be read in two ways is kept as written and not guessed."""

import re
from datetime import datetime

from spectra.notes import Note, gettext_noop
from spectra.readers import facts

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
GERMAN = {"mrz": "mar", "mai": "may", "okt": "oct", "dez": "dec"}  # beside those that are alike
UNIX = re.compile(
    r"([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{1,2}:\d{2}:\d{2})\s+(?:[A-Z][A-Za-z+\d:]*\s+)?(\d{4})", re.ASCII
)
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T_,\s]+(\d{1,2}[:.]\d{2}(?:[:.]\d{2})?.*))?", re.ASCII)
DAY_OR_MONTH_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:,?\s+(\d{1,2}:.*))?", re.ASCII)
LOOKS_DATED = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")


def written_date(text: str) -> datetime | None:
    """Understand a printed date; None when it is none or has two readings.

    Examples
    --------
    >>> written_date("Fri Oct 21 11:57:53 BST 2016"), written_date("15/03/2021 3:44:14 p.m.")
    (datetime.datetime(2016, 10, 21, 11, 57, 53), datetime.datetime(2021, 3, 15, 15, 44, 14))
    >>> written_date("2021/01/04_23:14:46"), written_date("03/04/2021 10:00")
    (datetime.datetime(2021, 1, 4, 23, 14, 46), None)
    """
    text = text.strip()[:80]
    dotted = re.search(r"\b[ap]\.\s?m\.", text, re.I)
    text = re.sub(r"\b([ap])\.\s?m\.", lambda found: found[1] + "m", text, flags=re.I)
    if found := UNIX.search(text):
        month = found[1].casefold()
        month = GERMAN.get(month, month)
        if month in MONTHS:
            day = f"{found[4]}-{MONTHS.index(month) + 1}-{found[2]}"
            return facts.jasco_date(day, found[3])
    if found := YEAR_FIRST.search(text):
        return facts.jasco_date(f"{found[1]}-{found[2]}-{found[3]}", (found[4] or "").replace(".", ":"))
    found = DAY_OR_MONTH_FIRST.search(text)
    if found and int(found[1]) > 12:
        return facts.jasco_date(f"{found[3]}-{found[2]}-{found[1]}", found[4] or "")
    if found and dotted and int(found[2]) <= 12:
        return None  # "p.m." is not written in America alone
    return facts.us_date(text)


def dated(text: str) -> tuple[datetime | None, list[Note]]:
    """The date, and a note when one stands there but can be read in two ways."""
    moment = written_date(text)
    if moment is not None or not LOOKS_DATED.search(text):
        return moment, []
    note = gettext_noop("The date “{date}” can be read in two ways.")
    return None, [Note("date_unclear", note, {"date": text.strip()[:60]})]
