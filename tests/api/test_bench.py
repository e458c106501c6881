"""The bench over the API: shelf, recipes, batches, samples, sweeps, standards, reviews, comparisons."""

import pytest

from synthesis.models import Batch, Chemical, RecipeRevision
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def script(ask, project):
    return ask(factories.chemist_in(project), "read", "write", "review")


@pytest.fixture
def shelf():
    return {name: str(chemical.pk) for name, chemical in factories.shelf().items()}


def amount(text: str, unit: str) -> dict:
    return {"text": text, "unit": unit}


@pytest.fixture
def recipe(shelf):
    return {
        "name": "Recipe 1",
        "ingredients": [
            {
                "role": "lead",
                "chemical": shelf["PbBr₂"],
                "amount": amount("29.4", "mg"),
                "is_reference": True,
                "key": "pbbr2",
            },
            {"role": "a-site", "chemical": shelf["MABr"], "amount": amount("9.0", "mg"), "key": "mabr"},
            {"role": "acid", "chemical": shelf["MLA"], "amount": amount("43.0", "mg"), "key": "mla"},
            {"role": "amine", "chemical": shelf["OAM"], "amount": amount("39.6", "uL"), "key": "oam"},
        ],
        "steps": [
            {"kind": "stir", "parameters": {"time": amount("3", "h"), "atmosphere": "Ar"}, "ingredients": ["oam"]}
        ],
    }


def test_a_recipe_is_made_weighed_and_its_ratio_read(script, recipe):
    made = script.post("/recipes/", recipe)
    assert made.status_code == 201, made.content
    sheet = made.json()["revisions"][0]["sheet"]
    ratios = [sheet["ratios"][name]["value"] for name in ("MA", "Pb", "Br", "MLA", "OAM")]
    assert ratios == pytest.approx([1.003, 1, 3.003, 4.003, 1.502], abs=5e-4)  # the paper's recipe 1
    assert sheet["ingredients"][1]["planned"]["typed"] == {"text": "9.0", "unit": "mg", "si": pytest.approx(9e-6)}
    batch = script.post("/batches/", {"recipe": made.json()["id"], "code": "B-1", "scale": "2"}).json()
    assert (batch["status"], batch["sheet"]["basis"]) == ("planned", "planned")
    weighings = [
        {"key": "pbbr2", "amount": amount("58.7", "mg"), "uncertainty": amount("0.1", "mg"), "device": "XPE"},
        {"key": "mabr", "amount": amount("18,1", "mg")},
        {"key": "mla", "amount": amount("86.0", "mg")},
        {"key": "oam", "amount": amount("79.2", "uL")},
    ]
    told(script.post(f"/batches/{batch['id']}/weigh/", {"ingredients": weighings}), 428)
    weighed = script.post(
        f"/batches/{batch['id']}/weigh/", {"ingredients": weighings}, If_Match=f'"{batch["version"]}"'
    ).json()
    assert weighed["sheet"]["basis"] == "weighed"
    assert weighed["sheet"]["ingredients"][1]["weighed"]["typed"]["text"] == "18,1"  # as typed
    # PbBr₂ 58.7 mg / 367.008 g/mol and MABr 18.1 mg / 111.970 g/mol
    assert weighed["ratios"]["MA"]["value"] == pytest.approx((18.1 / 111.970) / (58.7 / 367.008), rel=1e-9)
    assert weighed["ratios"]["MA"]["u"] == pytest.approx(weighed["ratios"]["MA"]["value"] * 0.1 / 58.7, rel=1e-6)


def test_a_wrong_weighing_is_told_at_its_ingredient(script, project):
    batch = factories.make_batch(project)
    for wrong, field in (
        ({"key": "pbbr2", "amount": amount("1.234,5", "mg")}, "ingredients.0.weighed"),
        ({"key": "pbbr2", "amount": amount("1", "{equiv}")}, "ingredients.0.weighed"),
        ({"key": "gold", "amount": amount("1", "mg")}, "ingredients.0.weighed"),
        ({"key": "pbbr2", "amount": {"text": 29.4, "unit": "mg"}}, "ingredients.0.amount"),
    ):
        answer = script.post(f"/batches/{batch.pk}/weigh/", {"ingredients": [wrong]}, If_Match="*")
        assert field in told(answer, 400)["errors"]


