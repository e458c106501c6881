"""The readers' own samples (``tests/data/readers``) and small texts made on the spot."""

from pathlib import Path

import pytest

from spectra.readers import read
from spectra.readers.reading import Reading, UnreadableFile

FOLDER = Path(__file__).resolve().parents[2] / "data" / "readers"
SAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".md")


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read_sample(name: str, **options) -> Reading:
    return read(sample(name), name, **options)


def refusal(data: bytes, name: str = "file.txt", **options) -> str:
    """The code of the sentence with which ``data`` is refused; a reader's own mistake is no refusal."""
    with pytest.raises(UnreadableFile) as caught:
        read(data, name, **options)
    assert caught.value.note.code != "reader_failed", caught.value.__cause__
    assert str(caught.value)  # the sentence can be filled in
    return caught.value.note.code


def warnings(reading: Reading) -> set[str]:
    return {note.code for note in reading.warnings}


def table(header: str, rows, sep: str = ",") -> bytes:
    """A table with a header row, as UTF-8."""
    return "\n".join([header, *(sep.join(map(str, row)) for row in rows), ""]).encode()


JASCO_ROWS = [(700, 0.1), (690, 0.3), (680, 0.25), (670, 0.2)]


def jasco(
    rows=JASCO_ROWS, sep: str = "\t", footer: str = "", end: str = "\n", row_sep: str | None = None, **header: str
) -> str:
    """A small JASCO text; ``header`` replaces lines (``DATA_TYPE="…"``), None leaves one out."""
    lines = {
        "TITLE": "",
        "DATA TYPE": "",
        "ORIGIN": "JASCO",
        "DATE": "26/06/04",
        "TIME": "16:08:00",
        "SPECTROMETER/DATA SYSTEM": "JASCO Corp., V-730, Rev. 1.00",
        "XUNITS": "NANOMETERS",
        "YUNITS": "ABSORBANCE",
        "FIRSTX": str(rows[0][0]),
        "LASTX": str(rows[-1][0]),
        "NPOINTS": str(len(rows)),
    } | {key.replace("_", " "): value for key, value in header.items()}
    body = [f"{key}{sep}{value}" for key, value in lines.items() if value is not None]
    data = [(row_sep or sep).join(map(str, row)) for row in rows]
    return end.join([*body, "XYDATA", *data, "", footer, ""])
