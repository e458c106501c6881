import pytest
from django.core.exceptions import ValidationError

from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.models import Batch, Sample
from synthesis.services import SweptParameter
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(call, **kwargs):
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    return caught.value.message_dict


def test_samples_are_named_after_their_batch():
    batch = factories.make_batch(code="B1")
    assert [factories.make_sample(batch).code for _ in range(3)] == ["B1-a", "B1-b", "B1-c"]


def test_a_sample_is_washed_and_keeps_its_history():
    sample = factories.make_sample()
    chemist = factories.chemist_in(sample.project)
    services.change_sample_state(by=chemist, sample=sample, state="washed", version=1)
    assert (sample.state, sample.wash_count, str(sample.state_text)) == ("washed", 1, "washed")
    services.change_sample_state(by=chemist, sample=sample, state="washed", wash_count=3)
    assert sample.state_text == "washed 3×"
    with pytest.raises(StaleVersion):
        services.change_sample_state(by=chemist, sample=sample, state="film", version=1)
    assert Sample.objects.get(pk=sample.pk).state == "washed"


def test_concentration_is_typed_with_its_unit_and_how_it_was_found():
    on = factories.shelf()
    sample = factories.make_sample(
        concentration=("3,0", "mg/mL"), solvent=on["Heptane"], concentration_found_by="weighed",
        additive=on["MLA"], additive_concentration=("4", "mg/mL"), state="with_additive",
    )  # fmt: skip
    assert (str(sample.concentration), str(sample.additive_concentration)) == ("3,0 mg/mL", "4 mg/mL")
    assert sample.concentration_si == 3.0
    assert "concentration" in refusal(factories.make_sample, batch=sample.batch, concentration=("3", "mg"))


def test_a_sample_cannot_descend_from_itself_or_from_another_batch():
    batch = factories.make_batch()
    parent = factories.make_sample(batch)
    child = factories.make_sample(batch, parent=parent)
    chemist = factories.chemist_in(batch.project)
    assert "parent" in refusal(services.change_sample, by=chemist, sample=parent, parent=child)
    assert "parent" in refusal(factories.make_sample, batch=factories.make_batch(batch.project), parent=parent)


def test_the_representative_sample_is_one_of_the_batch():
    sample, other = factories.make_sample(), factories.make_sample()
    chemist = factories.chemist_in(sample.project)
    services.choose_representative(by=chemist, batch=sample.batch, sample=sample)
    assert Batch.objects.get(pk=sample.batch_id).representative == sample
    assert "sample" in refusal(services.choose_representative, by=chemist, batch=sample.batch, sample=other)


def test_a_wash_keeps_the_pellet_and_its_isolated_mass():
    crude = factories.make_sample()
    chemist = factories.chemist_in(crude.project)
    washed = factories.make_sample(crude.batch, parent=crude, state="washed", wash_count=1)
    wash = services.log_wash(
        by=chemist, batch=crude.batch, kept="pellet", taken_from=crude, gave=washed, solvent=factories.shelf()["DMC"],
        parameters={"volume_equivalents": ("0.5", "1"), "rotation": ("12000", "{rpm}"), "time": ("12", "min")},
        isolated=("3.1", "mg"),
    )  # fmt: skip
    assert (wash.isolated.si, wash.parameters["rotation"]["si"]) == (3.1e-6, 200)
    assert "isolated" in refusal(services.log_wash, by=chemist, batch=crude.batch, kept="pellet", isolated=("3", "uL"))


def test_the_layers_of_a_device_are_kept_in_order():
    device = factories.make_sample(state="device")
    chemist = factories.chemist_in(device.project)
    for material in ("ITO", "PEDOT:PSS", "poly-TPD", "QD", "TPBi", "Ag"):
        spin = {"rotation": ("4000", "{rpm}"), "time": ("30", "s")}
        services.add_layer(by=chemist, sample=device, material=material, method="spin coating", parameters=spin)
    assert [str(layer) for layer in device.layers.all()] == ["ITO", "PEDOT:PSS", "poly-TPD", "QD", "TPBi", "Ag"]


def plan(**fields):
    revision = fields.pop("revision", None) or factories.make_recipe().revisions.get()
    values = {"name": "OAM series", "parameters": [SweptParameter("ingredient:oam", ("0.1", "0.25", "0.5", "1", "3"))]}
    return services.plan_sweep(by=factories.chemist_in(revision.recipe.project), revision=revision, **(values | fields))


def test_a_sweep_plans_its_batches_at_once():
    sweep = plan(replicates=2)
    batches = list(sweep.batches.order_by("order"))
    assert len(batches) == 10
    found = [selectors.batch_sheet(batch).ratio_values["OAM"].value for batch in batches]
    assert found == pytest.approx([0.1, 0.1, 0.25, 0.25, 0.5, 0.5, 1, 1, 3, 3], rel=1e-12)
    assert batches[2].sweep_point == {"ingredient:oam": {"text": "0.25", "unit": "{equiv}", "si": 0.25}}
    assert len({batch.code for batch in batches}) == 10


def test_the_order_is_randomised_by_a_seed_that_is_kept():
    sweep = plan(randomised=True, seed=7)
    assert sweep.order_seed == 7
    order = [batch.order for batch in sweep.batches.order_by("id")]
    assert sorted(order) == [1, 2, 3, 4, 5] and order != [1, 2, 3, 4, 5]


def test_two_parameters_give_all_combinations():
    parameters = [
        SweptParameter("ingredient:mla", ("0", "0.5", "4")),
        SweptParameter("step:4:time", ("1", "3"), "h"),
    ]
    sweep = plan(parameters=parameters)
    targets = [parameter.target for parameter in parameters]
    points = {tuple(batch.sweep_point[target]["si"] for target in targets) for batch in sweep.batches.all()}
    assert points == {(a, b * 3600) for a in (0, 0.5, 4) for b in (1, 3)}


@pytest.mark.parametrize(
    ("parameter", "field"),
    [
        (SweptParameter("ingredient:gold", ("1",)), "parameters-0-target"),
        (SweptParameter("step:99:time", ("1",), "h"), "parameters-0-target"),
        (SweptParameter("ingredient:pbbr2", ("1",)), "parameters-0-values"),
        (SweptParameter("ingredient:oam", ()), "parameters-0-values"),
        (SweptParameter("ingredient:oam", ("1", "1.0")), "parameters-0-values"),
        (SweptParameter("ingredient:oam", ("1", "x")), "parameters-0-values"),
        (SweptParameter("step:4:time", ("1",), "mg"), "parameters-0-values"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_at_its_field(parameter, field):
    assert list(refusal(plan, parameters=[parameter])) == [field]
    assert not Batch.objects.exists()


def test_a_sweep_of_too_many_batches_asks():
    values = tuple(str(n) for n in range(1, 150))
    assert "298" in str(refusal(plan, parameters=[SweptParameter("ingredient:oam", values)], replicates=2))
