import struct
from datetime import UTC

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.jws_maker import MEASURED, PER_CM, SHIFT, flat_jws, jws_streams, ole_jws
from tests.spectra.readers.ole_maker import ole_file
from tests.spectra.readers.samples import refusal, warnings


def spectrum(data: bytes):
    return read(data, "measured.jws").items[0].value


def test_a_flat_file_is_read_in_the_order_of_the_scan_with_its_facts():
    reading = read(flat_jws(), "measured.jws")
    (item,) = reading.items
    assert (reading.reader, reading.decided["confidence"]) == ("jasco_jws", "file")
    assert item.value.x.tolist() == list(range(700, 395, -5))
    np.testing.assert_array_equal(item.value.signal.values, np.linspace(0.1, 0.5, 61).astype("f4"))
    assert (item.value.x_unit, item.value.signal.quantity, item.technique) == ("nm", "absorbance", "uvvis")
    assert (reading.instrument, reading.serial, reading.operator) == ("JASCO V-730", "D000000001", "合成班")
    assert (item.title, reading.comment) == ("量子ドット", "d2, blank subtracted")
    assert reading.measured_at == MEASURED.replace(tzinfo=UTC)
    assert item.conditions.bandwidth_nm == 1.0


def test_an_ole_file_is_read_with_its_facts():
    reading = read(ole_jws(), "measured.jws")
    (item,) = reading.items
    assert (reading.reader, reading.decided["container"]) == ("jasco_jws", "SPCMAN2")
    assert item.value.x.tolist() == list(range(400, 701, 10))
    assert (item.technique, item.technique_source) == ("pl_emission", "rule")
    assert item.conditions.known() == {
        "excitation_nm": 365.0,
        "excitation_bandwidth_nm": 2.5,
        "emission_bandwidth_nm": 5.0,
        "dilution_label": "d2",
    }
    assert (reading.operator, reading.instrument, reading.simulated) == ("合成班", "JASCO FP-8500", True)
    assert reading.measured_at == MEASURED.replace(tzinfo=UTC)


def test_a_long_ole_file_keeps_its_values_in_large_sectors():
    y = np.sin(np.arange(5000) / 50)
    data = ole_jws(channels=((3, y),), first=1000.0, last=5999.0, step=1.0, x_code=PER_CM, model="FT/IR-4600", kind=9)
    found = spectrum(data)
    np.testing.assert_array_equal(found.signal.values, y.astype("f4"))
    assert (found.x[-1], found.x_unit, read(data, "a").items[0].technique) == (5999.0, "1/cm", "ir")


def test_the_channels_of_a_cd_file_keep_their_roles():
    channels = ((0x1001, np.arange(31.0)), (0x2001, np.full(31, 300.0)), (3, np.linspace(0, 1, 31)))
    reading = read(ole_jws(channels=channels, model="J-1500", kind=0x4003, parameters=((24, "1.00 nm"),)), "a.jws")
    found = reading.items[0].value
    assert [(c.quantity, c.unit, c.role) for c in found.channels] == [
        ("ellipticity", "mdeg", "signal"),
        ("voltage", "V", "HT"),
        ("absorbance", "1", "signal"),
    ]
    assert found.channels[1].values[0] == 300.0
    assert (reading.items[0].technique, reading.items[0].conditions.bandwidth_nm) == ("cd", 1.0)


def test_an_uneven_axis_is_taken_from_its_stream_not_from_a_straight_line():
    x = 545.0 + 100 * np.sqrt(np.arange(40.0))
    channels = ((0x0E, np.arange(40.0)),)
    data = ole_jws(
        channels=channels, first=x[0], last=float(x[-1]), step=0.0, x=x, x_code=SHIFT, model="NRS-5100", kind=0x910
    )
    found = spectrum(data)
    np.testing.assert_array_equal(found.x, x.astype("f4"))
    assert (found.x_quantity, read(data, "a").items[0].technique) == ("raman shift", "raman")


def test_a_fixed_wavelength_above_the_scan_means_an_excitation_spectrum():
    (item,) = read(ole_jws(parameters=((9, 750.0),)), "a").items
    assert (item.technique, item.conditions.emission_nm, item.conditions.excitation_nm) == (
        "pl_excitation",
        750.0,
        None,
    )
    assert read(ole_jws(parameters=((9, 550.0),)), "a").items[0].technique is None


def test_an_interrupted_scan_is_read_and_told():
    reading = read(flat_jws(channels=((2, np.ones(11)),)), "a")
    assert (reading.items[0].value.x[-1], reading.items[0].value.signal.quantity) == (650.0, "reflectance")
    assert "scan_ended_early" in warnings(reading)


def test_codes_not_met_yet_leave_the_units_open_and_say_so():
    reading = read(flat_jws(channels=((0x77, np.ones(61)),), x_code=0x10000155), "a")
    found = reading.items[0].value
    assert (found.x_unit, found.signal.quantity) == ("", "unknown")
    assert {"x_unit_unknown", "y_unit_unknown", "technique_unknown"} <= warnings(reading)


