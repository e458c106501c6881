"""The records of the bench; the rules that always hold are kept by ``synthesis.services``."""

from synthesis.models.batches import Batch, BatchCode, BatchIngredient, Outcome, Status, StepLog, WashStep
from synthesis.models.recipes import IngredientRole, Recipe, RecipeIngredient, RecipeRevision, RecipeStep, StepKind
from synthesis.models.samples import DeviceLayer, Sample, SampleState
from synthesis.models.shelf import (
    Chemical,
    ChemicalSpecies,
    Lot,
    Phase,
    Species,
    SpeciesRole,
    StockComponent,
    StockSolution,
)
from synthesis.models.sweeps import Sweep

__all__ = [
    "Batch", "BatchCode", "BatchIngredient", "Chemical", "ChemicalSpecies", "DeviceLayer", "IngredientRole", "Lot",
    "Outcome", "Phase", "Recipe", "RecipeIngredient", "RecipeRevision", "RecipeStep", "Sample", "SampleState", "Species",
    "SpeciesRole", "Status", "StepKind", "StepLog", "StockComponent", "StockSolution", "Sweep", "WashStep",
]  # fmt: skip
