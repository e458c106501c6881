"""How many Gaussians an emission band is made of: the smallest number that the Bayesian criterion supports with plausible bands.

The search begins with what is seen in the curve (separate maxima, weak bands by their curvature). Then one is taken away as
long as the criterion does not miss it, and one is added where what is left of the fit asks for it. A shape that is not
Gaussian asks for bands too; these lie within the main one, have another width, or explain little: they are no bands.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from spectra.analysis.noise import correlation_time
from spectra.analysis.raw_band import Bump, smoothed

CLEAR = 5.0  # u of its height, below which a band is not there
WIDEST = 0.5  # of the window
WIDTHS = 2.0  # factor by which the widths of two overlapping bands may differ
APART = 0.8  # least distance of two overlapping bands, in the mean of their FWHM
EXPLAINS = 0.8  # least part of what is left, beyond noise, that a further band must take away
LEAST_LEFT = 0.002  # of the height: a misfit below it is a matter of shape
MOST = 4


def drops_a_band(band) -> bool:
    """Of bands found automatically, take the least plausible away: no fit, below 5 u, or wider than half the window."""
    if band.n_gaussians == 1 or not band.is_automatic:
        return False
    fits, row = band.fit
    if not fits.ok[row]:
        _forget(band, band.seen[-1])
        return True
    significance = _significance(band)
    doubtful = (significance < CLEAR) | (fits.fwhm[row] > WIDEST * np.ptp(band.emission.x))
    if not doubtful.any():
        return False
    _forget(band, _bump_of(band, int(np.argmin(significance + 1e3 * ~doubtful))))
    return True


def _significance(band) -> np.ndarray:
    fits, row = band.fit
    u = np.array([fits.u(f"amplitude_{i + 1}")[row] for i in range(band.n_gaussians)])
    return fits.amplitude[row] / np.maximum(u, 1e-300)


def _bump_of(band, i: int) -> Bump:
    """What Gaussian ``i`` stands for; never the highest maximum, which gives the band its name."""
    fits, row = band.fit
    return min(band.seen[1:], key=lambda bump: abs(bump.x - fits.center[row, i]))


def _forget(band, bump: Bump):
    emission, kept = band.emission, [b for b in band.seen if b is not bump]
    for name in ("bumps", "weak", "overlapping"):
        setattr(emission, name, [b for b in getattr(emission, name) if b in kept])
    band.n_gaussians -= 1


def choose_number(bands: Sequence, fit_all: Callable) -> None:
    """Settle the number of Gaussians of fitted bands; ``details`` get the criterion of every number tried.

    Parameters
    ----------
    bands : sequence of Band
        Each with its fit; those whose number a person chose stay as they are.
    fit_all : callable
        Fits a sequence of bands.

    Notes
    -----
    BIC = χ²/τ + p ln(m/τ) with p = 3 K + the baseline's parameters, m points, and τ the length over which the noise of
    smoothed data is alike. One more is tried only where χ² exceeds what noise leaves by more than its price.
    """
    open_ = [band for band in bands if band.is_automatic and band.fit[0].ok[band.fit[1]]]
    _settle([b for b in open_ if b.n_gaussians > 1], fit_all, _with_one_less, _is_not_missed)
    _settle([b for b in open_ if _asks_for_more(b)], fit_all, _with_one_more, _is_needed)


def _settle(bands, fit_all, other: Callable, prefer: Callable):
    """Take the other number of Gaussians as long as that is better."""
    while bands:
        tried = [other(band) for band in bands]
        fit_all(tried)
        going = []
        for band, trial in zip(bands, tried, strict=True):
            if trial.fit[0].ok[trial.fit[1]] and prefer(band, trial):
                for name in band.__dataclass_fields__:
                    setattr(band, name, getattr(trial, name))
                going.append(band)
        more = _asks_for_more if other is _with_one_more else lambda band: band.n_gaussians > 1
        bands = [band for band in going if more(band)]


def _with_one_less(band):
    trial = _copy(band)
    significance = _significance(band)
    significance[int(np.argmax(band.fit[0].amplitude[band.fit[1]]))] = np.inf
    _forget(trial, _bump_of(trial, int(np.argmin(significance))))
    return trial


def _with_one_more(band):
    trial = _copy(band)
    place = int(np.argmax(_left(band)))
    main, emission = band.emission.bumps[0], trial.emission
    emission.overlapping.append(Bump(place, float(emission.x[place]), float(_left(band)[place]), main.fwhm))
    trial.n_gaussians += 1
    return trial


def _copy(band):
    emission = band.emission
    lists = {name: list(getattr(emission, name)) for name in ("bumps", "weak", "overlapping")}
    return replace(band, emission=replace(emission, **lists), extra=dict(band.extra))


def _left(band) -> np.ndarray:
    """What the fit leaves (m,), averaged over a third of the main band's width."""
    points = 2 * int(band.emission.bumps[0].fwhm / band.emission.step / 6.0) + 1
    return smoothed(np.where(band.emission.clipped, 0.0, band.emission.y - band.curve()), points)


