"""Decays of one to three exponentials with a measured response, and the tail of one without."""

import numpy as np

from spectra.decay import Decay
from tests.accuracy.scenes.scene import Scene, complete, measured
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response

BIN_NS = 0.05
TIME_SCALE = 0.001
RESPONSE = gaussian_response()


def _case(rng, tau_ns, area, with_response=True):
    expected = expected_counts(RESPONSE, np.asarray(tau_ns) / BIN_NS, area, rng.uniform(0.2, 2.0))
    bin_ns = BIN_NS * (1 + rng.normal(0, TIME_SCALE))
    inputs = [measured("decay", Decay(rng.poisson(expected).astype(float), bin_ns))]
    if with_response:
        inputs.append(measured("irf", Decay(rng.poisson(RESPONSE * 2e4 + 0.3).astype(float), bin_ns)))
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
    tau, area = [rng.uniform(3, 12)], [10 ** rng.uniform(3.5, 5.5)]
    return _case(rng, tau, area), _truths(tau, area)


def tail(rng, i):
    tau, area = [rng.uniform(4, 12)], [10 ** rng.uniform(3.7, 5.3)]
    return _case(rng, tau, area, with_response=False), {"lifetime_ns": tau[0]}


def two(rng, i):
    tau = [rng.uniform(1.2, 2.5), rng.uniform(7, 12)]
    area = 10 ** rng.uniform(4.7, 5.7) * np.array([rng.uniform(0.15, 0.6), 1.0])
    return _case(rng, tau, area), _truths(tau, area)


def three(rng, i):
    tau = [rng.uniform(0.6, 0.9), rng.uniform(2.7, 3.5), rng.uniform(11, 14)]
    area = 10 ** rng.uniform(5.9, 6.3) * np.array([rng.uniform(0.15, 0.3), rng.uniform(0.4, 0.7), 1.0])
    return _case(rng, tau, area), _truths(tau, area)


SCENES = (
    Scene("decay", "one exponential", "τ 3–12 ns, 3,000–300,000 photons, IRF 0.47 ns, background", one),
    Scene("decay", "one exponential, no response", "τ 4–12 ns, 5,000–200,000 photons", tail),
    Scene("decay", "two exponentials", "1.2–2.5 and 7–12 ns, 50,000–800,000 photons", two),
    Scene("decay", "three exponentials", "0.75, 3 and 12.5 ns, 10⁶–4×10⁶ photons", three, most=300),
)
