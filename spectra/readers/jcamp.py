"""JCAMP-DX (.jdx, .dx, .jcamp), versions 4.24 to 6.

Records ``##LABEL= value`` that may run over lines; labels without regard to case, blanks, ``-``, ``/`` and ``_`` (real files
write ``## TITLE =`` and ``DATATYPE``); ``$$`` begins a comment anywhere, also inside data. A block runs from TITLE to END; a block
of DATA TYPE LINK holds further blocks. Tables::

    ##XYDATA= (X++(Y..Y))      a line: abscissa (a check value), then ordinates; x is FIRSTX + i·DELTAX
    ##XYDATA= (XY..XY), ##XYPOINTS=, ##PEAK TABLE=     pairs, separated by blanks, commas, semicolons
    ##NTUPLES=  ##PAGE=  ##DATA TABLE=                 pages of named variables (real and imaginary, spectra in time)
    ##PEAK ASSIGNMENTS= (XYMA)                          a table of rows, no curve

Ordinates are plain numbers (AFFN, also packed by their signs: PAC) or compressed (SQZ, DIF, DUP; see ``jcamp_numbers``), times
YFACTOR. What the block says of its table is checked: every abscissa and every DIF check value, FIRSTX, LASTX, FIRSTY, MAXY,
MINY. A contradiction refuses the block (jcamp 1.3.2 invents points there); a wrong NPOINTS is a warning unless the rows end
before LASTX, which is a cut file. Repeats (DUP) are counted against NPOINTS before they are written out.

Traps met in real files: MAXY in percent over fractions; abscissas in whole steps of XFACTOR; XUNITS 1/CM over nanometres
(left open, asked); a comma that is decimal mark or separator (decided by the checks); foreign bytes in the middle.
A UV-Vis peak table with hundreds of even steps is a spectrum; a short or uneven one is a table of peaks.
"""

import re
from pathlib import PurePath

import numpy as np

from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.about import About
from spectra.readers.dates import written_date
from spectra.readers.decoding import peek_lines
from spectra.readers.jcamp_meaning import by_axis, technique_of, x_of, y_of
from spectra.readers.jcamp_ntuples import Page, pages_of, same_axis
from spectra.readers.jcamp_records import Block, blocks_of
from spectra.readers.jcamp_tables import JcampTable, read_table
from spectra.readers.number_block import parse_number
from spectra.readers.reading import Item, Reading, Table, UnreadableFile
from spectra.readers.text import clean, open_text
from spectra.spectrum import Channel, Series, Spectrum

NAME, VERSION = "jcamp", 3
ABOUT = About(
    "JCAMP-DX",
    "Most spectrometers and data bases",
    (".jdx", ".dx", ".jcm"),
    ("uvvis", "pl_emission", "pl_excitation", "cd", "ir", "raman", "nmr", "mass", "xrd"),
    gettext_noop(
        "Plain and compressed ordinates, several blocks, NTUPLES and peak tables; every check value is compared"
    ),
    gettext_noop("A block whose check values contradict its numbers is refused: save it again without compression."),
)
SIGNATURE = re.compile(r"^[ \t]*##[ \t]*TITLE[ \t]*=", re.I | re.M)
MAX_ABOVE = 5  # lines that somebody wrote above the file
VERSION_RECORD = re.compile(r"^\s*##\s*JCAMP[-_ ]?(?:DX|CS)\s*=", re.I | re.M)
MIN_CURVE = 50  # a peak table of so many even steps is a curve
NO_PERSON = re.compile(r"copyright|public domain|unknown|\(c\)", re.I)
ASSIGNMENT = re.compile(r"\(([^()]*)\)")


def sniff(head: bytes, tail: bytes, name: str) -> int:
    text = peek_lines(head)
    found = SIGNATURE.search(text)
    above = text[: found.start()].split("\n") if found else []
    if not found or sum(bool(line.strip()) and not line.lstrip().startswith("$$") for line in above) > MAX_ABOVE:
        return 0
    return 98 if VERSION_RECORD.search(text) else 85


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Read a JCAMP-DX file; the module's docstring is its specification."""
    file = open_text(data)
    blocks = blocks_of(file.text)
    items, warnings, marks = [], [], set()
    for block in blocks:
        if block.data:
            found, notes, used = _items(block, PurePath(name).stem)
            items, warnings, marks = items + found, warnings + notes, marks | used
    if not items:
        raise UnreadableFile(
            Note("jcamp_without_data", gettext_noop("This JCAMP file holds no spectrum (no XYDATA, points or peaks)."))
        )
    if not all(block.ended for block in blocks if block.data or block.is_link):
        text = gettext_noop("The file has no ##END: it may have been cut off. Compare its last points.")
        warnings.append(Note("jcamp_no_end", text))
    decided = {"encoding": file.encoding, "decimal_mark": "," if "," in marks else "."}
    return _assemble(blocks, items, warnings, decided)


