"""The columns that a table of batches can show: their names (as in addresses and the API), labels, units and cells."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from qdlab.dashboards import index, selectors
from qdlab.dashboards.models import BatchIndex
from qdlab.records import formatting
from spectra.analysis import METHODS
from spectra.analysis.display_colour import display_colours
from spectra.analysis.method import QuantityKind
from synthesis.models import Batch, Species
from synthesis.models.shelf import SpeciesRole

RATE_POWER = 7  # rates are written in 10⁷ s⁻¹, as the field compares them
LIGANDS = (SpeciesRole.ACID, SpeciesRole.AMINE, SpeciesRole.LIGAND)
USUAL = ("recipe_name", "outcome", "status", "made_on")
USUAL_NUMBERS = ("emission_peak_nm", "emission_fwhm_nm", "plqy", "lifetime_ns", "k_r_per_s")


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is ``text`` or ``number``, ``group`` where the chooser lists it."""

    name: str
    label: str
    kind: str = "number"
    unit: str = ""
    group: str = ""

    @property
    def power(self) -> int:
        return RATE_POWER if self.unit == "1/s" else 0

    @property
    def unit_text(self) -> str:
        symbol = formatting.unit_symbol(self.unit)
        return f"10{str(self.power).translate(formatting.SUPERSCRIPTS)} {symbol}" if self.power else symbol

    @property
    def title(self) -> str:
        """Label and unit, as an axis or a header of a plain table says it."""
        return f"{self.label} ({self.unit_text})" if self.unit_text else self.label


@dataclass(frozen=True)
class Cell:
    """What a cell shows. ``flags`` as in the index: stale, warned, limit, planned."""

    text: str
    number: bool = False
    flags: tuple[str, ...] = ()
    analysis: object = None
    why: str = ""  # why there is no number


def text_columns() -> list[Column]:
    facts = _("About the batch")
    return [
        Column("title", _("title"), "text", group=facts),
        Column("recipe_name", _("recipe"), "text", group=facts),
        Column("status", _("status"), "text", group=facts),
        Column("outcome", _("outcome"), "text", group=facts),
        Column("operator", _("operator"), "text", group=facts),
        Column("made_on", _("made on"), "text", group=facts),
        Column("temperature_c", _("temperature"), "number", "Cel", facts),
        Column("relative_humidity_percent", _("relative humidity"), "number", "%", facts),
    ]


def number_columns(user) -> list[Column]:
    """Ratios of the shelf's species, then every quantity that a method gives."""
    ratios = [ratio_column(name) for name in selectors.ratio_names(user)]
    kinds = {kind.name: kind for method in METHODS.values() for kind in method.quantities}
    return ratios + [Column(k.name, label_of(k), unit=k.unit, group=_("Quantities")) for k in kinds.values()]


def label_of(kind: QuantityKind) -> str:
    """Photo- and electroluminescence share their words; beside each other they must be told apart."""
    label = _(kind.label)
    return _("EL: {quantity}").format(quantity=label) if kind.name.startswith("el_") else label


def ratio_column(name: str) -> Column:
    species = name.removeprefix("ratio_")
    return Column(name, _("{species} per metal").format(species=species), group=_("Ratios"))


def all_columns(user) -> dict[str, Column]:
    return {column.name: column for column in text_columns() + number_columns(user)}


def usual_columns(user, rows: Iterable[Batch]) -> list[str]:
    """What is shown when nothing was chosen: what everybody asks for, and the ligands that these batches have."""
    present = {row.name for batch in rows for row in batch.numbers}
    ligands = {index.ratio_name(s.symbol) for s in Species.objects.visible_to(user) if s.role in LIGANDS}
    ratios = [name for name in selectors.ratio_names(user) if name in ligands & present]
    return [*USUAL[:2], *ratios, *USUAL_NUMBERS, *USUAL[2:]]


# --- Cells ------------------------------------------------------------------------------------------------------------


def cells_of(batch: Batch, columns: Sequence[Column], superseded: Container = ()) -> list[Cell]:
    """The cells of a batch; ``superseded``: ids of batches whose signature no longer covers them."""
    numbers = selectors.numbers_of(batch)
    return [
        _number_cell(column, numbers.get(column.name)) if _indexed(column) else _fact(batch, column, superseded)
        for column in columns
    ]


def _indexed(column: Column) -> bool:
    return column.name not in selectors.BATCH_FIELDS


def _fact(batch: Batch, column: Column, superseded: Container) -> Cell:
    if column.kind == "number":
        value = getattr(batch, column.name)
        return Cell("" if value is None else f"{value:g}".replace("-", formatting.MINUS), number=True)
    texts = {
        "title": batch.title,
        "recipe_name": batch.revision.recipe.name if batch.revision_id else "",
        "status": status_text(batch, superseded),
        "outcome": batch.get_outcome_display(),
        "operator": str(batch.operator or ""),
        "made_on": formatting.iso_date(batch.made_on) if batch.made_on else "",
    }
    return Cell(str(texts[column.name]))


def status_text(batch: Batch, superseded: Container) -> str:
    return _("reviewed, superseded") if batch.pk in superseded else str(batch.get_status_display())


def _number_cell(column: Column, row: BatchIndex | None) -> Cell:
    if row is None or row.value is None:
        return Cell("", number=True)
    return Cell(number_text(row.value, row.u, column), True, tuple(row.flags), row.analysis_id)


def number_text(value: float, u: float | None, column: Column) -> str:
    """The number in the column's unit; its power of ten stands in the header."""
    scale = 10.0**column.power
    return formatting.number_with_uncertainty(value / scale, u / scale if u else None)


# --- Colours ----------------------------------------------------------------------------------------------------------


def colours_of(batches: Sequence[Batch]) -> dict:
    """Batch id → the colour of its emission on the screen, computed from its own x, y; None where that is not known."""
    xy = np.full((len(batches), 2), np.nan)
    for i, batch in enumerate(batches):
        numbers = selectors.numbers_of(batch)
        for j, name in enumerate(("cie_x", "cie_y")):
            if name in numbers and numbers[name].value is not None:
                xy[i, j] = numbers[name].value
    return {batch.pk: colour for batch, colour in zip(batches, display_colours(xy), strict=True)}
