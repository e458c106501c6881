"""From simulated raw files to the cases of the methods without a database, as the pipeline builds them from records.

The files are read by the readers; conditions come from the file and the cuvette's solvent, facts from the instrument and
the standard. What a person would have to say (which standard, which sample) is said here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from qdlab.demo.files import N_CYCLOHEXANE, N_TOLUENE, RawFile
from spectra import readers
from spectra.analysis import METHODS
from spectra.analysis.method import Case, Input, Outcome
from spectra.readers.reading import Item

STANDARD = {
    "standard_id": "dpa",
    "revision": 1,
    "compound": "9,10-diphenylanthracene",
    "solvent": "cyclohexane",
    "phi": 0.97,
    "phi_u": 0.03,
    "gas": "Ar",
    "temperature_c": 25.0,
    "refractive_index": N_CYCLOHEXANE,
    "citation": "doi:10.21203/rs.3.rs-1464874/v1",
    "session_id": "session",
    "session_name": "session",
    "valid_until": None,
}
_LABEL = re.compile(r"_(d\d+)_")


def read_all(raw_files: Iterable[RawFile], facts: Mapping | None = None) -> list[Input]:
    """Every curve of the files as an input that has no role yet; its ``source`` is the file's name."""
    return [given for raw in raw_files for given in _inputs(raw, dict(facts or {}))]


def _inputs(raw: RawFile, facts: dict) -> list[Input]:
    reading = readers.read(raw.content, raw.name)
    about = facts | {"instrument": reading.instrument}
    return [_input(raw.name, item, about | {"technique": item.technique}, facts) for item in reading.items]


def _input(name: str, item: Item, about: dict, standard: dict) -> Input:
    label = _LABEL.search(name)
    known = {"dilution_label": label[1] if label else None, "refractive_index": None if standard else N_TOLUENE}
    conditions = replace(item.conditions, **{key: value for key, value in known.items() if value is not None})
    return Input("", 0, name, item.value, conditions, facts=about)


def of_technique(inputs: Iterable[Input], technique: str, diluted: bool | None = None) -> list[Input]:
    """The inputs of a technique; ``diluted``: only those that belong (or do not belong) to a dilution series."""
    found = [one for one in inputs if one.facts["technique"] == technique]
    return [one for one in found if diluted is None or bool(one.conditions.dilution_label) == diluted]


def plqy_inputs(sample: Iterable[Input], standard: Iterable[Input]) -> list[Input]:
    """A dilution series against the standard's, pairs numbered by their labels."""
    made = []
    for prefix, inputs in (("sample", list(sample)), ("standard", list(standard))):
        for role, technique in (("emission", "pl_emission"), ("absorbance", "uvvis")):
            series = sorted(
                of_technique(inputs, technique, diluted=True), key=lambda one: one.conditions.dilution_label
            )
            made += [replace(one, role=f"{prefix}_{role}", index=index) for index, one in enumerate(series)]
    return made


def case(method: str, *inputs: Input) -> Case:
    return Case(tuple(inputs), METHODS[method].complete({}))


def outcomes(sample: list[Input], standard: list[Input]) -> dict[str, Outcome]:
    """What the methods say of one sample: method → outcome, joined ones included."""
    emission, absorbance = (of_technique(sample, t, diluted=False)[0] for t in ("pl_emission", "uvvis"))
    single = {
        "emission_band": replace(emission, role="emission"),
        "colour": replace(emission, role="emission"),
        "first_exciton": replace(absorbance, role="absorbance"),
        "decay": replace(of_technique(sample, "decay")[0], role="decay"),
    }
    found = {method: _run(method, given) for method, given in single.items()}
    found["plqy"] = _run("plqy", *plqy_inputs(sample, standard))
    upstream = [
        Input(role, 0, f"analysis:{method}", estimates={e.name: e for e in found[method].estimates})
        for method, role in (("plqy", "plqy"), ("decay", "lifetime"))
    ]
    return found | {"rates": _run("rates", *upstream)}


def _run(method: str, *inputs: Input) -> Outcome:
    return METHODS[method].run([case(method, *inputs)])[0]
