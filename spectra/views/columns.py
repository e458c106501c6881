"""The column mapper: what the columns of a table are, seen as a curve before it is read, and remembered for the next file."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from qdlab.records import store
from qdlab.records.versions import StaleVersion
from spectra import figures, ingest, selectors, services
from spectra.as_read import mapping_as_read, several_axes
from spectra.forms.mapping import OF_A_COLUMN, ON_CURVES, QUANTITIES, ROLES, Y_UNITS, MappingForm, TableForm
from spectra.models import Layout, Upload
from spectra.readers.reading import Reading, UnreadableFile
from spectra.readers.table_mapping import names_columns
from spectra.services.layouts import remembered_part
from spectra.views.common import first_problem, may_write_shelf, require_write, say_problem, visible

MOST_DRAWN = 4
MOST_SHOWN_TABLE_ROWS = 12


@require_safe
def columns(request, pk):
    """Tables and columns of a file, with what is known or guessed of them, to be corrected."""
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    reading = selectors.latest_reading(found)
    earlier = reading.mapping if reading and names_columns(reading.mapping) else {}
    place = TableForm(request.GET).place() or {name: earlier[name] for name in TableForm.base_fields if name in earlier}
    kind = place.pop("kind", "")
    shown, problem = _tables(found, place)
    if shown is None and place:
        shown, _same = _tables(found, {})
    context = {"upload": found, "shown": shown, "problem": problem}
    if shown:
        layout = _fitting(request.user, shown)
        measurements = list(selectors.with_ranges(selectors.upload_measurements([found])))
        as_read = mapping_as_read(shown, measurements)
        mapping = _to_begin_with(kind, earlier if not request.GET else {}, layout, as_read)
        context |= _form_context(request, mapping, layout, shown, place)
        context["several_axes"] = bool(measurements) and not earlier and several_axes(shown)
    return render(request, "spectra/_columns.html", context)


def _tables(found: Upload, place: dict) -> tuple[dict | None, object]:
    """What ``table_preview`` shows, or None and the sentence why there is nothing to show."""
    return _asked(found, lambda path: ingest.host().tables(path, found.name, place))


def _asked(found: Upload, ask):
    try:
        return ask(str(store.verified_path(found.blob_id))), ""
    except UnreadableFile as unreadable:
        return None, unreadable.note.as_json()
    except (store.Damaged, FileNotFoundError):
        return None, ingest.DAMAGED.as_json()


def _fitting(user, shown: dict) -> Layout | None:
    """The layout that would read this table, the last changed first."""
    if not shown["fingerprint"]:
        return None
    return selectors.layouts(user).filter(fingerprint=shown["fingerprint"]).order_by("-changed_at").first()


def _to_begin_with(kind: str, earlier: dict, layout: Layout | None, as_read: dict) -> dict:
    """What was chosen last for this file, what its layout says, or what it was read as: whichever is of the kind asked for."""
    candidates = [earlier, layout.mapping if layout else {}, as_read]
    return next(
        (one for one in candidates if one and kind in ("", one.get("kind", "curves"))),
        {"kind": kind or "curves", "x": 0, "y": []},
    )


def _form_context(request, mapping: dict, layout: Layout | None, shown: dict, place: dict) -> dict:
    name = layout.name if layout else ", ".join(label for label in shown["labels"] if label)[:60]
    form = MappingForm.showing(
        mapping,
        shown,
        remember=bool(shown["fingerprint"]),
        layout_name=name,
        layout_version=layout.version if layout else None,
    )
    kind = form["kind"].value()
    looked = {"kind": kind, "sheet": shown["sheet"] or "", "table": shown["table"], **place}
    return {
        "form": form,
        "looking": TableForm(initial=looked),
        "looked": {name: value for name, value in looked.items() if value != ""},
        "layout": layout,
        "roles": ROLES[kind],
        "quantities": QUANTITIES if kind in ("curves", "series") else (),
        "techniques": ON_CURVES if kind == "curves" else (),
        "y_units": Y_UNITS,
        "tables": list(enumerate(shown["tables"])),
        "may_remember": bool(shown["fingerprint"]) and may_write_shelf(request),
        "n_hidden": shown["n_columns"] - len(shown["columns"]),
    }


@require_POST
def columns_preview(request, pk):
    """What a choice of columns gives, read by the same reader in the same limits; nothing is kept."""
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    form = MappingForm(request.POST)
    if not form.is_valid():
        return render(request, "spectra/_columns_preview.html", {"problem": first_problem(form)})
    understood, problem = _asked(found, lambda path: ingest.host().read(path, found.name, form.mapping()))
    context = {"problem": problem} if understood is None else _preview_of(understood)
    return render(request, "spectra/_columns_preview.html", context)


def _preview_of(understood: Reading) -> dict:
    items = list(enumerate(understood.items[:MOST_DRAWN]))
    return {
        "drawn": [(number, item, figure) for number, item in items if (figure := figures.of_item(item))],
        "tables": [table for item in understood.items if (table := figures.table_of_item(item, MOST_SHOWN_TABLE_ROWS))],
        "n_more": max(0, len(understood.items) - MOST_DRAWN),
        "warnings": [note.as_json() for note in understood.warnings],
    }


@require_POST
def read_again(request, pk):
    """Read once more: by the rules, or with the columns as the person describes them, remembered where they wish.

    Where something was read before, it is read on trial first, and what would change is listed.
    """
    found = visible(selectors.uploads(request.user), pk)
    require_write(request, found.project)
    if not any(OF_A_COLUMN.fullmatch(name) for name in request.POST):
        return _read(request, found)
    form = MappingForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_problem(form))
        return redirect("spectra:upload", pk)
    mapping = form.mapping()
    layout = _remembered(request, found, form, mapping) if form.cleaned_data["remember"] else None
    return _read(request, found, mapping, layout)


def _read(request, found: Upload, mapping: dict | None = None, layout: Layout | None = None):
    try:
        if found.status == Upload.Status.READ:
            started = services.preview_reading(by=request.user, project=found.project, uploads=[found], mapping=mapping)
            return redirect("spectra:rereading", started.pk)
        services.read_again(by=request.user, upload=found, mapping=mapping, layout=layout)
    except ValidationError as problem:
        say_problem(request, problem)
    return redirect("spectra:upload", found.pk)


def _remembered(request, found: Upload, form: MappingForm, mapping: dict) -> Layout | None:
    """The layout, made or changed. When it cannot be kept the file is read all the same, and the reason is said."""
    shown, _problem = _tables(found, {name: mapping[name] for name in TableForm.base_fields if name in mapping})
    if shown is None or not shown["fingerprint"]:
        messages.warning(
            request, _("The columns were not remembered: nothing above them tells such a table from others.")
        )
        return None
    understood, _problem = _asked(found, lambda path: ingest.host().read(path, found.name, mapping))
    if understood is None:  # the file's page will say why
        messages.warning(request, _("The columns were not remembered, because this file cannot be read with them."))
        return None
    name, version = form.cleaned_data["layout_name"].strip(), form.cleaned_data["layout_version"]
    facts = {key: shown[key] for key in ("fingerprint", "labels", "marks", "n_columns", "reader")}
    facts["mapping"] = remembered_part(mapping, also_settings=form.cleaned_data["also_settings"])
    same = selectors.layouts(request.user).filter(name__iexact=name).first() if version else None
    try:
        if same:
            return services.change_layout(by=request.user, layout=same, expected=version, **facts)
        return services.make_layout(by=request.user, name=name, **facts)
    except ValidationError as refusal:
        say_problem(request, refusal)
    except StaleVersion as stale:
        text = _(
            "Somebody else changed the layout “{name}” meanwhile. The file is read with your columns; look at the layout, then remember again."
        )
        messages.error(request, text.format(name=stale.current))
    return None
