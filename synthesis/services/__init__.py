"""What people can do at the bench. Each verb is keyword-only, says who (``by``), checks the version that its author saw
where a record is changed, and leaves its audit event in the same transaction."""

from synthesis.services.batches import (
    abandon,
    change_batch,
    log_step,
    make_batch,
    rename_batch,
    set_outcome,
    set_status,
)
from synthesis.services.common import archive
from synthesis.services.recipes import IngredientDraft, create_recipe, revise_recipe
from synthesis.services.samples import (
    add_layer,
    add_sample,
    change_sample,
    change_sample_state,
    choose_representative,
    log_wash,
)
from synthesis.services.shelf import (
    ComponentDraft,
    add_chemical,
    add_lot,
    add_species,
    add_stock,
    change_chemical,
    change_lot,
    extend_stock,
    revise_chemical,
)
from synthesis.services.starter import starter_shelf
from synthesis.services.steps import StepDraft
from synthesis.services.sweeps import SweptParameter, plan_sweep
from synthesis.services.weighing import Weighing, weigh

__all__ = [
    "ComponentDraft", "IngredientDraft", "StepDraft", "SweptParameter", "Weighing", "abandon", "add_chemical",
    "add_layer", "add_lot", "add_sample", "add_species", "add_stock", "archive", "change_batch", "change_chemical",
    "change_lot", "change_sample", "change_sample_state", "choose_representative", "create_recipe", "extend_stock",
    "log_step", "log_wash", "make_batch", "plan_sweep", "rename_batch", "revise_chemical", "revise_recipe",
    "set_outcome", "set_status", "starter_shelf", "weigh",
]  # fmt: skip
