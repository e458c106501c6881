"""Tables for scripts: the same numbers in every format, with their units, uncertainties and flags."""

import csv
import io
import json
import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qdlab.access.api.tabular import safe_text
from synthesis import services
from synthesis.models import Batch
from synthesis.services import SweptParameter
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records

pytestmark = pytest.mark.django_db
PEAK = "emission_peak_nm"


@pytest.fixture
def project():
    return factories.make_project("Blue emitters")


@pytest.fixture
def script(ask, project):
    return ask(factories.chemist_in(project))


@pytest.fixture
def batch(project):
    """A weighed batch with one spectrum and its numbers."""
    batch = factories.make_batch(project, code="B-1", title="=1+1", temperature_c=20.5)
    factories.weigh_as_planned(batch, uncertainty="1", unit="%")
    sample = factories.make_sample(batch, code="B-1-a", solvent=factories.shelf()["Toluene"])
    numbers = {PEAK: (453.2, 0.25, "nm"), "emission_fwhm_nm": (14.9, None, "nm")}
    records.make_result(records.make_measurement(sample, dilution_label="d1"), numbers)
    return batch


def read(answer, form: str) -> pd.DataFrame:
    content = io.BytesIO(answer.content)
    return {
        "json": lambda: pd.DataFrame(json.loads(answer.content)),
        "csv": lambda: pd.read_csv(content),
        "parquet": lambda: pd.read_parquet(content),
        "arrow": lambda: pd.read_feather(content),
        "arrows": lambda: pa.ipc.open_stream(content).read_pandas(),
    }[form]()


@pytest.mark.parametrize("form", ["json", "csv", "parquet", "arrow", "arrows"])
def test_every_format_holds_the_same_numbers(form, batch, script):
    answer = script.get("/tables/batches", {"format": form})
    (row,) = read(answer, form).to_dict("records")
    assert (row["code"], row["project"], row["status"], row["temperature_c"]) == (
        "B-1",
        "Blue emitters",
        "planned",
        20.5,
    )
    assert (row[PEAK], row[f"{PEAK}_u"]) == (453.2, 0.25)
    # 1.003 : 1 : 3.003 : 4.003 : 1.502 are the ratios of the paper's recipe 1.
    ratios = [row[f"ratio_{name}"] for name in ("MA", "Pb", "Br", "MLA", "OAM")]
    assert ratios == pytest.approx([1.003, 1, 3.003, 4.003, 1.502], abs=5e-4)
    # Two weighings of 1 % each: u(MA:Pb) = 1.003 · √2 · 1 %.
    assert row["ratio_MA_u"] == pytest.approx(1.0034 * 2**0.5 * 0.01, rel=1e-3)
    assert pd.isna(row["plqy"]) and pd.isna(row["emission_fwhm_nm_u"])


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/csv", "csv"),
        ("application/vnd.apache.parquet", "parquet"),
        ("application/vnd.apache.arrow.file", "arrow"),
        ("application/vnd.apache.arrow.stream", "arrows"),
        ("application/json", "json"),
        ("*/*", "json"),
    ],
)
def test_the_accept_header_chooses_the_format_too(accept, form, batch, script):
    assert len(read(script.get("/tables/batches", Accept=accept), form)) == 1


def test_units_travel_with_the_columns(batch, script):
    table = pq.read_table(io.BytesIO(script.get("/tables/batches", {"format": "parquet"}).content))
    assert table.schema.field(PEAK).metadata[b"unit"] == b"nm"
    assert table.schema.field(f"{PEAK}_u").metadata[b"unit"] == b"nm"
    arrow = pa.ipc.open_file(script.get("/tables/batches", {"format": "arrow"}).content).schema
    assert arrow.field("temperature_c").metadata[b"unit"] == b"Cel"
    units = json.loads(script.get("/tables/batches", {"format": "csv"})["QDLab-Units"])
    assert {PEAK: "nm", "ratio_OAM": "1", "temperature_c": "Cel"}.items() <= units.items()


def test_a_text_that_would_be_a_formula_is_escaped_and_a_number_is_not(batch, script):
    Batch.objects.update(temperature_c=-20.5)
    (row,) = csv.DictReader(io.StringIO(script.get("/tables/batches", {"format": "csv"}).content.decode()))
    assert (row["title"], row["temperature_c"]) == ("'=1+1", "-20.5")
    assert script.get("/tables/batches", {"format": "json"}).json()[0]["title"] == "=1+1"
    assert [safe_text(t) for t in ("=a", "+a", "-a", "@a", "\ta", "＝a", "a=b", "")] == [
        "'=a", "'+a", "'-a", "'@a", "'\ta", "'＝a", "a=b", "",
    ]  # fmt: skip


def test_a_row_per_sample_and_per_analysis(batch, script):
    factories.make_sample(batch, code="B-1-b")
    (first, second) = script.get("/tables/batches", {"per": "sample"}).json()
    assert (first["sample_code"], first["solvent"], first[PEAK]) == ("B-1-a", "Toluene", 453.2)
    assert (second["sample_code"], second[PEAK], second["ratio_Pb"]) == ("B-1-b", None, 1.0)
    (row,) = script.get("/tables/batches", {"per": "analysis"}).json()
    assert (row["method"], row["dilution_label"], row[PEAK], row["sample_code"]) == (
        "emission_band",
        "d1",
        453.2,
        "B-1-a",
    )
    told(script.get("/tables/batches", {"per": "moon"}), 400)


