"""Files of one afternoon at two spectrometers, as a person drops them; ``minutes`` after ``walk.WHEN``."""

from datetime import timedelta

from qdlab.demo import instruments, physics
from qdlab.demo.physics import Band
from tests.spectra import walk


def emission(title: str, minutes: float = 0, *, seed: int | None = None) -> bytes:
    bench = instruments.Bench(seed if seed is not None else int(minutes))
    measured = bench.emission((Band(453.0, 14.9),), 5000.0)
    return instruments.jasco_emission(title, measured, walk.WHEN + timedelta(minutes=minutes), solvent="toluene")


def absorbance(title: str, minutes: float = 0) -> bytes:
    bench = instruments.Bench(int(minutes))
    measured = bench.absorbance(lambda nm: physics.dot_absorbance(nm, 443.0), 0.05, bench.absorbance_offset())
    return instruments.jasco_uvvis(title, measured, walk.WHEN + timedelta(minutes=minutes))


def drop(by, project, content: bytes, name: str):
    """Hand in one file and let a worker read it."""
    upload = walk.drop(by, project, content, name)
    walk.work()
    upload.refresh_from_db()
    return upload
