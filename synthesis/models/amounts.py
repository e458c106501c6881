"""A typed number as three columns: the text as typed, its UCUM unit, and the SI value (kg, m³, mol …)."""

from django.db import models

from synthesis.units import LONGEST_NUMBER, Typed

TEXT, UNIT, SI = "_text", "_unit", "_si"


def text_column(label=None):
    return models.CharField(label, max_length=LONGEST_NUMBER, blank=True)


def unit_column():
    return models.CharField(max_length=16, blank=True)


def si_column():
    return models.FloatField(null=True, blank=True)


def typed_of(record, name: str) -> Typed | None:
    """The typed number of a record's three columns ``<name>_text``, ``<name>_unit``, ``<name>_si``."""
    si = getattr(record, name + SI)
    return None if si is None else Typed(getattr(record, name + TEXT), getattr(record, name + UNIT), si)


def columns_of(name: str, typed: Typed | None) -> dict:
    """The three columns that store ``typed``; empty when there is none."""
    if typed is None:
        return {name + TEXT: "", name + UNIT: "", name + SI: None}
    return {name + TEXT: typed.text, name + UNIT: typed.unit, name + SI: typed.si}
