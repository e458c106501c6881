"""Layouts: what the columns of a kind of table are, said once for the whole lab; as JSON they go to other labs and back."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit
from qdlab.records.versions import change
from spectra import selectors
from spectra.models import Layout
from spectra.readers import READERS
from spectra.readers.table_mapping import check_structure, names_columns
from spectra.services.hints import checked_hints
from spectra.services.uploads import read_again

FORMAT, FORMAT_VERSION = "qdlab-layout", 1
FACTS = ("name", "fingerprint", "labels", "marks", "n_columns", "reader", "mapping")
FINGERPRINT = re.compile(r"[0-9a-fw][0-9a-f]{15}")
MARK = re.compile(r"[0-9a-f]{8}")
OF_ONE_FILE = ("sheet", "table")  # a table is found by its header, in whichever sheet or place it stands
OF_ONE_MEASUREMENT = ("excitation_nm", "bin_ns")
MOST_LABELS, MOST_MARKS, LONGEST_LABEL = 60, 60, 200


@transaction.atomic
def make_layout(
    *, by: User, name: str, fingerprint: str, labels: list, n_columns: int, mapping: dict, marks: list = (), reader: str = ""
) -> Layout:  # fmt: skip
    """Remember what the columns of a kind of table are. Raises ValidationError by field."""
    roles.require_shelf(by)
    facts = _checked(
        {"name": name, "fingerprint": fingerprint, "labels": list(labels), "marks": list(marks), "n_columns": n_columns,
         "reader": reader, "mapping": mapping}
    )  # fmt: skip
    _require_new_name(facts["name"])
    layout = Layout.objects.create(**facts, made_by=by)
    audit.record(by=by, action="layout.made", subject=layout, after=facts)
    return layout


@transaction.atomic
def change_layout(*, by: User, layout: Layout, expected: int | None = None, **facts) -> Layout:
    """Change the name, the mapping or what it is recognised by. What was read with it stays as it was read."""
    roles.require_shelf(by)
    current = {name: getattr(layout, name) for name in FACTS}
    checked = _checked(current | facts)
    changed = {name: value for name, value in checked.items() if value != current[name]}
    if "name" in changed:
        _require_new_name(changed["name"], besides=layout)
    if not changed and expected in (None, layout.version):
        return layout
    before = change(layout, expected=expected, **changed)
    audit.record(by=by, action="layout.changed", subject=layout, before=before, after=changed)
    return layout


@transaction.atomic
def archive_layout(*, by: User, layout: Layout, archived: bool = True, expected: int | None = None) -> Layout:
    """Take a layout out of use, or back into it: no further file is read with an archived one."""
    roles.require_shelf(by)
    if not archived:
        _require_new_name(layout.name, besides=layout)
    change(layout, expected=expected, archived_at=timezone.now() if archived else None)
    audit.record(by=by, action="layout.archived" if archived else "layout.restored", subject=layout)
    return layout


def read_alike(*, by: User, layout: Layout) -> int:
    """Read the waiting files that look the same once more; return how many were queued."""
    n = 0
    for upload in selectors.files_alike(by, layout):
        try:
            read_again(by=by, upload=upload)
        except ValidationError:
            continue  # somebody else is reading it already
        n += 1
    return n


def document_of(layout: Layout) -> dict:
    """A layout as it is exported; ``layout_of_document`` understands it."""
    return {"format": FORMAT, "format_version": FORMAT_VERSION} | {name: getattr(layout, name) for name in FACTS}


def layout_of_document(document) -> dict:
    """The facts in an exported layout, unchecked; raises ValidationError when it is none of ours."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValidationError(_("This is no exported layout: its “format” should be “{format}”.").format(format=FORMAT))
    if document.get("format_version") != FORMAT_VERSION:
        raise ValidationError(
            _("This layout is in version {given} of the format; this QDLab reads version {known}.").format(
                given=str(document.get("format_version"))[:20], known=FORMAT_VERSION
            )
        )
    unknown = sorted(set(document) - {"format", "format_version", *FACTS})
    if unknown:
        raise ValidationError(_("QDLab knows no “{name}” here.").format(name=str(unknown[0])[:80]))
    missing = [name for name in ("name", "fingerprint", "labels", "n_columns", "mapping") if name not in document]
    if missing:
        raise ValidationError({missing[0]: _("This is missing.")})
    return {name: document[name] for name in FACTS if name in document}


