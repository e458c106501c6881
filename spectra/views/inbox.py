"""The inbox as it is shown: what waits, grouped as it seems to belong (``inbox_decisions`` is what people do there)."""

from collections.abc import Collection
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from qdlab.access import roles
from spectra import inbox as waiting
from spectra import selectors
from spectra.forms.inbox import BatchForm, PlaceForm
from spectra.matching.groups import Group, groups_of_inbox
from spectra.views.files import sample_codes
from spectra.views.undo import n_to_take_back
from synthesis import selectors as bench

ROWS = 50  # of a group, shown at a time
OPEN_UP_TO = 60  # files: then all groups stand open
MOST_ROWS = 500  # of a group that somebody asked to see more of


@require_safe
def inbox(request):
    """Files that wait for a sample, and a place to drop more."""
    projects = list(roles.projects_to_write(request.user))
    context = {
        "projects": projects,
        "may_write": bool(projects),
        "earlier": selectors.per_project(selectors.read_by_earlier(request.user), projects),
    }
    return render(request, "spectra/inbox.html", shown(request) | context)


@require_safe
def inbox_rows(request):
    """The groups alone, asked again while something is being read; nothing is sent when nothing has changed."""
    if request.GET.get("state") == selectors.inbox_state(request.user):
        return HttpResponse(status=204)
    return render(request, "spectra/_inbox_groups.html", shown(request))


@require_safe
def inbox_group(request):
    """Rows of one group, from a certain one on: those of a long inbox are fetched when somebody looks."""
    given = request.GET.get("from", "")
    start = int(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 0
    group = next((g for g in groups_of_inbox(request.user) if g.key == request.GET.get("group")), None)
    if group is None:
        return HttpResponse("")
    since = _since(request.GET)
    context = {"group": _group_shown(group, writable_by(request.user), start=start, since=since), "since": since}
    return render(
        request, "spectra/_inbox_rows.html", context | {"pictures": waiting.sparklines(context["group"]["members"])}
    )


def shown(request, told_of: Collection = ()) -> dict:
    """What the groups' template takes; ``told_of`` are ids of files whose rows must be seen."""
    user, data = request.user, request.POST if request.method == "POST" else request.GET
    state = selectors.inbox_state(user)  # before the groups: a change in between is shown at the next question
    groups = groups_of_inbox(user)
    n_files = sum(len(group.members) for group in groups)
    opened, closed, since = set(data.getlist("open")), set(data.getlist("closed")), _since(data)
    writable = writable_by(user)

    def is_open(group: Group) -> bool:
        new = any(_is_new(member, since) for member in group.members)
        if told_of and any(member.upload.pk in told_of for member in group.members):
            return True
        return group.key in opened or (group.key not in closed and (n_files <= OPEN_UP_TO or new))

    rows = _rows_seen(data)
    found = [
        _group_shown(g, writable, is_open=is_open(g), since=since, n=rows.get(g.key, ROWS), told_of=told_of)
        for g in groups
    ]
    visible = [member for one in found if one["is_open"] for member in one["members"]]
    return {
        "groups": found,
        "pictures": waiting.sparklines(visible),
        "n_files": n_files,
        "n_likely": len([u for u in waiting.likely(groups) if u.project_id in writable]),
        "several_projects": len({group.project.pk for group in groups}) > 1,
        "may_write": bool(writable),
        "busy": selectors.is_reading(user),
        "drop": selectors.latest_drop(user),
        "state": state,
        "since": since,
        "undo": n_to_take_back(request),
        "new_batches": _new_batches(user, groups, writable),
        "place_form": PlaceForm(user=user),
        "sample_codes": sample_codes(user),
    }


def writable_by(user) -> set:
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


def _rows_seen(data) -> dict[str, int]:
    """Group → how many of its rows somebody has before the eyes (``rows``: "key:number"), so that a refresh takes none away."""
    found = {}
    for text in data.getlist("rows"):
        key, _sign, number = text.rpartition(":")
        if number.isascii() and number.isdecimal() and len(number) < 5:
            found[key] = max(ROWS, min(int(number), MOST_ROWS))
    return found


def _group_shown(
    group: Group, writable: set, *, start: int = 0, is_open: bool = True, since: datetime | None = None, n: int = ROWS,
    told_of: Collection = (),
) -> dict:  # fmt: skip
    by_age = sorted(group.members, key=lambda member: not _is_new(member, since))
    last_told = max((k for k, member in enumerate(by_age, 1) if member.upload.pk in told_of), default=0)
    end = start + max(n, min(last_told, MOST_ROWS))
    return {
        "group": group,
        "members": by_age[start:end] if is_open else (),
        "n": len(group.members),
        "is_open": is_open,
        "next": end if is_open and len(group.members) > end else None,
        "left": len(group.members) - end,
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
