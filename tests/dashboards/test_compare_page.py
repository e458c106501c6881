"""Batches side by side: what is drawn, what is said of their differences, what the address keeps, what it costs."""

import base64
import re

import numpy as np
import pytest
from django.http import QueryDict
from django.urls import reverse

from qdlab.access.models import Role
from qdlab.dashboards import services
from qdlab.dashboards.columns import Column
from qdlab.dashboards.comparison import judged
from qdlab.dashboards.models import Comparison
from qdlab.dashboards.views.compare import ids_of, named
from spectra.decay import Decay
from spectra.models import Measurement, Quantity
from synthesis import services as bench
from synthesis.models import Batch
from synthesis.services import SweptParameter
from tests import factories
from tests.dashboards.people import NUMBERS
from tests.spectra import records

COLOURS = {"cie_x": (0.15, 0.002, "1"), "cie_y": (0.03, 0.002, "1")}


def address(*batches, **view) -> str:
    query = QueryDict(mutable=True)
    query.setlist("batch", [str(batch.pk) for batch in batches])
    query.update(view)
    return f"/compare/?{query.urlencode()}"


def numbers(drawn) -> list[float]:
    """The values of a typed array as the browser reads them."""
    return np.frombuffer(base64.b64decode(drawn["bdata"]), dtype=f"<{drawn['dtype']}").tolist()


def figure(response, id: str) -> dict:
    found = next(one for one in response.context["figures"] if one["id"] == id)
    return next(iter(found["views"].values()))


def trace(drawing: dict, name: str) -> dict:
    return next(one for one in drawing["data"] if one["name"] == name)


def peak(nm: float) -> dict:
    return {"emission_peak_nm": (nm, 0.3, "nm")}


def phi(value: float, u_own: float, own: str, standard: str = "standard:7") -> Quantity:
    budget = [
        {"name": "standard yield", "u": 0.038 * value, "source": standard},
        {"name": "slope of the sample", "u": u_own, "source": f"fit:{own}"},
    ]
    return Quantity(name="plqy", value=value, u=0.05, unit="1", budget=budget)


# --- What is drawn ----------------------------------------------------------------------------------------------------


