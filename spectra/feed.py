"""What went into the flask, element by element: the recipe's side of an EDX analysis."""

from spectra.analysis.method import Component, Estimate
from spectra.analysis.tables.x_ray_edges import EDGES_KEV
from synthesis.models import Sample
from synthesis.selectors import batch_sheet


def feed_of(sample: Sample | None) -> dict[str, Estimate]:
    """Element → moles per mole of the batch's metal, as weighed; {} without a sample.

    Only species that are elements count (Br, Cs, Pb): a ligand or an organic cation is none that EDX could count.
    """
    if sample is None:
        return {}
    ratios = batch_sheet(sample.batch).ratio_values
    return {
        species: Estimate(species, ratio.value, "1", tuple(Component(c.name, c.u, c.source) for c in ratio.budget))
        for species, ratio in ratios.items()
        if species in EDGES_KEV and ratio.value is not None
    }
