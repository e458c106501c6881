"""The true values of the demo: the article's numbers, and agreement with independent codes."""

import numpy as np
import pytest

from qdlab.demo import expected, physics
from qdlab.demo.truth import OAM_SERIES, REPLICATES

FIRST = {"1": REPLICATES[0], "2": REPLICATES[3], "3": REPLICATES[6]}


def amounts(recipe):
    return expected.ratios({key: float(text) for key, text in FIRST[recipe].weighed.items()})


def test_the_ratios_are_those_of_the_article():
    one, two, three = (amounts(recipe) for recipe in "123")
    assert one == pytest.approx({"Pb": 1, "MA": 1.003, "Br": 3.003, "MLA": 4.003, "OAM": 1.502}, abs=6e-4)
    assert two["OAM"] == pytest.approx(2.231, abs=6e-4)
    assert (three["OA"], three["OAM"]) == pytest.approx((14.99, 2.011), abs=6e-3)


@pytest.mark.parametrize(
    ("recipe", "peak_nm", "fwhm_nm", "phi"), [("1", 453, 14.9, 0.956), ("2", 463, 14.7, 0.97), ("3", 454, 15.0, 0.24)]
)
def test_peak_width_and_yield_are_those_of_the_article(recipe, peak_nm, fwhm_nm, phi):
    true = expected.quantities(FIRST[recipe])
    assert true["emission_peak_nm"] == pytest.approx(peak_nm, abs=0.01)
    assert true["emission_fwhm_nm"] == pytest.approx(fwhm_nm, abs=0.03)  # two weak bands widen recipe 3 by 0.02
    assert (true["gaussian_fwhm_nm"], true["plqy"]) == (fwhm_nm, phi)


def test_rates_of_recipe_1():
    true = expected.quantities(FIRST["1"])
    assert true["k_r_per_s"] == pytest.approx(10.6e7, rel=1e-3)
    assert true["k_nr_per_s"] == pytest.approx(0.488e7, rel=1e-3)


def test_between_a_quarter_and_half_an_equivalent_the_emission_jumps_and_has_two_bands_in_between():
    quarter, between, half = (expected.quantities(truth) for truth in OAM_SERIES[1:4])
    assert (quarter["emission_peak_nm"], half["emission_peak_nm"]) == pytest.approx((516.0, 453.0), abs=0.01)
    assert "emission_fwhm_nm" not in between
    assert (between["band_1_peak_nm"], between["band_2_peak_nm"]) == (453.0, 514.0)
    assert between["band_1_share"] + between["band_2_share"] == pytest.approx(1.0)


def test_a_batch_that_does_not_emit_has_no_numbers():
    assert expected.quantities(next(truth for truth in OAM_SERIES if not truth.bands)) == {}


@pytest.mark.parametrize(
    "truth", [*FIRST.values(), OAM_SERIES[0], OAM_SERIES[2]], ids=lambda t: f"{t.bands[0].peak_nm:g}"
)
def test_the_colours_agree_with_colour_science(truth):
    colour = pytest.importorskip("colour")
    nm = np.arange(360.0, 831.0)
    power = dict(zip(nm, physics.total(truth.bands, nm) / nm, strict=True))
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    xyz = colour.sd_to_XYZ(colour.SpectralDistribution(power), observer, method="Integration")
    true = expected.quantities(truth)
    # sums in steps of 1 nm against 0.1 nm, between which the matching functions are interpolated
    assert colour.XYZ_to_xy(xyz) == pytest.approx([true["cie_x"], true["cie_y"]], abs=1e-4)
