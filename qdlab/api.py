"""The API under ``/api/v1/``: the resources of every app, its description, and a problem document for what there is not."""

from django.http import Http404
from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.reverse import reverse

from qdlab.access.api.docs import ApiDocs, ApiSchemaView
from qdlab.access.api.projects import Projects
from qdlab.access.api.resources import ApiView
from qdlab.access.api.routers import BothSlashes, both_forms

ROOT = (
    "projects", "chemicals", "lots", "recipes", "batches", "samples", "instruments", "standards", "standard-sessions",
    "uploads", "rereadings", "measurements", "compositions", "analyses", "quantities", "methods", "formats", "sweeps", "comparisons",
)  # fmt: skip


class Root(ApiView):
    """Where everything is."""

    @extend_schema(responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}})
    def get(self, request):
        links = {name: reverse(f"{name}-list", request=request) for name in ROOT}
        further = {
            "tables/batches": "tables-batches",
            "spectra/data": "spectra-data",
            "docs": "docs",
            "schema": "schema",
        }
        return Response(links | {name: reverse(view, request=request) for name, view in further.items()})


class Nowhere(ApiView):
    """Every other address: a 404 like all others, whoever asks."""

    schema = None

    def initial(self, request, *args, **kwargs):
        raise Http404


projects = BothSlashes()
projects.register("projects", Projects, "projects")

urlpatterns = [
    path("", Root.as_view(), name="api-root"),
    *projects.urls,
    path("", include("synthesis.api.urls")),
    path("", include("spectra.api.urls")),
    path("", include("qdlab.dashboards.api.urls")),
    *both_forms("schema", ApiSchemaView.as_view(), "schema"),
    *both_forms("docs", ApiDocs.as_view(), "docs"),
    re_path(r"^.*$", Nowhere.as_view(), name="api-nowhere"),
]
