"""``/uploads/``: files in, safely stored before they are answered; their state, and their bytes as they came."""

from base64 import b64encode
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.reverse import reverse

from qdlab.access.api.fields import Input, Output, Text, Visible
from qdlab.access.api.parsers import StrictJSONParser
from qdlab.access.api.problems import Problem, document, problem_of
from qdlab.access.api.resources import Resource
from qdlab.access.api.waiting import wait_of, wait_until
from qdlab.access.lookups import Field
from qdlab.records import store
from qdlab.records.arriving import name_of, pieces_of
from spectra import selectors, services
from spectra.api.notes import notes_out, sentence
from spectra.api.upload_forms import form_of
from spectra.conditions import IMAGING_MODES
from spectra.models import Upload
from spectra.pictures import answer_of
from synthesis.models import Sample

MOST_FILES = 50
MOST_ASKED = 100


class UploadRow(Output):
    sha256 = serializers.CharField(source="blob_id")
    size = serializers.IntegerField(source="blob.size")
    reason = serializers.SerializerMethodField(help_text="why it is unreadable or only kept, as a sentence")
    uploaded_by = serializers.StringRelatedField()
    uploaded_at = serializers.DateTimeField(source="created_at")
    raw_url = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = [
            "id", "name", "sha256", "size", "project", "sample", "batch", "status", "reason", "simulated", "uploaded_by",
            "uploaded_at", "withdrawn_at", "raw_url", "version",
        ]  # fmt: skip

    def get_reason(self, upload) -> str | None:
        return sentence(upload.reason)

    def get_raw_url(self, upload) -> str:
        return reverse("uploads-raw", [upload.pk], request=self.context["request"])


class UploadOut(UploadRow):
    warnings = serializers.SerializerMethodField(help_text="sentences")
    warning_codes = serializers.SerializerMethodField()
    measurements = serializers.SerializerMethodField(help_text="ids, in the order in which they stand in the file")
    suggestion = serializers.JSONField(help_text="where the file seems to belong, and why")
    reading = serializers.SerializerMethodField(help_text="the reader, its version and what it decided")
    preview = serializers.SerializerMethodField(
        help_text="of an image: where its preview is, the sizes, how the contrast was stretched; or why there is none"
    )

    class Meta(UploadRow.Meta):
        fields = [
            *UploadRow.Meta.fields,
            "warnings",
            "warning_codes",
            "measurements",
            "suggestion",
            "hints",
            "reading",
            "preview",
        ]

    def get_warnings(self, upload) -> list[str]:
        return [sentence(note) for note in upload.warnings]

    def get_warning_codes(self, upload) -> list[str]:
        return [note["code"] for note in notes_out(upload.warnings)]

    def get_measurements(self, upload) -> list[str]:
        return [str(measurement.pk) for measurement in selectors.measurements_of(upload)]

    def get_reading(self, upload) -> dict | None:
        reading = selectors.latest_reading(upload)
        if reading is None:
            return None
        return {
            "state": reading.state,
            "reader": reading.reader,
            "reader_version": reading.reader_version,
            "mapping": reading.mapping,
            "decided": reading.decided,
            "facts": reading.facts,
        }

    def get_preview(self, upload) -> dict | None:
        preview = getattr(upload, "preview", None)
        if preview is None:
            return None
        sizes = {name: getattr(preview, name) for name in ("width", "height", "source_width", "source_height", "facts")}
        url = reverse("uploads-preview", [upload.pk], request=self.context["request"]) if preview.is_drawn else None
        return {"url": url, **sizes, "reason": sentence(preview.reason)}


class UploadProgress(serializers.ModelSerializer):
    reason = serializers.SerializerMethodField(help_text="why it is unreadable, as a sentence")
    sample_code = serializers.SerializerMethodField(help_text="the sample it is on; of several one, null: none")
    waits = serializers.BooleanField(help_text="whether something in it belongs to nothing yet")
    n_analyses = serializers.IntegerField()
    n_open = serializers.IntegerField(help_text="analyses that have not ended")
    n_bad = serializers.IntegerField(help_text="analyses that ended without a number")
    n_unclear = serializers.IntegerField(help_text="measurements of which nobody has said yet what was measured")

    class Meta:
        model = Upload
        fields = [
            "id",
            "name",
            "status",
            "reason",
            "sample_code",
            "waits",
            "n_analyses",
            "n_open",
            "n_bad",
            "n_unclear",
        ]

    def get_reason(self, upload) -> str | None:
        return sentence(upload.reason)

    def get_sample_code(self, upload) -> str | None:
        return upload.sample.code if upload.sample else upload.measured_on


