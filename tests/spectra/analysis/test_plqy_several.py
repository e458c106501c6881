"""A relative yield against several standards: their mean, what they share, and what is said where they disagree."""

from dataclasses import replace

import pytest

from spectra.analysis.method import Case
from spectra.analysis.plqy import METHOD, methods_paragraph
from spectra.analysis.uncertainty import difference
from tests.spectra.analysis.plqy_simulation import World, answer, codes

FIRST = {"session_id": "s1", "session_name": "Monday", "standard_id": "dpa-1", "instrument": "fluorimeter"}
SECOND = FIRST | {"session_id": "s2", "session_name": "Tuesday", "standard_id": "qs-1", "compound": "quinine sulfate"}


def against(*worlds, **parameters) -> Case:
    """One sample (that of the first world) against the standards of all."""
    inputs, number = list(worlds[0].inputs("sample")), 0
    for world in worlds:
        of_standard = world.inputs("standard")
        inputs += [
            replace(i, index=i.index + number, source=f"{world.facts['session_id']}-{i.source}") for i in of_standard
        ]
        number += len(of_standard) // 2
    return Case(tuple(inputs), METHOD.complete(parameters))


def budget_of(found) -> dict:
    return {c.source: c.u for c in found.estimates[0].budget}


def test_two_standards_that_agree_know_the_yield_better_than_one():
    worlds = World(facts=FIRST), World(facts=SECOND)
    alone, both = answer(against(worlds[0])), answer(against(*worlds))
    phi = both.estimates[0]
    assert phi.value == pytest.approx(0.956, rel=1e-6)  # both are exact, so their mean is
    assert "standards_disagree" not in codes(both)
    assert [one["name"] for one in both.details["standards"]] == [
        "9,10-diphenylanthracene (Monday)",
        "quinine sulfate (Tuesday)",
    ]
    # Φ_ref is of two independent standards; the correction curve is one, and stays as it is.
    assert budget_of(both)["standard:dpa-1"] == pytest.approx(0.5 * budget_of(alone)["standard:dpa-1"], rel=0.02)
    shared = next(c for c in alone.estimates[0].budget if "orrection" in c.name)
    assert budget_of(both)[shared.source] == pytest.approx(shared.u, rel=1e-6)
    assert phi.u < alone.estimates[0].u
    assert phi.lower < 0.956 < phi.upper


def test_two_sessions_of_one_standard_share_its_yield():
    worlds = World(facts=FIRST), World(facts=FIRST | {"session_id": "s2", "session_name": "Tuesday"})
    alone, both = answer(against(worlds[0])), answer(against(*worlds))
    assert budget_of(both)["standard:dpa-1"] == pytest.approx(budget_of(alone)["standard:dpa-1"], rel=1e-6)


def test_standards_that_disagree_are_named_and_their_scatter_enters_the_budget():
    off = World(facts=SECOND, phi_ref=0.97 * 0.8)  # its lamp was weaker by a fifth: Φ comes out higher by a quarter
    both = answer(against(World(facts=FIRST), off))
    assert "standards_disagree" in codes(both)
    first, second = (one["phi"] for one in both.details["standards"])
    assert (first, second) == (pytest.approx(0.956, rel=1e-6), pytest.approx(0.956 / 0.8, rel=1e-6))
    scatter = next(c for c in both.estimates[0].budget if c.name == "disagreement of the standards")
    assert 0.05 < scatter.u < 0.5 * (second - first)  # half the distance is what two points can say at most


def test_a_standard_that_cannot_be_used_is_left_out_and_named():
    unusable = World(facts=SECOND, standard_conditions={"spectrally_corrected": False})
    both = answer(against(World(facts=FIRST), unusable))
    assert both.estimates[0].value == pytest.approx(0.956, rel=1e-6)
    assert "standard_left_out" in codes(both)
    assert "standards" not in both.details
    neither = answer(against(World(facts=FIRST, standard_conditions={"spectrally_corrected": False}), unusable))
    assert (neither.refusal.code, neither.overridable) == ("not_corrected", True)


def test_two_samples_against_the_same_two_standards_differ_by_their_own_errors_alone():
    worlds = World(facts=FIRST), World(facts=SECOND)
    first = answer(against(*worlds)).estimates[0]
    other = against(World(facts=FIRST, phi=0.9), World(facts=SECOND))
    renamed = [replace(i, source=f"other-{i.source}") if i.role.startswith("sample") else i for i in other.inputs]
    second = answer(Case(tuple(renamed), other.parameters)).estimates[0]
    _apart, u = difference(first, second)
    assert u < 0.6 * (first.u**2 + second.u**2) ** 0.5


def test_the_paragraph_names_every_dilution_left_out_of_the_sample_and_of_each_standard():
    found = answer(against(World(facts=FIRST), World(facts=SECOND), exclude_sample="4"))
    words = methods_paragraph(found.details)
    assert "Left out: dilution 5 of the sample (by choice of the analyst)." in words
    found = answer(against(World(facts=FIRST), World(facts=SECOND), exclude_standard="2,7"))
    words = methods_paragraph(found.details)
    assert "dilution 3 of the standard 9,10-diphenylanthracene (Monday) (by choice" in words
    assert "dilution 8 of the standard quinine sulfate (Tuesday) (by choice" in words


def test_the_paragraph_names_every_standard():
    words = methods_paragraph(answer(against(World(facts=FIRST), World(facts=SECOND))).details)
    assert "Further standards were quinine sulfate in cyclohexane" in words and "Tuesday" in words
    assert "weighted by the uncertainties that they do not share" in words


def test_the_free_lines_show_how_slope_and_intercept_hang_together():
    found = answer(against(World(facts=FIRST))).details
    assert found["fit_names"] == ["slope_sample", "intercept_sample", "slope_standard", "intercept_standard"]
    matrix = found["fit_correlation"]
    assert -1 < matrix[0][1] < -0.5 and matrix[0][2] == 0  # a steeper line meets the axis lower
