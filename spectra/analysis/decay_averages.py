"""Lifetimes and shares out of the fitted parameters, with the gradients that carry the uncertainty."""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_engine import DecayFit

LARGEST_GROWTH = 20.0  # a component that faded by e^20 before the first bin says nothing of its start


@dataclass(frozen=True, eq=False)
class Averages:
    """Of one decay with k components, all in bins: values, and their uncertainty (k = 1) from the fit alone."""

    amplitude: float
    u_amplitude: float
    intensity: float
    u_intensity: float
    tau: np.ndarray
    u_tau: np.ndarray
    share: np.ndarray
    u_share: np.ndarray
    u_onset: np.ndarray  # of amplitude, intensity and each share, by the time zero of a tail; shape (2 + k,), signed


def averages(fit: DecayFit, before: float = 0.0, u_before: float = 0.0) -> Averages:
    """Give the averages of a fit of one decay (see :func:`lifetime_averages`) with first-order uncertainties.

    Parameters
    ----------
    fit : DecayFit
    before : float
        Time between the excitation and the first fitted bin of a tail, over which the components are extended back [bins].
    u_before : float
        Its standard uncertainty [bins].

    Returns
    -------
    Averages
    """
    k = fit.model.k
    tau = fit.tau_bins[0]
    grown = np.exp(np.minimum(before / tau, LARGEST_GROWTH))
    area = fit.areas[0] * grown
    covariance = fit.covariance[0, : 2 * k, : 2 * k]
    values, gradients = lifetime_averages(tau, area)
    by_area = gradients[:, k:]
    fitted = np.concatenate([gradients[:, :k] - by_area * area * before / tau, by_area * grown], axis=1)
    u = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", fitted, covariance, fitted), 0))
    u_tau = tau * np.sqrt(np.diagonal(covariance)[:k])
    by_onset = by_area @ (area / tau) * u_before
    return Averages(values[0], u[0], values[1], u[1], tau, u_tau, values[2:], u[2:], by_onset)


def lifetime_averages(tau: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Amplitude average, intensity average and amplitude shares, with their gradients.

    Parameters
    ----------
    tau : ndarray, shape (k,)
        Lifetimes [any unit].
    area : ndarray, shape (k,)
        Photons of each component, α_i τ_i.

    Returns
    -------
    values : ndarray, shape (2 + k,)
        Σα_iτ_i/Σα_i, Σα_iτ_i²/Σα_iτ_i [unit of tau], and α_i/Σα_i [1].
    gradients : ndarray, shape (2 + k, 2k)
        With respect to ln τ_i and the areas.

    Notes
    -----
    The amplitude average belongs to rates and quantum yields: an ensemble that emits Σα_i e^(−t/τ_i) gives
    Σα_iτ_i photons. The intensity average is the mean arrival time of a photon. A fast spurious component changes the
    first beyond recognition and hardly the second.

    References
    ----------
    A. Sillen, Y. Engelborghs, Photochem. Photobiol. 67 (1998) 475, doi:10.1111/j.1751-1097.1998.tb09082.x

    Examples
    --------
    >>> values, _ = lifetime_averages(np.array([1.0, 9.0]), np.array([1.0, 9.0]))
    >>> values.round(3)
    array([5. , 8.2, 0.5, 0.5])
    """
    alpha = area / tau
    total_area, total_alpha = area.sum(), alpha.sum()
    share = alpha / total_alpha
    mean, intensity = total_area / total_alpha, area @ tau / total_area
    rows = [np.concatenate([mean * share, (1 - mean / tau) / total_alpha])]
    rows.append(np.concatenate([area * tau, tau - intensity]) / total_area)
    by_alpha = (np.eye(tau.size) - share[:, None]) / total_alpha
    rows.extend(np.concatenate([-by_alpha * alpha, by_alpha / tau], axis=1))
    return np.concatenate([[mean, intensity], share]), np.array(rows)
