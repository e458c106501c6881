"""The column mapper: what a table holds is said in a few clicks, seen before it is read, and remembered for the next file."""

from pathlib import Path

import pytest
from django.urls import reverse

from spectra import services
from spectra.models import Composition, Layout, Measurement, Trial, Upload
from tests import factories
from tests.spectra import records
from tests.spectra.readers.workbook_maker import xlsx
from tests.spectra.walk import drop, work

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).resolve().parents[2] / "data" / "layouts"
TABLE = b"a;b;c\n" + b"\n".join(f"{400 + n};{n * (60 - n)},5;{n}".encode() for n in range(60))
EMISSION = {
    "kind": "curves", "role_0": "x", "role_1": "signal", "role_2": "", "quantity_1": "intensity", "unit_1": "[a.u.]",
    "x_unit": "nm", "technique": "pl_emission",
}  # fmt: skip
REMEMBERED = {"remember": "on", "layout_name": "Plate reader"}


def page_of(upload) -> str:
    return reverse("spectra:upload", args=[upload.pk])


def dropped(by, project, name: str) -> Upload:
    upload = drop(by, project, (FOLDER / name).read_bytes(), name)
    work()
    upload.refresh_from_db()
    return upload


def as_proposed(client, upload, **place) -> dict:
    """What the browser would send if the person changes nothing of what the mapper proposes."""
    form = client.get(reverse("spectra:columns", args=[upload.pk]), place).context
    data = {name: form["form"][name].value() for name in form["form"].fields}
    data |= {
        f"{name}_{column['number']}": column[name]
        for column in form["form"].columns
        for name in ("role", "quantity", "unit", "technique")
    }
    return {name: value for name, value in (data | form["looked"]).items() if value not in (None, False)}


def read_with(client, upload, data, **more):
    """Send the columns of a file that could not be read; one that was read goes on trial first (the test below)."""
    Upload.objects.filter(pk=upload.pk).update(status="unreadable")
    page = client.post(reverse("spectra:read_again", args=[upload.pk]), data | more, follow=True)
    work()
    upload.refresh_from_db()
    return page


def measured(upload) -> list[Measurement]:
    return list(Measurement.objects.filter(reading__upload=upload, withdrawn_at=None).order_by("item"))


def test_the_columns_of_a_table_are_shown_and_a_choice_of_them_is_read(client, project, chemist, text_of):
    upload = drop(chemist, project, TABLE, "table.csv")
    work()
    assert "Choose the technique by hand." in text_of(client.get(page_of(upload)))
    columns = text_of(client.get(reverse("spectra:columns", args=[upload.pk])))
    assert "60 rows of numbers were found." in columns and "59.5" in columns
    read_with(client, upload, EMISSION)
    (measurement,) = measured(upload)
    trace = measurement.traces.get()
    assert measurement.technique == "pl_emission"
    assert (trace.x_unit, trace.x_min, trace.x_max, trace.y_quantity) == ("nm", 400, 459, "intensity")
    assert trace.y_values()[1] == 59.5  # the decimal comma was understood
    text = text_of(client.get(page_of(upload)))
    assert "Column of x (chosen) 1" in text and "Columns of y (chosen) 2" in text


