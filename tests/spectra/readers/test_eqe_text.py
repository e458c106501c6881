import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample

LABVIEW, BELOW, BESIDE = "eqe_text_labview.txt", "eqe_text_below.txt", "eqe_text_beside.txt"


def test_the_calculated_efficiency_comes_before_the_raw_signal():
    reading = read_sample(LABVIEW)
    (item,) = reading.items
    assert [(channel.quantity, channel.unit) for channel in item.value.channels] == [
        ("quantum efficiency", "%"),
        ("unknown", ""),
    ]
    assert (item.technique, item.value.n_points, item.value.x[0], item.value.x[-1]) == ("generic", 56, 300, 850)
    assert (reading.title, reading.measured_at.day, reading.measured_at.month) == ("cell 3", 25, 6)


@pytest.mark.parametrize("name", [BELOW, BESIDE])
def test_devices_below_and_beside_each_other(name):
    first, second = read_sample(name).items
    stem = name.removesuffix(".txt")
    assert [item.title for item in (first, second)] == [f"{stem} 2", f"{stem} 3"]
    assert (first.value.n_points, second.value.n_points) == (61, 56)
    assert (first.value.x[-1], second.value.x[-1], first.value.x_unit) == (900, 850, "nm")
    assert [channel.unit for channel in first.value.channels] == ["%", "A/W", "mA/cm2"]
    assert second.value.signal.values[10] == pytest.approx(0.5 * first.value.signal.values[10], rel=1e-4)
    assert first.metadata["WL-Range"] == "300-900nm"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (LABVIEW, b"\r\n5.0", b"\r\nx5.0", "bad_row"),
        (LABVIEW, b"X\tY\tCalculated", b"X\tY", "wrong_columns"),
        (BELOW, b"\n500.0\t", b"\n5x0.0\t", "bad_row"),
        (BELOW, b"\n500.0\t", b"\n500.0\t\t", "bad_row"),
        (BELOW, b"300-900nm", b"300-950nm", "contradicts_header"),
        (BESIDE, b"300-850nm", b"310-850nm", "contradicts_header"),
    ],
)
def test_a_damaged_export_is_refused(name, old, new, code):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_a_list_cut_anywhere_in_its_rows_is_refused():
    data = sample(BELOW)
    for cut in range(data.index(b"310.0\t") + 40, data.index(b"\n890.0"), 61):
        assert refusal(data[:cut]) in {"contradicts_header", "file_cut_short"}


def test_an_efficiency_is_never_an_emission_spectrum():
    assert read(sample(LABVIEW), "PL emission.txt").items[0].technique == "generic"
