"""Real instrument files (``QDLAB_CORPUS``/instrument-files): read as their index says, or refused; never a wrong curve."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import UnreadableFile
from spectra.spectrum import Series

CORPUS = os.environ.get("QDLAB_CORPUS")
pytestmark = pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the real instrument files")

FOLDER = Path(CORPUS or ".") / "instrument-files"
INDEX = FOLDER / "index.csv"
ROWS = list(csv.DictReader(INDEX.open(encoding="utf-8"))) if CORPUS else []
ELSEWHERE = {  # tested against their own facts: test_corpus_text, and the tests of the binary formats
    "andor_sif", "bruker_spx", "chirascan_csv", "emsa_msa", "excel", "galactic_spc", "jasco_jws", "jcamp",
    "perkinelmer_sp", "size_list", "spectroradiometer", "thermo_dsp",
}  # fmt: skip
MUST_BE_READ = {"jasco_ascii", "picoquant_ascii", "plain_table", "tcspc_table"}
TECHNIQUES = {
    "ftir": "ir",
    "tcspc": "decay",
    "irf": "decay",
    "ple": "pl_excitation",
    "pl": "pl_emission",
    "pl-abs": "pl_emission",
}
NEGATIVE = {"jasco_ascii/empty_xydata.csv", "jasco_ascii/not_a_spectrum.csv"}


def outcome(row: dict):
    path = FOLDER / row["path"]
    try:
        return read(path.read_bytes(), path.name)
    except UnreadableFile as refusal:
        assert refusal.note.code != "reader_failed", repr(refusal.__cause__)
        return refusal


def ids(rows):
    return [row["path"] for row in rows]


def _is_refused(row: dict) -> bool:
    return row["path"] in NEGATIVE or row["format"] in ("not_spectrum", "becker_hickl")


REFUSED = [row for row in ROWS if _is_refused(row)]
WANTED = [row for row in ROWS if row["format"] in MUST_BE_READ and row["path"] not in NEGATIVE]
OTHERS = [
    row
    for row in ROWS
    if row not in REFUSED and row not in WANTED and row["format"] not in ELSEWHERE and row["encoding"] != "binary"
]


@pytest.mark.parametrize("row", REFUSED, ids=ids(REFUSED))
def test_what_is_no_curve_is_refused(row):
    assert isinstance(outcome(row), UnreadableFile)


def values_of(reading):
    for item in reading.items:
        yield from item.value.spectra if isinstance(item.value, Series) else (item.value,)


def axis_in_file_units(value, row) -> np.ndarray:
    """The axis as the index counts it: channel numbers, ps or the spectrum's own x."""
    if not isinstance(value, Decay):
        return value.x
    if row["x_unit"] == "channel":
        return np.arange(value.counts.size) + (1.0 if row["format"] == "horiba_das6" else 0.0)
    return value.time_ns * (1000 if "[ps]" in row["notes"] else 1)


@pytest.mark.parametrize("row", WANTED + OTHERS, ids=ids(WANTED + OTHERS))
def test_a_real_file_is_read_as_its_index_says(row):
    reading = outcome(row)
    assert not isinstance(reading, UnreadableFile), str(reading)
    sizes = [axis_in_file_units(value, row).size for value in values_of(reading)]
    assert max(sizes) == int(row["n_points"]) or row["path"].endswith("filters.csv")
    if reading.reader != "picoquant_text":  # its index lists the range of the counts
        axes = np.concatenate([axis_in_file_units(value, row) for value in values_of(reading)])
        assert axes.min() == pytest.approx(float(row["x_min"]), rel=1e-6, abs=1e-9)
        assert axes.max() == pytest.approx(float(row["x_max"]), rel=1e-6)
    if row["decimal"]:
        assert reading.decided["decimal_mark"] == row["decimal"]
    if row["delimiter"]:
        assert reading.decided["separator"] == {"TAB": "tab", ",": "comma", ";": "semicolon"}[row["delimiter"]]
    if row["encoding"]:
        assert reading.decided["encoding"] == row["encoding"]
    if row["order"] in ("asc", "desc") and not isinstance(reading.items[0].value, Decay):
        x = next(values_of(reading)).x
        assert (x[-1] > x[0]) == (row["order"] == "asc")


@pytest.mark.parametrize("row", WANTED + OTHERS, ids=ids(WANTED + OTHERS))
def test_units_and_techniques_agree_with_the_index_or_stay_open(row):
    reading = outcome(row)
    wanted = row["technique"].split("-series")[0]
    wanted = TECHNIQUES.get(wanted, wanted)
    for item in reading.items:
        if wanted not in ("invalid", "generic", "kinetics", "eqe"):
            assert item.technique in (wanted, None)
        unit = getattr(item.value, "x_unit", None)
        if row["x_unit"] in ("nm", "NANOMETERS", "Wavelength") and unit is not None:
            assert unit in ("nm", "")
        if row["x_unit"] == "1/CM":
            assert unit == "1/cm"


@pytest.mark.parametrize("row", [row for row in WANTED if row["format"] == "jasco_ascii"], ids=lambda row: row["path"])
def test_jasco_files_are_recognised_without_asking(row):
    reading = outcome(row)
    assert (reading.reader, reading.decided["confidence"]) == ("jasco_text", "file")


def test_the_resolutions_of_a_real_picoharp_file_belong_to_its_curves():
    (row,) = [row for row in ROWS if row["format"] == "picoquant_ascii"]
    assert [item.value.bin_ns for item in outcome(row).items] == [0.512, 0.512, 0.004, 0.004]


def test_a_shimadzu_export_and_its_reversed_twin_hold_the_same_curve():
    (row,) = [row for row in ROWS if row["path"] == "shimadzu_uvprobe/sa281-02-280K.txt"]
    spectrum = outcome(row).items[0].value
    assert spectrum.signal.quantity == "absorbance"
    assert spectrum.signal.values[:3].tolist() == [0.322, 0.310, 0.289]


@pytest.mark.parametrize("row", WANTED, ids=ids(WANTED))
def test_a_real_file_cut_anywhere_is_read_or_refused(row):
    data = (FOLDER / row["path"]).read_bytes()
    for k in range(1, 16):
        try:
            read(data[: len(data) * k // 16], row["path"])
        except UnreadableFile as refusal:
            assert refusal.note.code != "reader_failed", repr(refusal.__cause__)
