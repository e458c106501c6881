"""Method ``particle_composition``: what one particle is made of, from the atomic percents of an EDX analysis.

Ratios to the metal always; atoms per particle once it is said how many unit cells an edge has; missing halide, surface
cations, ligands and the counter-ions that neutrality asks for, once the charge of a ligand is stated. EDX sees no
hydrogen and can hardly tell carbon of ligands from that of the support: organic cations and amines do not appear.
"""

from collections.abc import Mapping, Sequence

from spectra.analysis.findings import Findings, Refused, shown
from spectra.analysis.method import Case, Component, Estimate, Input, Method, Outcome, Parameter, QuantityKind, Role
from spectra.analysis.tables.x_ray_edges import EDGES_KEV, OVERLAPS
from spectra.analysis.uncertainty import combined
from spectra.atomic_fractions import AtomicFractions
from spectra.notes import Note, gettext_noop

METALS, HALIDES, CATIONS = ("Pb", "Sn", "Bi", "Cd"), ("Br", "I", "Cl", "F"), ("Cs", "Rb", "K")
METAL_CHARGE, HALIDE_CHARGE, CATION_CHARGE = 2, -1, 1
LOW_OVERVOLTAGE = 1.5  # beam energy over edge energy: below, ionisation is rare and its cross section badly known
SUM_TOLERANCE = 2.0  # atomic %


def ideal_counts(n: int) -> dict[str, int]:
    """Atoms of an ideal cube of n unit cells along the edge, A M X₃ inside and terminated by halide.

    Returns
    -------
    dict
        ``metal`` n³, ``halide`` 3n²(n + 1), ``cation_neutral`` n²(n + 3), ``cation_lattice`` (n − 1)³,
        ``halide_terminal`` 6n² [atoms].

    Examples
    --------
    >>> ideal_counts(4)
    {'metal': 64, 'halide': 240, 'cation_neutral': 112, 'cation_lattice': 27, 'halide_terminal': 96}
    """
    return {
        "metal": n**3,
        "halide": 3 * n**2 * (n + 1),
        "cation_neutral": n**2 * (n + 3),
        "cation_lattice": (n - 1) ** 3,
        "halide_terminal": 6 * n**2,
    }


def run(cases: Sequence[Case]) -> list[Outcome]:
    """Work out the particles of n compositions.

    Parameters
    ----------
    cases : sequence of Case
        Role ``composition``; its facts may hold ``feed``: element → Estimate of its ratio to the metal in the recipe.

    Returns
    -------
    list of Outcome
        Ratios, and where the parameters allow it counts per particle.

    Notes
    -----
    N_X = n³ · p_X/p_M. The error of the metal enters every count with the same sign; it is one source in all budgets.
    Counter-ions: N = N_X + z·N_ligand − 2 N_M − N_A, each ligand carrying z negative charges; z is a choice that moves the
    answer by the number of ligands and is therefore never assumed.
    """
    return [_one(case) for case in cases]


def _one(case: Case) -> Outcome:
    findings = Findings()
    try:
        particle = _Particle(case, findings)
    except Refused as refused:
        return Outcome(warnings=tuple(findings.warnings), refusal=refused.note)
    return Outcome(tuple(particle.estimates()), tuple(findings.warnings), details=particle.details())


