"""The page of a file."""

import pytest
from django.urls import reverse

from qdlab.records.audit import history_of
from spectra.models import Measurement, Upload
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db


def page_of(upload) -> str:
    return reverse("spectra:upload", args=[upload.pk])


def test_the_page_shows_who_handed_it_in_its_hash_its_curve_and_everything_it_says(client, project, chemist, text_of):
    upload = drop(chemist, project, emission_file("unknown"), "PL 1.txt")
    work()
    page = client.get(page_of(upload))
    text = text_of(page)
    for part in (
        "PL 1.txt",
        "simulated",
        str(chemist),
        upload.blob_id,
        "jasco_text",
        "tab",
        "Everything the file says",
    ):
        assert part in text
    assert "SPECTROMETER/DATA SYSTEM" in text
    assert page.content.decode().count("data-plot-view") == 3  # nm, normalised, eV
    assert reverse("uploads-raw", args=[upload.pk]) in page.content.decode()


def test_a_file_that_is_being_read_asks_again_and_reloads_once_it_was_read(client, project, chemist):
    upload = drop(chemist, project, emission_file("unknown"))
    assert "every 1s" in client.get(page_of(upload)).content.decode()
    state = reverse("spectra:upload_state", args=[upload.pk])
    assert "HX-Refresh" not in client.get(state).headers
    work()
    assert client.get(state).headers["HX-Refresh"] == "true"


def test_a_file_is_put_on_a_sample_and_back_into_the_inbox(client, project, chemist, sample, text_of):
    upload = drop(chemist, project, emission_file("unknown"))
    work()
    assign = reverse("spectra:assign_upload", args=[upload.pk])
    assert f"It is on sample {sample} now." in text_of(client.post(assign, {"sample": sample.code}, follow=True))
    assert Measurement.objects.get().sample == sample
    assert "It is on no sample now." in text_of(client.post(assign, {"sample": ""}, follow=True))
    assert Measurement.objects.get().sample is None


def test_a_file_goes_out_of_use_with_a_reason_and_stays_readable(client, project, chemist, text_of):
    upload = drop(chemist, project, emission_file("unknown"))
    work()
    withdraw = reverse("spectra:withdraw_upload", args=[upload.pk])
    assert "Say why the file goes out of use" in text_of(client.post(withdraw, {"because": ""}, follow=True))
    assert Upload.objects.get().withdrawn_at is None
    client.post(withdraw, {"because": "wrong cuvette"})
    text = text_of(client.get(page_of(upload)))
    assert "Out of use since" in text and "wrong cuvette" in text
    assert history_of(upload).last().after == {"because": "wrong cuvette"}
    assert client.get(reverse("uploads-raw", args=[upload.pk])).status_code == 200


def test_a_file_that_names_no_technique_asks_for_it_on_its_measurement(client, project, chemist, text_of):
    measurement = records.make_measurement(project=project, technique="")
    page = client.get(reverse("spectra:measurement", args=[measurement.pk]))
    assert "The file does not say what was measured." in text_of(page)
