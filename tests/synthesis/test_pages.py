"""The bench's pages as a browser without scripts sees them."""

import json
import re

import pytest
from django.urls import reverse

from qdlab.access.models import Role
from qdlab.records.audit import history_of
from synthesis import selectors, services
from synthesis.models import Batch, Chemical, Recipe, Sample
from synthesis.services import Weighing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(client, project):
    user = factories.chemist_in(project)
    client.force_login(user)
    return user


def form_data(response) -> dict:
    """What the first form of a page would send."""
    html = response.content.decode()
    html = re.sub(r"<template.*?</template>", "", html, flags=re.S)
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="radio"' not in tag and 'type="checkbox"' not in tag) or "checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', html, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        found[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(r'<textarea name="([^"]*)".*?>(.*?)</textarea>', html, flags=re.S):
        found[name] = [body.strip()]
    return found


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def recipe_data(**changes) -> dict:
    """The editor's fields for recipe 1 with a step, as a browser sends them."""
    on = factories.shelf()
    rows = [("PbBr₂", "lead", "29,4", "mg"), ("MABr", "a-site", "9.0", "mg"), ("MLA", "acid", "4", "{equiv}"),
            ("OAM", "amine", "39.6", "uL"), ("DMF", "solvent", "2", "mL"), ("Toluene", "antisolvent", "8", "mL")]  # fmt: skip
    data = {"name": "MLA·MA·QD₄", "description": "", "reference_equivalents": "1", "reference": "i1"}
    data |= {
        "ingredients-TOTAL_FORMS": "7",
        "ingredients-INITIAL_FORMS": "0",
        "steps-TOTAL_FORMS": "2",
        "steps-INITIAL_FORMS": "0",
    }
    for n, (name, role, amount, unit) in enumerate(rows):
        row = {"key": f"i{n + 1}", "substance": f"chemical:{on[name].pk}", "role": role, "amount": amount, "unit": unit}
        data |= {f"ingredients-{n}-{k}": v for k, v in row.items()}
    data |= {"ingredients-6-role": "additive", "ingredients-6-key": "i7"}
    data |= {
        "steps-0-kind": "add_dropwise",
        "steps-0-volume": "250",
        "steps-0-drop_interval": "6 s",
        "steps-0-into": "i6",
    }
    data |= {"steps-0-ingredients": ["i4"]}
    return data | changes


# --- Looking --------------------------------------------------------------------------------------------------------


def test_every_page_opens_for_a_chemist(client, project, chemist):
    recipe = factories.make_recipe(project)
    batch = factories.make_batch(revision=recipe.revisions.get())
    factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    sample = factories.make_sample(batch)
    chemical = Chemical.objects.first()
    addresses = [
        reverse("synthesis:recipes"), reverse("synthesis:recipes") + "?archived=1", reverse("synthesis:new_recipe"),
        *(reverse(f"synthesis:{name}", args=[recipe.pk]) for name in ("recipe", "edit_recipe", "make_batch", "plan_sweep")),
        reverse("synthesis:revision", args=[recipe.pk, 1]), reverse("synthesis:edit_batch", args=[batch.pk]),
        reverse("synthesis:edit_sample", args=[sample.pk]), reverse("synthesis:shelf"), reverse("synthesis:new_chemical"),
        reverse("synthesis:chemical", args=[chemical.pk]), reverse("synthesis:edit_chemical", args=[chemical.pk]),
        reverse("synthesis:new_stock"),
    ]  # fmt: skip
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        html = response.content.decode()
        assert not re.search(r"<[^>]+\s(style|onclick|onchange)=", html), f"inline style or handler on {address}"
        assert "{{" not in html and "{%" not in html


def test_the_recipe_page_shows_ratio_steps_and_aliquot(client, project, chemist):
    response = client.get(reverse("synthesis:recipe", args=[factories.make_recipe(project).pk]))
    text = text_of(response)
    assert "MA : Pb : Br : MLA : OAM = 1.003 : 1 : 3.003 : 4.003 : 1.502" in text
    assert "40.05 mM" in text and "9.82 µmol" in text and "1.19 mM" in text
    assert "add dropwise to Toluene: 250 µL, one drop every 6 s" in text


def test_what_one_may_not_see_is_not_there(client, project):
    recipe = factories.make_recipe(project)
    batch = factories.make_batch(revision=recipe.revisions.get())
    sample = factories.make_sample(batch)
    client.force_login(factories.make_member(factories.make_project()))
    for name in ("recipe", "edit_recipe", "make_batch", "plan_sweep"):
        assert client.get(reverse(f"synthesis:{name}", args=[recipe.pk])).status_code == 404
    assert client.get(reverse("synthesis:edit_batch", args=[batch.pk])).status_code == 404
    assert client.get(reverse("synthesis:edit_sample", args=[sample.pk])).status_code == 404
    for name in (
        "weigh_batch",
        "work_out_batch",
        "save_about",
        "save_outcome",
        "rename_batch",
        "archive_batch",
        "log_step",
        "add_sample",
        "log_wash",
    ):
        assert client.post(reverse(f"synthesis:{name}", args=[batch.pk]), {"version": "1"}).status_code == 404
    assert recipe.name not in text_of(client.get(reverse("synthesis:recipes")))


def test_a_viewer_looks_but_does_not_edit(client, project):
    recipe = factories.make_recipe(project)
    client.force_login(factories.make_member(project, Role.VIEWER))
    response = client.get(reverse("synthesis:recipe", args=[recipe.pk]))
    assert response.status_code == 200 and "Make a batch" not in text_of(response)
    assert client.get(reverse("synthesis:edit_recipe", args=[recipe.pk])).status_code == 403
    assert client.get(reverse("synthesis:new_chemical")).status_code == 403


# --- Recipes --------------------------------------------------------------------------------------------------------


def test_a_recipe_is_written_in_the_browser(client, project, chemist):
    response = client.post(reverse("synthesis:new_recipe"), recipe_data(project=str(project.pk)))
    assert response.status_code == 302
    recipe = Recipe.objects.get()
    revision = recipe.revisions.get()
    assert [(x.key, str(x.amount)) for x in revision.ingredients.all()][:3] == [
        ("i1", "29,4 mg"),
        ("i2", "9.0 mg"),
        ("i3", "4 equiv"),
    ]
    step = revision.steps.get()
    assert (step.kind, step.into, step.ingredients) == ("add_dropwise", "i6", ["i4"])
    assert {name: value["si"] for name, value in step.parameters.items()} == {"volume": 2.5e-7, "drop_interval": 6}


def test_the_editor_shows_what_was_typed_and_saving_unchanged_changes_nothing(client, project, chemist):
    client.post(reverse("synthesis:new_recipe"), recipe_data(project=str(project.pk)))
    recipe = Recipe.objects.get()
    address = reverse("synthesis:edit_recipe", args=[recipe.pk])
    data = form_data(client.get(address))
    assert data["ingredients-0-amount"] == ["29,4"]
    assert client.post(address, data).status_code == 302
    old, new = recipe.revisions.get(number=1), recipe.revisions.get(number=2)
    assert selectors.revision_differences(old, new) == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ingredients-1-amount", "0", "nothing was added"),
        ("ingredients-1-amount", "-9", "cannot be negative"),
        ("ingredients-1-amount", "9 stone", "not a known unit"),
        ("ingredients-1-amount", "1.234,5", "two ways"),
        ("ingredients-1-substance", "", "Choose a chemical"),
        ("reference_equivalents", "0", "more than 0 equivalents"),
        ("reference", "", "Choose the ingredient that they count from"),
        ("steps-0-volume", "a lot", "is not a number"),
        ("name", "", "This field is required"),
    ],
)
def test_bad_input_is_a_sentence_and_keeps_what_was_typed(client, project, chemist, field, value, sentence):
    data = recipe_data(project=str(project.pk)) | {field: value}
    response = client.post(reverse("synthesis:new_recipe"), data)
    assert response.status_code == 422
    assert sentence in text_of(response).replace("&#x27;", "'")
    assert form_data(response)["ingredients-0-amount"] == ["29,4"]
    assert not Recipe.objects.exists()


