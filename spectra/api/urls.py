from qdlab.access.api.routers import BothSlashes, both_forms
from spectra.api.analyses import Analyses
from spectra.api.data import SpectraData
from spectra.api.folders import FoundFiles, SourceFolders
from spectra.api.formats import FormatList
from spectra.api.inbox import Accept, Correct, Inbox, PutBack, Refuse
from spectra.api.instrument_settings import AllSettings
from spectra.api.layouts import Layouts
from spectra.api.measurements import Measurements
from spectra.api.methods import MethodDetail, MethodList
from spectra.api.naming import Habits, NamingTrial, Patterns
from spectra.api.quantities import Quantities
from spectra.api.recomputations import Recomputations
from spectra.api.rereadings import Rereadings
from spectra.api.standards import Compositions, Instruments, Sessions, Standards
from spectra.api.uploads import Uploads

router = BothSlashes()
router.register("uploads", Uploads, "uploads")
router.register("source-folders", SourceFolders, "source-folders")
router.register("found-files", FoundFiles, "found-files")
router.register("rereadings", Rereadings, "rereadings")
router.register("recomputations", Recomputations, "recomputations")
router.register("measurements", Measurements, "measurements")
router.register("compositions", Compositions, "compositions")
router.register("analyses", Analyses, "analyses")
router.register("quantities", Quantities, "quantities")
router.register("instruments", Instruments, "instruments")
router.register("instrument-settings", AllSettings, "instrument-settings")
router.register("layouts", Layouts, "layouts")
router.register("standards", Standards, "standards")
router.register("standard-sessions", Sessions, "standard-sessions")
router.register("naming-patterns", Patterns, "naming-patterns")
router.register("habits", Habits, "habits")

urlpatterns = [
    *router.urls,
    *both_forms("naming-trial", NamingTrial.as_view(), "naming-trial"),
    *both_forms("inbox", Inbox.as_view(), "inbox"),
    *both_forms("inbox/accept", Accept.as_view(), "inbox-accept"),
    *both_forms("inbox/correct", Correct.as_view(), "inbox-correct"),
    *both_forms("inbox/put-back", PutBack.as_view(), "inbox-put-back"),
    *both_forms("inbox/refuse", Refuse.as_view(), "inbox-refuse"),
    *both_forms("formats", FormatList.as_view(), "formats-list"),
    *both_forms("methods", MethodList.as_view(), "methods-list"),
    *both_forms("methods/(?P<name>[a-z0-9_]{1,40})", MethodDetail.as_view(), "methods-detail"),
    *both_forms("spectra/data", SpectraData.as_view(), "spectra-data", slash=False),
]
