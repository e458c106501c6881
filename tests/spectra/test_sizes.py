"""What a list of sizes says: which column, in which unit, as which length."""

import numpy as np
import pytest

from spectra.sizes import Sizes, sizes_of_table


def test_a_diameter_is_taken_before_a_length_and_keeps_its_order():
    sizes = sizes_of_table(["Length (nm)", "Diameter (nm)"], [[9.0, 2.4], [9.1, 2.6]])
    assert sizes.values_nm.tolist() == [2.4, 2.6]
    assert (sizes.meaning, sizes.column) == ("diameter", "Diameter (nm)")


@pytest.mark.parametrize(
    ("label", "given", "expected_nm"),
    [
        ("Radius_nm", 1.2, 2.4),
        ("Diameter [Å]", 24.0, 2.4),
        ("diameter / µm", 0.0024, 2.4),
        ("Area (nm²)", np.pi * 1.2**2, 2.4),
        ("直径(nm)", 2.4, 2.4),
    ],
)
def test_radii_areas_and_other_units_become_diameters_in_nm(label, given, expected_nm):
    assert sizes_of_table([label], [[given]]).values_nm[0] == pytest.approx(expected_nm, rel=1e-12)


def test_the_edge_of_a_cube_stays_an_edge():
    assert sizes_of_table(["Edge length (nm)"], [[2.45]]).meaning == "edge"


def test_rows_without_a_size_are_counted_not_guessed():
    sizes = sizes_of_table(["Feret (nm)"], [[2.4], ["broken"], [-1.0], [0.0], [float("nan")]])
    assert (sizes.values_nm.size, sizes.n_left_out) == (1, 4)


@pytest.mark.parametrize("columns", [["Diameter"], ["Height (nm)"], ["Count"], ["Diameter (px)"]])
def test_a_column_without_a_unit_of_length_is_no_size(columns):
    with pytest.raises(ValueError, match="no column"):
        sizes_of_table(columns, [[1.0]])


def test_a_size_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="positive"):
        Sizes(np.array([2.4, 0.0]))
