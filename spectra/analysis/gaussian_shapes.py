"""The shapes that the Gaussian engine fits, and the sums over points that one step of the search needs.

Every column of the Jacobian is a shape F_k(t) times a polynomial of degree ≤ 2 in t, the axis scaled to −1…1:
a Gaussian gives g, g·(t−c)/s² and g·(t−c)²/s² (amplitude, centre, log width), an exponential tail e and −κ(t+1)·e.
All scalar products of columns are therefore combinations of the moments Σ w F_k F_l t^j with j ≤ 4.
"""

from dataclasses import dataclass

import numpy as np

BASELINES = ("none", "constant", "linear", "exponential")
_HANKEL = np.array([[0, 1, 2], [1, 2, 3], [2, 3, 4]])
_CONDITION_FOR_QR = 1e5  # above this variance inflation, the covariance is recomputed by QR


@dataclass(frozen=True, eq=False)
class State:
    """What is known at one point of the search, per spectrum (r searched, p linear parameters)."""

    linear: np.ndarray  # (n, p) amplitudes and baseline at their best
    cost: np.ndarray  # (n,)
    curvature: np.ndarray  # (n, r, r) projected normal matrix
    gradient: np.ndarray  # (n, r) downhill
    gram: np.ndarray  # (n, p + r, p + r) full normal matrix, columns times amplitudes

    def subset(self, rows) -> "State":
        return State(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))

    def replaced(self, rows, other: "State") -> "State":
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(other, name)[rows]
        return self


