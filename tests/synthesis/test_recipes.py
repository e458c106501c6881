from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.db.models import ProtectedError

from qdlab.access.models import Role
from qdlab.records.audit import broken_links, history_of
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.models import Recipe
from synthesis.services import IngredientDraft, StepDraft
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(call, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    return caught.value.message_dict


def ratio_of(sheet):
    return {r.species: r.value for r in sheet.ratios}


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (1, {"MA": 1.003, "Pb": 1, "Br": 3.003, "MLA": 4.003, "OAM": 1.502}),
        (2, {"Cs": 1.000, "Pb": 1, "Br": 3.000, "MLA": 0.985, "OAM": 2.231}),
        (3, {"MA": 1.003, "Pb": 1, "Br": 3.003, "OA": 14.991, "OAM": 2.011}),
    ],
)
def test_the_papers_recipes_give_their_ratio_in_the_order_in_which_it_is_written(recipe, expected):
    sheet = selectors.recipe_sheet(factories.make_recipe(recipe=recipe).revisions.get())
    assert list(ratio_of(sheet)) == list(expected)
    assert ratio_of(sheet) == pytest.approx(expected, abs=0.0006)  # the paper's numbers have three decimals


def test_the_sheet_knows_the_aliquot_that_meets_the_antisolvent():
    sheet = selectors.recipe_sheet(factories.make_recipe(recipe=3).revisions.get())
    assert sheet.planned.aliquot.species_mol["Pb"] == pytest.approx(3.29e-6, abs=0.005e-6)
    assert sheet.planned.aliquot.concentration_mol_m3("Pb") == pytest.approx(0.65, abs=0.005)


def test_amounts_are_kept_as_typed_and_as_si():
    project = factories.make_project()
    drafts = [IngredientDraft("lead", "29,40", "mg", factories.shelf()["PbBr₂"], is_reference=True)]
    line = factories.make_recipe(project, ingredients=drafts, steps=[]).revisions.get().ingredients.get()
    assert (line.amount_text, line.amount_unit, line.amount_si) == ("29,40", "mg", 29.4e-6)
    assert line.key == "pbbr2"


def test_a_recipe_leaves_its_audit_event_in_an_unbroken_chain():
    recipe = factories.make_recipe()
    event = history_of(recipe).get()
    assert (event.action, event.actor) == ("recipe.created", recipe.made_by.username)
    assert broken_links(str(recipe.project_id)) == []


def test_a_revision_follows_and_the_old_one_stays_as_it_was():
    recipe = factories.make_recipe()
    first = recipe.revisions.get()
    drafts = factories.paper_ingredients(1)
    drafts[3] = IngredientDraft("amine", "26.4", "uL", factories.shelf()["OAM"], key="oam")
    second = services.revise_recipe(
        by=recipe.made_by,
        recipe=recipe,
        version=1,
        ingredients=drafts,
        steps=factories.paper_steps(1),
        why="less amine",
    )
    assert (first.number, second.number, recipe.version) == (1, 2, 2)
    assert first.ingredients.get(key="oam").amount_text == "39.6"
    differences = selectors.revision_differences(first, second)
    assert [(d.kind, d.what) for d in differences] == [("changed", "OAM")]
    assert "39.6 µL" in differences[0].before and "26.4 µL" in differences[0].after


def test_the_difference_of_steps_is_told_in_words():
    recipe = factories.make_recipe()
    steps = factories.paper_steps(1)
    steps[4] = StepDraft("stir", {"time": ("1", "h")})
    new = services.revise_recipe(
        by=recipe.made_by, recipe=recipe, ingredients=factories.paper_ingredients(1), steps=steps
    )
    (difference,) = selectors.revision_differences(recipe.revisions.get(number=1), new)
    assert "3 h" in difference.before and "1 h" in difference.after


def test_two_people_revising_one_recipe_have_one_winner_and_nothing_half_written():
    recipe = factories.make_recipe()
    other = Recipe.objects.get(pk=recipe.pk)
    lines = factories.paper_ingredients(1)
    services.revise_recipe(by=recipe.made_by, recipe=recipe, version=1, ingredients=lines, name="Mine")
    with pytest.raises(StaleVersion) as caught:
        services.revise_recipe(by=recipe.made_by, recipe=other, version=1, ingredients=lines, name="Theirs")
    assert caught.value.current.name == "Mine"
    assert recipe.revisions.count() == 2


def test_a_used_revision_cannot_be_deleted():
    batch = factories.make_batch()
    with pytest.raises(ProtectedError):
        batch.revision.delete()


