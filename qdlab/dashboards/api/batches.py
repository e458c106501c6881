"""``/batches/``: what was really made, with its ratios and agreed quantities."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Output, TypedAmount
from qdlab.access.api.resources import Resource
from qdlab.dashboards import selectors
from qdlab.dashboards import services as dashboards
from qdlab.dashboards.api.batch_inputs import BatchIn, LogIn, NewBatch, ReviewIn, WashIn, WeighIn
from qdlab.dashboards.digests import batch_digest
from qdlab.dashboards.models import Review
from spectra.api.quantities import QuantityOut
from spectra.selectors import agreed_quantities, chosen_by_people
from synthesis import services
from synthesis.api.recipes import newest_revision
from synthesis.api.samples import SampleOut
from synthesis.api.sheets import sheet_out
from synthesis.models import Batch, Status
from synthesis.selectors import batch_sheet, batches_with_ingredients, samples_of_batch


class BatchRow(Output):
    recipe = serializers.UUIDField(source="revision.recipe_id", allow_null=True)
    recipe_name = serializers.SerializerMethodField()
    revision_number = serializers.SerializerMethodField()
    operator = serializers.SlugRelatedField("username", read_only=True)
    ratios = serializers.SerializerMethodField(help_text="species → value and u; the metal counts as 1")
    quantities = serializers.SerializerMethodField(help_text="the agreed value of each quantity")

    class Meta:
        model = Batch
        fields = [
            "id", "code", "title", "project", "recipe", "recipe_name", "revision", "revision_number", "sweep", "sweep_point",
            "replicate", "order", "status", "outcome", "outcome_note", "abandoned_because", "operator", "planned_for",
            "made_on", "started_at", "finished_at", "temperature_c", "relative_humidity_percent", "atmosphere", "conditions",
            "note", "representative", "ratios", "quantities", "created_at", "changed_at", "version",
        ]  # fmt: skip

    def get_recipe_name(self, batch) -> str | None:
        return batch.revision.recipe.name if batch.revision else None

    def get_revision_number(self, batch) -> int | None:
        return batch.revision.number if batch.revision else None

    def get_ratios(self, batch) -> dict:
        numbers = selectors.numbers_of(batch)
        return {
            name.removeprefix("ratio_"): {"value": row.value, "u": row.u, "flags": row.flags}
            for name, row in numbers.items()
            if name.startswith("ratio_")
        }

    def get_quantities(self, batch) -> dict:
        numbers = selectors.numbers_of(batch)
        return {
            name: {"value": n.value, "u": n.u, "unit": n.unit, "analysis": n.analysis_id, "flags": n.flags}
            for name, n in numbers.items()
            if not name.startswith("ratio_")
        }


class BatchOut(BatchRow):
    aliquot = TypedAmount(read_only=True)
    sheet = serializers.SerializerMethodField(help_text="planned beside weighed, worked out")
    samples = serializers.SerializerMethodField()
    washes = serializers.SerializerMethodField()
    log = serializers.SerializerMethodField()
    codes = serializers.SerializerMethodField(help_text="every code it ever had")

    class Meta(BatchRow.Meta):
        fields = [*BatchRow.Meta.fields, "aliquot", "sheet", "samples", "washes", "log", "codes"]

    def get_sheet(self, batch) -> dict:
        return sheet_out(batch_sheet(batch))

    def get_samples(self, batch) -> list:
        samples = samples_of_batch(self.context["request"].user, batch).select_related("batch")
        return SampleOut(samples, many=True).data

    def get_washes(self, batch) -> list[dict]:
        return [
            {
                "position": wash.position, "kept": wash.kept, "taken_from": wash.taken_from_id, "gave": wash.gave_id,
                "solvent": wash.solvent_id, "parameters": wash.parameters, "isolated": _typed(wash.isolated), "at": wash.at,
                "note": wash.note,
            }
            for wash in batch.washes.all()
        ]  # fmt: skip

    def get_log(self, batch) -> list[dict]:
        return [
            {"at": e.at, "kind": e.kind, "seen": e.seen, "parameters": e.parameters, "by": e.by and e.by.username}
            for e in batch.log.all()
        ]

    def get_codes(self, batch) -> list[str]:
        return [given.code for given in batch.codes.all()]


def _typed(typed) -> dict | None:
    return TypedAmount().to_representation(typed) if typed else None


class ReviewOut(serializers.ModelSerializer):
    reviewer = serializers.SlugRelatedField("username", read_only=True)

    class Meta:
        model = Review
        fields = ["id", "meaning", "comment", "reviewer", "analysis", "digest", "created_at"]


class Batches(Resource):
    serializer_class = BatchOut
    list_serializer_class = BatchRow
    inputs = {
        "create": NewBatch,
        "partial_update": BatchIn,
        "weigh": WeighIn,
        "log": LogIn,
        "washes": WashIn,
        "reviews": ReviewIn,
    }
    review_actions = ("reviews",)
    filters = selectors.BATCH_FIELDS

    def seen(self):
        found = selectors.with_index(selectors.batches(self.request.user))
        if self.action == "list":
            return found
        return batches_with_ingredients(found).prefetch_related("washes", "log__by", "codes")

    def further_order(self, name):
        return selectors.order_path(self.request.user, name)

    def filter_queryset(self, queryset):
        """The filters of the batches page: fields, words (``q``), ratios and quantities."""
        user, asked = self.request.user, self.request.query_params
        found = selectors.narrowed(user, queryset, asked.dict())
        return selectors.with_orders(user, found, asked.get("ordering", ""))[0]

    def create(self, request):
        """Plan a batch of a recipe's revision."""
        given = self.checked()
        recipe = given.pop("recipe", None)
        if ("revision" in given) == (recipe is not None):
            raise ValidationError({"revision": _("Name a revision, or a recipe whose newest revision is meant.")})
        given.setdefault("revision", recipe and newest_revision(request.user, recipe))
        return self.fresh(services.make_batch(by=request.user, **given), 201)

    def partial_update(self, request, pk):
        """Change what is said of it. Everything is written, or nothing."""
        batch, expected = self.get_object(), self.expected()
        given = self.checked()
        with transaction.atomic():
            for write, arguments in _writes(given):
                write(by=request.user, batch=batch, version=expected, **arguments)
                expected = batch.version
        return self.fresh(batch)

    @action(detail=True, methods=["post"])
    def weigh(self, request, pk):
        """Enter weighed amounts, with If-Match. Ingredients that are not named stay as they are."""
        batch, expected = self.get_object(), self.expected()
        weighings = [_weighing(line) for line in self.checked()["ingredients"]]
        services.weigh(by=request.user, batch=batch, weighings=weighings, version=expected)
        return self.fresh(batch)

    @action(detail=True, methods=["post"])
    def log(self, request, pk):
        """Add an entry to the log."""
        batch = self.get_object()
        services.log_step(by=request.user, batch=batch, **self.checked())
        return self.fresh(batch, 201)

    @action(detail=True, methods=["post"])
    def washes(self, request, pk):
        """Log a wash or an isolation."""
        batch = self.get_object()
        services.log_wash(by=request.user, batch=batch, **self.checked())
        return self.fresh(batch, 201)

    @action(detail=True, methods=["get"])
    def agreed(self, request, pk):
        """The agreed values with budget, and the analysis that each comes from."""
        batch = self.get_object()
        found = agreed_quantities([batch]).get(batch.pk, {})
        choices = [
            {"method": method, "analysis": choice.analysis_id, "chosen_by": str(choice.chosen_by),
             "chosen_at": choice.chosen_at, "because": choice.because}
            for method, choice in chosen_by_people(batch).items()
        ]  # fmt: skip
        results = QuantityOut(list(found.values()), many=True).data
        return Response({"results": results, "chosen_by_people": choices, "next": None})

    @action(detail=True, methods=["get", "post"])
    def reviews(self, request, pk):
        """What was said and signed, newest first, with today's ``digest``; POST signs (scope ``review``)."""
        batch = self.get_object()
        if request.method == "POST":
            signed = dashboards.review(by=request.user, batch=batch, **self.checked())
            return Response(ReviewOut(signed).data, status=201)
        found = selectors.reviews(request.user, batch)
        return Response({"digest": batch_digest(batch), "results": ReviewOut(found, many=True).data, "next": None})