def test_points_that_jasco_marks_as_not_valid_are_kept_and_told():
    y = np.linspace(0.1, 0.5, 61)
    y[7] = -1.17549435e-38
    reading = read(flat_jws(channels=((3, y),)), "a")
    assert reading.items[0].value.signal.values[7] == pytest.approx(-1.17549435e-38)
    assert "invalid_points" in warnings(reading)


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ({"at_0x84": struct.pack("<I", 0xFFFFFFFF)}, "contradicts_header"),
        ({"at_0x84": struct.pack("<I", 60)}, "contradicts_header"),
        ({"at_0x84": b"\0" * 4}, "file_damaged"),
        ({"at_0x82": b"\xff\xff"}, "file_damaged"),
        ({"at_0x98": struct.pack("<d", 5.0)}, "file_damaged"),
        ({"at_0x98": struct.pack("<d", float("nan"))}, "file_damaged"),
        ({"at_0x88": struct.pack("<d", 300.0)}, "file_damaged"),
        ({"at_0x84": struct.pack("<I", 2**30), "at_0xC8": struct.pack("<Q", 2**32)}, "file_cut_short"),
    ],
)
def test_a_flat_file_whose_header_cannot_be_right_is_refused(places, code):
    assert refusal(flat_jws(**places), "a.jws") == code


def test_a_value_that_is_no_number_is_refused():
    assert refusal(flat_jws(channels=((3, [0.1, np.nan, *[0.2] * 59]),)), "a.jws") == "file_damaged"


@pytest.mark.parametrize(
    ("stream", "change"),
    [
        ("Y-Data", lambda old: old[:-4]),
        ("DataInfo", lambda old: old[:20] + struct.pack("<I", 2**31) + old[24:]),
        ("DataInfo", lambda old: old[:12] + struct.pack("<I", 2**31) + old[16:]),
        ("DataInfo", lambda old: old[:4] + struct.pack("<I", 5) + old[8:]),
        ("DataInfo", lambda old: old[:40]),
    ],
)
def test_an_ole_file_whose_streams_disagree_is_refused(stream, change):
    streams = jws_streams()
    streams[stream] = change(streams[stream])
    assert refusal(ole_file(streams), "a.jws") in {"file_damaged", "file_cut_short", "jasco_interval_binary"}


def test_facts_that_cannot_be_read_cost_a_warning_not_the_curve():
    streams = jws_streams() | {"SampleInfo": b"\x01\0\0\0\xff\xff\xff\x7f"}
    reading = read(ole_file(streams), "dots.jws")
    assert (reading.items[0].title, reading.items[0].value.n_points) == ("dots", 31)
    assert "facts_unread" in warnings(reading)


def test_files_of_several_measurements_are_refused_with_the_way_out():
    several = {f"{folder}/{name}": data for folder in ("A", "B") for name, data in jws_streams().items()}
    assert refusal(ole_file(several), "a.jwb") == "jasco_several_binary"
    interval = jws_streams()
    interval["DataInfo"] = interval["DataInfo"][:4] + struct.pack("<I", 3) + interval["DataInfo"][8:]
    assert refusal(ole_file(interval), "a.jws") == "jasco_interval_binary"


def test_an_ole_file_of_another_program_is_not_taken_for_jasco():
    assert refusal(ole_file({"OtherProgram": b"x" * 5000}), "a.jws") == "is_binary"


def _fat_offset(data: bytes) -> int:
    return (struct.unpack_from("<I", data, 0x4C)[0] + 1) * 512


def test_chains_that_run_in_circles_and_tables_beyond_the_file_are_refused():
    whole = ole_jws(channels=((3, np.ones(9000)),), last=90390.0)
    spectrum(whole)
    for place, value in [(0x2C, 2**31), (0x40, 2**31), (0x48, 2**31), (0x1E, 12), (0x1E, 20), (0x38, 2**31)]:
        hostile = bytearray(whole)
        struct.pack_into("<H" if place == 0x1E else "<I", hostile, place, value)
        assert refusal(bytes(hostile), "a.jws") in {"file_damaged", "file_cut_short", "is_binary"}
    fat = _fat_offset(whole)
    for sector in range(0, (len(whole) >> 9) - 1):
        hostile = bytearray(whole)
        struct.pack_into("<I", hostile, fat + 4 * sector, sector)  # a chain that comes back to itself
        try:
            read(bytes(hostile), "a.jws")
        except Exception as refused:
            assert refused.note.code != "reader_failed", refused.__cause__


def test_a_time_course_is_told_by_any_code_of_time():
    reading = read(ole_jws(x_code=0x20000203), "a.jws")
    assert (reading.items[0].technique, reading.items[0].value.x_unit) == ("kinetics", "")
    assert "x_unit_unknown" in warnings(reading)
