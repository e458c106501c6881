"""The shapes that the Gaussian engine fits, and the sums over points that one step of the search needs.

Every column of the Jacobian is a shape F_k(t) times a polynomial of degree ≤ 2 in t, the axis scaled to −1…1:
a Gaussian gives g, g·(t−c)/s² and g·(t−c)²/s² (amplitude, centre, log width), an exponential tail e and −κ(t+1)·e.
All scalar products of columns are therefore combinations of the moments Σ w F_k F_l t^j with j ≤ 4. A Gaussian is
taken as zero where that changes no sum: most points of a long axis cost nothing.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

BASELINES = ("none", "constant", "linear", "exponential")
_HANKEL = np.array([[0, 1, 2], [1, 2, 3], [2, 3, 4]])
_REACH = 9.0  # sigmas; exp(−9²/2) = 3e−18 is lost in the rounding of any sum
_CONDITION_FOR_QR = 1e5  # above this variance inflation, the covariance is recomputed by QR


@dataclass(frozen=True, eq=False)
class State:
    """What is known at one point of the search, per spectrum (r searched, p linear parameters)."""

    linear: np.ndarray  # (n, p) amplitudes and baseline at their best
    cost: np.ndarray  # (n,)
    curvature: np.ndarray  # (n, r, r) projected normal matrix
    gradient: np.ndarray  # (n, r) downhill
    gram: np.ndarray  # (n, p + r, p + r) full normal matrix, columns times amplitudes
    projected: np.ndarray  # (n, p, r) how the linear parameters fall when the searched ones rise

    def subset(self, rows) -> "State":
        return State(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))

    def copy(self) -> "State":
        return State(*(getattr(self, f).copy() for f in self.__dataclass_fields__))

    def take_over(self, rows, other: "State", their_rows) -> None:
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows] = getattr(other, name)[their_rows]


@dataclass(frozen=True, eq=False)
class Data:
    """What the search needs of n spectra, and what does not change on its way."""

    y: np.ndarray  # (n, m)
    weights: np.ndarray | None  # (n, m)
    weighted: np.ndarray  # (n, m) w y
    square: np.ndarray  # (n,) Σ w y²
    moments: np.ndarray  # (n, 3) Σ w y t^j

    def subset(self, rows) -> "Data":
        weights = None if self.weights is None else self.weights[rows]
        y = self.y[rows]
        weighted = y if weights is None else self.weighted[rows]
        return Data(y, weights, weighted, self.square[rows], self.moments[rows])


class Shape(NamedTuple):
    """One shape of n spectra, on the run of points where it is not zero for any of them."""

    values: np.ndarray | None  # (n, points), or (1, points) for all; None stands for ones
    points: slice

    def on(self, points: slice) -> np.ndarray:
        first = self.points.start
        return self.values[:, points.start - first : points.stop - first]


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
        self.everywhere = slice(0, len(self.t))
        self.direction = next((s for s in (1, -1) if (np.diff(s * self.t) > 0.0).all()), 0)  # 0: in no order
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

    def overlapping(self, theta) -> np.ndarray:
        """Whether any two Gaussians (n,) are closer than three of their mean sigmas."""
        k = self.n_gaussians
        order = np.argsort(theta[:, :k], axis=1)
        center = np.take_along_axis(theta[:, :k], order, 1)
        sigma = np.exp(np.take_along_axis(theta[:, k : 2 * k], order, 1))
        return (np.diff(center, axis=1) < 1.5 * (sigma[:, 1:] + sigma[:, :-1])).any(axis=1)

    def apart(self, theta, other) -> np.ndarray:
        """Whether two answers (n,) differ by more than a third of a sigma in any centre, or of a width."""
        k = self.n_gaussians
        one, two = (self._in_order(given) for given in (theta, other))
        sigma = np.exp(np.minimum(one[:, k:], two[:, k:]))
        moved = np.concatenate([(one - two)[:, :k] / sigma, (one - two)[:, k:]], axis=1)
        return np.abs(moved).max(axis=1) > 0.33

    def _in_order(self, theta) -> np.ndarray:
        k = self.n_gaussians
        order = np.argsort(theta[:, :k], axis=1)
        return np.take_along_axis(theta, np.concatenate([order, order + k], axis=1), 1)

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

    def data(self, y, weights) -> Data:
        weighted = y if weights is None else y * weights
        return Data(y, weights, weighted, np.einsum("nm,nm->n", weighted, y), weighted @ self.powers[:, :3])

    def _reached(self, center, sigma) -> slice:
        """The points that any of the Gaussians (n,) reaches."""
        low, high = (center - _REACH * sigma).min(), (center + _REACH * sigma).max()
        if self.direction == 0 or not np.isfinite(high - low):
            return self.everywhere
        if self.direction < 0:
            low, high = -high, -low
        return slice(*np.searchsorted(self.direction * self.t, [low, high]).tolist())

    def shapes(self, theta) -> list[Shape]:
        """Every searched shape, then those of the baseline: one per column given, or one of ones for all powers of t."""
        k = self.n_gaussians
        center, inverse = theta[:, :k], np.exp(-2.0 * theta[:, k : 2 * k])
        shapes = []
        for i in range(k):
            c, q = center[:, i], inverse[:, i]
            points = self._reached(c, np.exp(theta[:, k + i]))
            exponent = np.stack([-0.5 * q * c * c, q * c, -0.5 * q], axis=1) @ self.powers[points, :3].T
            shapes.append(Shape(np.exp(np.minimum(exponent, 0.0, out=exponent), out=exponent), points))
        if self.tail:
            tail = np.exp(-np.exp(theta[:, 2 * k])[:, None] * (self.t + 1.0)[None, :])
            shapes.append(Shape(tail, self.everywhere))
        if self._own_columns:
            return shapes + [Shape(column[None, :], self.everywhere) for column in self.columns]
        return shapes + [Shape(None, self.everywhere)] * (len(self.columns) > 0)

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
        if self._own_columns:
            return found + [np.array([[[1.0, 0.0, 0.0]]])] * len(self.columns)
        return found + ([np.eye(3)[None, : len(self.columns)]] if len(self.columns) else [])

    def _places(self) -> list[list[int]]:
        """Per shape, where its columns stand in (linear …, searched …)."""
        k, p = self.n_gaussians, self.n_linear
        places = [[i, p + i, p + k + i] for i in range(k)]
        if self.tail:
            places.append([k, p + 2 * k])
        own = [k + self.tail + j for j in range(len(self.columns))]
        return places + ([[j] for j in own] if self._own_columns else [own] * (len(own) > 0))

    def gram(self, shapes, polynomials, weights, n) -> np.ndarray:
        """Scalar products (n, Q, Q) of all columns of unit amplitude, under ``weights`` (n, m) or none."""
        size = self.n_linear + self.n_searched
        gram, places = np.empty((n, size, size)), self._places()
        for k, shape in enumerate(shapes):
            weighted = shape if weights is None else _times(shape, weights)
            for j in range(k, len(shapes)):
                hankel = self._moments(weighted, shapes[j])[:, _HANKEL]
                block = _sandwich(polynomials[k], hankel, polynomials[j])
                gram[:, np.array(places[k])[:, None], places[j]] = block
                if j > k:
                    gram[:, np.array(places[j])[:, None], places[k]] = block.transpose(0, 2, 1)
        return gram

    def _moments(self, weighted: Shape, shape: Shape) -> np.ndarray:
        """Σ weighted · shape · t^j for j = 0 … 4."""
        start = max(weighted.points.start, shape.points.start)
        both = slice(start, max(start, min(weighted.points.stop, shape.points.stop)))
        factors = [one.on(both) for one in (weighted, shape) if one.values is not None]
        if not factors:
            return self.powers.sum(axis=0)[None]
        return (factors[0] if len(factors) == 1 else factors[0] * factors[1]) @ self.powers[both]

    def evaluate(self, data: Data, theta) -> State:
        """Linear parameters, cost, projected curvature and gradient at ``theta`` (n, r)."""
        n, p = len(theta), self.n_linear
        shapes, polynomials = self.shapes(theta), self.polynomials(theta)
        gram = self.gram(shapes, polynomials, data.weights, n)
        right = np.empty((n, p + self.n_searched))
        for shape, polynomial, places in zip(shapes, polynomials, self._places(), strict=True):
            if shape.values is None:
                moments = data.moments
            else:
                moments = (data.weighted[:, shape.points] * shape.values) @ self.powers[shape.points, :3]
            right[:, places] = np.einsum("nab,nb->na", polynomial, moments)
        solved = solve_scaled(gram[:, :p, :p], np.concatenate([right[:, :p, None], gram[:, :p, p:]], axis=2))
        linear, projected = solved[:, :, 0], solved[:, :, 1:]
        cost = np.maximum(data.square - np.einsum("np,np->n", right[:, :p], linear), 0.0)
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
            projected * amplitudes[:, None, :],
        )

    def _amplitudes(self, linear) -> np.ndarray:
        k = self.n_gaussians
        parts = [linear[:, :k], linear[:, :k]] + ([linear[:, k : k + 1]] if self.tail else [])
        return np.concatenate(parts, axis=1)

    def jacobian(self, theta, linear) -> np.ndarray:
        """All columns (n, m, Q) at their amplitudes."""
        columns = np.zeros((len(theta), len(self.x), self.n_linear + self.n_searched))
        for shape, polynomial, places in zip(self.shapes(theta), self.polynomials(theta), self._places(), strict=True):
            values = 1.0 if shape.values is None else shape.values[:, :, None]
            powers = self.powers[shape.points, :3] @ polynomial.transpose(0, 2, 1)
            columns[:, shape.points][:, :, places] = values * powers
        columns[:, :, self.n_linear :] *= self._amplitudes(linear)[:, None, :]
        return columns


def _times(shape: Shape, weights: np.ndarray) -> Shape:
    weights = weights[:, shape.points]
    return Shape(weights if shape.values is None else weights * shape.values, shape.points)


def _sandwich(left, middle, right) -> np.ndarray:
    """left · middle · rightᵀ of n small matrices; explicit sums, because a library call per matrix costs more."""
    half = sum(left[:, :, a, None] * middle[:, None, a, :] for a in range(middle.shape[1]))
    return sum(half[:, :, None, b] * right[:, None, :, b] for b in range(middle.shape[2]))


@np.errstate(all="ignore")  # what overflows is NaN or inf, and its spectrum is marked as not fitted
def solve_scaled(normal, right, damping=1e-14) -> np.ndarray:
    """Solve n small symmetric positive systems by Cholesky, ones brought to their diagonals; a singular one gives NaN.

    The steps run over the columns of the matrices, each for all n at once: for a handful of columns this is several
    times faster than one library call per matrix.

    Parameters
    ----------
    normal : numpy.ndarray, shape (n, q, q)
    right : numpy.ndarray, shape (n, q, k)
    damping : float or numpy.ndarray, shape (n,)
        Added to the unit diagonal.
    """
    scale = 1.0 / np.sqrt(np.einsum("nii->in", normal))  # from here on the spectra are the last axis, side by side
    a = np.multiply(normal.transpose(1, 2, 0), scale[:, None], order="C")
    a *= scale
    b = np.multiply(right.transpose(1, 2, 0), scale[:, None], order="C")
    size = len(a)
    a[np.arange(size), np.arange(size)] += damping
    for j in range(size):
        pivot = np.where(a[j, j] > 0.0, 1.0 / np.sqrt(a[j, j]), np.nan)
        a[j:, j] *= pivot
        for i in range(j):
            b[j] -= a[j, i] * b[i]
        b[j] *= pivot
        for i in range(j + 1, size):
            a[i:, i] -= a[i:, j] * a[i, j]
    for j in reversed(range(size)):
        for i in range(j + 1, size):
            b[j] -= a[i, j] * b[i]
        b[j] /= a[j, j]
    b *= scale[:, None]
    return np.ascontiguousarray(b.transpose(2, 0, 1))


def without(matrices: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Matrices (n, q, q) with ones for the rows and columns of what is held (n, q): it takes part in nothing."""
    free = ~held
    return matrices * (free[:, :, None] & free[:, None, :]) + held[:, :, None] * np.eye(held.shape[1])