def test_a_viewer_cannot_write_a_recipe():
    project = factories.make_project()
    viewer = factories.make_member(project, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        factories.make_recipe(project, by=viewer)


def test_a_recipe_is_seen_by_its_project_only():
    recipe = factories.make_recipe()
    visitor = factories.make_member(factories.make_project())
    assert list(selectors.recipes_visible_to(recipe.made_by)) == [recipe]
    assert list(selectors.recipes_visible_to(visitor)) == []
    assert list(selectors.revisions_visible_to(visitor)) == []


BAD_AMOUNTS = {
    "0": "nothing was added",
    "-3": "cannot be negative",
    "abc": "is not a number",
    "1,234.5": "two ways",
    "3 stone": "not a known unit",
}


@pytest.mark.parametrize("amount", BAD_AMOUNTS)
def test_a_bad_amount_is_a_sentence_at_its_field(amount):
    project = factories.make_project()
    drafts = factories.paper_ingredients(1)
    drafts[1] = IngredientDraft("a-site", amount, "mg", factories.shelf()["MABr"])
    found = refusal(factories.make_recipe, project=project, ingredients=drafts, steps=[])
    assert list(found) == ["ingredients-1-amount"]
    assert BAD_AMOUNTS[amount] in found["ingredients-1-amount"][0]
    assert not Recipe.objects.exists()


def test_all_bad_fields_are_named_at_once():
    drafts = [
        IngredientDraft("lead", "x", "mg", factories.shelf()["PbBr₂"]),
        IngredientDraft("acid", "5", "furlong", factories.shelf()["MLA"]),
        IngredientDraft("amine", "5", "uL"),
    ]
    project = factories.make_project()
    found = refusal(factories.make_recipe, project=project, ingredients=drafts, steps=[])
    assert sorted(found) == ["ingredients-0-amount", "ingredients-1-amount", "ingredients-2-chemical"]


def test_equivalents_without_a_reference_are_refused_at_their_field():
    drafts = [IngredientDraft("acid", "4", "{equiv}", factories.shelf()["MLA"])]
    found = refusal(factories.make_recipe, project=factories.make_project(), ingredients=drafts, steps=[])
    assert "Choose the ingredient" in found["ingredients-0-amount"][0]


def test_two_references_are_refused():
    on = factories.shelf()
    drafts = [IngredientDraft("lead", "1", "mg", on[name], is_reference=True) for name in ("PbBr₂", "MABr")]
    assert "reference" in refusal(factories.make_recipe, project=factories.make_project(), ingredients=drafts, steps=[])


@pytest.mark.parametrize("equivalents", ["0", "-1", "many"])
def test_a_reference_needs_positive_equivalents(equivalents):
    found = refusal(factories.make_recipe, project=factories.make_project(), reference_equivalents=equivalents)
    assert list(found) == ["reference_equivalents"]


def test_a_step_with_an_unknown_unit_or_ingredient_is_refused_at_its_field():
    project = factories.make_project()
    wrong_unit = [StepDraft("stir", {"time": ("3", "mg")})]
    assert list(refusal(factories.make_recipe, project=project, steps=wrong_unit)) == ["steps-0-time"]
    unknown = [StepDraft("add", {}, ("gold",))]
    assert list(refusal(factories.make_recipe, project=project, steps=unknown)) == ["steps-0-ingredients"]


def test_a_name_is_used_once_in_a_project():
    recipe = factories.make_recipe(name="QD₄")
    assert list(refusal(factories.make_recipe, project=recipe.project, name="QD₄")) == ["name"]
    other = factories.make_recipe(recipe.project, name="QD₅")
    lines = factories.paper_ingredients(1)
    found = refusal(services.revise_recipe, by=other.made_by, recipe=other, name="QD₄", ingredients=lines)
    assert (list(found), other.revisions.count()) == (["name"], 1)
    assert factories.make_recipe(factories.make_project(), name="QD₄").name == "QD₄"


@pytest.mark.django_db(transaction=True)
def test_of_people_who_take_one_name_at_once_one_gets_it_and_the_others_are_told():
    project = factories.make_project()
    chemist, lines = factories.chemist_in(project), factories.paper_ingredients(1)

    def take(_n: int) -> list[str]:
        try:
            services.create_recipe(by=chemist, project=project, name="QD₄", ingredients=lines)
        except ValidationError as problem:
            return list(problem.message_dict)
        finally:
            connections.close_all()
        return []

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(take, range(8)))
    assert sorted(told) == [[], *[["name"]] * 7]
    assert Recipe.objects.filter(name="QD₄").count() == 1


def test_japanese_names_and_notes_are_kept():
    recipe = factories.make_recipe(name="青色量子ドット", description="リンゴ酸を使う")
    assert Recipe.objects.get(pk=recipe.pk).name == "青色量子ドット"


def test_a_page_of_recipes_costs_the_same_queries_for_one_and_for_ten(django_assert_num_queries):
    project = factories.make_project()
    chemist = factories.chemist_in(project)
    factories.make_recipe(project)

    def ask():
        recipes = list(selectors.recipes_visible_to(chemist))
        return [selectors.recipe_sheet(r).ratios for r in selectors.newest_revisions(chemist, recipes).values()]

    # recipes; revisions; ingredients joined with chemical and stock; their species; steps (no stock solutions here)
    with django_assert_num_queries(5):
        ask()
    for _ in range(9):
        factories.make_recipe(project)
    with django_assert_num_queries(5):
        assert len(ask()) == 10
