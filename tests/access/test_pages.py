"""The frame around every page: its policy, its problem pages, the admin that changes nothing."""

import re

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path, reverse

from qdlab.access.models import Membership, User
from qdlab.records.admin import ReadOnlyAdmin
from qdlab.records.models import AuditEvent
from qdlab.records.store import NoSpace, TooLarge
from qdlab.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401 (used as a URL conf)

PROBLEMS = {
    "full": NoSpace(),
    "large": TooLarge(),
    "large-form": RequestDataTooBig(),
    "away": OperationalError("the server closed the connection"),
    "refused": PermissionDenied("Only a reviewer can do this."),
    "broken": ZeroDivisionError("secret detail"),
}


def raise_problem(request, name):
    raise PROBLEMS[name]


urlpatterns = [
    *urlpatterns,
    path("problem/<str:name>/", raise_problem),
    path("fine/", lambda request: HttpResponse("fine")),
]


@pytest.fixture
def signed_in(client, chemist, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(chemist)
    client.raise_request_exception = False
    return client


def test_the_policy_allows_our_own_files_and_nothing_inline(client, db):
    policy = client.get("/account/sign-in/")["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_every_answer_has_a_nonce_of_its_own_and_uses_it(client, db):
    nonces = set()
    for _n in range(2):
        answer = client.get("/account/sign-in/")
        nonce = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'", answer["Content-Security-Policy"])[1]
        assert f'<style id="plotly.js-style-global" nonce="{nonce}"></style>' in answer.content.decode()
        nonces.add(nonce)
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("full", 507, "Nothing was stored"),
        ("large", 413, "larger than this lab takes"),
        ("large-form", 413, "larger than this lab takes"),
        ("away", 503, "The database does not answer"),
        ("refused", 403, "Only a reviewer can do this."),
        ("broken", 500, "nothing that was saved is lost"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_with_its_status(signed_in, name, status, sentence):
    answer = signed_in.get(f"/problem/{name}/")
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert f'data-problem="{status}"' in answer.content.decode()
    assert "secret detail" not in answer.content.decode()
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_an_address_that_does_not_exist_is_a_kind_404(signed_in):
    answer = signed_in.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_form_from_another_site_is_refused_with_a_way_out(client, chemist):
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(chemist)
    answer = strict.post("/account/", {"first_name": "x"})
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_a_demo_lab_says_on_every_page_that_its_data_are_simulated(client, db, settings):
    assert "simulated" not in client.get("/account/sign-in/").content.decode()
    settings.QDLAB_ENV = "demo"
    assert "all its data are simulated" in client.get("/account/sign-in/").content.decode()


def test_the_admin_changes_users_and_memberships_only():
    ours = [model for model in admin.site._registry if model.__module__.startswith(("qdlab", "spectra", "synthesis"))]
    assert {User, Membership} <= set(ours)
    for model in ours:
        if model not in (User, Membership):
            assert isinstance(admin.site._registry[model], ReadOnlyAdmin), model


def test_every_list_of_the_admin_opens_for_the_owner(client, owner, chemist):
    client.force_login(owner)
    for model in admin.site._registry:
        answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert answer.status_code == 200, model


def test_a_change_in_the_admin_is_on_record(client, owner, chemist):
    client.force_login(owner)
    form = {
        "username": "chemist",
        "first_name": "Hanako",
        "last_name": "",
        "email": "",
        "language": "en",
        "is_active": "on",
    }
    assert client.post(f"/admin/access/user/{chemist.pk}/change/", form).status_code == 302
    event = AuditEvent.objects.get(action="person.changed")
    assert (event.before, event.after) == ({"first_name": ""}, {"first_name": "Hanako"})
    membership = Membership.objects.get(user=chemist)
    client.post(f"/admin/access/membership/{membership.pk}/change/", {"role": "viewer"})
    assert Membership.objects.get(user=chemist).role == "viewer"
    assert AuditEvent.objects.filter(action="project.role_set", after__role="viewer").count() == 1


def test_the_admin_is_closed_to_people_who_are_not_the_owner(client, chemist):
    client.force_login(chemist)
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/access/user/").status_code == 302
