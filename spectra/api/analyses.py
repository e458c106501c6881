"""``/analyses/``: ask for one, wait for it, see what it rests on; repeat it, withdraw it, let it speak for its batch."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Input, Output, Text, WholeNumber
from qdlab.access.api.resources import Resource
from qdlab.access.api.waiting import wait_of, wait_until
from qdlab.access.lookups import Field
from spectra import chains, comparing, repeating, selectors, services
from spectra.analysis import METHODS
from spectra.api.notes import notes_out, sentence
from spectra.api.uploads import Because
from spectra.models import Analysis, AnalysisInput, Quantity


class BriefQuantity(serializers.ModelSerializer):
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Quantity
        fields = ["name", "value", "u", "unit", "lower", "upper", "budget", "reason"]

    def get_reason(self, quantity) -> str | None:
        return sentence(quantity.reason)


class InputOut(serializers.ModelSerializer):
    """One input with its way back to the raw file."""

    analysis = serializers.UUIDField(source="upstream_id", allow_null=True)
    files = serializers.SerializerMethodField(help_text="upload, name and sha256 of every raw file it rests on")

    class Meta:
        model = AnalysisInput
        fields = ["role", "index", "measurement", "composition", "analysis", "files"]

    def get_files(self, given) -> list[dict]:
        return list({file["sha256"]: file for file in _files_of(given)}.values())


def _files_of(given: AnalysisInput):
    if given.measurement_id:
        upload = given.measurement.reading.upload
        yield {"upload": upload.pk, "name": upload.name, "sha256": upload.blob_id}
    if given.composition_id and given.composition.measurement_id:
        upload = given.composition.measurement.reading.upload
        yield {"upload": upload.pk, "name": upload.name, "sha256": upload.blob_id}
    if given.upstream_id:
        for upstream in given.upstream.inputs.all():
            yield from _files_of(upstream)


class AnalysisRow(Output):
    stale = serializers.SerializerMethodField()
    current = serializers.BooleanField(source="is_current")
    batch = serializers.SerializerMethodField()
    requested_by = serializers.StringRelatedField()
    warnings = serializers.SerializerMethodField(help_text="code and sentence of each")
    reason = serializers.SerializerMethodField(help_text="why it was refused or failed, as a sentence")
    reason_code = serializers.SerializerMethodField()
    quantities = BriefQuantity(many=True)

    class Meta:
        model = Analysis
        fields = [
            "id", "method", "method_version", "state", "project", "sample", "batch", "measurement", "stale", "current",
            "automatic", "requested_by", "queued_at", "started_at", "ended_at", "superseded_by", "withdrawn_at",
            "withdrawn_because", "warnings", "reason", "reason_code", "overridable", "override_because", "settings_from",
            "quantities", "version",
        ]  # fmt: skip

    def get_stale(self, analysis) -> bool:
        return analysis.stale_since is not None

    def get_batch(self, analysis) -> str | None:
        return str(analysis.sample.batch_id) if analysis.sample else None

    def get_warnings(self, analysis) -> list[dict]:
        return notes_out(analysis.warnings)

    def get_reason(self, analysis) -> str | None:
        return sentence(analysis.reason)

    def get_reason_code(self, analysis) -> str | None:
        return (analysis.reason or {}).get("code")


class AnalysisOut(AnalysisRow):
    progress = serializers.SerializerMethodField()
    parameters = serializers.SerializerMethodField(help_text="complete, with the method's defaults")
    chosen_parameters = serializers.JSONField(source="parameters", help_text="only what was chosen")
    inputs = InputOut(many=True)
    supersedes = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta(AnalysisRow.Meta):
        fields = [
            *AnalysisRow.Meta.fields, "progress", "parameters", "chosen_parameters", "input_digest", "packages", "inputs",
            "supersedes", "details",
        ]  # fmt: skip

    def get_progress(self, analysis) -> dict:
        return {"ended": analysis.has_ended, "attempt": analysis.attempt, "attempts": settings.JOB_ATTEMPTS}

    def get_parameters(self, analysis) -> dict:
        method = METHODS.get(analysis.method)
        try:
            return method.complete(analysis.parameters) if method else analysis.parameters
        except ValueError:  # a parameter of an older version of the method
            return analysis.parameters


class InputIn(Input):
    role = Text(required=False, max_length=24)
    index = WholeNumber(required=False, min_value=0, max_value=9_999)
    measurement = serializers.UUIDField(required=False)
    composition = serializers.UUIDField(required=False)
    analysis = serializers.UUIDField(required=False)


def _override_because():
    return Text(required=False, default="", max_length=500, help_text="needed where parameters override a refusal")


class NewAnalysis(Input):
    method = Text(allow_blank=False, max_length=40)
    inputs = InputIn(many=True)
    parameters = serializers.DictField(required=False, default=dict)
    because = _override_because()


class Again(Input):
    parameters = serializers.DictField(required=False, allow_null=True, default=None)
    because = _override_because()


class Agree(Input):
    because = Text(required=True, max_length=2000, help_text="why this one; it stands on the batch's page")


def _node_out(node: dict) -> dict:
    found = node["analysis"]
    return {
        "analysis": found.pk, "method": found.method, "method_version": found.method_version, "state": found.state,
        "inputs": [
            {
                "role": link["given"].role, "index": link["given"].index, "composition": link["given"].composition_id,
                "measurement": link["measurement"] and link["measurement"].pk,
                "reader": link["measurement"] and link["measurement"].reading.reader,
                "upload": link["file"] and link["file"].pk, "name": link["file"] and link["file"].name,
                "sha256": link["file"] and link["file"].blob_id,
                "upstream": link["upstream"] and _node_out(link["upstream"]),
            }
            for link in node["inputs"]
        ],
    }  # fmt: skip


def _row_out(row) -> dict:
    first, second = (one and one.as_json() for one in (row.first, row.second))
    told = {"difference": row.change, "u": row.u, "in_u": row.in_u, "verdict": row.verdict}
    return {"name": row.name, "unit": row.unit, "first": first, "second": second} | told


class Analyses(Resource):
    serializer_class = AnalysisOut
    list_serializer_class = AnalysisRow
    waits = True
    parameters = ("with",)
    inputs = {"create": NewAnalysis, "again": Again, "withdraw": Because, "agree": Agree}
    filters = {
        "method": Field("method", "choice"),
        "state": Field("state", "choice"),
        "project": Field("project", "uuid"),
        "sample": Field("sample", "uuid"),
        "batch": Field("sample__batch", "uuid"),
        "sweep": Field("sample__batch__sweep", "uuid"),
        "measurement": Field("inputs__measurement", "uuid", multiple=True),
        "upload": Field("inputs__measurement__reading__upload", "uuid", multiple=True),
        "automatic": Field("automatic", "flag", flag=(("automatic", True),)),
        "stale": Field("stale_since", "flag", flag=(("stale_since__isnull", False),), order=False),
        "current": Field("superseded_by", "flag", flag=selectors.CURRENT_ANALYSIS, order=False),
        "ended_at": Field("ended_at", "datetime"),
        "queued_at": Field("queued_at", "datetime"),
    }

    def seen(self):
        found = selectors.analyses(self.request.user)
        return selectors.with_numbers(found) if self.action == "list" else selectors.with_chain(found)

    def retrieve(self, request, pk):
        analysis, seconds = self.get_object(), wait_of(request)
        if seconds and not analysis.has_ended:
            wait_until(lambda: selectors.analysis_has_ended(analysis), seconds)
            analysis = self.get_object()
        return self.answer(analysis)

    def create(self, request):
        """Queue a method on chosen inputs; ``/methods/`` says which roles and parameters it has."""
        return self.fresh(services.analyse(by=request.user, **self.checked()), 201)

    @action(detail=True, methods=["post"])
    def again(self, request, pk):
        """Repeat it on its inputs as they are today, with other parameters if given. The old result stays."""
        analysis, given = self.get_object(), self.checked()
        return self.fresh(services.analyse_again(by=request.user, analysis=analysis, **given), 201)

    @action(detail=True, methods=["post"])
    def retry(self, request, pk):
        """Put a failed analysis back into the queue."""
        return self.fresh(services.retry_analysis(by=request.user, analysis=self.get_object()))

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take the result out of use; it stays readable and says why."""
        analysis = self.get_object()
        services.withdraw_analysis(by=request.user, analysis=analysis, because=self.checked()["because"])
        return self.fresh(analysis)

    @action(detail=True, methods=["post"])
    def agree(self, request, pk):
        """Let this result speak for its batch."""
        analysis, because = self.get_object(), self.checked()["because"]
        if analysis.sample is None:
            raise ValidationError(_("This result belongs to no sample, so it cannot speak for a batch."))
        services.agree_on(by=request.user, batch=analysis.sample.batch, analysis=analysis, because=because)
        return self.fresh(analysis)

    @action(detail=True, methods=["get"])
    def curves(self, request, pk):
        """What the plot needs: fit, residuals, regression points."""
        return Response(self.get_object().curves)

    @action(detail=True, methods=["get"])
    def replay(self, request, pk):
        """Everything to repeat it without QDLab: ``python -m spectra.analysis.replay file.json``."""
        try:
            return Response(repeating.document_of(self.get_object().pk))
        except repeating.NotRepeatable as problem:
            raise ValidationError(sentence(problem.note.as_json())) from None

    @action(detail=True, methods=["get"])
    def chain(self, request, pk):
        """What it rests on, to any depth: upstream analyses, measurements, readers, raw files with their SHA-256."""
        return Response(_node_out(chains.chain_of(self.get_object())))

    @action(detail=True, methods=["get"])
    def compare(self, request, pk):
        """Beside another analysis of the same thing (``with``; left out: the one before): each number's difference."""
        first = get_object_or_404(self.get_queryset(), pk=pk)  # ``with`` is no filter
        others = selectors.of_the_same(request.user, first)
        wanted = request.query_params.get("with")
        second = next((o for o in others if not wanted or str(o.pk) == wanted), None)
        if second is None and not wanted:
            return Response({"with": None, "quantities": []})
        if second is None:
            raise ValidationError(_("There is no such other analysis of the same thing by this method."))
        second = self.get_queryset().get(pk=second.pk)
        return Response({"with": second.pk, "quantities": [_row_out(row) for row in comparing.rows_of(first, second)]})
