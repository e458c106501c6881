"""The pages of batches, samples and sweeps, as a browser without scripts sees them."""

import pytest
from django.urls import reverse

from qdlab.records.audit import history_of
from synthesis import services
from synthesis.models import Batch, Sample
from synthesis.services import Weighing
from tests import factories
from tests.synthesis.pages.forms import form_data, text_of

pytestmark = pytest.mark.django_db


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
