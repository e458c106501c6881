"""Files, measurements and results to look at. Nothing can be changed here: see ``services``."""

from django.contrib import admin

from qdlab.records.admin import ReadOnlyAdmin
from spectra.models import Analysis, Instrument, Measurement, Reading, Standard, StandardSession, Upload


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("name", "status", "project", "uploaded_by", "created_at", "simulated")
    list_filter = ("status", "project")
    list_select_related = ("project", "uploaded_by")
    search_fields = ("name", "blob__sha256")


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = ("upload", "state", "attempt", "reader", "reader_version", "queued_at", "lease_until")
    list_filter = ("state", "reader")
    list_select_related = ("upload",)


@admin.register(Measurement)
class MeasurementAdmin(ReadOnlyAdmin):
    list_display = ("title", "technique", "role", "sample", "project", "measured_at")
    list_filter = ("technique", "role", "project")
    list_select_related = ("sample", "project")
    search_fields = ("title",)


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin):
    list_display = ("method", "method_version", "state", "attempt", "sample", "queued_at", "lease_until", "stale_since")
    list_filter = ("state", "method", "project")
    list_select_related = ("sample",)


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    list_display = ("name", "maker", "model", "serial")


@admin.register(Standard)
class StandardAdmin(ReadOnlyAdmin):
    list_display = ("compound", "solvent", "phi", "phi_u", "revision")


@admin.register(StandardSession)
class StandardSessionAdmin(ReadOnlyAdmin):
    list_display = ("name", "standard", "instrument", "measured_at", "valid_until")
    list_select_related = ("standard", "instrument")
