"""Fuzzing of the byte parsers led by coverage (atheris, Google's libFuzzer for Python); runs in the environment of ``make peers``.

    var/peers/bin/python tests/peers/atheris_bytes.py jasco_jws FOLDER -runs=5000     FOLDER holds seeds, and gains new ones

Whatever the bytes are, the reader gives a Reading or a named refusal; anything else ends the run and writes the bytes.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
with atheris.instrument_imports(include=["spectra.readers"]):
    from spectra.readers import read
    from spectra.readers.reading import UnreadableFile
    from spectra.readers.wire import decode_reading, encode_reading

READER = sys.argv.pop(1)


def one(data: bytes) -> None:
    try:
        reading = read(data, "fuzz", reader=READER)
    except UnreadableFile as refusal:
        if refusal.note.code == "reader_failed":
            raise refusal.__cause__ from None
        return
    decode_reading(encode_reading(reading))


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-seed=1", "-timeout=10", "-rss_limit_mb=1024", "-max_len=20000"], one)
    atheris.Fuzz()
