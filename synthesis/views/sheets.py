"""The live sums: what was typed so far in, everything that follows out. The same code computes them on save."""

from synthesis import selectors
from synthesis.notes import InputError
from synthesis.selectors import Line, Sheet, portion_text, ratio_line, ratio_text, said
from synthesis.selectors.shown import DIMENSIONS


def row_json(line: Line, portion) -> dict:
    return {
        "typed": portion.typed,
        "notes": [said(note) for note in portion.notes],
        "deviation": selectors.deviation_text(line.deviation),
        **{name: portion_text(portion, name) for name in DIMENSIONS},
    }


def ratios_json(sheet: Sheet, side) -> dict:
    known = [r for r in side.ratios if r.value is not None]
    reasons = {said(r.reason) for r in side.ratios if r.value is None and r.reason}
    return {
        "ratios": [{"species": r.species, "text": ratio_text(r, sheet.ratio_reference)} for r in side.ratios],
        "ratio_line": ratio_line(sheet, side) if known else "",
        "facts": selectors.mixture_facts(sheet, side),
        "notes": [said(note) for note in sheet.notes] + sorted(reasons),
    }


def first_sentence(problem) -> str:
    """What a field shows while somebody types."""
    if isinstance(problem, InputError):
        return said(problem.note)
    return next(iter(problem.messages), "")
