"""The inbox: what waits, grouped as it seems to belong; accepting, correcting, and taking it back."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from qdlab.access import roles
from qdlab.records.sentences import sentence
from spectra import inbox as waiting
from spectra import selectors, services
from spectra.forms.inbox import BatchForm, PlaceForm
from spectra.matching.groups import Group, groups_of_inbox
from spectra.models import Upload
from spectra.views.common import first_problem
from spectra.views.files import sample_codes
from synthesis import selectors as bench

ROWS = 50  # of a group, shown at a time
OPEN_UP_TO = 60  # files: then all groups stand open
UNDO = "inbox_undo"


@require_safe
def inbox(request):
    """Files that wait for a sample, and a place to drop more."""
    projects = list(roles.projects_to_write(request.user))
    context = {
        "projects": projects,
        "may_write": bool(projects),
        "earlier": selectors.per_project(selectors.read_by_earlier(request.user), projects),
    }
    return render(request, "spectra/inbox.html", _shown(request) | context)


@require_safe
def inbox_rows(request):
    """The groups alone, asked again while something is being read; nothing is sent when nothing has changed."""
    if request.GET.get("state") == selectors.inbox_state(request.user):
        return HttpResponse(status=204)
    return render(request, "spectra/_inbox_groups.html", _shown(request))


@require_safe
def inbox_group(request):
    """Rows of one group, from a certain one on: those of a long inbox are fetched when somebody looks."""
    given = request.GET.get("from", "")
    start = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0
    group = next((g for g in groups_of_inbox(request.user) if g.key == request.GET.get("group")), None)
    if group is None:
        return HttpResponse("")
    since = _since(request.GET)
    context = {"group": _group_shown(group, _writable(request.user), start=start, since=since), "since": since}
    return render(
        request, "spectra/_inbox_rows.html", context | {"pictures": waiting.sparklines(context["group"]["members"])}
    )


def _shown(request) -> dict:
    user, data = request.user, request.POST if request.method == "POST" else request.GET
    state = selectors.inbox_state(user)  # before the groups: a change in between is shown at the next question
    groups = groups_of_inbox(user)
    n_files = sum(len(group.members) for group in groups)
    opened, closed, since = set(data.getlist("open")), set(data.getlist("closed")), _since(data)
    writable = _writable(user)

    def is_open(group: Group) -> bool:
        new = any(_is_new(member, since) for member in group.members)
        return group.key in opened or (group.key not in closed and (n_files <= OPEN_UP_TO or new))

    shown = [_group_shown(g, writable, is_open=is_open(g), since=since) for g in groups]
    visible = [member for one in shown if one["is_open"] for member in one["members"]]
    return {
        "groups": shown,
        "pictures": waiting.sparklines(visible),
        "n_files": n_files,
        "n_likely": len([u for u in waiting.likely(groups) if u.project_id in writable]),
        "several_projects": len({group.project.pk for group in groups}) > 1,
        "may_write": bool(writable),
        "busy": selectors.is_reading(user),
        "drop": selectors.latest_drop(user),
        "state": state,
        "since": since,
        "undo": len(request.session.get(UNDO, {}).get("uploads", [])),
        "new_batches": _new_batches(user, groups, writable),
        "place_form": PlaceForm(user=user),
        "sample_codes": sample_codes(user),
    }


def _writable(user) -> set:
    return set(roles.projects_to_write(user).values_list("pk", flat=True))


def _since(data) -> datetime | None:
    """Since when the page stands open: what came later is looked for, so it comes first and its group stands open."""
    try:
        since = parse_datetime(data.get("since", ""))
    except ValueError:  # no such day
        return None
    return since if since and since.tzinfo else None


def _is_new(member, since: datetime | None) -> bool:
    return since is not None and member.upload.created_at >= since


def _group_shown(
    group: Group, writable: set, *, start: int = 0, is_open: bool = True, since: datetime | None = None
) -> dict:
    by_age = sorted(group.members, key=lambda member: not _is_new(member, since))
    members = by_age[start : start + ROWS] if is_open else ()
    return {
        "group": group,
        "members": members,
        "n": len(group.members),
        "is_open": is_open,
        "next": start + ROWS if is_open and len(group.members) > start + ROWS else None,
        "left": len(group.members) - start - ROWS,
        "series": waiting.series_of(group),
        "word": waiting.confidence_word(group.confidence),
        "may_write": group.project.pk in writable,
    }


def _new_batches(user, groups: list[Group], writable: set) -> list[dict]:
    """Codes of batches that do not exist yet, each with the form that makes one."""
    found = waiting.new_codes([g for g in groups if g.project.pk in writable], selectors.codes_taken)
    recipes = bench.recipes_visible_to(user)
    return [
        {
            "code": one.code,
            "uploads": one.uploads,
            "form": BatchForm(recipes=recipes.filter(project=one.uploads[0].project_id), initial={"code": one.code}),
        }
        for one in found
    ]


# --- What people decide -----------------------------------------------------------------------------------------------


@require_POST
def assign(request):
    """Accept suggestions (one, a group, all that are likely, the ticked ones), or say where files belong."""
    data = request.POST
    if "accept" in data:
        said = _accept_row(request, data["accept"])
    elif "accept_group" in data:
        said = _accept(
            request,
            [m.upload for g in groups_of_inbox(request.user) if g.key == data["accept_group"] for m in g.members],
        )
    elif "accept_likely" in data:
        said = _accept(request, waiting.likely(groups_of_inbox(request.user)))
    elif "suggested" in data:
        said = (
            _accept(request, _files(request, data.getlist("upload"))) if data.getlist("upload") else _nothing_ticked()
        )
    elif "refuse" in data:
        said = _refuse(request, data["refuse"])
    elif "undo" in data:
        said = _undo(request)
    elif "new_batch" in data:
        said = _new_batch(request)
    else:
        said = _place_ticked(request)
    return _answer(request, said)


def _answer(request, said: list[tuple[str, str]]):
    """The groups as they are now, with what happened; the whole page where the browser runs no scripts."""
    if request.htmx:
        return render(request, "spectra/_inbox_groups.html", _shown(request) | {"said": said})
    for level, text in said:
        messages.add_message(request, messages.SUCCESS if level == "success" else messages.WARNING, text)
    return redirect("spectra:inbox")


def _files(request, ids: list[str]) -> list[Upload]:
    return list(selectors.uploads(request.user).filter(pk__in=_ids(ids)))


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def _nothing_ticked() -> list[tuple[str, str]]:
    return [("warning", _("Tick at least one file first."))]


def _accept(request, uploads: list[Upload]) -> list[tuple[str, str]]:
    writable = _writable(request.user)
    uploads = [upload for upload in uploads if upload.project_id in writable]
    before = _facts_of(uploads)
    accepted = services.accept(by=request.user, uploads=uploads)
    _remember(request, accepted.placed, before)
    said = [("success", _placed(len(accepted.placed)))] if accepted.placed else []
    return said + [
        ("warning", f"{upload.name}: {sentence(note.text, note.values)}") for upload, note in accepted.left[:5]
    ]


def _placed(n: int) -> str:
    return ngettext("{n} file is in its place.", "{n} files are in their places.", n).format(n=n)


def _facts_of(uploads) -> dict:
    return {str(m.pk): services.facts_of(m) for m in selectors.upload_measurements(uploads)}


def _remember(request, uploads, facts: dict) -> None:
    """What the next "undo" takes back."""
    request.session[UNDO] = {"uploads": [str(upload.pk) for upload in uploads], "facts": facts}


def _accept_row(request, pk: str) -> list[tuple[str, str]]:
    """One file, with what its row says now: as suggested, or as the person wrote it."""
    found = _files(request, [pk])
    if not found:
        return [("warning", _("This file is not there any more."))]
    form = PlaceForm(request.POST, user=request.user, project=found[0].project)
    if not form.is_valid():
        return [("warning", first_problem(form))]
    if not form.differs_from(request.POST):
        return _accept(request, found)
    return _correct(request, found, form.facts())


def _correct(request, uploads: list[Upload], facts: dict) -> list[tuple[str, str]]:
    before, placed, said = _facts_of(uploads), [], []
    for upload in uploads:
        try:
            services.correct(by=request.user, upload=upload, **facts)
            placed.append(upload)
        except ValidationError as problem:
            said.append(("warning", f"{upload.name}: {' '.join(problem.messages)}"))
    _remember(request, placed, before)
    if placed and (facts.get("sample") or facts.get("standard")):
        n, where = len(placed), facts.get("sample") or facts["standard"]
        text = ngettext("{n} file is on {where}.", "{n} files are on {where}.", n).format(n=n, where=where)
        said.insert(0, ("success", text))
    elif placed:
        n = len(placed)
        said.insert(0, ("success", ngettext("{n} file is corrected.", "{n} files are corrected.", n).format(n=n)))
    return said


def _place_ticked(request) -> list[tuple[str, str]]:
    found = _files(request, request.POST.getlist("upload"))
    form = PlaceForm(request.POST, user=request.user)
    if not found:
        return _nothing_ticked()
    if not form.is_valid():
        return [("warning", first_problem(form))]
    if not form.facts():
        return [("warning", _("Type the sample or batch that the files belong to, or choose what they are."))]
    return _correct(request, found, form.facts())


def _refuse(request, pk: str) -> list[tuple[str, str]]:
    for group in groups_of_inbox(request.user):
        for member in group.members:
            if str(member.upload.pk) == pk and group.sample:
                services.refuse_suggestion(by=request.user, upload=member.upload, sample=group.sample)
                text = _("{name} is not suggested for {sample} any more.")
                return [("success", text.format(name=member.upload.name, sample=group.sample))]
    return [("warning", _("What QDLab suggests for this file has changed meanwhile. Look again."))]


def _undo(request) -> list[tuple[str, str]]:
    last = request.session.pop(UNDO, {})
    found = _files(request, last.get("uploads", []))
    services.put_back(by=request.user, uploads=found, facts=last.get("facts"))
    n = len(found)
    return [("success", ngettext("{n} file is back in the inbox.", "{n} files are back in the inbox.", n).format(n=n))]


def _new_batch(request) -> list[tuple[str, str]]:
    found = _files(request, request.POST.getlist("upload"))
    recipes = bench.recipes_visible_to(request.user).filter(project__in=_writable(request.user))
    form = BatchForm(request.POST, recipes=recipes)
    if not found or not form.is_valid():
        return _nothing_ticked() if not found else [("warning", first_problem(form))]
    recipe = form.cleaned_data["recipe"]
    revision = bench.newest_revisions(request.user, [recipe])[recipe.pk]
    before = _facts_of(found)
    try:
        sample = services.make_batch_of_files(
            by=request.user, revision=revision, code=form.cleaned_data["code"], uploads=found
        )
    except ValidationError as problem:
        return [("warning", text) for text in problem.messages]
    _remember(request, found, before)
    text = ngettext(
        "Batch {code} is there, with {n} file on {sample}.",
        "Batch {code} is there, with {n} files on {sample}.",
        len(found),
    )
    return [("success", text.format(code=sample.batch.code, n=len(found), sample=sample))]
