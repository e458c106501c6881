"""The demo's computed numbers beside the true ones: what every batch agrees on, its u, and the deviation in u."""

from collections.abc import Iterable
from dataclasses import dataclass

from qdlab.access.models import Project
from qdlab.demo import expected, further, further_expected
from qdlab.demo.portions import FURTHER
from qdlab.demo.truth import OAM_SERIES, REPLICATES, BatchTruth
from spectra import selectors
from synthesis.models import Batch, Sample
from synthesis.selectors.sheets import batch_sheet


@dataclass(frozen=True)
class Line:
    """One number of one batch; ``value`` is None where QDLab gives none."""

    batch: str
    what: str
    name: str
    value: float | None
    u: float | None
    true: float

    @property
    def deviation(self) -> float | None:
        """(computed − true)/u."""
        return None if self.value is None or not self.u else (self.value - self.true) / self.u

    @property
    def agrees(self) -> bool:
        return self.deviation is not None and abs(self.deviation) <= 2


def truths_by_batch(batches: Iterable[Batch]) -> list[tuple[Batch, BatchTruth, str]]:
    """The demo's batches with what is true of them: three of each recipe in order, then the oleylamine series."""
    single = iter(REPLICATES)
    by_equivalents = {truth.oam_equiv: truth for truth in OAM_SERIES}
    found = []
    for batch in batches:
        swept = next(iter((batch.sweep_point or {}).values()), None)
        truth = by_equivalents[swept["text"]] if swept else next(single, None)
        if truth is None:
            break  # the batches of the second part: see further_lines
        found.append((batch, truth, f"{swept['text']} equiv" if swept else f"recipe {truth.recipe}"))
    return found


def lines(batches: Iterable[Batch]) -> list[Line]:
    """Every true number of every demo batch beside the computed one."""
    batches = list(batches)
    agreed = selectors.agreed_quantities(batches)
    return [
        line
        for batch, truth, what in truths_by_batch(batches)
        for line in (*_ratios(batch, truth, what), *_numbers(batch, truth, what, agreed.get(batch.pk, {})))
    ]


def _ratios(batch: Batch, truth: BatchTruth, what: str) -> Iterable[Line]:
    true = expected.ratios({key: float(text) for key, text in truth.weighed.items()})
    computed = batch_sheet(batch).ratio_values
    for species, value in true.items():
        if species != "Pb":
            ratio = computed[species]
            yield Line(batch.code, what, f"{species}:Pb", ratio.value, ratio.u, value)


def _numbers(batch: Batch, truth: BatchTruth, what: str, computed: dict) -> Iterable[Line]:
    return _beside(batch, what, expected.quantities(truth), computed)


def further_lines(project: Project) -> list[Line]:
    """Every true number of the demo's second part beside the computed one."""
    found = []
    for recipe, batch in further.first_batches(project).items():
        for (portion, method), values in further_expected.of_portions(FURTHER[recipe]).items():
            sample = further.portion_of(batch, portion)
            found += _of_sample(batch, f"{recipe} {portion}", sample, method, values)
        if recipe == "1":
            for method, values in further_expected.absorption(REPLICATES[0]).items():
                found += _of_sample(batch, "1 absorption", batch.representative, method, values)
    batch = further.enantiomer(project, "D")
    if batch:
        values = further_expected.enantiomers()
        found += _of_sample(batch, "D and L", batch.representative, "circular_dichroism", values)
    return found


def _of_sample(batch: Batch, what: str, sample: Sample | None, method: str, values: dict) -> Iterable[Line]:
    current = selectors.current_analyses([sample]).get(sample.pk, []) if sample else []
    analysis = next((one for one in current if one.method == method), None)
    computed = {q.name: q for q in analysis.quantities.all()} if analysis else {}
    return _beside(batch, what, values, computed)


def _beside(batch: Batch, what: str, values: dict[str, float], computed: dict) -> Iterable[Line]:
    for name, value in values.items():
        quantity = computed.get(name)
        given = (None, None) if quantity is None else (quantity.value, quantity.u)
        yield Line(batch.code, what, name, *given, value)


def notes(batches: Iterable[Batch]) -> list[str]:
    """What the oleylamine series shows, in words: where the emission jumps, and where it has two bands."""
    found = {}
    for line in lines(batches):
        if line.what.endswith("equiv"):
            found.setdefault(float(line.what.split()[0]), {})[line.name] = line.value
    peaks = {equiv: by_name.get("emission_peak_nm") for equiv, by_name in sorted(found.items())}
    green = [equiv for equiv, peak in peaks.items() if peak and peak > 490]
    blue = [equiv for equiv, peak in peaks.items() if peak and peak < 470 and "band_1_peak_nm" not in found[equiv]]
    two = [equiv for equiv, by_name in found.items() if by_name.get("band_1_peak_nm") and by_name.get("band_2_peak_nm")]
    said = []
    if green and blue:
        said.append(
            f"The emission jumps from {peaks[max(green)]:.1f} nm at {max(green):g} equiv to {peaks[min(blue)]:.1f} nm at "
            f"{min(blue):g} equiv of oleylamine."
        )
    said += [
        f"At {equiv:g} equiv there are two bands, {found[equiv]['band_1_peak_nm']:.1f} and {found[equiv]['band_2_peak_nm']:.1f} nm."
        for equiv in two
    ]
    return said


def table(found: Iterable[Line]) -> str:
    """The lines as text; a star marks what is missing or more than 2 u away."""
    rows = [f"{'batch':<14}{'':<13}{'quantity':<27}{'computed':>13}{'u':>11}{'true':>13}{'in u':>7}"]
    for line in found:
        start = f"{line.batch:<14}{line.what:<13}{line.name:<27}"
        if line.deviation is None:
            rows.append(f"{start}{'none':>13}{'':>11}{line.true:>13.5g}{'':>7} *")
        else:
            numbers = f"{line.value:>13.6g}{line.u:>11.2g}{line.true:>13.6g}{line.deviation:>7.2f}"
            rows.append(f"{start}{numbers}{'' if line.agrees else ' *'}")
    return "\n".join(rows)
