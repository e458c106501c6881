"""EDAX spectra (.spc): recognised by their version number, and refused with the way out.

The file begins with its version as a 32-bit float (0.60, 0.61 or 0.70). EDAX does not publish what follows, and no file with known
numbers was at hand to prove a layout by; a guessed energy axis would look right and be wrong. EDAX programs save the same
spectrum as EMSA/MAS (.msa), which is a standard and is read.
"""

import struct

from spectra.notes import Note, gettext_noop
from spectra.readers.about import About
from spectra.readers.reading import Reading, UnreadableFile

NAME, VERSION = "edax_spc", 1
ABOUT = About(
    "EDAX (.spc)",
    "EDAX EDX systems",
    (".spc",),
    (),
    gettext_noop(
        "Recognised, and refused: its layout is not published, and a guessed energy axis would look right and be wrong"
    ),
    gettext_noop("Save the spectrum as EMSA/MAS (.msa), which is read."),
)
VERSIONS = tuple(struct.pack("<f", version) for version in (0.60, 0.61, 0.70))


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 90 if head.startswith(VERSIONS) and name.lower().endswith(".spc") else 0


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Refuse an EDAX file; the module's docstring says why."""
    text = gettext_noop(
        "This is an EDAX .spc file, whose layout is not published. Save the spectrum as EMSA (.msa) and upload that."
    )
    raise UnreadableFile(Note("edax_spc", text))
