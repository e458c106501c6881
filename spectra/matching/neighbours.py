"""Evidence from what the same person measured on the same instrument just before and after."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from spectra.matching.clues import Clues
from spectra.notes import Note, gettext_noop

GAP = timedelta(minutes=45)  # a longer pause ends a session at an instrument
LONGEST = timedelta(hours=3)  # further away nothing is a neighbour, whatever lies between
BETWEEN, BESIDE, CHANGING = 0.65, 0.5, 0.35

BETWEEN_SAME = gettext_noop("measured on {instrument} between its other files, by the same person")
AFTER = gettext_noop("measured on {instrument} {minutes} min after {other}, by the same person")
BEFORE = gettext_noop("measured on {instrument} {minutes} min before {other}, by the same person")


@dataclass(frozen=True)
class Moment:
    """A file that was measured, of a ``sample`` or a ``standard``; both are empty where nobody knows yet."""

    at: datetime
    sample: str = ""
    standard: str = ""
    shown: str = ""  # what people call it


Sessions = Mapping[tuple[str, str], list[Moment]]


def sessions_of(moments: Iterable[tuple[str, str, Moment]]) -> Sessions:
    """(person, instrument) → moments in the order of time, of (person, instrument, moment)."""
    found = {}
    for person, instrument, moment in moments:
        found.setdefault((person, instrument), []).append(moment)
    return {place: sorted(session, key=lambda m: m.at) for place, session in found.items()}


@dataclass(frozen=True)
class Neighbour:
    sample: str
    standard: str
    reason: Note
    confidence: float


def neighbour_of(clues: Clues, sessions: Sessions) -> Neighbour | None:
    """The sample (or standard) that was in the instrument just before (or after) this file, within one session."""
    if not (clues.measured_at and clues.instrument):
        return None
    session = sessions.get((clues.person, clues.instrument), [])
    here = bisect_left(session, clues.measured_at, key=lambda m: m.at)
    before = _nearest(session[:here][::-1], clues.measured_at)
    after = _nearest(session[here:], clues.measured_at)
    if before and after and (before.sample, before.standard) == (after.sample, after.standard):
        return _neighbour(before, Note("between", BETWEEN_SAME, {"instrument": clues.instrument}), BETWEEN)
    confidence = CHANGING if before and after else BESIDE
    if before:  # a new sample is usually named at its first file, so what follows belongs to it
        return _neighbour(before, _note("after", AFTER, clues, before), confidence)
    return _neighbour(after, _note("before", BEFORE, clues, after), confidence) if after else None


def _neighbour(moment: Moment, reason: Note, confidence: float) -> Neighbour:
    return Neighbour(moment.sample, moment.standard, reason, confidence)


def _nearest(moments: list[Moment], at: datetime) -> Moment | None:
    last = at
    for moment in moments:
        if abs(moment.at - last) > GAP or abs(moment.at - at) > LONGEST:
            return None
        if moment.sample or moment.standard:
            return moment
        last = moment.at
    return None


def _note(code: str, text: str, clues: Clues, other: Moment) -> Note:
    minutes = round(abs((other.at - clues.measured_at).total_seconds()) / 60)
    return Note(code, text, {"instrument": clues.instrument, "minutes": minutes, "other": other.shown})
