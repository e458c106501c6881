"""The paragraph on a relative yield for the methods section of a paper, written from the stored details alone."""

from collections.abc import Mapping


def methods_paragraph(details: Mapping) -> str:
    """Write how a yield was measured, in the English of a methods section.

    Parameters
    ----------
    details : mapping
        ``Outcome.details`` of the method ``plqy``, as it was or read back from JSON.

    Returns
    -------
    str
        One paragraph: method, standard, session, excitation, corrections, windows, refractive indices, budget.
    """
    sentences = [
        _method(details),
        _left_out(details.get("left_out") or ()),
        _standard(details),
        _several(details.get("standards") or ()),
        _corrections(details),
        _windows(details),
        _extras(details),
    ]
    return " ".join(s for s in (*sentences, _budget(details)) if s)


def _method(details: Mapping) -> str:
    sample, standard = details["series"]["sample"], details["series"]["standard"]
    against = {
        "absorptance": "absorptance 1 − 10^(−A)",
        "absorbance": "absorbance (classical abscissa)",
    }[details["abscissa"]]
    kind = "the gradient method" if min(sample["n"], standard["n"]) >= 3 else "the single-point method"
    return (
        f"The photoluminescence quantum yield was determined relative to a standard by {kind} from "
        f"{_dilutions(sample)} of the sample and {_dilutions(standard)} of the standard, excited at "
        f"{_excitation(sample, standard)}{_bandpass(details['bandpass'])}. The integrated emission was plotted against the "
        f"{against} at the excitation wavelength, and straight lines through the origin were fitted with errors in both axes."
    )


def _dilutions(series: Mapping) -> str:
    values = series["absorbance"]
    count = f"{series['n']} dilution" + ("s" if series["n"] != 1 else "")
    span = f"A = {values[0]:.3f}" if len(values) == 1 else f"A = {min(values):.3f}–{max(values):.3f}"
    return f"{count} ({span})"


def _left_out(dilutions) -> str:
    """Which dilutions were not used, with the reason of each."""
    if not dilutions:
        return ""
    words = {"a person chose so": "by choice of the analyst"}
    told = [
        f"dilution {one['dilution']} of the {one['which']}{_called(one)} ({words.get(one['why'], one['why'])})"
        for one in dilutions
    ]
    return f"Left out: {', '.join(told)}."


def _called(dilution: Mapping) -> str:
    """The name of its standard, where there are several."""
    return f" {dilution['name']}" if dilution.get("name") else ""


def _several(standards) -> str:
    """The further standards, what each gave, and how they were joined."""
    if not standards:
        return ""
    others = "; ".join(
        f"{one['standard']['compound']}{_in_solvent(one['standard'])}, Φ = {one['standard']['phi']:.3g} ± {one['standard']['phi_u']:.2g}"
        f"{_session(one['standard'])}, {_dilutions(one['series'])}, n = {one['n_standard']:.4f}"
        for one in standards[1:]
    )
    each = ", ".join(f"{one['phi']:.3f} ± {one['u']:.3f}" for one in standards)
    return (
        f"Further standards were {others}. Against each in this order Φ = {each}; the mean is weighted by the uncertainties "
        "that they do not share."
    )


def _in_solvent(standard: Mapping) -> str:
    return f" in {standard['solvent']}" if standard["solvent"] else ""


def _session(standard: Mapping) -> str:
    return f" (standard session {standard['session_name']})" if standard["session_name"] else ""


def _excitation(sample: Mapping, standard: Mapping) -> str:
    first, second = f"{sample['excitation_nm']:.4g}", f"{standard['excitation_nm']:.4g}"
    return f"{first} nm" if first == second else f"{first} nm (sample) and {second} nm (standard)"


def _bandpass(bandpass: Mapping) -> str:
    if not bandpass["known"]:
        return " (bandpass not recorded)"
    first, second = bandpass["sample_nm"], bandpass["standard_nm"]
    return f" ({first:g} nm bandpass)" if first == second else f" ({first:g} and {second:g} nm bandpass)"


def _standard(details: Mapping) -> str:
    standard, n = details["standard"], details["refractive_indices"]
    state = ", ".join(
        part
        for part in (
            standard["gas"] and f"under {standard['gas']}",
            standard["temperature_c"] is not None and f"{standard['temperature_c']:g} °C",
            standard["citation"],
        )
        if part
    )
    session, solvent = _session(standard), _in_solvent(standard)
    return (
        f"The standard was {standard['compound']}{solvent}, Φ = {standard['phi']:.3g} ± {standard['phi_u']:.2g}"
        f"{f' ({state})' if state else ''}{session}. Refractive indices of {n['sample']:.4f} (sample) and "
        f"{n['standard']:.4f} (standard; {n['solvents']}) were used."
    )


def _corrections(details: Mapping) -> str:
    correction = details["correction"]
    corrected = {
        True: "were corrected for the spectral response of the instrument",
        False: "were not corrected for the spectral response of the instrument",
        None: "were used with an unrecorded state of spectral correction",
    }[correction["spectrally_corrected"]]
    file = f" ({correction['correction_file']})" if correction["correction_file"] else ""
    unit = {
        "photon": "in photon units",
        "energy": "after conversion from energy to photon units",
        None: "as photon units (unit not recorded)",
    }[correction["intensity_unit"]]
    return f"Emission spectra {corrected}{file} and integrated {unit}; {_blanks(details['series'])}."


def _blanks(series: Mapping) -> str:
    done = [
        which for which in ("sample", "standard") if series[which]["blanks"] or series[which]["blank_subtracted_before"]
    ]
    if len(done) == 2:
        return "solvent blanks were subtracted"
    return f"a solvent blank was subtracted from the {done[0]} only" if done else "no solvent blank was subtracted"


def _windows(details: Mapping) -> str:
    (a, b), (c, d) = (details["series"][which]["window_nm"] for which in ("sample", "standard"))
    return f"The integration windows were {a:.4g}–{b:.4g} nm (sample) and {c:.4g}–{d:.4g} nm (standard)."


def _extras(details: Mapping) -> str:
    sentences = []
    scatter, red_tail = details["scatter"], details["red_tail"]
    if scatter and scatter["subtracted"]:
        sentences.append(
            f"Scattered light ({100 * scatter['share']:.2g} % of the absorbance, λ^−{scatter['exponent']:.2g} from the tail above "
            f"{scatter['first_nm']:.4g} nm) was subtracted; without this Φ = {scatter['phi_kept']:.3f}."
        )
    if red_tail["matched"]:
        sentences.append(
            "Self-absorption was undone by matching the red tail of each spectrum to the most dilute one; "
            f"without this Φ = {red_tail['phi_as_measured']:.3f}."
        )
    if details["override"]:
        sentences.append(f"Checks overridden by the analyst: {details['override']}.")
    return " ".join(sentences)


def _budget(details: Mapping) -> str:
    lines = sorted(details["budget"], key=lambda line: -abs(line["percent"]))
    parts = ", ".join(f"{line['name']} {abs(line['percent']):.1f} %" for line in lines if abs(line["percent"]) >= 0.05)
    simulated = details["monte_carlo"]
    return (
        f"Φ = {details['phi']:.3f} ± {details['u']:.3f} (k = 1; {parts}); the 95 % interval from "
        f"{simulated['draws']} Monte Carlo repetitions is {simulated['lower']:.3f}–{simulated['upper']:.3f}."
    )
