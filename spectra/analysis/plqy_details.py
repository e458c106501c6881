"""What an outcome of the relative yield carries beside its number: facts for the record, curves for the plot."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from spectra.analysis.findings import Findings
from spectra.analysis.method import Estimate
from spectra.analysis.plqy_budget import Ingredients, bandpass_effect, bandpass_known
from spectra.analysis.plqy_checks import absorbance_in_band
from spectra.analysis.plqy_comparable import energy_effect
from spectra.analysis.plqy_line import GradientLine
from spectra.analysis.plqy_series import DilutionSeries


def details_of(made_of: Ingredients, sample, standard, estimate: Estimate, simulated: Mapping) -> dict:
    """Give the JSON-able facts of one evaluation; ``methods_paragraph`` is written from them alone."""
    parameters, factor = made_of.parameters, made_of.reference.phi * made_of.n_factor
    asked, beside = factor * made_of.slope_ratio, factor * sample.other_abscissa.slope / standard.other_abscissa.slope
    classical = parameters["abscissa"] == "absorbance"
    return {
        "phi": estimate.value,
        "u": estimate.u,
        "abscissa": parameters["abscissa"],
        "by_abscissa": {"absorptance": beside if classical else asked, "absorbance": asked if classical else beside},
        "slope_ratio": made_of.slope_ratio,
        "n_factor": made_of.n_factor,
        "lines": {"sample": _line(sample.line), "standard": _line(standard.line)},
        "series": {s.which: _series(s) for s in (made_of.sample, made_of.standard)},
        "single_dilutions": {
            "index": [d.index for d in made_of.sample.dilutions],
            "phi": (factor * sample.line.y / sample.line.x / standard.line.slope).tolist(),
        },
        "scatter": _scatter(made_of, sample),
        "red_tail": _red_tail(made_of, sample, standard, factor),
        "bandpass": _bandpass(made_of),
        "energy_effect": energy_effect(made_of.sample, made_of.standard),
        "standard": asdict(made_of.reference),
        "refractive_indices": {
            "sample": made_of.n_sample,
            "standard": made_of.n_standard,
            "solvents": made_of.solvents,
        },
        "correction": _correction(made_of),
        "budget": [
            {"name": c.name, "percent": 100 * c.u / estimate.value, "source": c.source} for c in estimate.budget
        ],
        "monte_carlo": dict(simulated),
        "override": parameters["override"],
    } | correlations({"sample": sample.line, "standard": standard.line})


def left_out(findings: Findings) -> list[dict]:
    """Which dilutions were left out, and why."""
    notes = [note for note in findings.warnings if note.code.startswith("left_out_")]
    return [{name: note.values[name] for name in ("which", "dilution", "why")} for note in notes]


def correlations(lines: Mapping[str, GradientLine]) -> dict:
    """The correlation matrix of both free-intercept lines; sample and standard share no point."""
    names, blocks = [], []
    for which, line in lines.items():
        if line.free is not None:
            names += [f"slope_{which}", f"intercept_{which}"]
            blocks.append(line.free.correlation)
    matrix = np.eye(len(names))
    for i, value in enumerate(blocks):
        matrix[2 * i, 2 * i + 1] = matrix[2 * i + 1, 2 * i] = value
    return {"fit_names": names, "fit_correlation": matrix.round(6).tolist()} if names else {}


def _line(line: GradientLine) -> dict:
    return {
        "n": line.n,
        "slope": line.slope,
        "u_slope_relative": line.u_relative,
        "chi2_reduced": line.chi2_reduced,
        "free_slope": line.free and line.free.slope,
        "free_intercept": line.free and line.free.intercept,
        "u_free_intercept": line.u_intercept,
    }


def _series(series: DilutionSeries) -> dict:
    at_peak, mean = absorbance_in_band(series)
    return {
        "n": series.n,
        "sources": [d.source for d in series.dilutions],
        "window_nm": [float(edge) for edge in series.window_nm],
        "share_cut": series.share_cut(),
        "blanks": list(series.blank.sources),
        "blank_subtracted_before": any(d.emission_input.conditions.blank_subtracted for d in series.dilutions),
        "excitation_nm": float(np.mean([d.excitation_nm for d in series.dilutions])),
        "absorbance": series.absorbances.tolist(),
        "absorptance": series.absorptances[0].tolist(),
        "absorbance_at_emission_peak": at_peak,
        "absorbance_in_band": mean,
    }


def _scatter(made_of: Ingredients, sample) -> dict | None:
    if sample.scatter is None:
        return None
    subtracted = bool(made_of.parameters["subtract_scatter"] and sample.scatter.significant)
    other = made_of.phi * (1 + made_of.scatter_effect)
    pair = (made_of.phi, other) if subtracted else (other, made_of.phi)
    return {**asdict(sample.scatter), "subtracted": subtracted, "phi_subtracted": pair[0], "phi_kept": pair[1]}


def _red_tail(made_of: Ingredients, sample, standard, factor: float) -> dict:
    other = factor * sample.other_red_tail.slope / standard.other_red_tail.slope
    pair = (made_of.phi, other) if made_of.matched_tails else (other, made_of.phi)
    return {"matched": made_of.matched_tails, "phi_matched": pair[0], "phi_as_measured": pair[1]}


def _bandpass(made_of: Ingredients) -> dict:
    known = bandpass_known(made_of.sample) and bandpass_known(made_of.standard)
    lines = (made_of.sample_line, made_of.standard_line)
    effects = (
        {}
        if known
        else {f"{width:g}": bandpass_effect(made_of.sample, made_of.standard, lines, width) for width in (2.5, 5.0)}
    )
    widths = [
        s.dilutions[0].emission_input.conditions.excitation_bandwidth_nm for s in (made_of.sample, made_of.standard)
    ]
    return {"known": known, "sample_nm": widths[0], "standard_nm": widths[1], "relative_change_if_nm": effects}


def _correction(made_of: Ingredients) -> dict:
    sample, standard = (s.dilutions[0].emission_input.conditions for s in (made_of.sample, made_of.standard))
    return {
        "spectrally_corrected": None
        if None in (sample.spectrally_corrected, standard.spectrally_corrected)
        else sample.spectrally_corrected and standard.spectrally_corrected,
        "correction_file": sample.correction_file or standard.correction_file,
        "intensity_unit": sample.intensity_unit or standard.intensity_unit,
    }


def curves_of(sample, standard) -> dict:
    """Points with their uncertainties and both lines, for the plot."""
    curves: dict = {}
    for which, prepared in (("sample", sample), ("standard", standard)):
        line = prepared.line
        ends = np.array([0.0, 1.1 * float(line.x.max())])
        curves |= {
            f"{which}_index": [d.index for d in prepared.series.dilutions],
            f"{which}_x": line.x.tolist(),
            f"{which}_y": line.y.tolist(),
            f"{which}_u_x": line.u_x_weighing.tolist(),
            f"{which}_u_y": line.u_y.tolist(),
            f"{which}_residual": (line.y - line.slope * line.x).tolist(),
            f"{which}_line_x": ends.tolist(),
            f"{which}_line_y": (line.slope * ends).tolist(),
        }
        if line.free is not None:
            curves[f"{which}_free_line_y"] = (line.free.intercept + line.free.slope * ends).tolist()
    return curves
