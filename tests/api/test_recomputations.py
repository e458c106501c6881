"""Computing many results again over the API: as on the pages, first what would change."""

import pytest

from spectra.models import Analysis
from tests import factories
from tests.api.test_problems import told
from tests.spectra.walk import emission_file, work

pytestmark = pytest.mark.django_db


def test_settings_are_tried_on_all_spectra_of_a_project_and_applied(ask):
    project = factories.make_project("Blue emitters")
    script = ask(factories.chemist_in(project))
    script.upload(("PL.txt", emission_file()))
    work()
    wish = {"project": str(project.pk), "why": "settings", "method": "emission_band"}
    told(script.post("/recomputations/", wish), 400)
    started = script.post("/recomputations/", wish | {"parameters": {"window_min_nm": 440}})
    assert started.status_code == 201 and started.json()["counts"]["to_try"] == 1
    work()
    address = f"/recomputations/{started.json()['id']}/"
    found = script.get(address).json()
    assert (found["counts"]["changed"], found["counts"]["undecided"]) == (1, 1)
    (repeat,) = script.get(address + "repeats/").json()
    assert repeat["found"] == "changed" and repeat["largest_u"] > 0 and repeat["numbers"][0]["new"]["unit"] == "nm"
    told(script.post(address + "hold/", {"halted": "for ever"}), 400)
    assert script.post(address + "hold/", {"halted": "paused"}).json()["halted"] == "paused"
    assert script.post(address + "hold/", {"halted": ""}).json()["halted"] == ""
    assert script.post(address + "apply/", {"repeats": [repeat["id"]]}).json() == {"chosen": 1}
    work()
    assert script.get(address).json()["counts"]["computed"] == 1
    assert Analysis.objects.get(method="emission_band", superseded_by=None).parameters == {"window_min_nm": 440.0}
    assert script.post(address + "keep/", {}).json() == {"kept": 0}
    assert script.post(address + "retry/", {}).json() == {"queued": 0}
