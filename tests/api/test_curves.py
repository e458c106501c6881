"""Many curves in one answer: every point as it was measured, in every format."""

import io

import numpy as np
import pandas as pd
import pytest

from spectra import curves
from spectra.decay import Decay
from tests import factories
from tests.api.test_problems import told
from tests.spectra import records

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def script(ask, project):
    return ask(factories.chemist_in(project))


@pytest.fixture
def sample(project):
    return factories.make_sample(factories.make_batch(project, code="B-1"), code="B-1-a")


@pytest.fixture
def two(sample):
    """Two spectra on one axis; each has one point without a value."""
    return [
        records.make_measurement(sample, value=records.emission(peak), title=f"at {peak:g}") for peak in (453.0, 463.0)
    ]


def frame(answer, form: str) -> pd.DataFrame:
    assert answer.status_code == 200, answer.content
    reader = {"csv": pd.read_csv, "parquet": pd.read_parquet, "arrow": pd.read_feather, "wide": pd.read_csv}[form]
    return reader(io.BytesIO(answer.content))


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_the_long_table_holds_every_point_bit_for_bit(form, two, script):
    points = frame(script.get("/spectra/data", {"ids": ",".join(str(m.pk) for m in two), "format": form}), form)
    assert len(points) == 302
    for measurement, peak in zip(two, (453.0, 463.0), strict=True):
        own = points[points["measurement"] == str(measurement.pk)]
        assert np.array_equal(own["x"], records.emission(peak).x)
        assert np.array_equal(own["y"], records.emission(peak).signal.values, equal_nan=True)
        assert set(own["sample"]) == {"B-1-a"} and set(own["batch"]) == {"B-1"} and set(own["x_unit"]) == {"nm"}


def test_json_has_a_record_per_curve_and_null_where_there_is_no_value(two, script, sample):
    first, second = script.get("/spectra/data", {"sample": sample.pk}).json()
    assert (first["title"], second["title"], first["technique"]) == ("at 453", "at 463", "pl_emission")
    assert first["x"] == list(records.emission().x)
    assert first["y"][3] is None and first["y"][4] == records.emission().signal.values[4]


def test_the_wide_table_stands_on_the_curves_own_axis(two, script, sample):
    wide = frame(script.get("/spectra/data", {"batch": sample.batch_id, "format": "wide"}), "wide")
    assert list(wide.columns) == ["x (nm)", "B-1-a | at 453", "B-1-a | at 463"]
    assert np.array_equal(wide["x (nm)"], records.emission().x)
    assert np.array_equal(wide["B-1-a | at 463"], records.emission(463.0).signal.values, equal_nan=True)


def test_different_axes_meet_on_the_finest_grid_and_nothing_is_extrapolated():
    coarse, fine = np.arange(400.0, 411.0, 2.0), np.arange(405.0, 415.5, 0.5)[::-1]
    names = dict.fromkeys(("measurement", "batch", "technique", "channel", "y_quantity", "y_unit", "z_unit"), "")
    common = {**names, "index": 0, "role": "signal", "x_unit": "nm", "z": None, "sample": "s"}
    table = curves.wide_table(
        [
            curves.Curve(title="coarse", x=coarse, y=coarse * 3, **common),
            curves.Curve(title="fine", x=fine, y=fine * 2, **common),
        ]
    ).to_pandas()
    assert list(table["x (nm)"]) == list(np.arange(400.0, 415.5, 0.5))
    # A straight line is kept by linear interpolation, to rounding.
    assert list(table["s | coarse"][:21]) == pytest.approx(list(3 * np.arange(400.0, 410.5, 0.5)))
    assert table["s | coarse"][21:].isna().all() and table["s | fine"][:10].isna().all()


def test_curves_with_other_axes_stand_side_by_side_only_one_technique_at_a_time(two, sample, script):
    decay = Decay(np.arange(50.0), 0.05, irf_counts=np.ones(50))
    records.make_measurement(sample, value=decay, technique="decay")
    assert "technique" in told(script.get("/spectra/data", {"sample": sample.pk, "format": "wide"}), 400)["errors"]
    wide = frame(
        script.get("/spectra/data", {"sample": sample.pk, "format": "wide", "technique": "pl_emission"}), "wide"
    )
    assert len(wide.columns) == 3
    (signal,) = script.get("/spectra/data", {"sample": sample.pk, "technique": "decay"}).json()
    assert (signal["x_unit"], signal["z"], signal["x"][1]) == ("ns", None, 0.05)
    both = script.get("/spectra/data", {"sample": sample.pk, "technique": "decay", "role": "all"}).json()
    assert [curve["role"] for curve in both] == ["signal", "IRF"]


def test_a_long_list_of_ids_is_sent_in_the_body_and_needs_no_more_than_to_read(two, ask, project):
    script = ask(factories.chemist_in(project), "read")
    answer = script.post("/spectra/data?format=parquet", {"ids": ",".join(str(m.pk) for m in two)})
    assert len(frame(answer, "parquet")) == 302


def test_something_must_be_asked_for(script):
    for wrong in ({}, {"technique": "pl_emission"}, {"ids": "x"}, {"colour": "blue"}, {"project": "1", "role": "moon"}):
        told(script.get("/spectra/data", wrong), 400)


def test_nothing_found_is_an_empty_table(script):
    nowhere = "00000000-0000-0000-0000-000000000000"
    assert script.get("/spectra/data", {"ids": nowhere}).json() == []
    assert len(frame(script.get("/spectra/data", {"ids": nowhere, "format": "parquet"}), "parquet")) == 0


def test_a_hundred_curves_cost_as_many_queries_as_two(two, script, sample, django_assert_num_queries):
    for n in range(98):
        records.make_measurement(sample, value=records.emission(400.0 + n))
    script.get("/methods/")  # notes that the token was used
    with django_assert_num_queries(4):  # token, measurements, curves, axes
        points = frame(script.get("/spectra/data", {"sample": sample.pk, "format": "arrow"}), "arrow")
    assert points["measurement"].nunique() == 100


def test_file_names_and_titles_run_no_formula(sample, script):
    records.make_measurement(sample, title="=HYPERLINK(1)")
    text = script.get("/spectra/data", {"sample": sample.pk, "format": "csv"}).content.decode()
    assert "'=HYPERLINK" in text and '"=HYPERLINK' not in text
