"""How many exponentials a decay holds: as many as BIC wants, as long as each of them is plausible."""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_engine import DecayFit, fit_decays
from spectra.analysis.decay_model import DecayModel

MOST_EXPONENTIALS = 3
SMALLEST_AREA = 0.01  # share of the photons
LARGEST_U = 0.5  # u(τ)/τ
SHORTEST_FWHM = 0.2  # lifetime in widths of the response
RIVAL_BIC = 6.0  # within this, the data do not decide between two numbers of exponentials


@dataclass(frozen=True, eq=False)
class Choice:
    """The fit of one decay, the runner-up where the data hardly decide, and what was seen on the way.

    ``bic`` holds the criterion of each number of exponentials tried; ``dropped`` the reason why one more was not
    taken although BIC wanted it; ``scatter`` says that a part as fast as the response was taken for scattered light.
    """

    fit: DecayFit
    rival: DecayFit | None = None
    bic: dict[int, float] | None = None
    dropped: str = ""
    scatter: bool = False


def implausible(fit: DecayFit, fwhm_bins: float) -> list[str]:
    """Say for each decay why one of its components is implausible; "" when all are plausible.

    Parameters
    ----------
    fit : DecayFit
    fwhm_bins : float
        Width of the response [bins].

    Returns
    -------
    list of str
        ``faster_than_irf``, ``small_area``, ``undetermined``, ``longer_than_window`` or "".
    """
    k = fit.model.k
    window = fit.model.stop - fit.model.first
    u_log_tau = np.sqrt(np.diagonal(fit.covariance, axis1=1, axis2=2)[:, :k])
    share = fit.areas / fit.areas.sum(axis=1, keepdims=True)
    reasons = {
        "faster_than_irf": (fit.tau_bins < SHORTEST_FWHM * fwhm_bins).any(axis=1),
        "small_area": (share < SMALLEST_AREA).any(axis=1),
        "undetermined": ~(u_log_tau <= LARGEST_U).all(axis=1) | ~fit.converged,
        "longer_than_window": (fit.tau_bins > window / 2).any(axis=1),
    }
    return [next((name for name, found in reasons.items() if found[i]), "") for i in range(len(share))]


def choose(counts, variance, model: DecayModel, fwhm_bins: float, n_exponentials: int | None) -> list[Choice]:
    """Fit n decays with a given number of exponentials, or with the number that suits each.

    Parameters
    ----------
    counts : ndarray, shape (n, m)
    variance : ndarray, shape (n, m), or None for photon counts
    model : DecayModel
        With one exponential; the others are made from it.
    fwhm_bins : float
    n_exponentials : int, optional
        None: automatic, from 1 to 3.

    Returns
    -------
    list of Choice
    """
    if n_exponentials is not None:
        fit = fit_decays(counts, _variant(model, n_exponentials), variance)
        return [Choice(fit.row(i), bic={n_exponentials: float(fit.bic[i])}) for i in range(len(counts))]
    first = fit_decays(counts, model, variance)
    choices = [Choice(first.row(i), bic={1: float(first.bic[i])}) for i in range(len(counts))]
    open_rows = np.arange(len(counts))
    for k in range(2, MOST_EXPONENTIALS + 1):
        open_rows = _try_one_more(choices, open_rows, k, counts, variance, model, fwhm_bins)
        if open_rows.size == 0:
            break
    return choices


def _variant(model: DecayModel, k: int, **changes) -> DecayModel:
    return DecayModel(model.response, k, model.first, model.stop, **(model.options | changes))


def _take(array, rows):
    return None if array is None else array[rows]


def _try_one_more(choices, rows, k, counts, variance, model, fwhm_bins) -> np.ndarray:
    """Fit ``rows`` with k exponentials, enter what is better, and give the rows for which more may be tried."""
    fit = fit_decays(counts[rows], _variant(model, k), _take(variance, rows))
    reasons = implausible(fit, fwhm_bins)
    accepted, flashes = [], []
    for i, row in enumerate(rows):
        before, one = choices[row], fit.row(i)
        bic = {**before.bic, k: float(one.bic[0])}
        gain = float(before.fit.bic[0] - one.bic[0])
        if gain > 0 and not reasons[i]:
            rival = before.fit if gain < RIVAL_BIC else None
            choices[row] = Choice(one, rival, bic)
            accepted.append(row)
        else:
            rival = one if not reasons[i] and gain > -RIVAL_BIC else before.rival
            choices[row] = Choice(before.fit, rival, bic, reasons[i] if gain > 0 else "")
            if choices[row].dropped and one.tau_bins[0, 0] < fwhm_bins:
                flashes.append(row)
    if flashes and model.response is not None and not model.fit_scatter:
        _take_for_scatter(choices, np.array(flashes), k - 1, counts, variance, model, fwhm_bins)
    return np.array(accepted, dtype=int)


def _take_for_scatter(choices, rows, k, counts, variance, model, fwhm_bins) -> None:
    fit = fit_decays(counts[rows], _variant(model, k, fit_scatter=True), _take(variance, rows))
    reasons = implausible(fit, fwhm_bins)
    for i, row in enumerate(rows):
        before, one = choices[row], fit.row(i)
        if one.bic[0] < before.fit.bic[0] and not reasons[i]:
            choices[row] = Choice(one, None, before.bic, before.dropped, scatter=True)
