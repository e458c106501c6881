"""Spectra in a row: growth over minutes, ageing over days, a device over volts."""

from math import gamma

import numpy as np

from spectra.spectrum import Series, Spectrum
from tests.accuracy.scenes.scene import Scene, axis, complete, gaussian, measured, noisy, spectrum

X = np.arange(400.0, 561.0)
MINUTES = np.arange(0.0, 604.0, 4.0)
VOLTS = np.arange(4.0, 11.5, 0.5)


def curve(rng, i):
    """Intensity against time: a logistic rise of which every definition of an induction time is known."""
    middle, tau, noise = rng.uniform(190, 300), rng.uniform(12, 22), 10 ** rng.uniform(-2.5, -1.4)
    y = 1 / (1 + np.exp(-(MINUTES - middle) / tau)) + rng.normal(0, noise, MINUTES.size)
    given = measured("series", Spectrum(MINUTES, spectrum(MINUTES, y).channels, "min", "time"))
    return complete("growth", given), {
        "induction_tangent_min": middle - 2 * tau,
        "induction_threshold_min": middle - np.log(19) * tau,
        "half_time_min": middle,
        "logistic_midpoint_min": middle,
        "logistic_tau_min": tau,
    }


def growth(rng, i):
    """Spectra whose peak moves to the red while they grow."""
    middle, tau, height, moved = (
        rng.uniform(100, 160),
        rng.uniform(12, 20),
        10 ** rng.uniform(2.5, 3.5),
        rng.uniform(0, 5),
    )
    times = np.arange(0.0, 404.0, 8.0)
    rise = 1 / (1 + np.exp(-(times - middle) / tau))
    x = axis(rng, X, 453.0)
    peaks = 453.0 + moved * rise
    spectra = [spectrum(x, noisy(rng, height * r * gaussian(X, p, 15.0))) for r, p in zip(rise, peaks, strict=True)]
    given = measured("series", Series(tuple(spectra), times, "time", "min"))
    return complete("growth", given), {"final_peak_nm": float(peaks[-1])}


def shelf(rng, i):
    """First order, with a reference of each day; the half-life lies within what was measured."""
    half, n = rng.uniform(15, 35) * 24.0, int(rng.integers(5, 11))
    ages = np.linspace(0, 50 * 24.0, n)
    height, k = 10 ** rng.uniform(2.5, 3.7), np.log(2) / half
    inputs = []
    for j, age in enumerate(ages):
        lamp = 1 + rng.normal(0, 0.1)
        y = noisy(rng, lamp * height * np.exp(-k * age) * gaussian(X, 453.0, 15.0) + 20.0)
        inputs.append(measured("emission", spectrum(X, y), j, {"technique": "pl_emission"}, ageing_h=float(age)))
        y = noisy(rng, lamp * 2000.0 * gaussian(X, 470.0, 25.0) + 20.0)
        inputs.append(measured("reference", spectrum(X, y), j, {"technique": "pl_emission"}))
    return complete("ageing", *inputs), {
        "shelf_half_life_h": half,
        "fraction_left": float(np.exp(-k * ages[-1])),
        "loss_rate_per_h": k,
        "ageing_shift_nm": 0.0,
    }


def stretched(rng, i):
    """Under UV: a stretched decay against hours, the peak moving by 3 nm."""
    tau, beta = rng.uniform(1.0, 3.0), rng.uniform(0.55, 0.95)
    hours, height = np.array([0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6.0]), 10 ** rng.uniform(3.2, 4.0)
    left = np.exp(-((hours / tau) ** beta))
    inputs = [
        measured(
            "emission",
            spectrum(X, noisy(rng, height * f * gaussian(X, 453.0 + 3 * (1 - f), 15.0) + 20.0)),
            j,
            {"technique": "pl_emission"},
            ageing_h=float(h),
            dose_j_cm2=float(10.8 * h),
        )
        for j, (h, f) in enumerate(zip(hours, left, strict=True))
    ]
    half = tau * np.log(2) ** (1 / beta)
    return complete("ageing", *inputs), {
        "uv_half_life_h": half,
        "uv_half_dose_j_cm2": 10.8 * half,
        "fraction_left": float(left[-1]),
        "stretched_tau_h": tau,
        "stretched_beta": beta,
        "mean_life_h": tau / beta * gamma(1 / beta),
        "ageing_shift_nm": float(3 * (1 - left[-1])),
    }


def device(rng, i):
    """Light that rises by a power of ten in 2–3 V, or with the third power of what exceeds a threshold."""
    peak, per_decade, height = rng.uniform(450, 470), rng.uniform(1.6, 2.8), 10 ** rng.uniform(3.5, 4.5)
    slope, volts = rng.normal(0, 0.3), VOLTS + rng.uniform(-0.25, 0.25)
    light, turn_on = height * 10 ** ((volts - volts[-1]) / per_decade), volts[-1] - 2 * per_decade
    if i % 2:
        turn_on = rng.uniform(5.2, 7.0)
        zero = turn_on - (volts[-1] - turn_on) * 0.01 ** (1 / 3) / (1 - 0.01 ** (1 / 3))
        light = height * np.maximum((volts - zero) / (volts[-1] - zero), 0.0) ** 3
    peaks, x = peak + slope * (volts - volts[-1]), axis(rng, X, peak)
    spectra = [spectrum(x, noisy(rng, a * gaussian(X, p, 16.5))) for a, p in zip(light, peaks, strict=True)]
    given = measured("series", Series(tuple(spectra), volts, "voltage", "V"), facts={"technique": "el"})
    return complete("el_voltage", given), {
        "el_peak_nm": peak,
        "el_fwhm_nm": 16.5,
        "turn_on_v": float(turn_on),
        "el_shift_nm_per_v": slope,
    }


SCENES = (
    Scene("growth", "curve", "every 4 min for 600 min, t½ 190–300 min, scatter 0.3–4 %", curve),
    Scene("growth", "spectra", "51 spectra, 300–3,000 counts, the peak moves by 0–5 nm", growth, most=100),
    Scene(
        "ageing", "on the shelf", "5–10 ages in 50 days, half-life 15–35 days, lamp ± 10 %, reference", shelf, most=300
    ),
    Scene("ageing", "under UV", "10 ages, β 0.55–0.95, 1,500–10,000 counts", stretched, most=300),
    Scene("el_voltage", "device", "16 voltages of 0.5 V, exponential or cubic, 3,000–30,000 counts", device, most=300),
)
