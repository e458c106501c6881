"""Relative photoluminescence quantum yield by the gradient method.

Φ = Φ_ref · (m/m_ref) · (n/n_ref)², m the slope of the integrated, spectrally corrected, blank-subtracted emission in
photons against the absorbed share of the excitation light (absorptance) over a dilution series.

Read on: ``plqy_series`` (pairs, blank, window, points), ``plqy_line`` (slope), ``plqy_standard`` (Φ_ref, n), ``plqy_checks`` (warnings
and refusals), ``plqy_budget`` (uncertainty), ``plqy_several`` (several standards), ``plqy_paragraph`` (words for a paper).

References
----------
Williams, Winfield, Miller, Analyst 108, 1067 (1983), doi:10.1039/AN9830801067;
Würth, Grabolle, Pauli, Spieles, Resch-Genger, Nat. Protoc. 8, 1535 (2013), doi:10.1038/nprot.2013.087;
Brouwer, Pure Appl. Chem. 83, 2213 (2011), doi:10.1351/PAC-REP-10-09-31.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Estimate, Method, Outcome, QuantityKind
from spectra.analysis.plqy_blank import warn_of_unassigned_blanks
from spectra.analysis.plqy_budget import Ingredients, bandpass_effect, bandpass_known, budget, monte_carlo
from spectra.analysis.plqy_checks import check_emits, check_line, check_series
from spectra.analysis.plqy_comparable import check_comparable
from spectra.analysis.plqy_details import curves_of, details_of, left_out
from spectra.analysis.plqy_line import GradientLine, gradient_line
from spectra.analysis.plqy_paragraph import methods_paragraph
from spectra.analysis.plqy_parameters import PARAMETERS, ROLES
from spectra.analysis.plqy_series import DilutionSeries, dilution_series
from spectra.analysis.plqy_several import cases_by_standard, evaluated
from spectra.analysis.plqy_solvents import refractive_index
from spectra.analysis.plqy_standard import check_session, check_state, merged_facts, reference_from
from spectra.analysis.scatter import Scatter
from spectra.notes import gettext_noop
from spectra.spectrum import Spectrum

__all__ = ["METHOD", "methods_paragraph", "run"]

NOTABLE = 0.01  # relative effect on Φ from which an unknown is worth a warning


@dataclass(frozen=True, eq=False)
class Prepared:
    """One series with its lines: as asked for, and beside it with each choice made the other way."""

    series: DilutionSeries
    line: GradientLine
    other_abscissa: GradientLine
    other_red_tail: GradientLine
    scatter: Scatter | None = None
    other_scatter: GradientLine | None = None


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Give Φ of each case; cases that share a standard session share its evaluation.

    Parameters
    ----------
    cases : sequence of Case, length n
        Inputs in the roles of METHOD.

    Returns
    -------
    list of Outcome, length n
        With the estimate ``plqy`` [1], or a refusal.
    """
    standards: dict = {}
    return [_answer(case, standards) for case in cases]


def _answer(case: Case, standards: dict) -> Outcome:
    parameters = {p.name: p.default for p in PARAMETERS} | dict(case.parameters)
    findings = Findings(parameters["override"])
    cases = cases_by_standard(case)

    def evaluate(one: Case) -> Outcome:
        # A single refusal brings the warnings found so far; of several standards each has its own.
        return _measured(one, parameters, standards, findings if len(cases) == 1 else Findings(parameters["override"]))

    try:
        return evaluated(cases, evaluate)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note, overridable=refused.overridable)


def _measured(case: Case, parameters: Mapping, standards: dict, findings: Findings) -> Outcome:
    sample = _prepared(case, "sample", parameters, findings)
    standard = _shared_standard(case, parameters, findings, standards)
    check_comparable(sample.series, standard.series, findings)
    warn_of_unassigned_blanks(case, findings)
    made_of = _ingredients(case, sample, standard, parameters, findings)
    _warn_of_bandpass(made_of, findings)
    _warn_of_scatter(made_of, sample.scatter, parameters, findings)
    simulated = monte_carlo(made_of)
    components = budget(made_of)
    if made_of.phi > 1:
        findings.warn(
            "above_one",
            gettext_noop("Φ = {phi} is above 1, which no emitter reaches; look at the warnings and the budget."),
            phi=shown(made_of.phi),
        )
    estimate = Estimate("plqy", made_of.phi, "1", components, simulated["lower"], simulated["upper"])
    details = details_of(made_of, sample, standard, estimate, simulated) | {"left_out": left_out(findings)}
    return Outcome((estimate,), tuple(findings.warnings), curves=curves_of(sample, standard), details=details)


def _prepared(case: Case, which: str, parameters: Mapping, findings: Findings) -> Prepared:
    series = dilution_series(case, which, parameters, findings)
    check_emits(series, findings)
    scatter, cleared = None, series
    if which == "sample":
        scatter = series.scatter(parameters["scatter_from_nm"], parameters["absorbance_offset_u"])
        cleared = series.without_scatter(scatter) if scatter and scatter.significant else series
    used, other = (cleared, series) if parameters["subtract_scatter"] else (series, cleared)
    abscissa, matched = parameters["abscissa"], parameters["match_red_tail"]

    def line(of: DilutionSeries, against: str = abscissa, match: bool = matched) -> GradientLine:
        factors = of.red_tail_factors if match and of.n > 1 else None
        return gradient_line(of, against, parameters["absorbance_offset_u"], factors)

    asked = line(used)
    check_line(asked, which, findings)
    check_series(used, findings)
    beside = "absorbance" if abscissa == "absorptance" else "absorptance"
    return Prepared(used, asked, line(used, beside), line(used, match=not matched), scatter, line(other))


