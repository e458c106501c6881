"""``/standards/``, ``/standard-sessions/``, ``/instruments/`` and ``/compositions/``."""

import re

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access import selectors as access
from qdlab.access.api.fields import Input, Number, Output, Text, Visible, WholeNumber, WritableProject
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.models import Composition, Instrument, Standard, StandardSession
from synthesis.models import Sample

FACTS = (
    "phi", "phi_u", "gas", "temperature_c", "refractive_index", "excitation_min_nm", "excitation_max_nm", "citation",
)  # fmt: skip


class StandardOut(Output):
    class Meta:
        model = Standard
        fields = ["id", "compound", "solvent", *FACTS, "revision", "revises", "archived_at", "created_at", "version"]


class StandardFacts(Input):
    phi = Number(required=False, allow_null=True)
    phi_u = Number(required=False, allow_null=True)
    gas = Text(required=False, max_length=20)
    temperature_c = Number(required=False, allow_null=True)
    refractive_index = Number(required=False, allow_null=True)
    excitation_min_nm = Number(required=False, allow_null=True)
    excitation_max_nm = Number(required=False, allow_null=True)
    citation = Text(required=False)


class NewStandard(StandardFacts):
    compound = Text(allow_blank=False, max_length=120)
    solvent = Text(allow_blank=False, max_length=80)


class Standards(Resource):
    serializer_class = StandardOut
    default_order = "compound"
    newest_first = False
    inputs = {"create": NewStandard, "revise": StandardFacts}
    filters = {
        "compound": Field("compound"),
        "solvent": Field("solvent"),
        "phi": Field("phi", "number"),
        "revision": Field("revision", "integer"),
    }

    def seen(self):
        return selectors.standards(self.request.user, archived=self.reads_one)

    def create(self, request):
        return self.fresh(services.make_standard(by=request.user, **self.checked()), 201)

    @action(detail=True, methods=["post"], url_path="revisions")
    def revise(self, request, pk):
        """The next revision, with changed facts; results keep the one they were made with."""
        standard = self.get_object()
        return self.fresh(services.revise_standard(by=request.user, standard=standard, **self.checked()), 201)


class SessionOut(Output):
    measurements = serializers.SerializerMethodField()

    class Meta:
        model = StandardSession
        fields = [
            "id", "project", "standard", "instrument", "name", "measured_at", "valid_until", "measurements", "created_at",
            "version",
        ]  # fmt: skip

    def get_measurements(self, session) -> list[str]:
        return [str(measurement.pk) for measurement in session.measurements.all() if measurement.withdrawn_at is None]


class NewSession(Input):
    project = WritableProject(required=False)
    standard = Visible(Standard)
    instrument = Visible(Instrument, required=False, allow_null=True)
    name = Text(allow_blank=False, max_length=120)
    measured_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(required=False, allow_null=True)


class SessionBecause(Input):
    because = Text(required=False, default="", max_length=2000)


class Sessions(Resource):
    serializer_class = SessionOut
    inputs = {"create": NewSession, "withdraw": SessionBecause}
    filters = {
        "project": Field("project", "uuid"),
        "standard": Field("standard", "uuid"),
        "instrument": Field("instrument", "uuid"),
        "name": Field("name"),
        "measured_at": Field("measured_at", "datetime"),
        "valid_until": Field("valid_until", "datetime"),
    }

    def seen(self):
        return selectors.standard_sessions(self.request.user).prefetch_related("measurements")

    def create(self, request):
        given = self.checked()
        project = given.pop("project", None) or access.only_project_to_write(request.user)
        return self.fresh(services.make_session(by=request.user, project=project, **given), 201)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take the session out of use for new results."""
        session = self.get_object()
        because = self.checked()["because"]
        services.withdraw_session(by=request.user, session=session, because=because)
        return Response(status=204)


class InstrumentOut(Output):
    class Meta:
        model = Instrument
        fields = ["id", "name", "maker", "model", "serial", "defaults", "created_at", "changed_at", "version"]


class Instruments(Resource):
    """Made by themselves when a file names one."""

    serializer_class = InstrumentOut
    default_order = "name"
    newest_first = False
    filters = {"name": Field("name"), "maker": Field("maker"), "model": Field("model"), "serial": Field("serial")}

    def seen(self):
        return selectors.instruments(self.request.user)


class CompositionOut(Output):
    fractions = serializers.SerializerMethodField(help_text="element → atomic percent and its standard uncertainty")

    class Meta:
        model = Composition
        fields = [
            "id", "project", "sample", "measurement", "title", "beam_energy_kev", "n_spots", "measured_at", "fractions",
            "created_at", "version",
        ]  # fmt: skip

    def get_fractions(self, composition) -> dict[str, dict]:
        return {f.element: {"percent": f.percent, "u": f.percent_u} for f in composition.fractions.all()}


class FractionIn(Input):
    percent = Number()
    u = Number(required=False, allow_null=True, default=None)


class NewComposition(Input):
    project = WritableProject(required=False)
    sample = Visible(Sample, required=False, allow_null=True)
    title = Text(required=False, max_length=255)
    beam_energy_kev = Number(required=False, allow_null=True)
    n_spots = WholeNumber(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    measured_at = serializers.DateTimeField(required=False, allow_null=True)
    fractions = serializers.DictField(child=FractionIn())

    def validate_fractions(self, fractions):
        wrong = [element for element in fractions if not re.fullmatch("[A-Z][a-z]?", element)]
        if wrong:
            raise serializers.ValidationError(_("Name each element by its symbol, e.g. Pb."))
        if any(f["u"] is not None and f["u"] < 0 for f in fractions.values()):
            raise serializers.ValidationError(_("An uncertainty cannot be negative."))
        return {element: (f["percent"], f["u"]) for element, f in fractions.items()}


class Compositions(Resource):
    serializer_class = CompositionOut
    inputs = {"create": NewComposition}
    filters = {
        "project": Field("project", "uuid"),
        "sample": Field("sample", "uuid"),
        "batch": Field("sample__batch", "uuid"),
        "measurement": Field("measurement", "uuid"),
        "measured_at": Field("measured_at", "datetime"),
    }

    def seen(self):
        return selectors.compositions(self.request.user).prefetch_related("fractions")

    def create(self, request):
        given = self.checked()
        sample = given.get("sample")
        project = given.pop("project", None) or (
            sample.project if sample else access.only_project_to_write(request.user)
        )
        return self.fresh(services.make_composition(by=request.user, project=project, **given), 201)
