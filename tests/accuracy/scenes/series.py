"""Spectra in a row: growth over minutes, ageing over days, a device over volts."""

from math import gamma

import numpy as np

from spectra.spectrum import Series, Spectrum
from tests.accuracy.scenes.scene import Scene, axis, complete, gaussian, log_uniform, measured, noisy, spectrum


def _band(rng):
    """Wavelengths around a band, its centre and its width."""
    center, fwhm = rng.uniform(440, 560), rng.uniform(13, 25)
    return np.arange(np.round(center - 70), center + 110, rng.choice([0.5, 1.0])), center, fwhm


def curve(rng, i):
    """Intensity against time: a rise of which every definition of an induction time is known.

    Logistic (symmetric), or every second time after Gompertz, which sets in faster than it ends.
    """
    tau, scatter = log_uniform(rng, 5, 60), 10 ** rng.uniform(-2.5, -1.4)
    middle = tau * rng.uniform(9, 15)
    time = np.arange(0.0, middle + tau * rng.uniform(12, 20), tau / rng.uniform(2.5, 8))
    scale, level = 10 ** rng.uniform(-2, 5), rng.uniform(0, 0.3)
    if i % 2:
        part = np.exp(-np.exp(-(time - middle) / tau))
        truths = {
            "induction_tangent_min": middle - tau,
            "induction_threshold_min": middle - tau * np.log(np.log(20)),
            "half_time_min": middle - tau * np.log(np.log(2)),
        }
    else:
        part = 1 / (1 + np.exp(-(time - middle) / tau))
        truths = {
            "induction_tangent_min": middle - 2 * tau,
            "induction_threshold_min": middle - np.log(19) * tau,
            "half_time_min": middle,
            "logistic_midpoint_min": middle,
            "logistic_tau_min": tau,
        }
    y = scale * (level + part + rng.normal(0, scatter, time.size))
    given = measured("series", Spectrum(time, spectrum(time, y).channels, "min", "time"))
    return complete("growth", given), truths


def growth(rng, i):
    """Spectra whose peak moves to the red while they grow."""
    x, center, fwhm = _band(rng)
    middle, tau, height, moved = (
        rng.uniform(80, 160),
        rng.uniform(8, 20),
        log_uniform(rng, 300, 5000),
        rng.uniform(0, 6),
    )
    times = np.linspace(0.0, 400.0, int(rng.integers(25, 50)))
    rise = 1 / (1 + np.exp(-(times - middle) / tau))
    seen, peaks = axis(rng, x, center), center + moved * rise
    spectra = [spectrum(seen, noisy(rng, height * r * gaussian(x, p, fwhm))) for r, p in zip(rise, peaks, strict=True)]
    given = measured("series", Series(tuple(spectra), times, "time", "min"))
    return complete("growth", given), {"final_peak_nm": float(peaks[-1])}


def shelf(rng, i):
    """First order, with a reference of each day; the half-life lies within what was measured."""
    x, center, fwhm = _band(rng)
    last, n = log_uniform(rng, 20, 2000), int(rng.integers(5, 11))
    ages, half = np.linspace(0, last, n), last * rng.uniform(0.25, 0.75)
    height, k, u_lamp = log_uniform(rng, 300, 10_000), np.log(2) / half, rng.uniform(0.02, 0.2)
    inputs = []
    for j, age in enumerate(ages):
        lamp = 1 + rng.normal(0, u_lamp)
        y = noisy(rng, lamp * height * np.exp(-k * age) * gaussian(x, center, fwhm) + 20.0)
        inputs.append(measured("emission", spectrum(x, y), j, {"technique": "pl_emission"}, ageing_h=float(age)))
        y = noisy(rng, lamp * 2000.0 * gaussian(x, center + 10.0, 25.0) + 20.0)
        inputs.append(measured("reference", spectrum(x, y), j, {"technique": "pl_emission"}))
    return complete("ageing", *inputs), {
        "shelf_half_life_h": half,
        "fraction_left": float(np.exp(-k * ages[-1])),
        "loss_rate_per_h": k,
        "ageing_shift_nm": 0.0,
    }