def test_an_empty_row_between_others_does_not_move_a_sentence_to_the_wrong_row(client, project, chemist):
    data = recipe_data(project=str(project.pk))
    data |= {"ingredients-1-substance": "", "ingredients-1-amount": "", "ingredients-2-amount": "x"}
    html = client.post(reverse("synthesis:new_recipe"), data).content.decode()
    place = re.search(r'data-problem-of="ingredients-2-amount">(.*?)</div></div>', html, flags=re.S)
    assert "is not a number" in place[1]


def test_two_people_who_revise_see_each_others_text_and_nothing_is_lost(client, project, chemist):
    client.post(reverse("synthesis:new_recipe"), recipe_data(project=str(project.pk)))
    recipe = Recipe.objects.get()
    address = reverse("synthesis:edit_recipe", args=[recipe.pk])
    mine = form_data(client.get(address))
    lines = factories.paper_ingredients(1)
    services.revise_recipe(by=chemist, recipe=recipe, ingredients=lines, name="Their name", description="Their words")
    mine |= {"ingredients-0-amount": ["31"], "description": ["My words"]}
    response = client.post(address, mine)
    text = text_of(response)
    assert response.status_code == 409
    assert "My words" in text and "Their words" in text and "Their name" in text
    assert recipe.revisions.count() == 2
    again = form_data(response)
    assert again["ingredients-0-amount"] == ["31"] and again["version"] == ["2"]
    assert client.post(address, again).status_code == 302
    assert recipe.revisions.get(number=3).ingredients.first().amount_text == "31"


