from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.energy_maker import COUNTS, emsa
from tests.spectra.readers.samples import refusal, warnings


@pytest.mark.parametrize("columns", [1, 4, 7])
def test_an_emsa_file_is_read_with_its_energies(columns):
    reading = read(emsa(columns=columns).encode(), "a.msa")
    (item,) = reading.items
    assert (reading.reader, item.technique, item.title) == ("emsa", "edx", "CsPbBr3 film")
    np.testing.assert_array_equal(item.value.signal.values, COUNTS)
    assert (item.value.x[0], item.value.x[-1], item.value.x_unit) == (-200.0, 1790.0, "eV")  # CHOFFSET is not added
    assert (reading.measured_at, reading.operator) == (datetime(2026, 6, 4, 16, 8), "Team")
    assert (item.metadata["BEAMKV"], item.metadata["VENDOR"]) == ("20", "kept")


def test_pairs_carry_their_own_axis():
    text = emsa(DATATYPE="XY", NPOINTS="3", OFFSET=None, XPERCHAN=None)
    start = text.index("#SPECTRUM")
    reading = read(f"{text[:start]}#SPECTRUM : x\n1.5, 10\n2.5, 20\n4, 15\n#ENDOFDATA :\n".encode(), "a.msa")
    assert reading.items[0].value.x.tolist() == [1.5, 2.5, 4.0]
    assert reading.items[0].value.signal.values.tolist() == [10, 20, 15]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ({"NPOINTS": "300"}, "file_cut_short"),
        ({"NPOINTS": "100"}, "contradicts_header"),
        ({"NPOINTS": "99999999999999"}, "file_cut_short"),
        ({"XPERCHAN": None}, "file_damaged"),
        ({"XPERCHAN": "0"}, "file_damaged"),
        ({"OFFSET": "1e999"}, "file_damaged"),
    ],
)
def test_an_emsa_header_that_cannot_be_right_is_refused(lines, code):
    assert refusal(emsa(**lines).encode(), "a.msa") == code


def test_a_line_that_is_no_number_is_named():
    assert refusal(emsa().replace("905.,", "9x5.,", 1).encode(), "a.msa") == "bad_row"


def test_a_missing_end_is_told_when_all_points_are_there():
    assert warnings(read(emsa(end="").encode(), "a.msa")) == {"emsa_no_end"}


def test_other_signals_are_not_taken_for_edx():
    assert read(emsa(SIGNALTYPE="ELS").encode(), "a.msa").items[0].technique == "generic"
    assert read(emsa(SIGNALTYPE=None).encode(), "a.msa").items[0].technique_source == "rule"
