"""``/methods/``: what can be computed, from what, with which settings, and which numbers it gives."""

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from qdlab.access.api.resources import ApiView
from spectra.analysis import METHODS
from spectra.analysis.method import Method
from spectra.purposes import purpose_of

METHOD = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": True}


def method_out(method: Method) -> dict:
    group, purpose = purpose_of(method.name)
    return {
        "name": method.name,
        "title": _(method.title),
        "group": _(group),
        "purpose": _(purpose),
        "version": method.version,
        "roles": [
            {
                "name": role.name,
                "label": _(role.label),
                "value": role.value,
                "techniques": role.techniques,
                "methods": role.methods,
                "minimum": role.minimum,
                "maximum": role.maximum,
                "paired_with": role.paired_with or None,
            }
            for role in method.roles
        ],
        "parameters": [
            {
                "name": parameter.name,
                "label": _(parameter.label),
                "kind": parameter.kind,
                "default": parameter.default,
                "unit": parameter.unit,
                "choices": parameter.choices,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "help": _(parameter.help) if parameter.help else "",
            }
            for parameter in method.parameters
        ],
        "quantities": [
            {"name": kind.name, "unit": kind.unit, "label": _(kind.label), "symbol": kind.symbol}
            for kind in method.quantities
        ],
    }


class MethodList(ApiView):
    """All methods."""

    parameters = ("limit",)

    @extend_schema(
        operation_id="methods_list",
        responses={200: {"type": "object", "properties": {"results": {"type": "array", "items": METHOD}}}},
    )
    def get(self, request):
        return Response({"results": [method_out(method) for method in METHODS.values()], "next": None})


class MethodDetail(ApiView):
    """One method."""

    @extend_schema(responses={200: METHOD})
    def get(self, request, name):
        if name not in METHODS:
            raise Http404
        return Response(method_out(METHODS[name]))
