import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample, warnings

TWO, COUNTS = "becker_hickl_asc_two_blocks.asc", "becker_hickl_asc_counts.asc"


def test_each_block_is_a_decay_on_its_own_time_axis():
    reading = read_sample(TWO)
    first, second = reading.items
    assert [item.title for item in reading.items] == ["film 7 1", "film 7 2"]
    assert first.value.bin_ns == pytest.approx(0.05, rel=1e-9)
    assert (first.value.counts.size, first.value.counts[20], second.value.counts[20]) == (120, 5000, 2500)
    assert (reading.title, reading.measured_at.month, reading.operator) == ("film 7", 6, "")
    assert warnings(reading) == set()


def test_counts_alone_take_the_channel_width_of_the_settings_or_ask_for_it():
    (item,) = read_sample(COUNTS).items
    assert item.value.bin_ns == pytest.approx(0.05, rel=1e-12)
    data = sample(COUNTS).replace(b"SP_TAC_TC", b"SP_OTHER")
    assert refusal(data) == "needs_bin_width"
    assert read(data, "a.asc", {"bin_ns": 0.1}).items[0].value.bin_ns == 0.1


def test_other_units_of_time():
    data = sample(TWO).replace(b"Time[ns]", b"Time[us]")
    assert read(data, "a.asc").items[0].value.bin_ns == pytest.approx(50, rel=1e-9)
    assert refusal(sample(TWO).replace(b"Time[ns]", b"Time")) == "needs_bin_width"


def test_a_title_that_says_irf_is_one():
    assert read(sample(COUNTS).replace(b"film 7", b"IRF"), "a.asc").items[0].role == "IRF"


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (TWO, b"\n2.000000 ,", b"\n2.0x0000 ,", "bad_row"),
        (TWO, b"\n2.000000 ,", b"\n2.010000 ,", "bad_row"),
        (TWO, b"\n2.000000 ,", b"\n\n2.000000 ,", "bad_row"),
        (TWO, b"\n2.000000 ,", b"\n2.000000 , 1 ,", "bad_row"),
        (TWO, b"\n0.000000 ,", b"\n0.000600 ,", "bad_row"),
        (TWO, b"*BLOCK 2", b"*BLOCK", "bad_row"),
    ],
)
def test_a_damaged_export_is_refused(name, old, new, code):
    data = sample(name)
    assert old in data
    assert refusal(data.replace(old, new, 1)) == code


def test_a_file_cut_in_the_head_of_its_second_curve_is_refused():
    data = sample(TWO)
    assert refusal(data[: data.index(b" 2  ( Time")]) == "file_cut_short"


def test_an_export_without_blocks_is_refused():
    assert refusal(sample(TWO).replace(b"*BLOCK", b"*BLOC")) == "no_rows"


def test_a_curve_without_its_closing_mark_may_be_cut():
    data = sample(COUNTS)
    assert refusal(data[: data.index(b"*BLOCK") + 20]) == "no_rows"
    assert "open_end" in warnings(read(data[: data.rindex(b"*END") - 1], "a.asc"))
