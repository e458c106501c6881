"""Django's admin shows the records of the dashboards and changes nothing."""

from django.contrib import admin

from qdlab.dashboards.models import BatchIndex, Comparison, Review, SavedView
from qdlab.records.admin import ReadOnlyAdmin


@admin.register(BatchIndex)
class BatchIndexAdmin(ReadOnlyAdmin):
    list_display = ("batch", "name", "value", "u", "unit", "flags")
    list_filter = ("name",)
    list_select_related = ("batch",)


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    list_display = ("name", "page", "project", "made_by", "shared")
    list_select_related = ("project", "made_by")


@admin.register(Comparison)
class ComparisonAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "made_by", "created_at")
    list_select_related = ("project", "made_by")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("batch", "meaning", "reviewer", "created_at", "digest")
    list_filter = ("meaning",)
    list_select_related = ("batch", "reviewer")
