"""``/comparisons/``: frozen comparisons, with the digests of the analyses that they showed."""

from rest_framework import serializers

from qdlab.access.api.fields import Input, Output, Text, Visible
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from qdlab.dashboards import selectors, services
from qdlab.dashboards.models import Comparison
from synthesis.models import Batch


class ComparisonOut(Output):
    made_by = serializers.StringRelatedField()
    batches = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Comparison
        fields = [
            "id", "project", "name", "note", "made_by", "batches", "view", "digests", "created_at", "changed_at", "version",
        ]  # fmt: skip


class NewComparison(Input):
    name = Text(allow_blank=False, max_length=120)
    note = Text(required=False, default="")
    batches = serializers.ListField(child=Visible(Batch), min_length=1, max_length=500)
    view = serializers.DictField(required=False, default=dict, help_text="the page's own parameters")


class Comparisons(Resource):
    serializer_class = ComparisonOut
    inputs = {"create": NewComparison}
    filters = {
        "project": Field("project", "uuid"),
        "name": Field("name"),
        "batch": Field("batches", "uuid", multiple=True),
        "made_by": Field("made_by__username", "choice"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.comparisons(self.request.user)

    def create(self, request):
        """Freeze a comparison: the batches, the view, and the results that speak for them now."""
        return self.fresh(services.freeze(by=request.user, **self.checked()), 201)
