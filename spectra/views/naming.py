"""How a project names its files: patterns with a try-out, words, and what was learnt."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from qdlab.access import selectors as access
from qdlab.access.models import Project
from qdlab.records.sentences import sentence
from qdlab.records.versions import StaleVersion
from spectra import services
from spectra.forms.naming import PatternForm, TrialForm, WordForm
from spectra.matching import told
from spectra.matching.patterns import PLACES, PatternProblem
from spectra.matching.trial import tried
from spectra.views.common import first_problem, may_write, require_write, say_problem, visible


@require_safe
def naming_home(request):
    """The naming page of the person's project, or a list of them."""
    projects = list(access.projects(request.user))
    if len(projects) == 1:
        return redirect("spectra:naming", projects[0].pk)
    return render(request, "spectra/naming_home.html", {"projects": projects})


@require_http_methods(["GET", "HEAD", "POST"])
def naming(request, pk):
    """Patterns, words and habits of a project. A POST adds, changes, moves, archives, tells or forgets one."""
    project = visible(access.projects(request.user), pk)
    if request.method != "POST":
        return _show(request, project)
    require_write(request, project)
    act = next((ACTS[name] for name in ACTS if name in request.POST), None)
    try:
        if act is None:
            raise ValidationError(_("Choose what to do."))
        act(request, project)
    except ValidationError as problem:
        say_problem(request, problem)
    except StaleVersion:
        messages.error(request, _("Somebody else has changed this pattern meanwhile. Look at it again."))
    return redirect("spectra:naming", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def naming_try(request, pk):
    """What the project's patterns (and one that is being written) make of pasted file names."""
    project = visible(access.projects(request.user), pk)
    form = TrialForm(request.POST if request.method == "POST" else request.GET)
    context = {"trial_form": form} | (_trial(project, form) if form.is_valid() else {"problem": first_problem(form)})
    if request.htmx:
        return render(request, "spectra/_naming_trial.html", context)
    return _show(request, project, **context)


def _trial(project: Project, form: TrialForm) -> dict:
    names = [line.strip() for line in form.cleaned_data["names"].splitlines() if line.strip()]
    try:
        return {"tried": tried(project, names, form.cleaned_data["draft"])}
    except PatternProblem as problem:
        return {"problem": sentence(problem.note.text, problem.note.values)}


def _show(request, project: Project, **more):
    context = {
        "project": project,
        "projects": access.projects(request.user),
        "patterns": list(told.patterns(request.user).filter(project=project)),
        "habits": told.shown_habits(request.user, project),
        "places": PLACES,
        "pattern_form": PatternForm(auto_id="new-%s"),
        "word_form": WordForm(user=request.user, auto_id="word-%s"),
        "trial_form": TrialForm(),
        "may_write": may_write(request, project),
    }
    return render(request, "spectra/naming.html", context | more)


# --- What a POST does -------------------------------------------------------------------------------------------------


def _add(request, project: Project) -> None:
    services.add_pattern(by=request.user, project=project, text=_text(request))
    messages.success(request, _("Added. Files that wait are looked at with it at once."))


def _text(request) -> str:
    form = PatternForm(request.POST)
    if not form.is_valid():
        raise ValidationError(first_problem(form))
    return form.cleaned_data["text"]


def _change(request, project: Project) -> None:
    pattern = _one(told.patterns(request.user).filter(project=project), request.POST["change"])
    version = request.POST.get("version", "")
    expected = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
    services.change_pattern(by=request.user, pattern=pattern, text=_text(request), expected=expected)
    messages.success(request, _("Saved."))


def _up(request, project: Project) -> None:
    pattern = _one(told.patterns(request.user).filter(project=project), request.POST["up"])
    services.move_pattern(by=request.user, pattern=pattern, up=True)


def _archive(request, project: Project) -> None:
    pattern = _one(told.patterns(request.user).filter(project=project), request.POST["archive"])
    services.archive_pattern(by=request.user, pattern=pattern)
    messages.success(request, _("{pattern} is out of use. Files stay where they are.").format(pattern=pattern))


def _tell(request, project: Project) -> None:
    form = WordForm(request.POST, user=request.user)
    if not form.is_valid():
        raise ValidationError(first_problem(form))
    says, _colon, value = form.cleaned_data["meaning"].partition(":")
    habit = services.tell_word(by=request.user, project=project, word=form.cleaned_data["word"], says=says, value=value)
    messages.success(request, _("Noted what “{word}” means.").format(word=habit.shown))


def _forget(request, project: Project) -> None:
    habit = _one(told.habits(request.user).filter(project=project), request.POST["forget"])
    services.forget(by=request.user, habits=[habit])
    messages.success(request, _("“{word}” is forgotten.").format(word=habit.shown))


def _one(found, pk: str):
    try:
        record = found.filter(pk=UUID(pk)).first()
    except ValueError:
        record = None
    if record is None:
        raise ValidationError(_("This is not there any more. Reload the page."))
    return record


ACTS = {"add": _add, "change": _change, "up": _up, "archive": _archive, "tell": _tell, "forget": _forget}
