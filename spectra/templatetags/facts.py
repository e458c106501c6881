"""``{% load facts %}``: what is known of files, readings and tables, and the choices of the column mapper, in words."""

from django import template
from django.utils.translation import gettext_lazy

from qdlab.records import formatting
from spectra.forms import mapping, measurements
from spectra.templatetags.results import setting_text, technique_name

register = template.Library()

FACTS = {
    "instrument": gettext_lazy("Instrument"),
    "serial": gettext_lazy("Serial number"),
    "operator": gettext_lazy("Operator"),
    "title": gettext_lazy("Title"),
    "comment": gettext_lazy("Comment"),
    "measured_at": gettext_lazy("Measured, as written"),
    "clock": gettext_lazy("Time zone of that date"),
    "encoding": gettext_lazy("Encoding"),
    "separator": gettext_lazy("Between the columns"),
    "decimal_mark": gettext_lazy("Decimal mark"),
    "first_row": gettext_lazy("First row of numbers"),
    "confidence": gettext_lazy("Recognised by"),
    "time_axis": gettext_lazy("Time axis from"),
    "z_unit": gettext_lazy("Third axis"),
    "fingerprint": gettext_lazy("Fingerprint of the header"),
    "technique": gettext_lazy("Technique"),
    "role": gettext_lazy("Of what"),
    "x": gettext_lazy("Column of x"),
    "y": gettext_lazy("Columns of y"),
    "x_unit": gettext_lazy("Unit of x"),
    "y_quantity": gettext_lazy("y is"),
    "y_unit": gettext_lazy("Unit of y"),
    "y_technique": gettext_lazy("Techniques of y"),
    "roles": gettext_lazy("Columns are"),
    "kind": gettext_lazy("The table holds"),
    "sheet": gettext_lazy("Sheet"),
    "sheets": gettext_lazy("Sheets"),
    "table": gettext_lazy("Table of the file"),
    "skip_rows": gettext_lazy("First rows left out"),
    "element": gettext_lazy("Column of the elements"),
    "percent": gettext_lazy("Column of the atomic percents"),
    "percent_u": gettext_lazy("Column of their uncertainty"),
    "percent_u_is": gettext_lazy("The uncertainty is given"),
    "size": gettext_lazy("Column of the sizes"),
    "size_is": gettext_lazy("A size is a"),
    "size_unit": gettext_lazy("Unit of the sizes"),
    "z_quantity": gettext_lazy("The curves differ in"),
    "z_from": gettext_lazy("Its values stand in"),
    "bin_ns": gettext_lazy("Bin width (ns)"),
    "dilution_label": gettext_lazy("Dilution"),
    "intensity_unit": gettext_lazy("Intensity counts"),
    "spectrally_corrected": gettext_lazy("Spectrally corrected"),
    "correction_file": gettext_lazy("Correction file"),
    "blank_subtracted": gettext_lazy("Blank subtracted"),
    "solvent": gettext_lazy("Solvent"),
    "gas": gettext_lazy("Gas"),
    "refractive_index": gettext_lazy("Refractive index"),
    "excitation_nm": gettext_lazy("Excitation (nm)"),
    "excitation_bandwidth_nm": gettext_lazy("Excitation bandwidth (nm)"),
    "emission_nm": gettext_lazy("Emission (nm)"),
    "emission_bandwidth_nm": gettext_lazy("Emission bandwidth (nm)"),
    "bandwidth_nm": gettext_lazy("Bandwidth (nm)"),
    "path_length_cm": gettext_lazy("Path length (cm)"),
    "temperature_c": gettext_lazy("Temperature (°C)"),
    "repetition_rate_mhz": gettext_lazy("Repetition rate (MHz)"),
    "detection_rate_hz": gettext_lazy("Detection rate (1/s)"),
    "saturation_level": gettext_lazy("Detector saturates at"),
    "scan_speed_nm_min": gettext_lazy("Scan speed (nm/min)"),
    "response": gettext_lazy("Response"),
    "gain": gettext_lazy("Gain"),
    "imaging_mode": gettext_lazy("Kind of image"),
    "microscope": gettext_lazy("Microscope or camera"),
    "detector": gettext_lazy("Detector"),
    "magnification": gettext_lazy("Magnification"),
    "acceleration_kv": gettext_lazy("Accelerating voltage (kV)"),
    "pixel_size_nm": gettext_lazy("Pixel size (nm)"),
    "pixel_size_from": gettext_lazy("Pixel size from"),
    "exposure_s": gettext_lazy("Exposure (s)"),
    "format": gettext_lazy("Format"),
    "spots": gettext_lazy("Number of spots"),
}


