import numpy as np
import pytest

from spectra.readers import read
from spectra.spectrum import Series
from tests.spectra.readers.samples import read_sample, refusal, sample, table, warnings

DAS6, PAIRS, SAMPLES, AQUALOG, LABSPEC, LABSPEC_TIME = (
    "horiba_das6_decay_and_prompt.txt",
    "horiba_fluoressence_pairs.txt",
    "horiba_fluoressence_samples.txt",
    "horiba_fluoressence_aqualog_PEM.dat",
    "horiba_labspec_pl.txt",
    "horiba_labspec_time.txt",
)


def changed(name: str, old: str, new: str, count: int = -1) -> bytes:
    data = sample(name)
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), count)


def test_a_das6_prompt_is_the_irf_of_the_decay_beside_it():
    irf, decay = read_sample(DAS6).items
    assert (irf.role, decay.role, decay.technique) == ("IRF", None, "decay")
    assert (decay.value.bin_ns, decay.value.counts.size, decay.value.first_ns) == (0.11, 90, 0.0)
    assert decay.value.counts[12] == 3000
    assert np.array_equal(decay.value.irf_counts, irf.value.counts)


def test_a_das6_time_calibration_in_ps_becomes_ns():
    first, _ = read(changed(DAS6, "1.100000E-01ns/ch", "110ps/ch"), "a.txt").items
    assert first.value.bin_ns == pytest.approx(0.11, rel=1e-12)


def tres() -> bytes:
    rows = "".join(f"{i}\t{900 - i}\t{i}\n" for i in range(1, 61))
    return f"Item name: TRES\n\nReal time: 60.0\nLive time: 0\n\nComment: \n\nChan\t480\t490\n{rows}".encode()


def test_a_tres_export_has_no_time_axis_and_asks_for_it():
    assert refusal(tres()) == "needs_bin_width"
    reading = read(tres(), "a.txt", {"bin_ns": 0.05})
    assert [item.conditions.emission_nm for item in reading.items] == [480, 490]
    assert [item.value.bin_ns for item in reading.items] == [0.05, 0.05]
    assert reading.decided["time_axis"] == "person"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n40\t", "\n41\t", "bad_row"),
        ("\n40\t", "\n\n40\t", "bad_row"),
        ("Chan\tData", "Chan\tData\tData", "wrong_columns"),
        ("1.100000E-01ns/ch", "0ns/ch", "needs_bin_width"),
        ("1.100000E-01ns/ch", "", "needs_bin_width"),
    ],
)
def test_a_damaged_das6_decay_is_refused(old, new, code):
    assert refusal(changed(DAS6, old, new, 1)) == code


def test_detectors_on_the_same_wavelengths_are_channels_of_one_spectrum():
    reading = read_sample(PAIRS)
    (item,) = reading.items
    signal, counts, lamp = item.value.channels
    assert [channel.unit for channel in item.value.channels] == ["CPS / MicroAmps", "{counts}/s", "uA"]
    assert [channel.role for channel in item.value.channels] == ["signal", "signal", "reference"]
    assert (item.value.n_points, item.value.x[0], item.value.x[-1], item.value.x_unit) == (41, 480, 560, "nm")
    assert signal.values == pytest.approx(counts.values / lamp.values, rel=1e-6)
    assert (item.technique, item.technique_source) == ("pl_emission", "rule")  # the lamp stood still


def test_the_lamp_tells_emission_from_excitation():
    lines = sample(PAIRS).decode().splitlines()
    rows = [line.rpartition("\t")[0] + f"\t{30 + k}" for k, line in enumerate(lines[3:])]
    (item,) = read("\n".join([*lines[:3], *rows, ""]).encode(), "a.txt").items
    assert item.technique == "pl_excitation"
    without_lamp = "\n".join("\t".join(line.split("\t")[:5]) for line in lines) + "\n"
    reading = read(without_lamp.encode(), "a.txt")
    assert reading.items[0].technique is None
    assert "technique_unknown" in warnings(reading)


def test_the_same_table_without_origins_row_names_and_without_units():
    lines = sample(PAIRS).decode().splitlines()
    bare = "\n".join(line.partition("\t")[2] for line in lines) + "\n"
    (item,) = read(bare.encode(), "QD emission.txt").items
    assert (len(item.value.channels), item.value.n_points, item.technique) == (3, 41, "pl_emission")
    no_units = "\n".join(line for line in bare.split("\n") if not line.startswith("nm")) + "\n"
    (item,) = read(no_units.encode(), "a.txt").items
    assert (len(item.value.channels), item.value.x_unit) == (3, "nm")


def test_detectors_on_other_wavelengths_are_spectra_of_their_own():
    first, second = read(changed(PAIRS, "\t480\t", "\t481\t", 2), "a.txt").items
    assert [len(item.value.channels) for item in (first, second)] == [2, 1]


def test_one_x_with_many_samples_gives_an_item_each():
    items = read_sample(SAMPLES).items
    assert [item.title for item in items] == ["QD-1 emission", "QD-2 emission"]
    assert [item.technique for item in items] == ["pl_emission"] * 2
    assert items[1].value.signal.unit == "{counts}/s"


