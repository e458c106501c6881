"""``/quantities/``: numbers with their uncertainty, budget, and the analysis that gave them."""

from rest_framework import serializers

from qdlab.access.api.fields import Output
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors
from spectra.api.notes import note_out, sentence
from spectra.models import Quantity


class QuantityOut(Output):
    reason = serializers.SerializerMethodField(help_text="why there is no value, or only a limit")
    reason_code = serializers.SerializerMethodField()
    method = serializers.CharField(source="analysis.method")
    stale = serializers.SerializerMethodField(help_text="whether an input changed since it was computed")
    current = serializers.BooleanField(source="analysis.is_current")
    warnings = serializers.SerializerMethodField(help_text="codes of the analysis' warnings")
    measurement = serializers.UUIDField(source="analysis.measurement_id", allow_null=True)
    sample = serializers.UUIDField(source="analysis.sample_id", allow_null=True)
    batch = serializers.SerializerMethodField()

    class Meta:
        model = Quantity
        fields = [
            "id", "name", "value", "u", "unit", "lower", "upper", "reason", "reason_code", "budget", "analysis", "method",
            "stale", "current", "warnings", "measurement", "sample", "batch",
        ]  # fmt: skip

    def get_reason(self, quantity) -> str | None:
        return sentence(quantity.reason)

    def get_reason_code(self, quantity) -> str | None:
        return (note_out(quantity.reason) or {}).get("code")

    def get_stale(self, quantity) -> bool:
        return quantity.analysis.stale_since is not None

    def get_warnings(self, quantity) -> list[str]:
        return [note["code"] for note in quantity.analysis.warnings]

    def get_batch(self, quantity) -> str | None:
        sample = quantity.analysis.sample
        return str(sample.batch_id) if sample else None


class Quantities(Resource):
    """Those in use. Superseded ones are listed when an ``analysis`` is named, or with ``current=false``."""

    serializer_class = QuantityOut
    lookup_value_converter = "int"
    filters = {
        "name": Field("name", "choice"),
        "value": Field("value", "number"),
        "u": Field("u", "number"),
        "method": Field("analysis__method", "choice"),
        "analysis": Field("analysis", "uuid"),
        "measurement": Field("analysis__inputs__measurement", "uuid", multiple=True),
        "sample": Field("analysis__sample", "uuid"),
        "batch": Field("analysis__sample__batch", "uuid"),
        "project": Field("analysis__project", "uuid"),
        "stale": Field("analysis__stale_since", "flag", flag=(("analysis__stale_since__isnull", False),), order=False),
        "current": Field("analysis__superseded_by", "flag", flag=selectors.CURRENT_QUANTITY, order=False),
    }

    def seen(self):
        found = selectors.quantities(self.request.user)
        asked = {name.partition("__")[0] for name in self.request.query_params} & {"analysis", "current"}
        return found if self.action != "list" or asked else found.filter(**dict(selectors.CURRENT_QUANTITY))
