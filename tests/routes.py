"""Every address of QDLab and who may use it: one line each. An address that is not here fails the authorisation test.

Pages: ``open_to_all`` (no sign-in), ``signed_in`` (everybody with an account), ``owner_only``, ``shelf("lot")`` (a record that
all share), ``of("batch")`` (a record of a project: others find nothing there). ``writes=True``: only a POST does something.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Page:
    """``kind`` says whose it is; ``record`` which record stands in the address; ``fixed`` are further parts of it."""

    kind: str
    record: str = ""
    writes: bool = False
    fixed: dict = field(default_factory=dict)


def of(record: str, writes: bool = False, **fixed) -> Page:
    return Page("project", record, writes, fixed)


def shelf(record: str, writes: bool = False, **fixed) -> Page:
    return Page("shelf", record, writes, fixed)


def owner_only(record: str = "", writes: bool = False, **fixed) -> Page:
    return Page("owner", record, writes, fixed)


def signed_in(writes: bool = False, **fixed) -> Page:
    return Page("signed_in", "", writes, fixed)


def open_to_all(**fixed) -> Page:
    return Page("open", "", False, fixed)


PAGES: dict[str, Page] = {
    "healthz": open_to_all(),
    # --- account
    "access:sign_in": open_to_all(),
    "access:owner": open_to_all(secret="wrong"),
    "access:language": signed_in(writes=True),
    "access:sign_out": signed_in(writes=True),
    "access:account": signed_in(),
    "access:password": signed_in(),
    "access:tokens": signed_in(),
    "access:revoke_token": signed_in(writes=True, pk=0),
    "access:people": owner_only(),
    "access:set_active": owner_only("person", writes=True),
    "access:reset_password": owner_only("person"),
    "access:projects": owner_only(),
    "access:set_role": owner_only("project", writes=True),
    # --- the bench
    "synthesis:recipes": signed_in(),
    "synthesis:new_recipe": signed_in(),
    "synthesis:work_out": signed_in(writes=True),
    "synthesis:recipe": of("recipe"),
    "synthesis:revision": of("recipe", number=1),
    "synthesis:edit_recipe": of("recipe"),
    "synthesis:archive_recipe": of("recipe", writes=True),
    "synthesis:make_batch": of("recipe"),
    "synthesis:make_batch_of_revision": of("recipe", number=1),
    "synthesis:plan_sweep": of("recipe"),
    "synthesis:sweep": of("sweep"),
    "synthesis:edit_batch": of("batch"),
    "synthesis:weigh_batch": of("batch", writes=True),
    "synthesis:work_out_batch": of("batch", writes=True),
    "synthesis:save_about": of("batch", writes=True),
    "synthesis:save_outcome": of("batch", writes=True),
    "synthesis:rename_batch": of("batch", writes=True),
    "synthesis:archive_batch": of("batch", writes=True),
    "synthesis:log_step": of("batch", writes=True),
    "synthesis:add_sample": of("batch", writes=True),
    "synthesis:log_wash": of("batch", writes=True),
    "synthesis:edit_sample": of("sample"),
    "synthesis:choose_representative": of("sample", writes=True),
    "synthesis:shelf": signed_in(),
    "synthesis:new_chemical": signed_in(),
    "synthesis:chemical": shelf("chemical"),
    "synthesis:edit_chemical": shelf("chemical"),
    "synthesis:archive_chemical": shelf("chemical", writes=True),
    "synthesis:add_lot": shelf("chemical", writes=True),
    "synthesis:archive_lot": shelf("lot", writes=True),
    "synthesis:add_species": signed_in(writes=True),
    "synthesis:new_stock": signed_in(),
}
PAGES |= {
    # --- files, measurements, analyses
    "spectra:inbox": signed_in(),
    "spectra:inbox_rows": signed_in(),
    "spectra:inbox_group": signed_in(),
    "spectra:assign": signed_in(writes=True),
    "spectra:start_rereading": signed_in(writes=True),
    "spectra:rereading": of("rereading"),
    "spectra:rereading_rows": of("rereading"),
    "spectra:decide_rereading": of("rereading", writes=True),
    "spectra:recomputations": signed_in(),
    "spectra:start_recomputation": signed_in(writes=True),
    "spectra:recomputation": of("recomputation"),
    "spectra:recomputation_rows": of("recomputation"),
    "spectra:decide_recomputation": of("recomputation", writes=True),
    "spectra:hold_recomputation": of("recomputation", writes=True),
    "spectra:settings_for_many": of("analysis", writes=True),
    "spectra:formats": signed_in(),
    "spectra:folders": signed_in(),
    "spectra:folders_state": signed_in(),
    "spectra:folder": of("folder"),
    "spectra:folder_report": of("folder"),
    "spectra:forget_folder": of("folder", writes=True),
    "spectra:upload": of("upload"),
    "spectra:upload_state": of("upload"),
    "spectra:columns": of("upload"),
    "spectra:preview": of("image"),
    "spectra:thumbnail": of("image"),
    "spectra:play": of("video"),
    "spectra:columns_preview": of("upload", writes=True),
    "spectra:layouts": signed_in(),
    "spectra:import_layout": signed_in(writes=True),
    "spectra:layout": shelf("layout"),
    "spectra:archive_layout": shelf("layout", writes=True),
    "spectra:export_layout": shelf("layout"),
    "spectra:read_alike": shelf("layout", writes=True),
    "spectra:assign_upload": of("upload", writes=True),
    "spectra:read_again": of("upload", writes=True),
    "spectra:withdraw_upload": of("upload", writes=True),
    "spectra:measurement": of("measurement"),
    "spectra:measurement_state": of("measurement"),
    "spectra:assign_measurement": of("measurement", writes=True),
    "spectra:withdraw_measurement": of("measurement", writes=True),
    "spectra:choose_method": of("sample"),
    "spectra:new_analysis": of("sample", method="ageing"),
    "spectra:analysis": of("analysis"),
    "spectra:analysis_state": of("analysis"),
    "spectra:chain": of("analysis"),
    "spectra:compare_analyses": of("analysis"),
    "spectra:replay": of("analysis"),
    "spectra:analyse_again": of("analysis", writes=True),
    "spectra:recompute": of("analysis", writes=True),
    "spectra:override": of("analysis", writes=True),
    "spectra:save_as_default": of("analysis", writes=True),
    "spectra:end_settings": of("settings", writes=True),
    "spectra:retry_analysis": of("failed", writes=True),
    "spectra:withdraw_analysis": of("analysis", writes=True),
    "spectra:agree": of("analysis", writes=True),
    "spectra:standards": signed_in(),
    "spectra:new_standard": signed_in(),
    "spectra:standard": shelf("standard"),
    "spectra:new_session": signed_in(),
    "spectra:standard_session": of("session"),
    "spectra:withdraw_session": of("session", writes=True),
    "spectra:plqy": of("sample"),
    "spectra:plqy_labels": of("sample", writes=True),
    "spectra:naming_home": signed_in(),
    "spectra:naming": of("project"),
    "spectra:naming_try": of("project"),
    "spectra:instruments": signed_in(),
    "spectra:instrument": shelf("instrument"),
    # --- recipes beside results
    "dashboards:home": signed_in(),
    "dashboards:batches": signed_in(),
    "dashboards:batch": of("batch"),
    "dashboards:batch_results": of("batch"),
    "dashboards:batch_progress": of("batch"),
    "dashboards:review": of("batch", writes=True),
    "dashboards:agree": of("batch", writes=True),
    "dashboards:recompute": of("batch", writes=True),
    "dashboards:compare": signed_in(),
    "dashboards:freeze": signed_in(writes=True),
    "dashboards:comparison": of("comparison"),
    "dashboards:sweep": of("sweep"),
    "dashboards:save_view": signed_in(writes=True),
    "dashboards:remove_view": of("view", writes=True),
}
PREFIXES = {"admin:": owner_only()}  # Django's own pages; it asks for staff everywhere


# --- The API ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Endpoint:
    """``kind``: ``list`` and ``detail`` of ``record``, ``table`` (rows of a project), ``signed_in``, ``open``, or ``action`` (a POST alone).

    ``writes``: method or action → a body that a chemist may send, so that only the person decides what happens.
    """

    kind: str
    record: str = ""
    shared: bool = False
    writes: dict = field(default_factory=dict)
    fixed: dict = field(default_factory=dict)
    roles: tuple[str, ...] = ("chemist", "reviewer", "owner")  # who may write


def rows(record: str, shared: bool = False, **writes) -> Endpoint:
    return Endpoint("list", record, shared, writes)


def one(record: str, shared: bool = False, **writes) -> Endpoint:
    return Endpoint("detail", record, shared, writes)


AMOUNT = {"text": "30", "unit": "mg"}
LAYOUT = {"fingerprint": "0123456789abcdef", "labels": ["X", "Y"], "n_columns": 2, "mapping": {"x": 0, "y": [1]}}
INGREDIENTS = [{"role": "lead", "chemical": "$chemical", "amount": AMOUNT, "is_reference": True}]

API: dict[str, Endpoint] = {
    "api-root": Endpoint("signed_in"),
    "api-nowhere": Endpoint("nowhere"),
    "schema": Endpoint("open"),
    "docs": Endpoint("open"),
    "methods-list": Endpoint("signed_in"),
    "methods-detail": Endpoint("signed_in", fixed={"name": "emission_band"}),
    "formats-list": Endpoint("signed_in"),
    "tables-batches": Endpoint("table", "batch"),
    "spectra-data": Endpoint("curves", "measurement"),
    "projects-list": rows("project"),
    "projects-detail": one("project"),
    "chemicals-list": rows("chemical", shared=True, post={"name": "$new"}),
    "chemicals-detail": one("chemical", shared=True, patch={"note": "dried"}),
    "lots-list": rows("lot", shared=True, post={"chemical": "$chemical", "number": "$new"}),
    "lots-detail": one("lot", shared=True, patch={"note": "opened"}),
    "recipes-list": rows("recipe", post={"project": "$project", "name": "$new", "ingredients": INGREDIENTS}),
    "recipes-detail": one("recipe"),
    "recipes-revisions": one("recipe", post={"ingredients": INGREDIENTS, "why": "again"}),
    "batches-list": rows("batch", post={"recipe": "$recipe"}),
    "batches-detail": one("batch", patch={"note": "seen"}),
    "batches-agreed": one("batch"),
    "batches-weigh": one("batch", post={"ingredients": [{"key": "pbbr2", "amount": AMOUNT}]}),
    "batches-log": one("batch", post={"seen": "it turned blue"}),
    "batches-washes": one("batch", post={"kept": "pellet"}),
    "samples-list": rows("sample", post={"batch": "$batch"}),
    "samples-detail": one("sample", patch={"note": "seen"}),
    "sweeps-list": rows(
        "sweep",
        post={"revision": "$revision", "name": "$new", "parameters": [{"target": "ingredient:oam", "values": ["1"]}]},
    ),
    "sweeps-detail": one("sweep"),
    "inbox": Endpoint("signed_in"),
    "inbox-accept": Endpoint("action", writes={"post": {"uploads": ["$upload"]}}),
    "inbox-correct": Endpoint("action", writes={"post": {"uploads": ["$upload"], "sample": "$sample"}}),
    "inbox-put-back": Endpoint("action", writes={"post": {"uploads": ["$upload"]}}),
    "inbox-refuse": Endpoint("action", writes={"post": {"upload": "$upload", "sample": "$sample"}}),
    "uploads-list": rows("upload"),  # its POST is multipart: tests/api/test_uploads.py
    "uploads-progress": Endpoint("signed_in"),  # of files that are named: tests/api/test_uploads.py
    "uploads-detail": one("upload", patch={"sample": "$sample"}),
    "uploads-raw": one("upload"),
    "uploads-preview": one("image"),
    "uploads-read-again": one("upload", post={}),
    "uploads-withdraw": one("upload", post={"because": "wrong cuvette"}),
    "source-folders-list": rows("folder"),
    "source-folders-detail": one("folder"),
    "source-folders-forget": one("folder", post={}),
    "found-files-list": rows("found_file"),
    "found-files-detail": one("found_file"),
    "rereadings-list": rows("rereading", post={"project": "$project", "why": "chosen", "uploads": ["$upload"]}),
    "rereadings-detail": one("rereading"),
    "rereadings-apply": one("rereading", post={}),
    "rereadings-keep": one("rereading", post={}),
    "recomputations-list": rows(
        "recomputation",
        post={"project": "$project", "why": "settings", "method": "emission_band", "parameters": {"baseline": "none"}},
    ),
    "recomputations-detail": one("recomputation"),
    "recomputations-repeats": one("recomputation"),
    "recomputations-apply": one("recomputation", post={}),
    "recomputations-keep": one("recomputation", post={}),
    "recomputations-hold": one("recomputation", post={"halted": "paused"}),
    "recomputations-retry": one("recomputation", post={}),
    "measurements-list": rows("measurement"),
    "measurements-detail": one("measurement", patch={"excitation_nm": 372}),
    "measurements-withdraw": one("measurement", post={"because": "wrong cuvette"}),
    "compositions-list": rows("composition", post={"project": "$project", "fractions": {"Pb": {"percent": 20}}}),
    "compositions-detail": one("composition"),
    "analyses-list": rows(
        "analysis", post={"method": "emission_band", "inputs": [{"measurement": "$measurement", "role": "emission"}]}
    ),
    "analyses-detail": one("analysis"),
    "analyses-curves": one("analysis"),
    "analyses-chain": one("analysis"),
    "analyses-compare": one("analysis"),
    "analyses-replay": one("analysis"),
    "analyses-again": one("analysis", post={}),
    "analyses-agree": one("analysis", post={"because": "the fresh one"}),
    "analyses-withdraw": one("analysis", post={"because": "wrong window"}),
    "analyses-retry": one("failed", post={}),
    "quantities-list": rows("quantity"),
    "quantities-detail": one("quantity"),
    "naming-patterns-list": rows("pattern", post={"project": "$project", "text": "{batch} {technique}"}),
    "naming-patterns-detail": one("pattern", patch={"text": "{batch} {n}"}),
    "naming-patterns-move": one("pattern", post={"up": True}),
    "naming-patterns-archive": one("pattern", post={}),
    "naming-trial": Endpoint("signed_in"),
    "habits-list": rows("habit", post={"project": "$project", "word": "fls", "says": "technique", "value": "decay"}),
    "habits-detail": one("habit"),
    "habits-forget": one("habit", post={}),
    "layouts-list": rows("layout", shared=True, post={"name": "$new", **LAYOUT}),
    "layouts-detail": one("layout", shared=True, patch={"name": "$new"}),
    "layouts-export": one("layout", shared=True),
    "instrument-settings-list": rows(
        "settings",
        post={
            "project": "$project",
            "instrument": "$instrument",
            "method": "emission_band",
            "parameters": {"baseline": "linear"},
        },
    ),
    "instrument-settings-detail": one("settings"),
    "instrument-settings-end": one("settings", post={}),
    "instruments-list": rows("instrument", shared=True),
    "instruments-detail": one("instrument", shared=True),
    "standards-list": rows("standard", shared=True, post={"compound": "Coumarin 153", "solvent": "ethanol"}),
    "standards-detail": one("standard", shared=True),
    "standards-revise": one("standard", shared=True, post={"phi": 0.95}),
    "standard-sessions-list": rows(
        "session",
        post={"project": "$project", "standard": "$standard", "name": "$new", "measured_at": "2026-03-02T10:00:00Z"},
    ),
    "standard-sessions-detail": one("session"),
    "standard-sessions-withdraw": one("session", post={}),
    "batches-reviews": Endpoint(
        "detail", "batch", writes={"post": {"meaning": "approved"}}, roles=("reviewer", "owner")
    ),
    "comparisons-list": rows("comparison", post={"name": "$new", "batches": ["$batch"]}),
    "comparisons-detail": one("comparison"),
}
