"""Vendors' text exports of ``QDLAB_CORPUS``/instrument-files: each file's own facts, copied from its first and last rows.

``test_corpus`` compares them with the index; here stand what the index does not list: reader, items, values, conditions.
"""

from datetime import datetime

import numpy as np
import pytest

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import Table, UnreadableFile
from spectra.spectrum import Series
from tests.spectra.readers.fuzz.judge import outcome
from tests.spectra.readers.test_corpus import CORPUS, FOLDER, ROWS

pytestmark = pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the real instrument files")

HZB = "edinburgh_txt/HZB_AlFl_20231009_Solarcells-Batch-2-varyHTL_1_0.pl.csv"
# path, reader, items, technique, points, first x and y, last x and y of the first item's first curve
CURVES = [
    ("agilent_cary_csv/CuPCtS_H2O_vis.csv", "agilent_cary", 1, "uvvis", 141, 899.9957886, 0.03348613903, 200.0188751, 0.6591586471),
    ("agilent_cary_csv/filters.csv", "agilent_cary", 11, "uvvis", 121, 800.0541382, 0.02885507233, 199.9654236, 3.411360502),
    ("plain_table/uv.txt", "agilent_cary", 1, "uvvis", 551, 800.0029297, 0.001582415309, 250.0171356, 3.042296886),
    ("andor_asc/raman1.asc", "andor_asc", 1, "raman", 1024, 405.23318, 280099, 454.55334, 2.92317e6),
    ("avantes_txt/1908047U1_0000.Raw8.TXT", "avantes_text", 1, None, 1921, 128.909, 483.977, 1160.368, 2650.560),
    ("chirascan_csv/prodata-tas_3prop.csv", "chirascan", 1, "kinetics", 128, -9.89e-07, -0.000142698, 9.93e-07, -5.91e-05),
    ("edinburgh_txt/F980_EmScan.txt", "edinburgh", 1, "pl_emission", 146, 675, 0, 820, 0),
    ("edinburgh_txt/F980_IRF_comma.txt", "edinburgh", 1, "decay", 256, 0, 26, 498.04688, 26),
    ("edinburgh_txt/F980_IRF_multiple.txt", "edinburgh", 44, "decay", 256, 0, 7, 996.09375, 7),
    ("edinburgh_txt/Fluoracle.csv", "edinburgh", 1, "pl_emission", 251, 600, 134.703979, 850, 2446.96704),
    ("edinburgh_txt/Fluoracle_absorbance.txt", "edinburgh", 1, "uvvis", 301, 450, 0.90638423, 600, 0.0120407082),
    ("edinburgh_txt/Fluoracle_emission_multiple.txt", "edinburgh", 1, "pl_emission", 201, 500, 25.375803, 600, 15.4786711),
    (HZB, "edinburgh", 1, "pl_emission", 451, 450, 552.895813, 900, 572.16626),
    ("eqe_txt/SID1.eqe.txt", "eqe_text", 1, "generic", 56, 300.016, 7.650308, 850, 0.1826549),
    ("horiba_das6/Atto550_DNA.txt", "horiba_das6", 1, "decay", 4096, 0, 0, 4095 * 0.02743484, 0),
    ("horiba_das6/irf.txt", "horiba_das6", 1, "decay", 4096, 0, 0, 4095 * 0.02743484, 0),
    ("horiba_fluoressence/FluorEssence.txt", "horiba_fluoressence", 1, "pl_emission", 211, 490, 2322.5469768149, 700, 2840.89992557833),
    ("horiba_fluoressence/FluorEssence_allcol.txt", "horiba_fluoressence", 1, "pl_emission", 151, 700, 243.323379429567, 850, 154.533073924522),
    ("horiba_labspec/labspec_raman_example.txt", "horiba_labspec", 1, "raman", 341, 201.795, 45.0984, 798.317, 286.154),
    ("luqy/GaAs5_Large_Spot_center.abspl.txt", "luqy", 1, "pl_emission", 1510, 550.1383, 0, 1050.011, 0),
    ("ocean_txt/SpectraSuite_Header_BST.txt", "ocean_text", 1, None, 2048, 340.07, 732.18, 1028.94, 1089.24),
    ("perkinelmer_asc/3DM_test01.Probe.Raw.asc", "perkinelmer_asc", 1, "uvvis", 281, 1900, 99.999792, 500, 100.014483),
    ("perkinelmer_asc/FLWinlab", "perkinelmer_asc", 1, "pl_emission", 501, 350, 65.282, 600, 5.848),
    ("perkinelmer_asc/UVWinlab_ASCII.ASC", "perkinelmer_asc", 1, "uvvis", 31, 420, 23.606037, 390, 26.218752),
    ("perkinelmer_asc/flu4.txt", "perkinelmer_asc", 1, "pl_emission", 181, 405, 130.663666, 495, 195.867333),
    ("perkinelmer_csv/UVWinlab.csv", "perkinelmer_csv", 1, "uvvis", 501, 700, 0.000465, 200, 10),
    ("shimadzu_uvprobe/ExxonMobil_LV-AU_150C_3d.txt", "shimadzu_uvprobe", 10, "uvvis", 2501, 200, 5.082, 700, 0.471),
    ("shimadzu_uvprobe/sa281-02-280K.txt", "shimadzu_uvprobe", 1, "uvvis", 601, 300, 0.322, 900, 0),
    ("spectroradiometer/Fluorescent.spdx", "ies_tm27", 1, "el", 85, 400, 0.034, 850.1, 0.030),
    ("spectroradiometer/RANDOM_001_02._3262K.csv", "spectroradiometer", 2, "el", 81, 380, 0, 780, 3.8278766e-05),
    ("tcspc_table/M0-FAPI3Q6-Spot2_5400s_10kHz_ND1_210cps_0.0209011uW.trpl.dat", "generic_table", 1, "decay", 32768, 0, 5, 32767, 7),
]  # fmt: skip
NAMES = [curve[0] for curve in CURVES]


