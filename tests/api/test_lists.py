"""Lists: every row once, in any order, cut nowhere in silence."""

from datetime import date

import pytest
from django.db import transaction

from qdlab.dashboards import index
from synthesis.models import Batch
from tests import factories
from tests.api.test_problems import told

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker):
    """35 batches, made once; two of three without a day, each day several times. What a test adds is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        project = factories.make_project()
        revision = factories.make_recipe(project).revisions.get()
        for n in range(35):
            batch = factories.make_batch(revision=revision, code=f"B-{n:02}")
            day = None if n % 3 else date(2026, 1, 1 + n % 5)
            Batch.objects.filter(pk=batch.pk).update(
                made_on=day, temperature_c=None if n % 4 else n / 7, title=f"{n % 2}"
            )
        index.refresh_changed()  # or the first question of each test would
        yield project
        transaction.set_rollback(True)


@pytest.fixture
def many(prepared, db):
    return prepared


@pytest.fixture
def project(many):
    return many


@pytest.fixture
def script(ask, project):
    return ask(factories.chemist_in(project))


@pytest.mark.parametrize("limit", [1, 4, 35, 36, 1000])
@pytest.mark.parametrize(
    "ordering",
    ["made_on", "-made_on", "made_on,-temperature_c", "-title,made_on,code", "temperature_c", "-code", "outcome", ""],
)
def test_every_row_comes_once_also_where_the_column_is_empty(many, script, ordering, limit):
    rows = script.all_of(
        "/batches/",
        {"limit": limit, "fields": "id,made_on,temperature_c,title,code"}
        | ({"ordering": ordering} if ordering else {}),
    )
    assert len(rows) == len({row["id"] for row in rows}) == 35
    first = ordering.split(",")[0]
    values = [row.get(first.removeprefix("-")) for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=first.startswith("-"))
    assert values == known + [None] * (len(values) - len(known)), "rows without a value come last"


def test_a_row_that_is_added_meanwhile_shifts_no_page(many, script, project):
    page = script.get("/batches/", {"limit": 10, "ordering": "code"}).json()
    revision = Batch.objects.filter(project=project).first().revision
    factories.make_batch(revision=revision, code="A-00")
    following = script.client.get(page["next"], headers=script.headers({})).json()
    assert [row["code"] for row in following["results"]] == [f"B-{n:02}" for n in range(10, 20)]


def test_the_newest_comes_first_and_the_last_page_says_so(many, script):
    answer = script.get("/batches/").json()
    assert [row["code"] for row in answer["results"]] == [f"B-{n:02}" for n in reversed(range(35))]
    assert answer["next"] is None


def test_a_cursor_of_another_order_is_refused(many, script):
    following = script.get("/batches/", {"limit": 3, "ordering": "code"}).json()["next"]
    assert (
        "cursor"
        in told(script.client.get(following.replace("=code", "=-code"), headers=script.headers({})), 400)["detail"]
    )


def test_only_the_wanted_fields(many, script):
    answer = script.get("/batches/", {"fields": "code,ratios", "limit": 1}).json()
    assert list(answer["results"][0]) == ["code", "ratios"]
    batch = Batch.objects.first()
    assert list(script.get(f"/batches/{batch.pk}/", {"fields": "id"}).json()) == ["id"]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"code": "B-07"}, 1),
        ({"code__in": "B-07, B-08,B-99"}, 2),
        ({"code__contains": "b-1"}, 10),
        ({"code__startswith": "B-3"}, 5),
        ({"made_on__isnull": "true"}, 23),
        ({"made_on__gte": "2026-01-03"}, 7),
        ({"made_on__gte": "2026-01-03", "made_on__lte": "2026-01-03"}, 2),
        ({"temperature_c__gt": "1", "temperature_c__lt": "3"}, 4),
        ({"status": "planned"}, 35),
        ({"q": "b-07"}, 1),
        ({"q": "recipe b-1"}, 10),
        ({"status__in": "made,measured"}, 0),
        ({"ratio_OAM__gte": "1"}, 35),
        ({"ratio_OAM__gte": "1", "ratio_Br__lte": "2"}, 0),
        ({"plqy__isnull": "true"}, 35),
        ({"plqy__isnull": "false"}, 0),
    ],
)
def test_field_lookups(many, script, query, wanted):
    assert len(script.all_of("/batches/", query)) == wanted


def test_a_misspelt_filter_is_refused_and_told_what_there_is(script):
    problem = told(script.get("/batches/", {"made_no__gte": "2026-01-01"}), 400)
    assert "made_on" in problem["errors"]["made_no__gte"][0]


def test_both_forms_of_an_address_answer(script):
    for path in ("/batches", "/batches/", "/tables/batches", "/tables/batches/", "/methods", "/methods/"):
        assert script.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/batches/", "/analyses/", "/measurements/", "/uploads/", "/samples/", "/recipes/"])
def test_a_longer_list_costs_no_more_queries(path, ask, django_assert_max_num_queries):
    from tests.spectra import records

    project = factories.make_project()
    script = ask(factories.chemist_in(project))

    def add():
        sample = factories.make_sample(factories.make_batch(project))
        records.make_result(records.make_measurement(sample), {"emission_peak_nm": (453.0, 0.2, "nm")})

    add()
    script.get(path)  # the index takes up what is new
    for _n in range(5):
        add()
    script.get(path)
    with django_assert_max_num_queries(9):
        assert len(script.get(path).json()["results"]) == 6
