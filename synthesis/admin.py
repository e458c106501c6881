"""The bench to look at. Nothing can be changed here: see ``services``."""

from django.contrib import admin

from qdlab.records.admin import ReadOnlyAdmin
from synthesis.models import Batch, Chemical, Lot, Recipe, Sample, StockSolution, Sweep


@admin.register(Recipe)
class RecipeAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "created_at", "archived_at")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name",)


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ("code", "project", "status", "created_at", "archived_at")
    list_filter = ("project", "status")
    list_select_related = ("project",)
    search_fields = ("code",)


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    list_display = ("code", "project", "created_at", "archived_at")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("code",)


@admin.register(Sweep)
class SweepAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "created_at")
    list_filter = ("project",)
    list_select_related = ("project",)


@admin.register(Chemical)
class ChemicalAdmin(ReadOnlyAdmin):
    list_display = ("name", "archived_at")
    search_fields = ("name",)


@admin.register(Lot, StockSolution)
class ShelfAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "archived_at")
