"""The script that a chemist would write instead: read a folder file by file with the same readers, fit each curve with scipy.

``python -m tests.bench.peers.one_by_one FOLDER`` prints as JSON how many files and numbers there were and the seconds of the
processor. It stores nothing, keeps no trail and gives no uncertainties but those of the covariance matrices.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import curve_fit
from scipy.signal import savgol_filter

from spectra.decay import Decay
from spectra.readers import read
from spectra.readers.reading import AtomicFractions, UnreadableFile
from spectra.spectrum import Series, Spectrum


def main(folder: str) -> None:
    numbers, refused = 0, 0
    for path in sorted(Path(folder).iterdir()):
        try:
            items = read(path.read_bytes(), path.name).items
        except UnreadableFile:
            refused += 1
            continue
        response = next((item.value for item in items if item.role == "IRF"), None)
        for item in items:
            if item.value is not response:
                numbers += len(numbers_of(item.value, item.technique, response))
    print(json.dumps({"numbers": numbers, "refused": refused, "seconds": time.process_time()}))


def numbers_of(value, technique: str | None, response: Decay | None = None) -> list[float]:
    if isinstance(value, Decay):
        return decay(value, response)
    if isinstance(value, Series):
        return [number for spectrum in value.spectra for number in numbers_of(spectrum, "pl_emission")]
    if isinstance(value, AtomicFractions):
        return [fraction.percent for fraction in value.fractions]
    if not isinstance(value, Spectrum):
        return []
    x, y = value.x, value.channels[0].values
    if technique == "uvvis":
        return first_exciton(x, y)
    if technique == "cd":
        return [float(x[y.argmax()]), float(y.max()), float(x[y.argmin()]), float(y.min())]
    return gaussian(x, y)


def gaussian(x: np.ndarray, y: np.ndarray) -> list[float]:
    """Centre, width and height of one band on a constant, with their uncertainties."""
    start = [float(x[y.argmax()]), 8.0, float(y.max()), 0.0]

    def band(x, center, sigma, height, base):
        return height * np.exp(-0.5 * ((x - center) / sigma) ** 2) + base

    found, covariance = curve_fit(band, x, y, start, maxfev=2000)
    return [*found[:3], *np.sqrt(np.diag(covariance))[:3]]


def first_exciton(x: np.ndarray, y: np.ndarray) -> list[float]:
    """The first minimum of the second derivative from the red, by a parabola through its neighbourhood."""
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    at = int(savgol_filter(y, 21, 3, deriv=2).argmin())
    near = slice(max(at - 8, 0), at + 9)
    a, b, c = np.polyfit(x[near] - x[at], y[near], 2)
    return [float(x[at] - b / (2 * a)), float(c)]


@np.errstate(all="ignore")
def decay(value: Decay, measured: Decay | None) -> list[float]:
    """One and two exponentials behind the response, convolved by FFT, weighted least squares; the better of the two."""
    counts, sigma = value.counts.astype(float), np.sqrt(np.maximum(value.counts, 1.0))
    n, t = counts.size, np.arange(counts.size)
    response = measured.counts if measured else np.eye(1, n, int(counts.argmax()))[0]
    transformed, turn = np.fft.rfft(response / response.sum(), 2 * n), -2j * np.pi * np.fft.rfftfreq(2 * n)

    def model(t, *p):
        shape = sum(area / tau * np.exp(-t / tau) for tau, area in zip(p[2::2], p[3::2], strict=True))
        return np.fft.irfft(np.fft.rfft(shape, 2 * n) * transformed * np.exp(turn * p[1]))[:n] + p[0]

    best = None
    for taus in ((6.0,), (2.0, 9.0)):
        start = [float(np.median(counts[:20])), 0.0]
        for tau in taus:
            start += [tau / value.bin_ns, counts.sum() / len(taus)]
        try:
            found, covariance = curve_fit(model, t, counts, start, sigma=sigma, maxfev=300)
        except RuntimeError:  # two exponentials of which one is not there
            continue
        chi2 = float((((counts - model(t, *found)) / sigma) ** 2).sum())
        if best is None or chi2 < best[0] - 10:
            best = chi2, [*found[2::2] * value.bin_ns, *np.sqrt(np.abs(np.diag(covariance)))[2::2] * value.bin_ns]
    return best[1] if best else []


if __name__ == "__main__":
    main(sys.argv[1])
