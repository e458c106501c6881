"""Tables for analysis scripts: one row per batch, sample or analysis; one column per ratio, condition and quantity.

Each number has its standard uncertainty beside it (``plqy_u``) and what the eye must know (``plqy_flags``: stale, warned,
limit; ratios: planned). Columns are filled one after the other, so that a table of many batches costs few queries.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from django.utils.translation import gettext as _

from qdlab.dashboards import index, selectors
from qdlab.dashboards.models import BatchIndex
from spectra import selectors as spectra
from synthesis.models import Sample
from synthesis.selectors import batch_sheet, batches_with_ingredients
from synthesis.stoichiometry import ratios
from synthesis.units import UNITS

PER = ("batch", "sample", "analysis")
FACTS = (
    "pk", "code", "title", "project__name", "revision__recipe__name", "revision__number", "status", "outcome",
    "operator__username", "made_on", "sweep__name", "replicate", "temperature_c", "relative_humidity_percent", "atmosphere",
    "sweep_point", "conditions",
)  # fmt: skip
NAMES = (
    "id", "code", "title", "project", "recipe", "revision", "status", "outcome", "operator", "made_on", "sweep", "replicate",
    "temperature_c", "relative_humidity_percent", "atmosphere",
)  # fmt: skip
TYPES = {
    "revision": pa.int64(), "replicate": pa.int64(), "made_on": pa.date32(), "temperature_c": pa.float64(),
    "relative_humidity_percent": pa.float64(), "wash_count": pa.int64(),
}  # fmt: skip
FACT_UNITS = {"temperature_c": "Cel", "relative_humidity_percent": "%"}


@dataclass(frozen=True)
class Number:
    """A value of one cell with its uncertainty and flags."""

    value: float | None
    u: float | None = None
    flags: Sequence[str] = ()
    unit: str = ""


@dataclass
class Columns:
    """A table that grows by columns; ``about``: name → unit and label."""

    arrays: dict[str, pa.Array] = field(default_factory=dict)
    about: dict[str, dict] = field(default_factory=dict)

    def add(self, name: str, values: Sequence, kind: pa.DataType, unit: str = "", label: str = "") -> None:
        self.arrays[name] = pa.array(values, kind)
        self.about[name] = {"unit": unit, "label": label}

    def add_numbers(self, name: str, cells: Sequence[Number | None], unit: str, label: str = "") -> None:
        empty = Number(None)
        cells = [cell or empty for cell in cells]
        self.add(name, [c.value for c in cells], pa.float64(), unit, label)
        self.add(f"{name}_u", [c.u for c in cells], pa.float64(), unit, _("standard uncertainty, k = 1"))
        self.add(f"{name}_flags", [" ".join(c.flags) for c in cells], pa.string())

    def table(self, wanted: Sequence[str] = ()) -> pa.Table:
        return pa.table({name: self.arrays[name] for name in wanted or self.arrays})


def batches_columns(user, batches, per: str = "batch", reference: str = "") -> Columns:
    """The table of ``batches`` (a queryset that has passed ``visible_to``), in its order."""
    facts = list(batches.values_list(*FACTS))
    numbers = _index_numbers(batches, [row[0] for row in facts])
    if reference:
        _count_against(reference, batches, numbers)
    if per == "batch":
        return _columns(user, facts, [row[0] for row in facts], numbers.get)
    rows, of_row, extra = _SPREAD[per](facts)
    merged = [_ratios_only(numbers.get(fact[0], {})) | of_row[i] for i, fact in enumerate(rows)]
    return _columns(user, rows, range(len(rows)), merged.__getitem__, extra)


def _columns(user, facts, keys, numbers_of: Callable, extra: dict | None = None) -> Columns:
    columns = Columns()
    for number, name in enumerate(NAMES):
        values = [row[number] for row in facts]
        text = name not in TYPES
        columns.add(
            name, [None if v is None else str(v) for v in values] if text else values, TYPES.get(name, pa.string()),
            FACT_UNITS.get(name, ""),
        )  # fmt: skip
    for name, values in (extra or {}).items():
        columns.add(name, values, TYPES.get(name, pa.string()))
    _add_typed(columns, "sweep", [row[len(NAMES)] for row in facts], short_target)
    _add_typed(columns, "condition", [row[len(NAMES) + 1] for row in facts], str)
    found = [numbers_of(key) or {} for key in keys]
    for name, unit, label in number_columns(user, found):
        columns.add_numbers(name, [cells.get(name) for cells in found], unit, label)
    return columns


def number_columns(user, found: Sequence[dict[str, Number]]):
    """Ratios that occur, then every quantity that a method gives: the same columns whatever the rows hold."""
    present = {name: cell.unit for cells in found for name, cell in cells.items()}
    for name in selectors.ratio_names(user):
        if name in present:
            yield name, "1", ""
    known, labels = selectors.quantity_units(), selectors.quantity_labels()
    for name, unit in known.items():
        yield name, present.get(name, unit), _(labels[name])
    for name in sorted(present.keys() - known.keys()):
        if not name.startswith("ratio_"):
            yield name, present[name], ""


def short_target(target: str) -> str:
    """``ingredient:oam`` → ``oam``; ``step:3:time`` → ``step3_time``."""
    kind, _colon, rest = target.partition(":")
    return f"step{rest.replace(':', '_')}" if kind == "step" else rest or kind


def _add_typed(columns: Columns, prefix: str, points: Sequence[dict], shorten: Callable[[str], str]) -> None:
    """A column per swept parameter or further condition, in the unit in which it was typed first."""
    targets = dict.fromkeys(target for point in points for target in point or {})
    for target in targets:
        cells = [(point or {}).get(target) for point in points]
        unit = next((cell["unit"] for cell in cells if cell and cell.get("unit") in UNITS), "")
        name = f"{prefix}_{shorten(target)}"
        if unit:
            columns.add(name, [in_unit(cell, unit) for cell in cells], pa.float64(), unit)
        else:
            columns.add(name, [str(cell["text"]) if cell and "text" in cell else None for cell in cells], pa.string())


def in_unit(cell: dict | None, unit: str) -> float | None:
    if not cell or cell.get("si") is None:
        return None
    wanted, typed = UNITS[unit], UNITS.get(cell.get("unit"))
    if typed is None or typed.dimension != wanted.dimension:
        return None
    if typed.code == unit:
        return float(cell["text"].replace(",", "."))
    return (cell["si"] - float(wanted.offset)) / float(wanted.factor)


# --- The numbers of each row ------------------------------------------------------------------------------------------


def _index_numbers(batches, ids: Sequence) -> dict:
    """batch id → {name: Number}, from the index."""
    chosen = ids if len(ids) <= 500 else batches.order_by().values("pk")
    rows = BatchIndex.objects.filter(batch__in=chosen).values_list("batch_id", "name", "value", "u", "flags", "unit")
    found = defaultdict(dict)
    for batch_id, name, value, u, flags, unit in rows:
        found[batch_id][name] = Number(value, u, flags, unit)
    return found


def _count_against(reference: str, batches, numbers: dict) -> None:
    """Replace the ratios by those that count ``reference`` as 1, with the uncertainty that belongs to them."""
    for batch in batches_with_ingredients(batches.select_related(None)):
        kept = {name: n for name, n in numbers[batch.pk].items() if not name.startswith("ratio_")}
        sheet = batch_sheet(batch)
        side = sheet.weighed if sheet.basis == "weighed" else sheet.planned
        flags = [index.PLANNED] if sheet.basis == "planned" else []
        for species, ratio in ratios(side.portions.values(), reference).items():
            kept[index.ratio_name(species)] = Number(ratio.value, ratio.u, flags, "1")
        numbers[batch.pk] = kept


def _ratios_only(cells: dict[str, Number]) -> dict[str, Number]:
    return {name: cell for name, cell in cells.items() if name.startswith("ratio_")}


def _numbers_of_analyses(analyses) -> dict[str, Number]:
    """The numbers of analyses that speak for one thing; of two of one method the first one counts."""
    cells, methods = {}, set()
    for analysis in analyses:
        if analysis.method in methods:
            continue
        methods.add(analysis.method)
        cells |= _numbers_of_analysis(analysis)
    return cells


def _numbers_of_analysis(analysis) -> dict[str, Number]:
    for quantity in analysis.quantities.all():
        quantity.analysis = analysis
    return {q.name: Number(q.value, q.u, index.flags_of(q), q.unit) for q in analysis.quantities.all()}


def _samples_by_batch(facts) -> dict:
    found = defaultdict(list)
    ids = [row[0] for row in facts]
    for start in range(0, len(ids), 500):
        samples = Sample.objects.filter(batch__in=ids[start : start + 500], archived_at=None)
        for sample in samples.select_related("solvent").order_by("pk"):
            found[sample.batch_id].append(sample)
    return found


def _per_sample(facts):
    samples = _samples_by_batch(facts)
    current = spectra.current_analyses([sample for found in samples.values() for sample in found])
    pairs = [(row, sample) for row in facts for sample in samples[row[0]]]
    cells = [_numbers_of_analyses(current.get(sample.pk, ())) for _row, sample in pairs]
    return [row for row, _sample in pairs], cells, _sample_columns([sample for _row, sample in pairs])


def _per_analysis(facts):
    samples = _samples_by_batch(facts)
    current = spectra.current_analyses([sample for found in samples.values() for sample in found])
    rows = [(row, sample, a) for row in facts for sample in samples[row[0]] for a in current.get(sample.pk, ())]
    extra = _sample_columns([sample for _row, sample, _analysis in rows])
    analyses = [analysis for _row, _sample, analysis in rows]
    extra["analysis"] = [str(analysis.pk) for analysis in analyses]
    extra["method"] = [analysis.method for analysis in analyses]
    extra["measurement"] = [str(a.measurement_id) if a.measurement_id else None for a in analyses]
    extra["dilution_label"] = [a.measurement.dilution_label if a.measurement else "" for a in analyses]
    return [row for row, _sample, _analysis in rows], [_numbers_of_analysis(a) for a in analyses], extra


def _sample_columns(samples: Sequence[Sample]) -> dict:
    return {
        "sample": [str(sample.pk) for sample in samples],
        "sample_code": [sample.code for sample in samples],
        "sample_state": [sample.state for sample in samples],
        "wash_count": [sample.wash_count for sample in samples],
        "solvent": [sample.solvent.short if sample.solvent else None for sample in samples],
    }


_SPREAD = {"sample": _per_sample, "analysis": _per_analysis}