class Model:
    """K Gaussians, perhaps an exponential tail, and fixed columns (the baseline) on one x axis."""

    def __init__(self, x: np.ndarray, n_gaussians: int, baseline: str, columns: np.ndarray | None = None):
        self.x, self.n_gaussians = x, n_gaussians
        self.middle = 0.5 * (x.max() + x.min())
        self.half = 0.5 * (x.max() - x.min()) or 1.0
        self.t = (x - self.middle) / self.half
        self.powers = np.vander(self.t, 5, increasing=True)  # (m, 5)
        self.tail = baseline == "exponential" and columns is None
        self.columns, self.baseline_names = self._baseline(baseline, columns)
        k, searched = range(1, n_gaussians + 1), ["tail_rate"] if self.tail else []
        linear = [f"amplitude_{i}" for i in k] + (["tail"] if self.tail else []) + self.baseline_names
        self.names = (*linear, *(f"center_{i}" for i in k), *(f"sigma_{i}" for i in k), *searched)
        self.n_linear, self.n_searched = len(linear), 2 * n_gaussians + len(searched)
        step = np.abs(np.diff(np.sort(self.t)))
        step = np.median(step[step > 0]) if (step > 0).any() else 1.0
        self.narrowest, self.widest = np.log(step / 5.0), np.log(20.0)

    def _baseline(self, baseline: str, columns):
        if columns is not None:
            self._own_columns = True
            return np.atleast_2d(columns), [f"baseline_{j}" for j in range(len(np.atleast_2d(columns)))]
        self._own_columns = False
        degree = {"none": 0, "constant": 1, "linear": 2, "exponential": 0}[baseline]
        return self.powers[:, :degree].T, [f"baseline_{j}" for j in range(degree)]

    # — parameters, as the search sees them (n, r) and in the units of x —

    def nonlinear(self, center, sigma, rate=None) -> np.ndarray:
        parts = [(center - self.middle) / self.half, np.log(sigma / self.half)]
        if self.tail:
            rate = np.full(len(center), 3.0 / self.half) if rate is None else rate
            parts.append(np.log(rate * self.half)[:, None])
        return np.concatenate(parts, axis=1)

    def natural(self, theta):
        """Centres, sigmas and tail rate in the units of x."""
        k = self.n_gaussians
        rate = np.exp(theta[:, 2 * k]) / self.half if self.tail else np.full(len(theta), np.nan)
        return theta[:, :k] * self.half + self.middle, np.exp(theta[:, k : 2 * k]) * self.half, rate

    def natural_linear(self, linear):
        """The baseline's slope per unit of x (its level is that at the middle of the axis)."""
        linear = linear.copy()
        if not self._own_columns and len(self.columns) == 2:
            linear[:, -1] /= self.half
        return linear

    def natural_scale(self, theta) -> np.ndarray:
        """d(natural)/d(searched or linear) (n, p + r): the diagonal Jacobian of the change of units."""
        k, scale = self.n_gaussians, np.ones((len(theta), self.n_linear + self.n_searched))
        if not self._own_columns and len(self.columns) == 2:
            scale[:, self.n_linear - 1] = 1.0 / self.half
        _, sigma, rate = self.natural(theta)
        scale[:, self.n_linear : self.n_linear + k] = self.half
        scale[:, self.n_linear + k : self.n_linear + 2 * k] = sigma
        if self.tail:
            scale[:, -1] = rate
        return scale

    def step_scale(self, theta) -> np.ndarray:
        """The natural size of a step: a sigma for centres, 1 for logarithms."""
        scale = np.ones_like(theta)
        scale[:, : self.n_gaussians] = np.exp(theta[:, self.n_gaussians : 2 * self.n_gaussians])
        return scale

    def limited(self, step, theta) -> np.ndarray:
        """No centre moves by more than a sigma, no width by more than a factor e, in one step."""
        scale = self.step_scale(theta)
        return np.clip(step, -scale, scale)

    def clipped(self, theta) -> np.ndarray:
        k = self.n_gaussians
        theta[:, :k] = np.clip(theta[:, :k], -2.0, 2.0)
        theta[:, k : 2 * k] = np.clip(theta[:, k : 2 * k], self.narrowest, self.widest)
        theta[:, 2 * k :] = np.clip(theta[:, 2 * k :], -7.0, 7.0)
        return theta

    def reordering(self, order) -> np.ndarray:
        """Places (n, p + r) that bring all parameters of the Gaussians into ``order`` (n, K)."""
        k = self.n_gaussians
        places = np.tile(np.arange(self.n_linear + self.n_searched), (len(order), 1))
        for first in (0, self.n_linear, self.n_linear + k):
            places[:, first : first + k] = order + first
        return places

    def background(self, linear, rate) -> np.ndarray:
        """Tail and baseline (m,) of one spectrum, from natural parameters."""
        own = linear[self.n_gaussians + self.tail :].copy()
        if not self._own_columns and len(own) == 2:
            own[-1] *= self.half
        curve = own @ self.columns if len(own) else np.zeros(len(self.x))
        return curve + (linear[self.n_gaussians] * np.exp(-rate * (self.x - self.x.min())) if self.tail else 0.0)

    # — shapes and sums —

    def shapes(self, theta) -> list[np.ndarray]:
        """Values (n, m) of every searched shape, then those (1, m) of every baseline column."""
        k = self.n_gaussians
        center, inverse = theta[:, :k], np.exp(-2.0 * theta[:, k : 2 * k])
        shapes = []
        for i in range(k):
            c, q = center[:, i], inverse[:, i]
            exponent = np.stack([-0.5 * q * c * c, q * c, -0.5 * q], axis=1) @ self.powers[:, :3].T
            shapes.append(np.exp(np.minimum(exponent, 0.0, out=exponent), out=exponent))
        if self.tail:
            shapes.append(np.exp(-np.exp(theta[:, 2 * k])[:, None] * (self.t + 1.0)[None, :]))
        return shapes + [column[None, :] for column in self.columns]

    def polynomials(self, theta) -> list[np.ndarray]:
        """Per shape, the coefficients (n, rows, 3) in powers of t of its columns for unit amplitude."""
        k, n = self.n_gaussians, len(theta)
        center, inverse = theta[:, :k], np.exp(-2.0 * theta[:, k : 2 * k])
        one, zero = np.ones(n), np.zeros(n)
        found = []
        for i in range(k):
            c, q = center[:, i], inverse[:, i]
            rows = [[one, zero, zero], [-c * q, q, zero], [c * c * q, -2.0 * c * q, q]]
            found.append(np.array(rows).transpose(2, 0, 1))
        if self.tail:
            rate = np.exp(theta[:, 2 * k])
            found.append(np.array([[one, zero, zero], [-rate, -rate, zero]]).transpose(2, 0, 1))
        return found + [np.array([[[1.0, 0.0, 0.0]]])] * len(self.columns)

    def _places(self) -> list[list[int]]:
        """Per shape, where its columns stand in (linear …, searched …)."""
        k, p = self.n_gaussians, self.n_linear
        places = [[i, p + i, p + k + i] for i in range(k)]
        if self.tail:
            places.append([k, p + 2 * k])
        return places + [[k + self.tail + j] for j in range(len(self.columns))]

    def gram(self, shapes, polynomials, weights, n) -> np.ndarray:
        """Scalar products (n, Q, Q) of all columns of unit amplitude, under ``weights`` (n, m) or none."""
        size = self.n_linear + self.n_searched
        gram, places = np.empty((n, size, size)), self._places()
        for k, shape in enumerate(shapes):
            weighted = shape if weights is None else shape * weights
            for j in range(k, len(shapes)):
                moments = (weighted * shapes[j]) @ self.powers
                block = polynomials[k] @ moments[:, _HANKEL] @ polynomials[j].transpose(0, 2, 1)
                gram[:, np.array(places[k])[:, None], places[j]] = block
                gram[:, np.array(places[j])[:, None], places[k]] = block.transpose(0, 2, 1)
        return gram

    def evaluate(self, y, weights, theta) -> State:
        """Linear parameters, cost, projected curvature and gradient at ``theta`` (n, r)."""
        n, p = len(y), self.n_linear
        shapes, polynomials = self.shapes(theta), self.polynomials(theta)
        gram = self.gram(shapes, polynomials, weights, n)
        wy = y if weights is None else y * weights
        right = np.empty((n, p + self.n_searched))
        for shape, polynomial, places in zip(shapes, polynomials, self._places(), strict=True):
            moments = (wy * shape) @ self.powers[:, :3]
            right[:, places] = (polynomial @ moments[:, :, None])[:, :, 0]
        solved = solve_scaled(gram[:, :p, :p], np.concatenate([right[:, :p, None], gram[:, :p, p:]], axis=2))
        linear, projected = solved[:, :, 0], solved[:, :, 1:]
        cost = np.maximum(np.einsum("nm,nm->n", wy, y) - np.einsum("np,np->n", right[:, :p], linear), 0.0)
        amplitudes = self._amplitudes(linear)
        curvature = gram[:, p:, p:] - gram[:, p:, :p] @ projected
        gradient = right[:, p:] - np.einsum("nrp,np->nr", gram[:, p:, :p], linear)
        full = np.concatenate([np.ones((n, p)), amplitudes], axis=1)
        return State(
            linear,
            cost,
            curvature * amplitudes[:, :, None] * amplitudes[:, None, :],
            gradient * amplitudes,
            gram * full[:, :, None] * full[:, None, :],
        )

    def _amplitudes(self, linear) -> np.ndarray:
        k = self.n_gaussians
        parts = [linear[:, :k], linear[:, :k]] + ([linear[:, k : k + 1]] if self.tail else [])
        return np.concatenate(parts, axis=1)

    def jacobian(self, theta, linear) -> np.ndarray:
        """All columns (n, m, Q) at their amplitudes."""
        columns = np.empty((len(theta), len(self.x), self.n_linear + self.n_searched))
        for shape, polynomial, places in zip(self.shapes(theta), self.polynomials(theta), self._places(), strict=True):
            columns[:, :, places] = shape[:, :, None] * (self.powers[:, :3] @ polynomial.transpose(0, 2, 1))
        columns[:, :, self.n_linear :] *= self._amplitudes(linear)[:, None, :]
        return columns


