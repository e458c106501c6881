"""The questions that pages and API both ask about files, measurements, analyses and numbers.

Whatever starts from a person takes ``user`` and passes ``visible_to``. Questions that start from records that were already
seen (batches, samples) take these.
"""

from spectra.selectors.agreed import (
    NOT_FRESH,
    agreed_analyses,
    agreed_quantities,
    alternatives,
    chosen_by_people,
    ranked_samples,
    speaks_for_batch,
    why_agreed,
)
from spectra.selectors.analyses import (
    CURRENT,
    CURRENT_ANALYSIS,
    CURRENT_QUANTITY,
    OPEN,
    analyses,
    analysis_has_ended,
    current_analyses,
    current_quantities_of,
    of_the_same,
    quantities,
    with_chain,
    with_numbers,
)
from spectra.selectors.files import (
    LOOSE,
    UNREAD,
    homeless,
    latest_reading,
    measurements_of,
    not_read,
    per_project,
    pictures_and_documents,
    unreadable,
    upload_has_ended,
    upload_measurements,
    uploads,
)
from spectra.selectors.folders import found_as, found_files, not_taken, source_folders, unread_in
from spectra.selectors.inbox import (
    SAME_DROP,
    files_under_way,
    inbox,
    inbox_count,
    inbox_state,
    is_reading,
    latest_drop,
    with_progress,
)
from spectra.selectors.layouts import MOST_ALIKE, MOST_LAYOUTS, files_alike, known_layouts, layouts
from spectra.selectors.measurements import analyses_of, dilution_meant, measurements, with_curves, with_ranges
from spectra.selectors.named import batches_named, codes_taken, samples_named
from spectra.selectors.recomputations import (
    how_it_stands,
    recomputations,
    repeats_by_method,
    repeats_that_differ,
    results_to_repeat,
    reviewed_batches,
    stale_per_project,
)
from spectra.selectors.rereadings import (
    mappings_in_use,
    read_by_earlier,
    rereadings,
    trials_that_differ,
    trials_to_decide,
)
from spectra.selectors.standards import (
    compositions,
    compositions_of,
    counted_instruments,
    dilutions_of,
    instrument_of,
    instrument_settings,
    instruments,
    newest_revision,
    recent_results,
    results_against,
    revisions_of,
    session_measurements,
    standard_sessions,
    standards,
    unread_for,
)

__all__ = [
    "CURRENT", "CURRENT_ANALYSIS", "CURRENT_QUANTITY", "LOOSE", "MOST_ALIKE", "MOST_LAYOUTS", "NOT_FRESH", "OPEN",
    "SAME_DROP", "UNREAD", "agreed_analyses", "agreed_quantities", "alternatives", "analyses", "analyses_of",
    "analysis_has_ended", "batches_named", "chosen_by_people", "codes_taken", "compositions", "compositions_of",
    "counted_instruments", "current_analyses", "current_quantities_of", "dilution_meant", "dilutions_of",
    "files_alike", "files_under_way", "found_as", "found_files", "homeless", "how_it_stands", "inbox", "inbox_count",
    "inbox_state", "instrument_of", "instrument_settings", "instruments", "is_reading", "known_layouts",
    "latest_drop", "latest_reading", "layouts", "mappings_in_use", "measurements", "measurements_of",
    "newest_revision", "not_read", "not_taken", "of_the_same", "per_project", "pictures_and_documents", "quantities",
    "ranked_samples", "read_by_earlier", "recent_results", "recomputations", "repeats_by_method",
    "repeats_that_differ", "rereadings", "results_against", "results_to_repeat", "reviewed_batches", "revisions_of",
    "samples_named", "session_measurements", "source_folders", "speaks_for_batch", "stale_per_project",
    "standard_sessions", "standards", "trials_that_differ", "trials_to_decide", "unread_for", "unread_in",
    "unreadable", "upload_has_ended", "upload_measurements", "uploads", "why_agreed", "with_chain", "with_curves",
    "with_numbers", "with_progress", "with_ranges",
]  # fmt: skip