def _weighing(line: dict) -> services.Weighing:
    amount, unit = line.pop("amount")
    uncertainty, uncertainty_unit = line.pop("uncertainty")
    return services.Weighing(
        amount=amount, unit=unit, uncertainty=uncertainty, uncertainty_unit=uncertainty_unit, **line
    )


def _writes(given: dict):
    """Which services a change calls for, with their arguments."""
    if "code" in given:
        yield services.rename_batch, {"code": given.pop("code")}
    if "outcome" in given or "outcome_note" in given:
        yield _set_outcome, {name: given.pop(name) for name in ("outcome", "outcome_note") if name in given}
    if "representative" in given:
        yield services.choose_representative, {"sample": given.pop("representative")}
    status, because = given.pop("status", None), given.pop("abandoned_because", None)
    if status == Status.ABANDONED or because is not None:
        yield services.abandon, {"because": because or ""}
    elif status is not None:
        yield services.set_status, {"status": status}
    if given:
        yield services.change_batch, given


def _set_outcome(*, by, batch, version, outcome=None, outcome_note=None):
    outcome = batch.outcome if outcome is None else outcome
    note = batch.outcome_note if outcome_note is None else outcome_note
    services.set_outcome(by=by, batch=batch, outcome=outcome, note=note, version=version)
