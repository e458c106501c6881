"""What was understood of a file's table when it was read, as a choice of columns: where a person who corrects it begins."""

from collections.abc import Sequence

from spectra.models import Measurement, Trace

SETTINGS = ("intensity_unit",)


def mapping_as_read(shown: dict, measurements: Sequence[Measurement]) -> dict:
    """The guess for the table that ``table_preview`` shows, with what ``measurements`` (traces prefetched) were read as.

    Where each curve stands under the label of a column, these columns are chosen and no others.
    """
    guess = shown["guess"]
    if not measurements or guess.get("kind", "curves") not in ("curves", "series"):
        return guess
    begun = guess | _settings(measurements)
    techniques = {m.technique for m in measurements}
    if len(techniques) == 1 and (technique := techniques.pop()):
        begun["technique"] = technique
    return begun | _columns(shown, measurements) if guess.get("kind") != "series" else begun


def several_axes(shown: dict) -> bool:
    """Does each curve have an x column of its own? Such a table is read by its labels; a choice of columns has one x."""
    x = shown["guess"].get("x")
    labels = [label.casefold() for label in shown["labels"]]
    return x is not None and x < len(labels) and bool(labels[x]) and labels.count(labels[x]) > 1


def _settings(measurements: Sequence[Measurement]) -> dict:
    """Settings that all measurements share."""
    found = [{"excitation_nm": m.excitation_nm} | {n: m.conditions.get(n) for n in SETTINGS} for m in measurements]
    return {name: value for name, value in found[0].items() if value and all(one[name] == value for one in found)}


def _columns(shown: dict, measurements: Sequence[Measurement]) -> dict:
    x, curves = shown["guess"].get("x"), [(trace, m) for m in measurements for trace in _traces(m)]
    free = {k: label[:80] for k, label in enumerate(shown["labels"]) if label and k != x}
    chosen: dict[int, tuple[Trace, Measurement]] = {}
    for trace, measurement in curves:
        column = next((k for k, label in free.items() if label == trace.channel and k not in chosen), None)
        if column is None or trace.z is not None:
            return {}
        chosen[column] = (trace, measurement)
    guessed = _guessed_of_columns(shown["guess"])
    columns = {name: [] for name in ("y", "roles", "y_quantity", "y_unit", "y_technique")}
    for k, (trace, measurement) in sorted(chosen.items(), key=lambda item: item[0]):
        columns["y"].append(k)
        columns["roles"].append(trace.role)
        columns["y_quantity"].append(
            trace.y_quantity if trace.y_quantity != "unknown" else guessed["y_quantity"].get(k)
        )
        columns["y_unit"].append(trace.y_unit or guessed["y_unit"].get(k))
        columns["y_technique"].append(measurement.technique or None if trace.role == "signal" else None)
    x_unit = curves[0][0].x_unit if curves else ""
    return columns | {"technique": ""} | ({"x_unit": x_unit} if x_unit else {})


def _guessed_of_columns(guess: dict) -> dict[str, dict]:
    """What the labels alone say of each column, for what the reading left open."""
    return {name: dict(zip(guess.get("y", ()), guess.get(name, ()), strict=False)) for name in ("y_quantity", "y_unit")}


def _traces(measurement: Measurement) -> list[Trace]:
    return sorted(measurement.traces.all(), key=lambda trace: trace.index)
