"""An analysis as a file that repeats it elsewhere (``spectra.analysis.replay`` reads it)."""

from spectra import pipeline, provenance
from spectra.analysis import METHODS, replay
from spectra.models import State
from spectra.notes import Note, gettext_noop


class NotRepeatable(Exception):
    """There is nothing to repeat; ``note`` says why."""

    def __init__(self, note: Note):
        super().__init__(str(note))
        self.note = note


def document_of(pk) -> dict:
    """Everything that the method is given, and what it answered. The caller has seen to it that the person may see it."""
    analysis = pipeline.with_inputs([pk])[pk]
    if analysis.method not in METHODS:
        raise NotRepeatable(Note(pipeline.NO_METHOD.code, pipeline.NO_METHOD.text, {"method": analysis.method}))
    try:
        case = pipeline.case_of(analysis)
        exact = provenance.current_digest(analysis) == analysis.input_digest
    except pipeline.UnfitInput as unfit:
        raise NotRepeatable(unfit.note) from unfit
    except ValueError as problem:
        text = gettext_noop("The method no longer has these settings: {problem}")
        raise NotRepeatable(Note("bad_settings", text, {"problem": str(problem)})) from problem
    return {
        "format": replay.FORMAT, "format_version": replay.FORMAT_VERSION, "analysis": str(analysis.pk),
        "method": analysis.method, "method_version": analysis.method_version, "parameters": case.parameters,
        "packages": analysis.packages, "input_digest": analysis.input_digest, "exact": exact,
        "inputs": replay.written(case),
        "expected": {
            "quantities": [pipeline.estimate_of(quantity).as_json() for quantity in analysis.quantities.all()],
            "refusal": analysis.reason if analysis.state == State.REFUSED else None,
        },
    }  # fmt: skip
