"""Asking for an analysis by hand: every method, its inputs, its settings."""

import numpy as np
import pytest
from django.urls import reverse

from spectra.analysis import METHODS
from spectra.models import Analysis
from tests import factories
from tests.spectra import records
from tests.spectra.walk import work

pytestmark = pytest.mark.django_db


def address(sample, method):
    return reverse("spectra:new_analysis", args=[sample.pk, method])


@pytest.fixture
def aged(sample):
    """Four spectra of one sample, each a week older and weaker."""
    x = np.arange(400.0, 551.0)
    made = []
    for week in range(4):
        spectrum = records.emission(453.0, x)
        made.append(
            records.make_measurement(sample, value=_scaled(spectrum, 0.8**week), conditions={"ageing_h": 168.0 * week})
        )
    return made


def _scaled(spectrum, factor):
    from spectra.spectrum import Channel, Spectrum

    signal = spectrum.signal
    return Spectrum(spectrum.x, (Channel(np.nan_to_num(signal.values) * factor, signal.quantity, signal.unit),))


def test_every_method_is_offered_and_those_whose_files_are_there_first(client, sample, aged, text_of):
    page = client.get(reverse("spectra:choose_method", args=[sample.pk]))
    rows = [
        (method.name, is_ready) for _heading, methods in page.context["groups"] for method, is_ready, _line in methods
    ]
    ready = {name for name, is_ready in rows if is_ready}
    assert {"ageing", "emission_band", "growth"} <= ready and "tauc" not in ready
    assert sorted(name for name, _is_ready in rows) == sorted(METHODS)  # each once
    over_time = [name for name, _is_ready in rows[-3:]]
    assert over_time == ["growth", "ageing", "el_voltage"]
    assert "half-lives" in text_of(page)


@pytest.mark.parametrize("method", METHODS)
def test_the_page_of_every_method_says_what_it_needs(client, sample, method):
    page = client.get(address(sample, method))
    assert page.status_code == 200
    assert set(page.context["form"].fields) == {role.name for role in METHODS[method].roles}


def test_ageing_is_computed_from_the_ticked_spectra_with_the_chosen_settings(client, sample, aged):
    chosen = {"emission": [f"measurement:{m.pk}" for m in aged], "setting-stress": "shelf"}
    answer = client.post(address(sample, "ageing"), chosen)
    analysis = Analysis.objects.get(method="ageing")
    assert answer.url == reverse("spectra:analysis", args=[analysis.pk])
    work()
    numbers = {q.name: q for q in analysis.quantities.all()}
    assert numbers["fraction_left"].value == pytest.approx(0.8**3, rel=0.01)
    assert client.get(answer.url).status_code == 200


def test_too_few_inputs_and_wrong_settings_are_explained_and_nothing_is_queued(client, sample, aged, text_of):
    answer = client.post(address(sample, "ageing"), {"emission": [f"measurement:{aged[0].pk}"]})
    assert answer.status_code == 422 and "at least" in text_of(answer)
    chosen = {"series": [f"measurement:{m.pk}" for m in aged], "setting-threshold_percent": "much"}
    answer = client.post(address(sample, "growth"), chosen)
    assert answer.status_code == 422 and "write a number" in text_of(answer)
    assert not Analysis.objects.filter(method__in=["ageing", "growth"]).exists()


def test_records_of_another_project_are_not_offered_and_not_taken(client, sample, aged):
    elsewhere = records.make_measurement(records.factories.make_sample(records.factories.make_batch()))
    page = client.get(address(sample, "ageing"))
    assert str(elsewhere.pk) not in page.content.decode()
    chosen = {"emission": [f"measurement:{m.pk}" for m in [*aged, elsewhere]]}
    assert client.post(address(sample, "ageing"), chosen).status_code == 422


def test_what_is_missing_is_named_with_a_way_to_the_inbox(client, sample, text_of):
    text = text_of(client.get(address(sample, "circular_dichroism")))
    assert "Nothing in this project can be used yet as: CD spectrum" in text


def test_what_lies_on_no_sample_or_on_another_is_never_offered_as_the_samples_own(client, project, sample, text_of):
    other = records.make_measurement(factories.make_sample(factories.make_batch(project)), technique="uvvis")
    records.make_measurement(project=project, technique="uvvis")
    text = text_of(client.get(address(sample, "tauc")))
    assert f"{other.sample}: " in text and "on no sample: " in text
    page = client.get(address(sample, "tauc")).content.decode()
    assert "of other samples, or on none" in page and "of this sample" not in page
