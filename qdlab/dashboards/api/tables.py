"""``/tables/batches``: one row per batch, sample or analysis, for analysis scripts."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.utils.urls import replace_query_param

from qdlab.access.api import tabular
from qdlab.access.api.pagination import cursor_after, limit_of, page_of
from qdlab.access.api.resources import ApiView
from qdlab.access.lookups import Order
from qdlab.dashboards import selectors, tables
from synthesis.models import Batch

OWN = {"per", "reference", "format", "fields", "limit", "cursor", "ordering"}


class BatchesTable(ApiView):
    """All batches that match, with every ratio, condition and quantity, each with its ``_u`` and ``_flags``.

    Filters are those of ``/batches/``. ``per=sample`` or ``analysis`` gives a row for each; ``reference=Cs`` counts ratios
    against another species. Everything comes at once; with ``limit`` the header ``Link`` names the next part.
    """

    renderer_classes = tabular.FORMATS

    def check_parameters(self, request) -> None:
        """Left to the filters, which know the names of quantities and ratios."""

    @extend_schema(
        parameters=[
            OpenApiParameter("per", str, enum=tables.PER),
            OpenApiParameter("reference", str, description="species that counts as 1; usually the metal"),
            OpenApiParameter("format", str, enum=[f.format for f in tabular.FORMATS]),
            OpenApiParameter("ordering", str, description="e.g. -plqy"),
            OpenApiParameter("limit", int, description="batches at once; all when left out"),
        ],
        responses={(200, f.media_type): OpenApiTypes.ANY for f in tabular.FORMATS},
    )
    def get(self, request):
        asked = request.query_params.dict()
        per, reference = self._choices(asked)
        filters = {name: text for name, text in asked.items() if name not in OWN}
        ordering, limit = asked.get("ordering") or "-created_at", limit_of(request, None)
        chosen, last = selectors.batches_table(request.user, filters, ordering), None
        if limit:
            chosen, last = self._part(chosen, ordering, limit)
        columns = tables.batches_columns(request.user, chosen, per, reference)
        table = tabular.with_units(columns.table(self._fields(asked, columns)), columns.about)
        name = {"batch": "batches", "sample": "samples", "analysis": "analyses"}[per]
        file_name = f"qdlab-{name}-{timezone.localdate():%Y-%m-%d}"
        answer = tabular.table_answer(table, request.accepted_renderer, file_name)
        if last:
            answer["Link"] = f'<{replace_query_param(request.build_absolute_uri(), "cursor", last)}>; rel="next"'
        return answer

    def _choices(self, asked: dict) -> tuple[str, str]:
        per, reference = asked.get("per", "batch"), asked.get("reference", "")
        if per not in tables.PER:
            raise ValidationError({"per": _("Choose one of: {choices}.").format(choices=", ".join(tables.PER))})
        if reference and f"ratio_{reference}" not in selectors.ratio_names(self.request.user):
            raise ValidationError({"reference": _("The shelf has no species “{name}”.").format(name=reference[:40])})
        return per, reference

    def _part(self, chosen, ordering: str, limit: int):
        """One page of batches as a queryset in the same order, and the cursor of the next one."""
        _found, orders = selectors.with_orders(self.request.user, Batch.objects.visible_to(self.request.user), ordering)
        orders = [*orders, Order("pk", True)]
        rows = page_of(chosen, orders, self.request.query_params.get("cursor"), limit + 1)
        last = cursor_after(rows[limit - 1], orders) if len(rows) > limit else None
        return chosen.filter(pk__in=[row.pk for row in rows[:limit]]), last

    @staticmethod
    def _fields(asked: dict, columns: tables.Columns) -> list[str]:
        wanted = [name.strip() for name in asked.get("fields", "").split(",") if name.strip()]
        unknown = [name for name in wanted if name not in columns.arrays]
        if unknown:
            known = ", ".join(columns.arrays)
            raise ValidationError({"fields": _("There is no column {names}. Known are: {known}.").format(
                names=", ".join(unknown)[:200], known=known
            )})  # fmt: skip
        return list(dict.fromkeys(wanted))
