from qdlab.access.api.routers import BothSlashes
from synthesis.api.recipes import Recipes
from synthesis.api.samples import Samples
from synthesis.api.shelf import Chemicals, Lots
from synthesis.api.sweeps import Sweeps

router = BothSlashes()
router.register("chemicals", Chemicals, "chemicals")
router.register("lots", Lots, "lots")
router.register("recipes", Recipes, "recipes")
router.register("samples", Samples, "samples")
router.register("sweeps", Sweeps, "sweeps")

urlpatterns = router.urls
