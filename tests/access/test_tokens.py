import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from qdlab.access import services
from qdlab.access.models import ApiToken
from qdlab.records.models import AuditEvent


@pytest.fixture
def signed_in(client, chemist):
    client.force_login(chemist)
    return client


def test_a_token_is_shown_once_and_kept_as_a_hash(signed_in, chemist):
    answer = signed_in.post("/account/tokens/", {"name": "nightly", "scopes": ["read", "write"], "expires": "30"})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    secret = re.search(r"qdl_[0-9a-f]{12}_[\w-]{43}", answer.content.decode())[0]
    assert services.token_of(secret).user == chemist
    assert secret not in signed_in.get("/account/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert secret.split("_", 2)[2] not in str(vars(token))
    assert secret not in str(list(AuditEvent.objects.values()))
    assert token.expires_at - timezone.now() > timedelta(days=29)


def test_a_token_needs_a_scope(signed_in):
    answer = signed_in.post("/account/tokens/", {"name": "nightly", "expires": "30"})
    assert answer.status_code == 200
    assert not ApiToken.objects.exists()


def test_a_token_may_last_for_good_only_when_asked(signed_in):
    signed_in.post("/account/tokens/", {"name": "for good", "scopes": ["read"], "expires": ""})
    assert ApiToken.objects.get().expires_at is None


def test_a_scope_that_does_not_exist_is_refused_below_the_form(chemist):
    with pytest.raises(ValidationError):
        services.make_token(by=chemist, name="x", scopes=["read", "everything"])


def test_a_revoked_token_opens_nothing(signed_in, chemist):
    token, secret = services.make_token(by=chemist, name="x", scopes=["read"])
    assert signed_in.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert services.token_of(secret) is None


def test_an_expired_token_opens_nothing(chemist):
    _token, secret = services.make_token(
        by=chemist, name="x", scopes=["read"], expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert services.token_of(secret) is None


def test_the_token_of_a_closed_account_opens_nothing(owner, chemist):
    _token, secret = services.make_token(by=chemist, name="x", scopes=["read"])
    services.set_active(by=owner, user=chemist, active=False)
    assert services.token_of(secret) is None


def test_half_a_token_or_another_secret_opens_nothing(chemist):
    token, secret = services.make_token(by=chemist, name="x", scopes=["read"])
    for wrong in ("", "qdl_", secret[:-1], secret[:-1] + ("A" if secret[-1] != "A" else "B"), f"qdl_{token.key_id}_"):
        assert services.token_of(wrong) is None


def test_somebody_elses_token_is_not_there(signed_in, owner):
    token, secret = services.make_token(by=owner, name="x", scopes=["read"])
    assert signed_in.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert services.token_of(secret)


def test_below_the_page_somebody_elses_token_is_refused(owner, chemist):
    token, _secret = services.make_token(by=owner, name="x", scopes=["read"])
    with pytest.raises(PermissionDenied):
        services.revoke_token(by=chemist, token=token)
