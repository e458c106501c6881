"""The pages of recipes, as a browser without scripts sees them."""

import re

import pytest
from django.urls import reverse

from synthesis import selectors, services
from synthesis.models import Recipe
from tests import factories
from tests.synthesis.pages.forms import form_data, recipe_data, text_of

pytestmark = pytest.mark.django_db


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