def test_spectra_of_all_batches_lie_over_one_another(as_chemist, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    drawing = figure(as_chemist.get(address(a, b)), "emission")
    assert [one["name"] for one in drawing["data"]] == ["A", "B"]
    assert max(x for x in numbers(drawing["data"][0]["y"]) if x == x) == pytest.approx(1e5, rel=1e-6)  # float32


def test_spectra_are_normalised_offset_and_in_electronvolts_as_the_address_says(as_chemist, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    drawing = figure(as_chemist.get(address(a, b, normalise="1", offset="0.5", unit="eV")), "emission")
    tops = [np.nanmax(numbers(one["y"])) for one in drawing["data"]]
    assert tops == pytest.approx([1.0, 1.5], rel=1e-6)
    assert drawing["layout"]["xaxis"]["title"]["text"] == "energy (eV)"


def test_a_property_stands_against_the_ratio_that_differs_most(as_chemist, make, chemist):
    batches = [make("A", peak(453)), make("B", peak(463))]
    bench.weigh(by=chemist, batch=batches[1], weighings=[bench.Weighing("oam", "20.0", "uL")])
    page = as_chemist.get(address(*batches))
    assert (page.context["view"].x, page.context["view"].y) == ("ratio_OAM", "emission_peak_nm")
    points = trace(figure(page, "property"), "MLA·MA·QD₄")
    assert numbers(points["x"]) == pytest.approx([1.502, 0.7587], abs=2e-3)  # 39.6 and 20.0 µL on 80.1 µmol of Pb
    assert numbers(points["y"]) == [453.0, 463.0]
    assert numbers(points["error_y"]["array"]) == [0.3, 0.3]


def test_a_failed_batch_stays_along_the_axis_with_its_reason(as_chemist, make, chemist):
    failed = bench.set_outcome(by=chemist, batch=make("F", None), outcome="turbid", note="white, no emission")
    page = as_chemist.get(address(make("A", peak(453)), failed, x="ratio_OAM"))
    drawing = figure(page, "property")
    assert trace(drawing, "no number (on the axis)")["text"] == ["F: white, no emission"]
    row = next(row for row in page.context["table"]["rows"] if row["batch"].code == "F")
    assert row["why"] == "white, no emission"


def test_a_batch_without_the_parameter_is_named(as_chemist, make, chemist):
    a = bench.change_batch(by=chemist, batch=make("A", peak(453)), temperature_c=20.0)
    page = as_chemist.get(address(a, make("B", peak(463)), x="temperature_c"))
    summary = next(one["summary"] for one in page.context["figures"] if one["id"] == "property")
    assert summary.endswith("Without temperature: B")


def test_an_absent_number_says_why(as_chemist, make):
    batch = make("A", peak(453) | {"emission_fwhm_nm": (None, None, "nm")})
    reason = {"code": "r", "text": "Two bands overlap.", "values": {}}
    Quantity.objects.filter(name="emission_fwhm_nm").update(reason=reason)
    other = make("B", NUMBERS)
    assert "Two bands overlap." in as_chemist.get(address(batch, other)).content.decode()


def test_a_bimodal_batch_shows_its_single_bands(as_chemist, make):
    bands = peak(453) | {"band_1_peak_nm": (452.9, 0.1, "nm"), "band_2_peak_nm": (514.0, 0.2, "nm")}
    page = as_chemist.get(address(make("A", bands), make("B", peak(453))))
    single = trace(figure(page, "property"), "single bands")
    assert numbers(single["y"]) == [452.9, 514.0]
    assert single["text"] == ["A, band 1", "A, band 2"]


def test_a_weak_band_is_not_drawn_beside_the_strong_ones(as_chemist, make):
    strong = {"band_1_peak_nm": (452.9, 0.1, "nm"), "band_3_peak_nm": (514.0, 0.2, "nm")}
    shares = {f"band_{n}_share": (share, 0.01, "1") for n, share in ((1, 0.6), (2, 0.19), (3, 0.21))}
    three = make("A", peak(453) | strong | {"band_2_peak_nm": (700.0, 9.0, "nm")} | shares)
    shoulder = {"band_1_share": (0.9, 0.01, "1"), "band_2_share": (0.1, 0.01, "1")}
    one = make(
        "B", peak(453) | strong | {"band_2_peak_nm": (600.0, 9.0, "nm"), "band_3_share": (0.0, 0.0, "1")} | shoulder
    )
    single = trace(figure(as_chemist.get(address(three, one)), "property"), "single bands")
    assert single["text"] == ["A, band 1", "A, band 3"]
    assert numbers(single["y"]) == [452.9, 514.0]


def test_replicates_are_averaged_only_when_asked_and_say_how_many(as_chemist, make):
    batches = [make("A", peak(452)), make("B", peak(454)), make("C", None)]
    assert len(numbers(trace(figure(as_chemist.get(address(*batches)), "property"), "MLA·MA·QD₄")["y"])) == 2
    mean = trace(figure(as_chemist.get(address(*batches, means="1", x="ratio_OAM")), "property"), "MLA·MA·QD₄")
    assert numbers(mean["y"]) == [453.0]
    assert numbers(mean["error_y"]["array"]) == pytest.approx([2**0.5])  # standard deviation of 452 and 454
    assert mean["text"] == ["A and 2 more, n = 2"]


def test_rates_are_drawn_in_the_unit_that_the_axis_says(as_chemist, make):
    page = as_chemist.get(address(make("A", {"k_r_per_s": (10.6e7, 0.4e7, "1/s")}), y="k_r_per_s"))
    drawing = figure(page, "property")
    assert drawing["layout"]["yaxis"]["title"]["text"] == "Radiative rate (10⁷ s⁻¹)"
    assert numbers(drawing["data"][0]["y"]) == pytest.approx([10.6])


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show(as_chemist, make, chemist):
    a = bench.change_batch(by=chemist, batch=make("A", peak(453)), temperature_c=0.0)
    b = bench.change_batch(by=chemist, batch=make("B", peak(454)), temperature_c=20.0)
    drawing = figure(as_chemist.get(address(a, b, x="temperature_c", log_x="1")), "property")
    assert drawing["layout"]["xaxis"]["type"] == "log"
    assert numbers(drawing["data"][0]["x"]) == [20.0]


def test_colours_lie_on_the_diagram_in_both_coordinates(as_chemist, make):
    batch = make("A", COLOURS)
    drawing = figure(as_chemist.get(address(batch)), "cie")
    assert numbers(trace(drawing, "MLA·MA·QD₄")["x"]) == [0.15]
    uniform = trace(figure(as_chemist.get(address(batch, cie="uv")), "cie"), "MLA·MA·QD₄")
    assert numbers(uniform["x"]) == pytest.approx([4 * 0.15 / (-2 * 0.15 + 12 * 0.03 + 3)])  # u′ = 4x / (−2x + 12y + 3)


def test_decays_start_at_their_maximum_and_are_normalised(as_chemist, make):
    batch = make("A", None)
    counts = np.concatenate([np.zeros(10), 1000 * np.exp(-np.arange(200) / 40)]).round()
    measurement = records.make_measurement(
        batch.representative, technique="decay", value=Decay(counts=counts, bin_ns=0.1)
    )
    records.make_result(measurement, {"lifetime_ns": (4.0, 0.1, "ns")}, method="decay", role="decay")
    drawing = figure(as_chemist.get(address(batch)), "decays")
    x, y = numbers(drawing["data"][0]["x"]), numbers(drawing["data"][0]["y"])
    assert x[int(np.nanargmax(y))] == 0.0
    assert np.nanmax(y) == 1.0


def test_curves_take_the_colour_of_a_parameter(as_chemist, make, chemist):
    a = bench.change_batch(by=chemist, batch=make("A", peak(453)), temperature_c=10.0)
    b = bench.change_batch(by=chemist, batch=make("B", peak(463)), temperature_c=40.0)
    drawing = figure(as_chemist.get(address(a, b, colour="temperature_c")), "emission")
    assert [one["name"] for one in drawing["data"]] == ["A, 10 °C", "B, 40 °C"]
    assert len({one["line"]["color"] for one in drawing["data"]}) == 2


def test_what_is_simulated_is_named_on_every_page_that_shows_it(as_chemist, make):
    batch = make("A", peak(453))
    Measurement.objects.update(simulated=True)
    for place in (address(batch), "/batches/", "/", f"/batches/{batch.pk}/"):
        assert 'class="simulated"' in as_chemist.get(place).content.decode(), place


# --- Differences ------------------------------------------------------------------------------------------------------


def test_a_difference_is_judged_on_what_is_not_shared():
    column = Column("plqy", "Quantum yield", unit="1")
    said = judged(phi(0.95, 0.028, "a"), phi(0.91, 0.028, "b"), column)
    # u² = 0.028² + 0.028² + (0.038 · 0.04)²: the standard cancels but for the difference of the values
    assert said["text"] == "+0.04 ± 0.04"
    assert said["verdict"] == "not distinguishable"
    assert said["shared"] == "both share one standard"


def test_with_different_standards_nothing_cancels():
    column = Column("plqy", "Quantum yield", unit="1")
    shared = judged(phi(0.95, 0.005, "a"), phi(0.90, 0.005, "b"), column)
    apart = judged(phi(0.95, 0.005, "a"), phi(0.90, 0.005, "b", standard="standard:8"), column)
    assert shared["distinguishable"]
    assert not apart["distinguishable"]
    assert apart["shared"] == ""


def test_the_page_says_the_difference_to_the_chosen_batch(as_chemist, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    page = as_chemist.get(address(a, b, ref=str(b.pk)))
    (row,) = page.context["differences"]
    assert row["batch"] == a
    assert row["text"] == "−10.0 ± 0.4 nm"
    assert row["verdict"] == "clearly different"


# --- The address, and who sees what -----------------------------------------------------------------------------------


def test_batches_that_one_may_not_see_are_silently_absent(as_chemist, make, recipe):
    elsewhere = factories.make_batch(code="HIDDEN-1")
    seen = make("A", peak(453))
    page = as_chemist.get(address(seen, elsewhere))
    assert page.status_code == 200
    assert [batch.code for batch in page.context["batches"]] == ["A"]
    assert "HIDDEN-1" not in page.content.decode()
    assert str(elsewhere.pk) not in page.content.decode().replace(
        page.wsgi_request.get_full_path().replace("&", "&amp;"), ""
    )
    assert as_chemist.get(address(elsewhere)).status_code == 404


@pytest.mark.parametrize(
    "view",
    [{"x": "no"}, {"y": "'"}, {"ref": "x"}, {"offset": "nan"}, {"unit": "ft"}, {"colour": "<b>"}, {"comparison": "x"}],
)
def test_what_does_not_fit_falls_back_to_what_is_usual(as_chemist, make, view):
    page = as_chemist.get(address(make("A", peak(453)), **view))
    assert page.status_code == 200
    assert page.context["view"].y == "emission_peak_nm"


def test_without_batches_the_page_says_where_to_begin(as_chemist, recipe):
    assert "Tick batches in the table" in as_chemist.get("/compare/").content.decode()
    assert as_chemist.get("/compare/?batch=nonsense").status_code == 200


def test_the_batches_keep_the_order_of_the_address(as_chemist, make):
    a, b, c = (make(code, peak(453)) for code in "ABC")
    page = as_chemist.get(address(c, a, b, a))
    assert [batch.code for batch in page.context["batches"]] == ["C", "A", "B"]


def test_the_address_of_two_hundred_batches_is_one_that_servers_take():
    batches = [Batch() for _n in range(200)]
    query = QueryDict(mutable=True)
    for name, value in named(batches):
        query.appendlist(name, value)
    assert ids_of(query) == [batch.pk for batch in batches]
    assert len(query.urlencode(safe=",")) < 8000  # gunicorn's longest request line has 8190 bytes


def test_the_python_lines_and_links_fetch_the_same_batches(as_chemist, make):
    page = as_chemist.get(address(make("A", peak(453)), make("B", peak(463))))
    away = page.context["away"]
    assert "pd.read_parquet" in away["python"]
    for kind in ("csv", "curves"):
        answer = as_chemist.get(away[kind])
        assert answer.status_code == 200, kind
    rows = (as_chemist.get(away["csv"])).content.decode().strip().splitlines()
    assert len(rows) == 3


def test_every_figure_says_in_words_what_it_shows(as_chemist, make):
    page = as_chemist.get(address(make("A", peak(453) | COLOURS), make("B", peak(463))))
    assert {one["id"] for one in page.context["figures"]} == {"property", "emission", "cie"}
    assert all(one["summary"] for one in page.context["figures"])


# --- Sweeps -----------------------------------------------------------------------------------------------------------


def test_a_sweep_stands_against_what_was_swept(as_chemist, recipe, chemist):
    sweep = bench.plan_sweep(
        by=chemist,
        revision=recipe.revisions.get(),
        name="Oleylamine",
        parameters=[SweptParameter("ingredient:oam", ("0.5", "1", "3"))],
    )
    for batch, nm in zip(sweep.batches.order_by("order"), (517.0, 453.0, 453.5), strict=True):
        records.make_result(records.make_measurement(factories.make_sample(batch, by=chemist)), peak(nm))
    page = as_chemist.get(reverse("dashboards:sweep", args=[sweep.pk]))
    drawing = figure(page, "property")
    assert page.context["view"].x == "sweep:ingredient:oam"
    assert drawing["layout"]["xaxis"]["title"]["text"] == "OAM, planned (equiv)"
    drawn = dict(zip(numbers(drawing["data"][0]["x"]), numbers(drawing["data"][0]["y"]), strict=True))
    by_point = {
        float(b.sweep_point["ingredient:oam"]["text"]): b.index.get(name="emission_peak_nm").value
        for b in Batch.objects.all()
    }
    assert drawn == by_point
    assert set(drawn) == {0.5, 1.0, 3.0}


# --- Kept comparisons -------------------------------------------------------------------------------------------------


def test_a_kept_comparison_says_when_other_results_speak(as_chemist, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    query = address(a, b, y="emission_peak_nm").partition("?")[2]
    kept = as_chemist.post(reverse("dashboards:freeze"), {"name": "For the manuscript", "query": query}, follow=True)
    assert "Nothing has changed since." in kept.content.decode()
    assert Comparison.objects.get().digests[str(a.pk)]["emission_band"]
    records.make_result(records.make_measurement(a.representative), peak(455))
    again = as_chemist.get(reverse("dashboards:comparison", args=[Comparison.objects.get().pk]), follow=True)
    assert "Other results speak by now for: A." in re.sub(r"\s+", " ", again.content.decode())


def test_a_comparison_kept_by_a_script_opens_with_its_batches(as_chemist, chemist, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    kept = services.freeze(by=chemist, batches=[a, b], name="By night", view={"unit": "eV"})
    page = as_chemist.get(reverse("dashboards:comparison", args=[kept.pk]), follow=True)
    assert {batch.code for batch in page.context["batches"]} == {"A", "B"}
    assert page.context["view"].unit == "eV"


def test_nothing_is_kept_of_what_one_may_not_see_or_write(client, make, viewer, project):
    batch = make("A", peak(453))
    query = address(batch).partition("?")[2]
    outsider = factories.make_member(factories.make_project("Elsewhere"), Role.CHEMIST)
    for person, status in ((outsider, 404), (viewer, 403)):
        client.force_login(person)
        assert client.post(reverse("dashboards:freeze"), {"name": "x", "query": query}).status_code == status
    assert not Comparison.objects.exists()


# --- Cost -------------------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_two_batches_and_for_eight(as_chemist, make, queries_of):
    two = [make(f"A{n}", NUMBERS | COLOURS) for n in range(2)]
    as_chemist.get(address(*two))
    few = queries_of(as_chemist, address(*two))
    eight = two + [make(f"B{n}", NUMBERS | COLOURS) for n in range(6)]
    as_chemist.get(address(*eight))
    assert queries_of(as_chemist, address(*eight)) == few
    assert few <= 19, few
