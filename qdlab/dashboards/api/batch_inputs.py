"""What may be sent about a batch."""

from rest_framework import serializers

from qdlab.access.api.fields import Input, Number, Text, TypedAmount, Visible
from qdlab.dashboards.models import Review
from synthesis.api.recipes import StepParameters
from synthesis.models import Chemical, Lot, Outcome, Recipe, RecipeRevision, Sample, Status, StepKind, WashStep


class NewBatch(Input):
    revision = Visible(RecipeRevision, required=False)
    recipe = Visible(Recipe, required=False, help_text="instead of a revision: its newest one")
    code = Text(required=False, default="", max_length=80)
    scale = Text(required=False, default="1", max_length=40, help_text="as typed, e.g. 2 for twice the amounts")
    title = Text(required=False, max_length=160)
    planned_for = serializers.DateField(required=False, allow_null=True)
    made_on = serializers.DateField(required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    finished_at = serializers.DateTimeField(required=False, allow_null=True)
    temperature_c = Number(required=False, allow_null=True)
    relative_humidity_percent = Number(required=False, allow_null=True)
    atmosphere = Text(required=False, max_length=40)
    note = Text(required=False)


class BatchIn(Input):
    title = Text(required=False, max_length=160)
    code = Text(required=False, allow_blank=False, max_length=80)
    status = serializers.ChoiceField(Status.choices, required=False)
    abandoned_because = Text(required=False, max_length=2000)
    outcome = serializers.ChoiceField(Outcome.choices, required=False, allow_blank=True)
    outcome_note = Text(required=False)
    planned_for = serializers.DateField(required=False, allow_null=True)
    made_on = serializers.DateField(required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    finished_at = serializers.DateTimeField(required=False, allow_null=True)
    temperature_c = Number(required=False, allow_null=True)
    relative_humidity_percent = Number(required=False, allow_null=True)
    atmosphere = Text(required=False, max_length=40)
    note = Text(required=False)
    aliquot = TypedAmount(required=False)
    representative = Visible(Sample, required=False, allow_null=True)


class WeighingIn(Input):
    key = serializers.SlugField(max_length=40)
    amount = TypedAmount(required=False, default=("", ""))
    uncertainty = TypedAmount(required=False, default=("", ""))
    device = Text(required=False, default="", max_length=80)
    lot = Visible(Lot, required=False, allow_null=True, default=None)
    note = Text(required=False, default="", max_length=200)


class WeighIn(Input):
    ingredients = WeighingIn(many=True)


class LogIn(Input):
    seen = Text(required=False, default="")
    kind = serializers.ChoiceField(StepKind.choices, required=False, allow_blank=True, default="")
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    parameters = StepParameters(required=False, default=dict)


class WashIn(Input):
    kept = serializers.ChoiceField(WashStep.Kept.choices)
    taken_from = Visible(Sample, required=False, allow_null=True, default=None)
    gave = Visible(Sample, required=False, allow_null=True, default=None)
    solvent = Visible(Chemical, required=False, allow_null=True, default=None)
    parameters = StepParameters(required=False, default=dict)
    isolated = TypedAmount(required=False, default=("", ""))
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    note = Text(required=False, default="")


class ReviewIn(Input):
    meaning = serializers.ChoiceField(Review.Meaning.choices)
    comment = Text(required=False, default="", max_length=5000)
    seen = Text(required=False, default="", max_length=64, help_text="digest of the state that was read")
