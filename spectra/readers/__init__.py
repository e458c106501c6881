"""Instrument files: which reader a file belongs to, and what it holds.

``READERS`` is the one table of formats. A reader is a module with ``NAME, VERSION``, ``ABOUT`` (what users are told of
it), ``sniff(head, tail, name) → 0…100`` and ``read(data, name, mapping) → Reading``; its docstring is the format's
specification. A new format is one module and one line here. Whoever changes what a reader makes of a file raises its
VERSION: files that an earlier one read are then offered for reading again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from spectra.notes import Note, gettext_noop
from spectra.readers import (
    agilent_cary,
    andor_asc,
    andor_sif,
    attachment,
    avantes_text,
    becker_hickl_asc,
    becker_hickl_sdt,
    bruker_spx,
    bwtek,
    chirascan,
    edax_spc,
    edinburgh,
    edx_table,
    eem_matrix,
    emsa,
    eqe_text,
    galactic_spc,
    gatan_dm,
    generic_table,
    hitachi,
    horiba_das6,
    horiba_fluoressence,
    horiba_labspec,
    ies_tm27,
    image_file,
    jasco_jws,
    jasco_text,
    jcamp,
    lambda_spx,
    layouts,
    luqy,
    nanodrop,
    ocean_text,
    ole,
    perkinelmer_asc,
    perkinelmer_csv,
    perkinelmer_sp,
    photon_list,
    picoquant_binary,
    picoquant_text,
    qutag,
    shimadzu_spc,
    shimadzu_uvprobe,
    size_list,
    spectroradiometer,
    video_file,
    workbook,
)
from spectra.readers.about import About
from spectra.readers.decoding import refuse_empty, unreadable_note
from spectra.readers.overrides import with_overrides
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.table_mapping import names_columns

MAX_BYTES = 50 * 1024 * 1024
HEAD, TAIL = 8192, 4096
CLOSE_CALL = 10  # two candidates nearer than this need a person
GENERIC_SCORE = 30  # no vendor's signature scores as low


@dataclass(frozen=True)
class Reader:
    name: str
    label: str
    sniff: Callable[[bytes, bytes, str], int]
    read: Callable[[bytes, str, dict | None], Reading]
    takes_columns: bool = False  # reads columns chosen by a person (mapping ``x`` and ``y``)
    version: int = 1
    about: About | None = None
    any_size: bool = False  # takes a few pieces of a file however large it is, and may be given a LargeFile

    @classmethod
    def of(cls, module: ModuleType) -> "Reader":
        """The reader that a module is: its NAME, VERSION and ABOUT, ``sniff`` and ``read``."""
        takes_columns = getattr(module, "TAKES_COLUMNS", False)
        return cls(
            module.NAME, module.ABOUT.label, module.sniff, module.read, takes_columns, module.VERSION, module.ABOUT,
            getattr(module, "ANY_SIZE", False),
        )  # fmt: skip


READERS = (
    Reader.of(jasco_text),
    Reader.of(picoquant_text),
    Reader.of(jasco_jws),
    Reader.of(edinburgh),
    Reader.of(jcamp),
    Reader.of(horiba_das6),
    Reader.of(horiba_fluoressence),
    Reader.of(eem_matrix),
    Reader.of(hitachi),
    Reader.of(qutag),
    Reader.of(horiba_labspec),
    Reader.of(agilent_cary),
    Reader.of(shimadzu_uvprobe),
    Reader.of(perkinelmer_asc),
    Reader.of(perkinelmer_csv),
    Reader.of(emsa),
    Reader.of(bruker_spx),
    Reader.of(lambda_spx),
    Reader.of(galactic_spc),
    Reader.of(ocean_text),
    Reader.of(avantes_text),
    Reader.of(bwtek),
    Reader.of(nanodrop),
    Reader.of(luqy),
    Reader.of(spectroradiometer),
    Reader.of(ies_tm27),
    Reader.of(shimadzu_spc),
    Reader.of(perkinelmer_sp),
    Reader.of(photon_list),
    Reader.of(workbook),
    Reader.of(andor_asc),
    Reader.of(chirascan),
    Reader.of(eqe_text),
    Reader.of(becker_hickl_asc),
    Reader.of(size_list),
    Reader.of(edx_table),
    Reader.of(andor_sif),
    Reader.of(picoquant_binary),
    Reader.of(becker_hickl_sdt),
    Reader.of(image_file),
    Reader.of(gatan_dm),
    Reader.of(video_file),
    Reader.of(attachment),
    Reader.of(edax_spc),
    Reader.of(generic_table),
)


def recognise(data: bytes, name: str, readers: tuple[Reader, ...] = READERS) -> list[tuple[Reader, int]]:
    """Readers that may know the file, the likeliest first, with their scores (0…100).

    They see its first bytes, and its last; for an OLE2 container also its table of contents, which may stand anywhere.
    """
    head, tail = data[:HEAD], (ole.directory(data) if isinstance(data, bytes) else b"") + data[-TAIL:]
    scored = [(reader, reader.sniff(head, tail, name)) for reader in readers]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])


def read(
    data: bytes,
    name: str,
    mapping: dict | None = None,
    reader: str | None = None,
    readers: tuple[Reader, ...] = READERS,
    known: Sequence[dict] = (),
) -> Reading:
    """Read one file.

    Parameters
    ----------
    data : bytes or LargeFile
        The file; of one larger than MAX_BYTES only readers that take any size are asked.
    name : str
        Its name as uploaded; only a hint.
    mapping : dict, optional
        What a person said of it: its columns (``table_mapping``), ``technique``, and any field of Conditions.
    reader : str, optional
        Name of the reader to use instead of the recognised one.
    known : sequence of dict, optional
        Layouts that people made for tables (``layouts``), the newest first; used where nobody chose columns or reader.

    Raises
    ------
    UnreadableFile
        With a sentence for the chemist; whatever the file holds, nothing else is raised but MemoryError.

    Examples
    --------
    >>> text = b"Wavelength (nm),Abs\\n" + b"".join(b"%d,0.%d\\n" % (400 + i, i) for i in range(9))
    >>> reading = read(text, "dots.csv")
    >>> reading.reader, reading.items[0].technique, reading.items[0].value.n_points
    ('generic_table', 'uvvis', 9)
    """
    if isinstance(data, bytes):
        refuse_empty(data)
    if len(data) > MAX_BYTES:
        readers = tuple(one for one in readers if one.any_size)
        if reader is None and not recognise(data, name, readers):
            refuse_too_big(data)
    chosen, confidence = _choose(data, name, mapping or {}, reader, readers)
    if confidence != "person" and (remembered := _remembered(data, name, mapping or {}, chosen, known)):
        return remembered
    try:
        reading = chosen.read(data, name, mapping)
    except UnreadableFile as refusal:
        refusal.fingerprints = _fingerprints(data) if chosen.takes_columns else ""
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise UnreadableFile(_failed(chosen)) from error
    return with_overrides(_with_confidence(reading, confidence), mapping or {})


def _remembered(data: bytes, name: str, mapping: dict, chosen: Reader, known: Sequence[dict]) -> Reading | None:
    """The reading by a layout that fits; None where there is none, for the reader's own rules."""
    concerned = layouts.concerned(chosen.name, known)
    try:
        return layouts.read_with_layout(data, name, mapping, concerned) if concerned else None
    except UnreadableFile:
        return None  # the reader says why