def test_the_curve_is_seen_before_it_is_read_and_nothing_is_kept(client, project, chemist, text_of):
    upload = records.make_upload(project, content=TABLE)
    page = client.post(reverse("spectra:columns_preview", args=[upload.pk]), EMISSION)
    assert "60 points from 400 to 459 nm" in text_of(page)
    assert "data-plot" in page.content.decode()
    assert not Measurement.objects.exists() and not upload.readings.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"role_1": ""}, "Say of at least one column that it is y."),
        ({"role_1": "x"}, "Only one column can be x."),
        ({"role_0": ""}, "Say which column is x; only decays can do without one."),
        ({"role_0": "", "technique": "decay"}, "Enter the width of one channel in ns"),
        ({"bin_ns": "about one"}, "Write a number, e.g. 0.97 or 0,97."),
        ({"x_unit": "furlong"}, "Select a valid choice."),
        ({"role_1": "emperor"}, "Choose for each column what it is."),
        ({"role_77": "signal"}, "The chosen columns do not fit this table."),
        ({"first_row": "61"}, "This table has 60 rows"),
        ({"table": "3"}, "There is no table at this place of the file."),
        (
            {"kind": "composition", "role_0": "element", "role_1": "percent", "role_2": ""},
            "is the symbol of an element",
        ),
        ({"kind": "composition", "role_0": "element", "role_1": ""}, "Say which column holds the atomic percents."),
        ({"kind": "sizes", "role_0": "", "role_1": "size", "role_2": "size"}, "Say which one column holds the sizes."),
        ({"kind": "series", "role_1": "signal", "role_2": "signal"}, "Each curve of a series needs its number"),
    ],
)
def test_an_impossible_choice_of_columns_says_why_and_reads_nothing(
    client, project, chemist, text_of, change, sentence
):
    upload = records.make_upload(project, content=TABLE)
    page = client.post(reverse("spectra:columns_preview", args=[upload.pk]), EMISSION | change)
    assert (page.status_code, sentence in text_of(page)) == (200, True), text_of(page)


def test_an_impossible_choice_that_is_sent_all_the_same_leaves_the_file_as_it_was(client, project, chemist, text_of):
    upload = records.make_upload(project, content=TABLE)
    records.make_measurement(project=project, upload=upload)
    page = client.post(reverse("spectra:read_again", args=[upload.pk]), EMISSION | {"role_1": ""}, follow=True)
    assert "Say of at least one column that it is y." in text_of(page)
    assert upload.readings.count() == 1


@pytest.mark.parametrize("content", [b"This is prose, not a spectrum.", bytes(range(256)) * 10])
def test_what_holds_no_table_that_can_be_shown_says_so(client, project, chemist, content):
    upload = records.make_upload(project, content=content)
    answer = client.get(reverse("spectra:columns", args=[upload.pk]))
    assert answer.status_code == 200
    assert b"<table" not in answer.content and b"<p>" in answer.content


def test_a_file_that_was_read_already_is_read_on_trial_first(client, project, chemist):
    upload = records.make_upload(project, content=TABLE)
    records.make_measurement(project=project, upload=upload)
    answer = client.post(reverse("spectra:read_again", args=[upload.pk]), EMISSION | REMEMBERED)
    assert "/rereadings/" in answer["Location"] or "reread" in answer["Location"]
    assert upload.readings.count() == 1 and Layout.objects.get().name == "Plate reader"


# --- Columns of different techniques ----------------------------------------------------------------------------------

TWO_KINDS = b"nm;OD at rest;glow\n" + b"\n".join(f"{400 + n};0.{n + 10};{n * 7}".encode() for n in range(60))
APART = {
    "kind": "curves", "role_0": "x", "role_1": "signal", "role_2": "signal", "quantity_1": "absorbance", "unit_1": "1",
    "quantity_2": "intensity", "unit_2": "[a.u.]", "x_unit": "nm", "technique_1": "uvvis", "technique_2": "pl_emission",
}  # fmt: skip


def test_absorbance_and_emission_of_one_table_become_two_measurements_and_the_next_file_needs_no_click(
    client, project, chemist, text_of
):
    upload = drop(chemist, project, TWO_KINDS, "dots.csv")
    work()
    page = client.post(reverse("spectra:columns_preview", args=[upload.pk]), APART)
    assert "UV-Vis absorbance" in text_of(page) and "PL emission" in text_of(page)
    read_with(client, upload, APART, remember="on", layout_name="Both at once")
    assert [(m.technique, m.traces.get().channel) for m in measured(upload)] == [
        ("uvvis", "OD at rest"),
        ("pl_emission", "glow"),
    ]
    layout = text_of(client.get(reverse("spectra:layout", args=[Layout.objects.get().pk])))
    assert "Read as UV-Vis absorbance, PL emission" in layout
    following = drop(chemist, project, TWO_KINDS.replace(b"0.11", b"0.12"), "next.csv")
    work()
    assert [m.technique for m in measured(following)] == ["uvvis", "pl_emission"]


