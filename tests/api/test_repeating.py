"""A result as a file that repeats it, from the page and over the API."""

import pytest
from django.urls import reverse

from spectra.models import Analysis
from tests import factories
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db


def test_the_page_and_the_api_hand_the_file_out(client, ask):
    project = factories.make_project()
    chemist = factories.chemist_in(project)
    script = ask(chemist)
    script.upload(("PL.txt", emission_file()))
    work()
    analysis = Analysis.objects.get(method="emission_band")
    client.force_login(chemist)
    answer = client.get(reverse("spectra:replay", args=[analysis.pk]))
    assert "attachment" in answer["Content-Disposition"]
    assert answer.json() == script.get(f"/analyses/{analysis.pk}/replay/").json()
    assert b"replay.json" in client.get(reverse("spectra:analysis", args=[analysis.pk])).content
    Analysis.objects.update(method="magic")
    assert client.get(reverse("spectra:replay", args=[analysis.pk])).status_code == 302
    assert script.get(f"/analyses/{analysis.pk}/replay/").status_code == 400
