"""Files of a few bytes or kilobytes that ask for hours or terabytes: each ends at once in a sentence, in the real limited child."""

import io
import struct
import time
import zipfile
import zlib

import pytest

from spectra.readers.host import ReaderHost
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.dm_maker import dm
from tests.spectra.readers.energy_maker import spx
from tests.spectra.readers.jcamp_maker import jcamp
from tests.spectra.readers.jws_maker import ole_jws
from tests.spectra.readers.photon_maker import COUNTS, phd, phu, ptu, sdt, sif
from tests.spectra.readers.spc_maker import Y, spc, xyxy
from tests.spectra.readers.test_image_file import png, tiff
from tests.spectra.readers.workbook_maker import xlsx

KEPT = "kept as it came"  # an archive is stored and listed, and never opened
SECONDS = 10.0  # wall clock on a busy machine; each takes a fraction of a second of CPU
ROWS = [[400.0 + i, 0.1 * i] for i in range(9)]
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12)) + "]>"
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def zipped(**entries: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name.replace("__", "/"), body)
    return made.getvalue()


def overlapping() -> bytes:
    """A thousand entries that are all the same packed megabyte, as in the quine bombs."""
    body = zlib.compress(b"\0" * 1_000_000, 9)[2:-4]
    local = (
        struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(b"\0" * 1_000_000), len(body), 10**6, 1, 0)
        + b"a"
    )
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, zlib.crc32(b"\0" * 1_000_000), len(body), 10**6,
            16, 0, 0, 0, 0, 0, 0,
        ) + b"xl/worksheets/%02x" % (n % 256)
        for n in range(250)
    )  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 250, 250, len(central), len(local + body), 0)
    return local + body + central + end


def at(data: bytes, place: int, layout: str, *values) -> bytes:
    piece = struct.pack(layout, *values)
    return data[:place] + piece + data[place + len(piece) :]


def ole_with_loops() -> bytes:
    """Every chain of sectors leads back to its first sector."""
    data = bytearray(ole_jws())
    n_fat, fat = struct.unpack_from("<I", data, 0x2C)[0], struct.unpack_from("<I", data, 0x4C)[0]
    for k in range(n_fat * 128):
        struct.pack_into("<I", data, 512 * (1 + fat) + 4 * k, 0)
    return bytes(data)


def ole_with_a_directory_of_itself() -> bytes:
    """The entries of the directory name each other as left, right and child."""
    data = bytearray(ole_jws())
    place = 512 * (1 + struct.unpack_from("<I", data, 0x30)[0])
    for k in range(4):
        struct.pack_into("<III", data, place + 128 * k + 68, k, (k + 1) % 4, k)
    return bytes(data)


def tiff_loop() -> bytes:
    """An image file directory that names itself as the next one."""
    data = tiff()
    first = struct.unpack_from("<I", data, 4)[0]
    n = struct.unpack_from("<H", data, first)[0]
    return at(data, first + 2 + 12 * n, "<I", first)


def giant_tiff() -> bytes:
    """Four thousand million pixels on either side, and strips for none of them."""
    data = bytearray(tiff())
    first = struct.unpack_from("<I", data, 4)[0]
    for k in range(struct.unpack_from("<H", data, first)[0]):
        place = first + 2 + 12 * k
        if struct.unpack_from("<H", data, place)[0] in (256, 257):
            struct.pack_into("<HII", data, place + 2, 4, 1, 0xFFFFFFFF)
    return bytes(data)


def wide_sheet(places: str) -> bytes:
    return xlsx({"A": ROWS}, extra=f'<row r="1048576"><c r="{places}"><v>1</v></c></row>')


def nested_links(depth: int) -> bytes:
    block = "##TITLE= a\n##JCAMP-DX= 5\n##DATA TYPE= LINK\n##BLOCKS= 2\n"
    return (block * depth + "##END=\n" * depth).encode()


