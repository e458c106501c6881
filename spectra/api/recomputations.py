"""``/recomputations/``: results computed again on trial. First what would change, then, where somebody says so, the change."""

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Input, Output, Text, Visible, WritableProject
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.api.notes import sentence
from spectra.models import Halted, Instrument, Recomputation, Repeat, WhyAgain
from spectra.why_stale import REASONS
from synthesis.models import Batch, Sweep


class RecomputationRow(Output):
    requested_by = serializers.StringRelatedField()

    class Meta:
        model = Recomputation
        fields = ["id", "project", "why", "selection", "parameters", "halted", "requested_by", "created_at"]


class RecomputationOut(RecomputationRow):
    counts = serializers.SerializerMethodField(
        help_text="all, tried, to_try, same, changed, undecided, chosen, computed, to_compute, cancelled, failed"
    )
    methods = serializers.SerializerMethodField(
        help_text="per method: results, how many would change, why they are stale"
    )
    reviewed = serializers.SerializerMethodField(help_text="codes of batches that will show as reviewed, superseded")

    class Meta(RecomputationRow.Meta):
        fields = [*RecomputationRow.Meta.fields, "counts", "methods", "reviewed"]

    def get_counts(self, run) -> dict:
        return selectors.how_it_stands(run)

    def get_methods(self, run) -> list[dict]:
        rows = selectors.repeats_by_method(run)
        return [
            row | {"why": {code: {"n": n, "text": str(REASONS[code])} for code, n in row["why"].items()}}
            for row in rows
        ]

    def get_reviewed(self, run) -> list[str]:
        return [batch.code for batch in selectors.reviewed_batches(run)]


class RepeatOut(Output):
    """One result on trial: each number's old and new with their difference in units of u."""

    told = serializers.SerializerMethodField(help_text="why there would be no number, as a sentence")
    reason = serializers.SerializerMethodField(help_text="why it failed, as a sentence")

    class Meta:
        model = Repeat
        fields = [
            "id", "analysis", "method", "state", "why", "found", "numbers", "largest_u", "told", "reason", "decision", "result",
        ]  # fmt: skip

    def get_told(self, repeat) -> str | None:
        return sentence(repeat.told)

    def get_reason(self, repeat) -> str | None:
        return sentence(repeat.reason)


class NewRecomputation(Input):
    project = WritableProject()
    why = serializers.ChoiceField(choices=WhyAgain.choices, required=False, default=WhyAgain.STALE)
    method = Text(required=False, default="", max_length=40)
    batch = Visible(Batch, required=False, allow_null=True)
    sweep = Visible(Sweep, required=False, allow_null=True)
    instrument = Visible(Instrument, required=False, allow_null=True)
    parameters = serializers.DictField(
        required=False, default=dict, help_text="with why=settings; set over each one's own"
    )


class ChosenResults(Input):
    repeats = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, help_text="ids; left out: all"
    )
    method = Text(required=False, default="", max_length=40)


class Hold(Input):
    halted = serializers.ChoiceField(
        choices=[*Halted.values], allow_blank=True, help_text="paused, cancelled; empty: go on"
    )


class Recomputations(Resource):
    serializer_class = RecomputationOut
    list_serializer_class = RecomputationRow
    inputs = {"create": NewRecomputation, "apply": ChosenResults, "keep": ChosenResults, "hold": Hold, "retry": Input}
    filters = {"project": Field("project", "uuid"), "why": Field("why", "choice")}

    def seen(self):
        return selectors.recomputations(self.request.user)

    def create(self, request):
        """Try what stale results would become, or all results of a method with other settings; nothing changes yet."""
        return self.fresh(services.preview_recomputation(by=request.user, **self.checked()), 201)

    @action(detail=True, methods=["get"])
    def repeats(self, request, pk):
        """The results that would change, the largest change first; at most 1,000."""
        found = selectors.repeats_that_differ(self.get_object())[:1000]
        return Response(RepeatOut(found, many=True, context=self.get_serializer_context()).data)

    @action(detail=True, methods=["post"])
    def apply(self, request, pk):
        """Compute for good what was tried: all, a method, or chosen ones; the old results stay readable."""
        return Response({"chosen": services.apply_recomputation(**self._given(request))})

    @action(detail=True, methods=["post"])
    def keep(self, request, pk):
        """Leave results as they are."""
        return Response({"kept": services.keep_results(**self._given(request))})

    def _given(self, request) -> dict:
        given = self.checked()
        return {
            "by": request.user,
            "recomputation": self.get_object(),
            "repeats": given.get("repeats"),
            "method": given["method"],
        }

    @action(detail=True, methods=["post"])
    def hold(self, request, pk):
        """Pause, go on, or cancel; what a worker has begun is still finished."""
        run = self.get_object()
        services.hold_recomputation(by=request.user, recomputation=run, **self.checked())
        return self.fresh(run)

    @action(detail=True, methods=["post"])
    def retry(self, request, pk):
        """Put everything of it that failed back into the queue."""
        return Response({"queued": services.retry_recomputation(by=request.user, recomputation=self.get_object())})
