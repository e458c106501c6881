"""How many Gaussians a band has, and what a person may choose of them."""

import numpy as np
import pytest

from spectra.analysis import METHODS
from spectra.analysis.emission_qd import qd_places_nm
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA, fit_gaussians
from tests.spectra.analysis.emission_simulation import NM, band, case, codes, noisy, numbers, outcome

OVERLAPPING = noisy(2e4 * band(453, 18) + 1.2e4 * band(471, 20) + 50, seed=2)
SHARE = 1.2 * 20 / (2.0 * 18 + 1.2 * 20)


def _of(found, name):
    return next(e for e in found.estimates if e.name == name)


def test_a_shoulder_without_a_maximum_is_found_by_the_criterion():
    found = outcome(OVERLAPPING)
    assert codes(found) >= {"overlapping_bands", "shares_of_light"}
    share = _of(found, "band_2_share")
    assert abs(share.value - SHARE) < 3 * share.u  # a 3 σ event is rare, and the seed is fixed
    assert found.details["bic"]["2"] < found.details["bic"]["1"]


def test_clean_and_skewed_bands_get_no_false_second_one():
    rng = np.random.default_rng(5)
    cases = []
    for i in range(60):
        center, fwhm = rng.uniform(440, 540), rng.uniform(14, 35)
        sides = np.where(center > NM, 1.0, 1.3 if i % 2 else 1.0)  # every second one leans to the red by 30 %
        shape = np.exp(-4 * np.log(2) * ((NM - center) / (fwhm * sides)) ** 2)
        cases.append(case(noisy((200, 5e3, 2e5)[i % 3] * shape + 20, seed=i)))
    numbers_found = [found.details["n_gaussians"] for found in METHODS["emission_band"].run(cases)]
    assert numbers_found == [1] * 60  # of 1,680 such spectra, none had two


def test_a_centre_and_a_width_that_are_held_stay_and_have_no_noise():
    found = outcome(OVERLAPPING, centers_nm="453!, 470", fwhms_nm="18!, 15")
    of = numbers(found)
    assert (of["band_1_peak_nm"], of["band_1_fwhm_nm"]) == (pytest.approx(453, abs=1e-9), pytest.approx(18, abs=1e-9))
    assert found.details["held"] == ["center_1", "sigma_1"]
    assert "held_by_choice" in codes(found)
    free = _of(found, "band_2_peak_nm")
    assert abs(free.value - 471) < 3 * free.u
    for name in ("band_1_peak_nm", "band_1_fwhm_nm", "gaussian_center_nm", "gaussian_fwhm_nm"):
        noise, scale = _of(found, name).budget  # nothing of the model, as the warning says
        assert (noise.u, scale.name.split()[0]) == (0.0, "wavelength")


def test_the_main_of_several_bands_has_one_uncertainty_under_both_its_names():
    found = outcome(OVERLAPPING)
    center, fwhm = _of(found, "gaussian_center_nm"), _of(found, "gaussian_fwhm_nm")
    assert (center.value, center.budget) == (_of(found, "band_1_peak_nm").value, _of(found, "band_1_peak_nm").budget)
    assert fwhm.budget == _of(found, "band_1_fwhm_nm").budget
    # the maximum of the sum lies more than 1 nm beyond the centre of its first band: that is no fault of the Gaussian
    assert _of(found, "emission_peak_nm").value - center.value > 1.0 > center.u


def test_covariance_of_what_is_fitted_is_that_of_a_fit_without_the_held_ones():
    y = noisy(1e4 * band(453, 15), seed=3)
    sigma = 15 / FWHM_PER_SIGMA
    held = fit_gaussians(NM, y, 1, start=([453.0], [sigma]), held=[True, True])
    columns = np.stack([band(453, 15), np.ones(len(NM))], axis=1)  # linear least squares of height and baseline
    values, rest, *_ = np.linalg.lstsq(columns, y, rcond=None)
    variance = np.linalg.inv(columns.T @ columns) * rest / (len(NM) - 2)
    assert held.linear[0] == pytest.approx(values, rel=1e-9)
    assert held.covariance[0][:2, :2] == pytest.approx(variance, rel=1e-6)
    assert not held.covariance[0][2:].any()


