"""Size from wavelength: the geometry decides, and every geometry is shown."""

import numpy as np
import pytest
from scipy.integrate import quad

from spectra.analysis.confinement import CUBE_COULOMB, GEOMETRIES, MATERIALS, METHOD, edge_nm, energy_ev
from spectra.analysis.method import Case, Component, Estimate, Input
from spectra.spectrum import HC_EV_NM


def analysed(peak_nm, name="absorption_peak_nm", u=0.5, **parameters):
    peak = Estimate(name, peak_nm, "nm", (Component("peak", u, "fit:1"),))
    case = Case((Input("peak", 0, "analysis:1", estimates={name: peak}),), METHOD.complete(parameters))
    outcome = METHOD.run([case])[0]
    return outcome, {e.name: e for e in outcome.estimates}


@pytest.mark.parametrize(
    ("geometry", "expected_nm"),
    [("edge as diameter", 289), ("cube edge", 329), ("sphere of equal volume", 349), ("edge as radius", 456)],
)
def test_four_cells_of_mapbbr3_give_the_four_wavelengths_of_the_geometries(geometry, expected_nm):
    wavelength_nm = HC_EV_NM / energy_ev(4 * 0.593, MATERIALS["MAPbBr3"], geometry)
    assert wavelength_nm == pytest.approx(expected_nm, abs=1.0)  # 0.001 nm of the lattice moves them by 0.4 nm


def test_the_coulomb_factor_of_the_cube_is_its_integral():
    # 1/r as an integral over Gaussians separates the six-fold integral into a cube of two-fold ones.
    x, w = np.polynomial.legendre.leggauss(400)
    x, w = (x + 1) / 2, w / 2
    density, squared = 2 * np.sin(np.pi * x) ** 2 * w, (x[:, None] - x) ** 2
    near = quad(lambda u: (density @ np.exp(-u * u * squared) @ density) ** 3, 0, 60, limit=200)[0]
    far = (1.5 * np.sqrt(np.pi)) ** 3 / (2 * 60**2)
    assert 2 / np.sqrt(np.pi) * (near + far) == pytest.approx(CUBE_COULOMB, abs=2e-4)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_size_and_wavelength_are_inverse(geometry):
    for edge in (1.8, 2.4, 5.0, 12.0):
        energy = float(energy_ev(edge, MATERIALS["CsPbBr3"], geometry))
        if energy > MATERIALS["CsPbBr3"].gap_ev:
            assert edge_nm(energy, MATERIALS["CsPbBr3"], geometry) == pytest.approx(edge, rel=1e-9)


def test_without_a_geometry_no_number_is_given_but_all_are_shown():
    outcome, found = analysed(453.0)
    assert found["confinement_edge_nm"].value is None
    assert found["confinement_edge_nm"].reason.code == "no_geometry"
    assert {row["geometry"] for row in outcome.details["sizes"]} == set(GEOMETRIES)


def test_the_error_of_the_peak_becomes_one_of_the_size():
    _, found = analysed(453.0, geometry="cube edge")
    edge = found["confinement_edge_nm"]
    steps = [edge_nm(HC_EV_NM / w, MATERIALS["MAPbBr3"], "cube edge") for w in (452.5, 453.5)]
    assert edge.u == pytest.approx(abs(steps[1] - steps[0]) / 2, rel=1e-3)
    assert edge.budget[0].u > 0  # a longer wavelength is a larger dot


def test_a_peak_below_the_gap_is_refused():
    assert analysed(600.0)[0].refusal.code == "below_gap"


def test_emission_in_place_of_absorption_is_said():
    outcome, _ = analysed(480.0, name="emission_peak_nm")
    assert [note.code for note in outcome.warnings] == ["emission_taken"]


def test_an_own_material_needs_all_of_its_numbers():
    assert analysed(480.0, material="own", gap_ev=2.0)[0].refusal.code == "no_material"
    _, found = analysed(480.0, material="own", gap_ev=2.0, mu=0.1, epsilon=8.0, cell_nm=0.6, geometry="cube edge")
    assert found["cells_per_edge"].value == pytest.approx(found["confinement_edge_nm"].value / 0.6)
