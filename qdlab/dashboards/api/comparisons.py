"""``/comparisons/``: frozen comparisons, with the digests of the analyses that they showed."""

from rest_framework import serializers

from qdlab.access.api.fields import Output
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from qdlab.dashboards import selectors
from qdlab.dashboards.models import Comparison


class ComparisonOut(Output):
    made_by = serializers.StringRelatedField()
    batches = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Comparison
        fields = [
            "id", "project", "name", "note", "made_by", "batches", "view", "digests", "created_at", "changed_at", "version",
        ]  # fmt: skip


class Comparisons(Resource):
    serializer_class = ComparisonOut
    filters = {
        "project": Field("project", "uuid"),
        "name": Field("name"),
        "batch": Field("batches", "uuid", multiple=True),
        "made_by": Field("made_by__username", "choice"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.comparisons(self.request.user)
