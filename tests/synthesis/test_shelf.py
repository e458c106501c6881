import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db.models import ProtectedError

from qdlab.access.models import Role
from qdlab.records.models import AuditEvent
from synthesis import selectors, services
from synthesis.models import Batch, Chemical, Species
from synthesis.services import ComponentDraft, IngredientDraft, Weighing
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(call, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    return caught.value.message_dict


@pytest.fixture
def chemist():
    return factories.chemist_in(factories.make_project())


def test_the_starter_shelf_holds_the_papers_chemicals_and_is_built_once():
    call_command("starter_shelf", verbosity=0)
    events, first = AuditEvent.objects.count(), Chemical.objects.count()
    call_command("starter_shelf", verbosity=0)
    assert (AuditEvent.objects.count(), Chemical.objects.count()) == (events, first)
    on = {c.short: c for c in Chemical.objects.all()}
    masses = {"PbBr₂": 367.008, "MABr": 111.970, "CsBr": 212.809, "MLA": 134.087, "OAM": 267.501, "OA": 282.468}
    assert {name: on[name].molar_mass_g_mol for name in masses} == masses
    assert (on["OAM"].density_g_ml, on["OA"].density_g_ml) == (0.813, 0.895)
    assert (on["Toluene"].refractive_index, on["Cyclohexane"].refractive_index) == (1.4969, 1.4265)


def test_the_shelf_of_these_tests_is_the_starter_shelf():
    def rows():
        columns = [*services.starter.FIELDS, "version", "archived_at", "delivers__species__symbol", "delivers__count"]
        return set(Chemical.objects.values_list(*columns)), set(
            Species.objects.values_list("symbol", "formula", "role")
        )

    factories.lay_out_shelf()
    laid_out = rows()
    Chemical.objects.all().delete()
    Species.objects.all().delete()
    services.starter_shelf()
    assert rows() == laid_out


def test_what_the_lab_changed_on_the_starter_shelf_stays(chemist):
    oam = factories.shelf()["OAM"]
    services.change_chemical(by=chemist, chemical=oam, density_g_ml=0.815)
    assert factories.shelf()["OAM"].density_g_ml == 0.815


def test_the_ratio_is_written_in_the_order_of_the_roles():
    factories.shelf()
    chosen = [s.symbol for s in sorted(Species.objects.all(), key=lambda s: s.rank)]
    assert [s for s in chosen if s in ("OAM", "MLA", "Br", "Pb", "MA")] == ["MA", "Pb", "Br", "MLA", "OAM"]


def test_a_species_of_ones_own_counts_like_those_of_the_paper(chemist):
    on = factories.shelf()
    services.add_species(by=chemist, symbol="PEA", role="amine")
    pea = services.add_chemical(
        by=chemist, name="Phenethylammonium iodide", molar_mass_g_mol=249.09, delivers={"PEA": 1, "I": 1}
    )
    drafts = [
        IngredientDraft("lead", "10", "mg", on["PbBr₂"], is_reference=True),
        IngredientDraft("a-site", "1", "{equiv}", pea),
    ]
    project = factories.make_project()
    sheet = selectors.recipe_sheet(factories.make_recipe(project, ingredients=drafts, steps=[]).revisions.get())
    assert {r.species: round(r.value, 6) for r in sheet.ratios} == {"Pb": 1, "Br": 2, "I": 1, "PEA": 1}


def test_a_used_chemical_keeps_what_ratios_stand_on(chemist):
    batch = factories.make_batch()
    oam = batch.ingredients.get(key="oam").chemical
    found = refusal(services.change_chemical, by=chemist, chemical=oam, density_g_ml=0.9)
    assert "revision" in found["density_g_ml"][0]
    assert "delivers" in refusal(services.change_chemical, by=chemist, chemical=oam, delivers={"OA": 1})
    services.change_chemical(by=chemist, chemical=oam, hazards="corrosive")
    assert Chemical.objects.get(pk=oam.pk).hazards == "corrosive"


def test_a_revised_chemical_leaves_past_batches_as_they_were(chemist):
    batch = factories.make_batch()
    oam = batch.ingredients.get(key="oam").chemical
    before = selectors.batch_sheet(batch).ratio_values["OAM"].value
    new = services.revise_chemical(by=chemist, chemical=oam, density_g_ml=0.9)
    assert (new.revises, new.density_g_ml, new.name) == (oam, 0.9, oam.name)
    assert {d.species.symbol for d in new.delivers.all()} == {"OAM"}
    assert selectors.batch_sheet(Batch.objects.get(pk=batch.pk)).ratio_values["OAM"].value == before
    assert oam not in selectors.chemicals_visible_to(chemist)


def test_chemicals_and_lots_in_use_cannot_be_deleted(chemist):
    batch = factories.make_batch()
    line = batch.ingredients.get(key="oam")
    lot = services.add_lot(by=chemist, chemical=line.chemical, number="1")
    services.weigh(
        by=factories.chemist_in(batch.project), batch=batch, weighings=[Weighing("oam", "40", "uL", lot=lot)]
    )
    for record in (line.chemical, lot):
        with pytest.raises(ProtectedError):
            record.delete()
    assert "purity" in refusal(services.change_lot, by=chemist, lot=lot, purity=0.9)
    services.archive(by=chemist, record_to_archive=lot)
    assert lot.archived_at


@pytest.mark.parametrize(("field", "value"), [("molar_mass_g_mol", 0.0), ("density_g_ml", -1.0), ("name", "")])
def test_an_impossible_chemical_is_refused_at_its_field(chemist, field, value):
    fields = {"name": "New", "molar_mass_g_mol": 100.0} | {field: value}
    assert list(refusal(services.add_chemical, by=chemist, **fields)) == [field]


def test_an_unknown_species_and_a_count_of_zero_are_refused(chemist):
    factories.shelf()
    assert "delivers" in refusal(services.add_chemical, by=chemist, name="A", delivers={"Xx": 1})
    assert "delivers" in refusal(services.add_chemical, by=chemist, name="A", delivers={"Pb": 0})


@pytest.mark.parametrize("purity", [0.0, 1.2, -0.5])
def test_a_purity_lies_between_0_and_1(chemist, purity):
    found = refusal(services.add_lot, by=chemist, chemical=factories.shelf()["OAM"], number="1", purity=purity)
    assert list(found) == ["purity"]


def test_a_viewer_cannot_change_the_shelf():
    viewer = factories.make_member(factories.make_project(), Role.VIEWER)
    with pytest.raises(PermissionDenied):
        services.add_species(by=viewer, symbol="X")


def test_a_stock_solution_counts_by_its_concentration(chemist):
    on = factories.shelf()
    stock = services.add_stock(
        by=chemist, name="PbBr₂/MABr in DMF", solvent=on["DMF"],
        components=[ComponentDraft("40", "mM", on["PbBr₂"]), ComponentDraft("4.5", "mg/mL", on["MABr"])],
    )  # fmt: skip
    drafts = [IngredientDraft("lead", "2", "mL", stock=stock, is_reference=True)]
    sheet = selectors.recipe_sheet(factories.make_recipe(ingredients=drafts, steps=[]).revisions.get())
    assert sheet.lines[0].planned.amount_mol == pytest.approx(80e-6, rel=1e-12)
    assert sheet.ratio_values["MA"].value == pytest.approx(4.5 / 111.970 / 0.040, rel=1e-9)


def test_a_diluted_stock_counts_through_its_source(chemist):
    on = factories.shelf()
    strong = services.add_stock(by=chemist, name="1 M", components=[ComponentDraft("1", "M", on["MABr"])])
    weak = services.add_stock(by=chemist, name="0.1 M", components=[ComponentDraft("10", "%", stock=strong)])
    assert selectors.substance_of_stock(weak).mol_per_m3 == pytest.approx(100, rel=1e-12)


def test_a_stock_solution_cannot_contain_itself(chemist):
    on = factories.shelf()
    inner = services.add_stock(by=chemist, name="inner", components=[ComponentDraft("1", "M", on["MABr"])])
    outer = services.add_stock(by=chemist, name="outer", components=[ComponentDraft("10", "%", stock=inner)])
    component = ComponentDraft("10", "%", stock=outer)
    assert "stock" in refusal(services.extend_stock, by=chemist, stock=inner, component=component)
    component = ComponentDraft("10", "%", stock=inner)
    assert "stock" in refusal(services.extend_stock, by=chemist, stock=inner, component=component)


def test_a_solute_by_mass_needs_its_molar_mass(chemist):
    nameless = services.add_chemical(by=chemist, name="Mystery salt")
    found = refusal(services.add_stock, by=chemist, name="S", components=[ComponentDraft("1", "mg/mL", nameless)])
    assert "molar mass" in found["components-0-concentration"][0]


def test_the_shelf_is_searched_by_name_formula_and_cas(chemist):
    factories.shelf()
    for words in ("lead brom", "PbBr2", "10031-22-8", "pbbr₂"):
        assert [c.short for c in selectors.chemicals_visible_to(chemist, search=words)] == ["PbBr₂"]
