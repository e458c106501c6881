import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

TAB, SPACE, COMMAS, SEVERAL = (f"shimadzu_uvprobe_{kind}.txt" for kind in ("tab", "space", "commas", "several"))


@pytest.mark.parametrize(
    ("name", "separator", "quantity"),
    [(TAB, "tab", "absorbance"), (SPACE, "space", "transmittance"), (COMMAS, "comma", "absorbance")],
)
def test_decimal_commas_between_tabs_blanks_and_commas(name, separator, quantity):
    reading = read_sample(name)
    (item,) = reading.items
    assert (reading.decided["separator"], reading.decided["decimal_mark"]) == (separator, ",")
    assert (item.value.n_points, item.value.x[0], item.value.x[-1], item.value.x_unit) == (81, 300, 700, "nm")
    assert (item.technique, item.value.signal.quantity) == ("uvvis", quantity)
    assert (item.title, reading.title) == ("dots-12", "dots-12 - RawData")


def test_commas_for_both_give_the_numbers_of_the_tab_file():
    tab, commas = read_sample(TAB).items[0].value, read_sample(COMMAS).items[0].value
    assert np.array_equal(tab.x, commas.x)
    assert np.array_equal(tab.signal.values, commas.signal.values)


def test_several_data_sets_are_items_and_their_quantity_is_an_assumption():
    reading = read_sample(SEVERAL)
    assert [item.title for item in reading.items] == ["X_150°C - RawData-001", "X_150°C - RawData-002"]
    assert {item.value.signal.quantity for item in reading.items} == {"absorbance"}
    assert "taken_as_absorbance" in warnings(reading)


def test_numbers_that_are_no_absorbance_are_not_called_so():
    data = sample(SEVERAL).decode().replace("\t0,", "\t90,").encode()
    reading = read(data, "a.txt")
    assert {item.value.signal.quantity for item in reading.items} == {"unknown"}
    assert "taken_as_absorbance" not in warnings(reading)


def test_a_decimal_point_is_read_as_well():
    reading = read(sample(TAB).replace(b",", b"."), "a.txt")
    assert (reading.decided["decimal_mark"], reading.items[0].value.x[1]) == (".", 305)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (TAB, b"\r\n500,00\t", b"\r\n500,00\t\t"),
        (TAB, b"\r\n500,00\t", b"\r\n500.00.1\t"),
        (TAB, b"\r\n500,00\t", b"\r\n\r\n500,00\t"),
        (TAB, b"\t\"Abs.\"", b"\t\"Abs.\"\t\"Abs.\""),
        (COMMAS, b"\r\n500,00,", b"\r\n500,"),
        (COMMAS, b"\r\n500,00,", b"\r\n300,00,"),
    ],
)  # fmt: skip
def test_a_damaged_export_is_refused(name, old, new):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1)) in {"bad_row", "wrong_columns", "comma_twice"}


def test_an_intensity_is_no_absorbance():
    data = b'"dots.rfs - RawData"\n"Wavelength nm.","Intensity"\n' + b"".join(
        b"%d.0,%d.5\n" % (500 + k, k) for k in range(9)
    )
    item = read(data, "dots emission.txt").items[0]
    assert (item.technique, item.value.signal.quantity, item.title) == ("pl_emission", "intensity", "dots.rfs")
    assert read(data, "a.txt").items[0].technique is None
