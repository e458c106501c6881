"""Results that join several measurements, and what becomes of them when one of these is put on another sample and back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qdlab.records import audit, store
from spectra import provenance, services
from spectra.models import Analysis, AnalysisInput, Measurement, State, Upload
from spectra.services import uploads
from spectra.services.joined import MOVED
from tests import factories
from tests.spectra import records
from tests.spectra.walk import drop, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue")


@pytest.fixture
def chemist(project):
    return factories.make_member(project)


@pytest.fixture
def sample(project):
    return factories.make_sample(factories.make_batch(project), state="washed")


@pytest.fixture
def other(sample):
    return factories.make_sample(sample.batch)


def of(measurement, name: str) -> Analysis:
    """A result on one measurement."""
    records.make_result(measurement, {f"{name}_nm": (453.0, 0.3, "nm")}, method=name)
    return Analysis.objects.get(measurement=measurement, method=name)


def joining(method: str, sample, state=State.DONE, **inputs) -> Analysis:
    """A result on several inputs (measurements or results, by their roles)."""
    kinds = {Measurement: "measurement", Analysis: "upstream"}
    rows = [AnalysisInput(role=role, **{kinds[type(given)]: given}) for role, given in inputs.items()]
    made = Analysis.objects.create(
        project=sample.project, method=method, sample=sample, state=state, ended_at="2026-03-02T10:00Z",
        input_digest=provenance.digest_of(method, {}, rows),
    )  # fmt: skip
    for row in rows:
        row.analysis = made
        row.save()
    return made


@pytest.fixture
def bands(sample):
    """Absorption and emission of a sample with their results."""
    first = of(records.make_measurement(sample, technique="uvvis"), "first_exciton")
    return first, of(records.make_measurement(sample), "emission_band")


def move(by, measurement, sample) -> None:
    measurement = Measurement.objects.get(pk=measurement.pk)
    services.assign(by=by, measurements=[measurement], sample=sample)


def stands(analysis) -> tuple:
    analysis.refresh_from_db()
    return analysis.withdrawn_because, analysis.superseded_by


def test_a_stokes_shift_does_not_stand_on_a_curve_of_another_sample(chemist, sample, other, bands):
    first, band = bands
    shift = joining("stokes_shift", sample, absorption=first, emission=band)
    move(chemist, band.measurement, other)
    assert stands(shift) == (MOVED, None)
    move(chemist, band.measurement, sample)
    assert stands(shift) == ("", None)
    assert [event.action for event in audit.history_of(shift)] == ["analysis.withdrawn", "analysis.restored"]
    assert audit.broken_links(str(sample.project_id)) == []


def test_a_blank_of_the_sample_counts_as_one_of_its_curves(chemist, sample, other):
    emission, absorbance = records.make_measurement(sample), records.make_measurement(sample, technique="uvvis")
    blank = records.make_measurement(sample, role="blank")
    plqy = joining("plqy", sample, sample_emission=emission, sample_absorbance=absorbance, blank=blank)
    move(chemist, blank, other)
    assert stands(plqy) == (MOVED, None)
    move(chemist, blank, sample)
    assert stands(plqy) == ("", None)


def test_what_was_replaced_before_a_move_stays_replaced_after_it(chemist, sample, other, bands):
    first, band = bands
    old = joining("stokes_shift", sample, absorption=first, emission=band)
    new = joining("stokes_shift", sample, absorption=first, emission=band)
    Analysis.objects.filter(pk=old.pk).update(superseded_by=new)
    for place in (other, sample):
        move(chemist, band.measurement, place)
    assert (stands(old), stands(new)) == (("", new), ("", None))


def test_what_replaced_a_result_while_it_was_away_gives_way_and_speaks_when_that_goes_again(
    chemist, sample, other, bands
):
    first, band = bands
    own = joining("stokes_shift", sample, absorption=first, emission=band)
    move(chemist, band.measurement, other)
    second = of(records.make_measurement(sample), "emission_band")
    meanwhile = joining("stokes_shift", sample, absorption=first, emission=second)
    Analysis.objects.filter(pk=meanwhile.pk).update(ended_at="2126-03-02T10:00Z")
    Analysis.objects.filter(pk=own.pk).update(superseded_by=meanwhile)  # they share the absorption
    move(chemist, band.measurement, sample)
    assert (stands(own), stands(meanwhile)) == (("", None), ("", own))
    move(chemist, band.measurement, other)
    assert (stands(own), stands(meanwhile)) == ((MOVED, None), ("", None))


def test_the_audit_chain_is_locked_after_the_results_that_a_move_touches(chemist, sample, other, bands):
    """As where results end: whoever holds results and waits for the chain must not meet one who holds the chain."""
    first, band = bands
    joining("stokes_shift", sample, absorption=first, emission=band)
    upload = band.measurement.reading.upload
    facts = {band.measurement_id: {"excitation_nm": 372.0}}
    with CaptureQueriesContext(connection) as asked:
        uploads.assign_uploads(by=chemist, placed=[uploads.PlacedFile(upload, other, facts=facts)])
    written = [one["sql"] for one in asked if not one["sql"].startswith("SELECT")]
    chain = min(n for n, sql in enumerate(written) if "records_audit" in sql)
    results = max(n for n, sql in enumerate(written) if sql.startswith('UPDATE "spectra_analysis"'))
    assert results < chain


# --- The same file once more ------------------------------------------------------------------------------------------


def test_a_file_sent_again_stays_where_somebody_put_what_was_measured_in_it(project, chemist, sample, other):
    upload = drop(chemist, project, emission_file("unknown"))
    work()
    measurement = Measurement.objects.get()
    services.put_on_sample(by=chemist, measurement=measurement, sample=other)
    again = services.upload(
        by=chemist, project=project, name="a.txt", chunks=[store.read(upload.blob_id)], sample=sample
    )
    measurement.refresh_from_db()
    assert (again.new, measurement.sample) == (False, other)
    assert Upload.objects.get().sample is None
