"""What is kept of an emission band beside its numbers: curves for the plot, facts for the record."""

from math import isfinite

import numpy as np

from spectra.analysis.raw_band import RawBand


def curves_of(band) -> dict:
    emission, (fits, row) = band.emission, band.fit
    curves = {"x_nm": emission.x.tolist(), "y": emission.y.tolist()}
    if len(emission.left_out[0]):
        curves |= {"left_out_x": emission.left_out[0].tolist(), "left_out_y": emission.left_out[1].tolist()}
    if fits.ok[row]:
        fit = band.curve()
        curves |= {"fit": fit.tolist(), "residuals": (emission.y - fit).tolist()}
        curves["baseline"] = (fits.background(row) + (0.0 if band.level is None else band.level)).tolist()
        for i, component in enumerate(fits.components(row)):
            curves[f"component_{i + 1}"] = component.tolist()
    return curves


def details_of(band, raw: RawBand, baseline) -> dict:
    emission, (fits, row) = band.emission, band.fit
    details = {
        "window_nm": [float(emission.x[0]), float(emission.x[-1])],
        "n_points": len(emission.x),
        "step_nm": emission.step,
        "left_out_nm": [list(pair) for pair in emission.removed],
        "baseline_raw": baseline.kind,
        "baseline_fit": band.baseline,
        "n_gaussians": band.n_gaussians,
        "peak_height": raw.height.value,
        "half_height_nm": [None if side is None else side.value for side in (raw.left, raw.right)],
        "maxima_nm": [b.x for b in emission.bumps],
        "reduced_chi2": band.extra.get("reduced_chi2"),
        "variance_factor": band.inflation,
        "starts_agree": band.starts_agree,
        "baseline_points_nm": band.case.parameters.get("baseline_nm") or None,
        "bic": band.extra.get("bic"),  # by number of Gaussians, where several were tried
    }
    if fits.ok[row]:
        details |= {
            "band_peaks": [float(c) for c in fits.center[row]],
            "band_fwhms": [float(w) for w in fits.fwhm[row]],
            "held": [name for name, held in zip(_searched(fits), fits.held[row], strict=True) if held],
            "qd": band.extra.get("qd"),
            "fit_parameters": dict(zip(fits.names, _natural(fits, row), strict=True)),
            "fit_names": list(fits.names),  # in the order of the matrix; a database may sort the keys above
            "fit_correlation": _correlation(fits.covariance[row]),
        }
    return {k: v for k, v in details.items() if v is not None and (not isinstance(v, float) or isfinite(v))}


def _searched(fits) -> tuple[str, ...]:
    """The parameters that can be held."""
    k = range(1, fits.center.shape[1] + 1)
    return (*(f"center_{i}" for i in k), *(f"sigma_{i}" for i in k))


def _natural(fits, row) -> list[float]:
    values = [*fits.linear[row], *fits.center[row], *fits.sigma[row]]
    return [float(v) for v in values] + ([float(fits.rate[row])] if fits.model.tail else [])


def _correlation(covariance) -> list[list[float]]:
    u = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    return np.round(covariance / np.outer(u, u), 6).tolist()
