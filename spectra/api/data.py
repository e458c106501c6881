"""``/spectra/data``: many curves in one answer."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from qdlab.access import lookups
from qdlab.access.api import tabular
from qdlab.access.api.fields import Input, Text
from qdlab.access.api.resources import ApiView
from qdlab.access.lookups import Condition, Field
from spectra import curves, selectors

UNITS = {"x": {"unit": "", "label": "in x_unit"}, "y": {"unit": "", "label": "y_quantity in y_unit"}}
ROLES = ("signal", "HT", "reference", "dark", "IRF", "sensitivity")


class Wide(tabular.TableRenderer):
    media_type, format = "text/csv", "wide"


class IdsIn(Input):
    ids = Text(help_text="measurement ids, separated by commas")


class SpectraData(ApiView):
    """Curves of chosen measurements.

    Long form: one row per point. ``format=wide``: x and one column per curve, on a common grid, as CSV. JSON: one record
    per curve, with its arrays. POST takes a long list of ids in the body: ``{"ids": "…,…"}``.
    """

    renderer_classes = [*tabular.FORMATS, Wide]
    reading_actions = ("post",)
    filters = {
        "ids": Field("pk", "uuid"),
        "batch": Field("sample__batch", "uuid"),
        "sweep": Field("sample__batch__sweep", "uuid"),
        "sample": Field("sample", "uuid"),
        "project": Field("project", "uuid"),
        "upload": Field("reading__upload", "uuid"),
        "standard_session": Field("standard_session", "uuid"),
        "technique": Field("technique", "choice"),
        "of": Field("role", "choice"),
    }
    parameters = (*filters, "role")

    @property
    def action(self) -> str:
        return self.request.method.lower()

    @extend_schema(
        parameters=[
            *[OpenApiParameter(name, str, description="one or more, separated by commas") for name in filters],
            OpenApiParameter("role", str, description="roles of channels; usually only signal. all: every channel"),
            OpenApiParameter("format", str, enum=["json", "csv", "wide", "parquet", "arrow"]),
        ],
        responses={(200, media): OpenApiTypes.BINARY for media in ("text/csv", tabular.Parquet.media_type)},
    )
    def get(self, request):
        return self.answer(self.chosen(request.query_params.dict()))

    @extend_schema(request=IdsIn, responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def post(self, request):
        serializer = IdsIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.answer(self.chosen(request.query_params.dict() | serializer.validated_data))

    def chosen(self, parameters: dict):
        """The visible measurements that were asked for. Ids that one may not see are those that are not there."""
        found = selectors.measurements(self.request.user).select_related(None).order_by("pk")
        asked = {name: text for name, text in parameters.items() if name in self.filters}
        if not set(asked) - {"technique", "of"}:
            known = ", ".join(name for name in self.filters if name not in ("technique", "of"))
            raise ValidationError({"ids": _("Say which curves, by one of: {known}.").format(known=known)})
        return lookups.narrowed(found, [_condition(name, text) for name, text in asked.items()], self.filters)

    def answer(self, measurements):
        renderer = self.request.accepted_renderer
        found = curves.curves_of(measurements, _roles(self.request))
        if renderer.format == "wide":
            try:
                table = curves.wide_table(found)
            except curves.NotOneAxis as problem:
                sentence = _("These curves have different axes ({units}). Choose one technique.")
                raise ValidationError({"technique": sentence.format(units=problem)}) from None
            return tabular.table_answer(table, tabular.Csv(), "spectra")
        records = curves.as_records(found) if renderer.format == "json" else None
        table = tabular.with_units(curves.long_table(found if records is None else []), UNITS)
        return tabular.table_answer(table, renderer, "spectra", records)


def _condition(name: str, text: str) -> Condition:
    """One or many values, separated by commas."""
    kind = SpectraData.filters[name]
    return lookups.conditions_of({f"{name}__in": text}, {name: kind})[0]


def _roles(request) -> tuple[str, ...]:
    wanted = request.query_params.get("role", "signal")
    if wanted == "all":
        return ()
    roles = tuple(wanted.split(","))
    if set(roles) - set(ROLES):
        raise ValidationError({"role": _("Choose among: {known}.").format(known=", ".join([*ROLES, "all"]))})
    return roles