@np.errstate(all="ignore")  # what overflows is NaN or inf, and its spectrum is marked as not fitted
def solve_scaled(normal, right) -> np.ndarray:
    """Solve n small normal systems with ones brought to their diagonals; a singular one gives NaN."""
    diagonal = np.einsum("nii->ni", normal)
    bad = ~np.isfinite(normal).all(axis=(1, 2)) | ~np.isfinite(right).all(axis=(1, 2))
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    size = normal.shape[1]
    unit = normal / (scale[:, :, None] * scale[:, None, :]) + 1e-14 * np.eye(size)
    bad |= (diagonal <= 0.0).any(axis=1)
    unit[bad] = np.eye(size)
    try:
        solved = np.linalg.solve(unit, right / scale[:, :, None]) / scale[:, :, None]
    except np.linalg.LinAlgError:
        solved = (np.linalg.pinv(unit) @ (right / scale[:, :, None])) / scale[:, :, None]
    solved[bad] = np.nan
    return solved


@np.errstate(all="ignore")
def full_covariance(model: Model, state: State, y, weights, theta, variance, residual_variance) -> np.ndarray:
    """Covariance (n, Q, Q) of all parameters in natural units, for y scaled to 1.

    (JᵀWJ)⁻¹ times the residual variance; or, where the noise is known, (JᵀWJ)⁻¹ JᵀWVWJ (JᵀWJ)⁻¹.
    """
    size = state.gram.shape[1]
    inverse = solve_scaled(state.gram, np.broadcast_to(np.eye(size), state.gram.shape))
    inflation = np.einsum("nii,nii->ni", inverse, state.gram).max(axis=1)
    doubtful = np.flatnonzero(np.isfinite(inflation) & ((inflation > _CONDITION_FOR_QR) | (inflation < 0.0)))
    if doubtful.size:
        columns = model.jacobian(theta[doubtful], state.linear[doubtful])
        if weights is not None:
            columns *= np.sqrt(weights[doubtful])[:, :, None]
        inverse[doubtful] = _inverse_by_qr(columns)
    if variance is None:
        covariance = inverse * residual_variance[:, None, None]
    else:
        squared = variance if weights is None else variance * weights**2
        amplitudes = np.concatenate([np.ones_like(state.linear), model._amplitudes(state.linear)], axis=1)
        spread = model.gram(model.shapes(theta), model.polynomials(theta), squared, len(y))
        spread *= amplitudes[:, :, None] * amplitudes[:, None, :]
        covariance = inverse @ spread @ inverse
    scale = model.natural_scale(theta)
    return covariance * scale[:, :, None] * scale[:, None, :]


def _inverse_by_qr(columns) -> np.ndarray:
    """(JᵀJ)⁻¹ (n, Q, Q) from the QR decomposition of J, whose rounding grows with κ and not κ²."""
    scale = np.sqrt(np.einsum("nmq,nmq->nq", columns, columns))
    scale[scale == 0.0] = 1.0
    r = np.linalg.qr(columns / scale[:, None, :], mode="r")
    diagonal = np.abs(np.einsum("nii->ni", r))
    bad = (diagonal < 1e-13).any(axis=1)
    r[bad] = np.eye(r.shape[1])
    inverse = np.linalg.inv(r)
    covariance = inverse @ inverse.transpose(0, 2, 1) / (scale[:, :, None] * scale[:, None, :])
    covariance[bad] = np.nan
    return covariance
