"""The pages of layouts: renamed, out of use and back, and on their way to another lab."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from spectra import services
from spectra.models import Layout, Measurement
from tests.spectra.walk import drop, work

pytestmark = pytest.mark.django_db
LABELS = ["nm", "OD at rest", "glow"]
TABLE = b"nm;OD at rest;glow\n" + b"\n".join(f"{400 + n};0.{n + 10};{n * 7}".encode() for n in range(30))
MAPPING = {"kind": "curves", "x": 0, "x_unit": "nm", "y": [1, 2], "y_technique": ["uvvis", "pl_emission"]}


def fingerprint_of(content: bytes) -> str:
    from spectra.readers.table_preview import table_preview

    return table_preview(content, "a.csv", {})["fingerprint"]


@pytest.fixture
def layout(chemist):
    return services.make_layout(
        by=chemist, name="Both at once", fingerprint=fingerprint_of(TABLE), labels=LABELS, n_columns=3, mapping=MAPPING
    )


def page_of(layout, name="layout") -> str:
    return reverse(f"spectra:{name}", args=[layout.pk])


def renamed(client, layout, name, version=None):
    return client.post(page_of(layout), {"name": name, "version": version or layout.version}, follow=True)


def techniques_of(upload) -> list[str]:
    found = Measurement.objects.filter(reading__upload=upload, withdrawn_at=None).order_by("item")
    return list(found.values_list("technique", flat=True))


def read_next(by, project, n: int) -> list[str]:
    upload = drop(by, project, TABLE + b"\n%d;0.1;%d" % (430 + n, n), f"next-{n}.csv")
    work()
    return techniques_of(upload)


def test_the_list_and_the_page_say_what_a_layout_reads(client, layout, text_of):
    assert "Both at once" in text_of(client.get(reverse("spectra:layouts")))
    text = text_of(client.get(page_of(layout)))
    assert "Read as UV-Vis absorbance, PL emission" in text
    assert "2 OD at rest y, UV-Vis absorbance" in text and "3 glow y, PL emission" in text


def test_a_layout_is_renamed_and_reads_on(client, chemist, project, layout, text_of):
    assert "Saved." in text_of(renamed(client, layout, "Plate reader"))
    layout.refresh_from_db()
    assert (layout.name, layout.version) == ("Plate reader", 2)
    assert read_next(chemist, project, 1) == ["uvvis", "pl_emission"]


def test_a_name_that_is_taken_or_empty_says_so_and_changes_nothing(client, chemist, layout, text_of):
    services.make_layout(
        by=chemist, name="Taken", fingerprint="f" * 16, labels=["nm", "A"], n_columns=2, mapping={"x": 0, "y": [1]}
    )
    refused = renamed(client, layout, "taken")
    assert refused.status_code == 422 and "There is a layout with this name already." in text_of(refused)
    assert renamed(client, layout, "").status_code == 422
    assert Layout.objects.get(pk=layout.pk).name == "Both at once"


def test_who_was_slower_sees_both_names(client, chemist, layout, text_of):
    services.change_layout(by=chemist, layout=Layout.objects.get(pk=layout.pk), name="Theirs")
    conflict = renamed(client, layout, "Mine", version=1)
    assert conflict.status_code == 409 and "Theirs" in text_of(conflict) and "Mine" in conflict.content.decode()


def test_out_of_use_it_reads_no_file_and_back_in_use_it_does_again(client, chemist, project, layout, text_of):
    page = client.post(page_of(layout, "archive_layout"), follow=True)
    assert "Out of use since" in text_of(page)
    assert "Both at once" not in text_of(client.get(reverse("spectra:layouts")))
    assert "Both at once" in text_of(client.get(reverse("spectra:layouts"), {"archived": "1"}))
    assert read_next(chemist, project, 2) != ["uvvis", "pl_emission"]
    page = client.post(page_of(layout, "archive_layout"), {"back": "1"}, follow=True)
    assert "Out of use since" not in text_of(page)
    assert read_next(chemist, project, 3) == ["uvvis", "pl_emission"]


def test_back_into_use_needs_a_free_name(client, chemist, layout, text_of):
    client.post(page_of(layout, "archive_layout"))
    services.make_layout(
        by=chemist,
        name="Both at once",
        fingerprint="f" * 16,
        labels=["nm", "A"],
        n_columns=2,
        mapping={"x": 0, "y": [1]},
    )
    page = client.post(page_of(layout, "archive_layout"), {"back": "1"}, follow=True)
    assert "There is a layout with this name already." in text_of(page)
    assert Layout.objects.get(pk=layout.pk).archived_at is not None


def imported(client, content: bytes):
    file = SimpleUploadedFile("layout.json", content, content_type="application/json")
    return client.post(reverse("spectra:import_layout"), {"file": file}, follow=True)


def test_what_one_lab_exports_another_takes_in_and_reads_with_it(client, chemist, project, layout, text_of):
    answer = client.get(page_of(layout, "export_layout"))
    assert answer["Content-Disposition"] == 'attachment; filename="qdlab-layout-both-at-once.json"'
    document = json.loads(answer.content)
    assert document["mapping"] == MAPPING and "made_by" not in document
    Layout.objects.all().delete()  # in the other lab
    page = imported(client, answer.content)
    assert "The layout “Both at once” is there." in text_of(page)
    assert read_next(chemist, project, 4) == ["uvvis", "pl_emission"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose the JSON file of a layout"),
        (b"no JSON", "JSON"),
        (b"[]", "This is no exported layout"),
        (b'{"format": "qdlab-layout", "format_version": 99}', "this QDLab reads version 1"),
        (b'{"format": "qdlab-layout", "format_version": 1, "name": "x"}', "This is missing."),
        (b'{"format": "qdlab-layout", "format_version": 1, "virus": "x"}', "QDLab knows no “virus” here."),
    ],
)
def test_a_file_that_is_no_layout_gets_a_sentence_and_changes_nothing(client, chemist, text_of, content, sentence):
    page = imported(client, content)
    assert page.status_code == 200 and sentence in text_of(page)
    assert not Layout.objects.exists()


def test_a_technique_that_there_is_not_is_refused_in_a_layout_too(client, layout, text_of):
    document = json.loads(client.get(page_of(layout, "export_layout")).content)
    Layout.objects.all().delete()
    document["mapping"]["y_technique"] = ["uvvis", "alchemy"]
    assert "“y_technique” has no value that fits." in text_of(imported(client, json.dumps(document).encode()))


def test_a_viewer_reads_layouts_and_changes_none(client, viewer, layout):
    client.force_login(viewer)
    assert client.get(page_of(layout)).status_code == 200
    assert client.get(page_of(layout, "export_layout")).status_code == 200
    for refused in (
        client.post(page_of(layout), {"name": "x", "version": 1}),
        client.post(page_of(layout, "archive_layout")),
        client.post(reverse("spectra:import_layout")),
    ):
        assert refused.status_code == 403
    layout.refresh_from_db()
    assert layout.version == 1 and layout.archived_at is None
