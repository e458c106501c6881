"""Fits of n decays at once: starting values, several starts, and the best of them.

All decays of one call share bin width, response and window (see :class:`~spectra.analysis.decay_model.DecayModel`).
Photon counts are fitted by Poisson maximum likelihood; anything else by least squares with given variances.
"""

from dataclasses import dataclass

import numpy as np

from spectra.analysis.decay_model import LARGEST_SHIFT, NEAR, SHORTEST_BINS, DecayModel
from spectra.analysis.least_squares import Solution, minimise, poisson_deviance

TOGETHER = 2048  # decays that are started together, and those that need other starts
CELLS = 2**18  # derivatives computed at once, so that they stay in the cache
GOOD_FIT = 3.0  # standard deviations of χ² above its mean from which other starts are tried
POOR_FIT = 1.5  # objective per degree of freedom from which other shifts of the response are tried
QUICK_TOLERANCE = 1e-2  # of the objective: enough to see which start leads to the lower minimum
LONGEST_WINDOWS = 20.0  # upper bound of a lifetime, in windows
FURTHER = (0.25, 4.0, 1.6)  # steps from the single lifetime at which components begin that nobody gave
STARTS_OF_TWO = ((0.3, 1.3), (0.08, 1.05), (0.75, 2.5))  # lifetimes of two components, in units of the single one
FAST = 0.3  # lifetime of one more component, in units of the shortest


@dataclass(frozen=True, eq=False)
class DecayFit:
    """Answers of n fits: ``parameters`` (n, p) of ``model``, ``covariance`` (n, p, p), ``objective`` (n,), …"""

    model: DecayModel
    parameters: np.ndarray
    covariance: np.ndarray
    objective: np.ndarray
    converged: np.ndarray
    photons: np.ndarray

    @property
    def tau_bins(self) -> np.ndarray:
        """Lifetimes [bins], shape (n, k)."""
        return np.exp(self.parameters[:, : self.model.k])

    @property
    def areas(self) -> np.ndarray:
        """Photons of each component [counts], shape (n, k)."""
        return self.parameters[:, self.model.k : 2 * self.model.k]

    @property
    def bic(self) -> np.ndarray:
        """Bayesian information criterion, shape (n,): objective + p ln(photons)."""
        return self.objective + self.parameters.shape[1] * np.log(np.maximum(self.photons, 2))

    def value(self, name: str) -> np.ndarray:
        """A fitted parameter by name, shape (n,); its fixed value (0, or the given shift) when it was not fitted."""
        column = self.model.column(name)
        if column is not None:
            return self.parameters[:, column]
        return np.full(len(self.parameters), self.model.shift_bins if name == "shift" else 0.0)

    def row(self, i: int) -> "DecayFit":
        """The fit of one decay."""
        parts = (self.parameters, self.covariance, self.objective, self.converged, self.photons)
        return DecayFit(self.model, *(part[i : i + 1] for part in parts))


def fit_decays(counts: np.ndarray, model: DecayModel, variance: np.ndarray | None = None) -> DecayFit:
    """Fit n decays with the exponentials of ``model``.

    Parameters
    ----------
    counts : ndarray, shape (n, m) [counts]
    model : DecayModel
        What is fitted, and between which bins.
    variance : ndarray, shape (n, m), optional
        Of the counts. None: Poisson maximum likelihood, for whole numbers only.

    Returns
    -------
    DecayFit

    Raises
    ------
    ValueError
        For the Poisson likelihood of counts that are negative or not whole.

    Notes
    -----
    The components are in ascending order of lifetime. Errors from the Fisher matrix: symmetric, first order; with
    fewer than about 300 photons the likelihood is skewed and they are too small.

    References
    ----------
    M. Maus et al., Anal. Chem. 73 (2001) 2078, doi:10.1021/ac000877g (likelihood against least squares)

    Examples
    --------
    >>> model = DecayModel(None, 1, 0, 400)
    >>> counts = np.round(1e4 * np.exp(-np.arange(400) / 60.0))
    >>> fit_decays(counts, model).tau_bins.round(1)
    array([[60.]])
    """
    counts = np.atleast_2d(counts)
    data = _grouped(counts, model, check=variance is None)
    variance = None if variance is None else model.groups.sums(variance)
    chunks = [slice(i, i + TOGETHER) for i in range(0, len(counts), TOGETHER)]
    fits = [_fit_chunk(data[c], model, None if variance is None else variance[c]) for c in chunks]
    found = _in_order_of_lifetime(_joined(fits), model.k)
    photons = np.maximum(data.sum(axis=1), 0)
    return DecayFit(model, found.parameters, found.covariance, found.objective, found.converged, photons)


