import struct

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.ole_maker import ole_file
from tests.spectra.readers.samples import refusal, warnings
from tests.spectra.readers.vendor_maker import MEASURED, X, Y, uvprobe, uvprobe_streams

DATA = "DataStorage1/DataSetGroup/DataSet1/DataSpectrumStorage/Data/"


def test_a_uvprobe_file_is_read_in_the_order_of_its_scan():
    reading = read(uvprobe(), "a.spc")
    (item,) = reading.items
    assert (reading.reader, item.technique, item.value.signal.quantity) == ("shimadzu_spc", "uvvis", "absorbance")
    np.testing.assert_array_equal(item.value.x, X)
    np.testing.assert_array_equal(item.value.signal.values, Y)
    assert (item.title, item.conditions.bandwidth_nm, item.conditions.dilution_label) == ("dots d2", 2.0, "d2")
    assert (reading.operator, reading.comment, reading.measured_at) == ("Team", "d2, 1 mm", MEASURED)
    assert (reading.instrument, reading.serial) == ("Shimadzu UV-2600", "A1165")


def test_two_data_sets_become_two_items():
    streams = uvprobe_streams()
    streams |= {name.replace("DataSet1/", "DataSet2/"): data for name, data in streams.items() if "DataSet1/" in name}
    assert len(read(ole_file(streams), "a.spc").items) == 2


@pytest.mark.parametrize(("mode", "quantity"), [("Transmittance", "transmittance"), ("Reflectance", "reflectance")])
def test_the_measuring_mode_names_the_quantity(mode, quantity):
    assert read(uvprobe(mode=mode), "a.spc").items[0].value.signal.quantity == quantity


def test_an_unknown_mode_is_asked_for():
    reading = read(uvprobe(mode="Anything"), "a.spc")
    assert reading.items[0].technique is None
    assert "technique_unknown" in warnings(reading)


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (DATA + "Y Data.1", np.ones(7).tobytes()),
        (DATA + "Y Data.1", np.full(X.size, np.nan).tobytes()),
        (DATA + "Data Header.1", struct.pack("<II", 2**32 - 1, 2)),
        (DATA + "Data Header.1", b"\x01"),
        ("DataStorage1/DataSetGroup/DataSet1/DataSpectrumStorage/DataHeader/Header Info", struct.pack("<3d", 1, 2, 3)),
    ],
)
def test_streams_that_disagree_are_refused(stream, data):
    assert refusal(ole_file(uvprobe_streams() | {stream: data}), "a.spc") in {"file_damaged", "file_cut_short"}


def test_facts_that_cannot_be_read_do_not_cost_the_curve():
    streams = uvprobe_streams() | {"DataStorage1/DataSetGroup/DataSet1/DataSetHeaderInfo": b"\xffabc"}
    assert read(ole_file(streams), "a.spc").items[0].value.n_points == X.size


def test_a_header_that_ends_behind_the_model_has_no_serial_number():
    name = "DataStorage1/DataSetGroup/DataSet1/DataSetHeaderInfo"
    header = uvprobe_streams()[name]
    cut = header[: header.index(b"UV-2600") + 7]
    reading = read(ole_file(uvprobe_streams() | {name: cut}), "a.spc")
    assert (reading.instrument, reading.serial) == ("Shimadzu UV-2600", "")


def test_a_project_without_spectra_is_refused():
    streams = {name: data for name, data in uvprobe_streams().items() if "X Data" not in name}
    assert refusal(ole_file(streams), "a.spc") == "shimadzu_without_spectrum"
