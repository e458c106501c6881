from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.utils import timezone

from qdlab.access.models import Role
from qdlab.records.audit import broken_links, history_of
from qdlab.records.models import Change
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.models import Batch, BatchCode, Status
from synthesis.services import Weighing
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(call, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    return caught.value.message_dict


def test_a_batch_takes_over_the_plan_and_gets_the_next_code():
    project = factories.make_project(code_pattern="OC-{year}-{n:03}")
    recipe = factories.make_recipe(project)
    first = factories.make_batch(revision=recipe.revisions.get())
    second = factories.make_batch(revision=recipe.revisions.get())
    year = timezone.localdate().year
    assert [first.code, second.code] == [f"OC-{year}-001", f"OC-{year}-002"]
    assert (first.status, first.operator) == (Status.PLANNED, recipe.made_by)
    assert [str(line.planned) for line in first.ingredients.all()][:2] == ["29.4 mg", "9.0 mg"]
    assert first.ingredients.get(is_reference=True).key == "pbbr2"
    assert str(first.aliquot) == "250 µL"


def test_a_pattern_may_name_the_recipe_and_lack_a_number():
    project = factories.make_project(code_pattern="{recipe}")
    recipe = factories.make_recipe(project, name="QD4")
    codes = [factories.make_batch(revision=recipe.revisions.get()).code for _ in range(3)]
    assert codes == ["QD4", "QD4-2", "QD4-3"]


def test_a_pattern_cannot_reach_into_the_program():
    project = factories.make_project(code_pattern="{year.__class__}-{n}")
    assert factories.make_batch(project).code == "{year.__class__}-1"


def test_scaling_doubles_masses_exactly_and_leaves_the_ratio():
    recipe = factories.make_recipe()
    batch = factories.make_batch(revision=recipe.revisions.get(), scale="2")
    assert [str(line.planned) for line in batch.ingredients.all()][:4] == ["58.8 mg", "18 mg", "86 mg", "79.2 µL"]
    one = selectors.recipe_sheet(recipe.revisions.get()).ratio_values
    for species, ratio in selectors.batch_sheet(batch).ratio_values.items():
        assert ratio.value == pytest.approx(one[species].value, rel=1e-12)


@pytest.mark.parametrize("scale", ["0", "-1", "x", "50 %"])
def test_an_impossible_scale_is_refused(scale):
    revision = factories.make_recipe().revisions.get()
    assert list(refusal(factories.make_batch, revision=revision, scale=scale)) == ["scale"]


def test_planned_and_weighed_are_kept_apart():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("pbbr2", "29,6", "mg", "0.1", "mg", "AX205")])
    line = batch.ingredients.get(key="pbbr2")
    assert (str(line.planned), str(line.weighed), str(line.uncertainty)) == ("29.4 mg", "29,6 mg", "0.1 mg")
    assert (line.weighed_by, line.device) == (chemist, "AX205")
    sheet = selectors.batch_sheet(Batch.objects.get(pk=batch.pk))
    assert sheet.basis == "planned"
    assert sheet.lines[0].deviation == pytest.approx(29.6 / 29.4 - 1, rel=1e-9)


def test_a_missing_uncertainty_beside_a_given_one_is_named():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    factories.weigh_as_planned(batch)
    assert not selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).notes  # nobody gave any: no ± is shown
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("pbbr2", "29.6", "mg", "0.1", "mg")])
    (note,) = selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).notes
    assert str(note) == "± of the weighing counts only PbBr₂; give the ± of MABr, MLA, OAM too."
    factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    assert not selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).notes


def test_a_fully_weighed_batch_counts_by_what_was_weighed_with_its_uncertainty():
    batch = factories.make_batch()
    factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    services.weigh(
        by=factories.chemist_in(batch.project), batch=batch, weighings=[Weighing("pbbr2", "29.6", "mg", "1", "%")]
    )
    sheet = selectors.batch_sheet(Batch.objects.get(pk=batch.pk))
    assert sheet.basis == "weighed"
    oam = sheet.ratio_values["OAM"]
    assert oam.value == pytest.approx(1.5023 * 29.4 / 29.6, rel=1e-4)
    assert oam.u == pytest.approx(oam.value * 0.01 * 2**0.5, rel=1e-6)  # two independent weighings of 1 %
    assert sheet.planned.ratios[0].value == pytest.approx(1.003, abs=0.0006)


def test_the_weighed_batch_gives_the_final_concentration_in_the_antisolvent():
    batch = factories.make_batch()
    factories.weigh_as_planned(batch)
    found = selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).weighed.aliquot
    assert found.species_mol["Pb"] == pytest.approx(9.82e-6, abs=0.005e-6)
    assert found.concentration_mol_m3("Pb") == pytest.approx(1.19, abs=0.005)


