"""A reader for tests of the reader host: it does what hostile files might make a reader do."""

import ctypes
import os
import time

import numpy as np

from spectra.readers import Reader


def sniff(head: bytes, tail: bytes, name: str) -> int:
    return 100 if head.startswith(b"MISBEHAVE ") else 0


def read(data: bytes, name: str, mapping: dict | None):
    match data.split()[1]:
        case b"memory":
            hoard = []
            while True:
                hoard.append(np.empty(10_000_000))  # asked for, not filled: a busy machine does not count
        case b"objects":
            hoard = []
            while True:
                hoard.append([None] * 1_000)
        case b"loop":
            while True:
                pass
        case b"sleep":
            time.sleep(600)
        case b"crash":
            ctypes.string_at(0)
        case b"exit":
            os._exit(0)
        case b"print":
            os.write(1, b"N\x00\x00\x00\x00\x00\x00\x00\x00")
            os.read(0, 1)
            os._exit(0)
        case b"write":
            with open(mapping["path"], "w") as file:
                file.write("x" * 100)
        case b"environment":
            raise KeyError(os.environ["SECRET_KEY"])
        case b"kill-host":
            os.kill(os.getppid(), 9)
            time.sleep(600)


READER = Reader("misbehaving", "Misbehaving", sniff, read)
