"""The recipe editor: a new recipe, or the next revision of one, with live sums."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from qdlab.access import roles
from qdlab.records.versions import StaleVersion
from synthesis import selectors, services
from synthesis.forms.editor import Editor
from synthesis.models import RecipeStep
from synthesis.services.steps import read_parameters
from synthesis.views.common import CONFLICT, conflict_of, require_write, shelf_of, with_version
from synthesis.views.recipes import revision_of, visible_recipe


def editor_of(request, recipe=None, revision=None, data=None) -> Editor:
    projects = roles.projects_to_write(request.user)
    return Editor(shelf_of(request), projects, recipe, revision, data, request.GET.get("project", ""))


@require_http_methods(["GET", "POST"])
def new_recipe(request):
    if not roles.projects_to_write(request.user).exists():
        raise PermissionDenied(_("Only chemists can write recipes. Ask the lab's owner for the role of a chemist."))
    editor = editor_of(request, data=request.POST or None)
    if request.method == "POST" and editor.is_valid():
        given = editor.form.cleaned_data
        try:
            recipe = services.create_recipe(
                by=request.user, project=given["project"], name=given["name"], description=given["description"],
                **editor.drafts(),
            )  # fmt: skip
        except ValidationError as problem:
            editor.tell(problem)
        else:
            messages.success(request, _("{recipe} is saved.").format(recipe=recipe.name))
            return redirect("synthesis:recipe", recipe.pk)
    return _page(request, editor)


@require_http_methods(["GET", "POST"])
def edit_recipe(request, pk):
    """Saving makes the next revision; two people who save at once are shown each other's text."""
    recipe = visible_recipe(request, pk)
    require_write(request, recipe.project)
    revision = revision_of(request, recipe)
    editor = editor_of(request, recipe, revision, request.POST or None)
    if request.method == "POST" and editor.is_valid():
        given = editor.form.cleaned_data
        try:
            services.revise_recipe(
                by=request.user, recipe=recipe, version=given["version"], name=given["name"],
                description=given["description"], why=given["why"], **editor.drafts(),
            )  # fmt: skip
        except ValidationError as problem:
            editor.tell(problem)
        except StaleVersion as stale:
            return _conflict(request, editor, stale)
        else:
            messages.success(request, _("Revision {number} is saved.").format(number=revision.number + 1))
            return redirect("synthesis:recipe", recipe.pk)
    return _page(request, editor)


def _page(request, editor: Editor, conflict=None):
    refused = editor.form.is_bound and conflict is None
    context = editor.context() | {"conflict": conflict, "refused": editor.form.is_bound}
    return render(
        request, "synthesis/edit_recipe.html", context, status=CONFLICT if conflict else 422 if refused else 200
    )


def _conflict(request, mine: Editor, stale: StaleVersion):
    theirs = revision_of(request, stale.current)
    rows = [
        (_("Name"), mine.form.cleaned_data["name"], stale.current.name),
        (_("Description"), mine.form.cleaned_data["description"], stale.current.description),
        *_line_rows(mine, theirs),
        (_("Steps"), "\n".join(_my_steps(mine)), "\n".join(line["text"] for line in selectors.step_lines(theirs))),
    ]
    conflict = conflict_of(stale, rows)
    again = editor_of(request, stale.current, theirs, with_version(request.POST, stale.current.version))
    again.is_valid()
    return _page(request, again, conflict)


def _line_rows(mine: Editor, theirs):
    """Yours beside theirs for every ingredient of either side."""
    names, my_texts = dict(mine.keys), {}
    for form in mine.kept_rows():
        given = form.cleaned_data
        unit = dict(form.fields["unit"].choices).get(given.get("unit"), "")
        my_texts[given["key"]] = f"{names.get(given['key'], '')} {given.get('amount', '')} {unit}".strip()
    their_texts = {
        x.key: f"{(x.stock.name if x.stock_id else x.chemical.short)} {x.amount or ''}".strip()
        for x in theirs.ingredients.all()
    }
    for key in dict.fromkeys([*their_texts, *my_texts]):
        yield names.get(key) or their_texts.get(key, key).split(" ")[0], my_texts.get(key, ""), their_texts.get(key, "")


def _my_steps(mine: Editor) -> list[str]:
    found = []
    for form in mine.kept_steps():
        draft = form.draft()
        try:
            stored = read_parameters(draft.parameters)
        except ValidationError:
            stored = {name: {"text": typed[0]} for name, typed in draft.parameters.items()}
        step = RecipeStep(kind=draft.kind, parameters=stored, ingredients=list(draft.ingredients), into=draft.into)
        found.append(selectors.step_text(step, dict(mine.keys)))
    return found
