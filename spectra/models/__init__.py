"""The records between an instrument file and a number, in the order of the walk."""

from spectra.models.analyses import Agreed, Analysis, AnalysisInput, Quantity
from spectra.models.found_files import FoundFile, SourceFolder
from spectra.models.instrument_settings import InstrumentSettings
from spectra.models.instruments import CorrectionFile, Instrument
from spectra.models.layouts import Layout
from spectra.models.measurements import Composition, ElementFraction, Grid, Measurement, Role, Technique, Trace
from spectra.models.naming import Habit, NamingPattern
from spectra.models.previews import Preview
from spectra.models.recomputations import Found, Halted, Recomputation, Repeat, Tried, WhyAgain
from spectra.models.rereadings import Decision, Outcome, Rereading, Trial, Why
from spectra.models.standards import Standard, StandardSession
from spectra.models.uploads import Job, Reading, State, Upload

__all__ = [
    "Agreed",
    "Analysis",
    "AnalysisInput",
    "Composition",
    "CorrectionFile",
    "Decision",
    "ElementFraction",
    "Found",
    "FoundFile",
    "Grid",
    "Habit",
    "Halted",
    "Instrument",
    "InstrumentSettings",
    "Job",
    "Layout",
    "Measurement",
    "NamingPattern",
    "Outcome",
    "Preview",
    "Quantity",
    "Reading",
    "Recomputation",
    "Repeat",
    "Rereading",
    "Role",
    "SourceFolder",
    "Standard",
    "StandardSession",
    "State",
    "Technique",
    "Trace",
    "Trial",
    "Tried",
    "Upload",
    "Why",
    "WhyAgain",
]
