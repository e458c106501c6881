"""Settings of a method that hold for all new measurements of an instrument in a project."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from spectra.analysis import METHODS
from spectra.models import Instrument, InstrumentSettings

ONE_RESULT_ONLY = ("override", "exclude_sample", "exclude_standard")  # decisions about a single result


def for_every_result(parameters: Mapping) -> dict:
    """The settings of a result that others can share: without what was decided about this one alone."""
    return {name: value for name, value in parameters.items() if name not in ONE_RESULT_ONLY}


@transaction.atomic
def save_settings(
    *, by: User, project: Project, instrument: Instrument, method: str, parameters: Mapping
) -> InstrumentSettings:
    """From now on, new measurements of ``instrument`` in ``project`` are computed by ``method`` with these settings.

    Results that are there already stay as they are. Raises ValidationError by field.
    """
    roles.require(by, roles.WRITE, project)
    checked = _checked(method, parameters)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    earlier = InstrumentSettings.objects.filter(project=project, instrument=instrument, method=method)
    newest = earlier.order_by("-number").first()
    if newest and newest.ended_at is None and newest.parameters == checked:
        return newest
    earlier.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=by)
    made = InstrumentSettings.objects.create(
        project=project, instrument=instrument, method=method, parameters=checked, made_by=by,
        number=newest.number + 1 if newest else 1,
    )  # fmt: skip
    audit.record(
        by=by, action="settings.saved", subject=made, project_id=project.pk,
        after={"instrument": instrument.name, "method": method, "number": made.number, "parameters": checked},
    )  # fmt: skip
    return made


def _checked(method: str, parameters: Mapping) -> dict:
    if method not in METHODS:
        raise ValidationError({"method": _("QDLab has no method “{method}”.").format(method=method)})
    if not parameters:
        raise ValidationError({"parameters": _("Say at least one setting.")})
    personal = [name for name in ONE_RESULT_ONLY if parameters.get(name)]
    if personal:
        text = _("“{name}” is decided for one result at a time; it cannot hold for an instrument.")
        raise ValidationError({"parameters": text.format(name=personal[0])})
    try:
        complete = METHODS[method].complete(dict(parameters))
    except ValueError as problem:
        raise ValidationError({"parameters": str(problem)}) from problem
    return {name: complete[name] for name in parameters}


@transaction.atomic
def end_settings(*, by: User, settings: InstrumentSettings) -> InstrumentSettings:
    """Go back to the method's own defaults for new measurements; results keep what they were computed with."""
    roles.require(by, roles.WRITE, settings.project)
    if settings.ended_at is None:
        settings.ended_at, settings.ended_by = timezone.now(), by
        settings.save(update_fields=["ended_at", "ended_by"])
        audit.record(
            by=by, action="settings.ended", subject=settings, project_id=settings.project_id,
            after={"method": settings.method, "number": settings.number},
        )  # fmt: skip
    return settings
