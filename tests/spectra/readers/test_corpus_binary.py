"""Real binary and structured files (``QDLAB_CORPUS``/instrument-files): the facts of their index, and their twins as text."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.reading import Reading, Table, UnreadableFile
from spectra.spectrum import Series

CORPUS = os.environ.get("QDLAB_CORPUS")
pytestmark = pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the real instrument files")

FOLDER = Path(CORPUS or ".") / "instrument-files"
ROWS = list(csv.DictReader((FOLDER / "index.csv").open(encoding="utf-8"))) if CORPUS else []
READERS = {
    "andor_sif": "andor_sif",
    "bruker_spx": "bruker_spx",
    "emsa_msa": "emsa",
    "galactic_spc": "galactic_spc",
    "jasco_jws": "jasco_jws",
    "jcamp": "jcamp",
    "perkinelmer_sp": "perkinelmer_sp",
    "shimadzu_spc": "shimadzu_spc",
    "thermo_dsp": "lambda_spx",
}
# Why a file of these formats is not read as its index says, in one word each.
DAMAGED = "jcamp/xyinc2.jdx"  # 1 kB of another file stands in its middle; the header announces what is not there
NO_CURVE = "jcamp/ISAS_CDX.DX"  # peak assignments of a molecule: a table
MINE = [
    row
    for row in ROWS
    if row["format"] in READERS and row["path"] not in (DAMAGED, NO_CURVE) and not row["path"].endswith(".csv")
]
X_UNITS = {
    "nm": "nm", "NANOMETERS": "nm", "cm-1": "1/cm", "1/CM": "1/cm", "XWAVEN": "1/cm", "XRAMANS": "1/cm", "XMINUTS": "min",
    "HZ": "Hz", "eV": "eV", "keV": "keV", "wavelength [nm]": "nm",
}  # fmt: skip
NMR = {
    "jcamp/BRUKAFFN.DX",
    "jcamp/BRUKDIF.DX",
    "jcamp/BRUKPAC.DX",
    "jcamp/BRUKSQZ.DX",
}  # listed as ir; the files say NMR
TECHNIQUES = {"ftir": "ir", "pl": "pl_emission", "map": "ir", "compound": "ir", "neutron": "generic", "ms": None}


def reading_of(path: str) -> Reading:
    return read((FOLDER / path).read_bytes(), Path(path).name)


def refusal_of(path: str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        reading_of(path)
    return caught.value.note.code


def first(path: str):
    value = reading_of(path).items[0].value
    return value.spectra[0] if isinstance(value, Series) else value


@pytest.mark.parametrize("row", MINE, ids=lambda row: row["path"])
def test_a_real_file_is_read_as_its_index_says(row):
    reading, spectrum = reading_of(row["path"]), first(row["path"])
    assert (reading.reader, reading.decided["confidence"]) == (READERS[row["format"]], "file")
    assert spectrum.n_points == int(row["n_points"].split("x")[-1])
    assert spectrum.x.min() == pytest.approx(float(row["x_min"]), rel=1e-9, abs=1e-9)
    assert spectrum.x.max() == pytest.approx(float(row["x_max"]), rel=1e-6 if row["format"] == "jcamp" else 1e-9)
    if row["order"] in ("asc", "desc") and row["path"] != "jcamp/example_compound_file.jdx":
        assert (spectrum.x[-1] > spectrum.x[0]) == (row["order"] == "asc")
    if row["x_unit"] in X_UNITS:
        assert spectrum.x_unit == X_UNITS[row["x_unit"]]
    wanted = "nmr" if row["path"] in NMR else TECHNIQUES.get(row["technique"], row["technique"])
    assert reading.items[0].technique in (wanted, None)
    assert all(np.isfinite(channel.values).all() for channel in spectrum.channels)


def test_files_that_cannot_be_right_are_refused_and_peaks_are_no_curve():
    assert refusal_of(DAMAGED) == "jcamp_x_jumps"
    (item,) = reading_of(NO_CURVE).items
    assert isinstance(item.value, Table)
    assert (len(item.value.rows), item.value.rows[0][0]) == (16, 27.0)
    assert refusal_of("excel/simple.xlsx") == "not_recognised"  # four rows whose labels name nothing
    assert refusal_of("becker_hickl/test_noise.spc") == refusal_of("becker_hickl/test_noise.asc") == "photon_list"


def test_the_columns_of_the_real_workbook_can_be_chosen():
    data = (FOLDER / "excel/simple.xlsx").read_bytes()
    reading = read(data, "simple.xlsx", {"x": 1, "y": [2, 3], "x_unit": "nm", "y_quantity": "absorbance"})
    assert reading.items[0].value.x.tolist() == [1, 2, 3, 4]
    assert reading.items[0].value.signal.values.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("binary", "text", "x_step", "y_step"),
    [
        # half of the last digit that the text prints
        ("jasco_jws/uvvis_abs.jws", "jasco_ascii/uvvis_abs.txt", 0.0, 5e-10),
        ("jasco_jws/uvvis_abs.jrs", "jasco_ascii/uvvis_abs.txt", 0.0, 5e-10),
        ("jasco_jws/legacy_raman.jws", "jasco_ascii/legacy_raman_pair.csv", 5.1e-5, 5.1e-4),
        ("shimadzu_spc/UV-2600_labeled_DNA.spc", "shimadzu_spc/UV-2600_labeled_DNA.csv", 0.0, 5.1e-7),
        ("shimadzu_spc/sa281-02-280K.spc", "shimadzu_uvprobe/sa281-02-280K.txt", 0.0, 5.1e-4),
        ("andor_sif/raman1.sif", "andor_asc/raman1.asc", 3.1e-5, 0.5),  # the text went through 32 bits
    ],
)
def test_a_binary_file_gives_the_numbers_of_its_text(binary, text, x_step, y_step):
    ours, theirs = first(binary), first(text)
    order = slice(None, None, 1 if (ours.x[-1] > ours.x[0]) == (theirs.x[-1] > theirs.x[0]) else -1)
    np.testing.assert_allclose(ours.x[order], theirs.x, rtol=0, atol=x_step)
    np.testing.assert_allclose(ours.signal.values[order], theirs.signal.values, rtol=6e-6, atol=y_step)


def test_jws_and_jrs_of_one_measurement_hold_the_same_numbers():
    one, other = first("jasco_jws/uvvis_abs.jws"), first("jasco_jws/uvvis_abs.jrs")
    np.testing.assert_array_equal(one.signal.values, other.signal.values)


def test_one_spectrum_in_four_jcamp_forms_is_one_spectrum():
    plain = first("jcamp/BRUKAFFN.DX")
    for name in ("BRUKPAC.DX", "BRUKSQZ.DX"):
        np.testing.assert_array_equal(first(f"jcamp/{name}").signal.values, plain.signal.values)
    scale = np.abs(plain.signal.values).max()
    # the DIF file itself was made from values that differ by 1.5e-5 of the largest
    np.testing.assert_allclose(first("jcamp/BRUKDIF.DX").signal.values, plain.signal.values, rtol=0, atol=2e-5 * scale)


def test_the_channels_and_settings_of_the_real_cd_and_fluorescence_files():
    cd = first("jasco_jws/sample_CD_HT_Abs.jws")
    assert [(c.quantity, c.role) for c in cd.channels] == [
        ("ellipticity", "signal"),
        ("voltage", "HT"),
        ("absorbance", "signal"),
    ]
    item = reading_of("jasco_jws/sample_fluorescence.jws").items[0]
    assert (item.conditions.excitation_nm, item.conditions.emission_bandwidth_nm) == (380.0, 1.0)


def test_the_real_compounds_and_maps_are_read_whole():
    assert len(reading_of("jcamp/compound.jdx").items) == 5
    assert len(reading_of("jcamp/tree-uv.jdx").items) == 2
    assert reading_of("galactic_spc/m_ordz.spc").items[0].value.z.size == 10
    assert reading_of("galactic_spc/4d_map.spc").items[0].value.z.size == 121


@pytest.mark.parametrize("row", [row for row in ROWS if row["format"] in READERS], ids=lambda row: row["path"])
def test_a_real_file_cut_anywhere_is_read_or_refused(row):
    data = (FOLDER / row["path"]).read_bytes()
    for k in range(1, 16):
        try:
            read(data[: len(data) * k // 16], row["path"])
        except UnreadableFile as refusal:
            assert refusal.note.code != "reader_failed", repr(refusal.__cause__)