def _shared_standard(case: Case, parameters: Mapping, findings: Findings, standards: dict) -> Prepared:
    """The standard, evaluated once for all cases that point to the same measurements and parameters."""
    key = _fingerprint(case, parameters)
    if key not in standards:
        own = Findings(parameters["override"])
        try:
            standards[key] = (_prepared(case, "standard", parameters, own), own.warnings, None)
        except Refused as refused:
            standards[key] = (None, own.warnings, refused)
    prepared, warnings, refused = standards[key]
    for note in warnings:
        findings.warn(note.code, note.text, **note.values)
    if refused is not None:
        raise Refused(refused.note, refused.overridable)
    return prepared


def _fingerprint(case: Case, parameters: Mapping) -> tuple:
    """What the evaluation of the standard depends on, by content: each case may have read its own copy of a file."""
    inputs = [i for i in case.inputs if i.role.startswith("standard_") or i.role == "blank"]
    told = tuple(
        (i.role, i.index, i.source, _content(i.value), i.conditions, i.facts.get("for"), i.facts.get("gain"))
        for i in inputs
    )
    return told, tuple(sorted((k, v) for k, v in parameters.items() if not k.startswith("sample_")))


def _content(value) -> object:
    if not isinstance(value, Spectrum):
        return id(value)
    signal = value.signal
    data = sha256(value.x.tobytes() + signal.values.tobytes()).digest()
    return data, value.x_unit, signal.quantity, signal.unit


def _ingredients(
    case: Case, sample: Prepared, standard: Prepared, parameters: Mapping, findings: Findings
) -> Ingredients:
    facts = merged_facts((*case.of("standard_emission"), *case.of("standard_absorbance")))
    sample_facts = merged_facts((*case.of("sample_emission"), *case.of("sample_absorbance")))
    reference = reference_from(facts, parameters, findings)
    measured = [p.series.dilutions[0].emission_input.conditions for p in (sample, standard)]
    n_sample, of_sample = refractive_index("sample", parameters["n_sample"], measured[0], {}, findings)
    n_standard, of_standard = refractive_index("standard", parameters["n_standard"], measured[1], facts, findings)
    check_state(reference, measured[1], findings)
    check_session(facts, sample_facts, findings)
    instrument = next((f[k] for f in (sample_facts, facts) for k in ("instrument_id", "instrument") if f.get(k)), None)
    file = measured[0].correction_file or measured[1].correction_file
    effect = sample.line.slope and sample.other_scatter.slope / sample.line.slope - 1
    return Ingredients(
        reference,
        sample.series,
        standard.series,
        sample.line,
        standard.line,
        n_sample,
        n_standard,
        f"{of_sample}/{of_standard}",
        str(file or instrument or reference.session_id or standard.series.sources),
        effect,
        parameters["match_red_tail"],
        parameters,
    )


def _warn_of_bandpass(made_of: Ingredients, findings: Findings) -> None:
    if bandpass_known(made_of.sample) and bandpass_known(made_of.standard):
        return
    lines = (made_of.sample_line, made_of.standard_line)
    narrow, wide = (bandpass_effect(made_of.sample, made_of.standard, lines, width) for width in (2.5, 5.0))
    if max(abs(narrow), abs(wide)) > NOTABLE:
        findings.warn(
            "bandpass_unknown",
            gettext_noop(
                "The excitation bandpass is not known, and the absorbance is curved there: at 2.5 nm Φ would change by "
                "{narrow} %, at 5 nm by {wide} %. Please note the excitation slit."
            ),
            narrow=shown(100 * narrow, 2),
            wide=shown(100 * wide, 2),
        )


def _warn_of_scatter(made_of: Ingredients, scatter: Scatter | None, parameters: Mapping, findings: Findings) -> None:
    if parameters["subtract_scatter"] and (scatter is None or not scatter.significant):
        findings.warn(
            "no_scatter_found",
            gettext_noop(
                "No scatter was subtracted: below the absorption edge the absorbance shows none, or was not measured at "
                "least 20 nm into that range."
            ),
        )
    elif not parameters["subtract_scatter"] and abs(made_of.scatter_effect) > NOTABLE:
        findings.warn(
            "scatter",
            gettext_noop(
                "About {share} % of the absorbance at the excitation is scattered light; without it Φ would be {phi}. "
                "Subtract it, or filter the sample."
            ),
            share=shown(100 * scatter.share, 2),
            phi=shown(made_of.phi * (1 + made_of.scatter_effect)),
        )


METHOD = Method(
    name="plqy",
    title=gettext_noop("Quantum yield, relative (gradient method)"),
    version=3,
    roles=ROLES,
    parameters=PARAMETERS,
    quantities=(QuantityKind("plqy", "1", gettext_noop("Quantum yield"), "Φ"),),
    run=run,
)
