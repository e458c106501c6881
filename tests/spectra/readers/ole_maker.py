"""A small writer of OLE2 compound files, for the samples of tests: streams by path, sectors of 512 bytes."""

import struct
from itertools import pairwise

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, MINI, CUTOFF = 512, 64, 4096


def ole_file(streams: dict[str, bytes]) -> bytes:
    """An OLE2 file with these streams (``"DataInfo"``, ``"Storage/Stream"``)."""
    sectors, chains, minifat, mini = [], [], [], b""

    def put(data: bytes) -> int:
        if not data:
            return END
        first = len(sectors)
        for start in range(0, len(data), SECTOR):
            sectors.append(data[start : start + SECTOR].ljust(SECTOR, b"\0"))
            chains.append(len(sectors))
        chains[-1] = END
        return first

    entries = [["Root Entry", 5, [], END, 0]]
    folders = {"": 0}
    for path, data in streams.items():
        *parents, name = path.split("/")
        folder = ""
        for parent in parents:
            inner = f"{folder}/{parent}"
            if inner not in folders:
                folders[inner] = len(entries)
                entries[folders[folder]][2].append(len(entries))
                entries.append([parent, 1, [], 0, 0])
            folder = inner
        if len(data) >= CUTOFF:
            start = put(data)
        elif data:
            start = len(mini) // MINI
            n = -(-len(data) // MINI)
            minifat += [*range(start + 1, start + n), END]
            mini += data.ljust(n * MINI, b"\0")
        else:
            start = END
        entries[folders[folder]][2].append(len(entries))
        entries.append([name, 2, [], start, len(data)])
    entries[0][3], entries[0][4] = put(mini), len(mini)
    minifat_start = put(b"".join(struct.pack("<I", link) for link in minifat) + b"\xff" * (-4 * len(minifat) % SECTOR))
    directory_start = put(_directory(entries))
    n_fat = next(n for n in range(1, 100) if n * SECTOR // 4 >= len(sectors) + n)
    fat_start = len(sectors)
    chains += [FAT] * n_fat
    chains += [FREE] * (n_fat * SECTOR // 4 - len(chains))
    fat = struct.pack(f"<{len(chains)}I", *chains)
    n_minifat = -(-4 * len(minifat) // SECTOR)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIII", 0, n_fat, directory_start, 0, CUTOFF)
    header += struct.pack("<IIII", minifat_start, n_minifat, END, 0)
    places = [*range(fat_start, fat_start + n_fat)]
    header += struct.pack("<109I", *(places + [FREE] * (109 - n_fat)))
    return header + b"".join(sectors) + fat


def _directory(entries: list) -> bytes:
    right = {}
    for _, _, children, _, _ in entries:
        right |= dict(pairwise(children))
    made = b""
    for i, (name, kind, children, start, size) in enumerate(entries):
        text = name.encode("utf-16-le") + b"\0\0"
        child = children[0] if children else FREE
        made += text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
        made += struct.pack("<III", FREE, right.get(i, FREE), child) + bytes(36) + struct.pack("<IQ", start, size)
    return made + bytes(-len(made) % SECTOR)
