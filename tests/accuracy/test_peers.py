"""QDLab's numbers are those of other people's programs on the same data."""

import pytest

from tests.accuracy import peers


@pytest.mark.parametrize("package", peers.COMPARISONS)
def test_other_programs_find_the_same(package):
    if not peers.here(package):
        pytest.skip(f"{package} is not installed here")
    rows = peers.COMPARISONS[package]()
    assert rows
    for row in rows:
        assert row.agrees, (row.what, row.difference, row.allowed)
