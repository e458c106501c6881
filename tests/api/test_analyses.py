"""Methods, analyses and their numbers: asked for, traced back to the raw file, repeated, withdrawn."""

import pytest

from spectra.analysis import METHODS
from spectra.models import Agreed, State
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    return factories.make_sample(factories.make_batch(factories.make_project()))


@pytest.fixture
def script(ask, sample):
    return ask(factories.chemist_in(sample.project))


@pytest.fixture
def measured(script, sample):
    """A spectrum of the sample that was uploaded, read and analysed."""
    sent = script.upload(("PL.txt", emission_file()), sample=sample.code, excitation_nm="372").json()
    work()
    return script.get(f"/uploads/{sent['uploads'][0]['id']}/").json()["measurements"][0]


def request_for(measurement: str, **parameters) -> dict:
    return {
        "method": "emission_band",
        "inputs": [{"measurement": measurement, "role": "emission", "index": 0}],
        "parameters": parameters,
    }


def test_methods_tell_roles_parameters_and_quantities(script):
    methods = {method["name"]: method for method in script.get("/methods/").json()["results"]}
    assert methods.keys() == METHODS.keys()
    plqy = methods["plqy"]
    assert {"sample_emission", "sample_absorbance", "standard_emission", "standard_absorbance", "blank"} <= {
        role["name"] for role in plqy["roles"]
    }
    assert {"name": "plqy", "unit": "1"}.items() <= next(q for q in plqy["quantities"] if q["name"] == "plqy").items()
    for method in methods.values():
        for parameter in method["parameters"]:
            assert {"name", "kind", "default", "unit", "label", "choices"} <= parameter.keys()
        assert method == script.get(f"/methods/{method['name']}/").json()
    told(script.get("/methods/astrology/"), 404)


def test_an_analysis_is_asked_for_and_ends_with_its_numbers(script, sample, measured):
    asked = script.post("/analyses/", request_for(measured, baseline="none"))
    assert asked.status_code == 201
    assert (asked.json()["state"], asked.json()["automatic"]) == ("queued", False)
    assert asked["Location"].endswith(f"/api/v1/analyses/{asked.json()['id']}/")
    work()
    analysis = script.get(f"/analyses/{asked.json()['id']}/", {"wait": 10}).json()
    assert (analysis["state"], analysis["sample"], analysis["batch"]) == ("done", str(sample.pk), str(sample.batch_id))
    assert analysis["parameters"].keys() == {parameter.name for parameter in METHODS["emission_band"].parameters}
    assert (analysis["parameters"]["baseline"], analysis["chosen_parameters"]) == ("none", {"baseline": "none"})
    (given,) = analysis["inputs"]
    upload = script.get(f"/uploads/{given['files'][0]['upload']}/").json()
    assert given["files"][0]["sha256"] == upload["sha256"] and given["measurement"] == measured
    for quantity in analysis["quantities"]:
        if quantity["value"] is None:
            assert quantity["reason"]
        elif quantity["u"] is not None:
            # The standard uncertainty is the root of the sum of squares of its budget.
            assert sum(line["u"] ** 2 for line in quantity["budget"]) ** 0.5 == pytest.approx(quantity["u"])
    assert script.get(f"/analyses/{analysis['id']}/curves/").json()


def test_warnings_are_codes_and_sentences(script, sample, measured):
    warned = [a for a in script.all_of("/analyses/") if a["warnings"]]
    for warning in [warning for analysis in warned for warning in analysis["warnings"]]:
        assert warning["code"] and warning["text"] and "{" not in warning["text"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "astrology"}, "method"),
        ({"inputs": []}, "inputs"),
        ({"parameters": {"colour": 1}}, "parameters"),
        ({"parameters": {"n_gaussians": "two"}}, "parameters"),
        ({"parameters": {"baseline": ["none"]}}, "parameters"),
    ],
)
def test_an_impossible_analysis_is_refused_at_its_field(change, field, script, measured):
    assert field in told(script.post("/analyses/", request_for(measured) | change), 400)["errors"]


def test_a_wrong_role_or_a_wrong_record_is_named(script, measured):
    for given in (
        {"measurement": measured, "role": "decay"},
        {"analysis": measured, "role": "emission"},
        {"measurement": measured, "composition": measured},
        {"role": "emission"},
        {"measurement": measured, "role": "emission", "index": -1},
    ):
        told(script.post("/analyses/", request_for(measured) | {"inputs": [given]}), 400)


def test_a_repeated_analysis_supersedes_and_the_old_one_stays(script, measured):
    (first,) = script.all_of("/analyses/", {"method": "emission_band", "current": "true"})
    again = script.post(f"/analyses/{first['id']}/again/", {"parameters": {"baseline": "none"}}).json()
    work()
    old, new = (script.get(f"/analyses/{pk}/").json() for pk in (first["id"], again["id"]))
    assert (old["superseded_by"], old["current"], new["current"], new["supersedes"]) == (
        new["id"],
        False,
        True,
        [old["id"]],
    )
    assert old["quantities"] == first["quantities"]
    listed = {
        q["analysis"] for q in script.all_of("/quantities/", {"measurement": measured, "method": "emission_band"})
    }
    assert listed == {new["id"]}
    assert {q["analysis"] for q in script.all_of("/quantities/", {"analysis": old["id"]})} == {old["id"]}


