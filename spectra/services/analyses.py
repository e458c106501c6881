"""Analyses: asking for one, repeating it with other settings, choosing which one speaks for a batch."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit, outbox
from qdlab.records.versions import change
from spectra import queue
from spectra.analysis import METHODS
from spectra.models import Agreed, Analysis, AnalysisInput, Composition, Measurement, State
from spectra.recomputing import newest
from spectra.wishes import queue_analysis
from synthesis.models import Batch


@transaction.atomic
def analyse(
    *, by: User, method: str, inputs: Sequence[Mapping], parameters: Mapping | None = None, because: str = ""
) -> Analysis:
    """Queue ``method`` on chosen inputs: ``{"role", "index", "measurement" | "composition" | "analysis"}`` each.

    Everything must be visible to ``by`` and of one project; ``because`` says why refusals are overridden, where
    ``parameters`` do so. Raises ValidationError by field.
    """
    if method not in METHODS:
        raise ValidationError(
            {
                "method": _("QDLab has no method “{method}”. Choose one of: {known}.").format(
                    method=method, known=", ".join(METHODS)
                )
            }
        )
    rows = [_input_row(by, method, number, given) for number, given in enumerate(inputs)]
    _check_roles(method, rows)
    parameters = _checked_parameters(method, parameters or {})
    project = _project_of(rows)
    roles.require(by, roles.WRITE, project)
    because = _reason_to_override(parameters, because)
    analysis = queue_analysis(method, rows, parameters=parameters, by=by, automatic=False, override_because=because)
    _record_request(by, analysis)
    return analysis


def _record_request(by: User, analysis: Analysis) -> None:
    why = {"because": analysis.override_because} if analysis.override_because else {}
    audit.record(
        by=by, action="analysis.requested", subject=analysis, project_id=analysis.project_id,
        after={"method": analysis.method, "parameters": analysis.parameters, **why},
    )  # fmt: skip


def _overridden(parameters: Mapping) -> set[str]:
    return {code.strip() for code in str(parameters.get("override") or "").split(",")} - {""}


def _reason_to_override(parameters: Mapping, because: str, earlier: Analysis | None = None) -> str:
    """Why refusals are overridden: said now, or said for the same refusals by ``earlier``; empty where none is."""
    codes = _overridden(parameters)
    if not codes or because.strip():
        return because.strip() if codes else ""
    if earlier is not None and codes <= _overridden(earlier.parameters):
        return earlier.override_because
    raise ValidationError(
        {"because": _("Say why you compute it in spite of the refusal: the reason stands beside the number.")}
    )


def _input_row(by: User, method: str, number: int, given: Mapping) -> AnalysisInput:
    kinds = {"measurement": Measurement, "composition": Composition, "analysis": Analysis}
    named = [kind for kind in kinds if given.get(kind)]
    if len(named) != 1:
        raise ValidationError(
            {"inputs": _("Input {n}: name exactly one measurement, composition or analysis.").format(n=number + 1)}
        )
    kind = named[0]
    found = kinds[kind].objects.visible_to(by).filter(pk=_uuid(given[kind]), withdrawn_at=None).first()
    if found is None:
        raise ValidationError(
            {"inputs": _("Input {n}: there is no such {kind}, or it was withdrawn.").format(n=number + 1, kind=_(kind))}
        )
    role = given.get("role") or _only_role(method, number)
    index = given.get("index") or 0
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < 10_000:
        raise ValidationError({"inputs": _("Input {n}: the index must be a whole number from 0.").format(n=number + 1)})
    return AnalysisInput(role=role, index=index, **{"upstream" if kind == "analysis" else kind: found})


def _uuid(value):
    try:
        return UUID(str(getattr(value, "pk", value)))
    except ValueError:
        return None


def _only_role(method: str, number: int) -> str:
    wanted = METHODS[method].roles
    if len(wanted) == 1:
        return wanted[0].name
    known = ", ".join(role.name for role in wanted)
    raise ValidationError({"inputs": _("Input {n}: say its role, one of: {known}.").format(n=number + 1, known=known)})


def _check_roles(method: str, rows: Sequence[AnalysisInput]) -> None:
    wanted = {role.name: role for role in METHODS[method].roles}
    counts = dict.fromkeys(wanted, 0)
    seen = set()
    for row in rows:
        if row.role not in wanted:
            raise ValidationError(
                {
                    "inputs": _("“{role}” is no role of {method}; it has: {known}.").format(
                        role=row.role, method=method, known=", ".join(wanted)
                    )
                }
            )
        if (row.role, row.index) in seen:
            raise ValidationError(
                {
                    "inputs": _("Two inputs are {role} {index}. Number them 0, 1, 2 …").format(
                        role=row.role, index=row.index
                    )
                }
            )
        seen.add((row.role, row.index))
        counts[row.role] += 1
        _check_kind(wanted[row.role], row)
    for name, role in wanted.items():
        if counts[name] < role.minimum:
            raise ValidationError(
                {"inputs": _("{method} needs at least {n} × {role}.").format(method=method, n=role.minimum, role=name)}
            )
        if role.maximum is not None and counts[name] > role.maximum:
            raise ValidationError(
                {"inputs": _("{method} takes at most {n} × {role}.").format(method=method, n=role.maximum, role=name)}
            )


def _check_kind(role, row: AnalysisInput) -> None:
    if row.upstream_id:
        fits = role.takes("analysis") and row.upstream.state == State.DONE
        fits = fits and (not role.methods or row.upstream.method in role.methods)
    elif row.composition_id:
        fits = role.takes("composition")
    else:
        technique = row.measurement.technique
        fits = role.value not in ("analysis", "composition")
        fits = fits and (not role.techniques or not technique or technique in role.techniques)
    if not fits:
        wanted = ", ".join(role.methods or role.techniques) or role.value
        raise ValidationError({"inputs": _("“{role}” must be of: {wanted}.").format(role=role.name, wanted=wanted)})


def _project_of(rows: Sequence[AnalysisInput]):
    things = [row.measurement or row.composition or row.upstream for row in rows]
    if not things:
        raise ValidationError({"inputs": _("Name at least one input.")})
    if len({thing.project_id for thing in things}) > 1:
        raise ValidationError({"inputs": _("All inputs must belong to one project.")})
    return things[0].project


def _checked_parameters(method: str, parameters: Mapping) -> dict:
    try:
        complete = METHODS[method].complete(dict(parameters))
    except ValueError as problem:
        raise ValidationError({"parameters": str(problem)}) from problem
    return {name: complete[name] for name in parameters}


@transaction.atomic
def analyse_again(*, by: User, analysis: Analysis, parameters: Mapping | None = None, because: str = "") -> Analysis:
    """Repeat an analysis on its inputs as they are today, with other parameters if given. The old result stays.

    Overriding a further refusal needs its reason, ``because``.
    """
    roles.require(by, roles.WRITE, analysis.project)
    if analysis.method not in METHODS:
        raise ValidationError(_("This version of QDLab has no method “{method}”.").format(method=analysis.method))
    chosen = _checked_parameters(analysis.method, analysis.parameters if parameters is None else parameters)
    rows = [
        AnalysisInput(
            role=i.role,
            index=i.index,
            measurement=i.measurement,
            composition=i.composition,
            upstream=i.upstream and newest(i.upstream),
        )
        for i in analysis.inputs.select_related("measurement__sample", "composition__sample", "upstream__sample")
    ]
    again = queue_analysis(
        analysis.method, rows, parameters=chosen, by=by, automatic=False, sample=analysis.sample,
        override_because=_reason_to_override(chosen, because, earlier=analysis),
        settings_from=analysis.settings_from if chosen == analysis.parameters else None,
    )  # fmt: skip
    _record_request(by, again)
    return again


@transaction.atomic
def retry_analysis(*, by: User, analysis: Analysis) -> Analysis:
    """Put a failed analysis back into the queue."""
    roles.require(by, roles.WRITE, analysis.project)
    if analysis.state not in (State.FAILED, State.CANCELLED):
        raise ValidationError(
            _("Only a failed analysis can be tried again; this one is {state}.").format(
                state=analysis.get_state_display()
            )
        )
    queue.enqueue(analysis)
    audit.record(by=by, action="analysis.retried", subject=analysis, project_id=analysis.project_id)
    return analysis


@transaction.atomic
def withdraw_analysis(*, by: User, analysis: Analysis, because: str) -> None:
    """Take a result out of use; it stays readable and says why."""
    roles.require(by, roles.WRITE, analysis.project)
    change(analysis, expected=None, withdrawn_at=timezone.now(), withdrawn_because=because)
    audit.record(
        by=by, action="analysis.withdrawn", subject=analysis, project_id=analysis.project_id, after={"because": because}
    )
    if analysis.sample_id:
        outbox.changed("batch", analysis.sample.batch_id)


@transaction.atomic
def agree_on(*, by: User, batch: Batch, analysis: Analysis, because: str) -> Agreed:
    """Choose the analysis that speaks for a batch; the choice is shown with its reason and its alternatives."""
    roles.require(by, roles.WRITE, batch.project)
    because = because.strip()
    if not because:
        raise ValidationError({"because": _("Say why this result speaks for the batch, so that others understand.")})
    if analysis.sample is None or analysis.sample.batch_id != batch.pk or not analysis.is_current:
        raise ValidationError(_("Choose a current result of one of this batch's samples."))
    agreed, _made = Agreed.objects.update_or_create(
        batch=batch, method=analysis.method, defaults={"analysis": analysis, "chosen_by": by, "because": because}
    )
    audit.record(
        by=by, action="batch.agreed", subject=batch, project_id=batch.project_id,
        after={"method": analysis.method, "analysis": str(analysis.pk), "because": because},
    )  # fmt: skip
    outbox.changed("batch", batch.pk)
    return agreed


@transaction.atomic
def cancel_agreement(*, by: User, batch: Batch, method: str) -> None:
    """Go back to the newest accepted result."""
    roles.require(by, roles.WRITE, batch.project)
    Agreed.objects.filter(batch=batch, method=method).delete()
    audit.record(
        by=by, action="batch.agreement_cancelled", subject=batch, project_id=batch.project_id, after={"method": method}
    )
    outbox.changed("batch", batch.pk)
