"""The questions that pages and API both ask."""

from synthesis.selectors.differences import Difference, revision_differences
from synthesis.selectors.lists import (
    all_species,
    batch_by_code,
    batches_of_recipe,
    batches_of_sweep,
    batches_visible_to,
    chemicals_visible_to,
    is_used,
    lot_is_used,
    lots_of,
    lots_visible_to,
    newest_revisions,
    recipes_visible_to,
    revisions_visible_to,
    samples_of_batch,
    samples_visible_to,
    stocks_visible_to,
    sweeps_visible_to,
)
from synthesis.selectors.sheets import (
    Line,
    Sheet,
    Side,
    batch_sheet,
    batches_with_ingredients,
    draft_sheet,
    recipe_sheet,
    transferred_volume,
)
from synthesis.selectors.shown import (
    deviation_text,
    mixture_facts,
    portion_text,
    ratio_line,
    ratio_text,
    said,
    step_lines,
)
from synthesis.selectors.steps import parameter_text, step_text
from synthesis.selectors.substances import substance_of, substance_of_chemical, substance_of_stock

__all__ = [
    "Difference", "Line", "Sheet", "Side", "all_species", "batch_by_code", "batch_sheet", "batches_of_recipe",
    "batches_of_sweep", "batches_visible_to", "batches_with_ingredients", "chemicals_visible_to", "deviation_text",
    "draft_sheet", "is_used", "lot_is_used", "lots_of", "lots_visible_to", "mixture_facts", "newest_revisions",
    "parameter_text", "portion_text", "ratio_line", "ratio_text", "recipe_sheet", "recipes_visible_to",
    "revision_differences", "revisions_visible_to", "said", "samples_of_batch", "samples_visible_to", "step_lines",
    "step_text", "stocks_visible_to", "substance_of", "substance_of_chemical", "substance_of_stock",
    "sweeps_visible_to", "transferred_volume",
]  # fmt: skip
