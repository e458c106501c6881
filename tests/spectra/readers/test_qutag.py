import pytest

from spectra.readers import read
from tests.spectra.readers.samples import read_sample, refusal, sample


def test_seconds_become_bins_in_ns():
    reading = read_sample("qutag_histogram.txt")
    decay = reading.items[0].value
    assert decay.bin_ns == pytest.approx(0.25, rel=1e-6)  # printed with eight digits
    assert (decay.counts.size, decay.counts[0], decay.is_photon_counting) == (64, 4020, True)
    assert str(reading.measured_at) == "2025-11-26 13:21:48"


def test_the_unit_of_time_is_the_files():
    decay = read(sample("qutag_histogram.txt").replace(b"Diff: s", b"Diff: us"), "a.txt").items[0].value
    assert decay.bin_ns == pytest.approx(0.25e-6)
    assert refusal(sample("qutag_histogram.txt").replace(b"Diff: s", b"Diff: fathom"), "a.txt") == "time_unit_unknown"


def test_times_out_of_order_are_refused():
    data = sample("qutag_histogram.txt").replace(b"2.5000000E-010", b"5.0000000E-010")
    assert refusal(data, "a.txt") == "uneven_bins"
