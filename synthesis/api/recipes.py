"""``/recipes/``: recipes with their newest revision worked out, and the revisions before it."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access import selectors as access
from qdlab.access.api.fields import Input, Output, PlainOutput, Text, TypedAmount, Visible, WritableProject
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from synthesis import selectors, services
from synthesis.api.sheets import sheet_out
from synthesis.models import Chemical, IngredientRole, Recipe, StepKind, StockSolution


class StepOut(serializers.Serializer):
    position = serializers.IntegerField()
    kind = serializers.CharField()
    parameters = serializers.DictField()
    ingredients = serializers.ListField(child=serializers.CharField())
    into = serializers.CharField()
    note = serializers.CharField()


class RevisionOut(PlainOutput):
    """A revision with every amount worked out."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    why = serializers.CharField()
    made_by = serializers.StringRelatedField()
    created_at = serializers.DateTimeField()
    reference_equivalents = serializers.FloatField()
    sheet = serializers.SerializerMethodField(help_text="ingredients with planned amounts, and the ratios that result")
    steps = StepOut(many=True)

    def get_sheet(self, revision) -> dict:
        return sheet_out(selectors.recipe_sheet(revision))


class RecipeRow(Output):
    revision = serializers.IntegerField(source="newest", help_text="number of the newest revision")
    n_batches = serializers.IntegerField()
    made_by = serializers.StringRelatedField()

    class Meta:
        model = Recipe
        fields = [
            "id", "project", "name", "description", "revision", "n_batches", "made_by", "created_at", "changed_at", "version",
        ]  # fmt: skip


class RecipeOut(RecipeRow):
    revisions = serializers.SerializerMethodField(help_text="newest first")

    class Meta(RecipeRow.Meta):
        fields = [*RecipeRow.Meta.fields, "revisions"]

    def get_revisions(self, recipe) -> list:
        revisions = selectors.revisions_visible_to(self.context["request"].user).filter(recipe=recipe)
        return RevisionOut(revisions.order_by("-number"), many=True).data


class IngredientIn(Input):
    role = serializers.ChoiceField(IngredientRole.choices)
    chemical = Visible(Chemical, required=False, allow_null=True)
    stock = Visible(StockSolution, required=False, allow_null=True)
    amount = TypedAmount(required=False)
    is_reference = serializers.BooleanField(required=False, default=False)
    key = serializers.SlugField(max_length=40, required=False, allow_blank=True, default="")
    note = Text(required=False, default="", max_length=200)


class StepParameters(serializers.DictField):
    """name → ``{"text": "10", "unit": "min"}``, or words."""

    def run_child_validation(self, data):
        amounts = TypedAmount()
        return {
            str(name): value if isinstance(value, str) and len(value) <= 200 else amounts.to_internal_value(value)
            for name, value in data.items()
        }


class StepIn(Input):
    kind = serializers.ChoiceField(StepKind.choices)
    parameters = StepParameters(required=False, default=dict)
    ingredients = serializers.ListField(child=Text(max_length=40), required=False, default=list)
    into = Text(required=False, default="", max_length=40)
    note = Text(required=False, default="")


class RevisionIn(Input):
    ingredients = IngredientIn(many=True)
    steps = StepIn(many=True, required=False, default=list)
    reference_equivalents = Text(required=False, default="1", max_length=40, help_text="as typed, e.g. 1")
    why = Text(required=False, default="", max_length=255)
    description = Text(required=False)
    name = Text(required=False, allow_blank=False, max_length=160)


class NewRecipe(RevisionIn):
    project = WritableProject(required=False)
    name = Text(allow_blank=False, max_length=160)


def drafts(given: dict) -> dict:
    """What the services take, from what was sent."""
    lines = []
    for line in given["ingredients"]:
        amount, unit = line.pop("amount", ("", ""))
        lines.append(services.IngredientDraft(amount=amount, unit=unit, **line))
    steps = [services.StepDraft(**{**step, "ingredients": tuple(step["ingredients"])}) for step in given["steps"]]
    return {**given, "ingredients": lines, "steps": steps}


class Recipes(Resource):
    serializer_class = RecipeOut
    list_serializer_class = RecipeRow
    inputs = {"create": NewRecipe, "revisions": RevisionIn}
    filters = {
        "project": Field("project", "uuid"),
        "name": Field("name"),
        "made_by": Field("made_by__username"),
        "created_at": Field("created_at", "datetime"),
        "changed_at": Field("changed_at", "datetime"),
    }

    def seen(self):
        return selectors.recipes_visible_to(self.request.user)

    def create(self, request):
        given = self.checked()
        project = given.pop("project", None) or access.only_project_to_write(request.user)
        return self.fresh(services.create_recipe(by=request.user, project=project, **drafts(given)), 201)

    @action(detail=True, methods=["get", "post"], url_path="revisions")
    def revisions(self, request, pk):
        """All revisions, newest first; POST adds the next one (with If-Match of the recipe)."""
        recipe = self.get_object()
        if request.method == "POST":
            expected = self.expected()
            services.revise_recipe(by=request.user, recipe=recipe, version=expected, **drafts(self.checked()))
            return self.fresh(recipe, 201)
        revisions = selectors.revisions_visible_to(request.user).filter(recipe=recipe).order_by("-number")
        return Response({"results": RevisionOut(revisions, many=True).data, "next": None})


def newest_revision(user, recipe: Recipe):
    revision = selectors.newest_revisions(user, [recipe]).get(recipe.pk)
    if revision is None:
        raise ValidationError({"recipe": _("This recipe has no revision yet.")})
    return revision
