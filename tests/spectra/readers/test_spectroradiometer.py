import re

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

TWO, TAB, LIST, LAMP = (
    "spectroradiometer_two_steps.csv",
    "spectroradiometer_tab.xls",
    "spectroradiometer_list.csv",
    "ies_tm27_lamp.spdx",
)


def test_two_spectra_of_one_file_in_steps_of_5_and_1_nm():
    reading = read_sample(TWO)
    coarse, fine = reading.items
    assert (coarse.value.n_points, fine.value.n_points) == (81, 401)
    assert (fine.value.x[0], fine.value.x[-1], fine.value.x_unit) == (380, 780, "nm")
    assert np.array_equal(coarse.value.signal.values, fine.value.signal.values[::5])
    assert (fine.value.signal.unit, fine.technique, fine.technique_source) == ("W/m2/nm", "el", "rule")
    assert (reading.measured_at.day, reading.measured_at.hour, reading.title) == (15, 15, "LED 7")
    assert fine.conditions.intensity_unit == "energy"


def test_an_xls_that_is_tab_text_padded_with_nul():
    reading = read_sample(TAB)
    (item,) = reading.items
    assert (item.value.n_points, item.value.signal.unit) == (401, "mW/m2/nm")
    assert (reading.instrument, reading.serial, reading.decided["separator"]) == ("CV000", "00J00000", "tab")
    assert reading.measured_at.second == 46


def test_a_unit_that_its_own_sum_does_not_confirm_stays_unknown():
    data = sample(TAB).replace(b"IRR\t", b"IRR\t9")
    assert read(data, "a.xls").items[0].value.signal.unit == ""


def test_a_list_with_one_line_per_measurement():
    items = read_sample(LIST).items
    assert [item.title for item in items] == ["EL 3 V", "EL 4 V", "EL 5 V"]
    assert [item.value.n_points for item in items] == [101] * 3
    assert items[2].metadata["Lv"] == "50"
    assert items[2].value.signal.values[30] == pytest.approx(5 / 3 * items[0].value.signal.values[30], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (TAB, b"\n500nm\t", b"\n500nm\tx", "bad_row"),
        (TAB, b"\n500nm\t", b"\n5x0nm\t", "gaps_in_x"),
        (TAB, b"LambdaPValue\t0.9", b"LambdaPValue\t0.8", "contradicts_header"),
        (TWO, b"[nm],515", b"[nm],560", "contradicts_header"),
        (LIST, b"500nm,", b"501nm,", "gaps_in_x"),
    ],
)
def test_a_damaged_file_is_refused(name, old, new, code):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_a_spectrum_cut_before_its_peak_or_its_twin_is_refused():
    tab, two = sample(TAB).rstrip(b"\x00"), sample(TWO)
    assert refusal(tab[: tab.index(b"\n500nm")]) == "contradicts_header"
    assert refusal(two[: two.rindex(b"Spectral Data 700[nm]")]) == "contradicts_header"
    assert "open_end" in warnings(read(tab[: tab.index(b"\n700nm") - 3], "a.xls"))


def test_a_lamp_as_xml_keeps_its_quantity():
    reading = read_sample(LAMP)
    (item,) = reading.items
    assert (item.value.n_points, item.value.x[0], item.value.x[-1]) == (43, 400.5, 694.5)
    assert (item.value.signal.unit, item.technique, item.title) == ("W/m2/nm", "el", "green emitter")
    assert reading.measured_at.year == 2026


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<IESTM2714 xmlns="iestm2714"><Header>&c;</Header></IESTM2714>'
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (BOMB, "bad_xml"),
        (sample(LAMP)[:900], "bad_xml"),
        (sample(LAMP).replace(b'wavelength="449.5"', b'wavelength="x"'), "bad_xml"),
        (b'<IESTM2714 xmlns="iestm2714"></IESTM2714>', "no_rows"),
    ],
)
def test_hostile_or_damaged_xml_is_refused(data, code):
    assert refusal(data) == code


def test_wavelengths_without_nm_beside_words_of_light_measurement():
    data = sample(LIST).replace(b"nm", b"")
    assert np.array_equal(
        read(data, "a.csv").items[2].value.signal.values, read_sample(LIST).items[2].value.signal.values
    )
    assert refusal(data.replace(b"Lv", b"Well")) != "gaps_in_x"  # a plate reader's lines are none of ours


def test_a_list_saved_again_keeps_its_last_wavelength_and_its_decimals():
    whole, saved = read_sample(LIST), read(sample(LIST).replace(b"\n", b";\n"), "a.csv")
    assert [item.value.n_points for item in saved.items] == [item.value.n_points for item in whole.items]
    commas = re.sub(rb"(\d)\.(\d)", rb"\1,\2", sample(LIST))
    assert refusal(commas) == "bad_row"
    quoted = re.sub(rb"(\d+)\.(\d[\dEe+-]*)", rb'"\1,\2"', sample(LIST))
    assert np.array_equal(read(quoted, "a.csv").items[0].value.signal.values, whole.items[0].value.signal.values)
