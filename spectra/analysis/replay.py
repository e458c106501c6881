"""Repeat an analysis exactly from a file, without QDLab's database: ``python -m spectra.analysis.replay analysis.json``.

QDLab writes such a file for every result ("Repeat it elsewhere" on its page; ``/analyses/<id>/replay/`` over the API). It is
plain JSON with everything that the method was given and what it answered:

=====================  ============================================================================================
``format``             ``qdlab-analysis``, with ``format_version`` 1
``method``             name in ``spectra.analysis.METHODS``, with ``method_version``
``parameters``         complete, with the method's defaults
``packages``           versions of numpy and scipy that computed the stored numbers
``inputs``             per input: ``role``, ``index``, ``source`` (its name in budgets), ``value``, ``conditions`` (what
                       is known), ``estimates`` (of an upstream analysis) and ``facts`` (e.g. of the standard)
``expected``           the stored ``quantities``, each with value, u, unit, bounds, budget; or the ``refusal``
``exact``              false when something it rests on was changed since: then other numbers are to be expected
=====================  ============================================================================================

A curve is ``{"float64": "<base64>"}``: little-endian float64, so that nothing is rounded. In Python:
``numpy.frombuffer(base64.b64decode(text), "<f8")``. Other numbers are written with all their digits.
"""

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version

import numpy as np

from spectra.analysis import METHODS
from spectra.analysis.method import Case, Estimate, Input, Outcome
from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.sizes import Sizes
from spectra.spectrum import Channel, Series, Spectrum

FORMAT, FORMAT_VERSION = "qdlab-analysis", 1
WITHIN_U, WITHIN_VALUE = 1e-9, 1e-12  # of u, of the value: the order of sums differs with how many are computed at once


class NoReplay(Exception):
    """The file cannot be repeated; the message says why."""


# --- Writing ----------------------------------------------------------------------------------------------------------


def written(case: Case) -> list[dict]:
    """The inputs of a case as JSON."""
    return [
        {
            "role": given.role, "index": given.index, "source": given.source, "value": _value_out(given.value),
            "conditions": given.conditions.known(),
            "estimates": {name: estimate.as_json() for name, estimate in given.estimates.items()},
            "facts": _packed(given.facts),
        }
        for given in case.inputs
    ]  # fmt: skip


def _curve(values: np.ndarray) -> dict:
    return {"float64": base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode()}


def _value_out(value) -> dict | None:
    if isinstance(value, Spectrum):
        channels = [asdict(c) | {"values": _curve(c.values)} for c in value.channels]
        own = {"x": _curve(value.x), "x_unit": value.x_unit, "x_quantity": value.x_quantity, "channels": channels}
        return {"kind": "spectrum", "title": value.title, **own}
    if isinstance(value, Series):
        own = {"z": _curve(value.z), "z_quantity": value.z_quantity, "z_unit": value.z_unit}
        return {"kind": "series", "title": value.title, **own, "spectra": [_value_out(s) for s in value.spectra]}
    if isinstance(value, Decay):
        irf = None if value.irf_counts is None else _curve(value.irf_counts)
        own = {"counts": _curve(value.counts), "bin_ns": value.bin_ns, "first_ns": value.first_ns, "irf_counts": irf}
        return {"kind": "decay", "title": value.title, **own}
    if isinstance(value, Sizes):
        return {"kind": "sizes"} | asdict(value) | {"values_nm": _curve(value.values_nm)}
    if isinstance(value, AtomicFractions):
        return {"kind": "composition"} | asdict(value)
    return None


def _packed(value):
    if isinstance(value, Estimate):
        return {"estimate": value.as_json()}
    if isinstance(value, Mapping):
        return {str(name): _packed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(inner) for inner in value]
    return value


# --- Reading ----------------------------------------------------------------------------------------------------------


