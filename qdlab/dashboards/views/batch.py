"""The page of a batch: what was made, what was measured, what it says, who has signed."""

from collections import defaultdict

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import roles
from qdlab.access.lookups import uuid
from qdlab.dashboards import batch_figures, columns, history, selectors, services
from qdlab.dashboards.digests import batch_digest
from qdlab.dashboards.forms import ReviewForm
from qdlab.dashboards.models import Review
from spectra import selectors as spectra
from spectra import services as spectra_services
from spectra.analysis import METHODS
from spectra.analysis.uncertainty import difference
from spectra.models import Analysis
from spectra.pipeline import estimate_of
from synthesis.models import Batch
from synthesis.selectors import batch_sheet, batches_with_ingredients, samples_of_batch

MAIN_NUMBERS = (
    "plqy",
    "emission_peak_nm",
    "emission_fwhm_nm",
    "lifetime_ns",
    "k_r_per_s",
    "k_nr_per_s",
    "absorption_peak_nm",
)

# The methods under headings: a batch with every technique has some twenty.
GROUPS = (
    (gettext_lazy("Emission"), ("emission_band", "colour", "plqy", "plqy_absolute", "decay", "rates")),
    (gettext_lazy("Absorption"), ("first_exciton", "stokes_shift", "tauc", "nanocrystal_concentration", "confinement")),
    (gettext_lazy("Chirality"), ("circular_dichroism",)),
    (gettext_lazy("Sizes and composition"), ("tem_diameters", "particle_composition")),
    (gettext_lazy("Growth and ageing"), ("growth", "ageing")),
    (gettext_lazy("Device"), ("el_voltage",)),
)


def visible_batch(user, pk) -> Batch:
    """A batch with its index rows and ingredients, archived or not; a 404 for whoever may not see it."""
    selectors.index.refresh_changed()
    seen = Batch.objects.visible_to(user).select_related(
        "project", "operator", "revision__recipe", "sweep", "representative"
    )
    return get_object_or_404(selectors.with_index(batches_with_ingredients(seen)), pk=pk)


@require_safe
def batch(request, pk):
    found = visible_batch(request.user, pk)
    return render(request, "dashboards/batch.html", _page(request, found))


@require_safe
def results(request, pk):
    """Numbers and plots alone, fetched again when an analysis has ended."""
    found = visible_batch(request.user, pk)
    return render(request, "dashboards/_results.html", _results(request, found))


@require_safe
def progress(request, pk):
    """How many analyses are still open; asked again until none is, then the results are fetched."""
    found = visible_batch(request.user, pk)
    busy = open_jobs(request.user, found)
    unread = spectra.not_read(request.user, found)
    response = render(request, "dashboards/_progress.html", {"batch": found, "busy": busy, "unread": unread})
    if not busy:
        response["HX-Trigger"] = "qdlab:results"
    return response


def open_jobs(user, batch) -> int:
    """Files that are being read and analyses that have not ended, for one batch."""
    files = spectra.uploads(user).filter(batch=batch, status__in=["received", "reading"]).count()
    return files + spectra.analyses(user).filter(spectra.OPEN, sample__batch=batch).count()


def _page(request, batch) -> dict:
    user = request.user
    samples = list(samples_of_batch(user, batch))
    context = _results(request, batch)
    digest = batch_digest(batch, context["agreed"])
    pictures, kept = spectra.pictures_and_documents(user, batch)
    return context | {
        "sheet": batch_sheet(batch),
        "samples": samples,
        "log": batch.log.select_related("step", "by"),
        "washes": batch.washes.select_related("solvent", "gave", "taken_from"),
        "colour": columns.colours_of([batch])[batch.pk],
        "reviews": _reviews(user, batch, digest),
        "review_form": ReviewForm(initial={"digest": digest}),
        "may_review": roles.may(user, roles.REVIEW, batch.project),
        "story": history.story_of(batch),
        "busy": open_jobs(user, batch),
        "unread": spectra.not_read(user, batch),
        "pictures": pictures,
        "kept": kept,
        "upload_url": reverse("uploads-list"),
        "plqy_sample": batch.representative or next((s for s in reversed(samples) if not s.archived_at), None),
    }


def _results(request, batch) -> dict:
    agreed = spectra.agreed_analyses([batch])[batch.pk]
    measurements = batch_figures.measurements_of(request.user, batch)
    current = _current_by_method(batch)
    chosen = spectra.chosen_by_people(batch)
    methods = [
        _method(batch, name, agreed.get(name), current.get(name, []), chosen.get(name))
        for name in METHODS
        if name in current
    ]
    return {
        "batch": batch,
        "agreed": agreed,
        "groups": _grouped(methods),
        "main": _main_numbers(agreed),
        "figures": batch_figures.figures_of(measurements, agreed, current),
        "measurements": measurements,
        "stale": [a for found in current.values() for a in found if a.stale_since],
        "refused": _refused(request.user, batch),
        "simulated": any(m.simulated for m in measurements),
        "may_write": roles.may(request.user, roles.WRITE, batch.project),
    }


def _current_by_method(batch) -> dict[str, list[Analysis]]:
    """Every current analysis of a batch's samples, by method, the newest first."""
    by_method = defaultdict(list)
    for found in spectra.current_analyses(batch.samples.all()).values():
        for analysis in found:
            by_method[analysis.method].append(analysis)
    return {name: sorted(found, key=lambda a: str(a.pk), reverse=True) for name, found in by_method.items()}


