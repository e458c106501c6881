"""Addresses of what joins recipes with results: Home, batches, one batch, comparisons, sweeps."""

from django.urls import path

from qdlab.dashboards.views import batch, compare, home, saved, table

app_name = "dashboards"

urlpatterns = [
    path("", home.home, name="home"),
    path("batches/", table.batches, name="batches"),
    path("batches/<uuid:pk>/", batch.batch, name="batch"),
    path("batches/<uuid:pk>/results/", batch.results, name="batch_results"),
    path("batches/<uuid:pk>/progress/", batch.progress, name="batch_progress"),
    path("batches/<uuid:pk>/review/", batch.review, name="review"),
    path("batches/<uuid:pk>/agree/", batch.agree, name="agree"),
    path("batches/<uuid:pk>/recompute/", batch.recompute, name="recompute"),
    path("compare/", compare.compare, name="compare"),
    path("compare/freeze/", compare.freeze, name="freeze"),
    path("comparisons/<uuid:pk>/", compare.comparison, name="comparison"),
    path("sweeps/<uuid:pk>/", compare.sweep, name="sweep"),
    path("views/save/", saved.save_view, name="save_view"),
    path("views/<uuid:pk>/remove/", saved.remove_view, name="remove_view"),
]
