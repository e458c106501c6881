"""Lifetimes and shares out of the fitted parameters, with the gradients that carry the uncertainty."""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_engine import DecayFit


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


def averages(fit: DecayFit) -> Averages:
    """Give the averages of a fit of one decay (see :func:`lifetime_averages`) with first-order uncertainties."""
    k = fit.model.k
    tau, area = fit.tau_bins[0], fit.areas[0]
    covariance = fit.covariance[0, : 2 * k, : 2 * k]
    values, gradients = lifetime_averages(tau, area)
    u = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", gradients, covariance, gradients), 0))
    u_tau = tau * np.sqrt(np.diagonal(covariance)[:k])
    return Averages(values[0], u[0], values[1], u[1], tau, u_tau, values[2:], u[2:])


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
