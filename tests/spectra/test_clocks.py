"""When something was measured: instruments keep the lab's time, and a few files count in UTC."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone

from qdlab import environment
from spectra.intake import in_utc
from spectra.models import Measurement
from tests import factories
from tests.spectra import walk
from tests.spectra.readers.jws_maker import MEASURED, flat_jws
from tests.spectra.readers.samples import jasco

IN_TOKYO = "2026/06/04", "16:08:01"  # the moment of MEASURED on the instrument's own clock


@pytest.fixture
def tokyo(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.get_default_timezone.cache_clear()
    yield
    timezone.get_default_timezone.cache_clear()


@pytest.mark.django_db
def test_a_binary_and_its_text_export_agree_on_the_moment(tokyo, client):
    project = factories.make_project("Blue emitters")
    chemist = factories.make_member(project, "chemist")
    text = jasco(DATE=IN_TOKYO[0], TIME=IN_TOKYO[1], footer="[Comments]\nSample name\tdots").encode()
    uploads = [walk.drop(chemist, project, data, name) for data, name in ((flat_jws(), "a.jws"), (text, "a.txt"))]
    walk.work()
    moments = set(Measurement.objects.values_list("measured_at", flat=True))
    assert moments == {MEASURED.replace(tzinfo=UTC)}
    clocks = [Measurement.objects.get(reading__upload=upload).reading.decided["clock"] for upload in uploads]
    assert clocks == ["UTC", "Asia/Tokyo"]
    client.force_login(chemist)
    page = client.get(reverse("spectra:upload", args=[uploads[1].pk])).content.decode()
    assert "Time zone of that date" in page and "Asia/Tokyo" in page


def test_a_moment_of_the_lab_is_stored_in_utc(tokyo):
    assert in_utc(datetime(2026, 6, 4, 16, 8, 1)) == MEASURED.replace(tzinfo=UTC)
    assert in_utc(MEASURED.replace(tzinfo=UTC)) == MEASURED.replace(tzinfo=UTC)
    assert in_utc(None) is None


def test_the_first_day_of_the_calendar_is_no_fault(tokyo):
    assert in_utc(datetime(1, 1, 1)) is None


def test_the_labs_zone_is_a_setting(monkeypatch):
    monkeypatch.setenv("QDLAB_TIME_ZONE", "Asia/Tokyo")
    assert environment.time_zone("QDLAB_TIME_ZONE") == "Asia/Tokyo"
    monkeypatch.setenv("QDLAB_TIME_ZONE", "Asia/Tokio")
    with pytest.raises(ImproperlyConfigured, match="QDLAB_TIME_ZONE must be a time zone"):
        environment.time_zone("QDLAB_TIME_ZONE")


def test_without_the_setting_it_is_the_computers_or_utc(monkeypatch):
    monkeypatch.setenv("QDLAB_TIME_ZONE", "")
    monkeypatch.setenv("TZ", "Europe/Paris")
    assert environment.time_zone("QDLAB_TIME_ZONE") == "Europe/Paris"
    monkeypatch.setenv("TZ", "../../etc/passwd")
    assert environment.time_zone("QDLAB_TIME_ZONE") == "UTC"
