"""Who may see and do what: every address of the URL conf and every action of the API, for every kind of person.

Anonymous, outsider (a chemist of another project), viewer, chemist, reviewer, owner; tokens that were revoked, have expired,
or may only read. What one may not see is a 404, and shows up in no list, filter, order, export or related field.
"""

import ast
import copy
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from qdlab.dashboards import index
from qdlab.records.models import AuditEvent
from tests import world
from tests.api.script import Script
from tests.routes import API, PAGES, PREFIXES

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
MEMBERS = ("viewer", "chemist", "reviewer")
SIGNED_IN = (*MEMBERS, "outsider", "owner")


# --- Nothing is forgotten ---------------------------------------------------------------------------------------------


def routes(resolver=None, prefix: str = "", address: str = ""):
    """Every name of the URL conf with its address."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = address + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield prefix + (entry.name or f"without a name: {here}"), entry
        else:
            yield from routes(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""), here)


def test_every_address_is_declared():
    names = {name for name, _entry in routes() if not name.startswith(tuple(PREFIXES))}
    undeclared = sorted(names - PAGES.keys() - API.keys() - {UNNAMED})
    assert not undeclared, f"Declare in tests/routes.py who may use: {', '.join(undeclared)}"


UNNAMED = "without a name: admin/password_change/"  # a redirect to our own page


def test_no_declaration_is_left_behind():
    names = {name for name, _entry in routes()}
    gone = sorted((PAGES.keys() | API.keys()) - names)
    assert not gone, f"Remove from tests/routes.py: {', '.join(gone)}"


def test_every_action_of_the_api_that_writes_has_a_body_to_try():
    missing = []
    for name, entry in routes():
        if name not in API or name in ("uploads-list", "spectra-data"):
            continue
        actions = getattr(entry.callback, "actions", None) or {}
        missing += [f"{name} {method}" for method in actions.keys() - {"get", "head"} if method not in API[name].writes]
    assert not missing, f"Give a body in tests/routes.py: {', '.join(missing)}"


# --- The cast ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_requests_counted_yet():
    cache.clear()


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker):
    """The cast, made once: each test runs inside this transaction, and what it changes is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = world.make_cast()
        for side in (made.ours, made.theirs):
            side.records["failed"] = world.records.make_result(side.records["measurement"], {}, state="failed")
            side.records["person"] = side.people["viewer"]
        index.refresh_changed()  # or the first question of each test would
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def cast(everything, db):
    return copy.deepcopy(everything)


def browser(person=None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def record_of(cast, name: str, theirs: bool = False):
    return cast.shared.get(name) or (cast.theirs if theirs else cast.ours).records[name]


def address_of(name: str, declared, cast) -> str:
    if name == "api-nowhere":
        return "/api/v1/there/is/nothing/here"
    kwargs = dict(declared.fixed)
    if declared.kind not in ("list", "table", "curves") and declared.record:
        kwargs["pk"] = record_of(cast, declared.record).pk
    return reverse(name, kwargs=kwargs)


# --- Pages ------------------------------------------------------------------------------------------------------------


def asks_to_sign_in(answer) -> bool:
    return answer.status_code in (301, 302) and "/account/sign-in/" in answer["Location"]


def both(client, address, declared):
    """GET and, where the page writes, POST without any field."""
    return [client.get(address), *([client.post(address)] if declared.writes else [])]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_a_sign_in(name, cast):
    declared = PAGES[name]
    answers = both(browser(), address_of(name, declared, cast), declared)
    assert all(asks_to_sign_in(answer) != (declared.kind == "open") for answer in answers), answers
    if declared.kind == "open":
        assert all(answer.status_code < 500 for answer in answers)


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.kind == "project"])
def test_a_page_of_another_project_is_not_there(name, cast):
    declared, address = PAGES[name], address_of(name, PAGES[name], cast)
    before = AuditEvent.objects.count()
    client = browser(cast.outsider)
    get, post = client.get(address), client.post(address)
    assert get.status_code == (405 if declared.writes and get.status_code == 405 else 404)
    assert post.status_code == (405 if not declared.writes and post.status_code == 405 else 404)
    assert cast.ours.canary not in get.content.decode() + post.content.decode()
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.kind == "project"])
def test_a_page_of_ones_own_project_is_there(name, cast):
    address = address_of(name, PAGES[name], cast)
    for role in ("chemist", "reviewer", "owner"):
        answer = browser(cast.person(role)).get(address)
        assert answer.status_code in (200, 302, 405), (role, answer.status_code)
        assert not asks_to_sign_in(answer)
    assert browser(cast.person("viewer")).get(address).status_code in (200, 302, 403, 405)


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.kind in ("project", "shelf")])
def test_a_viewer_writes_nothing(name, cast):
    before = AuditEvent.objects.count()
    answer = browser(cast.person("viewer")).post(address_of(name, PAGES[name], cast))
    assert answer.status_code in (200, 302, 400, 403, 404, 405, 409, 422), answer.status_code
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.kind == "owner"])
def test_a_page_of_the_owner_is_for_nobody_else(name, cast):
    declared, address = PAGES[name], address_of(name, PAGES[name], cast)
    for role in (*MEMBERS, "outsider"):
        client = browser(cast.person(role))
        answer = client.post(address) if declared.writes else client.get(address)
        assert answer.status_code in (403, 404), role
    if not declared.writes:
        assert browser(cast.owner).get(address).status_code in (200, 302)


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.kind in ("signed_in", "shelf")])
def test_a_page_for_everybody_shows_nothing_of_another_project(name, cast):
    address = address_of(name, PAGES[name], cast)
    answer = browser(cast.outsider).get(address)
    assert answer.status_code in (200, 302, 403, 404, 405), answer.status_code
    leaked = [word for word in {cast.ours.canary, *cast.ours.ids()} if word in answer.content.decode()]
    assert not leaked


