"""The bench's pages as a browser without scripts sees them."""

import json
import re

import pytest
from django.urls import reverse

from qdlab.access.models import Role
from synthesis import services
from synthesis.models import Batch, Chemical, Recipe
from tests import factories
from tests.synthesis.pages.forms import form_data, recipe_data, text_of
from tests.synthesis.pages.test_batches import weigh_data

pytestmark = pytest.mark.django_db


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