CYCLES = (
    "Short Name\tA\tB\tC\tD\nLong Name\tWavelength\t05/12/2026 17:24:47\t05/12/2026 17:25:30\t05/12/2026 17:26:14\n"
    "Units\tnm\tCPS / MicroAmps\tCPS / MicroAmps\tCPS / MicroAmps\nSourceName\t\tS1c / R1c\tS1c / R1c\tS1c / R1c\n"
    "CycleNumber\t\t1\t2\t3\nTimeStamp\t\t05/12/2026 17:24:47\t05/12/2026 17:25:30\t05/12/2026 17:26:14\n"
)


def test_cycles_with_time_stamps_are_a_series_over_time():
    rows = "".join(f"{i}\t{649 + i}\t{i}.5\t{2 * i}.5\t{3 * i}.5\n" for i in range(1, 31))
    (item,) = read((CYCLES + rows).encode(), "film.txt").items
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([0, 43, 87], "time", "s")
    assert [spectrum.signal.values[0] for spectrum in item.value.spectra] == [1.5, 2.5, 3.5]
    assert (item.value.spectra[0].x[0], item.value.spectra[0].signal.unit) == (650, "CPS / MicroAmps")
    other_day = CYCLES.replace("05/12/2026 17:26:14", "06/12/2026 00:01:14")
    assert len(read((other_day + rows).encode(), "film.txt").items) == 3


def test_an_aqualog_matrix_is_a_series_over_the_excitation_in_native_order():
    (item,) = read_sample(AQUALOG).items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity) == (list(range(480, 389, -10)), "excitation")
    first = item.value.spectra[0]
    assert (first.x[0], first.x_unit, first.n_points) == (480.25, "nm", 41)
    assert float(first.signal.values[17]) == 408.5824


def test_a_matrix_without_horibas_words_asks_a_person():
    reading = read(changed(AQUALOG, "Sample - Blank", "nm"), "a.txt")
    assert "please_confirm" in warnings(reading)


def test_a_matrix_with_a_missing_excitation_is_refused():
    assert refusal(changed(AQUALOG, "\t390\n", "\n", 1)) == "wrong_columns"


def test_labspec_in_nm_is_luminescence_with_the_laser_as_excitation():
    reading = read_sample(LABSPEC)
    (item,) = reading.items
    assert (item.technique, item.value.x_unit, item.value.signal.unit) == ("pl_emission", "nm", "{counts}")
    assert item.conditions.excitation_nm == 405.0
    assert (reading.title, reading.decided["encoding"]) == ("film 7", "cp1252")
    assert (reading.measured_at.day, reading.measured_at.hour) == (23, 16)


def test_labspec_in_wavenumbers_is_raman():
    (item,) = read(changed(LABSPEC, "=\tnm\r", "=\t1/cm\r"), "a.txt").items
    assert (item.technique, item.value.x_quantity, item.value.x_unit) == ("raman", "raman shift", "1/cm")


def test_a_labspec_time_series():
    (item,) = read_sample(LABSPEC_TIME).items
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([0, 60, 120, 180], "time", "s")
    assert (item.value.spectra[0].x[0], item.value.spectra[0].x[-1]) == (200.5, 296.5)
    assert float(item.value.spectra[1].signal.values[0]) == 160.0


def test_a_labspec_map_of_two_coordinates_is_refused_with_a_sentence():
    data = changed(LABSPEC_TIME, "#AxisUnit[2]=\ts\r\n", "#AxisUnit[2]=\tµm\r\n#AxisType[3]=\tY\r\n")
    assert refusal(data) == "is_map"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (LABSPEC, "\r\n500.000\t", "\r\n500.000\t\t"),
        (LABSPEC, "\r\n500.000\t", "\r\n\r\n500.000\t"),
        (LABSPEC_TIME, "\r\n120\t", "\r\n120\t1\t"),
        (LABSPEC_TIME, "\t296.5\r", "\r"),
        (PAIRS, "\n7\t", "\n7\t\t"),
        (PAIRS, "\n7\t", "\n7x\t"),
        (PAIRS, "\t500\t12488\t", "\t\t12488\t"),
    ],
)
def test_damaged_rows_are_refused(name, old, new):
    assert refusal(changed(name, old, new, 1)) in {"bad_row", "wrong_columns", "no_rows", "file_cut_short"}


def test_blanks_may_stand_between_the_labels_of_das6():
    data = sample("horiba_das6_decay_and_prompt.txt").replace(b"Chan\t", b"Chan   ")
    first, second = read(data, "a.txt"), read_sample("horiba_das6_decay_and_prompt.txt")
    assert [item.value.bin_ns for item in first.items] == [item.value.bin_ns for item in second.items]
    assert [item.role for item in first.items] == [item.role for item in second.items]


def test_the_corner_of_a_matrix_may_hold_the_samples_name():
    rows = [(em, *range(em, em + 6)) for em in range(400, 410)]
    data = table("F1\t240\t245\t250\t255\t260\t265", rows, "\t")
    series = read(data, "f1.dat").items[0].value
    assert (series.z.tolist(), series.spectra[0].x_unit) == ([240, 245, 250, 255, 260, 265], "nm")


def test_rows_with_blank_lines_between_them_are_refused():
    lines = sample("horiba_fluoressence_samples.txt").decode().splitlines()
    spaced = [f"{line}\n" if line[:1].isdigit() else line for line in lines]
    assert refusal("\n".join(spaced).encode()) == "bad_row"
