"""Django's admin shows files, measurements and results; writes go through the services."""

from django.contrib import admin

from qdlab.records.admin import ReadOnlyAdmin
from spectra.models import (
    Agreed,
    Analysis,
    Composition,
    CorrectionFile,
    FoundFile,
    Instrument,
    InstrumentSettings,
    Layout,
    Measurement,
    Quantity,
    Reading,
    Rereading,
    SourceFolder,
    Standard,
    StandardSession,
    Trial,
    Upload,
)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "uploaded_by", "status", "sample", "created_at", "withdrawn_at")
    list_filter = ("status", "project", "simulated")
    list_select_related = ("project", "uploaded_by", "sample")
    search_fields = ("name", "blob__sha256")


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = ("upload", "reader", "reader_version", "state", "attempt", "queued_at", "ended_at")
    list_filter = ("state", "reader")
    list_select_related = ("upload",)
    search_fields = ("upload__name",)


@admin.register(SourceFolder)
class SourceFolderAdmin(ReadOnlyAdmin):
    list_display = ("path", "project", "mode", "by", "looked_at", "stopped_at")
    list_filter = ("mode", "project")
    list_select_related = ("project", "by")
    search_fields = ("path",)


@admin.register(FoundFile)
class FoundFileAdmin(ReadOnlyAdmin):
    list_display = ("path", "folder", "state", "size", "attempts", "settled_at", "upload")
    list_filter = ("state", "folder")
    list_select_related = ("folder", "upload")
    search_fields = ("path",)


@admin.register(Rereading)
class RereadingAdmin(ReadOnlyAdmin):
    list_display = ("project", "why", "requested_by", "created_at")
    list_filter = ("why", "project")
    list_select_related = ("project", "requested_by")


@admin.register(Trial)
class TrialAdmin(ReadOnlyAdmin):
    list_display = ("upload", "reader", "reader_version", "state", "outcome", "decision")
    list_filter = ("state", "outcome", "decision", "reader")
    list_select_related = ("upload",)
    search_fields = ("upload__name",)


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ("title", "technique", "role", "sample", "project", "measured_at", "withdrawn_at")
    list_filter = ("technique", "role", "project")
    list_select_related = ("sample", "project")
    search_fields = ("title", "sample__code")


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    list_display = ("method", "sample", "state", "attempt", "automatic", "queued_at", "ended_at", "stale_since")
    list_filter = ("state", "method", "project")
    list_select_related = ("sample",)
    search_fields = ("sample__code", "input_digest")
    exclude = ("curves",)  # long lists of numbers; the result's own page draws them


@admin.register(Quantity)
class QuantityAdmin(ReadOnlyAdmin):
    list_display = ("name", "value", "u", "unit", "analysis")
    list_filter = ("name",)
    list_select_related = ("analysis",)


@admin.register(Agreed)
class AgreedAdmin(ReadOnlyAdmin):
    list_display = ("batch", "method", "analysis", "chosen_by", "chosen_at")
    list_filter = ("method",)
    list_select_related = ("batch", "analysis", "chosen_by")


@admin.register(Standard)
class StandardAdmin(ReadOnlyAdmin):
    list_display = ("compound", "solvent", "phi", "phi_u", "gas", "revision", "archived_at")
    search_fields = ("compound", "solvent")


@admin.register(StandardSession)
class StandardSessionAdmin(ReadOnlyAdmin):
    list_display = ("name", "standard", "project", "measured_at", "valid_until", "withdrawn_at")
    list_filter = ("project",)
    list_select_related = ("standard", "project")


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "maker", "model", "serial", "archived_at")
    search_fields = ("name", "serial")


@admin.register(CorrectionFile)
class CorrectionFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "instrument", "kind", "measured_on")
    list_filter = ("kind",)
    list_select_related = ("instrument",)


@admin.register(Composition)
class CompositionAdmin(ReadOnlyAdmin):
    list_display = ("title", "sample", "project", "measured_at", "withdrawn_at")
    list_select_related = ("sample", "project")


@admin.register(Layout)
class LayoutAdmin(ReadOnlyAdmin):
    list_display = ("name", "version", "made_by", "created_at", "archived_at")
    list_select_related = ("made_by",)
    search_fields = ("name", "fingerprint")


@admin.register(InstrumentSettings)
class InstrumentSettingsAdmin(ReadOnlyAdmin):
    list_display = ("instrument", "project", "method", "number", "made_by", "created_at", "ended_at")
    list_filter = ("project", "method")
    list_select_related = ("instrument", "project", "made_by")
