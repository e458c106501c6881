"""``/inbox/``: what waits, grouped as it seems to belong; accepting, correcting and taking back, as on the page."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from qdlab.access import roles
from qdlab.access import selectors as access
from qdlab.access.api.fields import Input, Text, Visible
from qdlab.access.api.resources import ApiView
from spectra import inbox as waiting
from spectra import services, standing
from spectra.api.notes import note_out
from spectra.matching.groups import Group, Member, groups_of_inbox
from spectra.models import Role, Standard, Technique, Upload
from synthesis.models import Sample

MOST = 1000
SURE = "also where a number that was reviewed or chosen changes; without it that is refused, with the numbers"
GROUPS = {
    "type": "object",
    "properties": {"groups": {"type": "array", "items": {"type": "object", "additionalProperties": True}}},
    "additionalProperties": True,
}
PLACED = {
    "type": "object",
    "properties": {
        "placed": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "left": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "changed": {
            "type": "array",
            "items": {"type": "string"},
        },  # agreed numbers that are others now, a line per batch
    },
}


def group_out(group: Group) -> dict:
    return {
        "key": group.key,
        "kind": group.kind,
        "project": group.project.pk,
        "sample": group.sample and {"id": group.sample.pk, "code": group.sample.code},
        "standard": group.standard and {"id": group.standard.pk, "name": str(group.standard)},
        "can_accept": group.can_accept,
        "confidence": group.confidence,
        "reason": note_out(group.reason and group.reason.as_json()),
        "missing": [note_out(note.as_json()) for note in group.missing],
        "files": [_member_out(member) for member in group.members],
    }


def _member_out(member: Member) -> dict:
    return {
        "id": member.upload.pk,
        "name": member.upload.name,
        "status": member.upload.status,
        "problem": note_out(member.upload.reason),
        "measurements": [measurement.pk for measurement in member.measurements],
        "role": member.role,
        "technique": member.technique,
        "dilution_label": member.dilution_label,
        "label_by_time": member.label_by_time,
        "confidence": member.confidence,
        "likelihood": waiting.confidence_word(member.confidence),
        "reason": note_out(member.reason and member.reason.as_json()),
        "warning": note_out(member.warning and member.warning.as_json()),
    }


class Files(Input):
    uploads = serializers.ListField(child=Visible(Upload), min_length=1, max_length=MOST)


class AcceptIn(Input):
    uploads = serializers.ListField(child=Visible(Upload), required=False, default=list, max_length=MOST)
    group = Text(
        required=False, help_text="the key of a group: all its files, or those of uploads that still stand in it"
    )
    likely = serializers.BooleanField(required=False, help_text="everything that is sure or likely")
    sure = serializers.BooleanField(required=False, default=False, help_text=SURE)


class CorrectIn(Files):
    sample = Visible(Sample, required=False)
    standard = Visible(Standard, required=False)
    role = serializers.ChoiceField(Role.choices, required=False)
    technique = serializers.ChoiceField(Technique.choices, required=False)
    dilution_label = Text(required=False, max_length=40)
    sure = serializers.BooleanField(required=False, default=False, help_text=SURE)


class PutBackIn(Files):
    sure = serializers.BooleanField(required=False, default=False, help_text=SURE)


class RefuseIn(Input):
    upload = Visible(Upload)
    sample = Visible(Sample)


class Inbox(ApiView):
    parameters = ("project",)

    @extend_schema(responses={200: GROUPS}, parameters=[OpenApiParameter("project", str, description="id or name")])
    def get(self, request):
        """The waiting files in groups, each with the reason and the confidence of what is suggested."""
        name = request.query_params.get("project")
        project = access.project_named(request.user, name) if name else None
        return Response({"groups": [group_out(group) for group in groups_of_inbox(request.user, project)]})


class Action(ApiView):
    """A POST with files; all of them may be written, or nothing happens."""

    takes: type = Files

    def checked(self) -> dict:
        serializer = self.takes(data=self.request.data, context={"request": self.request})
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        if "uploads" in given:  # one that is named twice is meant once
            given["uploads"] = list({upload.pk: upload for upload in given["uploads"]}.values())
        for upload in [*given.get("uploads", ()), *filter(None, [given.get("upload")])]:
            roles.require(self.request.user, roles.WRITE, upload.project)
        return given


class Accept(Action):
    takes = AcceptIn

    @extend_schema(request=AcceptIn, responses={200: PLACED})
    def post(self, request):
        """Put files where QDLab suggests; those without a suggestion stay, and the answer says why."""
        given = self.checked()
        uploads, key = given["uploads"], given.get("group", "")
        if bool(uploads or key) == bool(given.get("likely")):
            raise ValidationError(_("Send uploads, a group, or likely."))
        if key and not uploads:
            return _answer(services.accept_group(by=request.user, key=key, sure=given["sure"]))
        if given.get("likely"):
            writable = set(roles.projects_to_write(request.user).values_list("pk", flat=True))
            uploads = [u for u in waiting.likely(groups_of_inbox(request.user)) if u.project_id in writable]
        return _answer(services.accept(by=request.user, uploads=uploads, key=key, sure=given["sure"]))


def _answer(accepted: services.Accepted) -> Response:
    left = [
        {"id": upload.pk, "name": upload.name, "reason": note_out(note.as_json())} for upload, note in accepted.left
    ]
    changed = standing.sentences(accepted.changes)
    return Response({"placed": [upload.pk for upload in accepted.placed], "left": left, "changed": changed})


class Correct(Action):
    takes = CorrectIn

    @extend_schema(request=CorrectIn, responses={200: PLACED})
    def post(self, request):
        """Say where files belong and what they are, all or none. QDLab learns from it."""
        facts = self.checked()
        uploads, sure = facts.pop("uploads"), facts.pop("sure")
        if not facts:
            raise ValidationError(_("Say where the files belong, or what they are."))
        changes = services.correct_all(by=request.user, uploads=uploads, sure=sure, **facts)
        placed = [upload.pk for upload in uploads]
        return Response({"placed": placed, "left": [], "changed": standing.sentences(changes)})


class PutBack(Action):
    takes = PutBackIn

    @extend_schema(request=PutBackIn, responses={204: None})
    def post(self, request):
        """Take files off their sample or standard, back into the inbox."""
        services.put_back(by=request.user, **self.checked())
        return Response(status=204)


class Refuse(Action):
    takes = RefuseIn

    @extend_schema(request=RefuseIn, responses={204: None})
    def post(self, request):
        """This file is not of this sample: it is not suggested again."""
        services.refuse_suggestion(by=request.user, **self.checked())
        return Response(status=204)
