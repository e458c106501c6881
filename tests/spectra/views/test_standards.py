"""Standards, standard sessions and instruments."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from qdlab.demo import files
from qdlab.demo.instruments import Bench
from qdlab.records.audit import history_of
from spectra import provenance, services
from spectra.models import Analysis, Instrument, Measurement, Standard, StandardSession
from tests import factories
from tests.spectra import records
from tests.spectra.walk import WHEN, drop, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db
DPA = {"compound": "9,10-diphenylanthracene", "solvent": "cyclohexane", "phi": "0,97", "phi_u": "0.03", "gas": "Ar"}


@pytest.fixture
def standard(chemist) -> Standard:
    return services.make_standard(by=chemist, compound="DPA", solvent="cyclohexane", phi=0.97, phi_u=0.03)


# --- Standards --------------------------------------------------------------------------------------------------------


def test_the_empty_shelf_says_what_to_do_next(client, chemist, text_of):
    text = text_of(client.get(reverse("spectra:standards")))
    assert "No standard is on the shelf yet." in text and "No session yet." in text and "No yield yet." in text


def test_a_standard_is_added_with_a_decimal_comma(client, chemist, text_of):
    page = client.post(reverse("spectra:new_standard"), DPA | {"citation": "doi:10.1000/1"}, follow=True)
    made = Standard.objects.get()
    assert (made.phi, made.phi_u, made.temperature_c) == (0.97, 0.03, None)
    assert "0.970 ± 0.030" in text_of(page) and "doi:10.1000/1" in text_of(page)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"phi": "1.2"}, "phi", "Φ lies between 0 and 1, e.g. 0.97."),
        ({"phi": "97 %"}, "phi", "Write a number, e.g. 0.97 or 0,97."),
        ({"phi": "nan"}, "phi", "Write a number, e.g. 0.97 or 0,97."),
        ({"phi_u": "0"}, "phi_u", "The uncertainty of Φ lies between 0 and 1, e.g. 0.03."),
        ({"compound": " "}, "compound", "This field is required."),
    ],
)
def test_an_impossible_standard_gets_a_sentence_at_its_field(client, chemist, wrong, field, sentence):
    page = client.post(reverse("spectra:new_standard"), DPA | wrong)
    assert page.status_code == 422
    assert page.context["form"].errors[field] == [sentence]
    assert not Standard.objects.exists()


def test_a_standard_is_revised_and_never_changed(client, standard, text_of):
    page_of = reverse("spectra:standard", args=[standard.pk])
    page = client.post(page_of, {"phi": "0.9", "phi_u": "0.02", "citation": "doi:10.1000/2"}, follow=True)
    assert "Revision 2 is on the shelf." in text_of(page)
    standard.refresh_from_db()
    revised = Standard.objects.get(revises=standard)
    assert (standard.phi, revised.phi, revised.compound) == (0.97, 0.9, "DPA")
    old = text_of(client.get(page_of))
    assert "This is an older revision; the newest is number 2." in old and "Revise it" not in old
    again = client.post(page_of, {"phi": "0.8"})
    assert again.status_code == 422 and "has a newer one already" in text_of(again)


def test_only_chemists_change_the_shelf(client, standard, viewer):
    client.force_login(viewer)
    assert client.get(reverse("spectra:standards")).status_code == 200
    assert client.get(reverse("spectra:standard", args=[standard.pk])).status_code == 200
    assert client.get(reverse("spectra:new_standard")).status_code == 403
    assert client.post(reverse("spectra:standard", args=[standard.pk]), {"phi": "0.5"}).status_code == 403
    assert client.get(reverse("spectra:new_session")).status_code == 403


# --- Sessions ---------------------------------------------------------------------------------------------------------


def session_data(standard, in_project, **changes) -> dict:
    return {
        "standard": str(standard.pk), "project": str(in_project.pk), "name": "DPA", "measured_at": "2026-03-02T10:00",
        "valid_hours": "12",
    } | changes  # fmt: skip


def test_a_session_is_opened_and_takes_the_files_of_its_standard(client, project, standard, text_of):
    page = client.post(reverse("spectra:new_session"), session_data(standard, project), follow=True)
    session = StandardSession.objects.get()
    assert session.valid_until - session.measured_at == timedelta(hours=12)
    assert "Drop the files of its dilution series on it." in text_of(page)
    assert "No emission or absorbance spectrum is there yet." in text_of(page)
    html = page.content.decode()
    assert f'name="standard_session" value="{session.pk}" data-upload-field' in html
    assert 'name="role" value="standard" data-upload-field' in html


def test_files_dropped_through_the_api_as_the_page_sends_them_join_the_session(
    client, project, standard, chemist, text_of
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.post(reverse("spectra:new_session"), session_data(standard, project))
    session = StandardSession.objects.get()
    page_of = reverse("spectra:standard_session", args=[session.pk])
    raws = files.of_standard(Bench(1), datetime(2026, 3, 2, 10, tzinfo=UTC))[:3]
    fields = client.get(page_of).context["fields"]
    for raw in raws:
        answer = client.post(
            reverse("uploads-list"),
            {"project": str(project.pk), **fields, "file": SimpleUploadedFile(raw.name, raw.content)},
        )
        assert answer.status_code == 201
    assert "every 2s" in client.get(page_of).content.decode()
    work()
    page = client.get(page_of)
    assert "every 2s" not in page.content.decode()
    assert "d2: the absorbance is missing." in text_of(page)
    assert {m.role for m in Measurement.objects.all()} == {"standard"}
    assert raws[0].name not in client.get(reverse("spectra:inbox")).content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"measured_at": "yesterday"}, "measured_at"),
        ({"valid_hours": "-3"}, None),
        ({"project": ""}, "project"),
    ],
)
def test_an_impossible_session_gets_a_sentence(client, project, standard, wrong, field):
    page = client.post(reverse("spectra:new_session"), session_data(standard, project, **wrong))
    assert page.status_code == 422
    errors = page.context["form"].errors
    assert errors[field or "__all__"]
    assert not StandardSession.objects.exists()


def test_a_standard_without_a_yield_opens_no_session(client, project, chemist):
    unknown = services.make_standard(by=chemist, compound="coumarin 153", solvent="ethanol")
    page = client.post(reverse("spectra:new_session"), session_data(unknown, project))
    assert page.status_code == 422
    assert "has no quantum yield" in str(page.context["form"].errors["standard"])


def test_a_session_shows_its_pairs_and_labels_are_corrected(client, project, chemist, text_of):
    session = drop_standard_session(chemist, project, Bench(1))
    work()
    page_of = reverse("spectra:standard_session", args=[session.pk])
    page = client.get(page_of)
    assert [pair["label"] for pair in page.context["pairs"]] == ["d1", "d2", "d3", "d4", "d5"]
    assert page.context["problems"] == [] and "simulated" in text_of(page)
    last = Measurement.objects.get(dilution_label="d5", technique="uvvis")
    client.post(page_of, {f"label-{last.pk}": " d6 ", f"version-{last.pk}": str(last.version)})
    page = client.get(page_of)
    assert page.context["problems"] == ["d5: the absorbance is missing.", "d6: the emission is missing."]


def test_a_label_that_somebody_else_changed_meanwhile_is_not_overwritten(client, project, chemist, text_of):
    session = drop_standard_session(chemist, project, Bench(1))
    work()
    last = Measurement.objects.get(dilution_label="d5", technique="uvvis")
    data = {f"label-{last.pk}": "d7", f"version-{last.pk}": str(last.version)}
    services.change_measurement(by=chemist, measurement=last, dilution_label="d6")
    page = client.post(reverse("spectra:standard_session", args=[session.pk]), data, follow=True)
    assert "was changed by somebody else meanwhile" in text_of(page)
    last.refresh_from_db()
    assert last.dilution_label == "d6"


def test_a_session_goes_out_of_use_with_a_reason_and_stays_readable(client, project, standard, chemist, text_of):
    session = services.make_session(by=chemist, project=project, standard=standard, name="DPA", measured_at=WHEN)
    withdraw = reverse("spectra:withdraw_session", args=[session.pk])
    assert "Say why" in text_of(client.post(withdraw, {}, follow=True))
    client.post(withdraw, {"because": "lamp drifted"})
    assert "withdrawn" in text_of(client.get(reverse("spectra:standard_session", args=[session.pk])))
    assert history_of(session).last().after == {"because": "lamp drifted"}
    assert "lamp" not in text_of(client.get(reverse("spectra:standards")))


# --- Instruments ------------------------------------------------------------------------------------------------------


@pytest.fixture
def instrument(project, chemist) -> Instrument:
    drop(chemist, project, emission_file("unknown"))
    work()
    return Instrument.objects.get()


def form_of(client, instrument) -> dict:
    form = client.get(reverse("spectra:instrument", args=[instrument.pk])).context["form"]
    sent = {"version": str(form.initial["version"])}
    for name in form.fields:
        if name != "version":
            sent[name] = sent[f"initial-{name}"] = form.initial.get(name) or ""
    return sent


def test_an_instrument_that_a_file_names_is_listed_with_its_measurements(client, instrument, text_of):
    text = text_of(client.get(reverse("spectra:instruments")))
    assert "JASCO FP-8500" in text and "only what its files say" in text


def test_what_files_leave_open_is_said_once_and_makes_results_stale(client, instrument, text_of):
    page_of = reverse("spectra:instrument", args=[instrument.pk])
    sent = form_of(client, instrument) | {"saturation_level": "1e6", "intensity_unit": "photon", "maker": "JASCO"}
    assert "Saved." in text_of(client.post(page_of, sent, follow=True))
    instrument.refresh_from_db()
    assert instrument.defaults == {"saturation_level": 1e6, "intensity_unit": "photon"}
    event = history_of(instrument).last()
    assert event.action == "instrument.changed" and event.after["defaults"]["saturation_level"] == 1e6
    assert provenance.refresh_changed_instruments() == 2  # emission band and colour
    assert Analysis.objects.exclude(stale_since=None).count() == 2
    assert provenance.refresh_changed_instruments() == 0  # the note was taken up


def test_what_a_file_states_goes_before_the_default_of_its_instrument(client, instrument):
    from spectra.values import conditions_of

    measurement = Measurement.objects.get()
    stated = conditions_of(measurement).excitation_bandwidth_nm
    services.change_instrument(
        by=factories.chemist_in(measurement.project), instrument=instrument, defaults={"excitation_bandwidth_nm": "9"}
    )
    assert stated and conditions_of(Measurement.objects.get()).excitation_bandwidth_nm == stated


def test_an_impossible_default_gets_a_sentence_at_its_field(client, instrument):
    sent = form_of(client, instrument) | {"path_length_cm": "-1"}
    page = client.post(reverse("spectra:instrument", args=[instrument.pk]), sent)
    assert page.status_code == 422
    assert page.context["form"].errors["path_length_cm"] == ["This must be greater than zero."]


def test_two_people_change_an_instrument_and_see_each_other(client, instrument, chemist, text_of):
    mine = form_of(client, instrument) | {"maker": "JASCO"}
    services.change_instrument(by=chemist, instrument=instrument, model="FP-8500", defaults={"path_length_cm": "1"})
    page = client.post(reverse("spectra:instrument", args=[instrument.pk]), mine)
    assert page.status_code == 409 and "FP-8500" in text_of(page)
    form = page.context["form"]
    client.post(reverse("spectra:instrument", args=[instrument.pk]), {name: form.data[name] for name in form.data})
    instrument.refresh_from_db()
    assert (instrument.maker, instrument.model, instrument.defaults) == ("JASCO", "FP-8500", {"path_length_cm": 1.0})


def test_a_viewer_reads_an_instrument_and_changes_nothing(client, instrument, viewer):
    client.force_login(viewer)
    page_of = reverse("spectra:instrument", args=[instrument.pk])
    assert '<form method="post" novalidate' not in client.get(page_of).content.decode()
    assert client.post(page_of, {"version": "1"}).status_code == 403


# --- Read-only admin --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["upload", "measurement", "analysis", "quantity", "standard", "instrument"])
def test_the_admin_lists_records_and_changes_none(client, project, chemist, model):
    records.make_result(records.make_measurement(project=project), {"emission_peak_nm": (453.0, 0.3, "nm")})
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    assert client.get(reverse(f"admin:spectra_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:spectra_{model}_add")).status_code == 403
