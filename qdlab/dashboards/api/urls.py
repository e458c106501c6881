from django.urls import re_path

from qdlab.access.api.routers import BothSlashes
from qdlab.dashboards.api.batches import Batches
from qdlab.dashboards.api.comparisons import Comparisons
from qdlab.dashboards.api.tables import BatchesTable

router = BothSlashes()
router.register("batches", Batches, "batches")
router.register("comparisons", Comparisons, "comparisons")

urlpatterns = [*router.urls, re_path(r"^tables/batches/?$", BatchesTable.as_view(), name="tables-batches")]