def test_a_revision_follows_and_the_old_one_stays(script, recipe):
    made = script.post("/recipes/", recipe).json()
    recipe["ingredients"][3]["amount"] = amount("60", "uL")
    body = {"ingredients": recipe["ingredients"], "steps": recipe["steps"], "why": "more amine"}
    told(script.post(f"/recipes/{made['id']}/revisions/", body), 428)
    revised = script.post(f"/recipes/{made['id']}/revisions/", body, If_Match=f'"{made["version"]}"').json()
    assert [(r["number"], r["why"]) for r in revised["revisions"]] == [(2, "more amine"), (1, "")]
    told(script.post(f"/recipes/{made['id']}/revisions/", body, If_Match=f'"{made["version"]}"'), 412)
    batch = script.post("/batches/", {"recipe": made["id"]}).json()
    assert batch["revision_number"] == 2
    told(script.post("/batches/", {"recipe": made["id"], "revision": batch["revision"]}), 400)
    assert len(script.get(f"/recipes/{made['id']}/revisions/").json()["results"]) == 2


def test_a_batch_keeps_its_log_washes_and_codes(script, project):
    batch = factories.make_batch(project, code="B-1")
    address = f"/batches/{batch.pk}/"
    assert script.post(address + "log/", {"seen": "turned blue", "at": "2026-03-02T10:00:00Z"}).status_code == 201
    assert script.post(address + "washes/", {"kept": "pellet", "isolated": amount("3.2", "mg")}).status_code == 201
    saved = script.patch(address, {"code": "B-1x"}, If_Match="*").json()
    assert saved["codes"] == ["B-1", "B-1x"]
    assert saved["log"][0]["seen"] == "turned blue" and saved["washes"][0]["isolated"]["text"] == "3.2"
    told(script.patch(address, {"status": "abandoned"}, If_Match="*"), 400)
    given_up = script.patch(address, {"status": "abandoned", "abandoned_because": "spilt"}, If_Match="*").json()
    assert (given_up["status"], given_up["abandoned_because"]) == ("abandoned", "spilt")


def test_a_sample_says_its_state_and_concentration(script, project, shelf):
    batch = factories.make_batch(project, code="B-1")
    made = script.post(
        "/samples/",
        {
            "batch": str(batch.pk),
            "state": "washed",
            "wash_count": 2,
            "solvent": shelf["Toluene"],
            "concentration": amount("0,5", "mg/mL"),
        },
    ).json()
    assert (made["code"], made["state"], made["concentration"]["text"]) == ("B-1-a", "washed", "0,5")
    told(script.post("/samples/", {"batch": str(batch.pk), "concentration": amount("-1", "mg/mL")}), 400)
    told(script.post("/samples/", {"batch": str(batch.pk), "code": "B-1-a"}), 400)
    other = factories.make_sample(factories.make_batch(project))
    told(script.post("/samples/", {"batch": str(batch.pk), "parent": str(other.pk)}), 400)
    saved = script.patch(f"/batches/{batch.pk}/", {"representative": made["id"]}, If_Match="*").json()
    assert saved["representative"] == made["id"]


def test_a_sweep_plans_its_batches_at_once(script, project):
    revision = factories.make_recipe(project).revisions.get()
    body = {
        "revision": str(revision.pk),
        "name": "OAM",
        "replicates": 2,
        "parameters": [{"target": "ingredient:oam", "unit": "{equiv}", "values": ["0.1", "0.25", "0.5"]}],
    }
    sweep = script.post("/sweeps/", body).json()
    assert (sweep["n_batches"], len(sweep["batches"])) == (6, 6)
    assert [b["point"]["ingredient:oam"]["text"] for b in sweep["batches"]] == [
        "0.1",
        "0.1",
        "0.25",
        "0.25",
        "0.5",
        "0.5",
    ]
    assert len(script.all_of("/batches/", {"sweep": sweep["id"]})) == 6
    told(script.post("/sweeps/", body), 400)
    told(script.post("/sweeps/", body | {"name": "other", "replicates": 21}), 400)
    told(script.post("/sweeps/", body | {"name": "other", "parameters": []}), 400)


def test_the_shelf_keeps_what_was_used(script, project, shelf):
    made = script.post(
        "/chemicals/", {"name": "Zinc bromide", "molar_mass_g_mol": 225.2, "delivers": {"Zn": 1, "Br": 2}}
    )
    assert made.json()["delivers"] == {"Zn": 1.0, "Br": 2.0}
    saved = script.patch(f"/chemicals/{made.json()['id']}/", {"density_g_ml": 4.2}, If_Match=made["ETag"])
    assert saved.json()["density_g_ml"] == 4.2
    told(script.post("/chemicals/", {"name": "Zinc bromide"}), 400)
    told(script.post("/chemicals/", {"name": "x", "delivers": {"Unobtainium": 1}}), 400)
    factories.make_batch(project)
    problem = told(script.patch(f"/chemicals/{shelf['PbBr₂']}/", {"molar_mass_g_mol": 1.0}, If_Match="*"), 400)
    assert "molar_mass_g_mol" in problem["errors"]
    assert Chemical.objects.get(pk=shelf["PbBr₂"]).molar_mass_g_mol == 367.008
    lot = script.post(
        "/lots/", {"chemical": shelf["PbBr₂"], "number": "A1", "purity": 0.999, "received": amount("5", "g")}
    ).json()
    assert (lot["purity"], lot["received"]["text"]) == (0.999, "5")
    told(script.post("/lots/", {"chemical": shelf["PbBr₂"], "number": "A2", "purity": 99.9}), 400)
    assert script.all_of("/chemicals/", {"species": "Pb", "fields": "name"}) == [{"name": "Lead(II) bromide"}]


