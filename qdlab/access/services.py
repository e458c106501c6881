"""What can be done with people, projects and tokens. Each write leaves its audit event in the same transaction."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth import password_validation
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
    """Make a person who can sign in; ``by`` is the owner, or None when the program itself acts (owner's link, demo)."""
    if by is not None:
        _require_owner(by)
    first, _space, last = full_name.partition(" ")
    person = User(username=username, first_name=first, last_name=last, email=email, language=language)
    _check_password(password, person)
    person.set_password(password)
    person.full_clean(exclude=["password"])
    person.save()
    record(by=by, action="person.made", subject=person, after={"username": username})
    return person


@transaction.atomic
def admit_person(
    *, by: User, username: str, password: str, full_name: str = "", project: Project | None = None, role: str = ""
) -> User:
    """Make a person and, with a project, give the first role in it: both or neither."""
    person = make_person(by=by, username=username, password=password, full_name=full_name, language=by.language)
    if project is not None:
        set_role(by=by, project=project, user=person, role=role or Role.CHEMIST)
    return person


@transaction.atomic
def change_account(*, by: User, first_name: str, last_name: str, email: str) -> None:
    """Change one's own name and address."""
    changes = {"first_name": first_name, "last_name": last_name, "email": email}
    before = {name: getattr(by, name) for name in changes}
    for name, value in changes.items():
        setattr(by, name, value)
    by.full_clean(exclude=["password"])
    by.save(update_fields=list(changes))
    record(by=by, action="person.changed", subject=by, before=before, after=changes)


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


@transaction.atomic
def set_language(*, by: User, language: str) -> None:
    if by.language == language:
        return
    before, by.language = by.language, language
    by.save(update_fields=["language"])
    record(by=by, action="person.changed", subject=by, before={"language": before}, after={"language": language})


@transaction.atomic
def set_password(*, by: User, user: User, password: str) -> None:
    """Change one's own password, or as the owner somebody else's. Every other session of ``user`` ends."""
    if by.pk != user.pk:
        _require_owner(by)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=by, action="person.password_set", subject=user)


@transaction.atomic
def set_active(*, by: User, user: User, active: bool) -> None:
    """Close or reopen the account of somebody who leaves or returns. What they made stays."""
    _require_owner(by)
    if by.pk == user.pk:
        raise ValidationError(_("You cannot close your own account: nobody could open it again."))
    before, user.is_active = user.is_active, active
    user.save(update_fields=["is_active"])
    record(by=by, action="person.active_set", subject=user, before={"active": before}, after={"active": active})


def _require_owner(by: User) -> None:
    if not by.is_superuser:
        raise PermissionDenied(_("Only the lab's owner can do this."))


def _check_password(password: str, user: User) -> None:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        raise ValidationError({"password": problem.messages}) from problem


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
