"""What can be done with people, projects and tokens. Each write leaves its audit event in the same transaction."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access.models import ApiToken, Membership, OwnerLink, Project, Role, User
from qdlab.records.audit import record

TOKEN = re.compile(r"^qdl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$")


def keyed_hash(secret: str) -> str:
    """The only form in which a secret is kept: useless without the lab's own key."""
    return hmac.new(settings.SECRET_KEY.encode(), secret.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def make_person(
    *, by: User | None, username: str, password: str, full_name: str = "", email: str = "", language: str = "en"
) -> User:
    first, _space, last = full_name.partition(" ")
    person = User(username=username, first_name=first, last_name=last, email=email, language=language)
    person.set_password(password)
    person.full_clean(exclude=["password"])
    person.save()
    record(by=by, action="person.made", subject=person, after={"username": username})
    return person


@transaction.atomic
def make_project(*, by: User, name: str, description: str = "", code_pattern: str = "QD-{year}-{n:03}") -> Project:
    if not by.is_superuser:
        raise PermissionDenied(_("Only the lab's owner can open a project."))
    project = Project(name=name, description=description, code_pattern=code_pattern)
    project.full_clean()
    project.save()
    record(by=by, action="project.made", subject=project, project_id=project.pk, after={"name": name})
    return project


@transaction.atomic
def set_role(*, by: User, project: Project, user: User, role: str | None) -> None:
    """Give ``user`` a role in ``project``; None takes it away."""
    if not by.is_superuser:
        raise PermissionDenied(_("Only the lab's owner can give roles."))
    before = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    if role is None:
        Membership.objects.filter(project=project, user=user).delete()
    else:
        Membership.objects.update_or_create(project=project, user=user, defaults={"role": Role(role).value})
    record(
        by=by, action="project.role_set", subject=project, project_id=project.pk,
        before={"user": user.username, "role": before}, after={"user": user.username, "role": role},
    )  # fmt: skip


@transaction.atomic
def make_token(*, by: User, name: str, scopes: list[str], expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Make an API token for oneself; the text is returned this once and cannot be had again."""
    unknown = set(scopes) - set(ApiToken.SCOPES)
    if unknown or not scopes:
        raise ValidationError({"scopes": _("Choose at least one of: read, write, review.")})
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        user=by,
        name=name.strip(),
        key_id=key_id,
        secret_hash=keyed_hash(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    record(by=by, action="token.made", subject=token, after={"name": token.name, "scopes": token.scopes})
    return token, f"qdl_{key_id}_{secret}"


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> None:
    if token.user_id != by.pk and not by.is_superuser:
        raise PermissionDenied(_("This token belongs to somebody else."))
    token.revoked_at = token.revoked_at or timezone.now()
    token.save(update_fields=["revoked_at"])
    record(by=by, action="token.revoked", subject=token, after={"name": token.name})


def token_of(text: str) -> ApiToken | None:
    """The valid token that ``text`` is, or None; notes at most once a minute that it was used."""
    match = TOKEN.match(text)
    if not match:
        return None
    token = ApiToken.objects.select_related("user").filter(key_id=match[1]).first()
    if token is None or not hmac.compare_digest(token.secret_hash, keyed_hash(match[2])):
        return None
    now = timezone.now()
    if token.revoked_at or (token.expires_at and token.expires_at <= now) or not token.user.is_active:
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def make_owner_link() -> str | None:
    """A new one-time secret that makes the owner, or None when the lab has one already. Older links stop working."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    OwnerLink.objects.filter(used_at=None).delete()
    secret = secrets.token_urlsafe(32)
    OwnerLink.objects.create(secret_hash=keyed_hash(secret))
    return secret


def owner_link_is_open(secret: str) -> bool:
    return OwnerLink.objects.filter(secret_hash=keyed_hash(secret), used_at=None).exists()


@transaction.atomic
def become_owner(*, secret: str, username: str, password: str, full_name: str = "", project_name: str = "") -> User:
    """Use the one-time link: of two people who click at once, one becomes the owner and the other is told so."""
    used = OwnerLink.objects.filter(secret_hash=keyed_hash(secret), used_at=None).update(used_at=timezone.now())
    if not used:
        raise PermissionDenied(
            _("This link was used already. Ask the person who runs QDLab to restart it for a new one.")
        )
    owner = make_person(by=None, username=username, password=password, full_name=full_name)
    owner.is_superuser = owner.is_staff = True
    owner.save(update_fields=["is_superuser", "is_staff"])
    record(by=owner, action="lab.owned", subject=owner)
    if project_name:
        project = make_project(by=owner, name=project_name)
        set_role(by=owner, project=project, user=owner, role=Role.REVIEWER)
    return owner
