"""Shimadzu UVProbe and PerkinElmer files made from formulas."""

import struct
from datetime import datetime

import numpy as np

from tests.spectra.readers.ole_maker import ole_file

X = np.arange(800.0, 399.0, -2.0)
Y = 0.6 * np.exp(-(((X - 510) / 25) ** 2)) + 0.01
MEASURED = datetime(2026, 6, 4, 16, 8, 31)


def short(text: str) -> bytes:
    raw = text.encode("cp1252")
    return bytes([len(raw)]) + raw


def page(title: str, **pairs: str) -> bytes:
    body = b"".join(short(f"{key.replace('_', ' ')}:") + short(value) for key, value in pairs.items())
    return struct.pack("<II", 1, 0) + short(f"[{title}]") + struct.pack("<I", len(pairs)) + body


def uvprobe_streams(x=X, y=Y, mode: str = "Absorbance", count: int | None = None) -> dict[str, bytes]:
    folder = "DataStorage1/DataSetGroup/DataSet1"
    days = (MEASURED - datetime(1899, 12, 30)).total_seconds() / 86_400
    header = short("RawData") + bytes(4) + struct.pack("<d", days) + short("Team") + short("d2, 1 mm") + bytes(4)
    header += short("QDLab") + bytes(8) + b"".join(map(short, ("UVProbe", "2.70", "UV-2600", "UV-2600 Series")))
    header += bytes([1, 0, 0, 0]) + short("UV-2600") + short("A1165") + bytes(1)
    return {
        f"{folder}/DataSpectrumStorage/Data/Data Header.1": struct.pack("<II", len(x) if count is None else count, 2),
        f"{folder}/DataSpectrumStorage/Data/X Data.1": np.asarray(x, "<f8").tobytes(),
        f"{folder}/DataSpectrumStorage/Data/Y Data.1": np.asarray(y, "<f8").tobytes(),
        f"{folder}/DataSpectrumStorage/DataHeader/Header Info": struct.pack("<3d", x[0], x[-1], 2.0) + bytes(37),
        f"{folder}/DataSetHeaderInfo": header,
        f"{folder}/MethodStorage/PageTexts2": page("Instrument Properties", Measuring_Mode=mode, Slit_Width="2.0"),
        "DataStorage1/DataStorageName": short("dots d2"),
    }


def uvprobe(**what) -> bytes:
    return ole_file(uvprobe_streams(**what))


def block(identity: int, content: bytes) -> bytes:
    return struct.pack("<hi", identity if identity < 0x8000 else identity - 0x10000, len(content)) + content


def words(text: str) -> bytes:
    return struct.pack("<HH", 0x7523, len(text)) + text.encode("cp1252")


def pe_sp(x=X, y=Y, x_unit="nm", y_unit="A", count: int | None = None, last: float | None = None) -> bytes:
    x, y = np.asarray(x, float), np.asarray(y, float)
    history = block(0x79, block(0x8B72, words("Team")) + block(0x8B74, words("Thu Jun 04 16:08:31 2026")))
    history += block(0x7B, block(0x8BFD, words("Lambda 950")) + block(0x8BFE, words("950N1")))
    body = block(-29825, history)
    body += block(-29838, struct.pack("<Hdd", 0x751D, x[0], x[-1] if last is None else last))
    body += block(-29837, struct.pack("<Hdd", 0x751D, y.min(), y.max()))
    body += block(-29836, struct.pack("<Hd", 0x751B, x[1] - x[0]))
    body += block(-29835, struct.pack("<Hi", 0x752B, len(y) if count is None else count))
    body += block(-29833, words(x_unit)) + block(-29832, words(y_unit)) + block(-29827, words("C:\\dots.sp"))
    body += block(-29823, words("dots")) + block(
        -29828, struct.pack("<Hi", 0x7516, 8 * len(y)) + y.astype("<f8").tobytes()
    )
    return b"PEPE2D constant interval DataSet file".ljust(44, b"\0") + block(120, body)
