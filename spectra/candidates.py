"""Which records may take which role of a method: what the page of a new analysis offers."""

from django.db.models import F
from django.utils.translation import gettext as _

from spectra.analysis import METHODS
from spectra.analysis.method import Method, Role
from spectra.models import Analysis, Composition, Measurement, State, Technique
from synthesis.models import Sample

MOST = 100  # of other samples; the newest are the ones that are looked for


def methods_for(user, sample: Sample) -> list[tuple[Method, bool]]:
    """Every method, and whether the sample already has what its required roles need."""
    return [(method, _is_ready(user, method, sample)) for method in METHODS.values()]


def _is_ready(user, method: Method, sample: Sample) -> bool:
    needed = [role for role in method.roles if role.minimum]
    return all(_fitting(user, role).filter(sample=sample).count() >= role.minimum for role in needed)


def candidates_for(user, method: Method, sample: Sample) -> dict[str, dict[str, list]]:
    """Role → {"own", "others"}: pairs of value and label, of the sample and of the rest of its project, oldest first."""
    found = {}
    for role in method.roles:
        fitting = _fitting(user, role).filter(project=sample.project_id).select_related("sample")
        others = fitting.exclude(sample=sample).order_by(F("sample").asc(nulls_last=True), "-pk")[:MOST]
        found[role.name] = {
            "own": [_choice(row) for row in fitting.filter(sample=sample).order_by("pk")],
            "others": [_choice(row, with_sample=True) for row in others],
        }
    return found


def _fitting(user, role: Role):
    if role.takes("analysis"):
        seen = Analysis.objects.visible_to(user).filter(withdrawn_at=None, superseded_by=None, state=State.DONE)
        return seen.filter(method__in=role.methods) if role.methods else seen
    if role.takes("composition"):
        return Composition.objects.visible_to(user).filter(withdrawn_at=None)
    seen = Measurement.objects.visible_to(user).filter(withdrawn_at=None)
    return seen.filter(technique__in=role.techniques) if role.techniques else seen


def _choice(row, with_sample: bool = False) -> tuple[str, str]:
    kind = {Analysis: "analysis", Composition: "composition", Measurement: "measurement"}[type(row)]
    return f"{kind}:{row.pk}", f"{_home(row)}: {_name(row)}" if with_sample else _name(row)


def _home(row) -> str:
    """Where a record of another sample, or of none, belongs."""
    if row.sample_id:
        return str(row.sample)
    return str(getattr(row, "standard", None) or _("on no sample"))


def _name(row) -> str:
    if isinstance(row, Analysis):
        return f"{_(METHODS[row.method].title)}, {row.ended_at:%Y-%m-%d %H:%M}"
    if isinstance(row, Measurement) and row.technique:
        when = f", {row.measured_at:%Y-%m-%d %H:%M}" if row.measured_at else ""
        return f"{row} ({Technique(row.technique).label}{when})"
    return str(row)
