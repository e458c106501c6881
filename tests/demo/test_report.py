"""The report of computed beside true numbers, on a small demo lab built through the services."""

import pytest
from django.core.management import CommandError, call_command

from qdlab.demo import cases, coverage, expected, files, lab, report
from qdlab.demo.instruments import Bench
from qdlab.demo.truth import OAM_SERIES, REPLICATES
from qdlab.records.audit import acting_through
from spectra import followups
from spectra.models import Analysis, State, Upload
from synthesis.models import Batch
from tests.spectra.walk import work


@pytest.fixture
def small_demo(db, monkeypatch):
    """Recipe 3 and two points of the oleylamine series, the failed one among them."""
    failed = next(truth for truth in OAM_SERIES if not truth.bands)
    for module in (lab, report):
        monkeypatch.setattr(module, "REPLICATES", (REPLICATES[6],))
        monkeypatch.setattr(module, "OAM_SERIES", (OAM_SERIES[1], OAM_SERIES[2], OAM_SERIES[3], failed))
    with acting_through("command"):
        lab.build()
    with acting_through("worker"):
        while work():
            followups.settle_all()
    return list(Batch.objects.order_by("pk"))


def test_every_number_of_the_demo_lies_within_two_u_of_its_truth(small_demo, capsys):
    found = report.lines(small_demo)
    assert [(line.batch, line.name, line.value, line.true) for line in found if not line.agrees] == []
    names = {line.name for line in found}
    assert {"plqy", "k_r_per_s", "lifetime_ns", "emission_fwhm_nm", "cie_x", "band_2_share", "OAM:Pb"} <= names
    assert not Upload.objects.exclude(status=Upload.Status.READ).exists()
    assert not Analysis.objects.exclude(state__in=[State.DONE, State.REFUSED]).exists()
    call_command("demo_report")
    told = capsys.readouterr().out
    assert f"{len(found)} of {len(found)} numbers lie within 2 u" in told
    assert "jumps from 51" in told and "at 0.5 equiv" in told and "At 0.4 equiv there are two bands" in told


def test_a_number_that_is_missing_or_wrong_is_marked():
    lines = [
        report.Line("QD-1", "recipe 1", "plqy", 0.95, 0.05, 0.956),
        report.Line("QD-1", "recipe 1", "lifetime_ns", 9.5, 0.03, 9.02),
        report.Line("QD-1", "recipe 1", "k_nr_per_s", None, None, 4.9e6),
    ]
    good, wrong, missing = report.table(lines).splitlines()[1:]
    assert not good.endswith("*") and wrong.endswith("16.00 *") and "none" in missing and missing.endswith("*")


def test_a_lab_without_a_demo_says_how_to_get_one(db):
    with pytest.raises(CommandError, match="make demo"):
        call_command("demo_report")


def test_with_the_instruments_of_the_demo_every_number_lies_within_two_u():
    """The whole demo's numbers by the methods alone, with the instruments that ``make demo`` draws."""
    bench = Bench(lab.SEED)
    standard = cases.read_all(files.of_standard(bench, coverage.WHEN), cases.STANDARD)
    outside, n = [], 0
    for truth in (*REPLICATES, *OAM_SERIES):
        raw = files.of_sample(bench, truth, "QD-1", coverage.WHEN)
        if not truth.bands:
            continue
        by_method = cases.outcomes(cases.read_all(raw), standard)
        given = {e.name: e for outcome in by_method.values() for e in outcome.estimates}
        for name, value in expected.quantities(truth).items():
            n += 1
            if given[name].value is None or abs(given[name].value - value) > 2 * given[name].u:
                outside.append((truth.recipe, truth.oam_equiv, name, given[name].value, value))
    assert n > 180 and outside == []