def reading_of(path: str):
    return read((FOLDER / path).read_bytes(), path.rpartition("/")[2])


def first_curve(value) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(value, Decay):
        return value.time_ns, value.counts
    spectrum = value.spectra[0] if isinstance(value, Series) else value
    return spectrum.x, spectrum.signal.values


@pytest.mark.parametrize("curve", CURVES, ids=NAMES)
def test_a_vendors_text_is_read_by_its_reader_to_the_last_digit(curve):
    path, reader, n_items, technique, n_points, first_x, first_y, last_x, last_y = curve
    reading = reading_of(path)
    x, y = first_curve(reading.items[0].value)
    assert (reading.reader, len(reading.items)) == (reader, n_items)
    assert (reading.items[0].technique, x.size) == (technique, n_points)
    # 1e-7: one file prints its times with eight digits, and its step exactly
    assert (x[0], x[-1]) == (pytest.approx(first_x, rel=1e-7), pytest.approx(last_x, rel=1e-7))
    assert (y[0], y[-1]) == (first_y, last_y)
    assert reading.decided["confidence"] == ("confirm" if reader == "generic_table" else "file")


def test_every_text_file_of_the_index_is_among_these_or_in_another_test():
    elsewhere = {"jasco_ascii", "jcamp", "emsa_msa", "bruker_spx", "thermo_dsp", "picoquant_ascii", "plain_table"}
    elsewhere |= {"not_spectrum", "becker_hickl", "size_list", "shimadzu_spc"}
    missing = [
        row["path"]
        for row in ROWS
        if row["encoding"] != "binary" and row["format"] not in elsewhere and row["path"] not in NAMES
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("edinburgh_txt/F980_EmScan.txt", {"emission_bandwidth_nm": 20.037106, "spectrally_corrected": True}),
        ("edinburgh_txt/Fluoracle.csv", {"excitation_nm": 530.0, "excitation_bandwidth_nm": 3.0001483}),
        (
            "edinburgh_txt/Fluoracle_emission_multiple.txt",
            {"excitation_nm": 460.0, "emission_bandwidth_nm": 0.40031144},
        ),
        (HZB, {"excitation_nm": 367.0}),
        ("horiba_labspec/labspec_raman_example.txt", {"excitation_nm": 532.0}),
        ("luqy/GaAs5_Large_Spot_center.abspl.txt", {"intensity_unit": "photon", "spectrally_corrected": True}),
        ("perkinelmer_asc/FLWinlab", {"excitation_nm": 328.0, "excitation_bandwidth_nm": 15.0}),
        ("perkinelmer_asc/flu4.txt", {"excitation_nm": 350.0, "emission_bandwidth_nm": 4.5}),
    ],
)
def test_conditions(path, known):
    stated = reading_of(path).items[0].conditions.known()
    assert {key: stated.get(key) for key in known} == known


def test_the_excitation_of_minus_100_nm_is_not_known():
    assert reading_of("edinburgh_txt/F980_EmScan.txt").items[0].conditions.excitation_nm is None


@pytest.mark.parametrize(
    ("path", "moment"),
    [
        ("agilent_cary_csv/CuPCtS_H2O_vis.csv", datetime(2014, 1, 15, 16, 59, 54)),
        ("andor_asc/raman1.asc", datetime(2017, 9, 8, 15, 3, 52)),
        ("chirascan_csv/prodata-tas_3prop.csv", datetime(2017, 7, 27, 17, 39, 4)),
        ("eqe_txt/SID1.eqe.txt", datetime(2019, 11, 15, 16, 46, 45)),
        ("horiba_labspec/labspec_raman_example.txt", datetime(2023, 10, 23, 16, 11, 12)),
        ("luqy/GaAs5_Large_Spot_center.abspl.txt", datetime(2025, 1, 20, 21, 46, 9)),
        ("ocean_txt/SpectraSuite_Header_BST.txt", datetime(2016, 10, 21, 11, 57, 53)),
        ("perkinelmer_asc/3DM_test01.Probe.Raw.asc", datetime(2024, 2, 27, 16, 45, 12)),
        ("perkinelmer_asc/FLWinlab", None),  # 18/03/15: the order of day and year follows the PC
        ("spectroradiometer/RANDOM_001_02._3262K.csv", datetime(2021, 3, 15, 15, 44, 14)),
    ],
)
def test_dates(path, moment):
    assert reading_of(path).measured_at == moment


