"""JASCO's flat binary file (magic ``4C 7E 53 20``): fixed places, then the numbers up to the end of the file."""

from datetime import UTC, datetime

from spectra.notes import Note, gettext_noop
from spectra.readers.binary import Bytes, damaged
from spectra.readers.jasco_codes import MAX_CHANNELS, JascoSpectrum, channel_values, even_axis
from spectra.readers.reading import UnreadableFile

MAGIC = b"\x4c\x7e\x53\x20"
HEADER = 0x740  # in every file met; the numbers follow
TEXT = "cp932"


def read_flat(data: bytes) -> JascoSpectrum:
    """Read the flat container; its places are listed in ``jasco_jws``."""
    file = Bytes(data)
    file.need(0, HEADER)
    n_channels, n_points = file.many("<HI", 0x82)
    first, last, step = file.many("<3d", 0x88)
    if not 1 <= n_channels <= MAX_CHANNELS or n_points < 1:
        raise damaged("NPOINTS")
    codes = file.many(f"<{1 + n_channels}I", 0xA0)
    size = file.one("<Q", 0xC8)
    if size != 4 * n_channels * n_points:
        raise _contradiction(size, n_channels * n_points)
    if size > len(data) - HEADER:
        file.need(HEADER, size)
    x, warnings = even_axis(first, last, step, n_points)
    values = channel_values(file, len(data) - size, n_channels, n_points)
    return JascoSpectrum(
        x,
        codes[0],
        list(zip(codes[1:], values, strict=True)),
        model=file.text(0x140, 32, TEXT),
        serial=file.text(0x160, 32, TEXT),
        sample=file.text(0x180, 64, TEXT),
        comment=file.text(0x1C0, 128, TEXT),
        operator=file.text(0x240, 32, TEXT),
        measured_at=_moment(file.one("<i", 0x2C0)),
        container=f"{file.text(0x08, 16, TEXT)} {file.text(0x20, 16, TEXT)}".strip(),
        facts=_facts(file, n_points, (first, last, step)),
        warnings=warnings,
    )


def _facts(file: Bytes, n_points: int, axis: tuple) -> dict[str, str]:
    said = dict(zip(("FIRSTX", "LASTX", "DELTAX"), (f"{number:.10g}" for number in axis), strict=True))
    said["NPOINTS"] = str(n_points)
    if file.text(0x140, 2, TEXT) == "V-":  # met in V series: band width and scan speed as shown by the program
        said |= {"Band width": file.text(0x354, 32, TEXT), "Scan speed": file.text(0x394, 16, TEXT)}
    return {key: value for key, value in said.items() if value}


def _moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def _contradiction(size: int, n_numbers: int) -> UnreadableFile:
    return UnreadableFile(
        Note(
            "contradicts_header",
            gettext_noop("The header says {key} = {said}, the rows say {found}. Export the file again."),
            {"key": "NPOINTS", "said": str(n_numbers), "found": str(size // 4)},
        )
    )
