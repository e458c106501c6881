"""Between records and values: how an item of a reading becomes rows, and how rows become values again, bit for bit."""

import hashlib
from collections.abc import Sequence

import numpy as np

from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.models import Composition, Grid, Measurement, Trace
from spectra.sizes import Sizes, sizes_of_table
from spectra.spectrum import Channel, Series, Spectrum


def as_bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, dtype="<f8").tobytes()


def shared_grid(x: np.ndarray) -> Grid:
    """The one row that holds this x axis; curves on the same axis share it."""
    content = as_bytes(x)
    grid, _made = Grid.objects.get_or_create(sha256=hashlib.sha256(content).hexdigest(), defaults={"x": content})
    return grid


def unstored_grid(x: np.ndarray) -> Grid:
    """An x axis for comparing: no row is made."""
    return Grid(x=as_bytes(x))


def traces_of(value, grid_of=shared_grid) -> list[Trace]:
    """Unsaved traces that hold ``value`` (Spectrum, Series or Decay) without loss."""
    if isinstance(value, Decay):
        return _decay_traces(value, grid_of(value.time_ns))
    if isinstance(value, Series):
        return [
            trace
            for spectrum, z in zip(value.spectra, value.z, strict=True)
            for trace in _spectrum_traces(
                spectrum, grid_of(spectrum.x), z=float(z), z_quantity=value.z_quantity, z_unit=value.z_unit
            )
        ]
    if isinstance(value, Spectrum):
        return _spectrum_traces(value, grid_of(value.x))
    return []


def _spectrum_traces(spectrum: Spectrum, grid: Grid, **third) -> list[Trace]:
    return [
        Trace(
            grid=grid,
            channel=channel.name[:80],
            role=channel.role,
            x_quantity=spectrum.x_quantity[:24],
            x_unit=spectrum.x_unit[:24],
            y_quantity=channel.quantity[:24],
            y_unit=channel.unit[:24],
            **third,
            **_curve(spectrum.x, channel.values),
        )
        for channel in spectrum.channels
    ]


def _decay_traces(decay: Decay, grid: Grid) -> list[Trace]:
    columns = [("signal", decay.counts)] + ([("IRF", decay.irf_counts)] if decay.irf_counts is not None else [])
    return [
        Trace(
            grid=grid,
            role=role,
            channel=role,
            x_quantity="time",
            x_unit="ns",
            y_quantity="counts",
            y_unit="{counts}",
            # The bin width as the file states it: differences of time_ns would carry rounding.
            z=decay.bin_ns,
            z_quantity="bin_width",
            z_unit="ns",
            **_curve(decay.time_ns, counts),
        )
        for role, counts in columns
    ]


def _curve(x: np.ndarray, y: np.ndarray) -> dict:
    known = y[np.isfinite(y)]
    return {
        "y": as_bytes(y),
        "n_points": x.size,
        "x_min": float(x.min()),
        "x_max": float(x.max()),
        "y_min": float(known.min()) if known.size else None,
        "y_max": float(known.max()) if known.size else None,
    }


def value_of(measurement: Measurement):
    """The Spectrum, Series, Decay or Sizes of a measurement, or None when it holds none. Uses prefetched traces."""
    traces = sorted(measurement.traces.all(), key=lambda trace: trace.index)
    if not traces:
        return _sizes_of(measurement)
    if traces[0].z_quantity == "bin_width":
        return _decay_of(traces, measurement.title)
    if traces[0].z is None:
        return _spectrum_of(traces, measurement.title)
    return _series_of(traces, measurement.title)


def _sizes_of(measurement: Measurement) -> Sizes | None:
    table = measurement.metadata.get("table")
    if not table:
        return None
    try:
        return sizes_of_table(table["columns"], table["rows"], measurement.title)
    except ValueError:
        return None


def _decay_of(traces: Sequence[Trace], title: str) -> Decay:
    by_role = {trace.role: trace for trace in traces}
    signal = by_role["signal"]
    return Decay(
        counts=signal.y_values(),
        bin_ns=signal.z,
        first_ns=float(signal.x_values()[0]),
        irf_counts=by_role["IRF"].y_values() if "IRF" in by_role else None,
        title=title,
    )


def _spectrum_of(traces: Sequence[Trace], title: str) -> Spectrum:
    first = traces[0]
    channels = [
        Channel(t.y_values(), t.y_quantity, t.y_unit, t.role, t.channel) for t in traces if t.grid_id == first.grid_id
    ]
    return Spectrum(first.x_values(), tuple(channels), first.x_unit, first.x_quantity, title)


def _series_of(traces: Sequence[Trace], title: str) -> Series:
    groups: dict[float, list[Trace]] = {}
    for trace in traces:
        groups.setdefault(trace.z, []).append(trace)
    spectra = tuple(_spectrum_of(group, title) for group in groups.values())
    return Series(spectra, np.array(list(groups)), traces[0].z_quantity, traces[0].z_unit, title)


def conditions_of(measurement: Measurement) -> Conditions:
    """All that is known of how it was measured: the instrument's defaults, the sample's solvent, then the file and the person."""
    known = dict(measurement.instrument.defaults) if measurement.instrument else {}
    solvent = measurement.sample.solvent if measurement.sample_id else None
    if solvent:
        known["solvent"] = solvent.name
        if solvent.refractive_index is not None:
            known["refractive_index"] = solvent.refractive_index
    known.update(measurement.conditions)
    for name in ("excitation_nm", "emission_nm"):
        if getattr(measurement, name) is not None:
            known[name] = getattr(measurement, name)
    if measurement.dilution_label:
        known["dilution_label"] = measurement.dilution_label
    return Conditions.from_mapping(known)


def fractions_of(composition: Composition) -> AtomicFractions:
    return AtomicFractions(
        tuple(AtomicFraction(f.element, f.percent, f.percent_u) for f in composition.fractions.all()),
        beam_energy_kev=composition.beam_energy_kev,
        n_spots=composition.n_spots,
        title=composition.title,
    )
