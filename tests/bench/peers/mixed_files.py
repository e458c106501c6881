"""Files as a busy week leaves them: twenty to a sample, of several instruments, one sent twice and one that is no data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from qdlab.demo import files, instruments, physics
from qdlab.demo.physics import Band
from qdlab.demo.truth import BatchTruth

WHEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PER_SAMPLE = 20
CD_NM = np.arange(600.0, 299.5, -0.5)
TIMES_MIN = np.arange(4.0, 44.0, 4.0)


def code_of(group: int) -> str:
    """The code of a sample, as its files name it."""
    return f"MX{group + 1:03d}"


def contents(n: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of ``n`` files; in each twenty, the eleventh comes twice."""
    for group in range(-(-n // PER_SAMPLE)):
        yield from _of_sample(group)[: n - group * PER_SAMPLE]


def _of_sample(group: int) -> list[tuple[str, bytes]]:
    bench, code, when = instruments.Bench(group), code_of(group), WHEN + timedelta(hours=group)
    band = Band(450.0 + group % 60, 14.9)
    truth = BatchTruth(code, {}, (band,), 0.9, (9.0,), dilutions=(0.03, 0.05, 0.07))
    made = [(raw.name, raw.content) for raw in files.of_sample(bench, truth, code, when, japanese=group % 2 == 1)]
    made += [(f"{code}_film{k}.csv", _absorbances(bench, k)) for k in range(3)]
    made += [(f"{code}_spot{k}.txt", _emissions(bench, band)) for k in range(3)]
    made.append((f"{code}_growth.csv", _growth(bench, band, code, when)))
    made.append((f"{code}_CD.txt", _dichroism(bench, code, when)))
    made.append((f"{code}_EDX.csv", _composition(bench)))
    made.append((f"copy of {made[10][0]}", made[10][1]))
    made.append((f"{code} notes.txt", f"Sample {code}: the cuvette had a scratch, measured again.\n".encode()))
    return made


def _absorbances(bench, number: int) -> bytes:
    """A plain table with decimal points."""
    y = bench.absorbance(physics.dpa_absorbance, 0.2 + 0.1 * number, 0.0)
    rows = (f"{x:g},{a:.5f}" for x, a in zip(instruments.ABSORPTION_NM, y, strict=True))
    return "\n".join(["Wavelength (nm),Abs", *rows, ""]).encode()


def _emissions(bench, band: Band) -> bytes:
    """A plain table with decimal commas."""
    y = bench.emission((band,), 4000.0)
    rows = (f"{x:.1f};{i:.4f}" for x, i in zip(instruments.EMISSION_NM, y, strict=True))
    return "\n".join(["Wavelength (nm);PL intensity (a.u.)", *rows, ""]).replace(".", ",").encode()


def _growth(bench, band: Band, code: str, when: datetime) -> bytes:
    wavelength_nm = instruments.EMISSION_NM
    y = [bench.emission((Band(band.peak_nm - 8 + t / 5, 14.9),), 100.0 * t) for t in TIMES_MIN]
    return instruments.jasco_interval(f"{code} growth", wavelength_nm, TIMES_MIN, np.stack(y, axis=1), when)


def _dichroism(bench, code: str, when: datetime) -> bytes:
    band = np.exp(-(((CD_NM - 440) / 12) ** 2))
    theta = 4.0 * band * (CD_NM - 440) / 12 + bench.rng.normal(0, 0.05, CD_NM.size)
    tension = 300 + 100 * band
    return instruments.jasco_cd(code, CD_NM, theta, tension, 0.1 + 0.8 * band, when)


def _composition(bench) -> bytes:
    """Three spots of an EDAX export."""
    lines = ["EDAX TEAM", "kV: 20.0   Mag: 10000   Takeoff: 35.2   Live Time(s): 50"]
    for spot in (1, 2, 3):
        bromine = 68.0 + bench.rng.normal(0, 0.7)
        lines += ["", f"Selected Area {spot}", "Element,Weight %,Atomic %,Net Int.,Error %,Kratio,Z,A,F"]
        lines.append(f"Br L,45.11,{bromine:.2f},812.4,3.1,0.3911,1.09,0.79,1.01")
        lines.append(f"PbM,54.89,{100 - bromine:.2f},701.3,4.0,0.4712,0.93,0.92,1.00")
        lines.append("Total,100.00,100.00")
    return "\n".join([*lines, ""]).encode()