def test_the_live_sums_are_those_of_the_save(client, project, chemist):
    answer = client.post(reverse("synthesis:work_out"), recipe_data()).json()
    assert answer["ratio_line"].startswith("MA : Pb : Br : MLA : OAM = 1.003 : 1 : 3.003 : 4.000 : 1.502")
    assert answer["rows"]["ingredients-2"]["typed"] == "equivalents"
    assert answer["rows"]["ingredients-2"]["mass"] == "42.97 mg"
    assert answer["rows"]["ingredients-0"]["mass"] == "29,4 mg"
    assert dict(answer["facts"])["Pb in the antisolvent"] == "1.19 mM"
    assert Recipe.objects.count() == 0


def test_the_live_sums_answer_half_typed_and_wrong_input(client, project, chemist):
    data = recipe_data() | {"ingredients-1-amount": "9.", "ingredients-3-amount": "x", "reference_equivalents": "0"}
    answer = client.post(reverse("synthesis:work_out"), data).json()
    assert set(answer["problems"]) == {"ingredients-3-amount", "reference_equivalents"}
    assert answer["rows"]["ingredients-1"]["mass"] == "9. mg"
    empty = {"ingredients-TOTAL_FORMS": "1", "ingredients-INITIAL_FORMS": "0"}
    assert client.post(reverse("synthesis:work_out"), empty).json()["ratio_line"] == ""
    assert client.post(reverse("synthesis:work_out"), {}).status_code == 200


def test_a_liquid_by_volume_without_a_density_says_so_while_typing(client, project, chemist):
    thin = services.add_chemical(
        by=chemist,
        name="Octylamine",
        molar_mass_g_mol=129.2,
        phase="liquid",
        delivers={"OAM": 1} if factories.shelf() else {},
    )
    data = recipe_data() | {"ingredients-3-substance": f"chemical:{thin.pk}"}
    answer = client.post(reverse("synthesis:work_out"), data).json()
    assert "has no density" in answer["rows"]["ingredients-3"]["notes"][0]


# --- Batches --------------------------------------------------------------------------------------------------------


def weigh_data(batch, **changes) -> dict:
    lines = list(batch.ingredients.all())
    data = {"version": str(batch.version), "ingredients-TOTAL_FORMS": str(len(lines)), "ingredients-INITIAL_FORMS": "0"}
    for n, line in enumerate(lines):
        row = {
            "key": line.key,
            "weighed": line.planned_text,
            "unit": line.planned_unit,
            "uncertainty": "",
            "device": "",
            "lot": "",
            "note": "",
        }
        data |= {f"ingredients-{n}-{name}": value for name, value in row.items()}
    return data | changes


