"""A weigh-out sheet as plain data: each ingredient with what was typed and what follows, and the ratios with their budget."""

from synthesis.selectors import Line, Sheet, Side, said
from synthesis.stoichiometry import Portion, Ratio


def sheet_out(sheet: Sheet) -> dict:
    return {
        "ingredients": [_line(line) for line in sheet.lines],
        "reference_equivalents": sheet.reference_equivalents,
        "ratio_reference": sheet.ratio_reference,
        "basis": sheet.basis,
        "ratios": {ratio.species: ratio_out(ratio) for ratio in sheet.ratios},
        "planned_ratios": {ratio.species: ratio_out(ratio) for ratio in sheet.planned.ratios},
        "precursor": _precursor(sheet.weighed if sheet.basis == "weighed" else sheet.planned),
        "notes": [said(note) for note in sheet.notes],
    }


def _line(line: Line) -> dict:
    record = line.record
    return {
        "key": record.key,
        "role": record.role,
        "name": line.name,
        "chemical": record.chemical_id,
        "stock": record.stock_id,
        "lot": getattr(record, "lot_id", None),
        "is_reference": record.is_reference,
        "note": record.note,
        "planned": _portion(line.planned),
        "weighed": _portion(line.weighed) if line.weighed else None,
        "uncertainty": _typed(getattr(record, "uncertainty", None)),
        "device": getattr(record, "device", ""),
    }


def _typed(typed) -> dict | None:
    return {"text": typed.text, "unit": typed.unit, "si": typed.si} if typed else None


def _portion(portion: Portion) -> dict:
    return {
        "typed": _typed(portion.ingredient.amount),
        "mass_kg": portion.mass_kg,
        "volume_m3": portion.volume_m3,
        "amount_mol": portion.amount_mol,
        "equivalents": portion.equivalents,
        "notes": [said(note) for note in portion.notes],
    }


def ratio_out(ratio: Ratio) -> dict:
    return {
        "value": ratio.value,
        "u": ratio.u,
        "budget": [{"name": c.name, "u": c.u, "source": c.source} for c in ratio.budget],
        "reason": said(ratio.reason) if ratio.reason else None,
    }


def _precursor(side: Side) -> dict:
    mixture = side.precursor
    return {"total_m3": mixture.total_m3, "solvents_m3": mixture.solvents_m3, "species_mol": mixture.species_mol}
