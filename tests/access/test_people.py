import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from qdlab.access import services
from qdlab.access.models import Membership, Project, Role, User
from qdlab.records.audit import broken_links
from qdlab.records.models import AuditEvent

NEW = {"username": "guest", "password": "cobalt-spoon-rainy-lantern", "full_name": "山田 花子", "role": "viewer"}


@pytest.fixture
def by_owner(client, owner):
    client.force_login(owner)
    return client


def test_the_owner_admits_a_person_with_a_first_role(by_owner, project):
    answer = by_owner.post("/account/people/", {**NEW, "project": str(project.pk)})
    assert answer.status_code == 302
    person = User.objects.get(username="guest")
    assert (person.first_name, person.last_name) == ("山田", "花子")
    assert person.check_password(NEW["password"])
    assert person.memberships.get().role == Role.VIEWER


def test_a_user_name_that_is_taken_is_told_at_its_field(by_owner):
    answer = by_owner.post("/account/people/", {**NEW, "username": "owner"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["username"]
    assert not User.objects.filter(username="guest").exists()


@pytest.mark.parametrize("path", ["people/", "projects/"])
def test_to_everybody_else_the_page_is_not_there(client, chemist, path):
    client.force_login(chemist)
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}", NEW).status_code == 404
    assert not User.objects.filter(username="guest").exists()


def test_a_project_is_opened_once_under_its_name(by_owner, project):
    form = {"name": "Green emitters", "code_pattern": "GE-{n:03}"}
    assert by_owner.post("/account/projects/", form).status_code == 302
    again = by_owner.post("/account/projects/", form)
    assert again.status_code == 200
    assert again.context["project_form"].errors["name"]
    assert Project.objects.filter(name="Green emitters").count() == 1


def test_a_role_is_given_and_taken_away(by_owner, project, chemist):
    address = f"/account/projects/{project.pk}/roles/"
    by_owner.post(address, {"user": chemist.pk, "role": "reviewer"})
    assert Membership.objects.get(user=chemist).role == "reviewer"
    by_owner.post(address, {"user": chemist.pk, "role": ""})
    assert not Membership.objects.filter(user=chemist).exists()


def test_nobody_gives_themselves_a_role(client, project, chemist):
    client.force_login(chemist)
    answer = client.post(f"/account/projects/{project.pk}/roles/", {"user": chemist.pk, "role": "reviewer"})
    assert answer.status_code == 404
    assert Membership.objects.get(user=chemist).role == "chemist"


def test_an_account_is_closed_and_reopened(by_owner, chemist):
    for active in ("0", "1"):
        by_owner.post(f"/account/people/{chemist.pk}/active/", {"active": active})
        chemist.refresh_from_db()
        assert chemist.is_active == (active == "1")


def test_the_owner_cannot_close_the_own_account(by_owner, owner):
    by_owner.post(f"/account/people/{owner.pk}/active/", {"active": "0"})
    owner.refresh_from_db()
    assert owner.is_active


def test_the_owner_sets_a_new_password_for_somebody_who_forgot_it(by_owner, chemist):
    new = "violet-kettle-snowy-window"
    by_owner.post(f"/account/people/{chemist.pk}/password/", {"new_password1": new, "new_password2": new})
    chemist.refresh_from_db()
    assert chemist.check_password(new)


def test_below_the_pages_only_the_owner_may(chemist, owner, project):
    with pytest.raises(PermissionDenied):
        services.make_person(by=chemist, username="x", password=NEW["password"])
    with pytest.raises(PermissionDenied):
        services.set_password(by=chemist, user=owner, password=NEW["password"])
    with pytest.raises(PermissionDenied):
        services.set_active(by=chemist, user=owner, active=False)


def test_a_person_without_the_first_role_is_not_left_behind(owner, project):
    with pytest.raises(ValueError, match="not a valid Role"):
        services.admit_person(by=owner, username="x", password=NEW["password"], project=project, role="king")
    assert not User.objects.filter(username="x").exists()


def test_a_guessable_password_is_refused_below_the_form(owner):
    with pytest.raises(ValidationError) as refused:
        services.make_person(by=owner, username="x", password="password1234")
    assert "password" in refused.value.message_dict


def test_one_changes_the_own_name_and_it_is_on_record(client, chemist):
    client.force_login(chemist)
    client.post("/account/", {"first_name": "Hanako", "last_name": "山田", "email": ""})
    chemist.refresh_from_db()
    assert str(chemist) == "Hanako 山田"
    event = AuditEvent.objects.get(action="person.changed")
    assert event.after == {"first_name": "Hanako", "last_name": "山田", "email": ""}
    assert (event.actor, event.via) == ("chemist", "page")


def test_all_of_this_leaves_a_whole_chain_of_events_without_any_password(by_owner, owner, project, chemist):
    test_the_owner_admits_a_person_with_a_first_role(by_owner, project)
    test_the_owner_sets_a_new_password_for_somebody_who_forgot_it(by_owner, chemist)
    assert broken_links("lab") == []
    assert broken_links(str(project.pk)) == []
    assert "violet-kettle" not in str(list(AuditEvent.objects.values()))