def test_a_batch_is_made_and_weighed_in_the_browser(client, project, chemist):
    recipe = factories.make_recipe(project)
    response = client.post(reverse("synthesis:make_batch", args=[recipe.pk]), {"code": "", "scale": "1"})
    batch = Batch.objects.get()
    assert response["Location"] == reverse("synthesis:edit_batch", args=[batch.pk])
    data = weigh_data(batch, **{"ingredients-0-weighed": "29,6", "ingredients-0-uncertainty": "0.1"})
    assert client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data).status_code == 302
    line = batch.ingredients.get(key="pbbr2")
    assert (str(line.weighed), str(line.uncertainty), str(line.planned)) == ("29,6 mg", "0.1 mg", "29.4 mg")
    page = text_of(client.get(reverse("synthesis:edit_batch", args=[batch.pk])))
    assert "planned : MA : Pb : Br : MLA : OAM = 1.003" in page.replace("planned:", "planned :")


def test_the_bench_says_that_a_signature_no_longer_covers_a_reviewed_batch(client, project, chemist):
    batch = factories.make_batch(project)
    data = weigh_data(batch, **{"ingredients-0-weighed": "29,6"})
    page = client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data, follow=True)
    assert "the signature covers what was there before" not in text_of(page)
    services.set_status(by=None, batch=Batch.objects.get(), status="reviewed")
    data = weigh_data(Batch.objects.get(), **{"ingredients-0-weighed": "29,7"})
    page = client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data, follow=True)
    assert "the signature covers what was there before" in text_of(page)
    data = weigh_data(Batch.objects.get(), **{"ingredients-0-weighed": "29,7"})
    page = client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data, follow=True)
    assert "the signature covers what was there before" not in text_of(page)


@pytest.mark.parametrize("weighed", [False, True])
def test_saving_the_weighing_page_untouched_says_so_and_writes_nothing(client, project, chemist, weighed):
    batch = factories.make_batch(project)
    if weighed:
        factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    version, events = Batch.objects.get().version, history_of(batch).count()
    shown = form_data(client.get(reverse("synthesis:edit_batch", args=[batch.pk])))
    data = {k: v for k, v in shown.items() if k.startswith("ingredients-")} | {"version": str(version)}
    page = client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data, follow=True)
    assert "Nothing has changed" in text_of(page)
    assert (Batch.objects.get().version, history_of(batch).count()) == (version, events)


def test_the_weighing_page_keeps_the_uncertainty_and_its_unit(client, project, chemist):
    batch = factories.make_batch(project)
    factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    address = reverse("synthesis:edit_batch", args=[batch.pk])
    data = {k: v for k, v in form_data(client.get(address)).items() if k.startswith("ingredients-")}
    data["version"] = str(Batch.objects.get().version)
    assert client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data).status_code == 302
    line = batch.ingredients.get(key="pbbr2")
    assert (str(line.uncertainty), line.uncertainty_si) == ("1 %", 0.01)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("0", "nothing was added"), ("-1", "negative"), ("1,2,3", "two ways"), ("2 equiv", "mass or a volume")],
)
def test_a_bad_weighing_is_a_sentence_and_keeps_the_rest(client, project, chemist, value, sentence):
    batch = factories.make_batch(project)
    data = weigh_data(batch, **{"ingredients-1-weighed": value, "ingredients-0-weighed": "29.9"})
    response = client.post(reverse("synthesis:weigh_batch", args=[batch.pk]), data)
    assert response.status_code == 422 and sentence in text_of(response)
    assert form_data(response)["ingredients-0-weighed"] == ["29.9"]
    assert not batch.ingredients.exclude(weighed_si=None).exists()


