"""What a reader answers: the items found in a file, what the file says of them, and what was decided on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from spectra.atomic_fractions import AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.notes import Note
from spectra.spectrum import Series, Spectrum

TECHNIQUES = (
    "pl_emission",
    "pl_excitation",
    "uvvis",
    "cd",
    "decay",
    "el",
    "edx",
    "tem_sizes",
    "kinetics",
    "raman",
    "ir",
    "mass",
    "xrd",
    "xps",
    "nmr",
    "dls",
    "image",
    "video",
    "generic",
)


class UnreadableFile(Exception):
    """The file cannot be read; ``note`` says why and what the chemist can do."""

    def __init__(self, note: Note):
        super().__init__(str(note))
        self.note = note
        self.fingerprints = ""  # of the tables in it, where there are any (``layouts``)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that are no curve: diameters, compositions as listed."""

    columns: tuple[str, ...]
    rows: tuple[tuple, ...]
    title: str = ""


@dataclass(frozen=True, eq=False)
class ImageRef:
    """An image that is kept as a file; only its facts are read."""

    width: int
    height: int
    title: str = ""
    n_frames: int = 1


@dataclass(frozen=True, eq=False)
class VideoRef:
    """A video that is kept as a file; what its header does not tell is None."""

    container: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    n_frames: int | None = None
    title: str = ""


@dataclass(frozen=True, eq=False)
class Attachment:
    """A file that belongs to a record and holds no measurement that could be read: a report, slides, an archive."""

    kind: str
    title: str = ""


@dataclass(frozen=True, eq=False)
class Item:
    """One measurement found in a file.

    ``technique`` is one of TECHNIQUES, or None when neither the file nor a rule tells; ``technique_source`` says who
    decided: ``file``, ``rule`` or ``person``. ``role`` is ``sample``, ``standard``, ``blank`` or ``IRF`` where the file tells.
    ``metadata`` is everything the file said about it, key → text, in the file's own words.
    """

    value: Spectrum | Series | Decay | Table | ImageRef | VideoRef | Attachment | AtomicFractions
    technique: str | None = None
    technique_source: str = "file"
    title: str = ""
    role: str | None = None
    conditions: Conditions = field(default_factory=Conditions)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Reading:
    """All that a reader understood of one file.

    ``decided`` tells the decisions on the way (``encoding``, ``separator``, ``decimal_mark`` …). ``measured_at`` is the
    file's date as understood: naive where the file has the clock on the wall (nearly all do), in UTC where it is known that the
    file counts in UTC (JASCO binaries, Unix times). ``measured_at_text`` is the date as written. ``layout`` tells which
    remembered layout was used, if any: its ``id`` and ``version``, and the ``mapping`` as applied.
    """

    reader: str
    reader_version: int
    items: tuple[Item, ...]
    instrument: str = ""
    serial: str = ""
    operator: str = ""
    title: str = ""
    comment: str = ""
    measured_at: datetime | None = None
    measured_at_text: str = ""
    simulated: bool = False
    warnings: tuple[Note, ...] = ()
    decided: Mapping[str, str] = field(default_factory=dict)
    layout: Mapping | None = None

    def __post_init__(self):
        object.__setattr__(self, "items", tuple(self.items))
        if not self.items:
            raise ValueError("a reading holds at least one item; raise UnreadableFile instead")
