from qdlab.access.api.routers import BothSlashes, both_forms
from qdlab.dashboards.api.batches import Batches
from qdlab.dashboards.api.comparisons import Comparisons
from qdlab.dashboards.api.tables import BatchesTable

router = BothSlashes()
router.register("batches", Batches, "batches")
router.register("comparisons", Comparisons, "comparisons")

urlpatterns = [
    *router.urls,
    *both_forms("tables/batches", BatchesTable.as_view(), "tables-batches", slash=False),
]
