"""``/rereadings/``: files read on trial. First what would change, then, where somebody says so, the change."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Input, Output, Visible, WritableProject
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.api.notes import sentence
from spectra.models import Rereading, Trial, Upload, Why


class RereadingRow(Output):
    requested_by = serializers.StringRelatedField()
    n_files = serializers.IntegerField()
    n_open = serializers.IntegerField(help_text="not tried yet")
    n_failed = serializers.IntegerField()
    n_same = serializers.IntegerField(help_text="read the same; they stay as they are")
    n_undecided = serializers.IntegerField(help_text="would change, and wait for apply or keep")

    class Meta:
        model = Rereading
        fields = [
            "id", "project", "why", "requested_by", "created_at", "n_files", "n_open", "n_failed", "n_same", "n_undecided",
        ]  # fmt: skip


class TrialOut(Output):
    name = serializers.CharField(source="upload.name")
    reason = serializers.SerializerMethodField(help_text="why it is unreadable, as a sentence")
    items = serializers.SerializerMethodField(help_text="what would become of each measurement, in sentences")
    effects = serializers.SerializerMethodField(help_text="results and batches that would be affected")

    class Meta:
        model = Trial
        fields = [
            "id", "upload", "name", "state", "outcome", "decision", "reader", "reader_version", "mapping", "reason", "items",
            "effects",
        ]  # fmt: skip

    def get_reason(self, trial) -> str | None:
        return sentence(trial.reason)

    def get_items(self, trial) -> list[dict]:
        return [
            item | {"notes": [sentence(note) for note in item["notes"]], "codes": [note["code"] for note in item["notes"]]}
            for item in trial.changes.get("items", [])
        ]  # fmt: skip

    def get_effects(self, trial) -> dict:
        return trial.changes.get("effects", {})


class RereadingOut(RereadingRow):
    trials = serializers.SerializerMethodField(help_text="the files that do not simply read the same")

    class Meta(RereadingRow.Meta):
        fields = [*RereadingRow.Meta.fields, "trials"]

    def get_trials(self, rereading) -> list[dict]:
        return TrialOut(selectors.trials_that_differ(rereading), many=True, context=self.context).data


class NewRereading(Input):
    project = WritableProject()
    why = serializers.ChoiceField(choices=Why.choices, required=False, default=Why.EARLIER)
    uploads = serializers.ListField(child=Visible(Upload), required=False, default=list, max_length=1000)
    mapping = serializers.JSONField(required=False, allow_null=True, help_text="null keeps what was said of each file")

    def validate_mapping(self, mapping):
        if mapping is not None and not isinstance(mapping, dict):
            raise serializers.ValidationError(_('Write a JSON object, e.g. {"x": 0, "y": 1}.'))
        return mapping


class Chosen(Input):
    trials = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, help_text="ids; left out: all"
    )


class Rereadings(Resource):
    serializer_class = RereadingOut
    list_serializer_class = RereadingRow
    inputs = {"create": NewRereading, "apply": Chosen, "keep": Chosen}
    filters = {"project": Field("project", "uuid"), "why": Field("why", "choice")}

    def seen(self):
        return selectors.rereadings(self.request.user)

    def create(self, request):
        """Read files on trial: those an earlier version of their reader read, those that were unreadable, or chosen ones."""
        given = self.checked()
        if given["uploads"] and given["why"] != Why.CHOSEN:
            raise ValidationError({"uploads": _("Name files only together with why=chosen.")})
        started = services.preview_reading(by=request.user, **{"mapping": None} | given)
        return self.fresh(started, 201)

    @action(detail=True, methods=["post"])
    def apply(self, request, pk):
        """Take over what would change; what persons decided stays."""
        rereading, trials = self.get_object(), self.checked().get("trials")
        n = services.apply_rereading(by=request.user, rereading=rereading, trials=trials)
        return Response({"queued": n})

    @action(detail=True, methods=["post"])
    def keep(self, request, pk):
        """Leave the files as they were read."""
        rereading, trials = self.get_object(), self.checked().get("trials")
        return Response({"kept": services.keep_reading(by=request.user, rereading=rereading, trials=trials)})
