"""Method ``emission_band``: where a band emits and how wide it is, raw and as Gaussians, in nm and in meV.

Raw numbers come from :mod:`raw_band`, Gaussians from :mod:`gaussian_engine`. Quantities of electroluminescence
(``facts["technique"] == "el"``) carry ``el_`` in front of their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from spectra.analysis.emission_baseline import draw_baseline
from spectra.analysis.emission_input import Emission, read_emission
from spectra.analysis.emission_parameters import PARAMETERS
from spectra.analysis.emission_quantities import QUANTITIES
from spectra.analysis.emission_report import report
from spectra.analysis.findings import Refused
from spectra.analysis.gaussian_engine import FWHM_PER_SIGMA, GaussianFits, fit_each
from spectra.analysis.gaussian_number import choose_number, drops_a_band
from spectra.analysis.method import Case, Input, Method, Outcome, Role
from spectra.analysis.noise import correlation_time, estimate_noise, neighbours_are_alike, student_factor
from spectra.analysis.numbers_given import Given, numbers_of
from spectra.analysis.raw_band import Baseline, Bump
from spectra.analysis.savitzky_golay import filtered
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
    given_centers: tuple[Given, ...] = ()
    given_fwhms: tuple[Given, ...] = ()
    drawn: Baseline | None = None  # the baseline that a person drew
    level: np.ndarray | None = None  # (m,) its values, which are taken off before the fit
    fit: tuple[GaussianFits, int] | None = None  # in wavelength
    energy_fit: tuple[GaussianFits, int] | None = None
    variance: np.ndarray | None = None  # (m,) of the noise [y²]
    noise_is_smoothed: bool = False
    inflation: float = 1.0  # of the fit's variances, by χ²_r and smoothed noise
    starts_agree: bool = True
    student: float = 1.0  # factor on u, because the noise itself is known from few points
    extra: dict = field(default_factory=dict)

    @property
    def baseline(self) -> str:
        return self.case.parameters.get("baseline", "constant")

    @property
    def fitted_baseline(self) -> str:
        """The kind that is fitted together with the Gaussians."""
        return self.baseline if self.level is None else "none"

    @property
    def used(self) -> np.ndarray:
        """y with NaN where the detector was saturated: what the fit sees."""
        y = self.emission.y if self.level is None else self.emission.y - self.level
        return np.where(self.emission.clipped, np.nan, y)

    @property
    def is_automatic(self) -> bool:
        """Whether the number of Gaussians is for the data to tell."""
        return self.case.parameters.get("n_gaussians") is None and not self.given_centers

    @property
    def seen(self) -> list[Bump]:
        """What the Gaussians stand for: the separate maxima, the weak bands, and bands that overlap with these."""
        emission = self.emission
        return [*emission.bumps, *emission.weak, *emission.overlapping][: self.n_gaussians]

    def curve(self) -> np.ndarray:
        """Gaussians and baseline (m,)."""
        fits, row = self.fit
        return fits.curve(row) if self.level is None else fits.curve(row) + self.level


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
    I(E) = I(λ) λ²/hc [1]_. The number of Gaussians is the smallest that the Bayesian criterion supports with plausible bands:
    above 5 u, of alike width, apart by 0.8 of it; a shape that no band explains stays a warning. The slit is taken off by its
    variance. QD_n: each band goes to the nearest of n = 4, 5, 6.

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
        fit_all(pending)
        pending = [band for band in pending if drops_a_band(band)]
    choose_number(list(bands.values()), fit_all)
    for group in _alike(bands.values()):
        _fit_in_energy(group)
    for i, band in bands.items():
        outcomes[i] = _reported(band)
    return outcomes


def _prepared(case: Case) -> Band:
    given, p = case.one("emission"), case.parameters
    window = p.get("window_min_nm"), p.get("window_max_nm")
    emission = read_emission(given, window, p.get("smoothing_nm"), p.get("exclude"))
    centers, fwhms = numbers_of(p.get("centers_nm")), numbers_of(p.get("fwhms_nm"))
    _check_given(centers, fwhms, emission)
    number = p.get("n_gaussians") or len(centers) or len(emission.bumps) + len(emission.weak)
    band = Band(case, given, emission, min(max(number, len(centers)), 4), centers, fwhms)
    draw_baseline(band)
    return band


def _check_given(centers, fwhms, emission: Emission):
    if len(centers) > 4:
        raise Refused(_TOO_MANY)
    if fwhms and len(fwhms) not in (1, len(centers)):
        raise Refused(Note(_WIDTHS.code, _WIDTHS.text, {"widths": len(fwhms), "centres": len(centers)}))
    outside = [one.value for one in centers if not emission.x[0] <= one.value <= emission.x[-1]]
    if outside:
        raise Refused(Note(_OUTSIDE.code, _OUTSIDE.text, {"place": f"{outside[0]:g}"}))


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
        given = bool(band.given_centers or band.given_fwhms)
        key = band.n_gaussians, band.fitted_baseline, band.case.parameters.get("weights", "equal"), given
        groups.setdefault(key, []).append(band)
    return list(groups.values())


def fit_all(bands: Sequence[Band]):
    """Fit in wavelength, learn the noise from what is left, fit again with it."""
    for group in _alike(bands):
        _fit(group)


def _fit(group: list[Band]):
    k, baseline = group[0].n_gaussians, group[0].fitted_baseline
    spectra = [(b.emission.x, b.used) for b in group]
    begin, held = _starts(group), [_held(b) for b in group]
    first = fit_each(spectra, k, baseline, start=begin, held=held, look_further=True)
    unique = []
    for band, (fits, row) in zip(group, first, strict=True):
        band.fit = fits, row
        unique.append(bool(fits.starts_agree[row]))
        _learn_noise(band)
    again, held = [_found(b) for b in group], [_held_as_found(b) for b in group]
    variance = [b.variance for b in group]
    fits = fit_each(spectra, k, baseline, weights=_weights(group), variance=variance, start=again, held=held)
    for band, fit, agree in zip(group, fits, unique, strict=True):
        band.fit, band.starts_agree = fit, agree
        band.inflation = _inflation(band)


def _weights(group: list[Band]):
    if group[0].case.parameters.get("weights", "equal") != "noise":
        return None
    return [1.0 / np.maximum(b.variance, 1e-12 * b.variance.max() + 1e-300) for b in group]


def _starts(group: list[Band]):
    """Centres and sigmas (K,) per band: as given, or the maxima that were seen; None lets the engine look for itself."""
    one = group[0]
    if one.given_centers or one.given_fwhms:
        return [_start(b) for b in group]
    if one.n_gaussians == 1 or any(len(b.seen) < b.n_gaussians for b in group):
        return None
    return [_start(b) for b in group]


def _start(band: Band) -> tuple[np.ndarray, np.ndarray]:
    """Where the search begins: the given centres, then maxima away from these, then places spread about the main one."""
    main, places = band.emission.bumps[0], [one.value for one in band.given_centers]
    fwhms = [one.value for one in band.given_fwhms] or [None]
    widths = [(fwhms * band.n_gaussians)[i] or _width_near(band, place) for i, place in enumerate(places)]
    for bump in band.seen if len(places) < band.n_gaussians else ():
        if len(places) < band.n_gaussians and all(abs(bump.x - place) > 0.5 * bump.fwhm for place in places):
            widths.append((fwhms * 4)[len(places)] if not band.given_centers and fwhms[0] else bump.fwhm)
            places.append(bump.x)
    while len(places) < band.n_gaussians:
        places.append(main.x + 0.7 * main.fwhm * len(places))
        widths.append(fwhms[0] or main.fwhm)
    return np.array(places), np.array(widths) / FWHM_PER_SIGMA


def _width_near(band: Band, place: float) -> float:
    return min([*band.emission.bumps, *band.emission.weak], key=lambda bump: abs(bump.x - place)).fwhm


def _held(band: Band) -> np.ndarray:
    """Centres, then widths (2K,) that are held, in the order of ``_start``."""
    k = band.n_gaussians
    centers = [one.held for one in band.given_centers]
    fwhms = [one.held for one in band.given_fwhms]
    fwhms = fwhms * k if len(fwhms) == 1 else fwhms
    return np.array([*centers, *[False] * (k - len(centers)), *fwhms, *[False] * (k - len(fwhms))])


def _held_as_found(band: Band) -> np.ndarray:
    fits, row = band.fit
    return fits.held[row] if fits.ok[row] else _held(band)


def _found(band: Band):
    fits, row = band.fit
    if fits.ok[row]:
        return fits.center[row], fits.sigma[row]
    return _start(band)


def _residuals(band: Band) -> tuple[np.ndarray, np.ndarray]:
    """Residuals and curve (1, m') where the detector was not saturated."""
    clear, curve = ~band.emission.clipped, band.curve()
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
    band.variance = noise.variance(band.curve()[None])[0] + floor
    band.student = student_factor(float(noise.freedom(0.5 * curve.max(axis=1))[0]))
    band.noise_is_smoothed = _is_smoothed(band, standard)


def _is_smoothed(band: Band, standard: np.ndarray) -> bool:
    """Neighbours share their noise, beyond the waves that a curve of another shape leaves: a local cubic takes these away."""
    points = 2 * int(0.5 * band.emission.bumps[0].fwhm / band.emission.step) + 1
    points = min(max(points, 15), 2 * (standard.shape[1] // 4) - 1)
    if points < 7 or band.variance.max() < (QUIET * band.emission.y.max()) ** 2:
        return False
    return bool(neighbours_are_alike(standard - filtered(standard, points, 3))[0])


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


def _fit_in_energy(group: list[Band]):
    """The same Gaussians and baseline seen on an energy axis: y λ²/hc, baseline columns times the same."""
    powers = {"none": 0, "constant": 1, "linear": 2, "exponential": 2}[group[0].fitted_baseline]
    weights, held = _weights(group), [_held_as_found(band) for band in group]
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
    fits = fit_each(spectra, k, "none", weights=given, variance=variance, start=start, columns=columns, held=held)
    for band, fit in zip(group, fits, strict=True):
        band.energy_fit = fit


_TOO_MANY = Note("too_many_centres", gettext_noop("At most four Gaussians can be fitted. Give fewer centres."))
_WIDTHS = Note(
    "widths_without_centres",
    gettext_noop("There are {widths} widths for {centres} centres. Give one width for all, or one for each centre."),
)
_OUTSIDE = Note(
    "centre_outside", gettext_noop("The centre {place} nm lies outside the measured window. Choose one inside it.")
)
_FAILED = Note(
    "not_computed",
    gettext_noop("The band could not be computed. Look at the curve; another window may help."),
)

METHOD = Method(
    name="emission_band",
    title=gettext_noop("Emission band"),
    version=6,
    roles=(Role("emission", "spectrum", gettext_noop("Emission spectrum"), techniques=("pl_emission", "el")),),
    parameters=PARAMETERS,
    quantities=QUANTITIES,
    run=run,
)