class _Particle:
    """One composition with its choices: which element is what, and what is counted."""

    def __init__(self, case: Case, findings: Findings):
        self.parameters, self.findings = case.parameters, findings
        self.given = _composition(case, findings)
        self.percents = {f.element: f for f in self.given.value.fractions if f.percent > 0}
        self.metal = self._elements("metal", METALS)[:1]
        if not self.metal:
            text = gettext_noop("No metal of the lattice is among the elements ({known}). Name it.")
            findings.refuse("no_metal", text, known=", ".join(self.percents))
        self.halide, self.cation = self._elements("halide", HALIDES), self._elements("cation", CATIONS)
        if not self.halide:
            findings.warn("no_halide", gettext_noop("No halide is among the elements; nothing is said about it."))
        self._doubts()

    def _elements(self, name: str, usual: Sequence[str]) -> list[str]:
        wanted = self.parameters[name]
        if wanted:
            chosen = [element.strip() for element in wanted.replace("+", ",").split(",") if element.strip()]
            if missing := [element for element in chosen if element not in self.percents]:
                text = gettext_noop("{element} is not among the elements of this composition.")
                self.findings.refuse("no_such_element", text, element=", ".join(missing))
            return chosen
        return [element for element in usual if element in self.percents]

    def _doubts(self) -> None:
        used = [*self.metal, *self.halide, *self.cation]
        if self.parameters["ligand_oxygens"]:
            used.append("O")
        energy = self.given.value.beam_energy_kev
        if energy is None:
            text = gettext_noop("The beam energy is not known: whether every line can be excited was not checked.")
            self.findings.warn("beam_energy_unknown", text)
        for element in used:
            _check_edge(element, energy, self.findings)
        for one, other in OVERLAPS:
            if one in self.percents and other in self.percents:
                text = gettext_noop("The lines of {one} and {other} overlap; their shares are not independent.")
                self.findings.warn("overlap", text, one=one, other=other)
        if any(self.percents[e].percent_u is None for e in used if e in self.percents):
            text = gettext_noop("Some percents have no uncertainty; the numbers that rest on them have none.")
            self.findings.warn("no_uncertainty", text)
        if self.given.value.n_spots == 1:
            self.findings.warn("one_spot", gettext_noop("One spot only: nothing is known of how even the sample is."))

    # --- numbers ------------------------------------------------------------------------------------------------------

    def estimates(self):
        halide, cation = self._ratio(self.halide), self._ratio(self.cation)
        yield from self._ratio_estimates(halide, cation)
        n = self.parameters["n"]
        if n:
            yield from self._counts(n, halide, cation)

    def _ratio(self, elements: Sequence[str]) -> tuple[float, tuple[Component, ...] | None] | None:
        """Atoms of these elements per metal atom, and the budget; None without such elements."""
        if not elements:
            return None
        metal = self.percents[self.metal[0]]
        value = sum(self.percents[e].percent for e in elements) / metal.percent
        if metal.percent_u is None or any(self.percents[e].percent_u is None for e in elements):
            return value, None
        parts = [
            Component(gettext_noop("atomic percent"), self.percents[e].percent_u / metal.percent, self._source(e))
            for e in elements
        ]
        return value, (*parts, self._metal_component(value, metal))

    def _metal_component(self, value: float, metal) -> Component:
        return Component(
            gettext_noop("atomic percent of the metal"),
            -value * metal.percent_u / metal.percent,
            self._source(self.metal[0]),
        )

    def _source(self, element: str) -> str:
        return f"edx:{self.given.source}:{element}"

    def _ratio_estimates(self, halide, cation):
        feed: Mapping[str, Estimate] = self.given.facts.get("feed") or {}
        for name, ratio, elements in (("halide", halide, self.halide), ("cation", cation, self.cation)):
            if ratio is None:
                continue
            yield Estimate(f"{name}_per_metal", ratio[0], "1", ratio[1] or ())
            known = [feed[e] for e in elements if e in feed and feed[e].value is not None]
            if known and len(known) == len(elements):
                value = ratio[0] - sum(e.value for e in known)
                budget = combined((ratio[1] or (), 1.0), *((e.budget, -1.0) for e in known))
                yield Estimate(f"{name}_excess_over_feed", value, "1", budget if ratio[1] else ())

    def _counts(self, n: int, halide, cation):
        ideal = ideal_counts(n)
        n_metal = ideal["metal"]
        halides, cations = _times(halide, n_metal), _times(cation, n_metal)
        if halides:
            yield Estimate("halide_atoms", halides[0], "1", halides[1])
            yield Estimate("halide_lost", ideal["halide"] - halides[0], "1", combined((halides[1], -1.0)))
        if cations:
            yield Estimate("cation_atoms", cations[0], "1", cations[1])
            yield Estimate("cation_surface", cations[0] - ideal["cation_lattice"], "1", cations[1])
        ligands = self._ligands(n_metal)
        if ligands:
            yield Estimate("ligand_count", ligands[0], "1", ligands[1])
        counter = self._counter_ions(n_metal, halides, cations, ligands)
        if counter:
            yield counter
            yield self._density(counter)

    def _ligands(self, n_metal: int):
        given, per_ligand = self.parameters["ligand_count"], self.parameters["ligand_oxygens"]
        if given is not None:
            u = self.parameters["ligand_count_u"]
            return given, (Component(gettext_noop("ligands as stated"), u, "stated:ligands"),) if u else ()
        if not per_ligand or "O" not in self.percents:
            return None
        text = gettext_noop("Ligands are counted by oxygen: the support, water and solvents may add to it.")
        self.findings.warn("oxygen_of_others", text)
        return _times(self._ratio(["O"]), n_metal / per_ligand)

    def _counter_ions(self, n_metal: int, halides, cations, ligands) -> Estimate | None:
        """Singly charged cations (ammonium of the ligands, organic A) that make the particle neutral."""
        charge = self.parameters["ligand_charge"]
        if halides is None or charge is None:
            return None
        if charge and ligands is None:
            text = gettext_noop("The number of ligands is not known: state it, or the oxygens of one ligand.")
            return Estimate("counter_ions", None, "1", reason=Note("no_ligand_count", text))
        none = (0.0, ())
        a, ligand = cations or none, ligands or none
        value = halides[0] - charge * ligand[0] - METAL_CHARGE * n_metal - a[0]
        budget = combined((halides[1], 1.0), (ligand[1], -float(charge)), (a[1], -1.0))
        return Estimate("counter_ions", value, "1", budget if halides[1] else ())

    def _density(self, counter: Estimate) -> Estimate:
        edge_nm = self.parameters["edge_nm"]
        if edge_nm is None or counter.value is None:
            text = gettext_noop("State the edge of the cube: a density needs its surface.")
            return Estimate("counter_ions_per_nm2", None, "1/nm2", reason=counter.reason or Note("no_shape", text))
        surface_nm2 = 6.0 * edge_nm**2
        return Estimate(
            "counter_ions_per_nm2", counter.value / surface_nm2, "1/nm2", combined((counter.budget, 1 / surface_nm2))
        )

    def details(self) -> dict:
        n = self.parameters["n"]
        return {
            "metal": self.metal[0],
            "halide": "+".join(self.halide),
            "cation": "+".join(self.cation),
            "beam_energy_kev": self.given.value.beam_energy_kev,
            "n_spots": self.given.value.n_spots,
            "ideal": ideal_counts(n) if n else None,
            "surface_nm2": 6.0 * self.parameters["edge_nm"] ** 2 if self.parameters["edge_nm"] else None,
            "shape": "cube" if self.parameters["edge_nm"] else None,
        }


