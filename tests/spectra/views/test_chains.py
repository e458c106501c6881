"""Where a number comes from, and two analyses of one thing beside each other."""

import pytest
from django.urls import reverse

from qdlab.demo.instruments import Bench
from spectra import services
from spectra.models import Analysis, Upload
from tests.spectra.walk import drop, drop_sample_files, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db


def test_the_rates_lead_over_the_yield_down_to_every_raw_file_with_its_hash(client, project, chemist, sample, text_of):
    bench = Bench(3)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    rates = Analysis.objects.get(method="rates", superseded_by=None)
    page = client.get(reverse("spectra:chain", args=[rates.pk]))
    assert {link["upstream"]["analysis"].method for link in page.context["node"]["inputs"]} == {"plqy", "decay"}
    rests = Upload.objects.filter(readings__measurements__used_in__analysis__method__in=["plqy", "decay"]).distinct()
    assert set(page.context["files"]) == set(rests) and len(page.context["files"]) > 10
    assert all(file.blob_id in text_of(page) for file in rests)
    assert (
        reverse("spectra:chain", args=[rates.pk])
        in client.get(reverse("spectra:analysis", args=[rates.pk])).content.decode()
    )


def test_two_fits_of_one_band_share_their_errors_and_show_what_was_set_otherwise(
    client, project, chemist, sample, text_of
):
    drop(chemist, project, emission_file(), "PL.txt", sample=sample)
    work()
    old = Analysis.objects.get(method="emission_band")
    address = reverse("spectra:compare_analyses", args=[old.pk])
    assert "There is no other analysis" in text_of(client.get(address))
    new = services.analyse_again(by=chemist, analysis=old, parameters={"window_min_nm": 440.0})
    work()
    page = client.get(reverse("spectra:compare_analyses", args=[new.pk]))
    assert page.context["other"] == old
    row = next(row for row in page.context["rows"] if row.name == "emission_peak_nm")
    assert row.change == pytest.approx(row.first.value - row.second.value, abs=1e-12)
    assert row.u < row.first.u  # the calibration of the instrument is one error of both
    changed = [name for name, _a, _b, differs in page.context["settings"] if differs]
    assert changed == ["window_min_nm"] and page.context["inputs"][0][2] is False
    assert len(page.context["figures"]) == 1
    assert client.get(address + "?with=nonsense").status_code == 200
    assert client.get(address + f"?with={old.pk}").status_code == 404


def test_a_band_shows_the_correlations_of_its_parameters(client, project, chemist, sample, text_of):
    drop(chemist, project, emission_file(), "PL.txt", sample=sample)
    work()
    band = Analysis.objects.get(method="emission_band")
    assert len(band.details["fit_names"]) == len(band.details["fit_correlation"])
    text = text_of(client.get(reverse("spectra:analysis", args=[band.pk])))
    assert "Correlations of the fit's parameters" in text and "center_1" in text