def remembered_part(mapping: dict, *, also_settings: bool = False) -> dict:
    """What of a mapping holds for every file of its kind; excitation and bin width only when the person says so."""
    left_out = OF_ONE_FILE if also_settings else OF_ONE_FILE + OF_ONE_MEASUREMENT
    return {name: value for name, value in mapping.items() if name not in left_out}


def _require_new_name(name: str, besides: Layout | None = None) -> None:
    others = Layout.objects.filter(name__iexact=name, archived_at=None)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise ValidationError({"name": _("There is a layout with this name already. Choose another one.")})


def _checked(facts: dict) -> dict:
    problems = {}
    for name, check in CHECKS.items():
        try:
            facts[name] = check(facts[name])
        except ValidationError as problem:
            problems[name] = problem.messages
    if problems:
        raise ValidationError(problems)
    if len(facts["labels"]) != min(facts["n_columns"], MOST_LABELS):
        raise ValidationError({"labels": _("There must be one label for each column.")})
    return facts


def _name(name) -> str:
    if not isinstance(name, str) or not name.strip() or len(name.strip()) > 120:
        raise ValidationError(_("Give the layout a name of up to 120 letters."))
    return name.strip()


def _fingerprint(text) -> str:
    if not isinstance(text, str) or not FINGERPRINT.fullmatch(text):
        raise ValidationError(
            _("This is no fingerprint: tables without labels above their columns cannot be remembered.")
        )
    return text


def _labels(labels) -> list[str]:
    good = isinstance(labels, list) and all(isinstance(one, str) and len(one) <= LONGEST_LABEL for one in labels)
    if not good or not 1 <= len(labels) <= MOST_LABELS:
        raise ValidationError(_("Write the labels of the columns as a list of texts."))
    return labels


def _marks(marks) -> list[str]:
    if (
        not isinstance(marks, list)
        or len(marks) > MOST_MARKS
        or not all(isinstance(mark, str) and MARK.fullmatch(mark) for mark in marks)
    ):
        raise ValidationError(_("The marks of a layout are a list of short hashes."))
    return marks


def _n_columns(n) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= 10_000:
        raise ValidationError(_("A table has between 1 and 10,000 columns."))
    return n


def _reader(name) -> str:
    if name and name not in {reader.name for reader in READERS}:
        raise ValidationError(_("There is no reader called {name}.").format(name=str(name)[:40]))
    return name or ""


def _mapping(mapping) -> dict:
    if not isinstance(mapping, dict) or not names_columns(mapping):
        raise ValidationError(_("The mapping must say what the columns are."))
    if wrong := check_structure(mapping):
        raise ValidationError(_("“{name}” has no value that fits.").format(name=wrong))
    others = {name: value for name, value in mapping.items() if name not in OURS}
    checked_hints(others, project=None)
    return mapping


OURS = {
    "kind", "x", "y", "roles", "x_unit", "y_quantity", "y_unit", "y_technique", "z_quantity", "z_unit", "z_from", "element", "percent",
    "percent_u", "percent_u_is", "size", "size_is", "size_unit", "table", "skip_rows", "sheet", "separator", "decimal_mark", "bin_ns",
}  # fmt: skip
CHECKS = {
    "name": _name, "fingerprint": _fingerprint, "labels": _labels, "marks": _marks, "n_columns": _n_columns, "reader": _reader,
    "mapping": _mapping,
}  # fmt: skip