def test_one_gaussian_may_be_added_where_none_is_seen():
    found = outcome(noisy(1e4 * band(453, 15) + 30 * band(500, 20), seed=4), centers_nm="453, 500!", fwhms_nm="15, 20!")
    share = _of(found, "band_2_share")
    assert abs(share.value - 30 * 20 / (1e4 * 15 + 30 * 20)) < 3 * share.u


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"centers_nm": "450, 460, 470, 480, 490"}, "too_many_centres"),
        ({"centers_nm": "453", "fwhms_nm": "15, 20"}, "widths_without_centres"),
        ({"centers_nm": "453, 1200"}, "centre_outside"),
        ({"baseline": "linear", "baseline_nm": "600"}, "too_few_baseline_points"),
    ],
)
def test_impossible_choices_are_refused_in_words(settings, code):
    assert codes(outcome(OVERLAPPING, **settings)) == {code}


def test_what_is_no_number_is_named():
    with pytest.raises(ValueError, match="“about 450” is no number"):
        case(OVERLAPPING, centers_nm="about 450")
    with pytest.raises(ValueError, match="centers_nm: each must be at least 100"):
        case(OVERLAPPING, centers_nm="4.53")


def test_a_baseline_drawn_through_chosen_points_ignores_light_elsewhere():
    lamp = 400 * np.exp(-0.5 * ((NM - 640) / 12) ** 2)
    y = noisy(1e4 * band(453, 15) + 100 + 0.5 * (NM - 380) + lamp, seed=6)
    drawn = outcome(y, baseline="linear", baseline_nm="390-420, 500-560", n_gaussians=1)
    width = _of(drawn, "gaussian_fwhm_nm")
    assert abs(width.value - 15) < 3 * width.u
    level = np.array(drawn.curves["baseline"])
    assert level[NM == 453] == pytest.approx(100 + 0.5 * 73, abs=3.0)  # u of the line there is about 1
    assert {"baseline"} <= {c.name for c in width.budget}
    assert "baseline_points_not_used" in codes(outcome(y, baseline="none", baseline_nm="390-420"))


def test_bands_are_named_by_the_nearest_size():
    y = noisy(1e4 * band(453, 15) + 3e3 * band(480, 16) + 50, seed=7)
    found = outcome(y, qd_series="MAPbBr3")
    assert found.details["qd"]["bands"] == ["QD4", "QD5"]
    share = _of(found, "qd5_share")
    assert abs(share.value - 3 * 16 / (10 * 15 + 3 * 16)) < 3 * share.u
    assert "qd_by_wavelength" in codes(found)
    elsewhere = outcome(y, qd_series="MAPbBr3", qd4_nm=430.0, qd5_nm=453.0, qd6_nm=480.0)
    assert elsewhere.details["qd"]["bands"] == ["QD5", "QD6"]
    assert qd_places_nm("CsPbBr3", {})[4] == 463.0


def test_the_shape_of_the_slit_decides_what_is_taken_off():
    y = noisy(1e5 * band(453, 15.7), seed=8)
    widths = {
        shape: numbers(outcome(y, slit_shape=shape, conditions={"emission_bandwidth_nm": 5.0}))[
            "emission_fwhm_corrected_nm"
        ]
        for shape in ("triangle", "rectangle", "Gaussian")
    }
    raw = numbers(outcome(y))["emission_fwhm_nm"]
    assert widths["Gaussian"] == pytest.approx(np.sqrt(raw**2 - 25), abs=1e-9)
    # Variances b²/6 and b²/12 against 1/(8 ln 2) of a Gaussian's FWHM squared.
    assert widths["triangle"] == pytest.approx(np.sqrt(raw**2 - 25 * 8 * np.log(2) / 6), abs=1e-9)
    assert widths["rectangle"] == pytest.approx(np.sqrt(raw**2 - 25 * 8 * np.log(2) / 12), abs=1e-9)


def test_bands_that_another_start_finds_elsewhere_are_flagged():
    near = band(453, 15) + 0.7 * band(462, 15)  # apart by 0.6 FWHM: the light can be shared out in several ways
    assert "starts_disagree" in codes(outcome(noisy(2e3 * near, seed=1), n_gaussians=2))
    assert "starts_disagree" not in codes(outcome(OVERLAPPING, n_gaussians=2))
