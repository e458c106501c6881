"""The page of a dilution series."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qdlab.demo.instruments import Bench
from spectra import services
from spectra.models import Analysis, Measurement
from tests.spectra import records
from tests.spectra.walk import drop_sample_files, drop_standard_session, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(project, chemist, sample):
    bench = Bench(5)
    session = drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    return session


def page_of(sample) -> str:
    return reverse("spectra:plqy", args=[sample.pk])


def test_a_sample_without_spectra_says_what_is_missing(client, sample, text_of):
    text = text_of(client.get(page_of(sample)))
    assert "No emission or absorbance spectrum is there yet." in text
    assert "No standard session of this project has a complete series." in text
    assert "Compute the quantum yield" not in text


def test_spectra_without_labels_ask_for_labels(client, sample, text_of):
    records.make_measurement(sample)
    assert "Give each emission and its absorbance the same label, e.g. d1." in text_of(client.get(page_of(sample)))


def test_a_complete_series_is_paired_and_offers_its_session(client, sample, series, text_of):
    page = client.get(page_of(sample))
    assert [(pair["label"], pair["complete"]) for pair in page.context["pairs"]] == [
        ("d1", True),
        ("d2", True),
        ("d3", True),
    ]
    assert page.context["best"] == series and page.context["problems"] == []
    assert "simulated" in text_of(page) and "Compute the quantum yield" in text_of(page)


def test_a_refusal_names_the_dilution_by_its_label_and_leads_to_the_file_where_it_is_put_right(
    client, sample, series, chemist, text_of
):
    emission = Measurement.objects.get(sample=sample, technique="pl_emission", dilution_label="d2")
    services.change_measurement(by=chemist, measurement=emission, excitation_nm=None)
    work()
    refused = Analysis.objects.filter(method="plqy", state="refused").latest("pk")
    page = client.get(reverse("spectra:analysis", args=[refused.pk]))
    assert "The excitation wavelength of dilution d2 of the sample is not known." in text_of(page)
    assert f"Put it right at {emission.reading.upload.name}" in text_of(page)
    assert reverse("spectra:measurement", args=[emission.pk]) + "#facts" in page.content.decode()


def test_a_yield_is_computed_from_the_ticked_dilutions_alone(client, sample, series, chemist):
    data = {"label": ["d1", "d3"], "session": str(series.pk)}
    answer = client.post(page_of(sample), data)
    analysis = Analysis.objects.get(method="plqy", automatic=False)
    assert answer.url == reverse("spectra:analysis", args=[analysis.pk])
    labels = analysis.inputs.filter(role="sample_emission").order_by("index")
    assert [given.measurement.dilution_label for given in labels] == ["d1", "d3"]
    assert analysis.inputs.filter(role="standard_emission").count() == 5
    assert (analysis.sample, analysis.requested_by) == (sample, chemist)
    work()
    analysis.refresh_from_db()
    assert analysis.quantities.get(name="plqy").value == pytest.approx(0.956, abs=0.15)  # three times its u


def test_several_standard_sessions_are_joined(client, project, sample, series, chemist, text_of):
    second = drop_standard_session(chemist, project, Bench(6))
    work()
    data = {"label": ["d1", "d2", "d3"], "session": [str(series.pk), str(second.pk)]}
    page = client.post(page_of(sample), data, follow=True)
    analysis = page.context["analysis"]
    assert analysis.inputs.filter(role="standard_emission").count() == 10
    work()
    analysis.refresh_from_db()
    each = analysis.details["standards"]
    assert len(each) == 2 and sum(one["weight"] for one in each) == pytest.approx(1.0)
    shown = text_of(client.get(page.redirect_chain[-1][0]))
    assert "Against each standard" in shown and "classical, biased low" in shown


def test_a_missing_absorbance_is_named_and_its_dilution_cannot_be_ticked(client, sample, series, chemist, text_of):
    last = Measurement.objects.get(sample=sample, technique="uvvis", dilution_label="d3")
    services.withdraw_measurement(by=chemist, measurement=last, because="wrong cuvette")
    page = client.get(page_of(sample))
    assert "d3: the absorbance is missing." in text_of(page)
    assert "2 dilutions are complete" in text_of(page)
    assert 'name="label" value="d3" disabled' in page.content.decode()
    refused = client.post(page_of(sample), {"label": "d3", "session": str(series.pk)}, follow=True)
    assert "Tick at least one dilution that has both" in text_of(refused)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"session": "SESSION"}, "Tick at least one dilution"),
        ({"label": "d1"}, "Choose the standard session"),
        ({"label": "d1", "session": "not an id"}, "Choose the standard session"),
    ],
)
def test_an_incomplete_request_gets_a_sentence_and_computes_nothing(client, sample, series, text_of, data, sentence):
    data = {name: str(series.pk) if value == "SESSION" else value for name, value in data.items()}
    assert sentence in text_of(client.post(page_of(sample), data, follow=True))
    assert not Analysis.objects.filter(automatic=False).exists()


def test_a_session_of_another_project_cannot_be_used(client, sample, series, outsider, text_of):
    other = outsider.memberships.get().project
    foreign = services.make_session(
        by=outsider, project=other, standard=series.standard, name="theirs", measured_at=series.measured_at
    )
    page = client.post(page_of(sample), {"label": "d1", "session": str(foreign.pk)}, follow=True)
    assert "Choose the standard session" in text_of(page)


def test_corrected_labels_pair_anew_and_an_empty_one_leaves_a_measurement_out(client, sample, series):
    labels = reverse("spectra:plqy_labels", args=[sample.pk])
    pair = Measurement.objects.filter(sample=sample, dilution_label="d2")
    client.post(labels, {f"label-{m.pk}": "" for m in pair} | {f"version-{m.pk}": m.version for m in pair})
    assert [pair["label"] for pair in client.get(page_of(sample)).context["pairs"]] == ["d1", "d3"]


def test_of_two_measurements_with_one_label_the_newer_counts_and_the_older_is_named(client, sample, series, text_of):
    newer = records.make_measurement(sample, dilution_label="d1", title="repeat of d1")
    page = client.get(page_of(sample))
    first = page.context["pairs"][0]
    assert first["emission"] == newer and len(first["older"]) == 1
    assert "an older one stands back" in text_of(page)


def test_labels_with_numbers_and_words_stand_in_a_natural_order(client, sample):
    for label in ("d10", "d2", "blank", "3"):
        records.make_measurement(sample, dilution_label=label)
    assert [pair["label"] for pair in client.get(page_of(sample)).context["pairs"]] == ["3", "blank", "d2", "d10"]


def test_a_viewer_sees_the_series_and_can_compute_nothing(client, sample, series, viewer, text_of):
    client.force_login(viewer)
    assert "Compute the quantum yield" not in text_of(client.get(page_of(sample)))
    assert client.post(page_of(sample), {"label": "d1", "session": str(series.pk)}).status_code == 403
    assert client.post(reverse("spectra:plqy_labels", args=[sample.pk])).status_code == 403


def test_nobody_of_another_project_finds_any_of_it(client, sample, series, outsider):
    analysis = Analysis.objects.filter(method="plqy").first()
    measurement = Measurement.objects.filter(sample=sample).first()
    client.force_login(outsider)
    places = [
        ("plqy", sample), ("plqy_labels", sample), ("standard_session", series), ("measurement", measurement),
        ("analysis", analysis), ("upload", measurement.reading.upload), ("columns", measurement.reading.upload),
    ]  # fmt: skip
    for name, record in places:
        address = reverse(f"spectra:{name}", args=[record.pk])
        answer = client.post(address) if name == "plqy_labels" else client.get(address)
        assert answer.status_code == 404, name


def test_the_page_asks_as_many_questions_for_ten_sessions_as_for_one(client, project, sample, series, chemist):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page_of(sample)).status_code == 200
        return len(asked)

    one = questions()
    for number in range(9):
        services.make_session(
            by=chemist, project=project, standard=series.standard, name=f"{number}", measured_at=series.measured_at
        )
    assert questions() == one
