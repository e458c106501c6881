"""From bytes to text: which encoding a text export is written in, decided on the whole file.

Order of the decision: byte-order mark, UTF-16 by its NULs, strict UTF-8, CP932 (Shift-JIS as Windows writes it) when
what comes out is Japanese, GB18030 when it is Chinese, and CP1252. An ASCII header says nothing: JASCO writes a Shift-JIS footer far below one.
What is no text at all is refused with a sentence that says what it is.
"""

import codecs
import re
from functools import lru_cache

from spectra.notes import Note, gettext_noop
from spectra.readers.reading import UnreadableFile

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NUL_SAMPLE = 65536  # bytes looked at on either end when UTF-16 is told by its NULs
EAST_ASIAN_RUN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uff01-\uff5e]{2,}")
HALF_WIDTH_DATA = "ﾃﾞｰﾀ"
NOT_ASCII = re.compile("[^\x00-\x7f]")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
MAX_CONTROL_SHARE = 1e-3
MOSTLY_TEXT, MAX_LINE = 0.1, 2000  # share of control characters, and length of lines, of what is still called a text
# A run of NULs is looked at once, from its beginning: a megabyte of them is common in binary files.
PADDING = re.compile(rb"(?<!\x00)\x00++(?=[\r\n\t,;\"]|\Z)|(?<=[\r\n])\x00+")

_PDF = Note("is_pdf", gettext_noop("This is a PDF document. Export the data as text or CSV and upload that file."))
_IMAGE = Note("is_image", gettext_noop("This is an image, and a curve cannot be read from it. Upload the data file."))
_ZIP = Note(
    "is_archive",
    gettext_noop("This is a packed file (zip or Excel workbook). Save the table as CSV and upload that file."),
)
_BINARY = Note(
    "is_binary",
    gettext_noop("This is a binary file of a kind QDLab cannot read. Export it as text from the instrument's program."),
)
_CONTROL = Note(
    "stray_bytes",
    gettext_noop(
        "This looks like text, but holds bytes that are no characters ({n} of them). Export it again, or save it in an editor as plain text."
    ),
)
_EMPTY = Note("is_empty", gettext_noop("This file is empty. Export it again from the instrument."))

