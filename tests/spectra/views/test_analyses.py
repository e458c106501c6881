"""The page of a result: numbers, budget, settings, the way back to the files, and what one may do with it."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from qdlab.demo.instruments import Bench
from qdlab.records.models import AuditEvent
from spectra import services
from spectra.models import Agreed, Analysis, Measurement, Quantity, State
from spectra.notes import Note
from tests.spectra import records
from tests.spectra.walk import drop, drop_sample_files, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db


def page_of(analysis) -> str:
    return reverse("spectra:analysis", args=[analysis.pk])


@pytest.fixture
def band(project, chemist) -> Analysis:
    drop(chemist, project, emission_file("unknown"), "PL.txt")
    work()
    return Analysis.objects.get(method="emission_band")


@pytest.fixture
def walked(project, chemist, sample):
    """A sample with everything: dilutions against a standard, a decay, the rates."""
    bench = Bench(3)
    session = drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    return session


def test_a_result_shows_numbers_budget_settings_and_its_record(client, band, text_of):
    text = text_of(client.get(page_of(band)))
    for part in (
        "Emission maximum", "Where the uncertainty is from", "noise", "JASCO FP-8500", "Settings", "Window from (nm) automatic",
        "by QDLab itself", "emission_band, version", "numpy", "PL.txt", "simulated",
    ):  # fmt: skip
        assert part in text
    assert band.input_digest in text or band.input_digest[:12] in text


def test_the_budget_names_its_sources_and_its_shares_make_up_the_whole(client, walked):
    analysis = Analysis.objects.get(method="plqy")
    page = client.get(page_of(analysis))
    ((_quantity, rows),) = page.context["budgets"]
    assert sum(row["share"] for row in rows) == pytest.approx(100)
    by_name = {row["name"]: row["words"] for row in rows}
    assert f'href="/standards/{walked.standard_id}/"' in by_name["standard yield"]
    assert f'href="/sessions/{walked.pk}/"' in by_name["slope of the standard"]
    assert by_name["slope of the sample"].count("<a ") == 3
    assert by_name["correction curve"] == "FP-8500 emission 2021-10-04"
    assert [abs(row["u"]) for row in rows] == sorted((abs(row["u"]) for row in rows), reverse=True)


def test_a_yield_has_its_methods_paragraph_and_leads_to_all_raw_files(client, walked, text_of):
    page = client.get(page_of(Analysis.objects.get(method="plqy")))
    assert "determined relative to a standard by the gradient method" in page.context["paragraph"]
    assert page.context["paragraph"] in text_of(page)
    assert 'data-copy="#paragraph"' in page.content.decode()
    assert len(page.context["files"]) == 2 * 3 + 2 * 5
    assert all(reverse("uploads-raw", args=[file.pk]) in page.content.decode() for file in page.context["files"])


def test_rates_show_the_files_behind_both_of_their_inputs(client, walked, text_of):
    page = client.get(page_of(Analysis.objects.get(method="rates")))
    assert len(page.context["files"]) == 2 * 3 + 2 * 5 + 1
    assert page.context["simulated"]
    assert "k<sub>nr</sub>" in page.content.decode()


def test_where_only_a_limit_is_certain_the_limit_is_shown_with_its_reason(client, project, chemist, text_of):
    analysis = records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    reason = Note("limit", "Only the upper limit is certain.").as_json()
    Quantity.objects.create(
        analysis=analysis, name="k_nr_per_s", value=2.4e6, u=6e6, unit="1/s", lower=0.0, upper=1.41e7, reason=reason
    )
    text = text_of(client.get(page_of(analysis)))
    assert "< 1.41 × 10⁷ s⁻¹ (95 %)" in text and "Only the upper limit is certain." in text


def test_a_number_that_cannot_be_had_shows_its_reason_instead(client, project, chemist, text_of):
    analysis = records.make_result(records.make_measurement(project=project), {})
    reason = Note("two_bands", "There are {n} bands.", {"n": 2}).as_json()
    Quantity.objects.create(analysis=analysis, name="emission_fwhm_nm", value=None, unit="nm", reason=reason)
    assert "There are 2 bands." in text_of(client.get(page_of(analysis)))


def test_other_settings_make_a_new_result_and_the_old_one_leads_to_it(client, band, chemist, text_of):
    answer = client.post(
        reverse("spectra:analyse_again", args=[band.pk]), {"window_min_nm": "430,5", "n_gaussians": "1"}
    )
    newer = Analysis.objects.get(automatic=False)
    assert answer.url == page_of(newer)
    assert newer.parameters == {"window_min_nm": 430.5, "n_gaussians": 1}
    assert newer.requested_by == chemist
    assert "every 1s" in client.get(page_of(newer)).content.decode()
    work()
    assert "A newer result took the place of this one." in text_of(client.get(page_of(band)))
    assert "Took the place of" in text_of(client.get(page_of(newer)))
    assert "Window from (nm) 430.5" in text_of(client.get(page_of(newer)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"window_min_nm": "blue"}, "Window from: write a number, e.g. 430 or 0,5."),
        ({"window_min_nm": "nan"}, "must be a number"),
        ({"n_gaussians": "1.5"}, "whole number"),
        ({"baseline": "magic"}, "These settings cannot be used."),
    ],
)
def test_impossible_settings_get_a_sentence_and_compute_nothing(client, band, text_of, given, sentence):
    page = client.post(reverse("spectra:analyse_again", args=[band.pk]), given)
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert not Analysis.objects.filter(automatic=False).exists()


def test_a_stale_result_says_since_when_and_is_computed_again(client, band, chemist, text_of):
    services.analyse_again(by=chemist, analysis=band, parameters={"n_gaussians": 1})
    work()
    own = Analysis.objects.get(method="emission_band", superseded_by=None)
    services.change_measurement(by=chemist, measurement=Measurement.objects.get(), emission_bandwidth_nm=4)
    assert "What it rests on has changed since" in text_of(client.get(page_of(own)))
    client.post(reverse("spectra:recompute", args=[own.pk]))
    work()
    newest = Analysis.objects.get(method="emission_band", superseded_by=None)
    assert newest.pk != own.pk and newest.stale_since is None and newest.parameters == {"n_gaussians": 1}


def test_a_refusal_shows_its_reason_and_only_an_overridable_one_can_be_overridden(client, band, text_of):
    reason = Note("not_corrected", "The spectrum is not corrected.").as_json()
    Analysis.objects.filter(pk=band.pk).update(state=State.REFUSED, reason=reason, overridable=False)
    override = reverse("spectra:override", args=[band.pk])
    text = text_of(client.get(page_of(band)))
    assert "There is no number: The spectrum is not corrected." in text and "all the same" not in text
    assert client.post(override).status_code == 403


def test_an_override_is_stored_with_the_number_and_shown_beside_it(client, project, chemist, text_of):
    measurement = records.make_measurement(project=project)
    colour = records.make_result(measurement, {}, method="colour")
    reason = Note("uncorrected", "The spectrum is not corrected.").as_json()
    Analysis.objects.filter(pk=colour.pk).update(state=State.REFUSED, reason=reason, overridable=True)
    assert "You may compute it all the same." in text_of(client.get(page_of(colour)))
    override = reverse("spectra:override", args=[colour.pk])
    assert "Say why you compute it" in text_of(client.post(override, {"because": " "}, follow=True))
    assert not Analysis.objects.filter(automatic=False).exists()
    client.post(override, {"because": "only the shift counts"})
    newer = Analysis.objects.get(automatic=False)
    assert newer.parameters == {"override": "uncorrected"} and newer.override_because == "only the shift counts"
    text = text_of(client.get(page_of(newer)))
    assert "Computed in spite of a refusal (uncorrected)" in text and "“only the shift counts”" in text
    assert AuditEvent.objects.get(action="analysis.requested").after["because"] == "only the shift counts"


def test_the_reason_of_an_override_goes_on_with_it_and_not_to_another_refusal(project, chemist):
    measurement = records.make_measurement(project=project)
    colour = records.make_result(measurement, {}, method="colour")
    Analysis.objects.filter(pk=colour.pk).update(parameters={"override": "uncorrected"}, override_because="the shift")
    colour.refresh_from_db()
    assert services.analyse_again(by=chemist, analysis=colour).override_because == "the shift"
    with pytest.raises(ValidationError, match="Say why"):
        services.analyse_again(by=chemist, analysis=colour, parameters={"override": "uncorrected, saturated"})
    without = services.analyse_again(by=chemist, analysis=colour, parameters={}, because="no refusal is overridden")
    assert without.override_because == ""


def test_a_failed_result_offers_the_retry_and_an_ended_one_refuses_it(client, band, text_of):
    retry = reverse("spectra:retry_analysis", args=[band.pk])
    assert "Only a failed analysis can be tried again" in text_of(client.post(retry, follow=True))
    broke = Note("broke", "The computation stopped.").as_json()
    Analysis.objects.filter(pk=band.pk).update(state=State.FAILED, reason=broke)
    assert "Try again" in text_of(client.get(page_of(band)))
    client.post(retry)
    band.refresh_from_db()
    assert band.state == State.QUEUED


def test_a_result_goes_out_of_use_with_a_reason_and_stays_readable(client, band, text_of):
    withdraw = reverse("spectra:withdraw_analysis", args=[band.pk])
    assert "Say why" in text_of(client.post(withdraw, {}, follow=True))
    client.post(withdraw, {"because": "the wrong band"})
    assert "the wrong band" in text_of(client.get(page_of(band)))
    band.refresh_from_db()
    assert band.withdrawn_at is not None


def test_a_person_lets_a_result_speak_for_its_batch(client, project, chemist, sample, text_of):
    first, second = (
        records.make_result(records.make_measurement(sample), {"emission_peak_nm": (nm, 0.3, "nm")})
        for nm in (453.0, 454.0)
    )
    assert "Another result speaks for batch" in text_of(client.get(page_of(first)))
    assert "This result speaks for batch" in text_of(client.get(page_of(second)))
    client.post(reverse("spectra:agree", args=[first.pk]), {"because": "the fresh one"})
    assert Agreed.objects.get().analysis == first and Agreed.objects.get().because == "the fresh one"
    assert "This result speaks for batch" in text_of(client.get(page_of(first)))


def test_a_result_on_no_sample_cannot_speak_for_a_batch(client, band, text_of):
    page = client.post(reverse("spectra:agree", args=[band.pk]), follow=True)
    assert "Put the measurement on a sample first." in text_of(page)


def test_budgets_never_name_records_of_another_project(client, project, chemist, outsider):
    other = outsider.memberships.get().project
    foreign = records.make_measurement(project=other, upload=records.make_upload(other, by=outsider), title="secret")
    analysis = records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    analysis.quantities.update(budget=[{"name": "fit", "u": 0.3, "source": f"fit:measurement:{foreign.pk}"}])
    page = client.get(page_of(analysis)).content.decode()
    assert "secret" not in page and str(foreign.pk) not in page


def test_every_method_has_a_page_that_draws_what_it_found(client, walked):
    drawn = {}
    for analysis in Analysis.objects.filter(state=State.DONE, superseded_by=None):
        page = client.get(page_of(analysis))
        assert page.status_code == 200
        drawn[analysis.method] = len(re.findall(r"<figure class=\"plot", page.content.decode()))
    assert drawn == {
        "emission_band": 1, "colour": 1, "first_exciton": 1, "decay": 2, "plqy": 1, "rates": 0, "stokes_shift": 0,
    }  # fmt: skip


def test_the_page_of_a_yield_asks_no_more_questions_for_more_dilutions(client, walked, django_assert_max_num_queries):
    # 16 inputs with their readings, files and standards, one chain of revisions, the batch's agreed result
    with django_assert_max_num_queries(40):
        client.get(page_of(Analysis.objects.get(method="plqy")))


def test_a_project_member_without_writing_sees_results_and_no_buttons(client, band, viewer):
    client.force_login(viewer)
    page = client.get(page_of(band)).content.decode()
    assert "Compute with other settings" not in page and "Take the result out of use" not in page
    for name in ("analyse_again", "recompute", "withdraw_analysis"):
        data = {"because": "no"}
        assert client.post(reverse(f"spectra:{name}", args=[band.pk]), data).status_code == 403


def test_an_analysis_of_a_method_that_is_no_longer_there_can_still_be_read(client, project, chemist, text_of):
    analysis = records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    Analysis.objects.filter(pk=analysis.pk).update(method="tauc_plot")
    text = text_of(client.get(page_of(analysis)))
    assert "tauc_plot" in text and "453.00 ± 0.30 nm" in text