def test_a_technique_that_there_is_not_is_named(client, project, chemist, text_of):
    upload = records.make_upload(project, content=TWO_KINDS)
    page = client.post(reverse("spectra:columns_preview", args=[upload.pk]), APART | {"technique_2": "alchemy"})
    assert "Choose one of the techniques for column 3." in text_of(page)


def test_the_form_begins_with_what_was_understood_and_sending_it_as_it_is_changes_nothing(client, project, chemist):
    text = b"Index,Wavelength (nm),Abs,PL (ex 365 nm),error\n"
    text += b"".join(b"%d,%d,0.%d,%d,1\n" % (n, 400 + n, n + 10, 50 * n) for n in range(40))
    upload = drop(chemist, project, text, "dots.csv")
    work()
    proposed = as_proposed(client, upload)
    assert [proposed[f"role_{k}"] for k in range(5)] == ["", "x", "signal", "signal", ""]
    assert (proposed["technique_2"], proposed["technique_3"]) == ("uvvis", "pl_emission")
    before = [(m.technique, m.excitation_nm, m.traces.get().channel) for m in measured(upload)]
    client.post(reverse("spectra:read_again", args=[upload.pk]), proposed)
    work()
    assert Trial.objects.get().outcome == "same"
    assert [(m.technique, m.excitation_nm, m.traces.get().channel) for m in measured(upload)] == before


def test_a_technique_that_was_corrected_stays_unless_the_columns_say_another(client, project, chemist):
    upload = drop(chemist, project, TWO_KINDS, "dots.csv")
    work()
    read_with(client, upload, APART)
    services.change_measurement(by=chemist, measurement=measured(upload)[1], technique="el")
    assert as_proposed(client, upload)["technique_2"] == "pl_emission"  # chosen last, for these columns
    Upload.objects.update(status="read")
    client.post(reverse("spectra:read_again", args=[upload.pk]), APART | {"technique_1": "ir"})
    work()
    changes = Trial.objects.get().changes["items"]
    assert [item["outcome"] for item in changes] == ["changed", "changed"]


# --- Remembered -------------------------------------------------------------------------------------------------------


def test_a_decay_with_its_irf_is_described_once_and_the_next_file_needs_no_click(client, project, chemist, text_of):
    first = dropped(chemist, project, "quantaurus_tau_first.csv")
    assert first.status == "unreadable"
    read_with(client, first, as_proposed(client, first), layout_name="Quantaurus-Tau export")
    assert [m.role for m in measured(first)] == ["sample", "IRF"]
    second = dropped(chemist, project, "quantaurus_tau_second.csv")
    assert (second.status, [(m.technique, m.role) for m in measured(second)]) == (
        "read",
        [("decay", "sample"), ("decay", "IRF")],
    )
    page = text_of(client.get(page_of(second)))
    assert "Read with the layout Quantaurus-Tau export , version 1" in page
    reading = second.readings.get()
    assert (reading.layout, reading.layout_version, reading.mapping["x"]) == (Layout.objects.get(), 1, 1)


def test_a_composition_is_described_once_and_the_next_file_needs_no_click(client, project, chemist):
    first = dropped(chemist, project, "composition_first.txt")
    read_with(client, first, as_proposed(client, first), layout_name="EDAX")
    dropped(chemist, project, "composition_second.txt")
    older, newer = Composition.objects.order_by("pk")
    assert [(f.element, f.percent) for f in newer.fractions.order_by("pk")] == [
        ("Cs", 18.4),
        ("Pb", 20.1),
        ("Br", 61.5),
    ]
    assert older.fractions.get(element="Br").percent_u == pytest.approx(1.8)  # 3.0 % of 60


