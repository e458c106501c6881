"""Method ``confinement``: size from wavelength by the effective-mass (Brus) equation, for every reading of "size".

The equation needs a geometry, and papers often leave it unsaid: the length of an edge put in as a radius, as a diameter
or as an edge gives wavelengths from 289 to 456 nm for the same dot. All are shown; that one of them agrees with an
experiment is no reason to choose it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Estimate, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.uncertainty import combined
from spectra.notes import Note, gettext_noop
from spectra.spectrum import HC_EV_NM

KINETIC_EV_NM2 = 0.3760301628  # π²ħ²/(2 m_e), CODATA 2018
COULOMB_EV_NM = 1.4399645485  # e²/(4πε₀), CODATA 2018
SPHERE_COULOMB = 1.786  # L. Brus, doi:10.1063/1.447218; of the radius
CUBE_COULOMB = 3.0478  # ∬ρρ/|r − r′| of the lowest state of a cube, of the edge (computed by quadrature)
EQUAL_VOLUME = (3.0 / (4.0 * pi)) ** (1.0 / 3.0)  # radius of the sphere with the volume of a unit cube
STRONG = 0.5  # eV above the gap, from which a parabolic band is a poor guess


@dataclass(frozen=True)
class Material:
    """``gap_ev``, reduced exciton mass ``mu`` [m_e], relative permittivity ``epsilon``, lattice ``cell_nm``, ``source``."""

    gap_ev: float
    mu: float
    epsilon: float
    cell_nm: float
    source: str


MATERIALS = {
    "MAPbBr3": Material(2.292, 0.117, 7.5, 0.593, "doi:10.1039/C5EE03435C"),
    "FAPbBr3": Material(2.233, 0.115, 8.42, 0.599, "doi:10.1039/C5EE03435C"),
    "CsPbBr3": Material(2.342, 0.126, 7.3, 0.587, "doi:10.1021/acsenergylett.7b00442"),
}

# name → (kinetic factor, Coulomb factor) of an edge L: E = E_g + kinetic·K/(µL²) − Coulomb·C/(εL)
GEOMETRIES = {
    gettext_noop("cube edge"): (3.0, CUBE_COULOMB),
    gettext_noop("sphere of equal volume"): (EQUAL_VOLUME**-2, SPHERE_COULOMB / EQUAL_VOLUME),
    gettext_noop("edge as diameter"): (4.0, 2.0 * SPHERE_COULOMB),
    gettext_noop("edge as radius"): (1.0, SPHERE_COULOMB),
}


def energy_ev(edge_nm, material: Material, geometry: str):
    """Energy of the lowest exciton of a dot.

    Parameters
    ----------
    edge_nm : float or ndarray
        Length of an edge [nm].
    material : Material
    geometry : str
        One of GEOMETRIES: what the length is taken for.

    Returns
    -------
    float or ndarray
        [eV]

    Notes
    -----
    E = E_g + a π²ħ²/(2µL²) − b e²/(4πε₀εL) with infinite barriers and parabolic bands. Not for strong confinement: the
    bands are not parabolic there, and the barriers not infinite; both make real dots absorb further to the red.

    References
    ----------
    L. E. Brus, J. Chem. Phys. 80 (1984) 4403, doi:10.1063/1.447218

    Examples
    --------
    >>> for name in GEOMETRIES:
    ...     print(name, round(HC_EV_NM / float(energy_ev(4 * 0.593, MATERIALS["MAPbBr3"], name))))
    cube edge 330
    sphere of equal volume 350
    edge as diameter 289
    edge as radius 456
    """
    kinetic, coulomb = GEOMETRIES[geometry]
    return (
        material.gap_ev
        + kinetic * KINETIC_EV_NM2 / (material.mu * edge_nm**2)
        - coulomb * COULOMB_EV_NM / (material.epsilon * edge_nm)
    )


def edge_nm(energy: float, material: Material, geometry: str) -> float:
    """Edge [nm] of the dot whose lowest exciton has this energy [eV]; ValueError below the reach of the equation.

    Examples
    --------
    >>> round(edge_nm(float(energy_ev(2.4, MATERIALS["CsPbBr3"], "cube edge")), MATERIALS["CsPbBr3"], "cube edge"), 9)
    2.4
    """
    kinetic, coulomb = GEOMETRIES[geometry]
    a, b = kinetic * KINETIC_EV_NM2 / material.mu, coulomb * COULOMB_EV_NM / material.epsilon
    if energy <= material.gap_ev:
        raise ValueError("the energy is not above the gap")
    return 2.0 * a / (b + sqrt(b * b + 4.0 * a * (energy - material.gap_ev)))


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Give the sizes that n peaks stand for.

    Parameters
    ----------
    cases : sequence of Case
        Role ``peak``: a ``first_exciton``, or an ``emission_band`` (which lies lower by the Stokes shift).

    Returns
    -------
    list of Outcome
        ``confinement_edge_nm`` and ``cells_per_edge`` for the chosen geometry; absent until one is chosen. ``details``
        holds all geometries, ``curves`` their wavelengths for 2…12 unit cells.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        peak, name = _peak(case, findings)
        material, label = _material(case.parameters, findings)
        energy = HC_EV_NM / peak.value
        edges = {geometry: edge_nm(energy, material, geometry) for geometry in GEOMETRIES}
    except ValueError:
        text = gettext_noop("The peak lies below the gap of {material} ({gap} eV): confinement cannot explain it.")
        return Outcome(refusal=Note("below_gap", text, {"material": label, "gap": material.gap_ev}))
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    if name != "absorption_peak_nm":
        text = gettext_noop(
            "The emission was taken; it lies below the absorption by the Stokes shift, so sizes come out too large."
        )
        findings.warn("emission_taken", text)
    if energy - material.gap_ev > STRONG:
        text = gettext_noop(
            "The peak lies {shift} eV above the gap: bands are not parabolic there, and the size is a rough guess."
        )
        findings.warn("strong_confinement", text, shift=shown(energy - material.gap_ev))
    estimates = _estimates(case.parameters["geometry"], peak, energy, material, edges)
    return Outcome(
        estimates, tuple(findings.warnings), curves=_curves(material), details=_details(peak, label, material, edges)
    )


def _peak(case: Case, findings: Findings) -> tuple[Estimate, str]:
    given = case.one("peak")
    for name in ("absorption_peak_nm", "emission_peak_nm", "gaussian_center_nm"):
        found = given.estimates.get(name) if given else None
        if found is not None and found.value is not None:
            return found, name
    findings.refuse("no_peak", gettext_noop("There is no peak: neither a first exciton nor an emission maximum."))


def _material(parameters, findings: Findings) -> tuple[Material, str]:
    known = MATERIALS.get(parameters["material"])
    own = {name: parameters[name] for name in ("gap_ev", "mu", "epsilon", "cell_nm")}
    if known is None and any(value is None for value in own.values()):
        text = gettext_noop("Choose a material, or state its gap, reduced mass, permittivity and lattice constant.")
        findings.refuse("no_material", text)
    filled = {name: value if value is not None else getattr(known, name) for name, value in own.items()}
    changed = known is None or any(value is not None for value in own.values())
    return Material(**filled, source="stated" if changed else known.source), parameters["material"]


def _estimates(geometry, peak: Estimate, energy: float, material: Material, edges) -> tuple[Estimate, ...]:
    if not geometry:
        text = gettext_noop(
            "Sizes from {smallest} to {largest} nm belong to this peak, by geometry. Choose one to get a number."
        )
        values = {"smallest": shown(min(edges.values())), "largest": shown(max(edges.values()))}
        reason = Note("no_geometry", text, values)
        return (
            Estimate("confinement_edge_nm", None, "nm", reason=reason),
            Estimate("cells_per_edge", None, "1", reason=reason),
        )
    edge = edges[geometry]
    step = 1e-4
    by_energy = (edge_nm(energy + step, material, geometry) - edge) / step
    budget = combined((peak.budget, -by_energy * energy / peak.value))
    return (
        Estimate("confinement_edge_nm", edge, "nm", budget),
        Estimate("cells_per_edge", edge / material.cell_nm, "1", combined((budget, 1.0 / material.cell_nm))),
    )


def _curves(material: Material) -> dict:
    cells = np.arange(2, 13)
    wavelengths = {name: HC_EV_NM / energy_ev(cells * material.cell_nm, material, name) for name in GEOMETRIES}
    return {"cells": cells, "wavelength_nm": wavelengths}


def _details(peak: Estimate, label: str, material: Material, edges) -> dict:
    return {
        "peak_nm": peak.value,
        "material": label,
        "gap_ev": material.gap_ev,
        "reduced_mass": material.mu,
        "permittivity": material.epsilon,
        "cell_nm": material.cell_nm,
        "source": material.source,
        "sizes": [
            {"geometry": name, "edge_nm": round(edge, 4), "cells": round(edge / material.cell_nm, 3)}
            for name, edge in edges.items()
        ],
    }


METHOD = Method(
    name="confinement",
    title=gettext_noop("Size from wavelength (Brus)"),
    version=1,
    roles=(
        Role("peak", "analysis", gettext_noop("First exciton or emission"), methods=("first_exciton", "emission_band")),
    ),
    parameters=(
        Parameter("geometry", "choice", "", gettext_noop("Geometry"), choices=("", *GEOMETRIES),
                  help=gettext_noop("Which length the equation gives. Without a choice only the range is shown.")),
        Parameter("material", "choice", "MAPbBr3", gettext_noop("Material"), choices=(*MATERIALS, gettext_noop("own"))),
        Parameter("gap_ev", "number", None, gettext_noop("Gap of the bulk"), "eV", minimum=0.1, maximum=10.0),
        Parameter("mu", "number", None, gettext_noop("Reduced exciton mass (of the electron's)"), minimum=0.005, maximum=5.0),
        Parameter("epsilon", "number", None, gettext_noop("Relative permittivity"), minimum=1.0, maximum=100.0),
        Parameter("cell_nm", "number", None, gettext_noop("Lattice constant"), "nm", minimum=0.2, maximum=3.0),
    ),
    quantities=(
        QuantityKind("confinement_edge_nm", "nm", gettext_noop("Edge from the wavelength"), "L"),
        QuantityKind("cells_per_edge", "1", gettext_noop("Unit cells along the edge"), "n"),
    ),
    run=run,
)  # fmt: skip
