"""Peak, height, width at half height and centroid of a band, without a model of its shape.

Exponentials of local polynomials interpolate between the points and average their noise. Each result carries its gradient with respect to every y, so that any noise propagates, and correlations
between the results come for free.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import find_peaks

TOP = 0.50  # half width of the window over the top [FWHM]
FLANK = 0.30  # half width of the windows over the flanks [FWHM]
REACH = 2.0  # the centroid and the band reach this far from the peak [FWHM]; beyond it is baseline


@dataclass(frozen=True, eq=False)
class Reading:
    """One number and its gradient (m,) with respect to y."""

    value: float
    gradient: np.ndarray

    def u(self, variance: np.ndarray) -> float:
        """Standard uncertainty under independent noise of ``variance`` (m,)."""
        return float(np.sqrt(self.gradient**2 @ variance))


@dataclass(frozen=True, eq=False)
class Baseline:
    """A straight baseline: its values (m,), and the matrix (m, m as two factors) that makes them from y."""

    values: np.ndarray
    shape: np.ndarray  # (m, d)
    from_y: np.ndarray  # (d, m)
    kind: str
    tilt: float = 0.0  # level right of the band minus level left of it, where it stands out of the noise [y]
    level: float = 0.0  # mean of the wings [y]
    u_level: float = 0.0

    def through(self, gradient: np.ndarray) -> np.ndarray:
        """Gradient with respect to y of something whose gradient is known with respect to y − baseline."""
        return gradient - (gradient @ self.shape) @ self.from_y


@dataclass(frozen=True, eq=False)
class RawBand:
    peak: Reading
    height: Reading
    left: Reading | None  # where half the height is crossed [x]
    right: Reading | None

    @property
    def fwhm(self) -> Reading | None:
        if self.left is None or self.right is None:
            return None
        return Reading(self.right.value - self.left.value, self.right.gradient - self.left.gradient)


def smoothed(y: np.ndarray, points: int) -> np.ndarray:
    """Running mean over ``points`` (odd), for looking only: no number is taken from it."""
    if points <= 1 or len(y) < points:
        return y.copy()
    half = points // 2
    total = np.cumsum(np.pad(y, (half + 1, half), mode="edge"))
    return (total[points:] - total[:-points]) / points


def rough_noise(y: np.ndarray) -> float:
    """Standard deviation of a point, from fourth differences and their median: good enough for looking."""
    if len(y) < 9:
        return 0.0
    d = np.convolve(y, [1.0, -4.0, 6.0, -4.0, 1.0], mode="valid") / np.sqrt(70.0)
    return float(max(np.median(np.abs(d)) / 0.6745, 0.0))


@dataclass(frozen=True)
class Bump:
    """A maximum of the smoothed curve."""

    place: int
    x: float
    height: float  # above the lowest decile of the curve
    fwhm: float


def bumps(x: np.ndarray, y: np.ndarray, points: int | None = None, least: float = 0.05) -> list[Bump]:
    """Find separate maxima, highest first: each stands out of its valleys by 5 σ of the difference and ``least`` of the highest.

    ``points`` is the length of the running mean; when not given, it grows until the smoothed noise is below 3 % of
    the highest point (or a tenth of the curve is reached).
    """
    noise = rough_noise(y)
    floor = float(np.percentile(y, 10))
    length = points or _length(y, noise, floor)
    smooth = smoothed(y, length)
    height = smooth.max() - floor
    if height <= 0.0:
        return []
    prominence = max(5.0 * noise * np.sqrt(2.0 / length), least * height)
    padded = np.concatenate([[smooth.min()], smooth, [smooth.min()]])
    places = find_peaks(padded, prominence=prominence)[0] - 1
    found = [Bump(int(p), float(x[p]), float(smooth[p] - floor), _width(x, smooth - floor, p)) for p in places]
    return sorted(found, key=lambda b: -b.height)


def _length(y, noise: float, floor: float) -> int:
    length = 5 if len(y) >= 25 else 3 if len(y) >= 12 else 1
    while 2 * length + 1 <= len(y) // 10 and noise / np.sqrt(length) > 0.03 * (smoothed(y, length).max() - floor):
        length = 2 * length + 1
    return length


def _width(x, y, place: int) -> float:
    """Twice the nearer half width at half height of a smoothed peak; the valley counts when half is never reached."""
    half = 0.5 * y[place]
    right = next((x[j] - x[place] for j in range(place + 1, len(x)) if y[j] < half), None)
    left = next((x[place] - x[j] for j in range(place - 1, -1, -1) if y[j] < half), None)
    sides = [side for side in (left, right) if side]
    if len(sides) == 2 and max(sides) < 2.0 * min(sides):
        return float(sum(sides))
    return float(2.0 * min(sides)) if sides else float(x[-1] - x[0])


def wing_baseline(x, y, variance, kind: str, lowest: float, highest: float) -> Baseline:
    """Straight line (or constant, or nothing) through the points outside lowest … highest.

    A constant needs 5 points outside, a line 5 on each side; with less, the simpler one is taken, and its ``kind``
    says so.
    """
    left, right = x < lowest, x > highest
    wings = left | right
    both = left.sum() >= 5 and right.sum() >= 5
    if kind == "linear" and not both:
        kind = "constant"
    tilt, level, u_level = _wings(y, variance, left, right, wings, both)
    if kind == "constant" and wings.sum() < 5:
        kind = "none"
    if kind == "none":
        zeros = np.zeros((len(x), 1))
        return Baseline(np.zeros(len(x)), zeros, zeros.T, "none", tilt, level, u_level)
    drawn = drawn_baseline(x, y, wings, kind)
    return replace(drawn, tilt=0.0 if kind == "linear" else tilt, level=level, u_level=u_level)


def drawn_baseline(x, y, points: np.ndarray, kind: str) -> Baseline:
    """Constant or straight line through the chosen ``points`` (m,)."""
    scaled = (x - x[points].mean()) / (x[-1] - x[0])
    shape = np.stack([np.ones(len(x)), scaled][: 2 if kind == "linear" else 1], axis=1)
    from_y = np.zeros((shape.shape[1], len(x)))
    from_y[:, points] = np.linalg.pinv(shape[points])
    return Baseline(shape @ (from_y @ y), shape, from_y, kind)


def _wings(y, variance, left, right, wings, both):
    if wings.sum() < 5:
        return 0.0, 0.0, 0.0
    level, u_level = float(y[wings].mean()), float(np.sqrt(variance[wings].sum()) / wings.sum())
    if not both:
        return 0.0, level, u_level
    difference = float(y[right].mean() - y[left].mean())
    u = np.sqrt(variance[right].sum() / right.sum() ** 2 + variance[left].sum() / left.sum() ** 2)
    return (difference if abs(difference) > 3.0 * u else 0.0), level, u_level


def raw_band(x: np.ndarray, y: np.ndarray, bump: Bump, baseline: Baseline, noise: float = 0.0) -> RawBand | None:
    """Read peak, height and half-height points of the band around ``bump``; None when its top cannot be interpolated.

    Parameters
    ----------
    x, y : numpy.ndarray, shape (m,)
        Ascending, without NaN.
    bump : Bump
        Where to look, and about how wide.
    baseline : Baseline
        Is subtracted first.
    noise : float
        Standard deviation of a point near the top [y]; little noise allows one more degree.

    Notes
    -----
    Locally y = exp(polynomial): a cubic over the top, parabolas over the flanks, fitted to y (not to its logarithm) by
    least squares. This is exact for a Gaussian whatever the step, and good to 0.1 % of the width for bands with
    ordinary tails.
    """
    above = y - baseline.values
    clear = noise < 0.01 * bump.height
    top = _extremum(x, above, bump.x, TOP * bump.fwhm, 4 if clear else 3)
    if top is None:
        return None
    peak, height = top
    sides = [_crossing(x, above, peak.value, height, bump.fwhm, sign, 3 if clear else 2) for sign in (-1, 1)]
    peak, height, *sides = (
        None if r is None else Reading(r.value, baseline.through(r.gradient)) for r in (peak, height, *sides)
    )
    return RawBand(peak, height, *sides)


@dataclass(frozen=True, eq=False)
class Local:
    """y ≈ exp(Σ c_j t^j) with t = (x − at)/half, and how c moves with y (degree + 1, m)."""

    c: np.ndarray
    from_y: np.ndarray
    half: float
    first: int  # index range of the points that took part
    last: int

    def powers(self, t: float) -> np.ndarray:
        return t ** np.arange(len(self.c))


def _local(x, y, at: float, half: float, degree: int) -> Local | None:
    """Fit the exponential of a polynomial to the points near ``at``; None where they do not determine one."""
    try:
        return _exponential(x, y, at, half, degree)
    except np.linalg.LinAlgError:
        return None


def _exponential(x, y, at: float, half: float, degree: int) -> Local | None:
    """Gauss–Newton, from a fit of the logarithm."""
    near = np.flatnonzero(np.abs(x - at) <= half)
    if near.size < degree + 2:
        near = np.sort(np.argsort(np.abs(x - at), kind="stable")[: degree + 1])
        half = max(half, float(np.abs(x[near] - at).max()))
    top = float(y[near].max())
    if top <= 0.0:
        return None
    unit = y[near] / top
    powers = np.vander((x[near] - at) / half, degree + 1, increasing=True)
    weight = np.clip(unit, 0.05, None)
    first = powers * weight[:, None]
    c = np.linalg.solve(first.T @ first, first.T @ (weight * np.log(weight)))
    for _ in range(12):
        model = np.exp(np.clip(powers @ c, -30.0, 3.0))
        columns = powers * model[:, None]
        inverse = np.linalg.solve(columns.T @ columns, columns.T)  # powers of −1…1: well conditioned up to a quartic
        step = inverse @ (unit - model)
        c = c + step * min(1.0, 1.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < 1e-9:
            break
    if not np.isfinite(c).all():
        return None
    from_y = np.zeros((degree + 1, len(x)))
    from_y[:, near] = inverse / top
    c[0] += np.log(top)
    return Local(c, from_y, half, int(near[0]), int(near[-1]))


def _extremum(x, y, at: float, half: float, degree: int):
    for _ in range(5):
        local = _local(x, y, at, half, degree)
        if local is None:
            return None
        first = _derivative(local.c)
        second = _derivative(first)
        roots = _real_roots(first)
        roots = roots[(np.abs(roots) <= 1.0) & (_value(second, roots) < 0.0)]
        if roots.size == 0:
            return None
        t = roots[np.argmax(_value(local.c, roots))]
        at += t * local.half
        if abs(t) < 0.05:
            break
    if at - x[0] < 0.3 * half or x[-1] - at < 0.3 * half:
        return None
    order = np.arange(len(local.c))
    slope = order * t ** np.maximum(order - 1, 0)
    height = float(np.exp(_value(local.c, t)))
    peak = Reading(float(at), -(slope @ local.from_y) / _value(second, t) * local.half)
    return peak, Reading(height, height * (local.powers(t) @ local.from_y))


def _derivative(c: np.ndarray) -> np.ndarray:
    """Coefficients of the derivative of a polynomial, in rising powers as all of them here."""
    return c[1:] * np.arange(1, len(c))


def _value(c: np.ndarray, t):
    """A polynomial at ``t``, by Horner's rule."""
    value = np.zeros_like(t)
    for one in c[::-1]:
        value = value * t + one
    return value


