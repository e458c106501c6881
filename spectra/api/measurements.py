"""``/measurements/``: what was found in the files, their curves in short, conditions, and the numbers that rest on them."""

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse

from qdlab.access.api.fields import Input, Output, Text, Visible
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.api.quantities import QuantityOut
from spectra.api.uploads import Because
from spectra.models import Measurement, Role, Standard, StandardSession, Technique, Trace
from spectra.services.hints import FLAGS, FURTHER, NUMBERS, WORDS
from synthesis.models import Sample

COLUMNS = ("excitation_nm", "emission_nm", "dilution_label")


class TraceOut(serializers.ModelSerializer):
    class Meta:
        model = Trace
        fields = [
            "index", "role", "channel", "x_quantity", "x_unit", "y_quantity", "y_unit", "n_points", "x_min", "x_max", "y_min",
            "y_max", "z", "z_quantity", "z_unit",
        ]  # fmt: skip


class MeasurementRow(Output):
    upload = serializers.UUIDField(source="reading.upload_id")
    file = serializers.CharField(source="reading.upload.name")
    sha256 = serializers.CharField(source="reading.upload.blob_id")
    sample_code = serializers.SerializerMethodField()
    batch = serializers.SerializerMethodField()
    instrument_name = serializers.SerializerMethodField()

    class Meta:
        model = Measurement
        fields = [
            "id", "title", "project", "upload", "file", "sha256", "item", "technique", "technique_source", "role", "sample",
            "sample_code", "batch", "standard", "standard_session", "instrument", "instrument_name", "measured_at",
            "excitation_nm", "emission_nm", "dilution_label", "conditions", "simulated", "withdrawn_at", "withdrawn_because",
            "created_at", "changed_at", "version",
        ]  # fmt: skip

    def get_sample_code(self, measurement) -> str | None:
        return measurement.sample.code if measurement.sample else None

    def get_batch(self, measurement) -> str | None:
        return str(measurement.sample.batch_id) if measurement.sample else None

    def get_instrument_name(self, measurement) -> str | None:
        return measurement.instrument.name if measurement.instrument else None


class MeasurementOut(MeasurementRow):
    traces = TraceOut(many=True)
    quantities = serializers.SerializerMethodField(
        help_text="the current ones, of this measurement alone or joined with others"
    )
    metadata = serializers.JSONField(help_text="everything the file said, in its own words")
    data_url = serializers.SerializerMethodField()

    class Meta(MeasurementRow.Meta):
        fields = [*MeasurementRow.Meta.fields, "metadata", "traces", "quantities", "data_url"]

    def get_quantities(self, measurement) -> list:
        found = selectors.current_quantities_of(self.context["request"].user, measurement)
        return QuantityOut(found, many=True).data

    def get_data_url(self, measurement) -> str:
        return f"{reverse('spectra-data', request=self.context['request'])}?ids={measurement.pk}"


class MeasurementIn(Input):
    """Corrections; null means *not known*. Conditions beside those with a field of their own go into ``conditions``."""

    sample = Visible(Sample, required=False, allow_null=True)
    technique = serializers.ChoiceField(Technique.choices, required=False, allow_null=True)
    role = serializers.ChoiceField(Role.choices, required=False)
    standard = Visible(Standard, required=False, allow_null=True)
    standard_session = Visible(StandardSession, required=False, allow_null=True)
    dilution_label = Text(required=False, allow_null=True, max_length=40)
    sure = serializers.BooleanField(required=False, help_text="also where a number that was reviewed or chosen changes")

    def get_fields(self):
        fields = super().get_fields()
        for name in (*NUMBERS, *FLAGS, *FURTHER):
            fields.setdefault(name, serializers.JSONField(required=False, allow_null=True))
        for name in WORDS:
            fields.setdefault(name, Text(required=False, allow_null=True, max_length=120))
        return fields


class Measurements(Resource):
    serializer_class = MeasurementOut
    list_serializer_class = MeasurementRow
    inputs = {"partial_update": MeasurementIn, "withdraw": Because}
    filters = {
        "project": Field("project", "uuid"),
        "upload": Field("reading__upload", "uuid"),
        "sha256": Field("reading__upload__blob", "choice"),
        "sample": Field("sample", "uuid"),
        "batch": Field("sample__batch", "uuid"),
        "sweep": Field("sample__batch__sweep", "uuid"),
        "technique": Field("technique", "choice"),
        "role": Field("role", "choice"),
        "standard": Field("standard", "uuid"),
        "standard_session": Field("standard_session", "uuid"),
        "instrument": Field("instrument", "uuid"),
        "excitation_nm": Field("excitation_nm", "number"),
        "emission_nm": Field("emission_nm", "number"),
        "dilution_label": Field("dilution_label"),
        "title": Field("title"),
        "measured_at": Field("measured_at", "datetime"),
        "created_at": Field("created_at", "datetime"),
        "simulated": Field("simulated", "flag", flag=(("simulated", True),)),
    }

    def seen(self):
        found = selectors.measurements(self.request.user, withdrawn=self.reads_one)
        return found if self.action == "list" else found.prefetch_related("traces")

    def partial_update(self, request, pk):
        """Correct what is known. Results that rested on it become stale, and what is called for now is queued."""
        measurement, expected = self.get_object(), self.expected()
        facts = self.checked()
        services.correct_measurement(by=request.user, measurement=measurement, expected=expected, **facts)
        return self.fresh(measurement)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take the measurement, and all numbers that rest on it, out of use."""
        measurement = self.get_object()
        services.withdraw_measurement(by=request.user, measurement=measurement, because=self.checked()["because"])
        return Response(status=204)
