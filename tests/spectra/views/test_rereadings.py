"""The pages of reading again: what would change, in words, and the choice."""

import pytest
from django.urls import reverse

from spectra.models import Measurement, Reading, Rereading, Trace, Trial
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(project, chemist, sample):
    """A spectrum whose earlier reader took it for an absorbance, and twice as high."""
    found = drop(chemist, project, emission_file(), sample=sample)
    work()
    Reading.objects.update(reader_version=0, checked_version=0)
    Measurement.objects.update(technique="uvvis")
    Trace.objects.update(y=(2 * Trace.objects.get().y_values()).tobytes())
    return found


def looked_at(client, project):
    client.post(reverse("spectra:start_rereading"), {"project": str(project.pk), "why": "earlier"})
    return reverse("spectra:rereading", args=[Rereading.objects.get().pk])


def test_the_inbox_tells_of_files_that_an_earlier_reader_read_and_leads_to_what_would_change(
    client, project, upload, text_of
):
    assert "1 file was read by an earlier version of its reader." in text_of(client.get(reverse("spectra:inbox")))
    page = looked_at(client, project)
    assert "0 of 1 files were read on trial" in text_of(client.get(page))
    work()
    text = text_of(client.get(page))
    assert "1 file would change." in text
    assert "technique: UV-Vis absorbance → PL emission" in text and "values differ by up to 50 % of the highest" in text
    assert "Take over all changes" in text and "Keep the ticked files as they are" in text
    assert "2 results are computed anew:" in text and "Emission band" in text
    assert "earlier version" not in text_of(client.get(reverse("spectra:upload", args=[upload.pk])))


def test_ticked_files_are_taken_over_or_kept(client, project, upload, text_of):
    page = looked_at(client, project)
    work()
    decide = reverse("spectra:decide_rereading", args=[Rereading.objects.get().pk])
    assert "Tick at least one file first." in text_of(client.post(decide, {"do": "apply_ticked"}, follow=True))
    trial = str(Trial.objects.get().pk)
    told = client.post(decide, {"do": "apply_ticked", "trial": [trial, "nonsense"]}, follow=True)
    assert "1 file is being read again." in text_of(told)
    work()
    assert Measurement.objects.get(withdrawn_at=None).technique == "pl_emission"
    text = text_of(client.get(page))
    assert "taken over" in text and "0 files would change." in text and "Take over all" not in text
    text = text_of(client.get(reverse("spectra:upload", args=[upload.pk])))
    assert "Earlier readings" in text  # with the version that read them


def test_reading_a_file_again_by_hand_shows_first_what_would_change(client, project, upload, text_of):
    answer = client.post(reverse("spectra:read_again", args=[upload.pk]))
    assert answer.url == reverse("spectra:rereading", args=[Rereading.objects.get().pk])
    work()
    kept = client.post(reverse("spectra:decide_rereading", args=[Rereading.objects.get().pk]), {"do": "keep_all"})
    text = text_of(client.get(kept.url))
    assert "1 file stays as it was." in text
    assert "Everything here is decided." in text and "Keep all as they are" not in text
    assert Measurement.objects.get().technique == "uvvis"


def test_after_all_changes_were_taken_over_nothing_is_asked_any_more(client, project, chemist, upload, text_of):
    gone = records.make_upload(
        project, content=b"nothing that could be read"
    )  # read by an earlier reader, not by today's
    records.make_measurement(project=project, upload=gone)
    Reading.objects.update(reader="jasco_text", reader_version=0, checked_version=0)
    page = looked_at(client, project)
    work()
    assert sorted(Trial.objects.values_list("outcome", flat=True)) == ["changed", "unreadable"]
    decide = reverse("spectra:decide_rereading", args=[Rereading.objects.get().pk])
    assert "1 file is being read again." in text_of(client.post(decide, {"do": "apply_all"}, follow=True))
    text = text_of(client.get(page))
    assert "Everything here is decided." in text and "Keep all" not in text and "Take over" not in text
    assert "earlier version" not in text_of(client.get(reverse("spectra:inbox")))


def test_files_that_could_not_be_read_are_offered_on_the_page_of_formats(client, project, chemist, text_of):
    records.make_upload(project, content=b"nothing", status="unreadable")
    formats = reverse("spectra:formats")
    assert "1 file could not be read so far." in text_of(client.get(formats))
    wrong = client.post(reverse("spectra:start_rereading"), {"project": str(project.pk), "why": "magic"}, follow=True)
    assert "Choose one of" in text_of(wrong)
    assert client.post(reverse("spectra:start_rereading"), {"project": "nonsense"}).status_code == 404
