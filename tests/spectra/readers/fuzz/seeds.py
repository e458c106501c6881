"""What is mutated: for each reader of READERS its own samples, its made files and, where they are, real files."""

import csv
import os
from functools import cache
from pathlib import Path

from spectra.readers import READERS, read, recognise
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers import video_maker
from tests.spectra.readers.binary_samples import MADE, TABLE
from tests.spectra.readers.samples import SAMPLES
from tests.spectra.readers.test_photon_list import photon_text, photons
from tests.spectra.readers.test_recognition import reader_of
from tests.spectra.readers.workbook_maker import xlsx

CORPUS = os.environ.get("QDLAB_CORPUS")
LARGEST_REAL = 60_000  # bytes; a larger file has the same structure and only takes longer
FURTHER = {
    "video_file": (("film.mp4", video_maker.mp4()), ("film.avi", video_maker.avi()), ("moon.ser", video_maker.ser())),
    "attachment": (
        ("report.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + b"% words\n" * 40 + b"%%EOF\n"),
    ),
    "workbook": (("words.xlsx", xlsx({"Notes": [["Dots", "made in June"]], "A": TABLE})),),
}
REFUSED = {  # readers that know a kind of file in order to refuse it
    "photon_list": (("photons.spc", photons()), ("photons.asc", photon_text())),
    "edax_spc": (("edax.spc", b"\x9a\x99\x19?" + bytes(4000)),),
}
NAMES = tuple(reader.name for reader in READERS)


@cache
def seeds() -> dict[str, tuple[tuple[str, bytes], ...]]:
    """Reader → (name, bytes) of its files, in a fixed order."""
    found = {name: [*FURTHER.get(name, ()), *REFUSED.get(name, ())] for name in NAMES}
    for path in SAMPLES:
        found[reader_of(path.name)].append((path.name, path.read_bytes()))
    for (name, reader), data in MADE.items():
        found[reader].append((name, data))
    for name, data in real_files():
        found[recognise(data, name)[0][0].name].append((name, data))
    return {reader: tuple(files) for reader, files in found.items()}


def real_files() -> list[tuple[str, bytes]]:
    """Real files (``QDLAB_CORPUS``) that are read, up to LARGEST_REAL."""
    if not CORPUS:
        return []
    folder = Path(CORPUS) / "instrument-files"
    with (folder / "index.csv").open(encoding="utf-8") as file:
        paths = [folder / row["path"] for row in csv.DictReader(file)]
    small = [(path.name, path.read_bytes()) for path in paths if path.stat().st_size <= LARGEST_REAL]
    return [(name, data) for name, data in small if _is_read(data, name)]


def _is_read(data: bytes, name: str) -> bool:
    try:
        read(data, name)
    except UnreadableFile:
        return False
    return True
