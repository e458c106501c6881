"""What a project sets for an instrument holds for its new measurements, and only for these."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from qdlab.records.models import AuditEvent
from spectra import selectors, services
from spectra.models import Analysis, Instrument, InstrumentSettings
from tests import factories
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db
LINEAR = {"baseline": "linear", "n_gaussians": 1}


@pytest.fixture
def project(db):
    return factories.make_project("Blue emitters")


@pytest.fixture
def chemist(client, project):
    user = factories.chemist_in(project)
    client.force_login(user)
    return user


@pytest.fixture
def band(project, chemist) -> Analysis:
    """A result with the method's own defaults."""
    drop(chemist, project, emission_file("first"), "first.txt")
    work()
    return Analysis.objects.get(method="emission_band")


def save(by, project, instrument=None, **fields) -> InstrumentSettings:
    asked = {"method": "emission_band", "parameters": LINEAR} | fields
    return services.save_settings(by=by, project=project, instrument=instrument or Instrument.objects.get(), **asked)


def newest() -> Analysis:
    return Analysis.objects.filter(method="emission_band").order_by("-pk").first()


def test_new_measurements_take_them_and_older_results_stay(project, chemist, band):
    settings = save(chemist, project)
    drop(chemist, project, emission_file("second", seed=2), "second.txt")
    work()
    assert newest().parameters == LINEAR and newest().settings_from == settings and newest().automatic
    assert newest().state == "done"
    band.refresh_from_db()
    assert band.parameters == {} and band.stale_since is None and band.superseded_by is None


def test_they_end_and_the_methods_own_defaults_come_back(project, chemist, band):
    services.end_settings(by=chemist, settings=save(chemist, project))
    drop(chemist, project, emission_file("second", seed=2), "second.txt")
    work()
    assert newest().parameters == {} and newest().settings_from is None
    assert [e.action for e in AuditEvent.objects.filter(action__startswith="settings.").order_by("id")] == [
        "settings.saved", "settings.ended",
    ]  # fmt: skip


def test_another_project_is_not_touched(project, chemist, band):
    save(chemist, project)
    other = factories.make_project("Elsewhere")
    stranger = factories.chemist_in(other)
    drop(stranger, other, emission_file("theirs", seed=3), "theirs.txt")
    work()
    assert Analysis.objects.get(method="emission_band", project=other).parameters == {}
    assert not selectors.instrument_settings(stranger).exists()
    with pytest.raises(PermissionDenied):
        save(stranger, project)


def test_other_settings_are_the_next_version_and_the_same_are_none(project, chemist, band):
    first, again = save(chemist, project), save(chemist, project)
    assert again == first
    second = save(chemist, project, parameters={"baseline": "none"})
    first.refresh_from_db()
    assert (first.number, second.number) == (1, 2) and first.ended_by == chemist and second.ended_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameters": {}},
        {"parameters": {"no_such": 1}},
        {"parameters": {"n_gaussians": 9}},
        {"method": "colour", "parameters": {"override": "not_corrected"}},
        {"method": "nothing"},
    ],
)
def test_what_cannot_hold_for_an_instrument_is_refused_in_words(project, chemist, band, wrong):
    with pytest.raises(ValidationError):
        save(chemist, project, **wrong)
    assert not InstrumentSettings.objects.exists()


def test_a_result_hands_its_settings_to_its_instrument_and_says_where_it_has_them_from(client, project, chemist, band):
    own = services.analyse_again(by=chemist, analysis=band, parameters=LINEAR)
    work()
    page = client.get(reverse("spectra:analysis", args=[own.pk])).content.decode()
    assert "Use these settings for all new measurements of JASCO FP-8500 in Blue emitters" in page
    shown = client.post(reverse("spectra:save_as_default", args=[own.pk]), follow=True).content.decode()
    assert "Number of Gaussians: 1" in shown and "Baseline: linear" in shown
    drop(chemist, project, emission_file("second", seed=2), "second.txt")
    work()
    told = client.get(reverse("spectra:analysis", args=[newest().pk])).content.decode()
    assert "Settings for JASCO FP-8500, version 1" in told
    again = services.analyse_again(by=chemist, analysis=newest())
    assert again.settings_from == InstrumentSettings.objects.get()
    settings = InstrumentSettings.objects.get()
    ended = client.post(reverse("spectra:end_settings", args=[settings.pk]), follow=True).content.decode()
    assert "own defaults again" in ended and "ended by" in ended