def _items(block: Block, stem: str) -> tuple[list[Item], list[Note], set[str]]:
    title = block.first("TITLE") or block.first("SAMPLEDESCRIPTION") or stem
    technique = technique_of(block.first("DATATYPE"))
    if any(label == "NTUPLES" for label, _, _ in block.data) or "NTUPLES" in block.facts:
        value, notes, marks = _pages_value(pages_of(block), technique, title)
        return [_item(block, value, technique, title)], notes, marks
    items, warnings, marks = [], [], set()
    for label, text, line in block.data:
        if label == "PEAKASSIGNMENTS":
            items.append(_item(block, _assignments(text, title), technique, title))
        elif label in ("XYDATA", "XYPOINTS", "PEAKTABLE", "DATATABLE"):
            table = read_table(label, text, line, block.facts)
            value, notes = _value(block, label, table, technique, title)
            items.append(_item(block, value, by_axis(technique, value), title))
            warnings += table.warnings + notes
            marks.add(table.decimal_mark)
    return items, warnings, marks


def _item(block: Block, value, technique: str | None, title: str) -> Item:
    said = {key.capitalize(): text for key, text in block.facts.items() if text and not key.startswith("$")}
    conditions = facts.make_conditions({"Temperature": f"{block.first('TEMPERATURE')} C"}, title)
    written = block.first("DATATYPE")
    if isinstance(value, Spectrum) and value.signal.quantity in ("unknown", "counts") and technique == "uvvis":
        technique = "generic"  # a variance, the counts of lamp and dark beside an absorbance
    return Item(value, technique, "file" if written else "rule", title, facts.role_from(title), conditions, said)


def _value(block: Block, label: str, table: JcampTable, technique: str | None, title: str):
    quantity, unit, notes = x_of(block.first("XUNITS"), technique, table.x)
    written = block.first("YUNITS")
    if label == "PEAKTABLE" and not _is_curve(table.x):
        columns = (block.first("XUNITS") or "x", written or "y")
        return Table(columns, tuple(map(tuple, np.column_stack((table.x, table.y)).tolist())), title), notes
    y_quantity, y_unit = y_of(written, table.y)
    return Spectrum(table.x, [Channel(table.y, y_quantity, y_unit, name=written)], unit, quantity, title), notes


def _is_curve(x: np.ndarray) -> bool:
    """Peaks stand where they stand; a scan has even steps."""
    steps = np.diff(x)
    return x.size >= MIN_CURVE and bool(steps.size and np.ptp(steps) <= 0.05 * abs(np.median(steps)))


def _pages_value(pages: list[Page], technique: str | None, title: str):
    if not pages:
        raise UnreadableFile(
            Note("jcamp_without_data", gettext_noop("This JCAMP file holds no spectrum (no XYDATA, points or peaks)."))
        )
    notes = [note for page in pages for note in page.table.warnings]
    marks = {page.table.decimal_mark for page in pages}
    quantity, unit, more = x_of(pages[0].x.get("UNITS", ""), technique, pages[0].table.x)
    channels = []
    for page in pages:
        y_quantity, y_unit = y_of(page.y.get("UNITS", ""), page.table.y)
        channels.append(Channel(page.table.y, y_quantity, y_unit, name=page.y.get("VARNAME", "")))
    symbols = {page.y.get("SYMBOL") for page in pages}
    if len(symbols) == len(pages) and same_axis(pages):
        return Spectrum(pages[0].table.x, channels, unit, quantity, title), notes + more, marks
    z = [page.value if page.value is not None else float(k) for k, page in enumerate(pages)]
    spectra = [Spectrum(page.table.x, [c], unit, quantity, title) for page, c in zip(pages, channels, strict=True)]
    return Series(spectra, np.array(z), "unknown", "", title, {"page": pages[0].variable}), notes + more, marks


def _assignments(text: str, title: str) -> Table:
    rows = []
    for inner in ASSIGNMENT.findall(text.partition("\n")[2]):
        parts = [clean(part) for part in inner.split(",")]
        numbers = [parse_number(part) for part in parts]
        rows.append(tuple(n if n is not None else p for n, p in zip(numbers, parts, strict=True)))
    if not rows:
        raise UnreadableFile(
            Note("no_rows", gettext_noop("This file has a header but no rows of numbers. Export it again."))
        )
    width = max(map(len, rows))
    return Table(
        ("x", "y", "multiplicity", "assignment")[:width], tuple(row + ("",) * (width - len(row)) for row in rows), title
    )


def _person(owner: str) -> str:
    """OWNER is a person in instruments' files, and a copyright in collections."""
    return "" if len(owner) > 60 or NO_PERSON.search(owner) else owner


def _assemble(blocks: list[Block], items: list[Item], warnings: list[Note], decided: dict) -> Reading:
    main = next(block for block in blocks if block.data)
    day, time = main.first("DATE", "LONGDATE"), main.first("TIME")
    outer = blocks[0]
    technique_notes = []
    if any(item.technique is None for item in items):
        text = gettext_noop("The file does not tell what was measured. Choose the technique by hand.")
        technique_notes.append(Note("technique_unknown", text))
    return Reading(
        NAME,
        VERSION,
        tuple(items),
        instrument=main.first("SPECTROMETER/DATASYSTEM", "SPECTROMETERDATASYSTEM"),
        operator=_person(main.first("OWNER") or outer.first("OWNER")),
        title=outer.first("TITLE") or main.first("TITLE"),
        comment=main.first("SAMPLEDESCRIPTION", "COMMENTS", "COMMENT"),
        measured_at=facts.jasco_date(day, time) or written_date(f"{day} {time}"),
        measured_at_text=f"{day} {time}".strip(),
        simulated=any(facts.is_simulated(block.first("TITLE"), block.first("ORIGIN")) for block in blocks),
        warnings=tuple(warnings + technique_notes),
        decided=decided,
    )
