"""PicoQuant histogram text (PicoHarp, TimeHarp, HydraHarp: "Histogram Data").

Layout: lines that begin with ``#`` name what the next line holds, one field per curve, separated by tabs::

    #PicoHarp 300  Histogram Data <tab> 01/09/2025 03:06:24 PM
    #channels per curve
    65536
    #display curve no.
    0 <tab> 1 <tab> 2
    #memory block no.
    0 <tab> 1 <tab> 2
    #ns/channel
    0.5120 <tab> 0.5120 <tab> 0.0040        the resolution belongs to each curve, not to the file
    #counts
    198 <tab> 204 <tab> 0                   one row per channel

Read when present, and written by QDLab's own simulations: ``#title``, ``#comment``, ``#curve roles`` (``decay`` or ``irf``
per curve), ``#sync rate/Hz``, ``#excitation/nm``, ``#emission/nm``. Fields may end in a tab; remarks
of the group may stand above the first line. A file without
``#ns/channel`` has no time axis: the bin width is asked for (mapping ``bin_ns``), never assumed.
"""

import re

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.decays import Curve, decay_items, finite_counts, given_bin_ns, needs_bin_width
from spectra.readers.decoding import peek_lines
from spectra.readers.number_block import NumberBlock, bad_row, printed_number
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.terms import normal
from spectra.readers.text import TextFile, block_from, clean, cut_in_row, open_text, refuse_open_end

NAME, VERSION = "picoquant_text", 3
ABOUT = About(
    "PicoQuant histogram text",
    "PicoHarp, HydraHarp, TimeHarp",
    (".dat", ".txt"),
    ("decay",),
    gettext_noop("Several decays and responses, each with its own resolution"),
    gettext_noop("Without a resolution QDLab asks for the width of a channel."),
)
MAX_HEADER_LINES = 500
FIRST = re.compile(r"^#\s*((?:Pico|Time|Hydra|Multi)Harp\b.*?)\s*Histogram Data[\t ,-]*(.*)", re.I | re.M)
COUNTS = re.compile(r"^#\s*counts[\t ]*$", re.M | re.I)
PER_CHANNEL = re.compile(r"(ns|ps) ?/ ?(?:channel|bin|ch)")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head).lstrip("\ufeff")
    named = "Harp" in text and FIRST.search(text)  # a group's own remarks may stand above
    if not text.startswith("#") and not named:
        return 0
    score = 60 if named else 0
    return min(
        score + 20 * bool(re.search(r"^#\s*[np]s/(?:channel|bin)", text, re.M)) + 18 * bool(COUNTS.search(text)), 98
    )


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a PicoQuant histogram; the module's docstring is its specification."""
    file = open_text(data)
    start = COUNTS.search(file.text)
    first = file.line_of(start.start()) + 1 if start else file.n_lines
    header = _header(file.lines(0, min(first, MAX_HEADER_LINES)))
    block = block_from(file, first)
    if block is None:
        raise UnreadableFile(Note("no_counts", gettext_noop("This file has a header but no counts. Export it again.")))
    _refuse_broken_end(file, block)
    bins_ns = _bins(header, block.n_columns, mapping)
    warnings = refuse_open_end(file, block) + _check_length(file, header, block)
    title, comment = " ".join(header.get("title", [])), " ".join(header.get("comment", []))
    roles = _roles(header, block.n_columns)
    titles = _titles(header, title, roles)
    curves = [
        Curve(finite_counts(block.rows[:, i]), bins_ns[i], title=titles[i], role=roles[i])
        for i in range(block.n_columns)
    ]
    metadata = {key: " ".join(values) for key, values in header.items() if values}
    items, more = decay_items(curves, facts.make_conditions(metadata, title), metadata)
    written = metadata.get("date", "")
    measured_at = facts.us_date(written)
    if measured_at is None and re.search(r"\d[/.]\d{1,2}[/.]\d{4}", written):
        warnings.append(
            Note("date_unclear", gettext_noop("The date “{date}” can be read in two ways."), {"date": written})
        )
    return Reading(
        NAME,
        VERSION,
        items,
        instrument=metadata.get("instrument", ""),
        operator=metadata.get("operator", ""),
        title=title,
        comment=comment,
        measured_at=measured_at,
        measured_at_text=written,
        simulated=facts.is_simulated(title, comment, metadata.get("instrument", "")),
        warnings=tuple(warnings + more),
        decided={
            "encoding": file.encoding,
            "separator": block.separator,
            "decimal_mark": block.decimal_mark,
            "time_axis": "person" if given_bin_ns(mapping) else "file",
        },
    )


