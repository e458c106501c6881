"""The page of a measurement: its facts, its numbers, two people at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from spectra import services
from spectra.models import Analysis, Measurement, State
from tests.spectra import records
from tests.spectra.readers.samples import sample
from tests.spectra.walk import decay_counts, drop, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def measurement(project, chemist):
    drop(chemist, project, emission_file("unknown"), "PL.txt")
    work()
    return Measurement.objects.get()


def page_of(measurement) -> str:
    return reverse("spectra:measurement", args=[measurement.pk])


def form_of(client, measurement) -> dict:
    """What the form of facts would send if nothing were changed."""
    form = client.get(page_of(measurement)).context["form"]
    sent = {"version": str(measurement.version)}
    for name in form.fields:
        if name != "version":
            sent[name] = sent[f"initial-{name}"] = form.initial.get(name) or ""
    return sent


def test_the_page_shows_peak_and_width_with_their_uncertainty_and_the_fit(client, measurement, text_of):
    page = client.get(page_of(measurement))
    text = text_of(page)
    peak = Analysis.objects.get(method="emission_band").quantities.get(name="emission_peak_nm")
    assert f"Emission maximum {peak.value:.2f} ± {peak.u:.2f} nm" in text
    assert "simulated" in text and "FWHM of the emission, as measured" in text
    assert page.content.decode().count('<figure class="plot') == 2  # the curve and its fit
    assert len(page.context["fits"]) == 1


def test_facts_are_corrected_and_the_numbers_computed_anew(client, measurement, text_of):
    sent = form_of(client, measurement) | {"emission_bandwidth_nm": "2,5", "gas": ""}
    page = client.post(page_of(measurement), sent, follow=True)
    assert page.redirect_chain and "Saved." in text_of(page)
    measurement.refresh_from_db()
    assert measurement.conditions["emission_bandwidth_nm"] == 2.5
    assert "gas" not in measurement.conditions
    assert Analysis.objects.filter(method="emission_band", stale_since=None, state=State.QUEUED).exists()


def test_saving_without_a_change_leaves_every_number_as_it_is(client, measurement):
    before = dict(measurement.conditions)
    client.post(page_of(measurement), form_of(client, measurement))
    measurement.refresh_from_db()
    assert measurement.conditions == before
    assert not Analysis.objects.exclude(stale_since=None).exists()


def test_a_fact_that_is_no_number_gets_a_sentence_at_its_field(client, measurement, text_of):
    sent = form_of(client, measurement) | {"excitation_nm": "blue"}
    page = client.post(page_of(measurement), sent)
    assert page.status_code == 422
    assert page.context["form"].errors["excitation_nm"] == ["Write a number, e.g. 372 or 0,5."]
    measurement.refresh_from_db()
    assert measurement.excitation_nm == 372.0


def test_who_saves_second_sees_both_and_overwrites_nothing_by_accident(client, project, measurement, chemist, text_of):
    mine = form_of(client, measurement) | {"gas": "N2"}
    services.change_measurement(by=chemist, measurement=measurement, solvent="hexane")
    page = client.post(page_of(measurement), mine)
    assert page.status_code == 409
    text = text_of(page)
    assert "saved changes at" in text and "Yours" in text and "hexane" in text and "N2" in text
    measurement.refresh_from_db()
    assert (measurement.conditions["solvent"], measurement.conditions.get("gas")) == ("hexane", "Ar")
    form = page.context["form"]
    again = {name: form.data[name] for name in form.data}
    assert client.post(page_of(measurement), again).status_code == 302
    measurement.refresh_from_db()
    assert (measurement.conditions["solvent"], measurement.conditions["gas"]) == ("hexane", "N2")


def test_a_viewer_reads_the_facts_and_may_change_none(client, measurement, viewer, text_of):
    client.force_login(viewer)
    page = client.get(page_of(measurement))
    assert "Excitation (nm) 372" in text_of(page)
    assert '<form method="post" novalidate' not in page.content.decode()
    assert client.post(page_of(measurement), {"version": "1", "gas": "N2"}).status_code == 403


def test_a_measurement_moves_to_a_sample_and_its_numbers_follow(client, measurement, sample):
    client.post(reverse("spectra:assign_measurement", args=[measurement.pk]), {"sample": sample.code})
    assert Measurement.objects.get().sample == sample
    assert set(Analysis.objects.filter(method="emission_band").values_list("sample", flat=True)) == {sample.pk}
    work()
    current = Analysis.objects.get(method="emission_band", superseded_by=None)
    assert current.is_current and current.stale_since is None


def test_settings_that_a_person_chose_are_not_replaced_by_defaults(client, measurement, sample, chemist):
    first = Analysis.objects.get(method="emission_band")
    services.analyse_again(by=chemist, analysis=first, parameters={"n_gaussians": 1})
    work()
    client.post(reverse("spectra:assign_measurement", args=[measurement.pk]), {"sample": sample.code})
    work()
    assert Analysis.objects.get(method="emission_band", superseded_by=None).parameters == {"n_gaussians": 1}


def test_a_measurement_goes_out_of_use_with_a_reason_and_stays_readable(client, measurement, text_of):
    withdraw = reverse("spectra:withdraw_measurement", args=[measurement.pk])
    assert "Say why" in text_of(client.post(withdraw, {"because": " "}, follow=True))
    client.post(withdraw, {"because": "lamp was off"})
    assert "lamp was off" in text_of(client.get(page_of(measurement)))
    assert not Analysis.objects.filter(withdrawn_at=None).exists()


def test_a_decay_is_drawn_on_a_logarithmic_scale_with_a_switch(client, project, chemist):
    from spectra.decay import Decay

    found = records.make_measurement(
        project=project,
        technique="decay",
        value=Decay(decay_counts(), bin_ns=0.032),
        upload=records.make_upload(project),
    )
    page = client.get(page_of(found)).content.decode()
    assert "data-plot-log" in page and '"type": "log"' in page


def test_older_results_stand_apart_and_name_what_took_their_place(client, measurement, chemist, text_of):
    first = Analysis.objects.get(method="emission_band")
    newer = services.analyse_again(by=chemist, analysis=first, parameters={"baseline": "none"})
    work()
    page = client.get(page_of(measurement))
    assert [a.pk for a in page.context["earlier"]] == [first.pk]
    assert newer.pk in [a.pk for a in page.context["current"]]
    assert "Earlier results" in text_of(page)


def test_the_page_reloads_once_everything_was_computed(client, measurement, chemist):
    state = reverse("spectra:measurement_state", args=[measurement.pk])
    assert client.get(state).headers["HX-Refresh"] == "true"
    services.analyse_again(by=chemist, analysis=Analysis.objects.get(method="emission_band"))
    assert "HX-Refresh" not in client.get(state).headers
    assert "every 1s" in client.get(page_of(measurement)).content.decode()


def test_the_page_asks_as_many_questions_for_ten_results_as_for_one(client, project, chemist):
    found = records.make_measurement(project=project)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page_of(found)).status_code == 200
        return len(asked)

    records.make_result(found, {"emission_peak_nm": (453.0, 0.3, "nm"), "emission_fwhm_nm": (15.0, 0.1, "nm")})
    one = questions()
    for _result in range(9):
        records.make_result(found, {"emission_peak_nm": (453.0, 0.3, "nm"), "emission_fwhm_nm": (15.0, 0.1, "nm")})
    assert questions() == one


def test_a_spectrum_of_a_standard_names_the_results_that_used_it_in_short(client, project, chemist, sample, text_of):
    from qdlab.demo.instruments import Bench
    from tests.spectra.walk import drop_sample_files, drop_standard_session

    bench = Bench(2)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    page = client.get(page_of(Measurement.objects.filter(role="standard").first()))
    assert page.context["current"] == [] and [a.method for a in page.context["used_in"]] == ["plqy"]
    assert "Used in 1 result of other samples" in text_of(page) and sample.code in text_of(page)


def test_a_refusal_that_something_newer_followed_stands_with_the_earlier_results(client, project, chemist):
    found = records.make_measurement(project=project)
    old = records.make_result(found, {}, state=State.REFUSED, reason={"code": "no", "text": "no band"})
    assert client.get(page_of(found)).context["current"] == [old]
    new = records.make_result(found, {"emission_peak_nm": (453.0, 0.3, "nm")})
    page = client.get(page_of(found))
    assert (page.context["current"], page.context["earlier"]) == ([new], [old])


def test_a_composition_and_a_list_of_sizes_are_shown_with_their_uncertainty_and_first_rows(
    client, project, chemist, text_of
):
    shown = text_of(client.get(page_of_sample(project, chemist, "edx_table_edax_spots.csv")))
    assert "Mean of 3 spots · 20 keV" in shown and "(68.1 ± 0.4) %" in shown
    shown = text_of(client.get(page_of_sample(project, chemist, "size_list_diameters.csv")))
    assert "rows in the file" in shown and "Diameter" in shown


def test_a_series_offers_a_map_beside_its_curves(client, project, chemist):
    page = client.get(page_of_sample(project, chemist, "jasco_interval.txt")).content.decode()
    assert ">map</button>" in page and '"heatmap"' in page and "curves, time from" in page


def page_of_sample(project, chemist, name: str) -> str:
    upload = drop(chemist, project, sample(name), name)
    work()
    measurement = Measurement.objects.filter(reading__upload=upload).first()
    return reverse("spectra:measurement", args=[measurement.pk])