def test_two_people_who_weigh_see_both_numbers(client, project, chemist):
    batch = factories.make_batch(project)
    data = weigh_data(batch, **{"ingredients-0-weighed": "29.9"})
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("pbbr2", "29.6", "mg")])
    address = reverse("synthesis:weigh_batch", args=[batch.pk])
    response = client.post(address, data)
    text = text_of(response)
    assert response.status_code == 409
    assert "29.9 mg" in text and "29.6 mg" in text and chemist.username in text
    assert str(batch.ingredients.get(key="pbbr2").weighed) == "29.6 mg"
    assert client.post(address, data | {"version": "2"}).status_code == 302
    assert str(batch.ingredients.get(key="pbbr2").weighed) == "29.9 mg"


def test_live_sums_at_the_balance(client, project, chemist):
    batch = factories.make_batch(project)
    data = weigh_data(batch, **{"ingredients-0-weighed": "30,0", "ingredients-3-weighed": ""})
    answer = client.post(reverse("synthesis:work_out_batch", args=[batch.pk]), data).json()
    assert answer["rows"]["ingredients-0"]["deviation"] == "+2.0 %"
    assert answer["rows"]["ingredients-0"]["equivalents"] == "1.000 equiv"
    assert "OAM = " not in answer["ratio_line"] or "–" in answer["ratio_line"]
    assert not batch.ingredients.exclude(weighed_si=None).exists()


def test_conditions_take_a_comma_and_refuse_the_impossible(client, project, chemist):
    batch = factories.make_batch(project)
    address = reverse("synthesis:save_about", args=[batch.pk])
    data = {
        "version": "1",
        "temperature_c": "20,5",
        "relative_humidity_percent": "30",
        "atmosphere": "air",
        "aliquot": "0,25 mL",
    }
    assert client.post(address, data).status_code == 302
    batch = Batch.objects.get()
    assert (batch.temperature_c, batch.relative_humidity_percent, str(batch.aliquot)) == (20.5, 30, "0,25 mL")
    response = client.post(address, data | {"version": "2", "relative_humidity_percent": "130"})
    assert response.status_code == 422 and "between 0 and 100" in text_of(response)
    response = client.post(address, data | {"version": "1", "temperature_c": "25"})
    assert response.status_code == 409 and "25" in text_of(response) and "20.5" in text_of(response)


def test_outcome_and_abandoning(client, project, chemist):
    batch = factories.make_batch(project)
    address = reverse("synthesis:save_outcome", args=[batch.pk])
    response = client.post(
        address, {"version": "1", "outcome": "turbid", "outcome_note": "", "status": "abandoned", "because": ""}
    )
    assert response.status_code == 422 and "Say in a few words why" in text_of(response)
    assert Batch.objects.get().outcome == ""
    client.post(
        address,
        {"version": "1", "outcome": "turbid", "outcome_note": "milky", "status": "abandoned", "because": "spilled"},
    )
    batch = Batch.objects.get()
    assert (batch.outcome, batch.status, batch.abandoned_because) == ("turbid", "abandoned", "spilled")


def test_a_chemist_is_not_offered_the_reviewers_word(client, project, chemist):
    batch = factories.make_batch(project)
    response = client.post(
        reverse("synthesis:save_outcome", args=[batch.pk]), {"version": "1", "outcome": "", "status": "reviewed"}
    )
    assert response.status_code == 422
    assert Batch.objects.get().status == "planned"


def test_log_samples_and_washes_from_the_page(client, project, chemist):
    batch = factories.make_batch(project)
    step = batch.revision.steps.first()
    client.post(reverse("synthesis:log_step", args=[batch.pk]), {"step": f"step:{step.pk}", "seen": "clear", "at": ""})
    assert batch.log.get().kind == "dissolve"
    client.post(reverse("synthesis:add_sample", args=[batch.pk]), {"state": "crude"})
    crude = Sample.objects.get()
    client.post(
        reverse("synthesis:add_sample", args=[batch.pk]),
        {"state": "washed", "parent": str(crude.pk), "concentration": "3,0"},
    )
    washed = Sample.objects.get(state="washed")
    assert (washed.wash_count, str(washed.concentration)) == (1, "3,0 mg/mL")
    data = {
        "kept": "pellet",
        "taken_from": str(crude.pk),
        "gave": str(washed.pk),
        "volume_equivalents": "0,5",
        "rotation": "12000",
        "time": "12",
        "isolated": "3.1",
    }
    client.post(reverse("synthesis:log_wash", args=[batch.pk]), data)
    wash = batch.washes.get()
    assert (wash.isolated_si, wash.parameters["time"]["si"], wash.parameters["volume_equivalents"]["text"]) == (
        3.1e-6,
        720,
        "0,5",
    )
    text = text_of(client.get(reverse("synthesis:edit_batch", args=[batch.pk])))
    assert "isolated 3.1 mg" in text and "clear" in text