class ProgressOut(serializers.Serializer):
    uploads = UploadProgress(many=True)


class FilesIn(serializers.Serializer):
    """For the description only: the form is read by ``upload_forms``."""

    file = serializers.ListField(child=serializers.FileField(), max_length=MOST_FILES, help_text="once or more")
    project = serializers.CharField(required=False, help_text="id or name")
    sample = serializers.CharField(required=False, help_text="id or code")
    batch = serializers.CharField(required=False, help_text="id or code")
    role = serializers.CharField(required=False)
    technique = serializers.CharField(required=False)
    excitation_nm = serializers.FloatField(required=False)
    imaging_mode = serializers.ChoiceField(IMAGING_MODES, required=False)
    pixel_size_nm = serializers.FloatField(required=False)
    magnification = serializers.FloatField(required=False)
    acceleration_kv = serializers.FloatField(required=False)
    microscope = serializers.CharField(required=False)
    standard = serializers.CharField(required=False)
    standard_session = serializers.CharField(required=False)
    dilution_label = serializers.CharField(required=False)
    folder = serializers.CharField(required=False, help_text="the folder it lay in: its name may tell the sample")
    mapping = serializers.CharField(required=False, help_text="JSON")


class UploadChange(Input):
    sample = Visible(Sample, allow_null=True)
    sure = serializers.BooleanField(required=False, help_text="also where a number that was reviewed or chosen changes")


class ReadAgain(Input):
    mapping = serializers.JSONField(required=False, allow_null=True)
    hints = serializers.DictField(required=False, default=dict)


class Because(Input):
    because = Text(allow_blank=False, max_length=2000)


