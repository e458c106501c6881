"""What a person says with a file or of a measurement, checked: each wrong word gets a sentence at its field."""

from dataclasses import fields
from math import isfinite
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from qdlab.access.models import Project
from spectra.conditions import IMAGING_MODES, Conditions
from spectra.models import Role, Standard, StandardSession, Technique

FLAGS = ("spectrally_corrected", "blank_subtracted")
WORDS = (
    "intensity_unit",
    "correction_file",
    "solvent",
    "gas",
    "dilution_label",
    "imaging_mode",
    "microscope",
    "detector",
)
NUMBERS = tuple(f.name for f in fields(Conditions) if f.name not in FLAGS + WORDS)
POSITIVE = tuple(name for name in NUMBERS if name not in ("temperature_c", "voltage_v", "dose_j_cm2", "ageing_h"))
FURTHER = (
    "gain",
    "response",
    "scan_speed_nm_min",
)  # settings that are kept as conditions without being in the contract
ABOUT_WHERE_IT_LAY = ("folder", "instrument")  # the folder it was found in, and whose folder that is


def checked_hints(given: dict, project: Project) -> dict:
    """``given`` as it can be stored; raises ValidationError by field. Empty values are left out (not known)."""
    problems, hints = {}, {}
    for name, value in given.items():
        if value is None or value == "":
            continue
        try:
            hints[name] = _checked(name, value, project)
        except ValidationError as problem:
            problems[name] = problem.messages
    if problems:
        raise ValidationError(problems)
    return hints


def _checked(name: str, value, project: Project):
    if name in NUMBERS:
        return _number(name, value)
    if name in FLAGS:
        return _flag(value)
    if name == "technique":
        return _one_of(value, Technique.values)
    if name == "role":
        return _one_of(value, Role.values)
    if name == "intensity_unit":
        return _one_of(value, ["photon", "energy"])
    if name == "imaging_mode":
        return _one_of(value, IMAGING_MODES)
    if name in WORDS + FURTHER:
        return str(value).strip()[:120]
    if name == "standard":
        return _id_of(Standard.objects.all(), value, _("There is no such standard on the shelf."))
    if name == "standard_session":
        sessions = StandardSession.objects.filter(project=project)
        return _id_of(sessions, value, _("There is no such standard session in this project."))
    if name in ABOUT_WHERE_IT_LAY:
        return str(value).strip()[:1000]
    if name in ("mapping", "reader") and isinstance(value, dict | str):
        return value
    raise ValidationError(_("QDLab knows no “{name}” here.").format(name=name))


def _number(name: str, value) -> float:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValidationError(_("Write a number, e.g. 372 or 0,5."))
    if name in POSITIVE and number <= 0:
        raise ValidationError(_("This must be greater than zero."))
    return number


def _flag(value) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ValidationError(_("Answer yes or no, or leave it open."))
    return words[str(value).lower()]


def _one_of(value, choices) -> str:
    if value not in choices:
        raise ValidationError(_("Choose one of: {choices}.").format(choices=", ".join(choices)))
    return value


def _id_of(queryset, value, message: str) -> str:
    found = (
        queryset.filter(pk=getattr(value, "pk", value)).values_list("pk", flat=True).first()
        if _is_uuid(value)
        else None
    )
    if found is None:
        raise ValidationError(message)
    return str(found)


def _is_uuid(value) -> bool:
    try:
        UUID(str(getattr(value, "pk", value)))
    except ValueError:
        return False
    return True