def _chi2(band, variance, memory: float) -> float:
    clear = ~band.emission.clipped
    return float((((band.emission.y - band.curve()) ** 2 / variance)[clear]).sum() / memory)


def _memory(band) -> float:
    """Over how many points the noise is alike."""
    if not band.noise_is_smoothed:
        return 1.0
    residuals = ((band.emission.y - band.curve()) / np.sqrt(band.variance))[None, ~band.emission.clipped]
    return float(correlation_time(residuals)[0])


def _bic(band, larger) -> float:
    memory, m = _memory(larger), int((~band.emission.clipped).sum())
    n_parameters = len(band.fit[0].names)
    return _chi2(band, larger.variance, memory) + n_parameters * float(np.log(m / memory))


def _asks_for_more(band) -> bool:
    if band.n_gaussians >= MOST or not band.is_automatic or not band.fit[0].ok[band.fit[1]]:
        return False
    memory, m = _memory(band), int((~band.emission.clipped).sum())
    excess = _chi2(band, band.variance, memory) - m / memory
    price = 3.0 * float(np.log(m / memory))
    return excess > price and _left(band).max() > LEAST_LEFT * band.fit[0].amplitude[band.fit[1]].max()


def _note(band, other, larger):
    """Both criteria, by the noise of the larger model."""
    bic = {**band.extra.get("bic", {}), **other.extra.get("bic", {})}
    bic |= {str(one.n_gaussians): round(_bic(one, larger), 1) for one in (band, other)}
    band.extra["bic"] = other.extra["bic"] = bic
    return _bic(band, larger), _bic(other, larger)


def _is_not_missed(band, fewer) -> bool:
    with_it, without_it = _note(band, fewer, band)
    return without_it <= with_it


def _is_needed(band, more) -> bool:
    fewer, with_it = _note(band, more, more)
    if not (with_it < fewer and _is_plausible(more)):
        return False
    m = int((~band.emission.clipped).sum()) / _memory(more)
    left = [_chi2(one, more.variance, _memory(more)) - m for one in (band, more)]
    return left[1] < (1.0 - EXPLAINS) * left[0]


def _is_plausible(band) -> bool:
    """Every two neighbours are apart and of alike width, and each stands clear of its u."""
    fits, row = band.fit
    center, fwhm = fits.center[row], fits.fwhm[row]
    apart = np.diff(center) / (0.5 * (fwhm[1:] + fwhm[:-1]))
    inside = (center > band.emission.x[0]) & (center < band.emission.x[-1])
    clear = _significance(band) > CLEAR * np.sqrt(band.inflation)
    return bool(
        band.starts_agree
        and (apart > APART).all()
        and fwhm.max() < WIDTHS * fwhm.min()
        and inside.all()
        and clear.all()
    )
