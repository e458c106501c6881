"""Galactic files made from formulas, in all three forms."""

import struct

import numpy as np

Y = 0.5 + 0.4 * np.sin(np.arange(90) / 7)
DATE = 2026 << 20 | 6 << 16 | 4 << 11 | 16 << 6 | 8


def ordinates(y, exponent: int, order: str, bits: int = 32) -> bytes:
    if exponent == -128:
        return np.asarray(y, order + "f4").tobytes()
    return np.round(np.asarray(y) * 2.0 ** (bits - exponent)).astype(f"{order}i{bits // 8}").tobytes()


def spc(
    ys=(Y,), order="<", flags=0, exponent=1, x=None, first=400.0, last=800.0, types=(3, 2, 4), zs=None, exponents=None,
    bits=32, experiment=0, log="", planes=(0.0, 0, 0.0), points=None, subfiles=None,
) -> bytes:  # fmt: skip
    """A file in the new form; ``flags`` besides those that follow from the rest."""
    flags |= (4 if len(ys) > 1 else 0) | (0x80 if x is not None else 0) | (1 if bits == 16 else 0)
    exponents = exponents or [exponent] * len(ys)
    n = len(ys[0]) if points is None else points
    head = struct.pack(
        order + "BBBbIddIBBBBI9s9s", flags, 0x4B if order == "<" else 0x4C, experiment, exponent, n, first, last,
        len(ys) if subfiles is None else subfiles, *types, 0, DATE, b"1 nm", b"V-730",
    )  # fmt: skip
    head = head.ljust(88, b"\0") + b"dots d2".ljust(130, b"\0") + b"\0Abs\0".ljust(30, b"\0")
    body = b"" if x is None else np.asarray(x, order + "f4").tobytes()
    for i, (y, own) in enumerate(zip(ys, exponents, strict=True)):
        z = 0.0 if zs is None else zs[i]
        body += struct.pack(order + "BbHfffIIf4x", 0, own, i, z, z, 0.0, 0, 0, 0.0) + ordinates(y, own, order, bits)
    head += struct.pack(order + "I", 512 + len(body) if log else 0)
    head = head.ljust(312, b"\0") + struct.pack(order + "fIf", *planes)
    text = log.encode() + b"\0"
    tail = struct.pack(order + "IIIII44x", 64 + len(text), 0, 64, 0, 0) + text if log else b""
    return head.ljust(512, b"\0") + body + tail


def xyxy(curves, order="<") -> bytes:
    """Subfiles with an axis each."""
    data = spc(ys=[y for _, y in curves], exponent=-128, flags=0x40 | 0x80, points=0, order=order)[:512]
    for i, (x, y) in enumerate(curves):
        data += struct.pack(order + "BbHfffIIf4x", 0, -128, i, i, i, 0.0, len(x), 0, 0.0)
        data += np.asarray(x, order + "f4").tobytes() + np.asarray(y, order + "f4").tobytes()
    return data


def old_spc(ys=(Y,), exponent=1, first=400.0, last=800.0, zs=None, points=None) -> bytes:
    """A file in the old form: words of the 32-bit numbers swapped, exponents in the subheaders."""
    n = float(len(ys[0])) if points is None else points
    flags = 0x14 if len(ys) > 1 else 0
    head = struct.pack("<BBhfffBBHBBBB8s", flags, 0x4D, exponent, n, first, last, 3, 2, 1994, 6, 4, 16, 8, b"1 nm")
    data = head.ljust(64, b"\0") + b"dots d2".ljust(160, b"\0")
    for i, y in enumerate(ys):
        z = 0.0 if zs is None else zs[i]
        whole = np.round(np.asarray(y) * 2.0 ** (32 - exponent)).astype("<i4").view("<u2").reshape(-1, 2)
        data += struct.pack("<BbHfffIIf4x", 0, exponent, i, z, z, 0.0, 0, 0, 0.0) + whole[:, ::-1].tobytes()
    return data
