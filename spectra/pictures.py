"""What pages and API show of an image or a video: preview, scale bar, and how the preview was made."""

from dataclasses import dataclass

from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified

from spectra import previews
from spectra.models import Measurement, Preview, Upload
from spectra.plots.scale_bar import ScaleBar, scale_bar
from spectra.readers import preview as recipe
from spectra.readers.video_file import PLAYED_BY_BROWSERS


@dataclass(frozen=True)
class Picture:
    upload: Upload
    preview: Preview
    bar: ScaleBar | None = None
    pixel_size_nm: float | None = None
    pixel_size_from: str = ""  # who in the file states it; empty: a person typed it


def picture_of(upload: Upload, measurement: Measurement | None = None) -> Picture | None:
    """The picture of a file, with a scale bar where the file or a person tells the size of a pixel of ``measurement``."""
    preview = getattr(upload, "preview", None)
    if preview is None:
        return None
    size_nm = measurement.conditions.get("pixel_size_nm") if measurement else None
    if not size_nm or not preview.is_drawn:
        return Picture(upload, preview)
    bar = scale_bar(size_nm, preview.source_width, preview.width)
    return Picture(upload, preview, bar, size_nm, _stated_by(measurement, size_nm))


def _stated_by(measurement: Measurement, size_nm: float) -> str:
    decided = measurement.reading.decided
    told = decided.get("pixel_size_nm")
    return decided.get("pixel_size_from", "") if told and abs(float(told) - size_nm) <= 1e-6 * size_nm else ""


def video_type(measurement: Measurement) -> str:
    """The media type with which browsers play a video; empty for what is none or is not played."""
    container = measurement.reading.decided.get("format", "") if measurement.technique == "video" else ""
    return PLAYED_BY_BROWSERS.get(container, "")


def answer_of(request, upload: Upload, size: str) -> HttpResponse:
    """The drawn picture of a file. A browser may keep it, and asks each time whether it may still show it."""
    etag = f'"{upload.blob_id}-{recipe.VERSION}-{size}"'
    path = previews.path_of(upload.blob_id, size)
    if not hasattr(upload, "preview") or not path.exists():
        raise Http404
    if request.headers.get("If-None-Match") == etag:
        return guarded(HttpResponseNotModified(), etag)
    return guarded(FileResponse(path.open("rb"), content_type="image/webp"), etag)


def guarded(response, etag: str):
    """An answer that no browser runs, guesses at, or shows again without asking."""
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