def stretched(rng, i):
    """Under UV: a stretched decay against hours, the peak moving to the red."""
    x, center, fwhm = _band(rng)
    tau, beta, moves, per_h = (
        log_uniform(rng, 0.5, 20),
        rng.uniform(0.55, 0.95),
        rng.uniform(0, 5),
        log_uniform(rng, 2, 40),
    )
    hours = tau * np.array([0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.2, 1.6, 2.1, 2.7]) * rng.uniform(0.8, 1.2)
    left, height = np.exp(-((hours / tau) ** beta)), log_uniform(rng, 1000, 15_000)
    inputs = [
        measured(
            "emission",
            spectrum(x, noisy(rng, height * f * gaussian(x, center + moves * (1 - f), fwhm) + 20.0)),
            j,
            {"technique": "pl_emission"},
            ageing_h=float(h),
            dose_j_cm2=float(per_h * h),
        )
        for j, (h, f) in enumerate(zip(hours, left, strict=True))
    ]
    half = tau * np.log(2) ** (1 / beta)
    return complete("ageing", *inputs), {
        "uv_half_life_h": half,
        "uv_half_dose_j_cm2": per_h * half,
        "fraction_left": float(left[-1]),
        "stretched_tau_h": tau,
        "stretched_beta": beta,
        "mean_life_h": tau / beta * gamma(1 / beta),
        "ageing_shift_nm": float(moves * (1 - left[-1])),
    }


def device(rng, i):
    """Light that rises by a power of ten in 1.6–2.8 V, or with a power of what exceeds a threshold."""
    x, peak, fwhm = _band(rng)
    height, slope, step = log_uniform(rng, 3e3, 6e4), rng.normal(0, 0.3), rng.choice([0.25, 0.5])
    volts = np.arange(rng.uniform(2.5, 4.5), rng.uniform(10.0, 11.5), step)
    if i % 2:
        power, turn_on = rng.uniform(2.0, 3.5), rng.uniform(5.2, 7.0)
        part = 0.01 ** (1 / power)
        zero = (turn_on - part * volts[-1]) / (1 - part)
        light = height * (np.maximum(volts - zero, 0.0) / (volts[-1] - zero)) ** power
    else:
        per_decade = rng.uniform(1.6, 2.8)
        turn_on, light = volts[-1] - 2 * per_decade, height * 10 ** ((volts - volts[-1]) / per_decade)
    peaks, seen = peak + slope * (volts - volts[-1]), axis(rng, x, peak)
    spectra = [spectrum(seen, noisy(rng, a * gaussian(x, p, fwhm))) for a, p in zip(light, peaks, strict=True)]
    given = measured("series", Series(tuple(spectra), volts, "voltage", "V"), facts={"technique": "el"})
    return complete("el_voltage", given), {
        "el_peak_nm": peak,
        "el_fwhm_nm": fwhm,
        "turn_on_v": float(turn_on),
        "el_shift_nm_per_v": slope,
    }


SCENES = (
    Scene("growth", "curve", "logistic and Gompertz, τ 5–60 min, 2.5–8 times per τ, scatter 0.3–4 %", curve),
    Scene("growth", "spectra", "25–49 spectra, 300–5,000 counts, the peak moves by 0–6 nm", growth, slow=True),
    Scene("ageing", "on the shelf", "5–10 ages, half-life at 0.25–0.75 of them, lamp ± 2–20 %, reference", shelf, slow=True),
    Scene("ageing", "under UV", "10 ages, τ 0.5–20 h, β 0.55–0.95, 1,000–15,000 counts", stretched, slow=True),
    Scene("el_voltage", "device", "steps of 0.25–0.5 V, exponential or power law, 3,000–60,000 counts", device, slow=True),
)  # fmt: skip