def _method(batch, name: str, agreed: Analysis | None, current: list[Analysis], choice) -> dict:
    """One method's agreed numbers, why these, its warnings, and what else could speak for the batch."""
    kinds = {kind.name: kind for kind in METHODS[name].quantities}
    numbers = [(kinds.get(q.name), q) for q in agreed.quantities.all()] if agreed else []
    return {
        "name": name,
        "title": _(METHODS[name].title),
        "agreed": agreed,
        "numbers": [(_(kind.label) if kind else q.name, q) for kind, q in numbers if q.value is not None or q.reason],
        "why": spectra.why_agreed(batch, agreed, choice) if agreed else None,
        "others": [_other(a, agreed, kinds) for a in current if agreed is None or a.pk != agreed.pk],
    }


def _other(analysis: Analysis, agreed: Analysis | None, kinds: dict) -> tuple:
    """An alternative: its key number with its label, and how far that lies from the agreed one."""
    number = _key_number(analysis)
    kind = kinds.get(number.name) if number else None
    return analysis, number, _(kind.label) if kind else "", _difference(number, agreed)


def _difference(number, agreed: Analysis | None) -> dict | None:
    """How far an alternative lies from the agreed number; u is shown where both are known, of parts not shared."""
    beside = next((q for q in agreed.quantities.all() if number and q.name == number.name), None) if agreed else None
    if beside is None or beside.value is None:
        return None
    value, u = difference(estimate_of(number), estimate_of(beside))
    return {"value": value, "u": u, "unit": number.unit}


def _grouped(methods: list[dict]) -> list[tuple[str, list[dict]]]:
    """The methods under their headings; a method that none names stands under the last."""
    named = {name for _title, names in GROUPS for name in names}
    found = [(title, [m for m in methods if m["name"] in names]) for title, names in GROUPS]
    found.append((_("Others"), [m for m in methods if m["name"] not in named]))
    return [(title, some) for title, some in found if some]


def _key_number(analysis: Analysis):
    """The measured number by which two results of one method are told apart; a count alone where there is no other."""
    given = [q for q in analysis.quantities.all() if q.value is not None]
    return next((q for q in given if q.u), given[0] if given else None)


def _main_numbers(agreed: dict[str, Analysis]) -> list:
    labels = selectors.quantity_labels()
    found = {q.name: (q, a) for a in agreed.values() for q in a.quantities.all() if q.value is not None}
    return [(_(labels[name]), *found[name]) for name in MAIN_NUMBERS if name in found]


def _refused(user, batch) -> list[Analysis]:
    """Results that could not be had, with their reasons, where no other result of the method took their place."""
    found = spectra.analyses(user).filter(
        sample__batch=batch, state__in=["refused", "failed"], superseded_by=None, withdrawn_at=None
    )
    return [(_(METHODS[a.method].title) if a.method in METHODS else a.method, a) for a in found[:20]]


def _reviews(user, batch, digest: str) -> dict:
    """All reviews, and where the batch stands: the newest decision, and whether it still covers what is there."""
    found = list(selectors.reviews(user, batch))
    decision = next((r for r in found if r.meaning in services.NEEDS_REVIEWER), None)
    asked = next((r for r in found if r.meaning == Review.Meaning.REQUESTED), None)
    return {
        "all": found,
        "decision": decision,
        "superseded": bool(decision and decision.digest != digest),
        "waiting": asked if asked and (decision is None or decision.pk < asked.pk) else None,
    }


# --- What one can do here ---------------------------------------------------------------------------------------------


def _say(request, problem: ValidationError) -> None:
    for sentence in problem.messages:
        messages.error(request, sentence)


@require_POST
def review(request, pk):
    found = visible_batch(request.user, pk)
    form = ReviewForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.review(
                by=request.user, batch=found, meaning=given["meaning"], comment=given["comment"], seen=given["digest"]
            )
            messages.success(request, _said(given["meaning"]))
        except ValidationError as problem:
            _say(request, problem)
    else:
        messages.error(request, _("Choose what you want to say."))
    return redirect(f"{reverse('dashboards:batch', args=[pk])}#review")


def _said(meaning: str) -> str:
    return {
        "requested": _("A review is asked for."),
        "approved": _("Approved. The signature covers the batch exactly as it is now."),
        "sent_back": _("Sent back with your comment."),
        "comment": _("Your comment is kept."),
    }[meaning]


@require_POST
def agree(request, pk):
    """Let a result speak for the batch (``analysis``), or go back to the newest one (``method``)."""
    found = visible_batch(request.user, pk)
    try:
        if "analysis" in request.POST:
            chosen = _analysis_of(request, found)
            because = request.POST.get("because", "")[:500]
            spectra_services.agree_on(by=request.user, batch=found, analysis=chosen, because=because)
        else:
            spectra_services.cancel_agreement(by=request.user, batch=found, method=request.POST.get("method", "")[:40])
        messages.success(request, _("The agreed values of the batch follow your choice."))
    except ValidationError as problem:
        _say(request, problem)
    return redirect(f"{reverse('dashboards:batch', args=[pk])}#numbers")


def _analysis_of(request, batch) -> Analysis:
    try:
        pk = uuid(request.POST["analysis"])
    except ValidationError:
        raise Http404 from None
    return get_object_or_404(spectra.analyses(request.user).filter(sample__batch=batch), pk=pk)


@require_POST
def recompute(request, pk):
    """See what the stale results of the batch would become; nothing changes yet."""
    found = visible_batch(request.user, pk)
    try:
        run = spectra_services.preview_recomputation(by=request.user, project=found.project, batch=found)
        return redirect("spectra:recomputation", run.pk)
    except ValidationError as problem:
        _say(request, problem)
    return redirect(f"{reverse('dashboards:batch', args=[pk])}#numbers")
