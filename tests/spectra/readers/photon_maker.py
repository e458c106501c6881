"""Time-resolved and camera files made from formulas: PicoQuant, Becker & Hickl, Andor."""

import io
import struct
import zipfile

import numpy as np

COUNTS = np.round(5000 * np.exp(-np.arange(256) / 40)).astype(int)


def tag(name: str, value, index: int = -1) -> bytes:
    head = struct.pack("<32si", name.encode(), index)
    if isinstance(value, str):
        raw = value.encode("cp1252") + b"\0"
        raw += bytes(-len(raw) % 8)
        return head + struct.pack("<Iq", 0x4001FFFF, len(raw)) + raw
    if isinstance(value, float):
        return head + struct.pack("<Id", 0x20000008, value)
    return head + struct.pack("<Iq", 0x10000008, value)


def phu(curves=((COUNTS, 4e-12), (COUNTS[:100], 512e-12)), integral=None, bins=None, offset=None) -> bytes:
    def build(place: int) -> bytes:
        made = b"PQHISTO\0" + b"1.0.00\0\0" + tag("File_Comment", "dots d2") + tag("HW_Type", "HydraHarp 400")
        made += tag("HW_SerialNo", "1000") + tag("HistoResult_NumberOfCurves", len(curves))
        for i, (counts, resolution) in enumerate(curves):
            made += tag("HistResDscr_CurveIndex", i, i) + tag("HistResDscr_MDescResolution", float(resolution), i)
            made += tag("HistResDscr_DataOffset", place if offset is None else offset, i)
            made += tag("HistResDscr_HistogramBins", len(counts) if bins is None else bins, i)
            made += tag("HistResDscr_IntegralCount", int(sum(counts)) if integral is None else integral, i)
            place += 4 * len(counts)
        return made + tag("Header_End", 0)

    return build(len(build(0))) + b"".join(np.asarray(counts, "<u4").tobytes() for counts, _ in curves)


def ptu(kind: int = 0x00010307, records=None, n: int | None = None) -> bytes:
    """Photons of two channels: five at time 3 and two at time 7 on channel 0, one at time 7 on channel 1, and overflows."""
    if records is None:
        if kind & 0xFF == 3:
            photons = [(1 << 28) | (3 << 16)] * 5 + [(1 << 28) | (7 << 16)] * 2 + [(2 << 28) | (7 << 16)]
            records = [*photons, 0xF0000000]
        else:
            photons = [3 << 10] * 5 + [7 << 10] * 2 + [(1 << 25) | (7 << 10)]
            records = [*photons, (1 << 31) | (0x3F << 25) | 1]
    made = b"PQTTTR\0\0" + b"1.0.00\0\0" + tag("TTResultFormat_TTTRRecType", kind) + tag("MeasDesc_Resolution", 25e-12)
    made += tag("TTResult_NumberOfRecords", len(records) if n is None else n) + tag("Header_End", 0)
    return made + np.array(records, "<u4").tobytes()


def phd(curves=((COUNTS, 0.004), (COUNTS[:64], 0.512)), integral=None, bins=None) -> bytes:
    head = b"PicoHarp 300".ljust(16, b"\0") + b"2.0".ljust(6, b"\0") + b"PicoHarp".ljust(18, b"\0") + bytes(32)
    head += b"dots d2".ljust(256, b"\0") + struct.pack("<i", len(curves)) + bytes(204)
    head += b"PicoHarp 300".ljust(16, b"\0") + bytes(8) + struct.pack("<i", 4711)
    made, place = head.ljust(692, b"\0"), 692 + 172 * len(curves)
    for i, (counts, resolution) in enumerate(curves):
        curve = struct.pack("<iI", i, 1_780_556_881).ljust(92, b"\0")
        curve += struct.pack("<fi", resolution, len(counts) if bins is None else bins)
        curve = curve.ljust(124, b"\0") + struct.pack(
            "<qii", int(sum(counts)) if integral is None else integral, 0, place
        )
        made, place = made + curve.ljust(172, b"\0"), place + 4 * len(counts)
    return made + b"".join(np.asarray(counts, "<u4").tobytes() for counts, _ in curves)


def sdt(blocks=(COUNTS,), channels=256, range_s=50e-9, gain=4, zipped=False, kind=0x01, length=None, more=0) -> bytes:
    info = b"*IDENTIFICATION\r\n  Title    : dots d2\r\n  Author   : Team\r\n*END\r\n"
    desc = struct.pack("<9s11s16s", b"16:08:31", b"06-04-2026", b"SPC-150").ljust(64, b"\0")
    desc = (desc + struct.pack("<fh", range_s, gain)).ljust(82, b"\0") + struct.pack("<h", channels) + bytes(40)
    start = 42 + len(info) + len(desc)
    header = struct.pack(
        "<hihiHihIihhHIHH", 0x28F, 42, len(info), 0, 0, start, len(blocks) + more, 0, 42 + len(info), 1, len(desc),
        0x5555, 0, 0, 0x55AA,
    )  # fmt: skip
    made = header + info + desc
    for i, counts in enumerate(blocks):
        body = raw = np.asarray(counts, "<u2").tobytes()
        if zipped:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("data_block", raw)
            body = packed.getvalue()
        at = len(made) + 22
        size = len(raw) if length is None else length
        made += struct.pack("<hIIHhII", i, at, at + len(body), kind | 0x1000 * zipped, 0, i, size) + body
    return made


def sif(frames=(COUNTS,), rows: int = 1, total=None, coefficients="400 0.5 0 0", axis="Wavelength") -> bytes:
    width = len(frames[0]) // rows
    length, n = len(frames[0]), len(frames)
    head = "Andor Technology Multi-Channel File\n65538 1\n65567 0 0 1 1780556881 -60 " + "0 " * 30 + "\n"
    head += "DU401\n1024 256\n8\ndots.sif\n65538 0\n\n" + "65539 0 0\n0 0\n"
    head += f"65540 1 0\n{coefficients}\n0 1 0 0\n0 1 0 0\n422\n13\n13\n1\n"
    head += f"{len(axis)}\n{axis}6\nCounts12\nPixel number65541 1 {rows} {width} 1 {n} 1 {n * length if total is None else total} {length}\n"
    head += f"65538 1 {rows} {width} 1 1 1 0\n" + "         0\n" * n
    return head.encode() + b"".join(np.asarray(frame, "<f4").tobytes() for frame in frames) + b"0\n"
