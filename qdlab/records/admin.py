"""Django's admin shows the records and changes nothing: writes go through the services, with their checks and audit."""

from django.contrib import admin

from qdlab.records.models import AuditEvent, Blob


class ReadOnlyAdmin(admin.ModelAdmin):
    """The base of every app's admin pages."""

    actions = None
    list_per_page = 100
    show_full_result_count = False

    def has_add_permission(self, request, *args):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "via", "action", "subject_type", "subject_id", "chain", "number")
    list_filter = ("via", "action")
    search_fields = ("actor", "subject_id")
    ordering = ("-id",)


@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "size", "stored_at")
    search_fields = ("sha256",)
