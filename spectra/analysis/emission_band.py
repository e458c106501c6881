"""Method ``emission_band``: where a band emits and how wide it is, raw and as Gaussians, in nm and in meV.

Raw numbers come from :mod:`raw_band`, Gaussians from :mod:`gaussian_engine`. Quantities of electroluminescence
(``facts["technique"] == "el"``) carry ``el_`` in front of their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.signal import savgol_filter

from spectra.analysis.emission_input import Emission, read_emission
from spectra.analysis.emission_report import QUANTITIES, report
from spectra.analysis.exclusions import exclude_parameter
from spectra.analysis.findings import Refused
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA, GaussianFits, fit_each
from spectra.analysis.method import Case, Input, Method, Outcome, Parameter, Role
from spectra.analysis.noise import correlation_time, estimate_noise, neighbours_are_alike, student_factor
from spectra.analysis.raw_band import Bump
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

QUIET = 1e-4  # of the height: noise below is not told from the shape of the band


@dataclass(eq=False)
class Band:
    """One case on its way through the method."""

    case: Case
    given: Input
    emission: Emission
    n_gaussians: int
    fit: tuple[GaussianFits, int] | None = None  # in wavelength
    energy_fit: tuple[GaussianFits, int] | None = None
    variance: np.ndarray | None = None  # (m,) of the noise [y²]
    noise_is_smoothed: bool = False
    inflation: float = 1.0  # of the fit's variances, by χ²_r and smoothed noise
    student: float = 1.0  # factor on u, because the noise itself is known from few points
    extra: dict = field(default_factory=dict)

    @property
    def baseline(self) -> str:
        return self.case.parameters.get("baseline", "constant")

    @property
    def used(self) -> np.ndarray:
        """y with NaN where the detector was saturated: what the fit sees."""
        return np.where(self.emission.clipped, np.nan, self.emission.y)


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Find peak, widths and centroid of n emission spectra.

    Parameters
    ----------
    cases : sequence of Case
        Each with one input of role ``emission``.

    Returns
    -------
    list of Outcome
        In the order of the cases; a bad spectrum gives a refusal and stops no other.

    Notes
    -----
    The Gaussian is fitted by least squares in which every point counts the same (parameter ``weights``), because real
    bands are not exactly Gaussian and weights would make their width depend on the intensity. Its uncertainty comes
    from the noise found in the data, detector and photons apart, times the root of χ²_r where that exceeds 1 (and of
    the correlation of the residuals, where the data were smoothed). FWHM = 2√(2 ln 2) σ. In energy the same data are fitted as
    I(E) = I(λ) λ²/hc [1]_.

    References
    ----------
    .. [1] J. Mooney, P. Kambhampati, J. Phys. Chem. Lett. 4, 3316 (2013). doi:10.1021/jz401508t
    """
    outcomes: list[Outcome | None] = [None] * len(cases)
    bands: dict[int, Band] = {}
    for i, case in enumerate(cases):
        try:
            bands[i] = _prepared(case)
        except Refused as refused:
            outcomes[i] = Outcome(refusal=refused.note, overridable=refused.overridable)
    pending = list(bands.values())
    while pending:
        for group in _alike(pending):
            _fit(group)
        pending = [band for band in pending if _drops_a_band(band)]
    for i, band in bands.items():
        outcomes[i] = _reported(band)
    return outcomes


def _prepared(case: Case) -> Band:
    given, p = case.one("emission"), case.parameters
    window = p.get("window_min_nm"), p.get("window_max_nm")
    emission = read_emission(given, window, p.get("smoothing_nm"), p.get("exclude"))
    return Band(case, given, emission, p.get("n_gaussians") or min(len(emission.bumps) + len(emission.weak), 4))


def _reported(band: Band) -> Outcome:
    try:
        return report(band)
    except Refused as refused:
        return Outcome(refusal=refused.note, overridable=refused.overridable)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):  # one strange spectrum never stops its batch
        return Outcome(refusal=_FAILED)


def _alike(bands) -> list[list[Band]]:
    """Bands that one call of the engine can fit."""
    groups: dict[tuple, list[Band]] = {}
    for band in bands:
        key = band.n_gaussians, band.baseline, band.case.parameters.get("weights", "equal")
        groups.setdefault(key, []).append(band)
    return list(groups.values())