class Uploads(Resource):
    serializer_class = UploadOut
    list_serializer_class = UploadRow
    parser_classes = [StrictJSONParser, MultiPartParser]
    waits = True
    inputs = {"create": FilesIn, "partial_update": UploadChange, "read_again": ReadAgain, "withdraw": Because}
    filters = {
        "project": Field("project", "uuid"),
        "sample": Field("sample", "uuid"),
        "batch": Field("batch", "uuid"),
        "name": Field("name"),
        "sha256": Field("blob", "choice"),
        "status": Field("status", "choice"),
        "uploaded_at": Field("created_at", "datetime"),
        "uploaded_by": Field("uploaded_by__username", "choice"),
        "simulated": Field("simulated", "flag", flag=(("simulated", True),)),
    }

    def seen(self):
        return selectors.uploads(self.request.user, withdrawn=self.reads_one)

    def initial(self, request, *args, **kwargs):
        if request.method == "POST" and self.action == "create":
            _check_length(request)  # before anything reads the body
        super().initial(request, *args, **kwargs)

    def create(self, request):
        if not hasattr(request.data, "getlist"):
            raise ValidationError({"file": _("Send the files as multipart/form-data, in the field “file”.")})
        files = request.FILES.getlist("file")
        if not 1 <= len(files) <= MOST_FILES:
            raise ValidationError({"file": _("Send 1 to {n} files, in the field “file”.").format(n=MOST_FILES)})
        form = form_of(request.user, request.data)
        return self._report([self._take(form, file) for file in files])

    def _take(self, form, file) -> dict:
        """One file: stored, or refused without touching the others."""
        try:
            received = services.upload(
                by=self.request.user, project=form.project, name=name_of(file), chunks=pieces_of(file),
                batch=form.batch, sample=form.sample, hints=form.hints,
            )  # fmt: skip
        except Exception as refusal:
            problem = problem_of(refusal)
            if problem.status_code == 500:
                raise
            told = document(problem.status_code, problem.kind, problem.text, **problem.extra)
            return {"id": None, "name": name_of(file), "new": False, "status": "rejected", "problem": told}
        upload = received.upload
        return {
            "id": upload.pk,
            "name": upload.name,
            "sha256": upload.blob_id,
            "new": received.new,
            **self._place_of(upload, received.new),
            "status": upload.status,
            "uploaded_by": str(upload.uploaded_by),
            "uploaded_at": upload.created_at,
            "url": reverse("uploads-detail", [upload.pk], request=self.request),
        }

    def _place_of(self, upload: Upload, new: bool) -> dict:
        """The sample that a file is on, if any; of one that was there already also that of its measurements."""
        if upload.sample or new:
            return {"sample_code": upload.sample.code if upload.sample else None, "batch": upload.batch_id}
        found = selectors.files_under_way(self.request.user, [upload.pk]).first()
        return (
            {"sample_code": found.measured_on, "batch": found.measured_in}
            if found
            else {"sample_code": None, "batch": None}
        )

    def _report(self, entries: list[dict]) -> Response:
        """201 when anything was stored; when nothing was, the first refusal, with all of them."""
        refused = [entry["problem"] for entry in entries if "problem" in entry]
        if len(refused) < len(entries):
            return Response({"uploads": entries}, status=201)
        first = refused[0]
        extra = {name: first[name] for name in first if name not in ("type", "title", "status", "detail")}
        kind = first["type"].rpartition(":")[2]
        raise Problem(first["status"], kind, first["detail"], **extra, uploads=entries)

    def retrieve(self, request, pk):
        upload, seconds = self.get_object(), wait_of(request)
        if seconds:
            wait_until(lambda: selectors.upload_has_ended(upload), seconds)
            upload = self.get_object()
        return self.answer(upload)

    @extend_schema(responses=ProgressOut, parameters=[OpenApiParameter("ids", str)], filters=False)
    @action(detail=False, methods=["get"], parameters=("ids",), pagination_class=None)
    def progress(self, request):
        """Where up to 100 files stand, asked for at once: ids separated by commas, in no particular order."""
        found = selectors.files_under_way(request.user, _ids(request.query_params.get("ids", "")))
        return Response({"uploads": UploadProgress(found, many=True).data})

    def partial_update(self, request, pk):
        """Put the file, with all that was measured in it, on a sample; null puts it back into the inbox."""
        upload, expected = self.get_object(), self.expected()
        services.correct(by=request.user, upload=upload, expected=expected, **self.checked())
        return self.fresh(upload)

    @action(detail=True, methods=["post"], url_path="read-again")
    def read_again(self, request, pk):
        """Read the file once more, with a column mapping or further facts."""
        upload, given = self.get_object(), self.checked()
        mapping = given.get("mapping")
        if mapping is not None and not isinstance(mapping, dict):
            raise ValidationError({"mapping": _('Write a JSON object, e.g. {"x": 0, "y": 1}.')})
        services.read_again(by=request.user, upload=upload, mapping=mapping, hints=given["hints"])
        return self.fresh(upload)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take the file and its numbers out of use; its bytes stay."""
        upload = self.get_object()
        services.withdraw_upload(by=request.user, upload=upload, because=self.checked()["because"])
        return Response(status=204)

    @action(detail=True, methods=["get"])
    def raw(self, request, pk):
        """The bytes as uploaded, checked against their sha256."""
        return raw_answer(self.get_object())

    @action(detail=True, methods=["get"])
    def preview(self, request, pk):
        """The preview of an image, as WebP; it is drawn, so measure in the file itself."""
        return answer_of(request, self.get_object(), "preview")


def _ids(text: str) -> list[UUID]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST_ASKED:
        raise ValidationError({"ids": _("Give up to {n} ids, separated by commas.").format(n=MOST_ASKED)})
    try:
        return [UUID(part) for part in parts]
    except ValueError:
        raise ValidationError({"ids": _("An id looks like 0190f3c2-…: 32 hexadecimal digits.")}) from None


def _check_length(request) -> None:
    """Refuse what does not fit, asked by its announced length before the body is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    announced = int(length) if length.isdigit() else 0
    if announced > settings.MAX_UPLOAD_BYTES * MOST_FILES:
        raise store.TooLarge
    store.check_space(announced)


def raw_answer(upload: Upload) -> FileResponse:
    """A download that no browser runs or displays as a page. Raises ``store.Damaged`` when the bytes are not those."""
    path = store.verified_path(upload.blob_id)
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=upload.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["ETag"] = f'"{upload.blob_id}"'
    answer["Digest"] = f"sha-256={_base64(upload.blob_id)}"
    return answer


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