def test_a_sample_is_edited_and_a_conflict_shows_both(client, project, chemist):
    sample = factories.make_sample(factories.make_batch(project))
    address = reverse("synthesis:edit_sample", args=[sample.pk])
    mine = form_data(client.get(address))
    services.change_sample(by=chemist, sample=sample, note="theirs")
    response = client.post(address, mine | {"note": ["mine"]})
    assert response.status_code == 409 and "theirs" in text_of(response) and "mine" in text_of(response)
    again = form_data(response)
    again["version"] = again["version"][:1]  # of the sample; the second one is the batch's, in the form below
    assert client.post(address, again).status_code == 302
    assert Sample.objects.get().note == "mine"
    client.post(reverse("synthesis:choose_representative", args=[sample.pk]))
    assert Batch.objects.get().representative_id == sample.pk


def test_a_batch_is_renamed_and_archived(client, project, chemist):
    batch = factories.make_batch(project)
    client.post(reverse("synthesis:rename_batch", args=[batch.pk]), {"version": "1", "code": "blue-1"})
    client.post(reverse("synthesis:archive_batch", args=[batch.pk]), {"back": "0"})
    batch = Batch.objects.get()
    assert batch.code == "blue-1" and batch.archived_at


def test_a_sweep_is_planned_in_the_browser(client, project, chemist):
    recipe = factories.make_recipe(project)
    data = {
        "name": "OAM series",
        "target": "ingredient:oam",
        "values": "0,1 0.25; 0.5 1, 3",
        "unit": "{equiv}",
        "second_target": "",
        "second_unit": "",
        "replicates": "2",
    }
    response = client.post(reverse("synthesis:plan_sweep", args=[recipe.pk]), data)
    assert response.status_code == 302
    assert Batch.objects.count() == 10
    page = text_of(client.get(response["Location"]))
    assert "OAM series" in page and "10 batches" in page and "79.07 µL" in page
    response = client.post(reverse("synthesis:plan_sweep", args=[recipe.pk]), data | {"name": "other", "values": "1 x"})
    assert response.status_code == 422 and "is not a number" in text_of(response)


# --- The shelf ------------------------------------------------------------------------------------------------------


def test_a_chemical_with_its_species_and_a_lot(client, chemist):
    factories.shelf()
    data = {
        "name": "Lead(II) iodide",
        "abbreviation": "PbI₂",
        "phase": "solid",
        "molar_mass_g_mol": "461,01",
        "delivers": "Pb 1, I 2",
    }
    response = client.post(reverse("synthesis:new_chemical"), data)
    assert response.status_code == 302
    chemical = Chemical.objects.get(name="Lead(II) iodide")
    assert chemical.molar_mass_g_mol == 461.01
    assert {d.species.symbol: d.count for d in chemical.delivers.all()} == {"Pb": 1, "I": 2}
    add_lot = reverse("synthesis:add_lot", args=[chemical.pk])
    client.post(add_lot, {"number": "7", "purity_percent": "99,5", "received": "25", "supplier": "TCI"})
    lot = chemical.lots.get()
    assert (lot.purity, str(lot.received)) == (pytest.approx(0.995, rel=1e-12), "25 g")
    response = client.post(add_lot, {"number": "8", "purity_percent": "120"})
    assert response.status_code == 422 and "mass fraction" in text_of(response)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("molar_mass_g_mol", "0", "more than zero"), ("density_g_ml", "heavy", "not a number"), ("delivers", "Xx 1", "not a known species"),
     ("delivers", "Pb one", "Write each species"), ("name", "Oleylamine", "already on the shelf")],
)  # fmt: skip
def test_a_bad_chemical_is_a_sentence_at_its_field(client, chemist, field, value, sentence):
    factories.shelf()
    response = client.post(reverse("synthesis:new_chemical"), {"name": "New", "phase": "solid", field: value})
    assert response.status_code == 422 and sentence in text_of(response)


