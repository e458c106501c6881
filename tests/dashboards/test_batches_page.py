"""The batches table: what it finds, how it sorts, what its address keeps, what it costs."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from qdlab.dashboards import services
from qdlab.dashboards.columns import all_columns
from qdlab.dashboards.models import SavedView
from qdlab.records.models import AuditEvent
from spectra.models import Analysis
from synthesis import services as bench
from synthesis.models import Batch
from tests import factories
from tests.dashboards.people import NUMBERS

ADDRESS = "/batches/"


def codes(response) -> list[str]:
    return [row["batch"].code for row in response.context["rows"]]


def cell(response, code: str, name: str):
    """One cell of the table by batch and column."""
    at = [header["column"].name for header in response.context["headers"]].index(name)
    row = next(row for row in response.context["rows"] if row["batch"].code == code)
    return row["cells"][at]


def peak(nm: float) -> dict:
    return {"emission_peak_nm": (nm, 0.3, "nm")}


def test_a_row_shows_value_and_uncertainty_in_the_digits_that_it_allows(as_chemist, make):
    make("OC-1")
    page = as_chemist.get(ADDRESS)
    assert cell(page, "OC-1", "emission_peak_nm").text == "453.00 ± 0.30"
    assert cell(page, "OC-1", "ratio_OAM").text.startswith("1.502")
    assert 'class="code" href="/batches/' in page.content.decode()


def test_a_batch_is_found_by_every_code_it_ever_had(as_chemist, make, chemist):
    bench.rename_batch(by=chemist, batch=make("OLD-7"), code="NEW-7")
    make("OC-2")
    assert codes(as_chemist.get(ADDRESS, {"q": "old-7"})) == ["NEW-7"]
    assert codes(as_chemist.get(ADDRESS, {"q": "MLA oc"})) == ["OC-2"]  # all words: recipe and code
    assert codes(as_chemist.get(ADDRESS, {"q": "nothing like it"})) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("emission_peak_nm__gte=460", {"B"}),
        ("emission_peak_nm__lte=460", {"A"}),
        ("emission_peak_nm__isnull=true", {"C"}),
        ("ratio_OAM__gte=1.4&ratio_OAM__lte=1.6", {"A", "B", "C"}),
        ("ratio_OAM__gte=2", set()),
        ("outcome=turbid", {"C"}),
        ("status=planned", {"A", "B", "C"}),
        ("made_on__gte=2026-03-01", {"A"}),
    ],
)
def test_any_ratio_quantity_or_fact_filters(as_chemist, make, chemist, query, found):
    bench.change_batch(by=chemist, batch=make("A", peak(453)), made_on="2026-03-02")
    make("B", peak(463))
    bench.set_outcome(by=chemist, batch=make("C", None), outcome="turbid")
    assert set(codes(as_chemist.get(f"{ADDRESS}?{query}"))) == found


def test_rows_without_a_value_come_last_in_both_directions(as_chemist, make):
    for code, numbers in (("A", peak(463)), ("B", None), ("C", peak(453))):
        make(code, numbers)
    assert codes(as_chemist.get(ADDRESS, {"ordering": "emission_peak_nm"})) == ["C", "A", "B"]
    assert codes(as_chemist.get(ADDRESS, {"ordering": "-emission_peak_nm"})) == ["A", "C", "B"]


def test_a_chosen_range_becomes_part_of_a_plain_address(as_chemist, make):
    make("A", peak(453))
    answer = as_chemist.get(ADDRESS, {"q": "A", "what": "emission_peak_nm", "from": "450,5", "to": "", "status": ""})
    assert answer.status_code == 302
    assert parse_qs(urlsplit(answer.url).query) == {"q": ["A"], "emission_peak_nm__gte": ["450.5"]}
    page = as_chemist.get(answer.url)
    assert codes(page) == ["A"]
    assert [chip["text"] for chip in page.context["chips"]] == ["Emission maximum ≥ 450.5 nm"]
    assert page.context["chips"][0]["without"] == "q=A"


def test_no_two_columns_have_one_name(chemist):
    known = all_columns(chemist)
    titles = [column.title for column in known.values()]
    assert len(titles) == len(set(titles))
    assert known["el_peak_nm"].label == "EL: Emission maximum"


def test_columns_are_chosen_in_the_address_and_keep_their_order(as_chemist, make):
    make("A")
    page = as_chemist.get(f"{ADDRESS}?columns=status,emission_fwhm_nm&columns=code_name,status")
    assert [header["column"].name for header in page.context["headers"]] == ["status", "emission_fwhm_nm"]


@pytest.mark.parametrize(
    "query", ["nonsense=1", "emission_peak_nm__gte=blue", "recipe=x", "ordering=nonsense", "cursor=%00x", "q=a%00b"]
)
def test_an_impossible_address_says_what_is_wrong(as_chemist, make, query):
    make("A")
    page = as_chemist.get(f"{ADDRESS}?{query}")
    assert page.status_code == 422
    assert page.context["problems"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("page=99999", "This address asks for something the table does not know: page."),
        ("sort=x&ordering=y", "This address asks for something the table does not know: sort."),
        ("ordering=y", "This address asks for something the table does not know: ordering."),
        ("emission_peak_nm__gte=blue", "Emission maximum: Write a number"),
    ],
)
def test_an_impossible_address_is_explained_to_a_person_with_a_way_back(as_chemist, make, query, sentence):
    make("A")
    alert = as_chemist.get(f"{ADDRESS}?{query}").content.decode().partition('role="alert">')[2].partition("</a>")[0]
    assert sentence in alert
    assert "Known are" not in alert and "parameter" not in alert
    assert f'<a href="{ADDRESS}">Show all batches' in alert


def test_every_row_is_reached_by_following_next(as_chemist, make, monkeypatch):
    monkeypatch.setattr("qdlab.dashboards.views.table.PAGE", 3)
    for n in range(8):
        make(f"A-{n}", peak(450 + n % 3) if n % 2 else None)
    query, seen = "ordering=emission_peak_nm", []
    while query:
        page = as_chemist.get(f"{ADDRESS}?{query}")
        seen += codes(page)
        query = page.context["next_query"]
    assert len(seen) == len(set(seen)) == 8
    assert page.context["n"] == 8


def test_a_stale_or_doubtful_number_is_marked(as_chemist, make):
    batch = make("A")
    warning = [{"code": "w", "text": "Look twice.", "values": {}}]
    Analysis.objects.filter(sample__batch=batch).update(stale_since="2026-03-02T10:00Z", warnings=warning)
    bench.set_outcome(by=batch.operator, batch=batch, outcome="blue")  # brings the index up to date
    page = as_chemist.get(ADDRESS)
    assert cell(page, "A", "emission_peak_nm").flags == ("stale", "warned")
    assert "computed from older inputs" in page.content.decode()


def test_the_swatch_has_the_colour_of_the_batch(as_chemist, make):
    make("A", {"cie_x": (0.64, 0.001, "1"), "cie_y": (0.33, 0.001, "1")})
    assert 'fill="#ff0000"' in as_chemist.get(ADDRESS).content.decode()


def test_the_download_asks_the_api_for_the_same_batches(as_chemist, make):
    make("A", peak(453))
    make("B", peak(463))
    page = as_chemist.get(f"{ADDRESS}?emission_peak_nm__gte=460&q=B&columns=plqy&ordering=-emission_peak_nm")
    csv = next(one["url"] for one in page.context["downloads"] if one["label"] == "CSV")
    answer = as_chemist.get(csv)
    assert answer.status_code == 200
    text = answer.content.decode() if not answer.streaming else b"".join(answer.streaming_content).decode()
    assert len(text.strip().splitlines()) == 2
    assert '"B"' in text or ",B," in text


def test_a_view_is_saved_shared_and_removed(client, as_chemist, chemist, pi, viewer, project, make):
    make("A")
    form = {
        "name": "Blue ones",
        "project": str(project.pk),
        "query": "q=A&columns=plqy",
        "shared": "on",
        "page": "batches",
    }
    assert as_chemist.post("/views/save/", form).url == "/batches/?q=A&columns=plqy"
    as_chemist.post("/views/save/", form | {"name": "Mine alone", "shared": ""})
    assert AuditEvent.objects.filter(action="view.saved").count() == 2
    client.force_login(viewer)
    assert [view.name for view in client.get(ADDRESS).context["saved"]] == ["Blue ones"]
    hidden = SavedView.objects.get(name="Mine alone")
    assert client.post(reverse("dashboards:remove_view", args=[hidden.pk])).status_code == 404
    shared = SavedView.objects.get(name="Blue ones")
    assert client.post(reverse("dashboards:remove_view", args=[shared.pk])).status_code == 403
    services.remove_view(by=pi, view=shared)
    assert [view.name for view in SavedView.objects.all()] == ["Mine alone"]


def test_nothing_of_another_project_shows(client, make):
    make("SECRET-1", peak(453))
    client.force_login(factories.make_member(factories.make_project("Elsewhere"), "chemist"))
    for query in ("", "?q=SECRET", "?emission_peak_nm__gte=1", "?operator=ada"):
        page = client.get(ADDRESS + query)
        text = page.content.decode()
        assert "SECRET-1" not in text
        assert "MLA·MA·QD₄" not in text
        assert not page.context["rows"]


def test_an_empty_lab_says_what_to_do_next(client, project, chemist):
    client.force_login(chemist)
    assert "Write down a recipe first" in client.get(ADDRESS).content.decode()
    factories.make_recipe(project, by=chemist)
    assert "Open a recipe and make one" in client.get(ADDRESS).content.decode()


def approve(pi, batch):
    services.review(by=pi, batch=batch, meaning="approved")
    return Batch.objects.get(pk=batch.pk)


def test_a_batch_that_changed_after_its_review_is_not_plainly_reviewed(as_chemist, make, chemist, pi):
    changed, _untouched = approve(pi, make("OC-1", NUMBERS)), approve(pi, make("OC-2", NUMBERS))
    assert cell(as_chemist.get(ADDRESS), "OC-1", "status").text == "reviewed"
    bench.change_batch(by=chemist, batch=changed, title="second try")
    page = as_chemist.get(ADDRESS)
    assert cell(page, "OC-1", "status").text == "reviewed, superseded"
    assert cell(page, "OC-2", "status").text == "reviewed"


def test_reviewed_batches_cost_the_same_however_many_there_are(as_chemist, make, pi, queries_of):
    approve(pi, make("A-0", NUMBERS))
    as_chemist.get(ADDRESS)
    few = queries_of(as_chemist, ADDRESS)
    for n in range(1, 5):
        approve(pi, make(f"A-{n}", NUMBERS))
    as_chemist.get(ADDRESS)
    assert queries_of(as_chemist, ADDRESS) == few
    # 18 of the page; decisions, four parts and measurements of what was signed; what speaks for these batches (5)
    assert few <= 29, few


def test_the_page_costs_the_same_however_many_batches_it_shows(as_chemist, make, queries_of):
    make("A-0")
    as_chemist.get(ADDRESS)
    few = queries_of(as_chemist, ADDRESS)
    for n in range(1, 8):
        make(f"A-{n}", NUMBERS)
    as_chemist.get(ADDRESS)
    assert queries_of(as_chemist, ADDRESS) == few
    assert few <= 18, few