def test_a_standard_is_revised_and_its_session_opened(script, project):
    facts = {"compound": "9,10-diphenylanthracene", "solvent": "cyclohexane", "phi": 0.97, "phi_u": 0.03}
    made = script.post("/standards/", facts).json()
    session = {"standard": made["id"], "name": "March", "measured_at": "2026-03-02T10:00:00Z"}
    opened = script.post("/standard-sessions/", session).json()
    assert (opened["project"], opened["measurements"]) == (str(project.pk), [])
    revised = script.post(f"/standards/{made['id']}/revisions/", {"phi": 0.95}).json()
    assert (revised["revision"], revised["revises"], revised["phi_u"]) == (2, made["id"], 0.03)
    assert [s["id"] for s in script.all_of("/standards/")] == [revised["id"]]
    assert script.get(f"/standards/{made['id']}/").json()["archived_at"]  # results still name it
    told(script.post("/standard-sessions/", session | {"valid_until": "2026-01-01T00:00:00Z"}), 400)
    unknown = script.post("/standards/", {"compound": "new dye", "solvent": "water"}).json()
    assert "standard" in told(script.post("/standard-sessions/", session | {"standard": unknown["id"]}), 400)["errors"]


def test_a_composition_is_typed_in(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    body = {"sample": str(sample.pk), "fractions": {"Pb": {"percent": 21.2, "u": 0.5}, "Br": {"percent": 78.8}}}
    made = script.post("/compositions/", body).json()
    assert made["fractions"] == {"Br": {"percent": 78.8, "u": None}, "Pb": {"percent": 21.2, "u": 0.5}}
    told(script.post("/compositions/", body | {"fractions": {"Pb": {"percent": 101}}}), 400)
    told(script.post("/compositions/", body | {"fractions": {}}), 400)


def test_a_review_needs_a_reviewer_and_the_scope(script, ask, project):
    batch = factories.make_batch(project)
    reviewer = factories.make_member(project, "reviewer")
    address = f"/batches/{batch.pk}/reviews/"
    told(script.post(address, {"meaning": "approved"}), 403)  # a chemist, though with the scope
    told(ask(reviewer).post(address, {"meaning": "approved"}), 403)  # a reviewer, though without the scope
    signing = ask(reviewer, "read", "review")
    digest = signing.get(address).json()["digest"]
    factories.make_sample(batch)
    if signing.get(address).json()["digest"] != digest:
        told(signing.post(address, {"meaning": "approved", "seen": digest}), 400)
    seen = signing.get(address).json()["digest"]
    assert signing.post(address, {"meaning": "approved", "seen": seen}).json()["reviewer"] == reviewer.username
    assert Batch.objects.get(pk=batch.pk).status == "reviewed"
    assert [r["meaning"] for r in signing.get(address).json()["results"]] == ["approved"]


def test_a_comparison_is_frozen_with_the_results_that_it_showed(script, project):
    sample = factories.make_sample(factories.make_batch(project))
    result = records.make_result(records.make_measurement(sample), {"emission_peak_nm": (453.0, 0.2, "nm")})
    body = {"name": "blue", "batches": [str(sample.batch_id)], "view": {"normalise": "max"}}
    made = script.post("/comparisons/", body).json()
    assert made["digests"] == {str(sample.batch_id): {"emission_band": [str(result.pk), result.input_digest]}}
    other = factories.make_batch(factories.make_project())
    told(script.post("/comparisons/", body | {"batches": [str(other.pk)]}), 400)
    told(script.post("/comparisons/", body | {"batches": []}), 400)


def test_projects_say_what_one_may_do_there(ask, project):
    factories.make_project("Hidden")
    for role, may in (("viewer", False), ("chemist", True), ("reviewer", True)):
        (row,) = ask(factories.make_member(project, role)).all_of("/projects/")
        assert (row["name"], row["role"], row["may_write"]) == ("Blue emitters", role, may)
    owner = factories.make_user(is_superuser=True)
    assert [row["role"] for row in ask(owner).all_of("/projects/")] == ["owner", "owner"]


def test_the_root_leads_everywhere(script):
    links = script.get("/").json()
    assert {"projects", "batches", "uploads", "methods", "tables/batches", "spectra/data"} <= links.keys()
    for name, address in links.items():
        if name != "spectra/data":
            assert script.client.get(address, headers=script.headers({})).status_code == 200, name
    assert RecipeRevision.objects.count() == 0
