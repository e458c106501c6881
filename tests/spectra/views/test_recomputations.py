"""The pages of computing again: what would change, in words and numbers, the choice, and the buttons that hold it back."""

import pytest
from django.urls import reverse

from spectra.models import Analysis, Measurement, Recomputation, Repeat
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def band(project, chemist, sample):
    drop(chemist, project, emission_file("unknown"), "PL.txt", sample=sample)
    work()
    return Analysis.objects.get(method="emission_band")


def page_of(run) -> str:
    return reverse("spectra:recomputation", args=[run.pk])


def test_stale_results_are_counted_and_lead_to_what_they_would_become(client, project, band, text_of):
    assert "No result is stale." in text_of(client.get(reverse("spectra:recomputations")))
    Analysis.objects.filter(pk=band.pk).update(stale_since="2026-03-02T10:00Z")
    Measurement.objects.first().save()
    assert "See what 1 stale result would become" in text_of(client.get(reverse("spectra:recomputations")))
    answer = client.post(reverse("spectra:start_recomputation"), {"project": str(project.pk)})
    run = Recomputation.objects.get()
    assert answer.url == page_of(run)
    assert "0 of 1 results were tried. You can leave this page." in text_of(client.get(page_of(run)))
    work()
    text = text_of(client.get(page_of(run)))
    assert "1 result has the same numbers." in text and "a measurement was corrected (1)" in text
    decide = reverse("spectra:decide_recomputation", args=[run.pk])
    assert "1 result is being computed again." in text_of(client.post(decide, {"do": "apply_all"}, follow=True))
    work()
    assert Analysis.objects.get(pk=band.pk).superseded_by.stale_since is None


def test_settings_of_one_result_are_tried_on_all_of_its_batch(client, band, text_of):
    assert "of batch" in text_of(client.get(reverse("spectra:analysis", args=[band.pk])))
    many = reverse("spectra:settings_for_many", args=[band.pk])
    client.post(many, {"window_min_nm": "449", "where": "batch"})  # inside the band: its width is lost
    run = Recomputation.objects.get()
    assert run.parameters == {"window_min_nm": 449.0} and run.selection["batch"] == str(band.sample.batch_id)
    work()
    page = client.get(page_of(run))
    assert "FWHM of the emission, as measured" in text_of(page) and "→" in text_of(page)
    repeat = Repeat.objects.get()
    decide = reverse("spectra:decide_recomputation", args=[run.pk])
    assert "Tick at least one" in text_of(client.post(decide, {"do": "apply_ticked", "repeat": "x"}, follow=True))
    assert "1 result stays" in text_of(client.post(decide, {"do": "keep_ticked", "repeat": repeat.pk}, follow=True))
    assert "Choose what to do." in text_of(client.post(decide, {"do": "dance"}, follow=True))
    for wrong in (
        {"window_min_nm": "x", "where": "batch"},
        {"where": "batch"},
        {"window_min_nm": "440", "where": "moon"},
    ):
        assert client.post(many, wrong).url == reverse("spectra:analysis", args=[band.pk])
    assert Recomputation.objects.count() == 1


def test_a_recomputation_is_paused_resumed_and_cancelled_by_buttons(client, band, text_of):
    client.post(reverse("spectra:settings_for_many", args=[band.pk]), {"window_min_nm": "440", "where": "project"})
    run = Recomputation.objects.get()
    hold = reverse("spectra:hold_recomputation", args=[run.pk])
    for do, shown in (("pause", "Paused."), ("resume", "Pause"), ("cancel", "Cancelled.")):
        assert shown in text_of(client.post(hold, {"do": do}, follow=True))
    assert "This was cancelled." in text_of(client.post(hold, {"do": "resume"}, follow=True))
    assert "Choose what to do." in text_of(client.post(hold, {"do": "x"}, follow=True))
    work()
    assert Repeat.objects.get().state == "cancelled"


def test_a_viewer_sees_what_would_change_and_no_button(client, project, band, viewer, text_of):
    client.post(reverse("spectra:settings_for_many", args=[band.pk]), {"window_min_nm": "440", "where": "project"})
    work()
    client.force_login(viewer)
    page = client.get(page_of(Recomputation.objects.get()))
    assert "1 result has other numbers." in text_of(page)
    assert b"apply_all" not in page.content and b'name="repeat"' not in page.content