@pytest.mark.parametrize(
    ("path", "channels"),
    [
        ("avantes_txt/1908047U1_0000.Raw8.TXT", [("counts", "signal"), ("counts", "dark"), ("counts", "reference")]),
        ("horiba_fluoressence/FluorEssence.txt", [("intensity", "signal")] * 2 + [("intensity", "reference")]),
        ("luqy/GaAs5_Large_Spot_center.abspl.txt", [("intensity", "signal"), ("counts", "signal"), ("counts", "dark")]),
        ("perkinelmer_asc/3DM_test01.Probe.Raw.asc", [("transmittance", "signal")]),
        ("perkinelmer_asc/UVWinlab_ASCII.ASC", [("reflectance", "signal")]),
        ("eqe_txt/SID1.eqe.txt", [("quantum efficiency", "signal"), ("unknown", "signal")]),
        ("shimadzu_uvprobe/ExxonMobil_LV-AU_150C_3d.txt", [("absorbance", "signal")]),
    ],
)
def test_channels(path, channels):
    spectrum = reading_of(path).items[0].value
    assert [(channel.quantity, channel.role) for channel in spectrum.channels] == channels


def test_eleven_filters_of_unequal_length_with_abs_beside_transmittance():
    items = reading_of("agilent_cary_csv/filters.csv").items
    assert [item.value.n_points for item in items] == [121, 196, 301, 301, 301, 301, 301, 301, 301, 401, 101]
    assert [item.value.signal.quantity for item in items] == ["absorbance"] + ["transmittance"] * 10
    assert [item.title for item in items][:3] == ["600LP", "600LP1", "600LP2"]


def test_five_repeated_scans_are_one_series():
    (item,) = reading_of("edinburgh_txt/Fluoracle_emission_multiple.txt").items
    assert item.value.z.tolist() == [1, 2, 3, 4, 5]
    assert item.value.spectra[4].signal.values[0] == 27.7835999


def test_three_properties_of_three_repeats():
    (item,) = reading_of("chirascan_csv/prodata-tas_3prop.csv").items
    assert item.value.z.tolist() == [1, 2, 3]
    assert len(item.value.spectra[0].channels) == 3


def test_both_spectra_of_a_hand_held_instrument():
    coarse, fine = reading_of("spectroradiometer/RANDOM_001_02._3262K.csv").items
    assert (coarse.value.n_points, fine.value.n_points, fine.value.x[-1]) == (81, 401, 780)
    assert (coarse.value.signal.values[-1], fine.value.signal.values[-1]) == (3.8278766e-05, 3.5575547e-05)


def test_the_list_of_radii_is_a_table():
    (item,) = reading_of("size_list/CdSe_QD_Radii_AllRuns.csv").items
    assert isinstance(item.value, Table)
    assert (item.technique, len(item.value.rows)) == ("tem_sizes", 142)
    assert item.value.columns == ("Run", "Abs_peak_nm", "Eg_prime_eV", "Radius_nm")
    assert item.value.rows[0] == ("Run 2", 485.98, 2.5515453310835836, 1.9383178640735936)


@pytest.mark.parametrize("path", [*NAMES, "size_list/CdSe_QD_Radii_AllRuns.csv"])
def test_a_file_cut_at_any_sixteenth_is_read_or_refused(path):
    data = (FOLDER / path).read_bytes()
    for k in range(1, 16):
        outcome(data[: len(data) * k // 16], path)


STRICT = [  # their headers name the last x or the number of points: no cut goes unnoticed
    "edinburgh_txt/F980_EmScan.txt", "edinburgh_txt/F980_IRF_comma.txt", "edinburgh_txt/Fluoracle.csv", HZB,
    "perkinelmer_asc/3DM_test01.Probe.Raw.asc", "perkinelmer_asc/flu4.txt", "ocean_txt/SpectraSuite_Header_BST.txt",
    "spectroradiometer/Fluorescent.spdx",
]  # fmt: skip


@pytest.mark.parametrize("path", STRICT)
def test_a_file_whose_header_tells_its_end_is_never_shortened(path):
    data = (FOLDER / path).read_bytes()
    for k in range(1, 64):
        with pytest.raises(UnreadableFile):
            read(data[: len(data) * k // 64], path)