def test_the_admin_is_for_staff(cast):
    for name in ("admin:index", "admin:access_user_changelist"):
        for role in (*MEMBERS, "outsider"):
            assert browser(cast.person(role)).get(reverse(name)).status_code in (302, 403, 404)
        assert browser(cast.owner).get(reverse(name)).status_code == 200


# --- The API: reading -------------------------------------------------------------------------------------------------


def script(text: str) -> Script:
    return Script(text)


def get(text: str, address: str, data=None):
    client = Script(text)
    return client.client.get(address, data, headers=client.headers({}))


READABLE = [name for name, endpoint in API.items() if endpoint.kind not in ("nowhere",)]
DETAILS = [name for name, endpoint in API.items() if endpoint.kind == "detail"]
LISTS = [name for name, endpoint in API.items() if endpoint.kind == "list"]
CLOSED = [name for name, endpoint in API.items() if endpoint.kind not in ("open", "nowhere")]


def bad_tokens(person) -> dict[str, str]:
    expired = world.token_of(person, expires_at=timezone.now() - timedelta(seconds=1))
    good = world.token_of(person)
    return {
        "none": "",
        "revoked": world.revoked_token_of(person),
        "expired": expired,
        "of another secret": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "no token at all": "something",
    }


@pytest.mark.parametrize("name", CLOSED)
def test_the_api_without_a_valid_token_is_closed(name, cast):
    endpoint = API[name]
    address = address_of(name, endpoint, cast)
    for kind, text in bad_tokens(cast.person("chemist")).items():
        client = Script(text)
        for method in ("get", *endpoint.writes):
            answer = getattr(client.client, method)(address, headers=client.headers({}))
            assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), (kind, method)
            assert answer["WWW-Authenticate"].startswith("Bearer")
            assert cast.ours.canary.encode() not in answer.content


def test_somebody_who_left_is_let_in_no_more(cast):
    chemist = cast.person("chemist")
    text = world.token_of(chemist)
    chemist.is_active = False
    chemist.save()
    assert get(text, "/api/v1/batches/").status_code == 401


@pytest.mark.parametrize("name", DETAILS)
def test_a_record_of_another_project_is_a_404(name, cast):
    endpoint = API[name]
    address = address_of(name, endpoint, cast)
    outside = get(world.token_of(cast.outsider), address).status_code
    reads = 405 if "post" in endpoint.writes and outside == 405 else 200
    for role in SIGNED_IN:
        wanted = 404 if role == "outsider" and not endpoint.shared and reads == 200 else reads
        answer = get(world.token_of(cast.person(role)), address)
        assert answer.status_code == wanted, (role, answer.content[:300])


def listed(text: str, name: str, data=None) -> set[str]:
    client = Script(text)
    path = reverse(name).removeprefix("/api/v1")
    return {str(row["id"]) for row in client.all_of(path, data)}