def test_ratios_count_against_another_species(batch, script):
    (row,) = script.get("/tables/batches", {"reference": "OAM"}).json()
    assert (row["ratio_OAM"], row["ratio_Pb"]) == (1.0, pytest.approx(1 / 1.5024, rel=1e-4))
    # Oleylamine and lead bromide were each weighed to 1 %.
    assert row["ratio_Pb_u"] == pytest.approx(row["ratio_Pb"] * 2**0.5 * 0.01, rel=1e-3)
    assert row[PEAK] == 453.2
    told(script.get("/tables/batches", {"reference": "Xx"}), 400)


def test_what_the_eye_must_know_stands_beside_the_number(batch, script, project):
    planned = factories.make_batch(project, code="B-0")
    result = batch.samples.get().analyses.get()
    type(result).objects.filter(pk=result.pk).update(
        stale_since=result.created_at, warnings=[{"code": "noisy", "text": "Noisy.", "values": {}}]
    )
    from qdlab.dashboards import index

    index.rebuild()
    rows = {row["code"]: row for row in script.get("/tables/batches").json()}
    assert rows["B-1"][f"{PEAK}_flags"] == "stale warned"
    assert (rows["B-1"]["ratio_Pb_flags"], rows[planned.code]["ratio_Pb_flags"]) == ("", "planned")


def test_swept_values_are_columns_in_the_unit_in_which_they_were_typed(project, script):
    revision = factories.make_recipe(project, name="Recipe 1").revisions.get()
    chemist = factories.chemist_in(project)
    parameters = [
        SweptParameter("ingredient:oam", ("0.1", "0.25")),
        SweptParameter("step:4:temperature", ("20", "60"), "Cel"),
    ]
    services.plan_sweep(by=chemist, revision=revision, name="OAM", parameters=parameters)
    frame = read(script.get("/tables/batches", {"format": "parquet", "ordering": "order"}), "parquet")
    assert list(frame["sweep_oam"]) == [0.1, 0.1, 0.25, 0.25]
    assert list(frame["sweep_step4_temperature"]) == [20.0, 60.0, 20.0, 60.0]
    assert set(frame["sweep"]) == {"OAM"} and set(frame["recipe"]) == {"Recipe 1"}
    assert list(frame["ratio_OAM"]) == pytest.approx([0.1, 0.1, 0.25, 0.25])


def test_filters_orders_and_columns_are_those_of_the_list(batch, script, project):
    factories.make_batch(project, code="B-2")
    codes = [
        row["code"] for row in script.get("/tables/batches", {"ordering": f"-{PEAK}", "fields": f"code,{PEAK}"}).json()
    ]
    assert codes == ["B-1", "B-2"]
    assert list(script.get("/tables/batches", {"fields": "code,plqy"}).json()[0]) == ["code", "plqy"]
    assert len(script.get("/tables/batches", {f"{PEAK}__gte": 450, f"{PEAK}_u__lte": 0.3}).json()) == 1
    assert script.get("/tables/batches", {f"{PEAK}__gte": 460}).json() == []
    for wrong in ({"colour": "blue"}, {"fields": "colour"}, {"ordering": "colour"}, {"limit": "0"}):
        told(script.get("/tables/batches", wrong), 400)


def test_with_a_limit_the_link_leads_through_every_row(script, project):
    revision = factories.make_recipe(project).revisions.get()
    for n in range(7):
        factories.make_batch(revision=revision, code=f"B-{n}")
    answer, codes = script.get("/tables/batches", {"limit": 3, "ordering": f"{PEAK},code"}), []
    while True:
        codes += [row["code"] for row in answer.json()]
        if "Link" not in answer:
            break
        answer = script.client.get(answer["Link"][1:].partition(">")[0], headers=script.headers({}))
    assert codes == [f"B-{n}" for n in range(7)]


def test_a_table_without_rows_has_its_columns(script):
    frame = read(script.get("/tables/batches", {"format": "parquet"}), "parquet")
    assert len(frame) == 0 and {"code", PEAK, f"{PEAK}_u", "plqy"} <= set(frame.columns)
    assert frame[PEAK].dtype == float


@pytest.mark.parametrize("per", ["batch", "sample", "analysis"])
def test_a_longer_table_costs_no_more_queries(per, batch, script, project, django_assert_max_num_queries):
    for _n in range(4):
        sample = factories.make_sample(factories.make_batch(project))
        records.make_result(records.make_measurement(sample), {PEAK: (453.0, 0.2, "nm")})
    script.get("/tables/batches")
    with django_assert_max_num_queries(9):  # token, notes of changes, species, batches, numbers; samples, analyses
        assert len(script.get("/tables/batches", {"per": per}).json()) == 5


@pytest.mark.parametrize(("per", "name"), [("batch", "batches"), ("sample", "samples"), ("analysis", "analyses")])
def test_a_downloaded_table_is_named_after_the_lab_its_rows_and_the_day(script, batch, per, name):
    given = script.get("/tables/batches", {"format": "csv", "per": per})["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="qdlab-{name}-\d{{4}}-\d\d-\d\d\.csv"', given)