MAGIC = (
    (b"%PDF", _PDF),
    (b"\x89PNG\r\n\x1a\n", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF87a", _IMAGE),
    (b"GIF89a", _IMAGE),
    (b"II*\x00", _IMAGE),
    (b"MM\x00*", _IMAGE),
    (b"PK\x03\x04", _ZIP),
    (b"\x1f\x8b", _ZIP),
    (b"7z\xbc\xaf\x27\x1c", _ZIP),
    (b"Rar!\x1a\x07", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _BINARY),  # OLE2: .jws, .spc of Shimadzu, .xls
    (b"\x4c\x7e\x53\x20", _BINARY),  # flat .jws
    (b"\x89HDF\r\n\x1a\n", _BINARY),
    (b"\x7fELF", _BINARY),
    (b"MZ\x90\x00", _BINARY),
)


def decode(data: bytes) -> tuple[str, str]:
    """Decode a whole text file.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    text : str
        Without byte-order mark; line ends as they were.
    encoding : str
        ``utf-8``, ``utf-16-le``, ``utf-16-be``, ``cp932``, ``gb18030`` or ``cp1252``; ``ascii`` when nothing else is needed.

    Raises
    ------
    UnreadableFile
        When the file is empty or no text.

    Examples
    --------
    >>> decode("波長\\t吸光度".encode("cp932"))
    ('波長\\t吸光度', 'cp932')
    >>> decode("5 µm".encode("cp1252"))
    ('5 µm', 'cp1252')
    """
    refuse_known_binaries(data)
    body = without_padding(data)
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _checked(_decode_cut(data[len(bom) :], encoding), encoding)
    if encoding := _looks_utf16(data):
        return _checked(_decode_cut(data, encoding), encoding)
    if body.isascii():
        return _checked(body.decode("ascii"), "ascii")
    return _checked(*_decode_bytes(body))


def refuse_empty(data: bytes) -> None:
    if not data.strip(b"\x00\t\r\n \x1a"):
        raise UnreadableFile(_EMPTY)


def refuse_known_binaries(data: bytes) -> None:
    """Raise UnreadableFile with the right sentence for an empty file and for kinds told by their first bytes."""
    refuse_empty(data)
    if note := _known_binary(data):
        raise UnreadableFile(note)


def _known_binary(data: bytes) -> Note | None:
    return next((note for magic, note in MAGIC if data.startswith(magic)), None)


def not_recognised() -> Note:
    return Note(
        "not_recognised",
        gettext_noop(
            "This file was not recognised as a measurement. If it holds one, choose its columns by hand, "
            "or export it as text with column names and units."
        ),
    )


def unreadable_note(data: bytes) -> Note:
    """Why a file that no reader claims cannot be read."""
    if note := _known_binary(data):
        return note
    return _stray(peek(without_padding(data[:8192]))) if looks_binary(data[:8192]) else not_recognised()


@lru_cache(maxsize=8)  # all sniffers look at the same two pieces
def peek(piece: bytes) -> str:
    """Read the first or last bytes of a file as text, for sniffing; never fails, and may cut a character."""
    encoding = next((name for bom, name in BOMS if piece.startswith(bom)), None) or _looks_utf16(piece)
    if encoding:
        return piece.decode(encoding, "replace").lstrip("\ufeff")
    for encoding in ("utf-8", "cp932"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(piece)
        except UnicodeDecodeError:
            continue
    return piece.decode("cp1252", "replace")


@lru_cache(maxsize=8)
def peek_lines(piece: bytes) -> str:
    """As ``peek``, with ``\\n`` at the end of each line whatever the file has."""
    return with_line_feeds(peek(piece))


def with_line_feeds(text: str) -> str:
    """CRLF, CR, and a stray CR before CRLF as one line end."""
    if "\r" not in text:
        return text
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=8)
def looks_binary(piece: bytes) -> bool:
    """Tell whether a piece of a file holds bytes that no text holds."""
    if any(piece.startswith(magic) for magic, _ in MAGIC):
        return True
    return not _is_mostly_text(peek(without_padding(piece)))


def without_padding(data: bytes) -> bytes:
    """Without the NULs with which instruments pad a file, its lines or its fields."""
    if b"\x00" not in data or _looks_utf16(data):
        return data
    return PADDING.sub(b"", data)


def _decode_bytes(body: bytes) -> tuple[str, str]:
    for encoding in ("utf-8", "cp932", "gb18030"):
        try:
            text = _decode_cut(body, encoding, strict=True)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _is_east_asian(text):
            return text, encoding
    try:
        return body.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        raise UnreadableFile(_BINARY) from None


def _decode_cut(body: bytes, encoding: str, *, strict: bool = False) -> str:
    """Decode, forgiving only a character cut off at the very end of the file."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(body)
    except UnicodeDecodeError:
        if strict:
            raise
        raise UnreadableFile(_BINARY) from None


def _is_east_asian(text: str) -> bool:
    """Two accented letters of CP1252 can pass for one rare kanji: real Japanese or Chinese comes in runs and prevails."""
    if HALF_WIDTH_DATA in text:
        return True  # older programs write half-width kana, which stand for accented letters elsewhere
    in_runs = sum(map(len, EAST_ASIAN_RUN.findall(text)))
    return in_runs > 0 and 2 * in_runs >= len(NOT_ASCII.findall(text))


def _looks_utf16(data: bytes) -> str | None:
    sample = data[:NUL_SAMPLE]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.3 and even < 0.02:
        return "utf-16-le"
    if even > 0.3 and odd < 0.02:
        return "utf-16-be"
    return None


def _is_mostly_text(text: str) -> bool:
    return len(CONTROL.findall(text)) <= max(3, MAX_CONTROL_SHARE * len(text))


def _checked(text: str, encoding: str) -> tuple[str, str]:
    text = text.rstrip("\x00\x1a")
    if not text.strip():
        raise UnreadableFile(_EMPTY)
    if not _is_mostly_text(text):
        raise UnreadableFile(_stray(text))
    return text, encoding


def _stray(text: str) -> Note:
    """A text of lines with a few foreign bytes is not called binary."""
    stray = len(CONTROL.findall(text))
    has_lines = text.count("\n") + text.count("\r") >= len(text) / MAX_LINE
    if stray > MOSTLY_TEXT * len(text) or not has_lines:
        return _BINARY
    return Note(_CONTROL.code, _CONTROL.text, {"n": stray})
