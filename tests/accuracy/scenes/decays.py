"""Decays of one to three exponentials with a measured response, and the tail of one without."""

import numpy as np

from spectra.decay import Decay
from tests.accuracy.scenes.scene import Scene, complete, log_uniform, measured
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response

TIME_SCALE = 0.001
BINS = 1024


def _case(rng, tau_ns, area, window_ns, with_response=True):
    """Counts in 1,024 channels of a window; the response lasts 0.2–1 % of it."""
    bin_ns, sigma = window_ns / BINS, rng.uniform(2.0, 6.0)
    response = gaussian_response(BINS, rng.uniform(40, 90), sigma)
    expected = expected_counts(response, np.asarray(tau_ns) / bin_ns, area, log_uniform(rng, 0.05, 5.0))
    stated_ns = bin_ns * (1 + rng.normal(0, TIME_SCALE))
    inputs = [measured("decay", Decay(rng.poisson(expected).astype(float), stated_ns))]
    if with_response:
        seen = rng.poisson(response * log_uniform(rng, 3e3, 1e5) + rng.uniform(0, 1))
        inputs.append(measured("irf", Decay(seen.astype(float), stated_ns)))
    return complete("decay", *inputs)


def _truths(tau_ns, area):
    tau, area = np.asarray(tau_ns), np.asarray(area)
    amplitude = area / tau
    truths = {
        "lifetime_ns": area.sum() / amplitude.sum(),
        "lifetime_intensity_ns": (area * tau).sum() / area.sum(),
    }
    if tau.size > 1:
        for k in range(tau.size):
            truths |= {f"tau_{k + 1}_ns": tau[k], f"share_{k + 1}": amplitude[k] / amplitude.sum()}
    return truths


def one(rng, i):
    tau, area = [log_uniform(rng, 0.5, 100)], [log_uniform(rng, 2e3, 1e6)]
    return _case(rng, tau, area, tau[0] * rng.uniform(5, 15)), _truths(tau, area)


def tail(rng, i):
    tau, area = [log_uniform(rng, 0.5, 100)], [log_uniform(rng, 5e3, 3e5)]
    return _case(rng, tau, area, tau[0] * rng.uniform(5, 12), with_response=False), {"lifetime_ns": tau[0]}


def two(rng, i):
    fast = log_uniform(rng, 0.3, 10)
    tau = [fast, fast * rng.uniform(3.5, 8)]
    area = log_uniform(rng, 5e4, 1e6) * np.array([rng.uniform(0.15, 1.0), 1.0])
    return _case(rng, tau, area, tau[1] * rng.uniform(5, 8)), _truths(tau, area)


def three(rng, i):
    fast = log_uniform(rng, 0.3, 5)
    tau = fast * np.array([1.0, rng.uniform(4, 5), rng.uniform(16, 22)])
    area = log_uniform(rng, 1e6, 4e6) * np.array([rng.uniform(0.15, 0.4), rng.uniform(0.4, 0.9), 1.0])
    return _case(rng, tau, area, tau[2] * rng.uniform(4.5, 6)), _truths(tau, area)


SCENES = (
    Scene("decay", "one exponential", "τ 0.5–100 ns, 2,000–10⁶ photons, window 5–15 τ, response, background", one),
    Scene("decay", "one exponential, no response", "τ 0.5–100 ns, 5,000–3×10⁵ photons, window 5–12 τ", tail),
    Scene("decay", "two exponentials", "0.3–10 ns and 3.5–8 times that, 5×10⁴–2×10⁶ photons", two, slow=True),
    Scene("decay", "three exponentials", "0.3–5 ns, 4–5 and 16–22 times that, 1.6–9×10⁶ photons", three, slow=True),
)