def _composition(case: Case, findings: Findings) -> Input:
    given = case.one("composition")
    if given is None or not isinstance(given.value, AtomicFractions):
        findings.refuse("no_composition", gettext_noop("There is no composition among the inputs."))
    total = sum(f.percent for f in given.value.fractions)
    if abs(total - 100.0) > SUM_TOLERANCE:
        text = gettext_noop("The percents add up to {total}, not to 100. Are they atomic percents, and is one missing?")
        findings.warn("sum_is_not_100", text, total=shown(total, 4))
    return given


def _check_edge(element: str, energy_kev: float | None, findings: Findings) -> None:
    if energy_kev is None or element not in EDGES_KEV:
        return
    line, edge = EDGES_KEV[element]
    if energy_kev <= edge:
        text = gettext_noop(
            "{element} {line} needs {edge} keV and cannot be excited at {energy} kV. By which line was it found?"
        )
        findings.warn("not_excited", text, element=element, line=line, edge=edge, energy=shown(energy_kev))
    elif energy_kev < LOW_OVERVOLTAGE * edge:
        text = gettext_noop(
            "{element} {line} ({edge} keV) has an overvoltage of {ratio} only; its percent is badly known."
        )
        findings.warn("low_overvoltage", text, element=element, line=line, edge=edge, ratio=shown(energy_kev / edge))


def _times(ratio, factor: float):
    return None if ratio is None else (ratio[0] * factor, combined((ratio[1] or (), factor)))


METHOD = Method(
    name="particle_composition",
    title=gettext_noop("Composition of a particle (EDX)"),
    version=1,
    roles=(Role("composition", "composition", gettext_noop("Composition")),),
    parameters=(
        Parameter("metal", "text", "", gettext_noop("Metal"), help=gettext_noop("Empty: the first of Pb, Sn, Bi, Cd found.")),
        Parameter("halide", "text", "", gettext_noop("Halide"), help=gettext_noop("Several with commas. Empty: all that are found.")),
        Parameter("cation", "text", "", gettext_noop("Inorganic A cation"), help=gettext_noop("Empty: Cs, Rb, K where found.")),
        Parameter("n", "integer", None, gettext_noop("Unit cells along the edge"), minimum=1, maximum=100,
                  help=gettext_noop("4 for QD₄. Without it only ratios are given.")),
        Parameter("ligand_charge", "integer", None, gettext_noop("Charge of a ligand"), minimum=-4, maximum=0,
                  help=gettext_noop("−1 or −2 for malate: the number of counter-ions depends on it, so nothing is assumed.")),
        Parameter("ligand_oxygens", "integer", None, gettext_noop("Oxygen atoms of a ligand"), minimum=1, maximum=50,
                  help=gettext_noop("5 for malate. Counts the ligands by the oxygen found.")),
        Parameter("ligand_count", "number", None, gettext_noop("Ligands per particle, if known otherwise"), minimum=0.0),
        Parameter("ligand_count_u", "number", None, gettext_noop("its standard uncertainty"), minimum=0.0),
        Parameter("edge_nm", "number", None, gettext_noop("Edge of the cube"), "nm", minimum=0.3, maximum=1000.0),
    ),
    quantities=(
        QuantityKind("halide_per_metal", "1", gettext_noop("Halide per metal"), "X/M"),
        QuantityKind("halide_excess_over_feed", "1", gettext_noop("Halide per metal, EDX minus feed"), "ΔX/M"),
        QuantityKind("cation_per_metal", "1", gettext_noop("A cation per metal"), "A/M"),
        QuantityKind("cation_excess_over_feed", "1", gettext_noop("A cation per metal, EDX minus feed"), "ΔA/M"),
        QuantityKind("halide_atoms", "1", gettext_noop("Halide atoms per particle"), "N_X"),
        QuantityKind("halide_lost", "1", gettext_noop("Halide missing from the ideal particle"), "ΔN_X"),
        QuantityKind("cation_atoms", "1", gettext_noop("A cations per particle"), "N_A"),
        QuantityKind("cation_surface", "1", gettext_noop("A cations at the surface"), "N_A,s"),
        QuantityKind("ligand_count", "1", gettext_noop("Ligands per particle"), "N_L"),
        QuantityKind("counter_ions", "1", gettext_noop("Counter-ions for neutrality"), "N_+"),
        QuantityKind("counter_ions_per_nm2", "1/nm2", gettext_noop("Counter-ions per surface"), "σ_+"),
    ),
    run=run,
)  # fmt: skip