def _header(lines: list[str]) -> dict[str, list[str]]:
    """Key → fields, from ``#key`` lines and the lines below them."""
    header, key = {}, ""
    lines = [line.lstrip("\ufeff") for line in lines]
    start = next((k for k, line in enumerate(lines) if line.startswith("#")), len(lines))
    remarks = [clean(line) for line in lines[:start] if line.strip()]
    if remarks:
        header["comment"] = [", ".join(remarks)[:500]]
    for line in lines[start:]:
        if found := FIRST.match(line):
            header |= {"instrument": [clean(found[1])], "date": [clean(found[2])] if clean(found[2]) else []}
        elif line.startswith("#"):
            key, *rest = line.lstrip("# ").split("\t")
            key = normal(key)
            header[key] = _fields("\t".join(rest))
        elif key and line.strip():
            header[key].extend(_fields(line))
    return header


def _fields(line: str) -> list[str]:
    return [clean(field) for field in line.strip().split("\t") if field.strip()]


def _bins(header: dict, n_curves: int, mapping: dict | None) -> list[float]:
    """Bin width of each curve [ns], from the person or the file."""
    if (given := given_bin_ns(mapping)) is not None:
        return [given] * n_curves
    for key, fields in header.items():
        if found := PER_CHANNEL.fullmatch(key):
            widths = [printed_number(field) for field in fields]
            if len(widths) == n_curves and all(width and width > 0 for width in widths):
                return [width * (1e-3 if found[1] == "ps" else 1.0) for width in widths]
            raise UnreadableFile(
                Note(
                    "bad_resolution",
                    gettext_noop("The file names {n} channel widths for {curves} curves. Export it again."),
                    {"n": len([width for width in widths if width and width > 0]), "curves": n_curves},
                )
            )
    raise needs_bin_width()


def _check_length(file: TextFile, header: dict, block: NumberBlock) -> list[Note]:
    said = printed_number(" ".join(header.get("channels per curve", [])))
    if said is None or said == len(block.rows):
        return []
    values = {"said": int(said), "found": len(block.rows)}
    if len(block.rows) < said and not file.text.endswith("\n"):
        text = gettext_noop("This file ends after {found} of {said} channels: it was cut off. Export or copy it again.")
        raise UnreadableFile(Note("file_cut_short", text, values))
    text = gettext_noop("The header announces {said} channels, the file holds {found}; those were read.")
    return [Note("wrong_channels", text, values)]


def _refuse_broken_end(file: TextFile, block: NumberBlock) -> None:
    rest = [line for line in file.lines(block.end_line) if line.strip()]
    if rest and not rest[0].startswith("#"):
        cut = len(rest) == 1 and not file.text.endswith("\n")
        raise UnreadableFile(cut_in_row() if cut else bad_row(block.end_line + 1, rest[0]))


def _roles(header: dict, n_curves: int) -> list[str | None]:
    words = [normal(word) for word in header.get("curve roles", [])]
    if len(words) != n_curves:
        return [None] * n_curves
    return ["IRF" if facts.role_from(word) == "IRF" else "decay" if word == "decay" else None for word in words]


def _titles(header: dict, title: str, roles: list[str | None]) -> list[str]:
    n_curves = len(roles)
    if n_curves == 1:
        return [title or "curve 0"]
    numbers = header.get("display curve no.", [])
    names = numbers if len(numbers) == n_curves else [str(i) for i in range(n_curves)]
    if sorted(role or "" for role in roles) == ["IRF", "decay"]:
        return [title or "decay" if role == "decay" else f"{title} IRF".strip() for role in roles]
    return [f"{title} curve {number}".strip() for number in names]
