"""What a comparison rests on: the batches, the parameters and properties that they have, and how two of them differ."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean, stdev

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qdlab.dashboards import columns as table_columns
from qdlab.dashboards import selectors
from qdlab.dashboards.columns import Column
from qdlab.dashboards.tables import in_unit
from qdlab.records.formatting import number_with_uncertainty
from qdlab.records.templatetags.qdlab import note
from spectra.analysis.uncertainty import difference
from spectra.models import Analysis, Quantity
from spectra.pipeline import estimate_of
from spectra.selectors import agreed_quantities
from synthesis.models import Batch, BatchIngredient
from synthesis.units import UNITS

POSITION = "position"
STRONG_SHARE = 0.2  # of the emitted light; weaker bands are told in the table, not drawn
COVERAGE = 2.0  # a difference below 2 u (95 %) is not called one
CONDITIONS = ("temperature_c", "relative_humidity_percent", "replicate")
SHARED = {  # kind of a source → how people call what two numbers share
    "standard": gettext_noop("one standard"), "session": gettext_noop("one standard"), "absorbance": gettext_noop("one standard"), "excitation": gettext_noop("one standard"),
    "bandpass": gettext_noop("one standard"), "correction": gettext_noop("the correction curve"), "refractive": gettext_noop("the refractive indices"),
    "wavelength": gettext_noop("the wavelength calibration"), "wavelength-scale": gettext_noop("the wavelength calibration"), "timebase": gettext_noop("the time base"),
    "slit": gettext_noop("the slit width"),
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """A number of one batch, or None and why."""

    value: float | None
    u: float | None = None
    why: str = ""
    flags: Sequence[str] = ()


@dataclass
class Compared:
    """Batches side by side. ``batches`` were loaded by ``selectors.with_index`` and have passed ``visible_to``."""

    batches: list[Batch]
    user: object = None
    known: dict[str, Column] = field(default_factory=dict)

    @cached_property
    def quantities(self) -> dict:
        """Batch id → {name: Quantity} of the agreed analyses."""
        return agreed_quantities(self.batches)

    @cached_property
    def agreed(self) -> dict:
        """Batch id → {method: the agreed analysis}."""
        return {pk: {q.analysis.method: q.analysis for q in found.values()} for pk, found in self.quantities.items()}

    @cached_property
    def colours(self) -> dict:
        return table_columns.colours_of(self.batches)

    # --- Which parameters and properties there are ---

    @cached_property
    def swept(self) -> dict[str, Column]:
        """``sweep:ingredient:oam`` → its column, for every parameter that some of the batches were swept in."""
        targets = dict.fromkeys(target for batch in self.batches for target in batch.sweep_point or {})
        names = self._names_of_ingredients([t.partition(":")[2] for t in targets if t.startswith("ingredient:")])
        found = {}
        for target in targets:
            cells = [batch.sweep_point[target] for batch in self.batches if target in (batch.sweep_point or {})]
            unit = next((cell["unit"] for cell in cells if cell.get("unit") in UNITS), "")
            kind, _colon, rest = target.partition(":")
            label = names.get(rest, rest) if kind == "ingredient" else rest.partition(":")[2].replace("_", " ") or rest
            if unit:
                found[f"sweep:{target}"] = Column(
                    f"sweep:{target}", _("{name}, planned").format(name=label), unit=unit, group=_("Swept")
                )
        return found

    def _names_of_ingredients(self, keys: Sequence[str]) -> dict[str, str]:
        lines = BatchIngredient.objects.filter(batch__in=self.batches, key__in=keys).select_related("chemical", "stock")
        return (
            {line.key: line.chemical.short if line.chemical_id else line.stock.name for line in lines} if keys else {}
        )

    @cached_property
    def properties(self) -> dict[str, Column]:
        """Ratios and quantities that at least one of the batches has."""
        present = {row.name for batch in self.batches for row in batch.numbers if row.value is not None}
        return {name: column for name, column in self.known.items() if name in present}

    @cached_property
    def parameters(self) -> dict[str, Column]:
        """What can stand on the x axis: swept values, ratios, conditions, quantities, or just the order of the list."""
        conditions = {
            name: Column(
                name, str(Batch._meta.get_field(name).verbose_name).partition(" (")[0], unit=unit, group=_("Conditions")
            )
            for name, unit in zip(CONDITIONS, ("Cel", "%", ""), strict=True)
            if any(getattr(batch, name) is not None for batch in self.batches)
        }
        order = {POSITION: Column(POSITION, _("place in the list"), group=_("Conditions"))}
        return self.swept | self.properties | conditions | order

    def usual_parameter(self) -> str:
        """What most of the batches have: what was swept, else the ratio that differs most; else the place in the list."""
        ratios = [name for name in self.properties if name.startswith("ratio_") and self._spread(name) > 0.05]
        ranks = {name: (self._n_with(name), name in self.swept, self._spread(name)) for name in [*self.swept, *ratios]}
        best = max(ranks, key=ranks.get, default="")
        return best if best and 2 * ranks[best][0] > len(self.batches) else POSITION

    def _n_with(self, name: str) -> int:
        return sum(self.value_of(batch, name).value is not None for batch in self.batches)

    def _spread(self, name: str) -> float:
        values = [v.value for v in (self.value_of(b, name) for b in self.batches) if v.value is not None]
        middle = fmean(values) if values else 0
        return (max(values) - min(values)) / middle if len(values) > 1 and middle else 0.0

    def usual_property(self) -> str:
        wanted = ("emission_peak_nm", "plqy", *self.properties)
        return next((name for name in wanted if name in self.properties and not name.startswith("ratio_")), "")

    # --- Values ---

    def value_of(self, batch: Batch, name: str) -> Value:
        if name == POSITION:
            return Value(float(self.batches.index(batch) + 1))
        if name.startswith("sweep:"):
            cell = (batch.sweep_point or {}).get(name.removeprefix("sweep:"))
            return Value(in_unit(cell, self.swept[name].unit) if cell and name in self.swept else None)
        if name in CONDITIONS:
            number = getattr(batch, name)
            return Value(None if number is None else float(number))
        row = selectors.numbers_of(batch).get(name)
        if row is None or row.value is None:
            return Value(None, why=self.why_not(batch, name))
        return Value(row.value, row.u, flags=tuple(row.flags))

    def why_not(self, batch: Batch, name: str) -> str:
        """Why there is no number: what the eye saw, the refusal, or that nothing was measured."""
        quantity = self.quantities.get(batch.pk, {}).get(name)
        reasons = [batch.abandoned_because, batch.outcome_note or (batch.outcome and batch.get_outcome_display())]
        if quantity is not None and quantity.reason:
            reasons.insert(0, note(quantity.reason))
        return "; ".join(filter(None, reasons)) or _("not measured")

    def bands_of(self, batch: Batch, name: str) -> dict[int, Value]:
        """Number of the band → peak or width, for a batch whose light several strong bands share.

        A shoulder that the fit needs is no second emission: it would only stretch the axis.
        """
        pattern = {"emission_peak_nm": "band_{}_peak_nm", "emission_fwhm_nm": "band_{}_fwhm_nm"}.get(name)
        numbers = selectors.numbers_of(batch)
        rows = {n: numbers.get(pattern.format(n)) for n in range(1, 5) if _is_strong(numbers, n)} if pattern else {}
        found = {n: Value(row.value, row.u) for n, row in rows.items() if row is not None and row.value is not None}
        return found if len(found) > 1 else {}

    # --- Replicates and differences ---

    def replicates(self) -> list[list[Batch]]:
        """Batches of one sweep point, or of one revision, together."""
        groups = defaultdict(list)
        for batch in self.batches:
            point = json.dumps(batch.sweep_point, sort_keys=True) if batch.sweep_id else ""
            groups[(batch.sweep_id, point, None if batch.sweep_id else batch.revision_id or batch.pk)].append(batch)
        return list(groups.values())

    def differences(self, name: str, reference: Batch) -> list[dict]:
        """Every other batch against ``reference``, judged on what they do not share."""
        of_reference = self.quantities.get(reference.pk, {}).get(name)
        if of_reference is None or of_reference.value is None:
            return []
        rows = []
        for batch in self.batches:
            found = self.quantities.get(batch.pk, {}).get(name)
            if (
                batch.pk != reference.pk
                and found is not None
                and found.value is not None
                and found.unit == of_reference.unit
            ):
                rows.append(judged(found, of_reference, self.known[name]) | {"batch": batch})
        return rows


def _is_strong(numbers: dict, n: int) -> bool:
    """Whether band ``n`` holds enough of the light to be drawn; one whose share nobody knows does."""
    share = numbers.get(f"band_{n}_share")
    return share is None or share.value is None or share.value >= STRONG_SHARE


def judged(one: Quantity, other: Quantity, column: Column) -> dict:
    """The difference of two numbers in words: value ± u, whether it can be told apart, and what both share."""
    a, b = estimate_of(one), estimate_of(other)
    value, u = difference(a, b)
    scale = 10.0**column.power
    text = number_with_uncertainty(value / scale, u / scale if u else None)
    text = text if text.startswith("−") else f"+{text}"
    shared = shared_sources(one, other)
    return {
        "text": f"{text} {column.unit_text}".strip(),
        "verdict": verdict(value, u),
        "distinguishable": u is not None and abs(value) > COVERAGE * u,
        "shared": _("both share {things}").format(things=", ".join(shared)) if shared else "",
    }


def verdict(value: float, u: float | None) -> str:
    if u is None:
        return _("no uncertainty is known, so nothing can be said")
    if abs(value) <= COVERAGE * u:
        return _("not distinguishable")
    if u == 0 or abs(value) > 10 * u:
        return _("clearly different")
    return _("different, by {n:.1f} standard uncertainties").format(n=abs(value) / u)


def shared_sources(one: Quantity, other: Quantity) -> list[str]:
    """What two budgets have in common, as people call it."""
    sources = {c["source"] for c in other.budget if c["u"]}
    common = [c for c in one.budget if c["source"] in sources and c["u"]]
    return list(dict.fromkeys(_(SHARED.get(c["source"].partition(":")[0], c["name"])) for c in common))


def mean_of(values: Sequence[Value]) -> Value:
    """Mean and standard deviation of replicates; of a single one, itself."""
    numbers = [v.value for v in values if v.value is not None]
    if not numbers:
        return Value(None, why=next((v.why for v in values if v.why), ""))
    if len(numbers) == 1:
        return next(v for v in values if v.value is not None)
    return Value(fmean(numbers), stdev(numbers))


def measurement_ids(compared: Compared, method: str) -> dict:
    """Batch id → the measurement whose result of ``method`` speaks for it."""
    found = {pk: by_method.get(method) for pk, by_method in compared.agreed.items()}
    return {pk: a.measurement_id for pk, a in found.items() if isinstance(a, Analysis) and a.measurement_id}
