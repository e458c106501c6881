"""Headers of videos as the readers look at them: MP4, AVI and SER without a picture inside."""

import struct


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def mp4() -> bytes:
    header = bytes(12) + struct.pack(">II", 1000, 4000) + bytes(80)
    track = bytes(76) + struct.pack(">II", 640 << 16, 480 << 16)
    moov = box(b"mvhd", header) + box(b"trak", box(b"tkhd", track))
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", moov) + box(b"mdat", bytes(range(256)))


def avi() -> bytes:
    main = struct.pack("<14I", 40_000, 0, 0, 0, 100, 0, 1, 0, 320, 240, 0, 0, 0, 0)
    listed = b"LIST" + struct.pack("<I", 12 + len(main)) + b"hdrlavih" + struct.pack("<I", len(main)) + main
    return b"RIFF" + struct.pack("<I", 4 + len(listed)) + b"AVI " + listed + bytes(64)


def ser() -> bytes:
    return b"LUCAM-RECORDER" + struct.pack("<7I", 0, 0, 0, 64, 48, 8, 10) + bytes(136) + bytes(512)