def expected(cast, name: str, role: str) -> set[str]:
    """The ids that a list must hold, asked from the database project by project, without ``visible_to``."""
    from qdlab.api import urlpatterns  # noqa: F401 (the URL conf is loaded)

    model = MODELS[API[name].record]
    path = getattr(model, "project_path", "project")
    if API[name].shared:
        return {str(pk) for pk in model.objects.filter(archived_at=None).values_list("pk", flat=True)}
    rows = model.objects.all()
    if role != "owner":
        project = (cast.theirs if role == "outsider" else cast.ours).project
        rows = rows.filter(pk=project.pk) if API[name].record == "project" else rows.filter(**{path: project})
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def _models() -> dict:
    from qdlab.access.models import Project
    from qdlab.dashboards.models import Comparison
    from spectra import models as spectra
    from synthesis import models as synthesis

    return {
        "project": Project, "chemical": synthesis.Chemical, "lot": synthesis.Lot, "recipe": synthesis.Recipe,
        "batch": synthesis.Batch, "sample": synthesis.Sample, "sweep": synthesis.Sweep, "upload": spectra.Upload,
        "measurement": spectra.Measurement, "composition": spectra.Composition, "analysis": spectra.Analysis,
        "quantity": spectra.Quantity, "instrument": spectra.Instrument, "standard": spectra.Standard,
        "session": spectra.StandardSession, "layout": spectra.Layout, "comparison": Comparison, "folder": spectra.SourceFolder,
        "found_file": spectra.FoundFile,
        "pattern": spectra.NamingPattern, "habit": spectra.Habit,
        "recomputation": spectra.Recomputation, "settings": spectra.InstrumentSettings,
        "rereading": spectra.Rereading,
    }  # fmt: skip


MODELS = _models()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", SIGNED_IN)
def test_a_list_holds_exactly_what_one_may_see(name, role, cast):
    wanted = expected(cast, name, role)
    assert wanted, "a list without rows proves nothing"
    text = world.token_of(cast.person(role))
    assert listed(text, name) == wanted
    assert listed(text, name, {"limit": 1}) == wanted  # page by page


@pytest.mark.parametrize("name", LISTS)
def test_no_order_adds_or_loses_a_row(name, cast):
    wanted, text = expected(cast, name, "outsider"), world.token_of(cast.outsider)
    for field_name, field in filters_of(name).items():
        if field.order and not field.multiple:
            for sign in ("", "-"):
                assert listed(text, name, {"ordering": sign + field_name, "limit": 1}) == wanted, field_name


def filters_of(name: str) -> dict:
    return dict(next(entry for found, entry in routes() if found == name).callback.cls.filters)


@pytest.mark.parametrize("name", [name for name in LISTS if not API[name].shared])
def test_no_filter_finds_what_one_may_not_see(name, cast):
    wanted, text = expected(cast, name, "outsider"), world.token_of(cast.outsider)
    theirs = sorted(cast.ours.ids() | {str(cast.ours.records["quantity"].pk)})
    for field_name, field in filters_of(name).items():
        if field.kind == "uuid":
            assert listed(text, name, {f"{field_name}__in": ",".join(i for i in theirs if len(i) > 20)}) == set()
        elif field.kind == "text":
            assert listed(text, name, {f"{field_name}__contains": cast.ours.canary}) == set()
        elif field.kind == "number":
            assert listed(text, name, {f"{field_name}__gte": "-1e300"}) <= wanted


@pytest.mark.parametrize(
    "name", [name for name in READABLE if API[name].kind in ("list", "table", "curves", "signed_in")]
)
def test_no_answer_to_an_outsider_holds_a_word_or_an_id_of_ours(name, cast):
    text = world.token_of(cast.outsider)
    address = address_of(name, API[name], cast)
    asked = [{}]
    if API[name].kind == "table":
        asked = [{"per": per, "format": form} for per in ("batch", "sample", "analysis") for form in ("json", "csv")]
        asked += [{"reference": "Pb"}, {"ordering": "emission_peak_nm"}, {"emission_peak_nm__gte": 1}]
    if API[name].kind == "curves":
        ours = cast.ours.records
        asked = [
            {"ids": f"{ours['measurement'].pk},{cast.theirs.records['measurement'].pk}", "format": form}
            for form in ("json", "csv", "wide")
        ]
        asked += [{kind: ours[kind].pk, "format": "csv"} for kind in ("batch", "sample", "sweep", "project", "upload")]
    for data in asked:
        answer = get(text, address, data)
        assert answer.status_code == 200, answer.content
        content = answer.content.decode()
        assert not [word for word in {cast.ours.canary, *cast.ours.ids()} if word in content], data


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_no_binary_table_holds_a_row_of_ours(form, cast):
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    text = world.token_of(cast.outsider)
    for address, data in (
        ("/api/v1/tables/batches", {}),
        ("/api/v1/spectra/data", {"project": f"{cast.ours.project.pk},{cast.theirs.project.pk}"}),
    ):
        content = get(text, address, data | {"format": form}).content
        table = pq.read_table(io.BytesIO(content)) if form == "parquet" else pa.ipc.open_file(content).read_all()
        told = str(table.to_pylist())
        assert cast.theirs.canary in told
        assert not [word for word in {cast.ours.canary, *cast.ours.ids()} if word in told]


