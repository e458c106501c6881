from datetime import datetime

import numpy as np
import pytest

from spectra.atomic_fractions import AtomicFractions
from spectra.readers import read
from tests.spectra.readers.energy_maker import COUNTS, spx
from tests.spectra.readers.samples import refusal


def test_a_bruker_file_is_read_with_its_composition():
    reading = read(spx(), "a.spx")
    spectrum, composition = reading.items
    np.testing.assert_array_equal(spectrum.value.signal.values, COUNTS)
    assert (spectrum.value.x[0], spectrum.value.x_unit, spectrum.technique) == (-0.2, "keV", "edx")
    assert spectrum.value.x[-1] == pytest.approx(1.79)
    assert (spectrum.title, reading.serial, reading.measured_at) == (
        "Prüfling 1",
        "1234",
        datetime(2026, 6, 4, 16, 8, 31),
    )
    assert isinstance(composition.value, AtomicFractions)
    assert [(f.element, f.percent) for f in composition.value.fractions] == [("Br", 60.0), ("Pb", 20.0), ("Cs", 20.0)]
    assert composition.value.beam_energy_kev == 20.0


def test_shares_that_are_no_composition_are_left_out():
    assert len(read(spx(results=((35, 0.6), (82, 0.1))), "a.spx").items) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (spx(channels=4096), "file_damaged"),
        (spx(channels=10**15), "file_damaged"),
        (spx(counts=["1", "x", "3"]), "file_damaged"),
        (spx(counts=["1", "1e999"]), "file_damaged"),
        (spx()[:-400], "xml_damaged"),
        (spx(doctype='<!DOCTYPE a [<!ENTITY b "c">]>'), "xml_forbidden"),
        (spx(doctype='<!DOCTYPE a SYSTEM "file:///etc/passwd">'), "xml_forbidden"),
    ],
)
def test_damaged_and_hostile_xml_is_refused(data, code):
    assert refusal(data, "a.spx") == code


def test_a_billion_laughs_are_refused_at_once():
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    data = spx(doctype=f"<!DOCTYPE TRTSpectrum [{entities}]>").replace("Prüfling 1".encode("cp1252"), b"&l11;")
    assert refusal(data, "a.spx") == "xml_forbidden"


def test_xml_nested_without_end_is_refused():
    deep = b"<TRTSpectrum>" + b"<a>" * 200_000
    assert refusal(deep, "a.spx") == "xml_damaged"
    assert refusal(deep + b"</a>" * 200_000 + b"</TRTSpectrum>", "a.spx") == "file_damaged"
