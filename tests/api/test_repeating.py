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


def test_the_chain_and_the_comparison_are_had_over_the_api(ask):
    script = ask(factories.chemist_in(factories.make_project()))
    (sent,) = script.upload(("PL.txt", emission_file())).json()["uploads"]
    work()
    old = Analysis.objects.get(method="emission_band")
    (given,) = script.get(f"/analyses/{old.pk}/chain/").json()["inputs"]
    assert (given["name"], given["sha256"]) == ("PL.txt", sent["sha256"])
    assert script.get(f"/analyses/{old.pk}/compare/").json() == {"with": None, "quantities": []}
    assert script.get(f"/analyses/{old.pk}/compare/?with={old.pk}").status_code == 400
    again = script.post(f"/analyses/{old.pk}/again/", {"parameters": {"window_min_nm": 440}}).json()
    work()
    told = script.get(f"/analyses/{again['id']}/compare/?with={old.pk}").json()
    assert told["with"] == str(old.pk)
    assert {row["verdict"] for row in told["quantities"]} <= {"same", "agree", "differ", "shared", ""}