# --- The API: writing -------------------------------------------------------------------------------------------------

WRITES = [(name, method) for name, endpoint in API.items() for method in endpoint.writes]


def filled(body, cast, ours: bool = True):
    """``$batch`` becomes the id of our batch, ``$new`` a name that nobody used."""
    if isinstance(body, dict):
        return {key: filled(value, cast, ours) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, cast, ours) for value in body]
    if body == "$new":
        return f"new {next(world.factories._numbers)}"
    return (
        str(record_of(cast, body[1:], theirs=not ours).pk) if isinstance(body, str) and body.startswith("$") else body
    )


def write(text: str, name: str, method: str, cast, session=None):
    endpoint = API[name]
    client = Script(text)
    body = filled(endpoint.writes[method], cast)
    headers = client.headers({"If-Match": "*"}) if text else {"If-Match": "*"}
    return getattr(session or client.client, method)(
        address_of(name, endpoint, cast), body, "application/json", headers=headers
    )


@pytest.mark.parametrize(("name", "method"), WRITES)
def test_a_chemist_a_reviewer_and_the_owner_write(name, method, cast):
    for role in ("chemist",) if name in ONCE else API[name].roles:
        answer = write(world.token_of(cast.person(role)), name, method, cast)
        assert answer.status_code in (200, 201, 204), (role, answer.content)


# After the first of them did it, the others cannot do it again.
ONCE = (
    "uploads-read-again", "uploads-withdraw", "measurements-withdraw", "analyses-withdraw", "analyses-retry",
    "standards-revise", "standard-sessions-withdraw", "naming-patterns-list", "naming-patterns-archive", "habits-forget",
)  # fmt: skip


@pytest.mark.parametrize(("name", "method"), WRITES)
def test_who_may_not_write_changes_nothing(name, method, cast):
    endpoint = API[name]
    tokens = {
        "viewer": (world.token_of(cast.person("viewer")), {403}),
        "read-only token": (world.token_of(cast.person("chemist"), "read"), {403}),
    }
    if not endpoint.shared:
        # A record of ours is a 404 in an address, and a field that names nothing in a body.
        tokens["outsider"] = (world.token_of(cast.outsider), {404} if endpoint.kind == "detail" else {400})
    before = AuditEvent.objects.count()
    for kind, (text, wanted) in tokens.items():
        answer = write(text, name, method, cast)
        assert answer.status_code in wanted, (kind, answer.status_code, answer.content)
        assert cast.ours.canary not in answer.content.decode() or kind != "outsider"
    assert AuditEvent.objects.count() == before


def test_a_session_without_its_csrf_token_writes_nothing(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.person("chemist"), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/batches/").status_code == 200
    answer = client.post("/api/v1/chemicals/", {"name": "x"}, "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


# --- The source -------------------------------------------------------------------------------------------------------

ASKING = [
    path
    for app in ("qdlab/access", "qdlab/dashboards", "synthesis", "spectra")
    for folder in ("views", "api", "forms", "templatetags")
    for path in [*ROOT.glob(f"{app}/{folder}/**/*.py"), *ROOT.glob(f"{app}/{folder}.py")]
] + [ROOT / "qdlab/api.py"]


# Where a person is asked for without ``visible_to``, and why that shows nothing to anybody else.
ASKED_OTHERWISE = {
    "qdlab/access/views/account.py: User": "oneself",
    "qdlab/access/views/account.py: Membership": "one's own roles",
    "qdlab/access/views/tokens.py: ApiToken": "one's own tokens",
    "qdlab/access/views/people.py: User": "a page of the owner, who sees everybody",
    "qdlab/access/forms.py: User": "a form of the owner's page",
    "qdlab/access/forms.py: Membership": "a form of the owner's page",
    "synthesis/forms/batches.py: Lot": "those that the view has found",
    "synthesis/forms/shelf.py: Chemical": "those that the view has found",
}
MANAGERS = ("objects", "_base_manager", "_default_manager")


@pytest.mark.parametrize("path", sorted({str(path.relative_to(ROOT)) for path in ASKING}))
def test_whatever_asks_for_a_person_passes_visible_to(path):
    nodes = [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Attribute)]
    safe = {id(node.value) for node in nodes if node.attr in ("visible_to", "none")}
    found = [node for node in nodes if node.attr in MANAGERS and id(node) not in safe]
    told = [f"{path}:{node.lineno}" for node in found if f"{path}: {ast.unparse(node.value)}" not in ASKED_OTHERWISE]
    assert not told, f"ask a selector, or .visible_to(user): {', '.join(told)}"
