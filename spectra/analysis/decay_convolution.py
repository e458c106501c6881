"""Exponentials on bins: convolved with a response, summed over bins, moved by parts of a bin; each with derivatives.

Convolution is the trapezoidal rule on the bins, as in the recursion that tttrlib's ``fconv`` uses, so both agree to
rounding (when the response is zero in its first bin, which ``fconv`` counts half). Rows are decays, columns bins.
"""

import numpy as np

LARGEST_EXPONENT = 600.0  # exp of more than 709 is no number any more
LONGEST_RUN = 512  # bins taken together: their arrays stay in the cache
LARGEST_SWING = 1e-6  # of the step: a hundredth of a count in a decay of ten thousand at its maximum


def decayed_sums(irf: np.ndarray, tau_bins: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum what every earlier bin of a response has left by now, for many τ at once.

    Parameters
    ----------
    irf : ndarray, shape (m,)
        Response L, starting at the first bin of the answer.
    tau_bins : ndarray, shape (k,) [bins]
    n_bins : int

    Returns
    -------
    sums, derivative : ndarray, shape (k, n_bins)
        A_i = Σ_{j<i} L_j q^(i−j) with q = exp(−1/τ), and its derivative with respect to ln τ.

    Notes
    -----
    A_i + L_i/2 is the convolution with exp(−t/τ) by the trapezoidal rule, as the recursion of tttrlib's ``fconv``
    gives it. The rule takes the decay at points, not averaged over a bin: right to (bin/τ)²/12, so not for lifetimes of
    about a bin. Here A_i = q^i Σ L_j q^(−j) for runs of bins in which q^(−j) stays finite: a few operations on whole
    arrays, where the recursion would take a handful for every bin. All terms are positive, so no digits are lost.

    Examples
    --------
    >>> sums, _ = decayed_sums(np.array([0.0, 1.0]), np.array([10.0]), 4)
    >>> (sums[0] + np.array([0.0, 0.5, 0.0, 0.0])).round(4)
    array([0.    , 0.5   , 0.9048, 0.8187])
    """
    rate = 1 / tau_bins[:, None]
    run = int(min(LONGEST_RUN, max(1, LARGEST_EXPONENT * tau_bins.min(initial=np.inf))))
    response = np.zeros(n_bins)
    response[: min(irf.size, n_bins)] = irf[:n_bins]
    sums, derivative = np.empty((2, tau_bins.size, n_bins))
    sums[:, 0], derivative[:, 0] = 0.0, 0.0
    for begin in range(0, n_bins, run):
        end = min(begin + run, n_bins)
        here, there = sums[:, begin:end], derivative[:, begin:end]
        if begin:  # what the run before has left one bin later
            left = (sums[:, begin - 1 : begin] + response[begin - 1]) * np.exp(-rate)
            here[:, :1], there[:, :1] = left, derivative[:, begin - 1 : begin] * np.exp(-rate) + left * rate
        _continue(here, there, response[begin:end], rate)
    return sums, derivative


def _continue(sums, derivative, response, rate):
    """Fill in one run of bins from its first one: Σ L q^(−j) and Σ j L q^(−j), both times q^i."""
    bins = np.arange(response.size, dtype=np.float64)
    grown = np.exp(bins * rate)
    terms = grown * response
    derivative[:, :1] *= -1 / rate
    sums[:, 1:] = terms[:, :-1]
    np.multiply(terms[:, :-1], bins[:-1], out=derivative[:, 1:])
    np.cumsum(sums, axis=1, out=sums)
    np.cumsum(derivative, axis=1, out=derivative)
    np.multiply(sums, bins, out=terms)
    np.subtract(terms, derivative, out=derivative)
    np.divide(rate, grown, out=terms)
    derivative *= terms
    sums /= grown


def geometric_sums(tau_bins: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum exp(−t/τ) over the bins between neighbouring edges, and its derivative with respect to ln τ.

    Parameters
    ----------
    tau_bins : ndarray, shape (k,) [bins]
    edges : ndarray, shape (g + 1,) [bins]

    Returns
    -------
    tuple of ndarray, shape (k, g)

    Notes
    -----
    (q^e₀ − q^e₁)/(1 − q), q = exp(−1/τ). For τ far beyond the edges the difference loses digits, as many as τ exceeds them.

    Examples
    --------
    >>> total, _ = geometric_sums(np.array([10.0]), np.array([2.0, 5.0]))
    >>> bool(np.isclose(total[0, 0], np.exp([-0.2, -0.3, -0.4]).sum(), rtol=1e-14))
    True
    """
    rate = 1 / tau_bins[:, None]
    step = -np.expm1(-rate)
    exponent = edges * rate
    left = np.exp(-exponent)
    left /= step
    total = left[:, :-1] - left[:, 1:]
    left *= exponent
    slope = left[:, :-1] - left[:, 1:]
    np.multiply(total, rate * (1 - step) / step, out=left[:, 1:])
    slope += left[:, 1:]
    return total, slope


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


def linear_weights(fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`cubic_weights`, from the two nearest neighbours alone: never below zero, but blurred by part of a bin.

    Examples
    --------
    >>> linear_weights(np.array([0.25]))[0]
    array([[0.  , 0.75, 0.25, 0.  ]])
    """
    none, one = np.zeros(fraction.size), np.ones(fraction.size)
    return np.stack([none, 1 - fraction, fraction, none], axis=1), np.stack([none, -one, one, none], axis=1)


def swings(irf: np.ndarray) -> bool:
    """Whether a response rises within a bin or two: moved by parts of a bin, the cubic then swings below zero before it.

    No counts can be there, and a likelihood that meets less than none finds no minimum.

    Examples
    --------
    >>> swings(np.array([0.01, 0.5, 1.0, 0.2])), swings(np.exp(-(np.arange(-12, 13) ** 2) / 9.0))
    (True, False)
    """
    step = np.concatenate([np.zeros(3), np.cumsum(irf) / irf.sum()])
    lowest = np.convolve(step, cubic_weights(np.array([0.5]))[0][0], mode="valid").min()
    return bool(lowest < -LARGEST_SWING)


def taps(shift: np.ndarray, weights_of=cubic_weights) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offsets (o,) [bins] that some shift (n,) needs, with the weight of each and its derivative: shape (n, o) each."""
    whole = np.floor(shift).astype(int)
    offsets = np.arange(whole.min() - 1, whole.max() + 3)
    answers = np.zeros((2, shift.size, offsets.size))
    for answer, values in zip(answers, weights_of(shift - whole), strict=True):
        for j in range(4):
            answer[np.arange(shift.size), whole - whole.min() + j] = values[:, j]
    return offsets, *answers


def carried_forward(weights: np.ndarray, tau_bins: np.ndarray) -> tuple[np.ndarray, ...]:
    """Express a weighted sum of moved convolutions by the one that is moved farthest.

    Parameters
    ----------
    weights : ndarray, shape (..., o)
        Of the convolution C moved by each of o neighbouring offsets.
    tau_bins : ndarray, shape (...) [bins]

    Returns
    -------
    factor, factor_slope : ndarray, shape (...)
        Of the open sums A (see :func:`decayed_sums`) moved by the last offset, and its derivative with respect to ln τ.
    response, response_slope : ndarray, shape (..., o)
        Of the response moved by each offset, and its derivative.

    Notes
    -----
    C_i = A_i + L_i/2 and A_(i+1) = q (A_i + L_i): each step forward adds one bin of the response, which is the same for
    all decays, so that one matrix product does the rest. Forward, all terms shrink; backward they would grow and cancel.

    Examples
    --------
    >>> factor, _, response, _ = carried_forward(np.array([[0.0, 1.0, 0.0]]), np.array([10.0]))
    >>> factor.round(4), response.round(4)
    (array([0.9048]), array([[0.    , 0.5   , 0.9048]]))
    """
    rate = 1 / tau_bins
    q = np.exp(-rate)
    response, response_slope = np.empty((2, *weights.shape))
    left, left_slope = np.zeros((2, *tau_bins.shape))
    for i in range(weights.shape[-1]):
        response[..., i], response_slope[..., i] = 0.5 * weights[..., i] + left, left_slope
        factor, factor_slope = left + weights[..., i], left_slope
        left = q * factor
        left_slope = q * factor_slope + rate * left
    return factor, factor_slope, response, response_slope


def moved_histograms(sums, slopes, first, window, weights, tau_bins, area) -> list[np.ndarray]:
    """Histograms of exponentials behind a response that is moved by parts of a bin, and their derivatives.

    Parameters
    ----------
    sums, slopes : ndarray, shape (n, k, bins)
        The answers of :func:`decayed_sums`, whose bin ``first`` (which may lie before them) begins the histograms.
    first : int
    window : ndarray, shape (o, m)
        The response in the bins of the histograms, moved by each offset.
    weights : two ndarrays, shape (n, o)
        Of each offset, and their derivatives (see :func:`taps`).
    tau_bins, area : ndarray, shape (n, k)

    Returns
    -------
    list of ndarray
        Histograms of unit area (n, k, m); what ln τ changes at constant ``area`` (n, k, m), and the shift (n, m).
    """
    pad = max(-first, 0)
    rows, size, part = (*tau_bins.shape, -1), window.shape[1] - pad, slice(max(first, 0), None)
    sums, slopes = (values[:, :, part][:, :, :size] for values in (sums, slopes))
    weight, weight_slope = (w[:, None] / tau_bins[:, :, None] for w in weights)
    factor, factor_slope, response, response_slope = carried_forward(weight, tau_bins)
    moving, _, flashing, _ = carried_forward(weight_slope * area[:, :, None], tau_bins)

    def at_response(of_response) -> np.ndarray:
        return (of_response.reshape(-1, len(window)) @ window).reshape(rows)

    by_shift = flashing.sum(axis=1) @ window
    by_shift[:, pad:] += (moving[:, None] @ sums)[:, 0]
    shape = at_response(response)
    part = factor[:, :, None] * sums
    shape[:, :, pad:] += part
    by_log_tau = at_response(area[:, :, None] * (response_slope - response))
    by_log_tau[:, :, pad:] += np.multiply(slopes, (area * factor)[:, :, None], out=part)
    by_log_tau[:, :, pad:] += np.multiply(sums, (area * (factor_slope - factor))[:, :, None], out=part)
    return [shape, by_log_tau, by_shift]
