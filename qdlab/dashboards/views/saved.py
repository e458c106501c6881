"""Saved views: an address under a name."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qdlab.dashboards import selectors, services
from qdlab.dashboards.forms import SaveViewForm
from qdlab.dashboards.models import SavedView

PAGES = ("batches", "compare")


@require_POST
def save_view(request):
    form = SaveViewForm(request.POST, user=request.user)
    page = request.POST.get("page") if request.POST.get("page") in PAGES else "batches"
    if not form.is_valid():
        messages.error(request, _("Give the view a name and choose a project that you write in."))
        return redirect(f"dashboards:{page}")
    given = form.cleaned_data
    view = services.save_view(
        by=request.user,
        project=given["project"],
        name=given["name"],
        query=given["query"],
        page=page,
        shared=given["shared"],
    )
    messages.success(request, _("The view “{name}” is saved.").format(name=view.name))
    return redirect(f"{reverse(f'dashboards:{page}')}?{view.query}")


@require_POST
def remove_view(request, pk):
    view = get_object_or_404(SavedView.objects.visible_to(request.user).filter(pk__in=_mine(request.user)), pk=pk)
    services.remove_view(by=request.user, view=view)
    messages.success(request, _("The view “{name}” is removed.").format(name=view.name))
    return redirect(f"dashboards:{view.page if view.page in PAGES else 'batches'}")


def _mine(user):
    """Views that somebody else did not share are not there for others."""
    return [view.pk for page in PAGES for view in selectors.saved_views(user, page)]