BOMBS = {
    "a zip in a zip in a zip": (zipped(a=zipped(b=zipped(c=b"\0" * 10**6))), {KEPT}),
    "a zip of a gigabyte": (zipped(xl__workbook=b"", xl__worksheets__a=b"\0" * 150_000_000), {"archive_too_big"}),
    "overlapping entries": (overlapping(), {"archive_too_big"}),
    "a gzip": (b"\x1f\x8b\x08" + bytes(7) + zlib.compress(b"\0" * 10**7), {KEPT}),
    "a sheet of 17 billion cells": (wide_sheet("XFD1048576"), {"too_many_cells"}),
    "shared strings of megabytes": (
        xlsx({"A": ROWS}, {"xl/sharedStrings.xml": b"<sst>" + b"<si><t>" + b"x" * 90_000_000 + b"</t></si></sst>"}),
        {"archive_too_big"},
    ),
    "a workbook that laughs": (
        xlsx({"A": ROWS}, {"xl/sharedStrings.xml": f"{LAUGHS}<sst><si><t>&l11;</t></si></sst>".encode()}), {"file_damaged"},
    ),
    "a workbook that asks for a file": (
        xlsx({"A": ROWS}, {"xl/sharedStrings.xml": f"{OUTSIDE}<sst><si><t>&x;</t></si></sst>".encode()}), {"file_damaged"},
    ),
    "spx: a billion laughs": (spx(doctype=LAUGHS), {"xml_forbidden"}),
    "spx: an external entity": (spx(doctype=OUTSIDE), {"xml_forbidden"}),
    "jcamp: a repeat of 10^20": (jcamp(body="400@S99999999999999999999").encode(), {"jcamp_too_many_points"}),
    "jcamp: repeats in repeats": (jcamp(body="\n".join(f"{400 + i}A9Z9999999" for i in range(99))).encode(), {"jcamp_too_many_points"}),
    "jcamp: announced and repeated": (
        jcamp(body="400A0s99999999", NPOINTS="2000000000").encode(), {"jcamp_too_many_points"},
    ),
    "jcamp: links in links": (nested_links(50_000), {"jcamp_too_nested"}),
    "ole: loops in the chains": (ole_with_loops(), {"file_damaged"}),
    "ole: a directory of itself": (ole_with_a_directory_of_itself(), {"file_damaged"}),
    "ole: 2^32 sectors of chains": (at(ole_jws(), 0x2C, "<I", 0xFFFFFFFF), {"file_damaged"}),
    "spc: 2^31 subfiles": (at(spc((Y, Y)), 24, "<I", 1 << 31), {"file_cut_short"}),
    "spc: 2^31 subfiles of their own x": (at(xyxy([([1, 2], [3, 4])]), 24, "<I", 1 << 31), {"file_cut_short"}),
    "spc: 2^32 points": (at(spc(), 4, "<I", 0xFFFFFFFF), {"file_cut_short"}),
    "sif: frames by the terabyte": (sif((COUNTS,), total=1 << 50), {"file_damaged"}),
    "dm3: an array of 2^62": (dm(COUNTS, [1 << 30, 1 << 30], length=1 << 31), {"file_cut_short"}),
    "phu: 2^31 bins": (phu(bins=1 << 31), {"file_cut_short"}),
    "phd: 2^31 bins": (phd(bins=(1 << 31) - 1), {"too_many_numbers"}),
    "ptu: 2^60 records": (ptu(n=1 << 60), {"file_cut_short"}),
    "sdt: 4 GB of data": (sdt(length=0xFFFFFFFF), {"too_many_numbers"}),
    "tiff: a directory that follows itself": (tiff_loop(), {KEPT}),
    "tiff: 4 billion by 4 billion": (giant_tiff(), {"image_too_large"}),
    "png: 2^31 by 2^31": (png(0x7FFFFFFF, 0x7FFFFFFF), {"image_too_large"}),
    "json in json": (b"[" * 500_000, {"not_recognised"}),
    "spx: elements in elements": (b'<?xml version="1.0"?><TRTSpectrum>' + b"<a>" * 300_000, {"xml_damaged"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def host():
    with ReaderHost(seconds=SECONDS) as host:
        yield host


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_at_once_in_a_sentence(host, tmp_path, name):
    data, codes = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(data)
    began = time.monotonic()
    try:
        host.read(path, "bomb")
        code = KEPT
    except UnreadableFile as refusal:
        code = refusal.note.code
    assert time.monotonic() - began < SECONDS
    assert {code} == codes  # never that the child ran out of memory or time
