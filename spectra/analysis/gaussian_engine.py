"""Fit 1 to 4 Gaussians on a baseline to n spectra at once, in numpy.

Only centres, widths and the rate of a tail are searched (Levenberg–Marquardt); amplitudes and baseline follow from
them by linear least squares in every step (variable projection). All sums over points that a step needs are
moments ``Σ w F_k F_l t^j`` of pairs of shapes, which one matrix product per pair gives for a whole chunk of spectra.
One spectrum at a time this is no faster than a library fit: the batch is the gain. A spectrum that cannot be fitted
is marked as such and never stops its batch. For a list of spectra with axes of their own see :func:`fit_each`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spectra.analysis.gaussian_shapes import BASELINES, Data, Model, full_covariance, solve_scaled, without
from spectra.analysis.gaussian_starts import starts

FWHM_PER_SIGMA = 2.0 * np.sqrt(2.0 * np.log(2.0))
CHUNK = 512  # spectra per chunk: their arrays of a step stay in the cache
MAX_STEPS = 60
PATIENCE = 20  # steps after which a search that only creeps has arrived: the cost falls by less than FLAT of itself
FLAT, CREEPS = 3e-7, 1e-2  # … (a hundredth of u) and nothing moves by more than this part of a sigma
AS_GOOD = 9.0  # residual variances: a minimum that is higher by less fits as well
COST_ROUNDING = 1e-14  # of Σ w y²; a cost that rises by less has not risen
MAX_GAUSSIANS = 4


@dataclass(frozen=True, eq=False)
class GaussianFits:
    """Fits of n spectra by K Gaussians; rows are spectra. Gaussians are ordered by centre.

    ``linear`` holds amplitudes, then the tail's amplitude, then the baseline's coefficients, as ``names`` says.
    ``covariance`` is that of (linear …, centre …, sigma …, tail rate), in the units of x and y.
    """

    center: np.ndarray  # (n, K) [x]
    sigma: np.ndarray  # (n, K) [x]
    linear: np.ndarray  # (n, P) [y]
    rate: np.ndarray  # (n,) [1/x] of the exponential tail; NaN without one
    covariance: np.ndarray  # (n, Q, Q)
    cost: np.ndarray  # (n,) Σ w r²
    dof: np.ndarray  # (n,) points with weight minus parameters
    steps: np.ndarray  # (n,)
    ok: np.ndarray  # (n,) converged to finite numbers
    starts_agree: np.ndarray  # (n,) no other start found other bands that fit as well
    held: np.ndarray  # (n, 2K) centres, then sigmas: held at their start, so that their variance is 0
    names: tuple[str, ...]
    model: Model

    @property
    def amplitude(self) -> np.ndarray:
        return self.linear[:, : self.center.shape[1]]

    @property
    def fwhm(self) -> np.ndarray:
        return FWHM_PER_SIGMA * self.sigma

    @property
    def reduced_chi2(self) -> np.ndarray:
        return self.cost / self.dof

    def u(self, name: str) -> np.ndarray:
        """Standard uncertainty (n,) of one parameter, e.g. ``center_1``."""
        place = self.names.index(name)
        return np.sqrt(np.maximum(self.covariance[:, place, place], 0.0))

    def components(self, i: int) -> np.ndarray:
        """Curves (K, m) of the Gaussians of spectrum ``i`` [y]."""
        u = (self.model.x[None, :] - self.center[i][:, None]) / self.sigma[i][:, None]
        return self.amplitude[i][:, None] * np.exp(-0.5 * u * u)

    def background(self, i: int) -> np.ndarray:
        """Curve (m,) of tail and baseline of spectrum ``i`` [y]."""
        return self.model.background(self.linear[i], self.rate[i])

    def curve(self, i: int) -> np.ndarray:
        """The fitted curve (m,) of spectrum ``i`` [y]."""
        return self.components(i).sum(axis=0) + self.background(i)

    def _columns(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Jacobian (m, Q) of spectrum ``i`` and the scale (Q,) that makes its parameters natural ones."""
        rate = self.rate[i : i + 1] if self.model.tail else None
        theta = self.model.nonlinear(self.center[i : i + 1], self.sigma[i : i + 1], rate)
        return self.model.jacobian(theta, self.linear[i : i + 1])[0], self.model.natural_scale(theta)[0]

    def _free(self, i: int) -> np.ndarray:
        """Which parameters (Q,) of spectrum ``i`` were fitted."""
        free = np.ones(len(self.names), bool)
        first = self.linear.shape[1]
        free[first : first + self.held.shape[1]] = ~self.held[i]
        return free

    def response(self, i: int, change: np.ndarray) -> np.ndarray:
        """How all parameters (Q,) of spectrum ``i`` move when y moves by a small ``change`` (m,), points weighing equal."""
        columns, scale = self._columns(i)
        free, moved = self._free(i), np.zeros(len(self.names))
        moved[free] = np.linalg.lstsq(columns[:, free], change, rcond=None)[0]
        return moved * scale

    def leverage(self, i: int, known: np.ndarray) -> np.ndarray:
        """Diagonal of the hat matrix at the ``known`` points of spectrum ``i``: how far each point drew the curve to it."""
        columns, _ = self._columns(i)
        q, _ = np.linalg.qr(columns[known][:, self._free(i)])
        return np.einsum("mq,mq->m", q, q)

    def residual_variance(self, i: int, known: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """Variance (m',) that noise of ``variance`` (m',) leaves in the residuals at the ``known`` points of spectrum ``i``.

        r = (1 − H) ε with the hat matrix H = QQᵀ of a fit without weights. Where bright points shake the baseline by more
        than the dark ones scatter, it is larger than their own noise.
        """
        columns, _ = self._columns(i)
        q, _ = np.linalg.qr(columns[known][:, self._free(i)])
        drawn = np.einsum("mq,qp,mp->m", q, (q * variance[:, None]).T @ q, q)
        return variance * (1.0 - 2.0 * np.einsum("mq,mq->m", q, q)) + drawn


def fit_gaussians(
    x: np.ndarray,
    y: np.ndarray,
    n_gaussians: int = 1,
    baseline: str = "constant",
    *,
    weights: np.ndarray | None = None,
    variance: np.ndarray | None = None,
    start: tuple[np.ndarray, np.ndarray] | None = None,
    start_rate: np.ndarray | None = None,
    columns: np.ndarray | None = None,
    held: np.ndarray | None = None,
    look_further: bool = False,
    tolerance: float = 1e-6,
) -> GaussianFits:
    """Fit Gaussians on a baseline to n spectra that share their x.

    Parameters
    ----------
    x : numpy.ndarray, shape (m,)
        Axis, in any order [nm or eV].
    y : numpy.ndarray, shape (n, m)
        Intensities; NaN points are left out [y].
    n_gaussians : int
        1 to 4.
    baseline : str
        ``none``, ``constant``, ``linear`` or ``exponential`` (a tail of scattered light that falls with x).
    weights : numpy.ndarray, shape (n, m), optional
        Weights of the squared residuals, ideally 1/variance; without them every point counts the same [1/y²].
    variance : numpy.ndarray, shape (n, m), optional
        Variance of the noise at each point. With it the covariance is that of least squares with these weights under
        this noise (the "sandwich"); without it, the noise is taken from the residuals [y²].
    start : tuple of numpy.ndarray, shapes (n, K) or (K,), optional
        Starting centres and sigmas; found from the data when not given [x].
    start_rate : numpy.ndarray, shape (n,) or scalar, optional
        Starting rate of the exponential tail [1/x].
    columns : numpy.ndarray, shape (b, m), optional
        Columns of the baseline instead of the named one, e.g. a constant in wavelength seen on an energy axis.
    held : numpy.ndarray of bool, shape (n, 2K) or (2K,), optional
        Centres, then sigmas, that stay at ``start``.
    look_further : bool
        Begin also where the engine would without ``start``, and say in ``starts_agree`` whether that is unique.
    tolerance : float
        A fit has converged when no centre or width moves by more than this part of a sigma.

    Returns
    -------
    GaussianFits

    Raises
    ------
    ValueError
        For an unknown baseline or an impossible number of Gaussians. A bad spectrum raises nothing: its ``ok`` is False.

    Notes
    -----
    y = Σ a_k exp(−(x − c_k)²/2σ_k²) + baseline, searched in (c, log σ, log rate). The Jacobian is the analytic one,
    projected (Kaufman's form). The moments are kept in powers of x scaled to −1…1, which loses (range/σ)² ulps in the
    gradient: 10⁻¹² for a 15 nm band in a 600 nm window. Where the parameters are nearly degenerate, the covariance is
    recomputed by QR. Not for bands narrower than two steps, nor for more than 4 bands.

    References
    ----------
    .. [1] G. H. Golub, V. Pereyra, SIAM J. Numer. Anal. 10, 413 (1973). doi:10.1137/0710036
    .. [2] L. Kaufman, BIT 15, 49 (1975). doi:10.1007/BF01932995

    Examples
    --------
    >>> x = np.linspace(400.0, 500.0, 101)
    >>> fits = fit_gaussians(x, [3.0 * np.exp(-0.5 * ((x - 453.0) / 6.3) ** 2) + 0.1])
    >>> round(float(fits.center[0, 0]), 6), round(float(fits.sigma[0, 0]), 6), round(float(fits.amplitude[0, 0]), 6)
    (453.0, 6.3, 3.0)
    """
    if not 1 <= n_gaussians <= MAX_GAUSSIANS:
        raise ValueError(f"1 to {MAX_GAUSSIANS} Gaussians can be fitted, not {n_gaussians}")
    if columns is None and baseline not in BASELINES:
        raise ValueError(f"baseline must be one of {', '.join(BASELINES)}, not {baseline!r}")
    y = np.atleast_2d(np.asarray(y, dtype=np.float64))
    model = Model(np.asarray(x, dtype=np.float64), n_gaussians, baseline, columns)
    chunks = [
        _fit_chunk(
            model,
            y[a : a + CHUNK],
            _rows(weights, a, y.shape),
            _rows(variance, a, y.shape),
            _given_start(model, start, start_rate, a, len(y)),
            _held_rows(model, held, a, len(y)),
            look_further,
            tolerance,
        )
        for a in range(0, len(y), CHUNK)
    ]
    joined = {k: np.concatenate([c[k] for c in chunks]) for k in chunks[0]}
    return GaussianFits(**joined, names=model.names, model=model)


def fit_each(
    spectra: Sequence[tuple[np.ndarray, np.ndarray]], *arguments, **settings
) -> list[tuple[GaussianFits, int]]:
    """Fit spectra that each have an x of their own: equal axes are fitted together.

    Parameters
    ----------
    spectra : sequence of (x, y)
        Arrays of one shape (m,) per spectrum.
    *arguments, **settings
        As for :func:`fit_gaussians`; ``weights``, ``variance``, ``start``, ``columns`` and ``held`` as one entry per spectrum.

    Returns
    -------
    list of (GaussianFits, int)
        Per spectrum, in the order given: the fits of its group and its row in them.
    """
    groups: dict[bytes, list[int]] = {}
    for i, (x, _) in enumerate(spectra):
        groups.setdefault(np.ascontiguousarray(x, dtype=np.float64).tobytes(), []).append(i)
    answer: list = [None] * len(spectra)
    for members in groups.values():
        own = {k: _of_members(k, v, members) for k, v in settings.items()}
        fits = fit_gaussians(spectra[members[0]][0], [spectra[i][1] for i in members], *arguments, **own)
        for row, i in enumerate(members):
            answer[i] = (fits, row)
    return answer


def _of_members(name: str, value, members: list[int]):
    if value is None or name not in ("weights", "variance", "start", "columns", "held"):
        return value
    if name == "columns":  # they depend on x alone
        return value[members[0]]
    if name == "start":
        return tuple(np.array([value[i][part] for i in members]) for part in (0, 1))
    return np.array([value[i] for i in members])


def _rows(array, a: int, shape: tuple[int, int]):
    if array is None:
        return None
    return np.broadcast_to(np.asarray(array, dtype=np.float64), shape)[a : a + CHUNK]


def _given_start(model: Model, start, rate, a: int, n: int):
    """Starting parameters (rows, r) as given by the caller, or None."""
    if start is None:
        return None
    center, sigma = (np.broadcast_to(np.asarray(v, float), (n, model.n_gaussians))[a : a + CHUNK] for v in start)
    rate = None if rate is None else np.broadcast_to(np.asarray(rate, float), (n,))[a : a + CHUNK]
    return model.nonlinear(center, sigma, rate)


def _held_rows(model: Model, held, a: int, n: int) -> np.ndarray | None:
    """Which of the searched parameters (rows, r) are held, or None where none is."""
    if held is None or not np.any(held):
        return None
    rows = np.broadcast_to(np.asarray(held, bool), (n, 2 * model.n_gaussians))[a : a + CHUNK]
    return np.pad(rows, ((0, 0), (0, model.n_searched - rows.shape[1])))


@np.errstate(all="ignore")  # what overflows ends as a fit that is not ok
def _fit_chunk(model: Model, y, weights, variance, start, held, look_further, tolerance) -> dict:
    known = np.isfinite(y)
    if not known.all():
        weights = known * (1.0 if weights is None else weights)
        y = np.where(known, y, 0.0)
    height = np.abs(y).max(axis=1, keepdims=True)
    height[height == 0.0] = 1.0
    scaled = y / height
    w = None if weights is None else np.where(known, weights, 0.0) * height**2
    tries = [start] if start is not None else []
    if start is None or (look_further and model.n_gaussians > 1):
        tries += [_holding(other, start, held) for other in starts(model, scaled)]
    data = model.data(scaled, w)
    found = _searches(model, data, tries, held, tolerance)
    return _result(model, data, variance, height, found, held, known)


def _holding(other: np.ndarray, start, held) -> np.ndarray:
    """Another start in which what is held stands where it is held."""
    return other if held is None or start is None else np.where(held, start, other)


def _searches(model: Model, data: Data, tries, held, tolerance):
    """Search from the first start; from the others only where its bands overlap or were not found.

    Bands apart from each other leave one minimum only; of overlapping ones, any share-out of the light may be a minimum.
    """
    theta, state, steps, ok = _search(model, data, tries[0], held, tolerance)
    agree, dof = np.ones(len(theta), bool), max(data.y.shape[1] - len(model.names), 1)
    for start in tries[1:]:
        again = np.flatnonzero(model.overlapping(theta) | ~ok)
        if again.size == 0:
            continue
        still = None if held is None else held[again]
        other = _search(model, data.subset(again), start[again], still, tolerance)
        both, change = ok[again] & other[3], other[1].cost - state.cost[again]
        unit = np.minimum(other[1].cost, state.cost[again]) / dof + COST_ROUNDING * data.square[again]
        alike = np.abs(change) <= AS_GOOD * unit
        agree[again] &= ~(both & alike & model.apart(theta[again], other[0]))
        agree[again] |= both & (change < -AS_GOOD * unit)  # what was compared with is no minimum to speak of
        better = other[3] & ((change < 0.0) | ~ok[again])
        rows = again[better]
        theta[rows], steps[rows], ok[rows] = other[0][better], other[2][better], True
        state.take_over(rows, other[1], better)
    return theta, state, steps, ok, agree


def _search(model: Model, data: Data, theta, held, tolerance):
    """Levenberg–Marquardt on the projected problem; when half of a chunk has converged, the rest goes on alone."""
    n = len(theta)
    theta, steps = theta.copy(), np.zeros(n, int)
    active, damping, open_ = np.arange(n), np.full(n, 1e-3), np.ones(n, bool)
    failed, settled = np.zeros((2, n), bool)
    state = model.evaluate(data, theta)
    final = state.copy()
    for _ in range(MAX_STEPS):
        here = theta[active]
        step = _damped_step(state, damping, None if held is None else held[active])
        size = np.abs(step / model.step_scale(here)).max(axis=1)
        finite = np.isfinite(size) & np.isfinite(state.cost)
        there = model.clipped(here + model.limited(np.where(finite[:, None], step, 0.0), here))
        small = finite & ((size < tolerance) & (damping < 1.0) | settled[active]) & open_[active]
        done = active[small]
        theta[done], open_[done] = there[small], False
        final.take_over(done, state, small)  # the last step moves nothing but the linear parameters, by its first order
        final.linear[done] -= np.einsum("npr,nr->np", state.projected[small], (there - here)[small])
        lost = active[(~finite | (damping >= 1e12)) & open_[active]]
        open_[lost], failed[lost] = False, True
        going = open_[active]
        if not going.any():
            break
        if going.sum() < 0.6 * len(active):
            active, damping, there, size = active[going], damping[going], there[going], size[going]
            data, state = data.subset(going), state.subset(going)
            going = going[going]
        steps[active[going]] += 1
        trial = model.evaluate(data, there)
        better = (trial.cost <= state.cost + COST_ROUNDING * data.square) & going
        flat = np.abs(trial.cost - state.cost) <= FLAT * state.cost
        settled[active] |= flat & (size < CREEPS) & (steps[active] >= PATIENCE)
        theta[active[better]] = there[better]
        state.take_over(better, trial, better)
        damping = np.where(better, np.maximum(damping * 0.1, 1e-12), damping * 10.0)
    return theta, final, steps, ~open_ & ~failed


def _damped_step(state, damping, held):
    """Solve (A + λ diag A) δ = g per spectrum; what is held takes no step."""
    curvature, gradient = state.curvature, state.gradient
    if held is not None:
        curvature, gradient = without(curvature, held), np.where(held, 0.0, gradient)
    return solve_scaled(curvature, gradient[:, :, None], damping)[:, :, 0]


def _result(model: Model, data: Data, variance, height, found, held, known) -> dict:
    theta, state, steps, ok, agree = found
    held = np.zeros(theta.shape, bool) if held is None else held
    dof = np.maximum(known.sum(axis=1) - len(model.names) + held.sum(axis=1), 1)
    noise = None if variance is None else np.where(known, variance, 0.0) / height**2
    covariance = full_covariance(model, state, data.weights, theta, noise, state.cost / dof, held)
    center, sigma, rate = model.natural(theta)
    linear = model.natural_linear(state.linear) * height
    ok = ok & np.isfinite(covariance).all(axis=(1, 2)) & np.isfinite(linear).all(axis=1)
    order = np.argsort(center, axis=1)
    shuffle = model.reordering(order)
    unit = np.concatenate([np.repeat(height, linear.shape[1], 1), np.ones_like(theta)], axis=1)
    covariance = covariance * unit[:, :, None] * unit[:, None, :]
    covariance = np.take_along_axis(np.take_along_axis(covariance, shuffle[:, :, None], 1), shuffle[:, None, :], 2)
    weight_unit = 1.0 if data.weights is not None else height[:, 0] ** 2
    return {
        "center": np.take_along_axis(center, order, 1),
        "sigma": np.take_along_axis(sigma, order, 1),
        "linear": np.take_along_axis(linear, shuffle[:, : linear.shape[1]], 1),
        "rate": rate,
        "covariance": covariance,
        "cost": state.cost * weight_unit,
        "dof": dof,
        "steps": steps,
        "ok": ok,
        "starts_agree": agree,
        "held": np.take_along_axis(held, shuffle[:, linear.shape[1] :] - linear.shape[1], 1)[:, : 2 * center.shape[1]],
    }
