"""What every resource does alike: who sees what, lists, ETags, writes that say which version they saw."""

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from qdlab.access import lookups
from qdlab.access.api import idempotency
from qdlab.access.api.problems import Problem, etag
from qdlab.access.api.schema import ApiSchema
from qdlab.records.audit import acting_through


class FormatOrAccept(DefaultContentNegotiation):
    """``?format=csv`` goes before the Accept header; what there is not is a 406 that names what there is."""

    def select_renderer(self, request, renderers, format_suffix=None):
        wanted = format_suffix or request.query_params.get("format")
        if wanted is not None and wanted not in {renderer.format for renderer in renderers}:
            raise self._refusal(renderers)
        try:
            return super().select_renderer(request, renderers, wanted)
        except NotAcceptable:
            raise self._refusal(renderers) from None

    def _refusal(self, renderers) -> NotAcceptable:
        known = ", ".join(f"{renderer.format} ({renderer.media_type})" for renderer in renderers)
        return NotAcceptable(_("This can be had as: {known}.").format(known=known))


class ApiView(APIView):
    """The base of all views of the API."""

    schema = ApiSchema()
    content_negotiation_class = FormatOrAccept
    parameters: tuple[str, ...] = ()  # query parameters beside format, where no filters are declared
    action_map: dict = {}
    filters: dict = {}

    def dispatch(self, request, *args, **kwargs):
        with acting_through("API"):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        self.check_parameters(request)
        self.idempotent = self._begin(request)
        if isinstance(self.idempotent, HttpResponse):
            raise _Replayed(self.idempotent)

    def check_parameters(self, request) -> None:
        allow(request, {"format", *self.parameters})

    def _begin(self, request):
        key = idempotency.key_of(request) if request.method == "POST" else None
        return idempotency.begin(request.user, key, idempotency.digest_of(request)) if key else None

    def handle_exception(self, exception):
        if isinstance(exception, _Replayed):
            return exception.answer
        return super().handle_exception(exception)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        row = getattr(self, "idempotent", None)
        if row is not None and not isinstance(row, HttpResponse):
            idempotency.end(row, response)
        response.setdefault("Cache-Control", "private, no-cache")
        return response


class _Replayed(Exception):
    def __init__(self, answer: HttpResponse):
        self.answer = answer


def allow(request, known: set[str]) -> None:
    """Refuse query parameters that nobody declared."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        sentence = _("There is no such parameter. Known are: {known}.").format(known=", ".join(sorted(known)))
        raise ValidationError({name[:80]: sentence for name in unknown})
    for name, text in request.query_params.items():
        try:
            lookups.check_plain(text)
        except ValidationError as problem:
            raise ValidationError({name: problem.messages}) from None


class Resource(ApiView, GenericViewSet):
    """A list and its records. A subclass says what is ``seen()``, which ``filters`` there are, and what can be written."""

    filters: dict[str, lookups.Field] = {}
    default_order = ""
    newest_first = True
    waits = False
    list_serializer_class = None
    inputs: dict[str, type] = {}  # action → what may be sent
    lookup_value_converter = "uuid"

    # --- reading ---

    def seen(self):
        """The records that ``self.request.user`` may see, with what their answer needs."""
        raise NotImplementedError

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):  # the description is written without asking the database
            return self.serializer_class.Meta.model.objects.none()
        return self.seen()

    @property
    def reads_one(self) -> bool:
        """Whether a single record is only looked at: then also one that is no longer in use, as old results name it."""
        return self.action != "list" and self.request.method in SAFE_METHODS

    def check_parameters(self, request) -> None:
        if self.action == "list":
            known = {"format", "limit", "cursor", "fields", "ordering"}
            for name in request.query_params:
                if name in lookups.RESERVED and name not in known:
                    raise ValidationError({name: _("A list cannot be asked for this.")})
        else:
            allow(request, {"format", "fields", *(["wait"] if self.waits else []), *self.parameters})

    def get_serializer_class(self):
        return (self.action == "list" and self.list_serializer_class) or self.serializer_class

    def further_order(self, name: str) -> str | None:
        """The path to order by for a name that is not declared, or None."""
        return None

    def filter_queryset(self, queryset):
        return lookups.narrowed(queryset, lookups.conditions_of(self.request.query_params, self.filters), self.filters)

    def orders(self, request):
        wanted = request.query_params.get("ordering", self.default_order)
        return lookups.orders_of(wanted, self.filters, self.further_order)

    def list(self, request, *args, **kwargs):
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return self.answer(self.get_object())

    # --- writing ---

    def checked(self) -> dict:
        """The body as this action's serializer of ``inputs`` understands it; raises with a sentence per field."""
        serializer = self.inputs[self.action](data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def expected(self) -> int | None:
        """The version that the author saw, from If-Match; None for ``*``."""
        sent = self.request.headers.get("If-Match")
        if sent is None:
            text = _("Send the ETag that you read as If-Match, so that nobody's change is overwritten.")
            raise Problem(428, "if-match-missing", text)
        if sent.strip() == "*":
            return None
        version = sent.strip().removeprefix("W/").strip('"')
        return int(version) if version.isascii() and version.isdigit() and len(version) < 18 else -1

    def answer(self, record, status: int = 200) -> Response:
        """One record with its ETag."""
        response = Response(self.get_serializer(record).data, status=status)
        if hasattr(record, "version"):
            response["ETag"] = etag(record.version)
        if status == 201:
            response["Location"] = self.request.build_absolute_uri(f"{self.request.path.rstrip('/')}/{record.pk}/")
        return response

    def fresh(self, record, status: int = 200) -> Response:
        """The record as it stands now, after a service has written it."""
        return self.answer(self.get_queryset().get(pk=record.pk), status)
