"""Samples and batches by the names that people and files use."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from synthesis.models import Batch, BatchCode, Sample


def samples_named(user, name: str, project=None):
    """Visible samples with this id or code."""
    return _named(
        Sample.objects.visible_to(user).select_related("project", "batch"), name, Q(code__iexact=name), project
    )


def batches_named(user, name: str, project=None):
    """Visible batches with this id or code; a code they once had counts too."""
    codes = Q(code__iexact=name) | Q(codes__code__iexact=name)
    return _named(Batch.objects.visible_to(user).select_related("project"), name, codes, project).distinct()


def _named(seen, name: str, by_code: Q, project):
    try:
        found = seen.filter(pk=UUID(name))
    except ValueError:
        found = seen.filter(by_code)
    return found.filter(project=project) if project else found


def codes_taken(project, codes: Iterable[str]) -> set[str]:
    """Those of ``codes`` that a batch or sample of a project has or had."""
    batches = BatchCode.objects.filter(project=project, code__in=codes).values_list("code", flat=True)
    return {*batches, *Sample.objects.filter(project=project, code__in=codes).values_list("code", flat=True)}