def _fit(group: list[Band]):
    """Fit in wavelength, learn the noise from what is left, fit again with it, then in energy."""
    k, baseline = group[0].n_gaussians, group[0].baseline
    spectra = [(b.emission.x, b.used) for b in group]
    begin = _starts(group) if k > 1 else None
    for band, fit in zip(group, fit_each(spectra, k, baseline, start=begin), strict=True):
        band.fit = fit
        _learn_noise(band)
    weighted = group[0].case.parameters.get("weights", "equal") == "noise"
    weights = [1.0 / np.maximum(b.variance, 1e-12 * b.variance.max() + 1e-300) for b in group] if weighted else None
    again = [_found(b) for b in group]
    variance = [b.variance for b in group]
    fits = fit_each(spectra, k, baseline, weights=weights, variance=variance, start=again)
    for band, fit in zip(group, fits, strict=True):
        band.fit = fit
        band.inflation = _inflation(band)
    _fit_in_energy(group, weights)


def _drops_a_band(band: Band) -> bool:
    """Of bands found automatically, take the least plausible away: no fit, below 5 u, or wider than half the window."""
    if band.n_gaussians == 1 or band.case.parameters.get("n_gaussians") is not None:
        return False
    fits, row = band.fit
    k, seen = band.n_gaussians, _seen(band)
    if not fits.ok[row]:
        _forget(band, seen[-1])
        return True
    u = np.array([fits.u(f"amplitude_{i + 1}")[row] for i in range(k)])
    doubtful = (fits.amplitude[row] < 5.0 * u) | (fits.fwhm[row] > 0.5 * np.ptp(band.emission.x))
    if not doubtful.any():
        return False
    lost = fits.center[row, int(np.argmin(fits.amplitude[row] / u + 1e3 * ~doubtful))]
    _forget(band, min(seen[1:], key=lambda b: abs(b.x - lost)))
    return True


def _seen(band: Band) -> list[Bump]:
    """What the Gaussians stand for: the separate maxima, then the weak bands."""
    return [*band.emission.bumps, *band.emission.weak][: band.n_gaussians]


def _forget(band: Band, bump: Bump):
    emission, kept = band.emission, [b for b in _seen(band) if b is not bump]
    emission.bumps = [b for b in emission.bumps if b in kept]
    emission.weak = [b for b in emission.weak if b in kept]
    band.n_gaussians -= 1


def _starts(group: list[Band]):
    """Centres and sigmas (K,) per band: the maxima that were seen; None lets the engine look for itself."""
    top = [_seen(b) for b in group]
    if any(len(t) < b.n_gaussians for t, b in zip(top, group, strict=True)):
        return None
    return [(np.array([t.x for t in ts]), np.array([t.fwhm for t in ts]) / FWHM_PER_SIGMA) for ts in top]


def _found(band: Band):
    fits, row = band.fit
    if fits.ok[row]:
        return fits.center[row], fits.sigma[row]
    bump = band.emission.bumps[0]
    k = np.arange(band.n_gaussians)
    return bump.x + k * bump.fwhm, np.full(band.n_gaussians, bump.fwhm / FWHM_PER_SIGMA)


