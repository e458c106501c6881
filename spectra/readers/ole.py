"""OLE2 compound files (JASCO .jws, Shimadzu .spc, .xls): their table of contents and streams, within limits.

The container is a small file system: sectors in chains, a table of chains (FAT), a directory. A hostile one has chains
that run in circles, tables that list one sector thousands of times, and streams said to be larger than the file. The
header's counts are compared with the size of the file before olefile follows anything; a stream larger than the file
does not exist.
"""

import io
import struct

from spectra.readers.binary import Bytes, cut_short, damaged

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_STREAMS = 2_000
MAX_DIRECTORY = 64 * 1024  # bytes of the directory shown to the sniffers


def directory(data: bytes) -> bytes:
    """The first sectors of the directory, whose place varies; empty when the file is no OLE2 or is cut."""
    if not data.startswith(MAGIC) or len(data) < 512:
        return b""
    shift, first = struct.unpack_from("<H", data, 0x1E)[0], struct.unpack_from("<I", data, 0x30)[0]
    if shift not in (9, 12):
        return b""
    start = (first + 1) << shift
    return data[start : start + MAX_DIRECTORY]


def has_names(directory: bytes, *names: str) -> bool:
    """Tell whether the directory lists all these names."""
    return all(name.encode("utf-16-le") in directory for name in names)


class OleFile:
    """Streams by path (``DataInfo``, ``Version/CLSID``), each at most as large as the file."""

    def __init__(self, data: bytes):
        import olefile  # only here: the host stays small

        _check_counts(data)
        self.size = len(data)
        try:
            self._ole = olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_INCORRECT)
            self.names = ["/".join(path) for path in self._ole.listdir()]
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # olefile raises IndexError, struct.error, OSError … on damaged containers
            raise damaged("OLE2") from error
        if len(self.names) > MAX_STREAMS:
            raise damaged("OLE2")

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def stream(self, name: str) -> Bytes:
        """One stream; UnreadableFile when it is missing, damaged or larger than the file."""
        if name not in self.names:
            raise damaged(name)
        try:
            if self._ole.get_size(name) > self.size:
                raise cut_short()
            return Bytes(self._ole.openstream(name).read())
        except (OSError, IndexError, struct.error, ValueError, RecursionError) as error:
            raise damaged(name) from error


def _check_counts(data: bytes) -> None:
    """Compare what the header counts with the sectors that are there."""
    head = Bytes(data)
    if not data.startswith(MAGIC):
        raise damaged("OLE2")
    sector_shift, mini_shift = head.many("<HH", 0x1E)
    n_fat = head.one("<I", 0x2C)
    cutoff, _, n_minifat, _, n_difat = head.many("<IIIII", 0x38)
    if sector_shift not in (9, 12) or mini_shift != 6 or cutoff != 4096:
        raise damaged("OLE2")
    n_sectors = (len(data) >> sector_shift) + 1
    entries = 1 << (sector_shift - 2)
    if n_fat > n_sectors // entries + 2:  # a table of chains needs one entry per sector
        raise damaged("OLE2")
    if n_minifat > n_sectors or n_difat > n_fat:
        raise damaged("OLE2")
