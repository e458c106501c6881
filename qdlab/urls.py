"""All addresses. Pages stand in their apps, the API in ``qdlab.api``."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from qdlab.dashboards.api.health import healthz

urlpatterns = [
    path("account/", include("qdlab.access.urls")),
    path("api/v1/", include("qdlab.api")),
    path("healthz", healthz, name="healthz"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="access:password")),  # ours leaves its audit event
    path("admin/", admin.site.urls),
    path("", include("synthesis.urls")),
    path("", include("spectra.urls")),
    path("", include("qdlab.dashboards.urls")),
]

handler400 = "qdlab.access.views.problems.bad_request"
handler403 = "qdlab.access.views.problems.forbidden"
handler404 = "qdlab.access.views.problems.not_found"
handler500 = "qdlab.access.views.problems.server_error"
