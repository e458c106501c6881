"""The worker's part of the walk, run in the test itself: read what waits, analyse what waits, until nothing is left."""

from datetime import UTC, datetime

import numpy as np

from qdlab.demo import files, instruments
from qdlab.demo.physics import Band
from qdlab.demo.truth import BatchTruth
from spectra import ingest, pipeline, queue, recomputing, services, taking_over, trials
from spectra.analysis import METHODS
from spectra.models import Analysis

WHEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
BLUE = BatchTruth("1", {}, (Band(453.0, 14.9),), 0.956, (9.02,), dilutions=(0.03, 0.05, 0.07))


def work() -> int:
    """Do everything that waits; return how many jobs there were."""
    done = 0
    while True:
        now = ingest.read_waiting() + trials.try_waiting() + recomputing.try_waiting() + taking_over.advance_all()
        asked = set(queue.waiting(Analysis.objects.all()).values_list("method", flat=True))
        now += sum(pipeline.run_waiting(method) for method in METHODS if method in asked)
        if not now:
            return done
        done += now


def emission_file(title: str = "", *, seed: int = 1, peak_nm: float = 453.0) -> bytes:
    bench = instruments.Bench(seed)
    return instruments.jasco_emission(title, bench.emission((Band(peak_nm, 14.9),), 5000.0), WHEN, solvent="toluene")


def drop(by, project, content: bytes, name: str = "PL.txt", **more):
    return services.upload(by=by, project=project, name=name, chunks=[content], **more).upload


def drop_standard_session(by, project, bench, phi: float | None = 0.97):
    """A session of 9,10-diphenylanthracene with its files, unread."""
    standard = services.make_standard(
        by=by,
        compound="9,10-diphenylanthracene",
        solvent="cyclohexane",
        phi=phi,
        phi_u=0.03,
        gas="Ar",
        refractive_index=1.4265,
    )
    session = services.make_session(by=by, project=project, standard=standard, name="DPA", measured_at=WHEN)
    hints = {"role": "standard", "standard": str(standard.pk), "standard_session": str(session.pk)}
    for raw in files.of_standard(bench, WHEN):
        drop(by, project, raw.content, raw.name, hints=hints)
    return session


def drop_sample_files(by, project, bench, code: str, truth: BatchTruth = BLUE):
    return [drop(by, project, raw.content, raw.name) for raw in files.of_sample(bench, truth, code, WHEN)]


def decay_counts(seed: int = 1) -> np.ndarray:
    return instruments.Bench(seed).decay((9.02,), (1.0,))[0]
