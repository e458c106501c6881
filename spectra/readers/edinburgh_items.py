"""Items from the scans of an Edinburgh export: spectra, maps and repeats as series, decays."""

import re
from dataclasses import replace

import numpy as np

from spectra.conditions import Conditions
from spectra.notes import Note, gettext_noop
from spectra.readers import facts
from spectra.readers.decays import Curve, bin_from_axis, decay_items, finite_counts
from spectra.readers.edinburgh_scans import Scan
from spectra.readers.number_block import printed_number
from spectra.readers.reading import Item
from spectra.readers.terms import TIME_NS, normal
from spectra.readers.vendor_reading import channel_of, told
from spectra.spectrum import Series, Spectrum


def items_of(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    if group[0].technique == "decay":
        return _decays(group, stem)
    spectra, warnings = [], []
    for scan in group:
        spectrum, notes = _spectrum(scan)
        spectra.append(spectrum)
        warnings += notes
    title = group[0].label or stem
    if len(group) == 1:
        value = spectra[0]
    else:
        z, quantity, unit = _third_axis(group)
        title = re.sub(r"[\s_\-(]*\d+\)?$", "", title) or title
        value = Series(spectra, z, quantity, unit, title)
    conditions = _conditions(group, stem)
    item = Item(value, group[0].technique, "file", title, facts.role_from(title, stem), conditions, told(group[0].said))
    return [item], warnings


def _third_axis(group: list[Scan]) -> tuple[np.ndarray, str, str]:
    fixed = [scan.fixed_nm() for scan in group]
    if None not in fixed and len(set(fixed)) == len(fixed):
        quantity = "emission" if group[0].technique == "pl_excitation" else "excitation"
        return np.array(fixed), quantity, "nm"
    return np.arange(1.0, len(group) + 1), "repeat", "1"


def _spectrum(scan: Scan) -> tuple[Spectrum, list[Note]]:
    channel, notes = channel_of(scan.y, scan.said.get("yaxis", ""))
    return Spectrum(scan.x, [channel], scan.axis.unit, scan.axis.quantity, scan.label), notes


def _conditions(group: list[Scan], stem: str) -> Conditions:
    scan = group[0]
    known: dict = {}
    names = {"pl_emission": ("excitation", "emission"), "pl_excitation": ("emission", "excitation")}
    if scan.technique in names:
        fixed, scanned = names[scan.technique]
        if len({other.fixed_nm() for other in group}) == 1 and scan.fixed_nm() is not None:
            known[f"{fixed}_nm"] = scan.fixed_nm()
        for key, name in (("fixed/offset slit", fixed), ("scan slit", scanned)):
            width = printed_number(scan.said.get(key, ""))
            if width is not None and 0 < width < 500:
                known[f"{name}_bandwidth_nm"] = width
        flag = {"true": True, "false": False}.get(normal(scan.said.get("scan corr. by file", "")))
        if flag is not None and scan.technique == "pl_emission":
            known["spectrally_corrected"] = flag
    return facts.make_conditions({}, scan.label, stem, **known)


def _decays(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    curves = []
    for number, scan in enumerate(group, 1):
        per_ns = TIME_NS[scan.axis.unit]
        bin_ns = bin_from_axis(scan.x * per_ns)
        if bin_ns is None:
            return _uneven(group, stem)
        bin_ns = _as_printed(scan.said.get("step", ""), per_ns, bin_ns)
        names = (scan.label, stem) if len(group) == 1 else (scan.label,)
        role = "IRF" if facts.role_from(*names) == "IRF" else None
        title = scan.label or f"{stem} {number}"
        curves.append(Curve(finite_counts(scan.y), bin_ns, float(scan.x[0]) * per_ns, title, role))
    items, warnings = decay_items(curves, Conditions(), {})
    conditions = [facts.make_conditions({}, scan.label, stem) for scan in group]
    return [
        replace(item, conditions=known, metadata=told(scan.said))
        for item, known, scan in zip(items, conditions, group, strict=True)
    ], warnings


def _as_printed(step: str, per_ns: float, bin_ns: float) -> float:
    """The step as the header prints it, which is rounded less than the times are."""
    said = printed_number(step)
    return said * per_ns if said is not None and abs(said * per_ns - bin_ns) <= 1e-5 * bin_ns else bin_ns


def _uneven(group: list[Scan], stem: str) -> tuple[list[Item], list[Note]]:
    """Times at unequal steps are no histogram: they are kept as a curve, and said."""
    text = gettext_noop(
        "The times of this decay do not rise in equal steps, so it is a curve over time and no histogram. Look for a damaged row."
    )
    items, warnings = [], [Note("uneven_times", text)]
    for scan in group:
        made, notes = items_of([replace(scan, technique="kinetics")], stem)
        items += made
        warnings += notes
    return items, warnings
