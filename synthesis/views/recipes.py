"""Recipes: the list, one recipe with its revisions, and what is made from it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qdlab.access import roles
from synthesis import selectors, services
from synthesis.forms.fields import place_errors
from synthesis.forms.recipes import MakeBatchForm, SweepForm
from synthesis.models import Recipe
from synthesis.services import SweptParameter
from synthesis.views.common import archive_as_seen, batch_address, may_write, require_write

PER_PAGE = 50


@require_GET
def recipes(request):
    archived = request.GET.get("archived") == "1"
    page = Paginator(selectors.recipes_visible_to(request.user, archived=archived), PER_PAGE).get_page(
        request.GET.get("page")
    )
    newest = selectors.newest_revisions(request.user, page.object_list)
    rows = [(recipe, _sheet(newest.get(recipe.pk))) for recipe in page.object_list]
    context = {
        "rows": rows,
        "page": page,
        "archived": archived,
        "may_write": roles.projects_to_write(request.user).exists(),
    }
    return render(request, "synthesis/recipes.html", context)


def _sheet(revision):
    return selectors.recipe_sheet(revision) if revision else None


def visible_recipe(request, pk) -> Recipe:
    return get_object_or_404(Recipe.objects.visible_to(request.user).select_related("project", "made_by"), pk=pk)


def revision_of(request, recipe, number=None):
    """A revision of the recipe, the newest unless a number is asked for."""
    revisions = selectors.revisions_visible_to(request.user).filter(recipe=recipe)
    if number is not None:
        return get_object_or_404(revisions, number=number)
    found = revisions.order_by("-number").first()
    if found is None:
        raise Http404
    return found


@require_GET
def recipe(request, pk, number=None):
    """One recipe as it stands now, or one of its revisions."""
    found = visible_recipe(request, pk)
    shown = revision_of(request, found, number)
    revisions = list(selectors.revisions_visible_to(request.user).filter(recipe=found).order_by("-number"))
    history = [
        (revision, selectors.revision_differences(older, revision) if older else [])
        for revision, older in zip(revisions, [*revisions[1:], None], strict=True)
    ]
    page = Paginator(selectors.batches_of_recipe(request.user, found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "recipe": found, "revision": shown, "newest": revisions[0], "sheet": selectors.recipe_sheet(shown),
        "history": history, "page": page, "batches": page.object_list, "may_write": may_write(request, found.project),
    }  # fmt: skip
    return render(request, "synthesis/recipe.html", context)


@require_POST
def archive_recipe(request, pk):
    """Put a recipe aside, or take it back (``back=1``)."""
    found = visible_recipe(request, pk)
    require_write(request, found.project)
    archive_as_seen(request, found, _("Archived. Its batches stay as they are."))
    return redirect("synthesis:recipe", found.pk)


@require_http_methods(["GET", "POST"])
def make_batch(request, pk, number=None):
    """A batch of a revision: code, scale, when."""
    found = visible_recipe(request, pk)
    require_write(request, found.project)
    revision = revision_of(request, found, number)
    form = MakeBatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            batch = services.make_batch(by=request.user, revision=revision, **form.cleaned_data)
        except ValidationError as problem:
            place_errors(problem, {}, form)
        else:
            messages.success(request, _("{code} is planned.").format(code=batch.code))
            return redirect("synthesis:edit_batch", batch.pk)
    context = {"recipe": found, "revision": revision, "form": form, "sheet": selectors.recipe_sheet(revision)}
    return render(request, "synthesis/make_batch.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def plan_sweep(request, pk):
    """A series of batches in which one or two parameters are varied."""
    found = visible_recipe(request, pk)
    require_write(request, found.project)
    revision = revision_of(request, found)
    form = SweepForm(request.POST or None, targets=_targets(revision))
    if request.method == "POST" and form.is_valid():
        try:
            sweep = services.plan_sweep(by=request.user, revision=revision, **_sweep(form.cleaned_data))
        except ValidationError as problem:
            _place_sweep_errors(form, problem)
        else:
            n = sweep.batches.count()
            messages.success(request, _("{n} batches are planned.").format(n=n))
            return redirect("synthesis:sweep", sweep.pk)
    context = {"recipe": found, "revision": revision, "form": form}
    return render(request, "synthesis/plan_sweep.html", context, status=422 if form.errors else 200)


def _targets(revision) -> list[tuple[str, str]]:
    lines = [(f"ingredient:{x.key}", (x.chemical or x.stock)) for x in revision.ingredients.all()]
    targets = [(target, getattr(found, "short", found.name)) for target, found in lines]
    for line in selectors.step_lines(revision):
        for name, value in line["step"].parameters.items():
            if value.get("unit"):
                words = f"{line['step'].get_kind_display()}: {selectors.parameter_text(name, value)}"
                targets.append((f"step:{line['step'].position}:{name}", f"{line['number']}. {words}"))
    return targets


def _sweep(given: dict) -> dict:
    parameters = [SweptParameter(given["target"], _words(given["values"]), given["unit"])]
    if given["second_target"]:
        parameters.append(SweptParameter(given["second_target"], _words(given["second_values"]), given["second_unit"]))
    return {
        "name": given["name"], "parameters": parameters, "replicates": given["replicates"],
        "randomised": given["randomised"],
    }  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    """Values stand apart by spaces or semicolons; a comma belongs to its number (0,25), unless a space follows it."""
    return tuple(word.rstrip(",") for word in text.replace(";", " ").replace("、", " ").split() if word.rstrip(","))


def _place_sweep_errors(form, problem: ValidationError) -> None:
    names = {
        "parameters-0-target": "target", "parameters-0-values": "values", "parameters-1-target": "second_target",
        "parameters-1-values": "second_values",
    }  # fmt: skip
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, errors in problem.error_dict.items():
        field = names.get(name, name)
        form.add_error(field if field in form.fields else None, errors)


@require_GET
def sweep(request, pk):
    """The batches of a sweep in the order in which they are made, with what to weigh."""
    found = get_object_or_404(selectors.sweeps_visible_to(request.user), pk=pk)
    batches = selectors.batches_visible_to(request.user).filter(sweep=found).order_by("order", "id")
    rows = [(batch, selectors.batch_sheet(batch)) for batch in selectors.batches_with_ingredients(batches)]
    return render(request, "synthesis/sweep.html", {"sweep": found, "rows": rows, "batch_address": batch_address})
