"""The inbox as pages and API show it: groups of waiting files with the series they make, and codes that nobody gave yet."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spectra import selectors
from spectra.matching.groups import Group, Kind, Member
from spectra.matching.guess import SURE
from spectra.models import Measurement, Upload
from spectra.plots.sparkline import sparkline
from synthesis.services.codes import PLACE

LIKELY = 0.6
SERIES = ("pl_emission", "uvvis")
_NUMBERED = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Series:
    """A dilution series as a small table: which labels there are, and which file holds which technique of each."""

    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # technique, then (label, name of the file or "")


def confidence_word(confidence: float) -> str:
    """``sure``, ``likely`` or ``guess``; empty where nothing is suggested."""
    if confidence <= 0:
        return ""
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "guess"


def likely(groups: Iterable[Group]) -> list[Upload]:
    """The files whose place is sure or likely."""
    return [m.upload for group in groups if group.can_accept for m in group.members if m.confidence >= LIKELY]


def series_of(group: Group) -> Series | None:
    """The dilution series among a group's files; None where it has none."""
    if group.kind not in (Kind.SAMPLE, Kind.STANDARD):
        return None
    found = {
        (member.technique, member.dilution_label): member.upload.name
        for member in group.members
        if member.technique in SERIES and member.dilution_label
    }
    labels = tuple(sorted({label for _technique, label in found}, key=_natural))
    if not labels:
        return None
    rows = tuple((t, tuple((label, found.get((t, label), "")) for label in labels)) for t in SERIES)
    return Series(labels, rows)


def _natural(label: str) -> list:
    return [int(part) if part.isdigit() else part for part in _NUMBERED.split(label)]


# --- Small pictures ---------------------------------------------------------------------------------------------------


def sparklines(members: Sequence[Member]) -> dict:
    """Upload id → its first curve as the points of an SVG polyline. Two queries, however many there are."""
    first = [member.measurements[0].pk for member in members if member.measurements]
    found = {}
    for measurement in selectors.with_curves(Measurement.objects.filter(pk__in=first)).select_related("reading"):
        signal = next((trace for trace in measurement.traces.all() if trace.role == "signal"), None)
        if signal is not None:
            log = measurement.technique == "decay"
            found[measurement.reading.upload_id] = sparkline(signal.x_values(), signal.y_values(), log=log)
    return found


# --- Codes that look like the project's, but name no batch ------------------------------------------------------------


@dataclass(frozen=True)
class NewCode:
    """A code by the project's pattern that no batch has, and the waiting files that name it."""

    code: str
    uploads: list[Upload] = field(default_factory=list)


def new_codes(groups: Iterable[Group], taken) -> list[NewCode]:
    """Codes in the names and titles of files without a suggestion; ``taken(project, codes)`` says which exist."""
    by_project: dict = {}
    for group in groups:
        if group.kind != Kind.UNKNOWN:
            continue
        pattern = code_regex(group.project.code_pattern)
        for member in group.members:
            texts = [
                member.upload.name,
                *(m.title for m in member.measurements[:1]),
                member.upload.hints.get("folder", ""),
            ]
            code = next((m[0] for text in texts if pattern and (m := pattern.search(text))), None)
            if code:
                by_project.setdefault(group.project, {}).setdefault(code, []).append(member.upload)
    return [
        NewCode(code, uploads)
        for project, found in by_project.items()
        for code, uploads in sorted(found.items())
        if code not in taken(project, found)
    ]


def code_regex(pattern: str) -> re.Pattern | None:
    """What codes by a project's pattern look like; None for one without fixed letters, which would fit anything.

    >>> code_regex("OC-{year}-{n:03}").search("PL OC-2026-031 d1.txt")[0]
    'OC-2026-031'
    """
    fixed = re.sub(r"[^A-Za-z]", "", PLACE.sub("", pattern))
    if not fixed or "{recipe}" in pattern:
        return None
    parts, end = [], 0
    for place in PLACE.finditer(pattern):
        width = int(place[2] or 1) if place[1] == "n" else {"year": 4}.get(place[1], 2)
        parts += [re.escape(pattern[end : place.start()]), rf"\d{{{width},{max(width, 4)}}}"]
        end = place.end()
    return re.compile(rf"(?<![A-Za-z0-9]){''.join(parts)}{re.escape(pattern[end:])}(?!\d)", re.ASCII)
