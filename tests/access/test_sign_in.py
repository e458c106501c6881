import pytest
from django.conf import settings
from django.urls import reverse

SIGN_IN = "/account/sign-in/"


def sign_in(client, username, password, **more):
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def test_everything_needs_a_sign_in_unless_it_says_otherwise(client, db):
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert answer.url == f"{SIGN_IN}?next=/account/"


def test_after_signing_in_one_is_where_one_wanted_to_go(client, chemist, password):
    answer = sign_in(client, "chemist", password, next="/account/tokens/")
    assert answer.url == "/account/tokens/"


def test_another_site_is_never_where_one_wanted_to_go(client, chemist, password, monkeypatch):
    monkeypatch.setattr("qdlab.access.views.sign_in.SignIn.get_default_redirect_url", lambda view: "/home/")
    assert sign_in(client, "chemist", password, next="https://elsewhere.example/").url == "/home/"


def test_a_wrong_password_is_told_in_a_sentence(client, chemist):
    answer = sign_in(client, "chemist", "wrong")
    assert answer.status_code == 200
    assert "do not belong together" in answer.content.decode()


def test_guessing_is_locked_out_even_with_the_right_password_afterwards(client, chemist, password):
    for _n in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "chemist", "wrong")
    assert answer.status_code == 429
    assert "locked for 15 minutes" in answer.content.decode()
    assert sign_in(client, "chemist", password).status_code == 429


def test_a_lock_out_is_of_one_name_at_one_address(client, chemist, owner, password):
    for _n in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "chemist", "wrong")
    assert sign_in(client, "owner", password, next="/account/").status_code == 302


def test_a_closed_account_does_not_open(client, chemist, password):
    chemist.is_active = False
    chemist.save()
    assert sign_in(client, "chemist", password).status_code == 200


def test_signing_out_needs_a_post(client, chemist):
    client.force_login(chemist)
    assert client.get("/account/sign-out/").status_code == 405
    assert client.post("/account/sign-out/").url == reverse("access:sign_in")
    assert client.get("/account/").status_code == 302


def test_the_language_follows_the_account_into_another_browser(client, chemist, password):
    client.force_login(chemist)
    answer = client.post("/account/language/", {"language": "ja", "next": "/account/"})
    assert answer.url == "/account/"
    chemist.refresh_from_db()
    assert chemist.language == "ja"
    other = type(client)()
    sign_in(other, "chemist", password, next="/account/")
    assert other.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ja"
    assert '<html lang="ja"' in other.get("/account/").content.decode()


@pytest.mark.parametrize("language", ["", "xx", "../en"])
def test_a_language_that_is_not_there_is_a_404(client, chemist, language):
    client.force_login(chemist)
    assert client.post("/account/language/", {"language": language}).status_code == 404


def test_choosing_a_language_leads_to_no_other_site(client, chemist):
    client.force_login(chemist)
    answer = client.post("/account/language/", {"language": "ja", "next": "//elsewhere.example/"})
    assert answer.url == reverse("access:account")


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client, chemist, password):
    other = type(client)()
    for browser in (client, other):
        browser.force_login(chemist)
    new = "violet-kettle-snowy-window"
    form = {"old_password": password, "new_password1": new, "new_password2": new}
    assert client.post("/account/password/", form).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_a_part_asked_for_after_signing_out_sends_the_whole_page_to_the_sign_in(client, db):
    answer = client.get(
        "/inbox/rows/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?page=2"}
    )
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].endswith("?next=%2Finbox%2F")
