"""Moving a file or a measurement on its own page: what would change is asked where it was agreed, and told in any case."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from spectra import services, standing
from spectra.forms.measurements import AssignForm
from spectra.models import Upload
from spectra.views.common import first_problem, require_write, say_problem
from spectra.views.undo import remember
from synthesis.models import Sample


def moved(request, upload: Upload, page: str, move: Callable[[Sample | None, bool], list[standing.Changed]]):
    """Call ``move(sample, sure)`` with what the form says, and answer: the page again, or first the question."""
    require_write(request, upload.project)
    form = AssignForm(request.POST, user=request.user, project=upload.project)
    if not form.is_valid():
        messages.error(request, first_problem(form))
        return redirect(page)
    sample, before = form.cleaned_data["sample"], services.standing_of([upload])
    try:
        changes = move(sample, "sure" in request.POST)
    except standing.WouldChange as asked:
        context = {"upload": upload, "sample": sample, "page": page, "changes": standing.sentences(asked.changes)}
        return render(request, "spectra/confirm_move.html", context, status=409)
    except ValidationError as problem:
        say_problem(request, problem)
        return redirect(page)
    remember(request, [upload], before)
    text = _("It is on sample {code} now.").format(code=sample) if sample else _("It is on no sample now.")
    messages.success(request, text)
    for change in standing.sentences(changes):
        messages.warning(request, _("This changed what speaks for {change}").format(change=change))
    return redirect(page)