def _fingerprints(data: bytes) -> str:
    try:
        return layouts.fingerprints_of(data)
    except UnreadableFile:
        return ""


def _choose(data, name, mapping, wanted, readers) -> tuple[Reader, str]:
    """The reader, and ``file``, ``person`` or the names of the candidates between which a person should decide."""
    if wanted is None and names_columns(mapping):
        known = [candidate for candidate, _ in recognise(data, name, readers) if candidate.takes_columns]
        wanted = known[0].name if known else "generic_table"
    if wanted is not None:
        chosen = next((reader for reader in readers if reader.name == wanted), None)
        if chosen is None:
            raise UnreadableFile(
                Note("no_such_reader", gettext_noop("There is no reader called {name}."), {"name": wanted})
            )
        return chosen, "person"
    candidates = recognise(data, name, readers)
    if not candidates:
        raise UnreadableFile(unreadable_note(data))
    best, score = candidates[0]
    close = [reader.name for reader, other in candidates if score - other < CLOSE_CALL]
    if score <= GENERIC_SCORE or len(close) > 1:
        return best, "confirm: " + ", ".join(close)
    return best, "file"


def _with_confidence(reading: Reading, confidence: str) -> Reading:
    word, _, names = confidence.partition(": ")
    warnings = reading.warnings
    if word == "confirm":
        text = gettext_noop("The kind of file is a guess ({readers}). Look at the preview and confirm or correct it.")
        warnings = (*warnings, Note("please_confirm", text, {"readers": names}))
    return replace(reading, warnings=warnings, decided={**reading.decided, "confidence": word})


def refuse_too_big(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        text = gettext_noop(
            "This file has {size_mb} MB; up to {limit_mb} MB can be read. Split it or export fewer columns."
        )
        size = {"size_mb": -(-len(data) // 1_000_000), "limit_mb": MAX_BYTES // 1_000_000}
        raise UnreadableFile(Note("too_big", text, size))


def _failed(reader: Reader) -> Note:
    return Note(
        "reader_failed",
        gettext_noop("The reader “{reader}” stumbled over this file. Choose the columns by hand, or send us the file."),
        {"reader": reader.label},
    )
