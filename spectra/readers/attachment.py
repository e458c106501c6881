"""Files that can be no measurement but belong to a record: documents, slides, archives, projects of other programs.

They are told by their first bytes, kept as they came, and never opened. Each says what to do when it holds data: unpack an
archive, export the columns of an Origin project. A workbook is not one of them (``workbook`` reads it), nor is a zip that
may be a damaged workbook: that one is refused with a sentence.

    %PDF- · {\\rtf · VjCD (ChemDraw) · CPYA, CPYUA (Origin) · PK (docx, pptx, OpenDocument, else an archive)
    D0 CF 11 E0 with a stream WordDocument or PowerPoint Document · 7z · Rar! · 1F 8B (gzip)
    ....ftypheic (photos of telephones that no free library here unpacks)
"""

from pathlib import PurePath

from spectra.notes import Note, gettext_noop
from spectra.readers import ole
from spectra.readers.about import About
from spectra.readers.reading import Attachment, Item, Reading

NAME, VERSION = "attachment", 1
ANY_SIZE = True
ABOUT = About(
    "Documents, slides, archives, Origin projects",
    "Any",
    (".pdf", ".docx", ".pptx", ".rtf", ".zip", ".7z", ".opj", ".opju", ".cdx", ".heic"),
    (),
    gettext_noop("Kept as they came beside what they belong to; nothing is read from them"),
    gettext_noop("Data in them: export them as text, CSV or xlsx, and upload these files too."),
)
ZIP = b"PK\x03\x04"
BY_MAGIC = (
    (b"%PDF-", "document"),
    (b"{\\rtf", "document"),
    (b"VjCD0100", "drawing"),
    (b"CPYA ", "origin"),
    (b"CPYUA ", "origin"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x1f\x8b\x08", "archive"),
)
PHONE_PHOTOS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
SAYS = {
    "document": gettext_noop("A document: kept as it came, not read. Upload data beside it as text, CSV or xlsx."),
    "slides": gettext_noop("Slides: kept as they came, not read. Upload data beside them as text, CSV or xlsx."),
    "drawing": gettext_noop("A drawing: kept as it came, not read."),
    "origin": gettext_noop(
        "An Origin project: kept as it came, not read. To have its curves here, export the columns in Origin as text or "
        "CSV, or upload the instrument's own files."
    ),
    "archive": gettext_noop(
        "An archive: kept as it came, not opened. To have its files read, unpack it and upload them."
    ),
    "phone_photo": gettext_noop(
        "A photo in Apple's HEIC format: kept as it came, and not drawn here. Save it as JPEG to see it on its page."
    ),
}


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 60 if _kind(head, tail, name) else 0


def _kind(head: bytes, tail: bytes, name: str) -> str:
    for magic, kind in BY_MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_PHOTOS:
        return "phone_photo"
    if head.startswith(ZIP):
        return _kind_of_zip(head + tail, name)
    if head.startswith(ole.MAGIC):
        both = head + tail
        if ole.has_names(both, "WordDocument"):
            return "document"
        return "slides" if ole.has_names(both, "PowerPoint Document") else ""
    return ""


def _kind_of_zip(ends: bytes, name: str) -> str:
    if b"word/" in ends or b"opendocument.text" in ends:
        return "document"
    if b"ppt/" in ends or b"opendocument.presentation" in ends:
        return "slides"
    maybe_workbook = b"[Content_Types].xml" in ends or b"xl/" in ends or b"opendocument" in ends
    return "" if maybe_workbook or PurePath(name).suffix.lower() in (".xlsx", ".xlsm", ".ods") else "archive"


def read(data: bytes, name: str = "", mapping: dict | None = None) -> Reading:
    """Name the kind of file; the module's docstring is its specification."""
    head, tail = data[:8192], (ole.directory(data) if isinstance(data, bytes) else b"") + data[-4096:]
    kind, stem = _kind(head, tail, name) or "document", PurePath(name).stem
    note = Note(f"kept_{kind}", SAYS[kind])
    return Reading(NAME, VERSION, (Item(Attachment(kind, stem), title=stem),), title=stem, warnings=(note,))
