"""Addresses of the bench: recipes, batches in the making, samples, the reference shelf."""

from django.urls import path

from synthesis.views import batches, editor, live, recipes, samples, shelf

app_name = "synthesis"

urlpatterns = [
    path("recipes/", recipes.recipes, name="recipes"),
    path("recipes/new/", editor.new_recipe, name="new_recipe"),
    path("recipes/work-out/", live.work_out, name="work_out"),
    path("recipes/<uuid:pk>/", recipes.recipe, name="recipe"),
    path("recipes/<uuid:pk>/revisions/<int:number>/", recipes.recipe, name="revision"),
    path("recipes/<uuid:pk>/edit/", editor.edit_recipe, name="edit_recipe"),
    path("recipes/<uuid:pk>/archive/", recipes.archive_recipe, name="archive_recipe"),
    path("recipes/<uuid:pk>/batch/", recipes.make_batch, name="make_batch"),
    path("recipes/<uuid:pk>/revisions/<int:number>/batch/", recipes.make_batch, name="make_batch_of_revision"),
    path("recipes/<uuid:pk>/sweep/", recipes.plan_sweep, name="plan_sweep"),
    path("sweeps/<uuid:pk>/plan/", recipes.sweep, name="sweep"),
    path("batches/<uuid:pk>/edit/", batches.edit_batch, name="edit_batch"),
    path("batches/<uuid:pk>/edit/weigh/", batches.weigh_batch, name="weigh_batch"),
    path("batches/<uuid:pk>/edit/work-out/", live.work_out_batch, name="work_out_batch"),
    path("batches/<uuid:pk>/edit/about/", batches.save_about, name="save_about"),
    path("batches/<uuid:pk>/edit/outcome/", batches.save_outcome, name="save_outcome"),
    path("batches/<uuid:pk>/edit/code/", batches.rename_batch, name="rename_batch"),
    path("batches/<uuid:pk>/edit/archive/", batches.archive_batch, name="archive_batch"),
    path("batches/<uuid:pk>/edit/log/", samples.log_step, name="log_step"),
    path("batches/<uuid:pk>/edit/samples/", samples.add_sample, name="add_sample"),
    path("batches/<uuid:pk>/edit/wash/", samples.log_wash, name="log_wash"),
    path("samples/<uuid:pk>/edit/", samples.edit_sample, name="edit_sample"),
    path("samples/<uuid:pk>/representative/", samples.choose_representative, name="choose_representative"),
    path("shelf/", shelf.shelf, name="shelf"),
    path("shelf/chemicals/new/", shelf.new_chemical, name="new_chemical"),
    path("shelf/chemicals/<uuid:pk>/", shelf.chemical, name="chemical"),
    path("shelf/chemicals/<uuid:pk>/edit/", shelf.edit_chemical, name="edit_chemical"),
    path("shelf/chemicals/<uuid:pk>/archive/", shelf.archive_chemical, name="archive_chemical"),
    path("shelf/chemicals/<uuid:pk>/lots/", shelf.add_lot, name="add_lot"),
    path("shelf/lots/<uuid:pk>/archive/", shelf.archive_lot, name="archive_lot"),
    path("shelf/species/", shelf.add_species, name="add_species"),
    path("shelf/stocks/new/", shelf.new_stock, name="new_stock"),
]
