from datetime import UTC, datetime

import pytest

from spectra.readers import read
from tests.spectra.readers.photon_maker import COUNTS, phd, phu, ptu
from tests.spectra.readers.samples import refusal


@pytest.mark.parametrize(("data", "widths"), [(phu(), [0.004, 0.512]), (phd(), [0.004, 0.512])], ids=["phu", "phd"])
def test_each_curve_of_a_histogram_file_has_its_own_resolution(data, widths):
    reading = read(data, "a")
    assert reading.reader == "picoquant_binary"
    assert [item.value.bin_ns for item in reading.items] == pytest.approx(widths, rel=1e-6)
    assert reading.items[0].value.counts.tolist() == COUNTS.tolist()
    assert reading.items[1].technique == "decay"
    assert reading.comment == "dots d2"


def test_a_phd_file_tells_when_it_was_recorded():
    assert read(phd(), "a").measured_at == datetime(2026, 6, 4, 7, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", [0x00010303, 0x00010304, 0x01010304, 0x00010307])
def test_photons_with_their_time_are_counted_per_channel(kind):
    items = read(ptu(kind), "a.ptu").items
    assert [item.value.counts.tolist() for item in items] == [[0, 0, 0, 5, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0, 0, 1]]
    assert items[0].value.bin_ns == pytest.approx(0.025)


def test_photons_without_a_time_after_the_pulse_are_refused_in_words():
    assert refusal(ptu(0x00010207), "a.ptu") == "photon_list"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (phu(integral=1), "contradicts_header"),
        (phu(bins=2**62), "file_cut_short"),
        (phu(bins=-1), "file_damaged"),
        (phu(offset=2**62), "file_cut_short"),
        (phu(curves=((COUNTS, float("nan")),)), "file_damaged"),
        (phu()[:-8], "file_cut_short"),
        (phu()[:300], "file_cut_short"),
        (phu().replace(b"HistoResult_NumberOfCurves", b"HistoResult_NumberOfWaves_"), "file_damaged"),
        (ptu(n=2**62), "file_cut_short"),
        (ptu(records=[1 << 31]), "no_counts"),
        (phd(integral=3), "contradicts_header"),
        (phd(bins=2**31 - 1), "too_many_numbers"),
        (phd()[:-4], "file_cut_short"),
        (phd(curves=((COUNTS, 0.0),)), "file_damaged"),
    ],
)
def test_counts_beyond_the_file_and_sums_that_disagree_are_refused(data, code):
    assert refusal(data, "a") == code