def _residuals(band: Band) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and curve (1, m') where the detector was not saturated."""
    fits, row = band.fit
    clear = ~band.emission.clipped
    curve = fits.curve(row)
    return (band.emission.y - curve)[None, clear], curve[None, clear]


def _learn_noise(band: Band):
    fits, row = band.fit
    y = band.emission.y
    if not fits.ok[row]:
        band.variance = np.full(len(y), max(np.var(np.diff(y)) / 2.0, 1e-300))
        return
    residuals, curve = _residuals(band)
    floor = (1e-9 * np.abs(y).max()) ** 2  # rounding of a simulated curve without noise
    noise = estimate_noise(residuals, curve)
    standard = residuals / np.sqrt(noise.variance(curve) + floor)
    if _fits_well(standard, fits.dof[row]):
        noise = estimate_noise(residuals, curve, fits.leverage(row, ~band.emission.clipped)[None])
    band.variance = noise.variance(fits.curve(row)[None])[0] + floor
    band.student = student_factor(float(noise.freedom(0.5 * curve.max(axis=1))[0]))
    band.noise_is_smoothed = _is_smoothed(band, standard)


def _is_smoothed(band: Band, standard: np.ndarray) -> bool:
    """Neighbours share their noise, beyond the waves that a curve of another shape leaves: a local cubic takes these away."""
    points = 2 * int(0.5 * band.emission.bumps[0].fwhm / band.emission.step) + 1
    points = min(max(points, 15), 2 * (standard.shape[1] // 4) - 1)
    if points < 7 or band.variance.max() < (QUIET * band.emission.y.max()) ** 2:
        return False
    return bool(neighbours_are_alike(standard - savgol_filter(standard, points, 3))[0])


def _fits_well(standard: np.ndarray, dof: int) -> bool:
    """Nothing but noise is left, so that the residuals themselves tell its size, better than their differences do."""
    chi2 = float((standard**2).sum() / dof)
    return chi2 < 1.0 + 4.0 / np.sqrt(dof) and correlation_time(standard)[0] == 1.0


def _inflation(band: Band) -> float:
    """By what the fit's variances grow: χ²_r where it exceeds 1; and the correlation of the noise, where it was smoothed."""
    residuals, _ = _residuals(band)
    clear = ~band.emission.clipped
    fits, row = band.fit
    expected = band.variance[clear] * fits.dof[row] / clear.sum()
    if fits.ok[row] and band.case.parameters.get("weights", "equal") == "equal":
        floor = 1e-3 * band.variance[clear]  # a point that draws the curve all to itself
        expected = np.maximum(fits.residual_variance(row, clear, band.variance[clear]), floor)
    standard = residuals / np.sqrt(expected)
    chi2 = float((standard**2).mean())
    band.extra["reduced_chi2"] = chi2
    return max(1.0, chi2) * (float(correlation_time(standard)[0]) if band.noise_is_smoothed else 1.0)


def per_ev(wavelength_nm: np.ndarray, per_nm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energies (m,) [eV] and the density per eV (m,) of a density per nm: I(E) = I(λ) λ²/hc, which keeps the area."""
    return HC_EV_NM / wavelength_nm, per_nm * wavelength_nm**2 / HC_EV_NM


def _fit_in_energy(group: list[Band], weights):
    """The same Gaussians and baseline seen on an energy axis: y λ²/hc, baseline columns times the same."""
    powers = {"none": 0, "constant": 1, "linear": 2, "exponential": 2}[group[0].baseline]
    spectra, columns, start, variance, given = [], [], [], [], []
    for i, band in enumerate(group):
        x = band.emission.x
        energy, density = per_ev(x, band.used)
        factor = per_ev(x, np.ones(len(x)))[1]
        center, sigma = _found(band)
        spectra.append((energy, density))
        columns.append(
            np.array([factor * ((x - x.mean()) / np.ptp(x)) ** j for j in range(powers)]).reshape(-1, len(x))
        )
        start.append((HC_EV_NM / center, HC_EV_NM * sigma / center**2))
        variance.append(band.variance * factor**2)
        given.append(None if weights is None else weights[i] / factor**2)
    given = None if weights is None else given
    k = group[0].n_gaussians
    fits = fit_each(spectra, k, "none", weights=given, variance=variance, start=start, columns=columns)
    for band, fit in zip(group, fits, strict=True):
        band.energy_fit = fit


_FAILED = Note(
    "not_computed",
    gettext_noop("The band could not be computed. Look at the curve; another window may help."),
)

METHOD = Method(
    name="emission_band",
    title=gettext_noop("Emission band"),
    version=3,
    roles=(Role("emission", "spectrum", gettext_noop("Emission spectrum"), techniques=("pl_emission", "el")),),
    parameters=(
        Parameter("window_min_nm", "number", None, gettext_noop("Window from"), "nm", minimum=0.0),
        Parameter("window_max_nm", "number", None, gettext_noop("Window to"), "nm", minimum=0.0),
        exclude_parameter("nm"),
        Parameter(
            "baseline",
            "choice",
            "constant",
            gettext_noop("Baseline"),
            choices=(
                gettext_noop("none"),
                gettext_noop("constant"),
                gettext_noop("linear"),
                gettext_noop("exponential"),
            ),
            help=gettext_noop("Exponential: the tail of scattered excitation light, in the Gaussian fit only."),
        ),
        Parameter(
            "n_gaussians",
            "integer",
            None,
            gettext_noop("Number of Gaussians"),
            minimum=1,
            maximum=4,
            help=gettext_noop("Automatic: one for every separate maximum, and for every weak band beside them."),
        ),
        Parameter(
            "weights",
            "choice",
            "equal",
            gettext_noop("Weights of the points"),
            choices=(gettext_noop("equal"), gettext_noop("noise")),
            help=gettext_noop("Noise: 1/variance as found in the data; sharper for a truly Gaussian band."),
        ),
        Parameter(
            "smoothing_nm",
            "number",
            None,
            gettext_noop("Smoothing in the search for maxima"),
            "nm",
            minimum=0.0,
            help=gettext_noop("No number is taken from the smoothed curve."),
        ),
        Parameter(
            "wavelength_u_nm",
            "number",
            0.3,
            gettext_noop("Uncertainty of the wavelength scale (k = 1)"),
            "nm",
            minimum=0.0,
            help=gettext_noop("0.3 nm: checked with lamp lines to ±0.5 nm. Unchecked instruments promise ±1 nm: 0.6."),
        ),
    ),
    quantities=QUANTITIES,
    run=run,
)