def test_a_radiance_is_el_in_energy_units_once_and_for_all(client, project, chemist):
    first = dropped(chemist, project, "cs_2000_first.csv")
    chosen = as_proposed(client, first) | {"technique": "el", "intensity_unit": "energy", "quantity_1": "intensity"}
    read_with(client, first, chosen, layout_name="CS-2000")
    (measurement,) = measured(dropped(chemist, project, "cs_2000_second.csv"))
    assert (measurement.technique, measurement.conditions["intensity_unit"]) == ("el", "energy")
    trace = measurement.traces.get()
    assert (trace.n_points, trace.y_quantity, trace.y_unit) == (401, "intensity", "W/(sr*m2*nm)")


def test_excitation_and_bin_width_belong_to_one_file_unless_the_person_says_otherwise(client, project, chemist):
    upload = records.make_upload(project, content=TABLE)
    read_with(client, upload, EMISSION, **REMEMBERED, excitation_nm="365")
    assert "excitation_nm" not in Layout.objects.get().mapping
    assert measured(upload)[0].excitation_nm == 365
    given = {"layout_name": "With excitation", "remember": "on", "excitation_nm": "372", "also_settings": "on"}
    read_with(client, upload, EMISSION, **given)
    assert Layout.objects.get(name="With excitation").mapping["excitation_nm"] == 372


def test_waiting_files_that_look_the_same_are_offered_and_read(client, project, chemist, text_of):
    other = factories.make_project("Not ours")
    waiting = [dropped(chemist, project, f"composition_{which}.txt") for which in ("first", "second")]
    hidden = records.make_upload(other, content=b"x")
    records.Reading.objects.create(upload=hidden, decided=waiting[0].readings.get().decided, state="refused")
    Upload.objects.filter(pk=hidden.pk).update(status="unreadable")
    page = read_with(client, waiting[0], as_proposed(client, waiting[0]), layout_name="EDAX")
    assert "1 more file in the inbox looks the same." in text_of(page)
    layout = Layout.objects.get()
    assert "1 file is being read again." in text_of(
        client.post(reverse("spectra:read_alike", args=[layout.pk]), follow=True)
    )
    work()
    waiting[1].refresh_from_db()
    hidden.refresh_from_db()
    assert (waiting[1].status, hidden.status) == ("read", "unreadable")
    assert "looks the same" not in text_of(client.get(page_of(waiting[0])))


def test_a_table_without_labels_is_read_but_not_remembered(client, project, chemist, text_of):
    upload = records.make_upload(project, content=b"".join(b"%d %d\n" % (400 + n, n * (60 - n)) for n in range(60)))
    assert "the choice holds for this file only" in text_of(client.get(reverse("spectra:columns", args=[upload.pk])))
    page = read_with(
        client, upload, {name: EMISSION[name] for name in EMISSION if not name.endswith("2")}, **REMEMBERED
    )
    assert "The columns were not remembered" in text_of(page)
    assert not Layout.objects.exists() and len(measured(upload)) == 1


def test_columns_that_cannot_be_read_are_not_remembered(client, project, chemist, text_of):
    upload = records.make_upload(project, content=TABLE)
    page = read_with(client, upload, EMISSION | {"first_row": "61"}, **REMEMBERED)
    assert "because this file cannot be read with them" in text_of(page)
    assert not Layout.objects.exists()