CHOICES = {
    "kind": dict(mapping.KINDS),
    "roles": dict(mapping.ROLES["curves"]),
    "y_quantity": dict(mapping.QUANTITIES),
    "z_quantity": dict(mapping.Z_AXES),
    "z_from": dict(mapping.Z_FROM),
    "percent_u_is": dict(mapping.U_IS),
    "size_is": dict(mapping.SIZES),
    "separator": dict(mapping.SEPARATORS) | {"none": gettext_lazy("none"), "cells": gettext_lazy("cells of a sheet")},
    "confidence": {
        "file": gettext_lazy("the content of the file"),
        "confirm": gettext_lazy("the content of the file, not for sure"),
        "layout": gettext_lazy("a layout"),
        "person": gettext_lazy("a person"),
    },
    "intensity_unit": dict(measurements.INTENSITY_UNITS),
    "imaging_mode": dict(measurements.IMAGING_MODES),
    "time_axis": {"file": gettext_lazy("the file"), "person": gettext_lazy("a person")},
}


@register.simple_tag
def read_as(layout_mapping):
    """What the columns of a layout become: the technique, or the kind of table."""
    named = layout_mapping.get("y_technique") or layout_mapping.get("technique")
    techniques = dict.fromkeys(named if isinstance(named, list) else [named])
    shown = [str(technique_name(technique)) for technique in techniques if technique]
    return ", ".join(shown) or _choice("kind", layout_mapping.get("kind", "curves"))


@register.filter
def settings_of_mapping(given):
    """What a mapping says of the whole table; its columns are shown beside their labels."""
    of_columns = {
        "kind", "x", "y", "roles", "y_quantity", "y_unit", "y_technique", "element", "percent", "percent_u", "size",
    }  # fmt: skip
    return [(name, value) for name, value in given.items() if name not in of_columns]


@register.simple_tag
def mapped_columns(layout):
    """A row per column of a layout: its number from 1, its label, and what it is."""
    shown = {"columns": [{"label": label, "cells": []} for label in layout.labels], "n_columns": layout.n_columns}
    form = mapping.MappingForm.showing(layout.mapping, shown)
    words = dict(mapping.ROLES[form["kind"].value()])
    return [
        {
            "number": column["number"] + 1,
            "label": column["label"],
            "is": ", ".join(
                str(part)
                for part in (
                    words.get(column["role"], "") if column["role"] else "",
                    _choice("y_quantity", column["quantity"]) if column["quantity"] else "",
                    formatting.unit_symbol(column["unit"]),
                    str(technique_name(column["technique"])) if column["technique"] else "",
                )
                if part
            ),
        }
        for column in form.columns
    ]


@register.filter
def fact_name(name):
    """What a fact of a file, a reading or a condition is called."""
    return FACTS.get(name, name)


@register.simple_tag
def mapped(name, value):
    """A choice of the column mapper in words: columns are counted from 1 by people, from 0 by readers."""
    if name == "technique":
        return technique_name(value)
    if name == "y_technique":
        return ", ".join(
            str(technique_name(one)) if one else "–" for one in (value if isinstance(value, list) else [value])
        )
    if name in ("x", "y", "table", "element", "percent", "percent_u", "size"):
        numbers = value if isinstance(value, list) else [value]
        return ", ".join(str(n + 1) if isinstance(n, int) else setting_text(n) for n in numbers)
    if isinstance(value, list):
        return ", ".join(_choice(name, one) for one in value)
    return _choice(name, value)


def _choice(name: str, value) -> str:
    """A chosen word as the mapper's form writes it."""
    if isinstance(value, str) and name in CHOICES:
        return str(CHOICES[name].get(value, value))
    return setting_text(value)