def _grouped(counts: np.ndarray, model: DecayModel, check: bool) -> np.ndarray:
    """The counts in the model's groups (n, g), seen to be photon counts where that is asked.

    A few decays at a time, so that their channels come from memory once and not for every look at them.
    """
    parts = [counts[i : i + 32] for i in range(0, len(counts), 32)]
    answers = []
    for part in parts:
        if check and not ((part >= 0).all() and (part == np.rint(part)).all()):
            raise ValueError("the Poisson likelihood needs photon counts: whole numbers from 0")
        answers.append(model.groups.sums(part))
    return np.concatenate(answers)


def _fit_chunk(data, model: DecayModel, variance) -> Solution:
    """The best of all starts; a steep response may leave the search stuck, so it also starts from what the linear model finds."""
    problem = _Problem(model, data, variance)
    found = _search(problem, data, variance)
    if not model.swings or model.options["linear"]:
        return found
    smooth = DecayModel(model.response, model.k, model.first, model.stop, **(model.options | {"linear": True}))
    return _better(found, problem.solve(_search(_Problem(smooth, data, variance), data, variance).parameters))


def _search(problem: "_Problem", data, variance) -> Solution:
    model = problem.model
    if model.given:
        single = _Problem(_with_exponentials(model, 1, given=()), data, variance).start()
        return problem.try_other_shifts(problem.best(problem.starts_as_given(single)))
    if model.k == 1:
        return problem.try_other_shifts(problem.solve(problem.start()))
    single = _Problem(_with_exponentials(model, 1), data, variance)
    parameters = single.start()
    for k in range(2, model.k + 1):
        stage = problem if k == model.k else _Problem(_with_exponentials(model, k), data, variance)
        solution = stage.best(_split_starts(parameters, k))
        if k == 2:
            solution = stage.try_from_single(solution, single)
        parameters = solution.parameters
    return problem.try_other_shifts(solution)


def _with_exponentials(model: DecayModel, k: int, **changes) -> DecayModel:
    return DecayModel(model.response, k, model.first, model.stop, **(model.options | changes))