@np.errstate(all="ignore")
def full_covariance(model: Model, state: State, weights, theta, variance, residual_variance, held) -> np.ndarray:
    """Covariance (n, Q, Q) of all parameters in natural units, for y scaled to 1; zero for the searched that are ``held``.

    (JᵀWJ)⁻¹ times the residual variance; or, where the noise is known, (JᵀWJ)⁻¹ JᵀWVWJ (JᵀWJ)⁻¹.
    """
    held = np.pad(held, ((0, 0), (model.n_linear, 0)))
    some = bool(held.any())
    state = replace(state, gram=without(state.gram, held)) if some else state
    size = state.gram.shape[1]
    inverse = solve_scaled(state.gram, np.broadcast_to(np.eye(size), state.gram.shape))
    inflation = np.einsum("nii,nii->ni", inverse, state.gram).max(axis=1)
    doubtful = np.flatnonzero(np.isfinite(inflation) & ((inflation > _CONDITION_FOR_QR) | (inflation < 0.0)))
    if doubtful.size:
        columns = model.jacobian(theta[doubtful], state.linear[doubtful])
        if weights is not None:
            columns *= np.sqrt(weights[doubtful])[:, :, None]
        columns[np.broadcast_to(held[doubtful][:, None, :], columns.shape)] = 0.0
        inverse[doubtful] = _inverse_by_qr(columns, held[doubtful])
    if some:
        inverse = inverse * (~held[:, :, None] & ~held[:, None, :])
    if variance is None:
        covariance = inverse * residual_variance[:, None, None]
    else:
        squared = variance if weights is None else variance * weights**2
        amplitudes = np.concatenate([np.ones_like(state.linear), model._amplitudes(state.linear)], axis=1)
        spread = model.gram(model.shapes(theta), model.polynomials(theta), squared, len(theta))
        spread *= amplitudes[:, :, None] * amplitudes[:, None, :]
        covariance = inverse @ spread @ inverse
    scale = model.natural_scale(theta)
    return covariance * scale[:, :, None] * scale[:, None, :]


def _inverse_by_qr(columns, held) -> np.ndarray:
    """(JᵀJ)⁻¹ (n, Q, Q) from the QR decomposition of J, whose rounding grows with κ and not κ²; ``held`` columns are 0."""
    scale = np.sqrt(np.einsum("nmq,nmq->nq", columns, columns))
    scale[scale == 0.0] = 1.0
    unit = held[:, :, None] * np.eye(held.shape[1])
    r = np.linalg.qr(np.concatenate([columns / scale[:, None, :], unit], axis=1), mode="r")
    diagonal = np.abs(np.einsum("nii->ni", r))
    bad = (diagonal < 1e-13).any(axis=1)
    r[bad] = np.eye(r.shape[1])
    inverse = np.linalg.inv(r)
    covariance = inverse @ inverse.transpose(0, 2, 1) / (scale[:, :, None] * scale[:, None, :])
    covariance[bad] = np.nan
    return covariance
