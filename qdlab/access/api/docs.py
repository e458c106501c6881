"""The description of the API and its readable page. Both tell nothing about a lab, so they are open to everybody."""

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class ApiSchemaView(SpectacularAPIView):
    permission_classes = [AllowAny]
    authentication_classes = []
    http_method_names = ["get", "head"]

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        return super().get(request, *args, **kwargs)


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files; its script is a file of its own, so no inline script is needed."""

    permission_classes = [AllowAny]
    authentication_classes = []
    http_method_names = ["get", "head"]
    template_name = "qdlab/api_docs.html"
