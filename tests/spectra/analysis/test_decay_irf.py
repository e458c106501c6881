"""The instrument response: its background goes, its extent and width are found, the useless is refused."""

import numpy as np
import pytest

from spectra.analysis.decay_irf import prepare_response
from spectra.analysis.findings import Findings, Refused
from spectra.decay import Decay
from tests.spectra.analysis.decay_simulation import gaussian_response

EMPTY = np.zeros(1024)
EMPTY[0] = 1.0


def _prepared(counts, findings=None, decay_bins=1024, stop=1024):
    decay = Decay(EMPTY[:decay_bins], 0.05)
    return prepare_response(decay, Decay(counts, 0.05), stop, findings or Findings())


@pytest.mark.parametrize("background", [0.0, 0.2, 3.0, 50.0])
def test_the_background_of_a_response_is_removed(background):
    counts = np.random.default_rng(4).poisson(gaussian_response() * 1e4 + background).astype(float)
    response = _prepared(counts)
    total = gaussian_response().sum() * 1e4
    # √N of the pulse is 0.3 %; the background is known to 1 % of √50 per bin over some 40 bins of extent
    assert response.counts.sum() == pytest.approx(total, rel=0.02)
    lit = np.flatnonzero(response.counts)
    assert lit[0] >= 30
    assert lit[-1] <= 90
    assert response.fwhm_bins == pytest.approx(2.3548 * 4.0, abs=0.4)  # counts of 10,000 at the crossing: 1 %


def test_a_response_without_noise_is_kept_nearly_whole():
    response = _prepared(gaussian_response())
    assert response.counts.sum() == pytest.approx(gaussian_response().sum(), rel=1e-3)  # cut at 1e-5 of its maximum
    assert response.fwhm_bins == pytest.approx(2.3548 * 4.0, rel=0.01)  # straight line between bins


def test_a_response_as_long_as_the_window_is_kept():
    long = np.exp(-np.arange(1024) / 500.0)
    assert np.count_nonzero(_prepared(long).counts) > 900


def test_a_weak_response_is_warned_about():
    findings = Findings()
    _prepared(np.round(gaussian_response() * 40), findings)
    assert [w.code for w in findings.warnings] == ["irf_few_counts"]


def test_what_comes_after_the_end_of_the_fit_is_no_part_of_the_response():
    two = gaussian_response() + gaussian_response(center=700.0)
    assert np.flatnonzero(_prepared(two, stop=600).counts).max() < 100


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        (np.zeros(1024), "irf_empty"),
        (-np.ones(1024), "irf_empty"),
        (np.random.default_rng(5).poisson(2.0, 1024).astype(float), "irf_noise"),
        (np.random.default_rng(6).normal(0, 1, 1024), "irf_noise"),
    ],
)
def test_a_response_that_says_nothing_is_refused(counts, code):
    with pytest.raises(Refused) as refused:
        _prepared(counts)
    assert refused.value.note.code == code


def test_dark_counts_of_the_response_are_no_part_of_it_and_do_not_shorten_the_lifetime():
    """0.3 dark counts per bin pile up to six in five neighbours somewhere: taken for response, they cost 0.2 % of τ."""
    rng = np.random.default_rng(4)
    time_ns = np.arange(4096) * 0.016
    pulse = np.exp(-0.5 * ((time_ns - 3.0) / 0.064) ** 2)
    pulse /= pulse.sum()
    ends = []
    for _ in range(20):
        counts = rng.poisson(200_000 * pulse + 0.3).astype(float)
        response = prepare_response(Decay(counts, 0.016, irf_counts=counts), None, 4096, Findings())
        lit = np.flatnonzero(response.counts)
        ends.append((time_ns[lit[0]], time_ns[lit[-1]]))
        assert response.counts.sum() == pytest.approx(200_000, rel=0.01)  # √200,000 is 0.2 %
    assert min(low for low, _ in ends) > 2.5 and max(high for _, high in ends) < 3.5
