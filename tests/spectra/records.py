"""Files, measurements and results for tests, written as the pipeline writes them, without a worker."""

import io
from itertools import count

import numpy as np
from PIL import Image

from qdlab.records import store
from qdlab.records.audit import acting_through
from spectra import previews, queue
from spectra.analysis import METHODS
from spectra.models import Analysis, AnalysisInput, Measurement, Preview, Quantity, Reading, State, Trace, Upload
from spectra.readers.preview import draw
from spectra.spectrum import Channel, Spectrum
from spectra.values import traces_of
from tests import factories

_numbers = count(1)


def make_upload(project, *, by=None, content: bytes = b"", name: str = "", **fields) -> Upload:
    """A file that was read."""
    blob, _new = store.store([content or f"file {next(_numbers)}".encode()])
    return Upload.objects.create(
        project=project, blob=blob, name=name or f"{blob.sha256[:6]}.txt", status=fields.pop("status", "read"),
        uploaded_by=by or factories.chemist_in(project), **fields,
    )  # fmt: skip


def emission(peak_nm: float = 453.0, x=None) -> Spectrum:
    """A band with a gap of one point, as an over-range value leaves it."""
    x = np.arange(400.0, 551.0) if x is None else x
    y = 1e5 * np.exp(-(((x - peak_nm) / 9) ** 2))
    y[3] = np.nan
    return Spectrum(x, (Channel(y, "intensity", "[a.u.]"),))


def make_measurement(
    sample=None, *, project=None, value=None, upload=None, technique="pl_emission", **fields
) -> Measurement:
    project = project or sample.project
    upload = upload or make_upload(project, sample=sample)
    reading = Reading.objects.create(
        upload=upload, reader="generic_table", reader_version=1, checked_version=1, state=State.DONE
    )
    measurement = Measurement.objects.create(
        project=project,
        reading=reading,
        sample=sample,
        technique=technique,
        title=fields.pop("title", upload.name),
        **fields,
    )
    traces = traces_of(value or emission())
    for index, trace in enumerate(traces):
        trace.measurement, trace.index = measurement, index
    Trace.objects.bulk_create(traces)
    return measurement


def make_picture(project, **fields) -> Upload:
    """An image with its preview."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    upload = make_upload(project, content=content.getvalue() + str(next(_numbers)).encode(), **fields)
    picture = draw(store.read(upload.blob_id))
    for size in previews.SIZES:
        previews.put(upload.blob_id, size, getattr(picture, size))
    Preview.objects.create(upload=upload, recipe=1, width=40, height=30, source_width=40, source_height=30)
    return upload


def make_video(project, **fields) -> Upload:
    """A video that browsers play; its bytes are those of a head only."""
    upload = make_upload(project, content=b"\0\0\0\x18ftypmp42" + str(next(_numbers)).encode() * 500, **fields)
    reading = Reading.objects.create(
        upload=upload, reader="video_file", reader_version=1, state=State.DONE, decided={"format": "mp4"}
    )
    Measurement.objects.create(project=project, reading=reading, technique="video", title=upload.name)
    return upload


def make_result(measurement, quantities: dict, *, method="emission_band", role="emission", **fields) -> Analysis:
    """A finished analysis; ``quantities``: name → (value, u, unit)."""
    from spectra import provenance

    analysis = Analysis(
        project=measurement.project, method=method, method_version=METHODS[method].version, sample=measurement.sample,
        measurement=measurement,
    )  # fmt: skip
    with acting_through("worker"):
        queue.enqueue(analysis)
    AnalysisInput.objects.create(analysis=analysis, role=role, measurement=measurement)
    fields = {"state": State.DONE, "input_digest": provenance.current_digest(analysis)} | fields
    Analysis.objects.filter(pk=analysis.pk).update(**fields)
    Quantity.objects.bulk_create(
        Quantity(
            analysis=analysis, name=name, value=value, u=u, unit=unit,
            budget=[{"name": "fit", "u": u, "source": f"fit:{measurement.pk}"}] if u else [],
        )
        for name, (value, u, unit) in quantities.items()
    )  # fmt: skip
    analysis.refresh_from_db()
    if analysis.sample_id:
        from qdlab.records.outbox import changed

        changed("batch", analysis.sample.batch_id)
    return analysis