def test_what_was_planned_as_zero_equivalents_need_not_be_weighed():
    project = factories.make_project()
    drafts = factories.paper_ingredients(1)
    drafts[2] = services.IngredientDraft("acid", "0", "{equiv}", factories.shelf()["MLA"], key="mla")
    batch = factories.make_batch(revision=factories.make_recipe(project, ingredients=drafts).revisions.get())
    others = [line for line in batch.ingredients.all() if line.key != "mla"]
    weighings = [Weighing(line.key, line.planned.text, line.planned.unit) for line in others]
    services.weigh(by=factories.chemist_in(project), batch=batch, weighings=weighings)
    sheet = selectors.batch_sheet(Batch.objects.get(pk=batch.pk))
    assert sheet.basis == "weighed"
    assert sheet.ratio_values["MLA"].value == 0


def test_the_purity_of_the_lot_counts():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    lot = services.add_lot(by=chemist, chemical=factories.shelf()["OAM"], number="A1", purity=0.70, supplier="TCI")
    factories.weigh_as_planned(batch)
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("oam", "39.6", "uL", lot=lot)])
    found = selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).ratio_values
    assert found["OAM"].value == pytest.approx(1.05, abs=0.005)


def test_a_lot_of_another_chemical_is_refused():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    lot = services.add_lot(by=chemist, chemical=factories.shelf()["OA"], number="A1")
    found = refusal(services.weigh, by=chemist, batch=batch, weighings=[Weighing("oam", "39.6", "uL", lot=lot)])
    assert list(found) == ["ingredients-0-lot"]


@pytest.mark.parametrize("amount", ["0", "-1", "x", "1.5 equiv"])
def test_a_bad_weighing_is_refused_and_nothing_is_written(amount):
    batch = factories.make_batch()
    weighings = [Weighing("mabr", "9.1", "mg"), Weighing("pbbr2", amount, "mg")]
    found = refusal(services.weigh, by=factories.chemist_in(batch.project), batch=batch, weighings=weighings)
    assert list(found) == ["ingredients-1-weighed"]
    assert not batch.ingredients.exclude(weighed_si=None).exists()
    assert Batch.objects.get(pk=batch.pk).version == 1


def test_an_entry_can_be_taken_back_and_the_audit_trail_keeps_it():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("pbbr2", "29.6", "mg")])
    services.weigh(by=chemist, batch=batch, weighings=[Weighing("pbbr2")])
    line = batch.ingredients.get(key="pbbr2")
    assert (line.weighed, line.weighed_by) == (None, None)
    event = history_of(batch).last()
    assert event.before["pbbr2"]["weighed"] == "29.6 mg"
    assert broken_links(str(batch.project_id)) == []


def test_weighing_that_changes_nothing_leaves_no_trace():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    same = [Weighing("pbbr2", "29.6", "mg", "0.1", "mg", "AX205")]
    services.weigh(by=chemist, batch=batch, weighings=same)
    version, events = batch.version, history_of(batch).count()
    services.weigh(by=chemist, batch=batch, version=version, weighings=same)
    assert (Batch.objects.get().version, history_of(batch).count()) == (version, events)
    with pytest.raises(StaleVersion):
        services.weigh(by=chemist, batch=batch, version=version - 1, weighings=same)


def test_the_second_of_two_people_who_weigh_is_told_and_nothing_is_overwritten():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    services.weigh(by=chemist, batch=batch, version=1, weighings=[Weighing("pbbr2", "29.6", "mg")])
    with pytest.raises(StaleVersion):
        services.weigh(by=chemist, batch=batch, version=1, weighings=[Weighing("pbbr2", "29.9", "mg")])
    assert str(batch.ingredients.get(key="pbbr2").weighed) == "29.6 mg"


@pytest.mark.django_db(transaction=True)
def test_of_racing_edits_of_one_version_exactly_one_wins():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)

    def edit(n: int) -> bool:
        try:
            services.change_batch(by=chemist, batch=Batch.objects.get(pk=batch.pk), version=1, note=f"edit {n}")
        except StaleVersion:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(edit, range(12)))
    assert won.count(True) == 1
    stored = Batch.objects.get(pk=batch.pk)
    assert (stored.version, stored.note) == (2, f"edit {won.index(True)}")
    assert broken_links(str(batch.project_id)) == []


