"""``/layouts/``: what the columns of a kind of table are. What is exported here (and on the pages) can be sent to any QDLab."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Input, Output, Text, WholeNumber
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.models import Layout
from spectra.services.layouts import FORMAT, FORMAT_VERSION, document_of, layout_of_document


class LayoutOut(Output):
    made_by = serializers.StringRelatedField()
    n_files = serializers.IntegerField(help_text="files that were read with it, among those that one may see")

    class Meta:
        model = Layout
        fields = [
            "id", "name", "fingerprint", "labels", "marks", "n_columns", "reader", "mapping", "made_by", "n_files", "archived_at",
            "created_at", "changed_at", "version",
        ]  # fmt: skip


class LayoutIn(Input):
    """The exported document; ``labels`` are those of the table, ``mapping`` as for ``uploads/{id}/read-again/``."""

    format = Text(default=FORMAT)
    format_version = WholeNumber(default=FORMAT_VERSION)
    name = Text(max_length=120)
    fingerprint = Text(max_length=16)
    labels = serializers.ListField(child=Text(max_length=200), max_length=60)
    marks = serializers.ListField(child=Text(max_length=8), max_length=60, required=False)
    n_columns = WholeNumber()
    reader = Text(required=False, max_length=40)
    mapping = serializers.JSONField()


class LayoutChange(Input):
    name = Text(required=False, max_length=120)
    mapping = serializers.JSONField(required=False)
    archived = serializers.BooleanField(required=False)


class Layouts(Resource):
    serializer_class = LayoutOut
    default_order = "name"
    newest_first = False
    inputs = {"create": LayoutIn, "partial_update": LayoutChange}
    filters = {
        "name": Field("name"),
        "fingerprint": Field("fingerprint", "choice"),
        "n_columns": Field("n_columns", "integer"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.layouts(self.request.user, archived=self.action != "list")

    def create(self, request):
        """Make a layout, or take in an exported one."""
        return self.fresh(services.make_layout(by=request.user, **layout_of_document(self.checked())), 201)

    def partial_update(self, request, pk):
        """Rename it, change its columns, or take it out of use (``archived``) and back."""
        layout, expected, given = self.get_object(), self.expected(), self.checked()
        archived = given.pop("archived", None)
        if archived is not None and given:
            raise ValidationError({"archived": _("Change this by itself.")})
        if archived is None:
            services.change_layout(by=request.user, layout=layout, expected=expected, **given)
        elif archived != bool(layout.archived_at):
            services.archive_layout(by=request.user, layout=layout, archived=archived, expected=expected)
        return self.fresh(layout)

    @action(detail=True, methods=["get"])
    def export(self, request, pk):
        """The layout as a document for another lab, or for a POST to ``/layouts/``."""
        return Response(document_of(self.get_object()))
