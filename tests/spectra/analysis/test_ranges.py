"""Ranges as people write them."""

import numpy as np
import pytest

from spectra.analysis.ranges import named, ranges_of, ranges_text


@pytest.mark.parametrize(
    "written, stored",
    [
        ("470-475, 512.3", "470-475, 512.3"),
        ("475 – 470", "470-475"),
        ("470,5-475; 512,3", "470.5-475, 512.3"),
        ("-3--1", "-3--1"),
        ("3 to 4", "3-4"),
        (" , ", ""),
        ("", ""),
    ],
)
def test_a_range_is_stored_in_one_way_however_it_is_written(written, stored):
    assert ranges_text(ranges_of(written)) == stored
    assert ranges_text(ranges_of(stored)) == stored


@pytest.mark.parametrize("written", ["470-", "a-b", "470-475-480", "nan", "1e400-2", "470 475"])
def test_what_is_no_range_is_named(written):
    with pytest.raises(ValueError, match="is no range"):
        ranges_of(written)


def test_a_single_place_names_its_nearest_point_and_nothing_far_away():
    x = np.array([400.0, 401.0, 402.0])
    assert named(x, ranges_of("401.4")).tolist() == [False, True, False]
    assert not named(x, ranges_of("500")).any()
    assert not named(np.array([]), ranges_of("500")).any()