def test_a_changed_condition_makes_numbers_stale(script, measured):
    address = f"/measurements/{measured}/"
    saved = script.patch(address, {"excitation_nm": 365, "solvent": "hexane"}, If_Match=script.get(address)["ETag"])
    assert (saved.json()["excitation_nm"], saved.json()["conditions"]["solvent"]) == (365.0, "hexane")
    stale = script.all_of("/quantities/", {"measurement": measured, "stale": "true"})
    assert stale and all(quantity["stale"] for quantity in stale)


def test_a_measurement_is_moved_and_corrected_in_one_change(script, sample, measured):
    other = factories.make_sample(sample.batch)
    address = f"/measurements/{measured}/"
    saved = script.patch(address, {"sample": str(other.pk), "gas": "Ar"}, If_Match=script.get(address)["ETag"])
    assert (saved.json()["sample"], saved.json()["conditions"]["gas"]) == (str(other.pk), "Ar")
    told(script.patch(address, {"sample": str(sample.pk)}, If_Match='"1"'), 412)
    assert "excitation_nm" in told(script.patch(address, {"excitation_nm": -1}, If_Match="*"), 400)["errors"]


def test_a_withdrawn_result_is_no_number_any_more(script, measured):
    (analysis,) = script.all_of("/analyses/", {"method": "emission_band", "current": "true"})
    told(script.post(f"/analyses/{analysis['id']}/withdraw/", {}), 400)
    withdrawn = script.post(f"/analyses/{analysis['id']}/withdraw/", {"because": "wrong cuvette"}).json()
    assert (withdrawn["current"], withdrawn["withdrawn_because"]) == (False, "wrong cuvette")
    assert script.all_of("/quantities/", {"analysis": analysis["id"]}) == []


def test_only_a_failed_analysis_can_be_tried_again(script, sample):
    measurement = records.make_measurement(sample)
    done, failed = (records.make_result(measurement, {}, state=state) for state in (State.DONE, State.FAILED))
    told(script.post(f"/analyses/{done.pk}/retry/"), 400)
    assert script.post(f"/analyses/{failed.pk}/retry/").json()["state"] == "queued"


def test_a_refusal_is_overridden_with_a_reason_only(script, sample):
    measurement = records.make_measurement(sample)
    asked = {"method": "colour", "inputs": [{"role": "emission", "measurement": str(measurement.pk)}]}
    asked |= {"parameters": {"override": "not_corrected"}}
    told(script.post("/analyses/", asked), 400)
    made = script.post("/analyses/", asked | {"because": "only its change counts"}).json()
    assert made["override_because"] == "only its change counts"


def test_points_are_left_out_by_the_api_and_nonsense_is_named(script, sample):
    measurement = records.make_measurement(sample)
    asked = {"method": "emission_band", "inputs": [{"role": "emission", "measurement": str(measurement.pk)}]}
    made = script.post("/analyses/", asked | {"parameters": {"exclude": "475 – 470; 512,3"}}).json()
    assert made["chosen_parameters"] == {"exclude": "470-475, 512.3"}
    told(script.post("/analyses/", asked | {"parameters": {"exclude": "everything"}}), 400)


def test_a_person_chooses_what_speaks_for_a_batch(script, sample):
    low, high = (
        records.make_result(records.make_measurement(sample), {"emission_peak_nm": (peak, 0.2, "nm")})
        for peak in (453.0, 463.0)
    )
    peak = "emission_peak_nm"
    assert script.get(f"/batches/{sample.batch_id}/").json()["quantities"][peak]["value"] == 463.0
    told(script.post(f"/analyses/{low.pk}/agree/", {}), 400)
    assert script.post(f"/analyses/{low.pk}/agree/", {"because": "fresh"}).status_code == 200
    (choice,) = script.get(f"/batches/{sample.batch_id}/agreed/").json()["chosen_by_people"]
    assert (choice["method"], choice["analysis"], choice["because"]) == ("emission_band", str(low.pk), "fresh")
    assert script.get(f"/batches/{sample.batch_id}/").json()["quantities"][peak]["value"] == 453.0
    assert Agreed.objects.get().because == "fresh"
    (agreed,) = [q for q in script.get(f"/batches/{sample.batch_id}/agreed/").json()["results"] if q["name"] == peak]
    assert (agreed["analysis"], agreed["value"]) == (str(low.pk), 453.0)
    assert high.pk


def test_numbers_are_found_by_what_they_are_of(script, sample):
    result = records.make_result(
        records.make_measurement(sample),
        {"emission_peak_nm": (453.0, 0.2, "nm"), "emission_fwhm_nm": (14.9, None, "nm")},
    )
    for query, wanted in (
        ({"sample": sample.pk}, 2),
        ({"batch": sample.batch_id}, 2),
        ({"analysis": result.pk}, 2),
        ({"measurement": result.measurement_id, "name": "emission_peak_nm"}, 1),
        ({"name__in": "emission_peak_nm,plqy"}, 1),
        ({"value__gte": 400}, 1),
        ({"u__isnull": "true"}, 1),
        ({"batch": sample.pk}, 0),
    ):
        assert len(script.all_of("/quantities/", query)) == wanted, query
