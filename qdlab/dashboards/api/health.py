"""``/healthz``: is everything at work? Asked by the launcher, the proxy and monitors, without a sign-in."""

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qdlab.access.api.renderers import to_json
from spectra.tasks import health


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """200 while pages can be served; a silent worker is told, but is no reason to take the pages away."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found, status = {"status": "ok", "database": "ok", **health()}, 200
    except (OperationalError, InterfaceError):
        found, status = (
            {"status": "down", "database": "away", "worker": "unknown", "watching": "unknown", "queue": None},
            503,
        )
    return HttpResponse(to_json(found), status=status, content_type="application/json")
