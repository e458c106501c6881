"""Exponentials on bins: convolved with a response, summed over bins, moved by parts of a bin; each with derivatives.

Convolution is the trapezoidal rule on the bins, by the recursion that tttrlib's ``fconv`` uses, so both agree to
rounding (when the response is zero in its first bin, which ``fconv`` counts half).
"""

import numpy as np


def convolve_recursively(
    irf: np.ndarray, tau_bins: np.ndarray, n_bins: int, lead: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Convolve exp(−t/τ) with a response by the trapezoidal rule, for many τ at once.

    Parameters
    ----------
    irf : ndarray, shape (m,)
        Response, starting at the first bin of the answer.
    tau_bins : ndarray, shape (k,) [bins]
    n_bins : int

    lead : int
        Rows of zeros before the first bin.

    Returns
    -------
    convolved, derivative : ndarray, shape (lead + n_bins, k)
        The convolution and its derivative with respect to ln τ.

    Notes
    -----
    c_i = q (c_{i−1} + L_{i−1}/2) + L_i/2 with q = exp(−1/τ). The rule takes the decay at points, not averaged over a
    bin: right to (bin/τ)²/12, so not for lifetimes of about a bin.

    Examples
    --------
    >>> convolved, _ = convolve_recursively(np.array([0.0, 1.0]), np.array([10.0]), 4)
    >>> (convolved[:, 0] * 2).round(4)
    array([0.    , 1.    , 1.8097, 1.6375])
    """
    q = np.exp(-1 / tau_bins)
    slope = q / tau_bins
    half = np.zeros(n_bins)
    half[: min(irf.size, n_bins)] = irf[:n_bins] / 2
    convolved, derivative = np.empty((2, lead + n_bins, tau_bins.size))
    convolved[: lead + 1], derivative[: lead + 1] = 0.0, 0.0
    convolved[lead] = half[0]
    for i in range(1, n_bins):
        now, before = lead + i, convolved[lead + i - 1] + half[i - 1]
        np.multiply(derivative[now - 1], q, out=derivative[now])
        derivative[now] += before * slope
        before *= q
        np.add(before, half[i], out=convolved[now])
    return convolved, derivative


def geometric_sums(tau_bins: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum exp(−t/τ) over the bins between neighbouring edges, and its derivative with respect to ln τ.

    Parameters
    ----------
    tau_bins : ndarray, shape (k,) [bins]
    edges : ndarray, shape (g + 1,) [bins]

    Returns
    -------
    tuple of ndarray, shape (g, k)

    Notes
    -----
    (q^e₀ − q^e₁)/(1 − q), q = exp(−1/τ). For τ far beyond the edges the difference loses digits, as many as τ exceeds them.

    Examples
    --------
    >>> total, _ = geometric_sums(np.array([10.0]), np.array([2.0, 5.0]))
    >>> bool(np.isclose(total[0, 0], np.exp([-0.2, -0.3, -0.4]).sum(), rtol=1e-14))
    True
    """
    rate = 1 / tau_bins
    step = -np.expm1(-rate)
    exponent = edges[:, None] * rate
    left = np.exp(-exponent)
    left /= step
    total = left[:-1] - left[1:]
    left *= exponent
    return total, left[:-1] - left[1:] + total * (rate * (1 - step) / step)


def cubic_weights(fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of 4 neighbours that move a curve by ``fraction`` of a bin, and their derivative: shape (k, 4) each.

    Catmull–Rom: smooth in the shift, exact on parabolas. Neighbour t = −1, 0, 1, 2 is the value t bins earlier.

    Examples
    --------
    >>> cubic_weights(np.array([0.5]))[0]
    array([[-0.0625,  0.5625,  0.5625, -0.0625]])
    """
    f = fraction[:, None] ** np.arange(4)
    matrix = np.array([[0, -1, 2, -1], [2, 0, -5, 3], [0, 1, 4, -3], [0, 0, -1, 1]]) / 2
    slopes = np.arange(1, 4) * f[:, :3]
    return f @ matrix.T, slopes @ matrix[:, 1:].T


def taps(shift: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offsets [bins] that some shift needs, with the weight of each in every column and its derivative: (o, k)."""
    whole = np.floor(shift).astype(int)
    offsets = np.arange(whole.min() - 1, whole.max() + 3)
    answers = np.zeros((2, offsets.size, shift.size))
    for answer, values in zip(answers, cubic_weights(shift - whole), strict=True):
        for j in range(4):
            answer[whole - whole.min() + j, np.arange(shift.size)] = values[:, j] * scale
    return offsets, *answers
