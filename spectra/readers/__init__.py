"""Instrument files: which reader a file belongs to, and what it holds.

``READERS`` is the one table of formats. A reader is a module with ``sniff(head, tail, name) → 0…100`` and
``read(data, name, mapping) → Reading``; its docstring is the format's specification. A new format is one module and
one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from spectra.notes import Note, gettext_noop
from spectra.readers import (
    agilent_cary,
    andor_asc,
    andor_sif,
    avantes_text,
    becker_hickl_asc,
    becker_hickl_sdt,
    bruker_spx,
    chirascan,
    edax_spc,
    edinburgh,
    emsa,
    eqe_text,
    galactic_spc,
    gatan_dm,
    generic_table,
    horiba_das6,
    horiba_fluoressence,
    horiba_labspec,
    ies_tm27,
    image_file,
    jasco_jws,
    jasco_text,
    jcamp,
    lambda_spx,
    luqy,
    ocean_text,
    ole,
    perkinelmer_asc,
    perkinelmer_csv,
    perkinelmer_sp,
    photon_list,
    picoquant_binary,
    picoquant_text,
    shimadzu_spc,
    shimadzu_uvprobe,
    size_list,
    spectroradiometer,
    workbook,
)
from spectra.readers.decoding import refuse_empty, unreadable_note
from spectra.readers.overrides import with_overrides
from spectra.readers.reading import Reading, UnreadableFile

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


READERS = (
    Reader("jasco_text", "JASCO text", jasco_text.sniff, jasco_text.read),
    Reader("picoquant_text", "PicoQuant histogram text", picoquant_text.sniff, picoquant_text.read),
    Reader("jasco_jws", "JASCO binary (.jws, .jrs)", jasco_jws.sniff, jasco_jws.read),
    Reader("edinburgh", "Edinburgh F980 and Fluoracle", edinburgh.sniff, edinburgh.read),
    Reader("jcamp", "JCAMP-DX", jcamp.sniff, jcamp.read),
    Reader("horiba_das6", "Horiba DAS6 decays", horiba_das6.sniff, horiba_das6.read),
    Reader(
        "horiba_fluoressence", "Horiba FluorEssence and Aqualog", horiba_fluoressence.sniff, horiba_fluoressence.read
    ),
    Reader("horiba_labspec", "Horiba LabSpec", horiba_labspec.sniff, horiba_labspec.read),
    Reader("agilent_cary", "Agilent Cary and Eclipse", agilent_cary.sniff, agilent_cary.read),
    Reader("shimadzu_uvprobe", "Shimadzu UVProbe text", shimadzu_uvprobe.sniff, shimadzu_uvprobe.read),
    Reader("perkinelmer_asc", "PerkinElmer PEDS (.asc)", perkinelmer_asc.sniff, perkinelmer_asc.read),
    Reader("perkinelmer_csv", "PerkinElmer UV WinLab csv", perkinelmer_csv.sniff, perkinelmer_csv.read),
    Reader("emsa", "EMSA/MAS (.msa)", emsa.sniff, emsa.read),
    Reader("bruker_spx", "Bruker Esprit (.spx)", bruker_spx.sniff, bruker_spx.read),
    Reader("lambda_spx", "Lambda-SPX scan (.dsp)", lambda_spx.sniff, lambda_spx.read),
    Reader("galactic_spc", "Galactic (.spc)", galactic_spc.sniff, galactic_spc.read),
    Reader("ocean_text", "Ocean Optics text", ocean_text.sniff, ocean_text.read),
    Reader("avantes_text", "Avantes AvaSoft text", avantes_text.sniff, avantes_text.read),
    Reader("luqy", "QYB LuQY Pro", luqy.sniff, luqy.read),
    Reader(
        "spectroradiometer",
        "Spectroradiometers (Sekonic, UPRtek, lists)",
        spectroradiometer.sniff,
        spectroradiometer.read,
    ),
    Reader("ies_tm27", "IES TM-27-14 (.spdx)", ies_tm27.sniff, ies_tm27.read),
    Reader("shimadzu_spc", "Shimadzu UVProbe (.spc)", shimadzu_spc.sniff, shimadzu_spc.read),
    Reader("perkinelmer_sp", "PerkinElmer (.sp)", perkinelmer_sp.sniff, perkinelmer_sp.read),
    Reader("photon_list", "Photon list (refused)", photon_list.sniff, photon_list.read),
    Reader("workbook", "Excel workbook (.xlsx, .xls)", workbook.sniff, workbook.read, takes_columns=True),
    Reader("andor_asc", "Andor Solis ASCII", andor_asc.sniff, andor_asc.read),
    Reader("chirascan", "Applied Photophysics Pro-Data csv", chirascan.sniff, chirascan.read),
    Reader("eqe_text", "Quantum efficiency of devices", eqe_text.sniff, eqe_text.read),
    Reader("becker_hickl_asc", "Becker & Hickl SPCM ASCII", becker_hickl_asc.sniff, becker_hickl_asc.read),
    Reader("size_list", "Lists of sizes", size_list.sniff, size_list.read),
    Reader("andor_sif", "Andor Solis (.sif)", andor_sif.sniff, andor_sif.read),
    Reader("picoquant_binary", "PicoQuant binary (.phu, .ptu, .phd)", picoquant_binary.sniff, picoquant_binary.read),
    Reader("becker_hickl_sdt", "Becker & Hickl (.sdt)", becker_hickl_sdt.sniff, becker_hickl_sdt.read),
    Reader("image_file", "Image", image_file.sniff, image_file.read),
    Reader("gatan_dm", "Gatan DigitalMicrograph (.dm3, .dm4)", gatan_dm.sniff, gatan_dm.read),
    Reader("edax_spc", "EDAX .spc (refused)", edax_spc.sniff, edax_spc.read),
    Reader("generic_table", "Table of numbers", generic_table.sniff, generic_table.read, takes_columns=True),
)


def recognise(data: bytes, name: str, readers: tuple[Reader, ...] = READERS) -> list[tuple[Reader, int]]:
    """Readers that may know the file, the likeliest first, with their scores (0…100).

    They see its first bytes, and its last; for an OLE2 container also its table of contents, which may stand anywhere.
    """
    head, tail = data[:HEAD], ole.directory(data) + data[-TAIL:]
    scored = [(reader, reader.sniff(head, tail, name)) for reader in readers]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])


def read(
    data: bytes,
    name: str,
    mapping: dict | None = None,
    reader: str | None = None,
    readers: tuple[Reader, ...] = READERS,
) -> Reading:
    """Read one file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name as uploaded; only a hint.
    mapping : dict, optional
        What a person said of it: ``x`` and ``y`` (columns, from 0) with ``x_unit``, ``y_quantity``, ``y_unit``; ``bin_ns``;
        ``technique``; and any field of Conditions.
    reader : str, optional
        Name of the reader to use instead of the recognised one.

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
    if len(data) > MAX_BYTES:
        raise UnreadableFile(_too_big(len(data)))
    refuse_empty(data)
    chosen, confidence = _choose(data, name, mapping or {}, reader, readers)
    try:
        reading = chosen.read(data, name, mapping)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:
        raise UnreadableFile(_failed(chosen)) from error
    return with_overrides(_with_confidence(reading, confidence), mapping or {})


def _choose(data, name, mapping, wanted, readers) -> tuple[Reader, str]:
    """The reader, and ``file``, ``person`` or the names of the candidates between which a person should decide."""
    if wanted is None and ("x" in mapping or "y" in mapping):
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


def _too_big(size: int) -> Note:
    return Note(
        "too_big",
        gettext_noop("This file has {size_mb} MB; up to {limit_mb} MB can be read. Split it or export fewer columns."),
        {"size_mb": -(-size // 1_000_000), "limit_mb": MAX_BYTES // 1_000_000},
    )


def _failed(reader: Reader) -> Note:
    return Note(
        "reader_failed",
        gettext_noop("The reader “{reader}” stumbled over this file. Choose the columns by hand, or send us the file."),
        {"reader": reader.label},
    )
