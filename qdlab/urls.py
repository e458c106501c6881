"""All addresses. Pages stand in their apps, the API in ``qdlab.api``."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("account/", include("qdlab.access.urls")),
    path("api/v1/", include("qdlab.api")),
    path("admin/", admin.site.urls),
    path("", include("synthesis.urls")),
    path("", include("spectra.urls")),
    path("", include("qdlab.dashboards.urls")),
]