def test_outcome_and_status_are_apart():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    services.set_status(by=chemist, batch=batch, status="made")
    services.set_outcome(by=chemist, batch=batch, outcome="green", note="517 nm by eye")
    assert (batch.status, batch.outcome, batch.made_on) == ("made", "green", timezone.localdate())


def test_abandoning_needs_a_reason_and_keeps_the_batch():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    assert "because" in refusal(services.abandon, by=chemist, batch=batch, because=" ")
    services.abandon(by=chemist, batch=batch, because="flask broke")
    assert list(selectors.batches_visible_to(chemist)) == [batch]
    assert "status" in refusal(services.set_status, by=chemist, batch=batch, status="abandoned")
    services.set_status(by=chemist, batch=batch, status="planned")
    assert batch.abandoned_because == ""


def test_only_a_reviewer_says_reviewed():
    batch = factories.make_batch()
    with pytest.raises(PermissionDenied):
        services.set_status(by=factories.chemist_in(batch.project), batch=batch, status="reviewed")
    reviewer = factories.make_member(batch.project, Role.REVIEWER)
    services.set_status(by=reviewer, batch=batch, status="reviewed")
    assert batch.status == "reviewed"


def test_an_old_code_still_leads_to_the_batch_and_is_never_given_again():
    project = factories.make_project()
    batch, other = factories.make_batch(project), factories.make_batch(project)
    chemist = factories.chemist_in(project)
    old = batch.code
    services.rename_batch(by=chemist, batch=batch, code="blue-7")
    assert list(selectors.batch_by_code(chemist, old)) == [batch]
    assert list(selectors.batch_by_code(chemist, "BLUE-7")) == [batch]
    assert "code" in refusal(services.rename_batch, by=chemist, batch=other, code=old)
    assert "code" in refusal(services.make_batch, by=chemist, revision=batch.revision, code=old)
    services.rename_batch(by=chemist, batch=batch, code=old)
    assert (batch.code, BatchCode.objects.filter(batch=batch).count()) == (old, 2)


def test_a_code_of_another_project_is_not_found():
    batch = factories.make_batch()
    assert not selectors.batch_by_code(factories.make_member(factories.make_project()), batch.code).exists()


def test_the_step_log_keeps_who_when_and_what():
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    step = batch.revision.steps.first()
    entry = services.log_step(by=chemist, batch=batch, step=step, seen="clear", parameters={"time": ("12", "min")})
    assert (entry.kind, entry.by, entry.parameters["time"]["si"]) == ("dissolve", chemist, 720)
    assert Batch.objects.get(pk=batch.pk).started_at == entry.at
    assert "seen" in refusal(services.log_step, by=chemist, batch=batch)
    foreign = factories.make_batch().revision.steps.first()
    assert "step" in refusal(services.log_step, by=chemist, batch=batch, step=foreign)


@pytest.mark.parametrize(("field", "value"), [("relative_humidity_percent", 130.0), ("temperature_c", -300.0)])
def test_impossible_conditions_are_refused_at_their_field(field, value):
    batch = factories.make_batch()
    chemist = factories.chemist_in(batch.project)
    assert list(refusal(services.change_batch, by=chemist, batch=batch, **{field: value})) == [field]


def test_every_write_of_a_batch_leaves_a_note_for_the_index():
    batch = factories.make_batch()
    Change.objects.all().delete()
    factories.weigh_as_planned(batch)
    assert Change.objects.filter(kind="batch", subject_id=str(batch.pk)).exists()


def test_an_archived_recipe_gives_no_new_batches():
    recipe = factories.make_recipe()
    services.archive(by=recipe.made_by, record_to_archive=recipe)
    with pytest.raises(ValidationError, match="archived"):
        factories.make_batch(revision=recipe.revisions.get())
    services.archive(by=recipe.made_by, record_to_archive=recipe, back=True)
    assert factories.make_batch(revision=recipe.revisions.get())


def test_a_visitor_sees_and_changes_nothing():
    batch = factories.make_batch()
    visitor = factories.make_member(factories.make_project())
    assert not selectors.batches_visible_to(visitor).exists()
    with pytest.raises(PermissionDenied):
        factories.weigh_as_planned(batch, by=visitor)


def test_sheets_of_many_batches_cost_a_fixed_number_of_queries(django_assert_num_queries):
    project = factories.make_project()
    revision = factories.make_recipe(project).revisions.get()
    for _ in range(6):
        factories.make_batch(revision=revision)
    # batches; ingredients joined with chemical, stock and lot; species of their chemicals
    with django_assert_num_queries(3):
        batches = selectors.batches_with_ingredients(Batch.objects.filter(project=project))
        assert len([selectors.batch_sheet(batch).ratios for batch in batches]) == 6