def test_a_used_chemical_is_revised_from_its_page(client, project, chemist):
    batch = factories.make_batch(project)
    oam = batch.ingredients.get(key="oam").chemical
    address = reverse("synthesis:edit_chemical", args=[oam.pk])
    data = form_data(client.get(address)) | {"density_g_ml": ["0.82"]}
    response = client.post(address, data)
    assert response.status_code == 422 and "Save as a revision" in text_of(response)
    assert client.post(address, data | {"revise": "1"}).status_code == 302
    assert Chemical.objects.get(name="Oleylamine", archived_at=None).density_g_ml == 0.82
    assert batch.ingredients.get(key="oam").chemical == oam


def test_a_stock_solution_from_the_page(client, chemist):
    on = factories.shelf()
    data = {
        "name": "PbBr₂ in DMF",
        "solvent": str(on["DMF"].pk),
        "components-0-substance": f"chemical:{on['PbBr₂'].pk}",
        "components-0-concentration": "40",
        "components-0-unit": "mmol/L",
    }
    assert client.post(reverse("synthesis:new_stock"), data).status_code == 302
    assert "40 mM" in text_of(client.get(reverse("synthesis:shelf")))
    response = client.post(reverse("synthesis:new_stock"), data | {"components-0-concentration": "0"})
    assert response.status_code == 422 and "above zero" in text_of(response)


def test_work_out_answers_json_only_numbers_that_are_finite(client, project, chemist):
    data = recipe_data() | {"ingredients-0-amount": "1e-90", "ingredients-1-amount": "9e90"}
    response = client.post(reverse("synthesis:work_out"), data)
    assert response.status_code == 200
    json.loads(response.content, parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "²", "9" * 30, "9" * 5000])
def test_an_impossible_version_is_refused_not_crashed_on(client, project, chemist, version):
    batch = factories.make_batch(project)
    for name, more in (("weigh_batch", weigh_data(batch)), ("save_about", {}), ("rename_batch", {"code": "x"})):
        response = client.post(reverse(f"synthesis:{name}", args=[batch.pk]), more | {"version": version})
        assert response.status_code == 422, name
    assert Batch.objects.get().version == 1


def test_hostile_counts_and_searches_are_answered(client, project, chemist):
    for total in ("²", "-1", "9" * 5000, "x"):
        answer = client.post(
            reverse("synthesis:work_out"), {"ingredients-TOTAL_FORMS": total, "steps-TOTAL_FORMS": total}
        )
        assert answer.status_code == 200
    assert client.get(reverse("synthesis:shelf"), {"q": "\0lead", "page": "9" * 40}).status_code == 200
    assert client.get(reverse("synthesis:recipes"), {"page": "²"}).status_code == 200


def test_archiving_what_somebody_else_changed_meanwhile_asks_to_look_again(client, project, chemist):
    batch = factories.make_batch(project)
    services.change_batch(by=chemist, batch=batch, note="new")
    address = reverse("synthesis:archive_batch", args=[batch.pk])
    client.post(address, {"back": "0", "version": "1"})
    assert Batch.objects.get().archived_at is None
    client.post(address, {"back": "0", "version": "2"})
    assert Batch.objects.get().archived_at is not None


def test_an_edit_without_the_version_it_saw_is_not_saved(client, project, chemist):
    client.post(reverse("synthesis:new_recipe"), recipe_data(project=str(project.pk)))
    recipe = Recipe.objects.get()
    address = reverse("synthesis:edit_recipe", args=[recipe.pk])
    data = {name: value for name, value in form_data(client.get(address)).items() if name != "version"}
    assert client.post(address, data).status_code == 422
    assert recipe.revisions.count() == 1


def test_a_viewer_cannot_open_the_editor_of_a_new_recipe(client, project):
    client.force_login(factories.make_member(project, Role.VIEWER))
    assert client.get(reverse("synthesis:new_recipe")).status_code == 403
