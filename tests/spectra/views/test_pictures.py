"""Images with their previews, videos and documents, from the drop to the page."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from qdlab.records import store
from spectra import previews, services
from spectra.models import Measurement, Preview, Upload
from tests import factories
from tests.spectra import records
from tests.spectra.readers.image_maker import fei, photo, ramp, saved, tiff
from tests.spectra.readers.test_preview import bomb
from tests.spectra.walk import drop, work

pytestmark = pytest.mark.django_db


def dropped(chemist, project, content: bytes, name: str, **options) -> Upload:
    upload = drop(chemist, project, content, name, **options)
    work()
    upload.refresh_from_db()
    return upload


def page(client, upload) -> str:
    return client.get(reverse("spectra:upload", args=[upload.pk])).content.decode()


def of_measurement(client, upload) -> str:
    measurement = Measurement.objects.get(reading__upload=upload, withdrawn_at=None)
    return client.get(reverse("spectra:measurement", args=[measurement.pk])).content.decode()


def picture(client, upload, size: str = "preview", **headers):
    return client.get(reverse(f"spectra:{size}", args=[upload.pk]), headers=headers)


def test_an_image_of_a_microscope_has_a_preview_a_scale_and_its_conditions(client, project, chemist):
    upload = dropped(chemist, project, fei(ramp(1000, 500)), "grid.tif")
    assert (upload.status, upload.preview.source_width, upload.preview.width) == (Upload.Status.READ, 1000, 1000)
    shown = of_measurement(client, upload)
    # 1000 pixels of 2 nm: the longest round length within a quarter of them is 500 nm, 250 pixels.
    assert 'width="250.00"' in shown and ">500 nm</text>" in shown
    assert "a pixel is 2 nm, as the file says (FEI)" in shown
    assert "percentile 0.5" in shown and "the file itself is unchanged" in shown
    assert store.read(upload.blob_id) == fei(ramp(1000, 500))


def test_a_scale_is_drawn_only_once_somebody_tells_the_size_of_a_pixel(client, project, chemist):
    upload = dropped(chemist, project, tiff(ramp(1000, 500), resolution=(300, 300), resolutionunit=2), "grid.tif")
    assert "No scale" in of_measurement(client, upload) and 'class="scale"' not in of_measurement(client, upload)
    measurement = Measurement.objects.get()
    services.change_measurement(by=chemist, measurement=measurement, pixel_size_nm="0,4", imaging_mode="TEM")
    assert "a pixel is 0.4 nm, as somebody typed" in of_measurement(client, upload)


def test_imaging_conditions_can_be_said_with_the_file(project, chemist):
    said = {"imaging_mode": "photo_uv", "microscope": "Phone", "pixel_size_nm": "1e5", "exposure_s": "0.5"}
    upload = dropped(chemist, project, photo(), "vial.jpg", hints=said)
    known = Measurement.objects.get(reading__upload=upload).conditions
    assert known == {"imaging_mode": "photo_uv", "microscope": "Phone", "pixel_size_nm": 1e5, "exposure_s": 0.5}


def test_the_form_of_an_image_asks_for_imaging_and_not_for_excitation(client, project, chemist):
    shown = of_measurement(client, dropped(chemist, project, photo(), "vial.jpg"))
    assert 'name="magnification"' in shown and 'name="excitation_nm"' not in shown


def test_a_preview_is_a_webp_that_no_browser_takes_for_anything_else_or_keeps_unasked(client, project, chemist):
    upload = dropped(chemist, project, photo(gps=True), "vial.jpg")
    answer = picture(client, upload)
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "image/webp" and Image.open(io.BytesIO(content)).format == "WEBP"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-cache")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert picture(client, upload, **{"If-None-Match": answer["ETag"]}).status_code == 304
    assert picture(client, upload, "thumbnail").status_code == 200
    assert "the place where it was taken" in page(client, upload)


def test_nobody_sees_the_preview_of_a_file_that_they_may_not_see(client, project, chemist):
    upload = dropped(chemist, project, photo(), "vial.jpg")
    client.force_login(factories.chemist_in(factories.make_project("Elsewhere")))
    assert {picture(client, upload, size).status_code for size in previews.SIZES} == {404}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bomb(60_000, 60_000), "It is too large for a preview (60000 × 60000 pixels)."),
        (saved(Image.effect_noise((300, 300), 50), "JPEG")[:4000], "This image is damaged or was cut off."),
    ],
    ids=["bomb", "cut off"],
)
def test_an_image_that_cannot_be_drawn_is_kept_and_its_page_says_why(client, project, chemist, content, sentence):
    upload = dropped(chemist, project, content, "grid.png")
    assert upload.status == Upload.Status.READ and not upload.preview.is_drawn
    assert sentence in page(client, upload) and picture(client, upload).status_code == 404


def test_a_wrong_ending_of_the_name_changes_nothing(client, project, chemist):
    upload = dropped(chemist, project, photo(), "vial.csv")
    assert upload.preview.is_drawn and "This file could not be read." not in page(client, upload)


def test_previews_that_are_gone_are_drawn_again_the_same(project, chemist):
    upload = dropped(chemist, project, photo(), "vial.jpg")
    place = previews.path_of(upload.blob_id, "preview")
    before = place.read_bytes()
    place.unlink()
    Preview.objects.all().delete()
    told = io.StringIO()
    call_command("make_previews", stdout=told)
    assert place.read_bytes() == before and told.getvalue().startswith("1 previews drawn")
    assert settings_apart(place)


def settings_apart(place) -> bool:
    """Drawn pictures never stand among the raw files."""
    from django.conf import settings

    return not place.is_relative_to(settings.BLOB_DIR) and place.is_relative_to(settings.PREVIEW_DIR)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"%PDF-1.7 report", "report.pdf", "A document: kept as it came, not read."),
        (b"CPYA 4.3380 188 W64 #\n", "plots.opj", "export the columns in Origin as text or CSV"),
        (b"PK\x03\x04" + bytes(22) + b"ppt/slides/slide1.xml", "talk.pptx", "Slides: kept as they came"),
        (b"PK\x03\x04" + bytes(22) + b"spectra/a.txt", "all.zip", "unpack it and upload them"),
    ],
)
def test_a_document_is_kept_beside_its_batch_without_an_alarm(client, project, chemist, content, name, sentence):
    batch = factories.make_batch(project=project, by=chemist)
    factories.make_sample(batch, by=chemist)
    upload = dropped(chemist, project, content, name, batch=batch)
    assert upload.status == Upload.Status.KEPT and not Measurement.objects.exists()
    shown = page(client, upload)
    assert sentence in shown and "kept, not read" in shown
    assert "This file could not be read." not in shown and "with other columns" not in shown
    assert name in client.get(reverse("dashboards:batch", args=[batch.pk])).content.decode()
    assert name not in client.get(reverse("spectra:inbox")).content.decode()


def test_a_document_that_nobody_put_anywhere_waits_in_the_inbox(client, project, chemist):
    dropped(chemist, project, b"%PDF-1.7 report", "report.pdf")
    assert "report.pdf" in client.get(reverse("spectra:inbox")).content.decode()


def test_a_video_is_kept_with_conditions_and_played_where_browsers_can(client, project, chemist):
    upload = records.make_video(project)
    shown = of_measurement(client, upload)
    assert f'src="{reverse("spectra:play", args=[upload.pk])}"' in shown and 'name="imaging_mode"' in shown


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [("", 200, 0, None), ("bytes=0-0", 206, 0, 0), ("bytes=10-", 206, 10, None), ("bytes=-5", 206, -5, None)],
)
def test_a_player_gets_the_part_of_a_video_that_it_asks_for(client, project, chemist, asked, status, first, last):
    client.force_login(chemist)
    upload = records.make_video(project)
    whole = store.read(upload.blob_id)
    answer = client.get(reverse("spectra:play", args=[upload.pk]), headers={"Range": asked} if asked else {})
    part = b"".join(answer.streaming_content)
    assert (answer.status_code, answer["Content-Type"]) == (status, "video/mp4")
    assert part == whole[first : None if last is None else last + 1] and int(answer["Content-Length"]) == len(part)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=5-2"])
def test_a_part_that_is_not_there_is_refused(client, project, chemist, asked):
    client.force_login(chemist)
    upload = records.make_video(project)
    answer = client.get(reverse("spectra:play", args=[upload.pk]), headers={"Range": asked})
    assert answer.status_code == 416 and answer["Content-Range"] == f"bytes */{upload.blob.size}"


def test_only_a_video_is_played(client, project, chemist):
    client.force_login(chemist)
    for upload in (records.make_upload(project), records.make_picture(project)):
        assert client.get(reverse("spectra:play", args=[upload.pk])).status_code == 404