class _Problem:
    """One model with the data of a chunk and their variance, in the model's groups of bins (which k does not change)."""

    def __init__(self, model: DecayModel, data, variance):
        self.model, self.data, self.variance = model, data, variance
        self.freedom = max(self.data.shape[1] - len(model.names), 1)
        self.lower, self.upper = self._bounds()

    def _bounds(self):
        k, total = self.model.k, np.maximum(self.data.sum(axis=1), 1e-300)
        lower, upper = np.zeros((2, len(total), len(self.model.names)))
        lower[:, :k] = np.log(SHORTEST_BINS)
        upper[:, :k] = np.log(LONGEST_WINDOWS * (self.model.stop - self.model.first))
        for i, (tau, held) in enumerate(self.model.given):
            if held:
                lower[:, i] = upper[:, i] = np.log(tau)
        lower[:, k : 2 * k], upper[:, k : 2 * k] = 1e-9 * total[:, None], np.inf
        for name, column in ((n, self.model.column(n)) for n in self.model.names[2 * k :]):
            lower[:, column] = 1e-9 * total / self.data.shape[1]  # never 0: a photon where none can be is impossible
            upper[:, column] = np.inf
            if name == "background" and self.variance is not None:
                lower[:, column] = -np.inf
            if name == "shift":
                lower[:, column] = self.model.shift_bins - LARGEST_SHIFT + 1
                upper[:, column] = self.model.shift_bins + LARGEST_SHIFT - 1
        return lower, upper

    def start(self) -> np.ndarray:
        """Lifetime from the time at which 63 % of the net counts have come, background from before or the end."""
        groups, first, stop = self.model.groups, self.model.first, self.model.stop
        middle = groups.start + groups.width / 2
        quiet = [middle < self.model.onset - NEAR, middle > stop - 0.1 * (stop - first)]
        levels = [self.data[:, q].sum(axis=1) / groups.width[q].sum() for q in quiet if groups.width[q].sum() >= 20]
        level = np.maximum(np.min(levels, axis=0, initial=np.inf), 0) if levels else np.zeros(len(self.data))
        level = 0.95 * level * self.model.fit_background
        after = middle >= self.model.middle
        net = np.cumsum((self.data - level[:, None] * groups.width)[:, after], axis=1)
        total = np.maximum(net[:, -1], 1e-3 * np.maximum(self.data.sum(axis=1), 1e-300))
        at = np.minimum((net < 0.632 * total[:, None]).sum(axis=1), after.sum() - 1)
        tau = np.clip(middle[after][at] - self.model.middle, 2.0, (stop - first) / 2)
        columns = [np.log(tau), total]
        for name in self.model.names[2:]:
            fill = {"background": level, "scatter": 0.01 * total}
            columns.append(fill.get(name, np.full(len(total), self.model.shift_bins)))
        return np.stack(columns, axis=1)

    def starts_as_given(self, one: np.ndarray) -> list[np.ndarray]:
        """Starts at the lifetimes that a person gave; further ones are longer and shorter than the ``one`` of a single start."""
        k = self.model.k
        starts = []
        for factor in FURTHER:
            taus = [np.full(len(one), np.log(tau)) for tau, _held in self.model.given]
            taus += [one[:, 0] + (j + 1) * np.log(factor) for j in range(k - len(taus))]
            areas = np.repeat(one[:, 1:2] / k, k, axis=1)
            starts.append(np.concatenate([np.stack(taus, axis=1), areas, one[:, 2:]], axis=1))
        return starts[: 1 if k == len(self.model.given) else None]

    def solve(self, start, rows=None, quick=False) -> Solution:
        chosen = np.arange(len(self.data)) if rows is None else rows
        size = max(16, CELLS // (self.data.shape[1] * len(self.model.names)))
        chunks = [slice(i, i + size) for i in range(0, len(chosen), size)]
        return _joined([self._solve(start[c], chosen[c], quick) for c in chunks])

    def _solve(self, start, chosen, quick) -> Solution:
        return minimise(
            self.model,
            self.data[chosen],
            start,
            lower=self.lower[chosen],
            upper=self.upper[chosen],
            variance=None if self.variance is None else self.variance[chosen],
            tolerance=QUICK_TOLERANCE if quick else 1e-6,
            maximum_steps=15 if quick else 60,
        )

    def best(self, starts) -> Solution:
        """Search from the first start; where that is doubtful, from all others at once, as far as they look better."""
        found = self.solve(starts[0])
        rows = np.flatnonzero(self._doubtful(found))
        if rows.size == 0 or len(starts) == 1:
            return found
        others = [start[rows] for start in starts[1:]]
        tried = self.solve(np.concatenate(others), np.tile(rows, len(others)), quick=True)
        objective = np.where(np.isnan(tried.objective), np.inf, tried.objective).reshape(len(others), -1)
        promising = objective.min(axis=0) < found.objective[rows] - QUICK_TOLERANCE
        promising |= ~found.converged[rows]
        if promising.any():
            lowest = objective.argmin(axis=0) * rows.size + np.arange(rows.size)
            start, rows = tried.parameters[lowest[promising]], rows[promising]
            found = _better(found, self.solve(start, rows), rows)
        return found

    def _doubtful(self, found: Solution) -> np.ndarray:
        """Whether another start may lead to a lower minimum: the fit is poor, or a parameter is at its end or undetermined."""
        free = self.lower < self.upper
        poor = ~(found.objective < self.freedom + GOOD_FIT * np.sqrt(2.0 * self.freedom))
        return poor | ~found.converged | (found.at_bound & free).any(axis=1)

    def try_from_single(self, found: Solution, single: "_Problem") -> Solution:
        """Where two components fit poorly, start again from the best single one."""
        rows = np.flatnonzero(~(found.objective <= POOR_FIT * self.freedom))
        if rows.size == 0:
            return found
        for start in _split_starts(single.solve(single.start()[rows], rows).parameters, 2):
            found = _better(found, self.solve(start, rows), rows)
        return found

    def try_other_shifts(self, found: Solution) -> Solution:
        """Where the fit is poor, look for the response at other places: a large shift is a minimum of its own."""
        column = self.model.column("shift")
        rows = np.flatnonzero(~(found.objective <= POOR_FIT * self.freedom))
        if column is None or rows.size == 0:
            return found
        start = found.parameters[rows].copy()
        start[:, column] = [self._likely_shift(row, found.parameters[row], column) for row in rows]
        moved = np.abs(start[:, column] - found.parameters[rows, column]) > 1
        if not moved.any():
            return found
        rows, start = rows[moved], start[moved]
        return _better(found, self.solve(start, rows), rows)

    def _likely_shift(self, row, parameters, column) -> float:
        shifts = np.arange(self.lower[row, column], self.upper[row, column], 2.0)
        tried = np.repeat(parameters[None], shifts.size, axis=0)
        tried[:, column] = shifts
        expected, _ = self.model(tried)
        if self.variance is None:
            misfit = poisson_deviance(self.data[row], expected)
        else:
            misfit = ((self.data[row] - expected) ** 2 / self.variance[row]).sum(axis=1)
        return float(shifts[np.argmin(misfit)])


def _joined(solutions: list[Solution]) -> Solution:
    if len(solutions) == 1:
        return solutions[0]
    names = ("parameters", "objective", "covariance", "converged", "at_bound")
    return Solution(**{name: np.concatenate([getattr(s, name) for s in solutions]) for name in names})


def _better(found: Solution, other: Solution, rows=None) -> Solution:
    rows = np.arange(len(found.objective)) if rows is None else rows
    lower = (other.objective < found.objective[rows] - 1e-9) | ~np.isfinite(found.objective[rows])
    parts = {}
    for name in ("parameters", "objective", "covariance", "converged", "at_bound"):
        values = getattr(found, name).copy()
        values[rows[lower]] = getattr(other, name)[lower]
        parts[name] = values
    return Solution(**parts)


def _split_starts(parameters, k) -> list[np.ndarray]:
    """Starts for k components from the fit with k − 1: the longest one split in two, or a fast one before the shortest."""
    log_tau, area, rest = parameters[:, : k - 1], parameters[:, k - 1 : 2 * k - 2], parameters[:, 2 * k - 2 :]
    starts = []
    for short, long in STARTS_OF_TWO:
        last = log_tau[:, -1:]
        taus = [log_tau[:, :-1], last + np.log(short), last + np.log(long)]
        areas = [area[:, :-1], 0.3 * area[:, -1:], 0.7 * area[:, -1:]]
        starts.append(np.concatenate([*taus, *areas, rest], axis=1))
    if k > 2:
        taus = [log_tau[:, :1] + np.log(FAST), log_tau]
        areas = [0.3 * area[:, :1], 0.7 * area[:, :1], area[:, 1:]]
        starts.append(np.concatenate([*taus, *areas, rest], axis=1))
    return starts


def _in_order_of_lifetime(solution: Solution, k: int) -> Solution:
    order = np.argsort(solution.parameters[:, :k], axis=1)
    rest = np.tile(np.arange(2 * k, solution.parameters.shape[1]), (len(order), 1))
    columns = np.concatenate([order, order + k, rest], axis=1)
    covariance = np.take_along_axis(solution.covariance, columns[:, :, None], axis=1)
    return Solution(
        np.take_along_axis(solution.parameters, columns, axis=1),
        solution.objective,
        np.take_along_axis(covariance, columns[:, None, :], axis=2),
        solution.converged,
        np.take_along_axis(solution.at_bound, columns, axis=1),
    )
