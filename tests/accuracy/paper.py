"""Published numbers that QDLab recomputes, its own beside them, disagreements included (doi:10.21203/rs.3.rs-1464874/v1)."""

from spectra.analysis.circular_dichroism import delta_absorbance
from spectra.analysis.confinement import GEOMETRIES, MATERIALS, energy_ev
from spectra.analysis.method import Case, Estimate, Input
from spectra.analysis.particle_composition import METHOD as COMPOSITION
from spectra.analysis.particle_composition import ideal_counts
from spectra.analysis.rates import rate_constants
from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.spectrum import HC_EV_NM


def _counter_ions(charge: int) -> Estimate:
    """Of Cs₅₈Pb₆₄Br₂₃₇ with 9.6 ± 2 malates, the bromides known to ± 6."""
    atoms = {"Cs": 58, "Pb": 64, "Br": 237}
    total, u = sum(atoms.values()), {"Cs": 0.0, "Pb": 0.0, "Br": 6.0}
    fractions = tuple(AtomicFraction(e, 100 * n / total, 100 * u[e] / total) for e, n in atoms.items())
    given = Input("composition", 0, "edx", AtomicFractions(fractions, beam_energy_kev=15.0, n_spots=20))
    parameters = {"n": 4, "ligand_charge": charge, "ligand_count": 9.6, "ligand_count_u": 2.0, "edge_nm": 2.45}
    (outcome,) = COMPOSITION.run([Case((given,), COMPOSITION.complete(parameters))])
    return next(e for e in outcome.estimates if e.name == "counter_ions")


def rows() -> list[tuple[str, str, str, str]]:
    """What, published, recomputed, verdict."""
    k_r, k_nr = rate_constants(0.956, 9.02)
    found = [
        ("k_r of recipe 1 (Φ 0.956, τ 9.02 ns)", "10.6 × 10⁷ s⁻¹", f"{k_r / 1e7:.2f} × 10⁷", "agrees"),
        ("k_nr of recipe 1", "0.5 × 10⁷ s⁻¹", f"{k_nr / 1e7:.3f} × 10⁷", "agrees"),
        ("n² of toluene over cyclohexane", "–", f"{(1.4969 / 1.4265) ** 2:.4f}", "derived"),
    ]
    for recipe, peak, fwhm in (("1", 453.0, 14.9), ("2", 463.0, 14.7), ("3", 454.0, 15.0)):
        mev = 1e3 * HC_EV_NM * (1 / (peak - fwhm / 2) - 1 / (peak + fwhm / 2))
        found.append((f"FWHM of recipe {recipe}", f"{fwhm} nm at {peak:.0f} nm", f"{mev:.1f} meV", "derived"))
    ideal = ideal_counts(4)
    atoms = f"{ideal['metal']} Pb, {ideal['halide']} Br, {ideal['cation_neutral']} Cs, {ideal['halide_terminal']} terminal Br"
    found.append(("ideal QD₄", "Cs₁₁₂Pb₆₄Br₂₄₀, 96 monovalent Br", atoms, "agrees"))
    for charge in (-1, -2):
        ions = _counter_ions(charge)
        verdict = "the article's 54 needs the ideal 240 Br and malate 1−"
        found.append((f"counter ions, malate {-charge}−", "54", f"{ions.value:.1f} ± {ions.u:.1f}", verdict))
    waves = ", ".join(f"{HC_EV_NM / energy_ev(4 * 0.593, MATERIALS['MAPbBr3'], g):.0f} ({g})" for g in GEOMETRIES)
    found.append(
        ("wavelength of QD₄ after Brus [nm]", "453", waves, "the geometry decides; none is chosen by agreement")
    )
    found.append(("g of 1 mdeg at A 0.5", "–", f"{delta_absorbance(1.0) / 0.5:.2g}", "scale"))
    return found


def text() -> str:
    lines = [
        "",
        "## Published numbers, recomputed",
        "",
        "| what | published | QDLab | verdict |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join(row)} |" for row in rows()]
    return "\n".join(lines) + "\n"
