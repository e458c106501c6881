"""Whether sample and standard of a relative yield were measured on one scale."""

from collections.abc import Iterable

import numpy as np

from spectra.analysis.findings import Findings, shown
from spectra.analysis.plqy_dilution import SAME_EXCITATION_NM
from spectra.analysis.plqy_series import DilutionSeries
from spectra.notes import gettext_noop


def check_comparable(sample: DilutionSeries, standard: DilutionSeries, findings: Findings) -> None:
    """Check that sample and standard were measured on one scale."""
    _check_excitation(sample, standard, findings)
    _check_scale(sample, standard, findings)
    _check_photons(sample, standard, findings)
    for name, text in (
        (
            "excitation_bandwidth_nm",
            gettext_noop(
                "Sample and standard were measured with different excitation slits ({values} nm): the light that excites them differs."
            ),
        ),
        (
            "emission_bandwidth_nm",
            gettext_noop(
                "Sample and standard were measured with different emission slits ({values} nm): the share of light that is collected differs."
            ),
        ),
        (
            "path_length_cm",
            gettext_noop(
                "The emission of sample and standard was measured in cuvettes of different path ({values} cm)."
            ),
        ),
        ("correction_file", gettext_noop("Sample and standard were corrected with different files ({values}).")),
    ):
        values = _known(getattr(d.emission_input.conditions, name) for d in (*sample.dilutions, *standard.dilutions))
        if len(values) > 1:
            findings.warn(f"differs_{name}", text, values=" / ".join(str(v) for v in values))


def _known(values: Iterable) -> list:
    return list(dict.fromkeys(v for v in values if v not in (None, "")))


def _check_excitation(sample: DilutionSeries, standard: DilutionSeries, findings: Findings) -> None:
    excited = [float(np.mean([d.excitation_nm for d in s.dilutions])) for s in (sample, standard)]
    if abs(excited[0] - excited[1]) > SAME_EXCITATION_NM:
        findings.refuse(
            "excitation_differs",
            gettext_noop(
                "The sample was excited at {sample} nm, the standard at {standard} nm. Without a correction for the lamp the "
                "two cannot be compared. Please measure both at one wavelength."
            ),
            overridable=True,
            sample=shown(excited[0], 5),
            standard=shown(excited[1], 5),
        )


def _check_scale(sample: DilutionSeries, standard: DilutionSeries, findings: Findings) -> None:
    inputs = [d.emission_input for d in (*sample.dilutions, *standard.dilutions)]
    for code, setting, values in (
        ("gain_differs", gettext_noop("gain"), _known(i.facts.get("gain") for i in inputs)),
        ("unit_differs", gettext_noop("unit"), _known(i.value.signal.unit for i in inputs)),
    ):
        if len(values) > 1:
            findings.refuse(
                code,
                gettext_noop(
                    "Sample and standard are not on one scale: their {setting} differs ({values}). Please measure all with the "
                    "same settings, or leave the odd ones out."
                ),
                overridable=True,
                setting=setting,
                values=" / ".join(str(v) for v in values),
            )
    responses = _known(i.facts.get("response") for i in inputs)
    if len(responses) > 1:
        findings.warn(
            "differs_response",
            gettext_noop("Sample and standard were measured with different response times ({values})."),
            values=" / ".join(str(v) for v in responses),
        )


def _check_photons(sample: DilutionSeries, standard: DilutionSeries, findings: Findings) -> None:
    """Photon and energy units do not mix; unknown ones count as photons, with the effect if that is wrong."""
    units = [d.emission_input.conditions.intensity_unit for d in (*sample.dilutions, *standard.dilutions)]
    if {"photon", "energy"} <= set(units):
        findings.refuse(
            "intensity_units_mixed",
            gettext_noop(
                "Some emission spectra count photons and others energy, which are different scales. Please export all in "
                "the same unit."
            ),
        )
    if None not in units:
        return
    if "energy" in units:
        findings.refuse(
            "intensity_units_mixed",
            gettext_noop(
                "Some emission spectra are in energy units, of others the unit is not known. Please note the unit of all."
            ),
        )
    ratio = energy_effect(sample, standard)
    findings.warn(
        "intensity_unit_unknown",
        gettext_noop(
            "It is not known whether the emission counts photons or energy. It was taken as photons, as most PL "
            "spectrometers write it after correction; were it energy, Φ would be {percent} % {direction}."
        ),
        percent=shown(100 * abs(ratio - 1), 2),
        direction=gettext_noop("higher") if ratio > 1 else gettext_noop("lower"),
    )


def energy_effect(sample: DilutionSeries, standard: DilutionSeries) -> float:
    """Factor on Φ if spectra taken as photons were energy: ratio of the mean emission wavelengths [1]."""
    means = [s.brightest().within(*s.window_nm).mean_wavelength_nm for s in (sample, standard)]
    return means[0] / means[1]
