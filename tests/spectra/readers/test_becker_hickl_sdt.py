from datetime import datetime

import numpy as np
import pytest

from spectra.readers import read
from tests.spectra.readers.photon_maker import COUNTS, sdt
from tests.spectra.readers.samples import refusal, warnings


@pytest.mark.parametrize("zipped", [False, True])
def test_decays_are_read_plain_and_packed(zipped):
    reading = read(sdt((COUNTS, COUNTS[::-1]), zipped=zipped), "a.sdt")
    assert [item.value.counts.tolist() for item in reading.items] == [COUNTS.tolist(), COUNTS[::-1].tolist()]
    assert reading.items[0].value.bin_ns == pytest.approx(50 / (4 * 256))
    assert (reading.operator, reading.title, reading.measured_at) == (
        "Team",
        "dots d2",
        datetime(2026, 6, 4, 16, 8, 31),
    )


def test_a_page_of_curves_is_split_and_an_image_is_added_up():
    page = read(sdt((np.tile(COUNTS, 3),)), "a.sdt")
    assert len(page.items) == 3
    image = read(sdt((np.tile(COUNTS % 500, 100),)), "a.sdt")
    assert image.items[0].value.counts.tolist() == (COUNTS % 500 * 100).tolist()
    assert "decays_summed" in warnings(image)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sdt(length=2**32 - 2), "too_many_numbers"),
        (sdt(length=30_000_000), "file_cut_short"),
        (sdt(zipped=True, length=30_000_000), "file_cut_short"),
        (sdt(channels=100), "file_damaged"),
        (sdt(gain=0), "file_damaged"),
        (sdt(range_s=float("nan")), "file_damaged"),
        (sdt(kind=0x61), "sdt_without_decay"),
        (sdt(kind=0x301), "file_damaged"),
        (sdt()[:-30], "file_cut_short"),
        (sdt(more=3), "file_cut_short"),
        (sdt((np.zeros(30_000_000 // 256 * 256, "u2"),), zipped=True), "too_many_numbers"),
        (sdt((np.zeros(256 * 40_000, "u2"),), zipped=True), "archive_too_big"),
    ],
)
def test_lengths_beyond_the_file_and_bombs_are_refused(data, code):
    assert refusal(data, "a.sdt") == code
