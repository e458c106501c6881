import json

from spectra.analysis.plqy import methods_paragraph
from tests.spectra.analysis.plqy_simulation import World, answer


def paragraph(world=None, **parameters):
    details = answer((world or World()).case(**parameters)).details
    return methods_paragraph(json.loads(json.dumps(details)))  # as it comes back from the database


def test_the_paragraph_tells_standard_session_windows_indices_and_budget():
    text = paragraph(World(facts={"citation": "doi:10.1039/x", "temperature_c": 20.0}))
    for part in (
        "gradient method",
        "5 dilutions (A = 0.020–0.100) of the sample",
        "excited at 372 nm",
        "absorptance",
        "9,10-diphenylanthracene in cyclohexane, Φ = 0.97 ± 0.03 (under Ar, 20 °C, doi:10.1039/x)",
        "standard session s1",
        "1.4969 (sample) and 1.4265 (standard",
        "corrected for the spectral response",
        "photon units",
        "385–600 nm (sample)",
        "Φ = 0.956 ± 0.0",
        "standard yield 3.1 %",
        "4000 Monte Carlo repetitions",
    ):
        assert part in text
    assert "  " not in text and "None" not in text


def test_the_paragraph_hides_nothing_that_is_unknown_or_overridden():
    unknown = {
        "excitation_bandwidth_nm": None,
        "intensity_unit": None,
        "spectrally_corrected": None,
        "blank_subtracted": None,
    }
    text = paragraph(World(sample_conditions=unknown, standard_conditions=unknown))
    assert "bandpass not recorded" in text
    assert "unrecorded state of spectral correction" in text
    assert "integrated as photon units (unit not recorded)" in text
    assert "no solvent blank was subtracted" in text
    saturated = World(sample_conditions={"saturation_level": 1e3}, sample_a=(0.05,))
    text = paragraph(saturated, override="saturated", abscissa="absorbance")
    assert "overridden by the analyst: saturated" in text
    assert "single-point method" in text and "1 dilution (A = 0.050)" in text
    assert "classical abscissa" in text


def test_the_paragraph_tells_of_matched_red_tails():
    assert "matching the red tail" in paragraph(match_red_tail=True)
