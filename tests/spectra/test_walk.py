"""From a file to a number, through the services and the worker's functions, on a real database and the real reader host."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qdlab.demo.instruments import Bench
from qdlab.records import audit, store
from qdlab.records.models import AuditEvent
from spectra import ingest, selectors, services
from spectra.models import Analysis, Measurement, Quantity, State, Upload
from spectra.values import value_of
from synthesis import services as bench_services
from tests import factories
from tests.spectra.walk import BLUE, WHEN, drop, drop_sample_files, drop_standard_session, emission_file, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project("Blue")


@pytest.fixture
def chemist(project):
    return factories.make_member(project)


@pytest.fixture
def batch(project, chemist):
    return factories.make_batch(project)


@pytest.fixture
def sample(batch, chemist):
    return bench_services.add_sample(by=chemist, batch=batch, state="washed")


def number(name: str, **where) -> Quantity:
    return Quantity.objects.get(name=name, analysis__superseded_by=None, analysis__withdrawn_at=None, **where)


def test_a_dropped_emission_spectrum_gets_its_peak_width_and_colour(project, chemist):
    upload = drop(chemist, project, emission_file("QD"))
    assert upload.status == Upload.Status.RECEIVED
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ and upload.simulated
    measurement = Measurement.objects.get()
    assert (measurement.technique, measurement.excitation_nm) == ("pl_emission", 372.0)
    peak = number("emission_peak_nm")
    assert abs(peak.value - 453.0) < 3 * peak.u  # the simulated wavelength scale is off by up to a few u
    assert number("emission_fwhm_nm").value == pytest.approx(14.9, abs=0.3)
    assert {a.method for a in Analysis.objects.filter(state=State.DONE)} == {"emission_band", "colour"}


def test_the_stored_curve_is_bit_for_bit_what_the_file_says(project, chemist):
    content = emission_file("QD")
    drop(chemist, project, content)
    work()
    spectrum = value_of(Measurement.objects.get())
    rows = content.decode().split("XYDATA\r\n")[1].split("\r\n\r\n")[0].split("\r\n")
    pairs = [tuple(map(float, row.split("\t"))) for row in rows]
    assert list(zip(spectrum.x.tolist(), spectrum.signal.values.tolist(), strict=True)) == pairs


def test_two_spectra_on_one_axis_share_its_row(project, chemist):
    for seed in (1, 2):
        drop(chemist, project, emission_file(f"QD {seed}", seed=seed))
    work()
    grids = set(Measurement.objects.values_list("traces__grid", flat=True))
    assert Measurement.objects.count() == 2 and len(grids) == 1


def test_a_dilution_series_and_a_session_give_one_plqy_and_rates(project, chemist, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    assert Analysis.objects.filter(method="plqy").count() == 1  # not one per pair of files
    plqy, tau = number("plqy", analysis__sample=sample), number("lifetime_ns", analysis__sample=sample)
    assert abs(plqy.value - BLUE.phi) < 3 * plqy.u
    assert tau.value == pytest.approx(9.02, abs=4 * tau.u)
    k_r = number("k_r_per_s", analysis__sample=sample)
    assert k_r.value == pytest.approx(plqy.value / (tau.value * 1e-9), rel=1e-9)
    sources = {component["source"].split(":")[0] for component in plqy.budget}
    assert {"standard", "fit", "session", "refractive", "correction"} <= sources


def test_every_number_leads_back_to_its_raw_files(project, chemist, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    rates = selectors.with_chain(Analysis.objects.filter(method="rates")).get()
    files = {
        given.measurement.reading.upload.blob_id
        for upstream in rates.inputs.all()
        for given in upstream.upstream.inputs.all()
    }
    assert len(files) == 2 * 3 + 2 * 5 + 1  # pairs of the sample, pairs of the standard, one decay with its IRF
    for sha256 in files:
        assert store.verified_path(sha256).exists()


def test_a_file_finds_its_sample_by_the_code_in_its_title(project, chemist, sample):
    upload = drop(chemist, project, emission_file(f"{sample.code} d2"))
    work()
    measurement = Measurement.objects.get()
    assert (measurement.sample, measurement.dilution_label) == (sample, "d2")
    upload.refresh_from_db()
    assert upload.suggestion["confidence"] > 0.9 and "title" in str(upload.suggestion["reason"])


def test_a_file_without_a_code_waits_in_the_inbox_until_somebody_assigns_it(project, chemist, sample):
    upload = drop(chemist, project, emission_file("unknown"))
    work()
    assert list(selectors.inbox(chemist)) == [upload]
    services.assign_upload(by=chemist, upload=upload, sample=sample)
    assert not selectors.inbox(chemist).exists()
    assert Analysis.objects.filter(sample=sample, method="emission_band").count() == 1


def test_the_same_bytes_in_one_project_are_one_upload_and_elsewhere_another(project, chemist):
    other = factories.make_project("Green")
    factories.make_member(other, user=chemist)
    first = services.upload(by=chemist, project=project, name="a.txt", chunks=[emission_file()])
    again = services.upload(by=chemist, project=project, name="b.txt", chunks=[emission_file()])
    elsewhere = services.upload(by=chemist, project=other, name="a.txt", chunks=[emission_file()])
    assert (first.new, again.new, elsewhere.new) == (True, False, True)
    assert again.upload == first.upload and elsewhere.upload != first.upload
    assert first.upload.blob == elsewhere.upload.blob


@pytest.mark.parametrize(
    "content", [b"", b"This is prose, not a spectrum.", bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(2000)]
)
def test_an_unreadable_file_is_kept_with_a_sentence(project, chemist, content):
    upload = drop(chemist, project, content, "strange.txt")
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.UNREADABLE
    assert len(upload.reason["text"]) > 20
    assert store.read(upload.blob_id) == content


def test_changing_the_excitation_makes_the_plqy_stale_and_a_recompute_supersedes_it(project, chemist, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    old = Analysis.objects.get(method="plqy")
    emission = Measurement.objects.get(dilution_label="d1", technique="pl_emission", sample=sample)
    services.change_measurement(by=chemist, measurement=emission, excitation_nm=372.3)
    old.refresh_from_db()
    assert old.stale_since is not None
    assert Analysis.objects.get(method="rates").stale_since is not None  # what rests on it is stale too
    work()  # the changed series is complete: it is computed again by itself
    old.refresh_from_db()
    assert old.superseded_by is not None and old.quantities.count() > 0


def test_reanalysis_with_other_settings_keeps_the_old_result(project, chemist):
    drop(chemist, project, emission_file())
    work()
    old = Analysis.objects.get(method="emission_band")
    before = {q.name: q.value for q in old.quantities.all()}
    services.analyse_again(by=chemist, analysis=old, parameters={"window_min_nm": 430.0, "window_max_nm": 480.0})
    work()
    old.refresh_from_db()
    assert {q.name: q.value for q in old.quantities.all()} == before
    assert old.superseded_by.parameters == {"window_min_nm": 430.0, "window_max_nm": 480.0}


def test_measurements_put_on_another_sample_take_their_joined_numbers_out_of_use(project, chemist, batch, sample):
    bench = Bench(7)
    drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    other = bench_services.add_sample(by=chemist, batch=batch)
    moved = Measurement.objects.get(dilution_label="d2", technique="uvvis", sample=sample)
    services.assign(by=chemist, measurements=[moved], sample=other)
    assert Analysis.objects.get(method="plqy").withdrawn_at is not None
    assert Analysis.objects.get(method="rates").withdrawn_at is not None
    services.assign(
        by=chemist, measurements=[moved], sample=sample
    )  # and back: the same numbers stand again, nothing is new
    work()
    assert list(
        Analysis.objects.filter(method__in=["plqy", "rates"], withdrawn_at=None, superseded_by=None)
        .order_by("method")
        .values_list("method", "sample", "stale_since")
    ) == [(method, sample.pk, None) for method in ("plqy", "rates")]
    decay = Measurement.objects.get(technique="decay", sample=sample, role="sample")
    services.assign(by=chemist, measurements=[decay], sample=other)
    used = Analysis.objects.filter(withdrawn_at=None, superseded_by=None)
    assert not used.filter(method="rates").exists() and used.filter(method="plqy", sample=sample).exists()


def test_the_agreed_value_is_the_newest_on_the_washed_fresh_sample_unless_a_person_chooses(
    project, chemist, batch, sample
):
    aged = bench_services.add_sample(by=chemist, batch=batch, state="aged", parent=sample)
    drop(chemist, project, emission_file("fresh", peak_nm=453), "f.txt", sample=sample)
    drop(chemist, project, emission_file("aged", peak_nm=456, seed=3), "a.txt", sample=aged)
    work()
    agreed = selectors.agreed_quantities([batch])[batch.pk]["emission_peak_nm"]
    assert agreed.analysis.sample == sample
    alternative = Analysis.objects.get(sample=aged, method="emission_band")
    services.agree_on(by=chemist, batch=batch, analysis=alternative, because="the fresh one was cloudy")
    assert selectors.agreed_quantities([batch])[batch.pk]["emission_peak_nm"].analysis == alternative


def test_every_step_of_the_walk_leaves_its_audit_event_and_the_chain_is_whole(project, chemist, sample):
    drop(chemist, project, emission_file(sample.code))
    work()
    actions = set(AuditEvent.objects.filter(chain=str(project.pk)).values_list("action", flat=True))
    assert {"upload.received", "upload.read", "analysis.ended"} <= actions
    assert audit.broken_links(str(project.pk)) == []


def test_a_standard_without_a_yield_gives_no_session(project, chemist):
    from django.core.exceptions import ValidationError

    standard = services.make_standard(by=chemist, compound="coumarin 153", solvent="ethanol")
    with pytest.raises(ValidationError, match="no quantum yield"):
        services.make_session(by=chemist, project=project, standard=standard, name="C153", measured_at=WHEN)


def test_reading_again_with_a_mapping_withdraws_what_was_read_before(project, chemist):
    table = "a b c\n" + "\n".join(f"{x} {x * 2} {x * x}" for x in range(400, 440))
    upload = drop(chemist, project, table.encode(), "table.txt")
    work()
    services.read_again(by=chemist, upload=upload, mapping={"x": 0, "y": [2], "x_unit": "nm", "technique": "uvvis"})
    work()
    current = selectors.measurements_of(upload)
    assert [m.technique for m in current] == ["uvvis"]
    assert Measurement.objects.filter(withdrawn_at__isnull=False).count() == Measurement.objects.count() - 1


def test_what_is_said_with_the_second_sending_of_a_file_counts(project, chemist, sample):
    table = "Wavelength (nm),Intensity\n" + "\n".join(
        f"{x},{1000 * 2.7 ** (-(((x - 453) / 9) ** 2)):.3f}" for x in range(390, 560)
    )
    first = drop(chemist, project, table.encode(), "pl.csv", hints={"technique": "pl_emission"})
    work()
    again = drop(chemist, project, table.encode(), "pl.csv", sample=sample, hints={"excitation_nm": "372"})
    measurement = Measurement.objects.get()
    assert again == first and (measurement.excitation_nm, measurement.sample) == (372.0, sample)


def test_a_file_put_on_a_sample_while_it_is_read_stays_there(project, chemist, sample, monkeypatch):
    upload = drop(chemist, project, emission_file("unknown"))
    understand = ingest.understand

    def meanwhile_put_on_a_sample(*given):
        services.assign_upload(by=chemist, upload=Upload.objects.get(pk=upload.pk), sample=sample)
        return understand(*given)

    monkeypatch.setattr(ingest, "understand", meanwhile_put_on_a_sample)
    assert ingest.read_waiting() == 1
    assert Measurement.objects.get().sample == sample
    assert Upload.objects.get(pk=upload.pk).sample == sample


def test_a_folder_sent_again_moves_nothing_that_others_rest_on(project, chemist, sample):
    bench = Bench(7)
    session = drop_standard_session(chemist, project, bench)
    drop_sample_files(chemist, project, bench, sample.code)
    work()
    plqy = Analysis.objects.get(method="plqy")
    other = services.make_session(
        by=chemist, project=project, standard=session.standard, name="other", measured_at=WHEN
    )
    for measurement in session.measurements.all():
        upload = measurement.reading.upload
        content = store.read(upload.blob_id)
        drop(chemist, project, content, upload.name, hints={"role": "standard", "standard_session": str(other.pk)})
    work()
    assert session.measurements.count() == 10 and other.measurements.count() == 0
    assert list(Analysis.objects.filter(method="plqy")) == [plqy]


def test_an_x_ray_spectrum_is_drawn_over_its_own_axis(project, chemist):
    from spectra import figures

    energy = "Energy (keV),Counts\n" + "\n".join(f"{0.01 * i:.2f},{100 + i % 7}" for i in range(200))
    upload = drop(chemist, project, energy.encode(), "edx.csv", hints={"technique": "edx"})
    work()
    measurement = selectors.with_curves(selectors.measurements_of(upload)).get()
    drawn = next(iter(figures.of_measurement(measurement)[0]["views"].values()))
    assert "keV" in drawn["layout"]["xaxis"]["title"]["text"]


def test_a_decay_and_its_response_find_each_other_by_their_names_whichever_comes_first(project, chemist):
    """Files of some programs tell neither instrument nor time: what was dropped together and is called alike belongs together."""
    counts, response = Bench(3).decay((9.02,), (1.0,))
    dropped = (("decay", 0), ("IRF", 0), ("IRF", 1), ("decay", 1), ("decay", 2))  # the last one has no response
    for kind, n in dropped:
        curve = (counts if kind == "decay" else response) + n  # other bytes each time
        rows = "\n".join(f"{k + 1}\t{value:.0f}" for k, value in enumerate(curve))
        item = "Decay" if kind == "decay" else "Prompt"
        head = f"Item name: {item}\n\nReal time: 9\nLive time: 0\nTime calibration: 5.0E-02ns/ch\n\nComment:\n\n\nChan\tData\n"
        drop(chemist, project, f"{head}{rows}\n".encode(), f"R-{n}_{kind}.txt")
        work()
    analyses = Analysis.objects.filter(method="decay", superseded_by=None)
    pairs = {tuple(given.measurement.reading.upload.name for given in one.inputs.order_by("role")) for one in analyses}
    assert pairs == {("R-0_decay.txt", "R-0_IRF.txt"), ("R-1_decay.txt", "R-1_IRF.txt"), ("R-2_decay.txt",)}


def test_a_batch_without_a_sample_gets_its_first_one_from_the_files_that_name_it(project, chemist, batch):
    assert not batch.samples.exists()
    first = drop(chemist, project, emission_file(seed=21), f"{batch.code}_PL.txt")
    second = drop(chemist, project, emission_file(seed=22), "without a name.txt", batch=batch)
    third = drop(chemist, project, emission_file(seed=23), "nothing known.txt")
    work()
    (sample,) = batch.samples.all()
    placed = [Upload.objects.get(pk=upload.pk).sample for upload in (first, second, third)]
    assert placed == [sample, sample, None]


def test_a_file_whose_owner_may_no_longer_write_is_read_all_the_same_and_adds_no_sample(project, chemist, batch):
    upload = drop(chemist, project, emission_file(seed=21), f"{batch.code}_PL.txt")
    project.memberships.filter(user=chemist).update(role="viewer")
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.READ and not batch.samples.exists()


@pytest.mark.parametrize("hints", [{"role": "lamp"}, {"role": "standard"}, {"role": "IRF"}])
def test_files_of_no_sample_do_not_give_a_batch_its_first_one(project, chemist, batch, hints):
    drop(chemist, project, emission_file(seed=21), f"{batch.code}_PL.txt", hints=hints)
    work()
    assert Measurement.objects.get().role == hints["role"] and not batch.samples.exists()


def test_a_document_does_not_give_a_batch_its_first_sample(project, chemist, batch):
    upload = drop(chemist, project, b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n", f"{batch.code} plan.pdf")
    work()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.KEPT and not batch.samples.exists()


def test_a_technique_said_at_the_drop_stays_that_of_the_columns_of_which_nothing_is_said(project, chemist):
    table = "a b c\n" + "\n".join(f"{x} {x * 2} {x * x}" for x in range(400, 440))
    upload = drop(chemist, project, table.encode(), "table.txt", hints={"technique": "uvvis"})
    work()
    mapping = {"x": 0, "y": [1, 2], "x_unit": "nm", "y_technique": [None, "pl_emission"]}
    services.read_again(by=chemist, upload=upload, mapping=mapping)
    work()
    assert {m.technique for m in selectors.measurements_of(upload)} == {"uvvis", "pl_emission"}


def test_a_series_given_to_a_method_of_single_curves_is_refused_in_words(project, chemist):
    rows = "\n".join(f"{x},{x / 4:.2f},{x / 3:.2f},{x / 2:.2f}" for x in range(400, 500))
    drop(chemist, project, f"Wavelength (nm),30 s,60 s,90 s\n{rows}\n".encode(), "PL series.csv")
    work()
    series = Measurement.objects.get()
    inputs = [{"role": "emission", "measurement": series.pk}]
    asked = services.analyse(by=chemist, method="emission_band", inputs=inputs)
    work()
    asked.refresh_from_db()
    assert (asked.state, asked.reason["code"]) == (State.REFUSED, "is_series")


def test_each_further_file_of_a_drop_costs_few_questions(project, chemist, sample):
    def asked(first: int, n: int) -> int:
        for seed in range(first, first + n):
            drop(chemist, project, emission_file(f"{sample.code} {seed}", seed=seed), f"{sample.code}_{seed}.txt")
        with CaptureQueriesContext(connection) as found:
            assert ingest.read_waiting() == n
        return len(found)

    few, many = asked(1, 2), asked(10, 8)
    assert Analysis.objects.count() == 20 and not Upload.objects.exclude(sample=sample).exists()
    assert many - few <= 6 * 2  # its reading and its upload are noted each for itself
