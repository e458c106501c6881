import numpy as np
import pytest

from spectra.readers import read
from spectra.spectrum import Series
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

SUITE, JAZ, SERIES = (
    "ocean_text_spectrasuite.txt",
    "ocean_text_jaz_spanish.Absorbance",
    "ocean_text_oceanview_series.txt",
)


def test_spectrasuite_with_stray_carriage_returns_and_nul_padding():
    reading = read_sample(SUITE)
    (item,) = reading.items
    assert (item.value.n_points, item.value.x[0], item.value.x[-1], item.value.x_unit) == (96, 400.07, 583.42, "nm")
    assert item.value.signal.unit == "{counts}"  # neither dark nor reference: nothing but counts
    assert (reading.operator, reading.serial) == ("bench", "USB2+H00000")
    assert (reading.measured_at.month, reading.measured_at.hour) == (6, 16)
    assert warnings(reading) == {"technique_unknown"}


def test_nuls_at_the_ends_of_lines_and_fields_are_padding():
    plain = read_sample(SUITE).items[0].value
    data = sample(SUITE).replace(b"\t", b"\x00\x00\t").replace(b"\r\n", b"\x00\x00\x00\r\n")
    padded = read(data, "a.txt").items[0].value
    assert np.array_equal(padded.signal.values, plain.signal.values)


def test_translated_keys_and_markers_with_decimal_commas():
    reading = read_sample(JAZ)
    (item,) = reading.items
    assert (item.technique, reading.decided["decimal_mark"], reading.operator) == ("uvvis", ",", "bench")
    assert [channel.role for channel in item.value.channels] == ["signal", "signal", "dark", "reference"]
    assert item.value.signal.quantity == "absorbance"
    assert item.value.signal.values.max() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("name", "technique", "quantity"),
    [
        ("a.Transmission", "uvvis", "transmittance"),
        ("a_Reflection_01.txt", "uvvis", "reflectance"),
        ("a.scope", None, "intensity"),
        ("QD emission.txt", "pl_emission", "intensity"),
    ],
)
def test_the_files_name_tells_what_y_is(name, technique, quantity):
    (item,) = read(sample(SUITE), name).items
    assert (item.technique, item.value.signal.quantity) == (technique, quantity)


def test_without_any_hint_y_stays_unknown():
    data = sample(SUITE).replace(b"Reference Spectrum Present: No", b"Reference Spectrum Present: Yes")
    assert read(data, "a.txt").items[0].value.signal.quantity == "unknown"


def test_an_oceanview_log_is_a_series_over_time():
    (item,) = read_sample(SERIES).items
    assert isinstance(item.value, Series)
    assert (item.value.z.tolist(), item.value.z_quantity, item.value.z_unit) == ([0, 4, 8, 12], "time", "s")
    assert item.value.spectra[3].signal.values.max() < item.value.spectra[0].signal.values.max()


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (SUITE, b"\r\n500.", b"\r\n5x0.", "bad_row"),
        (SUITE, b"\r\n500.", b"\r\n\r\n500.", "bad_row"),
        (JAZ, b"\tP\n", b"\n", "wrong_columns"),
        (SERIES, b"\n2026-06-04 16:08:08", b"\n2026-06-04 16:08:08\t1", "bad_row"),
        (SERIES, b"\t80.00\n", b"\n", "bad_row"),
        (SERIES, b"80.00\n", b"8x.00\n", "bad_row"),
        (SERIES, b"80.00\n", b"80.00\n\n", "bad_row"),
    ],
)
def test_a_damaged_export_is_refused(name, old, new, code):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_fewer_pixels_than_announced_are_a_cut_without_the_closing_marker_and_else_a_warning():
    data = sample(SUITE)
    assert refusal(data[: data.index(b"\r\n550.")] + b"\r\n") == "file_cut_short"
    fewer = data.replace(b"Spectrum: 96", b"Spectrum: 97")
    assert "wrong_npoints" in warnings(read(fewer, "a.txt"))


def test_a_file_cut_anywhere_in_its_rows_is_refused():
    data = sample(SUITE)
    for cut in range(data.index(b"<<<<<") + 20, data.index(b">>>>>End") - 2, 31):
        assert refusal(data[:cut]) in {"file_cut_short", "bad_row"}


def test_half_width_japanese_keys():
    lines = "SpectraSuiteﾃﾞｰﾀﾌｧｲﾙ\n++++++++++++\n日時: Mon Jun 11 14:59:44 JST 2018\nﾕｰｻﾞ: bench\n分光器: USB00000\n処理済みｽﾍﾟｸﾄﾙﾋﾟｸｾﾙ数: {n}\n"
    rows = "".join(f"{400 + k}.00\t{k}.5\n" for k in range(12))
    text = lines + ">>>>>Begin Processed Spectral Data<<<<<\n" + rows
    reading = read(text.format(n=12).encode("cp932"), "a.txt")
    assert (reading.operator, reading.serial, reading.measured_at.day) == ("bench", "USB00000", 11)
    assert reading.items[0].value.x[[0, -1]].tolist() == [400, 411]
    assert refusal(text.format(n=13).encode("cp932")) == "file_cut_short"
