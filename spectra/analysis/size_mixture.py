"""Mixtures of Gaussian size populations, fitted to the particles themselves and not to a histogram.

A histogram's bins are a choice that moves the answer; the likelihood of the single particles has none.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize

LEAST_SPREAD = 1e-3  # of the range: a population that shrinks onto one particle is no population
TWO_SIGMA_DROP = 3.841458820694124  # 2 ΔlnL at the ends of a 95 % interval, one parameter
ONE_SIGMA_DROP = 1.0
ROUNDS, STARTS = 300, 3


@dataclass(frozen=True, eq=False)
class Mixture:
    """k populations: ``shares`` (k,), ``centers_nm`` (k,) ascending, ``spread_nm`` (common σ) and ``log_likelihood``."""

    shares: np.ndarray
    centers_nm: np.ndarray
    spread_nm: float
    log_likelihood: float
    n: int
    spacing_nm: float | None = None

    @property
    def k(self) -> int:
        return self.shares.size

    @property
    def n_parameters(self) -> int:
        centers = self.k if self.spacing_nm is None else 1
        return centers + (self.k - 1) + 1

    @property
    def bic(self) -> float:
        """Bayesian information criterion; the smaller, the better supported."""
        return self.n_parameters * np.log(self.n) - 2.0 * self.log_likelihood


def fit_mixture(sizes_nm: np.ndarray, k: int, spacing_nm: float | None = None) -> Mixture:
    """Fit ``k`` populations of one common spread by expectation maximisation, from several starts.

    Parameters
    ----------
    sizes_nm : ndarray, shape (n,) [nm]
    k : int
        Number of populations.
    spacing_nm : float, optional
        Distance of neighbouring populations [nm] when it is known: dots that grow by one lattice layer at a time have
        centres c, c + a, c + 2a … Without it all centres are free.

    Returns
    -------
    Mixture
        The best of the starts.

    Raises
    ------
    ValueError
        With fewer particles than parameters, or all of one size.

    Notes
    -----
    p(d) = Σ w_j N(d; c_j, σ²), Σ w_j = 1. The spread is common to all populations, as for dots of one kind whose
    measurement dominates it; free spreads let a population shrink onto a single particle and the likelihood diverge.

    References
    ----------
    A. P. Dempster, N. M. Laird, D. B. Rubin, J. R. Stat. Soc. B 39 (1977) 1, doi:10.1111/j.2517-6161.1977.tb01600.x

    Examples
    --------
    >>> made = np.concatenate([np.linspace(2.3, 2.5, 90), np.linspace(2.95, 3.05, 10)])
    >>> fit_mixture(made, 2).shares.round(2).tolist()
    [0.9, 0.1]
    """
    sizes_nm = np.asarray(sizes_nm, dtype=np.float64)
    if sizes_nm.size < 2 * k + 1 or np.ptp(sizes_nm) <= 0:
        raise ValueError(f"{sizes_nm.size} particles cannot tell {k} populations apart")
    fits = [_maximised(sizes_nm, centers, spacing_nm) for centers in _starts(sizes_nm, k, spacing_nm)]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _starts(sizes_nm, k, spacing_nm):
    if spacing_nm is not None:
        for place in np.quantile(sizes_nm, (0.3, 0.5, 0.7)):
            for shift in range(k):
                yield place + spacing_nm * (np.arange(k) - shift)
        return
    spread = np.linspace(0, 1, k + 2)[1:-1]
    yield np.quantile(sizes_nm, spread)
    if k > 1:
        yield sizes_nm.min() + spread * np.ptp(sizes_nm)
        yield np.quantile(sizes_nm, np.concatenate([[0.4], np.linspace(0.9, 0.99, k - 1)]))


def _maximised(sizes_nm, centers, spacing_nm) -> Mixture:
    n, k = sizes_nm.size, centers.size
    shares, centers = np.full(k, 1.0 / k), np.array(centers, dtype=np.float64)
    floor = LEAST_SPREAD * np.ptp(sizes_nm)
    spread = max(float(np.std(sizes_nm)) / (1.0 if k == 1 else 2.0), floor)
    before = -np.inf
    for _ in range(ROUNDS):
        log_parts = _log_parts(sizes_nm, shares, centers, spread)
        log_likelihood = float(_log_sum(log_parts).sum())
        belongs = np.exp(log_parts - _log_sum(log_parts)[:, None])
        mass = np.maximum(belongs.sum(axis=0), 1e-12)
        shares = mass / n
        if spacing_nm is None:
            centers = (belongs * sizes_nm[:, None]).sum(axis=0) / mass
        else:
            offsets = spacing_nm * np.arange(k)
            centers = offsets + (belongs * (sizes_nm[:, None] - offsets)).sum() / n
        spread = max(float(np.sqrt((belongs * (sizes_nm[:, None] - centers) ** 2).sum() / n)), floor)
        if log_likelihood - before < 1e-9 * n:
            break
        before = log_likelihood
    order = np.argsort(centers)
    return Mixture(shares[order], centers[order], spread, log_likelihood, n, spacing_nm)


def _log_parts(sizes_nm, shares, centers, spread):
    scaled = (sizes_nm[:, None] - centers) / spread
    return np.log(np.maximum(shares, 1e-300)) - 0.5 * scaled**2 - np.log(spread * np.sqrt(2.0 * np.pi))


def _log_sum(log_parts):
    top = log_parts.max(axis=1)
    return top + np.log(np.exp(log_parts - top[:, None]).sum(axis=1))


def covariance(sizes_nm: np.ndarray, fit: Mixture) -> np.ndarray:
    """Covariance (k + 1, k + 1) of the centres and the spread [nm²], from the scores of the particles.

    Notes
    -----
    Fisher information as the sum of the outer products of the scores, all parameters together (shares as logits against
    the last one), inverted; the block of centres and spread is given. With a fixed spacing all centres move as one.
    """
    log_parts = _log_parts(sizes_nm, fit.shares, fit.centers_nm, fit.spread_nm)
    belongs = np.exp(log_parts - _log_sum(log_parts)[:, None])
    scaled = (sizes_nm[:, None] - fit.centers_nm) / fit.spread_nm
    by_center = belongs * scaled / fit.spread_nm
    by_spread = (belongs * (scaled**2 - 1.0) / fit.spread_nm).sum(axis=1, keepdims=True)
    by_share = (belongs - fit.shares)[:, : fit.k - 1]
    spread_out = np.eye(fit.k) if fit.spacing_nm is None else np.ones((1, fit.k))
    scores = np.concatenate([by_center @ spread_out.T, by_spread, by_share], axis=1)
    inverse = np.linalg.pinv(scores.T @ scores)
    n_centers = spread_out.shape[0]
    block = inverse[: n_centers + 1, : n_centers + 1]
    full = np.zeros((fit.k + 1, n_centers + 1))
    full[: fit.k, :n_centers] = spread_out.T
    full[fit.k, n_centers] = 1.0
    return full @ block @ full.T


def share_interval(sizes_nm: np.ndarray, fit: Mixture, which: int, drop: float = TWO_SIGMA_DROP) -> tuple[float, float]:
    """Interval of one population's share by profile likelihood.

    Parameters
    ----------
    sizes_nm : ndarray, shape (n,) [nm]
    fit : Mixture
        The best fit.
    which : int
        Index of the population.
    drop : float
        Loss of 2 ln L at the ends: 3.84 for 95 %, 1 for 68 %.

    Returns
    -------
    lower, upper : float
        Within 0…1 [1].

    Notes
    -----
    A share near 1 has a skewed error: the interval of value ± u would pass 1. For each trial share everything else is fitted
    anew. With a single population its share is 1 by definition; the interval then says which share of unseen others the
    number of particles leaves possible: 1 − (drop/2)/n.
    """
    if fit.k == 1:
        return max(0.0, 1.0 - 0.5 * drop / fit.n), 1.0
    best, share = fit.log_likelihood, float(fit.shares[which])
    if fit.spread_nm <= LEAST_SPREAD * np.ptp(sizes_nm):  # populations without any spread
        return _counted(share, fit.n, drop)

    def lost(trial: float) -> float:
        return 2.0 * (best - _profile(sizes_nm, fit, which, trial)) - drop

    ends = []
    for edge in (1e-6, 1.0 - 1e-6):
        at_edge = lost(edge)
        inside = abs(share - edge) < 1e-9 or at_edge <= 0.0
        if not np.isfinite(at_edge + lost(share)):
            return _counted(share, fit.n, drop)
        ends.append(round(edge) if inside else brentq(lost, share, edge, xtol=1e-4))
    return float(ends[0]), float(ends[1])


def _counted(share: float, n: int, drop: float) -> tuple[float, float]:
    """The interval where nothing but counting is left."""
    half = np.sqrt(drop * max(share * (1.0 - share), 0.25 / n) / n)
    return max(0.0, share - half), min(1.0, share + half)


def _profile(sizes_nm, fit: Mixture, which: int, share: float) -> float:
    """Best log likelihood with one share held."""
    k, others = fit.k, [j for j in range(fit.k) if j != which]

    def unpack(p):
        rest = np.exp(p[: k - 2]) if k > 2 else np.empty(0)
        rest = np.concatenate([rest, [1.0]])
        shares = np.empty(k)
        shares[which], shares[others] = share, (1.0 - share) * rest / rest.sum()
        if fit.spacing_nm is None:
            centers, spread = p[k - 2 : 2 * k - 2], np.exp(p[2 * k - 2])
        else:
            centers, spread = p[k - 2] + fit.spacing_nm * np.arange(k), np.exp(p[k - 1])
        return shares, centers, spread

    def cost(p):
        """Minus ln L and its gradient: responsibilities times the score of each parameter."""
        shares, centers, spread = unpack(p)
        log_parts = _log_parts(sizes_nm, shares, centers, spread)
        log_sum = _log_sum(log_parts)
        belongs = np.exp(log_parts - log_sum[:, None])
        scaled = (sizes_nm[:, None] - centers) / spread
        by_center = (belongs * scaled).sum(axis=0) / spread
        by_spread = float((belongs * (scaled**2 - 1.0)).sum())
        mass = belongs.sum(axis=0)[others]
        by_logit = (mass - mass.sum() * shares[others] / (1.0 - share))[: k - 2]
        by_place = by_center if fit.spacing_nm is None else [by_center.sum()]
        return -float(log_sum.sum()), -np.concatenate([by_logit, by_place, [by_spread]])

    rest = fit.shares[others]
    logits = np.log(np.maximum(rest[:-1], 1e-9) / max(rest[-1], 1e-9))
    centers = fit.centers_nm if fit.spacing_nm is None else fit.centers_nm[:1]
    start = np.concatenate([logits, centers, [np.log(fit.spread_nm)]])
    return -minimize(cost, start, jac=True, method="BFGS", options={"gtol": 1e-5}).fun
