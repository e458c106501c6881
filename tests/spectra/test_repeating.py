"""A result is repeated exactly from its file, by the pure core alone."""

import json
import subprocess
import sys

import pytest

from qdlab.demo.instruments import Bench
from spectra import repeating, services
from spectra.analysis import METHODS, replay
from spectra.models import Analysis, State
from tests import factories
from tests.spectra.walk import drop_sample_files, drop_standard_session, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def walked(db):
    """A sample with everything: bands, colour, first exciton, decay, PLQY, Stokes shift, rates, and a composition."""
    project = factories.make_project()
    chemist, bench = factories.chemist_in(project), Bench(3)
    sample = factories.make_sample(factories.make_batch(project), state="washed")
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    services.make_composition(
        by=chemist, project=project, sample=sample, title="EDX", fractions={"Pb": (20.0, 1.0), "Br": (60.0, 2.0)}
    )
    work()
    return chemist


def through_a_file(document: dict) -> dict:
    return json.loads(json.dumps(document))


def test_every_number_of_every_method_comes_out_the_same_to_its_last_bits(walked):
    methods = set()
    for analysis in Analysis.objects.filter(state__in=[State.DONE, State.REFUSED]):
        document = through_a_file(repeating.document_of(analysis.pk))
        outcome, lines = replay.repeat(document)
        assert document["exact"] and replay.notes_on(document) == []
        assert all(line.same for line in lines), (analysis.method, [line for line in lines if not line.same])
        assert (outcome.refusal and outcome.refusal.code) == (analysis.reason and analysis.reason["code"])
        methods.add(analysis.method)
    assert methods >= {"emission_band", "colour", "first_exciton", "decay", "plqy", "rates", "particle_composition"}


def test_the_file_runs_where_there_is_no_django_and_tells_a_changed_number(walked, tmp_path, capsys):
    analysis = Analysis.objects.filter(method="plqy", state=State.DONE).get()
    document = through_a_file(repeating.document_of(analysis.pk))
    path = tmp_path / "plqy.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    program = f"import sys; from spectra.analysis.replay import main; code = main([{str(path)!r}]); " + (
        "assert 'django' not in sys.modules; sys.exit(code)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "same  plqy" in ran.stdout, ran.stderr
    document["expected"]["quantities"][0]["value"] += 0.01
    document["method_version"] += 1
    document["exact"] = False
    path.write_text(json.dumps(document), encoding="utf-8")
    assert replay.main([str(path)]) == 1
    told = capsys.readouterr().out
    assert "OTHER plqy" in told and "the file is of version" in told and "was changed after" in told


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "qdlab-analysis", "format_version": 9}', None],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_in_words(content, tmp_path, capsys):
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    assert replay.main([str(path)]) == 2 and capsys.readouterr().err.strip()
    assert replay.main([]) == 2


def test_a_damaged_file_is_refused_in_words():
    whole = {
        "format": "qdlab-analysis",
        "format_version": 1,
        "method": "emission_band",
        "parameters": {},
        "inputs": [{}],
    }
    for wrong in (whole, whole | {"method": "magic"}, whole | {"parameters": {"x": 1}}):
        with pytest.raises(replay.NoReplay):
            replay.case_of(wrong)
    assert set(METHODS)
