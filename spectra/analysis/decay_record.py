"""What is kept of a decay beside its numbers: curves for the plot, facts for the record."""

import numpy as np

from spectra.analysis.decay_averages import Averages
from spectra.analysis.decay_choice import Choice
from spectra.analysis.decay_goodness import Goodness
from spectra.analysis.decay_window import Prepared


def curves_of(prepared: Prepared, fit, goodness: Goodness) -> dict[str, np.ndarray]:
    window = slice(prepared.first, prepared.stop)
    counts = prepared.decay.counts[window]
    curves = {
        "time_ns": prepared.decay.time_ns[window],
        "counts": counts,
        "model": goodness.expected,
        "residuals": goodness.residuals,
        "autocorrelation": goodness.autocorrelation,
    }
    if prepared.response is not None:
        irf = prepared.response.counts[window]
        curves["irf"] = irf * (counts.max() / max(prepared.response.counts.max(), 1e-300))
    return curves


def details_of(prepared: Prepared, choice: Choice, found: Averages, goodness: Goodness, fwhm_bins) -> dict:
    fit, bin_ns = choice.fit, prepared.decay.bin_ns
    reconvolution = prepared.response is not None
    statistics = "Poisson maximum likelihood" if prepared.variance is None else "weighted least squares"
    facts = {
        "method": f"{'reconvolution' if reconvolution else 'tail fit'}, {statistics}",
        "n_exponentials": fit.model.k,
        "tau_ns": (found.tau * bin_ns).tolist(),
        "amplitude_share": found.share.tolist(),
        "photon_share": (fit.areas[0] / fit.areas[0].sum()).tolist(),
        "held": held_lifetimes(fit),
        "left_out": choice.dropped or None,
        "photons": float(fit.areas[0].sum()),
        "background_per_bin": float(fit.value("background")[0]),
        "scatter_counts": float(fit.value("scatter")[0]),
        "shift_ns": float(fit.value("shift")[0] * bin_ns) if reconvolution else None,
        "irf_fwhm_ns": float(fwhm_bins * bin_ns) if reconvolution else None,
        "start_ns": prepared.decay.first_ns + prepared.first * bin_ns,
        "stop_ns": prepared.decay.first_ns + prepared.stop * bin_ns,
        "period_ns": None if prepared.period_bins is None else prepared.period_bins * bin_ns,
        "deviance" if prepared.variance is None else "weighted_sum_of_squares": float(fit.objective[0]),
        "chi_squared_reduced": goodness.reduced,
        "degrees_of_freedom": goodness.freedom,
        "durbin_watson": goodness.durbin_watson,
        "bic": {str(k): value for k, value in choice.bic.items()},
        "parameters": list(fit.model.names),
        "correlation": _correlation(fit.covariance[0]).tolist(),
    }
    return {name: value for name, value in facts.items() if value is not None}


def held_lifetimes(fit) -> list[str] | None:
    """Lifetimes that were held, by the names of the components as they stand in order."""
    kept = [np.log(tau) for tau, held in fit.model.given if held]
    logs = np.log(fit.tau_bins[0])
    return [f"tau_{i + 1}" for i in range(len(logs)) if any(abs(logs[i] - one) < 1e-9 for one in kept)] or None


def _correlation(covariance: np.ndarray) -> np.ndarray:
    u = np.sqrt(np.maximum(np.diagonal(covariance), 0))
    u = np.where(u > 0, u, 1.0)
    return (covariance / np.outer(u, u)).round(4)
