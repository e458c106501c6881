import re

import numpy as np
import pytest

from spectra.readers import read
from spectra.spectrum import Series, Spectrum
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

REPEATS, MAP, EXCITATION, DECAYS = (
    "edinburgh_emission_repeats.txt",
    "edinburgh_map.txt",
    "edinburgh_excitation.csv",
    "edinburgh_decays.txt",
)


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name).decode()
    assert old in data
    return data.replace(old, new, count).encode()


def test_scans_that_differ_in_their_number_alone_are_a_series_of_repeats():
    reading = read_sample(REPEATS)
    (item,) = reading.items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity) == ([1, 2, 3], "repeat")
    assert (item.technique, item.technique_source, reading.title) == ("pl_emission", "file", "CsPbBr-7")
    first = item.value.spectra[0]
    assert (first.n_points, first.x[0], first.x[-1], first.x_unit) == (41, 480, 560, "nm")
    assert (first.signal.quantity, first.signal.unit) == ("counts", "{counts}")
    assert item.conditions.known() == {
        "excitation_nm": 405.0,
        "excitation_bandwidth_nm": 3.0,
        "emission_bandwidth_nm": 1.5,
        "spectrally_corrected": True,
    }


def test_scans_that_differ_in_the_fixed_wavelength_are_a_map_also_with_decimal_commas():
    reading = read_sample(MAP)
    (item,) = reading.items
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([380, 390, 400], "excitation", "nm")
    assert item.conditions.excitation_nm is None
    assert reading.decided["decimal_mark"] == ","
    assert item.value.spectra[2].signal.values.max() == pytest.approx(9000 * np.exp(-0.5 / 81), rel=1e-6)


def test_an_excitation_scan_in_csv_with_the_separator_in_its_label():
    (item,) = read_sample(EXCITATION).items
    assert isinstance(item.value, Spectrum)
    assert (item.technique, item.title) == ("pl_excitation", "QD-3, second")
    assert (item.conditions.emission_nm, item.conditions.excitation_nm) == (560.0, None)
    assert item.conditions.emission_bandwidth_nm == 3.0


def test_time_scans_are_decays_and_carry_the_irf_between_them():
    irf, decay = read_sample(DECAYS).items
    assert (irf.role, irf.technique, decay.technique) == ("IRF", "decay", "decay")
    assert (decay.value.bin_ns, decay.value.counts.size, decay.value.first_ns) == (0.25, 120, 0.0)
    assert np.array_equal(decay.value.irf_counts, irf.value.counts)
    assert decay.metadata["labels"] == "Decay 1"


def test_only_one_scan_named_irf_by_its_file_is_an_irf():
    data = sample(DECAYS).decode().split("\n")
    one = "\n".join("\t".join(line.split("\t")[:2]) + "\t" if line else "" for line in data).replace("IRF", "Z1")
    (item,) = read(one.encode(), "QD IRF.txt").items
    assert item.role == "IRF"


@pytest.mark.parametrize("fixed", ["-100.00", "0.00", " "])
def test_a_fixed_wavelength_that_is_none_is_not_known(fixed):
    (item,) = read(changed(REPEATS, "405.00", fixed), "a.txt").items
    assert item.conditions.excitation_nm is None
    assert item.technique == "pl_emission"


def test_a_synchronous_scan_of_absorbance_is_uvvis_and_has_no_excitation():
    data = changed(EXCITATION, "Excitation Scan", "Synchronous Scan").replace(b"Yaxis,Counts", b"Yaxis,Absorbance")
    (item,) = read(data, "a.csv").items
    assert (item.technique, item.value.signal.quantity, item.conditions.known()) == ("uvvis", "absorbance", {})


def test_a_synchronous_scan_of_counts_stays_open():
    reading = read(changed(EXCITATION, "Excitation Scan", "Synchronous Scan"), "a.csv")
    assert reading.items[0].technique is None
    assert "technique_unknown" in warnings(reading)


def test_scans_of_two_samples_are_items_of_their_own():
    items = read(changed(REPEATS, "Em 2", "other sample"), "a.txt").items
    assert [item.title for item in items] == ["Em 1", "other sample", "Em 3"]


def test_a_scan_that_ends_early_has_its_own_length():
    data = changed(REPEATS, "560.00\t560.00\t560.00", "560.00\t560.00\t558.00").decode()
    *rows, last = data.rstrip("\n").split("\n")
    cells = last.split("\t")
    items = read("\n".join([*rows, "\t".join([*cells[:3], "", ""]), ""]).encode(), "a.txt").items
    assert [item.value.z.size if isinstance(item.value, Series) else 1 for item in items] == [2, 1]
    assert items[1].value.x[-1] == 558


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("560.00\t560.00\t560.00", "561.00\t561.00\t561.00", "contradicts_header"),
        ("Start\t480.00", "Start\t482.00", "contradicts_header"),
        ("Step\t2.00\t2.00\t2.00", "Step\t3.00\t3.00\t3.00", "contradicts_header"),
        ("Type\tEmission Scan", "Type", "wrong_columns"),
        ("\n500.00\t", "\n500.00\t\t", "bad_row"),
        ("\n500.00\t", "\n5x0.00\t", "bad_row"),
        ("\n500.00\t", "\n\n500.00\t", "bad_row"),
    ],
)
def test_a_damaged_export_is_refused(old, new, code):
    assert refusal(changed(REPEATS, old, new, 1)) == code


def test_a_file_cut_anywhere_in_its_rows_is_refused():
    data = sample(REPEATS)
    for cut in range(data.index(b"\n\n480.00") + 3, len(data) - 20, 37):
        assert refusal(data[:cut]) in {"file_cut_short", "bad_row", "contradicts_header", "no_rows", "wrong_columns"}


def test_a_header_without_rows_says_so():
    data = sample(REPEATS)
    assert refusal(data[: data.index(b"\n480.00")]) == "no_rows"


def test_a_table_of_commas_may_have_quotes_and_end_in_tabs():
    data = sample("edinburgh_excitation.csv").decode()
    plain = read(data.encode(), "a.csv").items[0]
    for saved in (data.replace("\n", "\t\n"), re.sub(r"(?m)^(Start|Stop|Step),([^,\n]*)", r'\1,"\2"', data)):
        item = read(saved.encode(), "a.csv").items[0]
        assert (item.technique, item.conditions, item.value.x_unit) == (plain.technique, plain.conditions, "nm")
        assert item.value.x.tolist() == plain.value.x.tolist()
