"""What a person can do with files, measurements and analyses. Views, API and commands call these and nothing below.

Every function is keyword-only, says who acts (``by``), checks what they may do, and writes its audit event in the
transaction of the change.
"""

from spectra.services.analyses import (
    agree_on,
    analyse,
    analyse_again,
    cancel_agreement,
    retry_analysis,
    withdraw_analysis,
)
from spectra.services.found_files import Ahead, FolderAway, Looking, Stopped, look, look_ahead
from spectra.services.instrument_settings import end_settings, for_every_result, save_settings
from spectra.services.instruments import change_instrument
from spectra.services.layouts import archive_layout, change_layout, make_layout, read_alike
from spectra.services.measurements import (
    assign,
    change_measurement,
    correct_measurement,
    put_on_sample,
    withdraw_measurement,
)
from spectra.services.naming import add_pattern, archive_pattern, change_pattern, forget, move_pattern, tell_word
from spectra.services.new_batches import make_batch_of_files
from spectra.services.placing import Accepted, accept, accept_group, correct, correct_all
from spectra.services.recomputations import (
    apply_recomputation,
    hold_recomputation,
    keep_results,
    preview_recomputation,
    retry_recomputation,
)
from spectra.services.rereadings import apply_rereading, keep_reading, preview_reading
from spectra.services.returning import put_back, refuse_suggestion, standing_of, versions_of
from spectra.services.source_folders import Hold, TakenOver, forget_folder, hold_folder, key_of
from spectra.services.standards import make_composition, make_session, make_standard, revise_standard, withdraw_session
from spectra.services.uploads import assign_upload, read_again, upload, withdraw_upload

__all__ = [
    "Accepted",
    "Ahead",
    "FolderAway",
    "Hold",
    "Looking",
    "Stopped",
    "TakenOver",
    "accept",
    "accept_group",
    "add_pattern",
    "agree_on",
    "analyse",
    "analyse_again",
    "apply_recomputation",
    "apply_rereading",
    "archive_layout",
    "archive_pattern",
    "assign",
    "assign_upload",
    "cancel_agreement",
    "change_instrument",
    "change_layout",
    "change_measurement",
    "change_pattern",
    "correct",
    "correct_all",
    "correct_measurement",
    "end_settings",
    "for_every_result",
    "forget",
    "forget_folder",
    "hold_folder",
    "hold_recomputation",
    "keep_reading",
    "keep_results",
    "key_of",
    "look",
    "look_ahead",
    "make_batch_of_files",
    "make_composition",
    "make_layout",
    "make_session",
    "make_standard",
    "move_pattern",
    "preview_reading",
    "preview_recomputation",
    "put_back",
    "put_on_sample",
    "read_again",
    "read_alike",
    "refuse_suggestion",
    "retry_analysis",
    "retry_recomputation",
    "revise_standard",
    "save_settings",
    "standing_of",
    "tell_word",
    "upload",
    "versions_of",
    "withdraw_analysis",
    "withdraw_measurement",
    "withdraw_session",
    "withdraw_upload",
]