def _real_roots(c: np.ndarray) -> np.ndarray:
    """Eigenvalues of the companion matrix; numpy's own polynomials take five times as long to come to the same."""
    while len(c) > 1 and c[-1] == 0.0:
        c = c[:-1]
    n = len(c) - 1
    if n < 1:
        return np.empty(0)
    companion = np.zeros((n, n))
    companion[np.arange(n - 1), np.arange(1, n)] = 1.0
    companion[:, 0] = -c[-2::-1] / c[-1]
    roots = np.sort_complex(np.linalg.eigvals(companion))
    return roots[np.abs(roots.imag) < 1e-9].real


def _crossing(x, y, peak: float, height: Reading, fwhm: float, sign: int, degree: int) -> Reading | None:
    """Where the flank on one side of the peak passes half the height."""
    half = 0.5 * height.value
    side = np.flatnonzero((x - peak) * sign > 0)
    side = side if sign > 0 else side[::-1]
    look = smoothed(y, max(1, 2 * int(0.1 * fwhm / max(np.median(np.diff(x)), 1e-12)) + 1))
    below = side[look[side] < half]
    if below.size == 0:
        return None
    at = float(x[below[0]])
    for _ in range(4):
        local = _local(x, y, at, FLANK * fwhm, degree)
        if local is None:
            return None
        slope, level = _derivative(local.c), local.c.copy()
        level[0] -= np.log(half)
        roots = _real_roots(level)
        roots = roots[(np.abs(roots) <= 1.5) & (_value(slope, roots) * sign < 0.0)]
        if roots.size == 0:
            return None
        t = roots[np.argmin(np.abs(roots))]
        at += t * local.half
        if abs(t) < 0.05:
            break
    moved = height.gradient / height.value - local.powers(t) @ local.from_y
    return Reading(float(at), moved / _value(slope, t) * local.half)


def centroid(x: np.ndarray, y: np.ndarray, baseline: Baseline, lowest: float, highest: float) -> Reading | None:
    """Mean wavelength ∫ x y dx / ∫ y dx between ``lowest`` and ``highest``, by the trapezoidal rule."""
    inside = (x >= lowest) & (x <= highest)
    if inside.sum() < 3:
        return None
    weight = np.zeros(len(x))
    weight[inside] = np.gradient(x[inside])
    above = y - baseline.values
    area = float(weight @ above)
    if area <= 0.0:
        return None
    value = float((weight * x) @ above / area)
    return Reading(value, baseline.through(weight * (x - value) / area))