def case_of(document: Mapping) -> Case:
    """The case that a file holds; raises NoReplay with a sentence when it is none of ours."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise NoReplay("This is no analysis written by QDLab.")
    if document.get("format_version") != FORMAT_VERSION:
        raise NoReplay("This file was written by another version of QDLab; use that one.")
    method = METHODS.get(document.get("method"))
    if method is None:
        raise NoReplay(f"This version has no method {document.get('method')!r}.")
    try:
        inputs = tuple(_input_in(given) for given in document["inputs"])
        return Case(inputs, method.complete(document["parameters"]))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise NoReplay(f"The file is damaged: {problem}") from problem


def _input_in(given: Mapping) -> Input:
    return Input(
        given["role"], given["index"], given["source"], _value_in(given["value"]),
        Conditions.from_mapping(given["conditions"]),
        {name: Estimate.from_json(stored) for name, stored in given["estimates"].items()}, _unpacked(given["facts"]),
    )  # fmt: skip


def _array(stored: Mapping | None) -> np.ndarray | None:
    return None if stored is None else np.frombuffer(base64.b64decode(stored["float64"]), "<f8")


def _value_in(stored: Mapping | None):
    if stored is None:
        return None
    own = dict(stored)
    kind = own.pop("kind")
    if kind == "spectrum":
        channels = tuple(Channel(**(c | {"values": _array(c["values"])})) for c in own.pop("channels"))
        return Spectrum(_array(own.pop("x")), channels, **own)
    if kind == "series":
        return Series(tuple(_value_in(s) for s in own.pop("spectra")), _array(own.pop("z")), **own)
    if kind == "decay":
        return Decay(**(own | {"counts": _array(own["counts"]), "irf_counts": _array(own["irf_counts"])}))
    if kind == "sizes":
        return Sizes(**(own | {"values_nm": _array(own["values_nm"])}))
    if kind == "composition":
        return AtomicFractions(**(own | {"fractions": tuple(AtomicFraction(**f) for f in own["fractions"])}))
    raise ValueError(f"there is no kind of value {kind!r}")


def _unpacked(value):
    if isinstance(value, Mapping):
        if value.keys() == {"estimate"}:
            return Estimate.from_json(value["estimate"])
        return {name: _unpacked(inner) for name, inner in value.items()}
    return [_unpacked(inner) for inner in value] if isinstance(value, list) else value


# --- Repeating --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One number, as stored and as computed now; ``same`` where they differ by rounding alone."""

    name: str
    unit: str
    stored: float | None
    now: float | None
    same: bool


def repeat(document: Mapping) -> tuple[Outcome, list[Line]]:
    """Compute what the file holds and compare it with the numbers it holds."""
    case = case_of(document)
    (outcome,) = METHODS[document["method"]].run([case])
    now = {estimate.name: estimate for estimate in outcome.estimates}
    stored = {given["name"]: Estimate.from_json(given) for given in document["expected"]["quantities"]}
    return outcome, [_line(name, stored.get(name), now.get(name)) for name in {**stored, **now}]


def _line(name: str, stored: Estimate | None, now: Estimate | None) -> Line:
    old, new = (None if one is None else one.value for one in (stored, now))
    unit = (stored or now).unit
    if stored is None or now is None or (old is None) != (new is None):
        return Line(name, unit, old, new, False)
    if old is None:
        return Line(name, unit, None, None, True)
    allowed = max(WITHIN_U * (stored.u or 0.0), WITHIN_VALUE * abs(old))
    same = abs(old - new) <= allowed and abs((stored.u or 0.0) - (now.u or 0.0)) <= allowed
    return Line(name, unit, old, new, same)


def notes_on(document: Mapping) -> list[str]:
    """What may make the numbers differ: other versions, or inputs that were changed after the result was computed."""
    notes = []
    method = METHODS[document["method"]]
    if method.version != document["method_version"]:
        notes.append(
            f"{method.name} is version {method.version} here; the file is of version {document['method_version']}"
        )
    for name, known in document.get("packages", {}).items():
        if version(name) != known:
            notes.append(f"{name} is {version(name)} here; the file is of {known}")
    if not document.get("exact", True):
        notes.append("something it rests on was changed after the stored numbers were computed")
    return notes


def main(arguments: list[str]) -> int:
    """0: the same numbers; 1: others; 2: the file cannot be repeated."""
    if len(arguments) != 1:
        print("python -m spectra.analysis.replay analysis.json", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            document = json.load(file)
        outcome, lines = repeat(document)
    except (OSError, ValueError, NoReplay) as problem:
        print(problem, file=sys.stderr)
        return 2
    for note in notes_on(document):
        print("note:", note)
    for line in lines:
        print(f"{'same ' if line.same else 'OTHER'} {line.name} [{line.unit}] stored {line.stored!r} now {line.now!r}")
    refusal, stored = outcome.refusal, document["expected"]["refusal"]
    if refusal or stored:
        print("now:", refusal or "numbers", "| stored:", stored["code"] if stored else "numbers")
    same = all(line.same for line in lines) and (refusal and refusal.code) == (stored and stored["code"])
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
