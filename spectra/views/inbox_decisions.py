"""What people decide in the inbox: accepting, correcting, refusing, taking back. Each answer stands where it belongs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from qdlab.records.sentences import sentence
from qdlab.records.versions import StaleVersion
from spectra import inbox as waiting
from spectra import selectors, services, standing
from spectra.forms.inbox import BatchForm, PlaceForm
from spectra.matching.groups import groups_of_inbox
from spectra.models import Upload
from spectra.notes import Note
from spectra.views.common import first_problem
from spectra.views.inbox import shown, writable_by
from spectra.views.undo import remember, take_back
from synthesis import selectors as bench

MOST_SAID = 8
NOT_SENT_AGAIN = ("csrfmiddlewaretoken", "open", "closed", "rows", "since", "sure")


@dataclass(frozen=True)
class Told:
    """A sentence about what was done, at the row of ``file`` or (None) above all; ``again``: the fields that confirm it."""

    level: str
    text: str
    file: Upload | None = None
    again: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.file.name}: {self.text}" if self.file else self.text


@require_POST
def assign(request):
    """Accept suggestions (one, a group, all that are likely, the ticked ones), or say where files belong."""
    data = request.POST
    if "accept" in data:
        told = _accept_row(request, data["accept"])
    elif "accept_group" in data:
        groups = [g for g in groups_of_inbox(request.user) if g.key == data["accept_group"]]
        told = _accept(request, [member.upload for group in groups for member in group.members])
    elif "accept_likely" in data:
        told = _accept(request, waiting.likely(groups_of_inbox(request.user)))
    elif "suggested" in data:
        found = _files(request, data.getlist("upload"))
        told = _accept(request, found, data.get("group", "")) if found else _nothing_ticked()
    elif "refuse" in data:
        told = _refuse(request, data["refuse"])
    elif "undo" in data:
        told = _undo(request)
    elif "new_batch" in data:
        told = _new_batch(request)
    else:
        told = _place_ticked(request)
    return _answer(request, told)


def _answer(request, told: Sequence[Told]):
    """The groups as they are now, with what happened; the whole page where the browser runs no scripts."""
    if request.htmx:
        by_file: dict = {}
        for one in told:
            by_file.setdefault(one.file and one.file.pk, []).append(one)
        page = shown(request, told_of=by_file.keys() - {None})
        return render(
            request, "spectra/_inbox_groups.html", page | {"said": by_file.pop(None, []), "row_said": by_file}
        )
    for one in told[:MOST_SAID]:
        messages.add_message(request, messages.SUCCESS if one.level == "success" else messages.WARNING, str(one))
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "spectra:inbox")


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


def _nothing_ticked() -> list[Told]:
    return [Told("warning", _("Tick at least one file first."))]


def _again(request, **fields) -> tuple[tuple[str, str], ...]:
    """The same once more, confirmed: what was sent (with ``fields`` in place of what they name), and that it is meant."""
    kept = [(name, v) for name, vs in request.POST.lists() for v in vs if name not in (*NOT_SENT_AGAIN, *fields)]
    return (*kept, *fields.items(), ("sure", "1"))


# --- Accepting what is suggested --------------------------------------------------------------------------------------


def _accept(request, uploads: list[Upload], key: str = "") -> list[Told]:
    """With ``key`` only those that are still suggested for the group that the person saw."""
    writable = writable_by(request.user)
    uploads = [upload for upload in uploads if upload.project_id in writable]
    before = services.standing_of(uploads)
    accepted = services.accept(by=request.user, uploads=uploads, key=key, sure="sure" in request.POST)
    if accepted.placed:
        remember(request, accepted.placed, before)
    told = [Told("success", _placed(len(accepted.placed)))] if accepted.placed else []
    return [*told, *_changed(accepted.changes), *_left(accepted.left)]


def _placed(n: int) -> str:
    return ngettext("{n} file is in its place.", "{n} files are in their places.", n).format(n=n)


def _changed(changes: Sequence[standing.Changed]) -> list[Told]:
    """Which agreed numbers of batches are others now."""
    if not changes:
        return []
    text = _("This changed what speaks for: {changes}. Take the step back if it was not meant.")
    return [Told("warning", text.format(changes=" · ".join(standing.sentences(changes))))]


def _left(left: Sequence[tuple[Upload, Note]]) -> list[Told]:
    """How many files stay for which reason, and the reason at the row of each."""
    reasons = Counter(sentence(note.text, note.values) for _upload, note in left if note.code != "nothing_suggested")
    unknown = len(left) - reasons.total()
    rows = [
        Told("warning", sentence(note.text, note.values), upload, _confirming(upload, note)) for upload, note in left
    ]
    if len(left) == 1:
        return rows  # the row says all
    above = [
        ngettext("{n} file was left: {why}", "{n} files were left: {why}", n).format(n=n, why=why)
        for why, n in reasons.most_common(3)
    ]
    if unknown:
        text = ngettext(
            "{n} file was left: QDLab has no suggestion for it. Type its sample.",
            "{n} files were left: QDLab has no suggestion for them. Type their sample.",
            unknown,
        )
        above.append(text.format(n=unknown))
    return [Told("warning", text) for text in above] + rows


def _confirming(upload: Upload, note: Note) -> tuple[tuple[str, str], ...]:
    if note.code != "would_change":
        return ()
    return (("upload", str(upload.pk)), ("suggested", "1"), ("group", note.values["group"]), ("sure", "1"))


def _accept_row(request, pk: str) -> list[Told]:
    """One file, with what its row says now: as suggested, or as the person wrote it."""
    found = _files(request, [pk])
    if not found:
        return [Told("warning", _("This file is not there any more."))]
    form = PlaceForm(request.POST, user=request.user, project=found[0].project)
    if not form.is_valid():
        return [Told("warning", first_problem(form), found[0])]
    if form.differs_from(request.POST):
        return _correct(request, found, form.facts())
    return _accept(request, found, request.POST.get("group", ""))


# --- Saying where files belong ----------------------------------------------------------------------------------------


def _correct(request, uploads: list[Upload], facts: dict) -> list[Told]:
    before, told = services.standing_of(uploads), []
    try:
        changes, placed = (
            services.correct_all(by=request.user, uploads=uploads, sure="sure" in request.POST, **facts),
            uploads,
        )
    except (ValidationError, StaleVersion):  # one by one, so that only the guilty ones stay
        changes, placed, told = _one_by_one(request, uploads, facts)
    if placed:
        remember(request, placed, before)
        told.insert(0, Told("success", _corrected(len(placed), facts)))
    return told + _changed(changes)


def _one_by_one(request, uploads: list[Upload], facts: dict) -> tuple[list, list[Upload], list[Told]]:
    changes, placed, told = [], [], []
    for upload in uploads:
        try:
            changes += services.correct(by=request.user, upload=upload, sure="sure" in request.POST, **facts)
            placed.append(upload)
        except standing.WouldChange as asked:
            own = {} if "accept" in request.POST else {"upload": str(upload.pk)}
            told.append(Told("warning", " ".join(asked.messages), upload, _again(request, **own)))
        except ValidationError as problem:
            told.append(Told("warning", " ".join(problem.messages), upload))
        except StaleVersion:
            text = _("Somebody else has changed this file in this moment. Look at it again, then say it once more.")
            told.append(Told("warning", text, upload))
    return changes, placed, told


def _corrected(n: int, facts: dict) -> str:
    where = facts.get("sample") or facts.get("standard")
    if where:
        return ngettext("{n} file is on {where}.", "{n} files are on {where}.", n).format(n=n, where=where)
    return ngettext("{n} file is corrected.", "{n} files are corrected.", n).format(n=n)


def _place_ticked(request) -> list[Told]:
    found = _files(request, request.POST.getlist("upload"))
    form = PlaceForm(request.POST, user=request.user)
    if not found:
        return _nothing_ticked()
    if not form.is_valid():
        return [Told("warning", first_problem(form))]
    if not form.facts():
        return [Told("warning", _("Type the sample or batch that the files belong to, or choose what they are."))]
    return _correct(request, found, form.facts())


def _new_batch(request) -> list[Told]:
    found = _files(request, request.POST.getlist("upload"))
    recipes = bench.recipes_visible_to(request.user).filter(project__in=writable_by(request.user))
    form = BatchForm(request.POST, recipes=recipes)
    if not found or not form.is_valid():
        return _nothing_ticked() if not found else [Told("warning", first_problem(form))]
    recipe = form.cleaned_data["recipe"]
    revision = bench.newest_revisions(request.user, [recipe])[recipe.pk]
    before = services.standing_of(found)
    try:
        sample = services.make_batch_of_files(
            by=request.user, revision=revision, code=form.cleaned_data["code"], uploads=found
        )
    except ValidationError as problem:
        return [Told("warning", text) for text in problem.messages]
    remember(request, found, before)
    text = ngettext(
        "Batch {code} is there, with {n} file on {sample}.",
        "Batch {code} is there, with {n} files on {sample}.",
        len(found),
    )
    return [Told("success", text.format(code=sample.batch.code, n=len(found), sample=sample))]


# --- Not this one, and back -------------------------------------------------------------------------------------------


def _refuse(request, pk: str) -> list[Told]:
    for group in groups_of_inbox(request.user):
        for member in group.members:
            if str(member.upload.pk) == pk and group.sample:
                services.refuse_suggestion(by=request.user, upload=member.upload, sample=group.sample)
                text = _("{name} is not suggested for {sample} any more.")
                return [Told("success", text.format(name=member.upload.name, sample=group.sample))]
    text = _("What QDLab suggests for this file has changed meanwhile. Look again.")
    return [Told("warning", text, next(iter(_files(request, [pk])), None))]


def _undo(request) -> list[Told]:
    try:
        back, left = take_back(request)
    except (ValidationError, StaleVersion):
        return [
            Told("warning", _("The step could not be taken back now. Look at the files again, then try once more."))
        ]
    n, told = len(back), []
    if back and all(upload.sample_id for upload in back):
        text = ngettext("{n} file is back where it was.", "{n} files are back where they were.", n)
    else:
        text = ngettext("{n} file is back in the inbox.", "{n} files are back in the inbox.", n)
    if back or not left:
        told = [Told("success", text.format(n=n))]
    return [*told, *_changed_since(left)]


def _changed_since(left: Sequence[Upload]) -> list[Told]:
    if not left:
        return []
    text = ngettext(
        "{n} file was changed since and stays as it is: {names}",
        "{n} files were changed since and stay as they are: {names}",
        len(left),
    )
    names = ", ".join(upload.name for upload in left[:MOST_SAID]) + (" …" if len(left) > MOST_SAID else "")
    return [Told("warning", text.format(n=len(left), names=names))]
