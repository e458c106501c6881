"""``/formats/``: which instrument files can be read, and what to do with the others."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from qdlab.access.api.resources import ApiView
from spectra.formats import formats

FORMAT = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": True}


class FormatList(ApiView):
    """All formats, with the reader of each and its version."""

    parameters = ("limit",)

    @extend_schema(
        operation_id="formats_list",
        responses={200: {"type": "object", "properties": {"results": {"type": "array", "items": FORMAT}}}},
    )
    def get(self, request):
        return Response({"results": formats(), "next": None})
