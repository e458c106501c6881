"""Which figures a record has: from records, over values, to ``plots``. Used by every page that draws something.

Each figure is ``{"id", "title", "views": {label: figure}, "log": bool, "summary"}``, as the page's plot partial takes it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from django.utils.translation import gettext as _

from qdlab.records.formatting import unit_symbol
from spectra.atomic_fractions import AtomicFractions
from spectra.decay import Decay
from spectra.models import Measurement
from spectra.plots.decay_curve import decay_curve
from spectra.plots.figure import Curve, axis, line, palette
from spectra.plots.overlay import overlay
from spectra.plots.series_map import series_map
from spectra.quantities import term
from spectra.readers.reading import Table
from spectra.spectrum import Series, Spectrum
from spectra.values import value_of

OPTICAL = ("pl_emission", "pl_excitation", "uvvis", "cd", "el", "kinetics")
NOT_OPTICAL = ("raman", "ir", "edx", "mass", "xrd", "xps", "nmr", "dls")


def figure(id: str, title: str, views: dict, *, log: bool = False, summary: str = "") -> dict:
    return {"id": id, "title": title, "views": views, "log": log, "summary": summary}


def of_measurement(measurement: Measurement) -> list[dict]:
    """What a measurement looks like, in its own units and as eV where that makes sense."""
    value = value_of(measurement)
    title = str(measurement)
    if isinstance(value, Decay):
        curves = {"time_ns": value.time_ns, "counts": value.counts}
        if value.irf_counts is not None:
            curves["irf"] = value.irf_counts
        return [
            figure(
                "decay", title, {_("decay"): decay_curve(curves, gettext=_)}, log=True, summary=_summary(measurement)
            )
        ]
    if isinstance(value, Spectrum | Series):
        curves = curves_of([measurement], names=[title])
        views = optical_views(curves) if curves else {_("as measured"): _plain(value, measurement.technique)}
        if isinstance(value, Series) and (drawn := _map(value)):
            views[_("map")] = drawn
        return [figure("spectrum", title, views, summary=_summary(measurement))]
    return []


def _map(series: Series) -> dict | None:
    """The series as a map, where its spectra share one axis."""
    first = series.spectra[0]
    if any(not np.array_equal(one.x, first.x) for one in series.spectra):
        return None
    rows = [one.signal.values for one in series.spectra]
    titles = (
        _titled(quantity, unit)
        for quantity, unit in (
            (first.x_quantity, first.x_unit),
            (series.z_quantity, series.z_unit),
            (first.signal.quantity, first.signal.unit),
        )
    )
    return series_map(first.x, rows, series.z, *titles)


def of_item(item) -> dict | None:
    """What an item of a reading looks like before it is kept, in its own units; None where there is no curve."""
    value = item.value
    if isinstance(value, Decay):
        curves = {"time_ns": value.time_ns, "counts": value.counts}
        curves |= {} if value.irf_counts is None else {"irf": value.irf_counts}
        low, high, unit, n = value.time_ns[0], value.time_ns[-1], "ns", value.counts.size
        views, log = {_("decay"): decay_curve(curves, gettext=_)}, True
    elif isinstance(value, Spectrum | Series):
        x = value.spectra[0].x if isinstance(value, Series) else value.x
        unit = value.spectra[0].x_unit if isinstance(value, Series) else value.x_unit
        low, high, n = float(x.min()), float(x.max()), x.size
        views, log = {_("as measured"): _plain(value, item.technique or "")}, False
    else:
        return None
    summary = _("{n} points from {low:.5g} to {high:.5g} {unit}").format(n=n, low=low, high=high, unit=unit)
    return figure("preview", item.title or _("preview"), views, log=log, summary=summary)


def table_of_item(item, n_rows: int) -> dict | None:
    """The first rows of an item that is no curve: a composition, or a list of sizes; None for all others."""
    value = item.value
    if isinstance(value, AtomicFractions):
        rows = [(f.element, f.percent, "–" if f.percent_u is None else f.percent_u) for f in value.fractions]
        return {
            "columns": (_("element"), _("atomic percent"), _("standard uncertainty")),
            "rows": rows[:n_rows],
            "n": len(rows),
        }
    if isinstance(value, Table):
        return {"columns": value.columns, "rows": value.rows[:n_rows], "n": len(value.rows)}
    return None


def _summary(measurement: Measurement) -> str:
    traces = sorted(measurement.traces.all(), key=lambda t: t.index)
    if not traces:
        return ""
    first = traces[0]
    text = _("{n} points from {low:.5g} to {high:.5g} {unit}").format(
        n=first.n_points, low=first.x_min, high=first.x_max, unit=first.x_unit
    )
    places = sorted({trace.z for trace in traces if trace.z is not None}) if first.z_quantity != "bin_width" else []
    if len(places) < 2:
        return text
    along = _("{n} curves, {quantity} from {low:.5g} to {high:.5g} {unit}").format(
        n=len(places), quantity=term(first.z_quantity), low=places[0], high=places[-1], unit=_unit(first.z_unit)
    )
    return f"{along.strip()}; {text}"


def optical_views(curves: Sequence[Curve], **options) -> dict:
    """The same curves in nm, normalised, and in eV."""
    return {
        "nm": overlay(curves, gettext=_, **options),
        _("normalised"): overlay(curves, gettext=_, **options | {"normalise": True}),
        "eV": overlay(curves, unit="eV", gettext=_, **options),
    }


def curves_of(
    measurements: Iterable[Measurement], *, names: Sequence[str] = (), colours: Sequence[str] = ()
) -> list[Curve]:
    """The signal of each optical measurement, ready to be drawn over one another. Others are left out."""
    curves = []
    for i, measurement in enumerate(measurements):
        value = value_of(measurement)
        spectra = value.spectra if isinstance(value, Series) else [value] if isinstance(value, Spectrum) else []
        for j, spectrum in enumerate(spectra):
            if not is_optical(measurement, spectrum):
                continue
            wavelength_nm, y = spectrum.ascending_nm()
            name = names[i] if i < len(names) else str(measurement)
            if isinstance(value, Series):
                name = f"{name}, {value.z[j]:.4g} {value.z_unit}"
            colour = colours[i] if i < len(colours) else ""
            curves.append(
                Curve(name, wavelength_nm, y, spectrum.signal.quantity, colour, link=f"/measurements/{measurement.pk}/")
            )
    return curves


def is_optical(measurement: Measurement, spectrum: Spectrum) -> bool:
    """Is x a photon's wavelength? A Raman shift, an infrared or an X-ray axis stays in the units of its field."""
    if spectrum.x_unit == "nm":
        return measurement.technique not in NOT_OPTICAL
    known = measurement.technique in OPTICAL and spectrum.x_unit in ("eV", "1/cm")
    return known and bool((spectrum.x > 0).all())


def _unit(text: str) -> str:
    return unit_symbol(text) if text and not text.startswith("{") else ""


def _titled(quantity: str, unit: str) -> str:
    return f"{term(quantity)} ({_unit(unit)})" if _unit(unit) else term(quantity)


def _axis(quantity: str, unit: str, **more) -> dict:
    return axis(_titled(quantity, unit), **more)


def _plain(value: Spectrum | Series, technique: str = "") -> dict:
    """Any x–y data in its own units; infrared runs from high to low wavenumbers, as it is read."""
    reversed_x = {"autorange": "reversed"} if technique == "ir" else {}
    spectra = value.spectra if isinstance(value, Series) else (value,)
    first = spectra[0]
    colours = palette(len(spectra))
    traces = [
        line(s.x, s.signal.values, s.title or s.signal.name or str(i + 1), colours[i]) for i, s in enumerate(spectra)
    ]
    return {
        "data": traces,
        "layout": {
            "xaxis": _axis(first.x_quantity, first.x_unit, **reversed_x),
            "yaxis": _axis(first.signal.quantity, first.signal.unit),
            "showlegend": 1 < len(traces) <= 50,
        },
    }
