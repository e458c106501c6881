"""``python -m tests.spectra.readers.fuzz jasco_text 1234``: one case again; ``… jasco_text 0-5000``: every fault of many."""

import sys
from collections import Counter
from pathlib import Path

from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.fuzz.run import case
from tests.spectra.readers.fuzz.seeds import NAMES


def one(reader: str, number: int) -> None:
    chosen = case(reader, number)
    path = Path(f"{reader}-{number}-{Path(chosen.name).name}")
    path.write_bytes(chosen.mutated)
    print(
        f"{chosen.name} ({len(chosen.seed)} bytes), {chosen.mutation.name}, claim {chosen.mutation.claim}: see {path}"
    )
    print(found if isinstance(found := chosen.run(), UnreadableFile) else (found.reader, found.warnings))


def many(readers: tuple[str, ...], first: int, last: int) -> None:
    for reader in readers:
        made = Counter()
        for number in range(first, last):
            try:
                made["refused" if isinstance(case(reader, number).run(), UnreadableFile) else "read"] += 1
            except AssertionError as fault:
                made["FAULT"] += 1
                print(fault)
        print(f"{reader:20} {made['read']:6} read {made['refused']:6} refused {made['FAULT']:4} faults", flush=True)


if __name__ == "__main__":
    reader, numbers = sys.argv[1], sys.argv[2]
    first, _, last = numbers.partition("-")
    many(NAMES if reader == "all" else (reader,), int(first), int(last)) if last else one(reader, int(first))
