from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from qdlab.access import services
from qdlab.access.models import OwnerLink, User
from qdlab.records.models import AuditEvent

FORM = {"username": "owner", "password": "cobalt-spoon-rainy-lantern", "full_name": "A. Person", "project_name": "Blue"}


@pytest.fixture
def link(db):
    return f"/account/owner/{services.make_owner_link()}/"


def test_the_link_makes_the_owner_with_a_first_project_and_signs_in(client, link, monkeypatch):
    monkeypatch.setattr("qdlab.access.views.owner.OwnerPage.success_url", "/account/")
    answer = client.post(link, FORM)
    assert answer.status_code == 302
    owner = User.objects.get()
    assert owner.is_superuser
    assert owner.memberships.get().project.name == "Blue"
    assert "Blue" in client.get("/account/").content.decode()
    assert list(AuditEvent.objects.filter(chain="lab").values_list("action", "via")) == [
        ("person.made", "page"),
        ("lab.owned", "page"),
    ]


def test_looking_at_the_link_does_not_use_it_up(client, link):
    assert client.get(link).status_code == 200
    assert client.get(link).status_code == 200
    assert not User.objects.exists()


def test_the_link_works_once(client, link, monkeypatch):
    monkeypatch.setattr("qdlab.access.views.owner.OwnerPage.success_url", "/account/")
    client.post(link, FORM)
    stranger = type(client)()
    assert stranger.get(link).status_code == 403
    refused = stranger.post(link, {**FORM, "username": "stranger"})
    assert refused.status_code == 403
    assert "used already" in refused.content.decode()
    assert User.objects.count() == 1


def test_a_password_that_is_refused_leaves_the_link_open(client, link):
    answer = client.post(link, {**FORM, "password": "short"})
    assert answer.status_code == 200
    assert "at least 12 characters" in answer.content.decode()
    assert not User.objects.exists()
    assert client.get(link).status_code == 200


def test_a_made_up_link_opens_nothing(client, link):
    assert client.get("/account/owner/made-up/").status_code == 403


def test_the_database_does_not_know_the_secret(link):
    secret = link.split("/")[3]
    assert OwnerLink.objects.get().secret_hash != secret
    assert secret not in str(OwnerLink.objects.values_list())


def test_a_lab_with_an_owner_makes_no_further_link(owner):
    assert services.make_owner_link() is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_click_at_once_one_becomes_the_owner():
    secret, start, outcomes = services.make_owner_link(), Barrier(2), []

    def click(name):
        start.wait()
        try:
            services.become_owner(secret=secret, username=name, password=FORM["password"])
            outcomes.append("owner")
        except PermissionDenied:
            outcomes.append("refused")
        finally:
            connection.close()

    clicks = [Thread(target=click, args=[name]) for name in ("one", "other")]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert sorted(outcomes) == ["owner", "refused"]
    assert User.objects.count() == 1
