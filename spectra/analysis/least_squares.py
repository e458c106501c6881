"""Damped Fisher scoring for n small problems at once: Poisson likelihood or weighted least squares, with bounds.

The problems share the shape of their model and take their steps together; each has its own damping and stops on its
own, and one that fails does not disturb the others. With ``variance`` the objective is χ², and scoring is the method
of Levenberg and Marquardt; without, it is the Poisson deviance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

POISSON_FLOOR = 1e-12  # expected counts below this are taken as this: log 0 would end the fit
FIRST_DAMPING = 1e-2
LARGEST_DAMPING = 1e12
SMALLEST_DAMPING = 1e-10
SAFE_INVERSE = 1e10  # an inverse of such elements belongs to eigenvalues above 1e-12
UNDETERMINED = 1e4  # a parameter whose u is so many times its value was not determined by the data

Model = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class NotConverged(ValueError):
    """The fit found no minimum; its parameters mean nothing."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Answers of n fits with p parameters.

    ``parameters`` (n, p); ``objective`` (n,) deviance or χ²; ``covariance`` (n, p, p) from the Fisher matrix, zero in
    rows of parameters that ended on a bound; ``converged`` (n,); ``at_bound`` (n, p).
    """

    parameters: np.ndarray
    objective: np.ndarray
    covariance: np.ndarray
    converged: np.ndarray
    at_bound: np.ndarray

    def require_convergence(self) -> "Solution":
        """Give itself back, or raise NotConverged: a number that is no minimum must not go on."""
        if not self.converged.all():
            raise NotConverged(f"{int((~self.converged).sum())} of {self.converged.size} fits found no minimum")
        return self


def poisson_deviance(counts: np.ndarray, expected: np.ndarray, log_counts: np.ndarray | None = None) -> np.ndarray:
    """Sum 2 [μ − y + y ln(y/μ)] over the last axis: twice the log likelihood lost against a perfect model.

    Parameters
    ----------
    counts, expected : ndarray, shape (..., m) [counts]
    log_counts : ndarray, shape (..., m), optional
        ln(counts), 0 where there are none: to be given when it is asked for often.

    Returns
    -------
    ndarray, shape (...) [1]

    References
    ----------
    S. Baker, R. D. Cousins, Nucl. Instrum. Methods 221 (1984) 437, doi:10.1016/0167-5087(84)90016-4

    Examples
    --------
    >>> float(poisson_deviance(np.array([3.0, 5.0]), np.array([3.0, 5.0])))
    0.0
    >>> float(poisson_deviance(np.array([0.0]), np.array([2.0])))
    4.0
    """
    expected = np.maximum(expected, POISSON_FLOOR)
    if log_counts is None:
        log_counts = log_of_counts(counts)
    terms = np.log(expected)
    np.subtract(log_counts, terms, out=terms)
    terms *= counts
    terms += expected
    terms -= counts
    return 2 * terms.sum(axis=-1)


def log_of_counts(counts: np.ndarray) -> np.ndarray:
    """Natural logarithm, 0 where there are no counts (y ln y is 0 there)."""
    return np.log(np.where(counts > 0, counts, 1.0))


def minimise(
    model: Model,
    data: np.ndarray,
    start: np.ndarray,
    *,
    lower: np.ndarray | None = None,
    upper: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    scale_known: bool = True,
    orthogonal: bool = False,
    tolerance: float = 1e-8,
    maximum_steps: int = 100,
) -> Solution:
    """Fit n data sets at once.

    Parameters
    ----------
    model : callable
        ``model(parameters (k, p), rows (k,)) -> (expected (k, m), jacobian (k, p, m))``; ``rows`` says which of the
        n data sets are asked for.
    data : ndarray, shape (n, m)
    start, lower, upper : ndarray, shape (n, p); the bounds may be of any shape that broadcasts
    variance : ndarray, shape (n, m), optional
        Of the data. None: the data are photon counts with Poisson statistics.
    scale_known : bool
        False: ``variance`` is known up to a factor, which is taken from the residuals (χ²/(m − p)).
    orthogonal : bool
        Solve by QR instead of normal equations: slower, and right for badly conditioned problems.
    tolerance : float
        The fit ends when the next step would lower the objective by less than this [units of χ²].

    Returns
    -------
    Solution

    Notes
    -----
    Step: (F + λ diag F) δ = Jᵀ W (y − μ), F = Jᵀ W J, W = 1/μ (Poisson) or 1/variance. Parameters on a bound whose
    gradient points outward stay there (D. P. Bertsekas, doi:10.1137/0320018). ``converged`` is False also when the
    minimum leaves a parameter undetermined. A local minimum is not told from a global one: give several starts.

    Examples
    --------
    >>> t = np.arange(5.0)
    >>> def line(p, rows):
    ...     return p[:, :1] + p[:, 1:] * t, np.stack([np.ones((len(p), 5)), np.tile(t, (len(p), 1))], axis=1)
    >>> minimise(line, (2 + 3 * t)[None], np.ones((1, 2)), variance=np.ones((1, 5))).parameters.round(6)
    array([[2., 3.]])
    """
    data, parameters = np.atleast_2d(data), np.array(start, dtype=np.float64)
    n, p = parameters.shape
    lower = np.broadcast_to(-np.inf if lower is None else lower, (n, p))
    upper = np.broadcast_to(np.inf if upper is None else upper, (n, p))
    parameters = np.clip(parameters, lower, upper)
    with np.errstate(all="ignore"):
        search = _Search(model, data, variance, scale_known, orthogonal, tolerance, lower, upper)
        return search.run(parameters, maximum_steps)


class _Search:
    """The state of n searches: parameters, expected values and derivatives there, and damping."""

    def __init__(self, model, data, variance, scale_known, orthogonal, tolerance, lower, upper):
        self.model, self.data, self.variance = model, data, variance
        self.scale_known, self.orthogonal, self.tolerance = scale_known, orthogonal, tolerance
        self.lower, self.upper = lower, upper
        self.log_data = log_of_counts(data) if variance is None else None

    def run(self, parameters, maximum_steps) -> Solution:
        n = len(parameters)
        self.at = parameters
        self.expected, self.jacobian = self.model(self.at, np.arange(n))
        self.objective = self._objective(self.expected, np.arange(n))
        self.damping = np.full(n, FIRST_DAMPING)
        self.converged = np.zeros(n, dtype=bool)
        self.running = np.isfinite(self.objective)
        for _ in range(maximum_steps):
            rows = np.flatnonzero(self.running)
            if rows.size == 0:
                break
            self._step(rows)
        return self._solution()

    def _objective(self, expected, rows):
        data = self._of(self.data, rows)
        if self.variance is None:
            return poisson_deviance(data, expected, self._of(self.log_data, rows))
        return ((data - expected) ** 2 / self._of(self.variance, rows)).sum(axis=-1)

    def _of(self, values, rows):
        """Values of some problems; without a copy when it is all of them."""
        return values if rows.size == len(values) else values[rows]

    def _unit(self, rows):
        """What a change of the objective is measured in: 1, or χ²/(m − p) when the variance has no scale."""
        if self.scale_known:
            return np.ones(rows.size)
        return self.objective[rows] / max(self.data.shape[1] - self.at.shape[1], 1)

    def _system(self, rows):
        """Fisher matrix or, for QR, whitened Jacobian; gradient; both for columns of length 1; and the lengths."""
        expected, jacobian = self._of(self.expected, rows), self._of(self.jacobian, rows)
        variance = expected if self.variance is None else self._of(self.variance, rows)
        weight = 1 / np.maximum(variance, POISSON_FLOOR if self.variance is None else 0)
        residuals = self._of(self.data, rows) - expected
        if self.orthogonal:
            root = np.sqrt(weight)
            matrix, residuals = jacobian * root[:, None, :], residuals * root
            gradient = (matrix @ residuals[:, :, None])[:, :, 0]
            length = _or_one(np.sqrt((matrix**2).sum(axis=-1)))
            return matrix / length[:, :, None], residuals, gradient / length, length
        weighted = jacobian * weight[:, None, :]
        fisher = weighted @ jacobian.swapaxes(1, 2)
        gradient = (weighted @ residuals[:, :, None])[:, :, 0]
        length = _or_one(np.sqrt(np.diagonal(fisher, axis1=1, axis2=2)))
        return fisher / (length[:, :, None] * length[:, None, :]), residuals, gradient / length, length

    def _step(self, rows):
        matrix, residuals, gradient, length = self._system(rows)
        free = ~self._held(rows, gradient)
        gradient = gradient * free
        move = self._solve(matrix, residuals, gradient, free, self.damping[rows]) / length
        usable = np.isfinite(move).all(axis=1)
        trial = np.clip(self.at[rows] + np.where(usable[:, None], move, 0), self.lower[rows], self.upper[rows])
        expected, derivative = self.model(trial, rows)
        objective = self._objective(expected, rows)
        taken = trial - self.at[rows]
        promised = np.abs((taken * length * gradient).sum(axis=1))
        better = usable & (objective <= self.objective[rows])
        self._finish(rows, better, promised, taken)
        self._accept(rows, better, trial, objective, expected, derivative)
        self.damping[rows] = np.where(
            better, np.maximum(self.damping[rows] / 10, SMALLEST_DAMPING), self.damping[rows] * 10
        )

    def _accept(self, rows, better, trial, objective, expected, derivative):
        good = rows[better]
        if good.size == len(self.at):
            self.at, self.objective, self.expected, self.jacobian = trial, objective, expected, derivative
            return
        self.at[good], self.objective[good] = trial[better], objective[better]
        self.expected[good], self.jacobian[good] = expected[better], derivative[better]

    def _held(self, rows, gradient):
        at = self.at[rows]
        fixed = self.lower[rows] == self.upper[rows]
        return fixed | ((at <= self.lower[rows]) & (gradient < 0)) | ((at >= self.upper[rows]) & (gradient > 0))

    def _solve(self, matrix, residuals, gradient, free, damping):
        """The damped steps; NaN for problems whose numbers are not finite, so that they stop alone."""
        n, p = gradient.shape
        spoilt = ~(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1))
        if spoilt.any():
            matrix, residuals, gradient = (
                np.where(spoilt.reshape(-1, *[1] * (a.ndim - 1)), 0.0, a) for a in (matrix, residuals, gradient)
            )
        if self.orthogonal:
            ridge = np.sqrt(damping)[:, None, None] * np.eye(p)
            q, r = np.linalg.qr(np.concatenate([(matrix * free[:, :, None]).swapaxes(1, 2), ridge], axis=1))
            right = np.concatenate([residuals, np.zeros((n, p))], axis=1)
            move = np.linalg.solve(r, q.swapaxes(1, 2) @ right[:, :, None])[:, :, 0]
        else:
            fisher = matrix * (free[:, :, None] & free[:, None, :]) + damping[:, None, None] * np.eye(p)
            move = np.linalg.solve(fisher, gradient[:, :, None])[:, :, 0]
        move[spoilt] = np.nan
        return move

    def _finish(self, rows, better, promised, taken):
        """End the searches that have arrived, and those that cannot get on."""
        still = np.abs(taken).max(axis=1, initial=0) <= 1e-14 * np.abs(self.at[rows]).max(axis=1, initial=0)
        small = (np.abs(taken) <= 1e-9 * np.abs(self.at[rows])).all(axis=1)  # nothing left but rounding
        undamped = self.damping[rows] <= 1e-2
        arrived = (undamped & (promised <= self.tolerance * self._unit(rows))) | (small & (undamped | ~better)) | still
        self.converged[rows] = arrived
        self.running[rows] = ~arrived & (self.damping[rows] < LARGEST_DAMPING)

    def _solution(self) -> Solution:
        rows = np.arange(len(self.at))
        matrix, _, gradient, length = self._system(rows)
        held = self._held(rows, gradient)
        scale = self._unit(rows)[:, None, None] / (length[:, :, None] * length[:, None, :])
        covariance = self._inverse(matrix, held) * scale
        u = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0))
        known = np.isfinite(covariance).all(axis=(1, 2)) & (u <= UNDETERMINED * np.abs(self.at) + 1e-300).any(axis=1)
        unaffected = (np.abs(matrix).max(axis=-1) == 0).any(axis=1)
        return Solution(self.at, self.objective, covariance, self.converged & known & ~unaffected, held)

    def _inverse(self, matrix, held):
        """Inverse Fisher matrix; zero where a parameter is held, NaN where the matrix cannot be inverted."""
        n, p = held.shape
        unit = held[:, :, None] * np.eye(p)
        if self.orthogonal:
            matrix = np.where(np.isfinite(matrix), matrix, 0.0) * ~held[:, :, None]
            r = np.linalg.qr(np.concatenate([matrix.swapaxes(1, 2), unit], axis=1), mode="r")
            inverse = np.linalg.solve(np.where(np.eye(p) * (r == 0), np.nan, r), np.broadcast_to(np.eye(p), r.shape))
            return inverse @ inverse.swapaxes(1, 2) - unit
        fisher = matrix * ~(held[:, :, None] | held[:, None, :]) + unit
        sound = np.isfinite(fisher).all(axis=(1, 2))
        covariance = np.full((n, p, p), np.nan)
        covariance[sound] = _inverse_where_sound(fisher[sound])
        return covariance - unit


def _inverse_where_sound(matrices: np.ndarray) -> np.ndarray:
    """Inverses (n, p, p); NaN for those whose smallest eigenvalue is 10⁻¹⁴ or less.

    An inverse whose elements are small cannot have come from one of these: only the others are asked for their eigenvalues.
    """
    try:
        inverse = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:  # one of them is singular, which numpy does not say
        inverse = np.full(matrices.shape, np.nan)
        doubtful = np.ones(len(matrices), dtype=bool)
    else:
        doubtful = ~(np.abs(inverse).max(axis=(1, 2), initial=0) < SAFE_INVERSE)
    rows = np.flatnonzero(doubtful)
    good = np.linalg.eigvalsh(matrices[rows])[:, 0] > 1e-14
    inverse[rows[~good]] = np.nan
    inverse[rows[good]] = np.linalg.inv(matrices[rows[good]])
    return inverse


def _or_one(length: np.ndarray) -> np.ndarray:
    return np.where(length > 0, length, 1.0)