def test_the_same_name_changes_the_layout_that_was_seen_and_no_other(client, project, chemist, text_of):
    upload = records.make_upload(project, content=TABLE)
    read_with(client, upload, EMISSION, **REMEMBERED)
    proposed = as_proposed(client, upload)
    assert (proposed["layout_name"], proposed["layout_version"]) == ("Plate reader", 1)
    read_with(client, upload, proposed | {"technique": "el"})
    layout = Layout.objects.get()
    assert (layout.version, layout.mapping["technique"]) == (2, "el")
    page = read_with(client, upload, proposed | {"technique": "uvvis"})  # somebody who still saw version 1
    assert "Somebody else changed the layout “Plate reader” meanwhile." in text_of(page)
    page = read_with(client, upload, EMISSION, **REMEMBERED)  # and somebody who saw none
    assert "There is a layout with this name already." in text_of(page)
    layout.refresh_from_db()
    assert (layout.version, layout.mapping["technique"]) == (2, "el")
    assert measured(upload)[0].technique == "pl_emission"  # the file itself was read as it was said


def test_a_file_that_fits_two_layouts_says_so(client, project, chemist, text_of):
    first = dropped(chemist, project, "composition_first.txt")
    for name in ("Older", "Newer"):
        read_with(client, first, as_proposed(client, first) | {"layout_name": name, "layout_version": ""})
    second = dropped(chemist, project, "composition_second.txt")
    assert second.readings.get().layout.name == "Newer"
    assert "This file fits other layouts too (“Older”)" in text_of(client.get(page_of(second)))


def test_a_file_that_was_read_wrongly_by_its_vendors_reader_gets_a_layout_that_goes_before_it(client, project, chemist):
    from tests.spectra.readers.samples import sample

    content = sample("size_list_diameters.csv")
    upload = drop(chemist, project, content, "a.csv")
    work()
    assert upload.readings.get().reader == "size_list"
    chosen = {"kind": "curves", "role_1": "x", "role_2": "signal", "x_unit": "nm", "technique": "uvvis", "table": "0"}
    read_with(client, upload, chosen, **REMEMBERED)
    assert Layout.objects.get().reader == "size_list"
    again = drop(chemist, project, content + b"\n", "b.csv")
    work()
    assert [m.technique for m in measured(again)] == ["uvvis"]


def test_sheet_and_table_are_chosen_and_an_empty_sheet_says_so(client, project, chemist, text_of):
    rows = [["X", "Y"], *([400.0 + i, float(i)] for i in range(12))]
    upload = records.make_upload(project, content=xlsx({"Notes": [["nothing"]], "Data": rows}), name="a.xlsx")
    columns = reverse("spectra:columns", args=[upload.pk])
    assert "selected>Data</option>" in client.get(columns).content.decode()
    empty = client.get(columns, {"sheet": "Notes"})
    assert "The sheet “Notes” holds no table." in text_of(empty) and 'name="sheet"' in empty.content.decode()
    read_with(client, upload, as_proposed(client, upload) | {"x_unit": "nm", "technique": "el"}, layout_name="Book")
    renamed = drop(chemist, project, xlsx({"Run 7": rows, "Other": [["a"]]}), "b.xlsx")
    work()
    assert [m.technique for m in measured(renamed)] == ["el"]
    assert renamed.readings.get().mapping["sheet"] == "Run 7"


def test_a_viewer_gets_no_mapper_and_an_outsider_no_file(client, project, chemist, viewer, outsider):
    upload = records.make_upload(project, content=TABLE)
    preview = reverse("spectra:columns_preview", args=[upload.pk])
    for person, status in ((viewer, 403), (outsider, 404)):
        client.force_login(person)
        assert client.get(reverse("spectra:columns", args=[upload.pk])).status_code == status
        assert client.post(preview, EMISSION).status_code == status


def test_a_worker_asks_for_the_layouts_once_per_claim(project, chemist):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from spectra import ingest

    for n in range(3):
        drop(chemist, project, TABLE + b"\n%d;1,5;1" % n, f"{n}.csv")
    with CaptureQueriesContext(connection) as asked:
        ingest.read_waiting()
    assert sum('FROM "spectra_layout"' in query["sql"] for query in asked) == 1
