"""``/sweeps/``: one or two parameters varied, all their batches planned at once."""

from rest_framework import serializers

from qdlab.access.api.fields import Input, Output, Text, Visible, WholeNumber
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from synthesis import selectors, services
from synthesis.models import RecipeRevision, Sweep


class SweepRow(Output):
    recipe = serializers.UUIDField(source="revision.recipe_id")
    n_batches = serializers.IntegerField()

    class Meta:
        model = Sweep
        fields = [
            "id", "project", "name", "recipe", "revision", "parameters", "replicates", "order_seed", "note", "n_batches",
            "created_at", "changed_at", "version",
        ]  # fmt: skip


class SweepOut(SweepRow):
    batches = serializers.SerializerMethodField(help_text="in the order in which they are made")

    class Meta(SweepRow.Meta):
        fields = [*SweepRow.Meta.fields, "batches"]

    def get_batches(self, sweep) -> list[dict]:
        batches = selectors.batches_of_sweep(self.context["request"].user, sweep)
        return [
            {"id": b.pk, "code": b.code, "point": b.sweep_point, "replicate": b.replicate, "outcome": b.outcome}
            for b in batches
        ]


class SweptIn(Input):
    target = Text(allow_blank=False, max_length=120, help_text="ingredient:<key> or step:<position>:<parameter>")
    unit = Text(required=False, default="{equiv}", max_length=16)
    values = serializers.ListField(child=Text(max_length=40), max_length=200, help_text="as typed: “0.25”")


class NewSweep(Input):
    revision = Visible(RecipeRevision)
    name = Text(allow_blank=False, max_length=160)
    parameters = SweptIn(many=True)
    replicates = WholeNumber(required=False, default=1)
    randomised = serializers.BooleanField(required=False, default=False)
    seed = WholeNumber(required=False, allow_null=True, min_value=0)
    note = Text(required=False, default="")


class Sweeps(Resource):
    serializer_class = SweepOut
    list_serializer_class = SweepRow
    inputs = {"create": NewSweep}
    filters = {
        "project": Field("project", "uuid"),
        "name": Field("name"),
        "revision": Field("revision", "uuid"),
        "recipe": Field("revision__recipe", "uuid"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.sweeps_visible_to(self.request.user)

    def create(self, request):
        given = self.checked()
        given["parameters"] = [
            services.SweptParameter(p["target"], tuple(p["values"]), p["unit"]) for p in given["parameters"]
        ]
        return self.fresh(services.plan_sweep(by=request.user, **given), 201)
