"""``/samples/``: what is measured."""

from rest_framework import serializers

from qdlab.access.api.fields import Input, Number, Output, Text, TypedAmount, Visible, WholeNumber
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from synthesis import selectors, services
from synthesis.models import Batch, Chemical, Sample, SampleState


class SampleOut(Output):
    batch_code = serializers.CharField(source="batch.code")
    concentration = TypedAmount(read_only=True)
    additive_concentration = TypedAmount(read_only=True)

    class Meta:
        model = Sample
        fields = [
            "id", "code", "project", "batch", "batch_code", "parent", "state", "wash_count", "solvent", "concentration",
            "concentration_found_by", "additive", "additive_concentration", "storage", "storage_temperature_c", "made_at",
            "note", "created_at", "changed_at", "version",
        ]  # fmt: skip


class SampleIn(Input):
    code = Text(required=False, max_length=96)
    state = serializers.ChoiceField(SampleState.choices, required=False)
    wash_count = WholeNumber(required=False, min_value=0, max_value=1000)
    parent = Visible(Sample, required=False, allow_null=True)
    solvent = Visible(Chemical, required=False, allow_null=True)
    additive = Visible(Chemical, required=False, allow_null=True)
    concentration = TypedAmount(required=False)
    additive_concentration = TypedAmount(required=False)
    concentration_found_by = Text(required=False, max_length=160)
    storage = Text(required=False, max_length=120)
    storage_temperature_c = Number(required=False, allow_null=True)
    made_at = serializers.DateTimeField(required=False, allow_null=True)
    note = Text(required=False)


class NewSample(SampleIn):
    batch = Visible(Batch)


class Samples(Resource):
    serializer_class = SampleOut
    inputs = {"create": NewSample, "partial_update": SampleIn}
    filters = {
        "project": Field("project", "uuid"),
        "batch": Field("batch", "uuid"),
        "code": Field("code"),
        "state": Field("state", "choice"),
        "parent": Field("parent", "uuid"),
        "solvent": Field("solvent", "uuid"),
        "made_at": Field("made_at", "datetime"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.samples_visible_to(self.request.user)

    def create(self, request):
        return self.fresh(services.add_sample(by=request.user, **self.checked()), 201)

    def partial_update(self, request, pk):
        sample, expected = self.get_object(), self.expected()
        services.change_sample(by=request.user, sample=sample, version=expected, **self.checked())
        return self.fresh(sample)
