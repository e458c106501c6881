"""``/instrument-settings/``: settings of a method for all new measurements of an instrument in a project."""

from rest_framework import serializers
from rest_framework.decorators import action

from qdlab.access.api.fields import Input, Output, Text, Visible, WritableProject
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.models import Instrument, InstrumentSettings


class SettingsOut(Output):
    made_by = serializers.StringRelatedField()
    ended_by = serializers.StringRelatedField()

    class Meta:
        model = InstrumentSettings
        fields = [
            "id", "project", "instrument", "method", "number", "parameters", "made_by", "created_at", "ended_at", "ended_by",
        ]  # fmt: skip


class NewSettings(Input):
    project = WritableProject(required=True)
    instrument = Visible(Instrument)
    method = Text(allow_blank=False, max_length=40)
    parameters = serializers.DictField()


class AllSettings(Resource):
    serializer_class = SettingsOut
    inputs = {"create": NewSettings}
    filters = {
        "project": Field("project", "uuid"),
        "instrument": Field("instrument", "uuid"),
        "method": Field("method", "choice"),
        "in_use": Field("ended_at", "flag", flag=(("ended_at__isnull", True),), order=False),
    }

    def seen(self):
        return selectors.instrument_settings(self.request.user, ended=True)

    def create(self, request):
        """From now on, new measurements of the instrument are computed with these settings; the earlier ones end."""
        return self.fresh(services.save_settings(by=request.user, **self.checked()), 201)

    @action(detail=True, methods=["post"])
    def end(self, request, pk):
        """Go back to the method's own defaults for new measurements."""
        return self.fresh(services.end_settings(by=request.user, settings=self.get_object()))
