"""``/naming-patterns/``, ``/habits/`` and ``/inbox-groups/``: how files find their place, and where those that wait seem to belong."""

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access import selectors as access
from qdlab.access.api.fields import Input, Output, Text, WritableProject
from qdlab.access.api.resources import ApiView, Resource
from qdlab.access.lookups import Field
from spectra import services
from spectra.api.notes import note_out
from spectra.matching import told
from spectra.matching.patterns import PatternProblem
from spectra.matching.trial import Tried, tried
from spectra.models import Habit, NamingPattern

MOST_TRIED = 100
RESULTS = {"type": "object", "properties": {"results": {"type": "array", "items": {"type": "object"}}}}


class PatternOut(Output):
    class Meta:
        model = NamingPattern
        fields = ["id", "project", "text", "position", "archived_at", "created_at", "version"]


class NewPattern(Input):
    project = WritableProject(required=False)
    text = Text(allow_blank=False, max_length=400, help_text="e.g. {batch}_{technique}_d{dilution}")


class PatternChange(Input):
    text = Text(allow_blank=False, max_length=400)


class Move(Input):
    up = serializers.BooleanField(default=True)


class Patterns(Resource):
    serializer_class = PatternOut
    default_order = "position"
    newest_first = False
    inputs = {"create": NewPattern, "partial_update": PatternChange, "move": Move}
    filters = {"project": Field("project", "uuid"), "text": Field("text"), "position": Field("position", "integer")}

    def seen(self):
        seen = NamingPattern.objects.visible_to(self.request.user)
        return seen if self.reads_one else seen.filter(archived_at=None)

    def create(self, request):
        given = self.checked()
        project = given.pop("project", None) or access.only_project_to_write(request.user)
        return self.fresh(services.add_pattern(by=request.user, project=project, **given), 201)

    def partial_update(self, request, pk):
        pattern, expected = self.get_object(), self.expected()
        services.change_pattern(by=request.user, pattern=pattern, expected=expected, **self.checked())
        return self.fresh(pattern)

    @action(detail=True, methods=["post"])
    def move(self, request, pk):
        """Try this pattern one place earlier (``up``) or later."""
        pattern = self.get_object()
        services.move_pattern(by=request.user, pattern=pattern, up=self.checked()["up"])
        return self.fresh(pattern)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """Take the pattern out of use; files stay where they are."""
        services.archive_pattern(by=request.user, pattern=self.get_object())
        return Response(status=204)


class NamingTrial(ApiView):
    """What file names (``name``, up to 100 times) would give by a project's patterns, and by a ``draft`` before them."""

    parameters = ("project", "name", "draft")

    @extend_schema(
        operation_id="naming_trial",
        parameters=[
            OpenApiParameter("project", str, description="id or name"),
            OpenApiParameter("name", str, many=True, description="file names, up to 100"),
            OpenApiParameter("draft", str, description="a pattern that is not added yet"),
        ],
        responses={200: RESULTS},
    )
    def get(self, request):
        asked = request.query_params
        project = access.project_named(request.user, asked["project"]) if "project" in asked else None
        names = asked.getlist("name")[:MOST_TRIED]
        try:
            found = tried(project or access.only_project_to_write(request.user), names, asked.get("draft", ""))
        except PatternProblem as problem:
            raise ValidationError({"draft": note_out(problem.note.as_json())["text"]}) from problem
        return Response({"results": [_tried_out(one) for one in found]})


def _tried_out(one: Tried) -> dict:
    return {
        "name": one.name,
        "pattern": one.pattern,
        "read": dict(one.read),
        "sample_code": one.sample,
        "technique": one.technique,
        "dilution_label": one.dilution_label,
        "problem": note_out(one.problem and one.problem.as_json()),
    }


class HabitOut(Output):
    learnt_by = serializers.StringRelatedField()

    class Meta:
        model = Habit
        fields = [
            "id", "project", "instrument", "clue", "shown", "says", "value", "told", "times", "against", "learnt_by",
            "created_at",
        ]  # fmt: skip


class NewWord(Input):
    project = WritableProject(required=False)
    word = Text(allow_blank=False, max_length=60)
    says = serializers.ChoiceField(Habit.Says.choices)
    value = Text(allow_blank=False, max_length=120, help_text="a technique, a role, a standard's id or a sample's code")


class Habits(Resource):
    """What words and kinds of files mean in a project, told or learnt."""

    serializer_class = HabitOut
    inputs = {"create": NewWord}
    filters = {
        "project": Field("project", "uuid"),
        "says": Field("says"),
        "shown": Field("shown"),
        "times": Field("times", "integer"),
    }

    def seen(self):
        return told.habits(self.request.user)

    def create(self, request):
        given = self.checked()
        project = given.pop("project", None) or access.only_project_to_write(request.user)
        return self.fresh(services.tell_word(by=request.user, project=project, **given), 201)

    @action(detail=True, methods=["post"])
    def forget(self, request, pk):
        """Forget it; files stay where they are."""
        services.forget(by=request.user, habits=[self.get_object()])
        return Response(status=204)
