"""The page of a file, and the column mapper."""

import pytest
from django.urls import reverse

from qdlab.records.audit import history_of
from spectra.models import Measurement, Upload
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
TABLE = b"a;b;c\n" + b"\n".join(f"{400 + n};{n * (60 - n)},5;{n}".encode() for n in range(60))


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


def test_the_columns_of_a_table_are_shown_and_a_choice_of_them_is_read(client, project, chemist, text_of):
    upload = drop(chemist, project, TABLE, "table.csv")
    work()
    assert "This file could not be read." in text_of(client.get(page_of(upload)))
    columns = text_of(client.get(reverse("spectra:columns", args=[upload.pk])))
    assert "60 rows of numbers were found." in columns and "59.5" in columns
    given = {"x_column": "1", "y_column": ["2"], "x_unit": "nm", "y_quantity": "intensity", "technique": "pl_emission"}
    client.post(reverse("spectra:read_again", args=[upload.pk]), given)
    work()
    measurement = Measurement.objects.get(withdrawn_at=None)
    trace = measurement.traces.get()
    assert measurement.technique == "pl_emission"
    assert (trace.x_unit, trace.x_min, trace.x_max, trace.y_quantity) == ("nm", 400, 459, "intensity")
    assert trace.y_values()[1] == 59.5  # the decimal comma was understood
    text = text_of(client.get(page_of(upload)))
    assert "Column of x (chosen) 1" in text and "Columns of y (chosen) 2" in text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"x_column": "0", "y_column": "2"}, "greater than or equal to 1"),
        ({"x_column": "1", "y_column": "1"}, "One column cannot be x and y."),
        ({"x_column": "1"}, "Tick at least one column as y."),
        ({"x_column": "1", "y_column": "²"}, "Columns are counted from 1."),
        ({"bin_ns": "about one"}, "Write a number, e.g. 0.97 or 0,97."),
        ({"x_unit": "furlong"}, "Select a valid choice."),
    ],
)
def test_an_impossible_choice_of_columns_gets_a_sentence_and_reads_nothing(
    client, project, chemist, text_of, given, sentence
):
    upload = records.make_upload(project, content=TABLE)
    records.make_measurement(project=project, upload=upload)
    page = client.post(reverse("spectra:read_again", args=[upload.pk]), given, follow=True)
    assert sentence in text_of(page)
    assert upload.readings.count() == 1


@pytest.mark.parametrize("content", [b"This is prose, not a spectrum.", bytes(range(256)) * 10, b"1,2\n" * 400_000])
def test_what_holds_no_table_that_can_be_shown_says_so(client, project, chemist, content):
    upload = records.make_upload(project, content=content)
    answer = client.get(reverse("spectra:columns", args=[upload.pk]))
    assert answer.status_code == 200
    assert b"<table" not in answer.content and b"<p>" in answer.content


def test_a_file_is_put_on_a_sample_and_back_into_the_inbox(client, project, chemist, sample, text_of):
    upload = drop(chemist, project, emission_file("unknown"))
    work()
    assign = reverse("spectra:assign_upload", args=[upload.pk])
    assert f"The file is on sample {sample.code}." in text_of(client.post(assign, {"sample": sample.code}, follow=True))
    assert Measurement.objects.get().sample == sample
    assert "The file is back in the inbox." in text_of(client.post(assign, {"sample": ""}, follow=True))
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
