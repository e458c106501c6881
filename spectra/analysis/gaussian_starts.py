"""Where the Gaussian engine begins: centres and widths read off the data, for n spectra at once."""

import numpy as np

from spectra.analysis.gaussian_shapes import Model

_HALF_WIDTH_PER_SIGMA = np.sqrt(2.0 * np.log(2.0))
AT_ONCE = 256  # spectra looked at together: their arrays stay in the nearest cache


def starts(model: Model, y: np.ndarray) -> list[np.ndarray]:
    """Starting parameters (n, r) of one or two starts, for y (n, m) without NaN.

    One Gaussian has one start. Several have two: the highest peak of what is left, again and again; and one band
    split into equal neighbours. Two starts that end in different minima are a warning about the fit.
    """
    parts = [_starts(model, y[a : a + AT_ONCE]) for a in range(0, len(y), AT_ONCE)]
    return [np.concatenate(start) for start in zip(*parts, strict=True)]


def _starts(model: Model, y: np.ndarray) -> list[np.ndarray]:
    t = model.t
    if model.direction != 1:
        order = np.argsort(t)
        t, y = t[order], np.take(y, order, axis=1)  # y[:, order] would lie in memory the other way
    smooth = _smoothed(y)
    some = smooth[:, :: max(1, smooth.shape[1] // 60)]  # sixty points are enough for the lowest decile
    tenth = some.shape[1] // 10
    smooth = smooth - np.partition(some, tenth, axis=1)[:, [tenth]]
    center, sigma = _highest(t, smooth)
    k = model.n_gaussians
    if k == 1:
        return [_assembled(model, center[:, None], sigma[:, None])]
    spread = np.linspace(-1.0, 1.0, k)[None, :] * sigma[:, None]
    split = _assembled(model, center[:, None] + spread, np.repeat(0.7 * sigma[:, None], k, axis=1))
    return [_assembled(model, *_peeled(t, smooth, k)), split]


def _assembled(model: Model, center, sigma) -> np.ndarray:
    parts = [center, np.clip(np.log(sigma), model.narrowest + 0.7, model.widest)]
    if model.tail:
        parts.append(np.full((len(center), 1), np.log(3.0)))
    return np.concatenate(parts, axis=1)


def _smoothed(y) -> np.ndarray:
    """Three-point mean of three-point means: enough for a start. The ends stay as they are."""
    if y.shape[1] < 7:
        return y.copy()
    once = y[:, 1:-1] + y[:, :-2]
    once += y[:, 2:]
    twice = y.copy()
    np.add(once[:, 1:-1], once[:, :-2], out=twice[:, 2:-2])
    twice[:, 2:-2] += once[:, 2:]
    twice[:, 2:-2] /= 9.0
    return twice


def _highest(t, y):
    """Centre and sigma (n,) of the highest peak: the nearer of its two half-height points gives the width."""
    rows, top = np.arange(len(y)), y.argmax(axis=1)
    below = y < 0.5 * y[rows, top][:, None]
    places = np.arange(len(t))
    after, before = below & (places > top[:, None]), below & (places < top[:, None])
    first, last = after.argmax(axis=1), len(t) - 1 - before[:, ::-1].argmax(axis=1)  # t ascends
    right = np.where(after[rows, first], t[first] - t[top], np.inf)
    left = np.where(before[rows, last], t[top] - t[last], np.inf)
    half = np.minimum(left, right)
    half = np.where(np.isfinite(half) & (half > 0.0), half, 0.25)
    both = np.isfinite(left) & np.isfinite(right) & (np.maximum(left, right) < 2.0 * half)
    half = np.where(both, 0.5 * (np.where(both, left, 0.0) + np.where(both, right, 0.0)), half)
    shift = np.where(both, 0.5 * (np.where(both, right, 0.0) - np.where(both, left, 0.0)), 0.0)
    return t[top] + shift, half / _HALF_WIDTH_PER_SIGMA


def _peeled(t, y, k: int):
    """Centres and sigmas (n, k): take the highest peak away, look again."""
    left, centers, sigmas = y.copy(), [], []
    rows = np.arange(len(y))
    for _ in range(k):
        center, sigma = _highest(t, left)
        height = left[rows, left.argmax(axis=1)]
        centers.append(center)
        sigmas.append(sigma)
        left -= height[:, None] * np.exp(-0.5 * ((t - center[:, None]) / sigma[:, None]) ** 2)
    return np.stack(centers, axis=1), np.stack(sigmas, axis=1)
