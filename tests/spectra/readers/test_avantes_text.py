import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

TRANSMITTANCE, SCOPE = "avantes_text_transmittance.ttt", "avantes_text_scope.Raw8.TXT"


def test_the_measured_quantity_comes_before_the_raw_counts():
    reading = read_sample(TRANSMITTANCE)
    (item,) = reading.items
    assert [channel.quantity for channel in item.value.channels] == ["transmittance", *["counts"] * 3]
    assert [channel.role for channel in item.value.channels] == ["signal", "dark", "reference", "signal"]
    assert (item.technique, item.title, reading.decided["decimal_mark"]) == ("uvvis", "film 3", ",")
    assert (item.value.x[0], item.value.x[-1], item.value.n_points) == (400.07, 583.42, 96)
    assert reading.serial == "0000000S1"


def test_raw_counts_have_a_mode_beside_their_columns_and_no_technique():
    reading = read_sample(SCOPE)
    (item,) = reading.items
    assert [channel.role for channel in item.value.channels] == ["signal", "dark", "reference"]
    assert (item.technique, item.metadata["mode"]) == (None, "Scope")
    assert item.metadata["Integration time [ms]"] == "1.500"
    assert "technique_unknown" in warnings(reading)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"\n500.", b"\n5x0.", "bad_row"),
        (b"\n500.", b"\n;500.", "bad_row"),
        (b"Reference;Scope", b"Reference;Scope;Mode", "wrong_columns"),
        (b"Sample   ;Dark     ;Reference;Scope", b"Sample", "wrong_columns"),
    ],
)
def test_a_damaged_export_is_refused(old, new, code):
    data = sample(SCOPE)
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_a_row_cut_inside_is_refused():
    data = sample(TRANSMITTANCE)
    assert refusal(data[: data.rindex(b";")]) in {"file_cut_short", "bad_row"}
    assert "open_end" in warnings(read(data[:-3], "a.ttt"))
